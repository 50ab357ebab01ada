//! The queues of a cluster.

use serde::Serialize;

use super::{age, expired};
use crate::dlq::{Depth, State};
use crate::model::{Timestamp, counted, thousands};
use crate::render::inventory::table;
use crate::render::json::to_json;
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::paint::Paint;
use crate::render::{Style, View, plain};
use crate::resources::inventory::Cell;

/// The queues of a cluster, the fullest first.
#[derive(Debug, Serialize)]
pub struct ListDocument {
    format_version: u32,
    cluster: String,
    queues: Vec<Depth>,
    #[serde(skip)]
    now: Timestamp,
}

impl ListDocument {
    /// Of a cluster, as it is now.
    pub fn of(cluster: &str, mut queues: Vec<Depth>, now: Timestamp) -> Self {
        queues.sort_by(|a, b| b.waiting.cmp(&a.waiting).then_with(|| a.topic.cmp(&b.topic)));
        Self { format_version: 1, cluster: cluster.to_owned(), queues, now }
    }

    fn summary(&self) -> String {
        let waiting: u64 = self.queues.iter().map(|queue| queue.waiting).sum();
        let wait = if waiting == 1 { "waits" } else { "wait" };
        let queues = counted(self.queues.len() as u64, "dead-letter queue");
        format!("{queues} on {}; {} {wait}.", self.cluster, counted(waiting, "dead letter"))
    }

    /// How long the oldest one waits, to the unit that matters.
    fn age(&self, queue: &Depth) -> Cell {
        queue.oldest.map_or(Cell::Nothing, |oldest| Cell::Text(age(self.now.since(oldest))))
    }
}

/// The columns of the table.
const COLUMNS: [&str; 10] =
    ["queue", "owner", "waiting", "oldest", "last hour", "of origin", "settled", "expired", "convention", "state"];

/// A list of queues.
#[derive(Debug, Clone, Copy)]
pub struct ListView<'a> {
    /// The queues.
    pub document: &'a ListDocument,
}

/// How much of what its origin carried in the last day failed.
fn share(queue: &Depth) -> String {
    match queue.ratio().map(|ratio| ratio * 100.0) {
        None => String::new(),
        Some(share) if share > 0.0 && share < 0.01 => "< 0.01%".to_owned(),
        Some(share) => format!("{share:.2}%"),
    }
}

fn conventions(queue: &Depth) -> String {
    queue.conventions.iter().map(|convention| convention.as_str()).collect::<Vec<_>>().join(", ")
}

fn state(queue: &Depth) -> String {
    let over = queue.over.iter().map(|excess| excess.as_str()).collect::<Vec<_>>().join(", ");
    let state = match queue.state {
        State::Unlimited => String::new(),
        State::Ok => "ok".to_owned(),
        State::Over => format!("over {over}"),
    };
    match (queue.declared, state.as_str()) {
        (true, _) => state,
        (false, "") => "not declared".to_owned(),
        (false, _) => format!("{state}, not declared"),
    }
}

impl ListView<'_> {
    fn row(&self, queue: &Depth) -> Vec<Cell> {
        let text = |text: &Option<String>| text.clone().map_or(Cell::Nothing, Cell::Text);
        let topic = Cell::Text(queue.topic.clone());
        if let Some(why) = &queue.unseen {
            return vec![
                topic,
                text(&queue.owner),
                Cell::Nothing,
                Cell::Text(why.clone()),
                Cell::Nothing,
                Cell::Nothing,
                Cell::Nothing,
                Cell::Nothing,
                Cell::Nothing,
                Cell::Nothing,
            ];
        }
        let numbers = [queue.waiting, queue.last_hour, queue.settled].map(Cell::Number);
        let [waiting, last_hour, settled] = numbers;
        let told = [share(queue), conventions(queue), state(queue)];
        let [share, conventions, state] =
            told.map(|text| if text.is_empty() { Cell::Nothing } else { Cell::Text(text) });
        let (age, expired) = (self.document.age(queue), Cell::Text(expired(&queue.expired)));
        vec![topic, text(&queue.owner), waiting, age, last_hour, share, settled, expired, conventions, state]
    }
}

impl View for ListView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let queues = &self.document.queues;
        let rows: Vec<Vec<Cell>> = queues.iter().map(|queue| self.row(queue)).collect();
        let mut out = String::new();
        if !rows.is_empty() {
            let paint_row = |index: usize, line: String| match (&queues[index].unseen, queues[index].waiting) {
                (Some(_), _) => paint.bad(&line),
                (None, _) if queues[index].state == State::Over => paint.bad(&line),
                (None, 0) => paint.dim(&line),
                (None, _) => line,
            };
            table(&COLUMNS, &rows, "", paint_row, &mut out);
            out.push('\n');
        }
        out.push_str(&format!("{}\n", paint.bold(&plain::line(&self.document.summary()))));
        out
    }

    /// The document itself; `docs/schemas/dlq-list.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.document)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        comment.push(&format!("### {}\n\n", prose(&self.document.summary())), 300);
        let dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
        let row = |queue: &Depth| {
            let oldest = queue.oldest.map_or_else(|| "-".to_owned(), |oldest| oldest.to_string());
            format!(
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                code(&queue.topic),
                prose(queue.owner.as_deref().unwrap_or("-")),
                thousands(queue.waiting),
                prose(queue.unseen.as_deref().unwrap_or(&oldest)),
                thousands(queue.last_hour),
                dash(share(queue)),
                thousands(queue.settled),
                expired(&queue.expired),
                dash(conventions(queue)),
                dash(state(queue))
            )
        };
        if !self.document.queues.is_empty() {
            let head = format!(
                "| {} |\n| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | --- | --- |\n",
                COLUMNS.join(" | ")
            );
            let left_out = comment.section(&head, self.document.queues.iter().map(row), "", 300);
            if left_out > 0 {
                comment.push(&format!("\n{} did not fit.\n", counted(left_out as u64, "queue")), 0);
            }
        }
        comment.finish()
    }
}
