use std::fmt;

use serde::{Deserialize, Serialize};

use crate::source::word_enum;

word_enum! {
    /// What went wrong, as far as it changes what to do next.
    FailureKind, "kind of failure", {
        /// Nobody answers there: refused, unknown host, connection lost.
        Unreachable = "unreachable",
        /// No answer in time. A write may have been carried out.
        Timeout = "timeout",
        /// Something answers, but not what was expected: TLS on a plaintext port and the reverse, HTML, garbage.
        Protocol = "protocol",
        /// The server does not believe who we are.
        Authentication = "authentication",
        /// The server knows who we are and says no.
        Authorization = "authorization",
        /// What the request names is not there.
        NotFound = "not_found",
        /// It is there already.
        Exists = "exists",
        /// It is no longer what was reviewed.
        Moved = "moved",
        /// Somebody else holds the lock by now.
        Fenced = "fenced",
        /// The server refused the request's content: invalid config, incompatible schema, policy violation.
        Refused = "refused",
        /// The server cannot do that: an older version, another dialect, no authorizer.
        Unsupported = "unsupported",
        /// The server failed: 5xx, unknown server error, not controller …
        Server = "server",
        /// A part of it was done, and not the rest.
        Partial = "partial",
    }
}

impl FailureKind {
    /// Whether a write may have been carried out although this came back: no server has said that it refused all of it.
    pub fn may_be_done(self) -> bool {
        matches!(self, Self::Unreachable | Self::Timeout | Self::Protocol | Self::Server | Self::Partial)
    }
}

/// A request that failed: what was tried, on which server, what came back, what to do now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub struct Failure {
    /// What it means.
    pub kind: FailureKind,
    /// What was tried: "describe the ACLs".
    pub tried: String,
    /// The server: bootstrap addresses, or the registry's URL without credentials.
    pub server: String,
    /// What came back, in the server's words where it has any.
    pub answer: String,
    /// What to do now, where there is something.
    pub hint: Option<String>,
}

impl Failure {
    /// What kept something from its end of which a part was done: `done` says which.
    pub fn in_part(self, done: &str) -> Self {
        Self { kind: FailureKind::Partial, answer: format!("{}; {done}", self.answer), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {} on {}: {}", self.tried, self.server, self.answer)
    }
}

/// Something that was asked for: known, or hidden from us. What is hidden is never taken for absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed<T> {
    /// The server told.
    Known(T),
    /// The server did not tell, and why.
    Hidden(Failure),
}

impl<T> Observed<T> {
    /// The value, where the server told it.
    pub fn known(&self) -> Option<&T> {
        match self {
            Observed::Known(value) => Some(value),
            Observed::Hidden(_) => None,
        }
    }

    /// Why it is not known.
    pub fn hidden(&self) -> Option<&Failure> {
        match self {
            Observed::Known(_) => None,
            Observed::Hidden(failure) => Some(failure),
        }
    }
}

impl<T> From<Result<T, Failure>> for Observed<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(value) => Observed::Known(value),
            Err(failure) => Observed::Hidden(failure),
        }
    }
}
