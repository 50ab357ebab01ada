//! Records beside JSON Schemas.

use jsonschema::{PatternOptions, Retrieve, Uri};
use serde_json::Value;

use super::additions::Side;
use super::draft::Draft;
use super::linked::{Linked, linked};
use super::nesting::Nesting;
use super::parse::to_serde;
use super::{JsonSchema, incompatibilities};
use crate::schema::sample::{Misfit, Step, Unreadable};
use crate::schema::text::Json;

/// How often a pattern that needs it may try again. More would let a record hold the tool up.
const MOST_BACKTRACKS: usize = 10_000;

/// Schemas that lead to each other, for each of the values inside each other of a record: a validator goes through them with
/// one call inside the other, and threads have a stack of two MiB.
const MOST_CALLS: usize = 2_000;

/// Schemas that are tried for one value, at most.
const MOST_TRIES: usize = 100_000;

/// Schemas that may be tried in vain, up to which it is told what does not fit. The library keeps what each of them says.
const MOST_TOLD: usize = 100_000;

/// What is said of a record beyond that.
const TOO_MANY_TRIED: &str =
    "it does not fit, in more ways than can be told: it is tried with many schemas at each level";

/// Schemas that something refers to. The library takes long to compile more, where each leads to the next.
const MOST_TARGETS: usize = 10_000;

/// A JSON Schema that records are checked with.
pub struct Validator<'s> {
    schema: &'s JsonSchema,
    compiled: jsonschema::Validator,
    side: Side<'s>,
    nesting: Nesting,
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
        let nesting = Nesting::of(schema).ok_or("a part of it leads back to itself for the same value")?;
        let bounds = [
            (nesting.way, MOST_CALLS / 2, "lead to each other for one value"),
            (nesting.tries, MOST_TRIES, "are tried for one value"),
            (nesting.targets, MOST_TARGETS, "are referred to"),
        ];
        if let Some((_, most, what)) = bounds.iter().find(|(found, most, _)| found > most) {
            return Err(format!("more than {most} of its parts {what}"));
        }
        let Linked { root, references } = linked(schema)?;
        let options =
            || jsonschema::options().with_draft(draft(schema.draft)).with_retriever(References(references.clone()));
        let compiled = options().with_pattern_options(PatternOptions::regex()).build(&root).or_else(|_| {
            let patterns = PatternOptions::fancy_regex().backtrack_limit(MOST_BACKTRACKS);
            options().with_pattern_options(patterns).build(&root)
        });
        let compiled = compiled.map_err(|error| error.to_string())?;
        Ok(Self { schema, compiled, side: Side::new(schema), nesting })
    }

    /// Checks a record.
    pub fn check(&self, record: &Json<'_>) -> Result<Value, Misfit> {
        let value = to_serde(record);
        if let Some(message) = self.objection(&value) {
            return Err(Misfit { message, range: record.range.clone() });
        }
        let Err(misfit) = self.misfit(&value) else { return Ok(value) };
        let range = record.range.clone();
        let misfit = misfit.map_or(Misfit { message: TOO_MANY_TRIED.to_owned(), range }, |error| {
            let error = innermost(&error);
            let at = record.pointer(error.instance_path().as_str()).unwrap_or(record);
            let member = unexpected(error).and_then(|name| at.as_object()?.iter().find(|member| member.key == name));
            let range = member.map_or(&at.range, |member| &member.key_range).clone();
            Misfit { message: said(error), range }
        });
        Err(misfit)
    }

    /// Checks a record as a consumer does that reads it.
    pub fn read(&self, value: &Value) -> Result<(), Unreadable> {
        let help = "loosen the schema, or make a new major version of the topic";
        if let Some(message) = self.objection(value) {
            return Err(Unreadable { message, help: Some(help.to_owned()), path: Vec::new(), reader: None });
        }
        let Err(error) = self.misfit(value) else { return Ok(()) };
        let Some(error) = error else {
            let (message, help) = (TOO_MANY_TRIED.to_owned(), Some(help.to_owned()));
            return Err(Unreadable { message, help, path: Vec::new(), reader: None });
        };
        let error = innermost(&error);
        let (instance, keyword) = (error.instance_path().as_str(), error.schema_path().as_str());
        let reader = self.schema.root.pointer(keyword).map(|keyword| keyword.range.clone());
        let mut path = steps(instance, value);
        path.extend(unexpected(error).map(|name| Step::Field(name.to_owned())));
        Err(Unreadable { message: said(error), help: Some(help.to_owned()), path, reader })
    }

    /// The first thing that does not fit; none where too much was tried to tell it.
    fn misfit<'v>(&'v self, value: &'v Value) -> Result<(), Option<jsonschema::ValidationError<'v>>> {
        if self.compiled.is_valid(value) {
            return Ok(());
        }
        let levels = u32::try_from(depth(value)).unwrap_or(u32::MAX);
        let tried = self.nesting.tries.saturating_pow(levels);
        Err(if tried > MOST_TOLD { None } else { self.compiled.iter_errors(value).next() })
    }

    /// Why a record is not looked into.
    fn objection(&self, value: &Value) -> Option<String> {
        let (depth, way) = (depth(value), self.nesting.way);
        (depth * (way + 1) > MOST_CALLS).then(|| {
            format!(
                "{depth} values lie inside each other, and up to {way} parts of the schema lead to each other for each"
            )
        })
    }

    /// Whether records that fit this schema fit another one too, as the comparison of schemas knows it, and have no field
    /// that it does not name.
    pub fn only_narrows(&self, old: &Validator<'_>) -> bool {
        incompatibilities(old.schema, self.schema).is_empty() && !self.side.adds_to(&old.side, None)
    }

    /// Whether a record has a field that another schema does not name.
    pub fn has_new_field(&self, old: &Validator<'_>, record: &Json<'_>) -> bool {
        self.side.adds_to(&old.side, Some(record))
    }
}

/// How many values lie inside each other. A text has no more than can be counted so.
fn depth(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => members.values().map(depth).max().unwrap_or(0),
        _ => 0,
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

    /// Each level of the record is tried with every branch, and each branch leads to the next level.
    #[test]
    fn what_many_branches_say_is_not_kept() {
        let branch = |name: usize| {
            format!(r##"{{"properties": {{"x": {{"$ref": "#/definitions/n"}}}}, "required": ["q{name}"]}}"##)
        };
        let branches: Vec<String> = (0..9).map(branch).collect();
        let text = format!(
            r##"{{"definitions": {{"n": {{"anyOf": [{}]}}}}, "properties": {{"x": {{"$ref": "#/definitions/n"}}}}}}"##,
            branches.join(", ")
        );
        let schema = parse(&text, &[]).expect("a schema");
        let validator = Validator::new(&schema).expect("a validator");
        let record = |depth: usize| format!("{}{{}}{}", "{\"x\": ".repeat(depth), "}".repeat(depth));
        for (depth, is_told) in [(2, true), (7, false)] {
            let text = record(depth);
            let misfit = validator.check(&read(&text).expect("JSON")).expect_err("no branch fits");
            assert_eq!(misfit.message != TOO_MANY_TRIED, is_told, "{depth}: {}", misfit.message);
        }
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

    /// What the comparison of schemas takes a `$ref` for, records are checked with.
    #[test]
    fn references_lead_where_the_comparison_follows_them() {
        let reference = ResolvedReference { name: "o.json", text: r#"{"type": "integer"}"# };
        for schema in [
            // Below an id, up to draft 7, from the document itself.
            r##"{"properties": {"p": {"$id": "http://h/p.json", "properties": {"x": {"$ref": "#/definitions/T"}}}},
                "definitions": {"T": {"type": "integer"}}}"##,
            r##"{"$id": "http://h/a/root.json", "properties": {"p": {"$id": "parts/p.json", "properties":
                {"x": {"$ref": "/a/o.json"}}}}}"##,
            r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "http://h/a/root.json", "properties":
                {"p": {"$id": "parts/p.json", "properties": {"x": {"$ref": "../o.json"}}}}}"##,
            r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"p": {"$id": "http://h/p",
                "properties": {"x": {"$ref": "#a b"}}, "$defs": {"ä %": {"$anchor": "here", "type": "integer"}, "b":
                {"$ref": "#here"}}, "allOf": [{"properties": {"x": {"$ref": "#here"}}}]}}}"##,
            r##"{"$schema": "http://json-schema.org/draft-04/schema#", "id": "http://h/a/root.json", "properties": {"p":
                {"properties": {"x": {"$ref": "#t"}}}}, "definitions": {"T": {"id": "#t", "type": "integer"}}}"##,
        ] {
            let schema = schema.replace("#a b", "#/$defs/%C3%A4%20%25");
            let schema = parse(&schema, &[reference]).unwrap_or_else(|error| panic!("{error}: {schema}"));
            let validator = Validator::new(&schema).unwrap_or_else(|error| panic!("{error}: {schema:?}"));
            let is_taken = |text: &str| validator.check(&read(text).expect("JSON")).is_ok();
            assert!(is_taken(r#"{"p": {"x": 1}}"#), "{schema:?}");
            assert!(!is_taken(r#"{"p": {"x": "1"}}"#), "{schema:?}");
        }
    }

    /// What is data, and not schema, stays as it is.
    #[test]
    fn data_that_looks_like_a_reference() {
        let schema = r##"{"const": {"$ref": "#", "$id": "a"}}"##;
        assert_eq!(said_of(schema, r##"{"$id": "a", "$ref": "#"}"##), Ok(()));
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

    /// The library would go through each of them with a call inside the other, or once for each way that leads to it.
    #[test]
    fn schemas_that_lead_to_each_other_without_end_are_refused() {
        let refused = |link: &str, hops: usize| {
            let links: Vec<_> =
                (0..hops).map(|n| format!(r#""D{n}":{}"#, link.replace("TO", &format!("#/d/D{}", n + 1)))).collect();
            let text = format!(r##"{{"$ref":"#/d/D0","d":{{{},"D{hops}":{{}}}}}}"##, links.join(","));
            Validator::new(&parse(&text, &[]).expect("a schema")).err()
        };
        for (link, hops) in [
            (r#"{"$ref":"TO"}"#, 100_000),
            (r#"{"allOf":[{"$ref":"TO"}]}"#, 60_000),
            (r#"{"anyOf":[{"$ref":"TO"},{"$ref":"TO"}]}"#, 40),
            (r#"{"properties":{"a":{"$ref":"TO"}}}"#, 60_000),
        ] {
            assert!(refused(link, hops).is_some(), "{link}");
            assert_eq!(refused(link, 10), None, "{link}");
        }
        assert!(Validator::new(&parse(r##"{"allOf":[{"$ref":"#"}]}"##, &[]).expect("a schema")).is_err());
    }

    /// On a stack as small as those of the threads that `schema test` works on.
    #[test]
    fn deep_records_and_long_ways_together() {
        let hops = MOST_CALLS / 4;
        let links: Vec<_> = (0..hops).map(|n| format!(r##""D{n}":{{"$ref":"#/d/D{}"}}"##, n + 1)).collect();
        let last = r##"{"additionalProperties":{"$ref":"#/d/D0"}}"##;
        let schema = format!(r##"{{"$ref":"#/d/D0","d":{{{},"D{hops}":{last}}}}}"##, links.join(","));
        let work = move || {
            let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
            assert_eq!(said_of(&schema, &deep(2)), Ok(()));
            let (message, _) = said_of(&schema, &deep(120)).expect_err("a misfit");
            assert!(message.starts_with("121 values lie inside each other"), "{message}");
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread").join().expect("an end");
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
