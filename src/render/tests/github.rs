//! Comments on pull requests.

use super::samples::{self, change, plan, plan_of};
use crate::diag::{Diagnostic, Findings};
use crate::model::{Address, Risk};
use crate::plan::Action;
use crate::render::View;
use crate::render::findings::FindingsView;
use crate::render::plan::PlanView;
use crate::source::Sources;

fn comment(plan: &crate::plan::Plan) -> String {
    PlanView { plan, verbose: false }.markdown()
}

#[test]
fn a_plan_as_a_comment() {
    insta::assert_snapshot!(comment(&plan()));
}

#[test]
fn an_empty_plan_as_a_comment() {
    insta::assert_snapshot!(comment(&plan_of(Vec::new())));
}

#[test]
fn findings_as_a_comment() {
    let (findings, sources) = samples::findings();
    insta::assert_snapshot!(
        FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources }.markdown()
    );
}

#[test]
fn a_comment_is_never_too_long_and_keeps_the_worst() {
    let mut changes: Vec<_> = (0..20_000)
        .map(|n| {
            let mut change = change(Address::topic(format!("t.{n}")), Action::Update, Risk::Safe, Vec::new());
            change.impact = vec!["x|`@all`".repeat(30)];
            change
        })
        .collect();
    changes.push(change(Address::topic("worst"), Action::Delete, Risk::Destructive, Vec::new()));
    let mut plan = plan_of(changes);
    for n in 0..5_000 {
        plan.incomplete.push(samples::plan().incomplete[n % 3].clone());
        plan.findings.push(samples::plan().findings[n % 2].clone());
    }
    let comment = comment(&plan);
    assert!(comment.len() <= 65_536, "{}", comment.len());
    assert!(comment.starts_with("<!-- busctl:plan:production -->\n"));
    assert!(comment.contains("| delete | `topic/worst` |"), "{comment}");
    assert!(comment.contains("**Too much for a comment.** Left out: "), "{comment}");
    let findings: Vec<_> = (0..10_000).map(|n| Diagnostic::new("BUS001", format!("finding {n}"))).collect();
    let comment = {
        let sources = Sources::default();
        FindingsView { findings: &Findings::listed(findings, &sources), sources: &sources }.markdown()
    };
    assert!(comment.len() <= 65_536 && comment.contains(" did not fit: run "), "{}", comment.len());
}

#[test]
fn a_cluster_cannot_close_the_marker() {
    let mut plan = plan_of(Vec::new());
    plan.cluster = "a --><script>@me".into();
    let comment = comment(&plan);
    assert!(comment.starts_with("<!-- busctl:plan:a--scriptme -->\n"), "{comment}");
    assert!(!comment.contains("<script") && !comment.contains("@me"), "{comment}");
}
