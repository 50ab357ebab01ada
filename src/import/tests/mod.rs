mod beside;
mod schemas;
mod services;
mod whole;

use crate::resources::cluster::{Reach, ReachRegistry, ReachTls};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::model::{Pattern, PatternType, Subject};
use crate::ports::kafka::{
    Acl, AclOperation, AclPermission, AclResourceType, Quota, ScramMechanism, ScramUser, StoredRecord,
};
use crate::ports::registry::{NewSchema, Reference, RegisteredSchema};
use crate::resources::broker_config::BrokerScope;
use crate::resources::cluster::NodeRole;
use crate::resources::{WorkspaceFiles, load};
use crate::schema::SchemaFormat;

use AclOperation::{Create, Describe, DescribeConfigs, Read, Write};
use AclResourceType::{Group, Topic};

/// A bus of a few teams that has grown by hand.
fn bus() -> Found {
    let topic = |partitions, configs: &[(&str, &str)]| FoundTopic {
        internal: false,
        partitions,
        replication_factor: 3,
        configs: configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect(),
        about: About::default(),
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
        records: BTreeMap::new(),
        is_declared: false,
        cluster_id: Some("MkU3OEVBNTcwNTJENDM2Qg".to_owned()),
        cluster: AboutCluster::default(),
        topics: topics.into_iter().map(|(name, topic)| (name.parse().expect("a name"), topic)).collect(),
        defaults: [("cleanup.policy", "delete"), ("retention.ms", "604800000"), ("min.insync.replicas", "1")]
            .map(|(key, value)| (key.into(), value.to_owned()))
            .into(),
        acls: acls.into_iter().flatten().collect(),
        quotas: vec![
            quota(&[("user", Some("CN=billing,OU=kafka"))], "producer_byte_rate", 10_485_760.0),
            quota(&[("client-id", Some("shop"))], "consumer_byte_rate", 1.5),
            quota(&[("user", None)], "producer_byte_rate", 1_048_576.0),
            quota(&[("user", Some("CN=shop,OU=kafka")), ("client-id", None)], "request_percentage", 12.5),
            quota(&[("ip", Some("10.0.0.7"))], "connection_creation_rate", 10.0),
            quota(&[("ip", Some("10.0.0.8"))], "later", 10.0),
        ],
        broker_configs: BTreeMap::from([
            (BrokerScope::All, [("log.retention.ms", "604800000"), ("min.insync.replicas", "2")].map(owned).into()),
            (
                BrokerScope::One(2),
                [
                    ("listener.name.tls.ssl.keystore.location", "/etc/kafka/2026-11.p12"),
                    ("max.connections", "500"),
                    ("min.insync.replicas", "2"),
                ]
                .map(owned)
                .into(),
            ),
        ]),
        nodes: (1..=3)
            .map(|id| FoundNode {
                id,
                rack: (id < 3).then(|| format!("r{id}")),
                roles: if id == 3 { vec![NodeRole::Controller] } else { vec![NodeRole::Broker, NodeRole::Controller] },
            })
            .collect(),
        super_users: FoundSuperUsers::Unknown,
        scram_users: vec![
            scram_user("legacy", &[(ScramMechanism::Sha256, 8192)]),
            scram_user("nightly", &[(ScramMechanism::Sha512, 4096)]),
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
        passwords: BTreeMap::new(),
        readers: BTreeMap::new(),
        principals: BTreeMap::new(),
    }
}

fn owned((key, value): (&str, &str)) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

fn scram_user(name: &str, credentials: &[(ScramMechanism, u32)]) -> ScramUser {
    ScramUser { name: name.to_owned(), credentials: credentials.iter().copied().collect() }
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
    import(found, Request { cluster: &cluster, workspace, reach: &reach, only: &only, samples: 1 })
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
