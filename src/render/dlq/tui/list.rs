use super::dialog::PAGE;
use super::event::Key;
use super::rows::Row;
use crate::model::Timestamp;

/// Rows, the one that the cursor is on, and which of them are shown.
#[derive(Debug, Clone)]
pub(super) struct List<R> {
    pub(super) rows: Vec<R>,
    pub(super) cursor: usize,
    pub(super) filter: String,
}

impl<R: Row> List<R> {
    /// Without rows.
    pub(super) fn new() -> Self {
        Self { rows: Vec::new(), cursor: 0, filter: String::new() }
    }

    /// The rows that are shown.
    pub(super) fn visible(&self, now: Timestamp) -> Vec<&R> {
        self.rows.iter().filter(|row| self.filter.is_empty() || row.has(&self.filter, now)).collect()
    }

    /// The row that the cursor is on.
    pub(super) fn current(&self, now: Timestamp) -> Option<&R> {
        self.visible(now).get(self.cursor).copied()
    }

    /// Takes other rows; the cursor stays as far as it can.
    pub(super) fn put(&mut self, rows: Vec<R>, now: Timestamp) {
        self.rows = rows;
        self.keep_inside(now);
    }

    /// Moves the cursor to a row that is shown.
    pub(super) fn keep_inside(&mut self, now: Timestamp) {
        self.cursor = self.cursor.min(self.visible(now).len().saturating_sub(1));
    }

    /// Moves the cursor.
    pub(super) fn press(&mut self, key: Key, now: Timestamp) {
        let last = self.visible(now).len().saturating_sub(1);
        self.cursor = match key {
            Key::Up | Key::Char('k') => self.cursor.saturating_sub(1),
            Key::Down | Key::Char('j') => (self.cursor + 1).min(last),
            Key::PageUp => self.cursor.saturating_sub(PAGE),
            Key::PageDown => (self.cursor + PAGE).min(last),
            Key::Home => 0,
            Key::End => last,
            _ => self.cursor,
        };
    }
}
