//! Findings for a comment on a pull request.

use super::lines::Texts;
use super::{Counts, FindingsView};
use crate::diag::{Diagnostic, Level, Waiver};
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::words::counted;
use crate::source::Span;

/// The first line of the comment, by which it is found again to be updated in place.
const MARKER: &str = "<!-- busctl:findings -->\n";

/// What is kept for the line that says how many findings did not fit.
const RESERVE: usize = 200;

pub(super) fn render(view: FindingsView<'_>) -> String {
    let mut comment = Bounded::new(COMMENT_LIMIT);
    comment.push(&format!("{MARKER}### busctl: {}\n\n", Counts::of(view.findings)), 0);
    let left_out = rows(view, &mut comment, RESERVE);
    if left_out > 0 {
        comment
            .push(&format!("\n{} did not fit: run `busctl validate` to see them.\n", counted(left_out, "finding")), 0);
    }
    comment.finish()
}

/// Adds a table of findings, as far as they fit with `reserve` bytes to spare. Returns how many were left out.
pub(in crate::render) fn rows(view: FindingsView<'_>, comment: &mut Bounded, reserve: usize) -> usize {
    let texts = Texts::new(view.sources);
    let rows = view.findings.worst_first().map(|(_, finding)| row(&finding, &texts));
    comment.section("| | Finding | Where |\n| --- | --- | --- |\n", rows, "", reserve)
}

fn row(finding: &Diagnostic, texts: &Texts<'_>) -> String {
    let level = match finding.level {
        Level::Error => "**error**",
        Level::Warn => "warning",
        Level::Info | Level::Off => "info",
    };
    let mut what = format!("{} {}", code(finding.code), prose(&finding.message));
    if let Some(cluster) = &finding.cluster {
        what.push_str(&format!(" (on cluster {})", code(cluster)));
    }
    if let Some(help) = &finding.help {
        what.push_str(&format!("<br>help: {}", prose(help)));
    }
    if let Some(waiver) = Waiver::of(finding) {
        what.push_str(&format!("<br>waiver: {}", code(&waiver.to_string())));
    }
    let places = finding.labels.iter().filter_map(|label| {
        let text = if label.text.is_empty() { String::new() } else { format!(" {}", prose(&label.text)) };
        Some(format!("{}{text}", code(&place(label.span, texts)?)))
    });
    format!("| {level} | {what} | {} |\n", places.collect::<Vec<_>>().join("<br>"))
}

fn place(span: Span, texts: &Texts<'_>) -> Option<String> {
    let path = texts.path(span.file)?;
    if span.start == 0 && span.end == 0 {
        return Some(path);
    }
    let point = texts.point(span.file, span.start)?;
    Some(format!("{path}:{}:{}", point.line, point.column))
}
