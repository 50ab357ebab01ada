//! The command line offline: what people see, exit codes, and input that is broken or hostile.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod against;
mod baseline;
mod catalog;
mod ci;
mod clients;
mod contracts;
mod documented;
mod explain;
mod fmt;
mod governed;
mod help;
mod hostile;
mod import;
mod lists;
mod loader;
mod many;
mod mend;
mod new;
mod paths;
mod personal;
mod policy;
mod promote;
mod quotas;
mod sample;
mod scaffold;
mod schema;
mod scram;
mod secrets;
mod servers;
mod settings;
mod show;
mod side_by_side;
mod unreadable;
mod usage;
mod validate;
mod versions;
mod whoami;

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
