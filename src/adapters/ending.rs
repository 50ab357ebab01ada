//! What ends a connection on which nothing is asked. Whoever asks may miss it: a server that closes a connection with a request
//! unread resets it, and what it said before is lost with it.

use std::io::{Error, ErrorKind, Result};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::walk::{Shaken, host_of, shake};
use crate::ports::connection::Tls;

/// What ends a connection to `HOST:PORT` within this time, be it that nothing listens there. `None` where nothing does, and where
/// it is nothing that the server has done.
pub async fn end_of(address: &str, tls: Option<&Tls>, patience: Duration) -> Option<Error> {
    let deadline = Instant::now() + patience;
    let stream = match tokio::time::timeout(patience, tokio::net::TcpStream::connect(address)).await.ok()? {
        Ok(stream) => stream.into_std().ok()?,
        Err(error) => return (error.kind() == ErrorKind::ConnectionRefused).then_some(error),
    };
    let (host, tls) = (host_of(address).to_owned(), tls?.clone());
    let heard = tokio::task::spawn_blocking(move || listen(stream, &host, &tls, deadline));
    let error = heard.await.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic())).err()?;
    is_its_own(&error).then_some(error)
}

fn listen(mut stream: TcpStream, host: &str, tls: &Tls, deadline: Instant) -> Result<()> {
    let left = || deadline.saturating_duration_since(Instant::now());
    let name = tls.server_name.as_deref().unwrap_or(host);
    let shaken = shake(stream.try_clone()?, name, Some(tls), left()).map_err(|(told, _)| Error::other(told))?;
    let Shaken { mut client, result, .. } = shaken;
    result.map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => Error::new(ErrorKind::UnexpectedEof, "tls handshake eof"),
        _ => error,
    })?;
    while !left().is_zero() {
        stream.set_read_timeout(Some(left()))?;
        if client.read_tls(&mut stream)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let state = client.process_new_packets().map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
        if state.peer_has_closed() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if state.plaintext_bytes_to_read() > 0 {
            break;
        }
    }
    Ok(())
}

/// Whether it is the server that ended the connection.
fn is_its_own(error: &Error) -> bool {
    let why = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(why, Some(rustls::Error::AlertReceived(_)))
        || matches!(
            error.kind(),
            ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof
        )
}
