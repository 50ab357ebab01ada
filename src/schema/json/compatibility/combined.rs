//! `allOf`, `anyOf` and `oneOf`.

use std::collections::HashMap;

use super::compare::Comparison;
use super::kind::ChangeKind;
use super::matching;
use super::model::{Body, Criterion, NodeId};
use super::outcome::{Outcome, Pair, Step};
use super::same::Sameness;

/// Pairs of parts beyond which equal parts are taken for partners without looking for a better choice.
const MANY: usize = 100_000;

/// Compares a combined schema with one that is not: whether that answers the question.
pub(super) fn one_side<'s>(comparison: &mut Comparison<'s, '_>, pair: Pair, outcome: &mut Outcome<'s>) -> bool {
    let (writer, reader) = (comparison.node(pair.0), comparison.node(pair.1));
    let (body, kind) = match (&writer.body, &reader.body) {
        (Body::Combined(..), Body::Combined(..)) => return false,
        // A reader that takes one of several takes the writer's schema if one of them does.
        (_, Body::Combined(body)) if body.criterion != Criterion::All || body.written == 1 => {
            (body, ChangeKind::SumTypeExtended)
        }
        // What met all parts met each of them.
        (Body::Combined(body), _) if body.criterion == Criterion::All || body.written == 1 => {
            (body, ChangeKind::ProductTypeNarrowed)
        }
        _ => return false,
    };
    for part in &body.parts {
        let is_readers = kind == ChangeKind::SumTypeExtended;
        let (writer_part, reader_part) = if is_readers { (pair.0, *part) } else { (*part, pair.1) };
        if !comparison.try_out(writer_part, reader_part).breaks {
            let inner = comparison.compare(writer_part, reader_part);
            outcome.inner(Step::Here, inner);
            if body.written > 1 {
                outcome.change(Step::Here, kind, comparison.places(pair, Some(writer.json), Some(reader.json)));
            }
            return true;
        }
    }
    false
}

/// Compares two combined schemas.
pub(super) fn compare<'s>(comparison: &mut Comparison<'s, '_>, pair: Pair, outcome: &mut Outcome<'s>) {
    let (writer, reader) = (comparison.node(pair.0), comparison.node(pair.1));
    let (Body::Combined(one), Body::Combined(other)) = (&writer.body, &reader.body) else { return };
    let (criterion, reader_criterion) = (one.criterion, other.criterion);
    let (size, reader_size) = (one.parts.len(), other.parts.len());
    let places = comparison.places(pair, Some(writer.json), Some(reader.json));
    if criterion != reader_criterion {
        let extended = match reader_criterion {
            Criterion::Any => true,
            // Of a single part it makes no difference how it is combined.
            Criterion::One if size == 1 => true,
            _ => reader_size == 1 && (size == 1 || criterion == Criterion::All),
        };
        if !extended {
            outcome.change(Step::Here, ChangeKind::CombinedTypeChanged, places);
            return;
        }
        outcome.change(Step::Here, ChangeKind::CombinedTypeExtended, places);
    }
    if size < reader_size {
        let all = reader_criterion == Criterion::All;
        let kind = if all { ChangeKind::ProductTypeExtended } else { ChangeKind::SumTypeExtended };
        outcome.change(Step::Here, kind, places);
    } else if size > reader_size {
        let all = criterion == Criterion::All;
        let kind = if all { ChangeKind::ProductTypeNarrowed } else { ChangeKind::SumTypeNarrowed };
        outcome.change(Step::Here, kind, places);
    }
    if comparison.is_over(outcome) {
        return;
    }
    let matched = match_parts(comparison, &one.parts, &other.parts);
    let mut found = 0;
    for (index, reader_part) in matched.into_iter().enumerate() {
        if let Some(reader_index) = reader_part {
            found += 1;
            let inner = comparison.compare(one.parts[index], other.parts[reader_index]);
            outcome.inner(Step::Index(criterion.keyword(), index), inner);
        }
    }
    if found < size.min(reader_size) {
        outcome.change(Step::Here, ChangeKind::CombinedTypeSubschemasChanged, places);
    }
}

/// For each of the writer's parts the reader's part that takes it, so that as many as possible have one of their own.
pub(super) fn match_parts(
    comparison: &mut Comparison<'_, '_>,
    parts: &[NodeId],
    reader_parts: &[NodeId],
) -> Vec<Option<usize>> {
    let mut matched = vec![None; parts.len()];
    let mut taken = vec![false; reader_parts.len()];
    if parts.len() * reader_parts.len() > MANY {
        let mut sameness = Sameness::default();
        let mut by_hash = HashMap::new();
        for (index, part) in reader_parts.iter().enumerate() {
            by_hash.insert(sameness.hash(comparison.node(*part).json), index);
        }
        for (index, part) in parts.iter().enumerate() {
            let Some(equal) = by_hash.remove(&sameness.hash(comparison.node(*part).json)) else { continue };
            if !comparison.try_out(*part, reader_parts[equal]).breaks {
                matched[index] = Some(equal);
                taken[equal] = true;
            }
        }
    }
    let left: Vec<usize> = (0..parts.len()).filter(|index| matched[*index].is_none()).collect();
    let right: Vec<usize> = (0..reader_parts.len()).filter(|index| !taken[*index]).collect();
    let mut edges = Vec::with_capacity(left.len());
    for part in &left {
        let mut takers = Vec::new();
        for (index, reader_part) in right.iter().enumerate() {
            if comparison.is_too_much() {
                return matched;
            }
            if !comparison.try_out(parts[*part], reader_parts[*reader_part]).breaks {
                takers.push(index);
            }
        }
        edges.push(takers);
    }
    for (part, partner) in left.into_iter().zip(matching::maximum(&edges, right.len())) {
        matched[part] = partner.map(|index| right[index]);
    }
    matched
}
