//! Grants: what services may do, compiled to ACLs.

mod desired;
mod diff;
pub mod rules;
mod spec;

pub use desired::{DesiredGrants, Owner, address_of, principals_of};
pub use diff::{diff, field_name};
pub use spec::*;
