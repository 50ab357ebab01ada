//! Reports of an apply in every format.

mod markdown;
mod terminal;

use super::json::to_json;
use super::{Style, View, plain};
use crate::apply::{ApplyReport, Outcome, Status};
use crate::plan::Action;

/// A report.
#[derive(Debug, Clone, Copy)]
pub struct ApplyView<'a> {
    /// The report.
    pub report: &'a ApplyReport,
}

impl View for ApplyView<'_> {
    fn text(&self, style: Style) -> String {
        terminal::render(self.report, style)
    }

    /// The report itself; `docs/schemas/apply.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.report)
    }

    fn markdown(&self) -> String {
        markdown::render(self.report)
    }
}

/// One line, without a line break, for each change as it is done, where no progress bar is shown.
pub fn outcome_line(outcome: &Outcome) -> String {
    let address = outcome.address.to_string();
    let address = plain::line(&address);
    match (outcome.status, &outcome.error, &outcome.blocked_by) {
        (Status::Failed, Some(failure), _) => {
            format!("failed {address}: {}", plain::line(&failure.to_string()))
        }
        (Status::Failed, None, _) => format!("failed {address}"),
        (Status::Blocked, _, Some(by)) => format!("blocked {address}: it needs {}", plain::line(&by.to_string())),
        (Status::Blocked, ..) => format!("blocked {address}"),
        (Status::NotTried, ..) => format!("not tried {address}"),
        (Status::AlreadyDone, ..) => format!("already so {address}"),
        (Status::Done, ..) => format!("{} {address}", past(outcome.action)),
    }
}

/// What was done, in one word.
fn past(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Delete => "deleted",
    }
}

/// The last line: `Applied to production (cluster id …): 12 done, 1 failed, 2 blocked.`
fn summary(report: &ApplyReport) -> String {
    let counts = report.summary;
    let parts = [
        (counts.done, "done"),
        (counts.already_done, "done by somebody else"),
        (counts.failed, "failed"),
        (counts.blocked, "blocked"),
        (counts.not_tried, "not tried"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(count, word)| *count > 0 || *word == "done")
        .map(|(count, word)| format!("{} {word}", super::words::number(*count)))
        .collect();
    let head = match (report.is_done(), report.stopped.as_deref()) {
        (true, _) => "Applied to",
        (false, None) => "Applied in part to",
        (false, Some(_)) => "Stopped on",
    };
    format!("{head} {} (cluster id {}): {}.", report.cluster, report.cluster_id, parts.join(", "))
}
