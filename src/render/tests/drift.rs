use super::samples::drift;
use crate::model::Timestamp;
use crate::plan::samples::plan_of;
use crate::render::drift::DriftView;
use crate::render::{Style, View};

#[test]
fn drift_in_a_terminal() {
    insta::assert_snapshot!(DriftView { drift: &drift() }.text(Style::PLAIN));
}

#[test]
fn drift_as_markdown() {
    insta::assert_snapshot!(DriftView { drift: &drift() }.markdown());
}

#[test]
fn drift_as_metrics() {
    insta::assert_snapshot!(DriftView { drift: &drift() }.prometheus(Timestamp::of_unix_millis(1_795_619_045_000)));
}

#[test]
fn no_drift() {
    let none = crate::plan::drift(&plan_of(Vec::new()), &Default::default());
    let text = DriftView { drift: &none }.text(Style::PLAIN);
    insta::assert_snapshot!(text, @"production (cluster id MkU3OEVBNTcwNTJENDM2Qg): what the cluster has is what the manifests say.");
}

#[test]
fn what_no_apply_changes_is_no_agreement() {
    let mut drift = drift();
    drift.drifted.clear();
    let text = DriftView { drift: &drift }.text(Style::PLAIN);
    assert!(text.ends_with(": nothing differs that an apply would change; see 2 findings.\n"), "{text}");
}
