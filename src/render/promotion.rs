//! What one cluster lacks of another, in every format.

use super::json::to_json;
use super::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use super::plan::{LONGEST_VALUE, field_name, value};
use super::words::counted;
use super::{Style, View, paint::Paint, plain};
use crate::render::findings::planned;
use crate::resources::promotion::{Lack, Promotion};

/// What is kept for the line that says what did not fit.
const RESERVE: usize = 300;

/// What one cluster lacks of another.
#[derive(Debug, Clone, Copy)]
pub struct PromotionView<'a> {
    /// What it lacks.
    pub promotion: &'a Promotion,
}

impl View for PromotionView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        let Promotion { from, to, .. } = self.promotion;
        let heads = [(true, format!("{to} lacks of {from}:")), (false, format!("left as it is on {to}:"))];
        for (taken, head) in heads {
            let lacks: Vec<&Lack> = self.promotion.lacks.iter().filter(|lack| lack.left.is_none() == taken).collect();
            if lacks.is_empty() {
                continue;
            }
            out.push_str(&paint.bold(&plain::line(&head)));
            out.push('\n');
            for lack in lacks {
                let place = paint.dim(&plain::line(&lack.place.to_string()));
                let line = plain::clipped(&sentence(lack), LONGEST_VALUE).into_owned();
                out.push_str(&format!("  {line}  {place}\n"));
            }
            out.push('\n');
        }
        for finding in &self.promotion.findings {
            out.push_str(&planned(finding, style));
            out.push('\n');
        }
        out.push_str(&paint.bold(&plain::line(&summary(self.promotion))));
        out.push('\n');
        out
    }

    /// The document itself; `docs/schemas/promote.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.promotion)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        comment.push(&format!("### {}\n\n", prose(&summary(self.promotion))), RESERVE);
        let rows = self.promotion.lacks.iter().map(|lack| {
            let what = if lack.left.is_none() { "lacks" } else { "left" };
            let line = prose(&plain::clipped(&sentence(lack), LONGEST_VALUE));
            format!("| {what} | {line} | {} |\n", code(&lack.place.to_string()))
        });
        let mut left_out = 0;
        if !self.promotion.lacks.is_empty() {
            left_out += comment.section("| | What | Where |\n| --- | --- | --- |\n", rows, "\n", RESERVE);
        }
        left_out += super::plan::findings(&mut comment, &self.promotion.findings);
        if left_out > 0 {
            comment.push(&format!("\n{} did not fit.\n", counted(left_out, "line")), 0);
        }
        comment.finish()
    }
}

/// `topic/x config.retention.ms: 14d, it has 7d`
fn sentence(lack: &Lack) -> String {
    let present = lack.present.as_ref().map(|present| format!(", it has {}", value(Some(present)))).unwrap_or_default();
    let left = lack.left.as_ref().map(|left| format!("; {left}")).unwrap_or_default();
    format!("{} {}: {}{present}{left}", lack.address, field_name(&lack.field), value(Some(&lack.before)))
}

fn summary(promotion: &Promotion) -> String {
    let Promotion { from, to, lacks, findings, files, written, .. } = promotion;
    let taken = promotion.taken();
    if lacks.is_empty() {
        return format!("The manifests give {to} all that they give {from}.");
    }
    let left = match lacks.len() - taken {
        0 => String::new(),
        left => format!("; {left} left"),
    };
    let found = match findings.len() {
        0 => String::new(),
        count => format!("; {}", counted(count, "new finding")),
    };
    let things = counted(taken, "thing");
    let files = counted(files.len(), "file");
    match (taken, written) {
        (0, _) => format!("Nothing of {from} is to be taken over to {to}{left}."),
        (_, true) => format!("{things} of {from} written for {to}, to {files}{left}{found}."),
        (_, false) => format!("{to} lacks {things} of {from}, in {files}{left}{found}; --write writes it."),
    }
}
