use owo_colors::{OwoColorize, Style as Ink};

use super::Style;
use crate::model::Risk;
use crate::plan::Action;

/// Colours text, or leaves it as it is. A word always says the same as its colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    color: bool,
}

impl Paint {
    pub fn new(style: Style) -> Self {
        Self { color: style.color }
    }

    fn ink(self, text: &str, ink: Ink) -> String {
        if self.color { text.style(ink).to_string() } else { text.to_owned() }
    }

    pub fn bold(self, text: &str) -> String {
        self.ink(text, Ink::new().bold())
    }

    pub fn dim(self, text: &str) -> String {
        self.ink(text, Ink::new().dimmed())
    }

    pub fn bad(self, text: &str) -> String {
        self.ink(text, Ink::new().red().bold())
    }

    pub fn doubtful(self, text: &str) -> String {
        self.ink(text, Ink::new().yellow().bold())
    }

    pub fn good(self, text: &str) -> String {
        self.ink(text, Ink::new().green())
    }

    pub fn risk(self, risk: Risk, text: &str) -> String {
        match risk {
            Risk::Safe => text.to_owned(),
            Risk::Disruptive => self.doubtful(text),
            Risk::Destructive => self.bad(text),
        }
    }

    pub fn action(self, action: Action, text: &str) -> String {
        match action {
            Action::Create => self.good(text),
            Action::Update => self.ink(text, Ink::new().yellow()),
            Action::Delete => self.ink(text, Ink::new().red()),
        }
    }
}
