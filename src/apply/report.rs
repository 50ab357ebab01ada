use serde::{Deserialize, Serialize};

use crate::model::Address;
use crate::plan::Action;
use crate::ports::Failure;

/// TEMPORARY shape until merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Done,
    Failed,
    Blocked,
    NotTried,
    Partial,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub address: Address,
    pub action: Action,
    pub status: Status,
    pub error: Option<Failure>,
    pub blocked_by: Option<Address>,
}
