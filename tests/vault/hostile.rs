//! Servers that are no Vault, or one that somebody else runs: nothing is sent elsewhere, nothing is read without an end.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use busctl::ports::vault::VaultAuth;

use crate::{Here, connection, read};

const TOKEN: &str = "hvs.correct-horse-battery";

/// A server that answers every request so; what it was asked.
fn server(answer: impl Fn(u16) -> Vec<u8> + Send + 'static) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, asked) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 8192];
            let read = stream.read(&mut buffer).unwrap_or(0);
            told.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).ok();
            // Whoever has had enough hangs up.
            stream.write_all(&answer(port)).ok();
        }
    });
    (format!("http://127.0.0.1:{port}"), asked)
}

async fn refused(address: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut here = Here { folder, hidden: Vec::new() };
    let auth = VaultAuth::Token(here.keep("token", TOKEN));
    let secrets = here.connected(connection(address, auth), None);
    here.refused(read(&secrets, "vault:secret/bus#password").await)
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_with_the_token() {
    let (elsewhere, asked) = server(|_| answer("200 OK", "", b"{}"));
    let location = format!("location: {elsewhere}/v1/secret\r\n");
    let (vault, _) = server(move |_| answer("307 Temporary Redirect", &location, b""));
    let told = refused(&vault).await;
    assert!(told.contains("where no token is sent"), "{told}");
    assert!(asked.try_recv().is_err(), "the other server was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_end_is_cut_off() {
    let (vault, _) = server(|_| {
        let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"data\":{\"x\":\"".to_vec();
        endless.resize(64 << 20, b'a');
        endless
    });
    let told = refused(&vault).await;
    assert!(told.contains("an answer of more than 4 MiB"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_vault_is_told_and_never_repeated() {
    for (status, body, expected) in [
        ("200 OK", "<html>hvs.correct-horse-battery</html>".to_owned(), "not the JSON"),
        ("200 OK", "{}".to_owned(), "not the JSON"),
        ("404 Not Found", "not here".to_owned(), "without Vault's words"),
        ("500 Oops", "oops".to_owned(), "status 500"),
        // A server that repeats what it was sent.
        ("403 Forbidden", format!("{{\"errors\":[\"bad token {TOKEN}\"]}}"), "the token has ended"),
        ("400 Bad Request", format!("{{\"errors\":[\"{}\"]}}", "x".repeat(100_000)), "the login was refused"),
    ] {
        let (vault, _) = server(move |_| answer(status, "", body.as_bytes()));
        let told = refused(&vault).await;
        assert!(told.contains(expected) && told.len() < 2000, "{told}");
    }
}
