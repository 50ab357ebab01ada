use super::event::Key;
use super::order::{Action, Chosen, Order};

/// What lies over a list and takes the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dialog {
    /// What keys do.
    Help,
    /// Something to read.
    Text { title: &'static str, text: String, top: usize },
    /// Why dead letters are given up, and where they are kept.
    Form(Form),
    /// What would be done, and whether to do it.
    Confirm { order: Order, preview: String, typed: String, top: usize },
}

/// A form for giving dead letters up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) chosen: Chosen,
    pub(super) reason: String,
    pub(super) export: String,
    /// Whether the file is being written, else the reason.
    pub(super) is_at_export: bool,
}

/// What a key did to a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It stays open.
    Open(Dialog),
    /// It is closed, and nothing is to be done.
    Closed,
    /// A form was filled.
    Filled(Form),
    /// It is to be done.
    Agreed(Order),
    /// It stays open, and something is missing.
    Missing(Dialog, &'static str),
}

impl Dialog {
    /// Something to read.
    pub(super) fn text(title: &'static str, text: String) -> Self {
        Self::Text { title, text, top: 0 }
    }

    pub(super) fn press(self, key: Key) -> Outcome {
        match self {
            Self::Help => Outcome::Closed,
            Self::Text { title, text, top } => match scrolled(top, key, &text) {
                Some(top) => Outcome::Open(Self::Text { title, text, top }),
                None => Outcome::Closed,
            },
            Self::Form(form) => form.press(key),
            Self::Confirm { order, preview, mut typed, top } => match key {
                Key::Escape => Outcome::Closed,
                Key::Enter if typed == "yes" => Outcome::Agreed(order),
                Key::Enter => {
                    let again = Self::Confirm { order, preview, typed: String::new(), top };
                    Outcome::Missing(again, "type yes, or Esc to leave it")
                }
                key => {
                    edit(&mut typed, key, 3);
                    let top = scrolled(top, key, &preview).unwrap_or(top);
                    Outcome::Open(Self::Confirm { order, preview, typed, top })
                }
            },
        }
    }
}

impl Form {
    fn press(mut self, key: Key) -> Outcome {
        match key {
            Key::Escape => return Outcome::Closed,
            Key::Enter if self.is_at_export => {
                let missing = match (self.reason.trim(), self.export.trim()) {
                    ("", _) => Some("say why: whoever looks at the ledger later wants to know"),
                    (_, "") => Some("name a file: nothing is given up that is not exported before"),
                    _ => None,
                };
                return match missing {
                    None => Outcome::Filled(self),
                    Some(missing) => {
                        self.is_at_export = !self.reason.trim().is_empty();
                        Outcome::Missing(Dialog::Form(self), missing)
                    }
                };
            }
            Key::Enter => self.is_at_export = true,
            Key::Tab | Key::Up | Key::Down => self.is_at_export = !self.is_at_export,
            key => {
                const LONGEST: usize = 500;
                let text = if self.is_at_export { &mut self.export } else { &mut self.reason };
                edit(text, key, LONGEST);
            }
        }
        Outcome::Open(Dialog::Form(self))
    }

    /// What is to be done.
    pub(super) fn order(&self, topic: &str) -> Order {
        let action = Action::Discard { reason: self.reason.trim().to_owned(), export: self.export.trim().to_owned() };
        Order { topic: topic.to_owned(), action, chosen: self.chosen.clone() }
    }
}

/// Writes a character into a text, or takes the last one away.
pub(super) fn edit(text: &mut String, key: Key, longest: usize) {
    match key {
        Key::Char(c) if text.chars().count() < longest => text.push(c),
        Key::Backspace => drop(text.pop()),
        _ => {}
    }
}

/// The first line that is shown of a text after a key; none where it was not one for that.
pub(super) fn scrolled(top: usize, key: Key, text: &str) -> Option<usize> {
    let last = text.lines().count().saturating_sub(1);
    Some(match key {
        Key::Up => top.saturating_sub(1),
        Key::Down => (top + 1).min(last),
        Key::PageUp => top.saturating_sub(PAGE),
        Key::PageDown => (top + PAGE).min(last),
        Key::Home => 0,
        Key::End => last,
        _ => return None,
    })
}

/// How many lines a page has.
pub(super) const PAGE: usize = 10;
