//! Who owns what: domains, services, teams and roles.

mod spec;

pub use spec::*;
