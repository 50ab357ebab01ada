use super::Encoding::Text;
use super::Named;
use super::Part::{Component, Message, Other, Stage, Topic};

/// `DlqAction` of Confluent's data contract rules.
pub(super) const HEADERS: &[Named] = &[
    Named("__rule.exception", Message, Text),
    Named("__rule.mode", Stage, Text),
    Named("__rule.name", Component, Text),
    Named("__rule.subject", Other, Text),
    Named("__rule.topic", Topic, Text),
];
