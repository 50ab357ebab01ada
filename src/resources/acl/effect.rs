//! What a change of ACLs does to access: before and after, for everybody and everything that it touches.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Bound;

use super::access::{Authorizer, AuthorizerSettings, Operations, Target};
use super::desired::Owner;
use crate::model::{PatternType, Principal, TopicName};
use crate::plan::AccessChange;
use crate::ports::kafka::{Acl, AclPermission, AclResourceType};
use crate::resources::topic::LiveTopics;

/// How many of the topics that a prefix stands for are named.
const EXAMPLES: usize = 10;

/// A host that no ACL names: what is allowed from it is allowed from everywhere.
pub const ANY_HOST: &str = "";

/// The authorizer before and after all ACL changes of a plan.
#[derive(Debug)]
pub(super) struct Effect<'a> {
    pub(super) before: Authorizer<'a>,
    pub(super) after: Authorizer<'a>,
    topics: &'a LiveTopics,
    owners: &'a BTreeMap<Principal, Owner>,
    everybody: Principal,
}

/// The ACLs of one change that have one pattern.
struct Touched<'c> {
    resource: AclResourceType,
    target: Target<'c>,
    added: Vec<&'c Acl>,
    removed: Vec<&'c Acl>,
    /// Whose ACLs they are.
    own: BTreeSet<&'c Principal>,
}

impl Touched<'_> {
    fn names_everybody(&self) -> bool {
        self.own.iter().any(|principal| principal.is_everybody())
    }
}

impl<'a> Effect<'a> {
    pub(super) fn new(
        before: impl IntoIterator<Item = &'a Acl>,
        after: impl IntoIterator<Item = &'a Acl>,
        settings: &'a AuthorizerSettings,
        topics: &'a LiveTopics,
        owners: &'a BTreeMap<Principal, Owner>,
    ) -> Self {
        Self {
            before: Authorizer::new(before, settings),
            after: Authorizer::new(after, settings),
            topics,
            owners,
            everybody: Principal::everybody(),
        }
    }

    /// Whose access the ACLs of one change take away or give, and to what. ACLs that others of the plan make up for
    /// change nothing.
    pub(super) fn of_change(&self, added: &[&Acl], removed: &[&Acl]) -> Vec<AccessChange> {
        let mut found = Vec::new();
        for touched in by_pattern(added, removed) {
            match touched.target {
                Target::Name(name) => {
                    let existing = self.existing(touched.resource, name);
                    for principal in self.affected(&touched, touched.target) {
                        self.compare(&touched, touched.target, principal, existing, &[], &mut found);
                    }
                }
                Target::Under(prefix) => self.compare_within(&touched, prefix, &mut found),
            }
        }
        found
    }

    /// Compares what a prefix means: each topic that narrower ACLs make differ, and all the others as one.
    fn compare_within(&self, touched: &Touched<'_>, prefix: &str, found: &mut Vec<AccessChange>) {
        let live = || self.topics_under(touched.resource, prefix);
        let mut apart: BTreeMap<&Principal, HashSet<&str>> = BTreeMap::new();
        let mut found_apart = Vec::new();
        if self.differs_within(touched, prefix) {
            for name in live() {
                for principal in self.affected_apart(touched, prefix, name) {
                    apart.entry(principal).or_default().insert(name);
                    self.compare(touched, Target::Name(name), principal, Some(1), &[], &mut found_apart);
                }
            }
        }
        let count = live().count();
        for principal in self.affected(touched, touched.target) {
            let apart = apart.get(principal);
            let existing = count - apart.map_or(0, HashSet::len);
            let together = live().filter(|name| !apart.is_some_and(|apart| apart.contains(name)));
            let examples: Vec<&str> = together.take(EXAMPLES).collect();
            let existing = (touched.resource == AclResourceType::Topic).then_some(existing);
            self.compare(touched, touched.target, principal, existing, &examples, found);
        }
        // What concerns most comes first.
        found.extend(found_apart);
    }

    /// Whether some name within a prefix may be another case than the prefix itself, for those whom the change touches.
    fn differs_within(&self, touched: &Touched<'_>, prefix: &str) -> bool {
        let everyone = touched.names_everybody() || self.flips(touched.resource, touched.target);
        let speaks = |acl: &Acl| everyone || touched.own.contains(&acl.principal) || acl.principal == self.everybody;
        [&self.before, &self.after].iter().any(|side| side.index().any_within(touched.resource, prefix, speaks))
    }

    /// Those for whom a name is another case than the prefix, because narrower ACLs speak of them there.
    fn affected_apart<'s>(&'s self, touched: &Touched<'s>, prefix: &str, name: &'s str) -> BTreeSet<&'s Principal> {
        let sides = [&self.before, &self.after];
        let narrower = sides.iter().flat_map(|side| side.index().narrower(touched.resource, name, prefix));
        let named: BTreeSet<&Principal> = narrower.flatten().map(|acl| &acl.principal).collect();
        if named.is_empty() {
            return named;
        }
        if self.flips(touched.resource, touched.target) {
            let mut apart = self.affected(touched, Target::Name(name));
            apart.insert(&self.everybody);
            return apart;
        }
        if named.contains(&self.everybody) {
            return self.affected(touched, Target::Name(name));
        }
        if touched.names_everybody() { named } else { named.intersection(&touched.own).copied().collect() }
    }

    /// Those whose access to the target may change. Where the change speaks of everybody, that is whoever is named there
    /// and, as one, all the others.
    fn affected<'s>(&'s self, touched: &Touched<'s>, target: Target<'s>) -> BTreeSet<&'s Principal> {
        let mut affected = touched.own.clone();
        if touched.names_everybody() {
            let sides = [&self.before, &self.after];
            let there = sides.into_iter().flat_map(|side| side.index().matching(touched.resource, target));
            affected.extend(there.flatten().map(|acl| &acl.principal));
        }
        if touched.names_everybody() || self.flips(touched.resource, target) {
            affected.insert(&self.everybody);
        }
        affected.retain(|principal| !self.before.settings().is_super_user(principal));
        affected
    }

    fn compare(
        &self,
        touched: &Touched<'_>,
        target: Target<'_>,
        principal: &Principal,
        existing: Option<usize>,
        examples: &[&str],
        found: &mut Vec<AccessChange>,
    ) {
        // What is not there yet was open to nobody.
        let counts = existing != Some(0);
        let from_everywhere = self.at_host(touched, target, principal, ANY_HOST, counts);
        let mut add = |host: Option<&str>, (lost, gained): (Operations, Operations)| {
            // From a host that keeps what others lose, nothing changes, which is worth an entry too.
            if lost.is_empty() && gained.is_empty() && host.is_none() {
                return;
            }
            let (name, pattern) = name_of(target);
            found.push(AccessChange {
                principal: principal.clone(),
                service: self.owners.get(principal).map(|owner| owner.name.clone()),
                resource: touched.resource,
                name,
                pattern,
                host: host.map(str::to_owned),
                lost: lost.iter().collect(),
                gained: gained.iter().collect(),
                existing,
                examples: examples.iter().map(|&name| name.to_owned()).collect(),
            });
        };
        add(None, from_everywhere);
        for host in self.hosts(touched.resource, target, principal) {
            let from_host = self.at_host(touched, target, principal, host, counts);
            if from_host != from_everywhere {
                add(Some(host), from_host);
            }
        }
    }

    /// What a principal loses and gains from a host by the ACLs that are touched.
    fn at_host(
        &self,
        touched: &Touched<'_>,
        target: Target<'_>,
        principal: &Principal,
        host: &str,
        counts: bool,
    ) -> (Operations, Operations) {
        let before = self.before.operations(principal, host, touched.resource, target);
        let after = self.after.operations(principal, host, touched.resource, target);
        let (lost, gained) = (before.without(after), after.without(before));
        if lost.is_empty() && gained.is_empty() {
            return (lost, gained);
        }
        let every = Operations::of(touched.resource);
        let by = |acls: &[&Acl], permission: AclPermission| {
            let speaking = acls.iter().filter(|acl| {
                acl.permission == permission
                    && (acl.principal == *principal || acl.principal == self.everybody)
                    && (acl.host == "*" || acl.host == host)
            });
            speaking.fold(Operations::NONE, |sum, acl| {
                sum.and(match permission {
                    AclPermission::Allow => Operations::allowed_by(acl.operation),
                    AclPermission::Deny => Operations::denied_by(acl.operation),
                })
            })
        };
        let (open_before, open_after) =
            (self.before.is_open(touched.resource, target), self.after.is_open(touched.resource, target));
        let flip = |flipped: bool, acls: &[&Acl]| match flipped && counts && !acls.is_empty() {
            true => every,
            false => Operations::NONE,
        };
        let takes = by(&touched.removed, AclPermission::Allow)
            .and(by(&touched.added, AclPermission::Deny))
            .and(flip(open_before && !open_after, &touched.added));
        let gives = by(&touched.added, AclPermission::Allow)
            .and(by(&touched.removed, AclPermission::Deny))
            .and(flip(!open_before && open_after, &touched.removed));
        (lost.common(takes), gained.common(gives))
    }

    /// What a principal loses by the plan, from some host at least.
    pub(super) fn lost(&self, principal: &Principal, resource: AclResourceType, target: Target<'_>) -> Operations {
        let hosts = self.hosts(resource, target, principal).into_iter().chain([ANY_HOST]);
        hosts.fold(Operations::NONE, |sum, host| {
            let operations = |side: &Authorizer<'_>| side.operations(principal, host, resource, target);
            sum.and(operations(&self.before).without(operations(&self.after)))
        })
    }

    /// The hosts that ACLs name which speak of a principal there.
    fn hosts(&self, resource: AclResourceType, target: Target<'_>, principal: &Principal) -> BTreeSet<&'a str> {
        let sides = [&self.before, &self.after];
        let there = sides.iter().flat_map(|side| side.naming(principal, resource, target));
        there.map(|acl| &*acl.host).filter(|host| *host != "*").collect()
    }

    /// Whether a target without ACLs gets its first one, or loses its last one, where that decides over everybody.
    pub(super) fn flips(&self, resource: AclResourceType, target: Target<'_>) -> bool {
        self.before.is_open(resource, target) != self.after.is_open(resource, target)
    }

    /// How many resources of this name there are, where that is known.
    fn existing(&self, resource: AclResourceType, name: &str) -> Option<usize> {
        match resource {
            AclResourceType::Topic if self.topics.hidden.contains_key(name) => None,
            AclResourceType::Topic => Some(usize::from(self.topics.topics.contains_key(name))),
            _ => None,
        }
    }

    /// The live topics whose name starts with a prefix; of other resources none is known.
    fn topics_under(&self, resource: AclResourceType, prefix: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let topics = (resource == AclResourceType::Topic).then_some(&self.topics.topics);
        let prefix = prefix.to_owned();
        let from = topics.map(|topics| topics.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded)));
        let names = from.into_iter().flatten().map(|(name, _): (&TopicName, _)| name.as_str());
        names.take_while(move |name| name.starts_with(&prefix))
    }
}

fn by_pattern<'c>(added: &[&'c Acl], removed: &[&'c Acl]) -> Vec<Touched<'c>> {
    let mut all: Vec<Touched<'c>> = Vec::new();
    let sides = added.iter().map(|acl| (acl, true)).chain(removed.iter().map(|acl| (acl, false)));
    for (&acl, is_added) in sides {
        let target = Target::of(acl);
        let known = all.iter().position(|touched| touched.resource == acl.resource && touched.target == target);
        let place = known.unwrap_or_else(|| {
            let (added, removed) = (Vec::new(), Vec::new());
            all.push(Touched { resource: acl.resource, target, added, removed, own: BTreeSet::new() });
            all.len() - 1
        });
        let touched = &mut all[place];
        if is_added {
            touched.added.push(acl)
        } else {
            touched.removed.push(acl)
        }
        touched.own.insert(&acl.principal);
    }
    all
}

fn name_of(target: Target<'_>) -> (String, PatternType) {
    match target {
        Target::Name(name) => (name.to_owned(), PatternType::Literal),
        Target::Under("") => ("*".to_owned(), PatternType::Literal),
        Target::Under(prefix) => (prefix.to_owned(), PatternType::Prefixed),
    }
}

#[cfg(test)]
mod tests;
