//! What is found about client quotas offline.

use crate::support::workspace::Scratch;

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

#[test]
fn entries_that_kafka_would_not_take_are_told_where_they_stand() {
    let quotas = "quotas:
  - { produce: 1MiB/s }
  - { ip: 10.0.0.7, client_id: x, connections: 1/s }
  - { ip: 10.0.0.7, produce: 1MiB/s }
  - { client_id: x, connections: 1/s }
  - { ip: 10.0.0.8, connections: 1.5/s }
  - { client_id: y, consume: 0B/s }
  - { client_id: z }
  - { client_id: z, consume: 1B/s }
  - { client_id: w, state: absent, consume: 1B/s }
  - { user: till, consume: 1B/s }
  - { user: till, client_id: nightly, consume: 1B/s }
";
    let scratch = scratch(quotas, "quota: { request: 0% }\n");
    let found = scratch.run(&["validate", "--format", "json"]).ended(3).json();
    let of_rule = found["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "BUS408");
    let told: Vec<String> = of_rule
        .map(|finding| format!("{}:{} {}", finding["place"]["file"], finding["place"]["line"], finding["message"]))
        .collect();
    insta::assert_snapshot!(told.join("\n").replace('"', ""), @r"
    acls/till.yaml:2 `request: 0%` is no quota to Kafka
    clusters/a.yaml:4 a quota has to say whom it is for
    clusters/a.yaml:5 a quota has to say whom it is for
    clusters/a.yaml:6 Kafka has no `produce` for address 10.0.0.7
    clusters/a.yaml:7 Kafka has no `connections` for client id x
    clusters/a.yaml:8 `connections: 1.5/s` is no quota to Kafka
    clusters/a.yaml:9 `consume: 0B/s` is no quota to Kafka
    clusters/a.yaml:10 the quota of client id z limits nothing
    clusters/a.yaml:11 the quota of client id z is declared twice
    clusters/a.yaml:12 the quota of client id w is to be gone and limits something
    clusters/a.yaml:13 user till belongs to service `till`, which says its quota itself
    ");
}

#[test]
fn who_is_named_in_another_way_than_kafka_knows_them_is_told() {
    let quotas = "quotas:
  - { ip: 10.0.0.0/8, connections: 1/s }
  - { ip: 300.1.2.3, connections: 1/s }
  - { ip: localhost, connections: 1/s }
  - { ip: \"2001:db8::1\", connections: 1/s }
  - { ip: \"2001:DB8:0:0:0:0:0:1\", connections: 2/s }
  - { ip: ::ffff:10.0.0.7, connections: 1/s }
  - { ip: 10.0.0.7, connections: 2/s }
  - { ip: <default>, connections: 100/s }
  - { ip: old.example.com, state: absent }
  - { ip: '2001:0db8::1', state: absent }
  - { user: User:foo, produce: 1MiB/s }
  - { user: foo, produce: 1MiB/s }
scram_users:
  - { user: User:bar, password: env:BAR }
  - { user: User:old, state: absent }
";
    let found = scratch(quotas, "").run(&["validate", "--format", "json"]).ended(3).json();
    let of_rules = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| ["BUS408", "BUS409"].contains(&finding["code"].as_str().unwrap()));
    let told: Vec<String> = of_rules
        .map(|finding| format!("{} {}: {}", finding["place"]["line"], finding["message"], finding["help"]))
        .collect();
    insta::assert_snapshot!(told.join("\n").replace('"', ""), @r"
    4 `10.0.0.0/8` is a network, and Kafka has quotas of single addresses: write each address in an entry of its own, or `<default>` for each other one
    5 `300.1.2.3` is no address: write an IPv4 or IPv6 address in numbers: what a name stands for may change, and each node looks it up for itself
    6 `localhost` is no address: write an IPv4 or IPv6 address in numbers: what a name stands for may change, and each node looks it up for itself
    8 address 2001:DB8:0:0:0:0:0:1 is declared twice, in two spellings: write one of them: to Kafka they are two entries, of which either may hold
    10 address 10.0.0.7 is declared twice, in two spellings: write one of them: to Kafka they are two entries, of which either may hold
    14 `User:foo` is a principal, and a quota is for the user by its name: write the name alone: `foo`
    17 `User:bar` is a principal, and nobody logs in by that name: write the name alone: `bar`
    ");
}

#[test]
fn a_user_operator_would_take_quotas_too() {
    let of = |grants: &str, cluster: &str| scratch(cluster, grants).run(&["validate"]).out;
    assert!(of("quota: { produce: 1MiB/s }\n", "").contains("would delete the quotas again"));
    // Those of client ids are no user's.
    assert!(!of("", "quotas: [{ client_id: x, produce: 1MiB/s }]\n").contains("BUS406"));
}

#[test]
fn a_quota_outside_what_is_managed_is_told() {
    let cluster = "manages: { principals: [\"User:other-*\"] }\nquotas: [{ user: ops, produce: 1MiB/s }]\n";
    scratch(cluster, "quota: { produce: 1MiB/s }\n").run(&["validate"]).shows(&[
        "warning[BUS404]: the quota of user till is outside what `alpha` manages, and never applied",
        "warning[BUS404]: the quota of user ops is outside what `alpha` manages, and never applied",
    ]);
}
