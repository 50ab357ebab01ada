use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::edited::Edited;
use super::{dead_letters, path_of};
use crate::resources::Workspace;
use crate::resources::manifests::{ManifestKind, with_modeline};
use crate::resources::schema::Part;
use crate::resources::topic::{SubjectStrategy, TopicSpec};
use crate::schema::SchemaFormat;
use crate::source::edit::renamed;

/// The manifests of the topic and of its dead-letter topics, and the schemas that are called after it. `edited` are the
/// schemas of the old topic that have the change already. `None` where the manifest cannot be edited without changing more.
pub fn files(
    workspace: &Workspace,
    topic: &TopicSpec,
    next: &str,
    adr: &Path,
    edited: &[&Path],
    left: &mut Vec<String>,
) -> Option<BTreeMap<PathBuf, String>> {
    let name = topic.topic.as_str();
    let mut files = BTreeMap::new();
    let source = workspace.sources.file(topic.topic.span.file);
    let mut copy = Edited::of(source, topic.topic.span)?;
    copy.set(topic.topic.span, next);
    match &topic.adr {
        Some(old) => copy.set(old.span, &adr.to_string_lossy()),
        None => {
            // Behind the change request, where there is one.
            let before = topic.change_request.as_ref().map_or(topic.topic.span, |request| request.span);
            copy.add(before, "adr", &adr.to_string_lossy());
        }
    }
    for schema in workspace.schemas_of(topic) {
        let Some(file) = schema.file else { continue };
        let old = schema.path.to_string_lossy();
        // What is not called after the topic is a type that both versions share.
        if !old.contains(name) {
            continue;
        }
        let path = renamed(&old, name, next);
        let text = &*workspace.sources.file(file.file).text;
        files.insert(PathBuf::from(&path), text.to_owned());
        left.push(match edited.contains(&&*schema.path) {
            true => format!("see whether {path} has the whole change: it is a copy of {old} as that was edited"),
            false => format!("change {path}, which is a copy of {old}"),
        });
        if let Some((package, next)) = packages(text).filter(|_| file.format == SchemaFormat::Protobuf) {
            left.push(format!(
                "write `package {next};` to {path}: `{package}` is that of the old version, and two files of one package \
                 would declare the same messages"
            ));
        }
        let spec = topic.schema.as_ref();
        let written = match schema.part {
            Part::Key => spec.and_then(|spec| spec.key.as_ref()),
            Part::Value => spec.and_then(|spec| spec.value.as_ref()),
        };
        if let Some(written) = written {
            copy.set(written.span, &renamed(&written.value, name, next));
        }
    }
    let strategy = topic.schema.as_ref().and_then(|spec| spec.strategy).map(|strategy| strategy.value);
    if let Some(SubjectStrategy::Record) = strategy {
        left.push(
            "give the record of its schema a new full name: by `strategy: record` both versions share a subject".into(),
        );
    }
    let path = path_of(&source.path, name, next);
    let text = with_modeline(workspace, ManifestKind::Topic, &path, copy.document()?);
    to_review(topic, &path, &text, name, left);
    if workspace.schemas_of(topic).iter().any(|schema| schema.file.is_some()) {
        let folder = format!("schemas/{}/fixtures/{next}/", workspace.domain_of(&topic.topic));
        left.push(format!("write sample records to {folder}, and run `busctl schema test {next}`"));
    }
    files.insert(path, text);
    for letters in dead_letters(workspace, name) {
        let source = workspace.sources.file(letters.topic.span.file);
        let next_letters = renamed(letters.topic.as_str(), name, next);
        let copied = Edited::of(source, letters.topic.span).and_then(|mut copy| {
            copy.set(letters.topic.span, &next_letters);
            // How busctl describes them is known; what people wrote, they read again.
            let own = format!("Records of {name} that ");
            if let Some(description) = letters.description.as_ref().filter(|text| text.value.starts_with(&own)) {
                copy.rename(description.span, name, next);
            }
            copy.document()
        });
        let Some(text) = copied else {
            let letters = &letters.topic.value;
            left.push(format!(
                "write a manifest of `{next_letters}`: that of `{letters}` cannot be copied as it is written"
            ));
            continue;
        };
        let path = path_of(&source.path, letters.topic.as_str(), &next_letters);
        let text = with_modeline(workspace, ManifestKind::Topic, &path, text);
        to_review(letters, &path, &text, name, left);
        files.insert(path, text);
    }
    Some(files)
}

/// The file of the old topic, with `deprecated_by` behind its class, or its name; `None` where it says so already, or where
/// it cannot be added without changing more.
pub fn deprecated(workspace: &Workspace, topic: &TopicSpec, next: &str) -> Option<(PathBuf, String)> {
    if topic.deprecated_by.is_some() {
        return None;
    }
    let source = workspace.sources.file(topic.topic.span.file);
    let mut edited = Edited::of(source, topic.topic.span)?;
    let before = topic.class.as_ref().map_or(topic.topic.span, |class| class.span);
    edited.add(before, "deprecated_by", next);
    Some((source.path.clone(), edited.whole()?))
}

/// What a copied manifest may say that is true of the old version alone.
fn to_review(topic: &TopicSpec, path: &Path, text: &str, old: &str, left: &mut Vec<String>) {
    let path = path.display();
    if topic.change_request.is_some() {
        left.push(format!("set `change_request` in {path} to the one that asks for the new version"));
    }
    let names = |(index, line): (usize, &str)| line.contains(old).then(|| (index + 1).to_string());
    let lines: Vec<String> = text.lines().enumerate().filter_map(names).collect();
    let still = match lines.as_slice() {
        [] => String::new(),
        [line] => format!("; line {line} names `{old}`"),
        lines => format!("; lines {} name `{old}`", lines.join(", ")),
    };
    left.push(format!("see whether {path} still says what is true of the new version{still}"));
}

/// The package of a Protobuf file where it ends in a major version, with the one of the next version.
fn packages(text: &str) -> Option<(&str, String)> {
    let package = text.lines().find_map(|line| line.trim().strip_prefix("package "))?.split(';').next()?.trim();
    let (start, version) = package.rsplit_once('.')?;
    let number: u32 = version.strip_prefix('v')?.parse().ok()?;
    Some((package, format!("{start}.v{}", number.checked_add(1)?)))
}
