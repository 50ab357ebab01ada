//! Requests: sent with credentials to one host only, bounded in time and size, repeated where that is safe.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, Response, Url};
use serde::Serialize;

use super::answers::Answer;
use super::failure::{self, Place};
use super::session::{Sender, Session};
use crate::adapters::sent::Sent;
use crate::ports::connection::{RegistryConnection, Renew};
use crate::ports::{Failure, FailureKind};
use crate::source::percent_encode;

/// The largest answer about one subject, in bytes.
const MOST: usize = 16 << 20;

/// The largest list, in bytes.
const MOST_LARGE: usize = 128 << 20;

/// What is handed over at once of an answer that is read piece by piece, in bytes.
const PIECE: usize = 256 << 10;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;

/// Which part of the timeout a question waits for its first answer: a third. Under load Apicurio 3 was seen to leave one
/// request in some ten thousand without an answer, while it went on to answer all others.
const PATIENCE: u32 = 3;

/// The wait before a request is sent again; it doubles each time.
const PAUSE: Duration = Duration::from_millis(100);

/// A request that is yet to be sent.
pub struct Request<'r> {
    method: Method,
    /// Whether it is of Apicurio's own API.
    is_own: bool,
    path: Vec<&'r str>,
    query: Vec<(&'static str, String)>,
    body: Option<serde_json::Result<Vec<u8>>>,
    most: usize,
    /// Whether it changes nothing and may be sent again when its answer is lost.
    reads: bool,
}

impl<'r> Request<'r> {
    pub fn get(path: &[&'r str]) -> Self {
        let (path, query) = (path.to_vec(), Vec::new());
        Self { method: Method::GET, is_own: false, path, query, body: None, most: MOST, reads: true }
    }

    /// A question to Apicurio's own API, which is beside its Confluent API.
    pub fn get_own(path: &[&'r str]) -> Self {
        Self { is_own: true, ..Self::get(path) }
    }

    pub fn delete(path: &[&'r str]) -> Self {
        Self { method: Method::DELETE, reads: false, ..Self::get(path) }
    }

    pub fn post(path: &[&'r str], body: &impl Serialize) -> Self {
        let body = Some(serde_json::to_vec(body));
        Self { method: Method::POST, body, reads: false, ..Self::get(path) }
    }

    pub fn put(path: &[&'r str], body: &impl Serialize) -> Self {
        Self { method: Method::PUT, ..Self::post(path, body) }
    }

    /// A POST that only asks.
    pub fn reading(self) -> Self {
        Self { reads: true, ..self }
    }

    /// One whose answer may be long.
    pub fn large(self) -> Self {
        Self { most: MOST_LARGE, ..self }
    }

    pub fn query(mut self, key: &'static str, value: &str) -> Self {
        self.query.push((key, value.to_owned()));
        self
    }
}

/// A client for one registry.
pub struct Http {
    session: Session,
    server: String,
    timeout: Duration,
    /// What to do where nobody answers, of a registry that is not found by its address.
    pub not_up: Option<&'static str>,
}

impl Http {
    pub fn new(connection: &RegistryConnection) -> Result<Self, Failure> {
        let server = shown_address(&connection.url);
        let session = Session::new(connection, Place { tried: "set up the connection", server: &server })?;
        Ok(Self { session, server, timeout: connection.timeout, not_up: None })
    }

    /// Reads the secrets again from time to time.
    pub fn renewed_by(self, renew: Arc<dyn Renew<RegistryConnection>>) -> Self {
        Self { session: self.session.renewed_by(renew), ..self }
    }

    /// What the registry is sent that nobody may see.
    pub fn sent(&self) -> Sent {
        self.session.sent.clone()
    }

    /// How long a first answer is waited for.
    pub fn patience(&self) -> Duration {
        self.timeout / PATIENCE
    }

    pub fn server(&self) -> &str {
        &self.server
    }

    pub fn place<'p>(&'p self, tried: &'p str) -> Place<'p> {
        Place { tried, server: &self.server }
    }

    /// Sends a request, again where the registry is busy or, if it only asks, where the connection was lost or nothing came
    /// back for a third of the timeout. Ends within the connection's timeout.
    pub async fn send(&self, tried: &str, request: Request<'_>) -> Result<Answer, Failure> {
        let place = self.place(tried);
        let url = self.url(place, &request)?;
        let sender = self.session.sender().await?;
        let started = tokio::time::Instant::now();
        let (first_deadline, deadline) = (started + self.patience(), started + self.timeout);
        let body = match request.body {
            Some(Ok(body)) => Some(body),
            None => None,
            Some(Err(error)) => return Err(place.failure(FailureKind::Refused, error.to_string(), None)),
        };
        // A long list may take its time.
        let is_quick = request.reads && request.most == MOST;
        let mut pause = PAUSE;
        for attempt in 1.. {
            let once = once(&sender, request.method.clone(), url.clone(), body.clone(), request.most);
            let until = if is_quick && attempt == 1 { first_deadline } else { deadline };
            let result = match tokio::time::timeout_at(until, once).await {
                Ok(result) => result,
                Err(_) if until < deadline => continue,
                Err(_) => return Err(failure::timeout(place)),
            };
            let is_last = attempt >= ATTEMPTS || tokio::time::Instant::now() + pause >= deadline;
            match result {
                Ok(answer) if !is_last && is_busy(&answer, request.reads) => {}
                Ok(answer) if answer.status.is_success() => return Ok(answer),
                Ok(answer) => return Ok(answer.redacted()),
                Err(Broken::Http(error)) if !is_last && request.reads && failure::was_cut(&error) => {}
                Err(Broken::Http(error)) => {
                    let failure = failure::no_answer(place, &error, self.session.base.scheme() == "https");
                    return Err(match self.not_up {
                        Some(hint) if failure.kind == FailureKind::Unreachable => {
                            Failure { hint: Some(hint.into()), ..failure }
                        }
                        _ => failure,
                    });
                }
                Err(Broken::Long) => {
                    let answer = format!("an answer of more than {} MiB", request.most >> 20);
                    let hint = "check the registry's `url`: no registry answers that much";
                    return Err(place.failure(FailureKind::Protocol, answer, Some(hint.into())));
                }
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(failure::timeout(place))
    }

    /// Sends a question once, and hands over what comes back piece by piece, until there is enough of it. `None` where it is
    /// no success, or not whole within the connection's timeout.
    pub async fn stream(&self, tried: &str, request: Request<'_>, mut take: impl FnMut(&[u8]) -> bool) -> Option<()> {
        let place = self.place(tried);
        let url = self.url(place, &request).ok()?;
        let sender = self.session.sender().await.ok()?;
        let question = sender.client.request(request.method, url).header("accept", "application/zip");
        let whole = async {
            let mut response = sender.authenticated(question).send().await.ok()?;
            if !response.status().is_success() {
                return None;
            }
            // A server that makes its answer as it goes sends thousands of small pieces, and each one would wake this thread.
            let (sender, mut pieces) = tokio::sync::mpsc::channel::<Option<Vec<u8>>>(2);
            tokio::spawn(async move {
                let mut piece = Vec::with_capacity(2 * PIECE);
                while let Ok(more) = response.chunk().await {
                    piece.extend_from_slice(more.as_deref().unwrap_or_default());
                    if more.is_some() && piece.len() < PIECE {
                        continue;
                    }
                    let full = std::mem::replace(&mut piece, Vec::with_capacity(2 * PIECE));
                    if sender.send(Some(full)).await.is_err() || (more.is_none() && sender.send(None).await.is_ok()) {
                        return;
                    }
                }
            });
            let mut size = 0;
            loop {
                // Without an end it was cut.
                let Some(piece) = pieces.recv().await? else { return Some(()) };
                size += piece.len();
                if size > request.most || !take(&piece) {
                    return None;
                }
            }
        };
        tokio::time::timeout(self.timeout, whole).await.ok()?
    }

    fn url(&self, place: Place<'_>, request: &Request<'_>) -> Result<Url, Failure> {
        if request.path.iter().any(|part| matches!(*part, "." | "..")) {
            // Every client and proxy takes these for steps in the path, however they are escaped.
            let answer = "an address cannot hold the name `.` or `..`".to_owned();
            return Err(place.failure(FailureKind::Unsupported, answer, Some("choose another subject".into())));
        }
        let base = self.session.base.path().trim_end_matches('/');
        let mut path = match request.is_own {
            false => base.to_owned(),
            true => own_api(base).ok_or_else(|| {
                place.failure(FailureKind::Unsupported, "its `url` is none of Apicurio's".to_owned(), None)
            })?,
        };
        for part in &request.path {
            path.push('/');
            escape(part, &mut path);
        }
        let mut url = self.session.base.clone();
        url.set_path(&path);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        Ok(url)
    }
}

async fn once(sender: &Sender, method: Method, url: Url, body: Option<Vec<u8>>, most: usize) -> Result<Answer, Broken> {
    let mut request = sender.client.request(method, url).header("accept", ACCEPT);
    if let Some(body) = body {
        request = request.header("content-type", "application/vnd.schemaregistry.v1+json").body(body);
    }
    let mut response = sender.authenticated(request).send().await.map_err(Broken::Http)?;
    let status = response.status();
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = read(&mut response, most).await?;
    Ok(Answer { status, location, body, sent: sender.sent.clone() })
}

/// The path of Apicurio's own API, by that of its Confluent API.
fn own_api(base: &str) -> Option<String> {
    let (before, version) = base.rsplit_once("/apis/ccompat/")?;
    (!version.contains('/')).then(|| format!("{before}/apis/registry/v3"))
}

/// Escapes everything that is not plain in every server: the URL library leaves `;` and `=`, with which servers in Java
/// start parameters of a path.
fn escape(part: &str, path: &mut String) {
    percent_encode(part.as_bytes(), b"", path);
}

const ACCEPT: &str = "application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, application/json";

/// Why there is no whole answer.
enum Broken {
    Http(reqwest::Error),
    Long,
}

async fn read(response: &mut Response, most: usize) -> Result<Vec<u8>, Broken> {
    let expected = response.content_length().unwrap_or(0);
    if expected > most as u64 {
        return Err(Broken::Long);
    }
    let mut body = Vec::with_capacity(expected as usize);
    while let Some(chunk) = response.chunk().await.map_err(Broken::Http)? {
        if body.len() + chunk.len() > most {
            return Err(Broken::Long);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether the answer asks to come again. What a gateway says of a write may come after the write.
fn is_busy(answer: &Answer, reads: bool) -> bool {
    match answer.status.as_u16() {
        429 | 503 => true,
        502 | 504 => reads,
        _ => false,
    }
}

/// An address for messages: without user, password and query.
fn shown_address(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) if url.has_host() => {
            // Neither fails for an address with a host.
            _ = url.set_username("");
            _ = url.set_password(None);
            url.set_query(None);
            url.set_fragment(None);
            url.as_str().trim_end_matches('/').to_owned()
        }
        _ => "the schema registry".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apicurios_own_api_is_beside_the_other() {
        assert_eq!(own_api("/apis/ccompat/v7").unwrap(), "/apis/registry/v3");
        assert_eq!(own_api("/team/registry/apis/ccompat/v8").unwrap(), "/team/registry/apis/registry/v3");
        for other in ["", "/", "/apis/ccompat", "/apis/ccompat/v7/more", "/ccompat/v7"] {
            assert_eq!(own_api(other), None, "{other}");
        }
    }
}
