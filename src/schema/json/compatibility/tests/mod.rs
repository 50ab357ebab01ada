mod drafts;
mod hostile;
mod messages;
mod nearest;
mod patterns;
mod places;
mod properties;
mod references;
mod rules;
mod words;

use super::{differences, incompatibilities};
use crate::schema::ResolvedReference;
use crate::schema::json::{JsonSchema, parse, parse_registered};

fn schema(text: &str) -> JsonSchema {
    parse(text, &[]).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn schema_with(text: &str, references: &[(&str, &str)]) -> JsonSchema {
    let references: Vec<_> = references.iter().map(|(name, text)| ResolvedReference { name, text }).collect();
    parse(text, &references).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What keeps readers with `new` from reading what was written with `old`: code and path of each.
fn breaks(old: &str, new: &str) -> Vec<String> {
    let found = incompatibilities(&schema(new), &schema(old));
    found.into_iter().map(|found| format!("{} {}", found.code, found.path)).collect()
}

/// The same of all differences.
fn changes(old: &str, new: &str) -> Vec<String> {
    let found = differences(&schema(new), &schema(old));
    found.into_iter().map(|found| format!("{} {}", found.code, found.path)).collect()
}

/// Tries each pair in both directions: the codes and paths from the first to the second, and back.
fn try_both(pairs: &[(&str, &str, &[&str], &[&str])]) {
    for (one, other, there, back) in pairs {
        assert_eq!(breaks(one, other), *there, "{one} → {other}");
        assert_eq!(breaks(other, one), *back, "{other} → {one}");
    }
}
