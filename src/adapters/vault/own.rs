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
            Some(Identity { certificate, key }) => {
                Some(Identity { certificate: self.part(certificate).await?, key: self.optional(key.as_ref()).await? })
            }
            None => None,
        };
        Ok(Some(Tls { ca: self.optional(ca.as_ref()).await?, identity, server_name: server_name.clone() }))
    }

    async fn optional(&self, reference: Option<&SecretRef>) -> Result<Option<Secret>, Refusal> {
        match reference {
            Some(reference) => self.part(reference).await.map(Some),
            None => Ok(None),
        }
    }

    async fn part(&self, reference: &SecretRef) -> Result<Secret, Refusal> {
        own_secret(&self.local, reference, "Vault cannot be connected to").await
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

/// A secret that Vault itself is reached with; `lost` says what does not come about without it.
pub(super) async fn own_secret(local: &LocalSecrets, reference: &SecretRef, lost: &str) -> Result<Secret, Refusal> {
    let secret = local
        .read(reference)
        .await
        .map_err(|error| Refusal { reason: format!("{lost}: {error}"), hint: error.hint.unwrap_or_default() })?;
    Ok(Secret::new(secret.expose().trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_authority_that_cannot_be_read_keeps_us_from_connecting_and_not_from_logging_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let ca = Some(SecretRef::File("missing.pem".into()));
        let declared = Some(Tls { ca, identity: None, server_name: None });
        let own = OwnTls { declared, local: LocalSecrets::new(folder.path()) };
        let refusal = own.read().await.expect_err("no such file");
        assert!(refusal.reason.starts_with("Vault cannot be connected to: "), "{}", refusal.reason);
    }
}
