//! Deletion, from the tombstone to the empty plan.

use std::collections::BTreeMap;

use busctl::localbus::ADMIN;
use busctl::ports::FailureKind;
use busctl::ports::kafka::KafkaAdmin;
use busctl::ports::registry::{NewSchema, Reference, Registry};
use busctl::schema::SchemaFormat;
use serde_json::Value;

use crate::bus::{HOUR, create, empty_group, kafka_as, member, name, now, produce, registry};
use crate::workspace::{Workspace, impact, topic};

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_with_readers_is_deleted_by_its_tombstone_alone() {
    const TOPIC: &str = "gone.records.v1";
    create(TOPIC, 2, &[]).await;
    let last = now() - HOUR;
    produce(TOPIC, 0, last - HOUR, 50).await;
    produce(TOPIC, 0, last, 1).await;
    produce(TOPIC, 1, last - 2 * HOUR, 20).await;
    let _classic = member(TOPIC, "gone-classic", "classic", &[(0, 40), (1, 20)]).await;
    let _consumer = member(TOPIC, "gone-consumer", "consumer", &[(0, 51), (1, 20)]).await;
    empty_group(TOPIC, "gone-empty", &[(0, 1)]).await;
    create("gone.other.v1", 1, &[]).await;
    empty_group("gone.other.v1", "gone-elsewhere", &[(0, 0)]).await;

    let workspace = Workspace::new("gone.").await;
    // Without a manifest nothing happens to it, and the plan says how to go on.
    let plan = workspace.plan(&[]);
    assert_eq!(plan["changes"], Value::Array(Vec::new()));
    let unmanaged = plan["unmanaged"].as_array().unwrap().iter().find(|item| item["name"] == TOPIC).unwrap();
    assert!(unmanaged["reason"].as_str().unwrap().contains("state: absent"), "{unmanaged}");

    workspace.write("topics/t.yaml", &topic(TOPIC, "state: absent\nreason: Replaced (CR-2160)."));
    let change = workspace.change(&[]);
    assert_eq!((&change["action"], &change["risk"]), (&"delete".into(), &"destructive".into()));
    let measured = &change["measured"];
    assert_eq!(measured["records"], 71);
    assert!(measured["bytes"].as_u64().unwrap() > 71 * 100);
    let last: busctl::model::Timestamp = busctl::model::Timestamp::of_unix_millis(last);
    assert_eq!(measured["last_write"], serde_json::to_value(last).unwrap());
    let groups: BTreeMap<&str, &Value> =
        measured["groups"].as_array().unwrap().iter().map(|group| (group["name"].as_str().unwrap(), group)).collect();
    assert_eq!(groups.keys().copied().collect::<Vec<_>>(), ["gone-classic", "gone-consumer", "gone-empty"]);
    // Of the second partition the empty group has committed nothing: all of it is left.
    for (group, state, lag, members) in
        [("gone-classic", "Stable", 11, 1), ("gone-consumer", "Stable", 0, 1), ("gone-empty", "Empty", 70, 0)]
    {
        assert_eq!((&groups[group]["state"], &groups[group]["lag"]), (&state.into(), &lag.into()), "{group}");
        let found = groups[group]["members"].as_array().map_or(&[][..], Vec::as_slice);
        assert_eq!(found.len(), members, "{group}");
        for member in found {
            assert_eq!(member["client_id"], format!("{group}-client"));
            assert_eq!(member["host"], "127.0.0.1");
        }
    }
    assert!(impact(&change).contains("the reason given: Replaced (CR-2160)."));
    assert_eq!(measured["not_measured"], Value::Null);

    let is_there = async || kafka_as(ADMIN).await.describe_topics(&[name(TOPIC)]).await.unwrap()[0].is_ok();
    for arguments in [&["apply", "--yes"][..], &["apply", "--yes", "--allow", "disruptive"]] {
        assert_eq!(workspace.run(arguments).0, 4);
    }
    workspace.cluster("gone.", "protect: [\"gone.records.*\"]").await;
    let (code, _, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
    assert_eq!(code, 3, "{error}");
    assert!(error.contains("BUS121"), "{error}");
    let (code, out, _) = workspace.run(&["plan", "--format", "json"]);
    assert_eq!(code, 3);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["changes"], Value::Array(Vec::new()));
    workspace.cluster("other.", "").await;
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()), "it is outside `manages`");
    assert!(is_there().await);

    workspace.cluster("gone.", "").await;
    let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
    assert_eq!(code, 0, "{out}\n{error}");
    assert!(!is_there().await);
    // A topic that is gone already is nothing to do.
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));
    assert_eq!(workspace.run(&["apply", "--yes"]).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reserved_is_never_deleted() {
    let kafka = kafka_as(ADMIN).await;
    create("reserved.read.v1", 1, &[]).await;
    empty_group("reserved.read.v1", "reserved", &[(0, 0)]).await;
    create("_busctl-test", 1, &[]).await;
    let workspace = Workspace::new("").await;
    for topic in ["__consumer_offsets", "_busctl-test"] {
        workspace.write("topics/t.yaml", &format!("topic: {topic}\nstate: absent\nreason: It is in the way.\n"));
        let (code, _, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
        assert_eq!(code, 3, "{error}");
        assert!(error.contains("BUS122"), "{error}");
        let (_, out, _) = workspace.run(&["plan", "--format", "json"]);
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["changes"], Value::Array(Vec::new()), "{topic}");
        assert!(kafka.describe_topics(&[name(topic)]).await.unwrap()[0].is_ok(), "{topic}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_goes_by_a_tombstone_of_its_own() {
    const TOPIC: &str = "subject.records.v1";
    create(TOPIC, 2, &[]).await;
    let registry = registry().await;
    let schema = |text: &str, references: &[(&str, &str)]| NewSchema {
        format: SchemaFormat::Avro,
        text: text.into(),
        references: references
            .iter()
            .map(|(name, subject)| Reference { name: (*name).into(), subject: subject.parse().unwrap(), version: 1 })
            .collect(),
    };
    let shared = schema(r#"{"type":"record","name":"Shared","namespace":"subject","fields":[]}"#, &[]);
    let value = schema(
        r#"{"type":"record","name":"Value","namespace":"subject","fields":[{"name":"s","type":"subject.Shared"}]}"#,
        &[("subject.Shared", "subject.shared")],
    );
    registry.register(&"subject.shared".parse().unwrap(), &shared).await.unwrap();
    registry.register(&format!("{TOPIC}-value").parse().unwrap(), &value).await.unwrap();

    let workspace = Workspace::new("subject.").await;
    workspace.cluster("subject.", "schema_registry: r").await;
    workspace.write("topics/t.yaml", &topic(TOPIC, "state: absent\nreason: Unused."));
    let change = workspace.change(&[]);
    assert!(impact(&change).contains(&format!("`{TOPIC}-value`")), "{}", impact(&change));
    let tombstone = |subject: &str| format!("subject: {subject}\nstate: absent\nreason: Unused.\n");
    // What others refer to stays, whoever asks; the registry itself refuses it.
    assert_eq!(
        registry.delete_subject(&"subject.shared".parse().unwrap()).await.unwrap_err().kind,
        FailureKind::Refused
    );
    workspace.write("schemas/shared.yaml", &tombstone("subject.shared"));
    workspace.write("schemas/value.yaml", &tombstone(&format!("{TOPIC}-value")));
    let plan = workspace.plan(&[]);
    let addresses: Vec<_> = plan["changes"].as_array().unwrap().iter().map(|change| &change["address"]).collect();
    assert_eq!(addresses.len(), 3, "{plan:#}");
    assert_eq!(addresses[0], &format!("topic/{TOPIC}"), "topics go before the subjects");
    assert_eq!(plan["summary"]["destructive"], 3);
    assert_eq!(plan["changes"][2]["depends_on"], serde_json::json!([format!("schema/{TOPIC}-value")]));
    assert_eq!(workspace.run(&["apply", "--yes", "--allow", "disruptive"]).0, 4);
    // This registry counts the references of what it has deleted softly, and says so.
    let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
    assert_eq!(code, 5, "{out}\n{error}");
    assert!(out.contains("permanent=true"), "{out}");
    assert_eq!(workspace.change(&[])["address"], "schema/subject.shared");
    workspace.write("schemas/shared.yaml", &tombstone("subject.alone"));
    registry.register(&"subject.alone".parse().unwrap(), &schema("\"string\"", &[])).await.unwrap();
    assert_eq!(workspace.change(&[])["address"], "schema/subject.alone");
    let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
    assert_eq!(code, 0, "{out}\n{error}");
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));
    // One that is gone already is no error.
    assert_eq!(registry.delete_subject(&"subject.alone".parse().unwrap()).await, Ok(()));
}
