//! Lists of topics, groups, services and subjects, and what is told of one of them.

mod groups;
mod services;
mod subjects;
mod topics;

use super::json::to_json;
use super::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use super::words::counted;
use super::{Style, View, paint::Paint, plain};
use crate::model::{about_bytes, thousands};
use crate::plan::FieldValue;
use crate::resources::inventory::{Cell, ComparedValue, Inventory, Item, Status};
use crate::source::Place;

/// What is kept for the line that says what did not fit.
const RESERVE: usize = 300;

/// Items of which more can be told than a list has.
pub trait Described: Item {
    /// What is told of one, in parts; nothing where no details were asked for.
    fn sections(&self) -> Vec<Section>;
}

/// A part of what is told of one item: a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    title: &'static str,
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Section {
    /// `None` where it would be empty.
    fn new(title: &'static str, head: &[&'static str], rows: Vec<Vec<Cell>>) -> Option<Self> {
        (!rows.is_empty()).then(|| Self { title, head: head.to_vec(), rows })
    }

    /// Names and values, without those that there are not.
    fn of_facts(facts: Vec<(&'static str, Cell)>) -> Option<Self> {
        let facts = facts.into_iter().filter(|(_, cell)| *cell != Cell::Nothing);
        Self::new("", &["", ""], facts.map(|(name, cell)| vec![Cell::Text(name.to_owned()), cell]).collect())
    }
}

/// A list, or one item.
#[derive(Debug, Clone, Copy)]
pub struct InventoryView<'a, I> {
    /// The list.
    pub inventory: &'a Inventory<I>,
}

impl<I: Described> View for InventoryView<'_, I> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let rows: Vec<Vec<Cell>> = self.inventory.items.iter().map(cells).collect();
        let mut out = String::new();
        match &self.inventory.items[..] {
            [item] if !item.sections().is_empty() => {
                out.push_str(&format!("{}  {}\n", paint.bold(&plain::line(item.name())), status(paint, item.status())));
                for section in item.sections() {
                    out.push('\n');
                    if !section.title.is_empty() {
                        out.push_str(&format!("{}\n", paint.bold(section.title)));
                    }
                    table(&section.head, &section.rows, "  ", |_, line| line, &mut out);
                }
            }
            items => {
                let paint_row = |index: usize, line: String| match items[index].status() {
                    Status::Settled | Status::Observed | Status::Declared => line,
                    Status::Unmanaged => paint.dim(&line),
                    Status::Differs | Status::Leaving => paint.doubtful(&line),
                    Status::Missing | Status::Unseen => paint.bad(&line),
                };
                if !items.is_empty() {
                    table(I::COLUMNS, &rows, "", paint_row, &mut out);
                    out.push('\n');
                }
                out.push_str(&paint.bold(&plain::line(&summary(self.inventory))));
                out.push('\n');
            }
        }
        out
    }

    /// The document itself; `docs/schemas/inventory.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.inventory)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        let mut left_out = 0;
        match &self.inventory.items[..] {
            [item] if !item.sections().is_empty() => {
                comment.push(&format!("### {}: {}\n", code(item.name()), item.status()), RESERVE);
                for section in item.sections() {
                    let title =
                        if section.title.is_empty() { String::new() } else { format!("\n#### {}", section.title) };
                    let head = format!("{title}\n\n{}", head(&section.head));
                    left_out += comment.section(&head, section.rows.iter().map(|row| line(row)), "", RESERVE);
                }
            }
            items => {
                comment.push(&format!("### {}\n\n", prose(&summary(self.inventory))), RESERVE);
                if !items.is_empty() {
                    let rows = items.iter().map(|item| line(&cells(item)));
                    left_out += comment.section(&head(I::COLUMNS), rows, "", RESERVE);
                }
            }
        }
        if left_out > 0 {
            comment.push(&format!("\n{} did not fit.\n", counted(left_out, "line")), 0);
        }
        comment.finish()
    }
}

fn cells<I: Item>(item: &I) -> Vec<Cell> {
    (0..I::COLUMNS.len()).map(|column| item.cell(column)).collect()
}

fn status(paint: Paint, status: Status) -> String {
    let word = status.as_str();
    match status {
        Status::Settled | Status::Observed | Status::Declared => paint.good(word),
        Status::Unmanaged => paint.dim(word),
        Status::Differs | Status::Leaving => paint.doubtful(word),
        Status::Missing | Status::Unseen => paint.bad(word),
    }
}

/// `12 topics on alpha: 10 settled, 2 unmanaged.`
fn summary<I: Item>(inventory: &Inventory<I>) -> String {
    let items = &inventory.items;
    let one = I::KIND.strip_suffix('s').unwrap_or(I::KIND);
    let of = |status: Status| items.iter().filter(|item| item.status() == status).count() as u64;
    let counts = Status::WORDS.iter().map(|(word, status)| (of(*status), word)).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{} {word}", thousands(count))).collect();
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    format!("{} on {}{counts}.", counted(items.len(), one), inventory.cluster)
}

/// A cell as people read it. What is not known is a dash.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Nothing => "-".to_owned(),
        Cell::Text(text) => plain::line(text).into_owned(),
        Cell::Number(number) => thousands(*number),
        Cell::Bytes(bytes) => about_bytes(*bytes),
        Cell::PerSecond(rate) if *rate >= 10.0 => format!("{}/s", thousands(rate.round() as u64)),
        Cell::PerSecond(rate) => format!("{rate:.1}/s"),
    }
}

fn holds_amounts<'c>(cells: impl Iterator<Item = &'c Cell>) -> bool {
    let mut known = cells.filter(|cell| **cell != Cell::Nothing).peekable();
    known.peek().is_some() && known.all(|cell| !matches!(cell, Cell::Text(_)))
}

/// The widest that a column is made for one of its cells, such as one that lists all operations. A longer one moves what is behind
/// it, in its own row alone.
const WIDEST: usize = 96;

/// Columns below each other, amounts to the right.
pub(super) fn table(
    head: &[&str],
    rows: &[Vec<Cell>],
    indent: &str,
    paint: impl Fn(usize, String) -> String,
    out: &mut String,
) {
    let texts: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let columns = 0..head.len();
    let right: Vec<bool> = columns.clone().map(|column| holds_amounts(rows.iter().map(|row| &row[column]))).collect();
    let width = |column: usize| {
        let cells = texts.iter().map(|row| row[column].as_str());
        let widths = cells.chain([head[column]]).map(|cell| cell.chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let widths: Vec<usize> = columns.map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(&widths).zip(&right).map(|((cell, width), right)| match right {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        });
        format!("{indent}{}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    };
    if head.iter().any(|name| !name.is_empty()) {
        out.push_str(&line(&mut head.iter().copied()));
        out.push('\n');
    }
    for (index, row) in texts.iter().enumerate() {
        out.push_str(&paint(index, line(&mut row.iter().map(String::as_str))));
        out.push('\n');
    }
}

pub(super) fn head(columns: &[&str]) -> String {
    let rule = columns.iter().map(|_| " --- |").collect::<String>();
    format!("| {} |\n|{rule}\n", columns.join(" | "))
}

pub(super) fn line(cells: &[Cell]) -> String {
    let cells = cells.iter().map(|cell| match cell {
        Cell::Text(text) if text.is_empty() => String::new(),
        Cell::Text(text) => code(text),
        cell => shown(cell),
    });
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn text(text: impl ToString) -> Cell {
    Cell::Text(text.to_string())
}

fn maybe(text: Option<impl ToString>) -> Cell {
    text.map_or(Cell::Nothing, |text| Cell::Text(text.to_string()))
}

fn number(number: Option<u64>) -> Cell {
    number.map_or(Cell::Nothing, Cell::Number)
}

/// A word that stands out where something is wrong, and nothing elsewhere.
fn mark(wrong: bool, word: &str) -> Cell {
    text(if wrong { word } else { "" })
}

fn yes(yes: bool) -> Cell {
    text(if yes { "yes" } else { "no" })
}

/// What is declared beside what is there.
fn compared(title: &'static str, values: &[ComparedValue]) -> Option<Section> {
    let value = |value: Option<&FieldValue>| match value {
        None => Cell::Nothing,
        Some(value) => {
            let shown = match &value.shown {
                Some(shown) => format!("{shown} ({})", value.value),
                None => value.text().into_owned(),
            };
            text(match &value.source {
                Some(source) => format!("{shown}, {source}"),
                None => shown,
            })
        }
    };
    let rows = values.iter().map(|row| {
        let differs = mark(row.differs == Some(true), "differs");
        vec![text(&row.name), value(row.declared.as_ref()), value(row.live.as_ref()), differs]
    });
    Section::new(title, &["", "declared", "live", ""], rows.collect())
}

fn place(place: Option<&Place>) -> Cell {
    maybe(place)
}

fn list<T: ToString>(items: &[T]) -> Cell {
    match items {
        [] => Cell::Nothing,
        items => Cell::Text(items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")),
    }
}
