//! What contract tests found, with the checklist of each change.

use serde::{Deserialize, Serialize};

use super::findings::{FindingEntry, FindingsView, Report};
use super::json::to_json;
use super::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use super::words::counted;
use super::{Style, View, paint::Paint, plain};
use crate::resources::schema::contract::{Review, Tested};

/// The first line of the comment, by which it is found again to be updated in place.
const MARKER: &str = "<!-- busctl:contract -->\n";

/// What is kept for the line that says how many checklists did not fit.
const RESERVE: usize = 200;

/// What contract tests found.
#[derive(Debug, Clone, Copy)]
pub struct ContractView<'a> {
    /// What was found.
    pub tested: &'a Tested,
    /// Its findings.
    pub findings: FindingsView<'a>,
    /// Whether to show the checklists alone.
    pub only_checklist: bool,
}

/// The same as a document for programs; `docs/schemas/contract.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractDocument {
    /// The version of this document: 1.
    pub format_version: u32,
    /// How many schemas were tested.
    pub schemas: usize,
    /// How many sample records they have.
    pub samples: usize,
    /// How often one was read.
    pub readings: usize,
    /// What is wrong, the worst first, then by file and place.
    pub findings: Vec<FindingEntry>,
    /// The checklists.
    pub reviews: Vec<ReviewEntry>,
}

/// The checklist of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewEntry {
    /// The topic or subject.
    pub name: String,
    /// `key` or `value`.
    pub part: String,
    /// From which version to which.
    pub change: String,
    /// Whether everything is done.
    pub done: bool,
    /// What is asked for.
    pub items: Vec<ReviewItemEntry>,
}

/// Something that a reviewer asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewItemEntry {
    /// What it is: `compatibility`.
    pub item: String,
    /// Whether it is done.
    pub done: bool,
    /// What shows it, or what to do.
    pub message: String,
}

impl Report for ContractView<'_> {
    fn findings(&self) -> FindingsView<'_> {
        self.findings
    }
}

impl View for ContractView<'_> {
    fn text(&self, style: Style) -> String {
        let mut out = if self.only_checklist { String::new() } else { self.findings.text(style) };
        for review in &self.tested.reviews {
            out.push_str(if out.is_empty() { "" } else { "\n" });
            out.push_str(&checklist_text(review, style));
        }
        if out.is_empty() { "nothing changed that is to be reviewed\n".to_owned() } else { out }
    }

    fn json(&self) -> String {
        let Tested { schemas, samples, readings, reviews, .. } = self.tested;
        let findings = if self.only_checklist { Vec::new() } else { FindingEntry::all(self.findings).collect() };
        to_json(&ContractDocument {
            format_version: 1,
            schemas: *schemas,
            samples: *samples,
            readings: *readings,
            findings,
            reviews: reviews.iter().map(entry).collect(),
        })
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        if !self.only_checklist {
            comment.push(&self.findings.markdown(), 0);
            comment.push("\n", 0);
        }
        comment.push(MARKER, 0);
        let reviews = &self.tested.reviews;
        if reviews.is_empty() {
            comment.push("Nothing changed that is to be reviewed.\n", 0);
        }
        let left_out = comment.section("### Review checklist\n", reviews.iter().map(checklist), "", RESERVE);
        if left_out > 0 {
            let left_out = counted(left_out, "checklist");
            comment.push(&format!("\n{left_out} did not fit: run `busctl schema test --checklist` to see them.\n"), 0);
        }
        comment.finish()
    }
}

/// The name of what changed.
fn title(review: &Review) -> String {
    match review.part {
        "key" => format!("{} (key)", review.name),
        _ => review.name.clone(),
    }
}

/// A checklist for a terminal.
pub(super) fn checklist_text(review: &Review, style: Style) -> String {
    let paint = Paint::new(style);
    let mut out = format!("{}\n", paint.bold(&format!("{} {}", plain::line(&title(review)), review.change)));
    for item in &review.items {
        let mark = if item.is_done { paint.good("[x]") } else { paint.bad("[ ]") };
        out.push_str(&format!("  {mark} {}: {}\n", item.what, plain::line(&item.says)));
    }
    out
}

/// A checklist for a comment.
pub(super) fn checklist(review: &Review) -> String {
    let mut out = format!("\n{} {}\n\n", code(&title(review)), prose(&review.change));
    for item in &review.items {
        let mark = if item.is_done { "x" } else { " " };
        out.push_str(&format!("- [{mark}] {}: {}\n", item.what, prose(&item.says)));
    }
    out
}

/// A checklist for programs.
pub(super) fn entry(review: &Review) -> ReviewEntry {
    let items = review.items.iter().map(|item| ReviewItemEntry {
        item: item.what.to_owned(),
        done: item.is_done,
        message: item.says.clone(),
    });
    ReviewEntry {
        name: review.name.clone(),
        part: review.part.to_owned(),
        change: review.change.clone(),
        done: review.is_done(),
        items: items.collect(),
    }
}
