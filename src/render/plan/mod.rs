//! Plans in every format.

mod changes;
mod markdown;
mod terminal;
mod text;

pub(super) use markdown::{findings, section};
pub(super) use text::{LONGEST_VALUE, field_name, value};

pub use text::{nothing_asked, summary};

use super::json::to_json;
use super::{Style, View};
use crate::plan::Plan;

/// A plan and how much of it is shown.
#[derive(Debug, Clone, Copy)]
pub struct PlanView<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Whether to show everything: each field with its place, every change, what is unmanaged.
    pub verbose: bool,
}

impl View for PlanView<'_> {
    fn text(&self, style: Style) -> String {
        terminal::render(*self, style)
    }

    /// The plan document itself, whatever `verbose` says; `docs/schemas/plan.schema.json` describes it.
    fn json(&self) -> String {
        to_json(&self.plan.for_readers())
    }

    fn markdown(&self) -> String {
        markdown::render(self.plan)
    }
}
