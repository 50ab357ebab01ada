use super::Encoding::Text;
use super::Named;
use super::Part::{Component, Message, Other, Topic};

/// The `PoisonQueue` middleware of Watermill.
pub(super) const HEADERS: &[Named] = &[
    Named("handler_poisoned", Component, Text),
    Named("reason_poisoned", Message, Text),
    Named("subscriber_poisoned", Other, Text),
    Named("topic_poisoned", Topic, Text),
];
