//! Topic configs: how people write them, how Kafka does, and how two values are compared.

use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::model::{Bytes, Duration};
use crate::plan::FieldValue;
use crate::source::{
    Decode, Decoder, FieldShape, MappingShape, Node, ScalarShape, Shape, Spanned, Value, closest, is_secret_setting,
    write::config_value,
};

/// How a topic config's value is written and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigType {
    /// Milliseconds, written as `30d`; `-1` = without end.
    Duration,
    /// Bytes, written as `2MiB`; `-1` = without limit.
    Size,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// true or false.
    Boolean,
    /// Words in any order.
    Set,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Anything.
    Text,
}

use ConfigType::{Boolean, Decimal, Duration as Time, Integer, Set, Size, Text, Word};

/// Kafka's topic configs (`TopicConfig` of Kafka 3.9 to 4.3), sorted.
pub const CONFIGS: &[(&str, ConfigType)] = &[
    ("cleanup.policy", Set),
    ("compression.gzip.level", Integer),
    ("compression.lz4.level", Integer),
    ("compression.type", Word(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])),
    ("compression.zstd.level", Integer),
    ("delete.retention.ms", Time),
    ("errors.deadletterqueue.group.enable", Boolean),
    ("file.delete.delay.ms", Time),
    ("flush.messages", Integer),
    ("flush.ms", Time),
    ("follower.replication.throttled.replicas", Text),
    ("index.interval.bytes", Size),
    ("leader.replication.throttled.replicas", Text),
    ("local.retention.bytes", Size),
    ("local.retention.ms", Time),
    ("max.compaction.lag.ms", Time),
    ("max.message.bytes", Size),
    ("message.downconversion.enable", Boolean),
    ("message.format.version", Text),
    ("message.timestamp.after.max.ms", Time),
    ("message.timestamp.before.max.ms", Time),
    ("message.timestamp.difference.max.ms", Time),
    ("message.timestamp.type", Word(&["CreateTime", "LogAppendTime"])),
    ("min.cleanable.dirty.ratio", Decimal),
    ("min.compaction.lag.ms", Time),
    ("min.insync.replicas", Integer),
    ("preallocate", Boolean),
    ("remote.log.copy.disable", Boolean),
    ("remote.log.delete.on.disable", Boolean),
    ("remote.storage.enable", Boolean),
    ("retention.bytes", Size),
    ("retention.ms", Time),
    ("segment.bytes", Size),
    ("segment.index.bytes", Size),
    ("segment.jitter.ms", Time),
    ("segment.ms", Time),
    ("unclean.leader.election.enable", Boolean),
];

/// What the limits of a broker's own disk are where they are those of the whole topic (`local.retention.ms: -2`).
const AS_RETENTION: i64 = -2;

/// A list without a word, as people write it.
const EMPTY_LIST: &str = "[]";

fn is_local(key: &str) -> bool {
    matches!(key, "local.retention.bytes" | "local.retention.ms")
}

/// The type of a topic config. One that Kafka does not have is text: vendors add their own (`confluent.…`).
pub fn config_type(key: &str) -> ConfigType {
    known_type(key).unwrap_or(Text)
}

/// The type of a config of Kafka's own.
pub fn known_type(key: &str) -> Option<ConfigType> {
    CONFIGS.binary_search_by_key(&key, |(known, _)| known).ok().map(|index| CONFIGS[index].1)
}

/// The config of Kafka's that an unknown key was probably meant to be.
pub fn closest_config(key: &str) -> Option<&'static str> {
    closest(key, CONFIGS.iter().map(|(known, _)| *known))
}

/// The value of a topic config as Kafka writes it, in the one spelling that stands for its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConfigValue(Arc<str>);

impl ConfigValue {
    /// The meaning of a value that a broker answered, or that is in Kafka's own form already.
    pub fn of_kafka(key: &str, raw: &str) -> Self {
        let trimmed = raw.trim();
        let canonical = match config_type(key) {
            Set => {
                let mut words: Vec<_> = trimmed.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
                words.sort_unstable();
                words.dedup();
                words.join(",")
            }
            Boolean => trimmed.to_ascii_lowercase(),
            Integer | Time | Size => {
                trimmed.parse::<i64>().map_or_else(|_| trimmed.to_owned(), |value| value.to_string())
            }
            Decimal => trimmed.parse::<f64>().map_or_else(|_| trimmed.to_owned(), |value| value.to_string()),
            Word(_) | Text => raw.to_owned(),
        };
        Self(canonical.into())
    }

    /// As Kafka writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as a number, where it is one.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// Whether it looks like a secret, which is never shown.
    pub fn is_secret(&self, key: &str) -> bool {
        is_secret_setting(key, &self.0)
    }

    /// What a value that looks like a secret is shown as.
    pub const HIDDEN: &'static str = FieldValue::HIDDEN;

    /// As people write it: `30d`, `2MiB`. What looks like a secret is hidden.
    pub fn human(&self, key: &str) -> String {
        if self.is_secret(key) { Self::HIDDEN.to_owned() } else { self.with_unit(key) }
    }

    /// As a manifest has it, in YAML; `None` where none can say it, and where it looks like a secret.
    pub fn to_manifest(&self, key: &str) -> Option<String> {
        if self.is_empty_list(key) {
            return Some(EMPTY_LIST.to_owned());
        }
        let is_same = |text: &String| to_kafka(key, text).is_ok_and(|kafka| Self::of_kafka(key, &kafka) == *self);
        let written = [self.with_unit(key), self.0.to_string()].into_iter().find(is_same);
        written.filter(|_| !self.is_secret(key)).map(|text| config_value(&text))
    }

    /// Whether it is a list of words without one: no cleanup policy, under which every record stays.
    fn is_empty_list(&self, key: &str) -> bool {
        config_type(key) == Set && self.0.is_empty()
    }

    fn with_unit(&self, key: &str) -> String {
        match (config_type(key), self.as_i64()) {
            _ if self.is_empty_list(key) => EMPTY_LIST.to_owned(),
            (Time | Size, Some(AS_RETENTION)) if is_local(key) => AS_RETENTION.to_string(),
            // Kafka's "never" for flushes and segments: the largest long.
            (Time | Size | Integer, Some(i64::MAX)) => "never".to_owned(),
            (Time, Some(value)) => Duration(value).to_string(),
            (Size, Some(value)) => Bytes(value).to_string(),
            _ => self.0.to_string(),
        }
    }
}

/// The value that a manifest gives to a config; `None` with a finding where it is not one.
pub fn decode_config(key: &Spanned<Box<str>>, node: &Node, decoder: &mut Decoder) -> Option<ConfigValue> {
    let raw = match (&node.value, config_type(key)) {
        (Value::Sequence(items), Set | Text) => {
            let words: Option<Vec<_>> = items.iter().map(Node::scalar).collect();
            match words {
                Some(words) => words.join(","),
                None => {
                    decoder.wrong_type(node, "a sequence of words");
                    return None;
                }
            }
        }
        (Value::Scalar { text, .. }, _) if !node.is_null() => text.to_string(),
        _ => {
            decoder.wrong_type(node, expected(config_type(key)));
            return None;
        }
    };
    match to_kafka(key, &raw) {
        Ok(kafka) => Some(ConfigValue::of_kafka(key, &kafka)),
        Err(message) => {
            let expected = expected(config_type(key));
            let meant = meant(key, &raw);
            let message = format!("`{}`: {message}", key.value);
            decoder.not_meant(node.span, message, format!("write {expected}"), meant.as_deref());
            None
        }
    }
}

/// What `config` looks like: Kafka's own configs, and any of a vendor.
pub fn configs_shape() -> Shape {
    let as_retention = || {
        let help = "-2, which is as long or as much as the whole topic";
        Shape::Scalar(ScalarShape { help, pattern: Some("^-2$"), numbers: true, booleans: false })
    };
    let shape = |key: &str, config: ConfigType| match is_local(key) {
        true => Shape::OneOf(vec![config.shape(), as_retention()]),
        false => config.shape(),
    };
    let fields =
        CONFIGS.iter().map(|(key, config)| FieldShape::new(key, expected(*config), false, shape(key, *config)));
    let doc = "Kafka's topic configs, in human units; those of a vendor carry its name in front.";
    let mapping = MappingShape::new("TopicConfigs", "topic configs", doc, fields.collect());
    Shape::Mapping(Box::new(MappingShape { open: true, ..mapping }))
}

impl ConfigType {
    fn shape(self) -> Shape {
        let scalar = |pattern, numbers, booleans| {
            Shape::Scalar(ScalarShape { help: expected(self), pattern, numbers, booleans })
        };
        let or_list = |shape: Shape| Shape::OneOf(vec![shape.clone(), shape.list()]);
        match self {
            Time => crate::model::Duration::shape(),
            Size => Bytes::shape(),
            Integer => scalar(Some(r"^[+-]?[0-9_]+$"), true, false),
            Decimal => scalar(Some(r"^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$"), true, false),
            Boolean => scalar(Some("^(true|false)$"), false, true),
            Word(words) => Shape::words(words.iter().map(|word| (*word, ""))),
            Set => or_list(scalar(Some(r"^\s*(delete|compact)?\s*(,\s*(delete|compact)\s*)*$"), false, false)),
            Text => or_list(scalar(None, true, true)),
        }
    }
}

/// What a value was probably meant to be.
fn meant(key: &str, raw: &str) -> Option<String> {
    match config_type(key) {
        Time => raw.parse::<Duration>().err()?.meant(),
        Size => raw.parse::<Bytes>().err()?.meant(),
        Word(words) => closest(raw, words.iter().copied()).map(str::to_owned),
        _ => None,
    }
}

/// Reports the configs of a manifest that is not decoded, so that their mistakes are not hidden behind another one.
pub fn check_configs(document: &Node, decoder: &mut Decoder) {
    for config in layers(document).filter_map(|layer| layer.get("config")) {
        if let Value::Mapping(entries) = &config.value {
            for entry in entries {
                decode_config(&entry.key, &entry.value, decoder);
            }
        }
    }
}

/// Says of each unknown key of a topic's manifest that is a config's name, in whatever spelling, or the start of one, where
/// configs are written. The nearest key of the manifest would be another thing altogether.
pub fn hint_configs(document: &Node, findings: &mut [Diagnostic]) {
    for layer in layers(document) {
        let Value::Mapping(entries) = &layer.value else { continue };
        for entry in entries {
            let unknown =
                |finding: &&mut Diagnostic| finding.code == "BUS004" && finding.span() == Some(entry.key.span);
            if let Some(finding) = findings.iter_mut().find(unknown)
                && let configs @ [first, ..] = configs_meant(&entry.key.value).as_slice()
            {
                let others =
                    configs.iter().skip(1).take(2).map(|config| format!(", or `{config}`")).collect::<String>();
                finding.help = Some(format!("write `config: {{ {first}: … }}`{others}"));
                finding.fix = None;
            }
        }
    }
}

/// The configs that a key is meant to be: the one of that name, else those that its name is the start of; those of time
/// and size with one more word come first.
fn configs_meant(key: &str) -> Vec<&'static str> {
    let name = key.to_ascii_lowercase().replace(['_', '-'], ".");
    let rest = |config: &'static str| config.strip_prefix(name.as_str());
    let names = || CONFIGS.iter().map(|(config, _)| *config);
    if let Some(exact) = names().find(|config| rest(config) == Some("")) {
        return vec![exact];
    }
    let mut meant: Vec<_> = names().filter(|config| rest(config).is_some_and(|rest| rest.starts_with('.'))).collect();
    meant.sort_by_key(|config| (config.matches('.').count(), known_type(config) != Some(Time)));
    meant
}

/// The document and what its overrides lay over it.
fn layers(document: &Node) -> impl Iterator<Item = &Node> {
    let overrides = match document.get("overrides").map(|overrides| &overrides.value) {
        Some(Value::Mapping(entries)) => entries.as_slice(),
        _ => &[],
    };
    std::iter::once(document).chain(overrides.iter().map(|entry| &entry.value))
}

fn expected(config: ConfigType) -> &'static str {
    match config {
        Time => "a time such as 30d, or unlimited",
        Size => "a size such as 2MiB, or unlimited",
        Integer => "a whole number",
        Decimal => "a number",
        Boolean => "true or false",
        Set => "a word or a sequence of words, [] for none",
        Word(_) => "one of the config's words",
        Text => "a text",
    }
}

/// From what people write to what Kafka takes.
fn to_kafka(key: &str, raw: &str) -> Result<String, String> {
    match config_type(key) {
        Time | Size if is_local(key) && raw.trim() == "-2" => Ok(AS_RETENTION.to_string()),
        Time => raw.parse::<Duration>().map(|value| value.0.to_string()).map_err(|error| error.to_string()),
        Size => raw.parse::<Bytes>().map(|value| value.0.to_string()).map_err(|error| error.to_string()),
        Integer => match raw.replace('_', "").parse::<i64>() {
            Ok(value) => Ok(value.to_string()),
            Err(_) => Err(format!("`{raw}` is not a whole number")),
        },
        Decimal => match raw.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(raw.to_owned()),
            _ => Err(format!("`{raw}` is not a number")),
        },
        Boolean if raw == "true" || raw == "false" => Ok(raw.to_owned()),
        Boolean => Err(format!("`{raw}` is not true or false")),
        Word(words) if words.contains(&raw) => Ok(raw.to_owned()),
        Word(words) => Err(format!("`{raw}` is not one of {}", words.join(", "))),
        Set if raw.trim().is_empty() => Ok(String::new()),
        Set if key == "cleanup.policy" => {
            let bad = raw.split(',').map(str::trim).find(|word| !matches!(*word, "delete" | "compact"));
            bad.map_or(Ok(raw.to_owned()), |word| Err(format!("`{word}` is not delete or compact")))
        }
        Set | Text => Ok(raw.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(CONFIGS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn values_are_compared_by_meaning() {
        let same = |key, a, b| assert_eq!(ConfigValue::of_kafka(key, a), ConfigValue::of_kafka(key, b), "{key}");
        same("cleanup.policy", "delete, compact", "compact,delete");
        same("min.cleanable.dirty.ratio", "0.5", "0.50");
        same("preallocate", "False", "false");
        same("retention.ms", "0604800000", "604800000");
    }

    #[test]
    fn what_a_broker_has_is_written_as_people_do_or_not_at_all() {
        let written = |key: &str, raw: &str| ConfigValue::of_kafka(key, raw).to_manifest(key);
        assert_eq!(written("retention.ms", "2592000000").as_deref(), Some("30d"));
        assert_eq!(written("retention.bytes", "-1").as_deref(), Some("unlimited"));
        // The largest number is shown as a word that no manifest takes.
        assert_eq!(written("flush.ms", "9223372036854775807").as_deref(), Some("9223372036854775807"));
        assert_eq!(written("local.retention.ms", "-2").as_deref(), Some("\"-2\""));
        assert_eq!(written("retention.ms", "-2"), None);
        assert_eq!(written("cleanup.policy", "").as_deref(), Some("[]"));
        assert_eq!(written("cleanup.policy", "compact, delete").as_deref(), Some("\"compact,delete\""));
        assert_eq!(written("vendor.password", "hunter2hunter2"), None);
    }

    #[test]
    fn a_key_may_be_the_start_of_a_config() {
        assert_eq!(configs_meant("retention"), ["retention.ms", "retention.bytes"]);
        assert_eq!(configs_meant("max_message_bytes"), ["max.message.bytes"]);
        assert_eq!(configs_meant("cleanup-policy"), ["cleanup.policy"]);
        assert!(configs_meant("retent").is_empty() && configs_meant("descripton").is_empty());
    }

    #[test]
    fn people_write_units_and_kafka_gets_numbers() {
        assert_eq!(to_kafka("retention.ms", "30d").as_deref(), Ok("2592000000"));
        assert_eq!(to_kafka("max.message.bytes", "2MiB").as_deref(), Ok("2097152"));
        assert_eq!(to_kafka("retention.bytes", "unlimited").as_deref(), Ok("-1"));
        assert!(to_kafka("retention.ms", "30 dogs").is_err());
        assert!(to_kafka("cleanup.policy", "deleet").is_err());
        assert_eq!(ConfigValue::of_kafka("retention.ms", "2592000000").human("retention.ms"), "30d");
    }
}
