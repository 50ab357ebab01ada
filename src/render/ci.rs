//! What a pull request has to pass, in one report.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::contract::{ReviewEntry, checklist, checklist_text, entry};
use super::findings::{Counts, FindingEntry, FindingsView, Report, written};
use super::json::{Each, write_json};
use super::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use super::plan::PlanView;
use super::words::counted;
use super::{Style, View, paint::Paint, plain};
use crate::plan::Plan;
use crate::resources::schema::contract::Review;

/// The first line of the comment, by which it is found again to be updated in place.
const MARKER: &str = "<!-- busctl:ci -->\n";

/// What is kept for the lines that say what did not fit.
const RESERVE: usize = 400;

/// Findings end here where there is more to show, so that checklists and plans have room.
const FINDINGS_END: usize = COMMENT_LIMIT / 2;

/// How a step came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Not as it should be.
    Failed,
    /// There was nothing to do, or it could not be done for another step's reason.
    Skipped,
}

/// A step of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// What was done.
    pub step: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found, or what to do. One sentence without a full stop.
    pub message: String,
}

impl StepReport {
    /// A step that was done.
    pub fn judged(step: impl Into<String>, passed: bool, message: impl Into<String>) -> Self {
        let outcome = if passed { Outcome::Passed } else { Outcome::Failed };
        Self { step: step.into(), outcome, message: message.into() }
    }

    /// A step that was not done, and why.
    pub fn skipped(step: impl Into<String>, message: impl Into<String>) -> Self {
        Self { step: step.into(), outcome: Outcome::Skipped, message: message.into() }
    }
}

/// Everything that a run found.
#[derive(Debug, Clone, Copy)]
pub struct CiView<'a> {
    /// What counts.
    pub findings: FindingsView<'a>,
    /// How many findings were known before.
    pub known: usize,
    /// What the workspace was compared with.
    pub compared_with: Option<&'a str>,
    /// The steps, in the order in which they were done.
    pub steps: &'a [StepReport],
    /// What reviewers look at in schemas that changed.
    pub reviews: &'a [Review],
    /// The plans that were asked for.
    pub plans: &'a [Plan],
    /// Whether plans show everything.
    pub verbose: bool,
}

/// The document for programs; `docs/schemas/ci.schema.json` describes it.
#[derive(Serialize)]
struct CiDocument<'a, Entries> {
    format_version: u32,
    passed: bool,
    compared_with: Option<&'a str>,
    known: usize,
    steps: &'a [StepReport],
    findings: Entries,
    summary: Counts,
    reviews: Vec<ReviewEntry>,
    plans: Vec<Cow<'a, Plan>>,
}

impl CiView<'_> {
    fn passed(&self) -> bool {
        self.steps.iter().all(|step| step.outcome != Outcome::Failed)
    }

    /// A line for each step and one for all, for a log.
    pub fn outcome(&self) -> String {
        self.outcome_in(Style::PLAIN)
    }

    fn outcome_in(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        for step in self.steps {
            let mark = match step.outcome {
                Outcome::Passed => paint.good("pass"),
                Outcome::Failed => paint.bad("FAIL"),
                Outcome::Skipped => "skip".to_owned(),
            };
            out.push_str(&format!("{mark}  {}: {}\n", plain::line(&step.step), plain::line(&step.message)));
        }
        if let Some(base) = self.compared_with {
            out.push_str(&format!("compared with {}\n", plain::line(base)));
        }
        out
    }
}

impl View for CiView<'_> {
    fn text(&self, style: Style) -> String {
        written(|out| self.write_text(style, out))
    }

    fn json(&self) -> String {
        written(|out| self.write_json(out))
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        let counts = Counts::of(self.findings.findings);
        let verdict = if self.passed() { "passed" } else { "not passed" };
        comment.push(&format!("{MARKER}### busctl: {verdict}, {counts}\n\n"), 0);
        let steps = self.steps.iter().map(|step| {
            let mark = match step.outcome {
                Outcome::Passed => "✅",
                Outcome::Failed => "❌",
                Outcome::Skipped => "➖",
            };
            let message = plain::clipped(&step.message, super::plan::LONGEST_VALUE);
            format!("| {mark} | {} | {} |\n", prose(&step.step), prose(&message))
        });
        let mut left_out = comment.section("| | Step | |\n| --- | --- | --- |\n", steps, "\n", RESERVE);
        if let Some(base) = self.compared_with {
            comment.push(&format!("Compared with {}.\n\n", code(base)), RESERVE);
        }
        let more = !(self.reviews.is_empty() && self.plans.is_empty());
        let end = if more { FINDINGS_END } else { COMMENT_LIMIT - RESERVE };
        left_out += super::findings::rows(self.findings, &mut comment, COMMENT_LIMIT - end);
        let reviews = self.reviews.iter().map(checklist);
        left_out += comment.section("\n#### Review checklist\n", reviews, "\n", RESERVE);
        for plan in self.plans {
            left_out += super::plan::section(plan, &mut comment, RESERVE);
        }
        if left_out > 0 {
            let left_out = counted(left_out, "line");
            comment
                .push(&format!("\n**Too much for a comment.** {left_out} left out; the log of the run has all.\n"), 0);
        }
        comment.finish()
    }
}

impl Report for CiView<'_> {
    fn findings(&self) -> FindingsView<'_> {
        self.findings
    }

    fn write_text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        self.findings.write_text(style, out)?;
        for review in self.reviews {
            write!(out, "\n{}", checklist_text(review, style))?;
        }
        for plan in self.plans {
            write!(out, "\n{}", PlanView { plan, verbose: self.verbose }.text(style))?;
        }
        write!(out, "\n{}", self.outcome_in(style))
    }

    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let document = CiDocument {
            format_version: 1,
            passed: self.passed(),
            compared_with: self.compared_with,
            known: self.known,
            steps: self.steps,
            findings: Each(|| FindingEntry::all(self.findings)),
            summary: Counts::of(self.findings.findings),
            reviews: self.reviews.iter().map(entry).collect(),
            plans: self.plans.iter().map(Plan::for_readers).collect(),
        };
        write_json(&document, out)
    }
}
