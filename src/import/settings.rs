//! `busctl.yaml` of a bus that has none yet, and the classes of one that has none.

use super::classes;
use super::naming::Naming;
use super::{Found, Import};
use crate::schema::Compatibility;
use crate::source::edit::line_break;
use crate::source::write::scalar;

/// The policy that the bus keeps today.
pub fn fresh(import: &Import<'_>) -> String {
    let ours = import.topics.iter().filter(|(_, adoption)| adoption.is_ours());
    let naming = Naming::infer(ours.map(|(name, _)| name.as_str()));
    let mut text =
        "# What holds for every topic of this bus. It is what busctl import found; docs/manifests.md has every key.\n\
                    version: 1\n\n"
            .to_owned();
    text += &format!("naming:\n  topic: {}\n  dlq: {}\n", scalar(&naming.topic), scalar(&naming.dlq));
    let level = level_of(import.found);
    if level != Compatibility::Backward {
        text += &format!("\ndefaults:\n  compatibility: {level}\n");
    }
    let classes = classes::derive(import);
    if classes.is_empty() { text } else { format!("{text}\n{classes}") }
}

/// The level that subjects have where nothing else says it: the registry's own.
pub fn level_of(found: &Found) -> Compatibility {
    let level = found.registry.as_ref().and_then(|registry| registry.level.as_deref());
    level.and_then(Compatibility::from_registry).unwrap_or(Compatibility::Backward)
}

/// A text of `busctl.yaml` without classes, with those of the topics behind it.
pub fn with_classes(import: &Import<'_>, text: &str) -> Option<String> {
    let classes = classes::derive(import);
    let newline = line_break(text);
    let end = if text.ends_with('\n') { "" } else { newline };
    (!classes.is_empty()).then(|| format!("{text}{end}{newline}{}", classes.replace('\n', newline)))
}
