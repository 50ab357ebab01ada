//! Which config of a client each value of a file is.

use super::{Entry, FileForm, NamedTopic, Of, Setting};
use crate::model::TopicName;
use crate::resources::client_config::keys;
use crate::resources::client_config::model::ClientKind;
use crate::source::Span;

/// What a file says of clients.
#[derive(Debug, Default)]
pub(super) struct Located {
    pub settings: Vec<Setting>,
    pub topics: Vec<NamedTopic>,
}

/// Names of Spring's that are none of Kafka's behind `spring.kafka.`, with what they are there.
const SPRING: &[(&str, &str)] = &[
    ("auto.commit.interval", "auto.commit.interval.ms"),
    ("fetch.max.wait", "fetch.max.wait.ms"),
    ("fetch.min.size", "fetch.min.bytes"),
    ("heartbeat.interval", "heartbeat.interval.ms"),
    ("max.poll.interval", "max.poll.interval.ms"),
    ("ssl.key.store.certificate.chain", "ssl.keystore.certificate.chain"),
    ("ssl.key.store.key", "ssl.keystore.key"),
    ("ssl.key.store.location", "ssl.keystore.location"),
    ("ssl.key.store.password", "ssl.keystore.password"),
    ("ssl.key.store.type", "ssl.keystore.type"),
    ("ssl.trust.store.certificates", "ssl.truststore.certificates"),
    ("ssl.trust.store.location", "ssl.truststore.location"),
    ("ssl.trust.store.password", "ssl.truststore.password"),
    ("ssl.trust.store.type", "ssl.truststore.type"),
    ("state.store.cache.max.size", "statestore.cache.max.bytes"),
    ("transaction.id.prefix", "transactional.id"),
];

/// What stands behind `spring.kafka.` and is Spring's own.
const SPRING_OWN: [&str; 12] = [
    "admin.",
    "bootstrap.servers.",
    "cleanup.",
    "jaas.",
    "listener.",
    "retry.",
    "security.",
    "ssl.bundle",
    "streams.auto.startup",
    "streams.cleanup",
    "template.",
    "concurrency",
];

/// Whether a key is the name of a variable.
pub(super) fn is_variable(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase())
        && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Finds configs by the ends of paths: what stands before tells which client is meant. A name that no client knows counts
/// where those beside it are configs.
pub(super) fn locate(entries: &[Entry], form: FileForm, is_spring_env: bool) -> Located {
    let mut located = Located::default();
    let mut unknown = Vec::new();
    let mut prefixes = Vec::new();
    for entry in entries {
        let path = match form {
            FileForm::Env => entry.path.to_ascii_lowercase().replace('_', "."),
            _ => entry.path.clone(),
        };
        if let Some(topics) = topics(entry, &path, form) {
            located.topics.extend(topics);
            continue;
        }
        let found = match path.strip_prefix("spring.kafka.") {
            Some(rest) if form == FileForm::Spring || is_spring_env => spring(rest),
            _ => split(&path),
        };
        match found {
            Some((prefix, name)) => {
                let is_springs = prefix.starts_with("spring.kafka.") && !prefix.contains(".properties.");
                located.settings.push(Setting { is_springs, ..setting(entry, &prefix, name, form) });
                if !prefixes.contains(&prefix) {
                    prefixes.push(prefix);
                }
            }
            None => unknown.push((entry, path)),
        }
    }
    for (entry, path) in unknown {
        // The longest prefix that configs stand behind. Without one, other things of the application may stand there too.
        let mut behind = prefixes.iter().filter(|prefix| path.starts_with(prefix.as_str()));
        let prefix = behind.clone().max_by_key(|prefix| prefix.len());
        let is_of_clients = match form {
            // Of variables, only those that are called after Kafka are its own.
            FileForm::Env => path.starts_with("kafka.") && behind.any(|prefix| !prefix.is_empty()),
            FileForm::Spring => path.strip_prefix("spring.kafka.").is_some_and(is_kafkas),
            FileForm::Yaml => prefix.is_some_and(|prefix| !prefix.is_empty()) || is_flat(entries),
            FileForm::Properties => true,
        };
        let Some(prefix) = prefix.filter(|_| is_of_clients) else { continue };
        let name = path[prefix.len()..].trim_start_matches("properties.").to_owned();
        // Behind a prefix, frameworks have names of their own; what is nearly a config is a slip all the same.
        let is_slip = || keys::Library::WORDS.iter().any(|(_, library)| keys::meant(*library, &name).is_some());
        let is_told = prefix.is_empty() || form == FileForm::Spring || is_slip();
        if !name.is_empty() && !is_applications(&name) && is_told {
            located.settings.push(setting(entry, prefix, name, form));
        }
    }
    located.settings.sort_by_key(|setting| setting.key_span.start);
    located
}

/// Whether a name is what applications have for themselves beside the configs of a client.
fn is_applications(name: &str) -> bool {
    ["header.", "headers.", "bus.", "application.", "app."].iter().any(|own| name.starts_with(own))
}

fn is_kafkas(rest: &str) -> bool {
    let rest = rest.replace('-', ".");
    let rest = ["producer.", "consumer.", "streams."].iter().find_map(|kind| rest.strip_prefix(kind)).unwrap_or(&rest);
    !SPRING_OWN.iter().any(|own| rest.starts_with(own))
}

/// Whether keys with dots stand in one mapping alone, as in a map of configs.
fn is_flat(entries: &[Entry]) -> bool {
    entries.iter().filter(|entry| keys::is_known(&entry.path)).count() * 2 > entries.len()
}

fn setting(entry: &Entry, prefix: &str, name: String, form: FileForm) -> Setting {
    let Entry { key_span, value_span, .. } = *entry;
    Setting { name, of: of(prefix), key_span, value: entry.value.clone(), value_span, form, is_springs: false }
}

/// The client that is meant by what stands before a config.
fn of(prefix: &str) -> Of {
    let prefix = prefix.to_ascii_lowercase();
    let words: Vec<&str> = prefix.split(['.', '-', '_']).collect();
    let has = |word: &str| words.iter().any(|part| part.trim_end_matches('s') == word);
    match () {
        () if has("producer") || words.contains(&"outgoing") => Of::Kind(ClientKind::Producer),
        () if has("consumer") || words.contains(&"incoming") => Of::Kind(ClientKind::Consumer),
        () if has("admin") || has("stream") => Of::Other,
        () => Of::All,
    }
}

/// A path in two: what stands before the config, with its dot, and the config.
fn split(path: &str) -> Option<(String, String)> {
    if keys::is_known(path) {
        return Some((String::new(), path.to_owned()));
    }
    // Configs have the name of a client before them, or of what is about Kafka; others may be called the same.
    let is_about_clients = |prefix: &str| {
        const WORDS: [&str; 9] =
            ["kafka", "producer", "consumer", "streams", "rdkafka", "incoming", "outgoing", "admin", "broker"];
        let prefix = prefix.to_ascii_lowercase();
        WORDS.iter().any(|word| prefix.contains(word))
    };
    let ends = path.match_indices('.').map(|(dot, _)| dot + 1);
    let mut found = ends.filter(|end| keys::is_known(&path[*end..]) && is_about_clients(&path[..*end]));
    found.next().map(|end| (path[..end].to_owned(), path[end..].to_owned()))
}

/// The config of a name of Spring's, behind `spring.kafka.`.
fn spring(rest: &str) -> Option<(String, String)> {
    let (kind, own) = ["producer.", "consumer.", "admin.", "streams."]
        .iter()
        .find_map(|kind| Some((*kind, rest.strip_prefix(kind)?)))
        .unwrap_or(("", rest));
    let prefix = format!("spring.kafka.{kind}");
    let plain = |name: &str| name.replace(['[', ']'], "");
    if let Some(name) = own.strip_prefix("properties.").or_else(|| own.strip_prefix("properties[")) {
        let name = plain(name);
        // A Streams application has the configs of its consumers and producers among its own.
        const WITHIN: [&str; 6] =
            ["", "main.consumer.", "restore.consumer.", "global.consumer.", "consumer.", "producer."];
        let mut ends = WITHIN.iter().filter_map(|within| Some((*within, name.strip_prefix(within)?)));
        let (within, end) = ends.find(|(_, end)| keys::is_known(end))?;
        return Some((format!("{prefix}properties.{within}"), end.to_owned()));
    }
    let name = own.replace('-', ".");
    let name = SPRING.iter().find(|(spring, _)| *spring == name).map_or(name, |(_, kafka)| (*kafka).to_owned());
    if keys::is_known(&name) {
        return Some((prefix, name));
    }
    // Variables for Spring have no dashes in names of several words.
    let collapsed = |name: &str| name.replace(['.', '-', '_'], "");
    let wanted = collapsed(&name);
    let mut names = keys::names(keys::Library::Java);
    names.find(|known| collapsed(known) == wanted).map(|known| (prefix, known.to_owned()))
}

/// The topics that a key names: its last word says so.
fn topics(entry: &Entry, path: &str, form: FileForm) -> Option<Vec<NamedTopic>> {
    if keys::is_known(path) || split(path).is_some() {
        return None;
    }
    let lower = path.to_ascii_lowercase();
    let last = lower.rsplit('.').next()?;
    let words: Vec<&str> = last.split(['-', '_']).collect();
    let end = words.last()?;
    let is_topics = matches!(*end, "topic" | "topics") || (matches!(*end, "name" | "names") && lower.contains("topic"));
    if !is_topics || entry.value.is_empty() || super::is_filled_in(&entry.value, form) {
        return None;
    }
    let mut topics = Vec::new();
    let mut from = 0;
    for part in entry.value.split(',') {
        let name = part.trim();
        if name.parse::<TopicName>().is_err() {
            return None;
        }
        let at = from + (part.len() - part.trim_start().len());
        from += part.len() + 1;
        let start = entry.value_span.start as usize + at;
        // A value that is written otherwise than it reads has one place for all.
        let is_plain = (entry.value_span.end - entry.value_span.start) as usize == entry.value.len();
        let span = match is_plain {
            true => Span::new(entry.value_span.file, start, start + name.len()),
            false => entry.value_span,
        };
        topics.push(NamedTopic { of: of(path), name: name.to_owned(), span });
    }
    Some(topics)
}
