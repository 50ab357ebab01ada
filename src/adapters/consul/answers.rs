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
    pub fn into_entry(self, place: Place<'_>) -> Result<KeyEntry, Failure> {
        let bytes = STANDARD.decode(self.value.unwrap_or_default());
        let bytes = bytes.map_err(|_| place.not_consul("a value that is not in base64"))?;
        if self.modify_index == 0 {
            return Err(place.not_consul("a key without an index"));
        }
        Ok(KeyEntry { value: String::from_utf8_lossy(&bytes).into_owned(), index: self.modify_index })
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

/// Why a transaction was not made.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransactionAnswer {
    #[serde(default)]
    errors: Option<Vec<OperationError>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OperationError {
    what: String,
}

impl TransactionAnswer {
    pub fn failure(self, place: Place<'_>, rights: &str) -> Failure {
        let errors = self.errors.unwrap_or_default();
        let Some(first) = errors.first() else { return place.not_consul("a refusal without a reason") };
        let said = place.excerpt(&first.what);
        if said.contains("Permission denied") {
            return place.denied(said, rights);
        }
        if errors.iter().all(|error| error.what.contains("index is stale")) {
            let hint = "somebody else has written it meanwhile; nothing of this transaction was written: plan again";
            return place.failure(FailureKind::Moved, said, Some(hint.into()));
        }
        let hint = "plan again; where that does not mend it, look into Consul's log";
        place.failure(FailureKind::Refused, said, Some(hint.into()))
    }
}
