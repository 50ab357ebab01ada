use clap::ValueEnum;

use super::samples;
use crate::diag::{Diagnostic, Findings, Level};
use crate::render::findings::{FindingsFormat, FindingsView, Report, Repository};
use crate::render::{Style, View};
use crate::source::{Sources, Span};

fn text(findings: &[Diagnostic], sources: &Sources) -> String {
    FindingsView { findings: &Findings::listed(findings.iter().cloned(), sources), sources }.text(Style::PLAIN)
}

#[test]
fn findings_in_a_terminal() {
    let (findings, sources) = samples::findings();
    insta::assert_snapshot!(text(&findings, &sources));
}

#[test]
fn the_worst_comes_first_in_every_form() {
    let mut sources = Sources::default();
    let files = ["a.yaml", "b.yaml", "c.yaml"].map(|path| sources.add(path, "x: 1\ny: 2\n"));
    let at = |file: usize, start, level, message: &str| {
        Diagnostic::new("BUS107", message).level(level).at(Span::new(files[file], start, start + 1), "")
    };
    let mut findings = [
        at(0, 0, Level::Info, "the fifth one"),
        at(1, 0, Level::Warn, "the third one"),
        at(1, 5, Level::Warn, "the fourth one"),
        at(2, 5, Level::Error, "the second one"),
        at(2, 0, Level::Error, "the first one"),
    ];
    let words = ["the first one", "the second one", "the third one", "the fourth one", "the fifth one"];
    for _ in 0..findings.len() {
        // In whichever order they were found.
        findings.rotate_left(1);
        let view = FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources };
        for format in FindingsFormat::value_variants() {
            let mut out = Vec::new();
            view.write(*format, Style::PLAIN, &Repository::default(), &mut out).expect("it is written");
            let out = String::from_utf8(out).expect("it is text");
            let places: Vec<_> = words.iter().map(|word| out.find(word).expect("it is told")).collect();
            assert!(places.is_sorted(), "{format:?}: {out}");
        }
    }
}

#[test]
fn findings_in_colour() {
    let (findings, sources) = samples::findings();
    let text = FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources }
        .text(Style { color: true, width: 100 });
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn places_that_are_hard_to_show() {
    let mut sources = Sources::default();
    let minified = format!("{{{}\"name\":\"BAD\",{}}}", "\"doc\":\"ä\",".repeat(50_000), "\"x\":1,".repeat(50_000));
    let schema = sources.add("schemas/media/minified.avsc", minified.as_str());
    let start = minified.find("BAD").expect("it is there");
    let crlf = sources.add("crlf.yaml", "topic: a\r\n\tclass:\t広い\t# wide\r\nescape: \u{1b}[31mred\r\n\r\nlast: 1");
    let findings = [
        Diagnostic::new("BUS301", "cut").at(Span::new(schema, start, start + 3), "this name").help("write another"),
        Diagnostic::new("BUS302", "wide").at(Span::new(crlf, 18, 24), "after tabs"),
        Diagnostic::new("BUS303", "escape\u{1b}[2J").at(Span::new(crlf, 43, 46), "red"),
        Diagnostic::new("BUS304", "several lines").at(Span::new(crlf, 0, 40), "they start here"),
        Diagnostic::new("BUS305", "end").at(Span::new(crlf, 100, 300), "behind the end"),
    ];
    insta::assert_snapshot!(text(&findings, &sources));
}

#[test]
fn what_is_not_applied_yet_is_folded() {
    let mut sources = Sources::default();
    let findings: Vec<_> = ["production", "staging", "test"]
        .map(|name| {
            let file = sources.add(format!("clusters/{name}.yaml"), "kafka: { config: { a: 1 } }\n");
            Diagnostic::new("BUS010", format!("the broker configs of `{name}` are not applied"))
                .level(Level::Info)
                .at(Span::new(file, 19, 20), "")
                .help("set them where the brokers are run")
        })
        .into();
    insta::assert_snapshot!(text(&findings, &sources), @"
    info[BUS010]: the broker configs of `production` are not applied (and 2 more like this)
     --> clusters/production.yaml:1:20
      = help: set them where the brokers are run

    3 info in 3 files
    ");
}

#[test]
fn the_counts_are_the_last_line() {
    let (findings, sources) = samples::findings();
    assert!(text(&findings, &sources).ends_with("3 errors, 1 warning, 1 info in 3 files\n"));
    assert_eq!(text(&[], &sources), "no findings\n");
}

#[test]
fn the_order_in_which_they_were_found_does_not_matter() {
    let (mut findings, sources) = samples::findings();
    let first = text(&findings, &sources);
    findings.reverse();
    assert_eq!(text(&findings, &sources), first);
}

#[test]
fn places_in_other_files() {
    let mut sources = Sources::default();
    let topic = sources.add("topics/a.yaml", "topic: a\n");
    let minified = sources.add("schemas/a.avsc", format!("{}\"name\":\"a\"}}", "{}".repeat(5_000)).as_str());
    let findings = [Diagnostic::new("BUS310", "`a` is declared twice")
        .at(Span::new(topic, 7, 8), "again here")
        .at(Span::whole(minified), "the schema is this file")
        .at(Span::new(minified, 10_008, 10_009), "and names it here")
        .cluster("dev")
        .help("rename one")];
    insta::assert_snapshot!(text(&findings, &sources));
}

#[test]
fn ten_thousand_findings_in_one_line_are_each_cut() {
    let mut sources = Sources::default();
    let file = sources.add("big.avsc", "\"docä\":\"x\",".repeat(90_000).as_str());
    let findings: Vec<_> = (0..10_000)
        .map(|n| Diagnostic::new("BUS001", format!("finding {n}")).at(Span::new(file, n * 100, n * 100 + 9), "here"))
        .collect();
    assert!(text(&findings, &sources).len() < 10_000 * 300);
}
