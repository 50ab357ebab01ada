//! `busctl render`: what the workspace means, in the forms of other systems.

mod external_secrets;

use super::args::Global;
use super::error::{CommandError, Exit};

/// Forms of other systems.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write the manifests that have Kubernetes deliver the certificate and the credentials of each service
    ExternalSecrets(external_secrets::Args),
}

/// Renders the workspace for another system.
pub async fn run(global: &Global, command: &Command) -> Result<Exit, CommandError> {
    match command {
        Command::ExternalSecrets(args) => external_secrets::run(global, args).await,
    }
}
