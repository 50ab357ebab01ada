//! What became of dead letters in a run, or would.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::unjudged::unjudged;
use super::{run_markdown, run_text};
use crate::dlq::settle::{Done, Reason, Refusal, Repairs, Stop};
use crate::dlq::{Fingerprint, Queue, Unjudged};
use crate::model::{counted, thousands};
use crate::ports::Failure;
use crate::render::json::to_json;
use crate::render::{Style, View};

/// How many reasons are told in words, the most frequent ones.
const REASONS_SHOWN: usize = 10;

/// What a run did, or would do.
#[derive(Debug)]
pub struct Outcome {
    /// The run.
    pub run: Uuid,
    /// Whether it was done.
    pub is_real: bool,
    /// What became of the dead letters.
    pub done: Done,
    /// What ended it.
    pub failure: Option<Failure>,
    /// How long it would take.
    pub estimate: Option<Duration>,
    /// How many of those that it sent came back into the queue while it was at work; none where that was not watched.
    pub came_back: Option<u64>,
    /// Whether records went to another cluster.
    pub is_across: bool,
}

/// How often a record arrives that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Delivery {
    ExactlyOnce,
    AtLeastOnce,
}

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
    reasons: BTreeMap<Fingerprint, Reason>,
    /// How many failed for reasons that were too many to tell apart.
    other_reasons: u64,
    delivery: Delivery,
    /// How many seconds it would take, of what is not done.
    estimated_seconds: Option<u64>,
    /// How many of those that were sent came back while the run was at work.
    came_back: Option<u64>,
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
    pub fn of(queue: &Queue, cluster: &str, outcome: &Outcome) -> Self {
        let done = &outcome.done;
        let staying = |(refusal, count): (&Refusal, &u64)| Staying {
            count: *count,
            why: refusal.to_string(),
            way_out: refusal.way_out(),
        };
        Self {
            format_version: 1,
            cluster: cluster.to_owned(),
            topic: queue.topic.to_string(),
            run: outcome.run,
            dry_run: !outcome.is_real,
            sent: done.sent.iter().map(|(topic, count)| (topic.to_string(), *count)).collect(),
            parked: done.parked,
            discarded: done.discarded,
            stay: done.stay.iter().map(staying).collect(),
            reasons: done.reasons.by_fingerprint.clone(),
            other_reasons: done.reasons.others,
            delivery: if outcome.is_across { Delivery::AtLeastOnce } else { Delivery::ExactlyOnce },
            estimated_seconds: outcome.estimate.map(|estimate| estimate.as_secs_f64().ceil() as u64),
            came_back: outcome.came_back,
            settled: done.settled,
            left_out: done.left_out,
            unjudged: done.unjudged.clone(),
            transform: None,
            stopped: done.stopped,
            failure: outcome.failure.as_ref().map(ToString::to_string),
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
        if self.dry_run {
            lines.extend(self.why());
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

    /// Why they failed, the most frequent reasons first.
    fn why(&self) -> Vec<String> {
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|(fingerprint, reason)| (std::cmp::Reverse(reason.count), **fingerprint));
        let line = |(fingerprint, reason): &(&Fingerprint, &Reason)| {
            let class = reason.class.as_deref().map(|class| class.rsplit('.').next().unwrap_or(class));
            let class = class.map(|class| format!(": {class}")).unwrap_or_default();
            format!("{} of them {} {fingerprint}{class}", thousands(reason.count), reason.verdict.as_str())
        };
        let mut lines: Vec<String> = reasons.iter().take(REASONS_SHOWN).map(line).collect();
        let others =
            reasons.iter().skip(REASONS_SHOWN).map(|(_, reason)| reason.count).sum::<u64>() + self.other_reasons;
        if others > 0 {
            lines.push(format!("{} of them for other reasons", thousands(others)));
        }
        lines
    }

    fn summary(&self) -> String {
        let sent: u64 = self.sent.values().sum();
        let came_back = |of: &str| match self.came_back {
            Some(1) => format!(" Stopped: 1 {of} came back; see why with `busctl dlq triage`."),
            Some(count) => format!(" Stopped: {} {of} came back; see why with `busctl dlq triage`.", thousands(count)),
            None => String::new(),
        };
        let stopped = match self.stopped {
            Some(Stop::Max) => " Stopped at --max.".to_owned(),
            Some(Stop::Interrupted) => " Stopped when it was interrupted; run it again to go on.".to_owned(),
            Some(Stop::CanaryFailed) => came_back("of the first ones"),
            Some(Stop::CanaryUnread) => {
                " Stopped: the first ones were not read in time; run it again later, or with a longer --canary-wait."
                    .to_owned()
            }
            Some(Stop::CanaryUnseen) => {
                " Stopped: it could not be seen how it goes with the first ones; run it again to go on.".to_owned()
            }
            Some(Stop::FailedAgain) => came_back("of those that were sent"),
            None => match self.came_back {
                Some(count) if count > 0 => format!(" Of these, {} came back.", thousands(count)),
                _ => String::new(),
            },
        };
        let total = sent + self.parked + self.discarded;
        let (done, wait) = (counted(total, "dead letter"), if total == 1 { "waits" } else { "wait" });
        let once = match (sent, self.delivery) {
            (0, _) => "",
            (_, Delivery::ExactlyOnce) => " Consumers see each once if they read committed records only.",
            (_, Delivery::AtLeastOnce) => {
                " Each is on the other cluster at least once: `busctl-redrive.id` tells one that is there twice."
            }
        };
        let time = match self.estimated_seconds {
            Some(seconds) => {
                format!(" It takes about {}.", crate::model::Duration(i64::try_from(seconds).unwrap_or(0) * 1_000))
            }
            None => String::new(),
        };
        match (self.dry_run, total) {
            // What is left was not looked at.
            (_, 0) if self.stopped == Some(Stop::Interrupted) => format!("Nothing was done.{stopped}"),
            (_, 0) => format!("Nothing to do.{stopped}"),
            (true, _) => format!("Nothing was done: {done} of {} {wait} for --yes.{time}{once}{stopped}", self.topic),
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
        run_text(&self.document.lines(), &self.document.summary(), style)
    }

    /// The document itself; `docs/schemas/dlq-settling.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.document)
    }

    fn markdown(&self) -> String {
        run_markdown(&self.document.lines(), &self.document.summary())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(parked: u64, is_real: bool) -> String {
        let topic = "a.v1.b.dlq".parse().expect("a name");
        let queue = Queue { topic, origin: None, service: None, owner: None, thresholds: None, is_declared: true };
        let outcome = Outcome {
            run: Uuid::nil(),
            is_real,
            done: Done { parked, ..Done::default() },
            failure: None,
            estimate: None,
            came_back: None,
            is_across: false,
        };
        SettlingDocument::of(&queue, "main", &outcome).summary()
    }

    #[test]
    fn one_waits_and_several_wait() {
        assert_eq!(summary(1, false), "Nothing was done: 1 dead letter of a.v1.b.dlq waits for --yes.");
        assert_eq!(summary(2, false), "Nothing was done: 2 dead letters of a.v1.b.dlq wait for --yes.");
        assert_eq!(summary(0, false), "Nothing to do.");
        let done = "1 dead letter of a.v1.b.dlq settled by run 00000000-0000-0000-0000-000000000000.";
        assert_eq!(summary(1, true), done);
    }
}
