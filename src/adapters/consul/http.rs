//! Requests: the token to one address only, answers bounded in time and size, repeated where that is safe.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::{Place, has_no_leader};
use crate::adapters::https::Live;
use crate::adapters::renewed::Renewed;
use crate::adapters::sent::Sent;
use crate::model::Secret;
use crate::ports::connection::Renew;
use crate::ports::consul::ConsulConnection;
use crate::ports::{Failure, FailureKind};
use crate::source::percent_encode;

/// The longest answer, in bytes: some two hundred thousand keys of the kind that is published.
const MOST: usize = 64 << 20;

/// The wait before a request is sent again; it doubles each time.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest such wait. An election of a leader takes some seconds.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long a question is waited for that a server answers by itself.
const MOMENT: Duration = Duration::from_secs(1);

/// A request that is yet to be sent.
pub struct Request<'r> {
    method: Method,
    path: Vec<&'r str>,
    /// What stands behind the path, slashes included.
    below: &'r str,
    query: Vec<(&'static str, &'r str)>,
    body: Option<serde_json::Result<Vec<u8>>>,
}

impl<'r> Request<'r> {
    /// Reads, of the leader: others may be behind it.
    pub fn get(path: &[&'r str]) -> Self {
        Self { method: Method::GET, path: path.to_vec(), below: "", query: vec![("consistent", "true")], body: None }
    }

    pub fn put(path: &[&'r str], body: &impl Serialize) -> Self {
        let body = Some(serde_json::to_vec(body));
        Self { method: Method::PUT, path: path.to_vec(), below: "", query: Vec::new(), body }
    }

    pub fn below(self, below: &'r str) -> Self {
        Self { below, ..self }
    }

    pub fn query(mut self, key: &'static str, value: &'r str) -> Self {
        self.query.push((key, value));
        self
    }
}

/// An answer.
pub struct Answer {
    pub status: u16,
    /// Whether Consul says that its ACLs have taken something from it.
    pub is_filtered: bool,
    /// Whether it says of which state of Consul it is, as answers of its store do.
    pub has_index: bool,
    body: Vec<u8>,
}

impl Answer {
    /// What Consul says where it is no success; it says it in plain text.
    fn words(&self, place: Place<'_>) -> String {
        place.excerpt(&String::from_utf8_lossy(&self.body))
    }

    /// The JSON of a success.
    pub fn read<T: DeserializeOwned>(&self, place: Place<'_>, rights: &str) -> Result<T, Failure> {
        match self.status {
            200..=299 => self.parse(place),
            status => Err(place.refused(status, &self.words(place), rights)),
        }
    }

    /// The JSON, whatever the status.
    pub fn parse<T: DeserializeOwned>(&self, place: Place<'_>) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| place.not_consul(&place.excerpt(&error.to_string())))
    }

    /// Fails where it is no success.
    pub fn accepted(&self, place: Place<'_>, rights: &str) -> Result<(), Failure> {
        match self.status {
            200..=299 => Ok(()),
            status => Err(place.refused(status, &self.words(place), rights)),
        }
    }
}

/// A client for one Consul, with its token and certificates as they are now.
pub struct Http {
    renewed: Renewed<ConsulConnection>,
    live: Live,
    base: Url,
    server: String,
    datacenter: Option<String>,
    namespace: Option<String>,
    timeout: Duration,
    /// The tokens that were ever sent, the first of them before it is.
    sent: Sent,
}

fn token_of(connection: &ConsulConnection) -> Option<Secret> {
    connection.token.as_ref().map(|token| Secret::new(token.expose().trim()))
}

impl Http {
    pub fn new(connection: &ConsulConnection) -> Result<Self, Failure> {
        let server = connection.address.clone();
        let sent: Sent = token_of(connection).into_iter().collect();
        let place = Place { tried: "set up the connection", server: &server, sent: &sent };
        let wrong = |answer: String, hint: &str| place.failure(FailureKind::Refused, answer, Some(hint.to_owned()));
        let base = Url::parse(&server).ok();
        let base = base.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let base =
            base.ok_or_else(|| wrong("its address is no http: or https: address".into(), "write https://HOST:PORT"))?;
        let (live, base) = Live::new(base, connection.tls.clone(), connection.timeout)
            .map_err(|(problem, hint)| wrong(problem, hint))?;
        let ConsulConnection { datacenter, namespace, timeout, .. } = connection.clone();
        let renewed = Renewed::new(connection.clone(), None, timeout);
        Ok(Self { renewed, live, base, server, datacenter, namespace, timeout, sent })
    }

    pub fn renewed_by(self, renew: Arc<dyn Renew<ConsulConnection>>) -> Self {
        Self { renewed: self.renewed.renewed_by(renew), ..self }
    }

    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    pub fn server(&self) -> &str {
        &self.server
    }

    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    pub fn has_token(&self) -> bool {
        self.place("").has_token()
    }

    pub fn place<'p>(&'p self, tried: &'p str) -> Place<'p> {
        Place { tried, server: &self.server, sent: &self.sent }
    }

    /// Sends a request, again where Consul is busy or has no leader at the moment, and where a connection was lost: what is
    /// written is written by check-and-set, so that a write whose answer was lost is refused the second time, and told by
    /// what the keys have then. Ends within the connection's timeout, and a moment later where nothing was answered.
    pub async fn send(&self, place: Place<'_>, request: Request<'_>) -> Result<Answer, Failure> {
        let url = self.url(&request);
        let body = match request.body {
            Some(Ok(body)) => Some(body),
            None => None,
            Some(Err(error)) => return Err(place.failure(FailureKind::Refused, error.to_string(), None)),
        };
        let reads = request.method == Method::GET;
        let deadline = tokio::time::Instant::now() + self.timeout;
        let mut pause = PAUSE;
        let mut last = None;
        loop {
            let once = self.once(place, request.method.clone(), url.clone(), body.clone());
            let result = match tokio::time::timeout_at(deadline, once).await {
                Ok(Err(failure)) if failure.kind == FailureKind::Timeout => None,
                Ok(result) => Some(result),
                Err(_) => None,
            };
            let Some(result) = result else {
                let is_leaderless = last.is_none() && self.is_leaderless().await;
                return Err(if is_leaderless { place.no_leader("") } else { place.timeout(last) });
            };
            let again = match &result {
                Ok(answer) => answer.status == 429 || has_no_leader(&answer.words_of_error(place)),
                Err(failure) => reads && failure.kind == FailureKind::Unreachable,
            };
            if !again || tokio::time::Instant::now() + pause >= deadline {
                return result;
            }
            last = match &result {
                Ok(answer) => Some(place.refused(answer.status, &answer.words(place), "")),
                Err(failure) => Some(failure.clone()),
            };
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether the server itself knows of no leader: it is long silent then about what it is asked.
    async fn is_leaderless(&self) -> bool {
        let place = self.place("ask for the leader");
        let url = self.url(&Request { query: Vec::new(), ..Request::get(&["status", "leader"]) });
        let asked = tokio::time::timeout(MOMENT, self.once(place, Method::GET, url, None)).await;
        asked.is_ok_and(|answer| answer.is_ok_and(|answer| answer.status == 200 && answer.words(place) == "\"\""))
    }

    fn url(&self, request: &Request<'_>) -> Url {
        let mut path = format!("{}/v1", self.base.path().trim_end_matches('/'));
        for part in &request.path {
            path.push('/');
            path.push_str(part);
        }
        if !request.below.is_empty() {
            path.push('/');
            percent_encode(request.below.as_bytes(), b"/", &mut path);
        }
        let mut url = self.base.clone();
        url.set_path(&path);
        let of_connection = [("dc", &self.datacenter), ("ns", &self.namespace)];
        let of_connection = of_connection.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?)));
        let query: Vec<(&str, &str)> = request.query.iter().copied().chain(of_connection).collect();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn once(&self, place: Place<'_>, method: Method, url: Url, body: Option<Vec<u8>>) -> Result<Answer, Failure> {
        let now = self.renewed.now().await;
        let token = token_of(&now);
        let mut request = self.live.with(&now.tls).request(method, url).header("accept", "application/json");
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        if let Some(token) = &token {
            let mut value = HeaderValue::from_str(token.expose()).map_err(|_| {
                let answer = "the token has characters that no token has".to_owned();
                place.failure(FailureKind::Refused, answer, Some("check what `token` of `consul` refers to".into()))
            })?;
            value.set_sensitive(true);
            request = request.header("X-Consul-Token", value);
        }
        self.sent.note(token);
        let mut response = request.send().await.map_err(|error| place.no_answer(&error))?;
        let status = response.status().as_u16();
        let filtered = response.headers().get("X-Consul-Results-Filtered-By-ACLs");
        let is_filtered = filtered.is_some_and(|value| value.as_bytes() == b"true");
        let has_index = response.headers().contains_key("X-Consul-Index");
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| place.no_answer(&error))? {
            if body.len() + chunk.len() > MOST {
                return Err(place.not_consul(&format!("an answer of more than {} MiB", MOST >> 20)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, is_filtered, has_index, body })
    }
}

impl Answer {
    /// What it says of a failure of the server.
    fn words_of_error(&self, place: Place<'_>) -> String {
        if self.status >= 500 { self.words(place) } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use futures::FutureExt;
    use futures::future::BoxFuture;

    use super::*;

    /// A token that is another one each time it is read.
    struct Kept(ConsulConnection);

    impl Renew<ConsulConnection> for Kept {
        fn renew(&self) -> BoxFuture<'_, Result<ConsulConnection, Failure>> {
            let next = ConsulConnection { token: Some(Secret::new("the-next-one")), ..self.0.clone() };
            async { Ok(next) }.boxed()
        }
    }

    #[tokio::test]
    async fn a_token_is_the_one_that_is_kept_now_and_repeated_by_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let reader = BufReader::new(stream.try_clone().expect("a stream"));
            let head = reader.lines().map_while(Result::ok).take_while(|line| !line.is_empty());
            let token =
                head.filter_map(|line| line.to_lowercase().strip_prefix("x-consul-token: ").map(str::to_owned)).last();
            let token = token.expect("a token");
            write!(stream, "HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\n\r\n{token}", token.len())
                .expect("an answer");
            token
        });
        let connection = ConsulConnection {
            address,
            datacenter: None,
            namespace: None,
            tls: None,
            token: Some(Secret::new("the-first-one")),
            prefix: None,
            timeout: Duration::from_secs(20),
        };
        let http = Http::new(&connection).expect("a client").renewed_by(Arc::new(Kept(connection)));
        // What is read every few seconds is read now.
        http.renewed.anew().await;
        let place = http.place("ask");
        let answer = http.send(place, Request::get(&["kv"])).await.expect("an answer");
        assert_eq!(server.join().expect("no panic"), "the-next-one");
        assert!(!answer.words(place).contains("the-next-one"), "{}", answer.words(place));
    }
}
