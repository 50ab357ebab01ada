//! Servers that are no Consul, or one that somebody else runs: nothing is sent elsewhere, nothing is read without an end.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use busctl::adapters::consul::ConsulClient;
use busctl::adapters::sent::Sent;
use busctl::model::Secret;
use busctl::ports::consul::{Consul as _, ConsulConnection, KeyWrite};
use busctl::ports::{Failure, FailureKind};
use serde_json::json;

use crate::told;

const TOKEN: &str = "5f2c6c3a-correct-horse-battery";

/// A server that answers every request so; what it was asked.
fn server(answer: impl Fn() -> Vec<u8> + Send + 'static) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, asked) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 8192];
            let read = stream.read(&mut buffer).unwrap_or(0);
            tell.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).ok();
            // Whoever has had enough hangs up.
            stream.write_all(&answer()).ok();
        }
    });
    (format!("http://127.0.0.1:{port}"), asked)
}

fn client(address: &str) -> ConsulClient {
    let connection = ConsulConnection {
        address: address.to_owned(),
        datacenter: Some("eu 1".into()),
        namespace: Some("bus".into()),
        tls: None,
        token: Some(Secret::new(TOKEN)),
        prefix: Some("kafka/main".into()),
        timeout: Duration::from_secs(5),
    };
    ConsulClient::new(&connection).unwrap()
}

async fn refused(address: &str) -> [Failure; 2] {
    let client = client(address);
    let write = KeyWrite { key: "a/one".into(), value: Some("1".into()), index: 0, told: None };
    [client.keys().await.unwrap_err(), client.write(&[write]).await.unwrap_err()]
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_with_the_token() {
    let (elsewhere, asked) = server(|| answer("200 OK", "", b"[]"));
    let location = format!("location: {elsewhere}/v1/kv/\r\n");
    let (consul, seen) = server(move || answer("307 Temporary Redirect", &location, b""));
    for failure in refused(&consul).await {
        assert!(told(&failure, &[TOKEN]).contains("where no token is sent"), "{failure}");
    }
    assert!(asked.try_recv().is_err(), "the other server was asked");
    let request = seen.recv().unwrap().to_lowercase();
    assert!(request.contains(&format!("x-consul-token: {TOKEN}")), "{request}");
    assert!(request.contains("/v1/kv/kafka/main/?consistent=true&recurse=true&dc=eu+1&ns=bus"), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_end_is_cut_off() {
    let (consul, _) = server(|| {
        let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[{\"Key\":\"".to_vec();
        endless.resize(80 << 20, b'a');
        endless
    });
    let [failure, _] = refused(&consul).await;
    assert!(told(&failure, &[TOKEN]).contains("more than 64 MiB"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_consul_is_told_apart_and_its_echo_of_the_token_is_hidden() {
    let page = "<html>nothing here</html>";
    for (status, body) in [
        ("200 OK", page.to_owned()),
        ("200 OK", "{\"Key\": 1}".to_owned()),
        ("200 OK", "[{\"Key\": \"other/a\", \"Value\": \"\", \"ModifyIndex\": 4}]".to_owned()),
        ("200 OK", "[{\"Key\": \"kafka/main/a\", \"Value\": \"***\", \"ModifyIndex\": 4}]".to_owned()),
        ("200 OK", "[{\"Key\": \"kafka/main/a\", \"Value\": \"\", \"ModifyIndex\": 0}]".to_owned()),
        ("403 Forbidden", format!("who is {TOKEN}?")),
        ("500 Internal Server Error", format!("{TOKEN} broke it")),
        ("409 Conflict", "{\"Errors\": []}".to_owned()),
        ("404 Not Found", page.to_owned()),
        ("404 Not Found", String::new()),
        ("200 OK", format!("[{{\"Key\": \"kafka/main/a\", \"Value\": \"\", \"ModifyIndex\": \"{TOKEN}\"}}]")),
        ("200 OK", format!("{{\"{}{TOKEN}\": 1}}", "x".repeat(280))),
    ] {
        let (consul, _) = server(move || answer(status, "", body.as_bytes()));
        let failure = client(&consul).keys().await.unwrap_err();
        let told = told(&failure, &[TOKEN]);
        assert!(!told.contains("5f2c6c3a"), "{told}");
        assert_ne!(failure.kind, FailureKind::Moved);
    }
    for what in ["5f2c6c3a-correct-horse-battery is stale", "\\u0035f2c6c3a-correct-horse-battery is stale"] {
        let body = format!("{{\"Errors\": [{{\"OpIndex\": 0, \"What\": \"{what}\"}}]}}");
        let (consul, _) = server(move || answer("409 Conflict", "", body.as_bytes()));
        let [_, failure] = refused(&consul).await;
        told(&failure, &[TOKEN]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn that_there_are_no_keys_consul_alone_says() {
    let (consul, _) = server(|| answer("404 Not Found", "x-consul-index: 7\r\n", b""));
    assert_eq!(client(&consul).keys().await.unwrap().len(), 0);
    let (other, _) = server(|| answer("404 Not Found", "", b""));
    let failure = client(&other).keys().await.unwrap_err();
    assert!(told(&failure, &[TOKEN]).contains("what came back is not Consul's"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_repeats_a_credential_of_any_server_says_so() {
    let kafka: Sent = [Secret::new("correct-horse")].into_iter().collect();
    let pairs = [("a/note", TOKEN), ("a/kafka", "Y29ycmVjdC1ob3JzZQ=="), (TOKEN, "1"), ("a/plain", "nothing of it")];
    let pairs = pairs.map(
        |(key, value)| json!({ "Key": format!("kafka/main/{key}"), "Value": STANDARD.encode(value), "ModifyIndex": 7 }),
    );
    let body = serde_json::to_vec(&pairs).unwrap();
    let (address, _asked) = server(move || answer("200 OK", "X-Consul-Index: 7\r\n", &body));
    let keys = client(&address).hiding([kafka]).keys().await.unwrap();
    let told: Vec<(&str, Option<&str>)> =
        keys.iter().map(|(key, entry)| (key.as_str(), entry.told.as_deref())).collect();
    let expected = [(TOKEN, Some("…")), ("a/kafka", Some("a/kafka")), ("a/note", Some("a/note")), ("a/plain", None)];
    assert_eq!(told, expected);
}
