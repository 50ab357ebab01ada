use super::*;

pub const STATE: &str = r#"
settings:
  ccloud: { enabled: false }
  topics:
    defaults: { replication: 3, partitions: 2 }
    blacklist: { prefixed: [_confluent] }
  services: { acls: { describeTopicEnabled: true } }
  files: { services: services.yaml, topics: more/topics.yaml, users: users.yaml }
  shelf: 1
customServiceAcls:
  till:
    read-all: { name: shop., type: TOPIC, pattern: PREFIXED, host: "*", principal: "User:till", operation: READ, permission: ALLOW }
    bad: { name: shop., type: TOPIC, pattern: PREFIXED, host: "*", principal: "User:till", operation: FLY, permission: ALLOW }
  nobody:
    a: { name: a, type: TOPIC, pattern: LITERAL, host: "*", operation: READ, permission: ALLOW }
customUserAcls:
  ops:
    describe: { name: kafka-cluster, type: CLUSTER, pattern: LITERAL, host: 10.0.0.1, operation: ALTER, permission: DENY }
"#;

pub const SERVICES: &str = r#"
services:
  till:
    type: application
    principal: User:till
    produces: [shop.order.v1]
  stock:
    type: application
    principal: User:CN=stock
    group-id: stock-group
    consumes: [shop.order.v1]
    shelf: 1
  counts:
    type: kafka-streams
    principal: User:counts
    application-id: counter
    consumes: [shop.order.v1]
    produces: [shop.count.v1]
  search:
    type: kafka-connect
    principal: User:search
    group-id: search-group
    storage-topics: { config: search-config }
    connectors:
      sink: { consumes: [shop.order.v1] }
      source: { produces: [shop.stock.v1] }
  odd: { type: mainframe, principal: "User:odd" }
"#;

pub const USERS: &str = r#"
users:
  ops: { principal: "User:ops", roles: [writer, reader, operator, king] }
"#;

pub const TOPICS: &str = r#"
topics:
  shop.order.v1: { partitions: 6, replication: 2, configs: { cleanup.policy: compact, segment.bytes: 1000000 } }
  shop.stock.v1: { shelf: 1 }
"#;

#[test]
fn every_key_of_the_state_is_taken_over_or_said() {
    let texts = [
        ("it/state.yaml", STATE),
        ("it/services.yaml", SERVICES),
        ("it/users.yaml", USERS),
        ("it/more/topics.yaml", TOPICS),
    ];
    let found = reading(Tool::KafkaGitops, &texts);
    insta::assert_snapshot!(topics(&found), @"
    shop.order.v1 6x2 cleanup.policy=compact segment.bytes=1000000
    shop.stock.v1 2x3
    ");
    insta::assert_snapshot!(acls(&found), @"
    User:CN=stock group stock-group: read
    User:CN=stock topic shop.order.v1: read describe
    User:counts cluster kafka-cluster: describe_configs
    User:counts group counter: read delete describe
    User:counts topic counter*: read write create delete alter describe describe_configs alter_configs
    User:counts topic shop.count.v1: write describe
    User:counts topic shop.order.v1: read describe
    User:ops cluster kafka-cluster from 10.0.0.1: not alter
    User:ops cluster kafka-cluster: describe
    User:ops group *: read describe
    User:ops topic *: read write describe describe_configs
    User:search group connect-sink: read
    User:search group search-group: read
    User:search topic connect-offsets-search: read write
    User:search topic connect-status-search: read write
    User:search topic search-config: read write
    User:search topic shop.order.v1: read describe
    User:search topic shop.stock.v1: write describe
    User:till topic shop.*: read
    User:till topic shop.order.v1: write describe
    ");
    assert_eq!(
        found.found.principals.iter().map(|(who, about)| format!("{who}: {:?}", about.notes)).collect::<Vec<_>>(),
        [r#"User:CN=stock: ["kafka-gitops calls it the service stock"]"#]
    );
    assert_eq!(
        found.questions,
        [
            "who looks after the topics _confluent*? kafka-gitops leaves them alone; `manages` says what is ours (it/state.yaml:6)"
        ]
    );
    insta::assert_snapshot!(left(&found), @"
    it/state.yaml:9: `shelf` of the settings is not taken over
    it/more/topics.yaml:4: `shelf` of the topic shop.stock.v1 is not taken over
    it/services.yaml:12: `shelf` of the service stock is not taken over
    it/services.yaml:27: the service odd: nobody knows the type mainframe
    it/users.yaml:3: nobody knows the role king
    it/state.yaml:13: the ACL is not taken over: nobody knows the operation FLY
    it/state.yaml:15: the ACLs of nobody are not used: no service is called so
    ");
}

#[test]
fn one_file_brings_those_that_it_names() {
    let files = [("it/services.yaml", SERVICES), ("it/users.yaml", USERS), ("it/more/topics.yaml", TOPICS)];
    let read_named = |path: &Path| {
        let found = files.iter().find(|(known, _)| Path::new(known) == path);
        found.map(|(_, text)| Arc::from(*text)).ok_or(ReadProblem { message: "gone".into(), help: "-".into() })
    };
    let texts = [(PathBuf::from("it/state.yaml"), Ok(Arc::from(STATE)))].into();
    let found = read(Tool::KafkaGitops, &Files { root: Path::new("it"), texts, read: &read_named }, None);
    assert_eq!(found.found.topics.len(), 2, "{:#?}", found.left);
    assert_eq!(found.unread, 0, "{:#?}", found.left);
}

#[test]
fn accounts_of_confluent_cloud_are_in_no_file() {
    let text = "settings: { ccloud: { enabled: true } }\ntopics: { a: { partitions: 1, replication: 3 } }\n\
                services: { till: { type: application, produces: [a] } }\n";
    let found = reading(Tool::KafkaGitops, &[("it/state.yaml", text)]);
    assert_eq!((topics(&found).as_str(), acls(&found).as_str()), ("a 1x3", ""));
    assert!(
        left(&found).starts_with("it/state.yaml:3: the ACLs of the service till are not taken over"),
        "{}",
        left(&found)
    );
}

#[test]
fn schemas_are_subjects() {
    let state = r#"
settings:
  schema: { defaults: { compatibility: FULL } }
schemas:
  order-value: { type: AVRO, file: order.avsc }
  stock-value:
    type: JSON
    compatibility: NONE
    schema: '{"$ref": "shelf"}'
    references: [{ name: shelf, subject: shelf-value, version: 2 }]
  odd-value: { type: XML, schema: a }
  empty-value: { compatibility: SOMETIMES }
"#;
    let found = reading(Tool::KafkaGitops, &[("it/state.yaml", state), ("it/order.avsc", "\"string\"")]);
    insta::assert_snapshot!(subjects(&found), @r#"
    order-value Avro FULL: "string"
    stock-value Json NONE shelf=shelf-value@2: {"$ref": "shelf"}
    "#);
    insta::assert_snapshot!(left(&found), @r"
    it/state.yaml:11: the schema odd-value: nobody knows the format XML
    it/state.yaml:12: the schema empty-value: nobody knows the level SOMETIMES
    it/state.yaml:12: the schema empty-value has neither a `file` nor a `schema`
    ");
}

#[test]
fn later_settings_leave_what_earlier_ones_say() {
    let schema = r#"schemas: { shop.order.v1-value: { type: Avro, schema: "\"string\"" } }"#;
    let text = |settings: &str| format!("settings:\n{settings}\ntopics: {{ shop.order.v1: {{}} }}\n{schema}\n");
    let all = "  schema: { defaults: { compatibility: FULL } }\n  schemas: { defaults: { type: Avro } }\n  topics: { defaults: { \
               partitions: 2 } }";
    let more = "settings:\n  topics: { defaults: { replication: 3 } }\n  schemas: { defaults: {} }\n";
    let found = reading(Tool::KafkaGitops, &[("it/a.yaml", &text(all)), ("it/b.yaml", more)]);
    assert_eq!(topics(&found), "shop.order.v1 2x3");
    assert!(subjects(&found).contains(" FULL: "), "{} {:#?}", subjects(&found), found.left);
}

#[test]
fn keys_of_configs_are_quoted_where_yaml_needs_it() {
    let topics = "topics:\n  shop.a.v1: { partitions: 1, replication: 1, configs: { \"x: y\": \"1\" } }\n  shop.b.v1: { \
                  partitions: 1, replication: 1, configs: { \"x: y\": \"1\" } }\n";
    let made = imported(&reading(Tool::KafkaGitops, &[("it/state.yaml", topics)]));
    assert!(made.created.values().any(|text| text.contains("\"x: y\": 1")), "{:#?}", made.created);
    let texts = made.created.iter().map(|(path, text)| (path.clone(), Ok(Arc::from(text.as_str()))));
    let (_, findings) = load(WorkspaceFiles { texts: texts.collect(), ..WorkspaceFiles::default() });
    assert!(findings.iter().all(|finding| finding.code != "BUS001"), "{findings:#?}");
}
