use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use super::names::NameKind;
use super::place::Place;
use super::text::LineTable;
use crate::policy;
use crate::render::{markdown_code as code, markdown_prose as prose};
use crate::resources::catalog::TeamSpec;
use crate::resources::manifests::ManifestKind;
use crate::resources::topic::{DesiredTopic, TopicSpec, resolve_topic};
use crate::resources::{Interner, Origin, Resolved, Workspace};
use crate::source::{Decode, Decoder, FileId, Shape, Spanned, parse_yaml};

/// What is said of the word at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// Where the word is.
    pub span: Range<usize>,
    /// What is said, in Markdown. What it has from manifests can be nothing but text.
    pub markdown: String,
}

/// The file that is open, whose text is newer than that of the workspace.
const OPEN: FileId = FileId(u32::MAX);

/// What is to be said of the word at a place of a file.
pub fn hover(workspace: &Workspace, place: &Place, file: &Path, text: &str) -> Option<Hover> {
    let mut parts = Vec::new();
    parts.extend(name(workspace, place));
    parts.extend(resolved(workspace, place, file, text));
    if let Some(field) = place.field() {
        parts.push(format!("**{}**: {}", field.key, field.doc));
    }
    let words = place.shapes().into_iter().filter_map(|shape| match shape {
        Shape::Words(words) => words.iter().find(|word| word.word == place.word && !word.doc.is_empty()),
        _ => None,
    });
    parts.extend(words.map(|word| format!("`{}`: {}", word.word, word.doc)));
    let markdown = parts.join("\n\n---\n\n");
    (!place.word.is_empty() && !markdown.is_empty()).then(|| Hover { span: place.span.clone(), markdown })
}

/// What is known of the thing that is named.
fn name(workspace: &Workspace, place: &Place) -> Option<String> {
    let name = place.word.as_str();
    let catalog = &workspace.catalog;
    match place.names()? {
        NameKind::Rule => policy::rule(name).map(|rule| rule.page()),
        NameKind::Topic => {
            let topic = workspace.topics.get(name).filter(|_| place.kind != ManifestKind::Topic)?;
            let mut about = titled("topic", name, &topic.description);
            owned_by(workspace, workspace.owner_of(topic), &mut about);
            if let Some(class) = &topic.class {
                let _ = write!(about, "\n- class: {}", code(class.as_str()));
            }
            Some(about)
        }
        NameKind::Service => match (catalog.services.get(name), catalog.roles.get(name)) {
            (Some(service), _) => {
                let kind = service.value.kind.map_or("service", |kind| kind.value.as_str());
                let what = if kind == "service" { "service".to_owned() } else { format!("service ({kind})") };
                let mut about = titled(&what, name, &service.value.description);
                owned_by(workspace, Some(service.value.owner.as_str()), &mut about);
                if let Some(domain) = &service.value.domain {
                    let _ = write!(about, "\n- domain: {}", code(domain.as_str()));
                }
                Some(about)
            }
            (None, Some(role)) => {
                let mut about = titled("role", name, &role.value.description);
                owned_by(workspace, Some(role.value.owner.as_str()), &mut about);
                Some(about)
            }
            (None, None) => None,
        },
        NameKind::Team => {
            let team = catalog.teams.get(name)?;
            let mut about = titled("team", name, &team.value.description);
            contacts(&team.value, &mut about);
            Some(about)
        }
        NameKind::Domain => {
            let domain = catalog.domains.get(name)?;
            let mut about = titled("domain", name, &domain.value.description);
            owned_by(workspace, Some(domain.value.owner.as_str()), &mut about);
            Some(about)
        }
        NameKind::Class => {
            let class = workspace.settings.classes.get(name)?;
            let mut about = titled("class", name, &class.value.description);
            let cleanup: Vec<_> = class.value.cleanup.iter().map(|policy| policy.value.as_str()).collect();
            if !cleanup.is_empty() {
                let _ = write!(about, "\n- cleanup: {}", cleanup.join(", "));
            }
            if let Some(retention) = class.value.retention {
                let _ = write!(about, "\n- retention: {}", retention.value);
            }
            Some(about)
        }
        NameKind::Cluster | NameKind::Selector => {
            let clusters = workspace.clusters.values().filter(|cluster| cluster.answers_to(name));
            let about = clusters.map(|cluster| titled("cluster", cluster.cluster.as_str(), &cluster.description));
            let about = about.collect::<Vec<_>>().join("\n\n");
            (!about.is_empty()).then_some(about)
        }
        NameKind::Subject => {
            let subject = workspace.subjects.get(name)?;
            let mut about = titled("subject", name, &subject.description);
            owned_by(workspace, subject.owner.as_ref().map(|owner| owner.as_str()), &mut about);
            Some(about)
        }
        NameKind::Address | NameKind::Document | NameKind::Registry | NameKind::SchemaFile => None,
    }
}

fn titled(what: &str, name: &str, description: &Option<Spanned<String>>) -> String {
    let mut about = format!("{what} {}", code(name));
    if let Some(description) = description {
        let _ = write!(about, "\n\n{}\n", prose(description.value.trim()));
    }
    about
}

/// Who answers for it, and how they are reached.
fn owned_by(workspace: &Workspace, owner: Option<&str>, about: &mut String) {
    let Some(owner) = owner else { return };
    let _ = write!(about, "\n- owner: {}", code(owner));
    if let Some(team) = workspace.catalog.teams.get(owner) {
        contacts(&team.value, about);
    }
}

fn contacts(team: &TeamSpec, about: &mut String) {
    for (way, contact) in &team.contacts {
        let _ = write!(about, "\n- {}: {}", prose(&way.value), code(&contact.value));
    }
}

/// What the value of a topic comes to on each cluster, and where it comes from.
fn resolved(workspace: &Workspace, place: &Place, file: &Path, text: &str) -> Option<String> {
    if place.kind != ManifestKind::Topic {
        return None;
    }
    let mut path = place.pattern();
    let is_key = path.last() == Some(&"*");
    if is_key {
        path.pop();
        path.push(&place.word);
    }
    if let ["overrides", _, rest @ ..] = path.as_slice() {
        path = rest.to_vec();
    }
    let wanted: Vec<&str> = match path.as_slice() {
        ["topic"] => vec!["partitions", "replication_factor", "config"],
        ["class"] => vec!["cleanup.policy", "retention.ms"],
        [key @ ("partitions" | "replication_factor" | "config")] => vec![key],
        ["config", config] | ["config", config, "-"] => vec![config],
        _ => return None,
    };
    let spec = topic_here(workspace, place, text)?;
    let mut lines = String::new();
    for cluster in workspace.clusters.values().filter(|cluster| workspace.selects(&spec.clusters, cluster)) {
        let topic = resolve_topic(workspace, cluster, &spec, &mut Interner::default(), &mut Decoder::default());
        for (name, value, origin) in values(&topic, &wanted) {
            let from = from(workspace, origin, file, text);
            let cluster = code(cluster.cluster.as_str());
            let _ = writeln!(lines, "| {cluster} | {} | {} | {from} |", code(&name), code(&value));
        }
    }
    (!lines.is_empty()).then(|| format!("| cluster | what | value | from |\n| --- | --- | --- | --- |\n{lines}"))
}

fn values(topic: &DesiredTopic, wanted: &[&str]) -> Vec<(String, String, Origin)> {
    let is_wanted = |name: &str| wanted.contains(&name);
    let number = |name: &str, value: &Resolved<u32>| (name.to_owned(), value.value.to_string(), value.origin);
    let numbers = [("partitions", &topic.partitions), ("replication_factor", &topic.replication_factor)];
    let numbers = numbers.into_iter().filter(|(name, _)| is_wanted(name)).map(|(name, value)| number(name, value));
    let configs = topic.configs.iter().filter(|(key, _)| is_wanted("config") || is_wanted(key));
    let configs = configs.map(|(key, value)| (key.to_string(), value.value.human(key), value.origin));
    numbers.chain(configs).collect()
}

fn from(workspace: &Workspace, origin: Origin, file: &Path, text: &str) -> String {
    match origin {
        Origin::BuiltIn => "built-in default".to_owned(),
        Origin::Written { span, layer } if span.file == OPEN => {
            let line = LineTable::new(text).position(text, span.start as usize, super::Encoding::Utf32).line + 1;
            format!("{}, {}", layer.as_str(), code(&format!("{}:{line}", file.display())))
        }
        Origin::Written { span, layer } => {
            let place = workspace.place(span);
            format!("{}, {}", layer.as_str(), code(&format!("{}:{}", place.file, place.line)))
        }
    }
}

/// The topic of the document that the place is in, as it is written now; as it was known where it cannot be read now.
fn topic_here(workspace: &Workspace, place: &Place, text: &str) -> Option<TopicSpec> {
    let (documents, _) = parse_yaml(OPEN, text);
    let document = documents.get(place.document)?;
    TopicSpec::decode(document, &mut Decoder::default()).or_else(|| {
        let name = document.get("topic")?.scalar()?;
        workspace.topics.get(name).cloned()
    })
}

#[cfg(test)]
mod tests;
