//! Why a connection does not come about: the listener expects something else than what `connection:` says.
//!
//! Neither Kafka nor TLS tell this in words. A plaintext listener takes TLS's first bytes for a huge request and hangs up;
//! a TLS listener answers a plaintext request with an alert, whose first bytes look like a huge length; a web server
//! answers with "HTTP". Each is recognised here and put into words.

use std::io::{Error, ErrorKind};
use std::time::{Duration, SystemTime};

use futures::future::join_all;
use krafka::KrafkaError;
use rustls::AlertDescription;

use super::access::{Access, no_token};
use super::failure::{answer, build, in_words, kind};
use crate::adapters::certificate::Described;
use crate::adapters::ending::end_of;
use crate::adapters::trust::{Words, alert_of_name, not_about_certificates, out_of_time, whose};
use crate::adapters::walk::reach;
use crate::ports::connection::{Connection, Sasl};
use crate::ports::walk::{StepKind, StepOutcome};
use crate::ports::{Failure, FailureKind};

/// For how long a listener that said nothing, or hung up, is looked at once more.
const LOOK: Duration = Duration::from_secs(2);

/// The failure to connect.
pub(super) fn failure(access: &Access, error: &KrafkaError) -> Failure {
    const TRIED: &str = "connect to the brokers";
    if let Some(failure) = told_apart(TRIED, access, error) {
        return failure;
    }
    let connection = access.told();
    let (kind, answer, hint) = match error {
        KrafkaError::Network(error) => refused(&access.last(), &error.to_string(), error.kind()),
        // Whose clock ran out first, ours or krafka's, is nothing to tell; what it met until then is.
        KrafkaError::Timeout { operation } if !operation.contains("last error") => {
            (FailureKind::Timeout, format!("no answer within {:?}", connection.timeout), silence(connection))
        }
        KrafkaError::Timeout { .. } => (kind(error), answer(error), silence(connection)),
        KrafkaError::Config { message } => (FailureKind::Refused, message.clone(), Some(material())),
        other => (kind(other), answer(other), Some("check that the port is a Kafka listener's".into())),
    };
    build(kind, TRIED, access, answer, hint)
}

/// The same at these addresses, of which those are looked at once more that do not say what it is: whose the certificate is that
/// we do not trust, and why there was no answer.
pub(super) async fn explained(access: &Access, addresses: &[String], error: &KrafkaError) -> Failure {
    let (connection, failure) = (access.last(), failure(access, error));
    match error {
        KrafkaError::Auth { message, .. } if message.contains("peer certificate") => {
            let walks = async {
                for address in addresses {
                    let last = reach(address, connection.tls.as_ref(), Words::LISTENER, connection.timeout).await.pop();
                    if let Some(step) = last.filter(|it| it.step == StepKind::Tls && it.outcome == StepOutcome::Failed)
                    {
                        return step.told.into_iter().next();
                    }
                }
                None
            };
            match tokio::time::timeout(connection.timeout, walks).await {
                Ok(Some(answer)) => Failure { answer, ..failure },
                _ => failure,
            }
        }
        // A listener may end a connection before our first request is on its way, and krafka lose what it said with that.
        KrafkaError::Timeout { operation } if connection.tls.is_some() && !operation.contains("last error") => {
            ended(access, &connection, addresses).await.unwrap_or(failure)
        }
        KrafkaError::Network(error) if has_hung_up(&error.to_string(), error.kind()) => {
            ended(access, &connection, addresses).await.unwrap_or(failure)
        }
        _ => failure,
    }
}

/// Why the first of these listeners ends a connection that says something about it, else that none of them takes one.
async fn ended(access: &Access, connection: &Connection, addresses: &[String]) -> Option<Failure> {
    let patience = connection.timeout.min(LOOK);
    let ends = addresses.iter().map(|address| end_of(address, connection.tls.as_ref(), patience));
    let mut ends: Vec<Option<Error>> = join_all(ends).await;
    let is_said = |end: &Option<Error>| end.as_ref().is_some_and(|end| end.kind() != ErrorKind::ConnectionRefused);
    let telling = ends.iter().position(is_said).or_else(|| ends.iter().all(Option::is_some).then_some(0))?;
    Some(failure(access, &KrafkaError::network(ends.swap_remove(telling)?)))
}

/// Failures of a handshake that are recognised by what came back, whenever they come.
pub(super) fn told_apart(tried: &str, access: &Access, error: &KrafkaError) -> Option<Failure> {
    let text = error.to_string();
    let found = |kind, answer: &str, hint: &str| Some(build(kind, tried, access, answer.into(), Some(hint.into())));
    if let KrafkaError::Auth { message, .. } = error
        && let Some((answer, hint)) = no_token(message)
    {
        let (kind, hint) = (FailureKind::Authentication, hint.map(str::to_owned));
        return Some(build(kind, tried, access, answer.to_owned(), hint));
    }
    match error {
        KrafkaError::Protocol { message, .. } => match first_bytes(message)? {
            [0x15, 0x03, ..] => found(
                FailureKind::Protocol,
                "the listener answered with a TLS alert",
                "the listener expects TLS: add `tls:` to the cluster's `connection`, or give the port of a plaintext \
                 listener",
            ),
            [b'H', b'T', b'T', b'P'] => found(
                FailureKind::Protocol,
                "an HTTP server answered",
                "give the port of a Kafka listener in `connection.bootstrap`",
            ),
            _ => None,
        },
        KrafkaError::Network(error) => {
            let alert = alert_in(&error.to_string())?;
            let (answer, hint) = refused_by_alert(&access.last(), alert);
            found(FailureKind::Authentication, &answer, &hint)
        }
        KrafkaError::Auth { message, .. } if message.contains("TLS handshake failed") => {
            if let Some(alert) = alert_in(message) {
                let (answer, hint) = refused_by_alert(&access.last(), alert);
                return found(FailureKind::Authentication, &answer, &hint);
            }
            let (kind, hint) = certificate_refused(&text);
            let answer = message.split_once("TLS handshake failed: ").map_or(message.as_str(), |(_, reason)| reason);
            found(kind, answer, hint)
        }
        KrafkaError::Auth { message, .. } => {
            let hint = if message.contains("IllegalSaslState") {
                "the listener has no SASL: remove `sasl:` from the cluster's `connection`, or give the port of a SASL \
                 listener"
            } else if message.contains("UnsupportedSaslMechanism") {
                "set `sasl.mechanism` to one that the listener has enabled"
            } else {
                login_refused(access.told())
            };
            found(FailureKind::Authentication, message, hint)
        }
        _ => None,
    }
}

/// The alert that ended a handshake, in the words of the library.
fn alert_in(text: &str) -> Option<AlertDescription> {
    let (_, name) = text.split_once("received fatal alert: ")?;
    alert_of_name(name.split(|c: char| !c.is_ascii_alphanumeric()).next()?)
}

/// What the connection's first four bytes were, where they were taken for a length that is too large.
fn first_bytes(message: &str) -> Option<[u8; 4]> {
    let numbers = message.split(|character: char| !character.is_ascii_digit()).filter(|text| !text.is_empty());
    let length: u32 = numbers.filter_map(|text| text.parse().ok()).next()?;
    Some(length.to_be_bytes())
}

fn has_hung_up(text: &str, error: ErrorKind) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    text.contains("connection closed")
        || matches!(error, ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof)
}

fn refused(connection: &Connection, text: &str, error: ErrorKind) -> (FailureKind, String, Option<String>) {
    let closed = has_hung_up(text, error);
    if text.contains("tls handshake eof") || (closed && text.contains("tls")) {
        let hint = "the listener does not speak TLS: remove `tls:` from the cluster's `connection`, or give the port of \
                    a TLS listener";
        return (FailureKind::Protocol, "the listener hung up at the TLS handshake".into(), Some(hint.into()));
    }
    if closed {
        // The alert that says it is lost where the broker hangs up right behind it.
        if let Some((own, hint)) = own_out_of_time(connection) {
            let answer = format!("the listener hung up without an answer, and {own}");
            return (FailureKind::Authentication, answer, Some(hint.into()));
        }
        let shows_certificate = connection.tls.as_ref().is_some_and(|tls| tls.identity.is_some());
        let hint = match (&connection.tls, &connection.sasl) {
            // The alert that says it is lost where the broker hangs up right behind it.
            (Some(_), None) if shows_certificate => {
                "the listener probably does not trust our certificate, or expects SASL: set `tls.certificate` and `tls.key` to \
                 ones that the brokers' ssl.truststore knows the issuer of and that have not expired, or add `sasl:`"
            }
            (Some(_), Some(_)) if shows_certificate => {
                "the listener may not trust our certificate: see that the brokers' ssl.truststore knows its issuer and that it \
                 has not expired; the broker's log says why it hung up"
            }
            (None, None) => {
                "the listener probably expects SASL or TLS: add `sasl:` or `tls:` to the cluster's `connection`"
            }
            (Some(_), None) => {
                "the listener probably expects SASL or a client certificate: add `sasl:`, or `tls.certificate` and \
                 `tls.key`"
            }
            (None, Some(_)) => "the listener probably expects TLS: add `tls:` to the cluster's `connection`",
            (Some(_), Some(_)) => "see the broker's log for why it hung up",
        };
        return (FailureKind::Protocol, "the listener hung up without an answer".into(), Some(hint.into()));
    }
    let hint = if error == ErrorKind::ConnectionRefused {
        "nothing listens there: check host and port in `connection.bootstrap`, and that the brokers run"
    } else if text.contains("lookup") || text.contains("resolve") {
        "the host's name is not known here: check `connection.bootstrap`, the DNS and the VPN"
    } else {
        "check `connection.bootstrap`, the brokers and the network between"
    };
    (FailureKind::Unreachable, in_words(text), Some(hint.into()))
}

fn silence(connection: &Connection) -> Option<String> {
    let other = if connection.tls.is_some() { "a plaintext one" } else { "one with TLS" };
    Some(format!(
        "check that the port is a Kafka listener's and not {other} or a web server's, that no firewall drops packets, \
         or give a longer --timeout"
    ))
}

fn material() -> String {
    "check `connection.tls` and `connection.sasl`: certificates and keys must be PEM, the key unencrypted".into()
}

/// Our certificate where its time is over or has not come, in words, and what to do.
pub(super) fn own_out_of_time(connection: &Connection) -> Option<(String, &'static str)> {
    let identity = connection.tls.as_ref()?.identity.as_ref()?;
    let own = Described::first_in(identity.certificate.expose())?;
    let (how, hint) = out_of_time(&own, SystemTime::now())?;
    Some((format!("our certificate {} {how}", whose(&own)), hint))
}

/// What a listener has against the handshake that it ends with this alert, and what to do.
pub(super) fn refused_by_alert(connection: &Connection, alert: AlertDescription) -> (String, String) {
    let answer = format!("the listener refused the TLS handshake with the alert {alert:?}");
    if let Some(hint) = not_about_certificates(alert) {
        return (answer, hint.to_owned());
    }
    if let Some((own, hint)) = own_out_of_time(connection) {
        return (format!("{answer}: {own}"), hint.to_owned());
    }
    let has_certificate = connection.tls.as_ref().is_some_and(|tls| tls.identity.is_some());
    let hint = if has_certificate {
        "the listener does not trust our certificate: set `tls.certificate` and `tls.key` to ones that the brokers' \
         ssl.truststore knows the issuer of and that have not expired"
    } else {
        "the listener asks for a client certificate: set `tls.certificate` and `tls.key`"
    };
    (answer, hint.to_owned())
}

/// What to do where brokers know the mechanism and refuse what is shown with it.
pub(super) fn login_refused(connection: &Connection) -> &'static str {
    match connection.sasl {
        Some(Sasl::OauthBearer(_)) => {
            "the brokers do not take the token: compare its issuer, audience, subject and times with what they expect \
             (sasl.oauthbearer.expected.issuer, sasl.oauthbearer.expected.audience, sasl.oauthbearer.sub.claim.name, \
             sasl.oauthbearer.jwks.endpoint.url), and the clocks; their log says what it is"
        }
        _ => {
            "check the user and the secret in `connection.sasl`, and that the brokers know this user under this mechanism"
        }
    }
}

/// Our refusal of the server's certificate.
fn certificate_refused(text: &str) -> (FailureKind, &'static str) {
    if text.contains("InvalidContentType") {
        let hint = "the server there does not speak TLS: remove `tls:`, or give the port of a TLS listener";
        return (FailureKind::Protocol, hint);
    }
    // An authority that was made anew under its old name is known by name, and its signature does not fit.
    let hint = if text.contains("UnknownIssuer") || text.contains("BadSignature") {
        "the listener's certificate is not from an authority that we trust: set `tls.ca` to the PEM of the authority \
         that issued it"
    } else if text.contains("not valid for name") {
        "use a host in `connection.bootstrap` that the certificate names, or set `tls.server_name`"
    } else if text.contains("Expired") || text.contains("expired") {
        "have the listener's certificate renewed"
    } else if text.contains("not valid yet") || text.contains("NotValidYet") {
        "compare the clocks of this machine and of who issued the listener's certificate"
    } else {
        "check `tls:` in the cluster's `connection` against the listener"
    };
    (FailureKind::Authentication, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_found_in_the_words_of_the_library() {
        for (text, alert) in [
            ("received fatal alert: CertificateRequired", AlertDescription::CertificateRequired),
            ("TLS handshake failed: received fatal alert: ProtocolVersion (a:9094)", AlertDescription::ProtocolVersion),
            ("received fatal alert: UnknownCA", AlertDescription::UnknownCA),
        ] {
            assert_eq!(alert_in(text), Some(alert), "{text}");
        }
        assert_eq!(alert_in("peer closed connection"), None);
    }
}
