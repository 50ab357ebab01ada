//! The forms of findings for machines.

use std::io::{self, Write};

use super::samples;
use crate::diag::{Diagnostic, Findings, Level, MemorySpill, Store};
use crate::render::Style;
use crate::render::findings::{FindingsFormat, FindingsView, Report, Repository};
use crate::source::{Sources, Span};

/// Findings of the sample, in a workspace that is a folder of its repository.
fn written(format: FindingsFormat) -> String {
    let (findings, sources) = samples::findings();
    let repository =
        Repository { root: "/repo".into(), folder: "/repo/deploy/bus".into(), stand_in: "busctl.yaml".into() };
    let mut out = Vec::new();
    let view = FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources };
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

/// More than code scanning takes.
fn many() -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("topics/a.yaml", "topic: a\n".repeat(1000).as_str());
    let finding = |n: usize| {
        let at = n % 8000;
        Diagnostic::new("BUS004", format!("finding {n}")).at(Span::new(file, at, at + 5), "here").help("mend it")
    };
    ((0..25_500).map(finding).collect(), sources)
}

#[test]
fn code_scanning_gets_no_more_results_than_it_takes() {
    let (findings, sources) = many();
    let mut out = Vec::new();
    let view = FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources };
    view.write(FindingsFormat::Sarif, Style::PLAIN, &Repository::default(), &mut out).expect("memory takes everything");
    let log: serde_json::Value = serde_json::from_slice(&out).expect("it is JSON");
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(25_000));
    let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert_eq!(said, "500 findings did not fit: run `busctl validate` to see them.");
}

#[test]
fn a_report_is_the_same_wherever_its_findings_are_kept() {
    let mut sources = Sources::default();
    let files = ["topics/b.yaml", "topics/a.yaml", "busctl.yaml"]
        .map(|path| sources.add(path, "topic: a\n".repeat(99).as_str()));
    let mut findings: Vec<Diagnostic> = (0..3_000)
        .map(|n| {
            let level = [Level::Warn, Level::Error, Level::Info, Level::Error][n % 4];
            let at = n * 7 % 800;
            // Some are equal but for their lines, and some have no place.
            let finding = Diagnostic::new(["BUS104", "BUS010", "ORG001"][n % 3], format!("`{}` is wrong", n % 1_000))
                .level(level);
            match n % 5 {
                0 => finding.cluster("dev"),
                _ => finding.at(Span::new(files[n % 3], at, at + 5), "here").help("mend it").resource("topic/a"),
            }
        })
        .collect();
    let written = |findings: &Findings, format| {
        let mut out = Vec::new();
        let view = FindingsView { findings, sources: &sources };
        view.write(format, Style::PLAIN, &Repository::default(), &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("it is text")
    };
    for most in [1, 10, 1_700] {
        findings.reverse();
        let mut spilled = Store::spilling(&sources, most, MemorySpill::default()).findings();
        spilled.extend(findings.iter().cloned());
        let listed = Findings::listed(findings.iter().cloned(), &sources);
        for format in <FindingsFormat as clap::ValueEnum>::value_variants() {
            assert_eq!(written(&spilled, *format), written(&listed, *format), "{format:?}, {most} in memory");
        }
        spilled.whole().expect("nothing is lost");
    }
}

/// Counts what is written, and how much of it is written at once.
#[derive(Default)]
struct Pieces {
    all: usize,
    largest: usize,
}

impl Write for Pieces {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.all += piece.len();
        self.largest = self.largest.max(piece.len());
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn findings_are_written_as_they_are_made() {
    let (findings, sources) = many();
    let view =
        FindingsView { findings: &Findings::listed(findings.into_iter().take(5_000), &sources), sources: &sources };
    for format in <FindingsFormat as clap::ValueEnum>::value_variants() {
        let mut pieces = Pieces::default();
        view.write(*format, Style::PLAIN, &Repository::default(), &mut pieces).expect("it takes everything");
        // A comment has an end, and so has what people read.
        if !matches!(format, FindingsFormat::Markdown | FindingsFormat::Text) {
            assert!(pieces.all > 400_000 && pieces.largest < 10_000, "{format:?}: {} {}", pieces.all, pieces.largest);
        }
    }
}
