//! The small workspace that most tests start from: one domain, two services, a keyed topic with a schema.

use busctl::adapters::kafka::KafkaClient;
use busctl::model::TopicName;
use busctl::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType, KafkaAdmin, NewTopic};

use super::server::{Bus, password};
use super::workspace::{Run, Scratch};

/// A workspace whose topics, subjects and principals all start with a word that is the test's own.
pub fn workspace(bus: &Bus, domain: &str) -> Scratch {
    let scratch = bare(bus, domain);
    scratch.write(&topic_file(domain, "order"), topic(domain, "order"));
    scratch.write(&format!("schemas/{domain}/{domain}.order.v1.avsc"), order(domain));
    scratch.write("acls/writer.yaml", format!("service: {domain}-writer\nproduces: [{domain}.order.v1]\n"));
    scratch.write("acls/reader.yaml", format!("service: {domain}-reader\nconsumes: [{domain}.order.v1]\n"));
    scratch
}

/// The same without a topic.
pub fn bare(bus: &Bus, domain: &str) -> Scratch {
    let scratch = Scratch::with(&[("busctl.yaml", SETTINGS)]);
    connect(&scratch, domain, &sasl(bus, "admin"));
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {}\n", bus.registry.url));
    scratch.write(
        "catalog/catalog.yaml",
        format!(
            "domains:\n  {domain}: {{ owner: sales }}\n\
             services:\n  {domain}-writer: {{ owner: sales }}\n  {domain}-reader: {{ owner: sales }}\n\
             teams:\n  sales: {{ contacts: {{ email: sales@example.com }} }}\n"
        ),
    );
    scratch
}

/// Writes the cluster's manifest with this connection.
pub fn connect(scratch: &Scratch, domain: &str, connection: &str) {
    scratch.write(
        "clusters/main.yaml",
        format!(
            "cluster: main\nenvironment: dev\nconnection:\n{connection}schema_registry: main\n\
             manages: {{ topics: [\"{domain}.*\"], groups: [\"*\"], principals: [\"User:{domain}-*\"] }}\n\
             defaults: {{ replication_factor: 1, min_insync_replicas: 1 }}\n\
             kafka: {{ deployment: self_managed, authorizer: standard, super_users: [{SUPER_USERS}], {ANY_DISK}, \
             nodes: [{{ id: 1, roles: [broker, controller] }}] }}\n"
        ),
    );
    for login in super::server::LOGINS {
        scratch.write(&format!("secrets/{login}"), password(login));
    }
}

/// Those of the broker that most tests share. Where there is no authorizer, there are none.
pub const SUPER_USERS: &str = r#""User:admin", "User:ANONYMOUS""#;

/// How full the disk of whoever runs the tests may be.
pub const ANY_DISK: &str = "storage: { per_broker: 1TiB, ingest: 1B/s, max_use: 100% }";

/// A connection as one of the logins.
pub fn sasl(bus: &Bus, login: &str) -> String {
    format!(
        "  bootstrap: [\"127.0.0.1:{}\"]\n  sasl: {{ mechanism: plain, username: {login}, password: file:secrets/{login} }}\n",
        bus.sasl
    )
}

/// A connection without security.
pub fn plain(port: u16) -> String {
    format!("  bootstrap: [\"127.0.0.1:{port}\"]\n")
}

/// The path of a topic's manifest.
pub fn topic_file(domain: &str, event: &str) -> String {
    format!("topics/{domain}/{domain}.{event}.v1.yaml")
}

/// A topic's manifest.
pub fn topic(domain: &str, event: &str) -> String {
    format!(
        "topic: {domain}.{event}.v1\nclass: processed\ndescription: One record for each {event}.\nkey: id\n\
         producers: [{domain}-writer]\nconsumers: [{domain}-reader]\n\
         retention_rationale: Two weeks are enough to do it again.\nchange_request: CR-1\n"
    )
}

const SETTINGS: &str = "version: 1
classes:
  processed: { cleanup: [delete], retention: 14d }
  state: { cleanup: [compact] }
  audit: { cleanup: [compact, delete], retention: 90d }
";

/// The schema of an order. Each test has a namespace of its own, so that no two register the same content.
pub fn order(domain: &str) -> String {
    format!(
        r#"{{
  "type": "record",
  "name": "Order",
  "namespace": "example.{domain}",
  "doc": "One order.",
  "fields": [{{ "name": "id", "type": "string", "doc": "The order's id." }}]
}}
"#
    )
}

/// A second version of it that old readers and new ones can live with.
pub fn order_with_note(domain: &str) -> String {
    let note = r#" }, { "name": "note", "type": ["null", "string"], "default": null, "doc": "What they wrote." }]"#;
    order(domain).replace(" }]", note)
}

/// Each change of a plan in one line: what, risk, fields before and after.
pub fn changes(run: &Run) -> String {
    let plan = run.json();
    let value = |side: &serde_json::Value| match (side.get("shown"), side.get("value")) {
        (Some(serde_json::Value::String(text)), _) | (_, Some(serde_json::Value::String(text))) => text.clone(),
        _ => "·".to_owned(),
    };
    let mut lines = Vec::new();
    for change in plan["changes"].as_array().unwrap() {
        let word = |key: &str| change[key].as_str().unwrap().to_owned();
        let fields = change["fields"].as_array().unwrap().iter().map(|field| {
            format!("{} {} → {}", field["field"].as_str().unwrap(), value(&field["before"]), value(&field["after"]))
        });
        let fields = fields.collect::<Vec<_>>().join("; ");
        lines.push(format!("{} {} [{}] {fields}", word("action"), word("address"), word("risk")));
    }
    lines.join("\n")
}

/// What the findings of a plan are: codes and levels.
pub fn findings(run: &Run) -> Vec<String> {
    let plan = run.json();
    let findings = plan["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| format!("{} {}", finding["code"].as_str().unwrap(), finding["level"].as_str().unwrap()))
        .collect()
}

/// What the findings of a plan say, in order of their codes.
pub fn said(run: &Run) -> Vec<String> {
    let plan = run.json();
    let findings = plan["findings"].as_array().unwrap().iter();
    let mut said: Vec<String> = findings
        .map(|finding| format!("{}: {}", finding["code"].as_str().unwrap(), finding["message"].as_str().unwrap()))
        .collect();
    said.sort();
    said
}

/// Applies, and shows that nothing is left to do.
#[track_caller]
pub fn apply(scratch: &Scratch) {
    scratch.run(&["apply", "--yes", "--allow", "destructive"]).ended(0);
    assert_settled(scratch);
}

/// Fails unless a plan has nothing to do.
#[track_caller]
pub fn assert_settled(scratch: &Scratch) {
    let plan = scratch.run(&["plan", "--detailed-exitcode", "--format", "json"]).ended(0);
    assert_eq!(changes(&plan), "");
}

/// The plan as JSON.
#[track_caller]
pub fn plan(scratch: &Scratch) -> Run {
    scratch.run(&["plan", "--format", "json"])
}

/// A name of a topic.
pub fn name(text: &str) -> TopicName {
    text.parse().unwrap()
}

/// Creates a topic by hand.
pub async fn create_topic(hand: &KafkaClient, topic: &str, partitions: u32, configs: &[(&str, &str)]) {
    let topic = NewTopic {
        name: name(topic),
        partitions,
        replication_factor: 1,
        configs: configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect(),
    };
    let names = [topic.name.clone()];
    hand.create_topics(&[topic], false).await.remove(0).unwrap();
    eventually("the topic is served", || async { hand.describe_topics(&names).await.unwrap()[0].is_ok() }).await;
}

/// Sets or resets a config by hand.
pub async fn set_config(hand: &KafkaClient, topic: &str, key: &str, value: Option<&str>) {
    let alterations = vec![(key.into(), value.map(str::to_owned))];
    hand.alter_topic_configs(&[(name(topic), alterations)], false).await.remove(0).unwrap();
    // The brokers serve a config a moment after the controller took it.
    eventually("the config is served", || async {
        let served = hand.topic_configs(&[name(topic)]).await.unwrap();
        served.overrides[topic].as_ref().unwrap().get(key).map(String::as_str) == value
    })
    .await;
}

/// Waits until something holds.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never came true: {what}");
}

/// An ACL that allows a user something everywhere.
pub fn acl(user: &str, resource: AclResourceType, resource_name: &str, operation: AclOperation) -> Acl {
    let (name, pattern) = resource_name.parse::<busctl::model::Pattern>().unwrap().to_acl();
    Acl {
        resource,
        name: name.into(),
        pattern,
        principal: format!("User:{user}").parse().unwrap(),
        host: "*".into(),
        operation,
        permission: AclPermission::Allow,
    }
}

/// Adds ACLs by hand and waits until they are served.
pub async fn grant(hand: &KafkaClient, acls: &[Acl]) {
    for outcome in hand.create_acls(acls).await {
        outcome.unwrap();
    }
    eventually("the ACLs are served", || async {
        let served = hand.acls().await.unwrap();
        acls.iter().all(|acl| served.contains(acl))
    })
    .await;
}

/// Takes ACLs away by hand and waits until they are gone.
pub async fn revoke(hand: &KafkaClient, acls: &[Acl]) {
    for outcome in hand.delete_acls(acls).await {
        outcome.unwrap();
    }
    eventually("the ACLs are gone", || async {
        let served = hand.acls().await.unwrap();
        acls.iter().all(|acl| !served.contains(acl))
    })
    .await;
}

/// Deletes a topic by hand and waits until it is gone.
pub async fn delete_topic(bus: &Bus, topic: &str) {
    let kafka = krafka::Kafka::builder(format!("127.0.0.1:{}", bus.plain)).connect().await.unwrap();
    let answers = kafka.admin().delete_topics([topic], Default::default()).await.unwrap();
    answers.into_values().for_each(|answer| answer.unwrap());
    let hand = bus.hand().await;
    eventually("the topic is gone", || async {
        hand.describe_topics(&[name(topic)]).await.unwrap().remove(0).is_err()
    })
    .await;
}
