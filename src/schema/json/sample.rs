//! Records beside JSON Schemas.

use std::collections::HashSet;

use jsonschema::{PatternOptions, Retrieve, Uri};
use serde_json::Value;

use super::draft::Draft;
use super::parse::to_serde;
use super::{JsonSchema, fields, incompatibilities};
use crate::schema::sample::{Misfit, Step, Unreadable};
use crate::schema::text::Json;

/// How often a pattern that needs it may try again. More would let a record hold the tool up.
const MOST_BACKTRACKS: usize = 10_000;

/// A JSON Schema that records are checked with.
pub struct Validator<'s> {
    schema: &'s JsonSchema,
    compiled: jsonschema::Validator,
}

/// The references of a schema, by the name that it has for them.
struct References(Vec<(String, Value)>);

impl Retrieve for References {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str();
        // A name without a scheme was resolved against the schema's own.
        let is_meant = |name: &str| uri == name || uri.strip_suffix(name).is_some_and(|base| base.ends_with('/'));
        let found = self.0.iter().find(|(name, _)| is_meant(name));
        found.map(|(_, schema)| schema.clone()).ok_or_else(|| format!("{uri} is not among the references").into())
    }
}

impl<'s> Validator<'s> {
    /// Compiles a schema. Patterns are matched without backtracking where they can be.
    pub fn new(schema: &'s JsonSchema) -> Result<Self, String> {
        let root = to_serde(&schema.root);
        let options = || {
            let references = schema.references.iter().map(|(name, schema)| (name.clone(), to_serde(schema)));
            jsonschema::options().with_draft(draft(schema.draft)).with_retriever(References(references.collect()))
        };
        let compiled = options().with_pattern_options(PatternOptions::regex()).build(&root).or_else(|_| {
            let patterns = PatternOptions::fancy_regex().backtrack_limit(MOST_BACKTRACKS);
            options().with_pattern_options(patterns).build(&root)
        });
        let compiled = compiled.map_err(|error| error.to_string())?;
        Ok(Self { schema, compiled })
    }

    /// Checks a record.
    pub fn check(&self, record: &Json<'_>) -> Result<Value, Misfit> {
        let value = to_serde(record);
        let misfit = self.compiled.iter_errors(&value).next().map(|error| {
            let error = innermost(&error);
            let at = record.pointer(error.instance_path().as_str()).unwrap_or(record);
            let member = unexpected(error).and_then(|name| at.as_object()?.iter().find(|member| member.key == name));
            let range = member.map_or(&at.range, |member| &member.key_range).clone();
            Misfit { message: said(error), range }
        });
        misfit.map_or(Ok(value), Err)
    }

    /// Checks a record as a consumer does that reads it.
    pub fn read(&self, value: &Value) -> Result<(), Unreadable> {
        let Some(error) = self.compiled.iter_errors(value).next() else { return Ok(()) };
        let error = innermost(&error);
        let (instance, keyword) = (error.instance_path().as_str(), error.schema_path().as_str());
        let reader = self.schema.root.pointer(keyword).map(|keyword| keyword.range.clone());
        let mut path = steps(instance, value);
        path.extend(unexpected(error).map(|name| Step::Field(name.to_owned())));
        Err(Unreadable { message: said(error), help: Some("loosen the schema".to_owned()), path, reader })
    }

    /// Whether records that fit this schema fit another one too, as the comparison of schemas knows it, and have no field
    /// that it does not name.
    pub fn only_narrows(&self, old: &Self) -> bool {
        incompatibilities(old.schema, self.schema).is_empty() && self.new_fields(old).is_empty()
    }

    /// Whether a record has a field that another schema does not name.
    pub fn has_new_field(&self, old: &Self, record: &Json<'_>) -> bool {
        self.new_fields(old).iter().any(|path| has(record, path))
    }

    fn new_fields(&self, old: &Self) -> Vec<String> {
        let known: HashSet<String> = fields(old.schema).into_iter().map(|field| field.path).collect();
        let paths = fields(self.schema).into_iter().map(|field| field.path);
        paths.filter(|path| !known.contains(path)).collect()
    }
}

fn draft(draft: Draft) -> jsonschema::Draft {
    match draft {
        Draft::Draft4 => jsonschema::Draft::Draft4,
        Draft::Draft6 => jsonschema::Draft::Draft6,
        Draft::Draft7 => jsonschema::Draft::Draft7,
        Draft::Draft2019 => jsonschema::Draft::Draft201909,
        Draft::Draft2020 => jsonschema::Draft::Draft202012,
    }
}

/// A member that a schema does not allow.
fn unexpected<'e>(error: &'e jsonschema::ValidationError<'_>) -> Option<&'e str> {
    use jsonschema::error::ValidationErrorKind::{AdditionalProperties, UnevaluatedProperties};
    match error.kind() {
        AdditionalProperties { unexpected } | UnevaluatedProperties { unexpected } => {
            unexpected.first().map(String::as_str)
        }
        _ => None,
    }
}

/// Of a value that is none of several, what is wrong with it by the one that it comes closest to, where that lies deeper in
/// it; else that it is none of them.
fn innermost<'e>(error: &'e jsonschema::ValidationError<'e>) -> &'e jsonschema::ValidationError<'e> {
    use jsonschema::error::ValidationErrorKind::{AnyOf, OneOfNotValid};
    let (AnyOf { context } | OneOfNotValid { context }) = error.kind() else { return error };
    let depth = |error: &jsonschema::ValidationError<'_>| error.instance_path().as_str().matches('/').count();
    let first = context.iter().filter_map(|errors| errors.first()).map(innermost);
    first.filter(|inner| depth(inner) > depth(error)).max_by_key(|inner| depth(inner)).unwrap_or(error)
}

fn said(error: &jsonschema::ValidationError<'_>) -> String {
    // The value itself stands in the text, and may be long.
    error.masked_with("this").to_string()
}

fn steps(pointer: &str, value: &Value) -> Vec<Step> {
    let mut at = Some(value);
    let step = |token: &str| {
        let token = token.replace("~1", "/").replace("~0", "~");
        let step = match (at, token.parse()) {
            (Some(Value::Array(_)), Ok(index)) => Step::Item(index),
            _ => Step::Field(token.clone()),
        };
        at = at.and_then(|value| match value {
            Value::Array(items) => items.get(token.parse::<usize>().ok()?),
            value => value.get(&token),
        });
        step
    };
    pointer.split('/').skip(1).map(step).collect()
}

/// Whether a record has a value at the path of a field, as `fields` writes it: `a.b`, `a[].b`, `a{}.b`.
fn has(record: &Json<'_>, path: &str) -> bool {
    let Some((step, rest)) = path.split_once('.') else { return reaches(record, path, "") };
    reaches(record, step, rest)
}

fn reaches(record: &Json<'_>, step: &str, rest: &str) -> bool {
    // `a(Type)` is one of several types of `a`.
    let name_end = step.find(['[', '{', '(']).unwrap_or(step.len());
    let (name, parts) = step.split_at(name_end);
    let Some(value) = (if name.is_empty() { Some(record) } else { record.get(name) }) else { return false };
    let mut values = vec![value];
    for _ in 0..parts.matches(['[', '{']).count() {
        let inner = values.into_iter().flat_map(|value| match &value.value {
            crate::schema::text::Value::Array(items) => items.iter().collect(),
            crate::schema::text::Value::Object(members) => members.iter().map(|member| &member.value).collect(),
            _ => Vec::new(),
        });
        values = inner.collect();
    }
    if rest.is_empty() { !values.is_empty() } else { values.iter().any(|value| has(value, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ResolvedReference;
    use crate::schema::json::parse;
    use crate::schema::text::read;

    fn said_of(schema: &str, record: &str) -> Result<(), (String, String)> {
        let schema = parse(schema, &[]).expect("a schema");
        let validator = Validator::new(&schema).expect("it compiles");
        let checked = validator.check(&read(record).expect("JSON"));
        checked.map(|_| ()).map_err(|misfit| (misfit.message, record[misfit.range].to_owned()))
    }

    #[test]
    fn a_misfit_has_its_place() {
        let schema = r#"{"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}"#;
        assert_eq!(said_of(schema, r#"{"a": [1, 2]}"#), Ok(()));
        let (message, place) = said_of(schema, r#"{"a": [1, "x"]}"#).expect_err("a misfit");
        assert_eq!((message.as_str(), place.as_str()), (r#"this is not of type "integer""#, "\"x\""));
    }

    #[test]
    fn the_member_that_offends_is_its_place() {
        let closed = r#"{"properties": {"a": {"properties": {"b": {}}, "additionalProperties": false}}}"#;
        let (message, place) = said_of(closed, r#"{"a": {"b": 1, "c": 2}}"#).expect_err("a misfit");
        assert!(message.contains("c") && place == "\"c\"", "{message} at {place}");
        let either = r#"{"anyOf": [{"type": "string"}, {"properties": {"a": {"type": "integer"}}, "type": "object"}]}"#;
        let (message, place) = said_of(either, r#"{"a": "x"}"#).expect_err("a misfit");
        assert_eq!((message.as_str(), place.as_str()), (r#"this is not of type "integer""#, "\"x\""));
        assert_eq!(said_of(either, "3").expect_err("a misfit").1, "3");
    }

    #[test]
    fn references_are_followed() {
        let reference = ResolvedReference { name: "money.json", text: r#"{"type": "object", "required": ["amount"]}"# };
        let schema = parse(r#"{"properties": {"price": {"$ref": "money.json"}}}"#, &[reference]).expect("a schema");
        let validator = Validator::new(&schema).expect("it compiles");
        let is_taken = |text: &str| validator.check(&read(text).expect("JSON")).is_ok();
        assert!(is_taken(r#"{"price": {"amount": 1}}"#));
        assert!(!is_taken(r#"{"price": {}}"#));
    }

    #[test]
    fn a_pattern_that_backtracks_ends() {
        let schema = r#"{"pattern": "^(?=(a+)+$)x"}"#;
        assert!(said_of(schema, &format!("\"{}b\"", "a".repeat(5_000))).is_err());
    }

    #[test]
    fn a_new_field_is_found_where_it_stands() {
        let parsed = |text: &str| parse(text, &[]).expect("a schema");
        let (old, new) = (
            parsed(r#"{"properties": {"list": {"type": "array", "items": {"properties": {"a": {}}}}}}"#),
            parsed(
                r#"{"properties": {"list": {"type": "array", "items": {"properties": {"a": {}, "b": {"type": "string"}}}}}}"#,
            ),
        );
        let [old, new] = [&old, &new].map(|schema| Validator::new(schema).expect("it compiles"));
        let shows = |text: &str| new.has_new_field(&old, &read(text).expect("JSON"));
        assert!(shows(r#"{"list": [{"a": 1}, {"b": "x"}]}"#));
        assert!(!shows(r#"{"list": [{"a": 1}], "b": "x"}"#));
        assert!(!new.only_narrows(&old) && new.only_narrows(&new));
    }
}
