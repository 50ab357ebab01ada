use std::any::Any;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use super::child::{self, Ended};
use crate::cli::args::ClusterArg;
use crate::cli::dlq::queue::OpenQueue;
use crate::cli::error::CommandError;
use crate::dlq::{Coordinates, Filter, Fingerprint, Group, Shape, Told, masked_of, triage};
use crate::model::{Timestamp, TopicName};
use crate::ports::records::RecordSource;
use crate::render::dlq::triage::{from, why};
use crate::render::dlq::tui::{Effect, Event, GroupRow, QueueRow, RecordRow};

/// How many records of a group are listed.
const MOST_RECORDS: usize = 500;

/// What is done in the background for the interface, one thing at a time. Nothing of it keeps the keys from being heard.
pub struct Work {
    of: Of,
    stop: Arc<AtomicBool>,
    under_way: Option<JoinHandle<()>>,
}

/// What every piece of work needs.
#[derive(Clone)]
struct Of {
    cluster: String,
    timeout: Duration,
    tell: UnboundedSender<Event>,
    /// The queue that was grouped last.
    queue: Arc<Mutex<Option<Arc<OpenQueue>>>>,
}

impl Work {
    /// Work on a cluster, of which `tell` is told what came.
    pub fn new(cluster: &str, timeout: Duration, tell: UnboundedSender<Event>) -> Self {
        let of = Of { cluster: cluster.to_owned(), timeout, tell, queue: Arc::default() };
        Self { of, stop: Arc::default(), under_way: None }
    }

    /// Begins something. What was under way has ended before.
    pub fn begin(&mut self, effect: Effect) {
        self.stop = Arc::default();
        let (of, stop) = (self.of.clone(), self.stop.clone());
        self.under_way = Some(tokio::spawn(async move {
            let event = of.carry_out(effect, &stop).await;
            of.tell.send(event).ok();
        }));
    }

    /// Stops what is under way.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Waits until what is under way has ended.
    pub async fn ended(&mut self) {
        if let Some(under_way) = &mut self.under_way {
            under_way.await.ok();
        }
    }

    /// Waits until what is under way panics; for ever where it does not.
    pub async fn broken(&mut self) -> Box<dyn Any + Send> {
        if let Some(under_way) = &mut self.under_way {
            let ended = under_way.await;
            self.under_way = None;
            if let Err(error) = ended
                && let Ok(broken) = error.try_into_panic()
            {
                return broken;
            }
        }
        std::future::pending().await
    }
}

impl Of {
    async fn carry_out(&self, effect: Effect, stop: &AtomicBool) -> Event {
        let done = match effect {
            Effect::Queues => self.queues(stop).await,
            Effect::Groups { topic } => self.groups(&topic, stop).await,
            Effect::Records { fingerprint } => self.records(fingerprint, stop),
            Effect::Show { topic, at } => {
                let record = at.to_string();
                let arguments = ["dlq", "show", &topic, "--record", &record].map(str::to_owned).to_vec();
                return self.command(arguments, stop, Event::Shown).await;
            }
            Effect::Preview(order) => {
                return self.command(order.arguments(&self.cluster, false), stop, Event::Preview).await;
            }
            Effect::Carry(order) => {
                // It tells how far it is.
                let mut arguments = order.arguments(&self.cluster, true);
                arguments.push("--verbose".to_owned());
                return self.command(arguments, stop, Event::Carried).await;
            }
            Effect::Stop | Effect::Quit => Ok(None),
        };
        match done {
            Ok(Some(event)) => event,
            Ok(None) => Event::Stopped,
            Err(error) => Event::Failed(error.told()),
        }
    }

    /// Runs a command of the program.
    async fn command(&self, arguments: Vec<String>, stop: &AtomicBool, event: fn(String) -> Event) -> Event {
        match self.child(arguments, stop).await {
            Ended::Well(text) => event(text),
            Ended::Stopped => Event::Stopped,
            Ended::Badly { said, .. } => Event::Failed(said),
        }
    }

    async fn child(&self, mut arguments: Vec<String>, stop: &AtomicBool) -> Ended {
        if !arguments.iter().any(|argument| argument == "--cluster") {
            arguments.extend(["--cluster".to_owned(), self.cluster.clone()]);
        }
        arguments.extend(["--timeout".to_owned(), format!("{}ms", self.timeout.as_millis())]);
        child::run(&arguments, stop, &self.tell).await
    }

    async fn queues(&self, stop: &AtomicBool) -> Result<Option<Event>, CommandError> {
        #[derive(serde::Deserialize)]
        struct Listed {
            queues: Vec<QueueRow>,
        }
        let arguments = ["dlq", "list", "--format", "json"].map(str::to_owned).to_vec();
        Ok(Some(match self.child(arguments, stop).await {
            Ended::Well(text) => {
                let listed: Listed = serde_json::from_str(&text).map_err(|error| {
                    CommandError::system(format!("could not read what `busctl dlq list` said: {error}"))
                })?;
                Event::Queues(listed.queues)
            }
            Ended::Stopped => Event::Stopped,
            // It ends badly where one of them cannot be seen, and tells of all.
            Ended::Badly { out, said } => match serde_json::from_str::<Listed>(&out) {
                Ok(listed) => Event::Queues(listed.queues),
                Err(_) => Event::Failed(said),
            },
        }))
    }

    async fn groups(&self, topic: &str, stop: &AtomicBool) -> Result<Option<Event>, CommandError> {
        let topic: TopicName = topic.parse().map_err(|error| CommandError::usage(format!("{error}")))?;
        let cluster = ClusterArg { cluster: Some(self.cluster.clone()) };
        let open = tokio::select! {
            open = OpenQueue::open(&topic, &cluster, self.timeout) => Arc::new(open?),
            () = stopped(stop) => return Ok(None),
        };
        let all = Filter::default();
        let (stretches, before) = open.waiting_of(&all);
        let met = tokio::task::block_in_place(|| {
            let mut progress = |records| {
                self.tell.send(Event::Read(records)).ok();
                flow(stop)
            };
            triage(&open.kafka, &open.queue, &stretches, &open.ledger.settled, &all, &mut progress)
        })?;
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let groups = tokio::task::block_in_place(|| {
            met.triage.groups(&|letter, origin| masked_of(letter, &open.decoder, origin))
        });
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) = Some(open);
        Ok(Some(Event::Groups { rows: groups.iter().map(group).collect(), settled: met.settled + before }))
    }

    fn records(&self, fingerprint: Fingerprint, stop: &AtomicBool) -> Result<Option<Event>, CommandError> {
        let open = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(open) = open else { return Ok(None) };
        let filter = Filter { fingerprints: [fingerprint].into(), ..Filter::default() };
        let (mut rows, mut shape, mut read) = (Vec::new(), Shape::default(), 0_u64);
        let origin = open.queue.presumed_origin();
        tokio::task::block_in_place(|| {
            open.kafka.scan(&open.queue.topic, &open.waiting_of(&filter).0, &mut |letter| {
                const STEP: u64 = 4_096;
                read += 1;
                if read.is_multiple_of(STEP) {
                    self.tell.send(Event::Read(STEP)).ok();
                    if flow(stop).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                let told = Told::of(letter);
                let waits = !open.ledger.settled.contains(letter.partition, letter.offset);
                if waits && filter.takes(letter, &told, origin, &mut shape) {
                    let from = told.origin.topic.as_deref().unwrap_or(origin);
                    let message = told.message.as_deref().or(told.class.as_deref()).unwrap_or_default();
                    rows.push(RecordRow {
                        at: Coordinates { partition: letter.partition, offset: letter.offset },
                        timestamp: letter.timestamp.map(Timestamp::of_unix_millis),
                        redrives: told.redrives(),
                        bytes: letter.value.map(<[u8]>::len),
                        message: masked_of(letter, &open.decoder, from).message(message),
                    });
                }
                Ok(if rows.len() < MOST_RECORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })
        })?;
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        rows.sort_by_key(|row| row.at);
        Ok(Some(Event::Records(rows)))
    }
}

/// Waits until something is to stop.
pub async fn stopped(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn flow(stop: &AtomicBool) -> ControlFlow<()> {
    if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn group(group: &Group) -> GroupRow {
    GroupRow {
        fingerprint: group.fingerprint,
        verdict: group.verdict,
        count: group.count,
        last_seen: group.last_seen,
        from: from(group),
        why: why(group),
    }
}
