use crate::cli::error::CommandError;
use crate::cli::login_args::{LoginArgs, secret};
use crate::resources::cluster::{Reach, ReachRegistry};

/// How a cluster is reached that has no manifest yet. Secrets are references: env:NAME, file:PATH or vault:PATH#FIELD.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "A cluster without a manifest")]
pub struct ReachArgs {
    /// Brokers to ask first, HOST:PORT. Several are divided by commas
    #[arg(long, value_name = "BROKERS", value_delimiter = ',', env = "BUSCTL_BOOTSTRAP")]
    bootstrap: Vec<String>,

    #[command(flatten)]
    login: LoginArgs,

    /// The schema registry: the base of its Confluent API
    #[arg(long, value_name = "URL", env = "BUSCTL_REGISTRY")]
    registry: Option<String>,

    /// The user of the registry
    #[arg(long, value_name = "NAME", requires = "registry")]
    registry_username: Option<String>,

    /// The password of the registry
    #[arg(long, value_name = "SECRET", requires = "registry_username")]
    registry_password: Option<String>,
}

impl ReachArgs {
    /// The same, its secrets taken for references.
    pub fn reach(&self) -> Result<Reach, CommandError> {
        let password = secret("--registry-password", self.registry_password.as_ref())?;
        let username = self.registry_username.clone();
        let registry = |url: &String| ReachRegistry { url: url.clone(), username, password };
        Ok(Reach {
            bootstrap: self.bootstrap.clone(),
            tls: self.login.tls()?,
            sasl: self.login.sasl()?,
            registry: self.registry.as_ref().map(registry),
        })
    }
}
