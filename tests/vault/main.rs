//! Vault: secrets, logins and certificates, on a real one, and what a bus makes of them.
//!
//! On a machine that can neither find nor build Vault the tests say so and pass; with `CI=true` they fail.

#[path = "../support/mod.rs"]
mod support;

mod bus;
mod hostile;
mod logins;
mod pki;
mod secrets;

use std::time::Duration;

use busctl::adapters::secrets::{LocalSecrets, SecretStores};
use busctl::adapters::vault::Vault as Client;
use busctl::model::SecretRef;
use busctl::ports::secrets::{SecretError, Secrets};
use busctl::ports::vault::{VaultAuth, VaultConnection};
use support::vault::Vault;

/// What the client of a test reads of its own, and its clients.
pub struct Here {
    folder: tempfile::TempDir,
    /// Secrets that no message may hold.
    hidden: Vec<String>,
}

impl Here {
    /// A folder for the secrets that Vault is reached with.
    pub fn of(vault: &Vault) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), hidden: vec![vault.root.clone()] }
    }

    /// Keeps a secret in a file; the reference to it.
    pub fn keep(&mut self, name: &str, secret: &str) -> SecretRef {
        std::fs::write(self.folder.path().join(name), format!("{secret}\n")).unwrap();
        self.hidden.push(secret.to_owned());
        SecretRef::File(name.to_owned())
    }

    /// A client with this token.
    pub fn with_token(&mut self, vault: &Vault, token: &str) -> SecretStores {
        let auth = VaultAuth::Token(self.keep("token", token));
        self.client(vault, auth, None)
    }

    /// Another client with the token of the last one.
    pub fn with_token_again(&self, vault: &Vault) -> SecretStores {
        self.client(vault, VaultAuth::Token(SecretRef::File("token".to_owned())), None)
    }

    /// A client that logs in like this; its certificates have this common name.
    pub fn client(&self, vault: &Vault, auth: VaultAuth, common_name: Option<&str>) -> SecretStores {
        self.connected(connection(&vault.address, auth), common_name)
    }

    /// A client of this connection.
    pub fn connected(&self, connection: VaultConnection, common_name: Option<&str>) -> SecretStores {
        let local = LocalSecrets::new(self.folder.path());
        let vault = Client::new(connection, local.clone()).named(common_name.map(str::to_owned));
        SecretStores::new(local, Ok(vault))
    }

    /// Why a reference cannot be read, with what to do: it names the reference, and no secret.
    #[track_caller]
    pub fn refused(&self, read: Result<String, SecretError>) -> String {
        let error = read.expect_err("this is to be refused");
        let hint = error.hint.clone().unwrap_or_default();
        let told = format!("{error}\nhelp: {hint}");
        assert!(!hint.is_empty() && told.contains(&error.reference), "{told}");
        for secret in &self.hidden {
            assert!(!told.contains(secret), "a secret is shown: {told}");
        }
        told
    }
}

/// A connection that gives up soon.
pub fn connection(address: &str, auth: VaultAuth) -> VaultConnection {
    let timeout = Duration::from_secs(20);
    VaultConnection { address: address.to_owned(), namespace: None, tls: None, auth, timeout }
}

/// Reads a reference.
pub async fn read(secrets: &SecretStores, reference: &str) -> Result<String, SecretError> {
    secrets.read(&reference.parse().unwrap()).await.map(|secret| secret.expose().to_owned())
}

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
