use std::path::{Path, PathBuf};

use crate::model::Date;
use crate::resources::Workspace;
use crate::resources::topic::TopicSpec;

/// Where decision records are.
const FOLDER: &str = "docs/adr";

/// The longest part of a file's name that the title makes.
const LONGEST: usize = 60;

/// How sentences begin that ask people to say something. A record that has one of them is not finished.
const QUESTIONS: [&str; 4] = [
    "Say what is asked for, and why",
    "Say why no change of the schema",
    "Say what differs, and whether",
    "Say until when its last consumer",
];

/// Whether a record still asks what only people can say.
pub fn is_unfinished(text: &str) -> bool {
    QUESTIONS.iter().any(|question| text.contains(question))
}

/// Where the record is written: the next number, and a few words.
pub fn path(workspace: &Workspace, next: &str, why: Option<&str>) -> PathBuf {
    let records = workspace.documents.iter().filter(|path| path.starts_with(FOLDER));
    let number = records.map(|path| number(path)).max().unwrap_or(0).saturating_add(1);
    let mut slug = String::new();
    for c in why.unwrap_or(next).chars() {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    // Words are kept whole.
    if let Some((end, _)) = slug.char_indices().nth(LONGEST) {
        slug.truncate(slug[..end].rfind('-').unwrap_or(end));
    }
    let slug = slug.trim_matches('-');
    let slug = if slug.is_empty() { "new-version" } else { slug };
    PathBuf::from(format!("{FOLDER}/{number:04}-{slug}.md"))
}

/// The number of a record, by its file; nought where it has none.
pub fn number(path: &Path) -> u32 {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.split('-').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The record, as far as it can be written for people.
pub fn text(
    workspace: &Workspace,
    topic: &TopicSpec,
    next: &str,
    number: u32,
    why: Option<&str>,
    today: Date,
) -> String {
    let name = topic.topic.as_str();
    let title = why.map_or_else(|| format!("`{next}` follows `{name}`"), str::to_owned);
    let title = title.replace(['\n', '\r'], " ");
    let owner = workspace.owner_of(topic).unwrap_or("the owner of the topic");
    let list = |names: Vec<&str>| match names.as_slice() {
        [] => "nobody".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    };
    let producers = match topic.producers.as_slice() {
        [] => "Each producer".to_owned(),
        [only] => format!("`{}`", only.service.as_str()),
        several => format!("Each of {}", list(several.iter().map(|producer| producer.service.as_str()).collect())),
    };
    let consumers = list(topic.consumers.iter().map(|consumer| consumer.service.as_str()).collect());
    let context = why.map_or_else(
        || "Say what is asked for, and why no change of the schema that consumers survive does it.".to_owned(),
        |why| format!("{}. Say why no change of the schema that consumers survive does it.", why.trim_end_matches('.')),
    );
    format!(
        "# {number}. {title}

Status: proposed, {today}. Owner: {owner}.

## Context

{context}

## Decision

A new topic, `{next}`, beside `{name}`. Say what differs, and whether the key and the meaning of a record without a value
are the same.

## Migration

1. {producers} writes both topics from the day on which `{next}` exists, in one transaction for each change where the two
   must not drift apart.
2. Where consumers need the state from the beginning, what `{name}` holds is written to `{next}` once.
3. Consumers move one by one: {consumers}. Each is taken out of the consumers of `{name}` in the change with which it reads
   `{next}`. A group starts `{next}` at its own offsets, so say for each where it begins.

## Deprecation

`{name}` accepts no new consumer. Say until when its last consumer has moved. From then on:

1. {producers} stops writing `{name}`, and both sides of its grant are removed.
2. After a time without a request for it, the manifest of `{name}` becomes a tombstone (`state: absent`, with this record
   as the reason), and the topic is deleted with `--allow destructive`.
3. Its subjects stay in the registry as long as archived records refer to them.
"
    )
}
