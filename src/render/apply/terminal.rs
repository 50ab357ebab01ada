//! The report of an apply for somebody in front of a terminal: what was done is counted, the rest is explained.

use std::collections::BTreeMap;

use super::{ApplyView, part_of_blocked, summary};
use crate::apply::{ApplyReport, Outcome, Status};
use crate::model::Address;
use crate::ports::{Failure, FailureKind};
use crate::render::words::{counted, number, sentence};
use crate::render::{Style, paint::Paint, plain};

/// Changes with one reason are listed up to this many.
const MOST_OF_ONE_REASON: usize = 20;

pub(super) fn render(view: &ApplyView<'_>, style: Style) -> String {
    let report = view.report;
    let paint = Paint::new(style);
    let mut out = String::new();
    for (failure, outcomes) in failures(report) {
        out.push_str(&paint.bad(&format!("FAILED: {}", counted(outcomes.len(), "change"))));
        out.push('\n');
        let (what, hint) = match failure {
            Some(failure) => (failure.to_string(), failure.hint.as_deref()),
            None => ("the server gave no reason".to_owned(), None),
        };
        let one_of = match outcomes.as_slice() {
            [first, _, ..] if what.contains(first.address.name.as_str()) => "for example: ",
            _ => "",
        };
        out.push_str(&sentence(one_of, &plain::line(&what), "  ", style.width));
        if let Some(hint) = hint {
            out.push_str(&sentence("help: ", &plain::line(hint), "  ", style.width));
        }
        list(&mut out, outcomes.iter().map(|outcome| outcome.address.to_string()).collect());
        out.push('\n');
    }
    let blocked: Vec<_> = having(report, Status::Blocked).map(why_blocked).collect();
    if !blocked.is_empty() {
        let head = format!("BLOCKED: {}, by changes that failed", counted(blocked.len(), "change"));
        out.push_str(&paint.doubtful(&head));
        out.push('\n');
        list(&mut out, blocked);
        out.push('\n');
    }
    let not_tried: Vec<_> = having(report, Status::NotTried).map(|outcome| outcome.address.to_string()).collect();
    if !not_tried.is_empty() {
        let why = report.stopped.as_deref().map(|why| format!(" ({})", plain::line(why))).unwrap_or_default();
        out.push_str(&paint.doubtful(&format!("NOT TRIED: {}{why}", counted(not_tried.len(), "change"))));
        out.push('\n');
        list(&mut out, not_tried);
        out.push('\n');
    }
    let line = plain::line(&summary(report)).into_owned();
    out.push_str(&match (report.is_done(), report.summary.failed) {
        (true, _) => paint.bold(&line),
        (false, 0) => paint.doubtful(&line),
        (false, _) => paint.bad(&line),
    });
    out.push('\n');
    if !report.is_done() {
        let failed = |kind| {
            let mut failures = having(report, Status::Failed).filter_map(|outcome| outcome.error.as_ref());
            failures.any(|failure| failure.kind == kind)
        };
        let correct = if failed(FailureKind::Refused) { "Correct what was refused, then " } else { "" };
        let again = match (failed(FailureKind::Moved), view.is_saved) {
            (true, true) => "plan again, and apply that plan",
            (true, false) => "run apply again, which plans again",
            (false, _) if correct.is_empty() => "run apply again to finish",
            (false, _) => "run apply again",
        };
        let line = format!("{correct}{again}: what is done is not done twice.\n");
        let (first, rest) = line.split_at(1);
        out.push_str(&format!("{}{rest}", first.to_uppercase()));
    }
    out
}

/// Outcomes that failed, those with one reason together, in the order in which they failed. Reasons that differ in the name
/// of the resource alone are one.
fn failures(report: &ApplyReport) -> Vec<(Option<&Failure>, Vec<&Outcome>)> {
    let mut reasons: Vec<(Option<&Failure>, Vec<&Outcome>)> = Vec::new();
    let mut index: BTreeMap<Option<(String, &str, String)>, usize> = BTreeMap::new();
    for outcome in having(report, Status::Failed) {
        let failure = outcome.error.as_ref();
        let nameless = |text: &str| text.replace(outcome.address.name.as_str(), "…");
        let key = failure.map(|failure| (nameless(&failure.tried), failure.server.as_str(), nameless(&failure.answer)));
        let at = *index.entry(key).or_insert_with(|| {
            reasons.push((failure, Vec::new()));
            reasons.len() - 1
        });
        reasons[at].1.push(outcome);
    }
    reasons
}

fn having(report: &ApplyReport, status: Status) -> impl Iterator<Item = &Outcome> {
    report.outcomes.iter().filter(move |outcome| outcome.status == status)
}

fn why_blocked(outcome: &Outcome) -> String {
    let by = outcome.blocked_by.as_ref().map(|by: &Address| format!("  needs {by}")).unwrap_or_default();
    format!("{}{by}{}", outcome.address, part_of_blocked(outcome))
}

fn list(out: &mut String, lines: Vec<String>) {
    for line in lines.iter().take(MOST_OF_ONE_REASON) {
        out.push_str(&format!("    {}\n", plain::line(line)));
    }
    if lines.len() > MOST_OF_ONE_REASON {
        let more = number(lines.len() - MOST_OF_ONE_REASON);
        out.push_str(&format!("    … and {more} more (--format json lists them)\n"));
    }
}
