use super::args::words;
use super::error::CommandError;
use crate::model::SecretRef;
use crate::resources::cluster::{ReachSasl, ReachTls, SaslMechanism};

/// How busctl logs in to a cluster that has no manifest yet. Secrets are references: env:NAME, file:PATH or vault:PATH#FIELD.
#[derive(Debug, clap::Args)]
pub struct LoginArgs {
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
    #[arg(long, value_name = "MECHANISM", value_parser = words(MECHANISMS), requires_all = ["username", "password"])]
    sasl: Option<SaslMechanism>,

    /// The user of SASL
    #[arg(long, value_name = "NAME", requires = "sasl")]
    username: Option<String>,

    /// The password of SASL
    #[arg(long, value_name = "SECRET", requires = "sasl")]
    password: Option<String>,
}

/// Those that a user and a password are enough for.
const MECHANISMS: &[(&str, SaslMechanism)] = &[
    ("plain", SaslMechanism::Plain),
    ("scram-sha-256", SaslMechanism::ScramSha256),
    ("scram-sha-512", SaslMechanism::ScramSha512),
];

impl LoginArgs {
    /// TLS, where it is asked for.
    pub fn tls(&self) -> Result<Option<ReachTls>, CommandError> {
        let is_tls = self.tls || self.ca.is_some() || self.certificate.is_some();
        let tls = ReachTls {
            ca: secret("--ca", self.ca.as_ref())?,
            certificate: secret("--certificate", self.certificate.as_ref())?,
            key: secret("--key", self.key.as_ref())?,
        };
        Ok(is_tls.then_some(tls))
    }

    /// SASL, where it is asked for.
    pub fn sasl(&self) -> Result<Option<ReachSasl>, CommandError> {
        let password = secret("--password", self.password.as_ref())?;
        let username = self.username.clone();
        Ok(self.sasl.map(|mechanism| ReachSasl { mechanism, username, password }))
    }
}

/// A reference to a secret. What is none is not repeated: it may be the secret.
pub fn secret(option: &str, text: Option<&String>) -> Result<Option<SecretRef>, CommandError> {
    let parsed = text.map(|text| text.parse::<SecretRef>()).transpose();
    parsed.map_err(|error| {
        CommandError::usage(format!("{option}: {error}"))
            .hint("no secret stands on a command line: write env:NAME, file:PATH or vault:PATH#FIELD")
    })
}
