//! What a walk to a server finds, step by step: from its name to what may be done there.

use serde::{Deserialize, Serialize};

use super::Failure;

/// A step of the walk, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// What the manifest says can be used: its secrets are there and fit.
    Settings,
    /// The host's name becomes addresses.
    Dns,
    /// Something listens there.
    Tcp,
    /// The server's certificate is one that we trust, for this name and at this time.
    Tls,
    /// The server knows who we are.
    Authentication,
    /// What the server lets us do.
    Authorization,
    /// The requests that both sides know.
    Api,
}

impl StepKind {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            StepKind::Settings => "settings",
            StepKind::Dns => "DNS",
            StepKind::Tcp => "TCP",
            StepKind::Tls => "TLS",
            StepKind::Authentication => "authentication",
            StepKind::Authorization => "authorization",
            StepKind::Api => "API versions",
        }
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It went well.
    Passed,
    /// There was nothing to do.
    Skipped,
    /// It went well, and will not always.
    Warned,
    /// It did not. What comes behind it is not tried.
    Failed,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which one.
    pub step: StepKind,
    /// How it went.
    pub outcome: StepOutcome,
    /// What was found, a sentence each.
    pub told: Vec<String>,
    /// What to do now, where there is something.
    pub hint: Option<String>,
}

impl Step {
    /// A step that went well.
    pub fn passed(step: StepKind, told: impl Into<Vec<String>>) -> Self {
        Self { step, outcome: StepOutcome::Passed, told: told.into(), hint: None }
    }

    /// A step that is not needed.
    pub fn skipped(step: StepKind, why: &str) -> Self {
        Self { step, outcome: StepOutcome::Skipped, told: vec![why.to_owned()], hint: None }
    }

    /// A step that ended the walk.
    pub fn failed(step: StepKind, told: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { step, outcome: StepOutcome::Failed, told: vec![told.into()], hint: Some(hint.into()) }
    }

    /// The same, of a request that failed.
    pub fn of_failure(step: StepKind, failure: &Failure) -> Self {
        Self { step, outcome: StepOutcome::Failed, told: vec![failure.answer.clone()], hint: failure.hint.clone() }
    }

    /// Adds what will be wrong one day.
    pub fn warn(mut self, told: String, hint: &str) -> Self {
        if self.outcome == StepOutcome::Passed {
            self.outcome = StepOutcome::Warned;
            self.hint = Some(hint.to_owned());
        }
        self.told.push(told);
        self
    }
}

/// A walk to one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// What it is of: `cluster/NAME`, `registry/NAME`.
    pub system: String,
    /// Its address, `HOST:PORT` or the base of an API.
    pub address: String,
    /// Who names this address: the manifest, or a broker.
    pub named_by: String,
    /// The steps, up to the one that failed.
    pub steps: Vec<Step>,
}

impl Walk {
    /// The worst of its steps.
    pub fn outcome(&self) -> StepOutcome {
        self.steps.iter().map(|step| step.outcome).max().unwrap_or(StepOutcome::Skipped)
    }

    /// Whether it went to its end.
    pub fn is_whole(&self) -> bool {
        self.outcome() != StepOutcome::Failed
    }
}
