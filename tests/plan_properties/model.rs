//! Random workspaces and random live states, and what servers make of a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use busctl::model::{Date, PatternType, Subject, TopicName};
use busctl::plan::{PartitionMove, Plan, PlannedVersion, Step, make_plan};
use busctl::ports::Observed;
use busctl::ports::kafka::{
    Acl, AclOperation, AclPermission, AclResourceType, BrokerConfig, BrokerConfigs, BrokerInfo, ClusterInfo,
    ConfigSource, PartitionInfo, Quota,
};
use busctl::ports::registry::{NewSchema, Reference, RegisteredSchema, RegistryInfo};
use busctl::resources::schema::{LiveRegistry, LiveSubject};
use busctl::resources::topic::{LiveTopic, LiveTopics};
use busctl::resources::{Desired, Live, Workspace, WorkspaceFiles, load};
use busctl::schema::SchemaFormat;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::scram;

pub const TOPICS: [&str; 5] = ["media.a.v1", "media.b.v1", "media.c.v1", "other.d.v1", "other.e.v1"];
pub const SERVICES: [&str; 3] = ["alpha", "beta", "gamma"];
pub const CONFIGS: [(&str, &[&str]); 6] = [
    ("retention.ms", &["7d", "604800000", "30d", "unlimited"]),
    ("retention.bytes", &["1KiB", "1024", "4KiB", "unlimited"]),
    ("cleanup.policy", &["delete", "[compact, delete]", "delete, compact", "compact", "[compact]", "[]"]),
    ("max.message.bytes", &["1MiB", "1048576", "2MiB"]),
    ("min.cleanable.dirty.ratio", &["0.5", "0.50", "0.25"]),
    ("min.insync.replicas", &["1", "2"]),
];

/// The text of a workspace in which some topics, grants and schemas are declared.
pub fn workspaces() -> impl Strategy<Value = BTreeMap<PathBuf, String>> {
    let topics = TOPICS.map(|name| {
        (0..4_u8, 1_u32..9, btree_map(0..CONFIGS.len(), 0..12_usize, 0..4), subsequence(&SERVICES, 0..3))
            .prop_map(move |(declared, partitions, configs, services)| {
                (declared > 0).then_some((name, declared == 1, partitions, configs, services))
            })
            .boxed()
    });
    let grants = SERVICES.map(|service| {
        let of_user = (quota_texts(), scram::texts()).prop_map(|(quota, scram)| quota + &scram);
        (any::<bool>(), any::<bool>(), subsequence(&TOPICS, 0..4), subsequence(&TOPICS, 0..4), of_user)
            .prop_map(move |(declared, leaves, reads, writes, of_user)| {
                let leaves = leaves && service == "gamma";
                declared.then_some((service, leaves, reads, writes, of_user))
            })
            .boxed()
    });
    let schemas = subsequence(&TOPICS, 0..4);
    let quotas = (subsequence(&QUOTAS, 0..4), subsequence(&scram::OF_CLUSTER, 0..4));
    let brokers = (broker_texts(), broker_texts());
    let all = (Vec::from(topics), Vec::from(grants), schemas, any::<bool>(), quotas, brokers);
    all.prop_map(|(topics, grants, schemas, refers, quotas, brokers)| {
        let mut files = BTreeMap::new();
        files.insert(PathBuf::from("busctl.yaml"), "version: 1\n".to_owned());
        let cluster = "cluster: c\nschema_registry: r\nmanages: { topics: [\"media.*\"] }\nprotect: [media.c.v1]\n\
                       defaults: { replication_factor: 1 }\n";
        let (quotas, users) = (quotas.0.join(", "), quotas.1.join(", "));
        files.insert(PathBuf::from("clusters/c.yaml"), format!(
                "{cluster}quotas: [{quotas}]\nscram_users: [{users}]\nkafka: {{ nodes: [{{ id: 1, {} }}, {{ id: 2 }}], {} }}\n",
                brokers.0, brokers.1
            ));
        files.insert(PathBuf::from("clusters/r.yaml"), "registry: r\nurl: http://127.0.0.1:1\n".to_owned());
        files.insert(PathBuf::from("schemas/media/shared.avsc"), record("media", "Shared", "x"));
        files.insert(
            PathBuf::from("schemas/media/shared.yaml"),
            "subject: media.shared\nschema: shared.avsc\ncompatibility: full\n".to_owned(),
        );
        for (name, absent, partitions, configs, services) in topics.into_iter().flatten() {
            let state = if absent { "state: absent\nreason: Unused.\n" } else { "" };
            let configs: String = configs
                .into_iter()
                .map(|(key, value)| format!("  {}: {}\n", CONFIGS[key].0, CONFIGS[key].1[value % CONFIGS[key].1.len()]))
                .collect();
            let configs = if configs.is_empty() { String::new() } else { format!("config:\n{configs}") };
            let services = services.join(", ");
            let refers = if refers && schemas.contains(&name) {
                "schema: { references: [{ name: media.Shared, subject: media.shared }] }\n"
            } else {
                ""
            };
            let text = format!(
                "topic: {name}\n{state}partitions: {partitions}\nproducers: [{services}]\nconsumers: [{services}]\n{configs}{refers}"
            );
            files.insert(PathBuf::from(format!("topics/{name}.yaml")), text);
        }
        for name in schemas {
            let domain = name.split('.').next().unwrap_or_default();
            files.insert(PathBuf::from(format!("schemas/{domain}/{name}.avsc")), record(domain, "R", name));
        }
        for (service, leaves, reads, writes, of_user) in grants.into_iter().flatten() {
            let state = if leaves { "state: absent\nreason: Unused.\n" } else { "" };
            let text = format!(
                "service: {service}\n{state}consumes: [{}]\nproduces: [{}]\n{of_user}",
                reads.join(", "),
                writes.join(", ")
            );
            files.insert(PathBuf::from(format!("acls/{service}.yaml")), text);
        }
        files
    })
}

pub fn record(namespace: &str, name: &str, doc: &str) -> String {
    format!(
        r#"{{"type":"record","name":"{name}","namespace":"{namespace}","doc":"{doc}","fields":[{{"name":"f","type":"int"}}]}}"#
    )
}

pub fn lives() -> impl Strategy<Value = Live> {
    let topics = btree_map(select(TOPICS.to_vec()), (1_usize..9, overrides()), 0..5);
    let acls = vec(acls(), 0..12);
    let subjects = btree_map(
        prop_oneof![
            select(TOPICS.to_vec()).prop_map(|topic| format!("{topic}-value")),
            Just("media.shared".to_owned())
        ],
        (select(vec!["x", "media.a.v1", "other"]), proptest::option::of(select(vec!["BACKWARD", "FULL", "NONE"]))),
        0..5,
    );
    let global = proptest::option::of(select(vec!["BACKWARD", "NONE"]));
    let all = (topics, acls, subjects, global, quotas(), broker_configs(), scram::live());
    all.prop_map(|(topics, acls, subjects, global, quotas, broker_configs, (scram_users, scram_passwords))| Live {
        facts: None,
        cluster: ClusterInfo { id: "id".into(), brokers: brokers(), controller: None },
        topics: LiveTopics {
            topics: topics
                .into_iter()
                .map(|(name, (count, configs))| (topic(name), live_topic(count, configs)))
                .collect(),
            defaults: BTreeMap::from([
                ("retention.ms".into(), ("604800000".to_owned(), ConfigSource::Default)),
                ("retention.bytes".into(), ("-1".to_owned(), ConfigSource::Default)),
                ("min.insync.replicas".into(), ("1".to_owned(), ConfigSource::Default)),
                ("cleanup.policy".into(), ("delete".to_owned(), ConfigSource::Default)),
                ("max.message.bytes".into(), ("1048588".to_owned(), ConfigSource::StaticBroker)),
                ("min.cleanable.dirty.ratio".into(), ("0.5".to_owned(), ConfigSource::Default)),
                ("segment.ms".into(), ("604800000".to_owned(), ConfigSource::Default)),
            ]),
            ..LiveTopics::default()
        },
        acls: Observed::Known(acls.into_iter().collect::<BTreeSet<_>>().into_iter().collect()),
        quotas: Observed::Known(quotas),
        scram_users: Some(Observed::Known(scram_users)),
        scram_passwords: Some(Observed::Known(scram_passwords)),
        broker_configs: Some(Observed::Known(broker_configs)),
        delivered: None,
        identities: None,
        registry: Some(Observed::Known(LiveRegistry {
            info: RegistryInfo { compatibility: global.map(str::to_owned), mode: None, group: None },
            subjects: subjects
                .into_iter()
                .map(|(name, (doc, level))| (subject(&name), live_subject(&name, doc, level)))
                .collect(),
            others: Vec::new(),
        })),
    })
}

/// Quotas of services, of strangers and of everybody else, some of them with limits that nobody knows.
pub fn quotas() -> impl Strategy<Value = Vec<Quota>> {
    let name =
        |names: &[&str]| proptest::option::of(select(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()));
    let users = || name(&["alpha", "beta", "gamma", "stranger", "a/b %", "<default>", "*"]);
    let clients = || name(&["c", "nightly", "<default>"]);
    let keys = |keys: &[&'static str]| btree_map(select(keys.to_vec()), 1_u32..5, 1..4);
    let of_clients = || {
        keys(&["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate", "later"])
    };
    let part = |kind: &str, name: Option<String>| (kind.to_owned(), name);
    let quota = prop_oneof![
        (users(), of_clients()).prop_map(move |(user, values)| (BTreeMap::from([part("user", user)]), values)),
        (users(), clients(), of_clients()).prop_map(move |(user, client, values)| {
            (BTreeMap::from([part("user", user), part("client-id", client)]), values)
        }),
        (clients(), of_clients())
            .prop_map(move |(client, values)| (BTreeMap::from([part("client-id", client)]), values)),
        (name(&["10.0.0.7", "::1"]), keys(&["connection_creation_rate"]))
            .prop_map(move |(ip, values)| (BTreeMap::from([part("ip", ip)]), values)),
    ];
    vec(quota, 0..6).prop_map(|quotas| {
        let values = |values: BTreeMap<&str, u32>| {
            values.into_iter().map(|(key, value)| (key.to_owned(), f64::from(value))).collect()
        };
        let quotas: BTreeMap<_, _> = quotas.into_iter().collect();
        quotas.into_iter().map(|(entity, of)| Quota { entity, values: values(of) }).collect()
    })
}

pub const BROKER_CONFIGS: [(&str, bool); 3] =
    [("log.cleaner.threads", false), ("max.connections", false), ("auto.create.topics.enable", true)];

/// Two brokers with what is set on each and on both; some of it in another spelling.
pub fn broker_configs() -> impl Strategy<Value = BrokerConfigs> {
    let value = || proptest::option::of(select(vec!["1", "1.0", "2", "3"]));
    let of_key = (value(), vec((value(), value()), 2));
    vec(of_key, BROKER_CONFIGS.len()).prop_map(|keys| {
        let mut brokers = BTreeMap::from([(1, BTreeMap::new()), (2, BTreeMap::new())]);
        for ((key, read_only), (of_all, own)) in BROKER_CONFIGS.into_iter().zip(keys) {
            for (configs, (dynamic, fixed)) in brokers.values_mut().zip(own) {
                let (dynamic, of_all) = if read_only { (None, None) } else { (dynamic, of_all) };
                let values = [
                    (ConfigSource::DynamicBroker, dynamic),
                    (ConfigSource::DynamicDefaultBroker, of_all),
                    (ConfigSource::StaticBroker, fixed),
                ];
                let values = values.into_iter().filter_map(|(source, value)| Some((source, value?.to_owned())));
                configs.insert(key.into(), BrokerConfig { values: values.collect(), read_only, sensitive: false });
            }
        }
        brokers.into_iter().collect()
    })
}

/// `config`, and what is taken away, of all brokers or of one.
pub fn broker_texts() -> impl Strategy<Value = String> {
    let of_key = select(vec!["", "1", "2", "absent"]);
    vec(of_key, BROKER_CONFIGS.len()).prop_map(|values| {
        let of = || BROKER_CONFIGS.iter().map(|(key, _)| *key).zip(values.iter().copied());
        let config: Vec<String> = of()
            .filter(|(_, value)| !["", "absent"].contains(value))
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        let reset: Vec<&str> = of().filter(|(_, value)| *value == "absent").map(|(key, _)| key).collect();
        format!("config: {{ {} }}, reset: [{}]", config.join(", "), reset.join(", "))
    })
}

fn alter(configs: &mut BTreeMap<Arc<str>, BrokerConfig>, from: ConfigSource, key: &Arc<str>, value: Option<&String>) {
    let config = configs.get_mut(key).expect("a config that is known");
    assert!(!config.read_only, "{key} is not set while brokers run");
    config.values.retain(|(source, _)| *source != from);
    config.values.extend(value.map(|value| (from, value.clone())));
    config.values.sort_by_key(|(source, _)| *source);
}

/// The key `quota` of a service, or nothing.
pub fn quota_texts() -> impl Strategy<Value = String> {
    let values =
        (select(vec!["", "produce: 3B/s", "produce: 0.5KiB/s"]), select(vec!["", "request: 2%", "mutations: 2/s"]));
    (any::<bool>(), values).prop_map(|(declared, (rate, other))| {
        let limits: Vec<&str> = [rate, other].into_iter().filter(|limit| declared && !limit.is_empty()).collect();
        if limits.is_empty() { String::new() } else { format!("quota: {{ {} }}\n", limits.join(", ")) }
    })
}

/// Quotas of the cluster's manifest.
pub const QUOTAS: [&str; 6] = [
    "{ user: <default>, produce: 2B/s }",
    "{ user: alpha, client_id: nightly, consume: 2B/s }",
    "{ user: stranger, state: absent }",
    "{ client_id: c, request: 1.5% }",
    "{ ip: <default>, connections: 3/s }",
    "{ ip: \"::1\", state: absent }",
];

pub fn overrides() -> impl Strategy<Value = BTreeMap<Arc<str>, String>> {
    let entry = prop_oneof![
        (Just("retention.ms"), select(vec!["604800000", "2592000000", "1"])),
        (Just("retention.bytes"), select(vec!["1024", "512", "-1"])),
        (Just("cleanup.policy"), select(vec!["delete,compact", "compact,delete", "compact", ""])),
        (Just("segment.ms"), select(vec!["604800000", "5"])),
        (Just("leader.replication.throttled.replicas"), Just("*")),
    ];
    vec(entry, 0..4)
        .prop_map(|entries| entries.into_iter().map(|(key, value)| (key.into(), value.to_owned())).collect())
}

pub fn acls() -> impl Strategy<Value = Acl> {
    (
        prop_oneof![select(SERVICES.to_vec()), Just("stranger"), Just("*")],
        prop_oneof![
            (Just(AclResourceType::Topic), select(TOPICS.to_vec())),
            (Just(AclResourceType::Group), select(SERVICES.to_vec())),
        ],
        select(vec![AclOperation::Read, AclOperation::Write, AclOperation::Describe]),
        select(vec![PatternType::Literal, PatternType::Prefixed]),
        select(vec![AclPermission::Allow, AclPermission::Deny]),
    )
        .prop_map(|(who, (resource, name), operation, pattern, permission)| Acl {
            resource,
            name: name.into(),
            pattern,
            principal: format!("User:{who}").parse().expect("principal"),
            host: "*".into(),
            operation,
            permission,
        })
}

/// Four brokers in three racks.
fn brokers() -> Vec<BrokerInfo> {
    let broker = |id: i32| BrokerInfo { id, host: "h".into(), port: 9092, rack: Some(format!("rack-{}", id % 3)) };
    (1..5).map(broker).collect()
}

pub fn topic(name: &str) -> TopicName {
    name.parse().expect("topic")
}

pub fn subject(name: &str) -> Subject {
    name.parse().expect("subject")
}

pub fn live_topic(count: usize, configs: BTreeMap<Arc<str>, String>) -> LiveTopic {
    let partition = PartitionInfo::in_sync(vec![1]);
    LiveTopic { internal: false, id: None, partitions: vec![partition; count], configs: Observed::Known(configs) }
}

pub fn live_subject(name: &str, doc: &str, level: Option<&str>) -> LiveSubject {
    let domain = name.split('.').next().unwrap_or_default();
    let schema = NewSchema { format: SchemaFormat::Avro, text: record(domain, "R", doc), references: Vec::new() };
    LiveSubject {
        latest: Observed::Known(Some(RegisteredSchema { version: 3, id: 7, schema, properties: BTreeMap::new() })),
        compatibility: Observed::Known(level.map(str::to_owned)),
        group: None,
        taken_for: None,
    }
}

pub fn workspace(files: &BTreeMap<PathBuf, String>) -> Workspace {
    let texts = files.iter().map(|(path, text)| (path.clone(), Ok(Arc::from(text.as_str())))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, documents: BTreeSet::new() });
    assert!(findings.is_empty(), "{findings:?}");
    workspace
}

pub fn plan(workspace: &Workspace, live: &Live) -> Plan {
    let cluster = workspace.clusters.values().next().expect("cluster");
    let (desired, findings) = Desired::resolve(workspace, cluster);
    assert!(findings.is_empty(), "{findings:?}");
    make_plan(&desired, live, Date::of_unix_seconds(0))
}

/// What the servers do with a plan.
pub fn carry_out(plan: &Plan, live: &mut Live) {
    let mut steps: Vec<&Step> = plan.changes.iter().flat_map(|change| &change.steps).collect();
    steps.sort_by_key(|step| step.stage());
    // Within a stage, what others refer to comes first.
    steps.sort_by_key(|step| match step {
        Step::RegisterSchema { references, .. } => (step.stage(), references.len()),
        _ => (step.stage(), 0),
    });
    steps.iter().for_each(|step| scram::alter(live, step));
    scram::remember(live, plan);
    let Some(Observed::Known(registry)) = &mut live.registry else { panic!("the registry is known") };
    let Observed::Known(acls) = &mut live.acls else { panic!("the ACLs are known") };
    let Observed::Known(quotas) = &mut live.quotas else { panic!("the quotas are known") };
    for step in steps {
        match step {
            Step::SetCompatibility { subject, level } => {
                let entry = registry.subjects.entry(subject.clone()).or_insert_with(|| LiveSubject {
                    latest: Observed::Known(None),
                    compatibility: Observed::Known(None),
                    group: None,
                    taken_for: None,
                });
                entry.compatibility = Observed::Known(Some(level.to_registry()));
            }
            Step::RegisterSchema { subject, format, text, references } => {
                let references = references
                    .iter()
                    .map(|reference| Reference {
                        name: reference.name.clone(),
                        subject: reference.subject.clone(),
                        version: match reference.version {
                            PlannedVersion::Pinned(version) => version,
                            PlannedVersion::AfterRegistering => version_of(registry, &reference.subject),
                        },
                    })
                    .collect();
                let version = registry.subjects.get(subject).map_or(0, |_| version_of(registry, subject)) + 1;
                let schema = NewSchema { format: *format, text: text.to_string(), references };
                let entry = registry.subjects.entry(subject.clone()).or_insert_with(|| LiveSubject {
                    latest: Observed::Known(None),
                    compatibility: Observed::Known(None),
                    group: None,
                    taken_for: None,
                });
                let properties = BTreeMap::new();
                entry.latest =
                    Observed::Known(Some(RegisteredSchema { version, id: version.into(), schema, properties }));
            }
            Step::CreateTopic(new) => {
                let known = live
                    .topics
                    .topics
                    .insert(new.name.clone(), live_topic(new.partitions as usize, new.configs.clone()));
                let replicas: Vec<i32> = (1..=new.replication_factor as i32).collect();
                let created = live.topics.topics.get_mut(&new.name).expect("it was created");
                created.partitions.fill(PartitionInfo::in_sync(replicas));
                assert!(known.is_none(), "a topic that exists was created again");
            }
            Step::CreatePartitions { topic, count } => {
                let found = live.topics.topics.get_mut(topic).expect("topic");
                assert!(found.partitions.len() < *count as usize, "partitions only grow");
                // They have as many replicas as the first one.
                let new = found.partitions[0].clone();
                found.partitions.resize(*count as usize, new);
            }
            Step::Reassign { topic, moves } => {
                let found = live.topics.topics.get_mut(topic).expect("topic");
                for PartitionMove { partition, before, after } in moves {
                    let partition = &mut found.partitions[*partition as usize];
                    assert_eq!(partition.replicas, *before);
                    *partition = PartitionInfo::in_sync(after.clone());
                }
            }
            Step::AlterConfigs { topic, alterations } => {
                let found = live.topics.topics.get_mut(topic).expect("topic");
                let Observed::Known(configs) = &mut found.configs else { panic!("the configs are known") };
                for (key, value) in alterations {
                    match value {
                        Some(value) => drop(configs.insert(key.clone(), value.clone())),
                        None => drop(configs.remove(key)),
                    }
                }
            }
            Step::CancelReassignment { .. } | Step::ElectLeaders { .. } => panic!("no manifest asks for it"),
            Step::CreateAcls(added) => acls.extend(added.iter().cloned()),
            Step::DeleteAcls(removed) => acls.retain(|acl| !removed.contains(acl)),
            Step::AlterBrokerConfigs { broker, alterations } => {
                let Some(Observed::Known(brokers)) = &mut live.broker_configs else { panic!("the brokers are known") };
                let source = broker.map_or(ConfigSource::DynamicDefaultBroker, |_| ConfigSource::DynamicBroker);
                for (_, configs) in brokers.told.iter_mut().filter(|(id, _)| broker.is_none_or(|broker| broker == **id))
                {
                    alterations.iter().for_each(|(key, value)| alter(configs, source, key, value.as_ref()));
                }
            }
            Step::AlterQuota(altered) => {
                let at = quotas.iter().position(|quota| quota.entity == altered.entity).unwrap_or_else(|| {
                    quotas.push(Quota { entity: altered.entity.clone(), values: BTreeMap::new() });
                    quotas.len() - 1
                });
                for (key, value) in &altered.values {
                    match value {
                        Some(value) => drop(quotas[at].values.insert(key.clone(), *value)),
                        None => assert!(quotas[at].values.remove(key).is_some(), "{key} is not there"),
                    }
                }
                // Kafka has no entity without a limit.
                quotas.retain(|quota| !quota.values.is_empty());
            }
            Step::SetScramPassword { .. } | Step::RemoveScramPassword { .. } => {}
            Step::WriteKeys(_) => unreachable!("the cluster delivers nothing"),
            Step::DeleteRecords { .. } => unreachable!("no manifest declares that records go"),
            Step::DeleteTopic(topic) => {
                assert!(live.topics.topics.remove(topic).is_some(), "a topic that is not there was deleted");
            }
            Step::DeleteSubject(subject) => {
                assert!(registry.subjects.remove(subject).is_some(), "a subject that is not there was deleted");
            }
        }
    }
}

pub fn version_of(registry: &LiveRegistry, subject: &Subject) -> u32 {
    let found = registry.subjects.get(subject).and_then(|found| found.latest.known()).and_then(Option::as_ref);
    found.map_or(0, |latest| latest.version)
}
