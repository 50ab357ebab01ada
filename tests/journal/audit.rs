//! `busctl audit` on a real broker.

use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use busctl::localbus::ADMIN;
use busctl::ports::journal::{EventStatus, HeldJournal, Journal};

use crate::bus::{began, holder, intent, journal, newer, now};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_is_listed() {
    let alone = newer().await;
    let journal = journal(&alone.client);
    let held = journal.acquire(&holder("listed"), Duration::ZERO).await.unwrap();
    let (done, open) = (intent("listed", "listed.done.v1"), intent("listed", "listed.open.v1"));
    held.record(&[began("listed"), done.clone(), open], &[]).await.unwrap();
    held.record(&[done.outcome(EventStatus::Done, None, now())], &[]).await.unwrap();

    let workspace = tempfile::tempdir().unwrap();
    let (bootstrap, password) = alone.bus.place(ADMIN);
    write_workspace(workspace.path(), &bootstrap, &password);
    let audit = |arguments: &[&str]| {
        let output = Command::cargo_bin("busctl")
            .unwrap()
            .current_dir(workspace.path())
            .arg("audit")
            .args(["--apply", "listed"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = audit(&[]);
    assert!(text.contains("ada@ci-7  update  topic/listed.done.v1  done "), "{text}");
    assert!(text.contains("topic/listed.open.v1  under way, or interrupted"), "{text}");
    held.release().await.unwrap();
    assert!(audit(&[]).contains("topic/listed.open.v1  unknown: interrupted  listed"));

    let document: serde_json::Value = serde_json::from_str(&audit(&["--format", "json", "--since", "1h"])).unwrap();
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../docs/schemas/audit.schema.json")).unwrap();
    assert!(jsonschema::draft202012::is_valid(&schema, &document), "{document:#}");
    assert_eq!(document["entries"].as_array().unwrap().len(), 2);
    assert_eq!(document["entries"][0]["fields"][0]["before"]["shown"], "1d");
    for (option, value, count) in [
        ("--resource", "topic/*.done.*", 1),
        ("--who", "ada", 2),
        ("--who", "bob", 0),
        ("--outcome", "unknown", 1),
        ("--limit", "1", 1),
        ("--until", "2020-01-01", 0),
        ("--since", "0s", 0),
    ] {
        let document: serde_json::Value = serde_json::from_str(&audit(&["--format", "json", option, value])).unwrap();
        assert_eq!(document["entries"].as_array().unwrap().len(), count, "{option} {value}");
    }
}

fn write_workspace(root: &Path, bootstrap: &str, password: &Path) {
    std::fs::create_dir(root.join("clusters")).unwrap();
    std::fs::write(root.join("busctl.yaml"), "version: 1\n").unwrap();
    let cluster = format!(
        "cluster: dev\nenvironment: development\nconnection:\n  bootstrap: [\"{bootstrap}\"]\n  sasl: {{ mechanism: \
         plain, username: {ADMIN}, password: \"file:{}\" }}\n",
        password.display()
    );
    std::fs::write(root.join("clusters/dev.yaml"), cluster).unwrap();
}
