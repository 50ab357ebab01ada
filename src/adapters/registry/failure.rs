//! What went wrong, from HTTP's terms into the core's.

use super::answers::Answer;
use crate::adapters::https::{cause, excerpt, innermost};
use crate::adapters::trust::Words;
use crate::ports::{Failure, FailureKind};

/// What is being tried, and where.
#[derive(Clone, Copy)]
pub struct Place<'p> {
    pub tried: &'p str,
    pub server: &'p str,
}

impl Place<'_> {
    pub fn failure(self, kind: FailureKind, answer: String, hint: Option<String>) -> Failure {
        Failure { kind, tried: self.tried.to_owned(), server: self.server.to_owned(), answer, hint }
    }
}

const BASE_HINT: &str =
    "check the registry's `url`: it is the base of its Confluent API; Apicurio's ends in /apis/ccompat/v7";

/// An answer that is no success.
pub fn refusal(place: Place<'_>, answer: &Answer) -> Failure {
    let status = answer.status;
    let words = answer.error().and_then(|error| error.message).map(|message| excerpt(&answer.clean(&message)));
    let said = match &words {
        Some(words) => format!("{} {words}", status.as_u16()),
        None => format!("{status}{}", body_words(answer)),
    };
    let (kind, hint) = match status.as_u16() {
        300..=399 => {
            let target =
                answer.location.as_deref().map(|location| excerpt(&without_credentials(&answer.clean(location))));
            let target = target.unwrap_or_else(|| "elsewhere".to_owned());
            let hint = format!("it points to {target}; where that is right, write it as the registry's `url`");
            (FailureKind::Protocol, Some(hint))
        }
        401 => (FailureKind::Authentication, Some("check `auth` of the registry: user, password or token".into())),
        403 => (FailureKind::Authorization, Some("ask the registry's administrators for the permission".into())),
        404 if answer.is_absent() => (FailureKind::NotFound, None),
        // Somebody else's 404: what the registry does not have, it says in its own words.
        404 => (FailureKind::Protocol, Some(BASE_HINT.into())),
        405 | 406 | 415 | 501 => (FailureKind::Unsupported, Some(BASE_HINT.into())),
        408 | 504 => (FailureKind::Timeout, Some("try again, or with a larger --timeout".into())),
        409 => (FailureKind::Refused, Some("the new version does not fit the subject's compatibility level".into())),
        422 if words.as_deref().is_some_and(|words| words.to_lowercase().contains("reference")) => {
            (FailureKind::Refused, Some("register what the schema refers to first, with the version it names".into()))
        }
        422 if words.as_deref().is_some_and(|words| words.contains("discover artifact type")) => {
            let hint = "Apicurio's parser does not take it for a schema of its format; busctl validate says more";
            (FailureKind::Refused, Some(hint.into()))
        }
        429 => (FailureKind::Server, Some("the registry is asked too often; try again later".into())),
        400 if said.to_lowercase().contains("https") => {
            (FailureKind::Protocol, Some("the port speaks TLS: write https:".into()))
        }
        400..=499 if words.is_none() && looks_like_html(&answer.body) => {
            (FailureKind::Protocol, Some(BASE_HINT.into()))
        }
        400..=499 => (FailureKind::Refused, None),
        _ => (FailureKind::Server, Some("look into the registry's log, then try again".into())),
    };
    place.failure(kind, said, hint)
}

/// A success whose body is not the API's.
pub fn not_the_api(place: Place<'_>, answer: &Answer, error: &str) -> Failure {
    let said = match looks_like_html(&answer.body) {
        true => format!("{}, an HTML page instead of JSON{}", answer.status, body_words(answer)),
        false => {
            format!("{}, not the JSON that was expected ({}){}", answer.status, excerpt(error), body_words(answer))
        }
    };
    place.failure(FailureKind::Protocol, said, Some(BASE_HINT.into()))
}

/// A request that got no whole answer.
pub fn no_answer(place: Place<'_>, error: &reqwest::Error, is_tls: bool) -> Failure {
    if error.is_timeout() {
        return timeout(place);
    }
    if let Some(tls) = cause::<rustls::Error>(error) {
        return of_tls(place, tls);
    }
    let innermost = excerpt(&innermost(error));
    let lower = innermost.to_lowercase();
    if lower.contains("lookup") || lower.contains("name or service not known") || lower.contains("dns") {
        let hint = "check the host in the registry's `url`";
        return place.failure(
            FailureKind::Unreachable,
            format!("the host is not known: {innermost}"),
            Some(hint.into()),
        );
    }
    if error.is_connect() {
        let hint = "check that the registry runs and that its `url` has the right host and port";
        return place.failure(FailureKind::Unreachable, innermost, Some(hint.into()));
    }
    if !is_tls && is_parse(error) {
        let hint = "the port may speak TLS (write https:), or something else than HTTP";
        let answer = format!("what came back is not HTTP: {innermost}");
        return place.failure(FailureKind::Protocol, answer, Some(hint.into()));
    }
    let hint = match is_tls {
        true => "the connection was lost: try again, and look into the registry's log",
        false => "the connection was lost: try again, and look into the registry's log; a port with TLS needs https:",
    };
    place.failure(FailureKind::Unreachable, innermost, Some(hint.into()))
}

/// No answer in time.
pub fn timeout(place: Place<'_>) -> Failure {
    let hint = "check that the registry is well, or allow more with --timeout";
    place.failure(FailureKind::Timeout, "no answer in time".into(), Some(hint.into()))
}

fn of_tls(place: Place<'_>, error: &rustls::Error) -> Failure {
    let (kind, told, hint) = Words::REGISTRY.told(error);
    place.failure(kind, format!("TLS failed: {}", excerpt(&told)), Some(hint))
}

/// Whether the connection went away while it was used, so that a reading request may be sent again.
pub fn was_cut(error: &reqwest::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let io = cause::<std::io::Error>(error).map(std::io::Error::kind);
    let is_io = matches!(io, Some(BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof));
    let is_http = innermost(error).to_lowercase();
    !error.is_connect()
        && (is_io
            || is_http.contains("connection closed")
            // It ended before anything was sent: servers with TLS 1.3 refuse a client after its handshake.
            || is_http.contains("connection was not ready")
            || is_http.contains("end of file")
            || is_http.contains("reset"))
}

fn is_parse(error: &reqwest::Error) -> bool {
    let words = innermost(error).to_lowercase();
    words.contains("invalid http") || words.contains("parsed")
}

fn looks_like_html(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&body[..body.len().min(200)]).trim_start().to_lowercase();
    start.starts_with('<')
}

fn body_words(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(4096)]).into_owned();
    let text = if looks_like_html(&answer.body) { without_tags(&text) } else { text };
    let shown = excerpt(&text);
    if shown.is_empty() { String::new() } else { format!(": {shown}") }
}

/// The words of a page, without its tags, scripts and styles.
fn without_tags(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let mut out = String::new();
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|found| at + found) {
        out.push_str(&html[at..open]);
        // As browsers have it: a `<` that no name follows is text.
        if !html[open + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            out.push('<');
            at = open + 1;
            continue;
        }
        out.push(' ');
        let end = ["script", "style"].iter().find(|tag| lower[open + 1..].starts_with(**tag));
        let close = match end {
            Some(tag) => lower[open..].find(&format!("</{tag}")).map_or(html.len(), |found| open + found + 1),
            None => open,
        };
        at = html[close..].find('>').map_or(html.len(), |found| close + found + 1);
    }
    out.push_str(&html[at..]);
    out
}

fn without_credentials(address: &str) -> String {
    match address.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://{rest}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_down_to_its_words() {
        let html =
            "<!DOCTYPE html><html><head><style>p {}</style><title>502</title></head>\n<body>Bad\u{7} <b>gateway</b>";
        assert_eq!(excerpt(&without_tags(html)), "502 Bad gateway");
        assert_eq!(excerpt(&without_tags("a < b <script>alert(1)")), "a < b");
    }

    #[test]
    fn credentials_of_an_address_are_not_shown() {
        assert_eq!(without_credentials("https://u:p@host/x"), "https://host/x");
    }
}
