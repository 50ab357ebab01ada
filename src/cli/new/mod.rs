//! Manifests that did not exist before.

mod ask;
mod cluster;
mod domain;
pub(super) mod made;
mod service;
mod topic;
mod version;

use super::args::Global;
use super::error::{CommandError, Exit};

/// Manifests.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a topic with its schema, its dead letters and both sides of its consents
    Topic(topic::Args),
    /// Declare a service and have it ask for its topics
    Service(service::Args),
    /// Declare a domain
    Domain(domain::Args),
    /// Make a cluster, and its registry
    Cluster(Box<cluster::Args>),
    /// Make the next major version of a topic, with all that belongs to it
    Version(version::Args),
}

/// Runs one of the commands.
pub fn run(global: &Global, command: &Command) -> Result<Exit, CommandError> {
    match command {
        Command::Topic(args) => topic::run(global, args),
        Command::Service(args) => service::run(global, args),
        Command::Domain(args) => domain::run(global, args),
        Command::Cluster(args) => cluster::run(global, args),
        Command::Version(args) => version::run(global, args),
    }
}
