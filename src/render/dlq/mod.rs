//! What is said of dead-letter queues, in every format.

pub mod ledger;
pub mod list;
pub mod restore;
pub mod settling;
pub mod show;
pub mod stats;
pub mod triage;
pub mod tui;
mod unjudged;

use crate::dlq::Expired;
use crate::model::{Duration, thousands};
use crate::render::markdown::prose;
use crate::render::paint::Paint;
use crate::render::{Style, plain};

/// A time in milliseconds, to the unit that matters: `3d`, `2h`.
fn age(millis: i64) -> String {
    const UNITS: [i64; 4] = [86_400_000, 3_600_000, 60_000, 1_000];
    let unit = UNITS.into_iter().find(|unit| millis >= *unit).unwrap_or(1_000);
    Duration(millis / unit * unit).to_string()
}

/// What a run did, in lines, and its last word.
fn run_text(lines: &[String], summary: &str, style: Style) -> String {
    let paint = Paint::new(style);
    let lines: String = lines.iter().map(|line| format!("{}\n", plain::line(line))).collect();
    format!("{lines}{}\n", paint.bold(&plain::line(summary)))
}

/// The same in Markdown.
fn run_markdown(lines: &[String], summary: &str) -> String {
    let lines: String = lines.iter().map(|line| format!("- {}\n", prose(line))).collect();
    format!("### {}\n\n{lines}", prose(summary))
}

/// `12`, `3 to 9`, `at most 9`: how many were removed without a fate, as far as it is known.
fn expired(expired: &Expired) -> String {
    match (expired.at_least, expired.at_most) {
        (least, most) if least == most => thousands(most),
        (0, most) => format!("at most {}", thousands(most)),
        (least, most) => format!("{} to {}", thousands(least), thousands(most)),
    }
}
