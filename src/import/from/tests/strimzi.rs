use super::*;

pub const TOPIC: &str = r#"
apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata:
  name: shop-order-v1
  namespace: kafka
  uid: 0b5e
  labels: { strimzi.io/cluster: main, team: sales }
  annotations: { example.com/description: One record for each order. }
spec:
  topicName: shop.order.v1
  partitions: 6
  replicas: 3
  config:
    retention.ms: 2592000000
    cleanup.policy: delete
    preallocate: True
  colour: red
status:
  observedGeneration: 1
---
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata: { name: shop.stock.v1, labels: { strimzi.io/cluster: main } }
---
apiVersion: kafka.strimzi.io/v1
kind: KafkaConnector
metadata: { name: to-search, labels: { strimzi.io/cluster: connect } }
spec: { class: Search }
"#;

pub const USER: &str = r#"
apiVersion: v1
kind: List
items:
  - apiVersion: kafka.strimzi.io/v1
    kind: KafkaUser
    metadata: { name: till, labels: { strimzi.io/cluster: main } }
    spec:
      authentication: { type: tls }
      authorization:
        type: simple
        acls:
          - resource: { type: topic, name: shop.order.v1, patternType: literal }
            operations: [Write, Describe]
            host: "*"
          - resource: { type: transactionalId, name: till-, patternType: prefix }
            operation: Write
          - resource: { type: cluster }
            operations: [IdempotentWrite]
          - type: deny
            resource: { type: group, name: "*" }
            operations: [Delete]
            host: 10.0.0.1
          - resource: { type: topic, name: a }
            operations: [Fly]
      quotas: { producerByteRate: 1048576, consumerByteRate: 2097152, requestPercentage: 55, controllerMutationRate: 10 }
      template: { secret: {} }
  - apiVersion: kafka.strimzi.io/v1
    kind: KafkaUser
    metadata: { name: stock, labels: { strimzi.io/cluster: main } }
    spec:
      authentication: { type: scram-sha-512, password: { valueFrom: { secretKeyRef: { name: s, key: k } } } }
      authorization: { type: simple, acls: [{ resource: { type: topic, name: shop., patternType: prefix }, operations: [Read] }] }
  - apiVersion: kafka.strimzi.io/v1
    kind: KafkaUser
    metadata: { name: other, labels: { strimzi.io/cluster: main } }
    spec: { authorization: { type: custom } }
"#;

#[test]
fn every_key_of_topics_and_users_is_taken_over_or_said() {
    let found = reading(Tool::Strimzi, &[("it/topics.yaml", TOPIC), ("it/users.yaml", USER)]);
    insta::assert_snapshot!(topics(&found), @"
    shop.order.v1 6x3 cleanup.policy=delete preallocate=true retention.ms=2592000000
    shop.stock.v1 0x0
    ");
    let about = &found.found.topics["shop.order.v1"].about;
    assert_eq!(about.owner.as_deref(), Some("sales"));
    assert_eq!(about.description.as_deref(), Some("One record for each order."));
    assert_eq!(about.notes, ["namespace: kafka"]);
    insta::assert_snapshot!(acls(&found), @"
    User:CN=till cluster kafka-cluster: idempotent_write
    User:CN=till group * from 10.0.0.1: not delete
    User:CN=till topic shop.order.v1: write describe
    User:CN=till transactional_id till-*: write
    User:stock topic shop.*: read
    ");
    insta::assert_snapshot!(quotas(&found), @r#"{"user": Some("CN=till")} {"consumer_byte_rate": 2097152.0, "controller_mutation_rate": 10.0, "producer_byte_rate": 1048576.0, "request_percentage": 55.0}"#);
    insta::assert_snapshot!(left(&found), @"
    it/topics.yaml:18: `colour` of `spec` of the KafkaTopic shop-order-v1 is not taken over
    it/topics.yaml:26: the KafkaConnector to-search: topics and users alone are taken over
    it/users.yaml:25: the ACL is not taken over: nobody knows the operation Fly
    it/users.yaml:24: an ACL of User:CN=till allows nothing that is known
    it/users.yaml:27: `template` of `spec` of the KafkaUser till: it is for Kubernetes
    it/users.yaml:37: the authorization custom of other has no ACLs
    ");
}

#[test]
fn a_user_that_logs_in_with_scram_is_asked_about_with_the_secret_that_has_its_password() {
    let user = |name: &str, password: &str| {
        format!(
            "kind: KafkaUser\nmetadata: {{ name: {name} }}\nspec:\n  authentication: {{ type: scram-sha-512{password} }}\n  \
             quotas: {{ producerByteRate: 1048576 }}\n---\n"
        )
    };
    let text = user("made", "") + &user("named", ", password: { valueFrom: { secretKeyRef: { name: s, key: k } } }");
    let found = reading(Tool::Strimzi, &[("it/users.yaml", &text)]);
    assert_eq!(left(&found), "");
    let made = imported(&found);
    let of = |name: &str| made.created[Path::new(&format!("acls/{name}.yaml"))].clone();
    let asked = |secret: &str| {
        format!(
            "# question: where is its password kept? The files that this was imported from have it in {secret}. Write \
             `scram: {{ password: vault:PATH#FIELD }}` here; until then it stays as it is\n"
        )
    };
    assert!(of("made").contains(&asked("`password` of the Kubernetes secret `made`")), "{}", of("made"));
    assert!(of("named").contains(&asked("`k` of the Kubernetes secret `s`")), "{}", of("named"));
    assert!(made.questions.contains(&"where is the SCRAM password of User:made kept? (acls/made.yaml)".to_owned()));
}

#[test]
fn of_several_clusters_one_is_read() {
    let of = |name: &str, cluster: &str| {
        format!("kind: KafkaTopic\nmetadata: {{ name: {name}, labels: {{ strimzi.io/cluster: {cluster} }} }}\n---\n")
    };
    let text = of("a", "one") + &of("b", "two") + &of("c", "two");
    let found = of_cluster(Tool::Strimzi, &[("it/a.yaml", &text)], Some("one"));
    assert_eq!(topics(&found), "a 0x0");
    assert_eq!(left(&found), "2 things of cluster `two`: import it on its own, with --cluster two");
    assert_eq!(reading(Tool::Strimzi, &[("it/a.yaml", &text)]).clusters.len(), 2);
}

#[test]
fn what_the_operator_leaves_alone_and_what_is_kafkas_own_is_said() {
    let text = "kind: KafkaTopic\nmetadata: { name: a, annotations: { strimzi.io/managed: \"false\" } }\nspec: { partitions: 1 }\n---\n\
                kind: KafkaTopic\nmetadata: { name: b, labels: { helm.sh/chart: c, app.kubernetes.io/managed-by: Helm, tier: gold } }\n---\n\
                kind: KafkaTopic\nmetadata: { name: offsets }\nspec: { topicName: __consumer_offsets }\n";
    let found = reading(Tool::Strimzi, &[("it/a.yaml", text)]);
    assert_eq!(topics(&found), "b 0x0");
    assert_eq!(found.found.topics["b"].about.notes, ["labels: tier=gold"]);
    insta::assert_snapshot!(left(&found), @r"
    it/a.yaml:1: the KafkaTopic a: strimzi.io/managed is false, so that the operator leaves it as it is
    it/a.yaml:8: the topic __consumer_offsets is Kafka's own, or one of busctl's
    ");
    assert!(found.questions[0].starts_with("who looks after these topics and users from now on?"));
}

#[test]
fn json_is_read_as_yaml_is_and_other_json_is_said_once() {
    let list = "{\n\t\"kind\": \"List\",\n\t\"items\": [\n\t\t{ \"kind\": \"KafkaTopic\", \"metadata\": { \"name\": \"a\", \"annotations\": \
                { \"description\": \"caf\\u00e9 \\ud83d\\ude00 \\/\" } }, \"spec\": { \"partitions\": 2, \"config\": { \"retention.ms\": 1000 } } }\n\t]\n}\n";
    let found = reading(Tool::Strimzi, &[("it/a.json", list), ("it/b.json", "{}"), ("it/c.json", "[1]")]);
    assert_eq!(topics(&found), "a 2x0 retention.ms=1000");
    assert_eq!(found.found.topics["a"].about.description.as_deref(), Some("café 😀 /"));
    assert_eq!(left(&found), "it/b.json and 1 more JSON file: nothing of the tool is in there");
}

#[test]
fn ten_thousand_topics_of_one_export_are_read() {
    let topic = |number: usize| {
        format!(
            "- apiVersion: kafka.strimzi.io/v1\n  kind: KafkaTopic\n  metadata:\n    name: shop.order-{number}.v1\n    \
             namespace: kafka\n    labels:\n      strimzi.io/cluster: main\n  spec:\n    partitions: 6\n    replicas: 3\n    \
             config:\n      retention.ms: 604800000\n      cleanup.policy: delete\n  status:\n    observedGeneration: 1\n"
        )
    };
    let topics: String = (0..10_000).map(topic).collect();
    let text = format!("apiVersion: v1\nkind: List\nitems:\n{topics}");
    let found = reading(Tool::Strimzi, &[("it/topics.yaml", &text)]);
    assert_eq!((found.found.topics.len(), found.unread, left(&found)), (10_000, 0, String::new()));
}
