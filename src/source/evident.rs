//! Mistakes that have one evident mend.

use super::decode::Fields;
use super::{Node, Span, Value};
use crate::diag::{Fix, Safety};

/// Whether a scalar stands in the text just as it is: plain, and on one line.
pub(super) fn is_on_one_line(node: &Node) -> bool {
    match &node.value {
        Value::Scalar { text, quoted: true } => (node.span.end - node.span.start) as usize == text.len() + 2,
        Value::Scalar { text, .. } => (node.span.end - node.span.start) as usize == text.len(),
        _ => false,
    }
}

/// Puts something before and behind a value.
pub(super) fn enclose(span: Span, before: &str, after: &str, title: &str) -> Fix {
    Fix::new(Safety::Safe, title).insert(span.file, span.start, before).insert(span.file, span.end, after)
}

impl Fields<'_> {
    /// The key with the only value that it can have, before the others.
    pub(super) fn evident(&self, key: &str) -> Option<Fix> {
        let (_, value) = EVIDENT.iter().find(|(known, _)| *known == (self.what, key))?;
        let first = self.entries.first()?.key.span;
        let line = format!("{key}: {value}");
        // A mapping in braces starts before its first key.
        let between = if self.span.start < first.start { ", " } else { "\n" };
        Some(Fix::new(Safety::Safe, format!("write `{line}`")).insert(first.file, first.start, line + between))
    }
}

/// Required keys that can have one value only.
const EVIDENT: &[((&str, &str), &str)] = &[(("busctl.yaml", "version"), "1")];
