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

#[test]
fn a_workspace_is_written_from_nothing() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "busctl.yaml"), @r#"
    # What holds for every topic of this bus. It is what busctl import found; docs/manifests.md has every key.
    version: 1

    naming:
      topic: <domain>.<event>.v<number>
      dlq: <topic>.<service>.dlq

    defaults:
      compatibility: full

    classes:
      dlq:
        cleanup: [delete]
        retention: 14d
      keep-30d:
        cleanup: [delete]
        retention: 30d
        config: { compression.type: zstd }
      state:
        cleanup: [compact]
    "#);
    insta::assert_snapshot!(text(&made, "clusters/production.yaml"), @r#"
    cluster: production
    # question: which environment is it? write `environment: …` here
    cluster_id: MkU3OEVBNTcwNTJENDM2Qg
    connection:
      bootstrap: [kafka-0.example:9093]
      tls: { ca: file:ca.pem }
    schema_registry: production
    # Everything of it. Where others govern a part of the cluster, write which part is ours: topics: ["orders.*"]
    manages: { topics: ["*"], groups: ["*"], principals: ["*"] }
    principal: "User:CN={service},OU=kafka"
    defaults: { partitions: 12, replication_factor: 3, min_insync_replicas: 1 }
    quotas:
      - { user: <default>, produce: 1MiB/s }
      - { user: "CN=shop,OU=kafka", client_id: <default>, request: 12.5% }
      - { ip: 10.0.0.7, connections: 10/s }
    kafka:
      # question: who is let through everywhere? Brokers have super users and do not tell them; write their names here
      super_users: unknown
      nodes:
        - { id: 1, rack: r1, roles: [broker, controller] }
        - { id: 2, rack: r2, roles: [broker, controller], config: { max.connections: 500 } }
        - { id: 3, roles: [controller] }
      config: { log.retention.ms: 7d, min.insync.replicas: 2 }
    "#);
    insta::assert_snapshot!(text(&made, "clusters/registry-production.yaml"), @r#"
    registry: production
    url: https://registry.example
    compatibility: full
    auth: { username: busctl, password: env:PASSWORD }
    "#);
    insta::assert_snapshot!(text(&made, "catalog/domains.yaml"), @r"
    domains:
      customers:
        # question: which team answers for it?
        owner: customers
      orders:
        # question: which team answers for it?
        owner: orders
    ");
    insta::assert_snapshot!(text(&made, "catalog/services.yaml"), @r"
    services:
      billing: { owner: orders, domain: orders }
      legacy: { owner: unassigned }
      shop: { owner: orders, domain: orders }
    ");
    insta::assert_snapshot!(text(&made, "catalog/teams.yaml"), @r"
    # question: who are they, and how are they reached?
    teams:
      customers: {}
      orders: {}
      unassigned: {}
    ");
    insta::assert_snapshot!(made.questions.join("\n"), @r"
    which environment is `production`? (clusters/production.yaml)
    where is the SCRAM password of User:legacy kept? (acls/legacy.yaml)
    who are the super users of `production`? (clusters/production.yaml)
    which team answers for each of 2 domains? (catalog/domains.yaml)
    what does each of 3 services do, and is its owner right? (catalog/services.yaml)
    who is each of 3 teams, and how is it reached? (catalog/teams.yaml)
    ");
    insta::assert_snapshot!(made.left.join("\n"), @r"
    the quota of client id shop: no manifest can say it
    later of the quota of address 10.0.0.8: this version does not know what it limits
    the SCRAM user nightly: no server tells where its password is kept; add it to `scram_users` of the cluster, or to its service: { password: vault:PATH#FIELD }
    `listener.name.tls.ssl.keystore.location` of brokers, in 1 place: whoever renews certificates sets it
    ");
}

#[test]
fn a_topic_whose_name_tells_no_domain_claims_nothing_and_is_asked_about() {
    let mut found = bus();
    for name in ["inbox", "stock-level", "Legacy"] {
        found.topics.insert(
            name.parse().expect("a name"),
            FoundTopic { partitions: 1, replication_factor: 3, ..FoundTopic::default() },
        );
    }
    found.topics.get_mut("Legacy").expect("it is there").about.owner = Some("oldies".to_owned());
    let made = imported(&found, &Workspace::default(), &[]);
    let domains = text(&made, "catalog/domains.yaml");
    assert!(
        domains.contains("    prefixes: [stock-]\n") && !domains.contains("inbox") && !domains.contains("unsorted"),
        "{domains}"
    );
    let inbox = text(&made, "topics/unsorted/inbox.yaml");
    let question = "# question: whose is it? Its name tells no domain: write `owner: TEAM` here, or claim a prefix in catalog/\ntopic: inbox\n";
    assert!(inbox.contains(question), "{inbox}");
    assert!(!text(&made, "topics/unsorted/Legacy.yaml").contains("question"), "{made:#?}");
    let asked = "whose is what has no domain in its name, 1 topic? (topics/unsorted/inbox.yaml)";
    assert!(made.questions.iter().any(|question| question == asked), "{:#?}", made.questions);
}

#[test]
fn super_users_are_written_where_brokers_tell_them_and_asked_for_once_where_not() {
    let file = "clusters/production.yaml";
    let of = |super_users: FoundSuperUsers| {
        let found = Found { super_users, broker_configs: BTreeMap::new(), ..bus() };
        (imported(&found, &Workspace::default(), &[]), found)
    };
    let users = ["User:CN=kafka,O=x", "User:admin"].map(|user| user.parse().expect("a principal"));
    let (made, _) = of(FoundSuperUsers::Known(users.into()));
    let cluster = text(&made, file);
    assert!(cluster.ends_with("kafka:\n  super_users: [\"User:CN=kafka,O=x\", User:admin]\n"), "{cluster}");
    let (made, _) = of(FoundSuperUsers::None);
    assert!(!text(&made, file).contains("super"), "{}", text(&made, file));
    let (made, found) = of(FoundSuperUsers::Unknown);
    let cluster = text(&made, file).to_owned();
    let question = "# question: who is let through everywhere? Brokers have super users and do not tell them; write \
                    `kafka: { super_users: [\"User:NAME\"] }` here\n";
    assert!(cluster.ends_with(question), "{cluster}");
    let there: Vec<_> =
        made.created.iter().map(|(path, text)| (path.to_str().expect("a path"), text.as_str())).collect();
    let again = imported(&found, &workspace(&there), &[]);
    assert!(again.created.is_empty() && again.changed.is_empty(), "{again:#?}");
    // Where more is written below `kafka`, it is said there that nobody knows them, and not asked again.
    let more = Found { super_users: FoundSuperUsers::Unknown, ..bus() };
    let again = imported(&more, &workspace(&there), &[]);
    let cluster = &again.changed[Path::new(file)];
    assert!(cluster.contains("  super_users: unknown\n"), "{cluster}");
    assert_eq!(cluster.matches("who is let through everywhere").count(), 1, "{cluster}");
}

#[test]
fn configs_of_brokers_are_added_beside_what_is_declared() {
    let policy = ("busctl.yaml", "version: 1\n");
    let written = |cluster: &str| {
        let made = imported(&bus(), &workspace(&[policy, ("clusters/c.yaml", cluster)]), &[]);
        let text = made.changed.get(Path::new("clusters/c.yaml")).map(|text| text.replace("cluster: production\n", ""));
        let left = made.left.into_iter().filter(|left| left.contains("`kafka`")).collect::<Vec<_>>();
        (text.filter(|text| text.contains("kafka")).unwrap_or_default(), left)
    };
    let quotas = "quotas:\n  - { user: <default>, produce: 1B/s }\n";
    let (text, left) = written(&format!(
        "cluster: production\nmanages: {{ principals: [] }}\nkafka:\n  # ours\n  nodes:\n    - id: 2\n      rack: r2\n  \
         config: {{ log.retention.ms: 1d }}\n{quotas}"
    ));
    assert!(left.is_empty(), "{left:?}");
    assert!(text.contains("config: { log.retention.ms: 1d, min.insync.replicas: 2 }"), "{text}");
    assert!(
        text.contains("  # ours\n  nodes:\n    - id: 2\n      rack: r2\n      config: { max.connections: 500 }\n"),
        "{text}"
    );
    // A node that is not there is nothing to write in.
    let (_, left) = written("cluster: production\nkafka: { nodes: [{ id: 1 }] }\n");
    assert_eq!(left, ["`max.connections` of broker 2: write it under `kafka` in clusters/c.yaml"]);
    // What is another's is left alone.
    for other in ["manages: { topics: [\"orders.*\"] }", "kafka: { deployment: strimzi }"] {
        let (text, left) = written(&format!("cluster: production\n{other}\n"));
        assert!(!text.contains("max.connections") && left.is_empty(), "{text}");
    }
}

#[test]
fn topics_say_what_differs_from_their_class() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "topics/orders/orders.placed.v1.yaml"), @r"
    topic: orders.placed.v1
    class: keep-30d
    producers: [shop]
    consumers: [billing]
    schema:
      references: [{ name: Money, subject: orders.money }]
    ");
    insta::assert_snapshot!(text(&made, "topics/orders/orders.paid.v1.yaml"), @r"
    topic: orders.paid.v1
    class: keep-30d
    producers: [billing]
    consumers: [{ service: billing, dlq: true }]
    ");
    insta::assert_snapshot!(text(&made, "topics/orders/orders.paid.v1.billing.dlq.yaml"), @r"
    topic: orders.paid.v1.billing.dlq
    class: dlq
    partitions: 1
    producers: [billing]
    ");
    insta::assert_snapshot!(text(&made, "topics/customers/customers.profile.v1.yaml"), @r"
    topic: customers.profile.v1
    class: state
    config: { min.insync.replicas: 2 }
    ");
    let internal = "topics/streams/billing-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog.yaml";
    insta::assert_snapshot!(text(&made, internal), @r"
    topic: billing-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog
    managed_by: streams
    ");
    assert!(!made.created.keys().any(|path| path.to_string_lossy().contains("__consumer_offsets")));
}

#[test]
fn services_ask_for_what_their_principals_have() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "acls/billing.yaml"), @r"
    service: billing
    consumes: [orders.paid.v1, orders.placed.v1]
    produces: [orders.paid.v1, orders.paid.v1.billing.dlq]
    quota: { produce: 10MiB/s }
    ");
    insta::assert_snapshot!(text(&made, "acls/shop.yaml"), @r"
    service: shop
    produces: [orders.placed.v1]
    # question: does it need these? Each takes a waiver in busctl.yaml, or `consumes`, `produces` and the like
    raw:
      - resource: topic
        name: orders.placed.v1
        operation: create
        reason: Found on the cluster when it was imported.
    ");
    insta::assert_snapshot!(text(&made, "acls/legacy.yaml"), @r#"
    service: legacy
    # question: where is its password kept? Write `scram: { password: vault:PATH#FIELD, mechanisms: [scram-sha-256], iterations: 8192 }` here; until then it stays as it is
    principals: { production: User:legacy }
    # question: does it need these? Each takes a waiver in busctl.yaml, or `consumes`, `produces` and the like
    raw:
      - resource: topic
        name: orders.*
        operation: read
        reason: Found on the cluster when it was imported.
    "#);
}

#[test]
fn schemas_are_written_for_people_with_their_versions() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.placed.v1.avsc"), @r#"
    {
      "type": "record",
      "name": "Placed",
      "doc": "version 3",
      "fields": [
        { "name": "id", "type": "string" }
      ]
    }
    "#);
    let versions = made.created.keys().filter(|path| path.starts_with("schemas/orders/versions"));
    let versions: Vec<_> = versions.map(|path| path.display().to_string()).collect();
    assert_eq!(
        versions,
        ["1.avsc", "1.yaml", "2.avsc", "2.yaml"].map(|file| format!("schemas/orders/versions/orders.placed.v1/{file}"))
    );
    let record = text(&made, "schemas/orders/versions/orders.placed.v1/1.yaml");
    assert!(record.contains("subject: orders.money, version: "), "{record}");
    // One topic has one level, and the key's is another.
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.placed.v1-key.yaml"), @r"
    subject: orders.placed.v1-key
    schema: orders.placed.v1-key.avsc
    compatibility: none
    ");
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.money.yaml"), @r"
    subject: orders.money
    schema: orders.money.avsc
    ");
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

/// A record of schema `id`: a frame, and `id` as its only field. Or what no serializer of a registry wrote.
fn framed(id: u8, text: &str) -> Vec<u8> {
    [&[0, 0, 0, 0, id, text.len() as u8 * 2], text.as_bytes()].concat()
}

fn record(key: Option<&[u8]>, value: &[u8]) -> StoredRecord {
    let (key, value) = (key.map(<[u8]>::to_vec), Some(value.to_vec()));
    StoredRecord { partition: 0, offset: 0, key, value, timestamp: None, headers: Vec::new() }
}

#[test]
fn samples_are_made_of_the_records_that_are_of_their_schema() {
    let mut found = bus();
    let records = [
        record(None, b"order"),
        record(None, b"[1]"),
        record(None, &framed(2, "first")),
        record(None, &framed(2, "b")),
    ];
    found.records = [("orders.placed.v1".parse().expect("a name"), Ok(records.into()))].into();
    let made = imported(&found, &workspace(&[]), &[]);
    let folder = "schemas/orders/fixtures/orders.placed.v1";
    assert_eq!(text(&made, &format!("{folder}/sampled-1.json")), "{ \"id\": \"first\" }\n");
    assert!(!made.created.contains_key(Path::new(&format!("{folder}/sampled-2.json"))), "{:?}", made.created.keys());
    let left: Vec<_> = made.left.iter().filter(|left| left.starts_with("a sample of orders.placed.v1: ")).collect();
    assert_eq!(left.len(), 1, "{:?}", made.left);
    assert!(left[0].ends_with("; 1 record left out too"), "{left:?}");
}

#[test]
fn keys_are_sampled_where_their_schema_has_a_manifest_of_its_own() {
    let mut found = bus();
    let mut key = subject("Key", 1, None);
    (key.latest.schema.text, key.latest.id) = ("\"string\"".to_owned(), 9);
    let registry = found.registry.as_mut().expect("there is one");
    registry.subjects.insert("orders.placed.v1-key".parse().expect("a subject"), key);
    let records = [record(Some(&framed(9, "k-1")), &framed(2, "first"))];
    found.records = [("orders.placed.v1".parse().expect("a name"), Ok(records.into()))].into();
    let made = imported(&found, &workspace(&[]), &[]);
    // The value refers to another schema and the key does not.
    assert!(text(&made, "schemas/orders/orders.placed.v1-key.yaml").contains("subject: orders.placed.v1-key"));
    let of = |name: &str| text(&made, &format!("schemas/orders/fixtures/{name}/sampled-1.json"));
    assert_eq!(of("orders.placed.v1-key"), "\"k-1\"\n");
    assert_eq!(of("orders.placed.v1"), "{ \"id\": \"first\" }\n");
}

#[test]
fn one_topic_is_adopted_beside_what_is_governed() {
    let made = imported(&bus(), &workspace(GOVERNED), &["orders.placed.v1"]);
    insta::assert_snapshot!(text(&made, "topics/orders/orders.placed.v1.yaml"), @r"
    topic: orders.placed.v1
    class: month
    producers: [shop]
    consumers: [billing]
    schema:
      compatibility: full
      references: [{ name: Money, subject: orders.money }]
    config: { compression.type: zstd }
    ");
    insta::assert_snapshot!(text(&made, "acls/billing.yaml"), @r"
    service: billing
    # Everything that it reads.
    consumes:
      - orders.paid.v1 # with care
      - orders.placed.v1
    ");
    insta::assert_snapshot!(text(&made, "catalog/all.yaml"), @r"
    # Who is who.
    domains:
      orders: { owner: sales } # since 2020
    services:
      billing: { owner: sales }
      shop: { owner: sales, domain: orders }
    teams:
      sales: {}
    ");
    let created: Vec<_> = made.created.keys().map(|path| path.display().to_string()).collect();
    insta::assert_snapshot!(created.join("\n"), @r"
    acls/shop.yaml
    schemas/orders/orders.money.avsc
    schemas/orders/orders.money.yaml
    schemas/orders/orders.placed.v1-key.avsc
    schemas/orders/orders.placed.v1-key.yaml
    schemas/orders/orders.placed.v1.avsc
    schemas/orders/versions/orders.placed.v1/1.avsc
    schemas/orders/versions/orders.placed.v1/1.yaml
    schemas/orders/versions/orders.placed.v1/2.avsc
    schemas/orders/versions/orders.placed.v1/2.yaml
    topics/orders/orders.placed.v1.yaml
    ");
}

#[test]
fn with_other_clusters_beside_it_each_manifest_says_which_it_is_for() {
    let mut files = GOVERNED.to_vec();
    files.push(("clusters/staging.yaml", "cluster: staging\n"));
    let made = imported(&bus(), &workspace(&files), &["customers.profile.v1"]);
    insta::assert_snapshot!(text(&made, "topics/customers/customers.profile.v1.yaml"), @r"
    topic: customers.profile.v1
    clusters: [production]
    class: state
    config: { min.insync.replicas: 2 }
    ");
}

#[test]
fn a_topic_that_is_governed_is_not_made_to_name_a_service() {
    let mut found = bus();
    let auditor = "User:CN=auditor,OU=kafka";
    found.acls.extend(allow(auditor, Topic, PatternType::Literal, "orders.paid.v1", &[Describe, Read]));
    found.acls.extend(allow(auditor, Group, PatternType::Literal, "auditor", &[Read]));
    let made = imported(&found, &workspace(GOVERNED), &[]);
    assert!(!made.changed.contains_key(Path::new("topics/orders/orders.paid.v1.yaml")));
    let asks = text(&made, "acls/auditor.yaml");
    assert!(!asks.contains("consumes:") && asks.contains("name: orders.paid.v1\n    operation: read\n"), "{asks}");
}

#[test]
fn offsets_tell_which_group_reads_what() {
    let mut found = bus();
    let many = "User:CN=many,OU=kafka";
    for topic in ["orders.placed.v1", "orders.paid.v1"] {
        found.acls.extend(allow(many, Topic, PatternType::Literal, topic, &[Describe, Read]));
    }
    for group in ["many-a", "many-b"] {
        found.acls.extend(allow(many, Group, PatternType::Literal, group, &[Read]));
    }
    let guessed = imported(&found, &Workspace::default(), &[]);
    assert!(text(&guessed, "acls/many.yaml").contains("  - resource: group\n    name: many-b\n"));
    let reads =
        |group: &str, topic: &str| (group.to_owned(), BTreeSet::from([topic.parse::<TopicName>().expect("a name")]));
    found.readers = BTreeMap::from([reads("many-a", "orders.placed.v1"), reads("many-b", "orders.paid.v1")]);
    let known = imported(&found, &Workspace::default(), &[]);
    assert_eq!(
        text(&known, "acls/many.yaml"),
        "service: many\nconsumes: [{ topic: orders.paid.v1, group: many-b }, { topic: orders.placed.v1, group: many-a }]\n"
    );
}

#[test]
fn connect_workers_without_exactly_once_are_told_by_their_topics_and_their_group() {
    let mut found = bus();
    let who = "User:CN=connector,OU=kafka";
    for end in ["configs", "offsets", "status"] {
        let operations = [Create, Describe, DescribeConfigs, Read, Write];
        found.acls.extend(allow(who, Topic, PatternType::Literal, &format!("w-{end}"), &operations));
    }
    found.acls.extend(allow(who, Group, PatternType::Literal, "w", &[Describe, Read]));
    found.acls.extend(allow(who, Group, PatternType::Literal, "connect-sink", &[Read]));
    let written = |found: &Found| text(&imported(found, &Workspace::default(), &[]), "acls/connector.yaml").to_owned();
    let workers = "service: connector\nconnect:\n  worker: w\n  connectors: [sink]\n";
    assert_eq!(written(&found), format!("{workers}  exactly_once: false\n"));
    let id = AclResourceType::TransactionalId;
    found.acls.extend(allow(who, id, PatternType::Literal, "connect-cluster-w", &[Describe, Write]));
    assert_eq!(written(&found), workers);
}

#[test]
fn topics_of_applications_are_told_by_what_these_may_do() {
    let mut found = bus();
    let app = "User:CN=app,OU=kafka";
    // As Kafka's documentation of ACLs shows it, and as little as Streams can do with.
    found.acls.extend(allow(app, Topic, PatternType::Prefixed, "st2", &[AclOperation::All]));
    found.acls.extend(allow(app, Group, PatternType::Prefixed, "st2", &[AclOperation::All]));
    let least = [Read, Write, Create, AclOperation::Delete, Describe];
    found.acls.extend(allow("User:CN=least,OU=kafka", Topic, PatternType::Prefixed, "least-", &least));
    found.acls.extend(allow("User:CN=least,OU=kafka", Group, PatternType::Literal, "least", &[Read]));
    let compacted: BTreeMap<Arc<str>, String> = [("cleanup.policy".into(), "compact".to_owned())].into();
    let mut of = |name: &str| {
        let topic =
            FoundTopic { partitions: 1, replication_factor: 3, configs: compacted.clone(), ..FoundTopic::default() };
        found.topics.insert(name.parse().expect("a name"), topic);
    };
    for topic in ["st2-x-changelog", "st2-changelog", "least-x-repartition", "heartbeats", "fleet.heartbeats"] {
        of(topic);
    }
    let folder = |found: &Found, name: &str| {
        let made = imported(found, &Workspace::default(), &[]);
        let file = made.created.keys().find(|path| path.ends_with(format!("{name}.yaml"))).expect("it is there");
        file.parent().and_then(Path::file_name).expect("a folder").to_string_lossy().into_owned()
    };
    assert_eq!(folder(&found, "st2-x-changelog"), "streams");
    assert_eq!(folder(&found, "least-x-repartition"), "streams");
    assert_ne!(folder(&found, "st2-changelog"), "streams");
    assert_eq!(folder(&found, "heartbeats"), "connect");
    // Behind a prefix it is MirrorMaker's where that is.
    assert_ne!(folder(&found, "fleet.heartbeats"), "connect");
    found.topics.insert("mm2-offset-syncs.fleet.internal".parse().expect("a name"), FoundTopic::default());
    assert_eq!(folder(&found, "fleet.heartbeats"), "connect");
    let made = imported(&found, &Workspace::default(), &[]);
    assert!(text(&made, "catalog/services.yaml").contains("app: { owner: unassigned, kind: streams }"), "{made:#?}");
}

#[test]
fn a_principal_with_an_acl_that_no_manifest_can_say_is_left_alone() {
    let mut found = bus();
    found.acls.extend(allow("User:CN=shop,OU=kafka", Topic, PatternType::Literal, "a*b", &[Read]));
    let made = imported(&found, &Workspace::default(), &[]);
    assert!(!made.created.contains_key(Path::new("acls/shop.yaml")));
    assert!(made.left.iter().any(|left| left.starts_with("User:CN=shop,OU=kafka is not declared")), "{:?}", made.left);
    assert!(!text(&made, "topics/orders/orders.placed.v1.yaml").contains("producers"));
}

#[test]
fn a_topic_whose_config_no_manifest_can_say_is_left_alone_and_one_without_a_cleanup_policy_is_not() {
    let mut found = bus();
    let mut set = |name: &str, key: &str, value: &str| {
        found.topics.get_mut(name).expect("it is there").configs.insert(key.into(), value.to_owned());
    };
    set("orders.placed.v1", "vendor.password", "hunter2hunter2");
    set("orders.paid.v1", "cleanup.policy", "");
    let made = imported(&found, &Workspace::default(), &[]);
    assert!(!made.created.contains_key(Path::new("topics/orders/orders.placed.v1.yaml")));
    let why =
        "orders.placed.v1 is not declared: no manifest can say its vendor.password, and what a declared topic has";
    assert!(made.left.iter().any(|left| left.starts_with(why)), "{:#?}", made.left);
    // Nobody's consent is written there, so that access to it is as it is.
    assert!(text(&made, "acls/shop.yaml").contains("name: orders.placed.v1\n    operation: write\n"), "{made:#?}");
    let paid = text(&made, "topics/orders/orders.paid.v1.yaml");
    assert!(paid.contains("cleanup.policy: []") && !paid.contains("class:"), "{paid}");
    assert!(!text(&made, "busctl.yaml").contains("cleanup: []"), "{}", text(&made, "busctl.yaml"));
}

/// The files of a workspace with what was made.
fn with(files: &BTreeMap<String, String>, made: &Imported) -> BTreeMap<String, String> {
    let new = made.created.iter().chain(&made.changed);
    let new = new.map(|(path, text)| (path.to_str().expect("a path").to_owned(), text.clone()));
    files.clone().into_iter().chain(new).collect()
}

fn loaded(files: &BTreeMap<String, String>) -> Workspace {
    workspace(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
}

#[test]
fn raw_entries_of_an_earlier_import_fold_once_their_topic_is_adopted() {
    let found = bus();
    let mut files = with(&BTreeMap::new(), &imported(&found, &Workspace::default(), &["orders.placed.v1"]));
    let billing = &files["acls/billing.yaml"];
    assert!(
        billing.contains("consumes: [orders.placed.v1]\n") && billing.contains("name: orders.paid.v1\n"),
        "{billing}"
    );
    for only in ["orders.paid.v1", "orders.*"] {
        files = with(&files, &imported(&found, &loaded(&files), &[only]));
    }
    assert_eq!(
        files["acls/billing.yaml"],
        "service: billing\nconsumes: [orders.placed.v1, orders.paid.v1]\n\
         produces: [orders.paid.v1, orders.paid.v1.billing.dlq]\nquota: { produce: 10MiB/s }\n"
    );
    let paid = &files["topics/orders/orders.paid.v1.yaml"];
    assert!(paid.contains("producers: [billing]\nconsumers: [billing]\n"), "{paid}");
    // What somebody has given a reason for is his.
    let mut own = with(&BTreeMap::new(), &imported(&found, &Workspace::default(), &["orders.placed.v1"]));
    let text = own.get_mut("acls/billing.yaml").expect("it is there");
    *text = text.replace("Found on the cluster when it was imported.", "It pays back by hand.");
    let made = imported(&found, &loaded(&own), &["orders.paid.v1"]);
    assert!(!made.changed.contains_key(Path::new("acls/billing.yaml")), "{made:#?}");
}

#[test]
fn a_topic_that_is_adopted_again_takes_the_schemas_that_are_there_and_changes_nothing_else() {
    let found = bus();
    let mut files = with(&BTreeMap::new(), &imported(&found, &Workspace::default(), &[]));
    let manifest = files.remove("topics/orders/orders.placed.v1.yaml").expect("it is there");
    // A formatter of somebody else's is no other schema.
    let schema = "schemas/orders/orders.placed.v1.avsc";
    files.insert(schema.to_owned(), files[schema].replace("  \"", "\t\""));
    files.remove("schemas/orders/versions/orders.placed.v1/2.avsc");
    files.remove("schemas/orders/versions/orders.placed.v1/2.yaml");
    let made = imported(&found, &loaded(&files), &["orders.placed.v1"]);
    let created: Vec<_> = made.created.keys().map(|path| path.display().to_string()).collect();
    insta::assert_snapshot!(created.join("\n"), @"
    schemas/orders/versions/orders.placed.v1/2.avsc
    schemas/orders/versions/orders.placed.v1/2.yaml
    topics/orders/orders.placed.v1.yaml
    ");
    assert_eq!(text(&made, "topics/orders/orders.placed.v1.yaml"), manifest);
    assert!(made.changed.is_empty(), "{:#?}", made.changed);
    // Another schema stays, and is not this topic's.
    files.insert(schema.to_owned(), files[schema].replace("string", "long"));
    let made = imported(&found, &loaded(&files), &["orders.placed.v1"]);
    assert!(text(&made, "topics/orders/orders.placed.v1.yaml").contains("value: orders.placed.v1-2.avsc"), "{made:#?}");
}

#[test]
fn one_topic_concerns_few_subjects() {
    let found = bus();
    let concerned = |only: &str| {
        let subjects = concerned(&found, &[only.parse().expect("a pattern")]);
        subjects.into_iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(concerned("orders.placed.v1"), ["orders.money", "orders.placed.v1-key", "orders.placed.v1-value"]);
    assert!(concerned("customers.*").is_empty());
}
