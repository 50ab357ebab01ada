//! Who may do what, from a snapshot and from what is declared alone.

use crate::against::{repository, snapshot};
use crate::support::workspace::{Scratch, assert_valid};

/// A cluster that has the ACLs of one of two services, and one that was made by hand.
fn cluster() -> Scratch {
    let scratch = repository();
    let acl = |principal: &str, operation: &str| {
        format!(
            r#"{{ "resource": "topic", "name": "shop.order.v1", "pattern": "literal", "principal": "{principal}",
                  "host": "*", "operation": "{operation}", "permission": "allow" }}"#
        )
    };
    let acls = [acl("User:till", "write"), acl("User:till", "describe"), acl("User:stranger", "read")].join(", ");
    scratch.write(
        "alpha.json",
        snapshot(6).replace(r#""acls": { "known": [] }"#, &format!(r#""acls": {{ "known": [{acls}] }}"#)),
    );
    scratch
}

#[test]
fn who_may_use_a_topic_is_told_from_a_snapshot_and_offline() {
    let scratch = cluster();
    let live = scratch.run(&["access", "shop.order.v1", "--live", "alpha.json"]).ended(0);
    insta::assert_snapshot!(live.out, @r"
    topic shop.order.v1 on alpha

      client  principal      may              because          asked for in
      till    User:till      write, describe  allowed by name  acls/till.yaml:2:12
      -       User:stranger  read, describe   allowed by name  no manifest: by hand

    2 principals may. 1 of these is asked for by no manifest.
    ");
    let declared = scratch.run(&["access", "shop.order.v1", "--offline", "--cluster", "alpha"]).ended(0);
    insta::assert_snapshot!(declared.out, @r"
    topic shop.order.v1 on alpha

      client  principal    may              because          asked for in
      ledger  User:ledger  read, describe   allowed by name  acls/ledger.yaml:2:12
      till    User:till    write, describe  allowed by name  acls/till.yaml:2:12

    2 principals may.
    ");
    let read = scratch.run(&["access", "shop.order.v1", "--live", "alpha.json", "--operation", "read"]).ended(0);
    read.shows(&["User:stranger"]);
    for arguments in [&["shop.order.v1"][..], &["till"], &["till", "shop.order.v1"], &["User:stranger"]] {
        let document = scratch.run(&[&["access"], arguments, &["--live", "alpha.json", "--format", "json"]].concat());
        assert_valid("access.schema.json", &document.ended(0).json());
    }
    let markdown = scratch.run(&["access", "till", "--live", "alpha.json", "--format", "markdown"]).ended(0);
    markdown.shows(&["### service till (User", "| `topic shop.order.v1` | `write, describe` |"]);
}

#[test]
fn a_name_that_means_nothing_and_a_question_without_somebody_are_wrong_usage() {
    let scratch = cluster();
    let unknown = scratch.run(&["access", "tilll", "--live", "alpha.json"]).ended(64);
    unknown.says(&["nothing is called `tilll` on alpha", "did you mean `till`?"]);
    let two = scratch.run(&["access", "shop.order.v1", "shop.order.v1", "--live", "alpha.json"]).ended(64);
    two.says(&["`shop.order.v1` is a resource", "say who first"]);
    let both = scratch.run(&["access", "ledger", "--live", "alpha.json"]).ended(0);
    both.says(&["this is about service/ledger; `group/ledger` is something else"]);
    scratch.run(&["access", "group/ledger", "--live", "alpha.json"]).ended(0).shows(&["group ledger on alpha"]);
    scratch.run(&["access", "till", "--operation", "reed", "--live", "alpha.json"]).ended(64);
}

#[test]
fn without_an_authorizer_everybody_may_do_everything() {
    let scratch = cluster();
    let failure = r#""acls": { "hidden": { "kind": "unsupported", "tried": "describe the ACLs", "server": "s",
        "answer": "SECURITY_DISABLED", "hint": null } }"#;
    scratch.write("open.json", snapshot(6).replace(r#""acls": { "known": [] }"#, failure));
    let open = scratch.run(&["access", "till", "--live", "open.json"]).ended(0);
    open.shows(&["alpha has no authorizer: everybody may do everything."]);
    scratch.write(
        "blind.json",
        snapshot(6).replace(r#""acls": { "known": [] }"#, &failure.replace("unsupported", "authorization")),
    );
    scratch.run(&["access", "till", "--live", "blind.json"]).ended(1).says(&["describe the ACLs"]);
}
