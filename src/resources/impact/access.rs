//! Which groups lose access by a plan, and whether somebody works in them now.

use std::collections::{BTreeMap, BTreeSet};

use super::assess::lag;
use super::facts::{Facts, GroupFacts};
use super::words;
use crate::model::{GroupId, Timestamp, TopicName};
use crate::plan::{AccessChange, Attribution, Change, Measured, MeasuredGroup, MeasuredMember, Plan, Step};
use crate::ports::journal::LOCK_GROUP;
use crate::ports::kafka::{Acl, AclResourceType};
use crate::resources::acl::access::AuthorizerSettings;
use crate::resources::acl::{Claim, Claims};
use crate::resources::{Desired, Live};

/// Active groups that lose access by a change where manifests name them as somebody else's, with those who do.
pub(super) type Others = BTreeMap<GroupId, Vec<String>>;

/// Puts into each change that takes reading away which groups it concerns.
///
/// The risk is left as it is: lost access is disruptive, whoever works with it now, for it can be given back.
pub(super) fn assess_access(
    plan: &mut Plan,
    desired: &Desired<'_>,
    live: &Live,
    facts: Option<&Facts>,
    now: Timestamp,
) {
    let takes = |change: &Change| change.access.iter().any(AccessChange::takes_reading);
    let (true, Some(acls)) = (plan.changes.iter().any(takes), live.acls.known()) else { return };
    let Some(facts) = facts else {
        for change in plan.changes.iter_mut().filter(|change| takes(change)) {
            let unknown = "which active groups that stops was not measured (`busctl snapshot --impact` does)";
            change.impact.push(unknown.into());
        }
        return;
    };
    let settings = AuthorizerSettings::of(desired.cluster);
    let (added, removed) = acl_steps(plan);
    let after = acls.iter().filter(|acl| !removed.contains(acl)).chain(added.iter().copied());
    let claims = Claims::new(desired, acls, after, &settings);
    let measured = plan.changes.iter().map(|change| takes(change).then(|| measure(change, &claims, facts)));
    let measured: Vec<Option<(Measured, Others)>> = measured.collect();
    for (change, measured) in plan.changes.iter_mut().zip(measured) {
        let Some((measured, others)) = measured else { continue };
        change.impact.extend(words::losers(&measured, &others));
        change.impact.extend(words::age(facts.taken_at, now));
        change.measured = Some(measured);
    }
}

/// The ACLs that a plan adds, and those that it removes.
fn acl_steps(plan: &Plan) -> (BTreeSet<&Acl>, BTreeSet<&Acl>) {
    let (mut added, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for step in plan.changes.iter().flat_map(|change| &change.steps) {
        match step {
            Step::CreateAcls(acls) => added.extend(acls),
            Step::DeleteAcls(acls) => removed.extend(acls),
            _ => {}
        }
    }
    (added, removed)
}

fn measure(change: &Change, claims: &Claims<'_>, facts: &Facts) -> (Measured, Others) {
    let mut not_measured = facts.groups_missing.clone();
    let (mut groups, mut others) = (Vec::new(), Others::new());
    // The tool's own members come and go with each apply; whether it is locked out is looked at elsewhere.
    for (id, group) in facts.groups.iter().filter(|(id, _)| id.as_str() != LOCK_GROUP) {
        let hit = Hit::of(change, id, group, claims);
        if hit.attributed_to.is_empty() && hit.named_by.is_empty() {
            continue;
        }
        let measured = MeasuredGroup {
            name: id.clone(),
            state: group.state.clone(),
            members: members(group, &hit.members),
            lag: lag_of(group, &hit, facts),
            loses: None,
            attributed_to: hit.attributed_to.iter().cloned().collect(),
        };
        // Who is neither there nor has been there does not notice.
        if !measured.is_active() && group.committed.is_empty() && group.state.is_some() {
            continue;
        }
        if hit.attributed_to.is_empty() {
            if measured.is_active() {
                others.insert(id.clone(), hit.named_by.iter().cloned().collect());
            }
            continue;
        }
        not_measured.extend(group.missing.iter().map(|reason| format!("of the group {id}: {reason}")));
        groups.push(measured);
    }
    // Those that somebody works in now come first.
    groups.sort_by_key(|group| (!group.is_active(), std::cmp::Reverse(group.members.len())));
    let taken_at = facts.taken_at;
    let (records, bytes, bytes_of_all_replicas, last_write) = (None, None, None, None);
    (Measured { taken_at, records, bytes, bytes_of_all_replicas, last_write, groups, not_measured }, others)
}

fn members(group: &GroupFacts, hit: &BTreeSet<usize>) -> Vec<MeasuredMember> {
    let members = hit.iter().filter_map(|place| group.members.get(*place));
    let member =
        |member: &super::MemberFacts| MeasuredMember { client_id: member.client_id.clone(), host: member.host.clone() };
    let mut members: Vec<MeasuredMember> = members.map(member).collect();
    members.sort_unstable();
    members
}

/// What the group has not read yet of what it can no longer read.
fn lag_of(group: &GroupFacts, hit: &Hit<'_>, facts: &Facts) -> Option<u64> {
    let mut committed =
        group.committed.iter().filter(|(name, _)| hit.everything || hit.topics.contains(name)).peekable();
    committed.peek()?;
    committed.try_fold(0_u64, |sum, (name, offsets)| Some(sum.saturating_add(lag(offsets, facts.topics.get(name)?)?)))
}

/// What a change takes from a group.
#[derive(Default)]
struct Hit<'f> {
    /// The places of the members who lose.
    members: BTreeSet<usize>,
    /// Topics that it can no longer read.
    topics: BTreeSet<&'f TopicName>,
    /// Whether nobody may be a member any more.
    everything: bool,
    attributed_to: BTreeSet<Attribution>,
    /// Whose manifests name it, where they and not those who lose are taken for its owners.
    named_by: BTreeSet<String>,
}

/// A member of a group, by its place, and the host that it connects from.
type Seat<'f> = (Option<usize>, Option<&'f str>);

impl<'f> Hit<'f> {
    fn of(change: &'f Change, id: &GroupId, group: &'f GroupFacts, claims: &Claims<'_>) -> Self {
        let mut hit = Self::default();
        for access in change.access.iter().filter(|access| access.takes_reading()) {
            for claim in claims.on(access, id.as_str()) {
                for seat in seats(access, group) {
                    hit.add(access, &claim, seat, (id, group), claims);
                }
            }
        }
        hit
    }

    fn add(
        &mut self,
        access: &AccessChange,
        claim: &Claim,
        (place, host): Seat<'_>,
        (id, group): (&GroupId, &'f GroupFacts),
        claims: &Claims<'_>,
    ) {
        let principal = &claim.attribution.principal;
        // Who may not be a member of the group is not behind one of its members.
        let Some(by_name) = claims.joins(principal, host, id.as_str()) else { return };
        let names = access.names();
        let loses = |name: &str| names.matches(name) && claims.loses(principal, host, access.resource, name);
        let is_membership = access.resource == AclResourceType::Group;
        let read = group.topics().filter(|topic| place.is_none_or(|place| group.reads(place, topic)));
        let lost: Vec<&TopicName> = read.filter(|topic| !is_membership && loses(topic.as_str())).collect();
        if lost.is_empty() && !(is_membership && loses(id.as_str())) {
            return;
        }
        // A right to join every group makes none of them one's own; one to join this group does.
        if !claim.named_by.is_empty() && !by_name {
            self.named_by.extend(claim.named_by.iter().cloned());
            return;
        }
        self.everything |= is_membership;
        self.topics.extend(lost);
        self.members.extend(place);
        self.attributed_to.insert(claim.attribution.clone());
    }
}

/// From where the members are; where there is none that could be seen, from where the entry is about.
fn seats<'f>(access: &'f AccessChange, group: &'f GroupFacts) -> Vec<Seat<'f>> {
    let members = group.members.iter().enumerate();
    let seats: Vec<Seat<'f>> = members.map(|(place, member)| (Some(place), Some(member.host.as_str()))).collect();
    if seats.is_empty() { vec![(None, access.host.as_deref())] } else { seats }
}

#[cfg(test)]
mod tests;
