use super::samples::report;
use crate::apply::{ApplyReport, Outcome};
use crate::model::Address;
use crate::plan::Action;
use crate::ports::{Failure, FailureKind};
use crate::render::apply::{ApplyView, outcome_line};
use crate::render::{Style, View};

#[test]
fn a_report_in_a_terminal() {
    insta::assert_snapshot!(ApplyView { report: &report(), is_saved: false }.text(Style::PLAIN));
}

#[test]
fn a_report_as_markdown() {
    insta::assert_snapshot!(ApplyView { report: &report(), is_saved: false }.markdown());
}

#[test]
fn all_done() {
    let done = vec![Outcome::done(Address::topic("a"), Action::Create)];
    let report = ApplyReport::new("dev", "abc", done);
    let text = ApplyView { report: &report, is_saved: false }.text(Style::PLAIN);
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
    insta::assert_snapshot!(ApplyView { report: &report, is_saved: false }.text(Style::PLAIN), @"
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
fn what_moved_is_planned_again_by_who_has_saved_the_plan() {
    let failure = Failure {
        kind: FailureKind::Moved,
        tried: "write 2 keys".into(),
        server: "Consul".into(),
        answer: "index is stale".into(),
        hint: Some("plan again".into()),
    };
    let failed = Outcome::failed(Address::topic("media.a"), Action::Update, failure);
    let report = ApplyReport::new("dev", "abc", vec![failed]);
    let last = |is_saved| {
        let text = ApplyView { report: &report, is_saved }.text(Style::PLAIN);
        text.lines().last().map(str::to_owned)
    };
    assert_eq!(last(true).unwrap(), "Plan again, and apply that plan: what is done is not done twice.");
    assert_eq!(last(false).unwrap(), "Run apply again, which plans again: what is done is not done twice.");
}

#[test]
fn a_line_for_each_outcome() {
    let lines: Vec<_> = report().outcomes.iter().take(6).map(outcome_line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
