//! Numbers in sentences that say how sure they are.

use std::collections::BTreeSet;

use super::access::Others;
use super::facts::{Facts, TopicFacts};
use crate::model::{Bytes, Duration, Timestamp, about_bytes, counted, thousands};
use crate::plan::{AttributedBy, Attribution, Measured, MeasuredGroup};
use crate::resources::topic::Loss;

/// Groups that are named, and members of each; the JSON document has them all.
const MOST_GROUPS: usize = 5;
const MOST_MEMBERS: usize = 3;

/// What a loss costs.
pub(super) fn loss(loss: Loss, measured: &Measured) -> String {
    let what = match loss {
        Loss::Everything => "it holds",
        Loss::Compacted => "there are",
        Loss::Beyond { .. } => "beyond the new bound lie",
    };
    match (measured.records, loss) {
        (None, _) => format!("how many records are lost could not be measured: {}", measured.not_measured.join("; ")),
        (Some(0), Loss::Beyond { .. }) => format!(
            "no record that is there now lies beyond {}; readers that are further behind than that lose records from now \
             on",
            bounds(loss)
        ),
        (Some(0), Loss::Everything) => "it holds no records".into(),
        (Some(0), Loss::Compacted) => "there are no records to compact yet".into(),
        (Some(records), _) => {
            let segments = match loss {
                Loss::Beyond { .. } => "; whole segments are deleted, so that some go later",
                _ => "",
            };
            format!(
                "{what} up to {} (spans of offsets: gaps, transactions and compacted records count too), {}{segments}",
                counted(records, "record"),
                bytes(measured)
            )
        }
    }
}

fn bytes(measured: &Measured) -> String {
    match (measured.bytes, measured.bytes_of_all_replicas) {
        (Some(one), Some(all)) => format!(
            "about {} in one replica of each partition and {} in all (on disk: compressed, without tiered data)",
            about_bytes(one),
            about_bytes(all)
        ),
        (Some(one), None) => {
            format!(
                "about {} in one replica of each partition (on disk: compressed, without tiered data)",
                about_bytes(one)
            )
        }
        _ => "whose size could not be read".into(),
    }
}

fn bounds(loss: Loss) -> String {
    let Loss::Beyond { retention_ms, retention_bytes } = loss else { return String::new() };
    let bounds = [
        retention_ms.map(|age| Duration(age).to_string()),
        retention_bytes.map(|size| format!("{} a partition", Bytes(size))),
    ];
    bounds.into_iter().flatten().collect::<Vec<_>>().join(" or ")
}

/// When a topic that is to be deleted was last written, and who reads it.
pub(super) fn readers(measured: &Measured, topic: &TopicFacts, facts: &Facts) -> Vec<String> {
    let mut sentences = Vec::new();
    match measured.last_write {
        Some(moment) => sentences.push(format!("its latest record is of {moment}, by the records' own timestamps")),
        None if topic.partitions.iter().all(|partition| partition.latest == Some(0)) => {
            sentences.push("nothing was ever written to it".into());
        }
        None => {}
    }
    let groups = &measured.groups;
    sentences.extend(groups.iter().take(MOST_GROUPS).map(group));
    match groups.len().saturating_sub(MOST_GROUPS) {
        0 if groups.is_empty() => {
            sentences.push("no group that could be seen has offsets there or reads it now".into())
        }
        0 => {}
        more => sentences.push(format!("{} more have offsets there or read it now", counted(more as u64, "group"))),
    }
    if groups.iter().any(|group| !group.members.is_empty()) {
        sentences.push("Kafka does not reveal which principal is behind a member of a group".into());
    }
    if !facts.groups_missing.is_empty() {
        sentences.push(format!("there may be more groups: {}", facts.groups_missing.join("; ")));
    }
    sentences
}

/// Which groups have not read what a cut takes away.
pub(super) fn left_behind(measured: &Measured, facts: &Facts) -> Vec<String> {
    let groups = &measured.groups;
    let mut sentences: Vec<String> = groups.iter().take(MOST_GROUPS).map(behind).collect();
    match groups.len().saturating_sub(MOST_GROUPS) {
        0 if groups.is_empty() && facts.groups_missing.is_empty() => {
            sentences.push("every group with offsets there has read them".into());
        }
        0 => {}
        more => sentences.push(format!("{} more may not have read them", counted(more as u64, "group"))),
    }
    if !facts.groups_missing.is_empty() {
        sentences.push(format!("other groups may not have read them: {}", facts.groups_missing.join("; ")));
    }
    sentences
}

fn behind(group: &MeasuredGroup) -> String {
    let lost = match group.loses {
        Some(unread) => format!("has not read up to {} of them", thousands(unread)),
        None => "has committed no offset that tells whether it has read them".into(),
    };
    format!("{} {lost}", of_group(group))
}

/// Which groups lose access.
pub(super) fn losers(measured: &Measured, others: &Others) -> Vec<String> {
    let (active, idle): (Vec<_>, Vec<_>) = measured.groups.iter().partition(|group| group.is_active());
    let mut sentences: Vec<String> = active.iter().take(MOST_GROUPS).map(|group| loser(group)).collect();
    match active.len().saturating_sub(MOST_GROUPS) {
        0 if active.is_empty() && measured.not_measured.is_empty() => {
            sentences.push("no group that loses it is active now".into())
        }
        0 if active.is_empty() => sentences.push("no group that could be seen to lose it is active now".into()),
        0 => {}
        more => sentences.push(format!("{} more lose it while they are active", counted(more as u64, "group"))),
    }
    if !active.is_empty() {
        sentences.push(
            "whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which \
             principal is behind one"
                .into(),
        );
    }
    if !idle.is_empty() {
        let names = named(idle.iter().map(|group| format!("`{}`", group.name)));
        sentences.push(format!("without members now, but with offsets to go on from: {names}"));
    }
    if !others.is_empty() {
        let names = named(others.iter().map(|(group, services)| format!("`{group}` ({})", services.join(", "))));
        sentences.push(format!("active too, but by the manifests those of others: {names}"));
    }
    if !measured.not_measured.is_empty() {
        sentences.push(format!("not everything could be seen: {}", measured.not_measured.join("; ")));
    }
    sentences
}

fn loser(group: &MeasuredGroup) -> String {
    let left = match group.lag {
        Some(0) => ", having read everything".to_owned(),
        Some(lag) => format!(", with up to {} left to read", counted(lag, "record")),
        None => String::new(),
    };
    let who = |attribution: &Attribution| match &attribution.service {
        Some(service) => service.clone(),
        None if attribution.principal.is_everybody() => "everybody whom no ACL names".into(),
        None => attribution.principal.to_string(),
    };
    let by = |by: AttributedBy| -> BTreeSet<String> {
        group.attributed_to.iter().filter(|attribution| attribution.by == by).map(who).collect()
    };
    let (manifests, acls) = (by(AttributedBy::Manifest), by(AttributedBy::Acl));
    let mut because = Vec::new();
    if !manifests.is_empty() {
        because.push(format!("the manifest of {} names it", named(manifests.into_iter())));
    }
    if !acls.is_empty() {
        because.push(format!("{} may be a member of it", named(acls.into_iter())));
    }
    format!("{} loses it while it is active{left}; {}", of_group(group), because.join(", "))
}

/// The first of them, and how many more there are.
fn named(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(MOST_GROUPS);
    let told = names[..names.len() - more].join(", ");
    if more > 0 { format!("{told} and {more} more") } else { told }
}

fn group(group: &MeasuredGroup) -> String {
    let read = match group.lag {
        Some(0) => "has read it to the end".to_owned(),
        Some(lag) => format!("has up to {} left to read", counted(lag, "record")),
        None => "has committed no offset that could be read".into(),
    };
    format!("{} {read}", of_group(group))
}

/// A group with its state and its members.
fn of_group(group: &MeasuredGroup) -> String {
    let members = match group.members.len() {
        0 if group.is_active() => "members that could not be seen".to_owned(),
        0 => "no members".to_owned(),
        count => {
            let named: Vec<String> = group
                .members
                .iter()
                .take(MOST_MEMBERS)
                .map(|member| format!("{} from {}", member.client_id, member.host))
                .collect();
            let more = if count > MOST_MEMBERS { " …" } else { "" };
            format!("{}: {}{more}", counted(count as u64, "member"), named.join(", "))
        }
    };
    match &group.state {
        Some(state) => format!("the group `{}` ({state}, {members})", group.name),
        None => format!("the group `{}` ({members})", group.name),
    }
}

/// How old measured facts are, where that matters.
pub(super) fn age(taken_at: Timestamp, now: Timestamp) -> Option<String> {
    const MINUTE: i64 = 60_000;
    let minutes = now.since(taken_at) / MINUTE;
    let ago = match (minutes / 60, minutes / (24 * 60)) {
        (_, days) if days > 1 => format!("{} days ago", thousands(days.unsigned_abs())),
        (hours, _) if hours > 1 => format!("{hours} hours ago"),
        _ => format!("{minutes} min ago"),
    };
    (minutes > 0).then(|| format!("measured at {taken_at}, {ago}; what was written since then is not counted"))
}
