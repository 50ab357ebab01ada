//! What services ask for.

use super::*;

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
