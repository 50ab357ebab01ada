use super::{field_of, service_of};
use crate::plan::FieldValue;
use crate::ports::consul::KeyEntry;
use crate::source::{is_secret_setting, without_secrets};

/// The last parts of keys that are lists: who has a new item in one has lost nothing.
const LISTS: [&str; 8] =
    ["brokers", "consumes", "groups", "listeners", "principals", "produces", "retries", "transactional_ids"];

/// A key of our folder as it is shown: somebody else may have put a secret into its name.
pub fn shown_key(key: &str, entry: &KeyEntry) -> String {
    without_secrets(entry.told.clone().unwrap_or_else(|| key.to_owned()))
}

/// What a plan calls a key of a service, and its value without showing what looks like a secret or repeats one: somebody else has
/// put it there.
pub fn shown_entry(service: &str, key: &str, entry: &KeyEntry) -> (String, FieldValue) {
    let whole = format!("{service}/{key}");
    let shown = shown_key(&whole, entry);
    if entry.told.is_none() && shown == whole {
        return (field_of(key), shown_value(key, &entry.value));
    }
    let field = field_of(service_of(&shown).map_or(shown.as_str(), |(_, rest)| rest));
    (field, FieldValue::shown(&entry.value, FieldValue::HIDDEN))
}

/// A value without showing what looks like a secret. People read a list in one line, unless that would hide a line feed at an end.
pub fn shown_value(key: &str, value: &str) -> FieldValue {
    let is_whole = |item: &str| !item.is_empty() && item.trim() == item;
    match is_secret_setting(key, value) {
        true => FieldValue::shown(value, FieldValue::HIDDEN),
        false if is_list(key) && value.split('\n').all(is_whole) => FieldValue::shown(value, value.replace('\n', ", ")),
        false => FieldValue::plain(value),
    }
}

/// Whether the value of a key is a list.
pub fn is_list(key: &str) -> bool {
    !key.starts_with("configs/") && LISTS.contains(&key.rsplit('/').next().unwrap_or_default())
}
