//! Grants: what services may do, compiled to ACLs.

mod desired;
mod diff;
pub mod rules;
mod spec;

pub use desired::{DesiredGrants, Owner, principals_of};
pub use diff::diff;
pub use spec::*;
