//! What was found, until it is known whether it is listed.

use super::place::Place;
use crate::schema::avro::model::{AvroSchema, NamedId, Type, TypeKind};

/// A type of one side. Named types are one type wherever they are used, unnamed ones are one where they stand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node<'s> {
    Unnamed(&'s Type),
    Named(NamedId),
}

impl<'s> Node<'s> {
    pub(super) fn of(of: &'s Type) -> Self {
        match of.kind {
            TypeKind::Named(id) => Node::Named(id),
            _ => Node::Unnamed(of),
        }
    }

    /// What tells it from every other type of its side.
    pub(super) fn key(self) -> usize {
        match self {
            // Types are aligned, so that their addresses are even.
            Node::Unnamed(of) => std::ptr::from_ref(of) as usize,
            Node::Named(id) => id.0 * 2 + 1,
        }
    }
}

/// The two schemas.
#[derive(Clone, Copy)]
pub(super) struct Sides<'s> {
    pub(super) reader: &'s AvroSchema,
    pub(super) writer: &'s AvroSchema,
}

/// Something because of which the reader cannot read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem<'s> {
    pub(super) what: What<'s>,
    pub(super) place: Place,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum What<'s> {
    /// The types do not fit.
    Type { reader: Node<'s>, writer: Node<'s> },
    /// Named types of one kind whose names differ.
    Name { reader: NamedId, writer: NamedId },
    /// Fixed of different sizes.
    Size { reader: NamedId, writer: NamedId },
    /// Symbols that the reader's enum lacks.
    Symbols { reader: NamedId, writer: NamedId },
    /// A field without default that the writer lacks.
    NoDefault { field: usize },
    /// The same, of an enum that has a default; Java gives it another kind.
    OnlyEnumDefault { field: usize, id: NamedId },
    /// A writer's type that no branch of the reader's union reads, and why the closest one does not.
    NoBranch { reader: &'s Type, writer: Node<'s>, cause: Option<u32> },
    /// A field that two of the writer's could be, on which Java gives up.
    Ambiguous { field: usize, one: &'s str, other: &'s str },
    /// Too many types meet each other, and what is not known is not compatible.
    Knotted,
}

/// What a comparison led to: a list stands for all that is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Compatible,
    Problem(u32),
    List(u32),
}

/// Problems that are kept. What comes behind counts for the verdict alone.
pub(super) const MOST_PROBLEMS: usize = 250_000;

/// Outcomes that lists hold together, repetitions included.
const MOST_OUTCOMES: usize = 4_000_000;

/// Incompatibilities that are listed, and the bytes of text that they may take together.
pub(super) const MOST_LISTED: usize = 100_000;
pub(super) const MOST_TEXT: usize = 32 << 20;

/// Everything that was found.
#[derive(Default)]
pub(super) struct Findings<'s> {
    problems: Vec<Problem<'s>>,
    lists: Vec<List>,
    /// How many outcomes are in lists, or will be.
    outcomes: usize,
}

struct List {
    /// The first problem in it.
    first: u32,
    outcomes: Vec<Outcome>,
}

impl<'s> Findings<'s> {
    pub(super) fn add(&mut self, problem: Problem<'s>) -> Outcome {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
        Outcome::Problem((self.problems.len() - 1) as u32)
    }

    /// Keeps the one problem that is told where all is given up, however many there are.
    pub(super) fn add_last(&mut self, problem: Problem<'s>) -> Outcome {
        self.problems.push(problem);
        Outcome::Problem((self.problems.len() - 1) as u32)
    }

    /// Adds an outcome to others. Where nothing more is kept, one of them stands for all.
    pub(super) fn keep(&mut self, outcomes: &mut Vec<Outcome>, outcome: Outcome) {
        let is_full = self.problems.len() >= MOST_PROBLEMS || self.outcomes >= MOST_OUTCOMES;
        if outcomes.is_empty() || !is_full {
            outcomes.push(outcome);
            self.outcomes += 1;
        }
    }

    pub(super) fn get(&self, index: u32) -> &Problem<'s> {
        &self.problems[index as usize]
    }

    /// One outcome for several.
    pub(super) fn join(&mut self, outcomes: Vec<Outcome>) -> Outcome {
        match outcomes[..] {
            [] => Outcome::Compatible,
            [only] => only,
            _ => {
                let first = outcomes.iter().find_map(|outcome| self.first(*outcome));
                let Some(first) = first else { return Outcome::Compatible };
                self.lists.push(List { first, outcomes });
                Outcome::List((self.lists.len() - 1) as u32)
            }
        }
    }

    /// The first problem of an outcome.
    pub(super) fn first(&self, outcome: Outcome) -> Option<u32> {
        match outcome {
            Outcome::Compatible => None,
            Outcome::Problem(index) => Some(index),
            Outcome::List(index) => Some(self.lists[index as usize].first),
        }
    }

    /// Every problem of an outcome, as often as it is in it.
    pub(super) fn walk(&self, outcome: Outcome) -> impl Iterator<Item = u32> + '_ {
        let mut left = vec![outcome];
        std::iter::from_fn(move || {
            loop {
                match left.pop()? {
                    Outcome::Compatible => {}
                    Outcome::Problem(index) => return Some(index),
                    Outcome::List(index) => left.extend(self.lists[index as usize].outcomes.iter().rev()),
                }
            }
        })
    }
}
