//! The plans of all clusters, side by side.

use std::collections::BTreeMap;

use super::json::to_json;
use super::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use super::plan::PlanView;
use super::words::{counted, number};
use super::{Style, View, paint::Paint, plain};
use crate::diag::Level;
use crate::model::Risk;
use crate::plan::{ClusterPlan, Plan, PlanOutcome, Plans};

/// What is kept for the line that says what did not fit.
const RESERVE: usize = 300;

/// The plans of all clusters.
#[derive(Debug, Clone, Copy)]
pub struct PlansView<'a> {
    /// The plans.
    pub plans: &'a Plans,
    /// How many findings the manifests have about each cluster, which are told elsewhere.
    pub of_manifests: &'a BTreeMap<String, usize>,
    /// Whether each plan shows everything.
    pub verbose: bool,
}

impl PlansView<'_> {
    fn row(&self, cluster: &ClusterPlan) -> Row {
        Row::of(cluster, self.of_manifests.get(&cluster.cluster).copied().unwrap_or_default())
    }
}

const HEAD: [&str; 7] = ["cluster", "create", "update", "delete", "risk", "findings", ""];

impl View for PlansView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        for plan in self.plans.clusters.iter().filter_map(ClusterPlan::plan).filter(|plan| says_more(plan)) {
            out.push_str(&PlanView { plan, verbose: self.verbose }.text(style));
            out.push('\n');
        }
        let rows: Vec<Row> = self.plans.clusters.iter().map(|cluster| self.row(cluster)).collect();
        out.push_str(&paint.bold(&line(&HEAD.map(str::to_owned), &widths(&rows))));
        out.push('\n');
        for row in &rows {
            let line = line(&row.cells, &widths(&rows));
            out.push_str(&match row.state {
                State::Good => line,
                State::Risky(risk) => paint.risk(risk, &line),
                State::Bad => paint.bad(&line),
                State::LeftOut => paint.dim(&line),
            });
            out.push('\n');
        }
        out
    }

    /// The document itself; `docs/schemas/plans.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.plans)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        comment.push("<!-- busctl:plans -->\n### Plans of all clusters\n\n", RESERVE);
        let head =
            "| Cluster | Create | Update | Delete | Risk | Findings | |\n| --- | --- | --- | --- | --- | --- | --- |\n";
        let rows = self.plans.clusters.iter().map(|cluster| {
            let [name, create, update, delete, risk, findings, what] = self.row(cluster).cells;
            let what = prose(&plain::clipped(&what, super::plan::LONGEST_VALUE));
            format!("| {} | {create} | {update} | {delete} | {risk} | {findings} | {what} |\n", code(&name))
        });
        let mut left_out = comment.section(head, rows, "\n", RESERVE);
        for plan in self.plans.clusters.iter().filter_map(ClusterPlan::plan).filter(|plan| says_more(plan)) {
            left_out += super::plan::section(plan, &mut comment, RESERVE);
        }
        if left_out > 0 {
            let left_out = counted(left_out, "part");
            comment.push(&format!("\n**Too much for a comment.** {left_out} left out: `busctl plan --all`\n"), 0);
        }
        comment.finish()
    }
}

/// Whether a plan says more than its line of the table.
fn says_more(plan: &Plan) -> bool {
    !plan.is_empty() || !plan.complete || !plan.findings.is_empty()
}

/// A line of the table.
struct Row {
    cells: [String; 7],
    state: State,
}

enum State {
    Good,
    Risky(Risk),
    Bad,
    LeftOut,
}

impl Row {
    /// `beside`: how many findings the manifests have that are about the cluster.
    fn of(cluster: &ClusterPlan, beside: usize) -> Self {
        let name = plain::line(&cluster.cluster).into_owned();
        let none = || ["-"; 5].map(str::to_owned);
        let (numbers, what, state) = match &cluster.outcome {
            PlanOutcome::Plan(plan) => {
                let errors = plan.findings.iter().filter(|finding| finding.level == Level::Error).count();
                let summary = &plan.summary;
                let risk = if plan.is_empty() { "-".to_owned() } else { plan.risk().to_string() };
                let findings = number(plan.findings.len() + beside);
                let numbers = [number(summary.create), number(summary.update), number(summary.delete), risk, findings];
                let unseen = counted(plan.incomplete.len(), "resource");
                let what = match (plan.complete, errors, plan.is_empty()) {
                    (false, ..) => format!("{unseen} could not be seen"),
                    (true, 1.., _) => format!("refused: {} at level error", counted(errors, "finding")),
                    (true, 0, true) => "nothing to do".to_owned(),
                    (true, 0, false) => String::new(),
                };
                let is_bad = !plan.complete || errors > 0 || plan.is_refused();
                (numbers, what, if is_bad { State::Bad } else { State::Risky(plan.risk()) })
            }
            PlanOutcome::Error(why) => (none(), format!("not planned: {why}"), State::Bad),
            PlanOutcome::LeftOut(why) => (none(), format!("left out: {why}"), State::LeftOut),
        };
        let state = match state {
            State::Risky(Risk::Safe) => State::Good,
            state => state,
        };
        let [create, update, delete, risk, findings] = numbers;
        Self { cells: [name, create, update, delete, risk, findings, plain::line(&what).into_owned()], state }
    }
}

fn widths(rows: &[Row]) -> [usize; 7] {
    let mut widths = HEAD.map(|head| head.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(&row.cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    widths
}

fn line(cells: &[String; 7], widths: &[usize; 7]) -> String {
    let cells = cells.iter().zip(widths).enumerate().map(|(index, (cell, width))| match index {
        // Numbers stand below each other.
        1..=3 | 5 => format!("{cell:>width$}"),
        _ => format!("{cell:<width$}"),
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}
