//! Rules of identities.

use crate::diag::Level;
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};

const SNAPSHOT: &str = "production.snapshot.json";

const CLUSTER: (&str, crate::policy::Content) = (
    "clusters/production.yaml",
    Text(
        "consul: { address: \"https://consul.example.com:8501\", token: env:CONSUL_TOKEN }\nidentities: { consul: \"{service}\" }\n",
    ),
);

/// BUS540.
pub static UNHELD: Rule = Rule {
    code: "BUS540",
    name: "identity-not-held",
    summary: "A service that is given access exists where identities are handed out",
    explanation: "Where a cluster's `identities` say who hands out the identities of services, a service has a role in Vault's \
PKI or is a service of Consul. A grant to a name that neither knows waits for whoever takes that name first; most often it is \
misspelt. `validate --online` asks about every service, `plan` about those that would be given something: a plan with such a \
grant is not applied. Services of somebody else (`external`) have their identity from elsewhere.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        CLUSTER,
        (
            SNAPSHOT,
            Live(
                "{\n  \"acls\": { \"known\": [] },\n  \"identities\": { \"consul\": { \"known\": [\"ingest-gateway\"] } }\n}\n",
            ),
        ),
    ]),
    good: Example(&[
        CLUSTER,
        (
            SNAPSHOT,
            Live(
                "{\n  \"acls\": { \"known\": [] },\n  \"identities\": { \"consul\": { \"known\": [\"ingest-gateway\", \"normalizer\"] } }\n}\n",
            ),
        ),
    ]),
    check: Check::Live,
};
