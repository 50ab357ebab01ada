//! What requests to the registry are sent with: a client that trusts and shows the certificates as they are now, and the
//! credentials as they are now.

use std::sync::Arc;

use reqwest::{Client, RequestBuilder, Url};

use super::failure::Place;
use crate::adapters::https::Live;
use crate::adapters::oauth::Tokens;
use crate::adapters::renewed::Renewed;
use crate::adapters::sent::Sent;
use crate::model::Secret;
use crate::ports::connection::{RegistryAuth, RegistryConnection, Renew};
use crate::ports::{Failure, FailureKind};

/// A client with what makes it.
pub struct Session {
    renewed: Renewed<RegistryConnection>,
    live: Live,
    tokens: Tokens,
    pub sent: Sent,
    /// The base of the API, as the client asks for it.
    pub base: Url,
}

/// What one request is sent with.
pub struct Sender {
    pub client: Client,
    credentials: Option<Credentials>,
    /// What the registry was ever sent that nobody may see, and what that was had for.
    pub sent: Sent,
}

enum Credentials {
    Basic(String, Secret),
    Bearer(Secret),
}

impl Session {
    pub fn new(connection: &RegistryConnection, place: Place<'_>) -> Result<Self, Failure> {
        let (live, base) = live(connection, place)?;
        let renewed = Renewed::new(connection.clone(), None, connection.timeout);
        let sent = connection.secrets().into_iter().collect();
        Ok(Self { renewed, live, tokens: Tokens::new(connection.timeout), sent, base })
    }

    pub fn renewed_by(self, renew: Arc<dyn Renew<RegistryConnection>>) -> Self {
        Self { renewed: self.renewed.renewed_by(renew), ..self }
    }

    /// What the next request is sent with.
    pub async fn sender(&self) -> Result<Sender, Failure> {
        let now = self.renewed.now().await;
        self.sent.note(now.secrets());
        let credentials = match &now.auth {
            Some(RegistryAuth::Basic(login)) => {
                Some(Credentials::Basic(login.username.clone(), login.password.clone()))
            }
            Some(RegistryAuth::Bearer(bearer)) => {
                let token = self.tokens.token(bearer).await?.value;
                self.sent.note([token.clone()]);
                Some(Credentials::Bearer(token))
            }
            None => None,
        };
        Ok(Sender { client: self.live.with(&now.tls), credentials, sent: self.sent.clone() })
    }
}

impl Sender {
    pub fn authenticated(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.credentials {
            Some(Credentials::Basic(username, password)) => request.basic_auth(username, Some(password.expose())),
            Some(Credentials::Bearer(token)) => request.bearer_auth(token.expose()),
            None => request,
        }
    }
}

fn live(connection: &RegistryConnection, place: Place<'_>) -> Result<(Live, Url), Failure> {
    let wrong = |answer: String, hint: &str| place.failure(FailureKind::Refused, answer, Some(hint.to_owned()));
    let base = Url::parse(&connection.url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| wrong("its `url` is no http: or https: address".into(), "write https://HOST:PORT/PATH"))?;
    if !base.username().is_empty() || base.password().is_some() {
        return Err(wrong("its `url` holds credentials".into(), "move them to `auth`"));
    }
    Live::new(base, connection.tls.clone(), connection.timeout).map_err(|(problem, hint)| wrong(problem, hint))
}
