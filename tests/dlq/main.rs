//! Dead-letter queues on a real broker: what is told of them, and that each record is sent again once.

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/java_class.rs"]
mod java_class;

mod discard;
mod faithful;
mod fire;
mod permissions;
mod queue;
mod redrive;
mod runbook;
mod triage;
mod writers;

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
