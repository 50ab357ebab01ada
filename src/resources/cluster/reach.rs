//! How a cluster and its registry are reached, as people say it. Secrets are references, never the secrets themselves.

use std::fmt::Write;

use super::SaslMechanism;
use crate::model::SecretRef;
use crate::source::write::{list, mapping, scalar};

/// How a cluster and its registry are reached.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reach {
    /// Brokers to ask first, `HOST:PORT`; none where nobody said it.
    pub bootstrap: Vec<String>,
    /// TLS.
    pub tls: Option<ReachTls>,
    /// SASL.
    pub sasl: Option<ReachSasl>,
    /// The registry.
    pub registry: Option<ReachRegistry>,
}

/// TLS; by default it trusts the authorities of the system.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReachTls {
    /// The authorities to trust.
    pub ca: Option<SecretRef>,
    /// The client's certificate chain.
    pub certificate: Option<SecretRef>,
    /// The client's key.
    pub key: Option<SecretRef>,
}

/// SASL with a user and a password.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachSasl {
    /// The mechanism.
    pub mechanism: SaslMechanism,
    /// The user.
    pub username: Option<String>,
    /// The password.
    pub password: Option<SecretRef>,
}

/// A schema registry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReachRegistry {
    /// The base of its Confluent API.
    pub url: String,
    /// The user of basic authentication.
    pub username: Option<String>,
    /// The password of basic authentication.
    pub password: Option<SecretRef>,
}

fn secret(entries: &mut Vec<(String, String)>, key: &str, value: Option<&SecretRef>) {
    entries.extend(value.map(|value| (key.to_owned(), scalar(&value.to_string()))));
}

impl Reach {
    /// The key `connection` of a cluster's manifest; nothing where no broker is known.
    pub fn connection(&self) -> String {
        if self.bootstrap.is_empty() {
            return String::new();
        }
        let bootstrap: Vec<String> = self.bootstrap.iter().map(|broker| scalar(broker)).collect();
        let bootstrap =
            list("bootstrap", &bootstrap).lines().fold(String::new(), |text, line| text + "  " + line + "\n");
        let mut text = format!("connection:\n{bootstrap}");
        if let Some(tls) = &self.tls {
            let mut entries = Vec::new();
            secret(&mut entries, "ca", tls.ca.as_ref());
            secret(&mut entries, "certificate", tls.certificate.as_ref());
            secret(&mut entries, "key", tls.key.as_ref());
            text += &if entries.is_empty() { "  tls: {}\n".to_owned() } else { mapping("tls", &entries, 2) };
        }
        if let Some(sasl) = &self.sasl {
            let mut entries = vec![("mechanism".to_owned(), sasl.mechanism.as_str().to_owned())];
            entries.extend(sasl.username.iter().map(|user| ("username".to_owned(), scalar(user))));
            secret(&mut entries, "password", sasl.password.as_ref());
            text += &mapping("sasl", &entries, 2);
        }
        text
    }
}

impl ReachRegistry {
    /// The lines of a registry's manifest that say how it is reached.
    pub fn lines(&self) -> (String, String) {
        let mut url = String::new();
        let _ = writeln!(url, "url: {}", scalar(&self.url));
        let mut entries: Vec<_> = self.username.iter().map(|user| ("username".to_owned(), scalar(user))).collect();
        secret(&mut entries, "password", self.password.as_ref());
        (url, mapping("auth", &entries, 0))
    }
}
