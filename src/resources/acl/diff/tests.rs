use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::diag::Store;
use crate::model::{Kind, Risk};
use crate::plan::{Action, Plan, make_plan};
use crate::ports::kafka::{AclOperation, ClusterInfo};
use crate::resources::acl::access::{Authorizer, Target};
use crate::resources::acl::samples::{PRINCIPALS, TOPICS, acls, principal};
use crate::resources::topic::{LiveTopic, LiveTopics};
use crate::resources::{Workspace, WorkspaceFiles, load};

const CLOSED: &str = "cluster: c\nkafka: { super_users: [\"User:keeper\"] }\n";
const OPEN: &str = "cluster: c\nkafka: { allow_everyone_if_no_acl_found: true }\n";

fn workspace(cluster: &str, files: &[(&str, &str)]) -> Workspace {
    let own = [("busctl.yaml", "version: 1\n"), ("clusters/c.yaml", cluster)];
    let files = own.iter().chain(files);
    let texts = files.map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(*text)))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, documents: BTreeSet::new() });
    assert!(findings.is_empty(), "{findings:?}");
    workspace
}

fn plan(workspace: &Workspace, acls: Vec<Acl>, topics: &[&str]) -> Plan {
    let cluster = workspace.clusters.values().next().expect("a cluster");
    let (desired, _) = Desired::resolve(workspace, cluster);
    let topic = |name: &&str| {
        let configs = Observed::Known(BTreeMap::new());
        (name.parse().expect("topic"), LiveTopic { internal: false, id: None, partitions: Vec::new(), configs })
    };
    let live = Live {
        facts: None,
        cluster: ClusterInfo { id: "id".into(), brokers: Vec::new(), controller: None },
        topics: LiveTopics { topics: topics.iter().map(topic).collect(), ..Default::default() },
        acls: Observed::Known(acls),
        quotas: Observed::Known(Vec::new()),
        scram_users: None,
        scram_passwords: None,
        broker_configs: None,
        delivered: None,
        identities: None,
        registry: None,
    };
    make_plan(&desired, &live, "2026-06-01".parse().expect("a day"))
}

/// `User:x read on topic a.*`, a trailing asterisk being a prefix.
fn acl(who: &str, operation: AclOperation, resource: AclResourceType, name: &str) -> Acl {
    let prefix = name.strip_suffix('*').filter(|prefix| !prefix.is_empty());
    Acl {
        resource,
        name: prefix.unwrap_or(name).into(),
        pattern: if prefix.is_some() { PatternType::Prefixed } else { PatternType::Literal },
        principal: principal(who),
        host: "*".into(),
        operation,
        permission: AclPermission::Allow,
    }
}

fn topic(who: &str, operation: AclOperation, name: &str) -> Acl {
    acl(who, operation, AclResourceType::Topic, name)
}

/// The grants of a plan as people read them, with who loses and gains what.
fn told(plan: &Plan) -> String {
    let mut text = String::new();
    for change in plan.changes.iter().filter(|change| change.address.kind == Kind::Grant) {
        let action = match change.action {
            Action::Create => '+',
            Action::Update => '~',
            Action::Delete => '-',
        };
        let _ = writeln!(text, "{action} {} {}", change.address, change.risk);
        for sentence in &change.impact {
            let _ = writeln!(text, "  ! {sentence}");
        }
        for access in &change.access {
            let _ = writeln!(text, "  {}", serde_json::to_string(access).expect("JSON"));
        }
        for address in &change.depends_on {
            let _ = writeln!(text, "  after {address}");
        }
    }
    for finding in &plan.findings {
        let _ = writeln!(text, "{} {:?}: {}", finding.code, finding.level, finding.message);
    }
    text
}

const NORMALIZER: (&str, &str) = ("acls/normalizer.yaml", "service: normalizer\n");

#[test]
fn what_a_service_no_longer_asks_for_is_lost() {
    let workspace = workspace(CLOSED, &[NORMALIZER]);
    let acls = vec![
        topic("normalizer", AclOperation::Read, "media.a"),
        topic("normalizer", AclOperation::Write, "media.gone"),
        topic("normalizer", AclOperation::All, "media.x.*"),
        acl("normalizer", AclOperation::Read, AclResourceType::Group, "normalizer"),
    ];
    let plan = plan(&workspace, acls, &["media.a", "media.x.1", "media.x.2", "media.x.3", "media.x.4"]);
    insta::assert_snapshot!(told(&plan));
}

#[test]
fn what_another_acl_still_covers_is_not_lost() {
    let raw =
        "service: normalizer\nraw:\n  - { resource: topic, name: \"media.*\", operation: read, reason: all of it }\n";
    let workspace = workspace(CLOSED, &[("acls/normalizer.yaml", raw), ("acls/keeper.yaml", "service: keeper\n")]);
    let kept = topic("normalizer", AclOperation::Read, "media.*");
    let narrow = topic("normalizer", AclOperation::Read, "media.a");
    let of_super_user = topic("keeper", AclOperation::Read, "media.a");
    let live = plan(&workspace, vec![kept, narrow.clone(), of_super_user], &["media.a"]);
    // The same where the wider one comes with this plan: then it must be there first.
    let planned = plan(&workspace, vec![narrow], &["media.a"]);
    insta::assert_snapshot!(format!("{}\n{}", told(&live), told(&planned)));
}

#[test]
fn a_deny_takes_from_everybody_whom_it_names() {
    let raw = "service: guard\nprincipals: { c: \"User:*\" }\nraw:\n  \
               - { resource: topic, name: media.a, operation: write, permission: deny, reason: frozen }\n";
    let workspace = workspace(CLOSED, &[NORMALIZER, ("acls/guard.yaml", raw)]);
    let mut elsewhere = topic("beta", AclOperation::All, "media.*");
    elsewhere.host = "10.0.0.1".into();
    let acls =
        vec![topic("alpha", AclOperation::Write, "media.a"), elsewhere, topic("reader", AclOperation::Read, "*")];
    insta::assert_snapshot!(told(&plan(&workspace, acls, &["media.a", "media.b"])));
}

#[test]
fn the_first_acl_shuts_out_and_the_last_one_opens_where_no_acl_means_open() {
    let raw = "service: normalizer\nraw:\n  \
               - { resource: topic, name: media.a, operation: read, reason: why }\n  \
               - { resource: topic, name: media.new, operation: read, reason: why }\n";
    let workspace = workspace(OPEN, &[("acls/normalizer.yaml", raw)]);
    let acls = vec![topic("normalizer", AclOperation::Read, "media.b")];
    insta::assert_snapshot!(told(&plan(&workspace, acls, &["media.a", "media.b"])));
}

#[test]
fn a_deny_of_everything_tells_first_what_concerns_most() {
    let raw = "service: guard\nprincipals: { c: \"User:*\" }\nraw:\n  \
               - { resource: topic, name: \"*\", operation: read, permission: deny, reason: frozen }\n";
    let workspace = workspace(CLOSED, &[("acls/guard.yaml", raw), NORMALIZER]);
    let names: Vec<String> = (0..12).map(|number| format!("media.t{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut acls: Vec<Acl> = names[..8].iter().map(|name| topic("reader", AclOperation::Read, name)).collect();
    acls.push(topic("auditor", AclOperation::Read, "*"));
    insta::assert_snapshot!(told(&plan(&workspace, acls, &names)));
}

#[test]
fn acls_that_say_the_same_in_other_words_are_safe() {
    let operations = ["read", "write", "create", "delete", "alter", "describe", "describe_configs", "alter_configs"];
    let raw: String = operations
        .iter()
        .map(|operation| format!("  - {{ resource: topic, name: media.a, operation: {operation}, reason: why }}\n"))
        .collect();
    let raw = format!("service: normalizer\nraw:\n{raw}");
    let workspace = workspace(CLOSED, &[("acls/normalizer.yaml", &raw)]);
    let plan = plan(&workspace, vec![topic("normalizer", AclOperation::All, "media.a")], &["media.a"]);
    assert!(plan.changes[0].access.is_empty(), "{plan:?}");
    insta::assert_snapshot!(told(&plan));
}

#[test]
fn a_plan_that_locks_the_tool_out_is_refused() {
    let connection = "connection: { bootstrap: [\"k:9092\"], principal: \"User:ops\" }\n";
    let cluster = format!("{CLOSED}{connection}");
    let workspace = workspace(&cluster, &[("acls/ops.yaml", "service: ops\n")]);
    let own = |operation| acl("ops", operation, AclResourceType::Cluster, "kafka-cluster");
    let acls = vec![own(AclOperation::Alter), own(AclOperation::DescribeConfigs), topic("ops", AclOperation::All, "*")];
    let plan = plan(&workspace, acls, &["media.a", "media.b"]);
    assert!(plan.findings.iter().any(|finding| finding.code == "BUS507" && finding.level == Level::Error));
    insta::assert_snapshot!(told(&plan));
}

#[test]
fn who_the_tool_is_comes_from_the_manifest_the_login_or_a_service_of_its_name() {
    let sasl = "sasl: { mechanism: plain, username: ops, password: \"env:P\" }";
    let mtls = "tls: { certificate: \"file:c.pem\" }";
    let service = ("acls/busctl.yaml", "service: busctl\nprincipals: { c: \"User:ops\" }\n");
    let of_ops = ("acls/ops.yaml", "service: ops\n");
    let acls = || vec![acl("ops", AclOperation::Alter, AclResourceType::Cluster, "kafka-cluster")];
    let found = |connection: &str, file: (&str, &str)| {
        let cluster = format!("cluster: c\nconnection: {{ bootstrap: [\"k:9092\"], {connection} }}\n");
        let plan = plan(&workspace(&cluster, &[file]), acls(), &[]);
        plan.findings.iter().map(|finding| (finding.code.clone(), finding.level)).collect::<Vec<_>>()
    };
    let refused = vec![("BUS507".to_owned(), Level::Error)];
    assert_eq!(found(sasl, of_ops), refused);
    assert_eq!(found(mtls, service), refused);
    assert_eq!(found(&format!("{mtls}, principal: \"User:ops\""), of_ops), refused);
    // The manifest knows better than the login.
    assert_eq!(found(&format!("{sasl}, principal: \"User:other\""), of_ops), []);
    // A certificate that nobody here can read: said, not guessed.
    assert_eq!(found(mtls, of_ops), [("BUS507".to_owned(), Level::Warn)]);
}

#[test]
fn the_examples_of_the_rule_break_it_and_keep_it() {
    let rule = &crate::policy::rules::live::LOCKED_OUT;
    for (example, expected) in [(&rule.bad, vec![rule.code]), (&rule.good, vec![])] {
        let (workspace, mut offline) = load(crate::policy::lay_over(example));
        let (clusters, store) = (workspace.clusters.values().collect::<Vec<_>>(), Store::in_memory(&workspace.sources));
        offline.extend(crate::policy::check(&workspace, &clusters, &store));
        assert!(offline.is_empty(), "{offline:?}");
        let acls = vec![acl("busctl", AclOperation::Alter, AclResourceType::Cluster, "kafka-cluster")];
        let plan = plan(&workspace, acls, &[]);
        // The cluster of these tests is not the one that the examples pin.
        let found = plan.findings.iter().map(|finding| finding.code.as_str()).filter(|code| *code != "BUS505");
        assert_eq!(found.collect::<Vec<_>>(), expected, "{:?}", plan.findings);
    }
    assert!(rule.is_fixed());
}

#[test]
fn an_acl_in_words_names_everything() {
    let acl = topic("x", AclOperation::Read, "media.*");
    assert_eq!(unmanaged(&acl, "").name, "allow User:x read on topic media.* from *");
}

/// The manifests that ask for these ACLs, one service for each principal.
fn asking_for(acls: &BTreeSet<Acl>) -> Vec<(String, String)> {
    let manifest = |who: &str| {
        let name = if who == "*" { "everybody" } else { who };
        let mut text = format!("service: {name}\nprincipals: {{ c: \"User:{who}\" }}\nraw:\n");
        let own: Vec<&Acl> = acls.iter().filter(|acl| acl.principal == principal(who)).collect();
        for acl in &own {
            let end = if acl.pattern == PatternType::Prefixed { "*" } else { "" };
            let _ = writeln!(
                text,
                "  - {{ resource: topic, name: \"{}{end}\", operation: {}, permission: {}, host: \"{}\", reason: why }}",
                acl.name, acl.operation, acl.permission, acl.host
            );
        }
        let text = if own.is_empty() { text.replace("raw:\n", "") } else { text };
        (format!("acls/{name}.yaml"), text)
    };
    PRINCIPALS[..4].iter().map(|who| manifest(who)).collect()
}

proptest! {
    /// Whatever anybody may do before a plan and not after it is told by one of its changes, which is not safe.
    #[test]
    fn no_loss_goes_untold(live in acls(), wanted in acls(), open in any::<bool>()) {
        let (live, wanted): (BTreeSet<Acl>, BTreeSet<Acl>) = (live.into_iter().collect(), wanted.into_iter().collect());
        let files = asking_for(&wanted);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let workspace = workspace(if open { OPEN } else { CLOSED }, &files);
        let plan = plan(&workspace, live.iter().cloned().collect(), &TOPICS);
        let settings = AuthorizerSettings::of(workspace.clusters.values().next().expect("a cluster"));
        let sides = [Authorizer::new(&live, &settings), Authorizer::new(&wanted, &settings)];
        for who in PRINCIPALS.map(principal) {
            for name in TOPICS {
                let may = |side: &Authorizer<'_>| {
                    side.operations(&who, "10.0.0.1", AclResourceType::Topic, Target::Name(name))
                };
                for operation in may(&sides[0]).without(may(&sides[1])).iter() {
                    let told = plan.changes.iter().filter(|change| change.risk > Risk::Safe).any(|change| {
                        change.access.iter().any(|access| {
                            (access.principal == who || access.principal.is_everybody())
                                && (access.name == name || access.examples.iter().any(|example| example == name))
                                && access.lost.contains(&operation)
                        })
                    });
                    prop_assert!(told, "{who} loses {operation} on {name}");
                }
            }
        }
    }
}

#[test]
fn a_deny_that_kept_somebody_out_does_not_go_safely() {
    let raw = "service: normalizer\nraw:\n  - { resource: topic, name: media.a, operation: read, reason: why }\n";
    let workspace = workspace(CLOSED, &[("acls/normalizer.yaml", raw)]);
    let allowed = topic("normalizer", AclOperation::Read, "media.a");
    let denied = Acl { permission: AclPermission::Deny, ..allowed.clone() };
    let idle = Acl { permission: AclPermission::Deny, ..topic("normalizer", AclOperation::Write, "media.a") };
    let of = |acls: Vec<Acl>| plan(&workspace, acls, &["media.a"]).changes[0].clone();
    let lets_in = of(vec![allowed.clone(), denied]);
    assert_eq!((lets_in.risk, lets_in.fields[0].field.as_str()), (Risk::Disruptive, "deny User:normalizer read"));
    assert!(lets_in.impact[0].contains("gains read"), "{:?}", lets_in.impact);
    assert_eq!(of(vec![allowed, idle]).risk, Risk::Safe);
}

#[test]
fn a_role_gets_nothing_of_a_topic_that_is_for_other_clusters() {
    let workspace = workspace(
        CLOSED,
        &[
            ("clusters/d.yaml", "cluster: d\n"),
            ("topics/a.yaml", "topic: a.one\nclusters: [d]\n"),
            ("topics/b.yaml", "topic: a.two\n"),
            ("catalog/roles.yaml", "roles:\n  operator: { owner: ops, reads: [a.one, a.two, a.three] }\n"),
        ],
    );
    let plan = plan(&workspace, Vec::new(), &["a.one", "a.two"]);
    let granted: Vec<_> = plan.changes.iter().filter(|change| change.address.kind == Kind::Grant).collect();
    let granted: Vec<_> = granted.iter().map(|change| change.address.to_string()).collect();
    assert_eq!(granted, ["grant/operator/topic/a.three", "grant/operator/topic/a.two"]);
}
