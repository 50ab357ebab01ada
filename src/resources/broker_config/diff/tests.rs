use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::model::Kind;
use crate::plan::{Plan, keep_addresses_of, make_plan, undo};
use crate::ports::kafka::{ClusterFacts, ClusterInfo, Quorum};
use crate::resources::topic::LiveTopics;
use crate::resources::{Workspace, WorkspaceFiles, load};

fn workspace(kafka: &str) -> Workspace {
    let own =
        [("busctl.yaml", "version: 1\n".to_owned()), ("clusters/c.yaml", format!("cluster: c\nkafka: {kafka}\n"))];
    let texts = own.into_iter().map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(text.as_str())))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
    assert!(findings.is_empty(), "{findings:?}");
    workspace
}

/// `key own of-all file`, a dash being none; a key in capitals is read when brokers start.
fn broker(lines: &[&str]) -> BTreeMap<Arc<str>, BrokerConfig> {
    let config = |line: &&str| {
        let words: Vec<&str> = line.split(' ').collect();
        let sources = [ConfigSource::DynamicBroker, ConfigSource::DynamicDefaultBroker, ConfigSource::StaticBroker];
        let values = sources.into_iter().zip(&words[1..]).filter(|(_, value)| **value != "-");
        let values = values.map(|(source, value)| (source, (*value).to_owned())).collect();
        let read_only = words[0].chars().any(char::is_uppercase);
        (words[0].to_lowercase().into(), BrokerConfig { values, read_only, sensitive: words[0].ends_with(".password") })
    };
    lines.iter().map(config).collect()
}

fn live(brokers: &[(i32, &[&str])]) -> Live {
    Live {
        facts: None,
        cluster: ClusterInfo { id: "id".into(), brokers: Vec::new(), controller: None },
        topics: LiveTopics::default(),
        acls: Observed::Known(Vec::new()),
        quotas: Observed::Known(Vec::new()),
        scram_users: None,
        scram_passwords: None,
        broker_configs: Some(Observed::Known(brokers.iter().map(|(id, lines)| (*id, broker(lines))).collect())),
        delivered: None,
        identities: None,
        registry: None,
    }
}

fn desired(workspace: &Workspace) -> Desired<'_> {
    Desired::resolve(workspace, workspace.clusters.values().next().expect("a cluster")).0
}

fn plan(workspace: &Workspace, live: &Live) -> Plan {
    make_plan(&desired(workspace), live, "2026-06-01".parse().expect("a day"))
}

fn told(plan: &Plan) -> Vec<String> {
    let value = |value: &Option<crate::plan::FieldValue>| {
        value.as_ref().map_or("-".to_owned(), |value| value.shown.clone().unwrap_or_else(|| value.value.clone()))
    };
    let changes = plan.changes.iter().map(|change| {
        assert_eq!(change.address.kind, Kind::BrokerConfig);
        let fields = change.fields.iter();
        let fields = fields.map(|field| format!("{} {} > {}", field.field, value(&field.before), value(&field.after)));
        let (action, address, risk) = (change.action.as_str(), &change.address, change.risk);
        format!("{action} {address} {risk}: {}", fields.collect::<Vec<_>>().join(", "))
    });
    let findings = plan.findings.iter().map(|finding| format!("{}: {}", finding.code, finding.message));
    let unseen = plan.incomplete.iter().map(|unseen| format!("unseen {}: {}", unseen.address, unseen.failure.answer));
    let unmanaged = plan.unmanaged.iter().map(|it| format!("unmanaged {}", it.name));
    changes.chain(findings).chain(unseen).chain(unmanaged).collect()
}

#[test]
fn what_differs_is_set_where_it_is_declared() {
    let workspace = workspace(
        "{ nodes: [{ id: 1 }, { id: 2, config: { max.connections: 5 } }], \
         config: { log.retention.ms: 7d, max.connections: 9, log.cleaner.threads: 2 }, reset: [background.threads] }",
    );
    let of_one = [
        "log.retention.ms - - 9999999999",
        "max.connections 7 8 1",
        "log.cleaner.threads - - 2",
        "background.threads - 4 1",
    ];
    let of_two =
        ["log.retention.ms - - 1", "max.connections - 8 1", "log.cleaner.threads - - 2.0", "background.threads 3 4 1"];
    let plan = plan(&workspace, &live(&[(1, &of_one), (2, &of_two)]));
    assert_eq!(
        told(&plan),
        [
            "update broker-config/1 disruptive: config.max.connections 7 > -",
            "update broker-config/2 disruptive: config.background.threads 3 > -, config.max.connections - > 5",
            "update broker-config/<default> destructive: config.background.threads 4 > -, config.log.retention.ms - > 7d, \
             config.max.connections 8 > 9",
        ]
    );
}

#[test]
fn what_cannot_be_set_while_brokers_run_is_told_by_name() {
    let kafka = "{ config: { auto.create.topics.enable: false, num.io.threads: 8, no.such: 1, ssl.key.password: x }, nodes: [{ id: 9, config: { max.connections: 1 } }] }";
    let broker = ["Auto.create.topics.enable - - true", "num.io.threads - - 8", "ssl.key.password - -", "other - 1"];
    assert_eq!(
        told(&plan(&workspace(kafka), &live(&[(1, &broker), (2, &broker)]))),
        [
            "BUS514: `auto.create.topics.enable` is true on brokers 1, 2, and is not applied: brokers read it when they start",
            "BUS514: `no.such` is not as declared on brokers 1, 2, and is not applied: brokers know no such config",
            "BUS514: `ssl.key.password` is not as declared on brokers 1, 2, and is not applied: brokers never tell it, so that \
             busctl does not set it",
            "unseen broker-config/9: no broker of this id is there",
            "unmanaged <default> other",
        ]
    );
    let operated = "{ deployment: strimzi, config: { num.io.threads: 4 } }";
    assert_eq!(
        told(&plan(&workspace(operated), &live(&[(1, &broker)])))[0],
        "BUS514: `num.io.threads` is 8 on broker 1, and is not applied: whoever runs the brokers sets it"
    );
}

#[test]
fn with_eligible_leader_replicas_one_number_holds_on_all_brokers() {
    let with_elr = |brokers: &[(i32, &[&str])], level| {
        let quorum = Observed::Known(Quorum { leader: Some(1), voters: Vec::new(), observers: Vec::new() });
        let finalized = BTreeMap::from([(ELR_FEATURE.to_owned(), level)]);
        Live {
            facts: Some(ClusterFacts {
                quorum,
                finalized,
                brokers: BTreeMap::new(),
                groups: None,
                endpoints: BTreeMap::new(),
            }),
            ..live(brokers)
        }
    };
    let own = workspace(
        "{ nodes: [{ id: 1, config: { min.insync.replicas: 1, log.cleaner.threads: 2 } }, { id: 2 }], \
         config: { min.insync.replicas: 3 } }",
    );
    let broker = ["min.insync.replicas - 2 1", "log.cleaner.threads - - 1"];
    let brokers: [(i32, &[&str]); 2] = [(1, &broker), (2, &broker)];
    // What can be done is done, and what Kafka would refuse is no change.
    let changes = "update broker-config/<default> disruptive: config.min.insync.replicas 2 > 3";
    assert_eq!(
        told(&plan(&own, &with_elr(&brokers, 1))),
        [
            "create broker-config/1 safe: config.log.cleaner.threads - > 2",
            changes,
            "BUS514: `min.insync.replicas` is 2 on broker 1, and is not applied: with eligible leader replicas Kafka takes it \
             for all brokers alone",
        ]
    );
    assert_eq!(
        told(&plan(&own, &with_elr(&brokers, 0))),
        [
            "create broker-config/1 disruptive: config.log.cleaner.threads - > 2, config.min.insync.replicas - > 1",
            changes,
        ]
    );
    let none = workspace("{ reset: [min.insync.replicas] }");
    assert_eq!(
        told(&plan(&none, &with_elr(&brokers, 1))),
        [
            "BUS514: `min.insync.replicas` is 2 for all brokers, and is not taken away: with eligible leader replicas Kafka \
             always has one"
        ]
    );
    assert_eq!(
        told(&plan(&none, &with_elr(&brokers, 0))),
        ["update broker-config/<default> disruptive: config.min.insync.replicas 2 > -"]
    );
    // Where it is as it is declared, nothing is said.
    let same = workspace("{ nodes: [{ id: 1, config: { min.insync.replicas: 2 } }] }");
    assert_eq!(told(&plan(&same, &with_elr(&brokers, 1))), ["unmanaged <default> min.insync.replicas"]);
}

#[test]
fn a_snapshot_without_them_is_not_taken_for_brokers_without_configs() {
    let mut without = live(&[]);
    without.broker_configs = None;
    let unseen = told(&plan(&workspace("{ config: { num.io.threads: 4 } }"), &without));
    assert_eq!(unseen, ["unseen broker-config/<default>: it has none: it was made by an earlier busctl"]);
    assert_eq!(told(&plan(&workspace("{ version: \"4.3\" }"), &without)), Vec::<String>::new());
}

#[test]
fn what_is_undone_is_as_it_was() {
    let workspace = workspace("{ config: { max.connections: 9, log.cleaner.threads: 2 } }");
    let before = live(&[(1, &["max.connections - 8 1", "log.cleaner.threads - - 1"])]);
    let after = live(&[(1, &["max.connections - 9 1", "log.cleaner.threads - 2 1"])]);
    let applied = plan(&workspace, &before);
    assert!(plan(&workspace, &after).is_empty());
    let mut desired = desired(&workspace);
    assert_eq!(undo(&mut desired, &after, &applied), []);
    let mut inverse = make_plan(&desired, &after, "2026-06-01".parse().expect("a day"));
    keep_addresses_of(&mut inverse, &applied);
    assert_eq!(
        told(&inverse),
        ["update broker-config/<default> disruptive: config.log.cleaner.threads 2 > -, config.max.connections 9 > 8"]
    );
}

#[test]
fn what_is_to_be_taken_away_and_cannot_be_is_told_with_what_was_meant() {
    let kafka = "{ reset: [num.io.thread, foo.bar, log.dirs, node.id, background.threads, max.connections] }";
    let broker = [
        "num.io.threads - 9 8",
        "Log.dirs - - /d",
        "Node.id - - -",
        "background.threads - 4 1",
        "max.connections - - 1",
    ];
    let plan = plan(&workspace(kafka), &live(&[(1, &broker), (2, &broker)]));
    assert_eq!(
        told(&plan),
        [
            "update broker-config/<default> safe: config.background.threads 4 > -",
            "BUS514: `num.io.thread` in `reset` takes nothing away on brokers 1, 2: brokers know no such config",
            "BUS514: `foo.bar` in `reset` takes nothing away on brokers 1, 2: brokers know no such config",
            "BUS514: `log.dirs` in `reset` takes nothing away on brokers 1, 2: brokers read it when they start",
            "unmanaged <default> num.io.threads",
        ]
    );
    let help = |at: usize| plan.findings[at].help.as_deref();
    assert_eq!(help(0), Some("did you mean `num.io.threads`?"));
    assert_eq!(help(1), Some("see that it is spelt as Kafka spells it, in the brokers' version"));
}

#[test]
fn each_broker_is_told_with_what_it_has() {
    let plan = plan(
        &workspace("{ config: { log.dirs: /d } }"),
        &live(&[
            (1, &["Log.dirs - - /d1"]),
            (2, &["Log.dirs - - /d2"]),
            (3, &["Log.dirs - - /d1"]),
            (4, &["Log.dirs - - /d"]),
        ]),
    );
    assert_eq!(
        told(&plan),
        [
            "BUS514: `log.dirs` is /d1 on brokers 1, 3 and /d2 on broker 2, and is not applied: brokers read it when they start"
        ]
    );
}

#[test]
fn what_no_manifest_can_say_is_refused() {
    for (kafka, message) in [
        (
            "{ config: { leader.replication.throttled.rate: 10000 } }",
            "`leader.replication.throttled.rate` is a limit of reassignments",
        ),
        ("{ nodes: [{ id: 1, reset: [follower.replication.throttled.rate] }] }", "is a limit of reassignments"),
        (
            "{ config: { num.io.threads: 8 }, reset: [num.io.threads] }",
            "`num.io.threads` stands under `config` and under `reset`",
        ),
    ] {
        let workspace = workspace(kafka);
        let cluster = workspace.clusters.values().next().expect("a cluster");
        let (_, findings) = Desired::resolve(&workspace, cluster);
        assert!(findings.len() == 1 && findings[0].message.contains(message), "{findings:?}");
    }
}

#[test]
fn a_broker_that_does_not_answer_hides_itself_and_what_is_said_of_all() {
    let kafka = "{ config: { log.cleaner.threads: 2 }, nodes: [{ id: 1 }, { id: 2, config: { max.connections: 5 } }, \
                 { id: 3, config: { max.connections: 5 } }] }";
    let broker = ["max.connections - - 1", "log.cleaner.threads - - 1"];
    let mut live = live(&[(1, &broker), (2, &broker)]);
    let failure = Failure {
        kind: FailureKind::Unreachable,
        tried: "describe the configs of broker 3".into(),
        server: "kafka-3:9092".into(),
        answer: "refused".into(),
        hint: None,
    };
    if let Some(Observed::Known(configs)) = &mut live.broker_configs {
        configs.hidden.insert(3, failure);
    }
    assert_eq!(
        told(&plan(&workspace(kafka), &live)),
        [
            "create broker-config/2 disruptive: config.max.connections - > 5",
            "unseen broker-config/<default>: refused",
            "unseen broker-config/3: refused",
        ]
    );
}
