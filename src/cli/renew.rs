//! Declared connections whose secrets are read again while the tool runs.

use futures::future::BoxFuture;
use futures::{FutureExt, TryFutureExt};

use super::error::CommandError;
use crate::adapters::oauth::Logins;
use crate::adapters::secrets::SecretStores;
use crate::ports::connection::{Bearer, Connection, RegistryAuth, RegistryConnection, Renew, Sasl};
use crate::ports::consul::ConsulConnection;
use crate::ports::{Failure, FailureKind};
use crate::resources::cluster::{ConnectionProblem, SecretPlace, read_secrets};
use crate::resources::consul::read_consul_secrets;
use crate::resources::registry::read_registry_secrets;

/// A declared connection and where its secrets are read.
pub struct Renewing<C> {
    unresolved: C,
    secrets: SecretStores,
    /// Whether a person could log in instead, and has not.
    pub may_log_in: bool,
}

impl Renewing<Connection<SecretPlace>> {
    /// Of the ways to get a token that are declared it keeps one.
    pub fn new(connection: Connection<SecretPlace>, secrets: &SecretStores) -> Result<Self, CommandError> {
        let (sasl, may_log_in) = match connection.sasl {
            Some(Sasl::OauthBearer(bearer)) => {
                let (bearer, may_log_in) = one_of(bearer)?;
                (Some(Sasl::OauthBearer(bearer)), may_log_in)
            }
            sasl => (sasl, false),
        };
        Ok(Self { unresolved: Connection { sasl, ..connection }, secrets: secrets.clone(), may_log_in })
    }

    /// The connection with its secrets as they are now.
    pub async fn read(&self) -> Result<Connection, ConnectionProblem> {
        read_secrets(self.unresolved.clone(), &self.secrets).await
    }
}

impl Renewing<RegistryConnection<SecretPlace>> {
    /// Of the ways to get a token that are declared it keeps one.
    pub fn new(connection: RegistryConnection<SecretPlace>, secrets: &SecretStores) -> Result<Self, CommandError> {
        let (auth, may_log_in) = match connection.auth {
            Some(RegistryAuth::Bearer(bearer)) => {
                let (bearer, may_log_in) = one_of(bearer)?;
                (Some(RegistryAuth::Bearer(bearer)), may_log_in)
            }
            auth => (auth, false),
        };
        Ok(Self { unresolved: RegistryConnection { auth, ..connection }, secrets: secrets.clone(), may_log_in })
    }

    /// The connection with its secrets as they are now.
    pub async fn read(&self) -> Result<RegistryConnection, ConnectionProblem> {
        read_registry_secrets(self.unresolved.clone(), &self.secrets).await
    }
}

impl Renewing<ConsulConnection<SecretPlace>> {
    /// One that is read here.
    pub fn new(unresolved: ConsulConnection<SecretPlace>, secrets: &SecretStores) -> Self {
        Self { unresolved, secrets: secrets.clone(), may_log_in: false }
    }

    /// The connection with its secrets as they are now.
    pub async fn read(&self) -> Result<ConsulConnection, ConnectionProblem> {
        read_consul_secrets(self.unresolved.clone(), &self.secrets).await
    }
}

impl Renew<ConsulConnection> for Renewing<ConsulConnection<SecretPlace>> {
    fn renew(&self) -> BoxFuture<'_, Result<ConsulConnection, Failure>> {
        self.read().map_err(|problem| unread(self.unresolved.address.clone(), problem)).boxed()
    }
}

impl Renew<Connection> for Renewing<Connection<SecretPlace>> {
    fn renew(&self) -> BoxFuture<'_, Result<Connection, Failure>> {
        self.read().map_err(|problem| unread(self.unresolved.server(), problem)).boxed()
    }
}

impl Renew<RegistryConnection> for Renewing<RegistryConnection<SecretPlace>> {
    fn renew(&self) -> BoxFuture<'_, Result<RegistryConnection, Failure>> {
        self.read().map_err(|problem| unread(self.unresolved.url.clone(), problem)).boxed()
    }
}

fn unread(server: String, problem: ConnectionProblem) -> Failure {
    let tried = "read the secrets of the connection again".to_owned();
    Failure { kind: FailureKind::Refused, tried, server, answer: problem.message, hint: problem.help }
}

/// Leaves one way to get a token: that of a person who has logged in, else the tool's own. What the other one needs, a secret
/// that only a pipeline has for example, is not asked for. Tells too whether a person could log in instead.
fn one_of(bearer: Bearer<SecretPlace>) -> Result<(Bearer<SecretPlace>, bool), CommandError> {
    match bearer {
        Bearer { own: Some(own), login: Some(login) } => Ok(match Logins::of_user()?.has(&login) {
            true => (Bearer { own: None, login: Some(login) }, false),
            false => (Bearer { own: Some(own), login: None }, true),
        }),
        bearer => Ok((bearer, false)),
    }
}
