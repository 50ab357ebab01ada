//! Dead-letter queues on a real broker: what is told of them, and that each record is sent again once.

#[path = "../support/mod.rs"]
mod support;

mod discard;
mod list;
mod permissions;
mod queue;
mod redrive;
mod triage;

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
