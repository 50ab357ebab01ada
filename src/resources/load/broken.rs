//! What a document declares that is broken, as far as it can be told.

use std::collections::BTreeMap;
use std::path::Path;

use super::twice;
use crate::diag::Diagnostic;
use crate::resources::acl::GrantSpec;
use crate::resources::cluster::ClusterSpec;
use crate::resources::format::keys_of;
use crate::resources::registry::RegistrySpec;
use crate::resources::schema::SubjectSpec;
use crate::resources::topic::TopicSpec;
use crate::resources::workspace::Workspace;
use crate::source::{Entry, Manifest, Node, Span, Spanned, Value};

/// The keys of a document in whose values something is wrong, and those that an unknown key was probably meant to be.
pub(super) fn lost_in(path: &Path, document: &Node, findings: &[Diagnostic]) -> Vec<(Span, &'static str)> {
    let (Some((_, name)), Some(known)) = (head_of(document), keys_of(Some(path), document)) else { return Vec::new() };
    let Value::Mapping(entries) = &document.value else { return Vec::new() };
    let lost = entries.iter().filter_map(|entry| {
        let finding = findings.iter().find(|finding| is_in(entry, finding))?;
        let key = match finding.fix.as_deref().map(|fix| fix.edits.as_slice()) {
            Some([edit]) if edit.span == entry.key.span => &edit.text,
            _ => &*entry.key.value,
        };
        known.iter().map(|field| field.key).find(|known| *known == key)
    });
    lost.map(|key| (name.span, key)).collect()
}

/// The mappings of a document that declare several names, with the kind of each.
const ENTRIES: [(&str, &str); 5] =
    [("domains", "domain"), ("services", "service"), ("teams", "team"), ("roles", "role"), ("classes", "class")];

/// What a document declares, as far as it can be told from one that is broken. Of its entries only those count in which
/// something was found, unless what was found is in none of them.
pub(super) fn names_of(document: &Node, findings: &[Diagnostic]) -> Vec<(&'static str, String)> {
    let mut names = Vec::new();
    for kind in ["topic", "service", "cluster", "registry", "subject"] {
        if let Some(name) = document.get(kind).and_then(Node::scalar) {
            names.push((kind, name.to_owned()));
        }
    }
    let is_of_all = findings.iter().any(|finding| !is_in_entry(document, finding));
    let entries =
        entries_of(document).filter(|(_, entry)| is_of_all || findings.iter().any(|found| is_in(entry, found)));
    names.extend(entries.map(|(kind, entry)| (kind, entry.key.value.to_string())));
    names
}

fn entries_of(document: &Node) -> impl Iterator<Item = (&'static str, &Entry)> {
    ENTRIES.into_iter().flat_map(|(key, kind)| {
        let entries = match document.get(key) {
            Some(Node { value: Value::Mapping(entries), .. }) => &entries[..],
            _ => &[],
        };
        entries.iter().map(move |entry| (kind, entry))
    })
}

pub(super) fn is_in_entry(document: &Node, finding: &Diagnostic) -> bool {
    entries_of(document).any(|(_, entry)| is_in(entry, finding))
}

/// Whether something was found in an entry.
fn is_in(entry: &Entry, finding: &Diagnostic) -> bool {
    let (start, end) = (entry.key.span.start, entry.value.span.end.max(entry.key.span.end));
    finding.span().is_some_and(|span| start <= span.start && span.end <= end)
}

/// The kind and name that a document of one manifest starts with.
pub fn head_of(document: &Node) -> Option<(&'static str, Spanned<String>)> {
    ["topic", "service", "cluster", "registry", "subject"].into_iter().find_map(|kind| {
        let node = document.get(kind)?;
        Some((kind, Spanned::new(node.scalar()?.to_owned(), node.span)))
    })
}

/// What is declared twice, once of it in a document that could not be decoded.
pub(super) fn declared_by_failed(
    workspace: &Workspace,
    failed: Vec<(&'static str, Spanned<String>)>,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut seen: BTreeMap<(&str, String), Span> = BTreeMap::new();
    for (kind, name) in failed {
        let text = name.value.as_str();
        let (known, what) = match kind {
            "topic" => (workspace.topics.get(text).map(|known| known.topic.span), TopicSpec::WHAT),
            "service" => (workspace.grants.get(text).map(|known| known.service.span), GrantSpec::WHAT),
            "cluster" => (workspace.clusters.get(text).map(|known| known.cluster.span), ClusterSpec::WHAT),
            "registry" => (workspace.registries.get(text).map(|known| known.registry.span), RegistrySpec::WHAT),
            _ => (workspace.subjects.get(text).map(|known| known.subject.span), SubjectSpec::WHAT),
        };
        match known.or_else(|| seen.get(&(kind, name.value.clone())).copied()) {
            // In the order in which they are read.
            Some(known) => {
                let (first, again) = if known < name.span { (known, name.span) } else { (name.span, known) };
                findings.push(twice(&name.value, again, first, what));
            }
            None => drop(seen.insert((kind, name.value), name.span)),
        }
    }
    findings
}
