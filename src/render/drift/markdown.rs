//! Drift for an issue or a comment.

use super::terminal::sentence;
use super::{absent, meaning, summary, unmanaged};
use crate::plan::{Cause, Drift};
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::plan::findings;
use crate::render::words::counted;

/// What is kept for the line that says what did not fit.
const RESERVE: usize = 300;

pub(super) fn render(drift: &Drift) -> String {
    let mut comment = Bounded::new(COMMENT_LIMIT);
    comment.push(&format!("### {}\n", prose(&summary(drift))), RESERVE);
    let mut left_out = 0;
    for cause in [Cause::Outside, Cause::Both, Cause::Unknown, Cause::Pending] {
        let drifted: Vec<_> = drift.drifted.iter().filter(|drifted| drifted.cause == cause).collect();
        if drifted.is_empty() {
            continue;
        }
        let head = format!(
            "\n#### {} {}\n\n| Resource | Fields |\n| --- | --- |\n",
            counted(drifted.len(), "resource"),
            meaning(cause)
        );
        let rows = drifted.into_iter().map(|drifted| {
            let differs = match absent(drifted) {
                Some(absent) => absent.to_owned(),
                None => {
                    let fields = drifted.fields.iter().map(|field| prose(&sentence(field, cause)));
                    fields.collect::<Vec<_>>().join("<br>")
                }
            };
            format!("| {} | {differs} |\n", code(&drifted.address.to_string()))
        });
        left_out += comment.section(&head, rows, "", RESERVE);
    }
    if left_out > 0 {
        comment.push(&format!("\n{} did not fit.\n", counted(left_out, "resource")), 0);
    }
    if !drift.findings.is_empty() {
        comment.push("\n", 0);
        let left_out = findings(&mut comment, &drift.findings);
        if left_out > 0 {
            comment.push(&format!("\n{} did not fit.\n", counted(left_out, "finding")), 0);
        }
    }
    if let Some(line) = unmanaged(drift) {
        comment.push(&format!("\n{line}\n"), 0);
    }
    comment.finish()
}
