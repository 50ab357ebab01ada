//! What `--allow` promises: a plan that passes at `disruptive` loses nothing for good, and one that passes at `safe` is
//! noticed by nobody.
//!
//! The oracle knows nothing of risks. It keeps the records of each topic as Kafka's cleaner would, under the configs before
//! and after, and asks the simulated authorizer, which other tests hold to a real broker, who may do what.

use std::collections::{BTreeMap, BTreeSet};

use busctl::model::{Date, Kind, Principal, Risk, Timestamp, TopicName};
use busctl::plan::{Plan, make_plan};
use busctl::ports::Observed;
use busctl::ports::kafka::AclResourceType;
use busctl::resources::acl::access::{Authorizer, AuthorizerSettings, Operations, Target};
use busctl::resources::impact::{Facts, Needs, PartitionFacts, TopicFacts, assess, needs_of_plan};
use busctl::resources::topic::LiveTopic;
use busctl::resources::{Desired, Live, Workspace};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::model::{SERVICES, TOPICS, carry_out, lives, topic, workspace, workspaces};

const DAY: i64 = 86_400_000;
const NOW: i64 = 1_795_478_399_000;

/// A record: the oldest of a partition come first.
#[derive(Debug, Clone, PartialEq)]
struct Record {
    /// In milliseconds.
    age: i64,
    bytes: i64,
    key: u8,
    /// Its place when it was written, by which it is known.
    id: usize,
}

/// The records of each partition of a topic.
type Partitions = Vec<Vec<Record>>;

fn records() -> impl Strategy<Value = BTreeMap<TopicName, Partitions>> {
    let record = (0_i64..40, 1_i64..900, 0_u8..3);
    let partition = vec(record, 0..6).prop_map(|mut records| {
        records.sort_by_key(|(days, ..)| std::cmp::Reverse(*days));
        let record = |(id, (days, bytes, key))| Record { age: days * DAY + 1, bytes, key, id };
        records.into_iter().enumerate().map(record).collect()
    });
    btree_map(select(TOPICS.to_vec()).prop_map(topic), vec(partition, 8), TOPICS.len())
}

/// The configs of a topic that decide over its records.
#[derive(Debug, PartialEq)]
struct Keeping {
    compacts: bool,
    deletes: bool,
    /// Below zero: for ever.
    retention_ms: i64,
    retention_bytes: i64,
}

impl Keeping {
    fn of(found: &LiveTopic, live: &Live) -> Self {
        let value = |key: &str| {
            let own = found.configs.known().and_then(|configs| configs.get(key)).cloned();
            own.unwrap_or_else(|| live.topics.defaults[key].0.clone())
        };
        let policies = value("cleanup.policy");
        let has = |policy: &str| policies.split(',').any(|part| part.trim() == policy);
        let number = |key: &str| value(key).parse().expect("a number");
        let (retention_ms, retention_bytes) = (number("retention.ms"), number("retention.bytes"));
        Self { compacts: has("compact"), deletes: has("delete"), retention_ms, retention_bytes }
    }

    /// What is left of a partition once Kafka has cleaned it, each record being a segment of its own.
    fn clean(&self, records: &[Record]) -> Vec<Record> {
        let mut left = records.to_vec();
        if self.compacts {
            let last = |record: &Record| records.iter().rfind(|other| other.key == record.key).map(|other| other.id);
            left.retain(|record| last(record) == Some(record.id));
        }
        if self.deletes {
            let is_old = |record: &Record| self.retention_ms >= 0 && record.age > self.retention_ms;
            let old = left.iter().take_while(|record| is_old(record)).count();
            left.drain(..old);
            while self.retention_bytes >= 0
                && left.iter().map(|record| record.bytes).sum::<i64>() > self.retention_bytes
            {
                left.remove(0);
            }
        }
        left
    }
}

/// What the topics hold now: what the cleaner has left of what was written.
fn held(live: &Live, written: &BTreeMap<TopicName, Partitions>) -> BTreeMap<TopicName, Partitions> {
    let topic = |(name, found): (&TopicName, &LiveTopic)| {
        let keeping = Keeping::of(found, live);
        let partitions = found.partitions.iter().enumerate();
        let left = partitions.map(|(number, _)| {
            let written = written.get(name).and_then(|partitions| partitions.get(number));
            keeping.clean(written.map_or(&[], Vec::as_slice))
        });
        (name.clone(), left.collect())
    };
    live.topics.topics.iter().map(topic).collect()
}

/// What a broker would answer to the questions of a plan.
fn measured(needs: &Needs, held: &BTreeMap<TopicName, Partitions>) -> Facts {
    let partition = |records: &Vec<Record>, ages: &BTreeSet<i64>| {
        let bytes = records.iter().map(|record| record.bytes.unsigned_abs()).sum();
        let offset = |age: i64| records.iter().take_while(|record| record.age > age).count() as i64;
        PartitionFacts {
            earliest: Some(0),
            latest: Some(records.len() as i64),
            last_write: None,
            bytes: Some(bytes),
            bytes_of_all_replicas: Some(bytes),
            ages: ages.iter().map(|age| (*age, offset(*age))).collect(),
        }
    };
    let topic = |(name, need): (&TopicName, &busctl::resources::impact::Need)| {
        let partitions = held[name].iter().map(|records| partition(records, &need.ages)).collect();
        (name.clone(), TopicFacts { partitions, missing: Vec::new() })
    };
    Facts {
        taken_at: Timestamp::of_unix_millis(NOW),
        topics: needs.topics.iter().map(topic).collect(),
        groups: BTreeMap::new(),
        groups_missing: Vec::new(),
    }
}

/// The plan with its measured risks.
fn plan(workspace: &Workspace, live: &Live, held: Option<&BTreeMap<TopicName, Partitions>>) -> Plan {
    let cluster = workspace.clusters.values().next().expect("cluster");
    let (desired, _) = Desired::resolve(workspace, cluster);
    let mut plan = make_plan(&desired, live, Date::of_unix_seconds(0));
    let facts = held.map(|held| measured(&needs_of_plan(&plan, &live.topics), held));
    assess(&mut plan, &desired, live, facts.as_ref(), Timestamp::of_unix_millis(NOW));
    plan
}

/// The part of a plan that passes the gate: what `--exclude` has to leave. Grants go together, for what one takes away
/// another may make up for.
fn passing(mut plan: Plan, allowed: Risk) -> Plan {
    let grants = plan.changes.iter().filter(|change| change.address.kind == Kind::Grant);
    let grants_pass = grants.map(|change| change.risk).max() <= Some(allowed);
    plan.changes.retain(|change| match change.address.kind {
        Kind::Grant => grants_pass,
        _ => change.risk <= allowed,
    });
    plan
}

/// Everything that somebody may do, in words that can be compared.
fn access(live: &Live) -> BTreeMap<(Principal, AclResourceType, &'static str), Operations> {
    let settings = AuthorizerSettings::default();
    let authorizer = Authorizer::new(live.acls.known().expect("known"), &settings);
    let topics = TOPICS.map(|name| (AclResourceType::Topic, name));
    let groups = SERVICES.map(|name| (AclResourceType::Group, name));
    let mut all = BTreeMap::new();
    for who in SERVICES.iter().chain(&["stranger", "nobody"]) {
        let principal: Principal = format!("User:{who}").parse().expect("a principal");
        for (resource, name) in topics.into_iter().chain(groups) {
            let may = authorizer.operations(&principal, "10.0.0.1", resource, Target::Name(name));
            all.insert((principal.clone(), resource, name), may);
        }
    }
    all
}

fn subjects(live: &Live) -> BTreeMap<String, u32> {
    let registry = live.registry.as_ref().and_then(Observed::known).expect("known");
    let version = |subject: &busctl::resources::schema::LiveSubject| {
        subject.latest.known().and_then(Option::as_ref).map_or(0, |latest| latest.version)
    };
    registry.subjects.iter().map(|(name, subject)| (name.to_string(), version(subject))).collect()
}

/// Adds tombstones of subjects, which topics do not have.
fn with_tombstones(
    mut files: BTreeMap<std::path::PathBuf, String>,
    topics: &[&str],
) -> BTreeMap<std::path::PathBuf, String> {
    for topic in topics {
        let schema = std::path::PathBuf::from(format!("schemas/media/{topic}.avsc"));
        if !files.contains_key(&schema) {
            let tombstone = format!("subject: {topic}-value\nstate: absent\nreason: Unused.\n");
            files.insert(format!("schemas/media/{topic}-value.yaml").into(), tombstone);
        }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn without_allow_destructive_nothing_is_destroyed(
        files in workspaces(),
        gone in proptest::sample::subsequence(&TOPICS[..3], 0..3),
        mut live in lives(),
        written in records(),
        is_measured in any::<bool>(),
    ) {
        let workspace = workspace(&with_tombstones(files, &gone));
        let before = live.clone();
        let held = held(&before, &written);
        let plan = passing(plan(&workspace, &live, is_measured.then_some(&held)), Risk::Disruptive);
        carry_out(&plan, &mut live);
        for (name, partitions) in &held {
            let after = live.topics.topics.get(name);
            let after = after.ok_or_else(|| TestCaseError::fail(format!("{name} is gone")))?;
            let (was, is) = (Keeping::of(&before.topics.topics[name], &before), Keeping::of(after, &live));
            prop_assert!(after.partitions.len() >= partitions.len());
            for records in partitions {
                prop_assert_eq!(&is.clean(records), records, "{} kept by {:?} and then by {:?}", name, was, is);
            }
            // The last record of a key is there for ever, or until its retention ends: which of them is not changed either,
            // unless nothing has ended yet. Records without a key are not refused.
            prop_assert!(was.compacts == is.compacts, "{}: {:?} and then {:?}", name, was, is);
        }
        let (was, is) = (subjects(&before), subjects(&live));
        for (subject, version) in was {
            prop_assert!(is.get(&subject).is_some_and(|after| *after >= version), "{subject}");
        }
    }

    #[test]
    fn what_is_allowed_as_safe_is_noticed_by_nobody(
        files in workspaces(),
        mut live in lives(),
        written in records(),
    ) {
        let workspace = workspace(&files);
        let before = live.clone();
        let held = held(&before, &written);
        let plan = passing(plan(&workspace, &live, Some(&held)), Risk::Safe);
        carry_out(&plan, &mut live);
        let (was, is) = (access(&before), access(&live));
        for (what, operations) in was {
            prop_assert!(operations.without(is[&what]).is_empty(), "{what:?}: {operations:?}, then {:?}", is[&what]);
        }
        for (name, found) in &before.topics.topics {
            let after = live.topics.topics.get(name);
            let after = after.ok_or_else(|| TestCaseError::fail(format!("{name} is gone")))?;
            let (was, is) = (Keeping::of(found, &before), Keeping::of(after, &live));
            let bound = |value: i64| if value < 0 { i64::MAX } else { value };
            // Whatever is written from now on stays as long as it did, also what nobody has written yet.
            prop_assert!(
                !is.deletes
                    || was.deletes
                        && bound(is.retention_ms) >= bound(was.retention_ms)
                        && bound(is.retention_bytes) >= bound(was.retention_bytes),
                "{}: {:?} and then {:?}", name, was, is
            );
            prop_assert!(was.compacts == is.compacts, "{}: {:?} and then {:?}", name, was, is);
            let number = |topic: &LiveTopic, live: &Live, key: &str| -> u64 {
                let own = topic.configs.known().and_then(|configs| configs.get(key)).cloned();
                let text = own.or_else(|| live.topics.defaults.get(key).map(|(value, _)| value.clone()));
                text.and_then(|text| text.parse().ok()).expect("a number")
            };
            let (least, most) = ("min.insync.replicas", "max.message.bytes");
            prop_assert!(number(after, &live, least) <= number(found, &before, least), "{}", name);
            prop_assert!(number(after, &live, most) >= number(found, &before, most), "{}", name);
        }
        let subjects_are_there = subjects(&before).keys().all(|name| subjects(&live).contains_key(name));
        prop_assert!(subjects_are_there);
    }
}

/// The properties would hold of plans that do nothing: much of what is random passes, and much does not.
#[test]
fn the_gate_is_tried_on_both_sides() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut passed, mut held_back) = (0, 0);
    for _ in 0..300 {
        let (files, live, written) = (workspaces(), lives(), records());
        let tree = (files, live, written).new_tree(&mut runner).expect("a value");
        let (files, live, written) = proptest::strategy::ValueTree::current(&tree);
        let workspace = workspace(&files);
        let held = held(&live, &written);
        let plan = plan(&workspace, &live, Some(&held));
        let all = plan.changes.iter().filter(|change| change.steps.iter().any(touches_what_is_there)).count();
        let left = passing(plan, Risk::Disruptive);
        let left = left.changes.iter().filter(|change| change.steps.iter().any(touches_what_is_there)).count();
        passed += left;
        held_back += all - left;
    }
    assert!(passed > 200 && held_back > 100, "{passed} passed, {held_back} did not");
}

fn touches_what_is_there(step: &busctl::plan::Step) -> bool {
    use busctl::plan::Step::{AlterConfigs, CreatePartitions, DeleteAcls, DeleteSubject, DeleteTopic};
    matches!(step, AlterConfigs { .. } | CreatePartitions { .. } | DeleteAcls(_) | DeleteSubject(_) | DeleteTopic(_))
}
