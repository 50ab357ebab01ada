//! Why a handshake does not come about: a certificate that is not trusted, whose it is, who issued it, whom we trust; what the server
//! has against it; and what to do, in the words of the manifest that names the server.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription as Alert, CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::certificate::Described;
use crate::model::Timestamp;
use crate::ports::FailureKind;

/// What the manifest of a kind of server calls what is set for TLS.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The key of the authorities that are trusted.
    ca: &'static str,
    /// The key of the name that a certificate must have, where there is one.
    server_name: Option<&'static str>,
    /// The keys of our own certificate, where there are some.
    certificate: Option<&'static str>,
    /// What to do where the server speaks no TLS.
    plain: &'static str,
}

impl Words {
    /// Whether they are those of brokers, to which OpenSSL connects too.
    pub fn are_of_brokers(self) -> bool {
        self.plain == Self::LISTENER.plain
    }

    /// Those of brokers.
    pub const LISTENER: Self = Self {
        ca: "`tls.ca`",
        server_name: Some("`tls.server_name`"),
        certificate: Some("`tls.certificate`"),
        plain: "remove `tls`, or give the port of a listener with TLS",
    };
    /// Those of a registry.
    pub const REGISTRY: Self = Self {
        ca: "`tls.ca`",
        server_name: Some("`tls.server_name`"),
        certificate: Some("`tls.certificate`"),
        plain: "write http:, or give the port that does",
    };
    /// Those of Vault.
    pub const VAULT: Self = Self {
        ca: "`tls.ca` of `vault`, or VAULT_CACERT,",
        server_name: Some("`tls.server_name` of `vault`"),
        certificate: Some("`tls.certificate` of `vault`"),
        ..Self::REGISTRY
    };
    /// Those of Consul.
    pub const CONSUL: Self = Self {
        ca: "`tls.ca` of `consul`",
        server_name: Some("`tls.server_name` of `consul`"),
        certificate: Some("`tls.certificate` of `consul`"),
        ..Self::REGISTRY
    };
    /// Those of an issuer of tokens.
    pub const ISSUER: Self = Self {
        ca: "the issuer's `ca`",
        server_name: None,
        certificate: None,
        plain: "give the port that does, as tokens are had over TLS alone",
    };

    /// What to do about a certificate that is not trusted.
    pub fn hint(self, wrong: Wrong) -> String {
        match wrong {
            Wrong::Over => {
                "have the certificate renewed; where it is good, the clock of this machine is wrong".to_owned()
            }
            Wrong::Early => "compare the clocks of this machine and of who issued the certificate".to_owned(),
            Wrong::Issuer => format!(
                "set {} to the PEM of the authority that issued it; one that was made anew under its old name is another \
                 authority",
                self.ca
            ),
            Wrong::Name => match self.server_name {
                Some(key) => {
                    format!("use a host that the certificate names, have it issued anew, or set {key}")
                }
                None => "use a host that the certificate names, or have it issued anew".to_owned(),
            },
            Wrong::Authority => format!(
                "have a certificate issued for the server (basicConstraints CA:FALSE), and trust its authority in {}",
                self.ca
            ),
        }
    }

    /// What ended a handshake, and what to do. One that the server ends for our certificate, or for want of one, is one in which it
    /// does not know us.
    pub fn told(self, error: &Error) -> (FailureKind, String, String) {
        let kind = match error {
            Error::AlertReceived(alert) if is_about_certificates(*alert) => FailureKind::Authentication,
            _ => FailureKind::Protocol,
        };
        let (told, hint) = self.words(error);
        (kind, told, hint)
    }

    fn words(self, error: &Error) -> (String, String) {
        if let Some(NotTrusted { told, wrong }) = not_trusted(error) {
            return (told.clone(), self.hint(*wrong));
        }
        match error {
            Error::InvalidCertificate(other) => {
                (format!("the certificate is refused: {other}"), "have it issued anew".to_owned())
            }
            Error::AlertReceived(alert) => {
                (format!("the server refused with the alert {alert:?}"), self.hint_of_alert(*alert))
            }
            Error::InvalidMessage(_) => {
                let hint = format!("the server there does not speak TLS: {}", self.plain);
                ("what came back is not TLS".to_owned(), hint)
            }
            other => (other.to_string(), format!("check what the manifest sets for TLS, as {}", self.ca)),
        }
    }

    /// What to do where the server hangs up in mid handshake.
    pub fn hint_of_silence(self) -> String {
        format!("the server there probably does not speak TLS: {}", self.plain)
    }

    /// What to do where the server ends the handshake with this alert.
    fn hint_of_alert(self, alert: Alert) -> String {
        match (not_about_certificates(alert), self.certificate) {
            (Some(hint), _) => hint.to_owned(),
            (None, Some(key)) => format!("the server wants another client certificate: check {key}"),
            (None, None) => "see the server's log for what it has against the handshake".to_owned(),
        }
    }
}

/// What to do where a server ends a handshake with an alert that is not about our certificate; `None` where it is.
pub fn not_about_certificates(alert: Alert) -> Option<&'static str> {
    match alert {
        alert if is_about_certificates(alert) => None,
        Alert::ProtocolVersion | Alert::InappropriateFallback => Some(
            "the server takes neither TLS 1.2 nor TLS 1.3, and nothing older is spoken here: have one of them switched on there \
             (brokers: ssl.enabled.protocols)",
        ),
        Alert::HandshakeFailure | Alert::InsufficientSecurity => Some(
            "the server and busctl have no version or cipher of TLS in common, or the server wants a client certificate: its log \
             says which",
        ),
        Alert::UnrecognisedName => Some("the server has no certificate for this name: check the host in the manifest"),
        _ => Some("see the server's log for what it has against the handshake"),
    }
}

/// Whether a server that ends a handshake with this alert has something against our certificate, or wants one.
fn is_about_certificates(alert: Alert) -> bool {
    matches!(
        alert,
        Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::DecryptError
    )
}

/// The alert that the library calls so.
pub fn alert_of_name(name: &str) -> Option<Alert> {
    (0..=u8::MAX).map(Alert::from).find(|alert| format!("{alert:?}") == name)
}

/// What is wrong with a certificate that is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Its time is over.
    Over,
    /// Its time has not come.
    Early,
    /// It is from an authority that is not trusted.
    Issuer,
    /// It is for other names.
    Name,
    /// It is an authority's own.
    Authority,
}

/// Why a certificate is not trusted, as the library passes it on.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{told}")]
pub struct NotTrusted {
    /// In words.
    pub told: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// Why a certificate is not trusted; `None` where the library's own words say as much. `chain` is what the server showed, its own
/// certificate first, `name` what it was asked for, and `ca` the PEM of the only authorities to trust.
pub fn reason(
    wrong: &CertificateError,
    chain: &[Described],
    (name, ca): (&str, Option<&str>),
    now: SystemTime,
) -> Option<NotTrusted> {
    let own = chain.first();
    let (wrong, told) = match wrong {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let over = chain.iter().find(|certificate| certificate.ends <= now).or(own)?;
            (Wrong::Over, format!("a certificate {} is over since {}", whose(over), Timestamp::from(over.ends)))
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let early = chain.iter().find(|certificate| certificate.starts > now).or(own)?;
            (Wrong::Early, format!("a certificate {} begins at {}", whose(early), Timestamp::from(early.starts)))
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            let issuer = &chain.last()?.issuer;
            let trusted = match ca {
                Some(ca) => {
                    let known = Described::all_in(ca);
                    known.iter().map(|known| known.subject.as_str()).collect::<Vec<_>>().join("; ")
                }
                None => "the authorities of the system".to_owned(),
            };
            (Wrong::Issuer, format!("the certificate was issued by {issuer}, and we trust {trusted}"))
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let names = own.map_or_else(String::new, |own| own.names.join(", "));
            let names = if names.is_empty() { "no name at all".to_owned() } else { names };
            (Wrong::Name, format!("the certificate is for {names}, and not for {name}"))
        }
        // The library has no name of its own for it.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            (Wrong::Authority, "the server shows the certificate of an authority as its own".to_owned())
        }
        _ => return None,
    };
    Some(NotTrusted { told, wrong })
}

/// Whose a certificate is, behind the word for it.
pub fn whose(certificate: &Described) -> String {
    match certificate.subject.as_str() {
        "" => "without a subject".to_owned(),
        subject => format!("of {subject}"),
    }
}

/// What keeps servers from taking a certificate of ours at this time, and what to do; `None` where nothing does.
pub fn out_of_time(own: &Described, now: SystemTime) -> Option<(String, &'static str)> {
    if own.ends <= now {
        let hint = "have it renewed where `tls.certificate` keeps it";
        return Some((format!("is over since {}", Timestamp::from(own.ends)), hint));
    }
    (own.starts > now).then(|| {
        let hint = "compare the clocks of this machine and of who issued it";
        (format!("begins at {}", Timestamp::from(own.starts)), hint)
    })
}

/// The reason that a verifier of [`explaining`] gave.
fn not_trusted(error: &Error) -> Option<&NotTrusted> {
    match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(why))) => why.downcast_ref(),
        _ => None,
    }
}

/// The same verdicts, with the reason in words.
pub fn explaining(inner: Arc<WebPkiServerVerifier>, ca: Option<&str>) -> Arc<dyn ServerCertVerifier> {
    let ca = ca.map(str::to_owned);
    overseen(inner, move |chain, name, verdict| {
        verdict.map_err(|error| {
            let Error::InvalidCertificate(wrong) = &error else { return error };
            let chain = Described::chain(chain);
            match reason(wrong, &chain, (&name.to_str(), ca.as_deref()), SystemTime::now()) {
                Some(told) => Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(told)))),
                None => error,
            }
        })
    })
}

/// What a verifier says of a chain.
type Verdict = Result<ServerCertVerified, Error>;

/// A verifier whose verdicts `see` is shown, each with what the server showed, its own certificate first, and the name that it was
/// asked for. What it answers counts.
pub fn overseen<F>(inner: Arc<WebPkiServerVerifier>, see: F) -> Arc<dyn ServerCertVerifier>
where
    F: Fn(&[CertificateDer<'_>], &ServerName<'_>, Verdict) -> Verdict + Send + Sync + 'static,
{
    Arc::new(Overseen { inner, see })
}

struct Overseen<F> {
    inner: Arc<WebPkiServerVerifier>,
    see: F,
}

impl<F> fmt::Debug for Overseen<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overseen").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<F> ServerCertVerifier for Overseen<F>
where
    F: Fn(&[CertificateDer<'_>], &ServerName<'_>, Verdict) -> Verdict + Send + Sync + 'static,
{
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Verdict {
        let verdict = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let chain: Vec<CertificateDer<'_>> = std::iter::once(end_entity).chain(intermediates).cloned().collect();
        (self.see)(&chain, server_name, verdict)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_name() -> Error {
        let told = "the certificate is for kafka-0.internal, and not for 127.0.0.1".to_owned();
        let why = NotTrusted { told, wrong: Wrong::Name };
        Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(why))))
    }

    #[test]
    fn what_is_told_of_a_certificate_is_a_sentence_and_what_to_do_is_in_the_words_of_the_manifest() {
        for (words, key) in [
            (Words::LISTENER, "or set `tls.server_name`"),
            (Words::VAULT, "or set `tls.server_name` of `vault`"),
            (Words::ISSUER, "or have it issued anew"),
        ] {
            let (kind, told, hint) = words.told(&of_name());
            assert_eq!(kind, FailureKind::Protocol);
            assert_eq!(told, "the certificate is for kafka-0.internal, and not for 127.0.0.1");
            assert!(hint.ends_with(key), "{hint}");
        }
        assert!(Words::VAULT.hint(Wrong::Issuer).contains("VAULT_CACERT"));
        assert!(Words::VAULT.hint(Wrong::Over).contains("the clock of this machine"));
    }

    #[test]
    fn an_alert_that_is_about_no_certificate_asks_for_none() {
        let told = |alert| {
            let (kind, _, hint) = Words::VAULT.told(&Error::AlertReceived(alert));
            assert_eq!(kind == FailureKind::Authentication, is_about_certificates(alert));
            hint
        };
        assert!(told(Alert::ProtocolVersion).contains("neither TLS 1.2 nor TLS 1.3"));
        assert!(told(Alert::HandshakeFailure).contains("in common"));
        assert!(told(Alert::InternalError).contains("log"));
        for alert in [Alert::CertificateUnknown, Alert::CertificateRequired, Alert::UnknownCA] {
            assert!(told(alert).contains("another client certificate: check `tls.certificate` of `vault`"));
        }
    }

    #[test]
    fn a_certificate_without_a_subject_is_told_as_that() {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        let (starts, ends) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH);
        let (subject, issuer, names) = (String::new(), "CN=ca".to_owned(), vec!["busctl".to_owned()]);
        let nobody = Described { subject, issuer, names, starts, ends };
        let told = reason(&CertificateError::Expired, &[nobody], ("busctl", None), now).map(|why| why.told);
        assert_eq!(told.as_deref(), Some("a certificate without a subject is over since 1970-01-01T00:00:00.000Z"));
    }
}
