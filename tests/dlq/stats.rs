//! The figures of queues, once and again and again.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::metrics::Metrics;
use crate::queue::{Letter, Queue, Written, now};
use crate::support::sample::topic_file;
use crate::support::workspace::{Running, assert_valid};

/// An exception whose name is made to spoil an exposition.
const ODD: &str = "com.acme.\"Odd\\}Exception";

fn write(queue: &Queue, count: usize, class: &str, more: &[Written<'_>], age: i64) {
    let writer = queue.writer();
    let mut headers: Vec<Written<'_>> = vec![
        ("busctl-dlq.origin-topic", Some(queue.origin.as_bytes())),
        ("busctl-dlq.error-class", Some(class.as_bytes())),
    ];
    headers.extend(more);
    for _ in 0..count {
        let letter = Letter { timestamp: Some(now() - age), value: Some(b"v"), headers: &headers, ..Letter::default() };
        writer.write(&queue.topic, letter);
    }
    writer.flush();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_tell_what_happened() {
    let queue = Queue::new("figures", 1, &[]).await;
    let dlq = "dlq: { max_depth: 5, max_age: 90m, max_rate: 10/min, max_ratio: 0.5% }";
    queue.scratch.edit(&topic_file("figures", "order"), "dlq: true", dlq);
    let origin = queue.writer();
    for _ in 0..100 {
        origin.write(&queue.origin, Letter { value: Some(b"v"), ..Letter::default() });
    }
    origin.flush();
    write(&queue, 4, "TimeoutException", &[], 7_200_000);
    write(&queue, 6, ODD, &[], 0);
    let run = |arguments: &[&str]| queue.scratch.run(&[&["dlq"], arguments].concat());
    run(&["reprocess", &queue.topic, "--class", "Timeout*", "--yes"]).ended(0);
    // Two of the four came back, one of which was given up.
    write(&queue, 2, "TimeoutException", &[("busctl-redrive.attempt", Some(b"1"))], 0);
    let export = queue.scratch.path("export.jsonl").display().to_string();
    run(&["discard", &queue.topic, "--offset", "10", "--reason", "odd", "--export", &export, "--yes"]).ended(0);

    let document = run(&["stats", "--format", "json"]).ended(0).json();
    assert_valid("dlq-stats.schema.json", &document);
    let figures = &document["queues"][0];
    let told = |keys: &[&str]| keys.iter().map(|key| figures[*key].clone()).collect::<Vec<_>>();
    assert_eq!(told(&["depth", "written", "redriven", "discarded", "returned"]), [7, 12, 4, 1, 2].map(Value::from));
    assert_eq!(told(&["last_hour", "last_day", "return_ratio"]), [json!(8), json!(12), json!(0.5)]);
    // The four that were sent again are there, and the end of their transaction takes an offset.
    assert_eq!(told(&["origin_last_day", "redrive_success_ratio"]), [json!(105), json!(0.5)]);
    assert_eq!(figures["time_to_triage"]["records"], 5);
    assert!(figures["time_to_triage"]["median_seconds"].as_u64().unwrap() >= 7_000, "{figures}");
    assert_eq!(figures["expired"], json!({ "at_least": 0, "at_most": 0 }));
    assert_eq!((&figures["groups"][0]["class"], &figures["groups"][0]["waiting"]), (&json!(ODD), &json!(6)));
    run(&["stats", &queue.topic]).ended(0).shows(&["figures.order.v1.figures-reader.dlq", "7 dead letters wait."]);

    let cluster = ("cluster", "main");
    for (format, is_open) in [("openmetrics", true), ("prometheus", false)] {
        let metrics = Metrics::read(&run(&["stats", "--format", format]).ended(0).out, is_open);
        assert_eq!(metrics.value("busctl_dlq_depth_records", &[cluster, ("topic", &queue.topic)]), 7.0);
        assert_eq!(metrics.value("busctl_dlq_settled_records_total", &[("fate", "redriven")]), 4.0);
        assert_eq!(metrics.value("busctl_dlq_group_records", &[("class", ODD)]), 6.0);
        assert_eq!(metrics.value("busctl_dlq_time_to_triage_seconds_count", &[]), 5.0);
        assert_eq!(metrics.value("busctl_dlq_threshold_depth_records", &[("topic", &queue.topic)]), 5.0);
        assert_eq!(metrics.value("busctl_dlq_threshold_oldest_age_seconds", &[cluster]), 5_400.0);
        assert_eq!(metrics.value("busctl_dlq_threshold_arrivals_records", &[("window", "1h")]), 600.0);
        assert_eq!(metrics.value("busctl_dlq_threshold_origin_ratio", &[cluster]), 0.005);
        assert_eq!(metrics.value("busctl_dlq_queue_info", &[("origin", &queue.origin)]), 1.0);
    }
    let fewer = run(&["stats", "--format", "json", "--top", "0"]).ended(0).json();
    assert_eq!((&fewer["queues"][0]["groups"], &fewer["queues"][0]["other_groups"]), (&json!([]), &json!(7)));
    run(&["stats", "figures.gone.dlq"]).ended(64).says(&["there is no topic figures.gone.dlq on main"]);
    let twice = run(&["stats", &queue.topic, &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!(twice["queues"].as_array().unwrap().len(), 1);
    run(&["triage", &queue.topic, "--partition", "900"]).ended(64).says(&["has no partition 900"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_retention_removed_is_counted() {
    let queue = Queue::new("expired", 1, &[]).await;
    write(&queue, 10, "TimeoutException", &[], 0);
    let run = |arguments: &[&str]| queue.scratch.run(&[&["dlq"], arguments].concat());
    queue.delete_records_before(0, 2).await;
    let list = || run(&["list", "--format", "json"]).ended(0).json()["queues"][0]["expired"].clone();
    // Nobody saw these two.
    assert_eq!(list(), json!({ "at_least": 0, "at_most": 2 }));
    run(&["reprocess", &queue.topic, "--offset", "..4", "--yes"]).ended(0);
    run(&["reprocess", &queue.topic, "--max", "1", "--yes"]).ended(0);
    queue.delete_records_before(0, 8).await;
    // 2 to 5 were sent again. Of the rest the run saw one more, at which it stopped.
    assert_eq!(list(), json!({ "at_least": 1, "at_most": 4 }));
    run(&["ledger", &queue.topic]).ended(0).shows(&["Removed by retention without a fate: 1 to 4."]);
    let ledger = run(&["ledger", &queue.topic, "--format", "json"]).ended(0).json();
    assert_valid("dlq-ledger.schema.json", &ledger);
    assert_eq!((&ledger["letters"][3]["partition"], &ledger["letters"][3]["offset"]), (&json!(0), &json!(5)));
    assert_valid("dlq-list.schema.json", &run(&["list", "--format", "json"]).ended(0).json());
    let figures = run(&["stats", "--format", "json"]).ended(0).json()["queues"][0].clone();
    assert_eq!((&figures["expired"], &figures["depth"]), (&json!({ "at_least": 1, "at_most": 4 }), &json!(2)));
}

/// An exporter, and where it listens.
struct Exporter {
    running: Running,
    address: SocketAddr,
}

impl Exporter {
    fn start(queue: &Queue, every: &str) -> Self {
        let mut running = queue.scratch.start(&["dlq", "stats", "--listen", "0", "--every", every]);
        running.wait_until_it_says("/metrics tells");
        let address = running.said().split("http://").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
        Self { running, address }
    }

    /// Sends a request as it is; the whole answer.
    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // Who is refused may be cut off while it still writes.
        stream.write_all(request.as_bytes()).ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        stream.shutdown(Shutdown::Both).ok();
        String::from_utf8(answer).unwrap()
    }

    fn get(&self, path: &str, accept: &str) -> (String, String) {
        let answer =
            self.send(&format!("GET {path} HTTP/1.1\r\nhost: a\r\naccept: {accept}\r\nconnection: close\r\n\r\n"));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer}"));
        (head.to_owned(), body.to_owned())
    }

    /// Asks until something is so.
    #[track_caller]
    fn until(&self, what: impl Fn(&Metrics) -> bool) -> Metrics {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            // Where there are too many, nothing is answered.
            let answer =
                self.send("GET /metrics HTTP/1.1\r\naccept: application/openmetrics-text\r\nconnection: close\r\n\r\n");
            let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
            if let Some(metrics) = body.map(|body| Metrics::read(body, true)).filter(&what) {
                return metrics;
            }
            assert!(Instant::now() < deadline, "{answer}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn depth(metrics: &Metrics) -> Option<f64> {
    metrics.0.iter().find(|sample| sample.name == "busctl_dlq_depth_records").map(|sample| sample.value)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exporter_follows_the_queue() {
    let queue = Queue::new("exported", 1, &[]).await;
    write(&queue, 5, "TimeoutException", &[], 0);
    let exporter = Exporter::start(&queue, "500ms");
    assert!(exporter.address.ip().is_loopback());
    let metrics = exporter.until(|metrics| depth(metrics) == Some(5.0));
    assert_eq!(metrics.value("busctl_dlq_scrape_success", &[("cluster", "main")]), 1.0);
    assert!(metrics.value("busctl_dlq_last_success_timestamp_seconds", &[]) > 1.0e9);
    write(&queue, 3, ODD, &[], 0);
    exporter.until(|metrics| depth(metrics) == Some(8.0));
    queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--class", "Timeout*", "--yes"]).ended(0);
    let metrics = exporter.until(|metrics| depth(metrics) == Some(3.0));
    assert_eq!(metrics.value("busctl_dlq_group_records", &[]), 3.0);
    assert_eq!(metrics.value("busctl_dlq_settled_records_total", &[("fate", "redriven")]), 5.0);

    let (head, body) = exporter.get("/metrics", "*/*");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    Metrics::read(&body, false);
    let (head, _) = exporter.get("/metrics", "application/openmetrics-text;version=1.0.0");
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
    assert_eq!(exporter.get("/healthz", "*/*").1, "ok\n");
    assert!(exporter.get("/nothing", "*/*").0.starts_with("HTTP/1.1 404"));
    exporter.running.signal("TERM");
    exporter.running.wait().ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exporter_bears_hostile_clients() {
    let queue = Queue::new("borne", 1, &[]).await;
    let exporter = Exporter::start(&queue, "1h");
    let answer = exporter.send("POST /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: GET, HEAD"), "{answer}");
    assert!(exporter.send("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
    let many = "x: y\r\n".repeat(1_000);
    assert!(exporter.send(&format!("GET / HTTP/1.1\r\n{many}\r\n")).starts_with("HTTP/1.1 431"));
    let large = "y".repeat(1 << 20);
    let answer = exporter.send(&format!("GET / HTTP/1.1\r\nx: {large}\r\n\r\n"));
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    // More than it takes at once, who say nothing: they go, and it goes on.
    let idle: Vec<_> = (0..200).map(|_| TcpStream::connect(exporter.address)).collect();
    drop(idle);
    exporter.until(|metrics| depth(metrics) == Some(0.0));
    // Whoever waits does not hold up the end.
    let _waiting = TcpStream::connect(exporter.address).unwrap();
    exporter.running.signal("INT");
    exporter.running.wait().ended(0);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    queue.scratch.run(&["dlq", "stats", "--listen", &address]).ended(1).says(&["could not listen at", &address]);
}
