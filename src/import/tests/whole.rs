//! What a bus that has grown by hand becomes.

use super::*;

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
