use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::plan::{Plan, keep_addresses_of, make_plan, undo};
use crate::ports::Failure;
use crate::ports::kafka::{Acl, AclOperation, AclResourceType, BrokerInfo, ClusterInfo};
use crate::resources::topic::LiveTopics;
use crate::resources::{Workspace, WorkspaceFiles, load};

fn workspace(cluster: &str, services: &[(&str, &str)]) -> Workspace {
    let cluster = format!("cluster: c\n{cluster}");
    let own = [("busctl.yaml", "version: 1\n".to_owned()), ("clusters/c.yaml", cluster)];
    let own = own.into_iter().map(|(path, text)| (PathBuf::from(path), text));
    let services = services
        .iter()
        .map(|(name, text)| (PathBuf::from(format!("acls/{name}.yaml")), format!("service: {name}\n{text}")));
    let texts = own.chain(services).map(|(path, text)| (path, Ok(Arc::from(text.as_str())))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
    assert!(findings.is_empty(), "{findings:?}");
    workspace
}

/// `user=a client-id=b`, `user=` being the default.
fn quota(entity: &str, values: &[(&str, f64)]) -> Quota {
    let part = |part: &str| {
        let (kind, name) = part.split_once('=').expect("a part");
        (kind.to_owned(), (!name.is_empty()).then(|| name.to_owned()))
    };
    Quota {
        entity: entity.split(' ').map(part).collect(),
        values: values.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect(),
    }
}

/// Everybody named here may read, so that somebody is there to be slowed down.
fn acl(user: &str) -> Acl {
    Acl {
        resource: AclResourceType::Topic,
        name: "t".into(),
        pattern: crate::model::PatternType::Literal,
        principal: format!("User:{user}").parse().expect("a principal"),
        host: "*".into(),
        operation: AclOperation::Read,
        permission: AclPermission::Allow,
    }
}

fn live(quotas: Observed<Vec<Quota>>) -> Live {
    let broker = |id| BrokerInfo { id, host: "h".into(), port: 9092, rack: None };
    Live {
        facts: None,
        cluster: ClusterInfo { id: "id".into(), brokers: (0..3).map(broker).collect(), controller: None },
        topics: LiveTopics::default(),
        acls: Observed::Known(["a", "b", "stranger"].map(acl).into()),
        quotas,
        scram_users: None,
        scram_passwords: None,
        broker_configs: None,
        delivered: None,
        identities: None,
        registry: None,
    }
}

fn desired(workspace: &Workspace) -> Desired<'_> {
    Desired::resolve(workspace, workspace.clusters.values().next().expect("a cluster")).0
}

fn plan(workspace: &Workspace, live: &Live) -> Plan {
    let mut plan = make_plan(&desired(workspace), live, "2026-06-01".parse().expect("a day"));
    // The ACLs of this world are nobody's business here.
    plan.changes.retain(|change| change.address.kind == Kind::Quota);
    plan.unmanaged.retain(|resource| resource.kind == "quota");
    plan
}

fn told(plan: &Plan) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        let _ = writeln!(text, "{} {} {}", change.action.as_str(), change.address, change.risk);
        for field in &change.fields {
            let value = |value: &Option<crate::plan::FieldValue>| {
                value
                    .as_ref()
                    .map_or("-".to_owned(), |value| value.shown.clone().unwrap_or_else(|| value.value.clone()))
            };
            let _ = writeln!(text, "  {} {} > {}", field.field, value(&field.before), value(&field.after));
        }
        for sentence in &change.impact {
            let _ = writeln!(text, "  ! {sentence}");
        }
    }
    for resource in &plan.unmanaged {
        let _ = writeln!(text, "unmanaged {}: {}", resource.name, resource.reason);
    }
    text
}

fn planned(cluster: &str, services: &[(&str, &str)], quotas: &[Quota]) -> String {
    told(&plan(&workspace(cluster, services), &live(Observed::Known(quotas.to_vec()))))
}

#[test]
fn numbers_are_compared_and_not_their_spelling() {
    let quota = "quota: { produce: 1MB/s, consume: 1MiB/s, request: 12.5% }\n";
    let same = [("producer_byte_rate", 1e6), ("consumer_byte_rate", 1_048_576.0), ("request_percentage", 12.5)];
    assert_eq!(planned("", &[("a", quota)], &[super::tests::quota("user=a", &same)]), "");
}

#[test]
fn of_an_address_in_two_spellings_one_holds_and_the_other_can_go() {
    let quotas = "quotas:\n  - { ip: 10.0.0.7, connections: 1/s }\n  - { ip: '::ffff:10.0.0.7', connections: 2/s }\n  - \
                  { ip: '2001:0db8::1', state: absent }\n  - { ip: '2001:db8::1', connections: 3/s }\n";
    let found = [quota("ip=2001:0db8::1", &[("connection_creation_rate", 5.0)])];
    let plan = plan(&workspace(quotas, &[]), &live(Observed::Known(found.to_vec())));
    let changes = plan.changes.iter().map(|change| format!("{} {}", change.action.as_str(), change.address));
    let expected =
        ["delete quota/ip/2001:0db8::1", "create quota/ip/10.0.0.7", "create quota/ip/2001:db8::1"].map(str::to_owned);
    assert_eq!(changes.collect::<BTreeSet<_>>(), BTreeSet::from(expected));
}

#[test]
fn a_service_has_what_its_manifest_says_and_no_more() {
    let told = planned(
        "",
        &[("a", "quota: { produce: 20MiB/s, consume: 1MiB/s }\n"), ("b", "")],
        &[
            quota("user=a", &[("producer_byte_rate", 10_485_760.0), ("request_percentage", 50.0), ("later", 1.0)]),
            quota("user=a client-id=x", &[("producer_byte_rate", 1.0)]),
            quota("user=b", &[("consumer_byte_rate", 5.0)]),
            quota("user=stranger", &[("consumer_byte_rate", 5.0)]),
            quota("user=", &[("consumer_byte_rate", 5_242_880.0)]),
            quota("group=g", &[("consumer_byte_rate", 5.0)]),
        ],
    );
    insta::assert_snapshot!(told, @r"
    update quota/user/a disruptive
      producer_byte_rate 10MiB/s > 20MiB/s
      consumer_byte_rate - > 1MiB/s
      request_percentage 50% > -
      ! consumer_byte_rate falls from 5MiB/s to 1MiB/s: whoever uses more is slowed down
      ! on all 3 brokers together producer_byte_rate 60MiB/s, consumer_byte_rate 3MiB/s
    delete quota/user/a/client-id/x disruptive
      producer_byte_rate 1B/s > -
      ! the whole quota goes: what it held back may crowd out others
    delete quota/user/b disruptive
      consumer_byte_rate 5B/s > -
      ! the whole quota goes: what it held back may crowd out others
    unmanaged group g: this version of busctl does not know whom it is for
    unmanaged user/<default>: no manifest declares it
    unmanaged user/a later: this version of busctl does not know what it limits
    unmanaged user/stranger: no manifest declares it
    ");
}

#[test]
fn who_leaves_has_none_any_more() {
    let told = planned(
        "",
        &[("a", "state: absent\nreason: Replaced.\nquota: { produce: 1MiB/s }\n")],
        &[
            quota("user=a", &[("producer_byte_rate", 1_048_576.0)]),
            quota("user=a client-id=", &[("producer_byte_rate", 1_048_576.0)]),
        ],
    );
    insta::assert_snapshot!(told, @r"
    delete quota/user/a disruptive
      producer_byte_rate 1MiB/s > -
      ! the whole quota goes: what it held back may crowd out others
    delete quota/user/a/client-id/<default> disruptive
      producer_byte_rate 1MiB/s > -
      ! the whole quota goes: what it held back may crowd out others
    ");
}

#[test]
fn who_could_not_work_until_now_is_not_slowed_down() {
    let each_other = quota("user=", &[("producer_byte_rate", 5e6)]);
    insta::assert_snapshot!(planned("", &[("new", "quota: { produce: 1MiB/s }\n")], &[each_other]), @r"
    create quota/user/new safe
      producer_byte_rate - > 1MiB/s
      ! on all 3 brokers together producer_byte_rate 3MiB/s
    unmanaged user/<default>: no manifest declares it
    ");
}

#[test]
fn a_cluster_has_quotas_of_its_own() {
    let cluster = "manages: { principals: [\"User:a*\"] }\nquotas:\n  - { user: <default>, produce: 1MiB/s, mutations: 2.5/s }\n  \
                   - { user: a, client_id: nightly, consume: 50MiB/s }\n  - { client_id: legacy, state: absent }\n  \
                   - { ip: 10.0.0.7, connections: 10/s }\n  - { ip: <default>, connections: 100/s }\n  \
                   - { user: b, produce: 1MiB/s }\n";
    let told = planned(
        cluster,
        &[("a", "")],
        &[
            quota("client-id=legacy", &[("consumer_byte_rate", 1.0)]),
            quota("client-id=other", &[("consumer_byte_rate", 1.0)]),
            quota("ip=10.0.0.7", &[("connection_creation_rate", 5.0)]),
            quota("user=b", &[("producer_byte_rate", 5.0)]),
        ],
    );
    insta::assert_snapshot!(told, @r"
    update quota/ip/10.0.0.7 safe
      connection_creation_rate 5/s > 10/s
      ! on all 3 brokers together connection_creation_rate 30/s
    create quota/ip/<default> disruptive
      connection_creation_rate - > 100/s
      ! connection_creation_rate has had no limit until now: whoever uses more than 100/s is slowed down
      ! on all 3 brokers together connection_creation_rate 300/s
    create quota/user/<default> disruptive
      producer_byte_rate - > 1MiB/s
      controller_mutation_rate - > 2.5/s
      ! producer_byte_rate has had no limit until now: whoever uses more than 1MiB/s is slowed down
      ! controller_mutation_rate has had no limit until now: whoever uses more than 2.5/s is slowed down
      ! on all 3 brokers together producer_byte_rate 3MiB/s
    create quota/user/a/client-id/nightly disruptive
      consumer_byte_rate - > 50MiB/s
      ! consumer_byte_rate has had no limit until now: whoever uses more than 50MiB/s is slowed down
      ! on all 3 brokers together consumer_byte_rate 150MiB/s
    delete quota/client-id/legacy disruptive
      consumer_byte_rate 1B/s > -
      ! the whole quota goes: what it held back may crowd out others
    unmanaged client-id/other: no manifest declares it
    unmanaged user/b: outside the cluster's `manages`
    ");
}

#[test]
fn what_cannot_be_seen_is_not_planned() {
    let failure = |kind| Failure {
        kind,
        tried: "describe the client quotas".into(),
        server: "s".into(),
        answer: "no".into(),
        hint: None,
    };
    let unseen = |services: &[(&str, &str)], kind| -> Vec<String> {
        let plan = plan(&workspace("", services), &live(Observed::Hidden(failure(kind))));
        plan.incomplete.iter().map(|unseen| unseen.address.to_string()).collect()
    };
    let limited = ("a", "quota: { produce: 1MiB/s }\n");
    assert_eq!(unseen(&[limited], FailureKind::Authorization), ["quota/user/a", "quota/*"]);
    assert_eq!(unseen(&[("a", "")], FailureKind::Authorization), ["quota/*"]);
    assert_eq!(unseen(&[limited], FailureKind::Unsupported), ["quota/user/a"]);
    assert_eq!(unseen(&[("a", "")], FailureKind::Unsupported), Vec::<String>::new());
    assert_eq!(unseen(&[], FailureKind::Authorization), Vec::<String>::new());
}

#[test]
fn what_is_undone_is_as_it_was() {
    let workspace = workspace("", &[("a", "quota: { produce: 1MiB/s }\n"), ("b", "quota: { consume: 1MiB/s }\n")]);
    let before = live(Observed::Known(vec![quota("user=a", &[("consumer_byte_rate", 5.0)])]));
    let plan_of = |desired: &Desired<'_>, live: &Live| make_plan(desired, live, "2026-06-01".parse().expect("a day"));
    let mut desired = desired(&workspace);
    let applied = plan(&workspace, &before);
    let mut after = before.clone();
    let quotas = [
        quota("user=a", &[("producer_byte_rate", 1_048_576.0)]),
        quota("user=b", &[("consumer_byte_rate", 1_048_576.0)]),
    ];
    after.quotas = Observed::Known(quotas.into());
    assert!(plan(&workspace, &after).is_empty());
    assert_eq!(undo(&mut desired, &after, &applied), []);
    let mut inverse = plan_of(&desired, &after);
    keep_addresses_of(&mut inverse, &applied);
    inverse.unmanaged.clear();
    insta::assert_snapshot!(told(&inverse), @r"
    update quota/user/a disruptive
      producer_byte_rate 1MiB/s > -
      consumer_byte_rate - > 5B/s
      ! consumer_byte_rate has had no limit until now: whoever uses more than 5B/s is slowed down
      ! on all 3 brokers together consumer_byte_rate 15B/s
    delete quota/user/b disruptive
      consumer_byte_rate 1MiB/s > -
      ! the whole quota goes: what it held back may crowd out others
    ");
    // Once it is taken back there is nothing left to take back.
    let mut desired = super::tests::desired(&workspace);
    assert_eq!(undo(&mut desired, &before, &applied), []);
    let mut inverse = plan_of(&desired, &before);
    keep_addresses_of(&mut inverse, &applied);
    assert!(inverse.is_empty(), "{}", told(&inverse));
}
