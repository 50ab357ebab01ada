//! Topics of projects, and their schemas.

use super::super::keys::Keys;
use super::super::reader::Reader;
use super::super::values::{about, configs, format};
use super::{Project, Setting, access};
use crate::import::FoundTopic;
use crate::ports::registry::NewSchema;
use crate::schema::Compatibility;
use crate::source::{Node, Value};

/// Reads a topic of a project; answers how it is called.
pub fn topic(reader: &mut Reader<'_>, node: &Node, project: &Project, setting: &Setting<'_>) -> Option<String> {
    let mut keys = Keys::of(node, "a topic", reader);
    let name = keys.required("name", reader)?;
    let data_type = keys.text("dataType", reader);
    let name = setting.naming.topic(project, name, data_type);
    one(reader, keys, &name, setting);
    Some(name)
}

/// Reads a topic that is called as it is written.
pub fn special(reader: &mut Reader<'_>, node: &Node, setting: &Setting<'_>) {
    let mut keys = Keys::of(node, "a special topic", reader);
    let Some(name) = keys.required("name", reader) else { return };
    keys.leave(&["dataType"], "special topics are called by their names alone", reader);
    one(reader, keys, name, setting);
}

fn one(reader: &mut Reader<'_>, mut keys: Keys<'_>, name: &str, setting: &Setting<'_>) {
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
    let names = [name.to_owned()];
    access::parties(reader, &keys.list("consumers"), &keys.list("producers"), &names, None);
    let strategy = keys.text("subject.name.strategy", reader).unwrap_or("TopicNameStrategy");
    for node in keys.list("schemas") {
        schemas(reader, node, name, strategy);
    }
    let span = keys.span;
    keys.rest(reader);
    reader.topic(span, name, topic);
}

fn schemas(reader: &mut Reader<'_>, node: &Node, topic: &str, strategy: &str) {
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
        let subject = match (strategy, record) {
            ("RecordNameStrategy", Some(record)) => record.to_owned(),
            ("TopicRecordNameStrategy", Some(record)) => format!("{topic}-{record}"),
            ("TopicNameStrategy", _) => format!("{topic}-{part}"),
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
        if let Some(schema) = schema {
            reader.subject(node.span, &subject, schema, level);
        }
    }
    keys.rest(reader);
}
