use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::model::Kind;
use crate::plan::{Plan, Stage, keep_addresses_of, make_plan, undo};
use crate::ports::kafka::ClusterInfo;
use crate::resources::topic::LiveTopics;
use crate::resources::{Workspace, WorkspaceFiles, load};

fn workspace(cluster: &str, services: &[(&str, &str)]) -> Workspace {
    let cluster = format!("cluster: c\nenvironment: e\n{cluster}");
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

fn user(name: &str, credentials: &[(ScramMechanism, u32)]) -> ScramUser {
    ScramUser { name: name.to_owned(), credentials: credentials.iter().copied().collect() }
}

fn set(user: &str, password: &str, rotation: Option<&str>) -> (String, SetPassword) {
    (user.to_owned(), SetPassword { password: password.to_owned(), rotation: rotation.map(str::to_owned) })
}

fn live(users: &[ScramUser], set: &[(String, SetPassword)]) -> Live {
    Live {
        facts: None,
        cluster: ClusterInfo { id: "id".into(), brokers: Vec::new(), controller: None },
        topics: LiveTopics::default(),
        acls: Observed::Known(Vec::new()),
        quotas: Observed::Known(Vec::new()),
        scram_users: Some(Observed::Known(users.to_vec())),
        scram_passwords: Some(Observed::Known(set.iter().cloned().collect())),
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
    make_plan(&desired(workspace), live, "2026-06-01".parse().expect("a day"))
}

fn told(plan: &Plan) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        let _ = writeln!(text, "{} {} {}", change.action.as_str(), change.address, change.risk);
        for field in &change.fields {
            let value = |value: &Option<FieldValue>| {
                let shown = value.as_ref().map(|value| value.shown.as_ref().unwrap_or(&value.value).clone());
                shown.unwrap_or_else(|| "-".to_owned())
            };
            let _ = writeln!(text, "  {} {} > {}", field.field, value(&field.before), value(&field.after));
        }
        for sentence in &change.impact {
            let _ = writeln!(text, "  ! {sentence}");
        }
    }
    for resource in &plan.unmanaged {
        let _ = writeln!(text, "unmanaged {} {}: {}", resource.kind, resource.name, resource.reason);
    }
    text
}

fn planned(services: &[(&str, &str)], users: &[ScramUser], set: &[(String, SetPassword)]) -> String {
    told(&plan(&workspace("", services), &live(users, set)))
}

const A: &str = "scram: { password: env:A }\n";
const SHA_512: (ScramMechanism, u32) = (ScramMechanism::Sha512, 4096);
const SHA_256: (ScramMechanism, u32) = (ScramMechanism::Sha256, 4096);

#[test]
fn who_is_there_as_declared_and_was_set_so_is_left_alone() {
    assert_eq!(planned(&[("a", A)], &[user("a", &[SHA_512])], &[set("a", "env:A", None)]), "");
    let rotated = "scram: { password: env:A, rotation: 2 }\n";
    assert_eq!(planned(&[("a", rotated)], &[user("a", &[SHA_512])], &[set("a", "env:A", Some("2"))]), "");
}

#[test]
fn who_is_missing_is_made_and_nobody_notices() {
    let told = planned(&[("a", "scram: { password: env:A, rotation: x, mechanisms: [scram-sha-256] }\n")], &[], &[]);
    insta::assert_snapshot!(told, @r"
    create scram-user/a safe
      scram-sha-256 - > 4096 iterations
      password - > env:A
      rotation - > x
    ");
    // Whatever is remembered: somebody took the user away.
    let told = planned(&[("a", A)], &[], &[set("a", "env:A", None)]);
    insta::assert_snapshot!(told, @r"
    create scram-user/a safe
      scram-sha-512 - > 4096 iterations
      password - > env:A
    ");
}

#[test]
fn a_password_is_set_again_for_another_reference_another_rotation_or_where_nothing_is_remembered() {
    let there = [user("a", &[SHA_512])];
    insta::assert_snapshot!(planned(&[("a", A)], &there, &[set("a", "env:B", None)]), @r"
    update scram-user/a disruptive
      password env:B > env:A
      ! whoever logs in with another password than that of env:A is refused when it logs in the next time; open connections stay
    ");
    insta::assert_snapshot!(planned(&[("a", A)], &there, &[set("a", "env:A", Some("1"))]), @r"
    update scram-user/a disruptive
      rotation 1 > -
      ! whoever logs in with another password than that of env:A is refused when it logs in the next time; open connections stay
    ");
    insta::assert_snapshot!(planned(&[("a", A)], &there, &[]), @r"
    update scram-user/a disruptive
      password - > env:A
      ! how its password was set is not remembered: it is set anew
      ! whoever logs in with another password than that of env:A is refused when it logs in the next time; open connections stay
    ");
}

#[test]
fn other_iterations_are_noticed_by_nobody_and_a_mechanism_that_goes_is() {
    let safe = planned(
        &[("a", "scram: { password: env:A, iterations: 8192 }\n")],
        &[user("a", &[SHA_512])],
        &[set("a", "env:A", None)],
    );
    insta::assert_snapshot!(safe, @r"
    update scram-user/a safe
      scram-sha-512 4096 iterations > 8192 iterations
      ! nobody notices it as long as env:A holds the password that it has
    ");
    let workspace = workspace("", &[("a", A)]);
    let plan = plan(&workspace, &live(&[user("a", &[SHA_256])], &[set("a", "env:A", None)]));
    insta::assert_snapshot!(told(&plan), @r"
    update scram-user/a disruptive
      scram-sha-256 4096 iterations > -
      scram-sha-512 - > 4096 iterations
      ! whoever logs in with scram-sha-256 is refused when it logs in the next time; open connections stay
    ");
    let stages: Vec<Stage> = plan.changes[0].steps.iter().map(Step::stage).collect();
    assert_eq!(stages, [Stage::ScramPasswords, Stage::ScramRemovals]);
}

#[test]
fn who_is_to_be_gone_goes_and_strangers_stay() {
    let cluster = "manages: { principals: [\"User:a*\"] }\nscram_users: [{ user: ab, state: absent }, { user: b, password: env:B }]\n";
    let leaving = "state: absent\nreason: Replaced.\nscram: { password: env:A }\n";
    let workspace = workspace(cluster, &[("a", leaving)]);
    let there = ["a", "ab", "ac", "b", "d/e"].map(|name| user(name, &[SHA_512, SHA_256]));
    insta::assert_snapshot!(told(&plan(&workspace, &live(&there, &[]))), @r"
    delete scram-user/a disruptive
      scram-sha-256 4096 iterations > -
      scram-sha-512 4096 iterations > -
      ! whoever logs in as a is refused when it logs in the next time; open connections stay
    delete scram-user/ab disruptive
      scram-sha-256 4096 iterations > -
      scram-sha-512 4096 iterations > -
      ! whoever logs in as ab is refused when it logs in the next time; open connections stay
    unmanaged scram-user ac: no manifest declares it
    unmanaged scram-user b: outside the cluster's `manages`
    unmanaged scram-user d%2Fe: outside the cluster's `manages`
    ");
}

#[test]
fn a_cluster_may_have_its_own_password() {
    let scram = "scram: { password: env:A, iterations: 8192, overrides: { e: { password: env:E, rotation: 1 }, c: { rotation: 2 } } }\n";
    insta::assert_snapshot!(planned(&[("a", scram)], &[], &[]), @r"
    create scram-user/a safe
      scram-sha-512 - > 8192 iterations
      password - > env:E
      rotation - > 2
    ");
    let principals = "principals: { c: [\"User:CN=a\", \"User:a\"] }\nscram: { user: a, password: env:A }\n";
    insta::assert_snapshot!(planned(&[("a", principals)], &[], &[]), @r"
    create scram-user/a safe
      scram-sha-512 - > 4096 iterations
      password - > env:A
    ");
}

#[test]
fn what_cannot_be_seen_is_not_taken_for_absent() {
    let workspace = workspace("", &[("a", A), ("b", "scram: { state: absent }\n")]);
    let failure = not_read();
    let of = |live: &Live| {
        let plan = plan(&workspace, live);
        assert!(plan.changes.iter().all(|change| change.address.kind != Kind::ScramUser || change.address.name == "b"));
        plan.incomplete.iter().map(|unseen| unseen.address.to_string()).collect::<Vec<_>>()
    };
    let mut unseen = live(&[], &[]);
    unseen.scram_users = Some(Observed::Hidden(failure.clone()));
    assert_eq!(of(&unseen), ["scram-user/a", "scram-user/b"]);
    unseen.scram_users = None;
    assert_eq!(of(&unseen), ["scram-user/a", "scram-user/b"]);
    // Who is gone needs no memory, and who is new neither.
    let mut forgotten = live(&[user("a", &[SHA_512]), user("b", &[SHA_512])], &[]);
    forgotten.scram_passwords = Some(Observed::Hidden(failure));
    assert_eq!(of(&forgotten), ["scram-user/a"]);
    // A state that was saved without it says nothing of passwords.
    forgotten.scram_passwords = None;
    assert_eq!(of(&forgotten), [""; 0]);
}

#[test]
fn busctl_does_not_take_away_what_it_logs_in_with() {
    let cluster = "connection: { bootstrap: [a:1], sasl: { mechanism: scram-sha-256, username: tool, password: env:T } }\nscram_users: [";
    let codes = |entry: &str| {
        let workspace = workspace(&format!("{cluster}{entry}]\n"), &[]);
        let plan = plan(&workspace, &live(&[user("tool", &[SHA_256])], &[]));
        plan.findings.iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(codes("{ user: tool, state: absent }"), ["BUS507"]);
    assert_eq!(codes("{ user: tool, password: env:T }"), ["BUS507"]);
    assert_eq!(codes("{ user: tool, password: env:T, mechanisms: [scram-sha-256, scram-sha-512] }"), [""; 0]);
}

#[test]
fn a_plan_is_taken_back_but_for_the_password() {
    let inverse = |text: &str, before: &[ScramUser], after: &[ScramUser], set: &[(String, SetPassword)]| {
        let workspace = workspace("", &[("a", text)]);
        let reviewed = plan(&workspace, &live(before, set));
        let mut desired = desired(&workspace);
        let now = live(after, &[self::set("a", "env:A", None)]);
        let not_undone = undo(&mut desired, &now, &reviewed);
        let mut plan = make_plan(&desired, &now, "2026-06-01".parse().expect("a day"));
        keep_addresses_of(&mut plan, &reviewed);
        let left = not_undone.iter().map(|left| format!("{:?}: {}\n", left.field, left.reason)).collect::<String>();
        format!("{}{left}", told(&plan))
    };
    let there = [user("a", &[SHA_512])];
    insta::assert_snapshot!(inverse(A, &[], &there, &[]), @r"
    delete scram-user/a disruptive
      scram-sha-512 4096 iterations > -
      ! whoever logs in as a is refused when it logs in the next time; open connections stay
    ");
    insta::assert_snapshot!(inverse(A, &[user("a", &[SHA_256])], &there, &[set("a", "env:B", None)]), @r#"
    update scram-user/a disruptive
      scram-sha-256 - > 4096 iterations
      scram-sha-512 4096 iterations > -
      ! whoever logs in with scram-sha-512 is refused when it logs in the next time; open connections stay
    Some("password"): the former password is not known: put it back where it is kept, with a `rotation` of its own, and apply that
    "#);
    insta::assert_snapshot!(inverse("scram: { state: absent }\n", &there, &[], &[]), @"None: where its password was kept is not known any more: declare the user again, and apply that");
}
