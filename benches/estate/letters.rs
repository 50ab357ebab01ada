//! Dead letters: how fast a queue is triaged beside a bare consumer, and sent again beside a bare transactional copy.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use busctl::adapters::kafka::KafkaClient;
use busctl::model::Secret;
use busctl::ports::connection::{Connection, Login, Sasl};
use busctl::ports::journal::new_topics;
use busctl::ports::kafka::{KafkaAdmin, NewTopic};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use crate::bus::Bus;
use crate::estate::{Estate, Servers};
use crate::floor;
use crate::measure::{self, Costs};
use crate::table::{grouped, seconds};
use crate::{Bench, Outcome, Runs};

/// Partitions of every topic.
const PARTITIONS: i32 = 6;

/// What is promised of the rates, as parts of those of the bare loops.
const TRIAGE: f64 = 0.8;
const REDRIVE: f64 = 0.7;

/// The most memory that a command may have, whatever the queue holds, in megabytes: what it reads ahead, what waits to be written,
/// and the groups of a triage.
const MOST_MEGABYTES: u64 = 250;

const ORIGIN: &str = "letters.order.v1";
const COPY: &str = "letters.copy.v1";
const TRIAGED: &str = "letters.triaged.dlq";

/// How many dead letters.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// In the queue that is triaged.
    pub triaged: usize,
    /// In each queue that is sent again.
    pub sent: usize,
}

impl Bench {
    /// Measures both, and makes a table in Markdown.
    pub fn letters(&self, sizes: Sizes, folder: &Path, runs: Runs) -> Outcome<String> {
        let bus = Bus::start(&self.runtime, false)?;
        let estate = Estate { topics: 0 };
        estate.write(folder)?;
        estate.connect(folder, &bus.servers)?;
        let queues: Vec<String> = (0..runs.writing).map(|number| format!("letters.sent{number}.dlq")).collect();
        let topics = queues.iter().map(String::as_str).chain([ORIGIN, COPY, TRIAGED]);
        self.runtime.block_on(create(&bus.servers, topics))?;
        let client =
            floor::letters::Client { bootstrap: &bus.servers.bootstrap, password_file: &bus.servers.password_file };
        let writer: ThreadedProducer<DefaultProducerContext> = client.producer()?.create()?;
        eprintln!("writing {} dead letters", sizes.triaged + queues.len() * sizes.sent);
        fill(&writer, TRIAGED, sizes.triaged)?;
        for queue in &queues {
            fill(&writer, queue, sizes.sent)?;
        }
        drop(writer);
        let mut table = String::from(
            "| dead letters | what | busctl | a second | bare loop | a second | part of its rate | CPU | its CPU | memory | to reach |\n\
             | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n",
        );
        let mut row = |what: &str, letters: usize, [tool, bare]: [Costs; 2], least: f64| {
            let rate = |costs: &Costs| letters as f64 / costs.wall().as_secs_f64();
            let part = rate(&tool) / rate(&bare);
            let mark = |is_so: bool| if is_so { "yes" } else { "**no**" };
            // Writing to a string cannot fail.
            _ = writeln!(
                table,
                "| {} | {what} | {} | {:.0} | {} | {:.0} | {part:.2} | {} | {} | {:.1} MB | ≥ {least}: {}; < {MOST_MEGABYTES} MB: {} |",
                grouped(letters),
                seconds(tool.wall()),
                rate(&tool),
                seconds(bare.wall()),
                rate(&bare),
                seconds(tool.cpu()),
                seconds(bare.cpu()),
                tool.memory() as f64 / 1e6,
                mark(part >= least),
                mark(tool.memory() < MOST_MEGABYTES * 1_000_000),
            );
        };
        let triage = self.in_turn(runs.reading, |_| {
            Ok([
                (&self.tool, Bench::letters_arguments(folder, &["triage", TRIAGED])),
                (&self.floor, client.consume(TRIAGED, sizes.triaged)),
            ])
        })?;
        row("triage, beside a consumer", sizes.triaged, triage, TRIAGE);
        let send = self.in_turn(queues.len(), |number| {
            let queue = &queues[number];
            Ok([
                (&self.tool, Bench::letters_arguments(folder, &["reprocess", queue, "--yes"])),
                (&self.floor, client.copy(queue, COPY, sizes.sent)),
            ])
        })?;
        row("reprocess, beside a transactional copy", sizes.sent, send, REDRIVE);
        // Whatever was fast has done its work too.
        let sent = queues.len() * sizes.sent;
        for topic in [ORIGIN, COPY] {
            measure::run(&self.floor, &client.consume(topic, sent))?;
        }
        bus.close(&self.runtime);
        Ok(table)
    }

    fn letters_arguments(folder: &Path, command: &[&str]) -> Vec<String> {
        let folder = folder.display().to_string();
        ["-C", &folder, "dlq"].iter().chain(command).map(|word| (*word).to_owned()).collect()
    }

    /// Runs tool and bare loop alternately; who is first changes from round to round.
    fn in_turn<'p>(
        &self,
        rounds: usize,
        mut programs: impl FnMut(usize) -> Outcome<[(&'p std::path::PathBuf, Vec<String>); 2]>,
    ) -> Outcome<[Costs; 2]> {
        let mut costs = [Costs::default(), Costs::default()];
        for round in 0..rounds {
            let programs = programs(round)?;
            for turn in 0..programs.len() {
                let who = (round + turn) % programs.len();
                let (program, arguments) = &programs[who];
                costs[who].add(measure::run(program, arguments)?);
            }
        }
        Ok(costs)
    }
}

async fn create(servers: &Servers, topics: impl Iterator<Item = &str>) -> Outcome<()> {
    let password = Secret::new(std::fs::read_to_string(&servers.password_file)?.trim());
    let connection = Connection {
        bootstrap: vec![servers.bootstrap.clone()],
        tls: None,
        sasl: Some(Sasl::Plain(Login { username: "admin".to_owned(), password })),
        timeout: Duration::from_secs(30),
    };
    let hand = KafkaClient::connect(connection).await?;
    let topic = |name: &str| -> Outcome<NewTopic> {
        let configs = [("retention.ms".into(), "-1".to_owned())].into();
        Ok(NewTopic { name: name.parse()?, partitions: PARTITIONS as u32, replication_factor: 1, configs })
    };
    let mut all = new_topics(1);
    for name in topics {
        all.push(topic(name)?);
    }
    for created in hand.create_topics(&all, false).await {
        created?;
    }
    let names: Vec<_> = all.into_iter().map(|topic| topic.name).collect();
    while hand.describe_topics(&names).await?.iter().any(Result::is_err) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Writes dead letters of about 1 KB: six parts of a value that does not compress well, four of headers.
fn fill(writer: &ThreadedProducer<DefaultProducerContext>, topic: &str, count: usize) -> Outcome<()> {
    const FRAMES: &str = "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)\n\
        \tat com.acme.prices.PriceClient.ask(PriceClient.java:88)\n\
        \tat com.acme.orders.Orders.price(Orders.java:41)\n";
    let mut state = 1_u64;
    let mut value = vec![0_u8; 600];
    for number in 0..count {
        for byte in &mut value {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = b'0' + (state >> 58) as u8;
        }
        let partition = (number % PARTITIONS as usize) as i32;
        let (place, key) = (partition.to_string(), format!("order-{number}"));
        let (offset, message) = (number.to_string(), format!("no answer from price-{} in {number} ms", number % 7));
        let trace = format!("java.net.SocketTimeoutException: {message}\n{FRAMES}");
        let mut headers = OwnedHeaders::new_with_capacity(7);
        for (key, value) in [
            ("trace-id", key.as_str()),
            ("busctl-dlq.origin-topic", ORIGIN),
            ("busctl-dlq.origin-partition", &place),
            ("busctl-dlq.origin-offset", &offset),
            ("busctl-dlq.error-class", "java.net.SocketTimeoutException"),
            ("busctl-dlq.error-message", &message),
            ("busctl-dlq.error-stacktrace", &trace),
        ] {
            headers = headers.insert(Header { key, value: Some(value) });
        }
        let mut record = BaseRecord::to(topic).partition(partition).key(&key).payload(&value).headers(headers);
        while let Err((_, back)) = writer.send(record) {
            writer.flush(Duration::from_secs(1)).ok();
            record = back;
        }
    }
    Ok(writer.flush(Duration::from_secs(120))?)
}
