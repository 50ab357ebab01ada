//! What `doctor connection` says of servers that can be reached, and of each step at which one cannot.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::sample::{connect, plain, sasl, workspace};
use crate::server::{Bus, bus};
use crate::support::certificates::{Authority, Identity};
use crate::support::gate::{self, Asks};
use crate::support::workspace::{Run, Scratch, assert_valid};

/// The steps of a walk, in one line each: how it went and what was said first.
fn steps(run: &Run, system: &str) -> Vec<String> {
    let document = run.json();
    assert_valid("doctor-connection.schema.json", &document);
    let mut walks = document["walks"].as_array().unwrap().iter();
    let walk = walks.find(|walk| walk["system"] == system).unwrap();
    let line = |step: &serde_json::Value| {
        let word = |key: &str| step[key].as_str().unwrap().to_owned();
        format!("{} {}: {}", word("outcome"), word("step"), step["told"][0].as_str().unwrap())
    };
    walk["steps"].as_array().unwrap().iter().map(line).collect()
}

fn doctor(scratch: &Scratch) -> Run {
    scratch.run(&["doctor", "connection", "--timeout", "5s", "--format", "json"])
}

/// How the walk to the brokers ends with this connection.
#[track_caller]
fn ends(scratch: &Scratch, domain: &str, connection: &str, expected: &str) {
    connect(scratch, domain, connection);
    let run = doctor(scratch).ended(1);
    let steps = steps(&run, "cluster/main");
    let last = steps.last().unwrap();
    assert!(last.starts_with(expected), "{connection}: {last}\n{steps:#?}");
    let text = scratch.run(&["doctor", "connection", "--timeout", "5s"]).ended(1);
    assert!(text.out.contains("FAIL") && text.out.contains("help: "), "{}", text.out);
}

fn tls(port: u16, rest: &str) -> String {
    format!("{}  tls: {{ ca: file:ca.pem{rest} }}\n", plain(port))
}

fn prepared(bus: &Bus, domain: &str) -> Scratch {
    let scratch = workspace(bus, domain);
    scratch.write("ca.pem", std::fs::read(&bus.ca).unwrap());
    scratch
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_can_be_reached_are_said_to_be() {
    let bus = bus().await;
    let scratch = prepared(bus, "healthy");
    connect(&scratch, "healthy", &sasl(bus, "admin"));
    let run = doctor(&scratch).ended(0);
    assert_eq!(
        steps(&run, "cluster/main"),
        [
            "passed dns: 127.0.0.1 is 127.0.0.1".to_owned(),
            format!("passed tcp: connected to 127.0.0.1:{}", bus.sasl),
            "skipped tls: no `tls` is declared: whoever sees the network sees everything".to_owned(),
            "passed authentication: SASL PLAIN as admin".to_owned(),
            format!("passed authorization: cluster {}", bus.cluster_id),
            "passed api: the broker knows all 24 requests of busctl".to_owned(),
        ]
    );
    let registry = steps(&run, "registry/main");
    assert_eq!(registry[3], "passed authentication: nothing: requests are anonymous");
    assert!(registry[5].starts_with("passed api: Confluent's API; global level "), "{registry:?}");

    // Over TLS the chain is told.
    connect(&scratch, "healthy", &tls(bus.tls, ""));
    let text = scratch.run(&["doctor", "connection"]).ended(0);
    for part in ["TLS 1.3", "CN=broker for 127.0.0.1, localhost, from CN=busctl test authority, until 20"] {
        assert!(text.out.contains(part), "{}", text.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_says_why_it_fails() {
    let bus = bus().await;
    let scratch = prepared(bus, "ill");
    ends(
        &scratch,
        "ill",
        "  bootstrap: [\"no-such-host.invalid:9092\"]\n",
        "failed dns: no-such-host.invalid is not known",
    );
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    ends(&scratch, "ill", &plain(closed), &format!("failed tcp: 127.0.0.1:{closed}: Connection refused"));
    ends(&scratch, "ill", &tls(bus.plain, ""), "failed tls: ");
    ends(&scratch, "ill", &plain(bus.tls), "failed authentication: the listener answered with a TLS alert");
    ends(
        &scratch,
        "ill",
        &tls(bus.tls, ", server_name: kafka.example"),
        "failed tls: the certificate is for 127.0.0.1, localhost, and not for kafka.example",
    );
    scratch.write("secrets/wrong", "wrong-horse");
    let wrong = sasl(bus, "admin").replace("file:secrets/admin", "file:secrets/wrong");
    ends(&scratch, "ill", &wrong, "failed authentication: ");
    ends(
        &scratch,
        "ill",
        &sasl(bus, "nobody"),
        &format!("failed authorization: cluster {}; no plan without Describe", bus.cluster_id),
    );
    ends(&scratch, "ill", &sasl(bus, "admin").replace("file:secrets/admin", "env:BUSCTL_NOT_SET"), "failed settings: ");

    connect(&scratch, "ill", &sasl(bus, "admin"));
    scratch.edit("clusters/main.yaml", "environment: dev", "environment: dev\ncluster_id: MkU3OEVBNTcwNTJENDM2Qg");
    let run = doctor(&scratch).ended(1);
    assert!(steps(&run, "cluster/main").last().unwrap().contains("not to MkU3OEVBNTcwNTJENDM2Qg"), "{}", run.out);
    scratch.edit("clusters/main.yaml", "\ncluster_id: MkU3OEVBNTcwNTJENDM2Qg", "");
    scratch
        .write("clusters/registry.yaml", format!("registry: main\nurl: http://127.0.0.1:{closed}/apis/ccompat/v7\n"));
    let run = doctor(&scratch).ended(1);
    assert!(steps(&run, "registry/main").last().unwrap().starts_with("failed tcp: "), "{}", run.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_is_told_by_every_command_with_whose_it_is() {
    let bus = bus().await;
    let scratch = prepared(bus, "whose");
    let authority = Authority::create(&scratch.path("authority"));
    scratch.write("ca.pem", std::fs::read(authority.certificate()).unwrap());
    let over = gate::serve(&authority, &authority.issue_over("over"), Asks::Nothing, 9);
    connect(&scratch, "whose", &tls(over, ""));
    for command in [&["audit", "--timeout", "5s"][..], &["apply", "--yes", "--timeout", "5s"]] {
        let run = scratch.run(command).ended(1);
        run.says(&["a certificate of CN=over is over since 2021-01-01", "have the listener's certificate renewed"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_over_or_of_others_is_told_with_its_dates_and_names() {
    let bus = bus().await;
    let scratch = prepared(bus, "expired");
    let folder = tempfile::tempdir().unwrap();
    let (ours, others) =
        (Authority::create(&folder.path().join("ours")), Authority::create(&folder.path().join("others")));
    scratch.write("ca.pem", std::fs::read(ours.certificate()).unwrap());
    let serve = |identity: &Identity| gate::serve(&ours, identity, Asks::Nothing, 9);
    let over = serve(&ours.issue_over("over"));
    ends(&scratch, "expired", &tls(over, ""), "failed tls: a certificate of CN=over is over since 2021-01-01");
    let early = serve(&ours.issue_early("early"));
    ends(&scratch, "expired", &tls(early, ""), "failed tls: a certificate of CN=early begins at 2040-01-01");
    scratch.run(&["plan", "--timeout", "5s"]).ended(1).says(&["compare the clocks"]);
    let foreign = serve(&others.issue("foreign"));
    ends(
        &scratch,
        "expired",
        &tls(foreign, ""),
        "failed tls: the certificate was issued by CN=busctl test authority, and we trust CN=busctl test authority",
    );
    // The plan says the same in short.
    scratch.run(&["plan", "--timeout", "5s"]).ended(1).says(&["tls.ca"]);
    connect(&scratch, "expired", &tls(over, ""));
    scratch.run(&["plan", "--timeout", "5s"]).ended(1).says(&["have the listener's certificate renewed"]);

    // One that is over soon is a warning, of the server's and of ours.
    let soon = ours.issue_ending_in("soon", 5);
    let identity = format!(", certificate: \"file:{}\"", soon.keystore.display());
    connect(&scratch, "expired", &tls(serve(&soon), &identity));
    let run = scratch.run(&["doctor", "connection", "--timeout", "5s"]).ended(1);
    for part in ["warn  TLS", "the certificate of CN=soon is over in 4 d", "our certificate is over in 4 d"] {
        assert!(run.out.contains(part), "{}", run.out);
    }
    // One of short life that has only begun is not.
    let fresh = ours.issue_for("fresh", 2);
    let identity = format!(", certificate: \"file:{}\"", fresh.keystore.display());
    connect(&scratch, "expired", &tls(serve(&fresh), &identity));
    let run = scratch.run(&["doctor", "connection", "--timeout", "5s"]).ended(1);
    assert!(!run.out.contains("warn"), "{}", run.out);
}

/// The port of a server that does this with each connection, in a thread of its own.
fn server(serve: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    port
}

fn silent(stream: TcpStream) {
    thread::sleep(Duration::from_secs(60));
    drop(stream);
}

/// Reads a request, and answers this.
fn answer(mut stream: TcpStream, text: &str) {
    let mut buffer = [0; 4096];
    if stream.read(&mut buffer).is_ok() {
        stream.write_all(text.as_bytes()).ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_has_not_answered_has_not_said_that_it_knows_us() {
    let bus = bus().await;
    let scratch = prepared(bus, "unanswered");
    connect(&scratch, "unanswered", &sasl(bus, "admin"));
    scratch.write("password", "open-sesame\n");
    let authority = Authority::create(&scratch.path("authority"));
    let over_tls = gate::serve(&authority, &authority.issue("registry"), Asks::Nothing, 9);
    for (port, told) in [
        (server(silent), "no answer"),
        (server(drop), ""),
        (server(|stream| answer(stream, "what?\r\n\r\n")), "not HTTP"),
        (
            server(|stream| {
                answer(stream, "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }),
            "500",
        ),
        (
            server(|stream| {
                let head = "HTTP/1.1 302 Found\r\nlocation: https://login.example/\r\n";
                answer(stream, &format!("{head}content-length: 0\r\nconnection: close\r\n\r\n"));
            }),
            "302",
        ),
        (over_tls, ""),
    ] {
        scratch.write(
            "clusters/registry.yaml",
            format!(
                "registry: main\nurl: http://127.0.0.1:{port}/\nauth: {{ username: busctl, password: file:password }}\n"
            ),
        );
        let steps = steps(&doctor(&scratch).ended(1), "registry/main");
        let last = steps.last().unwrap();
        assert!(last.starts_with("failed api: ") && last.contains(told), "{steps:#?}");
        assert!(!steps.iter().any(|step| step.contains(" authentication: ")), "{steps:#?}");
    }
}
