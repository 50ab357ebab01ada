//! YAML and JSON.

use super::{Entry, Library, unreadable};
use crate::diag::Diagnostic;
use crate::source::{FileId, Node, Span, Value, parse_yaml};

/// Reads the values of a file, each with the keys that lead to it. Of what `client-config` prints, with everything that a service
/// bootstraps from, the configs of each client for one library are meant: those for Java, where it is not said.
pub(super) fn read(
    file: FileId,
    text: &str,
    is_json: bool,
    library: Option<Library>,
) -> Result<Vec<Entry>, Vec<Diagnostic>> {
    let (documents, findings) = parse_yaml(file, text);
    if !findings.is_empty() {
        let (language, help) = match is_json {
            true => ("JSON", "write it as JSON, or give the file a name that ends in .yaml, .properties or .env"),
            false => ("YAML", "write it as YAML or JSON, or give the file a name that ends in .properties or .env"),
        };
        let told = |finding: Diagnostic| {
            let spans = finding.labels.into_iter().map(|label| label.span);
            let message = unquoted(&finding.message).replacen("not valid YAML", &format!("not valid {language}"), 1);
            spans.fold(unreadable(message, help), |told, span| told.at(span, ""))
        };
        return Err(findings.into_iter().map(told).collect());
    }
    let mut entries = Vec::new();
    for document in &documents {
        if !matches!(document.value, Value::Mapping(_)) {
            let finding = unreadable("this is no mapping of keys to values", "write keys with values");
            return Err(vec![finding.at(document.span, "")]);
        }
        match clients_of(document, library) {
            Some(clients) => clients.into_iter().for_each(|(kind, configs)| {
                collect(configs, &mut kind.to_owned(), configs.span, &mut entries);
            }),
            None => collect(document, &mut String::new(), document.span, &mut entries),
        }
    }
    Ok(entries)
}

/// The clients of a document of `client-config`, each as the kind that it is with its configs; `None` of any other document.
fn clients_of(document: &Node, library: Option<Library>) -> Option<Vec<(&str, &Node)>> {
    document.get("format_version")?;
    document.get("service")?;
    let Value::Sequence(clients) = &document.get("clients")?.value else { return None };
    let library = match library {
        Some(Library::Librdkafka) => "librdkafka",
        Some(Library::Java) | None => "java",
    };
    let of = |client| {
        let kind = Node::get(client, "kind")?.scalar()?;
        // Streams is for Java alone.
        Some(client.get(library).map(|configs| (kind, configs)))
    };
    Some(clients.iter().map(of).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
}

/// A message without what it quotes of the text: `password: *open-sesame` is an alias, and a secret.
fn unquoted(message: &str) -> String {
    let parts = message.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 0 { part } else { "`…`" }).collect()
}

fn collect(node: &Node, path: &mut String, key_span: Span, entries: &mut Vec<Entry>) {
    match &node.value {
        Value::Mapping(children) => {
            for child in children {
                let length = path.len();
                // Spring writes keys with dots in them in brackets.
                let key = child.key.value.trim_start_matches('[').trim_end_matches(']');
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                collect(&child.value, path, child.key.span, entries);
                path.truncate(length);
            }
        }
        Value::Sequence(items) => {
            let words: Option<Vec<&str>> = items.iter().map(Node::scalar).collect();
            match words {
                Some(words) => {
                    entries.push(Entry { path: path.clone(), key_span, value: words.join(","), value_span: node.span })
                }
                None => items.iter().for_each(|item| collect(item, path, key_span, entries)),
            }
        }
        Value::Scalar { text, .. } => {
            // A block of lines may be a file of properties by itself, as in a ConfigMap.
            let value = if node.is_null() { String::new() } else { text.to_string() };
            entries.push(Entry { path: path.clone(), key_span, value, value_span: node.span });
        }
    }
}
