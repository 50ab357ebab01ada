use super::compare::Comparison;
use super::kind::ChangeKind::*;
use super::model::{ArrayBody, Body, NodeId};
use super::outcome::{Outcome, Pair, Step};
use super::rest;
use super::scalar::bound;

pub(super) fn compare<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    writer: &ArrayBody<'s>,
    reader: &ArrayBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    let mut bound = |word, one, other, kinds| bound(comparison, pair, word, (one, other), kinds, outcome);
    bound(
        "maxItems",
        writer.max_items,
        reader.max_items,
        [MaxItemsAdded, MaxItemsRemoved, MaxItemsIncreased, MaxItemsDecreased],
    );
    bound(
        "minItems",
        writer.min_items,
        reader.min_items,
        [MinItemsAdded, MinItemsRemoved, MinItemsIncreased, MinItemsDecreased],
    );
    let unique = match (writer.unique, reader.unique) {
        (None, Some(_)) => Some(UniqueItemsAdded),
        (Some(_), None) => Some(UniqueItemsRemoved),
        _ => None,
    };
    if let Some(kind) = unique {
        let places = comparison.places(pair, writer.unique, reader.unique);
        outcome.change(Step::Word("uniqueItems"), kind, places);
    }
    rest::compare(comparison, pair, (&writer.additional, &reader.additional), &rest::ADDITIONAL_ITEMS, outcome);
    rest::compare(comparison, pair, (&writer.unevaluated, &reader.unevaluated), &rest::UNEVALUATED_ITEMS, outcome);
    every(comparison, pair, (writer.every, reader.every), outcome);
    for index in 0..writer.first.len().max(reader.first.len()) {
        if comparison.is_over(outcome) {
            return;
        }
        comparison.count(1);
        let step = Step::Index("items", index);
        match (writer.first.get(index), reader.first.get(index)) {
            (Some(one), Some(other)) => {
                let inner = comparison.compare(*one, *other);
                outcome.inner(step, inner);
            }
            (Some(item), None) => removed(comparison, pair, (step, *item), reader, outcome),
            (None, Some(item)) => added(comparison, pair, (step, *item), writer, outcome),
            (None, None) => {}
        }
    }
}

fn every<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    (writer, reader): (Option<NodeId>, Option<NodeId>),
    outcome: &mut Outcome<'s>,
) {
    let step = Step::Word("items");
    let json = |id: Option<NodeId>| id.map(|id| comparison.node(id).json);
    let places = comparison.places(pair, json(writer), json(reader));
    match (writer, reader) {
        (None, None) => {}
        (None, Some(_)) => outcome.change(step, SchemaAdded, places),
        (Some(_), None) => outcome.change(step, SchemaRemoved, places),
        (Some(one), Some(other)) => {
            let inner = comparison.compare(one, other);
            outcome.inner(step, inner);
        }
    }
}

fn removed<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    (step, item): (Step<'s>, NodeId),
    reader: &ArrayBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    let places = comparison.places(pair, Some(comparison.node(item).json), None);
    let kind = if is_open(reader) {
        ItemRemovedFromOpen
    } else if let Some(others) = others(reader) {
        let inner = comparison.compare(item, others);
        outcome.inner(step, inner);
        if inner.breaks { ItemRemovedNotCovered } else { ItemRemovedCovered }
    } else if matches!(comparison.node(comparison.target(item)).body, Body::Nothing) {
        ItemWithFalseRemovedFromClosed
    } else {
        ItemRemovedFromClosed
    };
    outcome.change(step, kind, places);
}

fn added<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    (step, item): (Step<'s>, NodeId),
    writer: &ArrayBody<'s>,
    outcome: &mut Outcome<'s>,
) {
    let places = comparison.places(pair, None, Some(comparison.node(item).json));
    let kind = if is_open(writer) {
        match comparison.node(comparison.target(item)).body {
            Body::Anything => ItemWithEmptySchemaAddedToOpen,
            _ => ItemAddedToOpen,
        }
    } else if let Some(others) = others(writer) {
        let inner = comparison.compare(others, item);
        outcome.inner(step, inner);
        if inner.breaks { ItemAddedNotCovered } else { ItemAddedCovered }
    } else {
        ItemAddedToClosed
    };
    outcome.change(step, kind, places);
}

fn is_open(body: &ArrayBody<'_>) -> bool {
    body.additional.is_open() && body.unevaluated.is_open()
}

/// What the elements must meet that have no schema of their own.
fn others(body: &ArrayBody<'_>) -> Option<NodeId> {
    body.additional.schema.or(body.unevaluated.schema)
}
