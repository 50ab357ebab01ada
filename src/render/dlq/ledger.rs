//! What became of dead letters, and by whom.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::expired;
use crate::dlq::{Expired, Fate, Fates, LedgerRun, Queue, Settlement};
use crate::model::{counted, thousands};
use crate::render::json::to_json;
use crate::render::markdown::{Bounded, COMMENT_LIMIT, prose};
use crate::render::paint::Paint;
use crate::render::{Style, View, plain};

/// What became of dead letters.
#[derive(Debug, Serialize)]
pub struct LedgerDocument {
    format_version: u32,
    cluster: String,
    topic: String,
    /// How many there are of each fate.
    counts: BTreeMap<&'static str, u64>,
    /// The last of them.
    letters: Vec<Settlement>,
    /// The runs that settled these.
    runs: BTreeMap<Uuid, LedgerRun>,
    /// How many records this version cannot read.
    unreadable: u64,
    /// How many dead letters were removed before anybody decided what becomes of them.
    expired: Expired,
}

impl LedgerDocument {
    /// Of a queue on a cluster.
    pub fn of(queue: &Queue, cluster: &str, fates: Fates, expired: Expired) -> Self {
        let Fates { counts, letters, runs, unreadable } = fates;
        Self {
            format_version: 1,
            cluster: cluster.to_owned(),
            topic: queue.topic.to_string(),
            counts,
            letters: letters.into(),
            runs,
            unreadable,
            expired,
        }
    }

    fn summary(&self) -> String {
        // One that was restored had met its fate before, which is counted, and waits again.
        let is_restored = |fate: &str| fate == Fate::Restored.as_str();
        let restored = self.counts.get(Fate::Restored.as_str()).copied().unwrap_or(0);
        let total = self.counts.values().sum::<u64>() - restored;
        let counts = self.counts.iter().filter(|(fate, _)| !is_restored(fate));
        let counts: Vec<_> = counts.map(|(fate, count)| format!("{} {fate}", thousands(*count))).collect();
        let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
        let unreadable = match self.unreadable {
            0 => String::new(),
            count => format!(" {} of the ledger cannot be read by this version.", counted(count, "record")),
        };
        let shown = match self.letters.len() as u64 {
            shown if shown < total + restored => {
                format!(" The last {} are shown; --limit shows more.", thousands(shown))
            }
            _ => String::new(),
        };
        let restored = match restored {
            0 => String::new(),
            1 => " 1 restored, which waits again.".to_owned(),
            count => format!(" {} restored, which wait again.", thousands(count)),
        };
        let expired = match self.expired.at_most {
            0 => String::new(),
            _ => format!(" Removed by retention without a fate: {}.", expired(&self.expired)),
        };
        format!(
            "{} of {} on {} settled{counts}.{restored}{expired}{shown}{unreadable}",
            counted(total, "dead letter"),
            self.topic,
            self.cluster
        )
    }

    /// Place, time, fate, by whom, why, and the run.
    fn row(&self, letter: &Settlement) -> [String; 6] {
        let fate = match &letter.entry.fate {
            Fate::Redriven { to, attempt, transformed, .. } => {
                let transform = self.runs.get(&letter.entry.run).and_then(|run| run.transform.as_deref());
                let by = match (transformed, transform) {
                    (true, Some(digest)) => format!(", transformed by {digest}"),
                    (true, None) => ", transformed".to_owned(),
                    (false, _) => String::new(),
                };
                format!("redriven to {to} (attempt {attempt}{by})")
            }
            Fate::Parked { to, attempts } => format!("parked in {to} after {}", counted((*attempts).into(), "attempt")),
            Fate::Discarded { export, .. } => format!("discarded, exported to {export}"),
            Fate::Restored => "restored".to_owned(),
        };
        let run = self.runs.get(&letter.entry.run);
        let who = run.map_or_else(|| "-".to_owned(), |run| format!("{}@{}", run.origin.who, run.origin.host));
        let why = run.and_then(|run| run.reason.clone()).unwrap_or_else(|| "-".to_owned());
        let time = letter.time.map_or_else(|| "-".to_owned(), |time| time.to_string());
        let place = format!("{}/{}", letter.partition, letter.offset);
        [place, time, fate, who, why, letter.entry.run.to_string()]
    }
}

/// A ledger.
#[derive(Debug, Clone, Copy)]
pub struct LedgerView<'a> {
    /// What it says.
    pub document: &'a LedgerDocument,
}

impl View for LedgerView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        for letter in &self.document.letters {
            let [place, time, fate, who, why, run] = self.document.row(letter);
            out.push_str(&format!("{place:<12} {time}  {}\n", plain::line(&fate)));
            out.push_str(&format!("{:12} run {run} by {}, because: {}\n", "", plain::line(&who), plain::line(&why)));
        }
        out.push_str(&format!("{}\n", paint.bold(&plain::line(&self.document.summary()))));
        out
    }

    /// The document itself; `docs/schemas/dlq-ledger.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.document)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        comment.push(&format!("### {}\n\n", prose(&self.document.summary())), 300);
        let row = |letter: &Settlement| {
            let cells = self.document.row(letter).map(|cell| prose(&cell).to_string());
            format!("| {} |\n", cells.join(" | "))
        };
        if !self.document.letters.is_empty() {
            let head = "| record | when | fate | by | why | run |\n| --- | --- | --- | --- | --- | --- |\n";
            let left_out = comment.section(head, self.document.letters.iter().map(row), "", 300);
            if left_out > 0 {
                comment.push(&format!("\n{} did not fit.\n", counted(left_out as u64, "row")), 0);
            }
        }
        comment.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dlq::{Fingerprint, LedgerEntry};
    use crate::model::Timestamp;
    use crate::ports::journal::Origin;

    fn queue() -> Queue {
        let topic = "a.v1.b.dlq".parse().expect("a name");
        Queue { topic, origin: None, service: None, owner: None, thresholds: None, is_declared: true }
    }

    #[test]
    fn each_fate_is_told_with_its_place_and_its_run() {
        let run = Uuid::from_u128(7);
        let entry = LedgerEntry {
            format_version: 1,
            fate: Fate::Redriven { to: "a.v1".into(), partition: Some(1), attempt: 2, transformed: false },
            run,
            fingerprint: Fingerprint::of("x"),
            written: None,
        };
        let letter = Settlement { partition: 3, offset: 1_204, time: Some(Timestamp::of_unix_millis(0)), entry };
        let origin = Origin { who: "ann".into(), host: "h".into(), pid: 1, commit: None, dirty: false };
        let about = LedgerRun::new(&queue().topic, origin, Timestamp::of_unix_millis(0));
        let about = LedgerRun { reason: Some("INC-1".into()), ..about };
        let fates = Fates {
            counts: [("redriven", 1)].into(),
            letters: [letter].into(),
            runs: [(run, about)].into(),
            unreadable: 0,
        };
        let document = LedgerDocument::of(&queue(), "main", fates, Expired::default());
        let view = LedgerView { document: &document };
        insta::assert_snapshot!(view.text(Style::PLAIN), @"
        3/1204       1970-01-01T00:00:00.000Z  redriven to a.v1 (attempt 2)
                     run 00000000-0000-0000-0000-000000000007 by ann@h, because: INC-1
        1 dead letter of a.v1.b.dlq on main settled: 1 redriven.
        ");
        insta::assert_snapshot!(view.markdown(), @"
        ### 1 dead letter of a.v1.b.dlq on main settled: 1 redriven.

        | record | when | fate | by | why | run |
        | --- | --- | --- | --- | --- | --- |
        | 3/1204 | 1970-01-01T00&#58;&#8203;00&#58;&#8203;00.000Z | redriven to a.v1 (attempt 2) | ann&#64;&#8203;h | INC-1 | 00000000-0000-0000-0000-000000000007 |
        ");
    }

    #[test]
    fn one_that_was_restored_is_settled_no_more_often() {
        let counts = [("discarded", 3), ("restored", 3)].into();
        let fates = Fates { counts, ..Fates::default() };
        let summary = LedgerDocument::of(&queue(), "main", fates, Expired::default()).summary();
        assert!(
            summary.starts_with(
                "3 dead letters of a.v1.b.dlq on main settled: 3 discarded. 3 restored, which wait again."
            ),
            "{summary}"
        );
    }
}
