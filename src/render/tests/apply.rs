use super::samples::report;
use crate::apply::{ApplyReport, Outcome};
use crate::model::Address;
use crate::plan::Action;
use crate::render::apply::{ApplyView, outcome_line};
use crate::render::{Style, View};

#[test]
fn a_report_in_a_terminal() {
    insta::assert_snapshot!(ApplyView { report: &report() }.text(Style::PLAIN));
}

#[test]
fn a_report_as_markdown() {
    insta::assert_snapshot!(ApplyView { report: &report() }.markdown());
}

#[test]
fn all_done() {
    let done = vec![Outcome::done(Address::topic("a"), Action::Create)];
    let report = ApplyReport::new("dev", "abc", done);
    let text = ApplyView { report: &report }.text(Style::PLAIN);
    insta::assert_snapshot!(text, @"Applied to dev (cluster id abc): 1 done.");
}

#[test]
fn a_line_for_each_outcome() {
    let lines: Vec<_> = report().outcomes.iter().take(6).map(outcome_line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
