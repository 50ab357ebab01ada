//! Texts, numbers and lists of values.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::compare::Comparison;
use super::kind::ChangeKind::{self, *};
use super::model::{NumberBody, TextBody};
use super::number;
use super::outcome::{Outcome, Pair, Step};
use super::same::Sameness;
use crate::schema::text::Json;

type Value<'s> = Option<&'s Json<'static>>;

/// What became of a bound: added, removed, increased, decreased.
pub(super) type BoundKinds = [ChangeKind; 4];

pub(super) fn text<'s>(
    comparison: &Comparison<'s, '_>,
    pair: Pair,
    writer: &TextBody<'s>,
    reader: &TextBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    let mut bound = |word, one, other, kinds| bound(comparison, pair, word, (one, other), kinds, outcome);
    bound(
        "maxLength",
        writer.max_length,
        reader.max_length,
        [MaxLengthAdded, MaxLengthRemoved, MaxLengthIncreased, MaxLengthDecreased],
    );
    bound(
        "minLength",
        writer.min_length,
        reader.min_length,
        [MinLengthAdded, MinLengthRemoved, MinLengthIncreased, MinLengthDecreased],
    );
    let kind = match (writer.pattern, reader.pattern) {
        (None, Some(_)) => PatternAdded,
        (Some(_), None) => PatternRemoved,
        // Whether one expression allows what another allows is not looked into.
        (Some(one), Some(other)) if one.as_str() != other.as_str() => PatternChanged,
        _ => return,
    };
    outcome.change(Step::Word("pattern"), kind, comparison.places(pair, writer.pattern, reader.pattern));
}

pub(super) fn number<'s>(
    comparison: &Comparison<'s, '_>,
    pair: Pair,
    writer: &NumberBody<'s>,
    reader: &NumberBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    let mut bound = |word, one, other, kinds| bound(comparison, pair, word, (one, other), kinds, outcome);
    bound(
        "maximum",
        writer.maximum,
        reader.maximum,
        [MaximumAdded, MaximumRemoved, MaximumIncreased, MaximumDecreased],
    );
    bound(
        "minimum",
        writer.minimum,
        reader.minimum,
        [MinimumAdded, MinimumRemoved, MinimumIncreased, MinimumDecreased],
    );
    bound(
        "exclusiveMaximum",
        writer.exclusive_maximum,
        reader.exclusive_maximum,
        [ExclusiveMaximumAdded, ExclusiveMaximumRemoved, ExclusiveMaximumIncreased, ExclusiveMaximumDecreased],
    );
    bound(
        "exclusiveMinimum",
        writer.exclusive_minimum,
        reader.exclusive_minimum,
        [ExclusiveMinimumAdded, ExclusiveMinimumRemoved, ExclusiveMinimumIncreased, ExclusiveMinimumDecreased],
    );
    multiple_of(comparison, pair, (writer.multiple_of, reader.multiple_of), outcome);
    if writer.whole != reader.whole {
        let kind = if reader.whole { TypeNarrowed } else { TypeExtended };
        let json = |id| comparison.node(id).json.get("type");
        outcome.change(Step::Here, kind, comparison.places(pair, json(pair.0), json(pair.1)));
    }
}

fn multiple_of<'s>(
    comparison: &Comparison<'s, '_>,
    pair: Pair,
    (writer, reader): (Value<'s>, Value<'s>),
    outcome: &mut Outcome<'s>,
) {
    let digits = |json: Value<'s>| json.and_then(Json::as_number);
    let kind = match (digits(writer), digits(reader)) {
        (None, Some(_)) => MultipleOfAdded,
        (Some(_), None) => MultipleOfRemoved,
        (Some(one), Some(other)) if number::compare(one, other) == Ordering::Equal => return,
        (Some(one), Some(other)) if number::is_multiple(other, one) => MultipleOfExpanded,
        (Some(one), Some(other)) if number::is_multiple(one, other) => MultipleOfReduced,
        (Some(_), Some(_)) => MultipleOfChanged,
        (None, None) => return,
    };
    outcome.change(Step::Word("multipleOf"), kind, comparison.places(pair, writer, reader));
}

/// Compares a number that limits something.
pub(super) fn bound<'s>(
    comparison: &Comparison<'s, '_>,
    pair: Pair,
    word: &'static str,
    (writer, reader): (Value<'s>, Value<'s>),
    [added, removed, increased, decreased]: BoundKinds,
    outcome: &mut Outcome<'s>,
) {
    let digits = |json: Value<'s>| json.and_then(Json::as_number);
    let kind = match (digits(writer), digits(reader)) {
        (None, None) => return,
        (None, Some(_)) => added,
        (Some(_), None) => removed,
        (Some(one), Some(other)) => match number::compare(one, other) {
            Ordering::Less => increased,
            Ordering::Greater => decreased,
            Ordering::Equal => return,
        },
    };
    outcome.change(Step::Word(word), kind, comparison.places(pair, writer, reader));
}

/// Compares two `enum`s.
pub(super) fn values<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    writer: &'s Json<'static>,
    reader: &'s Json<'static>,
    outcome: &mut Outcome<'s>,
) {
    let kind = match comparison.subsets(writer, reader) {
        (true, true) => return,
        (true, false) => EnumArrayExtended,
        (false, true) => EnumArrayNarrowed,
        (false, false) => EnumArrayChanged,
    };
    outcome.change(Step::Word("enum"), kind, comparison.places(pair, Some(writer), Some(reader)));
}

/// The values of arrays that were compared, by the address of the array: of a choice of many, each is compared often.
#[derive(Default)]
pub(super) struct Sets {
    sameness: Sameness,
    known: HashMap<usize, Rc<HashSet<u64>>>,
}

impl Sets {
    /// Whether the second array has all that the first has, and the reverse; and how many values were looked at.
    pub(super) fn subsets(&mut self, one: &Json<'static>, other: &Json<'static>) -> (bool, bool, usize) {
        let (one, other) = (self.of(one), self.of(other));
        let mut looked_at = 0;
        let mut is_subset = |one: &HashSet<u64>, other: &HashSet<u64>| {
            let is_in_other = |value| {
                looked_at += 1;
                other.contains(value)
            };
            one.len() <= other.len() && one.iter().all(is_in_other)
        };
        let (there, back) = (is_subset(&one, &other), is_subset(&other, &one));
        (there, back, looked_at)
    }

    fn of(&mut self, json: &Json<'static>) -> Rc<HashSet<u64>> {
        let known = self.known.entry(json.address());
        let items = json.as_array().unwrap_or_default();
        Rc::clone(known.or_insert_with(|| Rc::new(items.iter().map(|item| self.sameness.hash(item)).collect())))
    }
}
