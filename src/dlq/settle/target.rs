use std::collections::BTreeMap;
use std::sync::Arc;

/// What a topic takes and keeps, as far as it matters to a record that is sent to it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How many partitions it has.
    pub partitions: i32,
    /// Milliseconds for which a record is kept after its timestamp; none = for ever.
    pub retention: Option<i64>,
    /// Whether only the newest record of a key is kept.
    pub is_compacted: bool,
    /// How far a timestamp may lie in the past, in milliseconds; none = as far as it will.
    pub most_before: Option<i64>,
    /// How far a timestamp may lie in the future, in milliseconds; none = as far as it will.
    pub most_after: Option<i64>,
    /// The largest batch of records that it takes, in bytes.
    pub most_bytes: Option<i64>,
    /// Whether the broker writes the timestamp itself.
    pub has_append_time: bool,
}

impl Target {
    /// That of a topic with these configs, as the brokers tell them.
    pub fn of(partitions: i32, configs: &BTreeMap<Arc<str>, String>) -> Self {
        let config = |key: &str| configs.get(key).map(String::as_str);
        // -1 and the largest number both stand for no limit.
        let limit = |key: &str| config(key)?.parse::<i64>().ok().filter(|limit| (0..i64::MAX).contains(limit));
        let cleanup = config("cleanup.policy").unwrap_or("delete");
        let has = |policy: &str| cleanup.split(',').any(|part| part.trim() == policy);
        Self {
            partitions,
            retention: if has("delete") { limit("retention.ms") } else { None },
            is_compacted: has("compact"),
            most_before: limit("message.timestamp.before.max.ms"),
            most_after: limit("message.timestamp.after.max.ms"),
            most_bytes: limit("max.message.bytes"),
            has_append_time: config("message.timestamp.type") == Some("LogAppendTime"),
        }
    }
}
