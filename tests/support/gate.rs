//! A server with TLS in front of one without, which lets through who shows what it asks for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::certificates::{Authority, Identity};
use super::issuer::control;
use super::secrets;

/// What a gate asks for.
#[derive(Debug, Clone)]
pub enum Asks {
    /// TLS alone.
    Nothing,
    /// A client certificate of the authority.
    Certificate,
    /// This header, `Basic …`.
    Authorization(String),
    /// A token that the issuer behind this port takes for good.
    Token(u16),
}

/// Serves in front of the server on 127.0.0.1 at this port, and answers its own.
pub fn serve(authority: &Authority, identity: &Identity, asks: Asks, target: u16) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = match asks {
        Asks::Certificate => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(authority.certificate()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.unwrap().with_client_cert_verifier(verifier)
        }
        _ => builder.unwrap().with_no_client_auth(),
    };
    let chain = vec![CertificateDer::from_pem_file(&identity.certificate).unwrap()];
    let config = builder.with_single_cert(chain, PrivateKeyDer::from_pem_file(&identity.key).unwrap()).unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (config, asks) = (Arc::clone(&config), asks.clone());
            thread::spawn(move || pass(stream, config, &asks, target));
        }
    });
    port
}

/// One request and its answer; then the connection ends, so that each request is asked for what it shows.
fn pass(stream: TcpStream, config: Arc<ServerConfig>, asks: &Asks, target: u16) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let mut stream = StreamOwned::new(ServerConnection::new(config).ok()?, stream);
    let (head, body) = request(&mut stream)?;
    let shown = head
        .lines()
        .find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("authorization")));
    let shown = shown.map_or("", |(_, value)| value);
    if let Some((_, credential)) = shown.split_once(' ') {
        secrets::keep(credential, "a request to a gate");
    }
    let is_let_through = match asks {
        Asks::Nothing | Asks::Certificate => true,
        Asks::Authorization(expected) => shown == expected,
        Asks::Token(port) => {
            shown.strip_prefix("Bearer ").is_some_and(|token| control(*port, &format!("/check?token={token}")) == 204)
        }
    };
    let answer = if is_let_through {
        let mut server = TcpStream::connect(("127.0.0.1", target)).ok()?;
        server.write_all(head.trim_end().as_bytes()).ok()?;
        server.write_all(b"\r\nconnection: close\r\n\r\n").ok()?;
        server.write_all(&body).ok()?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).ok()?;
        answer
    } else {
        b"HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec()
    };
    stream.write_all(&answer).ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()
}

fn request(stream: &mut impl Read) -> Option<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end + 4]).into_owned();
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let body = &read[end + 4..];
            if body.len() >= length.unwrap_or(0) {
                return Some((head, body.to_vec()));
            }
        }
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => read.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}
