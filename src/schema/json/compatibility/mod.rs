//! Whether readers with one JSON Schema can read what was written with another, as the Confluent registry decides it.
//!
//! A schema is taken apart into what it asks for (`load`): one with a `type` and an `enum`, for example, is an `allOf`
//! of the two. Then the pairs of parts are compared that the two roots lead to (`compare`, and a file each for objects,
//! arrays, combined schemas and values), and what was found is listed with its paths (`report`), where a part has no
//! counterpart with the part that comes nearest (`nearest`).
//!
//! The registry looks at neither `format`, `contains`, `propertyNames`, `if`, the value of `const`, nor into
//! `patternProperties`. Where schemas contain themselves, a pair is compatible unless something speaks against it.
//! Time and memory are bounded: by what is compared, kept and listed, and by a fixed depth of the stack. Where a pattern
//! decides that cannot be matched here, that is said, and no verdict is given.

mod array;
mod combined;
mod compare;
mod distinct;
mod explain;
mod expression;
mod kind;
mod load;
mod matching;
mod model;
mod nearest;
pub(super) mod number;
mod object;
mod outcome;
mod patterns;
mod report;
mod rest;
pub(super) mod same;
mod scalar;
#[cfg(test)]
mod tests;

pub use kind::ChangeKind;

use super::parse::JsonSchema;
use crate::schema::error::quoted;
use crate::schema::{InReferences, Incompatibility};
pub use compare::Effort;
use compare::{Comparison, Doubt, TooMany};

/// What keeps `reader` from reading what was written with `writer`; empty where they are compatible.
pub fn incompatibilities(reader: &JsonSchema, writer: &JsonSchema) -> Vec<Incompatibility> {
    incompatibilities_within(reader, writer, &mut Effort::default())
}

/// The same of one version of a history, whose comparisons have this effort left.
pub fn incompatibilities_within(reader: &JsonSchema, writer: &JsonSchema, effort: &mut Effort) -> Vec<Incompatibility> {
    compare_all(reader, writer, false, effort)
}

/// All differences in words, those that break nothing too.
pub fn differences(reader: &JsonSchema, writer: &JsonSchema) -> Vec<Incompatibility> {
    compare_all(reader, writer, true, &mut Effort::default())
}

fn compare_all(reader: &JsonSchema, writer: &JsonSchema, all: bool, effort: &mut Effort) -> Vec<Incompatibility> {
    let is_same_reference =
        |(one, other): (&(String, _), &(String, _))| one.0 == other.0 && same::equal(&one.1, &other.1);
    if reader.references.len() == writer.references.len()
        && reader.references.iter().zip(&writer.references).all(is_same_reference)
        && same::equal(&reader.root, &writer.root)
    {
        return Vec::new();
    }
    let mut nodes = Vec::new();
    // Why there is no verdict is told of the whole.
    let whole = |not_compared: Incompatibility| Incompatibility {
        reader: Some(reader.root.range.clone()),
        writer: Some(writer.root.range.clone()),
        ..not_compared
    };
    let roots = (load::load(writer, &mut nodes), load::load(reader, &mut nodes));
    let mut run = |assumes_worst| Comparison::run(&nodes, roots, assumes_worst, effort);
    let compared = match run(false) {
        Ok(compared) => compared,
        Err(many) => return vec![whole(too_many(many))],
    };
    let mut reported = report::report(&compared, &nodes, roots, (reader, writer), all);
    // What breaks at best breaks; what does not may break at worst.
    if let Some(doubt) = compared.doubt
        && !compared.breaks()
    {
        match run(true) {
            Ok(worst) if worst.breaks() => reported.push(whole(doubtful(worst.doubt.unwrap_or(doubt)))),
            Ok(_) => {}
            Err(many) => reported.push(whole(too_many(many))),
        }
    }
    reported
}

fn too_many(many: TooMany) -> Incompatibility {
    match many {
        TooMany::Pairs => not_compared(
            "the schemas have more pairs of parts than can be compared".to_owned(),
            "give `oneOf`, `anyOf` and `allOf` fewer parts",
        ),
        TooMany::Together => not_compared(
            "comparing the versions before took so much that this one is not compared to the end".to_owned(),
            "give `oneOf`, `anyOf` and `allOf` fewer parts, or compare it alone: `busctl schema check`",
        ),
        TooMany::Patterns => not_compared(
            "`patternProperties` has more patterns than names can be matched with".to_owned(),
            "give it fewer and shorter ones",
        ),
    }
}

fn doubtful(doubt: Doubt<'_>) -> Incompatibility {
    let (pattern, name) = (quoted(doubt.pattern), quoted(doubt.name));
    not_compared(
        format!("whether the pattern {pattern} matches property {name} decides, and only a registry can tell"),
        "write it without look-around, back-references, flags and large repetitions, or ask the registry",
    )
}

fn not_compared(message: String, help: &str) -> Incompatibility {
    let (code, path) = ("NOT_COMPARED", "#/".to_owned());
    Incompatibility {
        code,
        path,
        message,
        help: Some(help.to_owned()),
        reader: None,
        writer: None,
        lacks: None,
        referred: InReferences::default(),
    }
}
