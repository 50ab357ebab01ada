//! A waiver, written where the others are.

use std::ops::Range;

use super::consent::{edit, is_all};
use crate::diag::{Fix, Safety, Waiver};
use crate::source::{Sources, parse_yaml};

/// Where a waiver is written into the text of `busctl.yaml`, and how: behind those that are there. `None` for a text that
/// cannot be read, or written so that nothing else changes.
pub fn add_waiver(text: &str, waiver: &Waiver) -> Option<(Range<usize>, String)> {
    let mut sources = Sources::default();
    let id = sources.add("busctl.yaml", text);
    let file = sources.file(id);
    let (documents, findings) = parse_yaml(id, text);
    let [document] = documents.as_slice() else { return None };
    let waiver = waiver.to_string();
    let item = waiver.strip_prefix("- ")?;
    let (span, new) = edit(file, document, "waivers", item)?;
    let fix = Fix::new(Safety::Guess, "").replace(span, new.as_str());
    let is_it = findings.is_empty() && is_all(file, &documents, 0, "waivers", item, &fix);
    is_it.then_some((span.start as usize..span.end as usize, new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> Option<String> {
        let waiver = Waiver {
            code: "BUS107".into(),
            resource: "topic/a.b.v1".into(),
            reason: "…".into(),
            expires: "2030-01-31".into(),
            owner: None,
        };
        let (range, new) = add_waiver(text, &waiver)?;
        Some(format!("{}{new}{}", &text[..range.start], &text[range.end..]))
    }

    const NEW: &str = "{ code: BUS107, resource: topic/a.b.v1, reason: \"…\", expires: 2030-01-31 }";

    #[test]
    fn a_waiver_stands_behind_the_others() {
        for (text, expected) in [
            ("version: 1\n", format!("version: 1\nwaivers: [{NEW}]\n")),
            ("version: 1\nwaivers: []\n", format!("version: 1\nwaivers: [{NEW}]\n")),
            ("version: 1\nwaivers:\n", format!("version: 1\nwaivers: [{NEW}]\n")),
            (
                "version: 1\nwaivers:\n  - { code: BUS1 } # why\npolicy: {}\n",
                format!("version: 1\nwaivers:\n  - {{ code: BUS1 }} # why\n  - {NEW}\npolicy: {{}}\n"),
            ),
            (
                "version: 1\nwaivers:\n- code: BUS1\n  reason: x\n",
                format!("version: 1\nwaivers:\n- code: BUS1\n  reason: x\n- {NEW}\n"),
            ),
            ("version: 1\nwaivers: [{ code: BUS1 }]\n", format!("version: 1\nwaivers: [{{ code: BUS1 }}, {NEW}]\n")),
        ] {
            assert_eq!(added(text).as_deref(), Some(expected.as_str()), "{text}");
        }
        for text in ["waivers: [", "- a\n", "", "version: 1\nwaivers: none\n", "version: 1\n---\nversion: 1\n"] {
            assert_eq!(added(text), None, "{text}");
        }
    }
}
