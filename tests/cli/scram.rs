//! What is found about SCRAM users offline, and how one is shown.

use crate::support::workspace::{Scratch, assert_valid};

const NODES: &str =
    "kafka:\n  deployment: strimzi\n  authorizer: standard\n  nodes: [{ id: 1, roles: [broker, controller] }]\n";

fn scratch(cluster: &str, grants: &str) -> Scratch {
    Scratch::with(&[
        ("busctl.yaml", "version: 1\n"),
        ("clusters/a.yaml", &format!("cluster: alpha\nenvironment: dev\n{cluster}{NODES}")),
        ("catalog/all.yaml", "teams: { sales: { contacts: { chat: s } } }\nservices: { till: { owner: sales } }\n"),
        ("acls/till.yaml", &format!("service: till\n{grants}")),
    ])
}

fn told(scratch: &Scratch) -> String {
    let found = scratch.run(&["validate", "--format", "json"]).ended(3).json();
    let of_rule = found["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "BUS409");
    let told: Vec<String> = of_rule
        .map(|finding| format!("{}:{} {}", finding["place"]["file"], finding["place"]["line"], finding["message"]))
        .collect();
    told.join("\n").replace('"', "")
}

#[test]
fn users_that_kafka_would_not_take_are_told_where_they_stand() {
    let users = "scram_users:
  - { user: \"\", password: env:A }
  - { user: a }
  - { user: b, password: env:B, iterations: 4095 }
  - { user: c, password: env:C, iterations: 16385 }
  - { user: d, password: env:D, mechanisms: [] }
  - { user: e, password: env:E }
  - { user: e, state: absent }
  - { user: till, password: env:TILL }
  - { user: f, state: absent }
  - { user: gü, password: env:G }
  - { user: hü, state: absent }
";
    insta::assert_snapshot!(told(&scratch(users, "scram: { rotation: 1 }\n")), @r"
    acls/till.yaml:2 nothing says where the password of the SCRAM user `till` is kept
    clusters/a.yaml:4 a SCRAM user has to have a name
    clusters/a.yaml:5 nothing says where the password of the SCRAM user `a` is kept
    clusters/a.yaml:6 Kafka hashes no password 4095 times
    clusters/a.yaml:7 Kafka hashes no password 16385 times
    clusters/a.yaml:8 the SCRAM user `d` has no mechanism to log in with
    clusters/a.yaml:10 the SCRAM user `e` is declared twice
    clusters/a.yaml:11 the user `till` belongs to the service `till`
    clusters/a.yaml:13 nobody can log in by SCRAM as `gü`: Kafka reads names of ASCII alone
    ");
    let several = "principals: { alpha: [\"User:CN=till\", \"User:till\"] }\n";
    let of = |scram: &str| told(&scratch("", &format!("{several}{scram}")));
    insta::assert_snapshot!(of("scram: { password: env:A }\n"), @"acls/till.yaml:3 `till` has several users on `alpha`: `CN=till`, `till`");
    insta::assert_snapshot!(of("scram: { password: env:A, user: tall }\n"), @"acls/till.yaml:3 `tall` is none of the users of `till` on `alpha`: `CN=till`, `till`");
    let other = scratch("", "principals: { alpha: \"Role:till\" }\nscram: { password: env:A }\n");
    insta::assert_snapshot!(told(&other), @"acls/till.yaml:3 no principal of `till` on `alpha` is a user to Kafka");
}

#[test]
fn a_password_in_a_manifest_is_refused_and_not_repeated() {
    let run = scratch("", "scram: { password: correct-horse-battery }\n").run(&["validate"]).ended(3);
    assert!(run.out.contains("no secret stands in a manifest"), "{}", run.out);
    assert!(!format!("{}{}", run.out, run.err).contains("correct-horse-battery"), "{}", run.out);
}

#[test]
fn who_logs_in_may_do_something_and_stays_where_operators_let_it() {
    let users = "manages: { principals: [\"User:t*\"] }\nscram_users: [{ user: ops, password: env:OPS }]\n";
    scratch(users, "").run(&["validate"]).shows(&[
        "warning[BUS410]: `ops` can log in to `alpha`, and no manifest lets it do anything there",
        "warning[BUS404]: the SCRAM user `ops` is outside what `alpha` manages, and never applied",
        "would delete the SCRAM users again",
    ]);
    let run = scratch("", "scram: { password: env:A, overrides: { betta: { password: env:B } } }\n").run(&["validate"]);
    assert!(run.out.contains("`betta` is neither an environment nor a cluster"), "{}", run.out);
}

#[test]
fn a_user_is_shown_without_its_password() {
    let scram = "scram: { password: env:A, overrides: { alpha: { password: env:ALPHA, rotation: 7 } } }\n";
    let scratch = scratch("", scram);
    let shown = scratch.run(&["show", "scram-user/till", "--format", "json"]).ended(0);
    assert_valid("show.schema.json", &shown.json());
    scratch.run(&["show", "scram-user/till"]).ended(0).shows(&["env:ALPHA", "4096 iterations", "rotation"]);
    scratch.run(&["show", "scram-user/tall"]).ended(64).says(&["did you mean `scram-user/till`?"]);
    scratch.run(&["show", "scram-user/"]).ended(64).says(&["write scram-user/NAME"]);
}
