//! TLS of HTTP clients from PEM in memory.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::trust;
use crate::model::Secret;
use crate::ports::connection::Tls;

/// The configuration of a client, or what is wrong with the certificates and what to do about it. The provider is
/// passed along and not installed: what else this process does with TLS is its own business.
pub fn config(tls: Option<&Tls>, is_https: bool) -> Result<ClientConfig, (String, &'static str)> {
    config_with(tls, is_https, None)
}

/// What is put around the verifier of certificates, to see what it sees.
pub type Around<'a> = &'a dyn Fn(Arc<WebPkiServerVerifier>) -> Arc<dyn ServerCertVerifier>;

/// The same with something around the verifier.
pub fn config_with(
    tls: Option<&Tls>,
    is_https: bool,
    around: Option<Around<'_>>,
) -> Result<ClientConfig, (String, &'static str)> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| (error.to_string(), "this is a fault of busctl"))?;
    let roots = match tls.and_then(|tls| tls.ca.as_ref()) {
        Some(ca) => declared_roots(ca.expose())?,
        None if is_https => system_roots()?,
        None => RootCertStore::empty(),
    };
    // Whoever speaks no TLS trusts nobody.
    let builder = if roots.is_empty() {
        builder.with_root_certificates(roots)
    } else {
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let verifier = verifier.map_err(|error| (error.to_string(), "check `ca`"))?;
        let ca = tls.and_then(|tls| tls.ca.as_ref()).map(Secret::expose);
        let verifier = match around {
            Some(around) => around(verifier),
            None => trust::explaining(verifier, ca),
        };
        builder.dangerous().with_custom_certificate_verifier(verifier)
    };
    let Some(identity) = tls.and_then(|tls| tls.identity.as_ref()) else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates(identity.certificate.expose())
        .map_err(|problem| (format!("the client certificate {problem}"), CERTIFICATE_HINT))?;
    let key = identity.key.as_ref().unwrap_or(&identity.certificate).expose();
    // The library's errors never hold the key.
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .map_err(|error| (format!("the client key cannot be read: {error}"), KEY_HINT))?;
    builder
        .with_client_auth_cert(chain, key)
        .map_err(|error| (format!("client certificate and key do not work together: {error}"), KEY_HINT))
}

const CERTIFICATE_HINT: &str = "it must be PEM with BEGIN CERTIFICATE, our own certificate first";
const KEY_HINT: &str = "it must be an unencrypted PEM key that belongs to the certificate";

fn declared_roots(pem: &str) -> Result<RootCertStore, (String, &'static str)> {
    const HINT: &str = "`ca` must be PEM with the certificates of the authorities";
    let mut roots = RootCertStore::empty();
    let certificates = certificates(pem).map_err(|problem| (format!("the authorities' PEM {problem}"), HINT))?;
    for certificate in certificates {
        roots.add(certificate).map_err(|error| (format!("an authority cannot be used: {error}"), HINT))?;
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, (String, &'static str)> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map_or_else(String::new, |error| format!(": {error}"));
        let hint = "install the system's certificates (ca-certificates), or set `tls: { ca: … }`";
        return Err((format!("the system has no certificate authorities{why}"), hint));
    }
    Ok(roots)
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err("holds no certificate".into()),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}
