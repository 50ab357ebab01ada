//! Lists of topics, groups and services, on a bus that is in use.

use serde_json::{Value, json};

use crate::bus::{HOUR, READER, create, member, now, produce};
use crate::workspace::{Workspace, topic};

const TOPIC: &str = "lists.records.v1";

fn items(workspace: &Workspace, arguments: &[&str]) -> Vec<Value> {
    let (code, out, error) = workspace.run(&[arguments, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{out}\n{error}");
    let list: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(list["missing"], json!([]), "{error}");
    list["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_stands_beside_what_is_declared() {
    create(TOPIC, 2, &[("retention.ms", "2592000000")]).await;
    create("lists.other.v1", 1, &[]).await;
    produce(TOPIC, 0, now() - 2 * HOUR, 30).await;
    produce(TOPIC, 1, now() - 60_000, 72).await;
    let _late = member(TOPIC, "lists-late", "consumer", &[(0, 10), (1, 72)]).await;
    let _unknown = member(TOPIC, "lists-unknown", "classic", &[(0, 30), (1, 70)]).await;
    let workspace = Workspace::new("lists.").await;
    let manifest = "consumers: [{ service: reader, max_lag: 15 }]\nconfig: { retention.ms: 7d }";
    workspace.write("topics/t.yaml", &topic(TOPIC, manifest));
    workspace.write("topics/u.yaml", &topic("lists.wanted.v1", ""));
    let reads = format!("consumes: [{{ topic: {TOPIC}, group: lists-late }}]");
    workspace.write("acls/reader.yaml", &format!("service: reader\nprincipals: {{ c: \"User:{READER}\" }}\n{reads}\n"));

    let topics = items(&workspace, &["topics", "lists.*", "--sort", "records"]);
    let told: Vec<Value> = topics
        .iter()
        .map(|topic| json!([topic["name"], topic["status"], topic["records"], topic["lag"], topic["groups"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!([TOPIC, "differs", 102, 20, 2]),
            json!(["lists.other.v1", "unmanaged", 0, null, 0]),
            json!(["lists.wanted.v1", "missing", null, null, null]),
        ]
    );
    // 72 records of the last hour.
    assert_eq!(topics[0]["records_per_second"], 0.02);
    assert!(topics[0]["bytes"].as_u64().unwrap() > 102 * 100);
    assert_eq!(topics[0]["owner"], "team");

    let one = items(&workspace, &["topics", TOPIC]).remove(0);
    let details = &one["details"];
    let retention = details["values"].as_array().unwrap().iter().find(|value| value["name"] == "config.retention.ms");
    let retention = retention.unwrap();
    assert_eq!((&retention["declared"]["shown"], &retention["live"]["shown"]), (&json!("7d"), &json!("30d")));
    let ends: Vec<_> = details["partitions"].as_array().unwrap().iter().map(|partition| &partition["latest"]).collect();
    assert_eq!(ends, [30, 72]);
    let readers = details["readers"].as_array().unwrap();
    let readers: Vec<Value> = readers
        .iter()
        .map(|group| json!([group["group"], group["services"], group["members"], group["lag"], group["max_lag"]]))
        .collect();
    let expected = [json!(["lists-late", ["reader"], 1, 20, 15]), json!(["lists-unknown", [], 1, 2, null])];
    assert_eq!(readers, expected);
    // The grant is declared on both sides, and nothing was applied.
    let clients = json!([{
        "client": "reader", "access": "read", "named_by_topic": true, "asked_by_service": true, "granted": false
    }]);
    assert_eq!(details["clients"], clients);
    let (_, text, _) = workspace.run(&["topics", TOPIC]);
    assert!(text.contains("lists-late     reader    Stable        1   20       15  late"), "{text}");

    let groups = items(&workspace, &["groups", "lists-*"]);
    let told: Vec<Value> = groups
        .iter()
        .map(|group| json!([group["name"], group["status"], group["owners"], group["lag"], group["late"]]))
        .collect();
    let expected =
        [json!(["lists-late", "settled", ["team"], 20, true]), json!(["lists-unknown", "unmanaged", [], 2, null])];
    assert_eq!(told, expected);
    let one = items(&workspace, &["groups", "lists-late"]).remove(0);
    let topics = json!([{ "topic": TOPIC, "declared": true, "partitions": 2, "lag": 20, "max_lag": 15 }]);
    assert_eq!(one["details"]["topics"], topics);
    assert_eq!(one["details"]["members"][0]["client_id"], "lists-late-client");

    let service = items(&workspace, &["services", "reader"]).remove(0);
    assert_eq!((&service["status"], &service["acls"], &service["lag"]), (&json!("missing"), &json!(0), &json!(20)));
    let grants = service["details"]["grants"].as_array().unwrap();
    assert_eq!(grants[1]["grant"], format!("grant/reader/topic/{TOPIC}"));
    assert_eq!(grants[1]["missing"], json!(["read", "describe"]));
    let (code, _, error) = workspace.run(&["groups", "lists-lat"]);
    assert_eq!(code, 64);
    assert!(error.contains("did you mean `lists-late`?"), "{error}");
}
