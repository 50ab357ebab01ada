//! Dead-letter queues on a real broker: what is told of them, and that each record is sent again once.

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/java_class.rs"]
mod java_class;

mod across;
mod bounds;
mod decode;
mod deletion;
mod discard;
mod faithful;
mod fire;
mod headers;
mod list;
mod metrics;
mod objects;
mod originals;
mod permissions;
mod queue;
mod redrive;
mod route;
mod runbook;
mod stats;
mod triage;
mod tui;
mod watched;
mod writers;

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
