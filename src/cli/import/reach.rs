use crate::cli::args::words;
use crate::cli::error::CommandError;
use crate::import::{Reach, ReachRegistry, ReachSasl, ReachTls};
use crate::model::SecretRef;
use crate::resources::cluster::SaslMechanism;

/// How a cluster is reached that has no manifest yet. Secrets are references: env:NAME, file:PATH or vault:PATH#FIELD.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "A cluster without a manifest")]
pub struct ReachArgs {
    /// Brokers to ask first, HOST:PORT. Several are divided by commas
    #[arg(long, value_name = "BROKERS", value_delimiter = ',', env = "BUSCTL_BOOTSTRAP")]
    bootstrap: Vec<String>,

    /// Use TLS, with the authorities of the system unless --ca says others
    #[arg(long)]
    tls: bool,

    /// The authorities to trust, PEM
    #[arg(long, value_name = "SECRET")]
    ca: Option<String>,

    /// The client's certificate chain, PEM
    #[arg(long, value_name = "SECRET")]
    certificate: Option<String>,

    /// The key of the certificate, PEM
    #[arg(long, value_name = "SECRET", requires = "certificate")]
    key: Option<String>,

    /// The SASL mechanism: plain, scram-sha-256 or scram-sha-512
    #[arg(long, value_name = "MECHANISM", value_parser = words(MECHANISMS), requires = "username")]
    sasl: Option<SaslMechanism>,

    /// The user of SASL
    #[arg(long, value_name = "NAME", requires = "sasl")]
    username: Option<String>,

    /// The password of SASL
    #[arg(long, value_name = "SECRET", requires = "sasl")]
    password: Option<String>,

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

const MECHANISMS: &[(&str, SaslMechanism)] = &[
    ("plain", SaslMechanism::Plain),
    ("scram-sha-256", SaslMechanism::ScramSha256),
    ("scram-sha-512", SaslMechanism::ScramSha512),
];

impl ReachArgs {
    /// The same, its secrets taken for references.
    pub fn reach(&self) -> Result<Reach, CommandError> {
        let is_tls = self.tls || self.ca.is_some() || self.certificate.is_some();
        let tls = ReachTls {
            ca: secret("--ca", &self.ca)?,
            certificate: secret("--certificate", &self.certificate)?,
            key: secret("--key", &self.key)?,
        };
        let password = secret("--password", &self.password)?;
        let sasl = |mechanism| ReachSasl { mechanism, username: self.username.clone(), password };
        let password = secret("--registry-password", &self.registry_password)?;
        let username = self.registry_username.clone();
        let registry = |url: &String| ReachRegistry { url: url.clone(), username, password };
        Ok(Reach {
            bootstrap: self.bootstrap.clone(),
            tls: is_tls.then_some(tls),
            sasl: self.sasl.map(sasl),
            registry: self.registry.as_ref().map(registry),
        })
    }
}

/// A reference to a secret. What is none is not repeated: it may be the secret.
fn secret(option: &str, text: &Option<String>) -> Result<Option<SecretRef>, CommandError> {
    let parsed = text.as_ref().map(|text| text.parse::<SecretRef>()).transpose();
    parsed.map_err(|error| {
        CommandError::usage(format!("{option}: {error}"))
            .hint("no secret stands on a command line: write env:NAME, file:PATH or vault:PATH#FIELD")
    })
}
