use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::ports::kafka::AclOperation;
use crate::resources::acl::samples::{PRINCIPALS, TOPICS, acl, acls, principal};
use crate::resources::topic::LiveTopic;

/// One that no ACL names, and one that some do.
const HOSTS: [&str; 2] = [ANY_HOST, "10.0.0.1"];

fn live() -> LiveTopics {
    let topic = LiveTopic {
        internal: false,
        id: None,
        partitions: Vec::new(),
        configs: crate::ports::Observed::Known(Default::default()),
    };
    let topics = TOPICS.map(|name| (name.parse().expect("topic"), topic.clone()));
    LiveTopics { topics: topics.into(), ..Default::default() }
}

/// What each principal loses and gains of each live topic, by what the changes of a plan say.
fn told(
    effect: &Effect<'_>,
    added: &[&Acl],
    removed: &[&Acl],
) -> BTreeMap<(String, String, String), [BTreeSet<AclOperation>; 2]> {
    let mut told: BTreeMap<_, [BTreeSet<AclOperation>; 2]> = BTreeMap::new();
    for who in PRINCIPALS.map(principal) {
        let of = |acls: &[&Acl]| -> Vec<Acl> {
            acls.iter().filter(|acl| acl.principal == who).map(|acl| (*acl).clone()).collect()
        };
        let (added, removed) = (of(added), of(removed));
        let names: BTreeSet<(&str, PatternType)> =
            added.iter().chain(&removed).map(|acl| (&*acl.name, acl.pattern)).collect();
        for pattern in names {
            let of_pattern = |acl: &&Acl| (&*acl.name, acl.pattern) == pattern;
            let added: Vec<&Acl> = added.iter().filter(of_pattern).collect();
            let removed: Vec<&Acl> = removed.iter().filter(of_pattern).collect();
            let mut of_change: BTreeMap<(String, String), BTreeMap<String, AccessChange>> = BTreeMap::new();
            for access in effect.of_change(&added, &removed) {
                let own = (access.pattern == PatternType::Literal && access.name != "*").then_some(&access.name);
                for topic in own.into_iter().chain(&access.examples) {
                    let entry = of_change.entry((access.principal.to_string(), topic.clone())).or_default();
                    entry.insert(access.host.clone().unwrap_or_default(), access.clone());
                }
            }
            for ((who, topic), by_host) in of_change {
                for host in HOSTS {
                    // A host without an entry of its own is like every other.
                    let Some(access) = by_host.get(host).or_else(|| by_host.get("")) else { continue };
                    let entry = told.entry((who.clone(), host.to_owned(), topic.clone())).or_default();
                    entry[0].extend(&access.lost);
                    entry[1].extend(&access.gained);
                }
            }
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Everybody's access to every topic, asked one by one before and after, against what the changes say together.
    #[test]
    fn the_changes_of_a_plan_tell_every_loss_and_gain(before in acls(), after in acls(), open in any::<bool>()) {
        let settings = AuthorizerSettings { allow_everyone_if_no_acl_found: open, ..Default::default() };
        let (topics, owners) = (live(), BTreeMap::new());
        let effect = Effect::new(&before, &after, &settings, &topics, &owners);
        let added: Vec<&Acl> = after.iter().filter(|acl| !before.contains(acl)).collect();
        let removed: Vec<&Acl> = before.iter().filter(|acl| !after.contains(acl)).collect();
        let told = told(&effect, &added, &removed);
        for topic in TOPICS {
            let target = Target::Name(topic);
            let sides = [&effect.before, &effect.after];
            for who in PRINCIPALS.map(principal) {
                // Whom no ACL there names is everybody.
                let named = sides.iter().any(|side| {
                    side.index().matching(AclResourceType::Topic, target).flatten().any(|acl| acl.principal == who)
                });
                let entry = if named { who.to_string() } else { "User:*".to_owned() };
                for host in HOSTS {
                    let [was, is] =
                        sides.map(|side| side.operations(&who, host, AclResourceType::Topic, target));
                    let expected = [was.without(is), is.without(was)].map(|set| set.iter().collect::<BTreeSet<_>>());
                    let found = told.get(&(entry.clone(), host.to_owned(), topic.to_owned()));
                    let found = found.cloned().unwrap_or_default();
                    prop_assert_eq!(&found, &expected, "{} of {} from {:?}", who, topic, host);
                }
            }
        }
    }

    /// An ACL that gives way to others which together say the same changes nobody's access.
    #[test]
    fn an_equivalent_set_of_acls_changes_nothing(others in acls(), replaced in acl(), open in any::<bool>()) {
        let settings = AuthorizerSettings { allow_everyone_if_no_acl_found: open, ..Default::default() };
        let replaced = Acl { operation: AclOperation::All, ..replaced };
        let single = |operation| Acl { operation, ..replaced.clone() };
        let set: Vec<Acl> = Operations::of(AclResourceType::Topic).iter().map(single).collect();
        let others: Vec<&Acl> = others.iter().filter(|acl| **acl != replaced && !set.contains(acl)).collect();
        let (topics, owners) = (live(), BTreeMap::new());
        let before = others.iter().copied().chain([&replaced]);
        let after = others.iter().copied().chain(&set);
        let effect = Effect::new(before, after, &settings, &topics, &owners);
        let added: Vec<&Acl> = set.iter().collect();
        prop_assert_eq!(effect.of_change(&added, &[&replaced]), []);
    }

    /// Without an opening for everybody, more allows take nothing and fewer give nothing.
    #[test]
    fn allows_only_give_and_their_removal_only_takes(others in acls(), more in acl(), removes in select(vec![false, true])) {
        let settings = AuthorizerSettings::default();
        let more = Acl { permission: AclPermission::Allow, ..more };
        let others: Vec<&Acl> = others.iter().filter(|acl| **acl != more).collect();
        let (topics, owners) = (live(), BTreeMap::new());
        let (less, all) = (others.iter().copied(), others.iter().copied().chain([&more]));
        let changes = match removes {
            true => Effect::new(all, less, &settings, &topics, &owners).of_change(&[], &[&more]),
            false => Effect::new(less, all, &settings, &topics, &owners).of_change(&[&more], &[]),
        };
        for access in changes {
            prop_assert!(if removes { access.gained.is_empty() } else { access.lost.is_empty() }, "{access:?}");
        }
    }
}
