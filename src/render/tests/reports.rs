//! The forms of findings for machines.

use super::samples;
use crate::render::Style;
use crate::render::findings::{FindingsFormat, FindingsView, Report, Repository};

/// Findings of the sample, in a workspace that is a folder of its repository.
fn written(format: FindingsFormat) -> String {
    let (findings, sources) = samples::findings();
    let repository =
        Repository { root: "/repo".into(), folder: "/repo/deploy/bus".into(), stand_in: "busctl.yaml".into() };
    let mut out = Vec::new();
    let view = FindingsView { findings: &findings, sources: &sources };
    view.write(format, Style::PLAIN, &repository, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("it is text")
}

#[test]
fn findings_as_lines_of_json() {
    insta::assert_snapshot!(written(FindingsFormat::Jsonl));
}

#[test]
fn findings_as_sarif() {
    let mut log: serde_json::Value = serde_json::from_str(&written(FindingsFormat::Sarif)).expect("it is JSON");
    // Pages of rules are long and change often, and so does the version.
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("there are rules") {
        rule.as_object_mut().expect("a rule").retain(|key, _| ["id", "name", "defaultConfiguration"].contains(&&**key));
    }
    log["runs"][0]["tool"]["driver"]["version"] = "x".into();
    log["runs"][0]["tool"]["driver"]["semanticVersion"] = "x".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&log).expect("it is JSON"));
}

#[test]
fn findings_as_commands_of_github() {
    insta::assert_snapshot!(written(FindingsFormat::Github));
}

#[test]
fn findings_as_a_report_of_gitlab() {
    insta::assert_snapshot!(written(FindingsFormat::Gitlab));
}

#[test]
fn findings_as_test_results() {
    insta::assert_snapshot!(written(FindingsFormat::Junit));
}

#[test]
fn findings_as_commands_of_azure() {
    insta::assert_snapshot!(written(FindingsFormat::Azure));
}

#[test]
fn findings_as_diagnostics_of_reviewdog() {
    insta::assert_snapshot!(written(FindingsFormat::Rdjson));
}
