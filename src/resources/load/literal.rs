//! Values that should be references to secrets, and are none: whatever they look like, nobody is shown them.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::SecretRef;
use crate::resources::client_config::file::{FileForm, is_filled_in};
use crate::resources::manifests::ManifestKind;
use crate::resources::references::{Expected, has_references, references};
use crate::source::{FileId, Node, Span, Value};

/// Where they may be in a text that is no YAML, to the end of the line: where a value ends there, nobody knows.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"\b(?:client_secret|password|role_id|secret_id|token)["']?[ \t]*:[ \t]*["']?(?:(?:env|file|vault):\S*|(?P<value>[^\s"'][^\n]*))"#,
    )
    .expect("a fixed expression")
});

/// Those of a document.
pub(super) fn literals(path: &Path, document: &Node) -> Vec<Span> {
    let of = |(expected, node): (Expected, &Node)| match expected {
        // As Kafka's clients have it: what `client-config` prints of it.
        Expected::SecretConfig if node.scalar().is_some_and(|it| is_filled_in(it, FileForm::Properties)) => None,
        Expected::SecretConfig | Expected::Reference => literal(node),
    };
    references(path, document).into_iter().filter_map(of).collect()
}

/// Those of a text that is no YAML.
pub(super) fn literals_of_text(path: &Path, file: FileId, text: &str) -> Vec<Span> {
    if !has_references(ManifestKind::of(path, |_| false)) {
        return Vec::new();
    }
    let values = LINE.captures_iter(text).filter_map(|captures| captures.name("value"));
    values.map(|value| Span::new(file, value.start(), value.start() + value.as_str().trim_end().len())).collect()
}

/// The place of a value that is no reference.
fn literal(node: &Node) -> Option<Span> {
    let Some(text) = node.scalar() else { return Some(node.span) };
    let Span { file, start, end } = node.span;
    let is_quoted =
        matches!(node.value, Value::Scalar { quoted: true, .. }) && (end - start) as usize == text.len() + 2;
    let within = if is_quoted { Span { file, start: start + 1, end: end - 1 } } else { node.span };
    (!text.trim().is_empty() && !SecretRef::is_meant(text)).then_some(within)
}
