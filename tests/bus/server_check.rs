//! What the servers say of a plan beforehand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::sample::{apply, bare, order_with_note, topic_file, workspace};
use crate::server::bus;
use crate::support::workspace::{Run, Scratch, assert_valid};

/// The state of each change, and its reason.
fn states(run: &Run) -> String {
    let plan = run.json();
    assert_valid("plan.schema.json", &plan);
    let changes = plan["changes"].as_array().unwrap().iter();
    let lines = changes.map(|change| {
        let verification = &change["verification"];
        format!("{} {}: {}", change["address"], verification["state"], verification["reason"]).replace('"', "")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_says_how_far_it_is_verified() {
    let bus = bus().await;
    let scratch = workspace(bus, "checked");
    let check = ["plan", "--server-check", "--format", "json"];
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @r"
    schema/checked.order.v1-value offline: the subject is new: there is nothing that the registry could compare it with
    topic/checked.order.v1 verified: the controller would accept it
    grant/checked-reader/group/checked-reader unverifiable: brokers have no validate-only request for ACLs
    grant/checked-reader/topic/checked.order.v1 unverifiable: brokers have no validate-only request for ACLs
    grant/checked-writer/topic/checked.order.v1 unverifiable: brokers have no validate-only request for ACLs
    ");
    // Nothing was created by asking.
    insta::assert_snapshot!(states(&scratch.run(&["plan", "--format", "json"]).ended(0)), @r"
    schema/checked.order.v1-value offline: the subject is new: there is nothing that the registry could compare it with
    topic/checked.order.v1 offline: the server was not asked (--server-check asks it)
    grant/checked-reader/group/checked-reader unverifiable: brokers have no validate-only request for ACLs
    grant/checked-reader/topic/checked.order.v1 unverifiable: brokers have no validate-only request for ACLs
    grant/checked-writer/topic/checked.order.v1 unverifiable: brokers have no validate-only request for ACLs
    ");
    apply(&scratch);

    let file = topic_file("checked", "order");
    scratch.edit(&file, "key: id", "key: id\npartitions: 8\nconfig: { retention.ms: 1d }");
    scratch.write("schemas/checked/checked.order.v1.avsc", order_with_note("checked"));
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @r"
    schema/checked.order.v1-value verified: the registry, at its present level, would accept it
    topic/checked.order.v1 verified: the controller would accept it
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_servers_would_refuse_is_known_before_apply() {
    let bus = bus().await;
    let scratch = workspace(bus, "refused");
    apply(&scratch);
    // The broker takes no segment that small; a manifest may hold it.
    scratch.edit(&topic_file("refused", "order"), "key: id", "key: id\nconfig: { segment.bytes: 20B }");
    let file = "schemas/refused/refused.order.v1.avsc";
    scratch.write(file, scratch.read(file).replace("\"string\"", "\"long\""));
    let checked = scratch.run(&["plan", "--server-check", "--format", "json"]);
    insta::assert_snapshot!(states(&checked), @r"
    schema/refused.order.v1-value refused: the registry finds it incompatible: it gives no reason (Apicurio says why only when a version is registered): compare the schema with the subject's newest version
    topic/refused.order.v1 refused: Invalid value 20 for configuration segment.bytes: Value must be at least 1048576 (INVALID_CONFIG)
    ");
    assert_eq!(checked.code, Some(3), "{}", checked.err);
    scratch.run(&["plan", "--server-check"]).ended(3).shows(&["(refused)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_that_no_registry_was_asked_about_is_not_verified() {
    let bus = bus().await;
    let scratch = workspace(bus, "leveled");
    apply(&scratch);
    let (file, schema) = (topic_file("leveled", "order"), "schemas/leveled/leveled.order.v1.avsc");
    let check = ["plan", "--server-check", "--format", "json"];
    let level = |level: &str| {
        let topic = crate::sample::topic("leveled", "order");
        scratch.write(&file, format!("{topic}schema: {{ compatibility: {level} }}\n"));
    };
    level("full");
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @"
    schema/leveled.order.v1-value unverifiable: registries have no request that only tries a level
    ");
    // The registry finds it compatible at the level that goes.
    scratch.write(schema, order_with_note("leveled"));
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @"
    schema/leveled.order.v1-value unverifiable: the registry finds it compatible at its present level. The change sets another level first, and registries have no request that only tries a level
    ");
    // At that level it would refuse this; the change gives the level up first.
    scratch.write(schema, scratch.read(schema).replace("\"string\", \"doc\": \"The", "\"long\", \"doc\": \"The"));
    level("none");
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @"
    schema/leveled.order.v1-value unverifiable: the registry finds it incompatible at its present level. The change sets another level first, and registries have no request that only tries a level
    ");
    apply(&scratch);
}

/// Values that brokers take and values that they do not, alone or beside others.
const CONFIGS: &[(&str, &[&str])] = &[
    ("cleanup.policy", &["compact", "[compact, delete]", "delete"]),
    ("compression.gzip.level", &["9", "42"]),
    ("compression.lz4.level", &["1", "99"]),
    ("compression.type", &["zstd", "gzip"]),
    ("flush.messages", &["0", "1000"]),
    ("index.interval.bytes", &["-1", "4KiB"]),
    ("local.retention.ms", &["1h", "30d"]),
    ("max.compaction.lag.ms", &["0", "1d"]),
    ("max.message.bytes", &["0", "1MiB", "2147483647", "9223372036854775807"]),
    ("min.cleanable.dirty.ratio", &["0.1", "1", "1.5"]),
    ("min.insync.replicas", &["0", "1", "3"]),
    ("remote.storage.enable", &["true"]),
    ("retention.bytes", &["1GiB", "unlimited"]),
    ("retention.ms", &["1d", "unlimited", "9223372036854775807"]),
    ("segment.bytes", &["20B", "2MiB", "2147483647", "2147483648"]),
    ("segment.index.bytes", &["1B", "1MiB"]),
    ("segment.ms", &["0", "1h"]),
];

/// A topic's partitions, replicas and configs.
type Shape = (u32, u32, BTreeMap<usize, usize>);

fn shape(replicas: &'static [u32]) -> impl Strategy<Value = Shape> {
    let configs = btree_map(0..CONFIGS.len(), 0..12_usize, 0..3);
    (select(vec![1, 2, 2, 3, 5]), select(replicas), configs)
}

fn write(scratch: &Scratch, name: &str, (partitions, replicas, configs): &Shape) {
    let mut text = format!(
        "topic: {name}\npartitions: {partitions}\noverrides: {{ main: {{ replication_factor: {replicas} }} }}\n"
    );
    if !configs.is_empty() {
        text.push_str("config:\n");
    }
    for (key, value) in configs {
        let (key, values) = CONFIGS[*key];
        // A String takes everything.
        _ = writeln!(text, "  {key}: {}", values[value % values.len()]);
    }
    scratch.write(&format!("topics/{name}.yaml"), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_verified_is_done() {
    const ROUNDS: usize = 3;
    let bus = bus().await;
    // Other changes in each run; the same again with the number that a failure shows.
    let of_clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed: u64 = std::env::var("BUSCTL_TEST_SEED").map_or_else(|_| of_clock(), |seed| seed.parse().unwrap());
    println!("the seed is {seed}");
    let bytes: Vec<u8> = seed.to_le_bytes().repeat(4);
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));

    let scratch = bare(bus, "random");
    // The servers are to judge, not the rules of the bus.
    let off: Vec<String> = (101..=117).chain([501, 503, 504]).map(|code| format!("BUS{code}: \"off\"")).collect();
    scratch.write("busctl.yaml", format!("version: 1\nrules: {{ {} }}\n", off.join(", ")));
    let there: Vec<String> = (0..8).map(|number| format!("random.there.v{number}")).collect();
    for name in &there {
        write(&scratch, name, &(2, 1, BTreeMap::new()));
    }
    apply(&scratch);
    let (mut verified, mut refused) = (0, 0);
    for round in 0..ROUNDS {
        let shapes =
            (vec(shape(&[1]), there.len()), vec(shape(&[1, 1, 5]), 4)).new_tree(&mut runner).unwrap().current();
        there.iter().zip(&shapes.0).for_each(|(name, shape)| write(&scratch, name, shape));
        for (number, shape) in shapes.1.iter().enumerate() {
            write(&scratch, &format!("random.new.v{}", round * 4 + number), shape);
        }
        let plan = scratch.run(&["plan", "--server-check", "--format", "json"]);
        let states: BTreeMap<String, String> = plan.json()["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| {
                let state = change["verification"]["state"].as_str().unwrap();
                (change["address"].as_str().unwrap().to_owned(), state.to_owned())
            })
            .collect();
        let report = scratch.run(&["apply", "--yes", "--allow", "destructive", "--format", "json"]);
        assert!(matches!(report.code, Some(0 | 5)), "seed {seed}: {report:?}");
        for outcome in report.json()["outcomes"].as_array().unwrap() {
            let state = states[outcome["address"].as_str().unwrap()].as_str();
            assert!(state != "verified" || outcome["status"] == "done", "seed {seed}: {outcome:#}\n{plan:?}");
            // The other way round it is worth as much: nothing that would be done is said to be refused.
            assert!(state != "refused" || outcome["status"] == "failed", "seed {seed}: {outcome:#}\n{plan:?}");
            match state {
                "verified" => verified += 1,
                "refused" => refused += 1,
                _ => panic!("seed {seed}: {state}: {outcome:#}"),
            }
        }
    }
    assert!(verified >= ROUNDS && refused >= ROUNDS, "seed {seed}: {verified} verified, {refused} refused");
}
