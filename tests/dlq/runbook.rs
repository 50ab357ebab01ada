//! The commands of `docs/runbooks/dlq.md`, one after the other as they stand there, on a queue such as it speaks of. What the page
//! shows of their output is what they write.

use crate::queue::{Letter, Queue, Servers, Written};
use crate::support::sample::{bare, connect, sasl};
use crate::support::server::bus;

const PAGE: &str = include_str!("../../docs/runbooks/dlq.md");

/// The failures of the page: class, message, trace; and how many there are of each.
const FAILURES: [(usize, &str, &str, &str); 3] = [
    (
        40,
        "java.net.SocketTimeoutException",
        "Read timed out",
        "java.net.SocketTimeoutException: Read timed out\n\tat com.myfarsi.prices.Prices.of(Prices.java:88)\n",
    ),
    (
        3,
        "com.myfarsi.media.NoOriginalException",
        "there is no original behind asset 4711",
        "com.myfarsi.media.NoOriginalException: there is no original behind asset 4711\n\
         \tat com.myfarsi.media.Originals.open(Originals.java:31)\n",
    ),
    (
        2,
        "org.apache.kafka.common.errors.SerializationException",
        "Unknown magic byte!",
        "org.apache.kafka.common.errors.SerializationException: Unknown magic byte!\n\
         \tat com.myfarsi.media.Assets.read(Assets.java:12)\n",
    ),
];

/// Fills the queue as the consumer of the page would have, with Spring Kafka.
fn fill(queue: &Queue) {
    let writer = queue.writer();
    let partition = 0_i32.to_be_bytes();
    let mut offset = 0_i64;
    for (count, class, message, trace) in FAILURES {
        for _ in 0..count {
            let (place, key) = (offset.to_be_bytes(), format!("asset-{offset}"));
            let of: [Written<'_>; 7] = [
                ("kafka_dlt-exception-fqcn", Some(class.as_bytes())),
                ("kafka_dlt-exception-message", Some(message.as_bytes())),
                ("kafka_dlt-exception-stacktrace", Some(trace.as_bytes())),
                ("kafka_dlt-original-topic", Some(queue.origin.as_bytes())),
                ("kafka_dlt-original-partition", Some(&partition)),
                ("kafka_dlt-original-offset", Some(&place)),
                ("kafka_dlt-original-consumer-group", Some(b"normalizer")),
            ];
            let letter = Letter { key: Some(key.as_bytes()), value: Some(b"{}"), headers: &of, ..Letter::default() };
            writer.write(&queue.topic, letter);
            offset += 1;
        }
    }
    writer.flush();
}

/// Each command of the page's console blocks, with the lines that are shown of its output.
fn commands() -> Vec<(&'static str, Vec<&'static str>)> {
    let blocks = PAGE.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap());
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match line.strip_prefix("$ busctl ") {
            Some(command) => commands.push((command, Vec::new())),
            None => commands.last_mut().unwrap().1.push(line),
        }
    }
    commands
}

/// The words of a command line; between double quotes it is one.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(index, part)| if index % 2 == 0 { part.split_whitespace().collect() } else { vec![part] })
        .collect()
}

/// Whether a line is what the page shows, where `…` stands for anything.
fn is_shown(line: &str, shown: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap().trim_end()) else { return false };
    let parts: Vec<&str> = parts.collect();
    for part in &parts {
        match rest.find(part.trim()) {
            Some(at) => rest = &rest[at + part.trim().len()..],
            None => return false,
        }
    }
    rest.trim().is_empty() || parts.last().is_some_and(|last| last.trim().is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_runbook_do_what_it_says() {
    let bus = bus().await;
    let scratch = bare(bus, "media");
    connect(&scratch, "media", &sasl(bus, "admin"));
    scratch.edit("clusters/main.yaml", "cluster: main", "cluster: production");
    scratch.write(
        "catalog/catalog.yaml",
        "domains:\n  media: { owner: media-platform }\nservices:\n  normalizer: { owner: media-platform }\n\
         teams:\n  media-platform: { contacts: { email: media-platform@example.com } }\n",
    );
    let servers = Servers::single(bus.hand().await, bus.plain);
    let queue = Queue::of(servers, scratch, ("media.raw_ingest.v1", "normalizer"), 1, &[]).await;
    fill(&queue);
    let commands = commands();
    for step in ["list", "triage", "show", "reprocess", "discard", "restore", "ledger"] {
        assert!(commands.iter().any(|(command, _)| words(command)[1] == step), "the runbook has no `dlq {step}`");
    }
    for (command, shown) in commands {
        let run = queue.scratch.run(&words(command)).ended(0);
        let written = format!("{}{}", run.out, run.err);
        let mut lines = written.lines();
        for shown in shown {
            assert!(
                lines.any(|line| is_shown(line.trim_end(), shown)),
                "busctl {command}\nshows no `{shown}`\n{written}"
            );
        }
    }
}
