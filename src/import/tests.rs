use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::model::{Pattern, PatternType, Subject};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType, Quota};
use crate::ports::registry::{NewSchema, Reference, RegisteredSchema};
use crate::resources::{WorkspaceFiles, load};
use crate::schema::SchemaFormat;

use AclOperation::{Create, Describe, Read, Write};
use AclResourceType::{Group, Topic};

/// A bus of a few teams that has grown by hand.
fn bus() -> Found {
    let topic = |partitions, configs: &[(&str, &str)]| FoundTopic {
        internal: false,
        partitions,
        replication_factor: 3,
        configs: configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect(),
    };
    let topics = [
        ("orders.placed.v1", topic(12, &[("retention.ms", "2592000000"), ("compression.type", "zstd")])),
        ("orders.paid.v1", topic(12, &[("retention.ms", "2592000000"), ("compression.type", "zstd")])),
        ("orders.paid.v1.billing.dlq", topic(1, &[("retention.ms", "1209600000")])),
        ("customers.profile.v1", topic(12, &[("cleanup.policy", "compact"), ("min.insync.replicas", "2")])),
        ("__consumer_offsets", topic(50, &[("cleanup.policy", "compact")])),
        ("billing-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog", topic(12, &[("cleanup.policy", "compact")])),
    ];
    let user = |name: &str| format!("User:CN={name},OU=kafka");
    let acls = [
        allow(&user("shop"), Topic, PatternType::Literal, "orders.placed.v1", &[Describe, Write, Create]),
        allow(&user("billing"), Topic, PatternType::Literal, "orders.placed.v1", &[Describe, Read]),
        allow(&user("billing"), Topic, PatternType::Literal, "orders.paid.v1", &[Describe, Read, Write]),
        allow(&user("billing"), Topic, PatternType::Literal, "orders.paid.v1.billing.dlq", &[Describe, Write]),
        allow(&user("billing"), Group, PatternType::Literal, "billing", &[Read]),
        allow("User:legacy", Topic, PatternType::Prefixed, "orders.", &[Read]),
    ];
    Found {
        cluster_id: Some("MkU3OEVBNTcwNTJENDM2Qg".to_owned()),
        topics: topics.into_iter().map(|(name, topic)| (name.parse().expect("a name"), topic)).collect(),
        defaults: [("cleanup.policy", "delete"), ("retention.ms", "604800000"), ("min.insync.replicas", "1")]
            .map(|(key, value)| (key.into(), value.to_owned()))
            .into(),
        acls: acls.into_iter().flatten().collect(),
        quotas: vec![
            quota(&[("user", Some("CN=billing,OU=kafka"))], "producer_byte_rate", 10_485_760.0),
            quota(&[("client-id", Some("shop"))], "consumer_byte_rate", 1.5),
        ],
        registry: Some(FoundRegistry {
            level: Some("FULL".to_owned()),
            subjects: [
                ("orders.placed.v1-value", subject("Placed", 3, None)),
                ("orders.placed.v1-key", subject("Id", 1, Some("NONE"))),
                ("orders.money", subject("Money", 1, None)),
            ]
            .map(|(name, subject)| (name.parse::<Subject>().expect("a subject"), subject))
            .into(),
        }),
        readers: BTreeMap::new(),
    }
}

fn allow(
    who: &str,
    resource: AclResourceType,
    pattern: PatternType,
    name: &str,
    operations: &[AclOperation],
) -> Vec<Acl> {
    let acl = |operation: &AclOperation| Acl {
        resource,
        name: name.into(),
        pattern,
        principal: who.parse().expect("a principal"),
        host: "*".into(),
        operation: *operation,
        permission: AclPermission::Allow,
    };
    operations.iter().map(acl).collect()
}

fn quota(entity: &[(&str, Option<&str>)], key: &str, value: f64) -> Quota {
    let entity = entity.iter().map(|(kind, name)| ((*kind).to_owned(), name.map(str::to_owned)));
    Quota { entity: entity.collect(), values: [(key.to_owned(), value)].into() }
}

fn subject(name: &str, version: u32, level: Option<&str>) -> FoundSubject {
    let of = |version: u32| {
        let doc = format!("version {version}");
        let text =
            format!(r#"{{"type":"record","name":"{name}","doc":"{doc}","fields":[{{"name":"id","type":"string"}}]}}"#);
        let references = match name {
            "Placed" => {
                vec![Reference { name: "Money".into(), subject: "orders.money".parse().expect("it is"), version: 1 }]
            }
            _ => Vec::new(),
        };
        let schema = NewSchema { format: SchemaFormat::Avro, text, references };
        RegisteredSchema { version, id: version.into(), schema, properties: BTreeMap::new() }
    };
    FoundSubject { latest: of(version), level: level.map(str::to_owned), earlier: (1..version).map(of).collect() }
}

fn imported(found: &Found, workspace: &Workspace, only: &[&str]) -> Imported {
    let cluster = "production".parse().expect("a name");
    let only: Vec<Pattern> = only.iter().map(|pattern| pattern.parse().expect("a pattern")).collect();
    let reach = Reach {
        bootstrap: vec!["kafka-0.example:9093".to_owned()],
        tls: Some(ReachTls { ca: Some("file:ca.pem".parse().expect("a reference")), ..ReachTls::default() }),
        sasl: None,
        registry: Some(ReachRegistry {
            url: "https://registry.example".to_owned(),
            username: Some("busctl".to_owned()),
            password: Some("env:PASSWORD".parse().expect("a reference")),
        }),
    };
    import(found, Request { cluster: &cluster, workspace, reach: &reach, only: &only })
}

fn workspace(files: &[(&str, &str)]) -> Workspace {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(*text)))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, documents: BTreeSet::new() });
    assert!(findings.is_empty(), "{findings:#?}");
    workspace
}

fn text<'m>(made: &'m Imported, path: &str) -> &'m str {
    let files = made.created.keys().chain(made.changed.keys()).collect::<Vec<_>>();
    let file = made.created.get(Path::new(path)).or_else(|| made.changed.get(Path::new(path)));
    file.unwrap_or_else(|| panic!("no {path} among {files:?}"))
}

#[test]
fn a_workspace_is_written_from_nothing() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "busctl.yaml"), @"");
    insta::assert_snapshot!(text(&made, "clusters/production.yaml"), @"");
    insta::assert_snapshot!(text(&made, "clusters/registry-production.yaml"), @"");
    insta::assert_snapshot!(text(&made, "catalog/domains.yaml"), @"");
    insta::assert_snapshot!(text(&made, "catalog/services.yaml"), @"");
    insta::assert_snapshot!(text(&made, "catalog/teams.yaml"), @"");
    insta::assert_snapshot!(made.questions.join("\n"), @"");
    insta::assert_snapshot!(made.left.join("\n"), @"");
}

#[test]
fn topics_say_what_differs_from_their_class() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "topics/orders/orders.placed.v1.yaml"), @"");
    insta::assert_snapshot!(text(&made, "topics/orders/orders.paid.v1.yaml"), @"");
    insta::assert_snapshot!(text(&made, "topics/orders/orders.paid.v1.billing.dlq.yaml"), @"");
    insta::assert_snapshot!(text(&made, "topics/customers/customers.profile.v1.yaml"), @"");
    let internal = "topics/streams/billing-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog.yaml";
    insta::assert_snapshot!(text(&made, internal), @"");
    assert!(!made.created.keys().any(|path| path.to_string_lossy().contains("__consumer_offsets")));
}

#[test]
fn services_ask_for_what_their_principals_have() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "acls/billing.yaml"), @"");
    insta::assert_snapshot!(text(&made, "acls/shop.yaml"), @"");
    insta::assert_snapshot!(text(&made, "acls/legacy.yaml"), @"");
}

#[test]
fn schemas_are_written_for_people_with_their_versions() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.placed.v1.avsc"), @"");
    let versions = made.created.keys().filter(|path| path.starts_with("schemas/orders/versions"));
    let versions: Vec<_> = versions.map(|path| path.display().to_string()).collect();
    assert_eq!(
        versions,
        ["schemas/orders/versions/orders.placed.v1/1.avsc", "schemas/orders/versions/orders.placed.v1/2.avsc"]
    );
    // One topic has one level, and the key's is another.
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.placed.v1-key.yaml"), @"");
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.money.yaml"), @"");
}

/// A workspace that governs a part of the bus.
const GOVERNED: &[(&str, &str)] = &[
    (
        "busctl.yaml",
        "version: 1\nclasses:\n  month: { cleanup: [delete], retention: 30d }\n  state: { cleanup: [compact] }\n",
    ),
    (
        "clusters/production.yaml",
        "cluster: production\nschema_registry: main\nprincipal: \"User:CN={service},OU=kafka\"\ndefaults: { partitions: 12 }\n",
    ),
    ("clusters/main.yaml", "registry: main\nurl: https://registry.example\n"),
    (
        "catalog/all.yaml",
        "# Who is who.\ndomains:\n  orders: { owner: sales } # since 2020\nservices:\n  billing: { owner: sales }\nteams:\n  sales: {}\n",
    ),
    ("acls/billing.yaml", "service: billing\n# Everything that it reads.\nconsumes:\n  - orders.paid.v1 # with care\n"),
    ("topics/orders/orders.paid.v1.yaml", "topic: orders.paid.v1\nclass: month\nconsumers: [billing]\n"),
];

#[test]
fn one_topic_is_adopted_beside_what_is_governed() {
    let made = imported(&bus(), &workspace(GOVERNED), &["orders.placed.v1"]);
    insta::assert_snapshot!(text(&made, "topics/orders/orders.placed.v1.yaml"), @"");
    insta::assert_snapshot!(text(&made, "acls/billing.yaml"), @"");
    insta::assert_snapshot!(text(&made, "catalog/all.yaml"), @"");
    let created: Vec<_> = made.created.keys().map(|path| path.display().to_string()).collect();
    insta::assert_snapshot!(created.join("\n"), @"");
}

#[test]
fn with_other_clusters_beside_it_each_manifest_says_which_it_is_for() {
    let mut files = GOVERNED.to_vec();
    files.push(("clusters/staging.yaml", "cluster: staging\n"));
    let made = imported(&bus(), &workspace(&files), &["customers.profile.v1"]);
    insta::assert_snapshot!(text(&made, "topics/customers/customers.profile.v1.yaml"), @"");
}
