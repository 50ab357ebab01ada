//! What changes cost, measured on a real broker, and deletion from the tombstone to the empty plan.

#[path = "../support/modules.rs"]
mod modules;
#[path = "../support/secrets.rs"]
mod secrets;

mod access;
mod bus;
mod deletion;
mod lists;
mod losses;
mod truncate;
mod workspace;

#[test]
fn no_module_is_forgotten() {
    modules::assert_none_is_forgotten(file!());
}
