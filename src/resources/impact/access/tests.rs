use std::fmt::Write as _;
use std::path::PathBuf;

use super::super::{MemberFacts, PartitionFacts, TopicFacts, assess, needs_of_plan};
use super::*;
use crate::model::{Date, PatternType, Risk};
use crate::plan::make_plan;
use crate::ports::Observed;
use crate::ports::kafka::{AclOperation, AclPermission, ClusterInfo};
use crate::resources::topic::LiveTopics;
use crate::resources::{Workspace, WorkspaceFiles, load};

const NOW: i64 = 1_795_478_399_000;

/// A topic that two services may read, of which the first asks for it.
const TOPIC: (&str, &str) = ("topics/a.yaml", "topic: media.a\nconsumers: [normalizer, archiver]\n");
/// The same without the consent to anybody.
const CLOSED_TOPIC: (&str, &str) = ("topics/a.yaml", "topic: media.a\n");
const NORMALIZER: (&str, &str) = ("acls/normalizer.yaml", "service: normalizer\nconsumes: [media.a]\n");
const NORMALIZER_STOPS: (&str, &str) = ("acls/normalizer.yaml", "service: normalizer\n");
const ARCHIVER: (&str, &str) = ("acls/archiver.yaml", "service: archiver\nconsumes: [media.a]\n");

fn workspace(files: &[(&str, &str)]) -> Workspace {
    let own = [("busctl.yaml", "version: 1\n"), ("clusters/c.yaml", "cluster: c\n")];
    let texts = own.iter().chain(files).map(|(path, text)| (PathBuf::from(path), Ok((*text).into()))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
    assert_eq!(findings, []);
    workspace
}

/// An allow of a principal for everywhere; a trailing `*` of a longer name is a prefix.
fn allow(who: &str, operation: AclOperation, resource: AclResourceType, name: &str) -> Acl {
    let prefix = name.strip_suffix('*').filter(|prefix| !prefix.is_empty());
    Acl {
        resource,
        name: prefix.unwrap_or(name).into(),
        pattern: if prefix.is_some() { PatternType::Prefixed } else { PatternType::Literal },
        principal: format!("User:{who}").parse().expect("a principal"),
        host: "*".into(),
        operation,
        permission: AclPermission::Allow,
    }
}

/// What a consumer of `media.a` has.
fn consumer(who: &str, group: &str) -> Vec<Acl> {
    vec![
        allow(who, AclOperation::Describe, AclResourceType::Topic, "media.a"),
        allow(who, AclOperation::Read, AclResourceType::Topic, "media.a"),
        allow(who, AclOperation::Read, AclResourceType::Group, group),
    ]
}

fn live(acls: Vec<Acl>) -> Live {
    let topic = crate::resources::topic::LiveTopic {
        internal: false,
        id: None,
        partitions: Vec::new(),
        configs: Observed::Known(BTreeMap::new()),
    };
    let topics = ["media.a", "media.b"].map(|name| (name.parse().expect("a topic"), topic.clone()));
    Live {
        facts: None,
        cluster: ClusterInfo { id: "id".into(), brokers: Vec::new(), controller: None },
        topics: LiveTopics { topics: topics.into(), ..LiveTopics::default() },
        acls: Observed::Known(acls),
        quotas: Observed::Known(Vec::new()),
        scram_users: None,
        scram_passwords: None,
        broker_configs: None,
        delivered: None,
        identities: None,
        registry: None,
    }
}

/// A group with members, each with the topic that it is assigned, and the topics that it has an offset in: 40 of 100.
fn group(state: &str, members: &[(&str, &str)], committed: &[&str]) -> GroupFacts {
    let member = |(client, topic): &(&str, &str)| MemberFacts {
        client_id: (*client).into(),
        host: "10.0.0.7".into(),
        topics: topic.parse().into_iter().collect(),
    };
    GroupFacts {
        state: Some(state.into()),
        members: members.iter().map(member).collect(),
        committed: committed.iter().map(|topic| (topic.parse().expect("a topic"), vec![(0, 40)])).collect(),
        missing: Vec::new(),
    }
}

fn facts(groups: Vec<(&str, GroupFacts)>) -> Facts {
    let partition = PartitionFacts { earliest: Some(0), latest: Some(100), ..PartitionFacts::default() };
    let topic = TopicFacts { partitions: vec![partition], missing: Vec::new() };
    Facts {
        taken_at: Timestamp::of_unix_millis(NOW),
        topics: ["media.a", "media.b"].map(|name| (name.parse().expect("a topic"), topic.clone())).into(),
        groups: groups.into_iter().map(|(id, group)| (id.parse().expect("a group"), group)).collect(),
        groups_missing: Vec::new(),
    }
}

fn planned(files: &[(&str, &str)], acls: Vec<Acl>, facts: Option<&Facts>) -> Plan {
    let workspace = workspace(files);
    let cluster = workspace.clusters.values().next().expect("there is one");
    let (desired, findings) = Desired::resolve(&workspace, cluster);
    assert_eq!(findings, []);
    let live = live(acls);
    let mut plan = make_plan(&desired, &live, Date::of_unix_seconds(0));
    assess(&mut plan, &desired, &live, facts, Timestamp::of_unix_millis(NOW));
    plan
}

/// What people see of the changes that take something away.
fn seen(plan: &Plan) -> String {
    let mut text = String::new();
    for change in plan.changes.iter().filter(|change| change.risk > Risk::Safe) {
        // A String takes everything.
        _ = writeln!(text, "{} {}", change.address, change.risk);
        for sentence in &change.impact {
            _ = writeln!(text, "! {sentence}");
        }
        for group in change.measured.iter().flat_map(|measured| &measured.groups) {
            _ = writeln!(text, "  {}", serde_json::to_string(group).expect("JSON"));
        }
    }
    text
}

#[test]
fn a_service_that_stops_asking_loses_what_its_group_works_with() {
    let members = [("n-1", "media.a"), ("n-2", "media.a")];
    let groups = vec![
        ("normalizer", group("Stable", &members, &["media.a"])),
        // It reads the topic too, and stays.
        ("archiver", group("Stable", &[("a", "media.a")], &["media.a"])),
        ("elsewhere", group("Stable", &[("e", "media.b")], &["media.b"])),
    ];
    let acls = [consumer("normalizer", "normalizer"), consumer("archiver", "archiver")].concat();
    insta::assert_snapshot!(seen(&planned(&[TOPIC, NORMALIZER_STOPS, ARCHIVER], acls, Some(&facts(groups)))), @r#"
    grant/normalizer/group/normalizer disruptive
    ! normalizer (User:normalizer) loses read and describe on group normalizer
    ! clients that still use it are refused at their next request
    ! the group `normalizer` (Stable, 2 members: n-1 from 10.0.0.7, n-2 from 10.0.0.7) loses it while it is active, with up to 60 records left to read; normalizer may be a member of it
    ! whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which principal is behind one
      {"name":"normalizer","state":"Stable","members":[{"client_id":"n-1","host":"10.0.0.7"},{"client_id":"n-2","host":"10.0.0.7"}],"lag":60,"attributed_to":[{"principal":"User:normalizer","service":"normalizer","by":"acl"}]}
    grant/normalizer/topic/media.a disruptive
    ! normalizer (User:normalizer) loses read and describe on topic media.a
    ! clients that still use it are refused at their next request
    ! the group `normalizer` (Stable, 2 members: n-1 from 10.0.0.7, n-2 from 10.0.0.7) loses it while it is active, with up to 60 records left to read; normalizer may be a member of it
    ! whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which principal is behind one
      {"name":"normalizer","state":"Stable","members":[{"client_id":"n-1","host":"10.0.0.7"},{"client_id":"n-2","host":"10.0.0.7"}],"lag":60,"attributed_to":[{"principal":"User:normalizer","service":"normalizer","by":"acl"}]}
    "#);
}

#[test]
fn what_a_manifest_names_is_its_services_group() {
    let topics = ("topics/b.yaml", "topic: media.b\nconsumers: [normalizer]\n");
    let asks = ("acls/normalizer.yaml", "service: normalizer\nconsumes: [media.a, media.b]\n");
    let more = allow("normalizer", AclOperation::Read, AclResourceType::Topic, "media.b");
    let acls = [consumer("normalizer", "normalizer"), vec![more]].concat();
    // Only who is assigned the topic loses it; who the group's other members are, its offsets do not tell.
    let groups = vec![("normalizer", group("Stable", &[("n-1", "media.a"), ("n-2", "media.b")], &[]))];
    let plan = |groups| {
        let facts = facts(groups);
        planned(&[CLOSED_TOPIC, topics, asks], acls.clone(), Some(&facts))
    };
    insta::assert_snapshot!(seen(&plan(groups)), @r#"
    grant/normalizer/topic/media.a disruptive
    ! normalizer (User:normalizer) loses read and describe on topic media.a
    ! clients that still use it are refused at their next request
    ! the group `normalizer` (Stable, 1 member: n-1 from 10.0.0.7) loses it while it is active; the manifest of normalizer names it
    ! whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which principal is behind one
      {"name":"normalizer","state":"Stable","members":[{"client_id":"n-1","host":"10.0.0.7"}],"attributed_to":[{"principal":"User:normalizer","service":"normalizer","by":"manifest"}]}
    "#);
    let groups = vec![("normalizer", group("Empty", &[], &["media.a"]))];
    insta::assert_snapshot!(seen(&plan(groups)), @r#"
    grant/normalizer/topic/media.a disruptive
    ! normalizer (User:normalizer) loses read and describe on topic media.a
    ! clients that still use it are refused at their next request
    ! no group that loses it is active now
    ! without members now, but with offsets to go on from: `normalizer`
      {"name":"normalizer","state":"Empty","lag":60,"attributed_to":[{"principal":"User:normalizer","service":"normalizer","by":"manifest"}]}
    "#);
    let groups = vec![("normalizer", group("Empty", &[], &[]))];
    insta::assert_snapshot!(seen(&plan(groups)), @"
    grant/normalizer/topic/media.a disruptive
    ! normalizer (User:normalizer) loses read and describe on topic media.a
    ! clients that still use it are refused at their next request
    ! no group that loses it is active now
    ");
}

#[test]
fn a_right_to_every_group_makes_none_of_them_ones_own() {
    let ops = ("acls/ops.yaml", "service: ops\n");
    let every = allow("ops", AclOperation::Read, AclResourceType::Group, "*");
    let acls = [consumer("normalizer", "normalizer"), vec![every]].concat();
    let groups = vec![
        ("_busctl-lock", group("Stable", &[("busctl", "_busctl-lock")], &[])),
        ("normalizer", group("Stable", &[("n-1", "media.a")], &["media.a"])),
        ("report", group("PreparingRebalance", &[("r-1", "")], &["media.a", "media.b"])),
        ("report-old", group("Empty", &[], &["media.b"])),
    ];
    insta::assert_snapshot!(seen(&planned(&[TOPIC, NORMALIZER, ops], acls.clone(), Some(&facts(groups)))), @r#"
    grant/ops/group/* disruptive
    ! ops (User:ops) loses read and describe on every group
    ! clients that still use it are refused at their next request
    ! the group `report` (PreparingRebalance, 1 member: r-1 from 10.0.0.7) loses it while it is active, with up to 120 records left to read; ops may be a member of it
    ! whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which principal is behind one
    ! without members now, but with offsets to go on from: `report-old`
    ! active too, but by the manifests those of others: `normalizer` (normalizer)
      {"name":"report","state":"PreparingRebalance","members":[{"client_id":"r-1","host":"10.0.0.7"}],"lag":120,"attributed_to":[{"principal":"User:ops","service":"ops","by":"acl"}]}
      {"name":"report-old","state":"Empty","lag":60,"attributed_to":[{"principal":"User:ops","service":"ops","by":"acl"}]}
    "#);
    // A right to this very group does: it may have changed hands in the manifests alone.
    let own = allow("ops", AclOperation::Read, AclResourceType::Group, "normalizer");
    let groups = vec![("normalizer", group("Stable", &[("n-1", "media.a")], &["media.a"]))];
    let plan = planned(&[TOPIC, NORMALIZER, ops], [acls, vec![own]].concat(), Some(&facts(groups)));
    insta::assert_snapshot!(seen(&plan), @r#"
    grant/ops/group/* disruptive
    ! ops (User:ops) loses read and describe on every group
    ! clients that still use it are refused at their next request
    ! the group `normalizer` (Stable, 1 member: n-1 from 10.0.0.7) loses it while it is active, with up to 60 records left to read; ops may be a member of it
    ! whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which principal is behind one
      {"name":"normalizer","state":"Stable","members":[{"client_id":"n-1","host":"10.0.0.7"}],"lag":60,"attributed_to":[{"principal":"User:ops","service":"ops","by":"acl"}]}
    grant/ops/group/normalizer disruptive
    ! ops (User:ops) loses read and describe on group normalizer
    ! clients that still use it are refused at their next request
    ! the group `normalizer` (Stable, 1 member: n-1 from 10.0.0.7) loses it while it is active, with up to 60 records left to read; ops may be a member of it
    ! whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which principal is behind one
      {"name":"normalizer","state":"Stable","members":[{"client_id":"n-1","host":"10.0.0.7"}],"lag":60,"attributed_to":[{"principal":"User:ops","service":"ops","by":"acl"}]}
    "#);
}

#[test]
fn a_deny_for_everybody_stops_the_groups_of_those_who_lose() {
    let raw = "service: guard\nprincipals: { c: \"User:*\" }\nraw:\n  \
               - { resource: topic, name: media.a, operation: read, permission: deny, reason: frozen }\n";
    let groups = vec![
        ("archiver", group("Stable", &[("a-1", "media.a")], &["media.a"])),
        ("normalizer", group("Stable", &[("n-1", "media.a")], &["media.a"])),
    ];
    let acls = [consumer("normalizer", "normalizer"), consumer("archiver", "archiver")].concat();
    let files = [TOPIC, NORMALIZER, ARCHIVER, ("acls/guard.yaml", raw)];
    insta::assert_snapshot!(seen(&planned(&files, acls, Some(&facts(groups)))), @r#"
    grant/guard/topic/media.a disruptive
    ! archiver (User:archiver) loses read on topic media.a
    ! normalizer (User:normalizer) loses read on topic media.a
    ! clients that still use it are refused at their next request
    ! a deny wins over every allow, also over those of other manifests
    ! the group `archiver` (Stable, 1 member: a-1 from 10.0.0.7) loses it while it is active, with up to 60 records left to read; the manifest of archiver names it
    ! the group `normalizer` (Stable, 1 member: n-1 from 10.0.0.7) loses it while it is active, with up to 60 records left to read; the manifest of normalizer names it
    ! whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which principal is behind one
      {"name":"archiver","state":"Stable","members":[{"client_id":"a-1","host":"10.0.0.7"}],"lag":60,"attributed_to":[{"principal":"User:archiver","service":"archiver","by":"manifest"}]}
      {"name":"normalizer","state":"Stable","members":[{"client_id":"n-1","host":"10.0.0.7"}],"lag":60,"attributed_to":[{"principal":"User:normalizer","service":"normalizer","by":"manifest"}]}
    "#);
}

#[test]
fn what_was_not_measured_or_not_seen_is_said() {
    let acls = || consumer("normalizer", "normalizer");
    let files = [TOPIC, NORMALIZER_STOPS];
    insta::assert_snapshot!(seen(&planned(&files, acls(), None)), @"
    grant/normalizer/group/normalizer disruptive
    ! normalizer (User:normalizer) loses read and describe on group normalizer
    ! clients that still use it are refused at their next request
    ! which active groups that stops was not measured (`busctl snapshot --impact` does)
    grant/normalizer/topic/media.a disruptive
    ! normalizer (User:normalizer) loses read and describe on topic media.a
    ! clients that still use it are refused at their next request
    ! which active groups that stops was not measured (`busctl snapshot --impact` does)
    ");
    let refused = "could not describe the group normalizer: GROUP_AUTHORIZATION_FAILED";
    let hidden = GroupFacts { missing: vec![refused.into()], ..group("Stable", &[], &[]) };
    let mut facts = facts(vec![("normalizer", hidden)]);
    facts.groups_missing.push("whether 2 groups read there could not be seen; of x: GROUP_AUTHORIZATION_FAILED".into());
    insta::assert_snapshot!(seen(&planned(&files, acls(), Some(&facts))), @r#"
    grant/normalizer/group/normalizer disruptive
    ! normalizer (User:normalizer) loses read and describe on group normalizer
    ! clients that still use it are refused at their next request
    ! the group `normalizer` (Stable, members that could not be seen) loses it while it is active; normalizer may be a member of it
    ! whose a group is, is told by the manifests, else by who may be a member: Kafka does not reveal which principal is behind one
    ! not everything could be seen: whether 2 groups read there could not be seen; of x: GROUP_AUTHORIZATION_FAILED; of the group normalizer: could not describe the group normalizer: GROUP_AUTHORIZATION_FAILED
      {"name":"normalizer","state":"Stable","attributed_to":[{"principal":"User:normalizer","service":"normalizer","by":"acl"}]}
    grant/normalizer/topic/media.a disruptive
    ! normalizer (User:normalizer) loses read and describe on topic media.a
    ! clients that still use it are refused at their next request
    ! no group that could be seen to lose it is active now
    ! not everything could be seen: whether 2 groups read there could not be seen; of x: GROUP_AUTHORIZATION_FAILED
    "#);
}

#[test]
fn where_no_access_is_lost_no_group_is_asked_for() {
    let needs = |files: &[(&str, &str)], acls| needs_of_plan(&planned(files, acls, None), &live(Vec::new()).topics);
    assert!(needs(&[TOPIC, NORMALIZER], Vec::new()).is_empty());
    // What another ACL still allows is not lost.
    let wide = allow("normalizer", AclOperation::Read, AclResourceType::Topic, "media.*");
    let raw = "service: normalizer\nraw:\n  - { resource: topic, name: \"media.*\", operation: read, reason: why }\n";
    let narrow = allow("normalizer", AclOperation::Read, AclResourceType::Topic, "media.a");
    assert!(needs(&[("acls/normalizer.yaml", raw)], vec![wide, narrow]).is_empty());
    let lost = needs(&[TOPIC, NORMALIZER_STOPS], consumer("normalizer", "normalizer"));
    assert_eq!(lost.topics, BTreeMap::new());
    assert_eq!((lost.read.len(), lost.joined.len()), (1, 1));
    assert!(lost.asks_who_reads(&"media.a".parse().expect("a topic")));
    let writes = allow("normalizer", AclOperation::Write, AclResourceType::Topic, "media.a");
    assert!(needs(&[TOPIC, NORMALIZER_STOPS], vec![writes]).is_empty());
}
