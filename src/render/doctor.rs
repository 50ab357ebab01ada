//! How far servers can be reached, step by step.

use serde::Serialize;

use super::json::to_json;
use super::markdown::{code, prose};
use super::words::counted;
use super::{Style, View, paint::Paint, plain};
use crate::ports::walk::{StepOutcome, Walk};

/// Walks to servers.
#[derive(Debug, Clone, Copy)]
pub struct WalksView<'a> {
    /// Them.
    pub walks: &'a [Walk],
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    usable: bool,
    walks: &'a [Walk],
}

impl View for WalksView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        for walk in self.walks {
            let head = format!("{}  {} ({})", walk.system, walk.address, walk.named_by);
            out.push_str(&format!("{}\n", paint.bold(&plain::line(&head))));
            for step in &walk.steps {
                let word = match step.outcome {
                    StepOutcome::Passed => paint.good("ok  "),
                    StepOutcome::Skipped => paint.dim("-   "),
                    StepOutcome::Warned => paint.doubtful("warn"),
                    StepOutcome::Failed => paint.bad("FAIL"),
                };
                let mut name = step.step.name();
                let mut word = Some(word);
                for told in &step.told {
                    let word = word.take().unwrap_or_else(|| "    ".to_owned());
                    out.push_str(&format!("  {word}  {name:<14}  {}\n", plain::line(told)));
                    name = "";
                }
                if let Some(hint) = &step.hint {
                    out.push_str(&format!("        {:<14}  help: {}\n", "", plain::line(hint)));
                }
            }
            out.push('\n');
        }
        out.push_str(&format!("{}\n", paint.bold(&self.summary())));
        out
    }

    /// The document; `docs/schemas/doctor-connection.schema.json` describes it.
    fn json(&self) -> String {
        let usable = self.walks.iter().all(Walk::is_whole);
        to_json(&Document { format_version: 1, usable, walks: self.walks })
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        for walk in self.walks {
            out.push_str(&format!("### {} at {}\n\n", code(&walk.system), code(&walk.address)));
            for step in &walk.steps {
                let word = match step.outcome {
                    StepOutcome::Passed => "ok",
                    StepOutcome::Skipped => "not needed",
                    StepOutcome::Warned => "warning",
                    StepOutcome::Failed => "**failed**",
                };
                let hint = step.hint.iter().map(|hint| format!(" ({hint})")).collect::<String>();
                let told = prose(&format!("{}{hint}", step.told.join("; ")));
                out.push_str(&format!("- {}: {word}. {told}\n", step.step.name()));
            }
            out.push('\n');
        }
        out.push_str(&format!("{}\n", self.summary()));
        out
    }
}

impl WalksView<'_> {
    fn summary(&self) -> String {
        let early = self.walks.iter().filter(|walk| !walk.is_whole()).count();
        let walks = counted(self.walks.len(), "walk");
        match early {
            0 => format!("{walks}, each to its end"),
            1 => format!("{walks}, of which 1 ends early"),
            early => format!("{walks}, of which {early} end early"),
        }
    }
}
