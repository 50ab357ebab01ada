//! Tokens from OAuth's client credentials, for librdkafka.

use std::error::Error;
use std::time::Duration;

use rdkafka::client::OAuthToken;
use reqwest::Client;
use serde::Deserialize;
use tokio::runtime::Handle;

use crate::adapters::tls;
use crate::ports::connection::{ClientCredentials, Connection, Tls};
use crate::ports::{Failure, FailureKind};

/// The life of a token that its endpoint does not tell. librdkafka asks for the next at four fifths of it.
const UNKNOWN_LIFE: Duration = Duration::from_secs(300);

/// Where tokens are fetched.
pub(super) struct TokenSource {
    client: Client,
    credentials: ClientCredentials,
    runtime: Handle,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<u64>,
}

impl TokenSource {
    pub(super) fn new(credentials: &ClientCredentials, connection: &Connection) -> Result<Self, Failure> {
        let wrong = |answer: String, hint: &str| Failure {
            kind: FailureKind::Refused,
            tried: "set up the fetching of tokens".into(),
            server: connection.server(),
            answer,
            hint: Some(hint.to_owned()),
        };
        let trust = Tls { ca: credentials.ca.clone(), identity: None, server_name: None };
        let is_https = credentials.token_endpoint.starts_with("https:");
        let config = tls::config(Some(&trust), is_https).map_err(|(problem, hint)| wrong(problem, hint))?;
        let client = Client::builder()
            .tls_backend_preconfigured(config)
            // The secret goes to the endpoint that the manifest names and to nobody else.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(connection.timeout)
            .build()
            .map_err(|error| wrong(error.to_string(), "check `sasl` in the cluster's `connection`"))?;
        Ok(Self { client, credentials: credentials.clone(), runtime: Handle::current() })
    }

    /// Fetches one. librdkafka asks on a thread of its own client, which no runtime works on.
    pub(super) fn fetch(&self) -> Result<OAuthToken, Box<dyn Error>> {
        let answer = self.runtime.block_on(self.ask())?;
        let life = answer.expires_in.map_or(UNKNOWN_LIFE, Duration::from_secs);
        let expiry = std::time::SystemTime::now() + life;
        let lifetime_ms = expiry.duration_since(std::time::UNIX_EPOCH)?.as_millis() as i64;
        Ok(OAuthToken { token: answer.access_token, principal_name: self.credentials.client_id.clone(), lifetime_ms })
    }

    async fn ask(&self) -> Result<Answer, Box<dyn Error>> {
        let ClientCredentials { token_endpoint, client_id, client_secret, scope, .. } = &self.credentials;
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(scope.as_deref().map(|scope| ("scope", scope)));
        let request = self.client.post(token_endpoint).basic_auth(client_id, Some(client_secret.expose())).form(&form);
        let response = request.send().await.map_err(|error| error.without_url())?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("the token endpoint answered {status}").into());
        }
        Ok(response.json().await.map_err(|error| error.without_url())?)
    }
}
