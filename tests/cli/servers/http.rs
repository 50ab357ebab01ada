//! Servers of HTTP: a registry, a Vault, an issuer.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use busctl::adapters::oauth::Tokens;
use busctl::adapters::registry::RegistryClient;
use busctl::model::Secret;
use busctl::ports::Failure;
use busctl::ports::connection::{Bearer, ClientCredentials, RegistryConnection, Tls, TokenSource};
use busctl::ports::registry::Registry;
use rustls::ServerConfig;

use super::{Does, Stream, does, drips, pours, serve, tls, tls_with};
use crate::hostile::run;
use crate::support::workspace::{Run, Scratch};

/// A small workspace needs a tenth of it; what the process of the tests has itself is counted in.
const MOST_MEMORY: u64 = 300 << 20;

const SECRET: &str = "correct-horse-battery-staple";

/// Reads the request; its head.
fn asked(stream: &mut dyn Stream) -> String {
    let mut read = Vec::new();
    let mut buffer = [0; 8192];
    while !read.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => read.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// Writes an answer. Whoever has had enough hangs up.
fn says(stream: &mut dyn Stream, head: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {head}\r\ncontent-type: application/json\r\nconnection: close\r\n");
    _ = stream.write_all(format!("{head}content-length: {}\r\n\r\n", body.len()).as_bytes());
    _ = stream.write_all(body);
    _ = stream.flush();
}

fn begins(stream: &mut dyn Stream, headers: &str) {
    _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}").as_bytes());
}

/// Half a gigabyte of zeros, compressed to a thousandth.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let made = Command::new("sh").args(["-c", "head -c 536870912 /dev/zero | gzip -9"]).output().unwrap();
    assert!(made.status.success() && made.stdout.len() > 500_000, "{made:?}");
    made.stdout
});

/// Everything that a hostile server does to the first request.
fn all() -> Vec<(&'static str, Does)> {
    vec![
        (
            "a body without an end",
            does(|stream| {
                asked(stream);
                begins(stream, "\r\n[\"");
                pours(stream);
            }),
        ),
        (
            "a length of half of all numbers",
            does(|stream| {
                asked(stream);
                begins(stream, "content-length: 9223372036854775807\r\n\r\n[\"");
                pours(stream);
            }),
        ),
        (
            "a length that is not kept",
            does(|stream| {
                asked(stream);
                begins(stream, "content-length: 1000000\r\n\r\n[\"a\"");
            }),
        ),
        (
            "headers without an end",
            does(|stream| {
                asked(stream);
                begins(stream, "x: ");
                pours(stream);
            }),
        ),
        (
            "a chunk of a length that lies",
            does(|stream| {
                asked(stream);
                begins(stream, "transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n");
                pours(stream);
            }),
        ),
        (
            "JSON of a great depth",
            does(|stream| {
                asked(stream);
                says(stream, "200 OK", "[".repeat(500_000).as_bytes());
            }),
        ),
        (
            "a great depth in an error",
            does(|stream| {
                asked(stream);
                says(stream, "500 Oops", "{\"errors\":".repeat(100_000).as_bytes());
            }),
        ),
        (
            "a bomb",
            does(move |stream| {
                asked(stream);
                says(stream, "200 OK\r\ncontent-encoding: gzip", &BOMB);
            }),
        ),
        (
            "a body that drips",
            does(|stream| {
                asked(stream);
                begins(stream, "content-length: 100000\r\n\r\n[\"");
                drips(stream);
            }),
        ),
        (
            "headers that drip",
            does(|stream| {
                asked(stream);
                begins(stream, "x: ");
                drips(stream);
            }),
        ),
        (
            "silence",
            does(|stream| {
                asked(stream);
                asked(stream);
            }),
        ),
        (
            "something else than HTTP",
            does(|stream| {
                asked(stream);
                pours(stream);
            }),
        ),
    ]
}

/// Holds a command to its bounds before each of the hostile servers. `address` puts the port of one into the workspace.
fn withstands(scratch: &Scratch, arguments: &[&str], secure: bool, address: impl Fn(u16)) {
    let tls = secure.then(|| tls(scratch.root()));
    for (what, does) in all() {
        address(serve(tls.clone(), does));
        let arguments = [arguments, &["--timeout", "3s"]].concat();
        let ended = run(scratch, &arguments, MOST_MEMORY).ended(1);
        let told = format!("{}{}", ended.out, ended.err);
        assert!(told.contains("help: ") && told.len() < 8000 && !told.contains('\u{1b}'), "{what}: {told}");
    }
}

/// A server to which nobody was sent; how many have come.
fn elsewhere(secure: Option<&Scratch>) -> (u16, Arc<AtomicUsize>) {
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    let port = serve(
        secure.map(|scratch| tls(scratch.root())),
        does(move |stream| {
            counted.fetch_add(1, Ordering::SeqCst);
            asked(stream);
            says(stream, "200 OK", b"{}");
        }),
    );
    (port, came)
}

fn redirects(address: String) -> Does {
    does(move |stream| {
        asked(stream);
        says(stream, &format!("307 Temporary Redirect\r\nlocation: {address}"), b"");
    })
}

const CLUSTER: &str = "cluster: main\nenvironment: dev\nschema_registry: main\n";

#[test]
fn a_hostile_registry_does_no_harm() {
    let scratch = Scratch::with(&[
        ("secrets/password", SECRET),
        // Nothing listens there: the walk to the brokers ends soon.
        ("clusters/main.yaml", &format!("{CLUSTER}connection: {{ bootstrap: [\"127.0.0.1:1\"] }}\n")),
    ]);
    let address = |port: u16| {
        let auth = "auth: { username: busctl, password: file:secrets/password }";
        scratch.write("clusters/registry.yaml", format!("registry: main\nurl: http://127.0.0.1:{port}\n{auth}\n"));
    };
    withstands(&scratch, &["doctor", "connection"], false, address);
    let (other, came) = elsewhere(None);
    address(serve(None, redirects(format!("http://127.0.0.1:{other}/"))));
    run(&scratch, &["doctor", "connection", "--timeout", "3s"], MOST_MEMORY).ended(1).shows(&["it points to"]);
    assert_eq!(came.load(Ordering::SeqCst), 0);
    // An address that repeats the password, and one that is as long as headers may be.
    for (path, told) in
        [(SECRET.to_owned(), "it points to http://x.example/…;"), ("y".repeat(9000), "http://x.example/yyy")]
    {
        address(serve(None, redirects(format!("http://x.example/{path}"))));
        let ended = run(&scratch, &["doctor", "connection", "--timeout", "3s"], MOST_MEMORY).ended(1).shows(&[told]);
        assert!(ended.out.len() < 8000, "{}", ended.out);
    }
}

#[test]
fn a_server_with_the_name_of_another_is_asked_without_a_proxy() {
    let scratch = Scratch::new();
    // The authority's certificate is put there; the proxy itself speaks plainly.
    tls(scratch.root());
    let (proxy, came) = elsewhere(None);
    scratch.write("secrets/token", SECRET);
    let vault = "address: \"https://vault.invalid\", auth: { token: file:secrets/token }";
    let named = "tls: { ca: file:ca.pem, server_name: vault.example }";
    scratch.write("busctl.yaml", format!("version: 1\nvault: {{ {vault}, {named} }}\n"));
    let sasl = "sasl: { mechanism: plain, username: busctl, password: vault:secret/bus#password }";
    let connection = format!("{{ bootstrap: [\"127.0.0.1:1\"], tls: {{}}, {sasl} }}");
    scratch.write("clusters/main.yaml", format!("cluster: main\nenvironment: dev\nconnection: {connection}\n"));
    let mut command = scratch.command(&["plan", "--timeout", "3s"]);
    command.env("HTTPS_PROXY", format!("http://127.0.0.1:{proxy}"));
    crate::support::workspace::start(command).wait().ended(1).says(&["https://vault.invalid"]).without_panic();
    assert_eq!(came.load(Ordering::SeqCst), 0);
}

#[test]
fn a_hostile_vault_does_no_harm() {
    let sasl = "sasl: { mechanism: plain, username: busctl, password: vault:secret/bus#password }";
    let scratch = Scratch::with(&[
        ("secrets/token", SECRET),
        (
            "clusters/main.yaml",
            &format!("cluster: main\nenvironment: dev\nconnection: {{ bootstrap: [\"127.0.0.1:1\"], {sasl} }}\n"),
        ),
    ]);
    let address = |port: u16| {
        let vault = format!("{{ address: \"http://127.0.0.1:{port}\", auth: {{ token: file:secrets/token }} }}");
        scratch.write("busctl.yaml", format!("version: 1\nvault: {vault}\n"));
    };
    withstands(&scratch, &["plan"], false, address);
}

#[test]
fn a_vault_that_tells_impossible_times_does_no_harm() {
    let tls = "tls: { certificate: vault:pki/issue/busctl }";
    let connection = format!("connection: {{ bootstrap: [\"127.0.0.1:1\"], {tls} }}");
    let scratch = Scratch::with(&[
        ("secrets/token", SECRET),
        ("clusters/main.yaml", &format!("cluster: main\nenvironment: dev\n{connection}\n")),
    ]);
    for never in [u64::MAX, i64::MAX as u64] {
        let lookup = serde_json::json!({
            "accessor": "a", "creation_time": 0, "creation_ttl": never, "display_name": "d", "entity_id": "e",
            "expire_time": null, "explicit_max_ttl": never, "id": "i", "identity_policies": [], "issue_time": null,
            "meta": null, "num_uses": 0, "orphan": true, "path": "p", "policies": [], "renewable": true, "ttl": never,
        });
        let issued = serde_json::json!({
            "ca_chain": null, "certificate": "none", "expiration": never, "issuing_ca": "none", "private_key": SECRET,
            "private_key_type": "ec", "serial_number": "1",
        });
        let port = serve(
            None,
            does(move |stream| {
                let data = if asked(stream).contains("/lookup-self ") { &lookup } else { &issued };
                let answer = serde_json::json!({
                    "request_id": "r", "lease_id": "", "renewable": false, "lease_duration": u32::MAX, "data": data,
                });
                says(stream, "200 OK", answer.to_string().as_bytes());
            }),
        );
        let vault = format!("{{ address: \"http://127.0.0.1:{port}\", auth: {{ token: file:secrets/token }} }}");
        scratch.write("busctl.yaml", format!("version: 1\nvault: {vault}\n"));
        let ended = run(&scratch, &["plan", "--timeout", "3s"], MOST_MEMORY).ended(1).says(&["holds no certificate"]);
        assert!(!ended.err.contains(SECRET), "{}", ended.err);
    }
}

/// What an honest issuer says of itself.
fn discovery(port: u16) -> String {
    let at = format!("https://127.0.0.1:{port}");
    format!(r#"{{"issuer":"{at}","token_endpoint":"{at}/token","device_authorization_endpoint":"{at}/device"}}"#)
}

#[test]
fn a_hostile_issuer_does_no_harm() {
    let scratch = Scratch::new();
    let address = |port: u16| {
        let login = format!("login: {{ issuer: \"https://127.0.0.1:{port}\", client_id: people, ca: file:ca.pem }}");
        let sasl = format!("sasl: {{ mechanism: oauthbearer, {login} }}");
        let connection = format!("{{ bootstrap: [\"127.0.0.1:1\"], tls: {{}}, {sasl} }}");
        scratch.write("clusters/main.yaml", format!("cluster: main\nenvironment: dev\nconnection: {connection}\n"));
    };
    withstands(&scratch, &["login"], true, address);
}

/// A login at an issuer that answers so.
fn logs_in(scratch: &Scratch, tls: &Arc<ServerConfig>, device: String, token: String) -> Run {
    let port = Arc::new(AtomicUsize::new(0));
    let known = Arc::clone(&port);
    let at = serve(
        Some(Arc::clone(tls)),
        does(move |stream| {
            let head = asked(stream);
            let told = discovery(known.load(Ordering::SeqCst) as u16);
            let body = match head.split(' ').nth(1) {
                Some("/device") => &device,
                Some("/token") => &token,
                _ => &told,
            };
            says(stream, "200 OK", body.as_bytes());
        }),
    );
    port.store(at.into(), Ordering::SeqCst);
    let login = format!("login: {{ issuer: \"https://127.0.0.1:{at}\", client_id: people, ca: file:ca.pem }}");
    let connection =
        format!("{{ bootstrap: [\"127.0.0.1:1\"], tls: {{}}, sasl: {{ mechanism: oauthbearer, {login} }} }}");
    scratch.write("clusters/main.yaml", format!("cluster: main\nenvironment: dev\nconnection: {connection}\n"));
    let mut command = scratch.command(&["login", "--timeout", "3s"]);
    command.env("BUSCTL_STATE_DIR", scratch.path("state"));
    crate::support::workspace::start(command).wait().ended(0).without_panic()
}

#[test]
fn what_an_issuer_says_begins_no_line_of_its_own() {
    let scratch = Scratch::new();
    let tls = tls(scratch.root());
    let uri = r#""verification_uri":"https://x/\nrun: a","verification_uri_complete":"https://x/\r\nrun: b""#;
    let device =
        format!(r#"{{"device_code":"{SECRET}","user_code":"A\nrun: rm -rf","interval":1,"expires_in":60,{uri}}}"#);
    let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"eve\nUser:root"}"#);
    let token = format!(r#"{{"access_token":"e30.{claims}.c2ln","token_type":"Bearer","expires_in":60}}"#);
    let ended = logs_in(&scratch, &tls, device, token).says(&["A run: rm -rf"]).shows(&["as eve User:root"]);
    let lines = || ended.out.lines().chain(ended.err.lines()).map(str::trim_start);
    assert!(!lines().any(|line| line.starts_with("run:") || line.starts_with("User:")), "{ended:?}");
}

/// What is told of a Vault, an issuer and a registry, of each in turn.
fn told_of_each(scratch: &Scratch, port: u16, name: Option<&str>) -> [String; 3] {
    let named = name.map(|name| format!(", server_name: {name}")).unwrap_or_default();
    let at = format!("https://127.0.0.1:{port}");
    let vault = format!("{{ address: \"{at}\", auth: {{ token: file:token }}, tls: {{ ca: file:ca.pem{named} }} }}");
    scratch.write("busctl.yaml", format!("version: 1\nvault: {vault}\n"));
    let cluster = |sasl: &str| {
        let connection = format!("{{ bootstrap: [\"127.0.0.1:1\"], tls: {{}}, sasl: {{ {sasl} }} }}");
        scratch.write("clusters/main.yaml", format!("cluster: main\nenvironment: dev\nconnection: {connection}\n"));
    };
    cluster("mechanism: plain, username: busctl, password: vault:secret/bus#password");
    let of_vault = scratch.run(&["plan", "--timeout", "5s"]).ended(1).err;
    cluster(&format!("mechanism: oauthbearer, login: {{ issuer: \"{at}\", client_id: people, ca: file:ca.pem }}"));
    let of_issuer = scratch.run(&["login", "--timeout", "5s"]).ended(1).err;
    let ca = Some(Secret::new(scratch.read("ca.pem")));
    let tls = Some(Tls { ca, identity: None, server_name: name.map(str::to_owned) });
    let connection = RegistryConnection { url: at, auth: None, tls, timeout: Duration::from_secs(5) };
    let asked = async { RegistryClient::new(&connection)?.info().await };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let failure = runtime.block_on(asked).unwrap_err();
    [of_vault, of_issuer, format!("{failure}\nhelp: {}", failure.hint.clone().unwrap_or_default())]
}

#[test]
fn a_certificate_that_is_no_good_is_told_in_words_whoever_shows_it() {
    let scratch = Scratch::with(&[("token", SECRET)]);
    let quiet = || does(|stream| drop(asked(stream)));
    let over = serve(Some(tls_with(scratch.root(), |authority| authority.issue_over("web"))), quiet());
    for told in told_of_each(&scratch, over, None) {
        assert!(told.contains("a certificate of CN=web is over since 2021-01-01T00:00:00.000Z"), "{told}");
        assert!(told.contains("have the certificate renewed; where it is good, the clock"), "{told}");
        assert!(!told.contains("NotTrusted") && !told.contains("OtherError"), "{told}");
    }
    let early = serve(Some(tls_with(scratch.root(), |authority| authority.issue_early("web"))), quiet());
    for told in told_of_each(&scratch, early, None) {
        assert!(
            told.contains("a certificate of CN=web begins at 2040") && told.contains("compare the clocks"),
            "{told}"
        );
    }
    let good = serve(Some(tls(scratch.root())), quiet());
    for (at, told) in told_of_each(&scratch, good, Some("kafka-0.internal")).into_iter().enumerate() {
        let is_told = told.contains("the certificate is for 127.0.0.1, localhost, and not for kafka-0.internal");
        let is_issuer = at == 1;
        assert!(is_issuer || (is_told && told.contains("`tls.server_name`")), "{told}");
        assert!(!told.contains("DnsName"), "{told}");
    }
    // Another authority than the one that is trusted.
    let other = serve(Some(tls(scratch.root())), quiet());
    tls(scratch.root());
    for (told, key) in told_of_each(&scratch, other, None).iter().zip(["VAULT_CACERT", "`ca`", "`tls.ca`"]) {
        assert!(told.contains("the certificate was issued by CN=busctl test authority"), "{told}");
        assert!(told.contains(key) && told.contains("PEM of the authority"), "{told}");
    }
    let plain = serve(None, does(|stream| says(stream, "400 Bad Request", b"")));
    for (told, hint) in told_of_each(&scratch, plain, None).iter().zip(["write http:", "over TLS alone", "write http:"])
    {
        assert!(told.contains("what came back is not TLS") && told.contains(hint), "{told}");
        assert!(!told.contains("InvalidContentType"), "{told}");
    }
}

#[test]
fn the_walk_says_what_to_do_in_the_words_of_the_manifest() {
    let scratch = Scratch::new();
    let plain = serve(None, does(|stream| says(stream, "400 Bad Request", b"")));
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: https://127.0.0.1:{plain}\n"));
    let walks = |port: u16, tls: &str| {
        let kafka = format!(
            "listeners: {{ EDGE: {{ port: {port}, protocol: ssl }} }}, nodes: [{{ id: 1, host: 127.0.0.1, roles: [broker] }}]"
        );
        let connection = format!("{{ listener: EDGE, tls: {{ {tls} }} }}");
        scratch.write("clusters/main.yaml", format!("{CLUSTER}kafka: {{ {kafka} }}\nconnection: {connection}\n"));
        let run = scratch.run(&["doctor", "connection", "--timeout", "5s"]).ended(1);
        let (broker, registry) = run.out.split_once("registry/main").unwrap();
        (broker.to_owned(), registry.to_owned())
    };
    let (broker, registry) = walks(plain, "");
    assert!(broker.contains(&format!("127.0.0.1:{plain} (connection.listener)")), "{broker}");
    assert!(broker.contains("does not speak TLS: remove `tls`"), "{broker}");
    assert!(registry.contains("does not speak TLS: write http:") && !registry.contains("remove"), "{registry}");
    // A certificate of ours that no server takes ends the walk where it is seen.
    for (name, told) in
        [("early", "our certificate begins at 2040-01-01"), ("over", "our certificate is over since 2021")]
    {
        let server = tls_with(scratch.root(), |authority| {
            let own = if name == "early" { authority.issue_early(name) } else { authority.issue_over(name) };
            std::fs::copy(own.keystore, scratch.path("own.pem")).unwrap();
            authority.issue("server")
        });
        let (broker, _) = walks(
            serve(Some(server), does(|stream| drop(asked(stream)))),
            "ca: file:ca.pem, certificate: file:own.pem",
        );
        assert!(broker.contains("FAIL  TLS") && broker.contains(told), "{broker}");
    }
}

#[test]
fn an_issuer_that_tells_impossible_times_does_no_harm() {
    const NEVER: u64 = u64::MAX;
    let scratch = Scratch::new();
    let tls = tls(scratch.root());
    let device = |life: u64| {
        let code = format!(r#""device_code":"{SECRET}","user_code":"A\u001b[31mB","interval":1"#);
        format!(r#"{{{code},"verification_uri":"https://x/\u001b]0;owned\u0007","expires_in":{life}}}"#)
    };
    let token =
        |life: u64| format!(r#"{{"access_token":"opaque-{SECRET}","token_type":"Bearer","expires_in":{life}}}"#);
    // A life without an end is a long one, and one that is over is none.
    for (device, token) in [(device(NEVER), token(NEVER)), (device(60), token(0)), (device(0), token(60))] {
        let ended = logs_in(&scratch, &tls, device, token);
        // What it says is shown, and moves no cursor.
        assert!(!ended.err.contains('\u{1b}') && !ended.err.contains('\u{7}'), "{}", ended.err);
        assert!(!format!("{ended:?}").contains(SECRET));
    }
}

#[test]
fn an_issuer_that_is_another_or_has_trouble_of_its_own_is_told_as_that() {
    let scratch = Scratch::new();
    let tls = tls(scratch.root());
    let failing = r#"{"error":"temporarily_unavailable"}"#.to_owned();
    let other = discovery(1).replace("127.0.0.1:1\"", "issuer.example\"");
    for (status, body, told) in [
        ("200 OK", other, ["it says that it is another issuer: https://issuer.example", "write `issuer` as"]),
        ("503 Service Unavailable", failing, ["temporarily_unavailable", "look into the issuer's log"]),
    ] {
        let answers = does(move |stream| {
            asked(stream);
            says(stream, status, body.as_bytes());
        });
        let port = serve(Some(Arc::clone(&tls)), answers);
        let login = format!("login: {{ issuer: \"https://127.0.0.1:{port}\", client_id: people, ca: file:ca.pem }}");
        let connection =
            format!("{{ bootstrap: [\"127.0.0.1:1\"], tls: {{}}, sasl: {{ mechanism: oauthbearer, {login} }} }}");
        scratch.write("clusters/main.yaml", format!("cluster: main\nenvironment: dev\nconnection: {connection}\n"));
        scratch.run(&["login", "--timeout", "3s"]).ended(1).says(&told);
    }
}

/// What becomes of the question of a machine for a token.
async fn token_of(port: u16, scratch: &Scratch) -> Failure {
    let credentials = ClientCredentials {
        token_endpoint: format!("https://127.0.0.1:{port}/token"),
        client_id: "busctl".into(),
        client_secret: Secret::new(SECRET),
        scope: None,
        resource: None,
        ca: Some(Secret::new(scratch.read("ca.pem"))),
    };
    let bearer = Bearer { own: Some(TokenSource::ClientCredentials(credentials)), login: None };
    Tokens::new(Duration::from_secs(3)).token(&bearer).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_repeats_the_secret_is_not_repeated() {
    let scratch = Scratch::new();
    let told = format!(r#"{{"error":"invalid_client","error_description":"bad secret {SECRET}"}}"#);
    let says = does(move |stream| {
        asked(stream);
        says(stream, "401 Unauthorized", told.as_bytes());
    });
    let failure = token_of(serve(Some(tls(scratch.root())), says), &scratch).await;
    assert_eq!(failure.answer, "invalid_client: bad secret …");
    for (kind, told) in [(SECRET.to_owned(), "the type …, no"), (format!("{}{SECRET}", "x".repeat(290)), "x…, no")]
    {
        let granted = format!(r#"{{"access_token":"opaque","token_type":"{kind}"}}"#);
        let says = does(move |stream| {
            asked(stream);
            self::says(stream, "200 OK", granted.as_bytes());
        });
        let failure = token_of(serve(Some(tls(scratch.root())), says), &scratch).await;
        assert!(failure.answer.contains(told) && !failure.answer.contains("correct"), "{failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_redirects_gets_no_secret_for_another() {
    let scratch = Scratch::new();
    let (other, came) = elsewhere(Some(&scratch));
    let port = serve(Some(tls(scratch.root())), redirects(format!("https://127.0.0.1:{other}/token")));
    let failure = token_of(port, &scratch).await;
    assert!(failure.answer.contains("points elsewhere, where no secret is sent"), "{failure:?}");
    assert_eq!(came.load(Ordering::SeqCst), 0);
}
