//! What the core needs of the places where secrets are kept.

use std::future::Future;

use crate::model::{Secret, SecretRef};

/// A secret that could not be read. It names the reference and never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not read the secret `{reference}`: {reason}")]
pub struct SecretError {
    /// The reference as it is written in the manifest.
    pub reference: String,
    /// Why it could not be read.
    pub reason: String,
    /// What to do now.
    pub hint: Option<String>,
}

/// The places that references to secrets name.
pub trait Secrets: Send + Sync {
    /// The secret exactly as it is kept, a newline at its end included. It is read again for each new connection: where
    /// reading is dear or makes something new, as issuing a certificate does, the reader keeps it while it is good.
    fn read(&self, reference: &SecretRef) -> impl Future<Output = Result<Secret, SecretError>> + Send;
}
