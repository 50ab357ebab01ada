//! Reports of more findings than memory is to hold.

use serde_json::Value;

use crate::support::workspace::{Run, Scratch, assert_valid, start};

/// Rules, of which each topic breaks each one. They are not as bad as each other.
const RULES: usize = 12;
const TOPICS: usize = 1_000;
const ALL: usize = RULES * TOPICS;

/// A workspace with so many findings of its own rules, and some of others.
fn workspace() -> Scratch {
    let mut settings = String::from("version: 1\nclasses: { raw: { cleanup: [delete], retention: 30d } }\npolicy:\n");
    for rule in 0..RULES {
        let level = ["error", "warn", "info"][rule % 3];
        settings.push_str(&format!(
            "  ORG{rule:03}:\n    over: topic\n    name: rule-{rule}\n    level: {level}\n    check: topic.partitions > 6\n    \
             message: \"`{{topic.name}}` breaks rule {rule}\"\n    help: \"mend it\"\n"
        ));
    }
    settings.push_str("rules: { BUS104: off, BUS105: off, BUS106: off, BUS107: off }\n");
    let topics = (0..TOPICS).map(|topic| format!("topic: shop.t{topic:04}.v1\nmanaged_by: external\n"));
    Scratch::with(&[
        ("busctl.yaml", &settings),
        ("clusters/a.yaml", "cluster: alpha\nenvironment: dev\nkafka: { deployment: local }\n"),
        ("clusters/b.yaml", "cluster: beta\nenvironment: test\nkafka: { deployment: local }\n"),
        (
            "catalog/all.yaml",
            "domains: { shop: { owner: sales } }\nteams: { sales: { contacts: { email: a@example.com } } }\n",
        ),
        ("topics/all.yaml", &topics.collect::<Vec<_>>().join("---\n")),
    ])
}

/// Runs `validate` with temporary files in a folder of the workspace.
fn validate(scratch: &Scratch, arguments: &[&str]) -> Run {
    let mut command = scratch.command(&[&["validate"], arguments].concat());
    command.env("TMPDIR", scratch.path("tmp"));
    start(command).wait()
}

fn own<'d>(findings: impl IntoIterator<Item = &'d Value>) -> Vec<&'d Value> {
    findings
        .into_iter()
        .filter(|finding| finding["code"].as_str().is_some_and(|code| code.starts_with("ORG")))
        .collect()
}

#[test]
fn all_are_in_each_form_and_nothing_stays_behind() {
    let scratch = workspace();
    std::fs::create_dir(scratch.path("tmp")).unwrap();
    let document =
        validate(&scratch, &["--format", "json", "--report", "sarif=all.sarif", "--report", "junit=all.xml"]);
    let document = document.ended(3).json();
    assert_valid("findings.schema.json", &document);
    let findings = document["findings"].as_array().unwrap();
    let found = own(findings);
    assert_eq!(found.len(), ALL);
    let others = findings.len() - ALL;
    // The worst first, then by place; each is one of both clusters.
    let key = |finding: &Value| {
        let level = ["error", "warn", "info"].iter().position(|level| finding["level"] == *level).unwrap();
        (level, finding["place"]["line"].as_u64(), finding["code"].as_str().unwrap().to_owned())
    };
    let keys: Vec<_> = found.iter().map(|finding| key(finding)).collect();
    assert!(keys.is_sorted() && found.iter().all(|finding| finding["cluster"].is_null()));
    let prints: std::collections::BTreeSet<_> = found.iter().map(|finding| finding["fingerprint"].as_str()).collect();
    assert_eq!(prints.len(), ALL);
    let summary = &document["summary"];
    let counts = ["errors", "warnings", "infos"].map(|level| summary[level].as_u64().unwrap() as usize);
    assert_eq!(counts.iter().sum::<usize>(), ALL + others);

    let written = |form: &str| validate(&scratch, &["--format", form]).ended(3).out;
    let jsonl = written("jsonl");
    let lines: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&lines, findings);
    let sarif: Value = serde_json::from_str(&scratch.read("all.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), ALL + others);
    assert_eq!(scratch.read("all.xml").matches("<testcase ").count(), ALL + others);
    let gitlab: Value = serde_json::from_str(&written("gitlab")).unwrap();
    assert_eq!(gitlab.as_array().unwrap().len(), ALL + others);
    let rdjson: Value = serde_json::from_str(&written("rdjson")).unwrap();
    assert_eq!(rdjson["diagnostics"].as_array().unwrap().len(), ALL + others);
    for form in ["github", "azure"] {
        assert_eq!(written(form).lines().count(), ALL + others, "{form}");
    }
    // These show the first ones, and say how many others there are.
    let text = written("text");
    let shown = text.matches("breaks rule").count();
    let left = text
        .lines()
        .find_map(|line| line.strip_prefix("and ")?.strip_suffix(" more; `--format json` lists all of them"));
    let left: usize = left.unwrap().replace(',', "").parse().unwrap();
    assert!(shown > 100 && shown + left >= ALL && shown + left <= ALL + others, "{shown} {left} {others}");
    assert!(written("markdown").contains(" did not fit: run `busctl validate` to see them."));

    assert_eq!(std::fs::read_dir(scratch.path("tmp")).unwrap().count(), 0, "a temporary file stays behind");
}

#[test]
fn a_baseline_takes_all_of_them() {
    let scratch = workspace();
    std::fs::create_dir(scratch.path("tmp")).unwrap();
    let document = validate(&scratch, &["--format", "json"]).ended(3).json();
    let all = document["findings"].as_array().unwrap().len();
    let listed = format!("known.json: {},{:03} findings", all / 1_000, all % 1_000);
    validate(&scratch, &["--write-baseline", "known.json"]).ended(0).says(&[&listed]);
    let run = validate(&scratch, &["--baseline", "known.json"]).ended(0).says(&[" known before, not shown"]);
    assert!(run.out.contains("no findings"), "{}", run.out);
}

#[test]
fn no_room_for_them_is_an_error_and_no_report() {
    // There is no folder for temporary files.
    let scratch = workspace();
    let run = validate(&scratch, &["--format", "json", "--report", "sarif=all.sarif"]).ended(1);
    let folder = scratch.path("tmp").display().to_string();
    let said = format!("findings could not be written to a temporary file in {folder}: ");
    let run = run.says(&[&said, "make room there, or name another folder with TMPDIR"]);
    assert_eq!(run.out, "");
    assert!(!scratch.path("all.sarif").exists());
    // Few findings need none.
    scratch.write("topics/all.yaml", "topic: shop.t0001.v1\nmanaged_by: external\n");
    assert_eq!(
        own(validate(&scratch, &["--format", "json"]).ended(3).json()["findings"].as_array().unwrap()).len(),
        RULES
    );
}
