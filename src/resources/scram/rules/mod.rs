//! What SCRAM users keep to.

pub(crate) mod access;
pub(crate) mod users;
