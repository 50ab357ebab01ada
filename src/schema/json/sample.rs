//! Records beside JSON Schemas.

use jsonschema::{PatternOptions, Retrieve, Uri};
use serde_json::Value;

use super::additions::Side;
use super::draft::Draft;
use super::expansion::Patterns;
use super::linked::{Linked, linked};
use super::nesting::Nesting;
use super::parse::to_serde;
use super::steps::{Counted, MOST_STEPS, Pace, Steps, Watched};
use super::{JsonSchema, incompatibilities};
use crate::schema::sample::{Misfit, Step, Unreadable, Unusable};
use crate::schema::text::{Json, unescaped};

/// How often a pattern that needs it may try again. More would let a record hold the tool up.
const MOST_BACKTRACKS: usize = 10_000;

/// Schemas that lead to each other, for each of the values inside each other of a record: a validator goes through them with
/// one call inside the other, and threads have a stack of two MiB.
const MOST_CALLS: usize = 2_000;

/// Schemas that are tried for one value, at most.
const MOST_TRIES: usize = 100_000;

/// Looks at a record, up to which it is told what does not fit. The library keeps what each schema that is tried in vain says.
const MOST_TOLD: u64 = 300_000;

/// What is said of a record beyond that.
const TOO_MANY_TRIED: &str = "it does not fit, and what of it does not is too costly to find out";

/// What is said of a record that a pattern cannot be tried with.
const UNDECIDED: &str = "it is not known whether it fits: a pattern is too costly to try with a text of it";

/// Schemas that something refers to. The library takes long to compile more, where each leads to the next.
const MOST_TARGETS: usize = 10_000;

/// A JSON Schema that records are checked with.
pub struct Validator<'s> {
    schema: &'s JsonSchema,
    compiled: jsonschema::Validator<Counted>,
    side: Side<'s>,
    nesting: Nesting,
    pace: Pace,
}

/// Why a record is not taken.
enum Refusal {
    Told(Box<jsonschema::ValidationError<'static>>),
    Untold(String),
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
    pub fn new(schema: &'s JsonSchema) -> Result<Self, Unusable> {
        let mut patterns = Patterns::default();
        let nesting = Nesting::of(schema, |part| patterns.add(part));
        let nesting = nesting.ok_or_else(|| "a part of it leads back to itself for the same value".to_owned())?;
        if let Some(refused) = patterns.refused {
            return Err(refused);
        }
        let bounds = [
            (nesting.way, MOST_CALLS / 2, "lead to each other for one value"),
            (nesting.tries, MOST_TRIES, "are tried for one value"),
            (nesting.targets, MOST_TARGETS, "are referred to"),
        ];
        if let Some((_, most, what)) = bounds.iter().find(|(found, most, _)| found > most) {
            return Err(format!("more than {most} of its parts {what}").into());
        }
        let Linked { root, references } = linked(schema)?;
        let options = || {
            let options = jsonschema::options_for::<Counted>().with_draft(draft(schema.draft));
            options.with_retriever(References(references.clone()))
        };
        let pace = |looks_around| Pace { pattern: patterns.largest, looks_around };
        let compiled = options().with_pattern_options(PatternOptions::regex()).build(&root).map(|it| (it, pace(false)));
        let compiled = compiled.or_else(|_| {
            let patterns = PatternOptions::fancy_regex().backtrack_limit(MOST_BACKTRACKS);
            options().with_pattern_options(patterns).build(&root).map(|it| (it, pace(true)))
        });
        let (compiled, pace) = compiled.map_err(|error| not_compiled(schema, &error))?;
        Ok(Self { schema, compiled, side: Side::new(schema), nesting, pace })
    }

    /// The schema.
    pub fn schema(&self) -> &'s JsonSchema {
        self.schema
    }

    /// Checks a record.
    pub fn check(&self, record: &Json<'_>) -> Result<Value, Misfit> {
        let value = to_serde(record);
        let whole = |message| Misfit { message, range: record.range.clone() };
        let Err(refusal) = self.judge(&value) else { return Ok(value) };
        Err(match refusal {
            Refusal::Untold(message) => whole(message),
            Refusal::Told(error) => {
                let error = innermost(&error);
                let at = record.pointer(error.instance_path().as_str()).unwrap_or(record);
                let member = unexpected(error).and_then(|name| at.as_object()?.iter().find(|it| it.key == name));
                let range = member.map_or(&at.range, |member| &member.key_range).clone();
                Misfit { message: said(error), range }
            }
        })
    }

    /// Checks a record as a consumer does that reads it.
    pub fn read(&self, value: &Value) -> Result<(), Unreadable> {
        let help = Some("loosen the schema".to_owned());
        let Err(refusal) = self.judge(value) else { return Ok(()) };
        Err(match refusal {
            Refusal::Untold(message) => Unreadable { message, help, path: Vec::new(), reader: None },
            Refusal::Told(error) => {
                let error = innermost(&error);
                let (instance, keyword) = (error.instance_path().as_str(), error.schema_path().as_str());
                let reader = self.schema.root.pointer(keyword).map(|keyword| keyword.range.clone());
                let mut path = steps(instance, value);
                path.extend(unexpected(error).map(|name| Step::Field(name.to_owned())));
                Unreadable { message: said(error), help, path, reader }
            }
        })
    }

    fn judge(&self, value: &Value) -> Result<(), Refusal> {
        if let Some(message) = self.objection(value) {
            return Err(Refusal::Untold(message));
        }
        let steps = Steps::new(MOST_STEPS, self.pace);
        let is_valid = self.compiled.is_valid(Watched::new(value, &steps));
        if steps.are_spent() {
            return Err(Refusal::Untold(format!(
                "it is too costly to try: after {MOST_STEPS} looks at its values it is not known whether it fits, for the \
                 schema tries them again and again"
            )));
        }
        if is_valid {
            return Ok(());
        }
        let steps = Steps::new(MOST_TOLD, self.pace);
        let told = self.compiled.validate(Watched::new(value, &steps)).map_err(|error| error.to_owned());
        Err(match told {
            Err(error) if is_undecided(&error) => Refusal::Untold(UNDECIDED.to_owned()),
            Err(error) if !steps.are_spent() => Refusal::Told(Box::new(error)),
            _ => Refusal::Untold(TOO_MANY_TRIED.to_owned()),
        })
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

fn not_compiled(schema: &JsonSchema, error: &jsonschema::ValidationError<'_>) -> Unusable {
    let place = schema.root.pointer(error.instance_path().as_str()).filter(|place| place.range != schema.root.range);
    Unusable { message: error.to_string(), range: place.map(|place| place.range.clone()) }
}

fn said(error: &jsonschema::ValidationError<'_>) -> String {
    // The value itself stands in the text, and may be long.
    error.masked_with("this").to_string()
}

fn steps(pointer: &str, value: &Value) -> Vec<Step> {
    let mut at = Some(value);
    let step = |token: &str| {
        let token = unescaped(token);
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

/// Whether an error is that a pattern was given up, and no verdict.
fn is_undecided(error: &jsonschema::ValidationError<'_>) -> bool {
    matches!(innermost(error).kind(), jsonschema::error::ValidationErrorKind::BacktrackLimitExceeded { .. })
}

#[cfg(test)]
mod tests;
