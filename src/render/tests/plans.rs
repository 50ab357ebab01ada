use super::samples::{change, grant, plan, plan_of};
use crate::model::{Address, Risk};
use crate::plan::Action;
use crate::render::plan::PlanView;
use crate::render::{Style, View};

fn short(plan: &crate::plan::Plan) -> String {
    PlanView { plan, verbose: false }.text(Style::PLAIN)
}

#[test]
fn a_plan_in_short() {
    insta::assert_snapshot!(short(&plan()));
}

#[test]
fn a_plan_at_length() {
    insta::assert_snapshot!(PlanView { plan: &plan(), verbose: true }.text(Style::PLAIN));
}

#[test]
fn a_plan_in_colour() {
    let style = Style { color: true, width: 100 };
    let text = PlanView { plan: &plan(), verbose: false }.text(style);
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn nothing_to_do() {
    let mut empty = plan_of(Vec::new());
    let nothing = "Nothing to do: production (cluster id MkU3OEVBNTcwNTJENDM2Qg) is as the workspace says.\n";
    assert_eq!(short(&empty), nothing);
    empty.findings = plan().findings;
    assert!(
        short(&empty).ends_with("Nothing to do on production (cluster id MkU3OEVBNTcwNTJENDM2Qg); see 2 findings.\n")
    );
    empty.incomplete = plan().incomplete;
    empty.complete = false;
    assert!(short(&empty).ends_with("; 3 resources could not be seen.\n"), "{}", short(&empty));
}

#[test]
fn ten_thousand_changes_fold_and_the_destructive_ones_do_not() {
    let mut changes: Vec<_> = (0..10_000)
        .map(|n| change(Address::topic(format!("t.{n}")), Action::Create, Risk::Safe, Vec::new()))
        .chain((0..10_000).map(|n| grant(&format!("s{}", n / 3), &format!("topic/t.{n}"), &["read"])))
        .collect();
    changes.extend(
        (0..30).map(|n| change(Address::topic(format!("cut.{n}")), Action::Update, Risk::Destructive, Vec::new())),
    );
    let plan = plan_of(changes);
    let text = short(&plan);
    assert!(text.contains("… and 9,980 more topics to create, safe (--verbose lists them)"), "{text}");
    assert!(text.contains("… and 9,980 more grants to create, safe (--verbose lists them)"), "{text}");
    assert_eq!(text.matches("[destructive]").count(), 30);
    assert!(text.lines().count() < 100, "{text}");
    assert!(PlanView { plan: &plan, verbose: true }.text(Style::PLAIN).lines().count() > 20_000);
}
