//! What schemas say about members and elements that they do not list.

use super::compare::Comparison;
use super::kind::ChangeKind::{self, *};
use super::model::Rest;
use super::outcome::{Outcome, Pair, Step};

/// A keyword for the rest, and what its changes are called: more is allowed, no more is allowed, the rest need no
/// longer meet a schema, the rest must meet one.
pub(super) struct RestWord {
    word: &'static str,
    kinds: [ChangeKind; 4],
}

pub(super) const ADDITIONAL_PROPERTIES: RestWord = RestWord {
    word: "additionalProperties",
    kinds: [
        AdditionalPropertiesAdded,
        AdditionalPropertiesRemoved,
        AdditionalPropertiesExtended,
        AdditionalPropertiesNarrowed,
    ],
};

pub(super) const UNEVALUATED_PROPERTIES: RestWord = RestWord {
    word: "unevaluatedProperties",
    kinds: [
        UnevaluatedPropertiesAdded,
        UnevaluatedPropertiesRemoved,
        UnevaluatedPropertiesExtended,
        UnevaluatedPropertiesNarrowed,
    ],
};

pub(super) const ADDITIONAL_ITEMS: RestWord = RestWord {
    word: "additionalItems",
    kinds: [AdditionalItemsAdded, AdditionalItemsRemoved, AdditionalItemsExtended, AdditionalItemsNarrowed],
};

pub(super) const UNEVALUATED_ITEMS: RestWord = RestWord {
    word: "unevaluatedItems",
    kinds: [UnevaluatedItemsAdded, UnevaluatedItemsRemoved, UnevaluatedItemsExtended, UnevaluatedItemsNarrowed],
};

pub(super) fn compare<'s>(
    comparison: &mut Comparison<'s, '_>,
    pair: Pair,
    (writer, reader): (&Rest<'s>, &Rest<'s>),
    RestWord { word, kinds: [added, removed, extended, narrowed] }: &RestWord,
    outcome: &mut Outcome<'s>,
) {
    let step = Step::Word(word);
    let kind = match (writer.allowed, reader.allowed, writer.schema, reader.schema) {
        (false, true, ..) => added,
        (true, false, ..) => removed,
        (_, _, Some(one), Some(other)) => {
            let inner = comparison.compare(one, other);
            outcome.inner(step, inner);
            return;
        }
        (_, _, Some(_), None) => extended,
        (_, _, None, Some(_)) => narrowed,
        (_, _, None, None) => return,
    };
    outcome.change(step, *kind, comparison.places(pair, writer.json, reader.json));
}
