//! Servers that are made to do harm, or are none: a clear error, and neither a crash, nor a hang, nor much memory, and no
//! secret for anybody else.

mod http;
mod kafka;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::support::certificates::{Authority, Identity};

/// What a server reads from and writes to.
trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// What becomes of each connection. It ends where this does.
type Does = Arc<dyn Fn(&mut dyn Stream) + Send + Sync>;

fn does(does: impl Fn(&mut dyn Stream) + Send + Sync + 'static) -> Does {
    Arc::new(does)
}

/// A server on a free port of 127.0.0.1, with TLS where there is a configuration of it.
fn serve(tls: Option<Arc<ServerConfig>>, does: Does) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (tls, does) = (tls.clone(), Arc::clone(&does));
            // Whoever is not waited for ends with the test.
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            thread::spawn(move || match tls {
                None => does(&mut stream),
                Some(tls) => does(&mut StreamOwned::new(ServerConnection::new(tls).unwrap(), stream)),
            });
        }
    });
    port
}

/// TLS with a certificate of a new authority, whose own is put into the folder as `ca.pem`.
fn tls(folder: &Path) -> Arc<ServerConfig> {
    tls_with(folder, |authority| authority.issue("hostile"))
}

/// The same with a certificate that is chosen.
fn tls_with(folder: &Path, issue: impl Fn(&Authority) -> Identity) -> Arc<ServerConfig> {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::create(directory.path());
    let identity = issue(&authority);
    std::fs::copy(authority.certificate(), folder.join("ca.pem")).unwrap();
    config(&identity, WebPkiClientVerifier::no_client_auth())
}

/// The same that takes certificates of the authority alone, where what is put into the folder as `foreign.pem` is none.
fn tls_for_friends(folder: &Path) -> Arc<ServerConfig> {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ours, theirs) = (Authority::create(ours.path()), Authority::create(theirs.path()));
    std::fs::copy(ours.certificate(), folder.join("ca.pem")).unwrap();
    std::fs::copy(theirs.issue("busctl").keystore, folder.join("foreign.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ours.certificate()).unwrap()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build().unwrap();
    config(&ours.issue("hostile"), verifier)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn config(identity: &Identity, verifier: Arc<dyn ClientCertVerifier>) -> Arc<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from_pem_file(&identity.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
    Arc::new(builder.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap())
}

/// Writes without an end, until whoever reads has had enough.
fn pours(stream: &mut dyn Stream) {
    while stream.write_all(&[b'a'; 65536]).is_ok() {}
}

/// Writes so slowly that a timeout of each read alone would never come.
fn drips(stream: &mut dyn Stream) {
    while stream.write_all(b"a").and_then(|()| stream.flush()).is_ok() {
        thread::sleep(Duration::from_millis(100));
    }
}
