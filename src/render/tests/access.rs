use std::path::PathBuf;
use std::sync::Arc;

use crate::ports::kafka::{Acl, AclOperation};
use crate::render::access::AccessView;
use crate::render::{Style, View};
use crate::resources::access::{Known, Question, Sight, Subject, answer, operations_meant};
use crate::resources::{Desired, Workspace, WorkspaceFiles, load};

const FILES: [(&str, &str); 7] = [
    ("busctl.yaml", "version: 1\nclasses: { raw: { cleanup: [delete], retention: 30d } }\n"),
    (
        "clusters/main.yaml",
        "cluster: main\nprincipal: \"User:CN={service}\"\nmanages: { principals: [\"User:CN=*\"] }\n\
         kafka: { authorizer: standard, super_users: [\"User:CN=admin\"] }\n",
    ),
    (
        "catalog/c.yaml",
        "services:\n  till: { owner: sales }\n  ledger: { owner: sales }\n  idle: { owner: sales }\n\
         roles:\n  auditor: { owner: sales, reads: [\"shop.*\"] }\n",
    ),
    ("topics/order.yaml", "topic: shop.order.v1\nclass: raw\nproducers: [till]\nconsumers: [ledger]\n"),
    ("topics/other.yaml", "topic: shop.other.v1\nclass: raw\n"),
    ("acls/till.yaml", "service: till\nproduces: [shop.order.v1]\n"),
    ("acls/ledger.yaml", "service: ledger\nconsumes: [shop.order.v1]\n"),
];

fn workspace() -> Workspace {
    let texts = FILES.into_iter().map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(text)))).collect();
    load(WorkspaceFiles { texts, ..WorkspaceFiles::default() }).0
}

/// ACLs that somebody made by hand, beside those that are declared.
const BY_HAND: &str = r#"[
  { "resource": "topic", "name": "shop.order.v1", "pattern": "literal", "principal": "User:CN=ledger", "host": "*",
    "operation": "write", "permission": "allow" },
  { "resource": "topic", "name": "shop.", "pattern": "prefixed", "principal": "User:stranger", "host": "*",
    "operation": "all", "permission": "allow" },
  { "resource": "topic", "name": "shop.order.v1", "pattern": "literal", "principal": "User:stranger", "host": "*",
    "operation": "read", "permission": "deny" },
  { "resource": "topic", "name": "*", "pattern": "literal", "principal": "User:*", "host": "10.0.0.1",
    "operation": "read", "permission": "allow" }
]"#;

fn asked(text: &str, on: Option<&str>, operations: &[AclOperation], by_hand: bool) -> String {
    let workspace = workspace();
    let cluster = workspace.clusters.values().next().expect("a cluster");
    let (desired, _) = Desired::resolve(&workspace, cluster);
    let mut sight = Sight::declared(&desired);
    if by_hand {
        let acls: Vec<Acl> = serde_json::from_str(BY_HAND).expect("ACLs");
        sight.acls.as_mut().expect("an authorizer").extend(acls);
    }
    let known = Known::new(&desired, &sight);
    let first = |text: &str| known.meant(text).into_iter().next().expect("it means something");
    let on =
        on.map(|on| known.meant(on).into_iter().find(|it| matches!(it, Subject::Resource(..))).expect("a resource"));
    let question = Question { about: first(text), on, operations: operations_meant(operations) };
    let access = answer(&desired, &sight, &question);
    AccessView { access: &access }.text(Style::PLAIN)
}

#[test]
fn who_may_use_a_topic_is_told_with_the_manifest_that_asks_for_it() {
    insta::assert_snapshot!(asked("shop.order.v1", None, &[], false), @r"
    topic shop.order.v1 on main

      client   principal        may              because                       asked for in
      -        User:CN=admin    everything       super user                    clusters/main.yaml:4:46
      auditor  User:CN=auditor  read, describe   allowed by the prefix shop.*  catalog/c.yaml:6:36
      ledger   User:CN=ledger   read, describe   allowed by name               acls/ledger.yaml:2:12
      till     User:CN=till     write, describe  allowed by name               acls/till.yaml:2:12

    4 principals may.
    ");
}

#[test]
fn principals_are_counted_and_not_lines() {
    let more = r#"[
      { "resource": "topic", "name": "shop.order.v1", "pattern": "literal", "principal": "User:stranger", "host": "10.0.0.1",
        "operation": "write", "permission": "allow" },
      { "resource": "topic", "name": "shop.order.v1", "pattern": "literal", "principal": "User:stranger", "host": "10.0.0.2",
        "operation": "read", "permission": "allow" }
    ]"#;
    let workspace = workspace();
    let (desired, _) = Desired::resolve(&workspace, workspace.clusters.values().next().expect("a cluster"));
    let mut sight = Sight::declared(&desired);
    let acls: Vec<Acl> = serde_json::from_str(more).expect("ACLs");
    sight.acls.as_mut().expect("an authorizer").extend(acls);
    let about = Known::new(&desired, &sight).meant("shop.order.v1").remove(0);
    let access = answer(&desired, &sight, &Question { about, on: None, operations: operations_meant(&[]) });
    let text = AccessView { access: &access }.text(Style::PLAIN);
    assert!(text.matches("no manifest: by hand").count() > 1, "{text}");
    assert!(text.contains("5 principals may. 1 of these is asked for by no manifest."), "{text}");
}

#[test]
fn what_was_made_by_hand_is_told_apart() {
    insta::assert_snapshot!(asked("shop.order.v1", None, &[AclOperation::Read], true), @r"
    topic shop.order.v1 on main

      client   principal        may   may not  from      because                       asked for in
      -        User:CN=admin    read                     super user                    clusters/main.yaml:4:46
      auditor  User:CN=auditor  read                     allowed by the prefix shop.*  catalog/c.yaml:6:36
      ledger   User:CN=ledger   read                     allowed by name               acls/ledger.yaml:2:12
      till     User:CN=till     read           10.0.0.1  allowed by *, as everybody    no manifest: by hand
      -        User:*           read           10.0.0.1  allowed by *                  no manifest: by hand
      -        User:stranger          read               denied by name                no manifest: by hand

    5 principals may. 2 of these are asked for by no manifest. `User:*` is everybody.
    ");
}

#[test]
fn what_somebody_may_do_is_told_by_resource() {
    insta::assert_snapshot!(asked("ledger", None, &[], true), @r"
    service ledger (User:CN=ledger) on main

      resource             may             from      because                     asked for in                               topics
      topic *              read, describe  10.0.0.1  allowed by *, as everybody  no manifest: by hand                            2
      topic shop.order.v1  read, describe            allowed by name             acls/ledger.yaml:2:12                           1
      topic shop.order.v1  write                     allowed by name             no manifest: the next apply takes it away       1
      group ledger         read, describe            allowed by name             acls/ledger.yaml:2:12                           -

    ledger may do this. 2 of these are asked for by no manifest.
    ");
    insta::assert_snapshot!(asked("User:CN=admin", None, &[], true), @r"
    principal User:CN=admin on main

      resource    may         because     asked for in             topics
      everything  everything  super user  clusters/main.yaml:4:46  -

    User:CN=admin may do this.
    ");
    insta::assert_snapshot!(asked("User:stranger", None, &[], true), @r"
    principal User:stranger on main

      resource             may                                                                      may not  from      because                       asked for in          topics
      topic *              read, describe                                                                    10.0.0.1  allowed by *, as everybody    no manifest: by hand       2
      topic shop.*         everything                                                                                  allowed by the prefix shop.*  no manifest: by hand       2
      topic shop.order.v1  write, create, delete, alter, describe, describe_configs, alter_configs                     allowed by the prefix shop.*  no manifest: by hand       1
      topic shop.order.v1                                                                           read               denied by name                no manifest: by hand       1

    User:stranger may do this. 3 of these are asked for by no manifest.
    ");
    insta::assert_snapshot!(asked("idle", None, &[], false), @r"
    service idle (User:CN=idle) on main

    idle may do nothing of it.
    ");
}

#[test]
fn of_somebody_and_a_resource_what_is_refused_is_told_too() {
    insta::assert_snapshot!(asked("till", Some("shop.order.v1"), &[AclOperation::Read, AclOperation::Write], false), @r"
    service till (User:CN=till), topic shop.order.v1 on main

      may    may not  because           asked for in
      write           allowed by name   acls/till.yaml:2:12
             read     no ACL allows it

    till may do this in part.
    ");
}

/// What is answered of a cluster whose brokers are declared so.
fn asked_of(kafka: &str, text: &str, on: Option<&str>) -> (String, serde_json::Value) {
    let files = [
        FILES[0],
        ("clusters/main.yaml", &*format!("cluster: main\nkafka: {{ authorizer: standard, {kafka} }}\n")),
        FILES[2],
        FILES[3],
        FILES[5],
    ];
    let texts = files.into_iter().map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(text)))).collect();
    let workspace = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() }).0;
    let (desired, _) = Desired::resolve(&workspace, workspace.clusters.values().next().expect("a cluster"));
    let sight = Sight::declared(&desired);
    let known = Known::new(&desired, &sight);
    let meant = |text: &str| known.meant(text).into_iter().next().expect("it means something");
    let question = Question { about: meant(text), on: on.map(meant), operations: operations_meant(&[]) };
    let access = answer(&desired, &sight, &question);
    let view = AccessView { access: &access };
    (view.text(Style::PLAIN), serde_json::from_str(&view.json()).expect("JSON"))
}

#[test]
fn what_is_open_is_whatever_has_no_acl_alone() {
    for open in ["allow_everyone_if_no_acl_found: true", "config: { allow.everyone.if.no.acl.found: true }"] {
        let (text, json) = asked_of(open, "User:nobody", None);
        assert!(text.contains("  whatever has no ACL  everything  allow.everyone.if.no.acl.found"), "{text}");
        assert!(text.contains("clusters/main.yaml:2:"), "{text}");
        assert_eq!(json["entries"][0]["only_without_acl"], true, "{json}");
        let (text, _) = asked_of(open, "User:nobody", Some("shop.order.v1"));
        assert!(text.contains("User:nobody may do nothing of it."), "{text}");
        let (text, json) = asked_of(open, "User:nobody", Some("topic/mail.sent.v1"));
        assert!(text.contains("User:nobody may do this."), "{text}");
        assert_eq!(json["entries"][0]["only_without_acl"], false, "{json}");
    }
}

#[test]
fn a_super_user_by_a_config_of_brokers_is_one() {
    for kafka in [
        "super_users: [User:rep]",
        "config: { super.users: \"User:admin;User:rep\" }",
        "nodes: [{ id: 0, config: { super.users: [User:admin, User:rep] } }]",
    ] {
        let (text, _) = asked_of(kafka, "User:rep", Some("shop.order.v1"));
        assert!(text.contains("everything  super user  clusters/main.yaml:2:"), "{text}");
        let (_, json) = asked_of(kafka, "User:rep", None);
        assert_eq!(json["entries"][0]["because"], "super_user", "{json}");
        assert_eq!(json["notes"], serde_json::json!([]), "{json}");
    }
}

#[test]
fn a_name_that_means_several_things_is_the_clients_first() {
    let workspace = workspace();
    let cluster = workspace.clusters.values().next().expect("a cluster");
    let (desired, _) = Desired::resolve(&workspace, cluster);
    let sight = Sight::declared(&desired);
    let known = Known::new(&desired, &sight);
    let meant = |text: &str| known.meant(text).iter().map(Subject::in_full).collect::<Vec<_>>();
    assert_eq!(meant("ledger"), ["service/ledger", "group/ledger"]);
    assert_eq!(meant("group/ledger"), ["group/ledger"]);
    assert_eq!(meant("auditor"), ["role/auditor"]);
    assert_eq!(meant("service/auditor"), [""; 0]);
    assert_eq!(meant("shop.*"), ["topic/shop.*"]);
    assert_eq!(meant("topic/nobody.knows"), ["topic/nobody.knows"]);
    assert_eq!(meant("User:nobody"), ["principal/User:nobody"]);
    assert_eq!(meant("cluster"), ["cluster/kafka-cluster"]);
    assert_eq!(meant("nobody.knows"), [""; 0]);
}
