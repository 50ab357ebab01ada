use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::{SNAPSHOT, Seen, acl};
use crate::diag::{Diagnostic, Level};
use crate::model::{GroupId, PatternType};
use crate::policy::Content;
use crate::policy::{Check, Example, Rule};
use crate::ports::journal::OWN_PREFIX;
use crate::ports::kafka::{Acl, AclPermission, AclResourceType, ClusterFacts};
use crate::resources::acl::{in_scope, services_by_group, written_name};
use crate::resources::{Desired, Live};

/// How many of the grants of one principal are told.
const SHOWN: usize = 3;

/// A live state with the ACL of an old group and these groups.
macro_rules! with_groups {
    ($groups:literal) => {
        acl!(
            r#""resource": "group", "name": "reports-2019", "pattern": "literal",
        "principal": "User:reporting", "host": "*", "operation": "read", "permission": "allow""#,
            concat!(
                r#",
  "facts": {
    "quorum": { "known": { "leader": 0, "voters": [
      { "id": 0, "lag": 0, "silent_ms": 0, "behind_ms": 0 },
      { "id": 1, "lag": 0, "silent_ms": 400, "behind_ms": 400 },
      { "id": 2, "lag": 2, "silent_ms": 450, "behind_ms": 950 }
    ], "observers": [] } },
    "finalized": {},
    "brokers": {},
    "groups": { "known": "#,
                $groups,
                " }\n  }"
            )
        )
    };
}

/// BUS816.
pub static LIVE: Rule = Rule {
    code: "BUS816",
    name: "unused-grant",
    summary: "ACLs outside the manifests are for something that is there",
    explanation: "An ACL outlives what it was for: the group whose consumer was switched off years ago, a topic that is deleted. \
Nobody misses it, and whoever gets hold of the old identity, or makes something by the old name, has access that nobody \
remembers. The rule looks at ACLs in the managed scope that no manifest asks for: one for a group that has neither members nor \
committed offsets and that no manifest names, for a topic that is neither there nor declared, or for a prefix that no topic or \
group starts with. What a manifest asks for may be there before it is used.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Content::Live(with_groups!("[\"normalizer\"]")))]),
    good: Example(&[(SNAPSHOT, Content::Live(with_groups!("[\"normalizer\", \"reports-2019\"]")))]),
    check: Check::Live,
};

pub(super) fn compare(seen: &Seen<'_>, desired: &Desired<'_>, live: &Live, facts: &ClusterFacts) -> Vec<Diagnostic> {
    let is_ours = |acl: &&Acl| {
        acl.permission == AclPermission::Allow
            && !desired.grants.owners.contains_key(&acl.principal)
            && !acl.name.starts_with(OWN_PREFIX)
            && in_scope(seen.cluster, acl)
    };
    let mut unused: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let there = There::of(desired, live, facts);
    for acl in live.acls.known().into_iter().flatten().filter(is_ours) {
        if there.has(acl) == Some(false) {
            let what = format!("{} {}", acl.resource, written_name(acl));
            unused.entry(acl.principal.as_str()).or_default().insert(what);
        }
    }
    let finding = |(principal, what): (&str, BTreeSet<String>)| {
        let shown = what.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match what.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("on `{}` {principal} has ACLs for what is not there: {shown}{more}", seen.name());
        let help = "take them away by hand where nobody needs them (`busctl access PRINCIPAL` lists them), or ask for them in a \
                    manifest";
        seen.finding(&LIVE, message).at(seen.authorizer(), "").help(help)
    };
    unused.into_iter().map(finding).collect()
}

/// What there is, or may come by a manifest.
struct There<'a> {
    topics: BTreeSet<&'a str>,
    /// `None` where groups were not listed, or not all of them.
    groups: Option<BTreeSet<&'a str>>,
    declared_groups: BTreeMap<String, BTreeSet<&'a str>>,
}

impl<'a> There<'a> {
    fn of(desired: &'a Desired<'_>, live: &'a Live, facts: &'a ClusterFacts) -> Self {
        let hidden = live.topics.hidden.keys();
        let topics = live.topics.topics.keys().chain(hidden).chain(desired.topics.keys()).map(|name| name.as_str());
        let groups = facts.groups.as_ref().and_then(|groups| groups.known());
        let names = |groups: &'a BTreeSet<GroupId>| groups.iter().map(GroupId::as_str).collect();
        Self {
            topics: topics.collect(),
            groups: groups.map(names),
            declared_groups: services_by_group(desired, |grants| !grants.is_leaving()),
        }
    }

    /// Whether there is what an ACL is for; `None` where that is not known.
    fn has(&self, acl: &Acl) -> Option<bool> {
        let name = &*acl.name;
        let is_prefix = acl.pattern == PatternType::Prefixed;
        match acl.resource {
            _ if !is_prefix && name == "*" => None,
            AclResourceType::Topic => Some(has(&self.topics, name, is_prefix)),
            AclResourceType::Group => {
                let groups = self.groups.as_ref()?;
                let mut declared = self.declared_groups.range::<str, _>((Bound::Included(name), Bound::Unbounded));
                let is_declared = declared.next().is_some_and(|(first, _)| match is_prefix {
                    true => first.starts_with(name),
                    false => first == name,
                });
                Some(has(groups, name, is_prefix) || is_declared)
            }
            _ => None,
        }
    }
}

fn has(names: &BTreeSet<&str>, name: &str, is_prefix: bool) -> bool {
    match is_prefix {
        false => names.contains(name),
        true => names.range(name..).next().is_some_and(|first| first.starts_with(name)),
    }
}
