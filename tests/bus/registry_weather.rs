//! A registry that is down or that is none: the bus's topics are not held up, and what is not known is said.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use busctl::ports::registry::Registry;

use crate::sample::{apply, assert_settled, changes, plan, topic_file, workspace};
use crate::server::bus;

/// The base URL of a web server that always gives this answer.
fn server(status: &'static str, kind: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/apis/ccompat/v7", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer);
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}");
            let _ = stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes());
        }
    });
    url
}

/// The base URL of a server that takes every request and answers none.
fn silence() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/apis/ccompat/v7", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut open = Vec::new();
        open.extend(listener.incoming().flatten());
    });
    url
}

/// The base URL of a relay to a registry that passes everything on but the first request to register something.
fn forgetful(registry: &str) -> String {
    let (address, path) = registry.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let address = address.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/{path}", listener.local_addr().unwrap());
    let forgot = Arc::new(AtomicBool::new(false));
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut server = TcpStream::connect(&address).unwrap();
            let (mut back, mut answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut answers, &mut back));
            let forgot = forgot.clone();
            thread::spawn(move || {
                let mut buffer = [0; 1 << 16];
                while let Ok(count @ 1..) = client.read(&mut buffer) {
                    let request = String::from_utf8_lossy(&buffer[..count]);
                    let registers =
                        request.starts_with("POST") && request.lines().next().unwrap().contains("/versions");
                    if registers && !forgot.swap(true, Ordering::SeqCst) {
                        continue;
                    }
                    if server.write_all(&buffer[..count]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_nobody_answers_is_sent_once_more() {
    let bus = bus().await;
    let scratch = workspace(bus, "forgotten");
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {}\n", forgetful(&bus.registry.url)));
    scratch.run(&["apply", "--yes", "--timeout", "6s"]).ended(0).shows(&["5 done"]);
    assert_settled(&scratch);
    let versions = bus.registry.client().latest(&["forgotten.order.v1-value".parse().unwrap()]).await;
    assert_eq!(versions[0].as_ref().unwrap().as_ref().unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_registry_does_not_tell_makes_the_plan_incomplete() {
    let bus = bus().await;
    let scratch = workspace(bus, "dark");
    let html = "<html><head><title>Sign in</title></head><body>Please log in</body></html>";
    let weather = [
        ("http://127.0.0.1:1/apis/ccompat/v7".to_owned(), "Connection refused", "check that the registry runs"),
        (
            server("500 Internal Server Error", "application/json", "{}"),
            "500 Internal Server Error",
            "the registry's log",
        ),
        (
            server("200 OK", "text/html", html),
            "an HTML page instead of JSON: Sign in Please log in",
            "check the registry's `url`",
        ),
        (silence(), "no answer in time", "--timeout"),
        (server("401 Unauthorized", "text/html", html), "401", "auth"),
    ];
    let apply_all = ["apply", "--yes", "--timeout", "3s"];
    for (index, (url, answer, help)) in weather.iter().enumerate() {
        scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {url}\n"));
        let text = scratch.run(&["plan", "--timeout", "3s"]).ended(1);
        // The terminal form wraps its lines.
        let flat = text.out.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in ["NOT SEEN, NOT PLANNED: 1 resource", url, answer, help, "could not be seen"] {
            assert!(flat.contains(part), "no `{part}` in\n{}", text.out);
        }
        let json = scratch.run(&["plan", "--timeout", "3s", "--format", "json"]).ended(1);
        let plan = json.json();
        crate::support::workspace::assert_valid("plan.schema.json", &plan);
        assert_eq!(plan["complete"], false);
        assert_eq!(plan["incomplete"][0]["address"], "schema/dark.order.v1-value");
        assert_eq!(plan["incomplete"][0]["failure"]["server"], url.as_str());
        if index == 0 {
            assert!(!changes(&json).contains("schema/"), "{}", changes(&json));
            // What can be seen is done; the code says that it was not all.
            let applied = scratch.run(&apply_all).ended(5).shows(&["4 done"]);
            applied.says(&["NOT SEEN, NOT TRIED: 1 resource, schema/dark.order.v1-value", url, answer, help]);
        } else {
            assert_eq!(changes(&json), "");
            scratch.run(&apply_all).ended(1);
            // Also where the report is for a program, a person can see why.
            scratch.run(&[&apply_all[..], &["--format", "json"]].concat()).ended(1).says(&["NOT SEEN, NOT PLANNED"]);
        }
    }
    // Drift says too what it did not compare, and why.
    let (url, answer, help) = &weather[0];
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {url}\n"));
    let drift = scratch.run(&["drift", "--timeout", "3s"]).ended(1);
    drift.says(&["not compared, 1 resource such as schema/dark.order.v1-value", url, answer, help]);
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {}\n", bus.registry.url));
    assert_eq!(changes(&plan(&scratch).ended(0)).lines().count(), 1);
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_half_a_bus_is_no_whole_one() {
    let bus = bus().await;
    let scratch = workspace(bus, "half");
    apply(&scratch);
    scratch.write("clusters/registry.yaml", "registry: main\nurl: http://127.0.0.1:1/apis/ccompat/v7\n");
    scratch.edit(&topic_file("half", "order"), "key: id", "key: id\nconfig: { max.message.bytes: 2MiB }");
    // It is written, because the rest of it is worth something; the plan from it is as incomplete as the live one.
    let saved = scratch.run(&["snapshot", "--output", "live.json"]);
    saved.ended(1).says(&[
        "not in the snapshot",
        "http://127.0.0.1:1/apis/ccompat/v7",
        "help: check that the registry",
    ]);
    let planned = scratch.run(&["plan", "--live", "live.json", "--format", "json"]).ended(1);
    assert_eq!(planned.json()["complete"], false);
    assert!(changes(&planned).contains("update topic/half.order.v1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_brokers_alone_know_needs_no_secret_of_the_registry() {
    let bus = bus().await;
    let scratch = workspace(bus, "apart");
    apply(&scratch);
    let url = &bus.registry.url;
    let auth = "auth: { username: busctl, password: env:BUSCTL_NOT_SET }";
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {url}\n{auth}\n"));
    scratch.run(&["audit", "--resource", "topic/apart.*"]).ended(0).shows(&["topic/apart.order.v1"]);
    scratch.run(&["dlq", "list"]).ended(0);
    scratch.run(&["plan"]).ended(1).says(&["BUSCTL_NOT_SET"]);
}
