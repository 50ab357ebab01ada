//! Bad weather between the program and the broker: one clear error each, in time, with the right exit code.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use busctl::ports::kafka::KafkaAdmin;

use crate::sample::{apply, changes, connect, delete_topic, name, plain, plan, sasl, topic, topic_file, workspace};
use crate::server::{Bus, bus};
use crate::support::proxy::{Request, Then};
use crate::support::terminal::Terminal;
use crate::support::workspace::Scratch;

/// What `plan`, `snapshot` and `apply` say where no connection comes about. It is one error, and the same one.
#[track_caller]
fn no_connection(scratch: &Scratch, timeout: &str) -> String {
    let plan = scratch.run(&["plan", "--timeout", timeout]).ended(1);
    assert_eq!(plan.out, "");
    for others in [["snapshot", "--output", "live.json"].as_slice(), &["apply", "--yes"]] {
        let other = scratch.run(&[others, &["--timeout", timeout]].concat()).ended(1);
        assert_eq!((other.out.as_str(), other.err.as_str()), ("", plan.err.as_str()));
    }
    assert!(!scratch.path("live.json").exists());
    plan.err
}

/// The port of a server that answers every request with these bytes, or with nothing.
fn server_that_says(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer);
                let _ = stream.write_all(answer);
                // Stays until the other side goes.
                if answer.is_empty() {
                    while matches!(stream.read(&mut buffer), Ok(1..)) {}
                }
            });
        }
    });
    port
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A text in which the port that was asked is no number.
fn shown(text: &str, port: u16) -> String {
    text.replace(&port.to_string(), "PORT")
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_there() {
    let bus = bus().await;
    let scratch = workspace(bus, "nobody");
    let port = free_port();
    connect(&scratch, "nobody", &plain(port));
    insta::assert_snapshot!(shown(&no_connection(&scratch, "5s"), port), @r"
    error: could not connect to the brokers on 127.0.0.1:PORT: Connection refused (os error 111)
     help: nothing listens there: check host and port in `connection.bootstrap`, and that the brokers run
    ");
    connect(&scratch, "nobody", &plain(port).replace("127.0.0.1", "kafka.invalid"));
    let unknown = no_connection(&scratch, "5s");
    assert!(unknown.contains(&format!("kafka.invalid:{port}")) && unknown.contains("help:"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn something_else_listens_there() {
    let bus = bus().await;
    let scratch = workspace(bus, "elsewhere");
    let http = server_that_says(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    connect(&scratch, "elsewhere", &plain(http));
    insta::assert_snapshot!(shown(&no_connection(&scratch, "5s"), http), @r"
    error: could not connect to the brokers on 127.0.0.1:PORT: an HTTP server answered
     help: give the port of a Kafka listener in `connection.bootstrap`
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_not_waited_for_beyond_the_timeout() {
    let bus = bus().await;
    let scratch = workspace(bus, "silence");
    let silent = server_that_says(b"");
    connect(&scratch, "silence", &plain(silent));
    // It says how long it waited; a run that waits for ever is ended and fails.
    let said = no_connection(&scratch, "1s");
    insta::assert_snapshot!(shown(&said, silent), @r"
    error: could not connect to the brokers on 127.0.0.1:PORT: no answer within 1s
     help: check that the port is a Kafka listener's and not one with TLS or a web server's, that no firewall drops packets, or give a longer --timeout
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_where_none_is_expected_and_the_reverse() {
    let bus = bus().await;
    let scratch = workspace(bus, "crypto");
    scratch.write("ca.pem", std::fs::read(&bus.ca).unwrap());
    let tls = |port: u16| format!("{}  tls: {{ ca: file:ca.pem }}\n", plain(port));
    connect(&scratch, "crypto", &tls(bus.plain));
    insta::assert_snapshot!(shown(&no_connection(&scratch, "5s"), bus.plain), @r"
    error: could not connect to the brokers on 127.0.0.1:PORT: the listener hung up at the TLS handshake
     help: the listener does not speak TLS: remove `tls:` from the cluster's `connection`, or give the port of a TLS listener
    ");
    connect(&scratch, "crypto", &plain(bus.tls));
    insta::assert_snapshot!(shown(&no_connection(&scratch, "5s"), bus.tls), @r"
    error: could not connect to the brokers on 127.0.0.1:PORT: the listener answered with a TLS alert
     help: the listener expects TLS: add `tls:` to the cluster's `connection`, or give the port of a plaintext listener
    ");
    connect(&scratch, "crypto", &plain(bus.sasl));
    insta::assert_snapshot!(shown(&no_connection(&scratch, "5s"), bus.sasl), @r"
    error: could not connect to the brokers on 127.0.0.1:PORT: the listener hung up without an answer
     help: the listener probably expects SASL or TLS: add `sasl:` or `tls:` to the cluster's `connection`
    ");
    // An authority that did not sign the broker's certificate.
    let other = crate::support::certificates::Authority::create(&scratch.path("other"));
    scratch.write("other.pem", std::fs::read(other.certificate()).unwrap());
    connect(&scratch, "crypto", &tls(bus.tls).replace("ca.pem", "other.pem"));
    insta::assert_snapshot!(shown(&no_connection(&scratch, "5s"), bus.tls), @r"
    error: could not connect to the brokers on 127.0.0.1:PORT: the certificate was issued by CN=busctl test authority, and we trust CN=busctl test authority
     help: the listener's certificate is not from an authority that we trust: set `tls.ca` to the PEM of the authority that issued it
    ");
    // And as it should be.
    connect(&scratch, "crypto", &tls(bus.tls));
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_is_named_without_its_password() {
    let bus = bus().await;
    let scratch = workspace(bus, "login");
    scratch.write("secrets/nobody", "guessed-wrongly");
    connect_with(&scratch, bus, "nobody", "guessed-wrongly");
    let said = no_connection(&scratch, "5s");
    assert!(!said.contains("guessed-wrongly"), "{said}");
    insta::assert_snapshot!(shown(&said, bus.sasl), @r"
    error: could not connect to the brokers on 127.0.0.1:PORT: SASL authentication failed: SaslAuthenticationFailed - Authentication failed: Invalid username or password
     help: check the user and the secret in `connection.sasl`, and that the brokers know this user under this mechanism
    ");
    scratch.remove("secrets/nobody");
    let said = scratch.run(&["plan"]).ended(1).err.replace(&scratch.root().display().to_string(), "ROOT");
    insta::assert_snapshot!(said, @r"
    error: clusters/main.yaml:5:57: could not read the secret `file:secrets/nobody`: ROOT/secrets/nobody: No such file or directory (os error 2)
     help: check that ROOT/secrets/nobody exists and that the user who runs busctl may read it
    ");
}

fn connect_with(scratch: &Scratch, bus: &Bus, login: &str, password: &str) {
    connect(scratch, "login", &sasl(bus, login));
    scratch.write(&format!("secrets/{login}"), password);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_vanishes_before_the_first_write_fails_alone() {
    let bus = bus().await;
    let scratch = workspace(bus, "vanish");
    add_topic(&scratch, "vanish", "refund");
    apply(&scratch);
    for event in ["order", "refund"] {
        scratch.edit(&topic_file("vanish", event), "key: id", "key: id\nconfig: { max.message.bytes: 1MiB }");
    }
    let mut size = 1;
    let (code, shown) = loop {
        for event in ["order", "refund"] {
            scratch.edit(&topic_file("vanish", event), &format!("{size}MiB"), &format!("{}MiB", size + 1));
        }
        size += 1;
        let mut terminal = Terminal::start(&scratch, &["apply"]);
        terminal.wait_for("Only `yes` goes on");
        delete_topic(bus, "vanish.order.v1").await;
        terminal.types("yes\n");
        let (code, shown) = terminal.wait();
        if code != 4 {
            break (code, shown);
        }
        // Another test held the lock for so long that the plan was made anew, and refused as a whole.
        assert!(shown.contains("the plan is stale") && shown.contains("topic/vanish.order.v1: action was"), "{shown}");
        apply(&scratch);
    };
    assert_eq!(code, 5, "{shown}");
    for part in ["FAILED: 1 change", "topic/vanish.order.v1", "1 done, 1 failed", "Run apply again"] {
        assert!(shown.contains(part), "no `{part}` in\n{shown}");
    }
    // The topic is made anew with what the manifest says.
    apply(&scratch);
}

/// A second topic beside the one of the sample.
fn add_topic(scratch: &Scratch, domain: &str, event: &str) {
    scratch.write(&topic_file(domain, event), topic(domain, event));
    let schema = crate::sample::order(&format!("{domain}.{event}"));
    scratch.write(&format!("schemas/{domain}/{domain}.{event}.v1.avsc"), schema);
    for (file, word) in [("acls/writer.yaml", "produces"), ("acls/reader.yaml", "consumes")] {
        scratch.edit(file, &format!("{word}: ["), &format!("{word}: [{domain}.{event}.v1, "));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_somebody_else_creates_meanwhile_is_left_as_it_is() {
    let bus = bus().await;
    let scratch = workspace(bus, "rival");
    let mut terminal = Terminal::start(&scratch, &["apply"]);
    terminal.wait_for("Only `yes` goes on");
    let hand = bus.hand().await;
    crate::sample::create_topic(&hand, "rival.order.v1", 2, &[]).await;
    terminal.types("yes\n");
    let (code, shown) = terminal.wait();
    // Where another test applied meanwhile, the plan is made anew and refused as a whole; else that topic alone is.
    assert!(matches!(code, 4 | 5), "{code}: {shown}");
    let shown: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("action was create when it was reviewed and is update now"), "{shown}");
    assert!(changes(&plan(&scratch)).contains("update topic/rival.order.v1 [disruptive] partitions 2 → 6"));
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_goes_away_half_way_is_reported_and_the_next_apply_finishes() {
    let bus = bus().await;
    let scratch = workspace(bus, "cut");
    let proxy = bus.proxy(0);
    connect(&scratch, "cut", &plain(proxy.port));
    // Before anything of Kafka was written; the schema is there by then.
    proxy.at(Request::CreateTopics, Then::Cut);
    let cut = scratch.run(&["apply", "--yes", "--timeout", "3s", "--format", "json"]).ended(5);
    crate::support::workspace::assert_valid("apply.schema.json", &cut.json());
    insta::assert_snapshot!(statuses(&cut.json()), @r"
    done schema/cut.order.v1-value
    failed topic/cut.order.v1 unreachable
    not_tried grant/cut-reader/group/cut-reader
    not_tried grant/cut-reader/topic/cut.order.v1
    not_tried grant/cut-writer/topic/cut.order.v1
    ");
    let error = cut.json()["outcomes"][1]["error"].clone();
    assert!(error["server"].as_str().unwrap().contains(&proxy.port.to_string()), "{error:#}");
    assert!(error["tried"].is_string() && error["hint"].is_string(), "{error:#}");

    proxy.mend();
    // Between the topics and the ACLs.
    proxy.at(Request::CreateAcls, Then::Cut);
    let cut = scratch.run(&["apply", "--yes", "--timeout", "3s", "--format", "json"]).ended(5).json();
    insta::assert_snapshot!(statuses(&cut), @r"
    done topic/cut.order.v1
    failed grant/cut-reader/group/cut-reader unreachable
    failed grant/cut-reader/topic/cut.order.v1 unreachable
    failed grant/cut-writer/topic/cut.order.v1 unreachable
    ");
    proxy.mend();
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_length_that_lies_are_not_waited_for() {
    let bus = bus().await;
    let scratch = workspace(bus, "lying");
    apply(&scratch);
    let proxy = bus.proxy(10);
    connect(&scratch, "lying", &plain(proxy.port));
    scratch.edit(&topic_file("lying", "order"), "key: id", "key: id\nconfig: { max.message.bytes: 2MiB }");
    proxy.at(Request::Fetch, Then::Lie);
    scratch.run(&["audit", "--timeout", "5s"]).ended(1).says(&["help:"]);
    assert!(proxy.was_reached());
    scratch.run(&["apply", "--yes", "--timeout", "5s"]).ended(1).says(&["help:"]);
    proxy.mend();
    // Nothing was done, and the next run does it.
    assert_eq!(changes(&plan(&scratch).ended(0)).lines().count(), 1);
    apply(&scratch);
}

/// Each outcome in one line.
fn statuses(report: &serde_json::Value) -> String {
    let outcomes = report["outcomes"].as_array().unwrap().iter();
    let lines = outcomes.map(|outcome| {
        let error = outcome.get("error").and_then(|error| error.get("kind")).and_then(|kind| kind.as_str());
        let status = outcome["status"].as_str().unwrap();
        format!("{status} {} {}", outcome["address"].as_str().unwrap(), error.unwrap_or_default()).trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_never_answered_may_have_been_done() {
    let bus = bus().await;
    let scratch = workspace(bus, "mute");
    // Without a schema nothing was written before.
    scratch.edit("clusters/main.yaml", "schema_registry: main\n", "");
    let proxy = bus.proxy(1);
    let cluster = scratch.read("clusters/main.yaml");
    scratch.write(
        "clusters/main.yaml",
        cluster
            .replace(&format!("127.0.0.1:{}", bus.sasl), &format!("127.0.0.1:{}", proxy.port))
            .replace("  sasl: { mechanism: plain, username: admin, password: file:secrets/admin }\n", ""),
    );
    proxy.at(Request::CreateTopics, Then::Mute);
    let muted = scratch.run(&["apply", "--yes", "--timeout", "2s", "--settle", "2s", "--format", "json"]).ended(5);
    insta::assert_snapshot!(statuses(&muted.json()), @r"
    failed topic/mute.order.v1 timeout
    not_tried grant/mute-reader/group/mute-reader
    not_tried grant/mute-reader/topic/mute.order.v1
    not_tried grant/mute-writer/topic/mute.order.v1
    ");
    let hand = bus.hand().await;
    assert!(hand.describe_topics(&[name("mute.order.v1")]).await.unwrap()[0].is_ok());
    proxy.mend();
    apply(&scratch);
}
