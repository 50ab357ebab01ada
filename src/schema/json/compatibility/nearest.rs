//! Why a part of a combined schema has no counterpart: which part of the other side comes nearest, and what of it breaks.

use std::collections::{HashMap, HashSet};

use super::combined::match_parts;
use super::compare::Comparison;
use super::explain::explain;
use super::kind::ChangeKind;
use super::model::{Body, Criterion, Node, NodeId};
use super::outcome::{Entry, Pair, Place, Places, Step, What};
use super::same::{Sameness, equal};
use crate::schema::error::quoted;
use crate::schema::text::{Json, Value};

/// Combined schemas of which that is told.
const MOST_CAUSES: usize = 200;

/// Parts of each side without a counterpart, among which the nearest are looked for.
const MOST_PARTS: usize = 16;

/// Causes inside causes that are told.
const MOST_INSIDE: usize = 3;

/// Changes that are counted of a pair of parts.
const MOST_COUNTED: usize = 100;

/// Items of an array among which one is looked for.
const MOST_SEARCHED: usize = 1_000;

/// What keeps a part from having a counterpart.
pub(super) struct Cause<'s> {
    /// Which parts are nearest and what breaks of them, as the end of a sentence.
    pub(super) words: String,
    /// The change that breaks, and the pair that has it. Of one in the text of another subject, what leads there.
    pub(super) change: Change<'s>,
    /// The change itself, whichever text has it.
    pub(super) inner: Change<'s>,
}

/// A change that breaks, and where.
#[derive(Clone, Copy)]
pub(super) struct Change<'s> {
    pub(super) pair: Pair,
    pub(super) kind: ChangeKind,
    pub(super) step: Step<'s>,
    pub(super) places: Places<'s>,
}

/// Whether a change is one of which can be said which part it is about, and what is wrong with that.
fn has_cause(kind: ChangeKind) -> bool {
    use ChangeKind::{CombinedTypeSubschemasChanged, ProductTypeExtended, SumTypeNarrowed, TypeChanged};
    matches!(kind, CombinedTypeSubschemasChanged | ProductTypeExtended | SumTypeNarrowed | TypeChanged)
}

/// The causes of the changes that have one. What is spent on that is limited, and beyond it there are fewer.
pub(super) fn causes<'s>(comparison: &mut Comparison<'s, '_>) -> HashMap<(Pair, ChangeKind), Cause<'s>> {
    let kind = |entry: &Entry<'s>| match entry.what {
        What::Change(kind, _) => Some(kind).filter(|kind| has_cause(*kind)),
        What::Inner(_) => None,
    };
    let told = comparison.outcomes().filter(|(_, outcome)| !outcome.is_trial);
    let told = told.flat_map(|(pair, outcome)| outcome.entries.iter().filter_map(kind).map(|kind| (*pair, kind)));
    let mut told: Vec<(Pair, ChangeKind)> = told.collect();
    // So that the same have theirs each time.
    told.sort_unstable_by_key(|(pair, _)| *pair);
    let mut causes = HashMap::new();
    for (pair, kind) in told {
        if causes.len() == MOST_CAUSES || comparison.is_too_much() {
            break;
        }
        if let Some(cause) = cause(comparison, pair, kind, MOST_INSIDE) {
            causes.insert((pair, kind), cause);
        }
    }
    causes
}

fn cause<'s>(comparison: &mut Comparison<'s, '_>, pair: Pair, kind: ChangeKind, inside: usize) -> Option<Cause<'s>> {
    let (writers, readers) = without_counterpart(comparison, pair)?;
    if matches!(kind, ChangeKind::ProductTypeExtended | ChangeKind::SumTypeNarrowed) {
        return surplus(comparison, pair, kind, &writers, &readers);
    }
    let (writers, readers) = changed_parts(comparison, pair).unwrap_or((writers, readers));
    let mut best: Option<((bool, bool, usize, usize), Pair)> = None;
    for (index, writer) in writers.iter().take(MOST_PARTS).enumerate() {
        for (other, reader) in readers.iter().take(MOST_PARTS).enumerate() {
            let found = comparison.compare(*writer, *reader);
            if comparison.is_too_much() {
                return None;
            }
            // One that fits has another counterpart already.
            if !found.breaks {
                continue;
            }
            let (one, two) = (comparison.node(*writer), comparison.node(*reader));
            let is_same =
                named(one).is_some_and(|name| Some(name) == named(two)) || have_one_constant(one.json, two.json);
            let (is_other_type, count) = weight(comparison, found.pair);
            let key = (!is_same, is_other_type, count, index.abs_diff(other));
            if best.is_none_or(|(least, _)| key < least) {
                best = Some((key, (*writer, *reader)));
            }
        }
    }
    let (_, (writer, reader)) = best?;
    let (path, mut change) = first_break(comparison, (comparison.target(writer), comparison.target(reader)))?;
    let (one, two) = (comparison.node(pair.0), comparison.node(pair.1));
    let (before, now) = (shown(comparison, one, writer), shown(comparison, two, reader));
    let is_apart = |whole: &Node<'s>, part: NodeId| std::ptr::eq(whole.json, comparison.node(part).json);
    // Of a schema that was taken apart, the way says which part it is.
    let nearest = match is_apart(one, writer) && is_apart(two, reader) && before == now {
        true => None,
        false => {
            let (before, now) = (before.unwrap_or("it".to_owned()), now.unwrap_or("the whole".to_owned()));
            Some(format!("nearest to {before} is now {now}"))
        }
    };
    let (mut told, _) = explain(change.kind, change.step, &change.places);
    let mut inner = change;
    let mut at = if path.is_empty() { String::new() } else { format!("{} breaks: ", quoted(&path)) };
    if inside > 0
        && has_cause(change.kind)
        && let Some(cause) = cause(comparison, change.pair, change.kind, inside - 1)
    {
        if change.kind == ChangeKind::CombinedTypeSubschemasChanged {
            // That it has no counterpart is what the sentence begins with.
            told = cause.words;
            at = if path.is_empty() { at } else { format!("at {} ", quoted(&path)) };
        } else {
            told = format!("{told}: {}", cause.words);
        }
        (change, inner) = (cause.change, cause.inner);
    }
    let words = match nearest {
        Some(nearest) if at.is_empty() => format!("{nearest}: {told}"),
        Some(nearest) => format!("{nearest}, where {at}{told}"),
        None => format!("{at}{told}"),
    };
    let lies_inside = |pair: Pair| comparison.node(pair.0).is_inside() && comparison.node(pair.1).is_inside();
    if !lies_inside(change.pair) {
        // What is in the text of another subject has its place where this one leads there.
        let (one, two) = (comparison.node(writer).json, comparison.node(reader).json);
        let places = Places { writer: Place::Here(one), reader: Place::Here(two) };
        change = Change { pair, kind, step: Step::Here, places };
    }
    Some(Cause { words, change, inner })
}

/// Which parts one side has more, where no part of the other takes them.
fn surplus<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    kind: ChangeKind,
    writers: &[NodeId],
    readers: &[NodeId],
) -> Option<Cause<'s>> {
    let is_gone = kind == ChangeKind::SumTypeNarrowed;
    let (parts, others, word) = if is_gone { (writers, readers, "gone") } else { (readers, writers, "new") };
    let first = *parts.first().filter(|_| others.is_empty())?;
    let (writer, reader) = (comparison.node(pair.0), comparison.node(pair.1));
    let (whole, other) = if is_gone { (writer, reader) } else { (reader, writer) };
    if let Body::Combined(body) = &other.body {
        let fits = |part: &NodeId| {
            let (one, two) = if is_gone { (first, *part) } else { (*part, first) };
            !comparison.try_out(one, two).breaks
        };
        // Then it is as well one of the others that is in the way.
        if body.parts.len() > MOST_PARTS || body.parts.iter().any(fits) {
            return None;
        }
    }
    let name = shown(comparison, whole, first)?;
    let more = if parts.len() > 1 { format!(" and {} more", parts.len() - 1) } else { String::new() };
    let part = comparison.node(first).json;
    let (before, now) = if is_gone { (part, reader.json) } else { (writer.json, part) };
    let places = Places { writer: Place::Here(before), reader: Place::Here(now) };
    let words = format!("{word} {} {name}{more}", if more.is_empty() { "is" } else { "are" });
    let change = Change { pair, kind, step: Step::Here, places };
    Some(Cause { words, change, inner: change })
}

/// The parts of both sides that have no counterpart.
fn without_counterpart(comparison: &mut Comparison<'_, '_>, pair: Pair) -> Option<(Vec<NodeId>, Vec<NodeId>)> {
    let (writer, reader) = (comparison.node(pair.0), comparison.node(pair.1));
    match (&writer.body, &reader.body) {
        (Body::Combined(one), Body::Combined(other)) => {
            let matched = match_parts(comparison, &one.parts, &other.parts);
            let taken: HashSet<usize> = matched.iter().copied().flatten().collect();
            let alone = one.parts.iter().zip(&matched).filter(|(_, partner)| partner.is_none());
            let free = other.parts.iter().enumerate().filter(|(index, _)| !taken.contains(index));
            Some((alone.map(|(part, _)| *part).collect(), free.map(|(_, part)| *part).collect()))
        }
        (_, Body::Combined(body)) if body.criterion != Criterion::All || body.written == 1 => {
            Some((vec![pair.0], body.parts.clone()))
        }
        (Body::Combined(body), _) if body.criterion == Criterion::All || body.written == 1 => {
            Some((body.parts.clone(), vec![pair.1]))
        }
        _ => None,
    }
}

/// The parts of each side that are not on the other one as they are. Those are what somebody changed, whichever parts take
/// each other's place.
fn changed_parts(comparison: &mut Comparison<'_, '_>, pair: Pair) -> Option<(Vec<NodeId>, Vec<NodeId>)> {
    let (Body::Combined(one), Body::Combined(other)) = (&comparison.node(pair.0).body, &comparison.node(pair.1).body)
    else {
        return None;
    };
    let (mut writers, mut readers) = (Vec::new(), other.parts.clone());
    let mut sameness = Sameness::default();
    let mut places: HashMap<u64, Vec<NodeId>> = HashMap::new();
    for reader in &readers {
        places.entry(sameness.hash(comparison.node(*reader).json)).or_default().push(*reader);
    }
    for writer in one.parts.iter().copied() {
        let same = places.get_mut(&sameness.hash(comparison.node(writer).json)).and_then(Vec::pop);
        // What it refers to may be another one all the same.
        match same.filter(|reader| !comparison.compare(writer, *reader).breaks) {
            Some(reader) => readers.retain(|other| *other != reader),
            None => writers.push(writer),
        }
    }
    (!writers.is_empty() && !readers.is_empty()).then_some((writers, readers))
}

/// Whether a property has the same constant in both, which is how the parts of a union are told apart.
fn have_one_constant(one: &Json<'_>, other: &Json<'_>) -> bool {
    let (Some(properties), Some(others)) = (one.get("properties"), other.get("properties")) else { return false };
    let Value::Object(members) = &properties.value else { return false };
    members.iter().take(MOST_SEARCHED).any(|member| {
        let constant = member.value.get("const");
        let other = others.get(&member.key).and_then(|value| value.get("const"));
        constant.zip(other).is_some_and(|(one, other)| equal(one, other))
    })
}

/// What tells a part from others, where it has that: the `$ref` that it is, or its title.
fn named<'s>(part: &Node<'s>) -> Option<&'s str> {
    let word = if matches!(part.body, Body::Reference(_)) { "$ref" } else { "title" };
    part.json.get(word).filter(|_| part.annotated).and_then(Json::as_str)
}

/// A part in words; `None` for what is the whole itself.
fn shown<'s>(comparison: &Comparison<'s, '_>, whole: &Node<'s>, part: NodeId) -> Option<String> {
    let part = comparison.node(part);
    if std::ptr::eq(part, whole) {
        return None;
    }
    let index = Criterion::WORDS.iter().find_map(|(word, _)| {
        let items = whole.json.get(word)?.as_array().filter(|items| items.len() <= MOST_SEARCHED)?;
        let index = items.iter().position(|item| std::ptr::eq(item, part.json))?;
        Some(format!("`{word}/{index}`"))
    });
    match (index, named(part)) {
        (Some(index), Some(name)) => Some(format!("{index} ({})", quoted(name))),
        (Some(index), None) => Some(index),
        (None, _) => Some(quoted(word(&part.body))),
    }
}

/// What a part asks for, in the word for it.
fn word(body: &Body<'_>) -> &'static str {
    match body {
        Body::Anything => "true",
        Body::Nothing => "false",
        Body::Text(_) => "string",
        Body::Number(number) if number.whole => "integer",
        Body::Number(_) => "number",
        Body::Boolean => "boolean",
        Body::Null => "null",
        Body::Object(_) => "object",
        Body::Array(_) => "array",
        Body::Enum(_) => "enum",
        Body::Const => "const",
        Body::Not(_) => "not",
        Body::Conditional => "if",
        Body::Combined(body) => body.criterion.keyword(),
        Body::Reference(_) => "$ref",
    }
}

/// Whether the types of a pair differ, and how many changes break it.
fn weight(comparison: &Comparison<'_, '_>, pair: Pair) -> (bool, usize) {
    let (mut is_other_type, mut count) = (false, 0);
    let (mut left, mut seen) = (vec![pair], HashSet::from([pair]));
    while let Some(next) = left.pop() {
        for entry in comparison.outcome(next).map_or(&[][..], |outcome| &outcome.entries) {
            match entry.what {
                What::Change(kind, _) if kind.breaks() => {
                    is_other_type |= next == pair && kind == ChangeKind::TypeChanged;
                    count += 1;
                }
                What::Inner(inner) if seen.len() < MOST_SEARCHED && seen.insert(inner) => left.push(inner),
                _ => {}
            }
            if count == MOST_COUNTED {
                return (is_other_type, count);
            }
        }
    }
    (is_other_type, count)
}

/// The first change that breaks a pair, and the way there.
fn first_break<'s>(comparison: &Comparison<'s, '_>, pair: Pair) -> Option<(String, Change<'s>)> {
    let mut way = vec![(pair, Step::Here, 0)];
    let mut seen = HashSet::from([pair]);
    while let Some((pair, _, next)) = way.last_mut() {
        let (pair, entry) = (*pair, comparison.outcome(*pair).and_then(|outcome| outcome.entries.get(*next)));
        *next += 1;
        let Some(entry) = entry else {
            way.pop();
            continue;
        };
        match entry.what {
            What::Change(kind, places) if kind.breaks() => {
                let steps = way.iter().map(|(_, step, _)| *step).chain([entry.step]);
                let path: String = steps.map(|step| step.to_string()).collect();
                return Some((path, Change { pair, kind, step: entry.step, places }));
            }
            What::Inner(inner)
                if comparison.outcome(inner).is_some_and(|outcome| outcome.breaks)
                    && seen.len() < MOST_SEARCHED
                    && seen.insert(inner) =>
            {
                way.push((inner, entry.step, 0));
            }
            _ => {}
        }
    }
    None
}
