//! Cuts of the retention and what falls out.

use std::collections::BTreeMap;

use busctl::localbus::ADMIN;
use busctl::ports::kafka::KafkaAdmin;
use serde_json::Value;

use crate::bus::{DAY, HOUR, create, empty_group, kafka_as, name, now, produce};
use crate::workspace::{THIRTY_DAYS, Workspace, impact, topic};

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_is_measured_and_judged_by_what_falls_out() {
    const TOPIC: &str = "cut.records.v1";
    create(TOPIC, 2, THIRTY_DAYS).await;
    for (partition, age, count) in [(0, 20 * DAY, 10), (0, 10 * DAY, 20), (0, HOUR, 30), (1, 10 * DAY, 5), (1, HOUR, 7)]
    {
        produce(TOPIC, partition, now() - age, count).await;
    }
    // One has read half of what is older than a week in the first partition, and nothing of the other; one has read it all.
    empty_group(TOPIC, "cut-behind", &[(0, 15)]).await;
    empty_group(TOPIC, "cut-ahead", &[(0, 31), (1, 5)]).await;
    let workspace = Workspace::new("cut.").await;
    let manifest = |retention: &str| workspace.write("topics/t.yaml", &topic(TOPIC, &format!("config: {retention}")));

    manifest("{ retention.ms: 7d }");
    let change = workspace.change(&[]);
    assert_eq!(change["risk"], "destructive");
    assert_eq!(change["measured"]["records"], 35);
    assert!(change["measured"]["bytes"].as_u64().unwrap() > 35 * 100, "{change:#}");
    assert_eq!(change["measured"]["bytes"], change["measured"]["bytes_of_all_replicas"], "there is one replica");
    assert!(impact(&change).contains("up to 35 records"), "{}", impact(&change));
    let groups = |change: &Value| {
        let groups = change["measured"]["groups"].as_array().cloned().unwrap_or_default();
        groups.iter().map(|group| (group["name"].clone(), group["loses"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(groups(&change), [("cut-behind".into(), 20.into())]);
    assert!(impact(&change).contains("`cut-behind` (Empty, no members) has not read up to 20 of them"));
    manifest("{ retention.ms: 15d }");
    let change = workspace.change(&[]);
    assert_eq!((&change["measured"]["records"], groups(&change)), (&10.into(), Vec::new()));
    assert!(impact(&change).contains("every group with offsets there has read them"), "{}", impact(&change));
    let (code, out, error) = workspace.run(&["apply", "--yes"]);
    assert_eq!(code, 4, "{out}\n{error}");

    // Half of what lies in the first partition, and the share of its records.
    let sizes = kafka_as(ADMIN).await.replica_sizes(&[(name(TOPIC), vec![0, 1])]).await.unwrap();
    let sizes: BTreeMap<u32, u64> = sizes
        .into_iter()
        .flat_map(|broker| broker.answer.unwrap())
        .map(|replica| (replica.partition, replica.bytes))
        .collect();
    let half = sizes[&0].div_ceil(2);
    assert!(half > sizes[&1], "{sizes:?}");
    manifest(&format!("{{ retention.ms: 30d, retention.bytes: {half}B }}"));
    assert_eq!(workspace.change(&[])["measured"]["records"], 30);

    // Nothing is older than 25 days.
    manifest("{ retention.ms: 25d }");
    let change = workspace.change(&[]);
    assert_eq!((&change["risk"], &change["measured"]["records"]), (&"disruptive".into(), &0.into()));
    assert_eq!(workspace.run(&["apply", "--yes"]).0, 4);
    let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "disruptive"]);
    assert_eq!(code, 0, "{out}\n{error}");
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_bounds_what_nobody_can_ask_for_later() {
    const TOPIC: &str = "snap.records.v1";
    create(TOPIC, 2, THIRTY_DAYS).await;
    for (age, count) in [(20 * DAY, 10), (10 * DAY, 20), (4 * DAY, 40), (HOUR / 2, 30)] {
        produce(TOPIC, 0, now() - age, count).await;
    }
    empty_group(TOPIC, "snap", &[(0, 60)]).await;
    let workspace = Workspace::new("snap.").await;
    let manifest = |text: &str| workspace.write("topics/t.yaml", &topic(TOPIC, text));
    manifest("config: { retention.ms: 30d }");
    let with = workspace.path().join("with.json").display().to_string();
    let without = workspace.path().join("without.json").display().to_string();
    for arguments in [&["snapshot", "--impact", "-o", &with][..], &["snapshot", "-o", &without]] {
        let (code, _, error) = workspace.run(arguments);
        assert_eq!(code, 0, "{error}");
    }
    // Of an age that was asked for, and of one between two that were.
    for (retention, records) in [("7d", 30), ("14d", 10), ("10d", 30), ("5d", 70)] {
        manifest(&format!("config: {{ retention.ms: {retention} }}"));
        // Time goes on between the snapshot and the plan, so that an age is bounded by the next younger one.
        let later = workspace.change(&["--live", &with])["measured"]["records"].as_u64().unwrap();
        assert!((records..=70).contains(&later), "{retention}: {later}");
    }
    manifest("config: { retention.ms: 7d }");
    let unmeasured = workspace.change(&["--live", &without]);
    assert_eq!((&unmeasured["risk"], &unmeasured["measured"]), (&"destructive".into(), &Value::Null));
    assert!(impact(&unmeasured).contains("was not measured"), "{}", impact(&unmeasured));
    // 25 days are bounded by what was older than 14 days: something may fall out.
    manifest("config: { retention.ms: 25d }");
    assert_eq!(workspace.change(&["--live", &with])["risk"], "destructive");
    manifest("state: absent\nreason: Unused.");
    let deletion = workspace.change(&["--live", &with]);
    assert_eq!(deletion["measured"]["records"], 100);
    assert_eq!(deletion["measured"]["groups"][0]["lag"], 40);

    let (_, _, error) = workspace.run(&["plan", "--live", &with]);
    assert!(!error.contains("the impact was measured"), "{error}");
    let mut snapshot: Value = serde_json::from_slice(&std::fs::read(&with).unwrap()).unwrap();
    let taken_at = busctl::model::Timestamp::of_unix_millis(now() - 2 * DAY);
    snapshot["impact"]["taken_at"] = serde_json::to_value(taken_at).unwrap();
    std::fs::write(&with, snapshot.to_string()).unwrap();
    let (_, _, error) = workspace.run(&["plan", "--live", &with]);
    assert!(error.contains("warning: the impact was measured at") && error.contains(&taken_at.to_string()), "{error}");
    assert!(impact(&workspace.change(&["--live", &with])).contains("2 days ago"));
    let to_come = busctl::model::Timestamp::of_unix_millis(now() + 2 * DAY);
    snapshot["impact"]["taken_at"] = serde_json::to_value(to_come).unwrap();
    std::fs::write(&with, snapshot.to_string()).unwrap();
    assert!(workspace.run(&["plan", "--live", &with]).2.contains("which is still to come"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retention_is_cut_in_as_many_steps_as_the_plan_says() {
    const TOPIC: &str = "step.records.v1";
    create(TOPIC, 2, THIRTY_DAYS).await;
    let workspace = Workspace::new("step.").await;
    workspace.write("topics/t.yaml", &topic(TOPIC, "config: { retention.ms: 7d }"));
    let change = workspace.change(&["--retention-step", "5d"]);
    assert_eq!(change["fields"][0]["after"]["shown"], "25d");
    assert!(impact(&change).contains("18d remain until 7d, which takes 4 more runs"), "{}", impact(&change));
    // A saved plan is one step, however often it is applied.
    let saved = workspace.path().join("step.json").display().to_string();
    let (code, out, error) = workspace.run(&["plan", "--retention-step", "5d", "-o", &saved]);
    assert_eq!(code, 0, "{out}\n{error}");
    for said in ["1 done", "Nothing to do"] {
        let (code, out, error) = workspace.run(&["apply", &saved, "--yes", "--allow", "disruptive"]);
        assert!(code == 0 && out.contains(said), "{code} {out}\n{error}");
    }
    let mut runs = 1;
    while !workspace.plan(&["--retention-step", "5d"])["changes"].as_array().unwrap().is_empty() {
        let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "disruptive", "--retention-step", "5d"]);
        assert_eq!(code, 0, "{out}\n{error}");
        runs += 1;
        assert!(runs <= 5);
    }
    assert_eq!(runs, 5);
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));

    create("step.endless.v1", 2, &[("retention.ms", "-1")]).await;
    workspace.write("topics/t.yaml", &topic("step.endless.v1", "config: { retention.ms: 7d }"));
    let (code, out, _) = workspace.run(&["plan", "--format", "json", "--retention-step", "5d"]);
    let plan: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &plan["complete"]), (1, &false.into()));
    assert_eq!(plan["changes"], Value::Array(Vec::new()));
}
