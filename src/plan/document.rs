use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Change, FieldChange, NotUndone, Reassignment, Selected, Step, VerificationState};
use crate::diag::{Diagnostic, Level, Waiver};
use crate::model::{Address, Risk, TopicName};
use crate::ports::Failure;
use crate::source::{Place, Sources};

/// What differs between the desired and the live state of one cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// The id that the brokers answered.
    pub cluster_id: String,
    /// SHA-256 of the desired state that the plan was made from.
    pub desired_digest: String,
    /// Whether everything that was declared could be seen.
    pub complete: bool,
    /// What differs, in the order in which it is applied.
    pub changes: Vec<Change>,
    /// What could not be seen and is therefore not planned.
    pub incomplete: Vec<Incomplete>,
    /// What is there and not ours; never touched.
    pub unmanaged: Vec<Unmanaged>,
    /// What the live state breaks, and what the plan cannot do.
    pub findings: Vec<PlanFinding>,
    /// The counts.
    pub summary: Summary,
    /// What the changes move between brokers, where they do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reassignment: Option<Reassignment>,
    /// Of an inverse plan, what it cannot take back.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_undone: Vec<NotUndone>,
    /// What the plan was cut down to, where it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub selected: Option<Selected>,
}

/// A declared resource that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incomplete {
    /// The resource; a kind as a whole is `KIND/*`.
    pub address: Address,
    /// Why.
    pub failure: Failure,
    /// Where it is declared.
    pub place: Option<Place>,
}

impl Incomplete {
    /// What the names begin with that it stands for, where it is a whole kind or everything of a service.
    pub fn group(&self) -> Option<&str> {
        self.address.name.strip_suffix('*').filter(|group| group.is_empty() || group.ends_with('/'))
    }

    /// Whether it says of this resource that it could not be seen.
    pub fn hides(&self, address: &Address) -> bool {
        let is_in = |group| self.address.kind == address.kind && address.name.starts_with(group);
        self.address == *address || self.group().is_some_and(is_in)
    }
}

/// A live resource that is not ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unmanaged {
    /// topic, acl, quota, scram-user, broker-config, client-config or subject.
    pub kind: String,
    /// Its name, or the ACL in words.
    pub name: String,
    /// Why it is not ours.
    pub reason: String,
}

/// A finding with its place resolved, so that the document stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFinding {
    /// The rule.
    pub code: String,
    /// How bad.
    pub level: Level,
    /// What.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// Where.
    pub place: Option<Place>,
    /// The waiver that would silence it, but for its reason; none where it cannot be waived.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiver: Option<Waiver>,
}

impl PlanFinding {
    /// Resolves the place of a finding.
    pub fn new(finding: &Diagnostic, sources: &Sources) -> Self {
        Self {
            code: finding.code.to_owned(),
            level: finding.level,
            message: finding.message.clone(),
            help: finding.help.clone(),
            resource: finding.resource.clone(),
            place: finding.span().map(|span| sources.place(span)),
            waiver: Waiver::of(finding),
        }
    }
}

/// The counts of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Resources to create.
    pub create: usize,
    /// Resources to update.
    pub update: usize,
    /// Resources to delete.
    pub delete: usize,
    /// Changes that nobody notices.
    pub safe: usize,
    /// Changes that clients may notice.
    pub disruptive: usize,
    /// Changes that lose something for good.
    pub destructive: usize,
    /// The most records that all changes together lose, of those whose loss was measured.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub records: Option<u64>,
    /// About how many bytes all replicas together lose, of the same changes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<u64>,
}

impl Summary {
    /// Counts changes.
    pub fn of(changes: &[Change]) -> Self {
        let mut summary = Self::default();
        for change in changes {
            *match change.action {
                Action::Create => &mut summary.create,
                Action::Update => &mut summary.update,
                Action::Delete => &mut summary.delete,
            } += 1;
            *match change.risk {
                Risk::Safe => &mut summary.safe,
                Risk::Disruptive => &mut summary.disruptive,
                Risk::Destructive => &mut summary.destructive,
            } += 1;
        }
        let losses = changes.iter().filter(|change| change.risk == Risk::Destructive);
        let mut losses = losses.filter_map(|change| change.measured.as_ref()).peekable();
        if losses.peek().is_some() {
            let sum = |known: Option<u64>, more: Option<u64>| Some(known?.saturating_add(more?));
            (summary.records, summary.bytes) = losses.fold((Some(0), Some(0)), |(records, bytes), measured| {
                (sum(records, measured.records), sum(bytes, measured.bytes_of_all_replicas))
            });
        }
        summary
    }
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The plan as it may be read by everybody: what looks like a secret is hidden in it.
    pub fn for_readers(&self) -> Cow<'_, Self> {
        if !self.changes.iter().flat_map(|change| &change.fields).any(FieldChange::is_hidden) {
            return Cow::Borrowed(self);
        }
        let mut plan = self.clone();
        plan.changes.iter_mut().flat_map(|change| &mut change.fields).for_each(FieldChange::hide);
        Cow::Owned(plan)
    }

    /// Counts anew after changes, or what could not be seen, were left out.
    pub fn recount(&mut self) {
        self.complete = self.incomplete.is_empty();
        self.summary = Summary::of(&self.changes);
    }

    /// What could not be seen, those of one reason together.
    pub fn unseen(&self) -> Vec<(&Failure, Vec<&Incomplete>)> {
        let mut reasons: Vec<(&Failure, Vec<_>)> = Vec::new();
        let mut index: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        for unseen in &self.incomplete {
            let failure = &unseen.failure;
            let at = *index.entry((&failure.tried, &failure.server, &failure.answer)).or_insert_with(|| {
                reasons.push((failure, Vec::new()));
                reasons.len() - 1
            });
            reasons[at].1.push(unseen);
        }
        reasons
    }

    /// The brokers that each partition that is moved goes to.
    pub fn placements(&self) -> BTreeMap<TopicName, BTreeMap<u32, Vec<i32>>> {
        let steps = self.changes.iter().flat_map(|change| &change.steps);
        let places = steps.filter_map(|step| match step {
            Step::Reassign { topic, moves } => {
                Some((topic.clone(), moves.iter().map(|one| (one.partition, one.after.clone())).collect()))
            }
            _ => None,
        });
        places.collect()
    }

    /// Whether a server has said that it would not accept one of its changes.
    pub fn is_refused(&self) -> bool {
        self.changes.iter().any(|change| change.verification.state == VerificationState::Refused)
    }

    /// The greatest risk of its changes.
    pub fn risk(&self) -> Risk {
        self.changes.iter().map(|change| change.risk).max().unwrap_or(Risk::Safe)
    }
}
