use std::collections::{HashMap, HashSet};

use super::kind::ChangeKind;
use super::model::{Body, Node, NodeId, ObjectBody};
use super::nearest::{self, Cause};
use super::outcome::{Found, Outcome, Pair, Place, Places, Step};
use super::patterns::Patterns;
use super::scalar::Sets;
use super::{array, combined, object, scalar};
use crate::schema::text::Json;

/// Pairs inside each other that one comparison goes down, for the sake of the stack; what lies deeper is compared in
/// its own right and the answer awaited.
const MAX_DEPTH: usize = 64;

/// Steps of the comparison before it is given up: a property, an element or a value that is looked at is one.
const MAX_STEPS: usize = 8_000_000;

/// Steps of all comparisons of a history. What is left of them is what the next one may take, and at least so many: no
/// schema that people write needs them.
const MOST_TOGETHER: usize = 3 * MAX_STEPS;
const LEAST: usize = 1_000_000;

/// What the comparison of a pair costs in steps, for all that is not counted apart.
const PAIR: usize = 8;

/// Changes that are kept before the comparison is given up.
const MAX_ENTRIES: usize = 1_000_000;

/// Of these, what the causes of what breaks may take when the verdict is known.
const CAUSE_STEPS: usize = 1_000_000;
const CAUSE_ENTRIES: usize = 200_000;

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
    sets: Sets,
    depth: usize,
    steps: usize,
    /// Steps that it may take.
    most_steps: usize,
    entries: usize,
    /// Whether only the verdict of what is compared is needed.
    is_trial: bool,
    assumes_worst: bool,
    /// The first of which the assumption made a difference.
    doubt: Option<Doubt<'s>>,
}

/// What is left of the steps that the comparisons of a history may take together: one may take seconds, and a history has
/// hundreds.
#[derive(Debug, Clone)]
pub struct Effort(usize);

impl Default for Effort {
    fn default() -> Self {
        Self(MOST_TOGETHER)
    }
}

impl Effort {
    /// After a history that took all.
    #[cfg(test)]
    pub(super) fn spent() -> Self {
        Self(0)
    }
}

/// The schemas have more than anybody waits for.
#[derive(Debug)]
pub(super) enum TooMany {
    /// Pairs of parts.
    Pairs,
    /// Pairs of parts, for what the versions before have left.
    Together,
    /// Patterns, or names that may match them.
    Patterns,
}

/// A pattern of which nobody here can say whether it matches a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doubt<'s> {
    pub(super) pattern: &'s str,
    pub(super) name: &'s str,
}

/// What a property must meet that an object does not list.
pub(super) struct Others<'s> {
    /// A schema, or `None` where it must not be there. Several where it is not clear which.
    pub(super) possible: Vec<Option<NodeId>>,
    /// Why it is not clear.
    pub(super) doubt: Option<Doubt<'s>>,
}

/// What the comparison of two schemas has found.
pub(super) struct Compared<'s> {
    pub(super) root: Pair,
    pub(super) outcomes: HashMap<Pair, Outcome<'s>>,
    /// Where the answer was not clear and the best or the worst was assumed.
    pub(super) doubt: Option<Doubt<'s>>,
    /// Why parts of combined schemas have no counterpart.
    pub(super) causes: HashMap<(Pair, ChangeKind), Cause<'s>>,
}

impl Compared<'_> {
    pub(super) fn breaks(&self) -> bool {
        self.outcomes.get(&self.root).is_some_and(|outcome| outcome.breaks)
    }
}

impl<'s, 'n> Comparison<'s, 'n> {
    /// Compares two schemas and all that they consist of. Where it is not clear what a property must meet, the best or
    /// the worst is assumed.
    pub(super) fn run(
        nodes: &'n [Node<'s>],
        (writer, reader): Pair,
        assumes_worst: bool,
        effort: &mut Effort,
    ) -> Result<Compared<'s>, TooMany> {
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
            most_steps: effort.0.clamp(LEAST, MAX_STEPS),
            entries: 0,
            is_trial: false,
            assumes_worst,
            doubt: None,
        };
        let root = (comparison.target(writer), comparison.target(reader));
        let settled = comparison.settle(root);
        effort.0 = effort.0.saturating_sub(comparison.steps);
        settled.map(|()| comparison.told(root))
    }

    /// Compares until nothing new turns up.
    fn settle(&mut self, root: Pair) -> Result<(), TooMany> {
        let mut heads = vec![root];
        loop {
            self.done.clear();
            self.entries = 0;
            self.assumed.clear();
            // The deepest come first, so that those above find them done.
            for head in heads.iter().rev() {
                self.pair(*head);
            }
            while let Some(pair) = self.postponed.pop() {
                if self.done.get(&pair).is_none_or(|outcome| outcome.is_trial) {
                    heads.push(pair);
                    self.pair(pair);
                }
            }
            if self.patterns.is_too_much() {
                return Err(TooMany::Patterns);
            }
            if self.is_too_much() {
                let is_whole = self.most_steps == MAX_STEPS || self.steps <= self.most_steps;
                return Err(if is_whole { TooMany::Pairs } else { TooMany::Together });
            }
            let known = self.refuted.len();
            for pair in &self.assumed {
                if self.done.get(pair).is_some_and(|outcome| outcome.breaks) {
                    self.refuted.insert(*pair);
                }
            }
            if self.refuted.len() == known {
                return Ok(());
            }
        }
    }

    /// What was found, with the causes of what breaks. Looking for them changes no verdict: each that is known is kept.
    fn told(mut self, root: Pair) -> Compared<'s> {
        let doubt = self.doubt;
        let breaks = self.outcome(root).is_some_and(|outcome| outcome.breaks);
        (self.steps, self.entries) = (self.most_steps.saturating_sub(CAUSE_STEPS), MAX_ENTRIES - CAUSE_ENTRIES);
        let causes = if breaks { nearest::causes(&mut self) } else { HashMap::new() };
        Compared { root, outcomes: self.done, doubt, causes }
    }

    /// What was found of each pair.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = (&Pair, &Outcome<'s>)> {
        self.done.iter()
    }

    /// What was found of a pair.
    pub(super) fn outcome(&self, pair: Pair) -> Option<&Outcome<'s>> {
        self.done.get(&pair)
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
        self.count(PAIR);
        self.pair((self.target(writer), self.target(reader)))
    }

    fn pair(&mut self, pair: Pair) -> Found {
        if let Some(outcome) = self.done.get(&pair)
            && (self.is_trial || !outcome.is_trial)
        {
            return outcome.found(pair);
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
        let mut outcome = Outcome::new(self.is_trial);
        self.bodies(pair, &mut outcome);
        self.open.remove(&pair);
        self.depth -= 1;
        let found = outcome.found(pair);
        self.entries += outcome.entries.len();
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

    /// Counts what has been looked at.
    pub(super) fn count(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps);
    }

    /// Whether the rest of a pair need not be looked at.
    pub(super) fn is_over(&self, outcome: &Outcome<'s>) -> bool {
        outcome.is_settled() || self.is_too_much()
    }

    /// Whether it is time to give up.
    pub(super) fn is_too_much(&self) -> bool {
        self.steps > self.most_steps || self.entries > MAX_ENTRIES || self.patterns.is_too_much()
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
        // They break nothing.
        if !self.is_trial {
            self.annotations(pair, outcome);
        }
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

    /// What a property that an object does not list must meet.
    pub(super) fn others(&mut self, body: &ObjectBody<'s>, name: &'s str) -> Others<'s> {
        let mut others = Others { possible: Vec::new(), doubt: None };
        for (pattern, schema) in &body.patterns {
            if self.is_too_much() {
                break;
            }
            self.count(1);
            match self.patterns.matches(pattern, name) {
                Some(false) => continue,
                Some(true) => {}
                None => {
                    others.doubt.get_or_insert(Doubt { pattern, name });
                }
            }
            others.possible.push(Some(*schema));
            if others.doubt.is_none() {
                return others;
            }
        }
        others.possible.push(body.additional.schema.or(body.unevaluated.schema));
        others
    }

    /// Of several answers, one of which is right, the first that breaks where the worst is assumed, and else the first
    /// that does not.
    pub(super) fn choose<A: Copy>(
        &mut self,
        answers: &[A],
        breaks: impl Fn(&A) -> bool,
        doubt: Option<Doubt<'s>>,
    ) -> Option<A> {
        let first = answers.first()?;
        let other = answers.iter().find(|answer| breaks(answer) != breaks(first));
        if other.is_some() {
            self.doubt = self.doubt.or(doubt);
        }
        other.filter(|_| breaks(first) != self.assumes_worst).or(Some(first)).copied()
    }

    /// Whether one array has all that another has, and the reverse.
    pub(super) fn subsets(&mut self, one: &Json<'static>, other: &Json<'static>) -> (bool, bool) {
        let (there, back, looked_at) = self.sets.subsets(one, other);
        self.count(looked_at);
        (there, back)
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

    /// The places of values that lie in the texts of a pair; of one that is on one side alone, what has it not.
    pub(super) fn places(
        &self,
        pair: Pair,
        writer: Option<&'s Json<'static>>,
        reader: Option<&'s Json<'static>>,
    ) -> Places<'s> {
        let place = |id: NodeId, json: Option<&'s Json<'static>>| match json {
            Some(json) => Place::Here(json),
            None => Place::MissingIn(self.node(id).json),
        };
        Places { writer: place(pair.0, writer), reader: place(pair.1, reader) }
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
