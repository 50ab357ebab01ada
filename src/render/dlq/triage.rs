//! The groups of a queue, with what to do about each.

use serde::Serialize;

use super::unjudged::unjudged;
use crate::dlq::decode::Scrubbing;
use crate::dlq::{Group, Queue, Triaged, Unjudged, Verdict};
use crate::model::{counted, thousands};
use crate::ports::records::Record;
use crate::render::json::to_json;
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::paint::Paint;
use crate::render::{Style, View, plain};

/// What a triage found.
#[derive(Debug, Serialize)]
pub struct TriageDocument {
    format_version: u32,
    cluster: String,
    topic: String,
    origin: Option<String>,
    service: Option<String>,
    owner: Option<String>,
    /// How many wait, of those that are meant.
    waiting: u64,
    /// How many were redriven, parked or discarded before.
    settled: u64,
    /// How many wait and are not meant.
    left_out: u64,
    /// How many of the waiting belong to no group, because there are too many groups.
    ungrouped: u64,
    /// Of which records `--where` had no answer.
    unjudged: Unjudged,
    groups: Vec<Group>,
}

impl TriageDocument {
    /// Of a queue on a cluster, as it was met. `masked` says what is masked in a record that comes from a topic.
    pub fn of(queue: &Queue, cluster: &str, met: Triaged, masked: &dyn Fn(&Record<'_>, &str) -> Scrubbing) -> Self {
        let Triaged { triage, records, settled, left_out, unjudged } = met;
        let ungrouped = triage.others();
        let groups = triage.groups(masked);
        Self {
            format_version: 1,
            cluster: cluster.to_owned(),
            topic: queue.topic.to_string(),
            origin: queue.origin.as_ref().map(ToString::to_string),
            service: queue.service.as_ref().map(ToString::to_string),
            owner: queue.owner.clone(),
            waiting: records - settled - left_out,
            settled,
            left_out,
            ungrouped,
            unjudged,
            groups,
        }
    }

    /// `1,204 dead letters wait in … on staging; 3 are settled.`
    fn summary(&self) -> String {
        let wait = if self.waiting == 1 { "waits" } else { "wait" };
        let mut text = format!("{} {wait} in {} on {}", counted(self.waiting, "dead letter"), self.topic, self.cluster);
        let more = [(self.settled, "settled before"), (self.left_out, "left out by the filter")];
        for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
            text.push_str(&format!("; {} {what}", thousands(count)));
        }
        text.push('.');
        text
    }

    /// What to do with a group: the next command.
    fn next(&self, group: &Group) -> String {
        let command = match group.verdict {
            Verdict::Transient => "reprocess",
            Verdict::Schema | Verdict::Poison | Verdict::Untold => "show",
        };
        format!("busctl dlq {command} {} --cluster {} --fingerprint {}", self.topic, self.cluster, group.fingerprint)
    }
}

/// A triage.
#[derive(Debug, Clone, Copy)]
pub struct TriageView<'a> {
    /// What it found.
    pub document: &'a TriageDocument,
}

/// What a group says of its failure: `SocketTimeoutException: Read timed out`.
pub(crate) fn why(group: &Group) -> String {
    let short = |class: &str| class.rsplit('.').next().unwrap_or(class).to_owned();
    let mut parts: Vec<String> = group.stage.iter().cloned().collect();
    let class = group.class.as_deref().map(short);
    let root = group.root.as_deref().map(short).filter(|root| Some(root) != class.as_ref());
    parts.extend(class);
    parts.extend(root);
    parts.extend(group.message.clone());
    if parts.is_empty() {
        return match group.convention {
            Some(convention) => format!("no reason in the headers of {convention}"),
            None => "no headers that say why".to_owned(),
        };
    }
    parts.join(": ")
}

/// From where, and by which group.
pub(crate) fn from(group: &Group) -> String {
    match &group.group {
        Some(consumer) => format!("{} → {consumer}", group.origin),
        None => group.origin.clone(),
    }
}

fn seen(group: &Group) -> String {
    match (group.first_seen, group.last_seen) {
        (Some(first), Some(last)) if first != last => format!("{first} … {last}"),
        (Some(first), _) => first.to_string(),
        _ => "-".to_owned(),
    }
}

impl View for TriageView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let document = self.document;
        let mut out = String::new();
        for group in &document.groups {
            let verdict = match group.verdict {
                Verdict::Transient => paint.good(group.verdict.as_str()),
                Verdict::Schema => paint.doubtful(group.verdict.as_str()),
                Verdict::Poison | Verdict::Untold => paint.bad(group.verdict.as_str()),
            };
            let count = counted(group.count, "record");
            out.push_str(&format!("{}  {verdict}  {count}\n", paint.bold(&group.fingerprint.to_string())));
            let sample = format!("partition {} offset {}", group.sample.partition, group.sample.offset);
            let redrives = match group.redrives {
                0 => String::new(),
                count => format!("{} already", counted(count.into(), "redrive")),
            };
            let rows = [
                ("why", why(group)),
                ("from", from(group)),
                ("seen", seen(group)),
                ("sample", sample),
                ("tried", redrives),
                ("next", document.next(group)),
            ];
            for (name, text) in rows.iter().filter(|(_, text)| !text.is_empty()) {
                out.push_str(&format!("  {name:<7} {}\n", plain::line(text)));
            }
            out.push('\n');
        }
        if document.ungrouped > 0 {
            out.push_str(&format!(
                "{} more have reasons of their own: too many to tell apart.\n",
                thousands(document.ungrouped)
            ));
        }
        for line in unjudged(&document.unjudged) {
            out.push_str(&format!("{}.\n", paint.doubtful(&plain::line(&line))));
        }
        out.push_str(&format!("{}\n", paint.bold(&plain::line(&document.summary()))));
        out
    }

    /// The document itself; `docs/schemas/dlq-triage.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.document)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        comment.push(&format!("### {}\n\n", prose(&self.document.summary())), 300);
        for line in unjudged(&self.document.unjudged) {
            comment.push(&format!("{}.\n\n", prose(&line)), 300);
        }
        let row = |group: &Group| {
            format!(
                "| {} | {} | {} | {} | {} | {} |\n",
                code(&group.fingerprint.to_string()),
                group.verdict,
                thousands(group.count),
                prose(&seen(group)),
                prose(&from(group)),
                prose(&why(group))
            )
        };
        if !self.document.groups.is_empty() {
            let head =
                "| fingerprint | verdict | records | seen | from | why |\n| --- | --- | ---: | --- | --- | --- |\n";
            let left_out = comment.section(head, self.document.groups.iter().map(row), "", 300);
            if left_out > 0 {
                comment.push(&format!("\n{} did not fit.\n", counted(left_out as u64, "group")), 0);
            }
        }
        comment.finish()
    }
}
