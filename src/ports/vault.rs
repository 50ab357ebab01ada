//! How a Vault is reached, in terms that a client library can be set up from.

use std::time::Duration;

use crate::model::SecretRef;
use crate::ports::connection::Tls;

/// How a Vault is reached. Its own secrets are references: they are read again for each login, as a token of Kubernetes is
/// replaced where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultConnection {
    /// Its address, `http:` or `https:`, without credentials.
    pub address: String,
    /// The namespace of Vault Enterprise.
    pub namespace: Option<String>,
    /// TLS beyond what `https:` asks for: other authorities, a client certificate.
    pub tls: Option<Tls<SecretRef>>,
    /// How we log in.
    pub auth: VaultAuth,
    /// How long it may take to answer, the connecting and the retries included.
    pub timeout: Duration,
}

/// A way to log in to Vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultAuth {
    /// A token that somebody else has had.
    Token(SecretRef),
    /// AppRole.
    AppRole {
        /// Where the method is mounted.
        mount: String,
        /// The id of the role.
        role_id: SecretRef,
        /// The secret of whoever may take the role.
        secret_id: SecretRef,
    },
    /// The token of a Kubernetes service account.
    Kubernetes {
        /// Where the method is mounted.
        mount: String,
        /// The role.
        role: String,
        /// The token.
        token: SecretRef,
    },
    /// A JSON Web Token, such as pipelines have.
    Jwt {
        /// Where the method is mounted.
        mount: String,
        /// The role; `None` = the default one of the method.
        role: Option<String>,
        /// The token.
        token: SecretRef,
    },
}
