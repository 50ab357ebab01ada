//! What is delivered to services: planned, applied, drifted, taken back and removed, with the least token.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use crate::support::consul::{Access, Consul};
use crate::support::sample::{self, assert_settled, changes, plan};
use crate::support::secrets::keep;
use crate::support::server::{Bus, bus, password};
use crate::support::workspace::{Run, Scratch, assert_valid};

/// What the token of busctl needs.
pub const POLICY: &str = "key_prefix \"kafka/main/\" { policy = \"write\" }";

/// The sample workspace of a domain, which is delivered to this address with a token of its own.
pub fn workspace(bus: &Bus, domain: &str, address: &str, token: &str) -> Scratch {
    let scratch = sample::workspace(bus, domain);
    scratch.write("secrets/consul", format!("{token}\n"));
    let token = if token.is_empty() { "" } else { ", token: file:secrets/consul" };
    let consul = format!(
        "consul: {{ address: \"{address}\", prefix: kafka/main{token} }}\nclients: {{ sasl: {{ mechanism: plain, password: \"vault:secret/{{service}}#password\" }} }}\nmanages:"
    );
    scratch.edit("clusters/main.yaml", "manages:", &consul);
    scratch
}

/// What a plan, or what was done, says of deliveries.
pub fn of_deliveries(run: &Run) -> String {
    changes(run).lines().filter(|line| line.contains(" client-config/")).collect::<Vec<_>>().join("\n")
}

pub const DISRUPTIVE: [&str; 4] = ["apply", "--yes", "--allow", "disruptive"];

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_bootstrap_from_is_delivered_changed_mended_and_taken_away() {
    let Some(consul) = Consul::start(Access::Denied).await else { return };
    let bus = bus().await;
    let token = consul.token(POLICY);
    let scratch = workspace(bus, "deliver", &consul.address, &token);
    let run = |arguments: &[&str], code: i32| {
        let run = scratch.run(arguments).ended(code);
        for secret in [token.as_str(), &consul.root] {
            assert!(!run.out.contains(secret) && !run.err.contains(secret), "{run:#?}");
        }
        run
    };
    // Of somebody else, in the folder and beside it.
    consul.put("kafka/main/stranger/groups", "theirs");
    consul.put("kafka/main2/deliver-reader/groups", "theirs");
    let planned = run(&["plan", "--format", "json"], 0);
    assert_valid("plan.schema.json", &planned.json());
    let lines = of_deliveries(&planned);
    assert!(lines.contains("create client-config/deliver-reader [safe] "), "{lines}");
    assert!(lines.contains("consumes/deliver.order.v1/groups · → deliver-reader"), "{lines}");
    let all = changes(&planned);
    let at = |change: &str| all.lines().position(|line| line.starts_with(change)).unwrap();
    assert!(at("create topic/") < at("create client-config/"), "{all}");
    assert!(at("create grant/deliver-reader/") < at("create client-config/deliver-reader"), "{all}");
    let unmanaged = planned.json()["unmanaged"].as_array().unwrap().clone();
    let stranger = unmanaged.iter().find(|it| it["kind"] == "client-config").unwrap();
    assert_eq!(
        (&stranger["name"], &stranger["reason"]),
        (&"stranger".into(), &"no manifest declares the service".into())
    );

    run(&["apply", "--yes"], 0);
    assert_settled(&scratch);
    assert_eq!(consul.get("kafka/main/deliver-reader/consumes/deliver.order.v1/groups"), "deliver-reader");
    assert_eq!(consul.get("kafka/main/deliver-writer/service"), "deliver-writer");
    assert_eq!(consul.get("kafka/main/deliver-writer/configs/producer/acks"), "all");
    let brokers = format!("127.0.0.1:{}", bus.sasl);
    let keys = consul.keys("kafka/main/deliver-reader/listeners/");
    let of_brokers = keys.iter().find(|key| key.ends_with("/brokers")).unwrap();
    assert_eq!(consul.get(of_brokers), brokers);
    assert_eq!(consul.get("kafka/main/deliver-reader/registry/url"), bus.registry.url);
    run(&["audit", "--format", "json"], 0).shows(&["client-config/deliver-reader"]);

    // Another group is another one to clients; it is reviewed, applied and taken back.
    scratch.edit(
        "acls/reader.yaml",
        "consumes: [deliver.order.v1]",
        "consumes: [{ topic: deliver.order.v1, group: deliver-reader-2 }]",
    );
    let changed = run(&["plan", "-o", "group.json", "--format", "json"], 0);
    let lines = of_deliveries(&changed);
    assert!(lines.starts_with("update client-config/deliver-reader [disruptive] consumes/deliver.order.v1/groups deliver-reader → deliver-reader-2"), "{lines}");
    run(&["plan"], 0).shows(&["clients of `deliver-reader` that read it again bootstrap otherwise"]);
    run(&["apply", "--yes"], 4).says(&["--allow disruptive"]);
    run(&["apply", "group.json", "--yes", "--allow", "disruptive"], 0);
    assert_eq!(consul.get("kafka/main/deliver-reader/consumes/deliver.order.v1/groups"), "deliver-reader-2");
    let inverse = run(&["plan", "--undo", "group.json", "-o", "undo.json", "--format", "json"], 0);
    assert!(
        of_deliveries(&inverse).contains("groups deliver-reader-2 → deliver-reader"),
        "{}",
        of_deliveries(&inverse)
    );
    run(&["apply", "undo.json", "--yes", "--allow", "disruptive"], 0);
    assert_eq!(consul.get("kafka/main/deliver-reader/consumes/deliver.order.v1/groups"), "deliver-reader");
    run(&DISRUPTIVE, 0);

    // By hand: another value, one that nobody asked for, and one that is gone.
    consul.put("kafka/main/deliver-reader/consumes/deliver.order.v1/groups", "by-hand");
    consul.put("kafka/main/deliver-reader/password", "correct-horse-battery");
    consul.run(&["kv", "delete", "kafka/main/deliver-reader/service"]);
    let drift = run(&["drift", "--format", "json"], 2);
    assert_valid("drift.schema.json", &drift.json());
    let drifted = drift.json()["drifted"].as_array().unwrap().clone();
    let reader = drifted.iter().find(|it| it["address"] == "client-config/deliver-reader").unwrap();
    assert_eq!(reader["cause"], "outside");
    assert_eq!(reader["fields"].as_array().unwrap().len(), 3, "{reader}");
    assert!(!drift.out.contains("correct-horse-battery"), "{}", drift.out);
    run(&DISRUPTIVE, 0);
    assert_settled(&scratch);
    assert!(!consul.keys("kafka/main/deliver-reader/").contains(&"kafka/main/deliver-reader/password".to_owned()));

    // A snapshot has what is delivered; a plan from it needs no server.
    run(&["snapshot", "-o", "saved.json"], 0);
    consul.put("kafka/main/deliver-reader/groups", "later");
    assert_eq!(of_deliveries(&run(&["plan", "--live", "saved.json", "--format", "json"], 0)), "");
    run(&DISRUPTIVE, 0);

    // With the service its folder goes, before what it may do is taken away.
    scratch.write("acls/reader.yaml", "service: deliver-reader\nstate: absent\nreason: It was replaced.\n");
    scratch.write(
        "acls/writer.yaml",
        "service: deliver-writer\nproduces: [deliver.order.v1]\nconsumes: [deliver.order.v1]\n",
    );
    scratch.edit("topics/deliver/deliver.order.v1.yaml", "consumers: [deliver-reader]", "consumers: [deliver-writer]");
    let leaving = changes(&plan(&scratch).ended(0));
    let at = |change: &str| leaving.lines().position(|line| line.starts_with(change)).unwrap();
    assert!(at("delete client-config/deliver-reader [disruptive]") < at("delete grant/deliver-reader/"), "{leaving}");
    run(&DISRUPTIVE, 0);
    assert_settled(&scratch);
    assert_eq!(consul.keys("kafka/main/deliver-reader/"), [] as [String; 0]);
    assert_eq!(consul.get("kafka/main/stranger/groups"), "theirs");
    assert_eq!(consul.get("kafka/main2/deliver-reader/groups"), "theirs");
}

/// What a topic of the record has, whoever wrote it.
fn recorded(bus: &Bus, topic: &str) -> String {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", format!("127.0.0.1:{}", bus.sasl))
        .set("security.protocol", "sasl_plaintext")
        .set("sasl.mechanism", "PLAIN")
        .set("sasl.username", "admin")
        .set("sasl.password", password("admin"))
        .set("group.id", "nobody")
        .set("isolation.level", "read_uncommitted")
        .set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config.create().unwrap();
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
    consumer.assign(&from).unwrap();
    let mut text = String::new();
    loop {
        match consumer.poll(Duration::from_secs(60)).expect("the topic has an end") {
            Ok(record) => text += &String::from_utf8_lossy(record.payload().unwrap_or_default()),
            Err(KafkaError::PartitionEOF(_)) => return text,
            Err(error) => panic!("{topic}: {error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_somebody_put_there_is_kept_nowhere() {
    const SECRETS: [&str; 2] = ["hunter2-of-somebody", "open-sesame-of-somebody"];
    let Some(consul) = Consul::start(Access::Denied).await else { return };
    let bus = bus().await;
    let scratch = workspace(bus, "kept", &consul.address, &consul.token(POLICY));
    scratch.run(&["apply", "--yes"]).ended(0);
    // Every run is looked at for them from now on, in its outputs and in its files.
    SECRETS.iter().for_each(|secret| keep(secret, "a key of Consul"));
    let key = "kafka/main/kept-reader/sasl/password";
    consul.put(key, SECRETS[0]);
    scratch.run(&["snapshot", "-o", "live.json"]).ended(0);
    let from_file = scratch.run(&["plan", "--live", "live.json", "-o", "from-file.json", "--format", "json"]).ended(0);
    let line = "update client-config/kept-reader [disruptive] sasl/password ******** → ·";
    assert_eq!(of_deliveries(&from_file), line);
    let planned = scratch.run(&["plan", "-o", "plan.json", "--format", "json"]).ended(0);
    assert_eq!(of_deliveries(&planned), line);
    for file in ["live.json", "plan.json", "from-file.json"] {
        let mode = std::fs::metadata(scratch.path(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
    scratch.run(&["drift", "--format", "json"]).ended(2).shows(&["********"]);

    // Another secret is another value, though nobody is shown either.
    consul.put(key, SECRETS[1]);
    scratch.run(&["apply", "plan.json", "--yes", "--allow", "disruptive"]).ended(4);
    scratch.run(&["plan", "-o", "plan.json"]).ended(0);
    let log = ["apply", "plan.json", "--yes", "--allow", "disruptive", "--audit-log", "audit.jsonl"];
    scratch.run(&log).ended(0);
    assert!(scratch.read("audit.jsonl").contains("\"field\":\"sasl/password\",\"before\":{\"value\":\"********\"}"));
    consul.put(key, SECRETS[0]);
    let piped = [&DISRUPTIVE[..], &["--audit-log", "-"]].concat();
    scratch.run(&piped).ended(0).shows(&["sasl/password"]);
    scratch.run(&["audit", "--format", "json"]).ended(0).shows(&["client-config/kept-reader"]);
    for topic in ["_busctl-audit", "_busctl-applied"] {
        let text = recorded(bus, topic);
        assert!(text.contains("kept-reader"), "{topic} is read");
        assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{topic} has it");
    }
    assert_settled(&scratch);
    scratch.run(&["plan", "--undo", "plan.json"]).ended(0).shows(&["its former value looks like a secret"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_busctl_that_keys_repeat_is_told_and_kept_nowhere() {
    let Some(consul) = Consul::start(Access::Denied).await else { return };
    let bus = bus().await;
    let token = consul.token(POLICY);
    let scratch = workspace(bus, "repeats", &consul.address, &token);
    scratch.run(&["apply", "--yes"]).ended(0);
    // Every run is looked at for what its manifests refer to, in its outputs and in its files.
    let put = |key: &str, value: &str| consul.put(&format!("kafka/main/{key}"), value);
    put("repeats-reader/note", &format!("see {token}"));
    put("repeats-reader/of-brokers", &STANDARD.encode(password("admin")));
    put(&format!("repeats-reader/x-{token}"), "1");
    put(&format!("{token}/x"), "1");
    let planned = scratch.run(&["plan", "-o", "plan.json", "--format", "json"]).ended(0);
    let line =
        "update client-config/repeats-reader [disruptive] note ******** → ·; of-brokers ******** → ·; x-… ******** → ·";
    assert_eq!(of_deliveries(&planned), line);
    scratch.run(&["plan"]).ended(0).shows(&["note: ******** → not set"]);
    scratch.run(&["snapshot", "-o", "live.json"]).ended(0);
    let from_file = scratch.run(&["plan", "--live", "live.json", "--format", "json"]).ended(0);
    assert_eq!(of_deliveries(&from_file), line);
    scratch.run(&["drift"]).ended(2).shows(&["********"]);

    put("repeats-reader/note", &token);
    let stale = scratch.run(&["apply", "plan.json", "--yes", "--allow", "disruptive"]).ended(4);
    stale.says(&["client-config/repeats-reader: the hidden value of note was another when it was reviewed"]);
    scratch.run(&[&DISRUPTIVE[..], &["--audit-log", "audit.jsonl"]].concat()).ended(0);
    assert!(scratch.read("audit.jsonl").contains("\"field\":\"note\",\"before\":{\"value\":\"********\"}"));
    scratch.run(&["audit", "-v"]).ended(0).shows(&["note: ******** → not set"]);
    for topic in ["_busctl-audit", "_busctl-applied"] {
        assert!(!recorded(bus, topic).contains(&token), "{topic} has it");
    }
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_for_other_clusters_takes_its_folder_along() {
    let Some(consul) = Consul::start(Access::Denied).await else { return };
    let bus = bus().await;
    let scratch = workspace(bus, "elsewhere", &consul.address, &consul.token(POLICY));
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_eq!(consul.get("kafka/main/elsewhere-reader/service"), "elsewhere-reader");
    scratch.write(
        "clusters/other.yaml",
        "cluster: other\nenvironment: test\nschema_registry: main\ndefaults: { replication_factor: 1, min_insync_replicas: 1 }\n\
         kafka: { deployment: local, authorizer: standard, nodes: [{ id: 1, roles: [broker, controller] }] }\n",
    );
    scratch.write("acls/reader.yaml", "service: elsewhere-reader\nclusters: [other]\n");
    scratch.write(
        "acls/writer.yaml",
        "service: elsewhere-writer\nproduces: [elsewhere.order.v1]\nconsumes: [elsewhere.order.v1]\n",
    );
    let topic = "topics/elsewhere/elsewhere.order.v1.yaml";
    scratch.edit(topic, "consumers: [elsewhere-reader]", "consumers: [elsewhere-writer]");
    let planned = scratch.run(&["plan", "--cluster", "main", "--format", "json"]);
    let lines = of_deliveries(&planned);
    assert!(lines.contains("delete client-config/elsewhere-reader [disruptive]"), "{lines}\n{planned:#?}");
    scratch.run(&["apply", "--cluster", "main", "--yes"]).ended(4).says(&["--allow disruptive"]);
    scratch.run(&[&DISRUPTIVE[..], &["--cluster", "main"]].concat()).ended(0);
    assert_eq!(consul.keys("kafka/main/elsewhere-reader/"), [] as [String; 0]);
    assert_eq!(consul.get("kafka/main/elsewhere-writer/service"), "elsewhere-writer");
}
