use std::ops::Range;
use std::path::Path;

use super::names::{NameKind, schema_folder};
use super::outline::{Role, Step};
use super::place::Place;
use crate::policy;
use crate::resources::Workspace;
use crate::source::{FieldShape, Shape, Spanned};

/// The most that one answer lists. What is typed on narrows it down, and an editor asks again.
const MOST: usize = 200;

/// Something that may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What the editor lists.
    pub label: String,
    /// What kind of thing it is.
    pub kind: CompletionKind,
    /// A few words beside it.
    pub detail: String,
    /// What it means, in Markdown.
    pub doc: String,
    /// What is written.
    pub insert: String,
}

/// What a completion is, which an editor shows as a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A key.
    Key,
    /// A word of a few.
    Word,
    /// The name of something that is declared.
    Name,
    /// A file.
    File,
}

/// What may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// What it replaces.
    pub span: Range<usize>,
    /// The best first.
    pub items: Vec<Completion>,
    /// Whether there is more.
    pub is_incomplete: bool,
}

/// What may stand at a place of a file.
pub fn complete(workspace: &Workspace, place: &Place, file: &Path, text: &str) -> Completions {
    let mut found = Found { word: place.word.to_lowercase(), best: Vec::new(), others: Vec::new() };
    // Between brackets a key may be half typed, without its colon.
    let has_colon = text[place.span.end..].trim_start_matches(['"', '\'', ' ']).starts_with(':');
    for shape in place.shapes() {
        match shape {
            Shape::Mapping(mapping) if takes_keys(place, text) => {
                let fields = mapping
                    .fields
                    .iter()
                    .filter(|field| field.key == place.word || !place.keys.iter().any(|known| known == field.key));
                fields.for_each(|field| found.add(key(field, has_colon)));
            }
            Shape::List(item) if place.role == Role::Key && place.word.is_empty() => {
                let mut inner = place.clone();
                inner.path.push(Step::Item);
                inner.role = Role::Value;
                let dash = |item: Completion| Completion { insert: format!("- {}", item.insert), ..item };
                words(item).into_iter().for_each(|item| found.add(dash(item)));
                names(workspace, &inner, file, &mut |name, make| found.add_by(name, || dash(make())));
            }
            Shape::Map(_) if place.role == Role::Value && takes_keys(place, text) => {
                let inner = Place { role: Role::Key, ..place.clone() };
                names(workspace, &inner, file, &mut |name, make| found.add_by(name, || with_colon(make())));
            }
            shape if place.role == Role::Value => words(shape).into_iter().for_each(|item| found.add(item)),
            _ => {}
        }
    }
    let is_new_key = place.role == Role::Key && !has_colon;
    let colon = |item| if is_new_key { with_colon(item) } else { item };
    names(workspace, place, file, &mut |name, make| found.add_by(name, || colon(make())));
    let mut items = found.best;
    items.extend(found.others);
    let is_incomplete = items.len() > MOST;
    items.truncate(MOST);
    Completions { span: place.span.clone(), items, is_incomplete }
}

fn with_colon(item: Completion) -> Completion {
    Completion { insert: format!("{}: ", item.insert), ..item }
}

/// What was found, those first that begin with what is typed.
struct Found {
    word: String,
    best: Vec<Completion>,
    others: Vec<Completion>,
}

impl Found {
    fn add(&mut self, item: Completion) {
        let label = item.label.clone();
        self.add_by(&label, || item);
    }

    /// Adds what `make` makes where its label is one that may be meant: there may be as many as topics.
    fn add_by(&mut self, label: &str, make: impl FnOnce() -> Completion) {
        // Enough is known to say that there is more.
        if self.best.len() > MOST {
            return;
        }
        let label = label.to_lowercase();
        if label.starts_with(&self.word) {
            self.best.push(make());
        } else if self.others.len() <= MOST && label.contains(&self.word) {
            self.others.push(make());
        }
    }
}

/// Whether keys of a mapping may stand at a place: where one stands, or on a line of its own behind dashes.
fn takes_keys(place: &Place, text: &str) -> bool {
    let line = text[..place.span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let starts_line = text[line..place.span.start].chars().all(|before| matches!(before, ' ' | '-'));
    place.role == Role::Key || (!place.in_flow && starts_line)
}

fn key(field: &'static FieldShape, has_colon: bool) -> Completion {
    let opens = field.shape.forms().iter().all(|form| matches!(form, Shape::Mapping(_) | Shape::Map(_)));
    let behind = match (has_colon, opens) {
        (true, _) => "",
        (_, true) => ":",
        _ => ": ",
    };
    Completion {
        label: field.key.to_owned(),
        kind: CompletionKind::Key,
        detail: if field.required { "required".to_owned() } else { String::new() },
        doc: field.doc.clone(),
        insert: format!("{}{behind}", field.key),
    }
}

fn words(shape: &Shape) -> Vec<Completion> {
    let word = |word: &str, doc: &str| Completion {
        label: word.to_owned(),
        kind: CompletionKind::Word,
        detail: String::new(),
        doc: doc.to_owned(),
        insert: word.to_owned(),
    };
    match shape {
        Shape::Words(words) => words.iter().map(|known| word(known.word, known.doc)).collect(),
        Shape::Boolean => vec![word("true", ""), word("false", "")],
        Shape::OneOf(forms) => forms.iter().flat_map(words).collect(),
        _ => Vec::new(),
    }
}

/// The names that may stand at a place, each with what makes a completion of it.
fn names(workspace: &Workspace, place: &Place, file: &Path, found: &mut dyn FnMut(&str, &dyn Fn() -> Completion)) {
    let Some(kind) = place.names().filter(|_| !place.is_declaration()) else { return };
    let is_file = matches!(kind, NameKind::SchemaFile | NameKind::Document);
    let mut add = |name: &str, detail: &str| {
        found(name, &|| Completion {
            label: name.to_owned(),
            kind: if is_file { CompletionKind::File } else { CompletionKind::Name },
            detail: detail.to_owned(),
            doc: String::new(),
            insert: name.to_owned(),
        });
    };
    let catalog = &workspace.catalog;
    match kind {
        NameKind::Topic => {
            workspace.topics.values().for_each(|topic| add(topic.topic.as_str(), described(&topic.description)));
        }
        NameKind::Service => {
            catalog.services.iter().for_each(|(name, service)| add(name, described(&service.value.description)));
            catalog.roles.iter().for_each(|(name, role)| add(name, described(&role.value.description)));
        }
        NameKind::Team => catalog.teams.iter().for_each(|(name, team)| add(name, described(&team.value.description))),
        NameKind::Domain => {
            catalog.domains.iter().for_each(|(name, domain)| add(name, described(&domain.value.description)));
        }
        NameKind::Class => {
            let classes = workspace.settings.classes.iter();
            classes.for_each(|(name, class)| add(name, described(&class.value.description)));
        }
        NameKind::Cluster => workspace.clusters.keys().for_each(|name| add(name.as_str(), "cluster")),
        NameKind::Selector => {
            let mut known = std::collections::BTreeMap::new();
            for cluster in workspace.clusters.values() {
                known.extend(cluster.labels.iter().map(|label| (label.as_str(), "label")));
                known.extend(cluster.environment.iter().map(|word| (word.as_str(), "environment")));
                known.insert(cluster.cluster.as_str(), "cluster");
            }
            known.into_iter().for_each(|(name, what)| add(name, what));
        }
        NameKind::Registry => workspace.registries.keys().for_each(|name| add(name, "registry")),
        NameKind::Rule => policy::rules().iter().for_each(|rule| add(rule.code, rule.summary)),
        NameKind::Subject => workspace.subjects.values().for_each(|subject| {
            add(subject.subject.as_str(), described(&subject.description));
        }),
        NameKind::SchemaFile => {
            let Some(folder) = schema_folder(workspace, place, file) else { return };
            let names = workspace.schemas.iter().filter_map(|(path, _)| path.strip_prefix(&folder).ok()?.to_str());
            names.for_each(|name| add(name, ""));
        }
        NameKind::Document => {
            let paths = workspace.documents.iter().filter(|path| path.starts_with("docs/adr"));
            paths.filter_map(|path| path.to_str()).for_each(|path| add(path, ""));
        }
        NameKind::Address => {
            workspace.topics.keys().for_each(|name| add(&format!("topic/{name}"), ""));
            workspace.clusters.keys().for_each(|name| add(&format!("cluster/{name}"), ""));
            workspace.grants.keys().for_each(|name| add(&format!("service/{name}"), ""));
        }
    }
}

fn described(text: &Option<Spanned<String>>) -> &str {
    text.as_ref().map_or("", |text| text.value.trim())
}

#[cfg(test)]
mod tests;
