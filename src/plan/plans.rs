use serde::Serialize;

use super::Plan;

/// The plans of every cluster of a workspace, side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plans {
    /// The version of this document: 1.
    pub format_version: u32,
    /// Each cluster, in the order of the names.
    pub clusters: Vec<ClusterPlan>,
}

/// What became of the plan of one cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterPlan {
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: PlanOutcome,
}

/// A plan, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanOutcome {
    /// The plan.
    Plan(Box<Plan>),
    /// Why it could not be made.
    Error(String),
    /// Why nobody tried.
    LeftOut(String),
}

impl ClusterPlan {
    /// The plan, where there is one.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.outcome {
            PlanOutcome::Plan(plan) => Some(plan),
            PlanOutcome::Error(_) | PlanOutcome::LeftOut(_) => None,
        }
    }
}
