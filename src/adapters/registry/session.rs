//! What requests to the registry are sent with: a client that trusts and shows the certificates as they are now, and the
//! credentials as they are now.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, RequestBuilder, Url};

use super::failure::Place;
use crate::adapters::https;
use crate::adapters::oauth::Tokens;
use crate::model::Secret;
use crate::ports::connection::{RegistryAuth, RegistryConnection, Renew};
use crate::ports::{Failure, FailureKind};

/// How long secrets that were read are taken for those that are kept.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// A client with what makes it.
pub struct Session {
    live: Mutex<Live>,
    renew: Option<Arc<dyn Renew<RegistryConnection>>>,
    tokens: Tokens,
    /// The base of the API, as the client asks for it.
    pub base: Url,
}

struct Live {
    of: Arc<RegistryConnection>,
    client: Client,
    looked: Instant,
}

/// What one request is sent with.
pub struct Sender {
    pub client: Client,
    credentials: Option<Credentials>,
}

enum Credentials {
    Basic(String, Secret),
    Bearer(Secret),
}

impl Session {
    pub fn new(connection: &RegistryConnection, place: Place<'_>) -> Result<Self, Failure> {
        let (client, base) = client(connection, place)?;
        let live = Live { of: Arc::new(connection.clone()), client, looked: Instant::now() };
        Ok(Self { live: Mutex::new(live), renew: None, tokens: Tokens::new(connection.timeout), base })
    }

    pub fn renewed_by(self, renew: Arc<dyn Renew<RegistryConnection>>) -> Self {
        Self { renew: Some(renew), ..self }
    }

    /// What the next request is sent with.
    pub async fn sender(&self, place: Place<'_>) -> Result<Sender, Failure> {
        self.look_again(place).await;
        let (of, client) = {
            let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            (live.of.clone(), live.client.clone())
        };
        let credentials = match &of.auth {
            Some(RegistryAuth::Basic(login)) => {
                Some(Credentials::Basic(login.username.clone(), login.password.clone()))
            }
            Some(RegistryAuth::Bearer(bearer)) => Some(Credentials::Bearer(self.tokens.token(bearer).await?.value)),
            None => None,
        };
        Ok(Sender { client, credentials })
    }

    /// Reads the secrets again, where that is not long ago. What cannot be read or used is left as it was: it may be good
    /// still, and where it is not, the registry says so.
    async fn look_again(&self, place: Place<'_>) {
        let Some(renew) = &self.renew else { return };
        {
            let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            if live.looked.elapsed() < LOOK_AGAIN {
                return;
            }
            live.looked = Instant::now();
        }
        let Ok(read) = renew.renew().await else { return };
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if *live.of == read {
            return;
        }
        if live.of.tls != read.tls {
            let Ok((client, _)) = client(&read, place) else { return };
            live.client = client;
        }
        live.of = Arc::new(read);
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

    /// What must not be repeated, in each form in which it is sent or known.
    pub fn hidden(&self) -> Vec<Secret> {
        match &self.credentials {
            Some(Credentials::Basic(username, password)) => {
                let sent = Secret::new(format!("{username}:{}", password.expose()));
                vec![Secret::new(STANDARD.encode(sent.expose())), password.clone()]
            }
            Some(Credentials::Bearer(token)) => vec![token.clone()],
            None => Vec::new(),
        }
    }
}

fn client(connection: &RegistryConnection, place: Place<'_>) -> Result<(Client, Url), Failure> {
    let wrong = |answer: String, hint: &str| place.failure(FailureKind::Refused, answer, Some(hint.to_owned()));
    let base = Url::parse(&connection.url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| wrong("its `url` is no http: or https: address".into(), "write https://HOST:PORT/PATH"))?;
    if !base.username().is_empty() || base.password().is_some() {
        return Err(wrong("its `url` holds credentials".into(), "move them to `auth`"));
    }
    https::client(base, connection.tls.as_ref(), connection.timeout).map_err(|(problem, hint)| wrong(problem, hint))
}
