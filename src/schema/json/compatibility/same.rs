use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::schema::text::{Json, Value, decimal};

/// Numbers that equal values share: the order of keys and the spelling of numbers do not count.
#[derive(Default)]
pub(super) struct Sameness {
    /// The hash of each array and object by its address, because values lie inside each other.
    hashes: HashMap<usize, u64>,
}

impl Sameness {
    /// A number that equal values share.
    pub(super) fn hash(&mut self, json: &Json<'_>) -> u64 {
        let address = json.address();
        if let Some(hash) = self.hashes.get(&address) {
            return *hash;
        }
        let mut hasher = DefaultHasher::new();
        json.kind().hash(&mut hasher);
        match &json.value {
            Value::Null => {}
            Value::Bool(value) => value.hash(&mut hasher),
            Value::Number(digits) => decimal(digits).hash(&mut hasher),
            Value::String(text) => text.hash(&mut hasher),
            Value::Array(items) => items.iter().for_each(|item| self.hash(item).hash(&mut hasher)),
            Value::Object(members) => {
                // A sum, because the order does not count.
                let sum = members.iter().fold(0_u64, |sum, member| {
                    let mut hasher = DefaultHasher::new();
                    (&*member.key, self.hash(&member.value)).hash(&mut hasher);
                    sum.wrapping_add(hasher.finish())
                });
                sum.hash(&mut hasher);
            }
        }
        let hash = hasher.finish();
        if matches!(json.value, Value::Array(_) | Value::Object(_)) {
            self.hashes.insert(address, hash);
        }
        hash
    }
}

/// Whether two values are equal.
pub(in crate::schema::json) fn equal(one: &Json<'_>, other: &Json<'_>) -> bool {
    match (&one.value, &other.value) {
        (Value::Number(one), Value::Number(other)) => one == other || decimal(one) == decimal(other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let mut sorted: Vec<_> = other.iter().collect();
            sorted.sort_unstable_by(|one, other| one.key.cmp(&other.key));
            one.len() == other.len()
                && one.iter().all(|member| {
                    let index = sorted.binary_search_by(|other| other.key.cmp(&member.key));
                    index.is_ok_and(|index| equal(&member.value, &sorted[index].value))
                })
        }
        (one, other) => one == other,
    }
}
