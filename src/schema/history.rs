use std::borrow::Borrow;

use super::forward::advised;
pub use super::json::Effort;
use super::{Compatibility, InReferences, Incompatibility, ParsedSchema, avro, json, protobuf};

/// Who reads whose records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Consumers that have the new schema read what was written with an earlier one.
    Backward,
    /// Consumers that have an earlier schema read what is written with the new one.
    Forward,
}

/// An earlier version that the new schema does not get along with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its place among the earlier versions, from 0 for the oldest.
    pub version: usize,
    /// Who cannot read.
    pub direction: Direction,
    /// Why.
    pub incompatibilities: Vec<Incompatibility>,
}

/// Compares a new schema with the versions before it, as a registry with this level does: the newest alone, or all of them
/// from the newest to the oldest where the level is transitive. `previous` has the oldest first.
pub fn conflicts<P: Borrow<ParsedSchema>>(level: Compatibility, new: &ParsedSchema, previous: &[P]) -> Vec<Conflict> {
    conflicts_within(level, new, previous, &mut Effort::default())
}

/// The same of a part of a history, whose comparisons have this effort left. Where it does not suffice, that is a conflict.
pub fn conflicts_within<P: Borrow<ParsedSchema>>(
    level: Compatibility,
    new: &ParsedSchema,
    previous: &[P],
    effort: &mut Effort,
) -> Vec<Conflict> {
    use Compatibility::{Backward, BackwardTransitive, Forward, ForwardTransitive, Full, FullTransitive, None};
    let directions: &[Direction] = match level {
        None => &[],
        Backward | BackwardTransitive => &[Direction::Backward],
        Forward | ForwardTransitive => &[Direction::Forward],
        Full | FullTransitive => &[Direction::Backward, Direction::Forward],
    };
    let newest_first = previous.iter().enumerate().rev().take(compared(level, previous.len()));
    let pairs = newest_first
        .flat_map(|(version, old)| directions.iter().map(move |direction| (version, old.borrow(), *direction)));
    pairs
        .filter_map(|(version, old, direction)| {
            let incompatibilities = match direction {
                Direction::Backward => within(new, old, effort),
                Direction::Forward => advised(within(old, new, effort), new),
            };
            (!incompatibilities.is_empty()).then_some(Conflict { version, direction, incompatibilities })
        })
        .collect()
}

/// How many of the earlier versions a level looks at, from the newest on. A registry does not even parse the others.
pub fn compared(level: Compatibility, versions: usize) -> usize {
    match level {
        Compatibility::None => 0,
        level if level.is_transitive() => versions,
        _ => versions.min(1),
    }
}

/// Why a consumer with one schema cannot read what was written with another; nothing where it can.
pub fn incompatibilities(reader: &ParsedSchema, writer: &ParsedSchema) -> Vec<Incompatibility> {
    within(reader, writer, &mut Effort::default())
}

fn within(reader: &ParsedSchema, writer: &ParsedSchema, effort: &mut Effort) -> Vec<Incompatibility> {
    match (reader, writer) {
        (ParsedSchema::Avro(reader), ParsedSchema::Avro(writer)) => avro::incompatibilities(reader, writer),
        (ParsedSchema::Json(reader), ParsedSchema::Json(writer)) => {
            json::incompatibilities_within(reader, writer, effort)
        }
        (ParsedSchema::Protobuf(reader), ParsedSchema::Protobuf(writer)) => protobuf::incompatibilities(reader, writer),
        _ => vec![Incompatibility {
            code: "SCHEMA_TYPE_CHANGED",
            path: "/".to_owned(),
            message: format!("the reader's schema is {}, and the writer's {}", reader.format(), writer.format()),
            help: Some("a new format needs a new subject: make a new version of the topic".to_owned()),
            reader: reader.whole(),
            writer: writer.whole(),
            lacks: Option::None,
            referred: InReferences::default(),
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{ResolvedReference, SchemaFormat, parse};

    #[test]
    fn another_format_has_a_place_on_both_sides() {
        let texts = [
            (SchemaFormat::Avro, "\n\"string\"", "\"string\""),
            (SchemaFormat::Json, " {}", "{}"),
            (SchemaFormat::Protobuf, "// A.\nmessage A {}", "message"),
        ];
        for (format, text, whole) in texts {
            for (other_format, other_text, other_whole) in texts.iter().filter(|(other, ..)| *other != format) {
                let [reader, writer] = [(format, text), (*other_format, *other_text)]
                    .map(|(format, text)| parse(format, text, &[]).expect("a schema"));
                let found = incompatibilities(&reader, &writer).remove(0);
                assert_eq!(&text[found.reader.expect("a place")], whole);
                assert_eq!(&other_text[found.writer.expect("a place")], *other_whole);
            }
        }
    }

    /// What breaks in the text of a reference is told with its place there, on each side that has one there.
    #[test]
    fn what_breaks_in_a_reference_has_its_place_there() {
        let cases = [
            (
                SchemaFormat::Avro,
                "s.Money",
                r#"{"type":"record","name":"O","fields":[{"name":"m","type":["null",{"type":"array","items":"s.Money"}]}]}"#,
                r#"{"type":"record","name":"Money","namespace":"s","fields":[{"name":"cents","type":{"type":"array","items":"long"}}]}"#,
                r#"{"type":"record","name":"Money","namespace":"s","doc":"…","fields":[{"name":"cents","type":{"type":"array","items":"int"}}]}"#,
                (r#""int""#, r#""long""#),
            ),
            (
                SchemaFormat::Avro,
                "s.Money",
                r#"{"type":"record","name":"O","fields":[{"name":"m","type":"s.Money"}]}"#,
                r#"{"type":"record","name":"Money","namespace":"s","fields":[]}"#,
                r#"{"type":"record","name":"Money","namespace":"s","fields":[{"name":"cents","type":"long"}]}"#,
                (r#""cents""#, r#"{"type":"record","name":"Money","namespace":"s","fields":[]}"#),
            ),
            (
                SchemaFormat::Json,
                "money.json",
                r#"{"properties":{"m":{"$ref":"money.json#/definitions/cents"}}}"#,
                r#"{"definitions":{"cents":{"type":"string","maxLength":9}}}"#,
                r#"{"title":"…","definitions":{"cents":{"type":"string","maxLength":8}}}"#,
                ("8", "9"),
            ),
            (
                SchemaFormat::Json,
                "money.json",
                r#"{"oneOf":[{"$ref":"money.json"},{"type":"null"}]}"#,
                r#"{"type":"object","properties":{"cents":{"type":"number"}}}"#,
                r#"{"type":"object","properties":{"cents":{"type":"string"}}}"#,
                (r#"{"type":"string"}"#, r#"{"type":"number"}"#),
            ),
            (
                SchemaFormat::Protobuf,
                "money.proto",
                r#"syntax = "proto3"; import "money.proto"; message O { repeated s.Money m = 1; }"#,
                r#"syntax = "proto3"; package s; message Money { int64 cents = 1; }"#,
                r#"syntax = "proto3"; package s; /* … */ message Money { string cents = 1; }"#,
                ("string", "int64"),
            ),
        ];
        for (format, name, text, before, now, (read, written)) in cases {
            let [reader, writer] = [now, before]
                .map(|referred| parse(format, text, &[ResolvedReference { name, text: referred }]).expect("a schema"));
            let found = incompatibilities(&reader, &writer).remove(0);
            let [there, once] = [found.referred.reader, found.referred.writer].map(|place| place.expect("a place"));
            assert_eq!((&*there.name, &now[there.range]), (name, read), "{text}");
            assert_eq!((&*once.name, &before[once.range]), (name, written), "{text}");
            // What stands in the schema itself does not stand in a reference.
            let [reader, writer] = [now, before].map(|text| parse(format, text, &[]).expect("a schema"));
            let found = incompatibilities(&reader, &writer);
            assert!(found.iter().all(|found| found.referred == InReferences::default()), "{now}: {found:?}");
        }
    }
}
