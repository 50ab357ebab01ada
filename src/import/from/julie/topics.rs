//! Topics of projects, and their schemas.

use super::super::keys::Keys;
use super::super::reader::Reader;
use super::super::values::{about, configs, format};
use super::{Project, Setting, access};
use crate::import::{About, FoundTopic};
use crate::ports::registry::NewSchema;
use crate::schema::Compatibility;
use crate::source::{Node, Value};

/// Reads a topic of a project; answers how it is called, and how the one for its dead letters where there is one.
pub fn topic(reader: &mut Reader<'_>, node: &Node, project: &Project, setting: &Setting<'_>) -> Vec<String> {
    let mut keys = Keys::of(node, "a topic", reader);
    let Some(name) = keys.required("name", reader) else { return Vec::new() };
    let data_type = keys.text("dataType", reader);
    let mut names = vec![setting.naming.topic(project, name, data_type)];
    let letters = setting.naming.dead_letters(project, name, data_type);
    names.extend(letters.filter(|letters| *letters != names[0]));
    one(reader, keys, &names, setting);
    names
}

/// Reads a topic that is called as it is written.
pub fn special(reader: &mut Reader<'_>, node: &Node, setting: &Setting<'_>) {
    let mut keys = Keys::of(node, "a special topic", reader);
    let Some(name) = keys.required("name", reader) else { return };
    keys.leave(&["dataType"], "special topics are called by their names alone", reader);
    one(reader, keys, &[name.to_owned()], setting);
}

/// Reads a topic of the first of these names; the other one is like it, for its dead letters.
fn one(reader: &mut Reader<'_>, mut keys: Keys<'_>, names: &[String], setting: &Setting<'_>) {
    let Some(name) = names.first() else { return };
    keys.called(format!("the topic {name}"));
    let mut topic = FoundTopic::default();
    if let Some(node) = keys.take("config") {
        topic.configs = configs(node, keys.what(), reader);
    }
    if let Some(plan) = keys.text("plan", reader) {
        match setting.plans.get(plan) {
            // A plan counts before what the topic says.
            Some(plan) => topic.configs.extend(plan.clone()),
            None => reader.leave(keys.place("plan"), format!("{}: no file here has the plan {plan}", keys.what())),
        }
    }
    for (key, number) in
        [("num.partitions", &mut topic.partitions), ("replication.factor", &mut topic.replication_factor)]
    {
        let Some(text) = topic.configs.remove(key) else { continue };
        match text.trim().parse() {
            Ok(count) => *number = count,
            Err(_) if text.trim() == "-1" => {}
            Err(_) => reader.leave(keys.place("config"), format!("`{key}` of {} is no number: {text}", keys.what())),
        }
    }
    topic.about = about(&mut keys, &["metadata"], reader);
    topic.about.description = keys.text("description", reader).map(str::to_owned).or(topic.about.description);
    access::parties(reader, &keys.list("consumers"), &keys.list("producers"), names, None);
    let strategy = keys.text("subject.name.strategy", reader).unwrap_or("TopicNameStrategy");
    for node in keys.list("schemas") {
        schemas(reader, node, names, strategy);
    }
    let span = keys.span;
    keys.rest(reader);
    for letters in names.iter().skip(1) {
        let notes = vec![format!("Julie makes it for what of {name} cannot be processed")];
        let about = About { description: None, owner: topic.about.owner.clone(), notes };
        reader.topic(span, letters, FoundTopic { about, ..topic.clone() });
    }
    reader.topic(span, name, topic);
}

fn schemas(reader: &mut Reader<'_>, node: &Node, names: &[String], strategy: &str) {
    let Some(topic) = names.first() else { return };
    let mut keys = Keys::of(node, format!("`schemas` of the topic {topic}"), reader);
    if !matches!(node.value, Value::Mapping(_)) {
        return keys.rest(reader);
    }
    for part in ["key", "value"] {
        let file = keys.take(&format!("{part}.schema.file"));
        let text = keys.text(&format!("{part}.schema.string"), reader);
        let record = keys.text(&format!("{part}.record.type"), reader);
        // Earlier versions call the format a type.
        let word = if keys.has(&format!("{part}.schema.type")) { "schema.type" } else { "format" };
        let format = format(&mut keys, &format!("{part}.{word}"), reader);
        let level_key = format!("{part}.compatibility");
        let level = keys.text(&level_key, reader).map(str::to_owned);
        if let Some(level) = level.as_deref().filter(|level| Compatibility::from_registry(level).is_none()) {
            reader.leave(keys.place(&level_key), format!("nobody knows the level {level}"));
        }
        let level = level.filter(|level| Compatibility::from_registry(level).is_some());
        let Some(format) = format.filter(|_| file.is_some() || text.is_some()) else { continue };
        let of_each = |end: &str| names.iter().map(|topic| format!("{topic}-{end}")).collect();
        let subjects: Vec<String> = match (strategy, record) {
            ("RecordNameStrategy", Some(record)) => vec![record.to_owned()],
            ("TopicRecordNameStrategy", Some(record)) => of_each(record),
            ("TopicNameStrategy", _) => of_each(part),
            _ => {
                reader.leave(
                    node.span,
                    format!("the {part} of {topic}: {strategy} does not say how its subject is called"),
                );
                continue;
            }
        };
        let schema = match (file, text) {
            (Some(file), _) => reader.schema_file(file, format, Vec::new()),
            (None, text) => text.map(|text| NewSchema { format, text: text.to_owned(), references: Vec::new() }),
        };
        let Some(schema) = schema else { continue };
        for subject in subjects {
            reader.subject(node.span, &subject, schema.clone(), level.clone());
        }
    }
    keys.rest(reader);
}
