//! Requests to an issuer: credentials to one address only, answers bounded in time and size, no secret in what is told.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::{Token, failure};
use crate::adapters::https;
use crate::adapters::trust::Words;
use crate::adapters::words::cut;
use crate::model::Secret;
use crate::ports::connection::Tls;
use crate::ports::{Failure, FailureKind};
use crate::source::percent_encode;

/// The longest answer, in bytes. A token with every group of a large directory has a tenth of it.
const MOST: usize = 1 << 20;

/// The longest that is repeated of what an issuer says, in characters.
const MOST_WORDS: usize = 300;

/// The keys of a form whose values are secrets.
const SECRETS: [&str; 2] = ["refresh_token", "device_code"];

/// What to do where the issuer has trouble of its own.
const NOT_WELL: &str = "look into the issuer's log, then try again";

/// A client for one issuer.
pub(super) struct Endpoint {
    client: Client,
}

/// A token as an issuer grants it.
pub(super) struct Granted {
    pub(super) access_token: Secret,
    pub(super) expires_in: Option<u64>,
    pub(super) refresh_token: Option<Secret>,
}

/// Why nothing was granted.
#[derive(Debug)]
pub(super) enum Refused {
    /// The issuer said so, with a code of RFC 6749 or RFC 8628, which is never shown, and in words without a secret.
    Told { code: String, words: String, status: u16 },
    /// There was no answer, or not one of an issuer's.
    Unanswered { kind: FailureKind, answer: String, hint: Option<String> },
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Secret,
    token_type: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    refresh_token: Option<Secret>,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: String,
    error_description: Option<String>,
}

/// Seconds as a number, or as a text, as Azure AD's older endpoints write them.
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u64),
        Text(String),
    }
    Ok(match Option::<Written>::deserialize(deserializer)? {
        Some(Written::Number(seconds)) => Some(seconds),
        Some(Written::Text(text)) => Some(text.trim().parse().map_err(D::Error::custom)?),
        None => None,
    })
}

impl Endpoint {
    /// A client of the issuer that is asked at this address first.
    pub(super) fn new(address: &str, ca: Option<&Secret>, timeout: Duration) -> Result<Self, Failure> {
        let wrong = |answer: &str, hint: &str| failure(address, FailureKind::Refused, answer, Some(hint));
        let base = Url::parse(address).ok().filter(|base| base.scheme() == "https" && base.has_host());
        let base = base.ok_or_else(|| wrong("its address is no https: address", "write https://HOST/PATH"))?;
        let trust = Tls { ca: ca.cloned(), identity: None, server_name: None };
        let client = https::client(base, Some(&trust), timeout);
        let (client, _) = client.map_err(|(problem, hint)| wrong(&problem, hint))?;
        Ok(Self { client })
    }

    /// A request to an address that the manifest or the issuer names: no secret is sent without TLS.
    fn request(&self, method: Method, address: &str) -> Result<RequestBuilder, Refused> {
        match address.starts_with("https://") {
            true => Ok(self.client.request(method, address).header("accept", "application/json")),
            false => Err(Refused::strange("an address without TLS".into())),
        }
    }

    /// Asks for a token as this client; without a secret it is a public one.
    pub(super) async fn token(
        &self,
        address: &str,
        (id, secret): (&str, Option<&Secret>),
        form: &[(&str, &str)],
    ) -> Result<Granted, Refused> {
        let answer: TokenAnswer = self.post(address, (id, secret), form).await?;
        // RFC 6749, section 5.1: a type that is not understood is not used. Some issuers leave it out.
        if let Some(other) = answer.token_type.as_ref().filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            let mut hidden = sent((id, secret), form);
            hidden.push(answer.access_token);
            hidden.extend(answer.refresh_token);
            return Err(Refused::strange(format!("a token of the type {}, no bearer token", told(other, &hidden))));
        }
        let token = answer.access_token.expose();
        if token.is_empty() || !token.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
            return Err(Refused::strange("a token that cannot be sent".into()));
        }
        Ok(Granted {
            access_token: answer.access_token,
            expires_in: answer.expires_in,
            refresh_token: answer.refresh_token.filter(|token| !token.expose().is_empty()),
        })
    }

    /// Posts a form as this client.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        address: &str,
        (id, secret): (&str, Option<&Secret>),
        form: &[(&str, &str)],
    ) -> Result<T, Refused> {
        let hidden = sent((id, secret), form);
        let mut form = form.to_vec();
        let mut request = self.request(Method::POST, address)?;
        match secret {
            // RFC 6749, section 2.3.1: both are encoded as in a form before they are put together.
            Some(secret) => {
                let secret = Zeroizing::new(encoded(secret.expose()));
                request = request.basic_auth(encoded(id), Some(&*secret));
            }
            None => form.push(("client_id", id)),
        }
        self.answer(request.form(&form).send().await, &hidden).await
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, Refused> {
        self.answer(self.request(Method::GET, address)?.send().await, &[]).await
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        sent: reqwest::Result<Response>,
        hidden: &[Secret],
    ) -> Result<T, Refused> {
        let mut response = sent.map_err(|error| Refused::lost(&error))?;
        let status = response.status();
        // What a buffer leaves behind as it grows is zeroed by nobody: it never does.
        let told = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = Zeroizing::new(Vec::with_capacity(told.unwrap_or(MOST).min(MOST)));
        while let Some(chunk) = response.chunk().await.map_err(|error| Refused::lost(&error))? {
            if body.len() + chunk.len() > MOST {
                return Err(Refused::strange(format!("an answer of more than {} KiB", MOST >> 10)));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            // The library's error may repeat the text, in which the token is.
            return serde_json::from_slice(&body)
                .map_err(|_| Refused::strange(format!("{status}, not the JSON that was expected")));
        }
        Err(match serde_json::from_slice::<ErrorAnswer>(&body) {
            Ok(told) => Refused::told(told, status.as_u16(), hidden),
            Err(_) if status.is_redirection() => {
                Refused::strange(format!("{status}: it points elsewhere, where no secret is sent"))
            }
            Err(_) if status.is_server_error() => Refused::Unanswered {
                kind: FailureKind::Server,
                answer: status.to_string(),
                hint: Some(NOT_WELL.into()),
            },
            Err(_) => Refused::strange(status.to_string()),
        })
    }
}

impl Refused {
    fn told(told: ErrorAnswer, status: u16, hidden: &[Secret]) -> Self {
        let ErrorAnswer { error, error_description } = told;
        let described = error_description.map_or_else(String::new, |text| format!(": {}", self::told(&text, hidden)));
        Self::Told { words: format!("{}{described}", self::told(&error, hidden)), code: error, status }
    }

    fn strange(answer: String) -> Self {
        let hint = Some("check the address: it must be that of an issuer of OAuth 2.0".into());
        Self::Unanswered { kind: FailureKind::Protocol, answer, hint }
    }

    fn lost(error: &reqwest::Error) -> Self {
        let (kind, answer, hint) = if error.is_timeout() {
            let hint = "see whether the issuer is well, or give a longer --timeout";
            (FailureKind::Timeout, "no answer in time".to_owned(), hint.to_owned())
        } else if let Some(tls) = https::cause::<rustls::Error>(error) {
            Words::ISSUER.told(tls)
        } else {
            let hint = "see whether the issuer runs, and check its address and the network between";
            (FailureKind::Unreachable, https::innermost(error), hint.to_owned())
        };
        Self::Unanswered { kind, answer: self::told(&answer, &[]), hint: Some(hint) }
    }

    /// Whether the same request may be answered later.
    pub(super) fn may_pass(&self) -> bool {
        let passes = [FailureKind::Unreachable, FailureKind::Timeout, FailureKind::Server];
        match self {
            Self::Unanswered { kind, .. } => passes.contains(kind),
            Self::Told { status, .. } => *status >= 500,
        }
    }

    /// The code that the issuer told, to be compared and not shown.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Told { code, .. } => Some(code),
            Self::Unanswered { .. } => None,
        }
    }

    /// The failure of what was tried; `hint` is what to do where the issuer itself says no.
    pub(super) fn failure(self, tried: &str, issuer: &str, hint: &str) -> Failure {
        let (kind, answer, hint) = match self {
            Self::Told { words, status: 500.., .. } => (FailureKind::Server, words, Some(NOT_WELL.to_owned())),
            Self::Told { words, .. } => (FailureKind::Authentication, words, Some(hint.to_owned())),
            Self::Unanswered { kind, answer, hint } => (kind, answer, hint),
        };
        Failure { kind, tried: tried.to_owned(), server: issuer.to_owned(), answer, hint }
    }
}

impl Granted {
    /// The moment when it is over by our clock.
    pub(super) fn expires(&self, now: SystemTime) -> SystemTime {
        Token::granted(self.access_token.clone(), now, self.expires_in).expires
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    percent_encode(text.as_bytes(), b"", &mut out);
    out
}

/// What an issuer that repeats it would have us print, with what it is sent in together with the name.
fn sent((id, secret): (&str, Option<&Secret>), form: &[(&str, &str)]) -> Vec<Secret> {
    let of_form = form.iter().filter(|(key, _)| SECRETS.contains(key));
    let mut sent: Vec<Secret> = of_form.map(|(_, value)| Secret::new(*value)).collect();
    if let Some(secret) = secret {
        let pair = Zeroizing::new(format!("{}:{}", encoded(id), encoded(secret.expose())));
        sent.extend([Secret::new(STANDARD.encode(&*pair)), Secret::new(URL_SAFE.encode(&*pair)), secret.clone()]);
    }
    sent
}

/// What somebody else says, without what was sent, on one line and not too long.
pub(super) fn told(text: &str, hidden: &[Secret]) -> String {
    let text = Secret::hidden_in(text, hidden);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    cut(words.collect::<Vec<_>>().join(" "), MOST_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_issuer_says_is_told_without_secrets_and_its_code_is_what_it_is() {
        let told = |error: &str, description: Option<&str>, hidden: &[&str]| {
            let hidden: Vec<Secret> = hidden.iter().copied().map(Secret::new).collect();
            let answer = ErrorAnswer { error: error.to_owned(), error_description: description.map(str::to_owned) };
            let refused = Refused::told(answer, 400, &hidden);
            (refused.code().map(str::to_owned), refused.failure("log in", "https://issuer.example", "").answer)
        };
        let pending = Some("authorization_pending".to_owned());
        assert_eq!(told("authorization_pending", None, &[""]).0, pending);
        assert_eq!(told("authorization_pending", None, &["authorization"]), (pending, "…_pending".into()));
        let long = "eyJhbGciOiJSUzI1NiJ9.".repeat(40);
        let (_, answer) = told("invalid_grant", Some(&format!("no such token: {long}")), &[&long]);
        assert_eq!(answer, "invalid_grant: no such token: …");
    }

    #[test]
    fn a_life_may_be_a_text() {
        let life = |written: &str| {
            let answer = format!(r#"{{ "access_token": "t"{written} }}"#);
            serde_json::from_str::<TokenAnswer>(&answer).map(|answer| answer.expires_in).ok()
        };
        assert_eq!(life(r#", "expires_in": 3599"#), Some(Some(3599)));
        assert_eq!(life(r#", "expires_in": "3599""#), Some(Some(3599)));
        assert_eq!(life(r#", "expires_in": null"#), Some(None));
        assert_eq!(life(""), Some(None));
        assert_eq!(life(r#", "expires_in": "soon""#), None);
    }

    #[test]
    fn an_issuer_with_trouble_of_its_own_is_no_wrong_setting() {
        let of = |status| {
            let answer = ErrorAnswer { error: "temporarily_unavailable".to_owned(), error_description: None };
            Refused::told(answer, status, &[]).failure("get a token", "https://issuer.example", "check `client_id`")
        };
        assert_eq!((of(503).kind, of(503).hint.as_deref()), (FailureKind::Server, Some(NOT_WELL)));
        let passes = |status| {
            let answer = ErrorAnswer { error: "temporarily_unavailable".to_owned(), error_description: None };
            Refused::told(answer, status, &[]).may_pass()
        };
        assert!(passes(503) && !passes(400));
        assert_eq!((of(400).kind, of(400).hint.as_deref()), (FailureKind::Authentication, Some("check `client_id`")));
    }
}
