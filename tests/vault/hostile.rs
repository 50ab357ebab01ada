//! Servers that are no Vault, or one that somebody else runs: nothing is sent elsewhere, nothing is read without an end.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use busctl::ports::vault::VaultAuth;
use serde_json::{Value, json};

use crate::support::certificates::Authority;
use crate::{Here, connection, read};

const TOKEN: &str = "hvs.correct-horse-battery";

/// A server that answers every request so; what it was asked.
fn server(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, asked) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 8192];
            let read = stream.read(&mut buffer).unwrap_or(0);
            let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
            // Whoever has had enough hangs up.
            stream.write_all(&answer(&request)).ok();
            told.send(request).ok();
        }
    });
    (format!("http://127.0.0.1:{port}"), asked)
}

async fn refused(address: &str) -> String {
    refused_for(address, "vault:secret/bus#password").await
}

async fn refused_for(address: &str, reference: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut here = Here { folder, hidden: Vec::new() };
    let auth = VaultAuth::Token(here.keep("token", TOKEN));
    let secrets = here.connected(connection(address, auth), None);
    here.refused(read(&secrets, reference).await)
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

/// A success as Vault puts it.
fn success(data: &Value) -> Vec<u8> {
    let body = json!({ "request_id": "r", "lease_id": "", "renewable": false, "lease_duration": 0, "data": data });
    answer("200 OK", "", body.to_string().as_bytes())
}

/// What Vault says of the token.
fn looked_up() -> Vec<u8> {
    success(&json!({
        "accessor": "a", "creation_time": 0, "creation_ttl": 0, "display_name": "d", "entity_id": "e",
        "expire_time": null, "explicit_max_ttl": 0, "id": "i", "identity_policies": [], "issue_time": null,
        "meta": null, "num_uses": 0, "orphan": true, "path": "p", "policies": [], "renewable": false, "ttl": 0,
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_repeated_anywhere_is_hidden_and_what_is_said_is_cut() {
    let kv = json!({ "path": "secret/", "type": "kv", "options": { "version": "2" } });
    let metadata = json!({ "created_time": "", "deletion_time": "", "destroyed": false, "version": 1 });
    let long = format!("{}{TOKEN}", "x".repeat(395));
    let gone = |time: &str| json!({ "data": { "metadata": { "deletion_time": time } } });
    for (mount, secret, expected) in [
        (json!({ "path": format!("{TOKEN}/"), "type": "kv" }), json!({}), "the mount …, which is another one"),
        (json!({ "path": "secret/", "type": TOKEN }), json!({}), "is the engine `…`"),
        (json!({ "path": "secret/", "type": long }), json!({}), "is the engine `xxx"),
        (kv.clone(), json!({ "data": { TOKEN: "a" }, "metadata": metadata }), "its fields: `…`"),
        (kv.clone(), json!({ "data": { &long: "a" }, "metadata": metadata }), "its fields: `xxx"),
        (kv.clone(), gone(TOKEN), "was deleted (…)"),
        (kv.clone(), gone(&long), "was deleted (xxx"),
    ] {
        let (vault, _) = server(move |request| {
            let is_gone = secret["data"]["metadata"].is_object();
            match request.split(' ').nth(1) {
                Some(path) if path.ends_with("/lookup-self") => looked_up(),
                Some(path) if path.contains("/mounts/") => success(&mount),
                _ if is_gone => answer("404 Not Found", "", secret.to_string().as_bytes()),
                _ => success(&secret),
            }
        });
        let told = refused(&vault).await;
        assert!(told.contains(expected) && !told.contains("hvs.") && told.len() < 1000, "{told}");
    }
}

/// A Vault whose secrets of KV 2 are answered so.
fn with_secret(status: &'static str, body: Value) -> String {
    let mount = json!({ "path": "secret/", "type": "kv", "options": { "version": "2" } });
    let (vault, _) = server(move |request| match request.split(' ').nth(1) {
        Some(path) if path.ends_with("/lookup-self") => looked_up(),
        Some(path) if path.contains("/mounts/") => success(&mount),
        _ => answer(status, "", body.to_string().as_bytes()),
    });
    vault
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_was_destroyed_is_not_to_be_undeleted() {
    for deletion_time in ["", "2026-11-26T00:00:00Z"] {
        let gone = json!({ "data": { "metadata": { "deletion_time": deletion_time, "destroyed": true } } });
        let told = refused(&with_secret("404 Not Found", gone)).await;
        assert!(told.contains("was destroyed for good") && told.contains("put a new version there"), "{told}");
        assert!(!told.contains("undelete"), "{told}");
    }
}

/// The path of Vault's API in the place of that of a secret: without it a right on another path is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_the_api_is_told_where_it_is_denied() {
    let denied = || json!({ "errors": ["1 error occurred:\n\t* permission denied\n\n"] });
    let vault = with_secret("403 Forbidden", denied());
    let told = refused_for(&vault, "vault:secret/data/bus/plain#password").await;
    assert!(told.contains("help: leave out data/") && told.contains("vault:secret/bus/plain"), "{told}");
    let told = refused_for(&with_secret("403 Forbidden", denied()), "vault:secret/bus/data/plain#password").await;
    assert!(told.contains("must have: path \"secret/data/bus/data/plain\"") && !told.contains("leave out"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_logs_in_is_hidden_before_what_is_said_is_cut() {
    let said = format!("{}{TOKEN}", "x".repeat(395));
    let (vault, _) = server(move |_| answer("400 Bad Request", "", json!({ "errors": [said] }).to_string().as_bytes()));
    let folder = tempfile::tempdir().unwrap();
    let mut here = Here { folder, hidden: Vec::new() };
    let (role_id, secret_id) = (here.keep("role-id", "a-role-of-ours"), here.keep("secret-id", TOKEN));
    let auth = VaultAuth::AppRole { mount: "approle".into(), role_id, secret_id };
    let secrets = here.connected(connection(&vault, auth), None);
    let told = here.refused(read(&secrets, "vault:secret/bus#password").await);
    assert!(told.contains("the login was refused") && !told.contains("hvs."), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_clock_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::create(folder.path());
    for (identity, expected) in
        [(authority.issue_over("over"), "is over since 2021"), (authority.issue_early("early"), "begins at 2040")]
    {
        let certificate = std::fs::read_to_string(&identity.certificate).unwrap();
        let issued = success(&json!({
            "ca_chain": null, "certificate": certificate, "expiration": 0, "issuing_ca": certificate,
            "private_key": "none", "private_key_type": "ec", "serial_number": "1",
        }));
        let (vault, _) = server(move |request| match request.contains("/lookup-self ") {
            true => looked_up(),
            false => issued.clone(),
        });
        let told = refused_for(&vault, "vault:pki/issue/busctl").await;
        assert!(told.contains(expected) && told.contains("by the clock here") && told.contains("NTP"), "{told}");
    }
}
