//! What of an export was put into its queue again, or would be.

use serde::Serialize;
use uuid::Uuid;

use super::{run_markdown, run_text};
use crate::dlq::Queue;
use crate::model::{counted, thousands};
use crate::ports::Failure;
use crate::render::json::to_json;
use crate::render::{Style, View};

/// What a run put back, or would.
#[derive(Debug)]
pub struct Restored {
    /// What was read: a file, or an object.
    pub export: String,
    /// The run.
    pub run: Uuid,
    /// Whether it was done.
    pub is_real: bool,
    /// How many records the export holds.
    pub records: u64,
    /// How many were put back.
    pub restored: u64,
    /// How many were before.
    pub restored_before: u64,
    /// How many the ledger does not say were given up into it.
    pub not_given_up: u64,
    /// What ended it.
    pub failure: Option<Failure>,
}

/// What of an export was put into its queue again, or would be.
#[derive(Debug, Serialize)]
pub struct RestoreDocument {
    format_version: u32,
    cluster: String,
    topic: String,
    export: String,
    run: Uuid,
    /// Whether nothing was done.
    dry_run: bool,
    records: u64,
    restored: u64,
    restored_before: u64,
    not_given_up: u64,
    failure: Option<String>,
}

impl RestoreDocument {
    /// Of a queue on a cluster.
    pub fn of(queue: &Queue, cluster: &str, restored: Restored) -> Self {
        Self {
            format_version: 1,
            cluster: cluster.to_owned(),
            topic: queue.topic.to_string(),
            export: restored.export,
            run: restored.run,
            dry_run: !restored.is_real,
            records: restored.records,
            restored: restored.restored,
            restored_before: restored.restored_before,
            not_given_up: restored.not_given_up,
            failure: restored.failure.as_ref().map(ToString::to_string),
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.dry_run && self.restored > 0 {
            lines.push(format!("{} would be put into {}", counted(self.restored, "record"), self.topic));
        }
        let more = [
            (self.restored_before, "restored before"),
            (self.not_given_up, "not given up into it, as the ledger says"),
        ];
        lines.extend(
            more.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{} {what}", thousands(*count))),
        );
        lines
    }

    fn summary(&self) -> String {
        let wait = |count: u64| if count == 1 { "waits" } else { "wait" };
        let Self { records, restored, export, topic, .. } = self;
        match (self.dry_run, restored) {
            (true, 0) => format!("Nothing to do: no record of {export} is to be put into {topic}."),
            (true, count) => {
                format!("Nothing was done: {} of {export} {} for --yes.", counted(*count, "record"), wait(*count))
            }
            (false, count) => format!(
                "{} of {} of {export} {} in {topic} again.",
                thousands(*count),
                counted(*records, "record"),
                wait(*count)
            ),
        }
    }
}

/// A run that puts records back.
#[derive(Debug, Clone, Copy)]
pub struct RestoreView<'a> {
    /// What it did.
    pub document: &'a RestoreDocument,
}

impl View for RestoreView<'_> {
    fn text(&self, style: Style) -> String {
        run_text(&self.document.lines(), &self.document.summary(), style)
    }

    /// The document itself; `docs/schemas/dlq-restore.schema.json` describes it.
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

    fn text(is_real: bool, restored: u64, restored_before: u64, not_given_up: u64) -> String {
        let topic = "a.v1.b.dlq".parse().expect("a name");
        let queue = Queue { topic, origin: None, service: None, owner: None, thresholds: None, is_declared: true };
        let restored = Restored {
            export: "given-up.jsonl".into(),
            run: Uuid::nil(),
            is_real,
            records: restored + restored_before + not_given_up,
            restored,
            restored_before,
            not_given_up,
            failure: None,
        };
        RestoreView { document: &RestoreDocument::of(&queue, "main", restored) }.text(Style::PLAIN)
    }

    #[test]
    fn a_dry_run_says_how_many_into_what_and_which_are_there_already() {
        insta::assert_snapshot!(text(false, 3, 1, 2), @"
        3 records would be put into a.v1.b.dlq
        1 restored before
        2 not given up into it, as the ledger says
        Nothing was done: 3 records of given-up.jsonl wait for --yes.
        ");
        insta::assert_snapshot!(text(false, 1, 0, 0), @"
        1 record would be put into a.v1.b.dlq
        Nothing was done: 1 record of given-up.jsonl waits for --yes.
        ");
        insta::assert_snapshot!(text(false, 0, 3, 0), @"
        3 restored before
        Nothing to do: no record of given-up.jsonl is to be put into a.v1.b.dlq.
        ");
        insta::assert_snapshot!(text(true, 3, 0, 0), @"3 of 3 records of given-up.jsonl wait in a.v1.b.dlq again.");
        insta::assert_snapshot!(text(true, 1, 1, 0), @"
        1 restored before
        1 of 2 records of given-up.jsonl waits in a.v1.b.dlq again.
        ");
    }
}
