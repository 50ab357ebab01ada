//! As a text for the terminal, as JSON, and as Markdown for a pull request.

use super::{MOST_WORDED, ShownBreak, ShownChange, ShownDiff};
use crate::plan::Action;
use crate::render::json::to_json;
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::paint::Paint;
use crate::render::words::{counted, number, sentence};
use crate::render::{Style, View, plain};

/// Changes that are listed; the others are counted. JSON has them all.
const MOST_LISTED: usize = 1_000;

/// Incompatibilities that are listed below a change, and apart; JSON has them all.
const MOST_BREAKS: usize = 20;

/// Changes that are listed below a reference; JSON has them all.
const MOST_REFERENCE_CHANGES: usize = 20;

/// Columns of the path and of what changed there, beyond which nothing is aligned.
const WIDEST: [usize; 2] = [32, 56];

/// Longer values are cut in the text forms.
const LONGEST_WORDS: usize = 300;

/// Longer paths are cut in the middle.
const LONGEST_PATH: usize = 300;

impl View for ShownDiff {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = format!("{}\n", paint.bold(&plain::line(&self.title())));
        let listed = &self.changes[..self.changes.len().min(MOST_LISTED)];
        if !listed.is_empty() || !self.also_breaks.is_empty() || !self.references.is_empty() {
            out.push('\n');
        }
        list_changes(listed, "", &mut out, style);
        let more = self.changes.len() - listed.len();
        if more > 0 {
            out.push_str(&format!("and {}\n", counted(more, "more change")));
        }
        if !self.references.is_empty() {
            let gap = if listed.is_empty() { "" } else { "\n" };
            out.push_str(&format!("{gap}in what it refers to:\n"));
            for reference in self.references.iter().take(MOST_LISTED) {
                let name = plain::line(&plain::elided(&reference.name, LONGEST_PATH)).into_owned();
                let places = plain::line(&reference.places()).into_owned();
                out.push_str(&format!("{} {name}  {}\n", marked(&paint, reference.mark()), paint.dim(&places)));
                let listed = &reference.changes[..reference.changes.len().min(MOST_REFERENCE_CHANGES)];
                list_changes(listed, "    ", &mut out, style);
                let more = reference.changes.len() - listed.len();
                if more > 0 {
                    out.push_str(&format!("    and {}\n", counted(more, "more change")));
                }
            }
            let more = self.references.len().saturating_sub(MOST_LISTED);
            if more > 0 {
                out.push_str(&format!("and {}\n", counted(more, "more reference")));
            }
        }
        if !self.also_breaks.is_empty() {
            let gap = if listed.is_empty() && self.references.is_empty() { "" } else { "\n" };
            out.push_str(&format!("{gap}also breaks, by none of these changes:\n"));
            listed_breaks(self.also_breaks.iter(), "  ", &mut out, style);
        }
        format!("{out}\n{}\n", self.summary())
    }

    /// The document itself; `docs/schemas/schema-diff.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self)
    }

    fn markdown(&self) -> String {
        let (old, new) = (self.old.in_words(), self.new.in_words());
        let mut out = Bounded::new(COMMENT_LIMIT);
        let reserve = 200;
        out.push(&format!("### {} → {}\n\n{}\n", code(&old), code(&new), prose(&self.summary())), reserve);
        let rows = self.changes.iter().take(MOST_WORDED).map(|change| {
            let path = if change.path.is_empty() { String::new() } else { code(&change.path) };
            let words = prose(&plain::clipped(&change.words, LONGEST_WORDS));
            format!("| {} | {path} | {words} | {} |\n", change.mark, change.directions().join(", "))
        });
        let head = "\n| | Where | What | Breaks |\n| --- | --- | --- | --- |\n";
        let unworded = self.changes.len().saturating_sub(MOST_WORDED);
        let left_out = unworded + out.section(head, rows, "", reserve);
        let references = self.references.iter().map(|of| {
            let changes = match of.changes.len() {
                0 => String::new(),
                count => format!(", {}", counted(count, "change")),
            };
            format!("- {} {} ({}{changes})\n", of.mark(), code(&of.name), code(&of.places()))
        });
        let left_out = left_out + out.section("\nIn what it refers to:\n\n", references, "", reserve);
        let apart = self.also_breaks.iter().map(|one| format!("- {}\n", prose(&one.in_words())));
        let left_out = left_out + out.section("\nAlso breaks, by none of these changes:\n\n", apart, "", reserve);
        if left_out > 0 {
            out.push(&format!("\n{} left out here\n", counted(left_out, "line")), 0);
        }
        out.finish()
    }
}

fn marked(paint: &Paint, mark: &str) -> String {
    match mark {
        "+" => paint.action(Action::Create, "+"),
        "-" => paint.action(Action::Delete, "-"),
        mark => paint.action(Action::Update, mark),
    }
}

/// One line for each change. A path beyond the widest column stands alone on a line, so that the columns of all line up.
fn list_changes(listed: &[ShownChange], indent: &str, out: &mut String, style: Style) {
    let paint = Paint::new(style);
    let rows: Vec<[String; 2]> = listed
        .iter()
        .map(|change| {
            [
                plain::line(&plain::elided(&change.path, LONGEST_PATH)).into_owned(),
                plain::clipped(&change.words, LONGEST_WORDS).into_owned(),
            ]
        })
        .collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count()).filter(|width| *width <= WIDEST[column]);
        widths.max().unwrap_or(0)
    };
    let widths = [width(0), width(1)];
    for (change, [path, words]) in listed.iter().zip(&rows) {
        let path = match path.chars().count() {
            0 if widths[0] == 0 => String::new(),
            own if own > WIDEST[0] => format!("{path}\n{indent}  {}  ", " ".repeat(widths[0])),
            _ => format!("{path:<0$}  ", widths[0]),
        };
        let places = plain::line(&change.places()).into_owned();
        let (mark, places) = (marked(&paint, &change.mark), paint.dim(&places));
        out.push_str(&format!("{indent}{mark} {path}{words:<0$}  {places}\n", widths[1]));
        listed_breaks(change.breaks.iter().map(|one| &**one), &format!("{indent}    "), out, style);
    }
}

fn listed_breaks<'b>(
    breaks: impl ExactSizeIterator<Item = &'b ShownBreak>,
    indent: &str,
    out: &mut String,
    style: Style,
) {
    let paint = Paint::new(style);
    let count = breaks.len();
    for one in breaks.take(MOST_BREAKS) {
        let text = plain::line(&one.in_words()).into_owned();
        let text = sentence("breaks ", &text, indent, style.width);
        out.push_str(&text.replacen("breaks", &paint.bad("breaks"), 1));
        if let Some(help) = &one.help {
            out.push_str(&sentence("help: ", &plain::line(help), &format!("{indent}       "), style.width));
        }
    }
    if count > MOST_BREAKS {
        out.push_str(&format!("{indent}and {} more\n", number(count - MOST_BREAKS)));
    }
}
