//! What Consul's API asks for and answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::failure::Place;
use crate::ports::consul::{KeyEntry, KeyWrite};
use crate::ports::{Failure, FailureKind};

/// A key as it is listed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Pair {
    pub key: String,
    /// In base64; nothing for the empty value.
    value: Option<String>,
    modify_index: u64,
}

impl Pair {
    /// Whether there is more than the key itself.
    pub fn has_value(&self) -> bool {
        self.value.as_ref().is_some_and(|value| !value.is_empty())
    }

    pub fn into_entry(self, place: Place<'_>) -> Result<KeyEntry, Failure> {
        let bytes = STANDARD.decode(self.value.unwrap_or_default());
        let bytes = bytes.map_err(|_| place.not_consul("a value that is not in base64"))?;
        if self.modify_index == 0 {
            return Err(place.not_consul("a key without an index"));
        }
        Ok(KeyEntry { value: String::from_utf8_lossy(&bytes).into_owned(), index: self.modify_index, told: None })
    }
}

/// An operation of a transaction.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Operation<'w> {
    #[serde(rename = "KV")]
    kv: KeyOperation<'w>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyOperation<'w> {
    verb: &'static str,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    index: u64,
    /// Of transactions the namespace of the address does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'w str>,
}

impl<'w> Operation<'w> {
    pub fn of(folder: &str, write: &KeyWrite, namespace: Option<&'w str>) -> Self {
        let value = write.value.as_ref().map(|value| STANDARD.encode(value));
        let verb = if value.is_some() { "cas" } else { "delete-cas" };
        let key = format!("{folder}{}", write.key);
        Self { kv: KeyOperation { verb, key, value, index: write.index, namespace } }
    }
}

/// What became of a transaction.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransactionAnswer {
    #[serde(default)]
    errors: Option<Vec<OperationError>>,
    /// One for each key that has a value now; for those that are gone there is none.
    #[serde(default)]
    results: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OperationError {
    what: String,
}

impl TransactionAnswer {
    /// That a success says of each key that was set that it is.
    pub fn accepted(self, writes: &[KeyWrite], place: Place<'_>) -> Result<(), Failure> {
        let set = writes.iter().filter(|write| write.value.is_some()).count();
        let done = self.results.map_or(0, |results| results.len());
        if done < set || self.errors.is_some_and(|errors| !errors.is_empty()) {
            let what = format!("a transaction of {set} values that says of {done} that they are set");
            return Err(place.not_consul(&what));
        }
        Ok(())
    }

    pub fn failure(self, place: Place<'_>, rights: &str) -> Failure {
        let errors = self.errors.unwrap_or_default();
        let Some(first) = errors.first() else { return place.not_consul("a refusal without a reason") };
        let said = place.excerpt(&first.what);
        if said.contains("Permission denied") {
            return place.denied(said, rights);
        }
        if errors.iter().all(|error| error.what.contains("index is stale")) {
            let hint = "somebody else has written there meanwhile, and what was tried was not written: plan again";
            return place.failure(FailureKind::Moved, said, Some(hint.into()));
        }
        let hint = "plan again; where that does not mend it, look into Consul's log";
        place.failure(FailureKind::Refused, said, Some(hint.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::sent::Sent;

    #[test]
    fn a_transaction_is_done_where_each_value_is_said_to_be_set() {
        let place = Place { tried: "write", server: "https://consul.example.com", sent: &Sent::default() };
        let write =
            |value: Option<&str>| KeyWrite { key: "a/b".into(), value: value.map(str::to_owned), index: 0, told: None };
        let accepted = |text: &str, writes: &[KeyWrite]| {
            serde_json::from_str::<TransactionAnswer>(text)
                .expect("an answer")
                .accepted(writes, place)
                .map_err(|f| f.kind)
        };
        let set = [write(Some("x")), write(None)];
        assert_eq!(accepted(r#"{"Results":[{"KV":{}}],"Errors":null}"#, &set), Ok(()));
        assert_eq!(accepted(r#"{"Results":null}"#, &set[1..]), Ok(()));
        for text in [r#"{"Results":null}"#, "{}", r#"{"Results":[{"KV":{}}],"Errors":[{"What":"no"}]}"#] {
            assert_eq!(accepted(text, &set), Err(FailureKind::Protocol), "{text}");
        }
    }
}
