use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::{SchemaError, SchemaField, SchemaFormat, avro, json, protobuf};

/// The text of a schema that another one refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolvedReference<'t> {
    /// How the schema names it: an Avro full name, a JSON Schema `$ref`, a Protobuf import.
    pub name: &'t str,
    /// Its text, in the format of the schema.
    pub text: &'t str,
}

/// A schema that is valid.
#[derive(Debug, Clone)]
pub enum ParsedSchema {
    /// Avro.
    Avro(avro::AvroSchema),
    /// JSON Schema.
    Json(json::JsonSchema),
    /// Protobuf.
    Protobuf(protobuf::ProtobufSchema),
}

/// The largest text that is read, in bytes. Registries keep schemas in Kafka records, whose default limit is a tenth of it.
pub const MAX_SIZE: usize = 10 << 20;

/// What a text may consist of: values of Avro and JSON Schema, each of which takes a hundred bytes once it is read.
const MOST_PARTS: usize = 2 << 20;

pub(super) fn check_size(text: &str) -> Result<(), SchemaError> {
    if text.len() > MAX_SIZE {
        let error = SchemaError::new(format!("the schema is larger than {} MiB", MAX_SIZE >> 20));
        // The first character beyond.
        let (start, end) = (text.floor_char_boundary(MAX_SIZE), text.ceil_char_boundary(MAX_SIZE + 1));
        return Err(error.at(start..end).help("split it: schemas can refer to each other"));
    }
    // Each but the first has one of these before it. Those in strings count too: whoever has so many may split them.
    let is_part = |(_, byte): &(usize, u8)| matches!(byte, b',' | b'[' | b'{');
    if text.len() > MOST_PARTS
        && let Some((at, _)) = text.bytes().enumerate().filter(is_part).nth(MOST_PARTS)
    {
        let error = SchemaError::new(format!("the schema has more than {MOST_PARTS} values"));
        return Err(error.at(at..at + 1).help("split it: schemas can refer to each other"));
    }
    Ok(())
}

/// Parses a schema. `references` hold everything that it refers to, directly and through others, each behind those it
/// refers to itself; of several with one name the first counts. Time and memory are bounded by the length of the texts.
pub fn parse(
    format: SchemaFormat,
    text: &str,
    references: &[ResolvedReference<'_>],
) -> Result<ParsedSchema, SchemaError> {
    let references = &checked(text, references)?;
    match format {
        SchemaFormat::Avro => avro::parse(text, references).map(ParsedSchema::Avro),
        SchemaFormat::Json => json::parse(text, references).map(ParsedSchema::Json),
        SchemaFormat::Protobuf => protobuf::parse(text, references).map(ParsedSchema::Protobuf),
    }
}

/// Parses a schema that is to be compared as the format's reference implementation parses it (Apache Avro for Java, the
/// registry for the others), which takes what [`parse`] holds against new schemas.
pub fn parse_like_reference(
    format: SchemaFormat,
    text: &str,
    references: &[ResolvedReference<'_>],
) -> Result<ParsedSchema, SchemaError> {
    let references = &checked(text, references)?;
    match format {
        SchemaFormat::Avro => avro::parse_like_java(text, references).map(ParsedSchema::Avro),
        SchemaFormat::Json => json::parse_registered(text, references).map(ParsedSchema::Json),
        SchemaFormat::Protobuf => protobuf::parse_registered(text, references).map(ParsedSchema::Protobuf),
    }
}

/// Parses a version in the history of a subject as a registry reads it: defaults of Avro are not looked at.
pub fn parse_registered(
    format: SchemaFormat,
    text: &str,
    references: &[ResolvedReference<'_>],
) -> Result<ParsedSchema, SchemaError> {
    match format {
        SchemaFormat::Avro => {
            let references = &checked(text, references)?;
            avro::parse_registered(text, references).map(ParsedSchema::Avro)
        }
        SchemaFormat::Json | SchemaFormat::Protobuf => parse_like_reference(format, text, references),
    }
}

/// The references that are read. Errors tell a reference by its name, so a second one of a name is left out: the place of
/// what is wrong in it would be looked for in the first.
fn checked<'r, 't>(
    text: &str,
    references: &'r [ResolvedReference<'t>],
) -> Result<Cow<'r, [ResolvedReference<'t>]>, SchemaError> {
    check_size(text)?;
    for reference in references {
        check_size(reference.text).map_err(|error| error.in_reference(reference.name))?;
    }
    if text.chars().all(char::is_whitespace) {
        return Err(SchemaError::new("the schema is empty"));
    }
    let mut names = HashSet::with_capacity(references.len());
    let is_first: Vec<bool> = references.iter().map(|reference| names.insert(reference.name)).collect();
    if names.len() == references.len() {
        return Ok(Cow::Borrowed(references));
    }
    let first = references.iter().zip(is_first).filter(|(_, is_first)| *is_first);
    Ok(first.map(|(reference, _)| *reference).collect())
}

impl ParsedSchema {
    /// Its format.
    pub fn format(&self) -> SchemaFormat {
        match self {
            ParsedSchema::Avro(_) => SchemaFormat::Avro,
            ParsedSchema::Json(_) => SchemaFormat::Json,
            ParsedSchema::Protobuf(_) => SchemaFormat::Protobuf,
        }
    }

    /// The bytes of its text that stand for the whole of it: the outermost schema, or the first word of a file.
    pub fn whole(&self) -> Option<Range<usize>> {
        match self {
            ParsedSchema::Avro(schema) => Some(schema.root.range.clone()),
            ParsedSchema::Json(schema) => Some(schema.root.range.clone()),
            ParsedSchema::Protobuf(schema) => schema.beginning(),
        }
    }
}

/// The name that the serializers' `RecordNameStrategy` makes the subject of: Avro's full name, the `title` of a JSON
/// Schema, the full name of a Protobuf file's first message. `None` where the schema has none.
pub fn record_name(schema: &ParsedSchema) -> Option<String> {
    match schema {
        ParsedSchema::Avro(schema) => schema.name().map(str::to_owned),
        ParsedSchema::Json(schema) => schema.title().map(str::to_owned),
        ParsedSchema::Protobuf(schema) => schema.name().map(str::to_owned),
    }
}

/// The table of a schema's fields, nested ones behind the field that holds them. Each named type is opened where it is
/// first used and stands by its name afterwards; types of references stand by their names.
pub fn fields(schema: &ParsedSchema) -> Vec<SchemaField> {
    match schema {
        ParsedSchema::Avro(schema) => avro::fields(schema),
        ParsedSchema::Json(schema) => json::fields(schema),
        ParsedSchema::Protobuf(schema) => protobuf::fields(schema),
    }
}

/// The fields that nothing is said about.
pub fn undocumented(schema: &ParsedSchema) -> Vec<SchemaField> {
    // The table is costly and most often nothing is missing.
    if matches!(schema, ParsedSchema::Avro(schema) if avro::is_documented(schema)) {
        return Vec::new();
    }
    let is_missing = |field: &SchemaField| field.doc.as_deref().is_none_or(|doc| doc.trim().is_empty());
    // A schema that is no record has one row without a path, which has no place for a doc.
    fields(schema).into_iter().filter(|field| !field.path.is_empty() && is_missing(field)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_too_many_values_is_not_read() {
        let text = format!(r#"{{"enum":[0{}]}}"#, ",0".repeat(MOST_PARTS));
        let error = parse(SchemaFormat::Json, &text, &[]).unwrap_err();
        assert_eq!(error.message, "the schema has more than 2097152 values");
        assert_eq!(&text[error.range.unwrap()], ",");
    }

    #[test]
    fn of_references_with_one_name_the_first_counts() {
        let text = r#"{"$ref": "other.json"}"#;
        let [good, bad] = [r#"{"type": "string"}"#, r#"{"type": "string", "title": "…" "#]
            .map(|text| ResolvedReference { name: "other.json", text });
        for parse in [parse, parse_like_reference, parse_registered] {
            parse(SchemaFormat::Json, text, &[good, bad]).unwrap();
            let error = parse(SchemaFormat::Json, text, &[bad, good]).unwrap_err();
            assert_eq!(error.reference.as_deref(), Some("other.json"));
            assert!(bad.text.get(error.range.unwrap()).is_some());
        }
    }
}
