//! Replicas that are moved on three and four real brokers while they are written and read.
//!
//! Each test has a cluster of its own. A producer with `acks=all` writes all the time; whatever is acknowledged has to be
//! there in the end, counted by a reader that knows nothing of the moves.

#[path = "../support/mod.rs"]
mod support;

mod brokers;
mod estate;
mod factor;
mod gone;
mod oncall;
mod permissions;
mod traffic;
mod undo;

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
