use std::collections::HashMap;

use super::compare::Comparison;
use super::kind::ChangeKind::*;
use super::model::{Body, NodeId, ObjectBody};
use super::outcome::{Found, Outcome, Pair, Place, Places, Step};
use super::rest;
use super::scalar::bound;
use crate::schema::text::Json;

pub(super) fn compare<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    writer: &ObjectBody<'s>,
    reader: &ObjectBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    let mut bound = |word, one, other, kinds| bound(comparison, pair, word, (one, other), kinds, outcome);
    bound(
        "maxProperties",
        writer.max_properties,
        reader.max_properties,
        [MaxPropertiesAdded, MaxPropertiesRemoved, MaxPropertiesIncreased, MaxPropertiesDecreased],
    );
    bound(
        "minProperties",
        writer.min_properties,
        reader.min_properties,
        [MinPropertiesAdded, MinPropertiesRemoved, MinPropertiesIncreased, MinPropertiesDecreased],
    );
    required(comparison, pair, writer, reader, outcome);
    dependencies(comparison, pair, writer, reader, outcome);
    rest::compare(comparison, pair, (&writer.additional, &reader.additional), &rest::ADDITIONAL_PROPERTIES, outcome);
    rest::compare(comparison, pair, (&writer.unevaluated, &reader.unevaluated), &rest::UNEVALUATED_PROPERTIES, outcome);
    for (name, property) in &writer.properties {
        if comparison.is_over(outcome) {
            return;
        }
        comparison.count(1);
        match reader.property(name) {
            Some(other) => {
                let inner = comparison.compare(*property, other);
                outcome.inner(Step::Name("properties", name), inner);
            }
            None => removed(comparison, pair, (name, *property), reader, outcome),
        }
    }
    for (name, property) in &reader.properties {
        if comparison.is_over(outcome) {
            return;
        }
        comparison.count(1);
        if !writer.by_name.contains_key(name) {
            added(comparison, pair, (name, *property), (writer, reader), outcome);
        }
    }
}

/// What the reader makes of a property that it no longer knows.
fn removed<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    (name, property): (&'s str, NodeId),
    reader: &ObjectBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    let step = Step::Name("properties", name);
    let places = comparison.places(pair, Some(comparison.node(property).json), None);
    let kind = if is_open(reader) {
        PropertyRemovedFromOpen
    } else {
        let others = comparison.others(reader, name);
        let is_never_there = matches!(comparison.node(comparison.target(property)).body, Body::Nothing);
        let answer = |others: &Option<NodeId>| match others {
            Some(others) => {
                let inner = comparison.compare(property, *others);
                (if inner.breaks { PropertyRemovedNotCovered } else { PropertyRemovedCovered }, Some(inner))
            }
            None if is_never_there => (PropertyWithFalseRemovedFromClosed, None),
            None => (PropertyRemovedFromClosed, None),
        };
        let answers: Vec<_> = others.possible.iter().map(answer).collect();
        let Some((kind, inner)) = comparison.choose(&answers, |(kind, _)| kind.breaks(), others.doubt) else { return };
        if let Some(inner) = inner {
            outcome.inner(step, inner);
        }
        kind
    };
    outcome.change(step, kind, places);
}

/// What the reader makes of records without a property that is new, or with another one of its name.
fn added<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    (name, property): (&'s str, NodeId),
    (writer, reader): (&ObjectBody<'s>, &ObjectBody<'s>),
    outcome: &mut Outcome<'s>,
) {
    let step = Step::Name("properties", name);
    let places = comparison.places(pair, None, Some(comparison.node(property).json));
    let required = reader.required.contains_key(name);
    let has_default = has_default(comparison, property);
    if is_open(writer) {
        let kind = match (required, has_default) {
            _ if matches!(comparison.node(comparison.target(property)).body, Body::Anything) => {
                PropertyWithEmptySchemaAddedToOpen
            }
            (true, true) => RequiredPropertyWithDefaultAddedToOpen,
            (true, false) => RequiredPropertyAddedToOpen,
            (false, _) => OptionalPropertyAddedToOpen,
        };
        outcome.change(step, kind, places);
        return;
    }
    let others = comparison.others(writer, name);
    let answer = |others: &Option<NodeId>| Some(comparison.compare((*others)?, property));
    let answers: Vec<Option<Found>> = others.possible.iter().map(answer).collect();
    let breaks = |inner: &Option<Found>| inner.is_some_and(|inner| inner.breaks);
    if let Some(Some(inner)) = comparison.choose(&answers, breaks, others.doubt) {
        outcome.inner(step, inner);
        outcome.change(step, if inner.breaks { PropertyAddedNotCovered } else { PropertyAddedCovered }, places);
    }
    let kind = match (required, has_default) {
        (true, true) => RequiredPropertyWithDefaultAddedToUnopen,
        (true, false) => RequiredPropertyAddedToUnopen,
        (false, _) => OptionalPropertyAddedToUnopen,
    };
    outcome.change(step, kind, places);
}

fn is_open(body: &ObjectBody<'_>) -> bool {
    body.patterns.is_empty() && body.additional.is_open() && body.unevaluated.is_open()
}

/// Whether a missing property is filled in. A `default` behind or beside a `$ref` does not help.
fn has_default(comparison: &Comparison<'_, '_>, property: NodeId) -> bool {
    let node = comparison.node(property);
    !matches!(node.body, Body::Reference(_)) && node.json.get("default").is_some()
}

fn required<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    writer: &ObjectBody<'s>,
    reader: &ObjectBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    for (name, property) in &reader.properties {
        if comparison.is_over(outcome) {
            return;
        }
        comparison.count(1);
        if !writer.by_name.contains_key(name) {
            continue;
        }
        let (before, now) = (writer.required.get(name).copied(), reader.required.get(name).copied());
        let kind = match (before, now) {
            (None, Some(_)) if has_default(comparison, *property) => RequiredAttributeWithDefaultAdded,
            (None, Some(_)) => RequiredAttributeAdded,
            (Some(_), None) => RequiredAttributeRemoved,
            _ => continue,
        };
        // Where it is optional, the property itself is what lacks the word.
        let place = |word: Option<&'s Json<'static>>, property: Option<NodeId>| match (word, property) {
            (Some(word), _) => Place::Here(word),
            (None, property) => Place::MissingIn(comparison.node(property.unwrap_or(pair.1)).json),
        };
        let places = Places { writer: place(before, writer.property(name)), reader: place(now, Some(*property)) };
        outcome.change(Step::Name("required", name), kind, places);
    }
}

fn dependencies<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    writer: &ObjectBody<'s>,
    reader: &ObjectBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    if comparison.is_over(outcome) {
        return;
    }
    comparison.count(writer.dependent_names.len() + reader.dependent_names.len());
    for (name, before, now) in both(&writer.dependent_names, &reader.dependent_names) {
        let kind = match (before, now) {
            (None, _) => DependencyArrayAdded,
            (_, None) => DependencyArrayRemoved,
            (Some(before), Some(now)) => match comparison.subsets(before, now) {
                (true, true) => continue,
                (true, false) => DependencyArrayExtended,
                (false, true) => DependencyArrayNarrowed,
                (false, false) => DependencyArrayChanged,
            },
        };
        outcome.change(Step::Name("dependencies", name), kind, comparison.places(pair, before, now));
    }
    comparison.count(writer.dependent_schemas.len() + reader.dependent_schemas.len());
    for (name, before, now) in both(&writer.dependent_schemas, &reader.dependent_schemas) {
        let step = Step::Name("dependencies", name);
        let json = |id: Option<NodeId>| id.map(|id| comparison.node(id).json);
        let places = comparison.places(pair, json(before), json(now));
        match (before, now) {
            (Some(before), Some(now)) => {
                let inner = comparison.compare(before, now);
                outcome.inner(step, inner);
            }
            (None, _) => outcome.change(step, DependencySchemaAdded, places),
            (_, None) => outcome.change(step, DependencySchemaRemoved, places),
        }
    }
}

/// The values of two maps by their names.
fn both<'s, T: Copy>(one: &[(&'s str, T)], other: &[(&'s str, T)]) -> Vec<(&'s str, Option<T>, Option<T>)> {
    let before: HashMap<&str, T> = one.iter().copied().collect();
    let now: HashMap<&str, T> = other.iter().copied().collect();
    let kept = one.iter().map(|(name, value)| (*name, Some(*value), now.get(name).copied()));
    let new =
        other.iter().filter(|(name, _)| !before.contains_key(name)).map(|(name, value)| (*name, None, Some(*value)));
    kept.chain(new).collect()
}
