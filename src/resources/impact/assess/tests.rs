use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::*;
use crate::model::Date;
use crate::plan::make_plan;
use crate::ports::Observed;
use crate::ports::kafka::{ClusterInfo, ConfigSource, PartitionInfo};
use crate::resources::impact::{AGES, GroupFacts, MemberFacts, needs_of_plan};
use crate::resources::{Live, Workspace, WorkspaceFiles, load};

const DAY: i64 = 86_400_000;
fn now() -> Timestamp {
    Timestamp::of_unix_millis(1_795_478_399_000)
}
const TOPIC: &str = "media.raw_ingest.v1";

fn name() -> TopicName {
    TOPIC.parse().expect("a topic's name")
}

/// A workspace with one topic, whose manifest ends with this.
fn workspace(manifest: &str) -> Workspace {
    let cluster = "cluster: c\nmanages: { topics: [\"media.*\"] }\ndefaults: { replication_factor: 3 }\n";
    let topic = format!("topic: {TOPIC}\npartitions: 2\n{manifest}\n");
    let texts = [("busctl.yaml", "version: 1\n"), ("clusters/c.yaml", cluster), ("topics/t.yaml", &topic)];
    let texts = texts.map(|(path, text)| (PathBuf::from(path), Ok(text.into())));
    let (workspace, findings) = load(WorkspaceFiles { texts: texts.into(), ..WorkspaceFiles::default() });
    assert_eq!(findings, []);
    workspace
}

/// The topic as the brokers have it: two partitions, one of which lacks a replica.
fn live(configs: &[(&str, &str)]) -> Live {
    let configs = configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect();
    let partition = |isr: &[i32]| PartitionInfo { isr: isr.to_vec(), ..PartitionInfo::in_sync(vec![0, 1, 2]) };
    let partitions = vec![partition(&[0, 1, 2]), partition(&[0])];
    let topic = LiveTopic { internal: false, id: None, partitions, configs: Observed::Known(configs) };
    let default = |value: &str| (value.to_owned(), ConfigSource::Default);
    let defaults = BTreeMap::from([
        ("cleanup.policy".into(), default("delete")),
        ("retention.ms".into(), default("604800000")),
        ("retention.bytes".into(), default("-1")),
        ("min.insync.replicas".into(), default("1")),
    ]);
    Live {
        facts: None,
        cluster: ClusterInfo { id: "id".into(), brokers: Vec::new(), controller: None },
        topics: LiveTopics { topics: BTreeMap::from([(name(), topic)]), defaults, ..LiveTopics::default() },
        acls: Observed::Known(Vec::new()),
        quotas: Observed::Known(Vec::new()),
        scram_users: None,
        scram_passwords: None,
        broker_configs: None,
        delivered: None,
        identities: None,
        registry: None,
    }
}

/// What was measured of the topic at a time: 1,000 records in one partition and 500 in the other.
fn facts(taken_at: Timestamp) -> Facts {
    let partition = |earliest, latest, ages: &[(i64, i64)], bytes| PartitionFacts {
        earliest: Some(earliest),
        latest: Some(latest),
        last_write: Some(Timestamp::of_unix_millis(taken_at.unix_millis() - DAY / 2)),
        bytes: Some(bytes),
        bytes_of_all_replicas: Some(bytes * 3),
        ages: ages.to_vec(),
    };
    let member = |client: &str| MemberFacts { client_id: client.into(), host: "10.0.0.7".into(), topics: vec![name()] };
    let group = |state: &str, members: &[&str], committed: &[(u32, i64)]| GroupFacts {
        state: Some(state.into()),
        members: members.iter().map(|client| member(client)).collect(),
        committed: BTreeMap::from([(name(), committed.to_vec())]),
        missing: Vec::new(),
    };
    let ages = [(DAY, 1_600), (7 * DAY, 1_200), (14 * DAY, 1_000)];
    let others = [(DAY, 500), (7 * DAY, 0), (14 * DAY, 0)];
    let partitions = vec![partition(1_000, 2_000, &ages, 4 << 20), partition(0, 500, &others, 1 << 20)];
    Facts {
        taken_at,
        topics: BTreeMap::from([(name(), TopicFacts { partitions, missing: Vec::new() })]),
        groups: BTreeMap::from([
            ("normalizer".parse().expect("a group"), group("Stable", &["n-1", "n-2"], &[(0, 1_900), (1, 500)])),
            // It stopped before the records that are there now were written, and the other partition was never its own.
            ("archiver".parse().expect("a group"), group("Empty", &[], &[(0, 10)])),
            ("tail".parse().expect("a group"), group("Empty", &[], &[(0, 2_001), (1, 500)])),
        ]),
        groups_missing: Vec::new(),
    }
}

fn planned(manifest: &str, live: &Live, facts: Option<&Facts>, now: Timestamp) -> Plan {
    let workspace = workspace(manifest);
    let cluster = workspace.clusters.values().next().expect("there is one");
    let (desired, findings) = Desired::resolve(&workspace, cluster);
    assert_eq!(findings, []);
    let mut plan = make_plan(&desired, live, Date::of_unix_seconds(0));
    assess(&mut plan, &desired, live, facts, now);
    plan
}

/// What people see of the plan's only change.
fn seen(manifest: &str, configs: &[(&str, &str)], facts: Option<&Facts>, now: Timestamp) -> String {
    let plan = planned(manifest, &live(configs), facts, now);
    let [change] = plan.changes.as_slice() else { panic!("one change: {:?}", plan.changes) };
    let mut text = format!("{}\n", change.risk);
    for sentence in &change.impact {
        // A String takes everything.
        _ = writeln!(text, "! {sentence}");
    }
    text
}

fn measured_now(manifest: &str, configs: &[(&str, &str)]) -> String {
    seen(manifest, configs, Some(&facts(now())), now())
}

const THIRTY_DAYS: &[(&str, &str)] = &[("retention.ms", "2592000000")];

#[test]
fn a_cut_that_drops_records_says_how_many() {
    insta::assert_snapshot!(measured_now("config: { retention.ms: 7d }", THIRTY_DAYS), @"
    destructive
    ! a shorter retention drops the records that are older
    ! beyond the new bound lie up to 200 records (spans of offsets: gaps, transactions and compacted records count too), about 819.2KiB in one replica of each partition and 2.4MiB in all (on disk: compressed, without tiered data); whole segments are deleted, so that some go later
    ! the group `archiver` (Empty, no members) has not read up to 200 of them
    ");
}

#[test]
fn a_cut_under_which_nothing_falls_out_is_not_destructive() {
    insta::assert_snapshot!(measured_now("config: { retention.ms: 14d }", THIRTY_DAYS), @"
    disruptive
    ! no record that is there now lies beyond 14d; readers that are further behind than that lose records from now on
    ");
}

#[test]
fn a_cut_that_nobody_measured_stays_destructive() {
    insta::assert_snapshot!(seen("config: { retention.ms: 14d }", THIRTY_DAYS, None, now()), @"
    destructive
    ! a shorter retention drops the records that are older
    ! how much that is was not measured (`busctl snapshot --impact` does)
    ");
}

#[test]
fn a_cut_that_could_not_be_measured_stays_destructive() {
    let mut facts = facts(now());
    let topic = facts.topics.get_mut(TOPIC).expect("it is there");
    topic.partitions[1].latest = None;
    topic.missing.push("could not read offsets on kafka-0:9092: TOPIC_AUTHORIZATION_FAILED".into());
    insta::assert_snapshot!(seen("config: { retention.ms: 14d }", THIRTY_DAYS, Some(&facts), now()), @"
    destructive
    ! a shorter retention drops the records that are older
    ! how many records are lost could not be measured: could not read offsets on kafka-0:9092: TOPIC_AUTHORIZATION_FAILED
    ");
}

#[test]
fn a_smaller_size_takes_a_share_of_the_records() {
    insta::assert_snapshot!(measured_now("config: { retention.bytes: 3MiB }", &[]), @"
    destructive
    ! a smaller size drops the oldest records of each partition
    ! beyond the new bound lie up to 250 records (spans of offsets: gaps, transactions and compacted records count too), about 1.0MiB in one replica of each partition and 3.0MiB in all (on disk: compressed, without tiered data); whole segments are deleted, so that some go later
    ! the group `archiver` (Empty, no members) has not read up to 250 of them
    ");
}

#[test]
fn the_stricter_of_two_bounds_counts() {
    let manifest = "config: { retention.ms: 7d, retention.bytes: 1MiB }";
    insta::assert_snapshot!(measured_now(manifest, THIRTY_DAYS), @"
    destructive
    ! a smaller size drops the oldest records of each partition
    ! a shorter retention drops the records that are older
    ! beyond the new bound lie up to 750 records (spans of offsets: gaps, transactions and compacted records count too), about 3.0MiB in one replica of each partition and 9.0MiB in all (on disk: compressed, without tiered data); whole segments are deleted, so that some go later
    ! the group `archiver` (Empty, no members) has not read up to 750 of them
    ");
}

#[test]
fn old_facts_bound_a_cut_by_the_next_younger_age() {
    // Two days later seven days reach into what was five days old then; of the known ages one day bounds that.
    let later = Timestamp::of_unix_millis(now().unix_millis() + 2 * DAY);
    insta::assert_snapshot!(seen("config: { retention.ms: 7d }", THIRTY_DAYS, Some(&facts(now())), later), @"
    destructive
    ! a shorter retention drops the records that are older
    ! beyond the new bound lie up to 1,100 records (spans of offsets: gaps, transactions and compacted records count too), about 3.4MiB in one replica of each partition and 10.2MiB in all (on disk: compressed, without tiered data); whole segments are deleted, so that some go later
    ! the group `archiver` (Empty, no members) has not read up to 1,100 of them
    ! measured at 2026-11-23T23:59:59.000Z, 2 days ago; what was written since then is not counted
    ");
}

#[test]
fn a_deletion_names_what_is_lost_and_who_reads_it() {
    insta::assert_snapshot!(measured_now("state: absent\nreason: Replaced by v2 (CR-2160).", &[]), @"
    destructive
    ! the topic is deleted with all its records; nothing brings them back
    ! the reason given: Replaced by v2 (CR-2160).
    ! it holds up to 1,500 records (spans of offsets: gaps, transactions and compacted records count too), about 5.0MiB in one replica of each partition and 15.0MiB in all (on disk: compressed, without tiered data)
    ! its latest record is of 2026-11-23T11:59:59.000Z, by the records' own timestamps
    ! the group `normalizer` (Stable, 2 members: n-1 from 10.0.0.7, n-2 from 10.0.0.7) has up to 100 records left to read
    ! the group `archiver` (Empty, no members) has up to 1,500 records left to read
    ! the group `tail` (Empty, no members) has read it to the end
    ! Kafka does not reveal which principal is behind a member of a group
    ");
}

#[test]
fn a_deletion_says_which_groups_it_could_not_see() {
    let mut facts = facts(now());
    facts.groups.clear();
    facts.groups_missing.push("groups that busctl may not describe are not listed".into());
    let topic = facts.topics.get_mut(TOPIC).expect("it is there");
    for partition in &mut topic.partitions {
        *partition = PartitionFacts { earliest: Some(0), latest: Some(0), bytes: Some(0), ..PartitionFacts::default() };
    }
    insta::assert_snapshot!(seen("state: absent\nreason: Unused.", &[], Some(&facts), now()), @"
    destructive
    ! the topic is deleted with all its records; nothing brings them back
    ! the reason given: Unused.
    ! it holds no records
    ! nothing was ever written to it
    ! no group that could be seen has offsets there or reads it now
    ! there may be more groups: groups that busctl may not describe are not listed
    ");
}

#[test]
fn a_policy_says_what_it_drops_and_what_it_never_drops_again() {
    let policies = [
        ("delete", "compact"),
        ("delete", "[compact, delete]"),
        ("compact", "delete"),
        ("compact", "[compact, delete]"),
        ("compact,delete", "compact"),
        ("compact,delete", "delete"),
        ("", "delete"),
        ("", "compact"),
        ("delete", "[]"),
    ];
    let seen = policies.map(|(before, after)| {
        let manifest = format!("key: id\nconfig: {{ cleanup.policy: {after}, retention.ms: 7d }}");
        let seen = measured_now(&manifest, &[("cleanup.policy", before), ("retention.ms", "604800000")]);
        format!("{before} → {after}: {seen}")
    });
    insta::assert_snapshot!(seen.join("\n"), @"
    delete → compact: destructive
    ! compaction drops all but the last record of each key, and refuses records without a key from now on; the last record of a key is never dropped again
    ! there are up to 1,500 records (spans of offsets: gaps, transactions and compacted records count too), about 5.0MiB in one replica of each partition and 15.0MiB in all (on disk: compressed, without tiered data)

    delete → [compact, delete]: destructive
    ! compaction drops all but the last record of each key, and refuses records without a key from now on
    ! there are up to 1,500 records (spans of offsets: gaps, transactions and compacted records count too), about 5.0MiB in one replica of each partition and 15.0MiB in all (on disk: compressed, without tiered data)

    compact → delete: destructive
    ! without compaction the last record of a key is dropped when its retention ends
    ! beyond the new bound lie up to 200 records (spans of offsets: gaps, transactions and compacted records count too), about 819.2KiB in one replica of each partition and 2.4MiB in all (on disk: compressed, without tiered data); whole segments are deleted, so that some go later
    ! the group `archiver` (Empty, no members) has not read up to 200 of them

    compact → [compact, delete]: destructive
    ! records older than the retention are dropped from now on, the last of their key too
    ! beyond the new bound lie up to 200 records (spans of offsets: gaps, transactions and compacted records count too), about 819.2KiB in one replica of each partition and 2.4MiB in all (on disk: compressed, without tiered data); whole segments are deleted, so that some go later
    ! the group `archiver` (Empty, no members) has not read up to 200 of them

    compact,delete → compact: safe
    ! the last record of a key is never dropped again: the topic grows with its number of keys

    compact,delete → delete: destructive
    ! without compaction every record is kept until its retention ends, and no longer

     → delete: destructive
    ! every record stays now: those beyond the retention are dropped from now on
    ! beyond the new bound lie up to 200 records (spans of offsets: gaps, transactions and compacted records count too), about 819.2KiB in one replica of each partition and 2.4MiB in all (on disk: compressed, without tiered data); whole segments are deleted, so that some go later
    ! the group `archiver` (Empty, no members) has not read up to 200 of them

     → compact: destructive
    ! compaction drops all but the last record of each key, and refuses records without a key from now on; the last record of a key is never dropped again
    ! there are up to 1,500 records (spans of offsets: gaps, transactions and compacted records count too), about 5.0MiB in one replica of each partition and 15.0MiB in all (on disk: compressed, without tiered data)

    delete → []: safe
    ! no record is ever dropped again: the topic grows without end
    ");
}

#[test]
fn a_retention_counts_from_the_moment_on_that_something_deletes_by_it() {
    // The manifest may also let it go on for longer than it was: until now nothing was deleted by it.
    for manifest in ["config: { retention.ms: 7d }", "config: { cleanup.policy: delete, retention.ms: 7d }"] {
        for before in ["1000", "604800000", "-1"] {
            let configs = [("cleanup.policy", ""), ("retention.ms", before)];
            let seen = measured_now(manifest, &configs);
            assert!(seen.starts_with("destructive\n") && seen.contains("lie up to 200 records"), "{before}: {seen}");
        }
    }
    let manifest = "config: { cleanup.policy: [], retention.ms: 1d }";
    insta::assert_snapshot!(measured_now(manifest, &[("cleanup.policy", ""), ("retention.ms", "604800000")]), @"
    safe
    ! without a cleanup policy every record stays: a retention deletes nothing there
    ");
}

#[test]
fn a_retention_of_what_is_only_compacted_costs_nothing() {
    let manifest = "key: id\nconfig: { cleanup.policy: compact, retention.ms: 1d }";
    let configs = [("cleanup.policy", "compact"), ("retention.ms", "604800000")];
    insta::assert_snapshot!(measured_now(manifest, &configs), @"
    safe
    ! the topic is only compacted: a retention deletes nothing there
    ");
}

#[test]
fn partitions_and_replicas_in_sync_are_looked_at_without_facts() {
    let seen = |manifest| seen(manifest, &[], None, now());
    let more = "key: id\noverrides: { c: { partitions: 4 } }";
    insta::assert_snapshot!(seen(more), @"
    disruptive
    ! the topic is keyed: records of a key written before and after lie in different partitions and lose their order; what is joined with it needs the same number of partitions
    ");
    insta::assert_snapshot!(seen("config: { min.insync.replicas: 2 }"), @"
    disruptive
    ! writes with acks=all fail sooner when replicas fall behind; 1 of 2 partitions have fewer than 2 in sync now and refuse such writes at once
    ");
    // What counts is what will be: replicas are moved before.
    insta::assert_snapshot!(seen("replication_factor: 4\nconfig: { min.insync.replicas: 2 }"), @"
    disruptive
    ! replicas are moved: the brokers copy them beside their other work, and until then it is as safe as it was
    ! writes with acks=all fail sooner when replicas fall behind; all 2 partitions have enough replicas in sync with the new ones
    ");
}

#[test]
fn the_plan_has_a_total() {
    let summary = planned("config: { retention.ms: 7d }", &live(THIRTY_DAYS), Some(&facts(now())), now()).summary;
    assert_eq!((summary.destructive, summary.records), (1, Some(200)));
    assert_eq!(summary.bytes, Some(2_516_583));
    let safe = planned("config: { retention.ms: 60d }", &live(THIRTY_DAYS), Some(&facts(now())), now()).summary;
    assert_eq!((safe.safe, safe.records, safe.bytes), (1, None, None));
}

#[test]
fn only_what_is_lost_is_asked_for() {
    let needs = |manifest, configs| {
        let live = live(configs);
        needs_of_plan(&planned(manifest, &live, None, now()), &live.topics)
    };
    assert!(needs("config: { retention.ms: 60d, max.message.bytes: 1MiB }", THIRTY_DAYS).is_empty());
    let cut = needs("config: { retention.ms: 7d }", THIRTY_DAYS);
    assert_eq!(cut.topics.values().map(|need| (need.ages.len(), need.readers)).collect::<Vec<_>>(), [(1, true)]);
    let deleted = needs("state: absent\nreason: Unused.", &[]);
    assert_eq!(deleted.topics.values().map(|need| (need.ages.len(), need.readers)).collect::<Vec<_>>(), [(0, true)]);
}

#[test]
fn facts_are_read_as_they_were_written() {
    let facts = facts(now());
    let text = serde_json::to_string(&facts).expect("it is JSON");
    assert_eq!(serde_json::from_str::<Facts>(&text).ok(), Some(facts));
    assert!(AGES.is_sorted());
}
