//! What a change means for records, and the way out.

use std::collections::HashSet;

use super::kind::ChangeKind::{self, *};
use super::outcome::{Place, Places, Step};
use super::same::Sameness;
use crate::schema::error::quoted;
use crate::schema::text::{Json, Value};

/// Names that a list in a message has at most.
const MOST: usize = 5;

/// A change as a sentence without a full stop, and what to do instead where there is something.
pub(super) fn explain(kind: ChangeKind, step: Step<'_>, places: &Places<'_>) -> (String, Option<&'static str>) {
    let (writer, reader) = (places.writer.there(), places.reader.there());
    let what = subject(step);
    let message = match kind {
        SchemaAdded => "elements could be anything and must now meet a schema".to_owned(),
        SchemaRemoved => "elements need no longer meet a schema".to_owned(),
        TypeExtended => "integers became numbers".to_owned(),
        TypeNarrowed => "numbers became integers: those with a fraction that were written no longer fit".to_owned(),
        TypeChanged => type_changed(writer, reader),
        EnumArrayExtended | EnumArrayNarrowed | EnumArrayChanged => values(writer, reader),
        RequiredAttributeAdded => format!("{what} was optional and is required: records without it no longer fit"),
        RequiredAttributeWithDefaultAdded => format!("{what} was optional and is required, with a default"),
        RequiredAttributeRemoved => format!("{what} was required and is optional"),
        AdditionalPropertiesAdded | UnevaluatedPropertiesAdded => "further properties are allowed now".to_owned(),
        AdditionalItemsAdded | UnevaluatedItemsAdded => "further elements are allowed now".to_owned(),
        AdditionalPropertiesRemoved | UnevaluatedPropertiesRemoved => {
            "further properties were allowed and are not any more: records that have some no longer fit".to_owned()
        }
        AdditionalItemsRemoved | UnevaluatedItemsRemoved => {
            "further elements were allowed and are not any more: arrays that have some no longer fit".to_owned()
        }
        AdditionalPropertiesExtended | UnevaluatedPropertiesExtended => {
            "further properties can be anything now".to_owned()
        }
        AdditionalItemsExtended | UnevaluatedItemsExtended => "further elements can be anything now".to_owned(),
        AdditionalPropertiesNarrowed | UnevaluatedPropertiesNarrowed => {
            "further properties could be anything and must now meet a schema".to_owned()
        }
        AdditionalItemsNarrowed | UnevaluatedItemsNarrowed => {
            "further elements could be anything and must now meet a schema".to_owned()
        }
        DependencyArrayAdded | DependencyArrayExtended | DependencyArrayChanged => {
            format!("{what} asks for other properties than before: records without them no longer fit")
        }
        DependencyArrayRemoved | DependencyArrayNarrowed => format!("{what} asks for fewer properties than before"),
        DependencySchemaAdded => format!("{what} asks for a schema that records need not have met"),
        DependencySchemaRemoved => format!("{what} no longer asks for a schema"),
        PropertyRemovedFromOpen | ItemRemovedFromOpen => format!("{what} is gone and can be anything now"),
        PropertyRemovedCovered | ItemRemovedCovered => format!("{what} is gone; the schema of the others lets it pass"),
        PropertyWithFalseRemovedFromClosed | ItemWithFalseRemovedFromClosed => {
            format!("{what} is gone, which could never be there")
        }
        PropertyRemovedFromClosed if has_patterns(places.reader) => {
            format!("{what} is gone and no pattern matches it: to the registry an object with patterns is closed")
        }
        PropertyRemovedFromClosed | ItemRemovedFromClosed => {
            format!("{what} is gone and nothing unknown is allowed: records that have it no longer fit")
        }
        PropertyRemovedNotCovered | ItemRemovedNotCovered => {
            format!("{what} is gone, and what was written there does not fit the schema of the others")
        }
        PropertyWithEmptySchemaAddedToOpen | ItemWithEmptySchemaAddedToOpen => {
            format!("{what} is new and can be anything")
        }
        RequiredPropertyAddedToOpen | RequiredPropertyAddedToUnopen => {
            format!("{what} is new and required: records without it no longer fit")
        }
        RequiredPropertyWithDefaultAddedToOpen | OptionalPropertyAddedToOpen | ItemAddedToOpen => {
            format!("{what} is new, but as unknown ones were allowed it may have been written already, as anything")
        }
        RequiredPropertyWithDefaultAddedToUnopen => format!("{what} is new and required, with a default"),
        OptionalPropertyAddedToUnopen | ItemAddedToClosed => format!("{what} is new"),
        PropertyAddedCovered | ItemAddedCovered => {
            format!("{what} is new; it takes what the schema of the others allowed")
        }
        PropertyAddedNotCovered | ItemAddedNotCovered => {
            format!("{what} is new and does not take all that the schema of the others allowed there")
        }
        UniqueItemsAdded => "elements must now differ: arrays that repeat one no longer fit".to_owned(),
        UniqueItemsRemoved => "elements need no longer differ".to_owned(),
        CombinedTypeExtended => format!("{} became {}, which asks for no more", words(writer), words(reader)),
        CombinedTypeChanged => format!("{} became {}, which asks for something else", words(writer), words(reader)),
        CombinedTypeSubschemasChanged => {
            format!("a part of {} has no counterpart of its own that takes what it let pass", words(writer))
        }
        ProductTypeExtended => format!("{} has more parts, all of which must be met", words(reader)),
        ProductTypeNarrowed => format!("{} asked for more than is asked for now", words(writer)),
        SumTypeExtended => format!("{} allows more than before", words(reader)),
        SumTypeNarrowed => format!("{} has fewer parts: what met the missing one no longer fits", words(reader)),
        NotTypeExtended => "`not` rules out more than before: what was written may be ruled out now".to_owned(),
        NotTypeNarrowed => "`not` rules out no more than before".to_owned(),
        IdChanged => bound("the id", kind, writer, reader),
        TitleChanged => bound("the title", kind, writer, reader),
        DescriptionChanged => bound("the description", kind, writer, reader),
        DefaultChanged => bound("the default", kind, writer, reader),
        _ => bound(&what, kind, writer, reader),
    };
    let help = match kind {
        // Where nothing was asked for, there is nothing wider.
        TypeChanged if asks_for_nothing(writer) => Some("ask for nothing there, as before"),
        TypeChanged if type_of(writer) == type_of(reader) => {
            Some("keep the keywords that it had, and add none: the registry takes it for another type")
        }
        kind => help(kind),
    };
    (message, help)
}

fn help(kind: ChangeKind) -> Option<&'static str> {
    if !kind.breaks() {
        return None;
    }
    Some(match kind {
        RequiredAttributeAdded | RequiredPropertyAddedToUnopen => {
            "leave it optional; a `default` satisfies the registry alone: validators refuse records without it"
        }
        PropertyRemovedFromClosed => {
            "keep it, or open the object: no `patternProperties`, and no `false` for `additionalProperties` and \
             `unevaluatedProperties`"
        }
        ItemRemovedFromClosed => "keep it, or allow further elements",
        AdditionalPropertiesRemoved | UnevaluatedPropertiesRemoved => {
            "leave it open: it can be closed only in a new major version"
        }
        AdditionalItemsRemoved | UnevaluatedItemsRemoved => {
            "allow further elements: they can be forbidden only in a new major version"
        }
        AdditionalPropertiesNarrowed
        | UnevaluatedPropertiesNarrowed
        | AdditionalItemsNarrowed
        | UnevaluatedItemsNarrowed
        | SchemaAdded => "leave it out: to the registry every schema asks for something, even `{}`",
        OptionalPropertyAddedToOpen => {
            "let it be anything (`{}`); schemas with `additionalProperties: false` can grow safely"
        }
        RequiredPropertyAddedToOpen | RequiredPropertyWithDefaultAddedToOpen => {
            "leave it optional, and let it be anything (`{}`); schemas with `additionalProperties: false` can grow safely"
        }
        ItemAddedToOpen => "let it be anything (`{}`); tuples that allow no further elements can grow safely",
        PropertyAddedNotCovered | ItemAddedNotCovered => "let it take all that the schema of the others takes",
        PropertyRemovedNotCovered | ItemRemovedNotCovered => {
            "keep it, or let the schema of the others take all that it took"
        }
        EnumArrayNarrowed | EnumArrayChanged => "keep the values that are gone",
        TypeChanged => "let both pass: a list of types, or `anyOf`",
        TypeNarrowed => "keep `number`",
        PatternChanged => "keep the expression, or ask for none: the registry takes every other one for a narrower one",
        CombinedTypeChanged => "keep the keyword, or take `anyOf`, with a part for each of the old ones",
        CombinedTypeSubschemasChanged | SumTypeNarrowed => {
            "for each part of the old schema keep one that takes all that it let pass"
        }
        ProductTypeExtended => "leave out what it asks for besides",
        NotTypeExtended => "rule out no more than before",
        MultipleOfExpanded | MultipleOfChanged => "keep the number, or take one that divides it",
        DependencyArrayExtended | DependencyArrayChanged => "ask for no property that was not asked for",
        MaxLengthDecreased
        | MaximumDecreased
        | ExclusiveMaximumDecreased
        | MaxPropertiesDecreased
        | MaxItemsDecreased => "keep the number, or take a larger one",
        MinLengthIncreased
        | MinimumIncreased
        | ExclusiveMinimumIncreased
        | MinPropertiesIncreased
        | MinItemsIncreased => "keep the number, or take a smaller one",
        // A keyword that is new.
        _ => "leave it out: whatever it allows, records need not meet it",
    })
}

/// What stands at the place of a side that has not what a change is about.
pub(super) fn lacking(kind: ChangeKind, step: Step<'_>) -> String {
    match (kind, step) {
        (_, Step::Name("required", name)) => format!("{} is not required here", quoted(name)),
        (_, Step::Name(word @ "dependencies", name)) => {
            format!("there is no {} in {} here", quoted(name), quoted(word))
        }
        (IdChanged, _) => "there is no id here".to_owned(),
        (TitleChanged, _) => "there is no `title` here".to_owned(),
        (DescriptionChanged, _) => "there is no `description` here".to_owned(),
        (DefaultChanged, _) => "there is no `default` here".to_owned(),
        (_, Step::Here) => "there is no `type` here".to_owned(),
        (_, step) => format!("there is no {} here", subject(step)),
    }
}

/// A keyword with a value that was added, removed or changed.
fn bound(what: &str, kind: ChangeKind, writer: Option<&Json<'_>>, reader: Option<&Json<'_>>) -> String {
    let shown = |json: &Json<'_>| quoted(&json.to_string());
    let change = match (writer, reader) {
        (None, Some(now)) => format!("{what} is new: {}", shown(now)),
        (Some(before), None) => format!("{what} is gone, it was {}", shown(before)),
        (Some(before), Some(now)) => format!("{what} was {} and is {}", shown(before), shown(now)),
        (None, None) => format!("{what} has changed"),
    };
    if kind.breaks() { format!("{change}: what was written need not meet that") } else { change }
}

fn subject(step: Step<'_>) -> String {
    match step {
        Step::Here => "the schema".to_owned(),
        Step::Word(word) => quoted(word),
        Step::Name(_, name) => format!("property {}", quoted(name)),
        Step::Index(_, index) => format!("element {index}"),
    }
}

/// The types of two schemas, or what else makes the registry take them for different ones.
fn type_changed(writer: Option<&Json<'_>>, reader: Option<&Json<'_>>) -> String {
    let (before, now) = (type_of(writer), type_of(reader));
    if before != now {
        return format!("the type was {before} and is {now}");
    }
    let only = |one: Option<&Json<'_>>, other: Option<&Json<'_>>| {
        let members = one.and_then(Json::as_object).unwrap_or_default();
        let asks = members.iter().filter(|member| !ANNOTATIONS.contains(&&*member.key));
        let own = asks.filter(|member| other.is_none_or(|other| other.get(&member.key).is_none()));
        listed(own.map(|member| &*member.key).take(MOST + 1), ", ")
    };
    let (gone, new) = (only(writer, reader), only(reader, writer));
    let what = match (gone.is_empty(), new.is_empty()) {
        (true, true) => "asks for something else".to_owned(),
        (true, false) => format!("asks for more: {new}"),
        (false, true) => format!("is without {gone}"),
        (false, false) => format!("is without {gone}, and asks for {new}"),
    };
    format!("{now} {what}, which to the registry is another type")
}

/// Keywords that ask for nothing.
const ANNOTATIONS: [&str; 13] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "id",
    "readOnly",
    "title",
    "writeOnly",
];

/// Whether a schema takes everything.
fn asks_for_nothing(json: Option<&Json<'_>>) -> bool {
    json.is_some_and(|json| match &json.value {
        Value::Bool(takes) => *takes,
        Value::Object(members) => members.iter().all(|member| ANNOTATIONS.contains(&&*member.key)),
        _ => false,
    })
}

fn has_patterns(place: Place<'_>) -> bool {
    let (Place::Here(json) | Place::MissingIn(json)) = place;
    json.get("patternProperties").and_then(Json::as_object).is_some_and(|patterns| !patterns.is_empty())
}

/// The type that a schema asks for.
fn type_of(json: Option<&Json<'_>>) -> String {
    let Some(json) = json else { return "anything".to_owned() };
    match json.get("type").map(|word| &word.value) {
        Some(Value::String(word)) => quoted(word),
        Some(Value::Array(words)) => listed(words.iter().filter_map(Json::as_str), " or "),
        _ => {
            let words = ["$ref", "oneOf", "anyOf", "allOf", "enum", "const", "not", "if"];
            match words.into_iter().find(|word| json.get(word).is_some()) {
                Some(word) => quoted(word),
                None if matches!(json.value, Value::Bool(false)) => "nothing".to_owned(),
                None => "anything".to_owned(),
            }
        }
    }
}

/// The keywords with which a schema combines others; a list of types is one of them, and so is a type beside others.
fn words(json: Option<&Json<'_>>) -> String {
    let has = |word: &&str| json.is_some_and(|json| json.get(word).is_some());
    let used: Vec<&str> =
        ["type", "oneOf", "anyOf", "allOf", "enum", "const", "not", "if"].into_iter().filter(has).collect();
    match used[..] {
        [] | ["type"] => type_of(json),
        _ => listed(used.into_iter(), " with "),
    }
}

/// The values of `enum` that are gone and those that are new.
fn values<'j>(writer: Option<&'j Json<'static>>, reader: Option<&'j Json<'static>>) -> String {
    let mut sameness = Sameness::default();
    let items = |json: Option<&'j Json<'static>>| json.and_then(Json::as_array).unwrap_or_default();
    let (before, now) = (items(writer), items(reader));
    let mut missing = |from: &[Json<'static>], to: &[Json<'static>]| {
        let there: HashSet<u64> = to.iter().map(|item| sameness.hash(item)).collect();
        let gone = from.iter().filter(|item| !there.contains(&sameness.hash(item)));
        // One more than is shown, which says that there are more.
        let gone: Vec<String> = gone.take(MOST + 1).map(Json::to_string).collect();
        listed(gone.iter().map(String::as_str), ", ")
    };
    let (gone, new) = (missing(before, now), missing(now, before));
    match (gone.is_empty(), new.is_empty()) {
        (false, true) => format!("values are gone that may have been written: {gone}"),
        (false, false) => format!("values are gone that may have been written: {gone}; new are {new}"),
        _ => format!("values are new: {new}"),
    }
}

fn listed<'t>(names: impl Iterator<Item = &'t str>, between: &str) -> String {
    let names: Vec<&str> = names.collect();
    let mut shown = names.iter().take(MOST).map(|name| quoted(name)).collect::<Vec<_>>().join(between);
    if names.len() > MOST {
        shown.push_str(" …");
    }
    shown
}
