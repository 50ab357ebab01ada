//! Who owns what: domains, services, teams and roles.

pub mod rules;
mod spec;

pub use spec::*;
