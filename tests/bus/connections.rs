//! Every way to connect that a `connection:` block can say, on one TLS listener with all SASL mechanisms.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use busctl::adapters::kafka::{KafkaClient, KafkaJournal};
use busctl::localbus::kafka::{self, ClientCertificate, Listener, Logins, Node, Security, Tls, Voter};
use busctl::localbus::{Login, ports};
use busctl::model::Secret;
use busctl::ports::connection::{self, Connection, Identity, Renew};
use busctl::ports::journal::Journal;
use busctl::ports::kafka::{KafkaAdmin, NewTopic};
use busctl::ports::{Failure, FailureKind};
use futures::future::BoxFuture;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::sample::{apply, assert_settled, connect, plain, topic_file, workspace};
use crate::server::{Server, bus};
use crate::support::certificates::{self, Authority};
use crate::support::workspace::Scratch;

const SECRET: &str = "correct-horse";

fn node(authority: &Authority) -> Node {
    let [controller, open, secure, mutual, over, named, other] = ports::choose([None; 7]).unwrap();
    let (identity, late) = (authority.issue("broker"), authority.issue_over("late-broker"));
    let issuing = authority.intermediate();
    let [kafka, stranger] = ["kafka.example", "other.example"].map(|host| issuing.issue_to_host(host));
    let tls_of = |identity: &certificates::Identity, client_certificate| Tls {
        keystore: identity.keystore.clone(),
        truststore: authority.certificate(),
        client_certificate,
    };
    let tls = |client_certificate| tls_of(&identity, client_certificate);
    let admin = Login { name: "admin".to_owned(), password: Secret::new(SECRET) };
    let logins = Logins { own: admin.clone(), all: vec![admin] };
    let listener = |name: &str, port, security| Listener { name: name.to_owned(), port, security };
    let modules = "org.apache.kafka.common.security";
    let scram = format!("{modules}.scram.ScramLoginModule required;");
    let bearer =
        format!("{modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";");
    let properties = [
        ("listener.name.secure.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER".to_owned()),
        ("listener.name.secure.scram-sha-256.sasl.jaas.config", scram.clone()),
        ("listener.name.secure.scram-sha-512.sasl.jaas.config", scram),
        ("listener.name.secure.oauthbearer.sasl.jaas.config", bearer),
    ];
    Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller }],
        controller: listener("CONTROLLER", controller, Security::Plaintext),
        listeners: vec![
            listener("PLAIN", open, Security::Plaintext),
            listener("SECURE", secure, Security::SaslSsl(tls(ClientCertificate::None), logins)),
            listener("MUTUAL", mutual, Security::Ssl(tls(ClientCertificate::Required))),
            listener("OVER", over, Security::Ssl(tls_of(&late, ClientCertificate::Required))),
            listener("NAMED", named, Security::Ssl(tls_of(&kafka, ClientCertificate::Required))),
            listener("OTHER", other, Security::Ssl(tls_of(&stranger, ClientCertificate::Required))),
        ],
        authorizer: true,
        super_users: ["ANONYMOUS", "admin", "scram", "bearer", "CN=busctl"].map(|user| format!("User:{user}")).to_vec(),
        internal_replicas: 1,
        properties: properties.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

/// An issuer of tokens for one client. Kafka's own validator for development takes them unsigned.
fn issuer(authority: &Authority) -> u16 {
    let identity = authority.issue("issuer");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![CertificateDer::from_pem_file(identity.certificate).unwrap()];
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(identity.key).unwrap());
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            let mut request = String::new();
            let mut buffer = [0; 4096];
            // The credentials are in the header or in the form behind it.
            while !(request.contains("grant_type=client_credentials")) {
                match stream.read(&mut buffer) {
                    Ok(read @ 1..) => request.push_str(&String::from_utf8_lossy(&buffer[..read])),
                    _ => break,
                }
            }
            let known =
                request.contains(SECRET) || request.contains(&base64(format!("busctl:{SECRET}").as_bytes(), true));
            let (status, body) = if known {
                ("200 OK", format!(r#"{{"access_token":"{}","token_type":"Bearer","expires_in":3600}}"#, token()))
            } else {
                ("401 Unauthorized", r#"{"error":"invalid_client"}"#.to_owned())
            };
            let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json");
            let _ = stream.write_all(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    port
}

fn token() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = format!(r#"{{"sub":"bearer","iat":{now},"exp":{}}}"#, now + 3600);
    format!("{}.{}.", base64(br#"{"alg":"none"}"#, false), base64(claims.as_bytes(), false))
}

/// RFC 4648: with padding as in HTTP's basic authentication, without and safe for URLs as in tokens.
fn base64(bytes: &[u8], padded: bool) -> String {
    let last = if padded { b"+/" } else { b"-_" };
    let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(last.iter().copied()).collect();
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain(&[0, 0]).take(3).fold(0u32, |word, byte| (word << 8) | u32::from(*byte));
        for place in 0..4 {
            match place <= chunk.len() {
                true => text.push(char::from(alphabet[(word >> (18 - 6 * place)) as usize & 63])),
                false if padded => text.push('='),
                false => {}
            }
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_that_a_manifest_can_say_works() {
    let bus = bus().await;
    let server = Server::start(node).await;
    // One request takes one mechanism of a user.
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
        server.configure_user("scram", &format!("{mechanism}=[password={SECRET}]")).await;
    }
    let scratch = workspace(bus, "ways");
    let token_port = issuer(&server.authority);
    let port = |name: &str| server.node.port(name).unwrap();
    let client = server.authority.issue("busctl");
    scratch.write("ca.pem", std::fs::read(server.authority.certificate()).unwrap());
    scratch.write("busctl.pem", std::fs::read(&client.keystore).unwrap());
    scratch.write("good", format!("{SECRET}\n"));
    scratch.write("bad", "wrong-horse\n");

    connect(&scratch, "ways", &plain(port("PLAIN")));
    apply(&scratch);
    let secure = |sasl: &str| format!("{}  tls: {{ ca: file:ca.pem }}\n  sasl: {{ {sasl} }}\n", plain(port("SECURE")));
    let mechanisms = [
        "mechanism: plain, username: admin, password: file:good".to_owned(),
        "mechanism: scram-sha-256, username: scram, password: file:good".to_owned(),
        "mechanism: scram-sha-512, username: scram, password: file:good".to_owned(),
        format!(
            "mechanism: oauthbearer, token_endpoint: \"https://127.0.0.1:{token_port}/token\", client_id: busctl, \
             client_secret: file:good, ca: file:ca.pem"
        ),
    ];
    for sasl in &mechanisms {
        connect(&scratch, "ways", &secure(sasl));
        assert_settled(&scratch);
        connect(&scratch, "ways", &secure(&sasl.replace("file:good", "file:bad")));
        let refused = scratch.run(&["plan", "--timeout", "5s"]).ended(1);
        assert!(refused.err.contains("help:") && !refused.err.contains("wrong-horse"), "{sasl}: {}", refused.err);
        // From the environment as well.
        connect(&scratch, "ways", &secure(&sasl.replace("file:good", "env:BUS_SECRET")));
        let mut command = scratch.command(&["plan", "--detailed-exitcode"]);
        command.env("BUS_SECRET", SECRET);
        crate::support::workspace::start(command).wait().ended(0);
        scratch.run(&["plan"]).ended(1).says(&["BUS_SECRET"]);
    }
    let mutual = format!("{}  tls: {{ ca: file:ca.pem, certificate: file:busctl.pem }}\n", plain(port("MUTUAL")));
    connect(&scratch, "ways", &mutual);
    assert_settled(&scratch);
    ends_without_openssl(&scratch);
    connect(&scratch, "ways", &mutual.replace(", certificate: file:busctl.pem", ""));
    scratch.run(&["plan", "--timeout", "5s"]).ended(1).says(&["tls.certificate"]);
    connect(&scratch, "ways", &mutual.replace("file:busctl.pem", "vault:pki/issue/busctl"));
    scratch.run(&["plan"]).ended(1).says(&["vault:pki/issue/busctl"]);
    wrong(&server, &scratch, &mutual);
    rotated(&server, port("MUTUAL"), &scratch).await;
    named(&server, &scratch, &mutual).await;
}

/// Brokers whose certificates have a name of their own, of an authority that another one signed: both clients check the one and
/// trust the other.
async fn named(server: &Server, scratch: &Scratch, mutual: &str) {
    let port = |name: &str| server.node.port(name).unwrap().to_string();
    scratch.write(
        "issuing.pem",
        std::fs::read(server.authority.certificate().with_file_name("intermediate").join("ca.pem")).unwrap(),
    );
    let unnamed = mutual.replace(&port("MUTUAL"), &port("NAMED")).replace("file:ca.pem", "file:issuing.pem");
    let named = unnamed.replace("tls: { ", "tls: { server_name: kafka.example, ");
    scratch.edit(&topic_file("ways", "order"), "max.message.bytes: 2MiB", "max.message.bytes: 3MiB");
    connect(scratch, "ways", &unnamed);
    scratch.run(&["apply", "--yes", "--timeout", "5s"]).ended(1).says(&["set `tls.server_name`"]);
    connect(scratch, "ways", &named);
    apply(scratch);
    assert_settled(scratch);
    assert_eq!(scratch.run(&["audit"]).ended(0).out.matches("update  topic/ways.order.v1").count(), 2);

    // What the one client has found right the other one looks at itself, each connection for its own name.
    let text = |file: &str| Secret::new(std::fs::read_to_string(scratch.path(file)).unwrap());
    let to = |listener: &str, ca: &str, server_name: Option<&str>| {
        let identity = Identity { certificate: text("busctl.pem"), key: None };
        let server_name = server_name.map(str::to_owned);
        let tls = connection::Tls { ca: Some(text(ca)), identity: Some(identity), server_name };
        let bootstrap = vec![format!("127.0.0.1:{}", port(listener))];
        Connection { bootstrap, tls: Some(tls), sasl: None, timeout: Duration::from_secs(5) }
    };
    let kafka = to("NAMED", "issuing.pem", Some("kafka.example"));
    let stranger = to("OTHER", "issuing.pem", Some("kafka.example"));
    let client = KafkaClient::connect_renewing(kafka, Arc::new(Moved(stranger))).await.unwrap();
    let events = async |client: &KafkaClient| KafkaJournal::new(client).events(None).await;
    assert!(!events(&client).await.unwrap().is_empty());
    for connection in [
        to("OTHER", "issuing.pem", Some("other.example")),
        to("MUTUAL", "ca.pem", None),
        to("MUTUAL", "ca.pem", Some("127.0.0.1")),
    ] {
        let client = KafkaClient::connect(connection).await.unwrap();
        assert!(!events(&client).await.unwrap().is_empty());
    }
    tokio::time::sleep(Duration::from_secs(11)).await;
    let refused = events(&client).await.unwrap_err();
    assert!(refused.answer.contains("certificate verify failed"), "{refused}");
}

/// A connection that leads elsewhere from the second look on.
struct Moved(Connection);

impl Renew<Connection> for Moved {
    fn renew(&self) -> BoxFuture<'_, Result<Connection, Failure>> {
        let moved = self.0.clone();
        Box::pin(async { Ok(moved) })
    }
}

/// What OpenSSL frees at the end of a program it frees beside threads that end and free their part: the program would be aborted at
/// times, behind its answer.
fn ends_without_openssl(scratch: &Scratch) {
    let [watch, said] = ["exit_handlers.so", "exit_handlers"].map(|name| scratch.path(name));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bus/exit_handlers.c");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&watch).args([source, "-ldl"]).status();
    assert!(compiled.unwrap().success());
    let handlers_of = |mut command: Command| {
        command.env("LD_PRELOAD", &watch).env("EXIT_HANDLERS", &said);
        crate::support::workspace::start(command).wait().ended(0);
        let handlers = std::fs::read_to_string(&said).unwrap_or_default();
        std::fs::remove_file(&said).ok();
        handlers
    };
    let mut digest = Command::new("openssl");
    digest.args(["dgst", "-sha256"]).arg(&watch);
    assert!(handlers_of(digest).contains("libcrypto"), "a program that leaves it to OpenSSL");
    let handlers = handlers_of(scratch.command(&["audit"]));
    assert!(!handlers.contains("libcrypto"), "{handlers}");
}

/// What is wrong with a certificate on either side is told, and leaves nothing that the next run does not mend.
fn wrong(server: &Server, scratch: &Scratch, mutual: &str) {
    let folder = tempfile::tempdir().unwrap();
    let others = Authority::create(folder.path());
    let keep = |name: &str, file: PathBuf| scratch.write(name, std::fs::read(file).unwrap());
    keep("others.pem", others.certificate());
    keep("foreign.pem", others.issue("busctl").keystore);
    keep("over.pem", server.authority.issue_over("late").keystore);
    scratch.edit(&topic_file("ways", "order"), "key: id", "key: id\nconfig: { max.message.bytes: 2MiB }");
    let port = |name: &str| server.node.port(name).unwrap().to_string();
    for (right, wrong, told) in [
        (port("MUTUAL").as_str(), port("OVER").as_str(), "have the listener's certificate renewed"),
        ("file:ca.pem", "file:others.pem", "set `tls.ca`"),
        ("tls: { ", "tls: { server_name: kafka.example, ", "that the certificate names"),
        ("file:busctl.pem", "file:over.pem", "our certificate of CN=late is over since 2021-01-01"),
        ("file:busctl.pem", "file:foreign.pem", "does not trust our certificate"),
    ] {
        assert!(mutual.contains(right), "{mutual}");
        connect(scratch, "ways", &mutual.replace(right, wrong));
        scratch.run(&["apply", "--yes", "--timeout", "5s"]).ended(1).says(&[told, "help:"]);
    }
    // The walk says the same, and at which step: whoever takes no certificate, or not ours, does not know us.
    let walk = |connection: &str, told: &str| {
        connect(scratch, "ways", connection);
        let run = scratch.run(&["doctor", "connection", "--timeout", "5s"]).ended(1);
        let broker = run.out.split("registry/").next().unwrap();
        assert!(broker.contains("FAIL  authentication") && broker.contains(told), "{broker}");
        assert!(!broker.contains("ok    authentication"), "{broker}");
    };
    walk(&mutual.replace(&port("MUTUAL"), &port("SECURE")), "or expects SASL");
    // The alert is lost now and then.
    for _ in 0..12 {
        walk(&mutual.replace("file:busctl.pem", "file:foreign.pem"), "not trust our certificate");
    }
    connect(scratch, "ways", mutual);
    scratch.run(&["plan", "--detailed-exitcode"]).ended(2);
    apply(scratch);
    assert_settled(scratch);
}

/// Certificates as the files have them at this moment.
struct Files {
    ca: PathBuf,
    certificate: PathBuf,
    port: u16,
}

impl Files {
    fn read(&self) -> Connection {
        let text = |path: &PathBuf| Secret::new(std::fs::read_to_string(path).unwrap());
        let identity = Identity { certificate: text(&self.certificate), key: None };
        let tls = connection::Tls { ca: Some(text(&self.ca)), identity: Some(identity), server_name: None };
        let bootstrap = vec![format!("127.0.0.1:{}", self.port)];
        Connection { bootstrap, tls: Some(tls), sasl: None, timeout: Duration::from_secs(30) }
    }
}

impl Renew<Connection> for Files {
    fn renew(&self) -> BoxFuture<'_, Result<Connection, Failure>> {
        Box::pin(async { Ok(self.read()) })
    }
}

/// A certificate that is replaced in mid run is the one of the next connection.
async fn rotated(server: &Server, port: u16, scratch: &Scratch) {
    let certificate = scratch.path("busctl.pem");
    let before = std::fs::read(&certificate).unwrap();
    let files = Files { ca: scratch.path("ca.pem"), certificate: certificate.clone(), port };
    let client = KafkaClient::connect_renewing(files.read(), Arc::new(files)).await.unwrap();
    let topic = NewTopic {
        name: "ways.rotated.v1".parse().unwrap(),
        partitions: 1,
        replication_factor: 1,
        configs: Default::default(),
    };
    let checked = async || client.create_topics(std::slice::from_ref(&topic), true).await.remove(0);
    checked().await.unwrap();
    // Whoever connects looks at the file every ten seconds at most.
    let looked_again = || tokio::time::sleep(Duration::from_secs(11));
    // Half of a file is nothing that could be shown: the last one stays.
    std::fs::write(&certificate, before.split_at(before.len() / 2).0).unwrap();
    looked_again().await;
    checked().await.unwrap();
    let stranger = server.authority.issue("stranger");
    std::fs::write(&certificate, std::fs::read(&stranger.keystore).unwrap()).unwrap();
    looked_again().await;
    assert_eq!(checked().await.unwrap_err().kind, FailureKind::Authorization);
    std::fs::write(&certificate, before).unwrap();
    looked_again().await;
    checked().await.unwrap();
}
