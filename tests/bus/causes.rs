//! Who made the live state differ: `drift` tells by what was last applied; `audit` tells what that was.

use busctl::ports::kafka::KafkaAdmin;

use crate::sample::{apply, create_topic, delete_topic, set_config, topic, topic_file, workspace};
use crate::server::bus;
use crate::support::workspace::{Run, assert_valid};

/// Each field that differs in one line, with its cause.
fn causes(run: &Run) -> Vec<String> {
    let drift = run.json();
    assert_valid("drift.schema.json", &drift);
    let drifted = drift["drifted"].as_array().unwrap().iter();
    let lines = drifted.flat_map(|drifted| {
        let address = drifted["address"].as_str().unwrap().to_owned();
        let fields = drifted["fields"].as_array().unwrap().clone();
        fields.into_iter().map(move |field| {
            format!("{address} {} {}", field["field"].as_str().unwrap(), field["cause"].as_str().unwrap())
        })
    });
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_by_hand_is_told_from_what_waits_to_be_applied() {
    let bus = bus().await;
    let scratch = workspace(bus, "causes");
    let json = ["drift", "--format", "json"];
    apply(&scratch);
    assert_eq!(causes(&scratch.run(&json).ended(0)), Vec::<String>::new());
    scratch.run(&["drift"]).ended(0).shows(&["what the cluster has is what the manifests say"]);

    let hand = bus.hand().await;
    let (file, name) = (topic_file("causes", "order"), "causes.order.v1");
    set_config(&hand, name, "retention.ms", Some("3600000")).await;
    assert_eq!(causes(&scratch.run(&json).ended(2)), ["topic/causes.order.v1 config.retention.ms outside"]);
    scratch.edit(&file, "key: id", "key: id\npartitions: 8");
    assert_eq!(
        causes(&scratch.run(&json).ended(2)),
        ["topic/causes.order.v1 partitions pending", "topic/causes.order.v1 config.retention.ms outside"]
    );
    scratch.edit(&file, "key: id", "config: { retention.ms: 20d }\nkey: id");
    assert!(causes(&scratch.run(&json).ended(2)).contains(&"topic/causes.order.v1 config.retention.ms both".into()));
    // A resource that is new in Git, and one that was there before the tool.
    scratch.write(&topic_file("causes", "refund"), topic("causes", "refund"));
    create_topic(&hand, "causes.older.v1", 2, &[]).await;
    scratch.write(&topic_file("causes", "older"), topic("causes", "older"));
    let told = causes(&scratch.run(&json).ended(2));
    assert!(told.contains(&"topic/causes.refund.v1 partitions pending".into()), "{told:#?}");
    assert!(told.contains(&"topic/causes.older.v1 partitions unknown".into()), "{told:#?}");

    // One that is not there says so, and not that each of its fields is not set.
    scratch.run(&["drift"]).ended(2).shows(&["is not there yet"]);
    assert!(!scratch.run(&["drift"]).ended(2).out.contains("live not set, applied not set"));

    let metrics = scratch.run(&["drift", "--format", "prometheus", "--output", "drift.prom"]).ended(2);
    assert_eq!(metrics.out, "");
    let text = scratch.read("drift.prom");
    for line in [
        "busctl_drift_resources{cluster=\"main\",kind=\"topic\",cause=\"unknown\"} 1",
        "busctl_drift_resources{cluster=\"main\",kind=\"topic\",cause=\"pending\"} 1",
        "busctl_drift_resources{cluster=\"main\",kind=\"topic\",cause=\"both\"} 1",
        "busctl_drift_complete{cluster=\"main\"} 1",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_by_hand_is_gone() {
    let bus = bus().await;
    let scratch = workspace(bus, "gone");
    apply(&scratch);
    delete_topic(bus, "gone.order.v1").await;
    let drift = scratch.run(&["drift"]).ended(2);
    drift.shows(&[
        "1 resource changed outside Git",
        "topic/gone.order.v1",
        "is gone: it was there after the last apply",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_looks_again_until_it_is_interrupted() {
    let bus = bus().await;
    let scratch = workspace(bus, "watched");
    apply(&scratch);
    let watch = scratch.start(&["drift", "--watch", "1s", "--format", "json", "--output", "drift.json"]);
    let seen = async |wanted: &str| {
        crate::sample::eventually("the watch writes what it sees", || async {
            std::fs::read_to_string(scratch.path("drift.json")).is_ok_and(|text| text.contains(wanted))
        })
        .await;
    };
    seen("\"drifted\": []").await;
    set_config(&bus.hand().await, "watched.order.v1", "retention.ms", Some("3600000")).await;
    seen("\"outside\"").await;
    watch.signal("INT");
    watch.wait().ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_says_who_changed_what_and_the_log_has_the_same_events() {
    let bus = bus().await;
    let scratch = workspace(bus, "audited");
    let mut command = scratch.command(&["apply", "--yes", "--audit-log", "audit.jsonl"]);
    command.env("BUSCTL_USER", "nightly-pipeline");
    crate::support::workspace::start(command).wait().ended(0);
    let audit = scratch.run(&["audit", "--who", "nightly-pipeline", "--format", "json"]).ended(0).json();
    assert_valid("audit.schema.json", &audit);
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 5, "{audit:#}");
    assert!(entries.iter().all(|entry| entry["status"] == "done"), "{audit:#}");
    let phases: Vec<String> = scratch
        .read("audit.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .inspect(|event| assert_valid("audit-event.schema.json", event))
        .map(|event| event["phase"].as_str().unwrap().to_owned())
        .collect();
    let count = |phase: &str| phases.iter().filter(|it| *it == phase).count();
    assert_eq!((count("began"), count("intent"), count("outcome"), count("ended")), (1, 5, 5, 1));
    assert_eq!(phases.first().map(String::as_str), Some("began"));
    scratch
        .run(&["audit", "--resource", "topic/audited.*"])
        .ended(0)
        .shows(&["nightly-pipeline", "topic/audited.order.v1"]);
    // On standard output the lines stand alone, and the report beside them.
    scratch.edit(&topic_file("audited", "order"), "key: id", "key: id\nconfig: { max.message.bytes: 2MiB }");
    // Nothing says who it is: the user's number does.
    let mut nameless = scratch.command(&["apply", "--yes", "--audit-log", "-"]);
    nameless.env_remove("BUSCTL_USER").env_remove("USER").env_remove("LOGNAME");
    let piped = crate::support::workspace::start(nameless).wait().ended(0).says(&["1 done"]);
    let id = std::process::Command::new("id").arg("-u").output().unwrap().stdout;
    let who = format!("uid {}", String::from_utf8(id).unwrap().trim());
    scratch.run(&["audit", "--who", &who]).ended(0).shows(&[&format!("{who}@"), "topic/audited.order.v1"]);
    assert!(piped.out.lines().all(|line| line.starts_with('{')) && piped.out.lines().count() == 4, "{}", piped.out);
    assert!(bus.hand().await.topics().await.unwrap().iter().any(|topic| topic.name.as_str() == "_busctl-audit"));
}
