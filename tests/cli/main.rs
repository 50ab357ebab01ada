//! The command line offline: what people see, exit codes, and input that is broken or hostile.

#[path = "../support/mod.rs"]
mod support;

mod catalog;
mod contracts;
mod documented;
mod explain;
mod help;
mod hostile;
mod loader;
mod new;
mod policy;
mod sample;
mod schema;
mod schema_diff;
mod show;
mod usage;
mod validate;
mod versions;

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
