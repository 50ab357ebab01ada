//! Records deleted up to an offset or a time, on a broker.

use serde_json::{Value, json};

use crate::bus::{HOUR, client, create, empty_group, now, produce};
use crate::workspace::{Workspace, topic};
use rdkafka::consumer::{BaseConsumer, Consumer};

const TOPIC: &str = "trunc.records.v1";

async fn ends(topic: &str, partitions: i32) -> Vec<(i64, i64)> {
    let consumer: BaseConsumer = client().await.create().unwrap();
    let wait = std::time::Duration::from_secs(20);
    (0..partitions).map(|partition| consumer.fetch_watermarks(topic, partition, wait).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_go_up_to_a_moment_once_it_is_allowed() {
    create(TOPIC, 2, &[]).await;
    produce(TOPIC, 0, now() - 3 * HOUR, 40).await;
    produce(TOPIC, 0, now() - 60_000, 5).await;
    produce(TOPIC, 1, now() - 4 * HOUR, 10).await;
    empty_group(TOPIC, "trunc-late", &[(0, 25), (1, 10)]).await;
    let workspace = Workspace::new("trunc.").await;
    workspace.write("topics/t.yaml", &topic(TOPIC, ""));

    let asked = ["truncate", TOPIC, "--older-than", "2h"];
    let (code, out, error) = workspace.run(&[&asked[..], &["--format", "json"]].concat());
    assert_eq!(code, 0, "{out}\n{error}");
    let plan: Value = serde_json::from_str(&out).unwrap();
    let change = &plan["changes"][0];
    assert_eq!((&change["address"], &change["risk"]), (&json!(format!("records/{TOPIC}")), &json!("destructive")));
    assert_eq!(change["measured"]["records"], 50);
    assert_eq!(change["measured"]["groups"][0]["loses"], 15);
    let fields: Vec<_> = change["fields"].as_array().unwrap().iter().map(|field| &field["after"]["value"]).collect();
    assert_eq!(fields, ["40", "10"]);
    assert!(error.contains("nothing was changed; to do it: --yes"), "{error}");
    assert_eq!(ends(TOPIC, 2).await, [(0, 45), (0, 10)]);

    let (code, _, error) = workspace.run(&[&asked[..], &["--yes"]].concat());
    assert_eq!(code, 4, "{error}");
    assert!(error.contains("--allow destructive"), "{error}");
    let (code, out, error) = workspace.run(&[&asked[..], &["--yes", "--allow", "destructive"]].concat());
    assert_eq!(code, 0, "{out}\n{error}");
    assert_eq!(ends(TOPIC, 2).await, [(40, 45), (10, 10)]);
    let (_, audit, _) = workspace.run(&["audit", "--format", "json"]);
    assert!(audit.contains(&format!("records/{TOPIC}")), "{audit}");
    // Again there is nothing to do, which says nothing of how the cluster is otherwise.
    let (code, out, _) = workspace.run(&asked);
    assert!(code == 0 && out.starts_with("Nothing to do on c (cluster id "), "{out}");
    let (code, out, _) =
        workspace.run(&[&asked[..], &["--yes", "--allow", "destructive", "--format", "json"]].concat());
    assert_eq!((code, out.contains("\"done\": 0")), (0, true), "{out}");

    let (code, _, error) = workspace.run(&[
        "truncate",
        TOPIC,
        "--before-offset",
        "43",
        "--partition",
        "0",
        "--yes",
        "--allow",
        "destructive",
    ]);
    assert_eq!(code, 0, "{error}");
    assert_eq!(ends(TOPIC, 2).await, [(43, 45), (10, 10)]);
    for (arguments, code, told) in [
        (&["--before-offset", "43"][..], 64, "say which one: --partition NUMBER"),
        (&["--before-offset", "99", "--partition", "0"], 64, "before 99"),
        (&["--all", "--partition", "7"], 64, "has no partition 7"),
        (&[], 64, "required"),
    ] {
        let (ended, _, error) = workspace.run(&[&["truncate", TOPIC], arguments].concat());
        assert!(ended == code && error.contains(told), "{arguments:?}: {ended}\n{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_protected_compacted_or_somebody_elses_stays() {
    create("trunc.state.v1", 1, &[("cleanup.policy", "compact")]).await;
    let workspace = Workspace::new("trunc.").await;
    for (topic, told) in [
        ("trunc.state.v1", "Kafka deletes no records of a topic that it only compacts"),
        ("other.topic.v1", "outside of what `c` manages"),
        ("__consumer_offsets", "Kafka's own"),
    ] {
        let (code, _, error) = workspace.run(&["truncate", topic, "--all", "--yes", "--allow", "destructive"]);
        assert!(code == 4 && error.contains(told), "{topic}: {code}\n{error}");
    }
    workspace.write("topics/s.yaml", &topic("trunc.state.v1", "managed_by: external"));
    let (code, _, error) = workspace.run(&["truncate", "trunc.state.v1", "--all"]);
    assert!(code == 4 && error.contains("trunc.state.v1 is managed by external"), "{error}");
    workspace.cluster("trunc.", "protect: [\"trunc.state.*\"]").await;
    let (code, _, error) = workspace.run(&["truncate", "trunc.state.v1", "--all"]);
    assert!(code == 4 && error.contains("`c` protects trunc.state.v1"), "{error}");
    let (code, _, error) = workspace.run(&["truncate", "trunc.nothing.v1", "--all"]);
    assert!(code == 64 && error.contains("there is no topic trunc.nothing.v1 on c"), "{error}");
}
