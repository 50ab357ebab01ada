use super::samples::report;
use crate::apply::{ApplyReport, Outcome};
use crate::model::Address;
use crate::plan::Action;
use crate::ports::{Failure, FailureKind};
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
fn one_reason_is_told_once_whatever_the_resources_are_called() {
    let failed = |name: &str| {
        let failure = Failure {
            kind: FailureKind::Refused,
            tried: format!("raise {name} to 6 partitions"),
            server: "kafka-0.example.internal:9094".into(),
            answer: "INVALID_PARTITIONS".into(),
            hint: None,
        };
        Outcome::failed(Address::topic(name), Action::Update, failure)
    };
    let report = ApplyReport::new("dev", "abc", vec![failed("media.a"), failed("media.b")]);
    insta::assert_snapshot!(ApplyView { report: &report }.text(Style::PLAIN), @"
    FAILED: 2 changes
      for example: could not raise media.a to 6 partitions on kafka-0.example.internal:9094:
                   INVALID_PARTITIONS
        topic/media.a
        topic/media.b

    Applied in part to dev (cluster id abc): 0 done, 2 failed.
    Correct what was refused, then run apply again: what is done is not done twice.
    ");
}

#[test]
fn a_line_for_each_outcome() {
    let lines: Vec<_> = report().outcomes.iter().take(6).map(outcome_line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
