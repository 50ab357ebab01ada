//! What Vault itself is reached with, which is not in it.

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::adapters::secrets::{LocalSecrets, Refusal};
use crate::model::{Secret, SecretRef};
use crate::ports::connection::{Identity, Renew, Tls};
use crate::ports::secrets::Secrets;
use crate::ports::{Failure, FailureKind};

/// The certificates of the connection, which others replace where they are kept.
pub(super) struct OwnTls {
    pub(super) declared: Option<Tls<SecretRef>>,
    pub(super) local: LocalSecrets,
}

impl OwnTls {
    /// The certificates as they are now.
    pub(super) async fn read(&self) -> Result<Option<Tls>, Refusal> {
        let Some(Tls { ca, identity, server_name }) = &self.declared else { return Ok(None) };
        let identity = match identity {
            Some(Identity { certificate, key }) => Some(Identity {
                certificate: own_secret(&self.local, certificate).await?,
                key: self.optional(key.as_ref()).await?,
            }),
            None => None,
        };
        Ok(Some(Tls { ca: self.optional(ca.as_ref()).await?, identity, server_name: server_name.clone() }))
    }

    async fn optional(&self, reference: Option<&SecretRef>) -> Result<Option<Secret>, Refusal> {
        match reference {
            Some(reference) => own_secret(&self.local, reference).await.map(Some),
            None => Ok(None),
        }
    }
}

impl Renew<Option<Tls>> for OwnTls {
    fn renew(&self) -> BoxFuture<'_, Result<Option<Tls>, Failure>> {
        let told = |Refusal { reason, hint }| Failure {
            kind: FailureKind::Refused,
            tried: "read the certificates of the connection again".into(),
            server: "Vault".into(),
            answer: reason,
            hint: Some(hint),
        };
        async move { self.read().await.map_err(told) }.boxed()
    }
}

/// A secret that Vault itself is reached with.
pub(super) async fn own_secret(local: &LocalSecrets, reference: &SecretRef) -> Result<Secret, Refusal> {
    let secret = local.read(reference).await.map_err(|error| Refusal {
        reason: format!("Vault cannot be logged in to: {error}"),
        hint: error.hint.unwrap_or_default(),
    })?;
    Ok(Secret::new(secret.expose().trim()))
}
