//! What became of dead letters in a run, or would.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::unjudged::unjudged;
use crate::dlq::settle::{Done, Refusal, Repairs, Stop};
use crate::dlq::{Fingerprint, Queue, Unjudged};
use crate::model::{counted, thousands};
use crate::ports::Failure;
use crate::render::json::to_json;
use crate::render::markdown::prose;
use crate::render::paint::Paint;
use crate::render::{Style, View, plain};

/// What became of dead letters in a run, or would.
#[derive(Debug, Serialize)]
pub struct SettlingDocument {
    format_version: u32,
    cluster: String,
    topic: String,
    run: Uuid,
    /// Whether nothing was done.
    dry_run: bool,
    /// How many were sent to each topic, or would be.
    sent: BTreeMap<String, u64>,
    parked: u64,
    discarded: u64,
    /// How many stay in the queue, and why.
    stay: Vec<Staying>,
    /// How many there are of each reason for which they failed.
    reasons: BTreeMap<Fingerprint, u64>,
    settled: u64,
    left_out: u64,
    /// Of which records `--where` had no answer.
    unjudged: Unjudged,
    /// What was made of values, or would be.
    transform: Option<Repairs>,
    stopped: Option<Stop>,
    failure: Option<String>,
}

#[derive(Debug, Serialize)]
struct Staying {
    count: u64,
    why: String,
    way_out: Option<&'static str>,
}

impl SettlingDocument {
    /// Of a queue on a cluster.
    pub fn of(queue: &Queue, cluster: &str, run: Uuid, is_real: bool, done: &Done, failure: Option<&Failure>) -> Self {
        let staying = |(refusal, count): (&Refusal, &u64)| Staying {
            count: *count,
            why: refusal.to_string(),
            way_out: refusal.way_out(),
        };
        Self {
            format_version: 1,
            cluster: cluster.to_owned(),
            topic: queue.topic.to_string(),
            run,
            dry_run: !is_real,
            sent: done.sent.iter().map(|(topic, count)| (topic.to_string(), *count)).collect(),
            parked: done.parked,
            discarded: done.discarded,
            stay: done.stay.iter().map(staying).collect(),
            reasons: done.reasons.clone(),
            settled: done.settled,
            left_out: done.left_out,
            unjudged: done.unjudged.clone(),
            transform: None,
            stopped: done.stopped,
            failure: failure.map(ToString::to_string),
        }
    }

    /// The same with what was made of values.
    pub fn transformed(self, transform: Option<Repairs>) -> Self {
        Self { transform, ..self }
    }

    fn lines(&self) -> Vec<String> {
        let would = if self.dry_run { "would be " } else { "" };
        let mut lines: Vec<String> = self
            .sent
            .iter()
            .map(|(topic, count)| format!("{} {would}sent to {topic}", counted(*count, "record")))
            .collect();
        let others = [(self.parked, "parked"), (self.discarded, "given up")];
        for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
            lines.push(format!("{} {would}{what}", counted(count, "record")));
        }
        for staying in &self.stay {
            let stay = if staying.count == 1 { "stays" } else { "stay" };
            let way_out = staying.way_out.map(|way_out| format!(" ({way_out})")).unwrap_or_default();
            lines.push(format!("{} {stay}: {}{way_out}", counted(staying.count, "record"), staying.why));
        }
        let more = [(self.settled, "settled before"), (self.left_out, "left out by the filter")];
        lines.extend(
            more.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{} {what}", thousands(*count))),
        );
        lines.extend(unjudged(&self.unjudged));
        lines.extend(self.transform.iter().flat_map(|transform| self.of_transform(transform)));
        lines
    }

    fn of_transform(&self, transform: &Repairs) -> Vec<String> {
        let would = if self.dry_run { "would be " } else { "" };
        let mut lines =
            vec![format!("{} {would}transformed by {}", counted(transform.transformed, "record"), transform.digest)];
        if transform.unchecked > 0 {
            let count = counted(transform.unchecked, "record");
            lines.push(format!("{count} of these not checked: there is no schema of their topic"));
        }
        for sample in &transform.samples {
            lines.push(format!("partition {} offset {} before: {}", sample.partition, sample.offset, sample.before));
            lines.push(format!("partition {} offset {} after:  {}", sample.partition, sample.offset, sample.after));
        }
        lines.extend(transform.failures.iter().map(|failure| format!("not transformed: {failure}")));
        lines
    }

    fn summary(&self) -> String {
        let sent: u64 = self.sent.values().sum();
        let stopped = match self.stopped {
            Some(Stop::Max) => " Stopped at --max.",
            Some(Stop::Interrupted) => " Stopped when it was interrupted; run it again to go on.",
            None => "",
        };
        let done = counted(sent + self.parked + self.discarded, "dead letter");
        let once = match sent {
            0 => "",
            _ => " Consumers see each once if they read committed records only.",
        };
        match (self.dry_run, sent + self.parked + self.discarded) {
            (_, 0) => format!("Nothing to do.{stopped}"),
            (true, _) => format!("Nothing was done: {done} of {} wait for --yes.{stopped}", self.topic),
            (false, _) => format!("{done} of {} settled by run {}.{once}{stopped}", self.topic, self.run),
        }
    }
}

/// A run.
#[derive(Debug, Clone, Copy)]
pub struct SettlingView<'a> {
    /// What it did.
    pub document: &'a SettlingDocument,
}

impl View for SettlingView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out: String = self.document.lines().iter().map(|line| format!("{}\n", plain::line(line))).collect();
        out.push_str(&format!("{}\n", paint.bold(&plain::line(&self.document.summary()))));
        out
    }

    /// The document itself; `docs/schemas/dlq-settling.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.document)
    }

    fn markdown(&self) -> String {
        let lines: String = self.document.lines().iter().map(|line| format!("- {}\n", prose(line))).collect();
        format!("### {}\n\n{lines}", prose(&self.document.summary()))
    }
}
