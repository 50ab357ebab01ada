use std::collections::{HashMap, HashSet};

use super::kind::ChangeKind;
use super::model::{Body, Node, NodeId, ObjectBody};
use super::outcome::{Found, Outcome, Pair, Place, Places, Step};
use super::patterns::Patterns;
use super::scalar::Sets;
use super::{array, combined, object, scalar};
use crate::schema::text::Json;

/// Pairs inside each other that one comparison goes down, for the sake of the stack; what lies deeper is compared in
/// its own right and the answer awaited.
const MAX_DEPTH: usize = 64;

/// Steps of the comparison before it is given up.
const MAX_STEPS: usize = 1_000_000;

/// The comparison of all pairs that the two roots lead to.
///
/// Schemas may contain themselves. A pair that is compared already further up is therefore assumed to be compatible; if
/// it turns out not to be, everything is compared again with what is known now, until nothing new turns up. That is the
/// greatest fixpoint, because a pair that breaks can only make others break.
pub(super) struct Comparison<'s, 'n> {
    nodes: &'n [Node<'s>],
    /// What each schema means in the end, where it is a `$ref`.
    targets: Vec<NodeId>,
    done: HashMap<Pair, Outcome<'s>>,
    open: HashSet<Pair>,
    /// Pairs whose outcome was needed before it was known.
    assumed: HashSet<Pair>,
    /// Pairs that are known to break.
    refuted: HashSet<Pair>,
    /// Pairs that lie too deep to be compared at once.
    postponed: Vec<Pair>,
    patterns: Patterns<'s>,
    pub(super) sets: Sets,
    depth: usize,
    steps: usize,
    /// Whether only the verdict of what is compared is needed.
    is_trial: bool,
}

/// The schemas have more pairs of parts than anybody waits for.
#[derive(Debug)]
pub(super) struct TooMany;

impl<'s, 'n> Comparison<'s, 'n> {
    /// Compares two schemas and all that they consist of.
    pub(super) fn run(
        nodes: &'n [Node<'s>],
        (writer, reader): Pair,
    ) -> Result<(Pair, HashMap<Pair, Outcome<'s>>), TooMany> {
        let mut comparison = Comparison {
            nodes,
            targets: targets(nodes),
            done: HashMap::new(),
            open: HashSet::new(),
            assumed: HashSet::new(),
            refuted: HashSet::new(),
            postponed: Vec::new(),
            patterns: Patterns::default(),
            sets: Sets::default(),
            depth: 0,
            steps: 0,
            is_trial: false,
        };
        let root = (comparison.target(writer), comparison.target(reader));
        let mut heads = vec![root];
        loop {
            comparison.done.clear();
            comparison.assumed.clear();
            // The deepest come first, so that those above find them done.
            for head in heads.iter().rev() {
                comparison.pair(*head);
            }
            while let Some(pair) = comparison.postponed.pop() {
                if comparison.done.get(&pair).is_none_or(|outcome| outcome.is_partial) {
                    heads.push(pair);
                    comparison.pair(pair);
                }
            }
            if comparison.is_too_much() {
                return Err(TooMany);
            }
            let known = comparison.refuted.len();
            for pair in &comparison.assumed {
                if comparison.done.get(pair).is_some_and(|outcome| outcome.breaks) {
                    comparison.refuted.insert(*pair);
                }
            }
            if comparison.refuted.len() == known {
                return Ok((root, comparison.done));
            }
        }
    }

    /// The schema that a `$ref` means in the end.
    pub(super) fn target(&self, id: NodeId) -> NodeId {
        self.targets[id.0 as usize]
    }

    pub(super) fn node(&self, id: NodeId) -> &'n Node<'s> {
        &self.nodes[id.0 as usize]
    }

    /// Compares two schemas.
    pub(super) fn compare(&mut self, writer: NodeId, reader: NodeId) -> Found {
        self.steps += 1;
        self.pair((self.target(writer), self.target(reader)))
    }

    fn pair(&mut self, pair: Pair) -> Found {
        if let Some(outcome) = self.done.get(&pair)
            && (self.is_trial || !outcome.is_partial)
        {
            return Found { pair, breaks: outcome.breaks, is_empty: outcome.entries.is_empty() };
        }
        if self.is_too_much() {
            return Found { pair, breaks: false, is_empty: true };
        }
        let is_open = self.open.contains(&pair);
        if is_open || self.depth >= MAX_DEPTH {
            if !is_open {
                self.postponed.push(pair);
            }
            self.assumed.insert(pair);
            return Found { pair, breaks: self.refuted.contains(&pair), is_empty: false };
        }
        self.depth += 1;
        self.open.insert(pair);
        let mut outcome = Outcome::default();
        self.bodies(pair, &mut outcome);
        self.open.remove(&pair);
        self.depth -= 1;
        let found = Found { pair, breaks: outcome.breaks, is_empty: outcome.entries.is_empty() };
        self.done.insert(pair, outcome);
        found
    }

    /// Finds out whether a pair breaks, where what breaks it is told to nobody.
    pub(super) fn try_out(&mut self, writer: NodeId, reader: NodeId) -> Found {
        let was_trial = std::mem::replace(&mut self.is_trial, true);
        let found = self.compare(writer, reader);
        self.is_trial = was_trial;
        found
    }

    /// Whether the rest of a pair need not be looked at.
    pub(super) fn is_settled(&self, outcome: &mut Outcome<'s>) -> bool {
        outcome.is_partial |= self.is_trial && outcome.breaks;
        outcome.is_partial
    }

    /// Whether it is time to give up.
    pub(super) fn is_too_much(&self) -> bool {
        self.steps > MAX_STEPS
    }

    fn bodies(&mut self, pair: Pair, outcome: &mut Outcome<'s>) {
        let (writer, reader) = (self.node(pair.0), self.node(pair.1));
        if combined::one_side(self, pair, outcome) {
            return;
        }
        let places = self.places(pair, Some(writer.json), Some(reader.json));
        if std::mem::discriminant(&writer.body) != std::mem::discriminant(&reader.body) {
            // Whoever takes everything takes this; of what nothing fits, nothing was written.
            if !matches!((&writer.body, &reader.body), (Body::Nothing, _) | (_, Body::Anything)) {
                outcome.change(Step::Here, ChangeKind::TypeChanged, places);
            }
            return;
        }
        self.annotations(pair, outcome);
        match (&writer.body, &reader.body) {
            (Body::Text(one), Body::Text(other)) => scalar::text(self, pair, one, other, outcome),
            (Body::Number(one), Body::Number(other)) => scalar::number(self, pair, one, other, outcome),
            (Body::Enum(one), Body::Enum(other)) => scalar::values(self, pair, one, other, outcome),
            (Body::Object(one), Body::Object(other)) => object::compare(self, pair, one, other, outcome),
            (Body::Array(one), Body::Array(other)) => array::compare(self, pair, one, other, outcome),
            (Body::Combined(..), Body::Combined(..)) => combined::compare(self, pair, outcome),
            (Body::Not(one), Body::Not(other)) => {
                // What must not be is compared the other way round.
                let breaks = self.try_out(*other, *one).breaks;
                let kind = if breaks { ChangeKind::NotTypeExtended } else { ChangeKind::NotTypeNarrowed };
                outcome.change(Step::Word("not"), kind, places);
            }
            _ => {}
        }
    }

    /// What the properties that an object does not list must meet.
    pub(super) fn others(&mut self, body: &ObjectBody<'s>, name: &str) -> Option<NodeId> {
        self.steps += body.patterns.len();
        let pattern = body.patterns.iter().find(|(pattern, _)| self.patterns.matches(pattern, name));
        pattern.map(|(_, schema)| *schema).or(body.additional.schema).or(body.unevaluated.schema)
    }

    fn annotations(&self, pair: Pair, outcome: &mut Outcome<'s>) {
        let (writer, reader) = (self.node(pair.0), self.node(pair.1));
        for (words, kind) in [
            (&["$id", "id"][..], ChangeKind::IdChanged),
            (&["title"], ChangeKind::TitleChanged),
            (&["description"], ChangeKind::DescriptionChanged),
            (&["default"], ChangeKind::DefaultChanged),
        ] {
            let value = |node: &Node<'s>| words.iter().filter(|_| node.annotated).find_map(|word| node.json.get(word));
            let (one, other) = (value(writer), value(reader));
            let same = match (one, other) {
                (Some(one), Some(other)) => super::same::equal(one, other),
                (one, other) => one.is_none() && other.is_none(),
            };
            if !same {
                outcome.change(Step::Here, kind, self.places(pair, one, other));
            }
        }
    }

    /// The places of values that lie in the texts of a pair.
    pub(super) fn places(
        &self,
        pair: Pair,
        writer: Option<&'s Json<'static>>,
        reader: Option<&'s Json<'static>>,
    ) -> Places<'s> {
        let place = |id: NodeId, json| Place { json, inside: self.node(id).inside };
        Places { writer: writer.map(|json| place(pair.0, json)), reader: reader.map(|json| place(pair.1, json)) }
    }
}

/// What each schema means once `$ref`s are followed, each of which is followed once.
fn targets(nodes: &[Node<'_>]) -> Vec<NodeId> {
    let mut targets: Vec<Option<NodeId>> = vec![None; nodes.len()];
    for start in 0..nodes.len() {
        let mut way = Vec::new();
        let mut at = start;
        let end = loop {
            match (targets[at], &nodes[at].body) {
                (Some(end), _) => break end,
                (None, Body::Reference(next)) => {
                    // For as long as the way goes on; one that comes back to itself leads nowhere.
                    targets[at] = Some(NodeId(at as u32));
                    way.push(at);
                    at = next.0 as usize;
                }
                (None, _) => break NodeId(at as u32),
            }
        };
        targets[start] = Some(end);
        way.into_iter().for_each(|passed| targets[passed] = Some(end));
    }
    targets.into_iter().flatten().collect()
}
