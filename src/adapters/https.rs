//! Clients of HTTP that send credentials: to the address that is named and to nobody else, with the certificates that are
//! declared.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};

use super::tls;
use crate::ports::connection::Tls;

/// A client of the server at `base`, and the base as the client asks for it; or what is wrong and what to do about it.
pub fn client(mut base: Url, tls: Option<&Tls>, timeout: Duration) -> Result<(Client, Url), (String, &'static str)> {
    let config = tls::config(tls, base.scheme() == "https")?;
    let mut builder = Client::builder()
        .tls_backend_preconfigured(config)
        .user_agent(concat!("busctl/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeout)
        .timeout(timeout);
    // A proxy would be asked for the name in the certificate, which nobody needs to know there, and not for the host.
    let is_named = tls.is_some_and(|tls| tls.server_name.is_some());
    if is_loopback(&base) || is_named {
        builder = builder.no_proxy();
    }
    if let Some(name) = tls.and_then(|tls| tls.server_name.as_deref()) {
        let host = base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if base.set_host(Some(name)).is_err() || base.domain().is_none() {
            return Err((
                "`server_name` is no host's name".into(),
                "write a name that is in the certificate, not an address",
            ));
        }
        builder = builder.dns_resolver(ResolveTo(host));
    }
    let client = builder.build().map_err(|error| (error.to_string(), "check `tls`"))?;
    Ok((client, base))
}

/// A client of one server, with the certificates as they are now.
pub struct Live {
    base: Url,
    timeout: Duration,
    /// The last client with what it was made with.
    last: Mutex<(Option<Tls>, Client)>,
}

impl Live {
    /// The same as [`client`].
    pub fn new(base: Url, tls: Option<Tls>, timeout: Duration) -> Result<(Self, Url), (String, &'static str)> {
        let (first, asked) = client(base.clone(), tls.as_ref(), timeout)?;
        Ok((Self { base, timeout, last: Mutex::new((tls, first)) }, asked))
    }

    /// The client that connects with these certificates. Those that cannot be used leave everything as it was: one that was
    /// replaced before its key does not fit it for a moment.
    pub fn with(&self, tls: &Option<Tls>) -> Client {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0 != *tls
            && let Ok((client, _)) = client(self.base.clone(), tls.as_ref(), self.timeout)
        {
            *last = (tls.clone(), client);
        }
        last.1.clone()
    }

    /// The last such client.
    pub fn last(&self) -> Client {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}

/// The first cause of a type. Libraries wrap errors in I/O errors, whose `source` steps over what they wrap.
pub fn cause<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

/// What the innermost cause of an error says: the others say again what was tried.
pub fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    without_manual(&cause.to_string()).to_owned()
}

/// A library's words without the address of its manual, which is for those who write programs.
pub fn without_manual(text: &str) -> &str {
    let words = text.find("https://docs.rs/").map_or(text, |at| &text[..at]);
    words.trim_end_matches(|c: char| c == ':' || c.is_whitespace())
}

/// The first words of a text on one line, without control characters.
pub fn excerpt(text: &str) -> String {
    const MOST: usize = 300;
    let mut out = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if out.chars().count() + word.chars().count() > MOST {
            if out.is_empty() {
                out.extend(word.chars().take(MOST));
            }
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A life in seconds as a server tells it: one that no clock can count to the end of is a long one.
pub fn life(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(u64::from(u32::MAX)))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Resolves every name to one host: how a certificate with another name than the host's is asked for.
struct ResolveTo(String);

impl Resolve for ResolveTo {
    fn resolve(&self, _: Name) -> Resolving {
        let host = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_a_word_or_where_it_has_none() {
        assert_eq!(excerpt(" a\n b\u{7}c "), "a b c");
        assert_eq!(excerpt(&"x".repeat(1000)).chars().count(), 301);
        assert_eq!(excerpt(&"word ".repeat(100)).chars().count(), 300);
    }

    #[test]
    fn a_manual_of_a_library_is_not_for_whoever_reads_an_error() {
        let words = "peer closed connection without sending TLS close_notify";
        assert_eq!(
            without_manual(&format!("{words}: \nhttps://docs.rs/rustls/latest/rustls/x.html#unexpected-eof")),
            words
        );
        assert_eq!(without_manual("connection refused"), "connection refused");
    }
}
