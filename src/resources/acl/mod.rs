//! Grants: what services may do, compiled to ACLs.

pub mod access;
mod desired;
mod diff;
mod effect;
mod groups;
mod impact;
mod lockout;
mod operators;
pub mod rules;
#[cfg(test)]
mod samples;
mod spec;

pub(in crate::resources) use desired::consenting;
pub use desired::{DesiredGrants, Owner, address_of, principals_for, principals_of, written_name};
pub(in crate::resources) use diff::is_ours;
pub use diff::{diff, field_name, in_scope, manages_resource};
pub use effect::ANY_HOST;
pub use groups::{Claim, Claims, services_by_group};
pub use operators::Tending;
pub use spec::*;
