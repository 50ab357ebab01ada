//! What the comparison with a live state finds.

use crate::diag::Level;
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const SNAPSHOT: &str = "production.snapshot.json";

/// BUS501.
pub static MIN_ISR: Rule = Rule {
    code: "BUS501",
    name: "live-min-insync-replicas",
    summary: "A live topic has as many replicas as must be in sync",
    explanation: "Kafka takes a `min.insync.replicas` above the replication factor without a word, and from then on \
refuses every write with `acks=all`. The rule compares the declared value with the replicas that the topic has, or will \
have by the plan.",
    level: Level::Error,
    floor: Level::Off,
    // Fewer replicas than the manifest asks for are a finding of their own, and so are brokers that are missing.
    bad: Example(&[
        ("busctl.yaml", Text("rules: { BUS504: off, BUS520: off, BUS521: off }\n")),
        (
            SNAPSHOT,
            Live(
                r#"{
  "cluster": {
    "id": "KjaDqFKeSJGm-ebAeEki8g",
    "brokers": [{ "id": 0, "host": "kafka-0.example.com", "port": 9094, "rack": null }],
    "controller": 0
  },
  "topics": {
    "topics": {
      "media.raw_ingest.v1": {
        "internal": false,
        "partitions": [
          { "replicas": [0], "isr": [0] }, { "replicas": [0], "isr": [0] }, { "replicas": [0], "isr": [0] },
          { "replicas": [0], "isr": [0] }, { "replicas": [0], "isr": [0] }, { "replicas": [0], "isr": [0] }
        ],
        "configs": { "known": {} }
      }
    },
    "hidden": {},
    "defaults": {}
  }
}
"#,
            ),
        ),
    ]),
    good: Example(&[("busctl.yaml", Text("rules: { BUS504: off }\n")), (SNAPSHOT, Live(HEALTHY))]),
    check: Check::Live,
};

const HEALTHY: &str = r#"{
  "topics": {
    "topics": {
      "media.raw_ingest.v1": {
        "internal": false,
        "partitions": [
          { "replicas": [0, 1, 2], "isr": [0, 1, 2] }, { "replicas": [1, 2, 0], "isr": [1, 2, 0] },
          { "replicas": [2, 0, 1], "isr": [2, 0, 1] }, { "replicas": [0, 1, 2], "isr": [0, 1, 2] },
          { "replicas": [1, 2, 0], "isr": [1, 2, 0] }, { "replicas": [2, 0, 1], "isr": [2, 0, 1] }
        ],
        "configs": { "known": {} }
      }
    },
    "hidden": {},
    "defaults": {}
  }
}
"#;

/// BUS502.
pub static NO_AUTHORIZER: Rule = Rule {
    code: "BUS502",
    name: "no-authorizer",
    summary: "Brokers that are to hold grants have an authorizer",
    explanation: "A broker without an authorizer answers every request about ACLs with an error and lets everybody do \
everything. Grants are then left out of the plan, with this one finding instead of the same changes at every run.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(
            r#"{
  "acls": {
    "hidden": {
      "kind": "unsupported",
      "tried": "describe the ACLs",
      "server": "kafka-0.example.com:9094",
      "answer": "SECURITY_DISABLED: no authorizer is configured on the broker",
      "hint": null
    }
  }
}
"#,
        ),
    )]),
    good: Example(&[(SNAPSHOT, Live("{ \"acls\": { \"known\": [] } }\n"))]),
    check: Check::Live,
};

/// BUS503.
pub static FEWER_PARTITIONS: Rule = Rule {
    code: "BUS503",
    name: "fewer-partitions",
    summary: "A manifest asks for no fewer partitions than a topic has",
    explanation: "Kafka cannot take partitions away, and deleting the topic to make it anew would lose its records. Write \
the number that it has, or make a new version of the topic and move its users there.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (TOPIC, Text("partitions: 6\n")),
        (
            SNAPSHOT,
            Live(
                r#"{
  "topics": {
    "topics": {
      "media.raw_ingest.v1": {
        "internal": false,
        "partitions": [
          { "replicas": [0, 1, 2], "isr": [0, 1, 2] }, { "replicas": [1, 2, 0], "isr": [1, 2, 0] },
          { "replicas": [2, 0, 1], "isr": [2, 0, 1] }, { "replicas": [0, 1, 2], "isr": [0, 1, 2] },
          { "replicas": [1, 2, 0], "isr": [1, 2, 0] }, { "replicas": [2, 0, 1], "isr": [2, 0, 1] },
          { "replicas": [0, 1, 2], "isr": [0, 1, 2] }, { "replicas": [1, 2, 0], "isr": [1, 2, 0] }
        ],
        "configs": { "known": {} }
      }
    },
    "hidden": {},
    "defaults": {}
  }
}
"#,
            ),
        ),
    ]),
    good: Example(&[(TOPIC, Text("partitions: 6\n")), (SNAPSHOT, Live(HEALTHY))]),
    check: Check::Live,
};

/// BUS504.
pub static FACTOR_DIFFERS: Rule = Rule {
    code: "BUS504",
    name: "live-replication-factor",
    summary: "The cluster has the brokers for the replicas that a manifest asks for",
    explanation: "The number of replicas of a topic changes by reassignment, which copies data to other brokers, and each \
replica of a partition needs a broker of its own. With fewer brokers nothing is changed about it, and a new topic is not \
created: that is an error.",
    level: Level::Warn,
    floor: Level::Off,
    // Brokers that are missing are a finding of their own.
    bad: Example(&[
        ("busctl.yaml", Text("rules: { BUS520: off, BUS521: off }\n")),
        (
            SNAPSHOT,
            Live(
                r#"{
  "cluster": {
    "id": "KjaDqFKeSJGm-ebAeEki8g",
    "brokers": [
      { "id": 0, "host": "kafka-0.example.com", "port": 9094, "rack": null },
      { "id": 1, "host": "kafka-1.example.com", "port": 9094, "rack": null }
    ],
    "controller": 0
  },
  "topics": {
    "topics": {
      "media.raw_ingest.v1": {
        "internal": false,
        "partitions": [
          { "replicas": [0, 1], "isr": [0, 1] }, { "replicas": [1, 0], "isr": [1, 0] },
          { "replicas": [0, 1], "isr": [0, 1] }, { "replicas": [0, 1], "isr": [0, 1] },
          { "replicas": [1, 0], "isr": [1, 0] }, { "replicas": [0, 1], "isr": [0, 1] }
        ],
        "configs": { "known": {} }
      }
    },
    "hidden": {},
    "defaults": {}
  }
}
"#,
            ),
        ),
    ]),
    good: Example(&[(SNAPSHOT, Live(HEALTHY))]),
    check: Check::Live,
};

/// BUS505.
pub static OTHER_CLUSTER: Rule = Rule {
    code: "BUS505",
    name: "other-cluster",
    summary: "The brokers belong to the cluster that the manifest pins",
    explanation: "The address of one cluster can lead to another, after a mistake in DNS, a tunnel or a copied manifest. \
Nothing is applied to a cluster whose id is not the pinned one.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(
        SNAPSHOT,
        Live("{ \"cluster\": { \"id\": \"Y6vYuAFVQC-CaH-M0SG04Q\", \"brokers\": [], \"controller\": null } }\n"),
    )]),
    good: Example(&[(
        SNAPSHOT,
        Live("{ \"cluster\": { \"id\": \"KjaDqFKeSJGm-ebAeEki8g\", \"brokers\": [], \"controller\": null } }\n"),
    )]),
    check: Check::Live,
};

/// BUS506.
pub static READ_ONLY_REGISTRY: Rule = Rule {
    code: "BUS506",
    name: "read-only-registry",
    summary: "A registry that is to be changed can be written",
    explanation: "A registry in mode READONLY refuses every version and every level, most often because it is a replica or \
is being moved. Schemas are applied where it is written, or once it is writable.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(
            r#"{
  "registry": {
    "known": { "info": { "compatibility": "BACKWARD", "mode": "READONLY" }, "subjects": {}, "others": [] }
  }
}
"#,
        ),
    )]),
    good: Example(&[(
        SNAPSHOT,
        Live(
            r#"{
  "registry": {
    "known": { "info": { "compatibility": "BACKWARD", "mode": "READWRITE" }, "subjects": {}, "others": [] }
  }
}
"#,
        ),
    )]),
    check: Check::Live,
};

/// BUS507.
pub static LOCKED_OUT: Rule = Rule {
    code: "BUS507",
    name: "locked-out",
    summary: "No plan takes from busctl itself what its commands need",
    explanation: "A principal that a service or a role declares has the ACLs that the manifests ask for and no others. Where \
busctl's own principal is declared so, and its manifests leave out what `docs/permissions.md` lists, the plan would take \
that away, and busctl could not give it back; a deny, or the first ACL on a resource that was open to everybody, can do the \
same. Such a plan is refused. busctl's own principal is `connection.principal` of the cluster, else the user of SASL, else \
those of the service or role `busctl`. Where it is none of them and the plan takes something away that could be busctl's, \
the finding is a warning.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[
        ("catalog/catalog.yaml", Text("roles:\n  busctl: { owner: media-platform, reads: [\"media.*\"] }\n")),
        (SNAPSHOT, Live(ALTERS_ACLS)),
    ]),
    good: Example(&[
        (
            "clusters/production.yaml",
            Text(
                "connection:
  bootstrap: [kafka-0.example.com:9094]
  tls: { ca: file:ca.pem, certificate: file:busctl.pem }
  principal: \"User:busctl\"
",
            ),
        ),
        (SNAPSHOT, Live(ALTERS_ACLS)),
    ]),
    check: Check::Live,
};

const ALTERS_ACLS: &str = r#"{
  "acls": {
    "known": [
      {
        "resource": "cluster", "name": "kafka-cluster", "pattern": "literal",
        "principal": "User:busctl", "host": "*", "operation": "alter", "permission": "allow"
      }
    ]
  }
}
"#;

/// A registry whose newest version has another text than the manifest's, which it takes for version 1.
macro_rules! taken_for_version_1 {
    (newest: $newest:literal) => {
        concat!(
            r#"{
  "registry": {
    "known": {
      "info": { "compatibility": "BACKWARD", "mode": "READWRITE" },
      "subjects": {
        "media.raw_ingest.v1-value": {
          "latest": {
            "known": { "version": "#,
            $newest,
            r#", "id": 1, "format": "AVRO", "text": "{\"type\": \"string\"}", "references": [] }
          },
          "compatibility": { "known": "BACKWARD" },
          "taken_for": 1
        }
      },
      "others": []
    }
  }
}
"#
        )
    };
}

/// BUS508.
pub static UNSEEN_DIFFERENCE: Rule = Rule {
    code: "BUS508",
    name: "unseen-difference",
    summary: "The registry sees what a schema changes",
    explanation: "A registry makes no new version of a schema that it takes for one that it has, and keeps the text that came \
first. Apicurio 3 sees no difference in Avro's docs and aliases; Confluent's and Apicurio 2.6 do. There is nothing to apply \
then, although manifest and registry differ. The registry is asked with each plan; a plan from a snapshot cannot ask, and \
shows the schema as one to be registered.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(taken_for_version_1!(newest: 1)))]),
    good: Example(&[(SNAPSHOT, Live(HEALTHY))]),
    check: Check::Live,
};

/// BUS509.
pub static LATER_VERSION: Rule = Rule {
    code: "BUS509",
    name: "later-version",
    summary: "The declared schema is not an earlier version of its subject",
    explanation: "What was version 1 of a subject once stays version 1: no registry registers it again behind version 2. \
So a change of a schema that is taken back in Git, or a version that somebody registered outside it, leaves a newest version \
that is not the declared one, and nothing that busctl may do changes that. Those who write with the declared schema can go \
on, for its version is there; who reads the newest one gets another. Somebody has to decide which one it shall be. Where that must not wait, \
raise the rule to an error: `rules: { BUS509: error }`.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(taken_for_version_1!(newest: 2)))]),
    good: Example(&[(SNAPSHOT, Live(HEALTHY))]),
    check: Check::Live,
};

/// BUS514.
pub static BROKER_CONFIGS: Rule = Rule {
    code: "BUS514",
    name: "broker-config-not-applied",
    summary: "Brokers have the configs that are declared, also those that busctl cannot set",
    explanation: "Some configs of brokers can be set while they run; plans do that. The others are read when a broker starts: \
they stand in its file, and a change takes a restart of one broker after the other. Brokers never tell sensitive ones, so that \
nobody can compare them. With eligible leader replicas Kafka takes `min.insync.replicas` for all brokers alone, and is never \
without it (BUS411). Where Strimzi or a provider runs the brokers, whatever busctl set would be set back. Each declared \
config that differs and is not applied for one of these reasons is told by name, with the brokers.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (PRODUCTION, Text(WITH_BROKER_CONFIG)),
        (
            SNAPSHOT,
            Live(
                r#"{ "broker_configs": { "known": { "0": {
  "auto.create.topics.enable": { "values": [["static_broker", "true"]], "read_only": true } } } } }"#,
            ),
        ),
    ]),
    good: Example(&[
        (PRODUCTION, Text(WITH_BROKER_CONFIG)),
        (
            SNAPSHOT,
            Live(
                r#"{ "broker_configs": { "known": { "0": {
  "auto.create.topics.enable": { "values": [["static_broker", "False"]], "read_only": true } } } } }"#,
            ),
        ),
    ]),
    check: Check::Live,
};

const PRODUCTION: &str = "clusters/production.yaml";

const WITH_BROKER_CONFIG: &str = "kafka:
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
  config: { auto.create.topics.enable: false }
";
