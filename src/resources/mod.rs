//! The kinds of manifests and resources, one folder each.

pub mod acl;
pub mod catalog;
pub mod cluster;
pub mod registry;
pub mod schema;
pub mod settings;
pub mod topic;
