//! From a manifest's `connection:` to one that a client can be set up from.

use std::net::IpAddr;
use std::time::Duration;

mod bearer;
mod listener;
mod sasl;
mod secrets;

use super::spec::{ConnectionSpec, KafkaSpec, TlsSpec};
use crate::model::{SecretRef, VaultRef};
use crate::ports::connection::{Connection, Identity, Tls};
use crate::source::{Span, Spanned};

pub(crate) use bearer::BearerFields;
pub use bearer::personal_login;
pub(crate) use listener::{addresses_at, host_and_port};
pub use secrets::{read_bearer, read_login_secrets, read_password, read_secrets, read_tls_secrets};

/// What is wrong with a `connection:`, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectionProblem {
    /// The place in the manifest.
    pub span: Span,
    /// One sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl ConnectionProblem {
    pub(crate) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: Some(help.into()) }
    }
}

/// A reference to a secret and the place where it is written.
pub type SecretPlace = Spanned<SecretRef>;

/// The connection that a manifest declares, its secrets not yet read, or everything that is wrong with it. `kafka` is what
/// the same manifest says of the brokers, among it their listeners.
pub fn connection(
    spec: &Spanned<ConnectionSpec>,
    kafka: Option<&KafkaSpec>,
    timeout: Duration,
) -> Result<Connection<SecretPlace>, Vec<ConnectionProblem>> {
    let chosen = spec.listener.as_ref().map(|name| listener::Chosen::find(name, kafka));
    let (chosen, mut problems) = match chosen.transpose() {
        Ok(chosen) => (chosen, Vec::new()),
        Err(problem) => (None, vec![problem]),
    };
    let bootstrap = match &chosen {
        Some(chosen) if spec.bootstrap.is_empty() => chosen.addresses(spec).map_err(|problem| problems.push(problem)),
        // What is wrong with the listener is said already.
        None if spec.bootstrap.is_empty() && spec.listener.is_some() => Err(()),
        _ => {
            problems.extend(bootstrap_problems(spec));
            Ok(spec.bootstrap.iter().map(|address| address.trim().to_owned()).collect())
        }
    };
    problems.extend(chosen.iter().flat_map(|chosen| chosen.misfits(spec)));
    let mut keep = |result: Result<_, ConnectionProblem>| result.map_err(|problem| problems.push(problem)).ok();
    let tls = spec.tls.as_ref().map(|tls| keep(self::tls(tls)));
    let sasl = spec.sasl.as_ref().map(|spec| sasl::sasl(spec).map_err(|found| problems.extend(found)).ok());
    match bootstrap {
        Ok(bootstrap) if problems.is_empty() => {
            Ok(Connection { bootstrap, tls: tls.flatten(), sasl: sasl.flatten(), timeout })
        }
        _ => Err(problems),
    }
}

/// The address of a server's HTTP API, without a slash at its end; or what is wrong and what to write. The text is not
/// repeated: it may hold a password.
pub(crate) fn address_of_api(whose: &str, text: &str) -> Result<String, (String, &'static str)> {
    const HELP: &str = "write https://HOST:PORT";
    let text = text.trim();
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let Some(authority) = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default()) else {
        return Err((format!("{whose}'s address is no http: or https: address"), HELP));
    };
    if authority.contains('@') {
        let help = "remove what stands before the @: a secret is a reference in a key of its own";
        return Err((format!("{whose}'s address holds credentials"), help));
    }
    if authority.is_empty() || text.contains(['?', '#']) || text.contains(char::is_whitespace) {
        return Err((format!("{whose}'s address is no base of an API"), HELP));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The host of what stands between the scheme and the path of an address, without the brackets of IPv6.
pub(crate) fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is the machine itself: RFC 6761 keeps `localhost` for it.
pub(crate) fn is_own_host(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What to write where an address of a broker is none.
pub const WRITE_ADDRESS: &str = "write HOST:PORT of a broker's listener, for example kafka-0.example.com:9092";

fn bootstrap_problems(spec: &Spanned<ConnectionSpec>) -> Vec<ConnectionProblem> {
    if spec.bootstrap.is_empty() {
        return vec![ConnectionProblem::new(spec.span, "`bootstrap` names no broker", WRITE_ADDRESS)];
    }
    let wrong = spec.bootstrap.iter().filter(|address| !is_address(address.trim()));
    wrong
        .map(|address| {
            ConnectionProblem::new(address.span, format!("`{}` is not HOST:PORT", address.value), WRITE_ADDRESS)
        })
        .collect()
}

/// Whether a text is the address of a broker.
pub fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let plain = !host.contains([':', '[', ']', '/', ',', '@']) && !host.contains(char::is_whitespace);
    !host.is_empty() && (bracketed || plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The TLS that a manifest declares, its secrets not yet read.
pub fn tls(spec: &TlsSpec) -> Result<Tls<SecretPlace>, ConnectionProblem> {
    let identity = match (&spec.certificate, &spec.key) {
        (Some(certificate), key) => Some(Identity { certificate: certificate.clone(), key: key.clone() }),
        (None, None) => None,
        (None, Some(key)) => {
            return Err(ConnectionProblem::new(
                key.span,
                "`key` without `certificate`",
                "add the certificate that belongs to the key, or remove the key",
            ));
        }
    };
    if let Some(name) = spec.server_name.as_ref().filter(|name| !is_server_name(name)) {
        return Err(ConnectionProblem::new(
            name.span,
            format!("no certificate is for `{}`", name.value),
            "write the name or the address of the server as its certificate has it",
        ));
    }
    let server_name = spec.server_name.as_ref().map(|name| name.value.clone());
    Ok(Tls { ca: spec.ca.clone(), identity, server_name })
}

/// What is wrong with a password or a token that is a certificate of Vault's PKI: a server would be sent its key.
pub(crate) fn problem_of_text(place: &SecretPlace) -> Option<ConnectionProblem> {
    let is_certificate = matches!(place.value, SecretRef::Vault(VaultRef::Issue(_) | VaultRef::Authority { .. }));
    is_certificate.then(|| {
        let message = format!("`{}` is a certificate, and nothing to log in with", place.value);
        ConnectionProblem::new(place.span, message, "write vault:MOUNT/PATH#FIELD, a field of a secret")
    })
}

/// Whether a certificate may be for it: a host's name (RFC 1123), also with a dot at its end, or an IP address.
fn is_server_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
    };
    text.parse::<IpAddr>().is_ok() || (name.len() <= 253 && name.split('.').all(is_label))
}

#[cfg(test)]
mod tests;
