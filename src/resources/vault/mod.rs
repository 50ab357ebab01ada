//! Vault: how it is reached, and which identities it has.

mod connection;
mod identity;
pub mod rules;
mod spec;

pub use connection::{VaultEnvironment, vault_connection, vault_problems};
pub use identity::{IdentityProblem, check_principal, listener_of, principals_named, role_of};
pub use spec::*;
