use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Change, FieldChange, FieldValue, Plan, Step};
use crate::model::{Commit, Duration, Kind, Timestamp, TopicName};
use crate::resources::cluster::ClusterSpec;
use crate::resources::placement::Placements;
use crate::resources::{Desired, Rebalance, Workspace, WorkspaceFiles};

/// The version of saved plans that this busctl writes and reads.
pub const SAVED_PLAN_VERSION: u32 = 1;

/// A plan in a file: what was reviewed, to be applied later.
///
/// It is bound to the id of its cluster and to the digest of the desired state. Applying it makes the plan anew from the
/// manifests and does what both say; the commit is information.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The version of this document.
    pub format_version: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// The version of busctl that made it.
    pub made_by: String,
    /// The state of the repository that the manifests are in, where they are in one.
    pub commit: Option<Commit>,
    /// The plan.
    pub plan: Plan,
    /// What each change sends to the servers, in the order of the changes.
    pub steps: Vec<Vec<Step>>,
    /// The most that a retention is cut by, where the plan cuts in steps.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retention_step: Option<Duration>,
    /// For an inverse plan, the changes that it takes back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undoes: Option<Box<SavedPlan>>,
    /// For a plan of where replicas go that no manifest asks for, where that is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rebalance: Option<SavedRebalance>,
    /// The manifests that it was made from: a signed file is applied without a workspace.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workspace: Option<SavedWorkspace>,
}

/// Where partitions are to be, whatever manifests say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedRebalance {
    /// The brokers of each partition by topic and number, the preferred leader first.
    pub placements: Placements,
    /// Whether the preferred leaders are to lead.
    pub elects: bool,
}

impl SavedRebalance {
    /// That of a desired state, where it is one.
    pub fn of(desired: &Desired<'_>) -> Option<Self> {
        let rebalance = desired.rebalance.as_ref()?;
        Some(Self { placements: desired.placements.clone(), elects: rebalance.elects })
    }

    /// The desired state that it is.
    pub fn desired<'w>(self, workspace: &'w Workspace, cluster: &'w ClusterSpec) -> Desired<'w> {
        let rebalance = Rebalance { elects: self.elects, ..Rebalance::default() };
        Desired::of_brokers(workspace, cluster, self.placements, rebalance)
    }
}

/// The files of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedWorkspace {
    /// Manifests and schemas by path.
    pub files: BTreeMap<PathBuf, Arc<str>>,
    /// The names of the files below `docs/`.
    pub documents: BTreeSet<PathBuf>,
}

impl SavedPlan {
    /// A plan that was made just now.
    pub fn new(plan: Plan, made_at: Timestamp, commit: Option<Commit>) -> Self {
        let saved = Self {
            format_version: SAVED_PLAN_VERSION,
            made_at,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            commit,
            steps: plan.changes.iter().map(|change| change.steps.clone()).collect(),
            plan,
            retention_step: None,
            undoes: None,
            rebalance: None,
            workspace: None,
        };
        saved.without_secrets()
    }

    /// The same without values that look like secrets: what is applied has them from the manifests and the servers.
    pub fn without_secrets(mut self) -> Self {
        self.plan.changes.iter_mut().flat_map(|change| &mut change.fields).for_each(FieldChange::hide);
        self.steps.iter_mut().flatten().for_each(Step::hide);
        self.undoes = self.undoes.map(|undone| Box::new(undone.without_secrets()));
        self
    }

    /// Of a plan that cuts in steps, what each `retention.ms` becomes.
    pub fn reviewed_steps(&self) -> BTreeMap<TopicName, FieldValue> {
        let topics = self.plan.changes.iter().filter(|change| change.address.kind == Kind::Topic);
        let topics = topics.filter(|_| self.retention_step.is_some());
        let step = |change: &Change| {
            let field = change.fields.iter().find(|field| field.field == "config.retention.ms")?;
            Some((change.address.name.parse().ok()?, field.after.clone()?))
        };
        topics.filter_map(step).collect()
    }

    /// The plan with what it sends.
    pub fn into_plan(self) -> Plan {
        let mut plan = self.plan;
        for (change, steps) in plan.changes.iter_mut().zip(self.steps) {
            change.steps = steps;
        }
        plan
    }
}

impl SavedWorkspace {
    /// The files that a workspace was loaded from.
    pub fn of(workspace: &Workspace) -> Self {
        let files = workspace.sources.iter().map(|(_, file)| (file.path.clone(), file.text.clone())).collect();
        Self { files, documents: workspace.documents.clone() }
    }

    /// The files as they are loaded.
    pub fn into_files(self) -> WorkspaceFiles {
        let texts = self.files.into_iter().map(|(path, text)| (path, Ok(text))).collect();
        WorkspaceFiles { texts, documents: self.documents }
    }
}
