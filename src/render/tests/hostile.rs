//! Whatever a manifest or a server says: nothing panics, and nothing is obeyed by a terminal or by GitHub.

use proptest::prelude::*;

use super::samples::plan;
use crate::diag::{Diagnostic, Findings, Level};
use crate::plan::Plan;
use crate::render::findings::{FindingsFormat, FindingsView, Report, Repository};
use crate::render::plan::PlanView;
use crate::render::{Style, View};
use crate::source::{FileId, Place, Sources, Span, is_unseen};

/// Text with everything that terminals and Markdown know.
const ODD: &str = "(\\PC|[\\x00-\\x1f\\x7f-\\u{9f}]|\r\n|\u{202e}|\
     [`|\\\\<>@#*_!\\[\\]()~$&:]|<!--|-->|www\\.|https://x\\.y|@me|```){0,20}";

/// What may stand in a terminal: text and line breaks.
fn no_control(text: &str) -> Result<(), TestCaseError> {
    // Markup is broken by what is not seen either.
    prop_assert!(!text.contains(|c: char| is_unseen(c) && !matches!(c, '\n' | '\u{200b}')), "{text:?}");
    Ok(())
}

/// Outside code there is no markup but ours, and each row of a table has the cells of its head.
fn only_our_markup(markdown: &str) -> Result<(), TestCaseError> {
    let mut pipes = 0;
    for line in markdown.lines() {
        no_control(line)?;
        if line.starts_with("<!-- busctl:") {
            prop_assert!(line.ends_with(" -->") && line.matches('>').count() == 1, "{line}");
            continue;
        }
        if line.starts_with("| --- ") {
            pipes = line.matches('|').count();
        } else if line.starts_with("| ") && !line.starts_with("| |") && !line.starts_with("| Resource") {
            prop_assert_eq!(line.matches('|').count(), pipes, "{}", line);
        }
        prop_assert!(line.matches('`').count().is_multiple_of(2), "{}", line);
        let outside: String = line.split('`').step_by(2).collect();
        let mut rest = outside;
        for ours in [
            "<br>",
            "<code>",
            "</code>",
            "<details>",
            "</details>",
            "<summary>",
            "</summary>",
            "**error**",
            "**refused by the server**",
            "**Too much for a comment.**",
        ] {
            rest = rest.replace(ours, "");
        }
        prop_assert!(!rest.contains(['<', '>', '*', '_', '[', ']', '@', '~', '$', '\\']), "{rest:?} in {line:?}");
        prop_assert!(!rest.contains("://") && !rest.contains("www."), "{rest:?}");
    }
    Ok(())
}

#[test]
fn no_message_is_longer_than_its_reader_takes_it() {
    let mut sources = Sources::default();
    let file = sources.add("topics/a.yaml", "topic: a\n");
    let long = "🎬%".repeat(100_000);
    let finding = |code| {
        let label = format!("label {long}");
        let finding = Diagnostic::new(code, format!("message {long}")).at(Span::new(file, 0, 5), label.clone());
        finding.at(Span::new(file, 7, 8), label).help(format!("help {long}")).resource("topic/a")
    };
    let info = finding("BUS650").level(Level::Info);
    let (findings, repository) = ([finding("BUS107"), info], Repository::default());
    let view = FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources };
    let written = |format| {
        let mut out = Vec::new();
        view.write(format, Style::PLAIN, &repository, &mut out).expect("it is written");
        String::from_utf8(out).expect("no character is cut")
    };
    for format in [FindingsFormat::Github, FindingsFormat::Azure] {
        for line in written(format).lines() {
            let message = line.rsplit_once("::").or(line.split_once(']')).map_or(line, |(_, message)| message);
            let message = message.replace("%AZP25", "%").replace("%25", "%").replace("%0A", "\n");
            let units = message.encode_utf16().count();
            assert!(units > 1_500 && units <= 4_200, "{units} in {format:?}");
            assert!(message.contains("help: help"), "how to mend it is still there: {format:?}");
        }
    }
    let sarif: serde_json::Value = serde_json::from_str(&written(FindingsFormat::Sarif)).expect("it is JSON");
    let result = &sarif["runs"][0]["results"][0];
    for text in [&result["message"]["text"], &result["relatedLocations"][0]["message"]["text"]] {
        let text = text.as_str().expect("a message");
        assert!(text.encode_utf16().count() <= 1_024 && text.contains('…'), "{}", text.len());
    }
    for format in [FindingsFormat::Gitlab, FindingsFormat::Junit, FindingsFormat::Rdjson, FindingsFormat::Json] {
        assert!(written(format).len() < 120_000, "{format:?}");
    }
}

/// The sample plan with every text replaced.
fn odd_plan(text: &str) -> Plan {
    let mut plan = plan();
    let place = || Some(Place { file: text.to_owned(), line: 1, column: 1 });
    plan.cluster = text.to_owned();
    plan.cluster_id = text.to_owned();
    for change in &mut plan.changes {
        change.address.name = text.to_owned();
        change.place = place();
        change.verification.reason = text.to_owned();
        change.impact = vec![text.to_owned()];
        for field in &mut change.fields {
            field.field = text.to_owned();
            for value in field.before.iter_mut().chain(&mut field.after) {
                value.value = text.to_owned();
                value.shown = Some(text.to_owned());
                value.source = Some(text.to_owned());
            }
        }
    }
    for unseen in &mut plan.incomplete {
        unseen.address.name = text.to_owned();
        unseen.failure.answer = text.to_owned();
        unseen.failure.hint = Some(text.to_owned());
    }
    for unmanaged in &mut plan.unmanaged {
        unmanaged.name = text.to_owned();
        unmanaged.reason = text.to_owned();
    }
    for finding in &mut plan.findings {
        finding.code = text.to_owned();
        finding.message = text.to_owned();
        finding.help = Some(text.to_owned());
        finding.place = place();
    }
    plan
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_finding_is_too_odd(
        texts in prop::collection::vec("(\\PC|[\\x00-\\x1f\\x7f-\\u{9f}]|\r\n|\t|\u{202e}|ä|x{300}){0,60}", 1..3),
        spans in prop::collection::vec((0u32..4, 0u32..200, 0u32..200, ODD), 0..4),
        message in ODD,
        width in 0usize..300,
    ) {
        let mut sources = Sources::default();
        for (index, text) in texts.iter().enumerate() {
            sources.add(format!("f\u{1b}{index}.yaml"), text.as_str());
        }
        let mut finding = Diagnostic::new("BUS001", message.clone()).help(message.clone()).cluster(message);
        for (file, start, end, label) in spans {
            finding = finding.at(Span { file: FileId(file), start, end }, label);
        }
        let findings = [finding.clone(), finding];
        let view = FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources };
        no_control(&view.text(Style { color: false, width }))?;
        only_our_markup(&view.markdown())?;
        for format in <FindingsFormat as clap::ValueEnum>::value_variants() {
            let mut out = Vec::new();
            view.write(*format, Style { color: false, width }, &Repository::default(), &mut out)?;
            no_control(std::str::from_utf8(&out)?)?;
            if matches!(format, FindingsFormat::Github | FindingsFormat::Azure | FindingsFormat::Jsonl) {
                prop_assert_eq!(out.split(|byte| *byte == b'\n').count(), findings.len() + 1);
            }
        }
    }

    #[test]
    fn no_plan_is_too_odd(text in ODD, width in 0usize..300) {
        let plan = odd_plan(&text);
        for verbose in [false, true] {
            let view = PlanView { plan: &plan, verbose };
            no_control(&view.text(Style { color: false, width }))?;
        }
        only_our_markup(&PlanView { plan: &plan, verbose: false }.markdown())?;
    }
}
