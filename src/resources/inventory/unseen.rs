use super::{Asked, Seen};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::impact::{GroupFacts, HIDDEN_GROUPS};

impl Seen<'_> {
    /// What of a list could not be read, in sentences.
    pub fn not_seen(&self, asked: &Asked) -> Vec<String> {
        if self.is_offline {
            return Vec::new();
        }
        let mut sentences: Vec<String> = Vec::new();
        let mut add = |why: String| {
            if !sentences.contains(&why) {
                sentences.push(why);
            }
        };
        self.failures(asked).into_iter().for_each(|failure| add(failure.to_string()));
        if *asked == Asked::Subjects {
            return sentences;
        }
        match self.facts {
            Some(facts) => {
                if !self.may_describe_cluster() {
                    add(HIDDEN_GROUPS.to_owned());
                }
                facts.groups_missing.iter().cloned().for_each(&mut add);
                let is_shown = |name: &str| !matches!(asked, Asked::Topics(pattern) if !pattern.matches(name));
                let shown = facts.topics.iter().filter(|(name, _)| is_shown(name.as_str()));
                shown.flat_map(|(_, topic)| &topic.missing).cloned().for_each(add);
            }
            None => add("offsets, sizes and groups: the snapshot was taken without --impact".to_owned()),
        }
        sentences
    }

    /// Whether brokers told every group. Where they did not, what is not seen may be there.
    pub(super) fn sees_every_group(&self) -> bool {
        self.facts.is_some_and(|facts| facts.groups_missing.is_empty()) && self.may_describe_cluster()
    }

    /// Brokers tell every group to whoever may describe the cluster, which is what ACLs ask for too; to others only those
    /// that they may see. Without an authorizer everybody sees everything.
    pub(super) fn may_describe_cluster(&self) -> bool {
        self.live.acls.hidden().is_none_or(|failure| failure.kind == FailureKind::Unsupported)
    }

    /// Why something is not known that the list shows.
    fn failures(&self, asked: &Asked) -> Vec<&Failure> {
        let acls = self.live.acls.hidden();
        let mut failures: Vec<&Failure> = match asked {
            Asked::Topics(pattern) => {
                let topics = &self.live.topics;
                let of_topics = topics.hidden.iter().filter(|(name, _)| pattern.matches(name.as_str()));
                let listed = topics.topics.iter().filter(|(name, _)| pattern.matches(name.as_str()));
                let of_configs = listed.filter_map(|(_, topic)| topic.configs.hidden());
                // Who may use it is told of one topic alone.
                let acls = acls.filter(|_| !pattern.is_prefix());
                of_topics.map(|(_, failure)| failure).chain(of_configs).chain(acls).collect()
            }
            Asked::Groups(_) => Vec::new(),
            Asked::Services => acls.into_iter().collect(),
            Asked::Subjects => {
                let registry = self.live.registry.as_ref();
                let subjects = registry.and_then(Observed::known).into_iter().flat_map(|it| it.subjects.values());
                let of_subjects = subjects.filter_map(|it| it.latest.hidden().or_else(|| it.compatibility.hidden()));
                registry.and_then(Observed::hidden).into_iter().chain(of_subjects).collect()
            }
        };
        // What a server does not have hides nothing.
        failures.retain(|failure| failure.kind != FailureKind::Unsupported);
        failures
    }
}

/// The members of a group; `None` where they are not known. Those of share and Streams groups are not asked for.
pub(super) fn members(group: &GroupFacts) -> Option<u64> {
    let is_without = matches!(group.state.as_deref(), Some("Empty" | "Dead"));
    let is_known = !group.members.is_empty() || group.missing.is_empty() || is_without;
    is_known.then_some(group.members.len() as u64)
}
