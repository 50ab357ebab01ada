//! Client quotas: set, changed, drifted, taken back and removed, of services and of everybody else.

use std::collections::BTreeMap;

use busctl::adapters::kafka::KafkaClient;
use busctl::ports::kafka::{KafkaAdmin, QuotaAlteration};

use crate::sample::{assert_settled, bare, changes, plan, workspace};
use crate::server::bus;
use crate::support::workspace::{Scratch, assert_valid};

/// `user=a client-id=b`, `user=` being the default.
fn entity(text: &str) -> BTreeMap<String, Option<String>> {
    let part = |part: &str| {
        let (kind, name) = part.split_once('=').unwrap();
        (kind.to_owned(), (!name.is_empty()).then(|| name.to_owned()))
    };
    text.split(' ').map(part).collect()
}

/// Sets or takes away one limit by hand.
async fn set(hand: &KafkaClient, of: &str, key: &str, value: Option<f64>) {
    let altered = QuotaAlteration { entity: entity(of), values: BTreeMap::from([(key.to_owned(), value)]) };
    let outcomes = hand.alter_quotas(&[altered], false).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

/// What the broker holds an entity to.
async fn held(hand: &KafkaClient, of: &str) -> BTreeMap<String, f64> {
    let quotas = hand.quotas().await.unwrap();
    quotas.into_iter().find(|quota| quota.entity == entity(of)).map(|quota| quota.values).unwrap_or_default()
}

/// What a plan, or what was done, says of quotas.
fn of_quotas(scratch: &Scratch) -> String {
    let all = changes(&plan(scratch).ended(0));
    all.lines().filter(|line| line.contains(" quota/")).collect::<Vec<_>>().join("\n")
}

const DISRUPTIVE: [&str; 4] = ["apply", "--yes", "--allow", "disruptive"];

#[tokio::test(flavor = "multi_thread")]
async fn the_quota_of_a_service_is_set_changed_mended_and_taken_away() {
    let bus = bus().await;
    let hand = bus.hand().await;
    let scratch = workspace(bus, "limit");
    let reader = "service: limit-reader\nconsumes: [limit.order.v1]\n";
    scratch
        .write("acls/reader.yaml", format!("{reader}quota: {{ consume: 20MiB/s, request: 12.5%, mutations: 5/s }}\n"));
    // Whether somebody can work as it already depends on what other tests give everybody.
    let planned = of_quotas(&scratch).replace("[disruptive]", "[safe]");
    insta::assert_snapshot!(planned, @"create quota/user/limit-reader [safe] consumer_byte_rate · → 20MiB/s; request_percentage · → 12.5%; controller_mutation_rate · → 5/s");
    let order = changes(&plan(&scratch));
    let at = |kind: &str| order.lines().position(|line| line.starts_with(kind)).unwrap();
    assert!(at("create quota/") < at("create grant/"), "{order}");
    let checked = scratch.run(&["plan", "--server-check", "--format", "json", "--target", "quota/*"]).ended(0);
    assert_eq!(checked.json()["changes"][0]["verification"]["state"], "verified");
    assert_valid("plan.schema.json", &checked.json());
    scratch.run(&DISRUPTIVE).ended(0);
    let values = held(&hand, "user=limit-reader").await;
    assert_eq!(values["consumer_byte_rate"], 20.0 * 1024.0 * 1024.0);
    assert_eq!((values["request_percentage"], values["controller_mutation_rate"]), (12.5, 5.0));
    assert_settled(&scratch);

    // The same number in another spelling is no change; a higher limit is safe, a lower one is not.
    scratch.edit("acls/reader.yaml", "consume: 20MiB/s", "consume: 20971520B/s");
    assert_settled(&scratch);
    scratch.edit("acls/reader.yaml", "consume: 20971520B/s, request: 12.5%", "consume: 10MiB/s, request: 25%");
    insta::assert_snapshot!(of_quotas(&scratch), @"update quota/user/limit-reader [disruptive] consumer_byte_rate 20MiB/s → 10MiB/s; request_percentage 12.5% → 25%");
    scratch.run(&["plan"]).ended(0).shows(&["falls from 20MiB/s to 10MiB/s"]);
    scratch.run(&["apply", "--yes"]).ended(4).says(&["--allow disruptive"]);
    scratch.run(&["plan", "-o", "lower.json"]).ended(0);
    scratch.run(&["apply", "lower.json", "--yes", "--allow", "disruptive"]).ended(0);
    assert_eq!(held(&hand, "user=limit-reader").await["consumer_byte_rate"], 10.0 * 1024.0 * 1024.0);
    scratch.run(&["audit", "--format", "json"]).ended(0).shows(&["quota/user/limit-reader"]);

    // It is taken back as it was reviewed.
    let inverse = scratch.run(&["plan", "--undo", "lower.json", "-o", "undo.json", "--format", "json"]).ended(0);
    insta::assert_snapshot!(changes(&inverse), @"update quota/user/limit-reader [disruptive] consumer_byte_rate 10MiB/s → 20MiB/s; request_percentage 25% → 12.5%");
    scratch.run(&["apply", "undo.json", "--yes", "--allow", "disruptive"]).ended(0);
    scratch.run(&DISRUPTIVE).ended(0);

    // By hand: another value, one that nobody declared, and a quota for a client of the user.
    set(&hand, "user=limit-reader", "consumer_byte_rate", Some(1024.0)).await;
    set(&hand, "user=limit-reader", "producer_byte_rate", Some(1e6)).await;
    set(&hand, "user=limit-reader client-id=x", "consumer_byte_rate", Some(1024.0)).await;
    set(&hand, "user=limit-stranger", "consumer_byte_rate", Some(1e12)).await;
    insta::assert_snapshot!(of_quotas(&scratch), @r"
    update quota/user/limit-reader [safe] producer_byte_rate 1MB/s → ·; consumer_byte_rate 1KiB/s → 10MiB/s
    delete quota/user/limit-reader/client-id/x [disruptive] consumer_byte_rate 1KiB/s → ·
    ");
    let drift = scratch.run(&["drift", "--format", "json"]).ended(2);
    assert_valid("drift.schema.json", &drift.json());
    let drifted = drift.json()["drifted"].as_array().unwrap().clone();
    let of = |address: &str| drifted.iter().find(|drifted| drifted["address"] == address).unwrap().clone();
    assert_eq!(of("quota/user/limit-reader")["cause"], "outside");
    let unmanaged = plan(&scratch).json()["unmanaged"].as_array().unwrap().clone();
    let stranger = unmanaged.iter().find(|it| it["name"] == "user/limit-stranger").unwrap();
    assert_eq!((&stranger["kind"], &stranger["reason"]), (&"quota".into(), &"no manifest declares it".into()));
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
    assert_eq!(held(&hand, "user=limit-reader client-id=x").await, BTreeMap::new());
    assert_eq!(held(&hand, "user=limit-stranger").await["consumer_byte_rate"], 1e12);

    // Without its key the quota goes, and with the service everything of it.
    scratch.write("acls/reader.yaml", reader);
    insta::assert_snapshot!(of_quotas(&scratch), @"delete quota/user/limit-reader [disruptive] consumer_byte_rate 10MiB/s → ·; request_percentage 25% → ·; controller_mutation_rate 5/s → ·");
    scratch.run(&DISRUPTIVE).ended(0);
    assert_eq!(held(&hand, "user=limit-reader").await, BTreeMap::new());
    set(&hand, "user=limit-reader", "consumer_byte_rate", Some(1e9)).await;
    scratch.write("acls/reader.yaml", "service: limit-reader\nstate: absent\nreason: It was replaced.\n");
    let writer = "service: limit-writer\nproduces: [limit.order.v1]\nconsumes: [limit.order.v1]\n";
    scratch.write("acls/writer.yaml", writer);
    scratch.edit("topics/limit/limit.order.v1.yaml", "consumers: [limit-reader]", "consumers: [limit-writer]");
    let leaving = changes(&plan(&scratch).ended(0));
    let at = |change: &str| leaving.lines().position(|line| line.starts_with(change)).unwrap();
    assert!(at("create grant/limit-writer/") < at("delete grant/limit-reader/"), "{leaving}");
    assert!(at("delete grant/limit-reader/") < at("delete quota/user/limit-reader "), "{leaving}");
    scratch.run(&DISRUPTIVE).ended(0);
    assert_eq!(held(&hand, "user=limit-reader").await, BTreeMap::new());
    assert_settled(&scratch);
}

/// The limits are so high that no other test on the broker is held by them.
#[tokio::test(flavor = "multi_thread")]
async fn quotas_of_everybody_else_are_the_clusters() {
    let bus = bus().await;
    let hand = bus.hand().await;
    let scratch = bare(bus, "crowd");
    let path = "clusters/main.yaml";
    scratch.edit(
        path,
        "defaults:",
        "quotas:\n  - { user: <default>, produce: 100GiB/s }\n  - { user: crowd-ops, client_id: nightly, consume: 50MiB/s }\n  \
         - { user: crowd-ops, client_id: <default>, consume: 10MiB/s }\n  - { user: crowd-ops, produce: 1MiB/s }\n  \
         - { client_id: crowd-app, request: 200% }\n  - { client_id: <default>, consume: 100GiB/s }\n  \
         - { ip: 10.9.8.7, connections: 10/s }\n  - { ip: <default>, connections: 100000/s }\ndefaults:",
    );
    let planned = of_quotas(&scratch);
    assert_eq!(planned.lines().count(), 8, "{planned}");
    let checked = scratch.run(&["plan", "--server-check", "--format", "json"]).ended(0);
    let states = checked.json()["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["verification"]["state"].clone())
        .collect::<Vec<_>>();
    assert_eq!(states, vec!["verified"; 8]);
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
    assert_eq!(held(&hand, "ip=10.9.8.7").await["connection_creation_rate"], 10.0);
    assert_eq!(held(&hand, "ip=").await["connection_creation_rate"], 1e5);
    assert_eq!(held(&hand, "user=crowd-ops client-id=").await["consumer_byte_rate"], 10.0 * 1024.0 * 1024.0);
    assert_eq!(held(&hand, "client-id=crowd-app").await["request_percentage"], 200.0);

    // What only the cluster's defaults hold back is compared with them.
    scratch.edit(path, "{ user: crowd-ops, produce: 1MiB/s }", "{ user: crowd-ops, produce: 2MiB/s }");
    insta::assert_snapshot!(of_quotas(&scratch), @"update quota/user/crowd-ops [safe] producer_byte_rate 1MiB/s → 2MiB/s");

    // An entry that is gone leaves its quota; one that is to be absent takes it away.
    scratch.edit(path, "  - { client_id: crowd-app, request: 200% }\n", "");
    for entry in [
        "{ user: <default>, produce: 100GiB/s }",
        "{ user: crowd-ops, client_id: nightly, consume: 50MiB/s }",
        "{ user: crowd-ops, client_id: <default>, consume: 10MiB/s }",
        "{ user: crowd-ops, produce: 2MiB/s }",
        "{ client_id: <default>, consume: 100GiB/s }",
        "{ ip: 10.9.8.7, connections: 10/s }",
        "{ ip: <default>, connections: 100000/s }",
    ] {
        let (who, limit) = entry.rsplit_once(", ").unwrap();
        assert!(limit.contains(": "), "{limit}");
        scratch.edit(path, entry, &format!("{who}, state: absent }}"));
    }
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
    for gone in ["user=", "user=crowd-ops", "user=crowd-ops client-id=nightly", "client-id=", "ip=", "ip=10.9.8.7"] {
        assert_eq!(held(&hand, gone).await, BTreeMap::new(), "{gone}");
    }
    assert_eq!(held(&hand, "client-id=crowd-app").await["request_percentage"], 200.0);
    set(&hand, "client-id=crowd-app", "request_percentage", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_brokers_do_not_take_is_said_beforehand() {
    let bus = bus().await;
    let scratch = bare(bus, "strict");
    scratch.edit(
        "clusters/main.yaml",
        "defaults:",
        "quotas: [{ ip: no.such.host.invalid, connections: 3/s }]\ndefaults:",
    );
    let refused = "`no.such.host.invalid` is no address";
    scratch.run(&["plan"]).ended(3).says(&["BUS408", refused]);
    scratch.run(&DISRUPTIVE).ended(3).says(&["BUS408", refused]);
    scratch.edit("clusters/main.yaml", "no.such.host.invalid", "192.0.2.77");
    scratch.run(&["plan", "--server-check"]).ended(0).shows(&["quota/ip/192.0.2.77"]);
}
