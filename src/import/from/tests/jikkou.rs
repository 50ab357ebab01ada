use super::*;

pub const TOPICS: &str = r#"
apiVersion: "kafka.jikkou.io/v1"
kind: KafkaTopic
metadata:
  name: shop.order.v1
  labels: { owner: sales, tier: gold }
  annotations: { example.com/description: One record for each order. }
spec:
  partitions: 6
  replicas: 3
  configMapRefs: [Small, Kept, Missing]
  configs: { retention.ms: 2592000000, min.insync.replicas: 2 }
  shelf: 1
---
apiVersion: "core.jikkou.io/v1beta2"
kind: ConfigMap
metadata: { name: Kept }
data: { retention.ms: 1, cleanup.policy: delete, max.message.bytes: 1000 }
---
apiVersion: "core.jikkou.io/v1beta2"
kind: ConfigMap
metadata: { name: Small }
data: { max.message.bytes: 500 }
---
apiVersion: "kafka.jikkou.io/v1beta2"
kind: KafkaTopicList
metadata: { labels: { environment: example } }
items:
  - metadata: { name: shop.stock.v1 }
    spec: { partitions: -1, replicas: -1, configs: { cleanup.policy: compact } }
    configs: { misplaced: 1 }
  - metadata: { name: shop.gone.v1, annotations: { jikkou.io/delete: true } }
    spec: { partitions: 1 }
---
apiVersion: kafka.jikkou.io/v1beta1
kind: KafkaTopicList
spec:
  topics:
    - { name: shop.old.v1, partitions: 2, replication_factor: 1, configs: { cleanup.policy: delete } }
---
apiVersion: kafka.jikkou.io/v1
kind: KafkaUser
metadata: { name: Bob }
spec: { authentications: [{ type: scram-sha-256, password: hunter2 }] }
"#;

pub const ACCESS: &str = r#"
apiVersion: "kafka.jikkou.io/v1beta2"
kind: "KafkaPrincipalRole"
metadata: { name: Reader }
spec:
  acls:
    - { type: ALLOW, operations: [READ, DESCRIBE], resource: { type: topic, pattern: shop., patternType: PREFIXED }, host: "*" }
---
apiVersion: "kafka.jikkou.io/v1beta2"
kind: "KafkaPrincipalAuthorization"
metadata: { name: "User:stock" }
spec:
  roles: [Reader, Nobody]
  acls:
    - resource: { type: GROUP, pattern: stock, patternType: LITERAL }
      type: "ALLOW"
      operations: ['READ']
    - resource: { type: transactional_id, pattern: stock, patternType: LITERAL }
      type: DENY
      operations: [WRITE, CREATE_TOKEN]
      host: 10.0.0.1
    - resource: { type: topic, pattern: '/public-.*/', patternType: MATCH }
      type: ALLOW
      operations: [READ]
---
apiVersion: kafka.jikkou.io/v1beta2
kind: KafkaTopicAuthorizationList
items:
  - metadata: { name: "User:till" }
    spec:
      acls: [{ type: ALLOW, operations: [ALL], resource: { type: topic, pattern: shop.order.v1, patternType: LITERAL } }]
---
apiVersion: kafka.jikkou.io/v1beta1
kind: KafkaAuthorizationList
spec:
  roles:
    - name: Groups
      permissions:
        - { resource: { type: group, pattern: '*', pattern_type: LITERAL }, allow_operations: ['READ:*'] }
  users:
    - principal: 'User:old'
      roles: [Groups]
      permissions:
        - { resource: { type: topic, pattern: old-, pattern_type: PREFIXED }, allow_operations: ['WRITE:10.0.0.2'] }
"#;

pub const QUOTAS: &str = r#"
apiVersion: kafka.jikkou.io/v1
kind: KafkaClientQuota
spec: { type: USER, entity: { user: till }, configs: { producerByteRate: 1024, consumerByteRate: 2048, requestPercentage: 10 } }
---
apiVersion: kafka.jikkou.io/v1beta2
kind: KafkaClientQuotaList
items:
  - spec: { type: CLIENT, entity: { clientId: app }, configs: { producerByteRate: 1 } }
  - spec: { type: USERS_DEFAULT, configs: { producerByteRate: 2 } }
  - spec: { type: CLIENTS_DEFAULT, configs: { producerByteRate: 3 } }
  - spec: { type: USER_CLIENT, entity: { user: till, clientId: app }, configs: { producerByteRate: 4 } }
  - spec: { type: USER_ALL_CLIENTS, entity: { user: till }, configs: { producerByteRate: 5, shelf: 1 } }
  - spec: { type: USER, entity: { clientId: app }, configs: { producerByteRate: 6 } }
"#;

pub const SUBJECTS: &str = r#"
apiVersion: "schemaregistry.jikkou.io/v1beta2"
kind: SchemaRegistrySubject
metadata: { name: shop.order.v1-value, annotations: { schemaregistry.jikkou.io/normalize-schema: true } }
spec:
  compatibilityLevel: FULL_TRANSITIVE
  schemaType: AVRO
  schema: |
    {"type": "record", "name": "Order", "fields": []}
  references:
    - { name: shop.Money, subject: shop-money, version: 3 }
    - { name: shop.Name, subject: shop-name }
  mode: READWRITE
---
apiVersion: "schemaregistry.jikkou.io/v1"
kind: SchemaRegistrySubject
metadata: { name: shop-money }
spec: { schemaType: PROTOBUF, schema: { $ref: ./money.proto } }
---
apiVersion: "schemaregistry.jikkou.io/v1"
kind: SchemaRegistrySubject
metadata: { name: shop-name }
spec: { schemaType: JSON, schema: { $ref: "{{ resource.directoryPath }}/name.json" } }
---
apiVersion: "schemaregistry.jikkou.io/v1"
kind: SchemaRegistrySubject
metadata: { name: shop-lost }
spec: { schema: { $ref: lost.avsc } }
"#;

#[test]
fn every_key_of_topics_is_taken_over_or_said() {
    let found = reading(Tool::Jikkou, &[("it/topics.yaml", TOPICS)]);
    insta::assert_snapshot!(topics(&found), @"
    shop.old.v1 2x1 cleanup.policy=delete
    shop.order.v1 6x3 cleanup.policy=delete max.message.bytes=1000 min.insync.replicas=2 retention.ms=2592000000
    shop.stock.v1 0x0 cleanup.policy=compact
    ");
    let about = &found.found.topics["shop.order.v1"].about;
    assert_eq!(about.owner.as_deref(), Some("sales"));
    assert_eq!(about.description.as_deref(), Some("One record for each order."));
    assert_eq!(about.notes, ["labels: tier=gold"]);
    insta::assert_snapshot!(left(&found), @"
    it/topics.yaml:11: no ConfigMap is called Missing
    it/topics.yaml:13: `shelf` of the KafkaTopic shop.order.v1 is not taken over
    it/topics.yaml:31: `configs` of the KafkaTopic shop.stock.v1 is not taken over
    it/topics.yaml:32: the KafkaTopic shop.gone.v1 is to be deleted or ignored, and is not taken over
    ");
}

#[test]
fn users_are_taken_over_without_their_passwords() {
    let text = "kind: User\nmetadata: { name: Bob, labels: { tier: gold } }\nspec:\n  authentications:\n    - { type: SCRAM_SHA_256, \
                password: hunter2, iterations: 8192, salt: x }\n    - { type: scram-sha-512, password: null }\n    - { type: plain }\n";
    let found = reading(Tool::Jikkou, &[("it/users.yaml", text)]);
    insta::assert_snapshot!(left(&found), @"it/users.yaml:7: the user Bob logs in with `plain`, which is not taken over");
    let made = imported(&found);
    assert_eq!(
        made.left,
        [
            "the SCRAM user Bob: the files that this was imported from have its password in the file it/users.yaml, which is no place for it; \
          add it to `scram_users` of the cluster, or to its service: { password: vault:PATH#FIELD, mechanisms: [scram-sha-256, \
          scram-sha-512], iterations: 8192 }"
        ]
    );
    assert!(!format!("{found:?}{made:?}").contains("hunter2"));
}

#[test]
fn every_key_of_access_is_taken_over_or_said() {
    let found = reading(Tool::Jikkou, &[("it/access.yaml", ACCESS)]);
    insta::assert_snapshot!(acls(&found), @"
    User:old group *: read
    User:old topic old-* from 10.0.0.2: write
    User:stock group stock: read
    User:stock topic shop.*: read describe
    User:stock transactional_id stock from 10.0.0.1: not write create_tokens
    User:till topic shop.order.v1: all
    ");
    insta::assert_snapshot!(left(&found), @"
    it/access.yaml:13: no KafkaPrincipalRole is called Nobody
    it/access.yaml:22: the ACL is not taken over: a MATCH stands for the topics that the cluster has when it is applied; import these from the cluster
    ");
}

#[test]
fn quotas_are_of_whom_they_are_for() {
    let found = reading(Tool::Jikkou, &[("it/quotas.yaml", QUOTAS)]);
    insta::assert_snapshot!(quotas(&found), @r#"
    {"user": Some("till")} {"consumer_byte_rate": 2048.0, "producer_byte_rate": 1024.0, "request_percentage": 10.0}
    {"client-id": Some("app")} {"producer_byte_rate": 1.0}
    {"user": None} {"producer_byte_rate": 2.0}
    {"client-id": None} {"producer_byte_rate": 3.0}
    {"client-id": Some("app"), "user": Some("till")} {"producer_byte_rate": 4.0}
    {"client-id": None, "user": Some("till")} {"producer_byte_rate": 5.0}
    "#);
    insta::assert_snapshot!(left(&found), @"
    it/quotas.yaml:13: `shelf` of `configs` of the KafkaClientQuota is not taken over
    it/quotas.yaml:14: the quota is not taken over: its `entity` does not fit its `type`
    ");
}

#[test]
fn schemas_stand_in_the_resource_or_in_a_file_beside_it() {
    let texts = [
        ("it/subjects/a.yaml", SUBJECTS),
        ("it/subjects/money.proto", "syntax = \"proto3\";"),
        ("it/subjects/name.json", "{\"type\": \"string\"}"),
    ];
    let found = reading(Tool::Jikkou, &texts);
    insta::assert_snapshot!(subjects(&found), @r#"
    shop-money Protobuf -: syntax = "proto3";
    shop-name Json -: {"type": "string"}
    shop.order.v1-value Avro FULL_TRANSITIVE shop.Money=shop-money@3 shop.Name=shop-name@0: {"type": "record", "name": "Order", "fields": []}
    "#);
    insta::assert_snapshot!(left(&found), @"
    it/subjects/a.yaml:13: `mode` of the SchemaRegistrySubject shop.order.v1-value: it is no matter of manifests
    it/subjects/a.yaml:28: it/subjects/lost.avsc: there is no such file: see the name
    ");
    assert_eq!(found.unread, 1);
}
