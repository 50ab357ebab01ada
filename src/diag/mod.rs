//! Findings: what is wrong, where, how bad, and what to do. Nothing prints here.

mod findings;
mod fingerprint;
mod fix;
mod intern;
mod known;
mod waiver;

#[cfg(test)]
pub(crate) use findings::tests::MemorySpill;
pub use findings::{Findings, Order, Position, Spill, Store};
pub use fingerprint::{Fingerprints, Repeats, fingerprints};
pub use fix::{Edit, Fix, Mended, Safety, mend};
pub use intern::intern;
pub use known::take_known;
pub use waiver::{Waiver, WaiverTerms};

use serde::{Deserialize, Deserializer, Serialize};

use crate::source::Span;

/// The stable code of a kind of finding, such as `BUS101`. Codes of a workspace's own rules come from [`intern`].
pub type Code = &'static str;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rule is switched off; its findings are not shown.
    Off,
    /// Worth knowing.
    Info,
    /// Should be mended; does not stop anything.
    Warn,
    /// Stops `apply` and fails `validate`.
    Error,
}

impl Level {
    /// The word used in `busctl.yaml` and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }
}

/// A place with what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The text that is underlined.
    pub span: Span,
    /// What stands beside the underline; may be empty.
    pub text: String,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Its stable code.
    #[serde(deserialize_with = "known_code")]
    pub code: Code,
    /// How bad it is.
    pub level: Level,
    /// One sentence without a full stop.
    pub message: String,
    /// Where. The first label is the main place; a finding of the live system may have none.
    pub labels: Vec<Label>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The address of the resource that it is about, for waivers and reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The cluster in which it holds, where it does not hold in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// How it is mended, where a program can do that. Few have one, and there may be very many findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Box<Fix>>,
    /// The [waiver](Waiver) that would silence it, where one may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<WaiverTerms>,
}

fn known_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    Ok(intern(&<std::borrow::Cow<'de, str>>::deserialize(deserializer)?))
}

fn lack(key: &str) -> String {
    format!("no `{key}` here")
}

impl Diagnostic {
    /// A finding at level error, without place or help.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            level: Level::Error,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            resource: None,
            cluster: None,
            fix: None,
            waiver: None,
        }
    }

    /// Sets the level.
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Adds a place.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        // Most have one place, and a list that grows by itself has room for four.
        self.labels.reserve_exact(1);
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds the place of a manifest, or of a part of one, that lacks a key.
    pub fn lacks(self, span: Span, key: &str) -> Self {
        self.at(span, lack(key))
    }

    /// Whether it says that a manifest at a place lacks a key, or one below it.
    pub fn is_of_lack(&self, span: Span, key: &str) -> bool {
        let is_of_key = |label: &Label| {
            let rest = label.text.strip_prefix("no `").and_then(|rest| rest.strip_prefix(key));
            rest.is_some_and(|rest| rest == "` here" || (rest.starts_with('.') && rest.ends_with("` here")))
        };
        self.labels.iter().any(|label| label.span == span && is_of_key(label))
    }

    /// Says how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the resource that it is about.
    pub fn resource(mut self, address: impl ToString) -> Self {
        self.resource = Some(address.to_string());
        self
    }

    /// Names the cluster in which it holds.
    pub fn cluster(mut self, cluster: impl ToString) -> Self {
        self.cluster = Some(cluster.to_string());
        self
    }

    /// Says how a program mends it.
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into().map(Box::new);
        self
    }

    /// The main place.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}
