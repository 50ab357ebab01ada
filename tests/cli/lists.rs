//! Lists of topics, groups, services and subjects from a snapshot.

use crate::against::{repository, snapshot};
use crate::support::workspace::{Scratch, assert_valid};

/// A cluster with a declared topic, one that nothing declares, a group that is behind, and a principal that nobody knows.
fn cluster() -> Scratch {
    let scratch = repository();
    let partition =
        r#"{ "earliest": 0, "latest": 1000, "bytes": 4096, "bytes_of_all_replicas": 12288, "ages": [[3600000, 280]] }"#;
    let topic = format!("{{ \"partitions\": [{}] }}", [partition; 6].join(", "));
    let impact = format!(
        r#""impact": {{ "taken_at": "2026-11-25T12:00:00Z", "groups_missing": [],
           "topics": {{ "shop.order.v1": {topic} }},
           "groups": {{
             "ledger": {{ "state": "Stable", "members": [{{ "client_id": "ledger-1", "host": "10.0.0.7", "topics": ["shop.order.v1"] }}],
                          "committed": {{ "shop.order.v1": [[0, 400], [1, 1000], [2, 1000], [3, 1000], [4, 1000], [5, 1000]] }} }},
             "_busctl-lock": {{ "state": "Stable", "members": [] }} }} }},"#
    );
    let acl = r#"{ "resource": "topic", "name": "other.topic", "pattern": "literal", "principal": "User:stranger",
                   "host": "10.0.0.1", "operation": "read", "permission": "deny" }"#;
    let registry = r#""registry": { "known": { "info": { "compatibility": "BACKWARD", "mode": null }, "others": ["stray-value"], "subjects": {} } }"#;
    let snapshot = snapshot(6)
        .replace(r#""format_version": 1,"#, &format!(r#""format_version": 1, {impact}"#))
        .replace(r#""acls": { "known": [] }"#, &format!(r#""acls": {{ "known": [{acl}] }}"#))
        .replace(r#""registry": null"#, registry);
    scratch.write("alpha.json", snapshot);
    scratch.edit("topics/order.yaml", "consumers: [ledger]", "consumers: [{ service: ledger, max_lag: 100 }]");
    scratch
}

#[test]
fn topics_stand_beside_what_is_declared() {
    let scratch = cluster();
    let run = scratch.run(&["topics", "--live", "alpha.json"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    topic          status     owner  class  partitions  replicas  records     size   rate  lag  groups  writers  readers  schemas
    other.topic    unmanaged  -      -               6         3        -        -      -    -       -        0        0        0
    shop.order.v1  settled    sales  raw             6         3    6,000  72.0KiB  1.2/s  600       1        1        1        1

    2 topics on alpha: 1 settled, 1 unmanaged.
    ");
    let one = scratch.run(&["topics", "shop.order.v1", "--live", "alpha.json"]).ended(0);
    insta::assert_snapshot!(one.out, @r"
    shop.order.v1  settled

      owner                  sales
      class                  raw
      managed by             busctl
      declared at            topics/order.yaml:1:8
      subjects               shop.order.v1-value
      records, at most       6,000
      size of all replicas   72.0KiB
      rate of the last hour  1.2/s

    values
                                  declared          live
      partitions                  6                 6
      replication_factor          3                 3
      config.cleanup.policy       delete            delete
      config.min.insync.replicas  2                 2
      config.retention.ms         30d (2592000000)  30d (2592000000)

    groups
      group   services  state   members  lag  allowed
      ledger  ledger    Stable        1  600      100  late

    clients
      client  access  named by topic  asked for  granted
      till    write   yes             yes        no
      ledger  read    yes             yes        no

    partitions
      partition  replicas  in sync  first offset  end offset    size
              0  0, 1, 2   0, 1, 2  0             1000        4.0KiB
              1  0, 1, 2   0, 1, 2  0             1000        4.0KiB
              2  0, 1, 2   0, 1, 2  0             1000        4.0KiB
              3  0, 1, 2   0, 1, 2  0             1000        4.0KiB
              4  0, 1, 2   0, 1, 2  0             1000        4.0KiB
              5  0, 1, 2   0, 1, 2  0             1000        4.0KiB
    ");
    for arguments in [&["topics"][..], &["topics", "shop.order.v1"]] {
        let list = scratch.run(&[arguments, &["--live", "alpha.json", "--format", "json"]].concat()).ended(0).json();
        assert_valid("inventory.schema.json", &list);
    }
    let sorted = |options: &[&str]| {
        let run = scratch.run(&[&["topics", "--live", "alpha.json"], options].concat()).ended(0);
        run.out
            .lines()
            .skip(1)
            .map_while(|line| line.split(' ').next().filter(|name| !name.is_empty()).map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(sorted(&["--sort", "records"]), ["shop.order.v1", "other.topic"]);
    assert_eq!(sorted(&["--reverse"]), ["shop.order.v1", "other.topic"]);
    assert_eq!(sorted(&["--status", "unmanaged"]), ["other.topic"]);
    assert_eq!(sorted(&["shop.*"]), ["shop.order.v1"]);
    let markdown = scratch.run(&["topics", "--live", "alpha.json", "--format", "markdown"]).ended(0);
    markdown.shows(&["### 2 topics on alpha: 1 settled, 1 unmanaged.", "| `other.topic` | `unmanaged` | - |"]);
}

#[test]
fn who_asks_elsewhere_or_leaves_is_no_client_here() {
    let scratch = cluster();
    scratch.write("clusters/b.yaml", "cluster: beta\nenvironment: stage\nkafka: { deployment: local }\n");
    scratch.write("acls/audit.yaml", "service: audit\nclusters: [stage]\nconsumes: [shop.order.v1]\n");
    scratch
        .write("acls/old.yaml", "service: old\nstate: absent\nreason: docs/adr/0001-x.md\nconsumes: [shop.order.v1]\n");
    let run = scratch.run(&["topics", "shop.order.v1", "--live", "alpha.json", "--format", "json"]).ended(0).json();
    let text = run.to_string();
    assert!(text.contains("ledger") && !text.contains("\"audit\"") && !text.contains("\"old\""), "{run:#}");
}

#[test]
fn groups_services_and_subjects_too() {
    let scratch = cluster();
    let list = |kind: &str| scratch.run(&[kind, "--live", "alpha.json"]).ended(0).out;
    insta::assert_snapshot!(list("groups"), @r"
    group   status   services  owner  state   members  topics  lag  late
    ledger  settled  ledger    sales  Stable        1       1  600  yes

    1 group on alpha: 1 settled.
    ");
    insta::assert_snapshot!(list("services"), @r"
    service        status     kind     owner  domain  produces  consumes  groups  members  lag  acls
    ledger         missing    service  sales  -              0         1       1        1  600     0
    till           missing    service  sales  -              1         0       0        0    -     0
    User:stranger  unmanaged  -        -      -              0         0       0        -    -     1

    3 services on alpha: 2 missing, 1 unmanaged.
    ");
    insta::assert_snapshot!(list("schemas"), @r"
    subject              status     owner  format  compatibility  registry  version  id  kept  references
    shop.order.v1-value  missing    sales  Avro    backward       -         -        -      0           0
    stray-value          unmanaged  -      -       -              -         -        -      0           0

    2 schemas on alpha: 1 missing, 1 unmanaged.
    ");
    for (kind, name) in [
        ("groups", "ledger"),
        ("services", "till"),
        ("services", "User:stranger"),
        ("schemas", "shop.order.v1-value"),
        ("schemas", "stray-value"),
    ] {
        let json = scratch.run(&[kind, name, "--live", "alpha.json", "--format", "json"]).ended(0).json();
        assert_valid("inventory.schema.json", &json);
        assert_eq!(json["items"][0]["name"], name);
        scratch.run(&[kind, name, "--live", "alpha.json"]).ended(0).shows(&[name]);
        let json = scratch.run(&[kind, "--live", "alpha.json", "--format", "json"]).ended(0).json();
        assert_valid("inventory.schema.json", &json);
    }
    let stranger = scratch.run(&["services", "User:stranger", "--live", "alpha.json"]).ended(0);
    stranger.shows(&["topic/other.topic", "deny read from 10.0.0.1"]);
}

#[test]
fn what_was_not_seen_is_said() {
    let scratch = repository();
    scratch.write("alpha.json", snapshot(6));
    let run = scratch.run(&["topics", "--live", "alpha.json"]).ended(0);
    run.says(&["not seen: offsets, sizes and groups: the snapshot was taken without --impact"]);
    // Whether a group is there, nobody knows.
    let groups = scratch.run(&["groups", "--live", "alpha.json"]).ended(1);
    groups.shows(&["ledger  unseen"]);
    let hidden = r#""acls": { "hidden": { "kind": "authorization", "tried": "list the ACLs", "server": "k:9092", "answer": "no", "hint": null } }"#;
    scratch.write("alpha.json", snapshot(6).replace(r#""acls": { "known": [] }"#, hidden));
    let run = scratch.run(&["services", "--live", "alpha.json"]).ended(1);
    run.shows(&["till     unseen"]).says(&["not seen: could not list the ACLs on k:9092: no"]);
}

#[test]
fn what_may_not_be_seen_is_not_shown_as_none() {
    let scratch = cluster();
    scratch.edit("acls/ledger.yaml", "consumes: [shop.order.v1]", "consumes: [{ topic: shop.order.v1, group: other }]");
    // Without Describe on the cluster brokers leave out groups that the caller may not see.
    let alpha = scratch.read("alpha.json");
    let (before, rest) = alpha.split_once(r#""acls": { "known": ["#).unwrap();
    let (_, after) = rest.split_once("] }").unwrap();
    let failure =
        r#""kind": "authorization", "tried": "list the ACLs", "server": "k:9092", "answer": "no", "hint": null"#;
    let blind = format!(r#"{before}"acls": {{ "hidden": {{ {failure} }} }}{after}"#);
    scratch.write("alpha.json", &blind);

    let groups = scratch.run(&["groups", "--live", "alpha.json"]).ended(1);
    insta::assert_snapshot!(groups.out, @r"
    group   status     services  owner  state   members  topics  lag  late
    ledger  unmanaged  -         -      Stable        1       1  600  -
    other   unseen     ledger    sales  -             -       -    -  -

    2 groups on alpha: 1 unmanaged, 1 unseen.
    ");
    // Neither ACLs nor quotas are in that list.
    assert_eq!(groups.err.matches("not seen: ").count(), 1, "{}", groups.err);
    groups.says(&["not seen: groups that busctl may not describe are not listed"]);
    let json = scratch.run(&["groups", "other", "--live", "alpha.json", "--format", "json"]).ended(1).json();
    assert_valid("inventory.schema.json", &json);
    assert!(json["items"][0]["details"]["topics"][0]["partitions"].is_null(), "{json:#}");

    let services = scratch.run(&["services", "ledger", "--live", "alpha.json", "--format", "json"]).ended(1).json();
    assert!(services["items"][0]["members"].is_null() && services["items"][0]["lag"].is_null(), "{services:#}");
    let topics = |text: &str| {
        scratch.write("alpha.json", text);
        let list = scratch.run(&["topics", "shop.*", "--live", "alpha.json", "--format", "json"]).ended(0).json();
        assert_valid("inventory.schema.json", &list);
        (list["items"][0]["groups"].as_u64(), list["items"][0]["lag"].as_u64())
    };
    assert_eq!(topics(&blind), (Some(1), Some(600)));
    // There may be others that read it.
    let (before, rest) = blind.split_once(r#""ledger": {"#).unwrap();
    let (_, after) = rest.split_once("},\n").unwrap();
    assert_eq!(topics(&format!("{before}{after}")), (None, None));
    let (before, rest) = alpha.split_once(r#""ledger": {"#).unwrap();
    let (_, after) = rest.split_once("},\n").unwrap();
    let unread = format!("{before}{after}");
    assert_eq!(topics(&unread), (Some(0), None));
    // Where a share group could not be read, how far others are behind is known all the same.
    let share = |text: &str| {
        text.replace(r#""groups_missing": []"#, r#""groups_missing": ["whether 1 group read there could not be seen"]"#)
    };
    assert_eq!(topics(&share(&unread)), (None, None));
    assert_eq!(topics(&share(&alpha).replace("[0, 400]", "[0, 1000]")), (Some(1), Some(0)));
}

#[test]
fn members_that_are_not_asked_for_are_not_none() {
    let scratch = cluster();
    let members = r#""members": [{ "client_id": "ledger-1", "host": "10.0.0.7", "topics": ["shop.order.v1"] }]"#;
    let streams = r#""missing": ["the members of a Streams group are not asked for"]"#;
    let told = |state: &str| {
        let alpha = scratch.read("alpha.json").replacen(members, streams, 1);
        scratch.write("streams.json", alpha.replacen("Stable", state, 1));
        let of =
            |arguments: &[&str]| scratch.run(&[arguments, &["--live", "streams.json", "--format", "json"]].concat());
        let topic = of(&["topics", "shop.order.v1"]).ended(0).json();
        assert_valid("inventory.schema.json", &topic);
        [
            of(&["groups", "ledger"]).ended(0).json()["items"][0]["members"].as_u64(),
            of(&["services", "ledger"]).ended(0).json()["items"][0]["members"].as_u64(),
            topic["items"][0]["details"]["readers"][0]["members"].as_u64(),
        ]
    };
    assert_eq!(told("Stable"), [None; 3]);
    assert_eq!(told("Empty"), [Some(0); 3]);
}

#[test]
fn a_value_differs_from_what_is_declared_alone() {
    let scratch = cluster();
    let differing = |topic: &str| {
        let run = scratch.run(&["topics", topic, "--live", "alpha.json", "--format", "json"]);
        let values = run.json()["items"][0]["details"]["values"].as_array().unwrap().clone();
        let named = values.into_iter().filter(|value| value["differs"] == true);
        named.map(|value| value["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(differing("other.topic"), [""; 0]);
    scratch.edit("topics/order.yaml", "class: raw", "class: raw\nconfig: { retention.ms: 7d }\npartitions: 12");
    assert_eq!(differing("shop.order.v1"), ["partitions", "config.retention.ms"]);
    // What could not be seen is not otherwise.
    let alpha = scratch.read("alpha.json");
    let (before, rest) = alpha.split_once(r#""shop.order.v1": { "internal""#).unwrap();
    let (start, rest) = rest.split_once(r#""configs": { "known":"#).unwrap();
    let (_, after) = rest.split_once("} }").unwrap();
    let failure = r#""kind": "authorization", "tried": "read them", "server": "k:9092", "answer": "no", "hint": null"#;
    let hidden = format!(r#""configs": {{ "hidden": {{ {failure} }} }}"#);
    scratch.write("alpha.json", format!(r#"{before}"shop.order.v1": {{ "internal"{start}{hidden}{after}"#));
    assert_eq!(differing("shop.order.v1"), ["partitions"]);
}

#[test]
fn what_is_declared_is_listed_without_a_server() {
    let scratch = repository();
    scratch.write("topics/gone.yaml", "topic: shop.gone.v1\nclass: raw\nstate: absent\nreason: Nobody reads it.\n");
    let list = |arguments: &[&str]| scratch.run(&[arguments, &["--offline"]].concat()).ended(0);
    insta::assert_snapshot!(list(&["topics"]).out, @r"
    topic          status    owner  class  partitions  replicas  records  size  rate  lag  groups  writers  readers  schemas
    shop.order.v1  declared  sales  raw             6         3  -        -     -     -    -             1        1        1

    1 topic on alpha: 1 declared.
    ");
    insta::assert_snapshot!(list(&["groups"]).out, @r"
    group   status    services  owner  state  members  topics  lag  late
    ledger  declared  ledger    sales  -      -        -       -    -

    1 group on alpha: 1 declared.
    ");
    list(&["services"]).shows(&["till     declared  service  sales"]);
    list(&["schemas"]).shows(&["shop.order.v1-value  declared  sales  Avro"]);
    for arguments in [["topics", "shop.order.v1"], ["groups", "ledger"], ["services", "till"], ["schemas", "shop.*"]] {
        let run = list(&[&arguments[..], &["--format", "json"]].concat());
        assert_eq!(run.err.matches("not seen").count(), 0, "{}", run.err);
        let list = run.json();
        assert_valid("inventory.schema.json", &list);
        assert_eq!((&list["items"][0]["status"], &list["cluster_id"]), (&"declared".into(), &serde_json::Value::Null));
    }
    let unknown = scratch.run(&["topics", "shop.ordr.v1", "--offline"]).ended(64);
    unknown.says(&["no topic `shop.ordr.v1` is declared for alpha\n", "did you mean `shop.order.v1`?"]);
    scratch.run(&["topics", "--offline", "--live", "alpha.json"]).ended(64);
}

#[test]
fn a_mistake_is_answered() {
    let scratch = cluster();
    let run = |arguments: &[&str]| scratch.run(&[arguments, &["--live", "alpha.json"]].concat()).ended(64);
    run(&["topics", "shop.ordr.v1"]).says(&["no topic `shop.ordr.v1`", "did you mean `shop.order.v1`?"]);
    run(&["schemas", "nothing-at-all"]).says(&["`busctl schemas` lists them"]);
    run(&["topics", "--sort", "recods"]).says(&["topics have no column `recods`", "did you mean `records`?"]);
    run(&["topics", "sh*p"]).says(&["a `*` can stand only at the end"]);
    run(&["topics", "--status", "lost"]).says(&["settled, differs, missing"]);
    scratch.run(&["topics", "--live", "nowhere.json"]).ended(1).says(&["could not read the snapshot nowhere.json"]);
}

#[test]
fn one_long_name_widens_no_other_row() {
    let scratch = cluster();
    let long = "x".repeat(249);
    scratch.edit("alpha.json", "\"other.topic\": {", &format!("\"{long}\": {{"));
    let run = scratch.run(&["topics", "--live", "alpha.json"]).ended(0);
    let widths: Vec<usize> = run.out.lines().map(str::len).collect();
    assert!(
        run.out.contains(&long) && widths.iter().filter(|width| **width > 200).count() == 1,
        "{widths:?}\n{}",
        run.out
    );
}

#[test]
fn a_group_that_a_raw_acl_names_is_of_its_service() {
    let scratch = cluster();
    let raw = "raw: [{ resource: group, name: nightly, operation: read, reason: An old name. }]\n";
    scratch.write("acls/till.yaml", scratch.read("acls/till.yaml") + raw);
    let group = r#""nightly": { "state": "Empty", "members": [] }, "_busctl-lock":"#;
    scratch.edit("alpha.json", r#""_busctl-lock":"#, group);
    let list = scratch.run(&["groups", "--live", "alpha.json"]).ended(0).out;
    let row = list.lines().find(|line| line.starts_with("nightly")).unwrap_or_default();
    assert_eq!(row.split_whitespace().take(4).collect::<Vec<_>>(), ["nightly", "settled", "till", "sales"], "{list}");
    let one = scratch.run(&["services", "till", "--live", "alpha.json"]).ended(0);
    one.shows(&["groups", "nightly"]);
}

#[test]
fn a_service_tells_its_quota_beside_what_is_there() {
    let scratch = cluster();
    scratch.write("acls/till.yaml", scratch.read("acls/till.yaml") + "quota: { produce: 1MiB/s, request: 50% }\n");
    let there = r#""quotas": { "known": [
        { "entity": { "user": "till" }, "values": { "producer_byte_rate": 2097152.0 } },
        { "entity": { "user": "stranger" }, "values": { "producer_byte_rate": 2097152.0 } }] }"#;
    scratch.edit("alpha.json", r#""quotas": { "known": [] }"#, there);
    let one = scratch.run(&["services", "till", "--live", "alpha.json"]).ended(0);
    let section = one.out.split("quotas\n").nth(1).unwrap_or_default();
    insta::assert_snapshot!(section.split("\n\n").next().unwrap_or_default(), @r"
             declared          live
    produce  1MiB/s (1048576)  2MiB/s (2097152)  differs
    request  50% (50)          -                 differs
    ");
    let differs = |service: &str| {
        let json = scratch.run(&["services", service, "--live", "alpha.json", "--format", "json"]).ended(0).json();
        assert_valid("inventory.schema.json", &json);
        json["items"][0]["details"]["quotas"][0]["differs"].clone()
    };
    assert_eq!(differs("till"), true);
    assert!(differs("User:stranger").is_null(), "no manifest speaks of it");
}
