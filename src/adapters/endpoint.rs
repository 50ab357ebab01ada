//! What servers show where they speak TLS: their certificates, and whether they speak versions that nobody should.

use std::net::{IpAddr, TcpStream};
use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::walk::{host_of, shake};
use crate::model::Timestamp;
use crate::ports::connection::Tls;
use crate::ports::kafka::{Endpoint, ShownCertificate};
use crate::ports::{Failure, FailureKind};

/// How many addresses are looked at at once.
const AT_ONCE: usize = 32;

/// How long one may take at most: it is beside the matter of whoever asks, and many may be behind a firewall.
const LONGEST: Duration = Duration::from_secs(3);

/// Looks at addresses, `HOST:PORT`, in order.
pub async fn look_at_all(addresses: &[String], tls: Option<&Tls>, timeout: Duration) -> Vec<Result<Endpoint, Failure>> {
    let timeout = timeout.min(LONGEST);
    let looks: Vec<_> = addresses.iter().map(|address| look(address, tls, timeout)).collect();
    stream::iter(looks).buffered(AT_ONCE).collect().await
}

async fn look(address: &str, tls: Option<&Tls>, timeout: Duration) -> Result<Endpoint, Failure> {
    let failure = |kind, answer: String, hint: &str| Failure {
        kind,
        tried: "look at the certificate".to_owned(),
        server: address.to_owned(),
        answer,
        hint: Some(hint.to_owned()),
    };
    let (stream, old_tls) = tokio::join!(connect(address, timeout), speaks_old_tls(address, timeout));
    let stream =
        stream.map_err(|(kind, answer)| failure(kind, answer, "see whether this machine reaches the address"))?;
    let host = host_of(address).to_owned();
    let tls = tls.cloned();
    let shaken = tokio::task::spawn_blocking(move || {
        let name = tls.as_ref().and_then(|tls| tls.server_name.as_deref()).unwrap_or(&host);
        shake(stream, name, tls.as_ref(), timeout)
    });
    let shaken = shaken.await.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()));
    let chain = shaken.map_err(|(answer, hint)| failure(FailureKind::Protocol, answer, hint))?.chain;
    if chain.is_empty() {
        let answer = "it showed no certificate".to_owned();
        return Err(failure(FailureKind::Protocol, answer, "see whether a listener with TLS is there"));
    }
    let certificates = chain.into_iter().map(|certificate| ShownCertificate {
        ends: Timestamp::from(certificate.ends),
        subject: certificate.subject,
        issuer: certificate.issuer,
    });
    Ok(Endpoint { certificates: certificates.collect(), old_tls })
}

async fn connect(address: &str, timeout: Duration) -> Result<TcpStream, (FailureKind, String)> {
    match tokio::time::timeout(timeout, tokio::net::TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream.into_std().map_err(|error| (FailureKind::Unreachable, error.to_string())),
        Ok(Err(error)) => Err((FailureKind::Unreachable, error.to_string())),
        Err(_) => Err((FailureKind::Timeout, format!("no answer within {timeout:?}"))),
    }
}

/// Whether a server takes TLS 1.1 or 1.0 where nothing newer is offered. `None` where what comes back says neither.
async fn speaks_old_tls(address: &str, timeout: Duration) -> Option<bool> {
    let asking = async {
        let mut stream = tokio::net::TcpStream::connect(address).await.ok()?;
        stream.write_all(&hello(host_of(address))).await.ok()?;
        let mut answer = [0; 11];
        let mut read = 0;
        while read < answer.len() {
            match stream.read(&mut answer[read..]).await {
                Ok(0) | Err(_) => break,
                Ok(more) => read += more,
            }
        }
        meaning(&answer[..read])
    };
    tokio::time::timeout(timeout, asking).await.ok().flatten()
}

/// The first bytes of an answer: the type of the record, and of a ServerHello the version that was chosen.
fn meaning(answer: &[u8]) -> Option<bool> {
    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;
    const SERVER_HELLO: u8 = 2;
    match answer {
        [HANDSHAKE, _, _, _, _, SERVER_HELLO, _, _, _, 3, minor, ..] => Some(*minor < 3),
        // A server that takes none of the versions says so, or hangs up without a word.
        [ALERT, 3, ..] | [] => Some(false),
        _ => None,
    }
}

/// A ClientHello of TLS 1.1 (RFC 4346, 7.4.1.2). The libraries in use offer no version as old, so that this one message, which
/// no secret depends on, is written here.
fn hello(host: &str) -> Vec<u8> {
    const VERSION: [u8; 2] = [3, 2];
    // ECDHE and RSA with AES in CBC, 3DES, and the mark of a client that renegotiates safely (RFC 5746).
    const SUITES: [u16; 8] = [0xc00a, 0xc009, 0xc014, 0xc013, 0x0035, 0x002f, 0x000a, 0x00ff];
    // x25519, secp256r1, secp384r1, secp521r1.
    const GROUPS: [u16; 4] = [0x001d, 0x0017, 0x0018, 0x0019];
    let words = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let mut extensions = Vec::new();
    if host.parse::<IpAddr>().is_err() {
        let name = [&[0][..], &sized(host.as_bytes())].concat();
        extensions.extend([&[0, 0][..], &sized(&sized(&name))].concat());
    }
    extensions.extend([&[0, 10][..], &sized(&sized(&words(&GROUPS)))].concat());
    // Points are written uncompressed.
    extensions.extend([0, 11, 0, 2, 1, 0]);
    let random = [0x5a; 32];
    let body = [&VERSION[..], &random, &[0], &sized(&words(&SUITES)), &[1, 0], &sized(&extensions)].concat();
    let length = u32::try_from(body.len()).unwrap_or_default().to_be_bytes();
    let handshake = [&[1][..], &length[1..], &body].concat();
    [&[22, 3, 1][..], &sized(&handshake)].concat()
}

/// Bytes behind their number in two bytes.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&length[..], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_hello_of_an_old_version_is_told_from_a_refusal() {
        assert_eq!(meaning(&[22, 3, 2, 0, 80, 2, 0, 0, 76, 3, 2]), Some(true));
        assert_eq!(meaning(&[22, 3, 1, 0, 80, 2, 0, 0, 76, 3, 1]), Some(true));
        assert_eq!(meaning(&[22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3]), Some(false));
        assert_eq!(meaning(&[21, 3, 1, 0, 2, 2, 70]), Some(false));
        assert_eq!(meaning(&[]), Some(false));
        assert_eq!(meaning(b"HTTP/1.1 40"), None);
        assert_eq!(meaning(&[22, 3]), None);
    }

    #[test]
    fn what_is_sent_says_how_long_it_is() {
        for host in ["127.0.0.1", "kafka-0.example.com"] {
            let hello = hello(host);
            assert_eq!(usize::from(u16::from_be_bytes([hello[3], hello[4]])), hello.len() - 5);
            assert_eq!(usize::from(u16::from_be_bytes([hello[7], hello[8]])), hello.len() - 9);
        }
    }
}
