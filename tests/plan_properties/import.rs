//! What is imported needs no plan, whatever the bus has, and is imported once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use busctl::import::{Found, Imported, Request, import};
use busctl::model::{Address, ClusterName, Date, Kind, Pattern, PatternType};
use busctl::plan::{Plan, make_plan};
use busctl::ports::Observed;
use busctl::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType, ConfigSource};
use busctl::ports::registry::Reference;
use busctl::resources::cluster::Reach;
use busctl::resources::format::format_manifest;
use busctl::resources::{Desired, Live, Workspace, WorkspaceFiles, load};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::model::{SERVICES, TOPICS, live_subject, live_topic, lives, overrides, subject, topic};

/// Names that follow no rule, or other ones than those of the other generators.
const ODD: [&str; 24] = [
    "orders",
    "Orders-Created",
    ".hidden",
    "-x",
    "on",
    "2024-01-01",
    "media.a.v1.alpha.dlq",
    "media.b.v1.dlq",
    "orders-dlq",
    "alpha-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog",
    "alpha-counts-repartition",
    "connect-configs",
    "connect-offsets",
    "connect-status",
    "heartbeats",
    "alpha-x-changelog",
    "fixtures.a",
    "versions.a",
    "media.a.v1.key",
    "media.a.v1-value",
    "_schemas",
    "__consumer_offsets",
    "platform",
    "media",
];

/// A bus with more in it than plans are tried with.
fn buses() -> impl Strategy<Value = Live> {
    let topics = btree_map(select(ODD.to_vec()), (1_usize..4, configs()), 0..10);
    (lives(), topics, vec(acls(), 0..30), btree_set(bundles(), 0..6), subjects()).prop_map(
        |(mut live, topics, acls, bundles, subjects)| {
            let topics = topics.into_iter().map(|(name, (count, configs))| (topic(name), live_topic(count, configs)));
            live.topics.topics.extend(topics);
            let Observed::Known(known) = &mut live.acls else { panic!("the ACLs are known") };
            let all: BTreeSet<Acl> = known.drain(..).chain(acls).chain(bundles.into_iter().flatten()).collect();
            known.extend(all);
            let Some(Observed::Known(registry)) = &mut live.registry else { panic!("the registry is known") };
            for (name, (level, refers)) in subjects {
                let mut found = live_subject(&name, &name, level);
                if let (Observed::Known(Some(latest)), Some(version)) = (&mut found.latest, refers) {
                    let reference =
                        Reference { name: "media.Shared".into(), subject: subject("media.shared"), version };
                    latest.schema.references.push(reference);
                }
                registry.subjects.insert(subject(&name), found);
            }
            live
        },
    )
}

fn configs() -> impl Strategy<Value = BTreeMap<Arc<str>, String>> {
    let more = prop_oneof![
        Just(("message.timestamp.type", "CreateTime")),
        Just(("compression.type", "zstd")),
        Just(("flush.ms", "9223372036854775807")),
        Just(("min.insync.replicas", "2")),
        Just(("vendor.thing", "a: b # c")),
        Just(("vendor.empty", "")),
        Just(("vendor.password", "hunter2hunter2")),
        Just(("unclean.leader.election.enable", "TRUE")),
        Just(("min.cleanable.dirty.ratio", "0.010")),
    ];
    (overrides(), vec(more, 0..4)).prop_map(|(mut configs, more)| {
        configs.extend(more.into_iter().map(|(key, value)| (key.into(), value.to_owned())));
        configs
    })
}

fn subjects() -> impl Strategy<Value = BTreeMap<String, (Option<&'static str>, Option<u32>)>> {
    let of_topics =
        (select([TOPICS.as_slice(), ODD.as_slice()].concat()), select(vec!["-key", "-value", "-media.R", "-R"]));
    let names = prop_oneof![
        of_topics.prop_map(|(topic, end)| format!("{topic}{end}")),
        select(vec!["media.shared", "com/acme:Order", ".x", "ünï", "on"]).prop_map(str::to_owned),
    ];
    let level = proptest::option::of(select(vec!["BACKWARD", "FULL_TRANSITIVE", "NONE"]));
    btree_map(names, (level, proptest::option::of(select(vec![1_u32, 3]))), 0..12)
}

fn who() -> impl Strategy<Value = String> {
    let names = [SERVICES.as_slice(), &["stranger", "a b", "O'Neil@corp", "*"]].concat();
    (select(names), select(vec!["User:", "User:CN=", "Group:"]), select(vec!["", ",OU=x"])).prop_map(
        |(name, start, end)| {
            if name == "*" { "User:*".to_owned() } else { format!("{start}{name}{end}") }
        },
    )
}

/// ACLs of any sort, some of which no manifest can say.
fn acls() -> impl Strategy<Value = Acl> {
    let names = [TOPICS.as_slice(), ODD.as_slice(), &SERVICES, &["*", "kafka-cluster", "alpha-", "a*b", "x*"]].concat();
    let operations = AclOperation::WORDS.iter().map(|(_, operation)| *operation).collect::<Vec<_>>();
    let resources = AclResourceType::WORDS.iter().map(|(_, resource)| *resource).collect::<Vec<_>>();
    let kinds = (
        select(vec![PatternType::Literal, PatternType::Prefixed]),
        select(vec![AclPermission::Allow, AclPermission::Deny]),
    );
    (who(), select(resources), select(names), select(operations), kinds, select(vec!["*", "*", "10.0.0.1"])).prop_map(
        |(who, resource, name, operation, (pattern, permission), host)| Acl {
            resource,
            name: name.into(),
            pattern,
            principal: who.parse().expect("a principal"),
            host: host.into(),
            operation,
            permission,
        },
    )
}

/// What a producer, a consumer, a Streams application and a Connect worker have, sometimes a part of it.
fn bundles() -> impl Strategy<Value = Vec<Acl>> {
    use AclOperation::{Create, Delete, Describe, DescribeConfigs, Read, Write};
    use AclResourceType::{Group, Topic, TransactionalId};
    use PatternType::{Literal, Prefixed};
    let topics = select([TOPICS.as_slice(), ODD.as_slice()].concat());
    const WRITES: &[AclOperation] = &[Describe, Write];
    const READS: &[AclOperation] = &[Describe, Read];
    const JOINS: &[AclOperation] = &[Read];
    const ALL: &[AclOperation] = &[AclOperation::All];
    const OF_STREAMS: &[AclOperation] = &[Create, Delete, Describe, DescribeConfigs, Read, Write];
    const OF_WORKERS: &[AclOperation] = &[Create, Describe, DescribeConfigs, Read, Write];
    (select(SERVICES.to_vec()), topics, 0..6_u8, 0..13_usize).prop_map(|(who, topic, kind, missing)| {
        let about = match kind {
            0 => vec![(Topic, Literal, topic.to_owned(), WRITES)],
            1 => vec![(Topic, Literal, topic.to_owned(), READS), (Group, Literal, who.to_owned(), JOINS)],
            2 => vec![(Topic, Literal, topic.to_owned(), READS), (Group, Literal, "another".to_owned(), JOINS)],
            3 => vec![
                (Group, Literal, who.to_owned(), READS),
                (Topic, Prefixed, format!("{who}-"), OF_STREAMS),
                (TransactionalId, Prefixed, format!("{who}-"), WRITES),
            ],
            4 => vec![(Topic, Prefixed, who.to_owned(), ALL), (Group, Prefixed, who.to_owned(), ALL)],
            _ => vec![
                (Group, Literal, "connect".to_owned(), READS),
                (TransactionalId, Literal, "connect-cluster-connect".to_owned(), WRITES),
                (Group, Literal, "connect-sink".to_owned(), JOINS),
                (Topic, Literal, "connect-configs".to_owned(), OF_WORKERS),
                (Topic, Literal, "connect-offsets".to_owned(), OF_WORKERS),
                (Topic, Literal, "connect-status".to_owned(), OF_WORKERS),
            ],
        };
        let mut acls: Vec<Acl> = about
            .into_iter()
            .flat_map(|(resource, pattern, name, operations)| {
                let acl = move |operation: &AclOperation| Acl {
                    resource,
                    name: name.as_str().into(),
                    pattern,
                    principal: format!("User:{who}").parse().expect("a principal"),
                    host: "*".into(),
                    operation: *operation,
                    permission: AclPermission::Allow,
                };
                operations.iter().map(acl).collect::<Vec<_>>()
            })
            .collect();
        // Workers that need no transactional id have none.
        if missing == 12 {
            acls.retain(|acl| acl.resource != TransactionalId);
        } else if missing < acls.len() {
            acls.remove(missing);
        }
        acls
    })
}

fn cluster(name: &str) -> ClusterName {
    name.parse().expect("a name")
}

/// What operators of the bus have on a cluster: all that their role asks for, a part of it, more, or nothing.
fn operators() -> impl Strategy<Value = Vec<Acl>> {
    (0..4_usize, any::<bool>()).prop_map(|(count, is_other)| {
        let operations = [AclOperation::Describe, AclOperation::Read, AclOperation::Write];
        let acl = |operation: AclOperation| Acl {
            resource: AclResourceType::Topic,
            name: if is_other { "other." } else { "media." }.into(),
            pattern: PatternType::Prefixed,
            principal: "User:operator".parse().expect("a principal"),
            host: "*".into(),
            operation,
            permission: AclPermission::Allow,
        };
        operations.into_iter().take(count).map(acl).collect()
    })
}

/// Another cluster, with a registry or without. What is set on some topic has a default, as each config of a broker has.
fn other_clusters() -> impl Strategy<Value = Live> {
    (buses(), operators(), any::<bool>()).prop_map(|(mut live, operators, has_registry)| {
        let Observed::Known(acls) = &mut live.acls else { panic!("the ACLs are known") };
        acls.extend(operators);
        let set = live.topics.topics.values().filter_map(|topic| topic.configs.known());
        let set: Vec<_> = set.flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
        let known = [
            ("message.timestamp.type", "LogAppendTime"),
            ("compression.type", "producer"),
            ("flush.ms", "1000"),
            ("vendor.thing", "x"),
            ("vendor.empty", "y"),
            ("unclean.leader.election.enable", "false"),
        ];
        let known = known.map(|(key, value)| (Arc::from(key), value.to_owned()));
        for (key, value) in known.into_iter().chain(set) {
            live.topics.defaults.entry(key).or_insert((value, ConfigSource::Default));
        }
        Live { registry: live.registry.take().filter(|_| has_registry), ..live }
    })
}

/// The workspace with what was made.
fn with(workspace: &Workspace, made: &Imported) -> Workspace {
    let mut texts: BTreeMap<PathBuf, Arc<str>> =
        workspace.sources.iter().map(|(_, file)| (file.path.clone(), file.text.clone())).collect();
    for path in made.created.keys() {
        assert!(!texts.contains_key(path), "{} is written over", path.display());
    }
    texts.extend(made.created.iter().chain(&made.changed).map(|(path, text)| (path.clone(), text.as_str().into())));
    let texts = texts.into_iter().map(|(path, text)| (path, Ok(text))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, documents: BTreeSet::new() });
    assert!(findings.is_empty(), "{findings:#?}\n{made:#?}");
    workspace
}

/// The workspace with operators of the bus.
fn with_role(workspace: &Workspace) -> Workspace {
    let role = "roles:\n  operator: { owner: platform, reads: [\"media.*\"] }\n".to_owned();
    let made = Imported { created: [(PathBuf::from("catalog/operators.yaml"), role)].into(), ..Imported::default() };
    with(workspace, &made)
}

fn imported(live: &Live, workspace: &Workspace, only: &[Pattern]) -> Imported {
    imported_as("production", live, workspace, only)
}

fn imported_as(cluster_name: &str, live: &Live, workspace: &Workspace, only: &[Pattern]) -> Imported {
    let (cluster, reach) = (cluster(cluster_name), Reach::default());
    let request = Request { cluster: &cluster, workspace, reach: &reach, only, samples: 0 };
    import(&Found::of_live(live, None, None), request)
}

fn plan(workspace: &Workspace, live: &Live) -> Plan {
    plan_of("production", workspace, live)
}

fn plan_of(cluster: &str, workspace: &Workspace, live: &Live) -> Plan {
    let (desired, findings) = Desired::resolve(workspace, &workspace.clusters[cluster]);
    assert!(findings.is_empty(), "{findings:#?}");
    make_plan(&desired, live, Date::of_unix_seconds(0))
}

/// Whether the registry says no level of a subject, so that the plan sets one.
fn has_no_level(live: &Live, address: &Address) -> bool {
    let Some(registry) = live.registry.as_ref().and_then(Observed::known) else { return false };
    if address.kind != Kind::Schema {
        return false;
    }
    let found = registry.subjects.get(address.name.as_str());
    found.is_some_and(|found| registry.level_of(found).is_none())
}

fn check(workspace: &Workspace, live: &Live, made: &Imported) -> Result<(), TestCaseError> {
    let plan = plan(workspace, live);
    for change in &plan.changes {
        prop_assert!(has_no_level(live, &change.address), "{change:#?}\n{made:#?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_is_imported_needs_no_plan_and_is_imported_once(live in buses()) {
        let made = imported(&live, &Workspace::default(), &[]);
        let workspace = with(&Workspace::default(), &made);
        check(&workspace, &live, &made)?;
        // Every topic that may be declared is.
        for (name, found) in &live.topics.topics {
            let is_said = || made.left.iter().any(|left| left.starts_with(&format!("{name} is not declared: ")));
            let has_secret = found.configs.known().is_some_and(|configs| configs.contains_key("vendor.password"));
            prop_assert!(
                found.internal || name.is_reserved() || workspace.topics.contains_key(name) || has_secret && is_said(),
                "{name}"
            );
        }
        let again = imported(&live, &workspace, &[]);
        prop_assert!(again.created.is_empty() && again.changed.is_empty(), "{again:#?}\n{made:#?}");
        for (path, text) in made.created.iter().filter(|(path, _)| path.extension().is_some_and(|it| it == "yaml")) {
            let formatted = format_manifest(Some(path), text);
            prop_assert_eq!(formatted.as_deref(), Ok(text.as_str()), "{}", path.display());
        }
    }

    #[test]
    fn a_cluster_that_joins_another_one_needs_no_plan_and_changes_none(
        (first, second) in (buses(), other_clusters()),
        part in any::<bool>(),
    ) {
        let workspace = with_role(&with(&Workspace::default(), &imported(&first, &Workspace::default(), &[])));
        let before = plan(&workspace, &first).changes.len();
        let only = if part { vec!["media.*".parse().expect("a pattern")] } else { Vec::new() };
        let made = imported_as("staging", &second, &workspace, &only);
        let workspace = with(&workspace, &made);
        let after = plan(&workspace, &first).changes;
        prop_assert_eq!(after.len(), before, "{:#?}\n{:#?}", after, made);
        // One without topics of its own gets everything.
        if second.topics.topics.keys().any(|name| TOPICS.contains(&name.as_str())) {
            for change in plan_of("staging", &workspace, &second).changes {
                prop_assert!(has_no_level(&second, &change.address), "{change:#?}\n{made:#?}");
            }
        }
        let again = imported_as("staging", &second, &workspace, &only);
        prop_assert!(again.created.is_empty() && again.changed.is_empty(), "{again:#?}\n{made:#?}");
    }

    #[test]
    fn topics_are_adopted_one_by_one(live in buses(), order in any::<u64>()) {
        let mut names: Vec<String> = live.topics.topics.keys().map(ToString::to_string).collect();
        let turn = (order % (names.len().max(1) as u64)) as usize;
        names.rotate_left(turn);
        let mut workspace = Workspace::default();
        for name in names {
            let made = imported(&live, &workspace, &[name.parse().expect("a pattern")]);
            workspace = with(&workspace, &made);
            check(&workspace, &live, &made)?;
        }
    }
}
