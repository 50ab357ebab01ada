use super::samples;
use crate::render::audit::AuditView;
use crate::render::{Style, View};

#[test]
fn a_record_in_a_terminal() {
    insta::assert_snapshot!(AuditView { audit: &samples::audit(), verbose: false }.text(Style::PLAIN));
}

#[test]
fn a_record_at_length() {
    insta::assert_snapshot!(AuditView { audit: &samples::audit(), verbose: true }.text(Style::PLAIN));
}

#[test]
fn a_record_as_markdown() {
    insta::assert_snapshot!(AuditView { audit: &samples::audit(), verbose: false }.markdown());
}
