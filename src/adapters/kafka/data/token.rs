//! Tokens for OAUTHBEARER from OAuth's client credentials, fetched where librdkafka asks for one: in a thread of its own
//! that waits for it.

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rdkafka::client::OAuthToken;
use serde::Deserialize;
use tokio::runtime::Handle;

use crate::adapters::tls;
use crate::ports::connection::{ClientCredentials, Tls};

/// Where a token does not say how long it lives.
const LIFETIME: Duration = Duration::from_secs(300);

pub(super) struct Tokens {
    credentials: ClientCredentials,
    timeout: Duration,
    runtime: Handle,
}

/// The answer of a token endpoint (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<u64>,
}

impl Tokens {
    /// Must be called in a runtime.
    pub(super) fn new(credentials: &ClientCredentials, timeout: Duration) -> Self {
        Self { credentials: credentials.clone(), timeout, runtime: Handle::current() }
    }

    pub(super) fn fetch(&self) -> Result<OAuthToken, Box<dyn Error>> {
        let answer = self.runtime.block_on(self.ask())?;
        let lives = answer.expires_in.map_or(LIFETIME, Duration::from_secs);
        let ends = SystemTime::now().duration_since(UNIX_EPOCH)? + lives;
        Ok(OAuthToken {
            token: answer.access_token,
            principal_name: self.credentials.client_id.clone(),
            lifetime_ms: i64::try_from(ends.as_millis())?,
        })
    }

    async fn ask(&self) -> Result<Answer, Box<dyn Error>> {
        let ClientCredentials { token_endpoint, client_id, client_secret, scope, ca } = &self.credentials;
        let tls = Tls { ca: ca.clone(), identity: None, server_name: None };
        let config = tls::config(Some(&tls), token_endpoint.starts_with("https:")).map_err(|(problem, _)| problem)?;
        let client = reqwest::Client::builder().tls_backend_preconfigured(config).timeout(self.timeout).build()?;
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(scope.as_deref().map(|scope| ("scope", scope)));
        let request = client.post(token_endpoint).basic_auth(client_id, Some(client_secret.expose())).form(&form);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
