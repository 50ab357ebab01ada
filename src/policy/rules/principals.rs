use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Level};
use crate::model::Principal;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::acl::principals_of;
use crate::source::Span;

/// BUS208.
pub static SHARED_PRINCIPAL: Rule = Rule {
    code: "BUS208",
    name: "shared-principal",
    summary: "Each principal is one service or one role",
    explanation: "To the broker a client is its principal. Two services with one principal have each other's grants, and \
the audit cannot tell them apart; a grant that one of them gives up would stay. A service and a role of one name are one \
principal wherever the cluster's template makes it.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[("acls/normalizer.yaml", Text("principals: { production: \"User:ingest-gateway\" }\n"))]),
    good: Example(&[("acls/normalizer.yaml", Text("principals: { production: \"User:CN=normalizer\" }\n"))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let workspace = desired.workspace;
    let mut known: BTreeMap<Principal, (&str, Span)> = BTreeMap::new();
    let services = workspace.grants.iter().filter(|(_, grant)| workspace.selects(&grant.clusters, desired.cluster));
    let services = services.map(|(name, grant)| (name, "service", grant.service.span, &grant.principals));
    let roles = workspace.roles_of(desired.cluster).map(|(name, role)| (name, "role", role.span, &role.principals));
    for (name, kind, span, written) in services.chain(roles) {
        for principal in principals_of(desired.cluster, name, written) {
            let Some((other, first)) = known.get(&principal) else {
                known.insert(principal, (name, span));
                continue;
            };
            // One that lists a principal twice shares it with nobody.
            if *first == span {
                continue;
            }
            let message = match other == name {
                true => format!("`{name}` is a service and a role, both with the principal {principal}"),
                false => format!("`{other}` and `{name}` are the same principal {principal}"),
            };
            findings.push(
                SHARED_PRINCIPAL
                    .finding(message)
                    .at(span, "this one")
                    .at(*first, "and this one")
                    .help("give each its own, under `principals` or by another name")
                    .resource(format!("{kind}/{name}")),
            );
        }
    }
}
