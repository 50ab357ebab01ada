//! The report of an apply for a comment or a job's summary.

use super::{outcome_line, summary, unthrottled};
use crate::apply::{ApplyReport, Status};
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::words::counted;

/// What is kept for the line that says how many changes did not fit.
const RESERVE: usize = 200;

pub(super) fn render(report: &ApplyReport) -> String {
    let mut comment = Bounded::new(COMMENT_LIMIT);
    comment.push(&format!("### {}\n\n", prose(&summary(report))), RESERVE);
    if let Some(why) = &report.stopped {
        comment.push(&format!("Stopped: {}\n\n", prose(why)), RESERVE);
    }
    for sentence in unthrottled(&report.unthrottled) {
        comment.push(&format!("Not throttled: {}\n\n", prose(&sentence)), RESERVE);
    }
    // What needs somebody's attention comes first, and all of it where it fits.
    let mut outcomes: Vec<_> = report.outcomes.iter().collect();
    outcomes.sort_by_key(|outcome| match outcome.status {
        Status::Failed => 0,
        Status::Blocked => 1,
        Status::NotTried => 2,
        Status::Done | Status::AlreadyDone => 3,
    });
    let rows = outcomes.into_iter().map(|outcome| {
        let hint = outcome.error.as_ref().and_then(|failure| failure.hint.as_deref());
        let hint = hint.map(|hint| format!(" help: {}", prose(hint))).unwrap_or_default();
        format!("- {}{hint}\n", code(&outcome_line(outcome)))
    });
    let left_out = comment.section("", rows, "", RESERVE);
    if left_out > 0 {
        comment.push(&format!("\n{} did not fit.\n", counted(left_out, "change")), 0);
    }
    comment.finish()
}
