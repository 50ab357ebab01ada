//! TLS and client certificates, against a server that speaks TLS and answers one thing.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use busctl::adapters::registry::RegistryClient;
use busctl::model::Secret;
use busctl::ports::connection::{Identity, RegistryConnection, Tls};
use busctl::ports::registry::Registry;
use busctl::ports::{Failure, FailureKind};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::support::certificates::{self, Authority};

/// Answers every request with an empty list, after TLS with a client certificate of the authority where it wants one.
fn serve(authority: &Authority, wants_certificate: bool) -> u16 {
    let identity = authority.issue("server");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = if wants_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority.certificate()).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        builder.unwrap().with_client_cert_verifier(verifier)
    } else {
        builder.unwrap().with_no_client_auth()
    };
    let chain = vec![CertificateDer::from_pem_file(identity.certificate).unwrap()];
    let config = builder.with_single_cert(chain, PrivateKeyDer::from_pem_file(identity.key).unwrap()).unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            thread::spawn(move || {
                let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                let mut request = [0; 4096];
                if stream.read(&mut request).is_ok_and(|read| read > 0) {
                    _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n[]");
                    stream.conn.send_close_notify();
                    _ = stream.flush();
                }
            });
        }
    });
    port
}

fn text(path: impl AsRef<std::path::Path>) -> Secret {
    Secret::new(std::fs::read_to_string(path).unwrap())
}

fn identity(of: &certificates::Identity) -> Identity {
    Identity { certificate: text(&of.certificate), key: Some(text(&of.key)) }
}

fn connection(url: String, tls: Option<Tls>) -> RegistryConnection {
    RegistryConnection { url, tls, auth: None, timeout: Duration::from_secs(10) }
}

async fn ask(url: String, tls: Option<Tls>) -> Result<usize, Failure> {
    Ok(RegistryClient::new(&connection(url, tls))?.subjects().await?.names.len())
}

#[tokio::test]
async fn the_declared_authority_is_trusted_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::create(&directory.path().join("ours"));
    let stranger = Authority::create(&directory.path().join("theirs"));
    let port = serve(&authority, false);
    let url = format!("https://127.0.0.1:{port}");
    let trusting = |ca: &Authority| Some(Tls { ca: Some(text(ca.certificate())), identity: None, server_name: None });
    assert_eq!(ask(url.clone(), trusting(&authority)).await, Ok(0));
    for tls in [trusting(&stranger), None] {
        let failure = ask(url.clone(), tls).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Protocol, "{failure}");
        assert!(failure.hint.unwrap().contains("ca"));
    }
}

#[tokio::test]
async fn a_certificate_with_another_name_is_asked_for_by_it() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::create(directory.path());
    let url = format!("https://127.0.0.1:{}", serve(&authority, false));
    let named = |name: &str| {
        Some(Tls { ca: Some(text(authority.certificate())), identity: None, server_name: Some(name.to_owned()) })
    };
    // The certificate holds localhost too; the connection still goes to the address.
    assert_eq!(ask(url.clone(), named("localhost")).await, Ok(0));
    let failure = ask(url.clone(), named("registry.example")).await.unwrap_err();
    assert!(failure.answer.contains("TLS failed"), "{failure}");
    assert_eq!(ask(url, named("not a name")).await.unwrap_err().kind, FailureKind::Refused);
}

#[tokio::test]
async fn a_client_certificate_is_shown() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::create(&directory.path().join("ours"));
    let stranger = Authority::create(&directory.path().join("theirs"));
    let url = format!("https://127.0.0.1:{}", serve(&authority, true));
    let tls = |identity| Some(Tls { ca: Some(text(authority.certificate())), identity, server_name: None });
    let ours = authority.issue("busctl");
    assert_eq!(ask(url.clone(), tls(Some(identity(&ours)))).await, Ok(0));
    let both = Identity { certificate: text(&ours.keystore), key: None };
    assert_eq!(ask(url.clone(), tls(Some(both))).await, Ok(0));
    for identity in [None, Some(identity(&stranger.issue("busctl")))] {
        let failure = ask(url.clone(), tls(identity)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Authentication, "{failure}");
    }
    let mismatched = Identity { certificate: text(&ours.certificate), key: Some(text(authority.issue("other").key)) };
    let failure = ask(url.clone(), tls(Some(mismatched))).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    let garbage = Identity { certificate: Secret::new("hunter2"), key: None };
    let failure = ask(url, tls(Some(garbage))).await.unwrap_err();
    assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
}

#[tokio::test]
async fn plain_http_to_a_port_that_speaks_tls() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::create(directory.path());
    let failure = ask(format!("http://127.0.0.1:{}", serve(&authority, false)), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Protocol, "{failure:?}");
    assert!(failure.hint.unwrap().contains("https:"));
}
