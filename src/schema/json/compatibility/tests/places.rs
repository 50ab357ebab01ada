//! Where in both texts an incompatibility stands.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::ChangeKind;
use super::{incompatibilities, schema};
use crate::schema::Lack;

/// For each kind that breaks, a pair with that one alone.
const PAIRS: &[(&str, &str)] = &[
    // SCHEMA_ADDED
    (r#"{"type":"array"}"#, r#"{"type":"array","items":{"type":"null"}}"#),
    // TYPE_NARROWED, of which the type need not be written
    (r#"{"type":"number"}"#, r#"{"type":"integer"}"#),
    (r#"{"minimum":1}"#, r#"{"type":"integer","minimum":1}"#),
    // TYPE_CHANGED
    (r#"{"properties":{"a":{"type":"string"}}}"#, r#"{"properties":{"a":{"type":"null"}}}"#),
    (r#"{"properties":{"a":true}}"#, r#"{"properties":{"a":false}}"#),
    // MAX_LENGTH_ADDED, MAX_LENGTH_DECREASED, MIN_LENGTH_ADDED, MIN_LENGTH_INCREASED
    (r#"{"type":"string"}"#, r#"{"type":"string","maxLength":3}"#),
    (r#"{"type":"string","maxLength":4}"#, r#"{"type":"string","maxLength":3}"#),
    (r#"{"type":"string"}"#, r#"{"type":"string","minLength":3}"#),
    (r#"{"type":"string","minLength":2}"#, r#"{"type":"string","minLength":3}"#),
    // PATTERN_ADDED, PATTERN_CHANGED
    (r#"{"type":"string"}"#, r#"{"type":"string","pattern":"^a"}"#),
    (r#"{"type":"string","pattern":"^b"}"#, r#"{"type":"string","pattern":"^a"}"#),
    // MAXIMUM_ADDED, MAXIMUM_DECREASED, MINIMUM_ADDED, MINIMUM_INCREASED
    (r#"{"type":"number"}"#, r#"{"type":"number","maximum":3}"#),
    (r#"{"type":"number","maximum":4}"#, r#"{"type":"number","maximum":3}"#),
    (r#"{"type":"number"}"#, r#"{"type":"number","minimum":3}"#),
    (r#"{"type":"number","minimum":2}"#, r#"{"type":"number","minimum":3}"#),
    // EXCLUSIVE_MAXIMUM_ADDED, EXCLUSIVE_MAXIMUM_DECREASED, EXCLUSIVE_MINIMUM_ADDED, EXCLUSIVE_MINIMUM_INCREASED
    (r#"{"type":"number"}"#, r#"{"type":"number","exclusiveMaximum":3}"#),
    (r#"{"type":"number","exclusiveMaximum":4}"#, r#"{"type":"number","exclusiveMaximum":3}"#),
    (r#"{"type":"number"}"#, r#"{"type":"number","exclusiveMinimum":3}"#),
    (r#"{"type":"number","exclusiveMinimum":2}"#, r#"{"type":"number","exclusiveMinimum":3}"#),
    // MULTIPLE_OF_ADDED, MULTIPLE_OF_EXPANDED, MULTIPLE_OF_CHANGED
    (r#"{"type":"number"}"#, r#"{"type":"number","multipleOf":4}"#),
    (r#"{"type":"number","multipleOf":2}"#, r#"{"type":"number","multipleOf":4}"#),
    (r#"{"type":"number","multipleOf":3}"#, r#"{"type":"number","multipleOf":4}"#),
    // REQUIRED_ATTRIBUTE_ADDED
    (r#"{"properties":{"a":{"type":"null"}}}"#, r#"{"properties":{"a":{"type":"null"}},"required":["a"]}"#),
    // MAX_PROPERTIES_ADDED, MAX_PROPERTIES_DECREASED, MIN_PROPERTIES_ADDED, MIN_PROPERTIES_INCREASED
    (r#"{"type":"object"}"#, r#"{"type":"object","maxProperties":3}"#),
    (r#"{"type":"object","maxProperties":4}"#, r#"{"type":"object","maxProperties":3}"#),
    (r#"{"type":"object"}"#, r#"{"type":"object","minProperties":3}"#),
    (r#"{"type":"object","minProperties":2}"#, r#"{"type":"object","minProperties":3}"#),
    // ADDITIONAL_PROPERTIES_REMOVED, ADDITIONAL_PROPERTIES_NARROWED
    (r#"{"type":"object"}"#, r#"{"type":"object","additionalProperties":false}"#),
    (r#"{"type":"object"}"#, r#"{"type":"object","additionalProperties":{"type":"null"}}"#),
    // UNEVALUATED_PROPERTIES_REMOVED, UNEVALUATED_PROPERTIES_NARROWED
    (
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}"#,
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","unevaluatedProperties":false}"#,
    ),
    (
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}"#,
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","unevaluatedProperties":{"type":"null"}}"#,
    ),
    // DEPENDENCY_ARRAY_ADDED, DEPENDENCY_ARRAY_EXTENDED, DEPENDENCY_ARRAY_CHANGED, DEPENDENCY_SCHEMA_ADDED
    (r#"{"type":"object"}"#, r#"{"type":"object","dependencies":{"a":["b"]}}"#),
    (r#"{"type":"object","dependencies":{"a":["b"]}}"#, r#"{"type":"object","dependencies":{"a":["b","c"]}}"#),
    (r#"{"type":"object","dependencies":{"a":["b"]}}"#, r#"{"type":"object","dependencies":{"a":["c"]}}"#),
    (r#"{"type":"object"}"#, r#"{"type":"object","dependencies":{"a":{"minProperties":2}}}"#),
    // PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL
    (
        r#"{"properties":{"a":{"type":"null"}},"additionalProperties":false}"#,
        r#"{"properties":{},"additionalProperties":false}"#,
    ),
    // PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL, with TYPE_CHANGED
    (
        r#"{"properties":{"a":{"type":"null"}},"additionalProperties":{"type":"string"}}"#,
        r#"{"properties":{},"additionalProperties":{"type":"string"}}"#,
    ),
    // REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL, REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL,
    // OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL
    (r#"{"type":"object"}"#, r#"{"type":"object","properties":{"a":{"type":"null"}},"required":["a"]}"#),
    (r#"{"type":"object"}"#, r#"{"type":"object","properties":{"a":{"type":"null","default":null}},"required":["a"]}"#),
    (r#"{"type":"object"}"#, r#"{"type":"object","properties":{"a":{"type":"null"}}}"#),
    // REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL
    (
        r#"{"additionalProperties":false}"#,
        r#"{"properties":{"a":{"type":"null"}},"required":["a"],"additionalProperties":false}"#,
    ),
    // PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL, with TYPE_CHANGED
    (
        r#"{"additionalProperties":{"type":"string"}}"#,
        r#"{"properties":{"a":{"type":"null"}},"additionalProperties":{"type":"string"}}"#,
    ),
    // MAX_ITEMS_ADDED, MAX_ITEMS_DECREASED, MIN_ITEMS_ADDED, MIN_ITEMS_INCREASED, UNIQUE_ITEMS_ADDED
    (r#"{"type":"array"}"#, r#"{"type":"array","maxItems":3}"#),
    (r#"{"type":"array","maxItems":4}"#, r#"{"type":"array","maxItems":3}"#),
    (r#"{"type":"array"}"#, r#"{"type":"array","minItems":3}"#),
    (r#"{"type":"array","minItems":2}"#, r#"{"type":"array","minItems":3}"#),
    (r#"{"type":"array"}"#, r#"{"type":"array","uniqueItems":true}"#),
    // ADDITIONAL_ITEMS_REMOVED, ADDITIONAL_ITEMS_NARROWED
    (r#"{"type":"array"}"#, r#"{"type":"array","additionalItems":false}"#),
    (r#"{"type":"array"}"#, r#"{"type":"array","additionalItems":{"type":"null"}}"#),
    // UNEVALUATED_ITEMS_REMOVED, UNEVALUATED_ITEMS_NARROWED
    (
        r#"{"$schema":"https://json-schema.org/draft/2019-09/schema","type":"array"}"#,
        r#"{"$schema":"https://json-schema.org/draft/2019-09/schema","type":"array","unevaluatedItems":false}"#,
    ),
    (
        r#"{"$schema":"https://json-schema.org/draft/2019-09/schema","type":"array"}"#,
        r#"{"$schema":"https://json-schema.org/draft/2019-09/schema","type":"array","unevaluatedItems":{"type":"null"}}"#,
    ),
    // ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL
    (r#"{"items":[{},{"type":"null"}],"additionalItems":false}"#, r#"{"items":[{}],"additionalItems":false}"#),
    // ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL, with TYPE_CHANGED
    (
        r#"{"items":[{},{"type":"null"}],"additionalItems":{"type":"string"}}"#,
        r#"{"items":[{}],"additionalItems":{"type":"string"}}"#,
    ),
    // ITEM_ADDED_TO_OPEN_CONTENT_MODEL
    (r#"{"items":[{}]}"#, r#"{"items":[{},{"type":"null"}]}"#),
    // ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL, with TYPE_CHANGED
    (
        r#"{"items":[{}],"additionalItems":{"type":"string"}}"#,
        r#"{"items":[{},{"type":"null"}],"additionalItems":{"type":"string"}}"#,
    ),
    // ENUM_ARRAY_NARROWED, ENUM_ARRAY_CHANGED
    (r#"{"enum":["a","b"]}"#, r#"{"enum":["a"]}"#),
    (r#"{"enum":["a","b"]}"#, r#"{"enum":["a","c"]}"#),
    // COMBINED_TYPE_CHANGED, COMBINED_TYPE_SUBSCHEMAS_CHANGED
    (r#"{"anyOf":[{"type":"null"},{"type":"string"}]}"#, r#"{"oneOf":[{"type":"null"},{"type":"string"}]}"#),
    (r#"{"anyOf":[{"type":"null"},{"type":"string"}]}"#, r#"{"anyOf":[{"type":"null"},{"type":"boolean"}]}"#),
    // PRODUCT_TYPE_EXTENDED, SUM_TYPE_NARROWED, NOT_TYPE_EXTENDED
    (r#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, r#"{"allOf":[{"minimum":1},{"maximum":2},{"multipleOf":2}]}"#),
    (r#"{"type":["null","string","boolean"]}"#, r#"{"type":["null","string"]}"#),
    (r#"{"not":{"maxLength":1}}"#, r#"{"not":{"maxLength":2}}"#),
];

#[test]
fn every_kind_has_a_place_on_both_sides() {
    let mut shown = String::new();
    let mut met = BTreeSet::new();
    for (old, new) in PAIRS {
        for found in incompatibilities(&schema(new), &schema(old)) {
            let (Some(reader), Some(writer)) = (&found.reader, &found.writer) else {
                panic!("{} at {} has no place in {old} or {new}", found.code, found.path);
            };
            let (before, now) = (&old[writer.clone()], &new[reader.clone()]);
            let lack = match &found.lacks {
                None => String::new(),
                Some(Lack::Writer(lack)) => format!(", before: {lack}"),
                Some(Lack::Reader(lack)) => format!(", now: {lack}"),
            };
            _ = writeln!(shown, "{}\n  {before} → {now}{lack}", found.code);
            met.insert(found.code);
        }
    }
    let all: BTreeSet<&str> = ChangeKind::ALL.iter().filter(|kind| kind.breaks()).map(|kind| kind.code()).collect();
    assert_eq!(met, all);
    insta::assert_snapshot!(shown, @r#"
    SCHEMA_ADDED
      {"type":"array"} → {"type":"null"}, before: there is no `items` here
    TYPE_NARROWED
      "number" → "integer"
    TYPE_NARROWED
      {"minimum":1} → "integer", before: there is no `type` here
    TYPE_CHANGED
      {"type":"string"} → {"type":"null"}
    TYPE_CHANGED
      true → false
    MAX_LENGTH_ADDED
      {"type":"string"} → 3, before: there is no `maxLength` here
    MAX_LENGTH_DECREASED
      4 → 3
    MIN_LENGTH_ADDED
      {"type":"string"} → 3, before: there is no `minLength` here
    MIN_LENGTH_INCREASED
      2 → 3
    PATTERN_ADDED
      {"type":"string"} → "^a", before: there is no `pattern` here
    PATTERN_CHANGED
      "^b" → "^a"
    MAXIMUM_ADDED
      {"type":"number"} → 3, before: there is no `maximum` here
    MAXIMUM_DECREASED
      4 → 3
    MINIMUM_ADDED
      {"type":"number"} → 3, before: there is no `minimum` here
    MINIMUM_INCREASED
      2 → 3
    EXCLUSIVE_MAXIMUM_ADDED
      {"type":"number"} → 3, before: there is no `exclusiveMaximum` here
    EXCLUSIVE_MAXIMUM_DECREASED
      4 → 3
    EXCLUSIVE_MINIMUM_ADDED
      {"type":"number"} → 3, before: there is no `exclusiveMinimum` here
    EXCLUSIVE_MINIMUM_INCREASED
      2 → 3
    MULTIPLE_OF_ADDED
      {"type":"number"} → 4, before: there is no `multipleOf` here
    MULTIPLE_OF_EXPANDED
      2 → 4
    MULTIPLE_OF_CHANGED
      3 → 4
    REQUIRED_ATTRIBUTE_ADDED
      {"type":"null"} → "a", before: `a` is not required here
    MAX_PROPERTIES_ADDED
      {"type":"object"} → 3, before: there is no `maxProperties` here
    MAX_PROPERTIES_DECREASED
      4 → 3
    MIN_PROPERTIES_ADDED
      {"type":"object"} → 3, before: there is no `minProperties` here
    MIN_PROPERTIES_INCREASED
      2 → 3
    ADDITIONAL_PROPERTIES_REMOVED
      {"type":"object"} → false, before: there is no `additionalProperties` here
    ADDITIONAL_PROPERTIES_NARROWED
      {"type":"object"} → {"type":"null"}, before: there is no `additionalProperties` here
    UNEVALUATED_PROPERTIES_REMOVED
      {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"} → false, before: there is no `unevaluatedProperties` here
    UNEVALUATED_PROPERTIES_NARROWED
      {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"} → {"type":"null"}, before: there is no `unevaluatedProperties` here
    DEPENDENCY_ARRAY_ADDED
      {"type":"object"} → ["b"], before: there is no `a` in `dependencies` here
    DEPENDENCY_ARRAY_EXTENDED
      ["b"] → ["b","c"]
    DEPENDENCY_ARRAY_CHANGED
      ["b"] → ["c"]
    DEPENDENCY_SCHEMA_ADDED
      {"type":"object"} → {"minProperties":2}, before: there is no `a` in `dependencies` here
    PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL
      {"type":"null"} → {"properties":{},"additionalProperties":false}, now: there is no property `a` here
    TYPE_CHANGED
      {"type":"null"} → {"type":"string"}
    PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
      {"type":"null"} → {"properties":{},"additionalProperties":{"type":"string"}}, now: there is no property `a` here
    REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL
      {"type":"object"} → {"type":"null"}, before: there is no property `a` here
    REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL
      {"type":"object"} → {"type":"null","default":null}, before: there is no property `a` here
    OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL
      {"type":"object"} → {"type":"null"}, before: there is no property `a` here
    REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL
      {"additionalProperties":false} → {"type":"null"}, before: there is no property `a` here
    TYPE_CHANGED
      {"type":"string"} → {"type":"null"}
    PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
      {"additionalProperties":{"type":"string"}} → {"type":"null"}, before: there is no property `a` here
    MAX_ITEMS_ADDED
      {"type":"array"} → 3, before: there is no `maxItems` here
    MAX_ITEMS_DECREASED
      4 → 3
    MIN_ITEMS_ADDED
      {"type":"array"} → 3, before: there is no `minItems` here
    MIN_ITEMS_INCREASED
      2 → 3
    UNIQUE_ITEMS_ADDED
      {"type":"array"} → true, before: there is no `uniqueItems` here
    ADDITIONAL_ITEMS_REMOVED
      {"type":"array"} → false, before: there is no `additionalItems` here
    ADDITIONAL_ITEMS_NARROWED
      {"type":"array"} → {"type":"null"}, before: there is no `additionalItems` here
    UNEVALUATED_ITEMS_REMOVED
      {"$schema":"https://json-schema.org/draft/2019-09/schema","type":"array"} → false, before: there is no `unevaluatedItems` here
    UNEVALUATED_ITEMS_NARROWED
      {"$schema":"https://json-schema.org/draft/2019-09/schema","type":"array"} → {"type":"null"}, before: there is no `unevaluatedItems` here
    ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL
      {"type":"null"} → {"items":[{}],"additionalItems":false}, now: there is no element 1 here
    TYPE_CHANGED
      {"type":"null"} → {"type":"string"}
    ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
      {"type":"null"} → {"items":[{}],"additionalItems":{"type":"string"}}, now: there is no element 1 here
    ITEM_ADDED_TO_OPEN_CONTENT_MODEL
      {"items":[{}]} → {"type":"null"}, before: there is no element 1 here
    TYPE_CHANGED
      {"type":"string"} → {"type":"null"}
    ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
      {"items":[{}],"additionalItems":{"type":"string"}} → {"type":"null"}, before: there is no element 1 here
    ENUM_ARRAY_NARROWED
      ["a","b"] → ["a"]
    ENUM_ARRAY_CHANGED
      ["a","b"] → ["a","c"]
    COMBINED_TYPE_CHANGED
      {"anyOf":[{"type":"null"},{"type":"string"}]} → {"oneOf":[{"type":"null"},{"type":"string"}]}
    COMBINED_TYPE_SUBSCHEMAS_CHANGED
      {"type":"string"} → {"type":"boolean"}
    PRODUCT_TYPE_EXTENDED
      {"allOf":[{"minimum":1},{"maximum":2}]} → {"multipleOf":2}
    SUM_TYPE_NARROWED
      {"type":["null","string","boolean"]} → {"type":["null","string"]}
    NOT_TYPE_EXTENDED
      {"not":{"maxLength":1}} → {"not":{"maxLength":2}}
    "#);
}

/// A part that is found behind a `$ref` has its own place, and none in the other schema's text.
#[test]
fn places_behind_references_of_the_schema_itself() {
    let of = |more: &str| {
        format!(
            r##"{{"properties":{{"a":{{"$ref":"#/definitions/T"}}}},"definitions":{{"T":{{"type":"string"{more}}}}}}}"##
        )
    };
    let (old, new) = (of(""), of(r#","maxLength":3"#));
    let found = incompatibilities(&schema(&new), &schema(&old));
    assert_eq!(&old[found[0].writer.clone().expect("a place")], r#"{"type":"string"}"#);
    assert_eq!(&new[found[0].reader.clone().expect("a place")], "3");
    assert_eq!(found[0].lacks, Some(Lack::Writer("there is no `maxLength` here".to_owned())));
}
