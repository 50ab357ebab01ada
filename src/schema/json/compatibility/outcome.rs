use std::fmt;

use super::kind::ChangeKind;
use super::model::NodeId;
use crate::schema::text::Json;

/// A writer's schema and the reader's schema that it is compared with.
pub(super) type Pair = (NodeId, NodeId);

/// What the comparison of a pair has found.
#[derive(Debug)]
pub(super) struct Outcome<'s> {
    /// Whether the reader may fail.
    pub(super) breaks: bool,
    /// Whether only that was asked. Then entries are told to nobody, and none are kept.
    pub(super) is_trial: bool,
    pub(super) entries: Vec<Entry<'s>>,
}

/// What another part of the comparison needs to know of the outcome of a pair.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) pair: Pair,
    pub(super) breaks: bool,
    /// Whether there is nothing to be told.
    pub(super) is_empty: bool,
}

/// Something found, and where below the pair.
#[derive(Debug)]
pub(super) struct Entry<'s> {
    pub(super) step: Step<'s>,
    pub(super) what: What<'s>,
}

#[derive(Debug)]
pub(super) enum What<'s> {
    /// A change.
    Change(ChangeKind, Places<'s>),
    /// All that another pair has. By name and not by value: a definition may be used in a million places.
    Inner(Pair),
}

/// What a change is about in the texts of the two sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'s> {
    pub(super) writer: Place<'s>,
    pub(super) reader: Place<'s>,
}

/// What a change is about on one side.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'s> {
    /// This.
    Here(&'s Json<'static>),
    /// Something that this has not.
    MissingIn(&'s Json<'static>),
}

impl<'s> Place<'s> {
    /// What stands there.
    pub(super) fn there(self) -> Option<&'s Json<'static>> {
        match self {
            Place::Here(json) => Some(json),
            Place::MissingIn(_) => None,
        }
    }
}

/// The way from a schema to a part of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'s> {
    Here,
    Word(&'static str),
    Name(&'static str, &'s str),
    Index(&'static str, usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Here => Ok(()),
            Step::Word(word) => write!(f, "/{word}"),
            Step::Name(word, name) => write!(f, "/{word}/{name}"),
            Step::Index(word, index) => write!(f, "/{word}/{index}"),
        }
    }
}

impl<'s> Outcome<'s> {
    pub(super) fn new(is_trial: bool) -> Self {
        Outcome { breaks: false, is_trial, entries: Vec::new() }
    }

    pub(super) fn change(&mut self, step: Step<'s>, kind: ChangeKind, places: Places<'s>) {
        self.breaks |= kind.breaks();
        self.push(Entry { step, what: What::Change(kind, places) });
    }

    pub(super) fn inner(&mut self, step: Step<'s>, found: Found) {
        self.breaks |= found.breaks;
        // Of schemas that are the same, which most are, nothing need be kept.
        if !found.is_empty {
            self.push(Entry { step, what: What::Inner(found.pair) });
        }
    }

    fn push(&mut self, entry: Entry<'s>) {
        if !self.is_trial {
            self.entries.push(entry);
        }
    }

    /// Whether the rest of the pair need not be looked at.
    pub(super) fn is_settled(&self) -> bool {
        self.is_trial && self.breaks
    }

    pub(super) fn found(&self, pair: Pair) -> Found {
        Found { pair, breaks: self.breaks, is_empty: self.entries.is_empty() && !self.is_trial }
    }
}
