//! Why a server's certificate is not trusted: whose it is, who issued it, whom we trust.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::certificate::Described;
use crate::model::Timestamp;

/// Why a certificate is not trusted, and what to do; `None` where the library's own words say as much. `chain` is what the server
/// showed, its own certificate first, and `ca` the PEM of the only authorities to trust.
pub fn reason(
    wrong: &CertificateError,
    chain: &[Described],
    ca: Option<&str>,
    now: SystemTime,
) -> Option<(String, &'static str)> {
    let own = chain.first();
    match wrong {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let over = chain.iter().find(|certificate| certificate.ends <= now).or(own)?;
            let hint = "have the certificate renewed; where it is good, the clock of this machine is wrong";
            Some((format!("a certificate of {} is over since {}", over.subject, Timestamp::from(over.ends)), hint))
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let early = chain.iter().find(|certificate| certificate.starts > now).or(own)?;
            let hint = "compare the clocks of this machine and of who issued the certificate";
            Some((format!("a certificate of {} begins at {}", early.subject, Timestamp::from(early.starts)), hint))
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
            let hint = "set `tls.ca` to the PEM of the authority that issued it; one that was made anew under its old name is \
                        another authority";
            Some((format!("the certificate was issued by {issuer}, and we trust {trusted}"), hint))
        }
        _ => None,
    }
}

/// The same verdicts, with the reason in words.
pub fn explaining(inner: Arc<WebPkiServerVerifier>, ca: Option<&str>) -> Arc<dyn ServerCertVerifier> {
    let ca = ca.map(str::to_owned);
    overseen(inner, move |chain, verdict| {
        verdict.map_err(|error| {
            let Error::InvalidCertificate(wrong) = &error else { return error };
            let chain = Described::chain(chain);
            match reason(wrong, &chain, ca.as_deref(), SystemTime::now()) {
                Some((told, _)) => {
                    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(NotTrusted(told)))))
                }
                None => error,
            }
        })
    })
}

/// The reason as the library passes it on.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotTrusted(String);

/// What a verifier says of a chain.
type Verdict = Result<ServerCertVerified, Error>;

/// A verifier whose verdicts `see` is shown, each with what the server showed, its own certificate first. What it answers counts.
pub fn overseen<F>(inner: Arc<WebPkiServerVerifier>, see: F) -> Arc<dyn ServerCertVerifier>
where
    F: Fn(&[CertificateDer<'_>], Verdict) -> Verdict + Send + Sync + 'static,
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
    F: Fn(&[CertificateDer<'_>], Verdict) -> Verdict + Send + Sync + 'static,
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
        (self.see)(&chain, verdict)
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
