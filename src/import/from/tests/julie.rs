use super::*;

pub const TOPOLOGY: &str = r#"
---
context: shop
company: acme
env: prod
projects:
  - name: orders
    consumers:
      - principal: User:audit
        metadata: { system: ledger, owner: finance }
      - principal: User:stock
        group: stock
    producers:
      - { principal: "User:till", transactionId: till-*, idempotence: true }
    streams:
      - principal: User:counts
        applicationId: counter
        exactlyOnce: true
        observerPrincipals: [{ principal: "User:eye" }]
        topics: { read: [shop.acme.prod.orders.placed.avro], write: [elsewhere] }
      - principal: User:plain
        topics: { read: [a] }
    connectors:
      access_control:
        - principal: User:search
          group: search
          status_topic: search-status
          offset_topic: search-offsets
          configs_topic: search-configs
          cluster_id: c
          connectors: [sink]
          topics: { read: [a], write: [b] }
      artefacts:
        - { path: a.json, server: s, name: sink }
    ksql:
      access_control:
        - { principal: "User:ksql", ksqlDbId: k, applicationId: ksql-, topics: { read: [a], write: [b] } }
    schemas: [{ principal: "User:s", subjects: [a] }]
    rbac: [{ ResourceOwner: [{ principal: "User:r" }] }]
    mirrorMaker:
      - { principal: "User:mirror", targetPrefix: target., group: mm }
    unheard: [{ principal: "User:x" }]
    topics:
      - name: placed
        dataType: avro
        plan: gold
        description: One record for each order.
        metadata: { owner: sales, domain: Sales }
        config: { replication.factor: "3", num.partitions: "6", retention.ms: "1", cleanup.policy: delete }
        consumers: [{ principal: "User:one", group: one-* }]
        producers: [{ principal: "User:two" }]
        schemas:
          key.schema.file: schemas/key.avsc
          value.schema.file: schemas/placed.avsc
          value.format: AVRO
          value.compatibility: FULL
          shelf: 1
      - name: paid
        plan: silver
        subject.name.strategy: TopicRecordNameStrategy
        schemas:
          - { value.schema.file: schemas/placed.avsc, value.record.type: shop.Paid }
        shelf: 1
special_topics:
  - { name: legacy.topic, config: { num.partitions: "1", replication.factor: "1" } }
platform:
  kafka:
    quotas: [{ principal: "User:till", producer_byte_rate: 1024, consumer_byte_rate: 2048, request_percentage: 50.0 }]
    rbac: { SecurityAdmin: [{ principal: "User:admin" }] }
  kafka_connect: { rbac: {} }
  schema_registry:
    instances: [{ principal: "User:registry" }]
  control_center:
    instances: [{ principal: "User:center", appId: cc }]
  ksql:
    instances: [{ principal: "User:ksqldb", ksqlDbId: k, owner: o }]
"#;

pub const PLANS: &str = "plans:\n  gold:\n    alias: gold\n    config: { retention.ms: \"5000\" }\n    shelf: 1\n";

pub const ROLES: &str = r#"
roles:
  - name: mirrorMaker
    acls:
      - { resourceType: Topic, resourceName: "{{targetPrefix}}", patternType: PREFIXED, host: "*", operation: ALL, permissionType: ALLOW }
      - { resourceType: Group, resourceName: "{{group}}", patternType: LITERAL, host: "*", operation: READ, permissionType: ALLOW }
      - { resourceType: Topic, resourceName: "{{statusTopic}}", patternType: LITERAL, host: "*", operation: ALL, permissionType: ALLOW }
"#;

fn topology(texts: &[(&str, &str)]) -> Reading {
    let own = [
        ("it/topology.yaml", TOPOLOGY),
        ("it/schemas/key.avsc", "\"string\""),
        ("it/schemas/placed.avsc", "{\"type\":\"record\",\"name\":\"P\",\"fields\":[]}"),
    ];
    reading(Tool::Julie, &[&own[..], texts].concat())
}

#[test]
fn every_key_of_a_topology_is_taken_over_or_said() {
    let found = topology(&[("it/plans.yaml", PLANS), ("it/roles.yaml", ROLES)]);
    insta::assert_snapshot!(topics(&found), @"
    legacy.topic 1x1
    shop.acme.prod.orders.paid 0x0
    shop.acme.prod.orders.placed.avro 6x3 cleanup.policy=delete retention.ms=5000
    ");
    insta::assert_snapshot!(acls(&found), @"
    User:audit group *: read
    User:audit topic shop.acme.prod.orders.paid: read describe
    User:audit topic shop.acme.prod.orders.placed.avro: read describe
    User:center cluster kafka-cluster: describe describe_configs
    User:center group *: describe
    User:center group cc*: read
    User:center group cc-command*: read
    User:center topic *: create
    User:center topic _confluent-command: read write create describe
    User:center topic _confluent-controlcenter*: read write create describe
    User:center topic _confluent-metrics: read write create describe
    User:center topic _confluent-monitoring: read write create describe
    User:counts group counter*: read
    User:counts topic counter*: all
    User:counts topic elsewhere: write
    User:counts topic shop.acme.prod.orders.placed.avro: read
    User:counts transactional_id counter*: write describe
    User:eye group counter*: read
    User:eye topic counter*: read describe
    User:eye transactional_id counter*: read describe
    User:ksql group ksql-*: all
    User:ksql topic a: read
    User:ksql topic b: write
    User:ksql topic ksql-*: all
    User:ksqldb cluster kafka-cluster: describe_configs
    User:ksqldb group _confluent-ksql-k*: all
    User:ksqldb topic _confluent-ksql-k*: all
    User:ksqldb topic kksql_processing_log: all
    User:mirror group mm: read
    User:mirror topic target.*: all
    User:one group one-*: read
    User:one topic shop.acme.prod.orders.placed.avro: read describe
    User:plain group shop.acme.prod.orders.*: read
    User:plain topic a: read
    User:plain topic shop.acme.prod.orders.*: all
    User:registry group schema-registry: read
    User:registry topic __consumer_offsets: describe
    User:registry topic _schemas: read write create describe describe_configs
    User:search group search: read
    User:search topic a: read
    User:search topic b: write
    User:search topic search-configs: read write
    User:search topic search-offsets: read write
    User:search topic search-status: read write
    User:stock group stock: read
    User:stock topic shop.acme.prod.orders.paid: read describe
    User:stock topic shop.acme.prod.orders.placed.avro: read describe
    User:till cluster kafka-cluster: idempotent_write
    User:till topic shop.acme.prod.orders.paid: write describe
    User:till topic shop.acme.prod.orders.placed.avro: write describe
    User:till transactional_id till-*: write describe
    User:two topic shop.acme.prod.orders.placed.avro: write describe
    ");
    insta::assert_snapshot!(quotas(&found), @r#"{"user": Some("till")} {"consumer_byte_rate": 2048.0, "producer_byte_rate": 1024.0, "request_percentage": 50.0}"#);
    insta::assert_snapshot!(subjects(&found), @r#"
    shop.acme.prod.orders.paid-shop.Paid Avro -: {"type":"record","name":"P","fields":[]}
    shop.acme.prod.orders.placed.avro-key Avro -: "string"
    shop.acme.prod.orders.placed.avro-value Avro FULL: {"type":"record","name":"P","fields":[]}
    "#);
    let about = &found.found.topics["shop.acme.prod.orders.placed.avro"].about;
    assert_eq!(about.owner.as_deref(), Some("sales"));
    assert_eq!(about.description.as_deref(), Some("One record for each order."));
    assert_eq!(about.notes, ["metadata: domain=Sales"]);
    let audit = &found.found.principals[&"User:audit".parse().expect("a principal")];
    assert_eq!(
        (audit.owner.as_deref(), &audit.notes[..]),
        (Some("finance"), &["metadata: system=ledger".to_owned()][..])
    );
    insta::assert_snapshot!(left(&found), @"
    it/plans.yaml:5: `shelf` of the plan gold is not taken over
    it/topology.yaml:57: `shelf` of `schemas` of the topic shop.acme.prod.orders.placed.avro is not taken over
    it/topology.yaml:59: the topic shop.acme.prod.orders.paid: no file here has the plan silver
    it/topology.yaml:63: `shelf` of the topic shop.acme.prod.orders.paid is not taken over
    it/topology.yaml:33: `artefacts` of `connectors` of the project orders: it is for Connect and ksqlDB, not for Kafka
    it/topology.yaml:30: `cluster_id` of the connector User:search: it is for roles of Confluent's platform
    it/topology.yaml:31: `connectors` of the connector User:search: it is for roles of Confluent's platform
    it/topology.yaml:37: `ksqlDbId` of the ksqlDB application User:ksql: it is for roles of Confluent's platform
    it/topology.yaml:38: `schemas` of the project orders: rights in the registry and roles of Confluent's platform are no ACLs of Kafka
    it/topology.yaml:39: `rbac` of the project orders: rights in the registry and roles of Confluent's platform are no ACLs of Kafka
    it/roles.yaml:7: User:mirror says nothing that `{{statusTopic}}` stands for
    it/topology.yaml:42: `unheard`: no file here has a role of that name
    it/topology.yaml:69: `rbac` of `kafka` of `platform` of the topology shop: roles of Confluent's platform are no ACLs of Kafka
    it/topology.yaml:70: `rbac` of `kafka_connect` of `platform` of the topology shop: roles of Confluent's platform are no ACLs of Kafka
    it/topology.yaml:76: `owner` of the ksqlDB server User:ksqldb: it is for roles of Confluent's platform
    ");
}

#[test]
fn names_are_made_as_the_properties_say() {
    let text = "context: c\nsource: s\nprojects:\n  - name: p\n    topics: [{ name: t, dataType: json }, { name: u }]\n    \
                consumers: [{ principal: \"User:a\", group: a }]\n";
    let named = |properties: &str| {
        let found = reading(Tool::Julie, &[("it/a.yaml", text), ("it/julie.properties", properties)]);
        (topics(&found), acls(&found))
    };
    assert_eq!(named("").0, "c.s.p.t.json 0x0\nc.s.p.u 0x0");
    assert_eq!(named("topology.topic.prefix.separator=_\n").0, "c_s_p_t_json 0x0\nc_s_p_u 0x0");
    let custom = "topology.topic.prefix.format = {{source}}-{{context}}-{{project}}-{{topic}}\n\
                  topology.project.prefix.format=\"{{source}}-{{context}}-{{project}}\"\ntopology.acls.optimized=true\n";
    let (topics, acls) = named(custom);
    assert_eq!(topics, "s-c-p-t 0x0\ns-c-p-u 0x0");
    assert_eq!(acls, "User:a group a: read\nUser:a topic s-c-p*: read describe");
    assert_eq!(named("topology.acls.optimized=true\n").1, "User:a group a: read\nUser:a topic c.s.p.*: read describe");
    assert_eq!(named("topology.topic.prefix.format=name\ntopology.project.prefix.format=name\n").0, "t 0x0\nu 0x0");
}

#[test]
fn topics_for_dead_letters_are_made_where_julie_makes_them() {
    let text = "context: c\nprojects:\n  - name: p\n    producers: [{ principal: \"User:a\" }]\n    topics:\n      \
                - name: t\n        dataType: avro\n        description: One record for each order.\n        metadata: { owner: sales }\n        \
                config: { num.partitions: \"2\", retention.ms: \"5\" }\n        \
                consumers: [{ principal: \"User:b\", group: b }]\n        schemas: { value.schema.string: '\"int\"' }\n      - name: u\n";
    let made = |properties: &str| {
        let properties = format!("topology.dlq.topics.generate=true\n{properties}");
        reading(Tool::Julie, &[("it/a.yaml", text), ("it/julie.properties", &properties)])
    };
    let names = |properties: &str| {
        let names = made(properties).found.topics.into_keys().map(|name| name.to_string());
        names.filter(|name| !["c.p.t.avro", "c.p.u"].contains(&name.as_str())).collect::<Vec<_>>()
    };
    let all = made("");
    assert_eq!(
        topics(&all),
        "c.p.t.avro 2x0 retention.ms=5\nc.p.t.avro.dlq 2x0 retention.ms=5\nc.p.u 0x0\nc.p.u.dlq 0x0"
    );
    assert_eq!(
        acls(&all),
        "User:a topic c.p.t.avro.dlq: write describe\nUser:a topic c.p.t.avro: write describe\n\
         User:a topic c.p.u.dlq: write describe\nUser:a topic c.p.u: write describe\n\
         User:b group b: read\nUser:b topic c.p.t.avro.dlq: read describe\nUser:b topic c.p.t.avro: read describe"
    );
    assert_eq!(subjects(&all), "c.p.t.avro-value Avro -: \"int\"\nc.p.t.avro.dlq-value Avro -: \"int\"");
    let about = &all.found.topics["c.p.t.avro.dlq"].about;
    assert_eq!((about.description.as_deref(), about.owner.as_deref()), (None, Some("sales")));
    assert_eq!(left(&all), "");
    assert_eq!(names("topology.dlq.topics.allow.list.0=c\\\\.p\\\\..*avro\n"), ["c.p.t.avro.dlq"]);
    assert_eq!(names("topology.dlq.topics.allow.list.0=c.p\n"), [""; 0]);
    assert_eq!(names("topology.dlq.topics.deny.list.0=.*avro\ntopology.topic.dlq.label=dead\n"), ["c.p.u.dead"]);
    let custom = "topology.topic.dlq.prefix.format={{dlq}}.{{context}}.{{topic}}\n";
    assert_eq!(names(custom), ["dlq.c.t", "dlq.c.u"]);
    let broken = "topology.dlq.topics.allow.list.0=(\ntopology.dlq.topics.deny.list=a\n";
    assert_eq!(
        left(&made(broken)),
        "it/julie.properties:2: topology.dlq.topics.allow.list.0: `(` is not understood as a regular expression\n\
         it/julie.properties:3: topology.dlq.topics.deny.list: a list is written with a number behind each of its keys"
    );
}
