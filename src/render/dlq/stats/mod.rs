//! The figures of queues.

mod exposition;
#[cfg(test)]
mod tests;

pub use exposition::{Exposition, Scrapes};

use serde::Serialize;

use super::{age, expired};
use crate::dlq::stats::Figures;
use crate::model::{Timestamp, counted, thousands};
use crate::render::inventory::table;
use crate::render::json::to_json;
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::paint::Paint;
use crate::render::{Style, View, plain};
use crate::resources::inventory::Cell;

/// The figures of the queues of a cluster, the fullest first.
#[derive(Debug, Clone, Serialize)]
pub struct StatsDocument {
    format_version: u32,
    cluster: String,
    /// The moment of which they speak.
    time: Timestamp,
    queues: Vec<Figures>,
}

impl StatsDocument {
    /// Of a cluster, as it is now.
    pub fn of(cluster: &str, mut queues: Vec<Figures>, now: Timestamp) -> Self {
        queues.sort_by(|a, b| b.depth.cmp(&a.depth).then_with(|| a.topic.cmp(&b.topic)));
        Self { format_version: 1, cluster: cluster.to_owned(), time: now, queues }
    }

    /// Whether there is a queue of which nothing is known.
    pub fn has_unseen(&self) -> bool {
        self.queues.iter().any(|queue| queue.unseen.is_some())
    }

    fn summary(&self) -> String {
        let waiting: u64 = self.queues.iter().map(|queue| queue.depth).sum();
        let wait = if waiting == 1 { "waits" } else { "wait" };
        let queues = counted(self.queues.len() as u64, "dead-letter queue");
        format!("{queues} on {}; {} {wait}.", self.cluster, counted(waiting, "dead letter"))
    }
}

/// Figures.
#[derive(Debug, Clone, Copy)]
pub struct StatsView<'a> {
    /// Of which queues.
    pub document: &'a StatsDocument,
}

/// The columns of the table.
const COLUMNS: [&str; 10] = [
    "queue",
    "depth",
    "oldest",
    "last hour",
    "per hour",
    "of origin",
    "redriven",
    "came back",
    "triaged in",
    "expired",
];

/// `0.25 %`, in three digits where it is small: nobody wants to read 0 % of a million.
fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    match percent {
        0.0 => "0 %".to_owned(),
        percent if percent < 1.0 => format!("{percent:.3} %"),
        percent => format!("{percent:.1} %"),
    }
}

impl StatsView<'_> {
    fn row(queue: &Figures) -> Vec<Cell> {
        if let Some(why) = &queue.unseen {
            let mut row = vec![Cell::Nothing; COLUMNS.len()];
            row[0] = Cell::Text(queue.topic.clone());
            row[2] = Cell::Text(why.clone());
            return row;
        }
        let text = |text: Option<String>| text.map_or(Cell::Nothing, Cell::Text);
        let seconds = |seconds: u64| age(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000));
        vec![
            Cell::Text(queue.topic.clone()),
            Cell::Number(queue.depth),
            text(queue.oldest_age_seconds.map(seconds)),
            Cell::Number(queue.last_hour),
            Cell::Text(format!("{:.1}", queue.last_day as f64 / 24.0)),
            text(queue.ratio.map(percent)),
            Cell::Number(queue.redriven),
            text(queue.return_ratio.map(percent)),
            text(
                queue
                    .time_to_triage
                    .map(|time| format!("{} (p95 {})", seconds(time.median_seconds), seconds(time.p95_seconds))),
            ),
            Cell::Text(expired(&queue.expired)),
        ]
    }

    /// What waits and why: `900 wait: 3f0c1f9e2f57 transient, SocketTimeoutException`.
    fn reasons(queue: &Figures) -> Vec<String> {
        let class = |class: &str| format!(", {}", class.rsplit('.').next().unwrap_or(class));
        let pile = |pile: &crate::dlq::stats::Pile| {
            let class = pile.class.as_deref().map(class).unwrap_or_default();
            format!("{}  {} {}{class}", thousands(pile.waiting), pile.fingerprint, pile.verdict)
        };
        let mut reasons: Vec<String> = queue.groups.iter().map(pile).collect();
        if queue.other_groups > 0 {
            reasons.push(format!("{}  others", thousands(queue.other_groups)));
        }
        reasons
    }
}

impl View for StatsView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let queues = &self.document.queues;
        let rows: Vec<Vec<Cell>> = queues.iter().map(Self::row).collect();
        let mut out = String::new();
        if !rows.is_empty() {
            let paint_row = |index: usize, line: String| match (&queues[index].unseen, queues[index].depth) {
                (Some(_), _) => paint.bad(&line),
                (None, 0) => paint.dim(&line),
                (None, _) => line,
            };
            table(&COLUMNS, &rows, "", paint_row, &mut out);
            out.push('\n');
        }
        for queue in queues.iter().filter(|queue| queue.depth > 0) {
            out.push_str(&format!("{}\n", paint.bold(&plain::line(&queue.topic))));
            for reason in Self::reasons(queue) {
                out.push_str(&format!("  {}\n", plain::line(&reason)));
            }
            out.push('\n');
        }
        out.push_str(&format!("{}\n", paint.bold(&plain::line(&self.document.summary()))));
        out
    }

    /// The document itself; `docs/schemas/dlq-stats.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.document)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        comment.push(&format!("### {}\n\n", prose(&self.document.summary())), 300);
        let row = |queue: &Figures| {
            let cells = Self::row(queue).into_iter().enumerate().map(|(column, cell)| match cell {
                Cell::Text(text) if column == 0 => code(&text).to_string(),
                Cell::Text(text) => prose(&text).to_string(),
                Cell::Number(number) => thousands(number),
                _ => "-".to_owned(),
            });
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        if !self.document.queues.is_empty() {
            let rule = COLUMNS.map(|_| "---").join(" | ");
            let head = format!("| {} |\n| {rule} |\n", COLUMNS.join(" | "));
            let left_out = comment.section(&head, self.document.queues.iter().map(row), "", 300);
            if left_out > 0 {
                comment.push(&format!("\n{} did not fit.\n", counted(left_out as u64, "queue")), 0);
            }
        }
        comment.finish()
    }
}
