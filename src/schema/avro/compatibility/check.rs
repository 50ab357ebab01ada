//! The comparison itself. What waits for a part to be compared stands in a list, because schemas must not end the stack.

use std::cell::RefCell;
use std::collections::HashMap;

use super::knots::{Knots, Settled};
use super::lookup::{Found, NamedBranches, WriterFields, fields_of};
use super::message::Messages;
use super::place::{Place, Places, Step, Within};
use super::problem::{Findings, MOST_LISTED, MOST_TEXT, Node, Outcome, Problem, Sides, What};
use super::rules;
use crate::schema::Incompatibility;
use crate::schema::avro::model::{AvroSchema, NamedId, Type};

pub(super) struct Check<'s> {
    pub(super) sides: Sides<'s>,
    waiting: Vec<Frame<'s>>,
    /// What became of two types of which one has a name; `None` while they are being compared. Two types without a
    /// name meet once, because what holds them meets once.
    pub(super) known: HashMap<Key, Option<Outcome>>,
    pub(super) findings: Findings<'s>,
    pub(super) places: Places,
    writer_fields: WriterFields<'s>,
    named_branches: NamedBranches<'s>,
    pub(super) knots: Knots,
    /// How often types met, compared or not, and how much of them was looked at.
    steps: usize,
    /// What there is no way on from.
    given_up: Option<Outcome>,
}

/// Steps, and pairs of types and places that are remembered, before all is given up. Schemas that people write meet a
/// few hundred times.
const MOST_STEPS: usize = 50_000_000;
const MOST_PAIRS: usize = 1_000_000;
const MOST_PLACES: usize = 2_000_000;

/// From here on, what a union cannot read for its name alone is not compared any more, nor looked at, though a location of
/// something else might depend on it.
const MANY_PAIRS: usize = 100_000;

/// Two types.
pub(super) type Key = (usize, usize);

/// Two types that wait for their parts.
struct Frame<'s> {
    parts: Parts<'s>,
    key: Option<Key>,
    place: Place,
    /// The number of `place`, where a part needed it.
    number: Option<u32>,
    /// The parts that have been begun.
    begun: usize,
    found: Vec<Outcome>,
}

#[derive(Clone, Copy)]
pub(super) enum Parts<'s> {
    /// The fields of the reader's record.
    Fields { reader: NamedId, writer: NamedId },
    /// The writer's branches, all of which must be read. `union` is the reader where it is one.
    All { reader: Node<'s>, union: Option<&'s Type>, branches: &'s [Type] },
    /// The reader's branches, one of which must read. `closest` is what the branch found that comes closest.
    Any { union: &'s Type, branches: &'s [Type], writer: Node<'s>, closest: Option<(Closeness, u32)> },
}

/// How much alike two types are that do not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Closeness {
    Kind,
    Name,
}

impl<'s> Check<'s> {
    pub(super) fn new(reader: &'s AvroSchema, writer: &'s AvroSchema) -> Self {
        Self {
            sides: Sides { reader, writer },
            waiting: Vec::new(),
            known: HashMap::new(),
            findings: Findings::default(),
            places: Places::default(),
            writer_fields: WriterFields::default(),
            named_branches: NamedBranches::default(),
            knots: Knots::default(),
            steps: 0,
            given_up: None,
        }
    }

    pub(super) fn run(mut self) -> Vec<Incompatibility> {
        let (reader, writer) = (Node::of(&self.sides.reader.root), Node::of(&self.sides.writer.root));
        let mut outcome = self.compare(reader, writer, Place::ROOT);
        while self.given_up.is_none()
            && let Some(mut frame) = self.waiting.pop()
        {
            outcome = match outcome.and_then(|outcome| self.take(&mut frame, outcome)) {
                Some(end) => Some(self.end(frame, end)),
                None => self.advance(frame),
            };
        }
        match self.given_up.or(outcome) {
            None | Some(Outcome::Compatible) => Vec::new(),
            Some(outcome) => self.listed(outcome),
        }
    }

    fn listed(&self, outcome: Outcome) -> Vec<Incompatibility> {
        let symbols = RefCell::default();
        let messages = Messages { sides: self.sides, findings: &self.findings, places: &self.places, symbols };
        let mut listed: Vec<Incompatibility> = Vec::new();
        let mut text = 0;
        for problem in self.findings.walk(outcome).take(MOST_LISTED) {
            let incompatibility = messages.incompatibility(self.findings.get(problem));
            let help = incompatibility.help.as_ref().map_or(0, String::len);
            text += incompatibility.path.len() + incompatibility.message.len() + help;
            listed.push(incompatibility);
            if text > MOST_TEXT {
                break;
            }
        }
        listed
    }

    /// Counts a comparison. False where there have been too many.
    pub(super) fn may_go_on(&mut self) -> bool {
        self.steps += 1;
        let may_go_on = self.steps <= MOST_STEPS && self.known.len() <= MOST_PAIRS && self.places.len() <= MOST_PLACES;
        if !may_go_on && self.given_up.is_none() {
            self.given_up = Some(self.findings.add_last(Problem { what: What::Knotted, place: Place::ROOT }));
        }
        may_go_on
    }

    /// Counts what is looked at besides. It is at most as much as a schema has, so that asking at the next comparison
    /// is early enough.
    pub(super) fn count(&mut self, steps: usize) {
        self.steps += steps;
    }

    /// Lets two types wait for their parts.
    pub(super) fn wait(&mut self, parts: Parts<'s>, place: Place, key: Option<Key>, found: Vec<Outcome>) {
        if let Some(key) = key {
            self.known.insert(key, None);
        }
        self.waiting.push(Frame { parts, key, place, number: None, begun: 0, found });
    }

    /// Goes on with two types until one of their parts has to wait itself, or until they are compared.
    fn advance(&mut self, mut frame: Frame<'s>) -> Option<Outcome> {
        loop {
            let index = frame.begun;
            frame.begun += 1;
            let (reader, writer, place) = match frame.parts {
                Parts::Fields { reader, writer } => {
                    let Some(field) = fields_of(self.sides.reader, reader).get(index) else { break };
                    self.count(1 + field.aliases.len());
                    let within = Within { reader: Some(reader.0 as u32), writer: Some(writer.0 as u32) };
                    let at = |step, parent| Place { parent: Some(parent), step, within };
                    let parent = self.number(&mut frame);
                    match self.writer_fields.find(self.sides.writer, writer, field, index) {
                        Found::One(other) => {
                            let place = at(Step::FieldType(index as u32), parent);
                            (Node::of(&field.field_type), Node::of(&other.field_type), place)
                        }
                        Found::Nothing if field.default.is_some() => continue,
                        Found::Nothing => {
                            let missing =
                                self.without_default(index, &field.field_type, writer, |step| at(step, parent));
                            self.findings.keep(&mut frame.found, missing);
                            continue;
                        }
                        Found::Two(one, other) => {
                            let what = What::Ambiguous { field: index, one, other };
                            let place = at(Step::Field(index as u32), parent);
                            self.given_up = Some(self.findings.add_last(Problem { what, place }));
                            return None;
                        }
                    }
                }
                Parts::All { reader, union, branches } => {
                    let Some(branch) = branches.get(index) else { break };
                    // Java begins anew where both are unions, and lists what the reader's union lacks.
                    let place = match union {
                        Some(_) => frame.place.fresh(),
                        None => self.branch(&mut frame, index),
                    };
                    (reader, Node::of(branch), place)
                }
                Parts::Any { union, branches, writer, .. } => {
                    let index = match writer {
                        Node::Named(writer) if self.known.len() > MANY_PAIRS => {
                            self.count(1);
                            let next = self.named_branches.next(self.sides, union, branches, writer, index);
                            let Some(next) = next else { break };
                            frame.begun = next + 1;
                            next
                        }
                        _ => index,
                    };
                    let Some(branch) = branches.get(index) else { break };
                    let reader = Node::of(branch);
                    if rules::cannot_matter(reader, writer) {
                        self.count(1);
                        continue;
                    }
                    (reader, writer, frame.place.fresh())
                }
            };
            // A part that has to wait comes behind the types that it is a part of.
            let waiting = self.waiting.len();
            match self.compare(reader, writer, place) {
                Some(outcome) => {
                    if let Some(end) = self.take(&mut frame, outcome) {
                        return Some(self.end(frame, end));
                    }
                }
                None => {
                    self.waiting.insert(waiting, frame);
                    return None;
                }
            }
        }
        let end = match frame.parts {
            Parts::Any { union, writer, closest, .. } => {
                self.no_branch(union, writer, closest.map(|(_, problem)| problem), frame.place)
            }
            _ => self.findings.join(std::mem::take(&mut frame.found)),
        };
        Some(self.end(frame, end))
    }

    /// Takes what became of the part that was begun last. What comes back is what became of the whole.
    fn take(&mut self, frame: &mut Frame<'s>, outcome: Outcome) -> Option<Outcome> {
        let last = frame.begun - 1;
        match &mut frame.parts {
            Parts::Any { branches, writer, closest, .. } => {
                if outcome == Outcome::Compatible {
                    return Some(outcome);
                }
                let closeness = self.closeness(Node::of(&branches[last]), *writer);
                if closeness > closest.map(|(closeness, _)| closeness) {
                    *closest = closeness.zip(self.findings.first(outcome));
                }
            }
            _ if outcome == Outcome::Compatible => {}
            Parts::All { union: Some(union), branches, .. } => {
                let (union, writer) = (*union, Node::of(&branches[last]));
                let cause = self.findings.first(outcome).and_then(|problem| match self.findings.get(problem).what {
                    What::NoBranch { cause, .. } => cause,
                    _ => None,
                });
                let place = self.branch(frame, last);
                let missing = self.no_branch(union, writer, cause, place);
                self.findings.keep(&mut frame.found, missing);
            }
            Parts::All { .. } | Parts::Fields { .. } => self.findings.keep(&mut frame.found, outcome),
        }
        None
    }

    /// Keeps what became of two types.
    fn end(&mut self, frame: Frame<'s>, outcome: Outcome) -> Outcome {
        if let Parts::Any { union, branches, writer, closest } = frame.parts
            && let Some(number) = self.knots.number(union)
        {
            let settled = match outcome {
                Outcome::Compatible => {
                    // It may only count as compatible because it is being compared.
                    let key = (Node::of(&branches[frame.begun - 1]).key(), writer.key());
                    (self.known.get(&key) != Some(&None)).then_some(Settled::Read)
                }
                _ => Some(Settled::Missing(closest.map(|(_, problem)| problem))),
            };
            if let Some(settled) = settled {
                self.knots.settle(number, writer, settled);
            }
        }
        self.keep(frame.key, outcome)
    }

    pub(super) fn keep(&mut self, key: Option<Key>, outcome: Outcome) -> Outcome {
        if let Some(key) = key {
            self.known.insert(key, Some(outcome));
        }
        outcome
    }

    pub(super) fn no_branch(
        &mut self,
        reader: &'s Type,
        writer: Node<'s>,
        cause: Option<u32>,
        place: Place,
    ) -> Outcome {
        self.findings.add(Problem { what: What::NoBranch { reader, writer, cause }, place })
    }

    fn branch(&mut self, frame: &mut Frame<'s>, index: usize) -> Place {
        let parent = Some(self.number(frame));
        Place { parent, step: Step::Branch(index as u32), within: frame.place.within }
    }

    fn number(&mut self, frame: &mut Frame<'s>) -> u32 {
        *frame.number.get_or_insert_with(|| self.places.add(frame.place))
    }
}
