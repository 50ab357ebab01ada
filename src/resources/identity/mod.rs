//! Identities of services: who hands them out, and whether a service has one.

mod held;
pub mod rules;
mod spec;

pub use held::{FoundIdentities, Holding, awaiting, needing, unheld, withhold};
pub use spec::IdentitiesSpec;
