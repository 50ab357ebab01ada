use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{AccessChange, Measured, Step};
use crate::model::{Address, Risk};
use crate::source::{Place, word_enum};

word_enum! {
    /// What happens to the resource as a whole.
    Action, "an action", {
        /// It is not there and will be.
        Create = "create",
        /// It is there and differs.
        Update = "update",
        /// It is there and will not be.
        Delete = "delete",
    }
}

/// A value of a field as the system has it, and as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValue {
    /// The value as the system writes it.
    pub value: String,
    /// The value in the units that people use, where that is another text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shown: Option<String>,
    /// Where the value comes from, where it is not set on the resource itself: "broker default" …
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
}

impl FieldValue {
    /// A value that people read as it is.
    pub fn plain(value: impl ToString) -> Self {
        Self { value: value.to_string(), shown: None, source: None }
    }

    /// A value with another text for people; the same text is left out.
    pub fn shown(value: impl Into<String>, shown: impl Into<String>) -> Self {
        let (value, shown) = (value.into(), shown.into());
        Self { shown: (shown != value).then_some(shown), value, source: None }
    }

    /// What stands for a value that looks like a secret.
    pub const HIDDEN: &'static str = "********";

    /// Whether people are not shown what it is, or it is forgotten already.
    pub fn is_hidden(&self) -> bool {
        self.value == Self::HIDDEN || self.shown.as_deref() == Some(Self::HIDDEN)
    }

    /// What people read.
    pub fn text(&self) -> Cow<'_, str> {
        quoted(self.shown.as_deref().unwrap_or(&self.value))
    }

    /// Forgets what people are not shown, and no file and no record keeps.
    pub fn hide(&mut self) {
        if self.is_hidden() {
            self.value = Self::HIDDEN.to_owned();
            self.shown = None;
        }
    }

    /// The value as it may be compared with one that is forgotten.
    pub fn comparable(&self) -> &str {
        if self.is_hidden() { Self::HIDDEN } else { &self.value }
    }

    /// The value, where it is set on the resource itself and does not show through from elsewhere.
    pub fn set_on_it(&self) -> Option<&str> {
        self.source.is_none().then_some(self.value.as_str())
    }

    /// Says where the value comes from.
    pub fn from_source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// A value as it is told from each other one: in quotes, as JSON has it, where it is empty, has white space at an end, quotes in
/// front or a control character.
pub fn quoted(value: &str) -> Cow<'_, str> {
    let is_plain =
        !value.is_empty() && value.trim() == value && !value.starts_with('"') && !value.contains(char::is_control);
    match is_plain {
        true => Cow::Borrowed(value),
        false => Cow::Owned(serde_json::Value::from(value).to_string()),
    }
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field: `partitions`, `config.retention.ms`, `User:CN=x read`, `deny User:CN=x read` …
    pub field: String,
    /// What it is; `None` where it is not set.
    pub before: Option<FieldValue>,
    /// What it will be; `None` where it will not be set.
    pub after: Option<FieldValue>,
    /// Where the new value is written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
}

impl FieldChange {
    /// Whether one of its values is hidden from people.
    pub fn is_hidden(&self) -> bool {
        self.before.iter().chain(&self.after).any(FieldValue::is_hidden)
    }

    /// Forgets the values that people are not shown.
    pub fn hide(&mut self) {
        self.before.iter_mut().chain(&mut self.after).for_each(FieldValue::hide);
    }
}

/// Whether somebody who knows has said that the change will be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerificationState {
    /// The server said that it would accept it.
    Verified,
    /// The server said that it would not.
    Refused,
    /// Checked against the rules that are known, without asking the server.
    Offline,
    /// No server can be asked.
    Unverifiable,
}

/// How far a change is verified, and why not further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// How far.
    pub state: VerificationState,
    /// Why.
    pub reason: String,
}

impl Verification {
    /// Checked offline, as changes are before a server is asked.
    pub fn offline() -> Self {
        Self { state: VerificationState::Offline, reason: "the server was not asked (--server-check asks it)".into() }
    }

    /// No server can be asked.
    pub fn unverifiable(reason: impl Into<String>) -> Self {
        Self { state: VerificationState::Unverifiable, reason: reason.into() }
    }
}

/// One resource that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The resource.
    pub address: Address,
    /// What happens to it.
    pub action: Action,
    /// Its fields before and after.
    pub fields: Vec<FieldChange>,
    /// What it may cost the users of the bus.
    pub risk: Risk,
    /// What it costs, in sentences.
    pub impact: Vec<String>,
    /// What it costs in numbers, where it was measured.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measured: Option<Measured>,
    /// Whose access it takes away or gives, of a grant.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub access: Vec<AccessChange>,
    /// A digest of the live state that it was made from.
    pub fingerprint: String,
    /// Whether it will be accepted.
    pub verification: Verification,
    /// Where the resource is declared.
    pub place: Option<Place>,
    /// Changes that must be done before.
    pub depends_on: Vec<Address>,
    /// What is sent to the servers, in order. Not part of the document: it follows from the rest.
    #[serde(skip)]
    pub steps: Vec<Step>,
}

impl Change {
    /// Whether it moves replicas and leadership between brokers and changes nothing else of its topic.
    pub fn only_moves(&self) -> bool {
        let moves = |field: &FieldChange| field.field.starts_with("replicas.") || field.field.starts_with("leader.");
        !self.fields.is_empty() && self.fields.iter().all(moves)
    }
}
