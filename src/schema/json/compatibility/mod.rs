//! Whether readers with one JSON Schema can read what was written with another, as the Confluent registry decides it.
//!
//! A schema is taken apart into what it asks for (`load`): one with a `type` and an `enum`, for example, is an `allOf`
//! of the two. Then the pairs of parts are compared that the two roots lead to (`compare`, and a file each for objects,
//! arrays, combined schemas and values), and what was found is listed with its paths (`report`).
//!
//! The registry looks at neither `format`, `contains`, `propertyNames`, `if`, the value of `const`, nor into
//! `patternProperties`. Where schemas contain themselves, a pair is compatible unless something speaks against it.
//! Time and memory are bounded: by the number of pairs compared, of changes listed, and by a fixed depth of the stack.

mod array;
mod combined;
mod compare;
mod distinct;
mod explain;
mod kind;
mod load;
mod matching;
mod model;
mod number;
mod object;
mod outcome;
mod patterns;
mod report;
mod rest;
mod same;
mod scalar;
#[cfg(test)]
mod tests;

pub use kind::ChangeKind;

use super::parse::JsonSchema;
use crate::schema::Incompatibility;
use compare::{Comparison, TooMany};

/// What keeps `reader` from reading what was written with `writer`; empty where they are compatible.
pub fn incompatibilities(reader: &JsonSchema, writer: &JsonSchema) -> Vec<Incompatibility> {
    compare_all(reader, writer, false)
}

/// All differences in words, those that break nothing too.
pub fn differences(reader: &JsonSchema, writer: &JsonSchema) -> Vec<Incompatibility> {
    compare_all(reader, writer, true)
}

fn compare_all(reader: &JsonSchema, writer: &JsonSchema, all: bool) -> Vec<Incompatibility> {
    let is_same_reference =
        |(one, other): (&(String, _), &(String, _))| one.0 == other.0 && same::equal(&one.1, &other.1);
    if reader.references.len() == writer.references.len()
        && reader.references.iter().zip(&writer.references).all(is_same_reference)
        && same::equal(&reader.root, &writer.root)
    {
        return Vec::new();
    }
    let mut nodes = Vec::new();
    let writer = load::load(writer, &mut nodes);
    let reader = load::load(reader, &mut nodes);
    match Comparison::run(&nodes, (writer, reader)) {
        Ok((root, outcomes)) => report::report(&outcomes, root, all),
        Err(TooMany) => vec![Incompatibility {
            code: "NOT_COMPARED",
            path: "#/".to_owned(),
            message: "the schemas have more pairs of parts than can be compared".to_owned(),
            help: Some("give `oneOf`, `anyOf` and `allOf` fewer parts".to_owned()),
            reader: None,
            writer: None,
        }],
    }
}
