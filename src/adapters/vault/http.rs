//! Requests to Vault: the token to one address only, answers bounded in time and size, no value in what is told.
//!
//! vaultrs says what requests and answers look like. They are sent from here, as its own client follows redirects with the
//! token, reads answers without an end, and puts them into its errors.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::header::DATE;
use http::{HeaderMap, Request, Response};
use reqwest::Url;
use rustify::endpoint::{Endpoint, EndpointResult};
use rustify::errors::ClientError;
use serde::Deserialize;
use serde_json::Value;

use crate::adapters::https::{self, Live};
use crate::adapters::sent::Sent;
use crate::adapters::trust::Words;
use crate::adapters::words::cut;
use crate::model::Secret;
use crate::ports::FailureKind;
use crate::ports::connection::Tls;

/// The longest answer, in bytes. Vault's own limit of a request, and so of a secret, is 32 MiB; one of KV has a few KB.
const MOST: usize = 4 << 20;

/// The longest that is repeated of what Vault says, in characters.
const MOST_WORDS: usize = 400;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;

/// The wait before a request is sent again; it doubles each time.
const PAUSE: Duration = Duration::from_millis(100);

/// Why there is no answer that helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// Vault refused the request.
    #[error("status {code}: {said}")]
    Refused {
        /// The HTTP status.
        code: u16,
        /// What Vault says to it, in one line.
        said: String,
        /// What became of what was asked for, where Vault tells it.
        gone: Option<Gone>,
    },
    /// Nobody answers.
    #[error("{0}")]
    Unreachable(String),
    /// TLS does not come about; and what to do.
    #[error("{1}")]
    Tls(FailureKind, String, String),
    /// No answer within the time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// What came back is not Vault's.
    #[error("{0}")]
    Strange(String),
    /// The token cannot be sent.
    #[error("the token has characters that no token has")]
    NoToken,
}

/// What became of a version of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gone {
    /// It was deleted then, and may be had back.
    Deleted(String),
    /// It was destroyed, and nobody has it any more.
    Destroyed,
}

/// A client for one Vault.
pub(super) struct Http {
    live: Live,
    base: Url,
    namespace: Option<String>,
    timeout: Duration,
    /// What was ever sent that nobody may see.
    sent: Sent,
}

impl Http {
    /// A client, or what is wrong with the material of TLS and what to do.
    pub(super) fn new(
        address: &str,
        namespace: Option<&str>,
        tls: Option<Tls>,
        timeout: Duration,
        sent: Sent,
    ) -> Result<Self, (String, &'static str)> {
        const ADDRESS: &str = "write https://HOST:PORT";
        let parsed = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(address) = parsed else { return Err(("its address is no http: or https: address".into(), ADDRESS)) };
        let (live, base) = Live::new(address, tls, timeout)?;
        Ok(Self { live, base, namespace: namespace.map(str::to_owned), timeout, sent })
    }

    /// Connects with these certificates from now on.
    pub(super) fn connect_with(&self, tls: &Option<Tls>) {
        self.live.with(tls);
    }

    /// Notes secrets that are about to be sent.
    pub(super) fn note<'s>(&self, secrets: impl IntoIterator<Item = &'s Secret>) {
        self.sent.note(secrets.into_iter().cloned());
    }

    /// What Vault says, in one line and not too long, without what it was sent: one that repeats it would have us print it.
    pub(super) fn clean(&self, text: &str) -> String {
        one_line(&self.sent.hidden_in(text))
    }

    /// Sends a request, again where Vault asks for it or, if it changes nothing, where the connection was lost.
    pub(super) async fn ask<E: Endpoint>(
        &self,
        token: Option<&Secret>,
        endpoint: &E,
    ) -> Result<EndpointResult<E::Response>, Trouble> {
        self.note(token);
        let sender = Sender { http: self, token };
        use rustify::enums::RequestMethod::{GET, LIST};
        let reads = matches!(endpoint.method(), GET | LIST);
        let asking = async {
            let mut pause = PAUSE;
            for attempt in 1.. {
                let trouble = match endpoint.exec(&sender).await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => trouble_of(error),
                };
                let again = match &trouble {
                    // Too many requests, and a node that is behind the others: refused before anything was done.
                    Trouble::Refused { code: 412 | 429, .. } => true,
                    Trouble::Refused { code: 502 | 504, .. } | Trouble::Unreachable(_) => reads,
                    _ => false,
                };
                if attempt >= ATTEMPTS || !again {
                    return Err(trouble);
                }
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            Err(Trouble::Timeout(self.timeout))
        };
        tokio::time::timeout(self.timeout, asking).await.unwrap_or(Err(Trouble::Timeout(self.timeout)))
    }

    async fn send(&self, request: Request<Vec<u8>>, token: Option<&Secret>) -> Result<Response<Vec<u8>>, Trouble> {
        let (parts, body) = request.into_parts();
        let mut url = self.base.clone();
        // Some paths of the library start with two slashes.
        let path = parts.uri.path().trim_start_matches('/');
        url.set_path(&format!("{}/v1/{path}", self.base.path().trim_end_matches('/')));
        url.set_query(parts.uri.query());
        let mut sending = self.live.last().request(parts.method, url).header("X-Vault-Request", "true").body(body);
        if let Some(namespace) = &self.namespace {
            sending = sending.header("X-Vault-Namespace", namespace);
        }
        if let Some(token) = token {
            let mut value = reqwest::header::HeaderValue::from_str(token.expose()).map_err(|_| Trouble::NoToken)?;
            value.set_sensitive(true);
            sending = sending.header("X-Vault-Token", value);
        }
        let mut response = sending.send().await.map_err(|error| self.lost(&error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(Trouble::Strange(format!("{status}: it points elsewhere, where no token is sent")));
        }
        let date = response.headers().get(DATE).cloned();
        // Of an answer that tells its length, no part is left behind in memory that was too small.
        let told = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        let mut body = Vec::with_capacity(told.min(MOST));
        while let Some(chunk) = response.chunk().await.map_err(|error| self.lost(&error))? {
            if body.len() + chunk.len() > MOST {
                return Err(Trouble::Strange(format!("an answer of more than {} MiB", MOST >> 20)));
            }
            body.extend_from_slice(&chunk);
        }
        match status.is_success() {
            true => {
                let mut answer = Response::new(body);
                answer.headers_mut().extend(date.map(|date| (DATE, date)));
                Ok(answer)
            }
            false => Err(self.refused(status.as_u16(), &body)),
        }
    }

    fn refused(&self, code: u16, body: &[u8]) -> Trouble {
        let Ok(told) = serde_json::from_slice::<Errors>(body) else {
            return match code {
                400..500 => Trouble::Strange(format!("status {code}, without Vault's words to it")),
                _ => Trouble::Refused { code, said: String::new(), gone: None },
            };
        };
        let gone = told.data.and_then(|data| match &data["metadata"]["deletion_time"] {
            // One that was deleted before has the time of that too.
            _ if data["metadata"]["destroyed"] == true => Some(Gone::Destroyed),
            Value::String(time) if !time.is_empty() => Some(Gone::Deleted(self.clean(time))),
            _ => None,
        });
        Trouble::Refused { code, said: self.clean(&told.errors.join("; ")), gone }
    }

    fn lost(&self, error: &reqwest::Error) -> Trouble {
        match https::cause::<rustls::Error>(error) {
            _ if error.is_timeout() => Trouble::Timeout(self.timeout),
            Some(tls) => {
                let (kind, told, hint) = Words::VAULT.told(tls);
                Trouble::Tls(kind, told, hint)
            }
            None => Trouble::Unreachable(https::innermost(error)),
        }
    }
}

/// What Vault's errors look like; of a deleted secret it tells when.
#[derive(Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Vec<String>,
    data: Option<Value>,
}

/// What Vault says, in one line: without the bullets of its lists, and cut where it is long.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("* ")).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.filter(|line| !line.ends_with("occurred:")).collect();
    cut(lines.join("; "), MOST_WORDS)
}

/// What Vault's clock said when it answered.
pub(super) fn date_of(headers: &HeaderMap) -> Option<SystemTime> {
    let date = headers.get(DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok().map(SystemTime::from)
}

/// The library's errors hold what was answered: nothing of them is told but our own part.
fn trouble_of(error: ClientError) -> Trouble {
    match error {
        ClientError::RequestError { source, .. } => match source.downcast::<Trouble>() {
            Ok(trouble) => trouble,
            Err(_) => Trouble::Strange("the request could not be sent".into()),
        },
        _ => Trouble::Strange("not the JSON that was expected".into()),
    }
}

/// What an answer holds, taken out of it; the answer itself is zeroed.
pub(super) fn data_of<T>(answer: EndpointResult<T>) -> Result<vaultrs::api::EndpointResult<T>, Trouble>
where
    T: serde::de::DeserializeOwned + Send + Sync,
{
    parsed(answer, |answer| answer.wrap::<vaultrs::api::EndpointResult<T>>())
}

/// The same of an answer that the library reads as a whole.
pub(super) fn whole_of<T>(answer: EndpointResult<T>) -> Result<T, Trouble>
where
    T: serde::de::DeserializeOwned + Send + Sync,
{
    parsed(answer, EndpointResult::parse)
}

fn parsed<T, P>(
    mut answer: EndpointResult<T>,
    parse: impl FnOnce(&EndpointResult<T>) -> Result<P, ClientError>,
) -> Result<P, Trouble>
where
    T: serde::de::DeserializeOwned + Send + Sync,
{
    let parsed = parse(&answer).map_err(trouble_of);
    zeroize::Zeroize::zeroize(answer.response.body_mut());
    parsed
}

/// Sends the library's requests with a token.
struct Sender<'a> {
    http: &'a Http,
    token: Option<&'a Secret>,
}

#[async_trait]
impl rustify::client::Client for Sender<'_> {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ClientError> {
        self.http.send(request, self.token).await.map_err(|trouble| ClientError::RequestError {
            source: trouble.into(),
            url: String::new(),
            method: String::new(),
        })
    }

    /// Any will do: the path is put behind Vault's own address when it is sent.
    fn base(&self) -> &str {
        "http://vault"
    }
}

/// Where the engine that a path leads to is mounted, and which it is. The library has no request for it; it is the one that
/// `vault kv` starts with.
#[derive(Debug)]
pub(super) struct MountOfPath(pub(super) String);

/// A mount.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Mount {
    /// Its path, with a slash behind.
    pub(super) path: String,
    /// The engine.
    #[serde(rename = "type")]
    pub(super) engine: String,
    options: Option<BTreeMap<String, String>>,
}

impl Mount {
    /// The version of the KV engine.
    pub(super) fn kv_version(&self) -> u8 {
        match self.options.as_ref().and_then(|options| options.get("version")).map(String::as_str) {
            Some("2") => 2,
            _ => 1,
        }
    }
}

impl Endpoint for MountOfPath {
    type Response = Mount;
    const REQUEST_BODY_TYPE: rustify::enums::RequestType = rustify::enums::RequestType::JSON;
    const RESPONSE_BODY_TYPE: rustify::enums::ResponseType = rustify::enums::ResponseType::JSON;

    fn path(&self) -> String {
        format!("sys/internal/ui/mounts/{}", self.0)
    }

    fn method(&self) -> rustify::enums::RequestMethod {
        rustify::enums::RequestMethod::GET
    }
}

/// What Vault says of the token that asks. The library reads no number of uses below nothing, which is that of a token whose last use
/// this was.
#[derive(Debug)]
pub(super) struct LookUp;

/// How long a token lives, and how often it is good.
#[derive(Debug, Deserialize)]
pub(super) struct Life {
    /// What is left, in seconds; nothing = it has no end.
    pub(super) ttl: u64,
    pub(super) renewable: Option<bool>,
    /// How many requests it is good for; nothing = without a limit.
    #[serde(default)]
    num_uses: i64,
}

impl Life {
    /// Whether it was good for this one request alone.
    pub(super) fn is_spent(&self) -> bool {
        self.num_uses < 0
    }
}

impl Endpoint for LookUp {
    type Response = Life;
    const REQUEST_BODY_TYPE: rustify::enums::RequestType = rustify::enums::RequestType::JSON;
    const RESPONSE_BODY_TYPE: rustify::enums::ResponseType = rustify::enums::ResponseType::JSON;

    fn path(&self) -> String {
        "auth/token/lookup-self".to_owned()
    }

    fn method(&self) -> rustify::enums::RequestMethod {
        rustify::enums::RequestMethod::GET
    }
}
