//! Dead letters that are given up, what is kept of them, and how that is taken back.

use std::os::unix::fs::PermissionsExt;

use rdkafka::message::Message;
use serde_json::Value;

use crate::queue::{Letter, Queue, Written, headers};
use crate::support::workspace::assert_valid;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_exported_accounted_for_and_can_be_taken_back() {
    let queue = Queue::new("given", 2, &[]).await;
    let writer = queue.writer();
    let of: [Written<'_>; 3] =
        [("busctl-dlq.error-class", Some(b"BadPrice")), ("raw", Some(b"\xff\x00")), ("none", None)];
    for number in 0..20_u8 {
        let value = [number, 0xff];
        let key = [number % 2];
        let letter = Letter {
            partition: (number % 2).into(),
            timestamp: Some(1_700_000_000_000),
            key: Some(&key),
            value: (number != 7).then_some(&value),
            headers: &of,
        };
        writer.write(&queue.topic, letter);
    }
    writer.flush();
    let export = queue.scratch.path("given.jsonl").display().to_string();
    let discard = ["dlq", "discard", &queue.topic, "--partition", "1", "--export", &export, "--reason"];
    let run = |arguments: &[&str]| queue.scratch.run(&[&discard[..], arguments].concat());
    run(&[" "]).ended(64).says(&["say why"]);
    run(&["sold out"]).ended(0).shows(&["10 records would be given up", "wait for --yes."]);
    assert!(!queue.scratch.path("given.jsonl").exists());
    let done = run(&["sold out", "--yes", "--format", "json"]).ended(0).json();
    assert_valid("dlq-settling.schema.json", &done);
    assert_eq!(done["discarded"], 10);
    assert_eq!(std::fs::metadata(&export).unwrap().permissions().mode() & 0o777, 0o600);
    // What is there is never overwritten, and nothing more was given up.
    run(&["again", "--yes", "--partition", "0"]).ended(1).says(&["nothing was given up", "name another file"]);
    let triage = |key: &str| {
        queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json()[key].clone()
    };
    assert_eq!((triage("waiting"), triage("settled")), (Value::from(10), Value::from(10)));

    let ledger = queue.scratch.run(&["dlq", "ledger", &queue.topic, "--format", "json"]).ended(0).json();
    assert_valid("dlq-ledger.schema.json", &ledger);
    assert_eq!(ledger["counts"], serde_json::json!({ "discarded": 10 }));
    let run_id = done["run"].as_str().unwrap();
    assert_eq!(ledger["runs"][run_id]["reason"], "sold out");
    assert_eq!(ledger["runs"][run_id]["filter"], serde_json::json!(["--partition 1"]));
    assert_eq!(
        (&ledger["letters"][0]["partition"], &ledger["letters"][0]["export"]),
        (&Value::from(1), &Value::from("given.jsonl"))
    );
    let shown = queue.scratch.run(&["dlq", "ledger", &queue.topic, "--limit", "3"]).ended(0);
    let of_run = format!("run {run_id} by ");
    shown.shows(&["discarded, exported to given.jsonl", &of_run, "because: sold out", "The last 3 are shown"]);
    queue.scratch.run(&["dlq", "ledger", &queue.topic, "--run", run_id]).ended(0).shows(&["10 dead letters of", "1/9"]);

    let list = queue.scratch.run(&["dlq", "list", "--format", "json"]).ended(0).json();
    assert_valid("dlq-list.schema.json", &list);
    let only = &list["queues"][0];
    assert_eq!((&only["waiting"], &only["settled"]), (&Value::from(10), &Value::from(10)), "{list:#}");
    assert_eq!((&only["oldest"], &only["last_hour"]), (&Value::from("2023-11-14T22:13:20.000Z"), &Value::from(0)));
    queue.scratch.run(&["dlq", "list"]).ended(0).shows(&["1 dead-letter queue on main; 10 dead letters wait."]);

    let before = queue.read(&queue.topic);
    let restore = |more: &[&str]| queue.scratch.run(&[&["dlq", "restore", &export], more].concat());
    restore(&[]).ended(0).shows(&[
        &format!("10 records would be put into {}\n", queue.topic),
        "Nothing was done: 10 records of",
        "wait for --yes.",
    ]);
    let dry = restore(&["--format", "json"]).ended(0).json();
    assert_valid("dlq-restore.schema.json", &dry);
    assert_eq!((&dry["dry_run"], &dry["records"], &dry["restored"]), (&true.into(), &10.into(), &10.into()));
    assert_eq!((queue.read(&queue.topic).len(), triage("waiting")), (before.len(), Value::from(10)));
    restore(&["--yes"]).ended(0).shows(&["10 of 10 records", "wait in"]);
    let after = queue.read(&queue.topic);
    assert_eq!(after.len(), before.len() + 10);
    let given: Vec<_> = before.iter().filter(|message| message.partition() == 1).collect();
    let back = after.iter().filter(|message| message.partition() == 1).skip(given.len());
    for (one, other) in given.iter().zip(back) {
        assert_eq!((one.key(), one.payload(), one.timestamp()), (other.key(), other.payload(), other.timestamp()));
        assert_eq!(headers(one), headers(other));
    }
    assert_eq!((triage("waiting"), triage("settled")), (Value::from(20), Value::from(10)));
    // Each is put back once.
    restore(&[]).ended(0).shows(&["10 restored before\nNothing to do:"]);
    let again = restore(&["--yes", "--format", "json"]).ended(0).json();
    assert_valid("dlq-restore.schema.json", &again);
    assert_eq!((&again["restored"], &again["restored_before"]), (&0.into(), &10.into()));
    assert_eq!(queue.read(&queue.topic).len(), after.len());
    // A file that lost its end lacks what was given up into it: nothing of it is restored.
    let text = std::fs::read_to_string(&export).unwrap();
    queue.scratch.write("cut.jsonl", &text[..text.len() - 5]);
    let cut = queue.scratch.path("cut.jsonl").display().to_string();
    let restored = queue.scratch.run(&["dlq", "restore", &cut]).ended(64);
    restored.says(&["cut.jsonl:11: the line is cut", "1 record given up into it is not there"]);
    queue.scratch.write("odd.jsonl", "{}\n");
    let odd = queue.scratch.path("odd.jsonl").display().to_string();
    queue.scratch.run(&["dlq", "restore", &odd]).ended(64).says(&["line 1 is none of an export"]);
}
