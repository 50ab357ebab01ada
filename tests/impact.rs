//! What changes cost, measured on a real broker, and deletion from the tombstone to the empty plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use busctl::adapters::kafka::KafkaClient;
use busctl::adapters::registry::RegistryClient;
use busctl::apply::Recheck;
use busctl::localbus::progress::Silent;
use busctl::localbus::{ADMIN, BusSpec, EphemeralBus, Host};
use busctl::model::{Date, GroupId, PatternType, Secret, Timestamp, TopicName};
use busctl::plan::{Change, Standing};
use busctl::ports::FailureKind;
use busctl::ports::connection::{Connection, Login, RegistryConnection, Sasl};
use busctl::ports::kafka::{
    Acl, AclOperation, AclPermission, AclResourceType, GroupKind, KafkaAdmin, ListedGroup, NewTopic, OffsetAt,
    OffsetQuery,
};
use busctl::ports::registry::{NewSchema, Reference, Registry};
use busctl::resources::{Desired, WorkspaceFiles, load};
use busctl::schema::SchemaFormat;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;
use tokio::sync::OnceCell;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// A login that nobody has granted anything.
const NOBODY: &str = "nobody";
/// A login that reads what it is granted.
const READER: &str = "reader";
/// A login that may plan, and sees no group.
const BLIND: &str = "blind";

async fn bus() -> &'static EphemeralBus {
    static BUS: OnceCell<EphemeralBus> = OnceCell::const_new();
    BUS.get_or_init(|| async {
        let host = Host::from_environment().unwrap();
        EphemeralBus::start(&host, "c", &BusSpec::with_logins([NOBODY, READER, BLIND].map(Into::into).into()), &Silent)
            .await
            .unwrap()
    })
    .await
}

async fn kafka_as(login: &str) -> KafkaClient {
    let access = bus().await.access();
    let login = access.secrets.login(login).unwrap();
    let login = Login { username: login.name, password: Secret::new(login.password.expose()) };
    let connection = Connection {
        bootstrap: vec![access.bootstrap.clone()],
        tls: None,
        sasl: Some(Sasl::Plain(login)),
        timeout: Duration::from_secs(30),
    };
    KafkaClient::connect(connection).await.unwrap()
}

async fn registry() -> RegistryClient {
    let url = bus().await.access().registry_url.clone().unwrap();
    RegistryClient::new(&RegistryConnection { url, tls: None, auth: None, timeout: Duration::from_secs(30) }).unwrap()
}

fn name(text: &str) -> TopicName {
    text.parse().unwrap()
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// Creates a topic and waits until the broker serves it.
async fn create(topic: &str, partitions: u32, configs: &[(&str, &str)]) {
    let kafka = kafka_as(ADMIN).await;
    let configs = configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect();
    let new = NewTopic { name: name(topic), partitions, replication_factor: 1, configs };
    assert_eq!(kafka.create_topics(&[new], false).await, [Ok(())]);
    while kafka.describe_topics(&[name(topic)]).await.unwrap()[0].as_ref().map_or(0, |info| info.partitions.len())
        < partitions as usize
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn client() -> ClientConfig {
    client_as(ADMIN).await
}

async fn client_as(login: &str) -> ClientConfig {
    let access = bus().await.access();
    let login = access.secrets.login(login).unwrap();
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &access.bootstrap)
        .set("security.protocol", "SASL_PLAINTEXT")
        .set("sasl.mechanisms", "PLAIN")
        .set("sasl.username", login.name)
        .set("sasl.password", login.password.expose());
    config
}

/// Writes this many records of a timestamp to a partition.
async fn produce(topic: &str, partition: i32, timestamp: i64, count: usize) {
    let producer: FutureProducer = client().await.set("linger.ms", "20").create().unwrap();
    let payload = "x".repeat(100);
    let sent = (0..count).map(|_| {
        let record = FutureRecord::<(), _>::to(topic).partition(partition).timestamp(timestamp).payload(&payload);
        producer.send(record, Duration::from_secs(20))
    });
    futures::future::try_join_all(sent).await.unwrap();
}

/// A member of a group that reads a topic and has committed these offsets. It stays until it is dropped.
async fn member(topic: &str, group: &str, protocol: &str, committed: &[(i32, i64)]) -> BaseConsumer {
    member_as(ADMIN, topic, group, protocol, committed).await
}

async fn member_as(login: &str, topic: &str, group: &str, protocol: &str, committed: &[(i32, i64)]) -> BaseConsumer {
    let mut config = client_as(login).await;
    config.set("group.id", group).set("client.id", format!("{group}-client")).set("group.protocol", protocol);
    config.set("enable.auto.commit", "false").set("auto.offset.reset", "earliest");
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&[topic]).unwrap();
    tokio::task::block_in_place(|| {
        while consumer.assignment().unwrap().count() < committed.len() {
            consumer.poll(Duration::from_millis(100));
        }
        consumer.commit(&offsets(topic, committed), CommitMode::Sync).unwrap();
    });
    consumer
}

/// A group that has committed offsets and has no members.
async fn empty_group(topic: &str, group: &str, committed: &[(i32, i64)]) {
    let consumer: BaseConsumer = client().await.set("group.id", group).create().unwrap();
    consumer.commit(&offsets(topic, committed), CommitMode::Sync).unwrap();
}

fn offsets(topic: &str, committed: &[(i32, i64)]) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in committed {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset)).unwrap();
    }
    list
}

/// A workspace for the topics with a prefix.
struct Workspace(tempfile::TempDir);

impl Workspace {
    async fn new(prefix: &str) -> Self {
        let access = bus().await.access();
        let workspace = Self(tempfile::tempdir().unwrap());
        // The rules about names, people, reasons and consent are not what is tried here.
        let off = (101..=117).chain(201..=202).map(|code| format!("BUS{code}: \"off\"")).collect::<Vec<_>>().join(", ");
        workspace.write("busctl.yaml", &format!("version: 1\nrules: {{ {off} }}\n"));
        workspace.write("clusters/r.yaml", &format!("registry: r\nurl: {}\n", access.registry_url.as_ref().unwrap()));
        let domain = prefix.trim_end_matches('.');
        let catalog = format!(
            "domains: {{ {domain}: {{ owner: team }} }}\nteams: {{ team: {{ contacts: {{ email: a@example.com }} }} }}\n\
             services: {{ reader: {{ owner: team }} }}\n"
        );
        if !domain.is_empty() {
            workspace.write("catalog/catalog.yaml", &catalog);
        }
        workspace.cluster(prefix, "").await;
        workspace
    }

    async fn cluster(&self, prefix: &str, more: &str) {
        self.cluster_as(ADMIN, prefix, more).await;
    }

    async fn cluster_as(&self, login: &str, prefix: &str, more: &str) {
        let access = bus().await.access();
        let cluster = format!(
            "cluster: c\nmanages: {{ topics: [\"{prefix}*\"] }}\ndefaults: {{ replication_factor: 1 }}\n\
             connection:\n  bootstrap: [\"{}\"]\n  sasl: {{ mechanism: plain, username: {login}, password: \"file:{}\" }}\n\
             {more}\n",
            access.bootstrap,
            access.secrets.file(login).display()
        );
        self.write("clusters/c.yaml", &cluster);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a command: how it ended, and what it wrote to standard output and standard error.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busctl"));
        // The tests share a cluster, and so its lock.
        command.env("BUSCTL_LOCK_TIMEOUT", "90s");
        let output = command.arg("-C").arg(self.path()).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// How changes stand, as `apply` looks at them right before it writes.
    async fn standings(&self, changes: &[Change]) -> Vec<Standing> {
        let paths = ["busctl.yaml", "clusters/c.yaml", "topics/t.yaml", "acls/reader.yaml", "catalog/catalog.yaml"];
        let text = |path: &str| Ok(std::fs::read_to_string(self.path().join(path)).unwrap().into());
        let texts = paths.into_iter().map(|path| (path.into(), text(path))).collect();
        let (loaded, _) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
        let (desired, _) = Desired::resolve(&loaded, loaded.clusters.values().next().unwrap());
        let kafka = kafka_as(ADMIN).await;
        let clock = || Timestamp::of_unix_millis(now());
        let today = Date::of_unix_seconds(0);
        let recheck =
            Recheck::<_, RegistryClient> { desired: &desired, kafka: &kafka, registry: None, today, now: clock };
        let changes: Vec<&Change> = changes.iter().collect();
        // Unoptimized it takes more stack than a test's thread has; the program runs on that of its main thread.
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().stack_size(8 << 20);
                let look = || runtime.block_on(recheck.standings(&changes)).unwrap();
                thread.spawn_scoped(scope, look).unwrap().join().unwrap()
            })
        })
    }

    /// The plan as JSON.
    fn plan(&self, arguments: &[&str]) -> Value {
        let (code, out, error) = self.run(&[&["plan", "--format", "json"], arguments].concat());
        assert_eq!(code, 0, "{out}\n{error}");
        serde_json::from_str(&out).unwrap()
    }

    /// The only change of the plan.
    fn change(&self, arguments: &[&str]) -> Value {
        let plan = self.plan(arguments);
        let changes = plan["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{plan:#}");
        changes[0].clone()
    }
}

fn topic(name: &str, more: &str) -> String {
    format!("topic: {name}\npartitions: 2\n{more}\n")
}

fn impact(change: &Value) -> String {
    change["impact"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sentence| sentence.as_str().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

const THIRTY_DAYS: &[(&str, &str)] = &[("retention.ms", "2592000000")];

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_is_measured_and_judged_by_what_falls_out() {
    const TOPIC: &str = "cut.records.v1";
    create(TOPIC, 2, THIRTY_DAYS).await;
    for (partition, age, count) in [(0, 20 * DAY, 10), (0, 10 * DAY, 20), (0, HOUR, 30), (1, 10 * DAY, 5), (1, HOUR, 7)]
    {
        produce(TOPIC, partition, now() - age, count).await;
    }
    let workspace = Workspace::new("cut.").await;
    let manifest = |retention: &str| workspace.write("topics/t.yaml", &topic(TOPIC, &format!("config: {retention}")));

    manifest("{ retention.ms: 7d }");
    let change = workspace.change(&[]);
    assert_eq!(change["risk"], "destructive");
    assert_eq!(change["measured"]["records"], 35);
    assert!(change["measured"]["bytes"].as_u64().unwrap() > 35 * 100, "{change:#}");
    assert_eq!(change["measured"]["bytes"], change["measured"]["bytes_of_all_replicas"], "there is one replica");
    assert!(impact(&change).contains("up to 35 records"), "{}", impact(&change));
    manifest("{ retention.ms: 15d }");
    assert_eq!(workspace.change(&[])["measured"]["records"], 10);
    let (code, out, error) = workspace.run(&["apply", "--yes"]);
    assert_eq!(code, 4, "{out}\n{error}");

    // Half of what lies in the first partition, and the share of its records.
    let sizes = kafka_as(ADMIN).await.replica_sizes(&[(name(TOPIC), 2)]).await.unwrap();
    let sizes: BTreeMap<u32, u64> = sizes
        .into_iter()
        .flat_map(|broker| broker.answer.unwrap())
        .map(|replica| (replica.partition, replica.bytes))
        .collect();
    let half = sizes[&0].div_ceil(2);
    assert!(half > sizes[&1], "{sizes:?}");
    manifest(&format!("{{ retention.ms: 30d, retention.bytes: {half}B }}"));
    assert_eq!(workspace.change(&[])["measured"]["records"], 30);

    // Nothing is older than 25 days.
    manifest("{ retention.ms: 25d }");
    let change = workspace.change(&[]);
    assert_eq!((&change["risk"], &change["measured"]["records"]), (&"disruptive".into(), &0.into()));
    assert_eq!(workspace.run(&["apply", "--yes"]).0, 4);
    let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "disruptive"]);
    assert_eq!(code, 0, "{out}\n{error}");
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_with_readers_is_deleted_by_its_tombstone_alone() {
    const TOPIC: &str = "gone.records.v1";
    create(TOPIC, 2, &[]).await;
    let last = now() - HOUR;
    produce(TOPIC, 0, last - HOUR, 50).await;
    produce(TOPIC, 0, last, 1).await;
    produce(TOPIC, 1, last - 2 * HOUR, 20).await;
    let _classic = member(TOPIC, "gone-classic", "classic", &[(0, 40), (1, 20)]).await;
    let _consumer = member(TOPIC, "gone-consumer", "consumer", &[(0, 51), (1, 20)]).await;
    empty_group(TOPIC, "gone-empty", &[(0, 1)]).await;
    create("gone.other.v1", 1, &[]).await;
    empty_group("gone.other.v1", "gone-elsewhere", &[(0, 0)]).await;

    let workspace = Workspace::new("gone.").await;
    // Without a manifest nothing happens to it, and the plan says how to go on.
    let plan = workspace.plan(&[]);
    assert_eq!(plan["changes"], Value::Array(Vec::new()));
    let unmanaged = plan["unmanaged"].as_array().unwrap().iter().find(|item| item["name"] == TOPIC).unwrap();
    assert!(unmanaged["reason"].as_str().unwrap().contains("state: absent"), "{unmanaged}");

    workspace.write("topics/t.yaml", &topic(TOPIC, "state: absent\nreason: Replaced (CR-2160)."));
    let change = workspace.change(&[]);
    assert_eq!((&change["action"], &change["risk"]), (&"delete".into(), &"destructive".into()));
    let measured = &change["measured"];
    assert_eq!(measured["records"], 71);
    assert!(measured["bytes"].as_u64().unwrap() > 71 * 100);
    let last: busctl::model::Timestamp = busctl::model::Timestamp::of_unix_millis(last);
    assert_eq!(measured["last_write"], serde_json::to_value(last).unwrap());
    let groups: BTreeMap<&str, &Value> =
        measured["groups"].as_array().unwrap().iter().map(|group| (group["name"].as_str().unwrap(), group)).collect();
    assert_eq!(groups.keys().copied().collect::<Vec<_>>(), ["gone-classic", "gone-consumer", "gone-empty"]);
    for (group, state, lag, members) in
        [("gone-classic", "Stable", 11, 1), ("gone-consumer", "Stable", 0, 1), ("gone-empty", "Empty", 50, 0)]
    {
        assert_eq!((&groups[group]["state"], &groups[group]["lag"]), (&state.into(), &lag.into()), "{group}");
        let found = groups[group]["members"].as_array().map_or(&[][..], Vec::as_slice);
        assert_eq!(found.len(), members, "{group}");
        for member in found {
            assert_eq!(member["client_id"], format!("{group}-client"));
            assert_eq!(member["host"], "127.0.0.1");
        }
    }
    assert!(impact(&change).contains("the reason given: Replaced (CR-2160)."));
    assert_eq!(measured["not_measured"], Value::Null);

    let is_there = async || kafka_as(ADMIN).await.describe_topics(&[name(TOPIC)]).await.unwrap()[0].is_ok();
    for arguments in [&["apply", "--yes"][..], &["apply", "--yes", "--allow", "disruptive"]] {
        assert_eq!(workspace.run(arguments).0, 4);
    }
    workspace.cluster("gone.", "protect: [\"gone.records.*\"]").await;
    let (code, _, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
    assert_eq!(code, 3, "{error}");
    assert!(error.contains("BUS121"), "{error}");
    let (code, out, _) = workspace.run(&["plan", "--format", "json"]);
    assert_eq!(code, 3);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["changes"], Value::Array(Vec::new()));
    workspace.cluster("other.", "").await;
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()), "it is outside `manages`");
    assert!(is_there().await);

    workspace.cluster("gone.", "").await;
    let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
    assert_eq!(code, 0, "{out}\n{error}");
    assert!(!is_there().await);
    // A topic that is gone already is nothing to do.
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));
    assert_eq!(workspace.run(&["apply", "--yes"]).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_grant_names_the_groups_that_work_with_it() {
    const TOPIC: &str = "lose.records.v1";
    const GROUP: &str = "lose-group";
    create(TOPIC, 2, &[]).await;
    create("lose.other.v1", 1, &[]).await;
    produce(TOPIC, 0, now(), 50).await;
    produce(TOPIC, 1, now(), 20).await;
    // They are somebody else's: the service may not be a member of them.
    empty_group(TOPIC, "lose-elsewhere", &[(0, 1)]).await;
    let _stranger = member(TOPIC, "lose-stranger", "classic", &[(0, 1), (1, 1)]).await;

    let workspace = Workspace::new("lose.").await;
    let declare = |consumers: &str, consumes: &str| {
        workspace.write("topics/t.yaml", &topic(TOPIC, &format!("consumers: [{consumers}]")));
        let asks = format!("service: reader\nprincipals: {{ c: \"User:{READER}\" }}\n{consumes}\n");
        workspace.write("acls/reader.yaml", &asks);
    };
    let asking = format!("consumes: [{{ topic: {TOPIC}, group: {GROUP} }}]");
    declare("reader", &asking);
    let apply = |more: &[&str]| workspace.run(&[&["apply", "--yes", "--allow", "disruptive"], more].concat());
    let (code, out, error) = apply(&[]);
    assert_eq!(code, 0, "{out}\n{error}");

    let file = |name: &str| workspace.path().join(name).display().to_string();
    let snapshot = |path: &str| {
        let (code, _, error) = workspace.run(&["snapshot", "--impact", "-o", path]);
        assert_eq!(code, 0, "{error}");
    };
    // What each change says of groups, by its address; the same from the cluster and from a snapshot.
    let told = |path: &str| -> Value {
        let groups = |arguments: &[&str]| {
            let plan = workspace.plan(arguments);
            let changes = plan["changes"].as_array().unwrap().iter();
            let told = changes.map(|change| {
                assert_eq!(change["risk"], "disruptive");
                assert_eq!(change["measured"]["not_measured"], Value::Null);
                let active = change["impact"].to_string().contains("loses it while it is active");
                assert_eq!(change["impact"].to_string().contains("no group that loses it is active now"), !active);
                let groups = change["measured"]["groups"].clone();
                (change["address"].as_str().unwrap().to_owned(), serde_json::json!([active, groups]))
            });
            Value::Object(told.collect())
        };
        let (live, saved) = (groups(&[]), groups(&["--live", path]));
        assert_eq!(live, saved);
        live
    };
    let both = |told: Value| {
        let addresses = [format!("grant/reader/group/{GROUP}"), format!("grant/reader/topic/{TOPIC}")];
        serde_json::json!({ addresses[0].as_str(): told, addresses[1].as_str(): told })
    };
    let members = serde_json::json!([{ "client_id": format!("{GROUP}-client"), "host": "127.0.0.1" }]);
    let active = |by: &str| {
        let whose = serde_json::json!([{ "principal": format!("User:{READER}"), "service": "reader", "by": by }]);
        serde_json::json!([true, [
            { "name": GROUP, "state": "Stable", "members": members, "lag": 10, "attributed_to": whose }
        ]])
    };
    let running = member_as(READER, TOPIC, GROUP, "classic", &[(0, 40), (1, 20)]).await;
    snapshot(&file("running.json"));
    // The topic's owner takes back the consent: the service's manifest still names the group.
    declare("", &asking);
    assert_eq!(told(&file("running.json")), both(active("manifest")));
    // The service does not ask any more: that it may be a member is what is left.
    declare("reader", "");
    assert_eq!(told(&file("running.json")), both(active("acl")));

    // Who may not see the groups says so.
    let admin = kafka_as(ADMIN).await;
    let of_blind = |resource, name: &str, operation| Acl {
        resource,
        name: name.into(),
        pattern: PatternType::Literal,
        principal: format!("User:{BLIND}").parse().unwrap(),
        host: "*".into(),
        operation,
        permission: AclPermission::Allow,
    };
    let mut acls = vec![];
    for operation in [AclOperation::Describe, AclOperation::DescribeConfigs] {
        acls.push(of_blind(AclResourceType::Cluster, "kafka-cluster", operation));
        acls.push(of_blind(AclResourceType::Topic, TOPIC, operation));
    }
    assert!(admin.create_acls(&acls).await.into_iter().all(|outcome| outcome.is_ok()));
    while !admin.has_acl(&acls[0]).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    workspace.cluster_as(BLIND, "lose.", "").await;
    for change in workspace.plan(&[])["changes"].as_array().unwrap() {
        assert!(impact(change).contains("not everything could be seen"), "{}", impact(change));
        assert!(impact(change).contains("GROUP_AUTHORIZATION_FAILED"), "{}", impact(change));
        if change["address"] == format!("grant/reader/group/{GROUP}") {
            let group = &change["measured"]["groups"][0];
            assert_eq!((&group["name"], &group["state"]), (&GROUP.into(), &"Stable".into()), "{change:#}");
            assert!(impact(change).contains("members that could not be seen"), "{}", impact(change));
        }
    }
    workspace.cluster("lose.", "").await;

    drop(running);
    let is_empty = async || {
        let listed = ListedGroup { id: GROUP.parse().unwrap(), kind: GroupKind::Classic, state: None };
        admin.describe_groups(&[listed]).await.remove(0).unwrap().state == "Empty"
    };
    while !is_empty().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    snapshot(&file("stopped.json"));
    let whose = serde_json::json!([{ "principal": format!("User:{READER}"), "service": "reader", "by": "acl" }]);
    let idle = serde_json::json!([false, [{ "name": GROUP, "state": "Empty", "lag": 10, "attributed_to": whose }]]);
    assert_eq!(told(&file("stopped.json")), both(idle));

    // What was reviewed without an active group is not applied to one.
    let reviewed = file("reviewed.json");
    let (code, _, error) = workspace.run(&["plan", "-o", &reviewed]);
    assert_eq!(code, 0, "{error}");
    let changes = workspace.plan(&[])["changes"].take();
    let changes: Vec<Change> = serde_json::from_value(changes).unwrap();
    assert_eq!(workspace.standings(&changes).await, [Standing::AsReviewed, Standing::AsReviewed]);
    let running = member_as(READER, TOPIC, GROUP, "consumer", &[(0, 40), (1, 20)]).await;
    // The look right before the writes sees it.
    for standing in workspace.standings(&changes).await {
        let Standing::Moved(moved) = standing else { panic!("{standing:?}") };
        let told: Vec<_> = moved.iter().map(|moved| (moved.field.as_str(), moved.present.as_deref())).collect();
        assert_eq!(told, [("the active groups that lose access", Some(GROUP))]);
    }
    let (code, out, error) = apply(&[&reviewed]);
    assert_eq!(code, 4, "{out}\n{error}");
    let risen = format!("the active groups that lose access was none when it was reviewed and is {GROUP} now");
    assert!(error.contains(&risen), "{error}");
    let (code, out, error) = apply(&[]);
    assert_eq!(code, 0, "{out}\n{error}");
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reserved_is_never_deleted() {
    let kafka = kafka_as(ADMIN).await;
    create("reserved.read.v1", 1, &[]).await;
    empty_group("reserved.read.v1", "reserved", &[(0, 0)]).await;
    create("_busctl-test", 1, &[]).await;
    let workspace = Workspace::new("").await;
    for topic in ["__consumer_offsets", "_busctl-test"] {
        workspace.write("topics/t.yaml", &format!("topic: {topic}\nstate: absent\nreason: It is in the way.\n"));
        let (code, _, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
        assert_eq!(code, 3, "{error}");
        assert!(error.contains("BUS122"), "{error}");
        let (_, out, _) = workspace.run(&["plan", "--format", "json"]);
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["changes"], Value::Array(Vec::new()), "{topic}");
        assert!(kafka.describe_topics(&[name(topic)]).await.unwrap()[0].is_ok(), "{topic}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_bounds_what_nobody_can_ask_for_later() {
    const TOPIC: &str = "snap.records.v1";
    create(TOPIC, 2, THIRTY_DAYS).await;
    for (age, count) in [(20 * DAY, 10), (10 * DAY, 20), (4 * DAY, 40), (HOUR / 2, 30)] {
        produce(TOPIC, 0, now() - age, count).await;
    }
    empty_group(TOPIC, "snap", &[(0, 60)]).await;
    let workspace = Workspace::new("snap.").await;
    let manifest = |text: &str| workspace.write("topics/t.yaml", &topic(TOPIC, text));
    manifest("config: { retention.ms: 30d }");
    let with = workspace.path().join("with.json").display().to_string();
    let without = workspace.path().join("without.json").display().to_string();
    for arguments in [&["snapshot", "--impact", "-o", &with][..], &["snapshot", "-o", &without]] {
        let (code, _, error) = workspace.run(arguments);
        assert_eq!(code, 0, "{error}");
    }
    // Of an age that was asked for, and of one between two that were.
    for (retention, records) in [("7d", 30), ("14d", 10), ("10d", 30), ("5d", 70)] {
        manifest(&format!("config: {{ retention.ms: {retention} }}"));
        // Time goes on between the snapshot and the plan, so that an age is bounded by the next younger one.
        let later = workspace.change(&["--live", &with])["measured"]["records"].as_u64().unwrap();
        assert!((records..=70).contains(&later), "{retention}: {later}");
    }
    manifest("config: { retention.ms: 7d }");
    let unmeasured = workspace.change(&["--live", &without]);
    assert_eq!((&unmeasured["risk"], &unmeasured["measured"]), (&"destructive".into(), &Value::Null));
    assert!(impact(&unmeasured).contains("was not measured"), "{}", impact(&unmeasured));
    // 25 days are bounded by what was older than 14 days: something may fall out.
    manifest("config: { retention.ms: 25d }");
    assert_eq!(workspace.change(&["--live", &with])["risk"], "destructive");
    manifest("state: absent\nreason: Unused.");
    let deletion = workspace.change(&["--live", &with]);
    assert_eq!(deletion["measured"]["records"], 100);
    assert_eq!(deletion["measured"]["groups"][0]["lag"], 40);

    let (_, _, error) = workspace.run(&["plan", "--live", &with]);
    assert!(!error.contains("the impact was measured"), "{error}");
    let mut snapshot: Value = serde_json::from_slice(&std::fs::read(&with).unwrap()).unwrap();
    let taken_at = busctl::model::Timestamp::of_unix_millis(now() - 2 * DAY);
    snapshot["impact"]["taken_at"] = serde_json::to_value(taken_at).unwrap();
    std::fs::write(&with, snapshot.to_string()).unwrap();
    let (_, _, error) = workspace.run(&["plan", "--live", &with]);
    assert!(error.contains("warning: the impact was measured at") && error.contains(&taken_at.to_string()), "{error}");
    assert!(impact(&workspace.change(&["--live", &with])).contains("2 days ago"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retention_is_cut_in_as_many_steps_as_the_plan_says() {
    const TOPIC: &str = "step.records.v1";
    create(TOPIC, 2, THIRTY_DAYS).await;
    let workspace = Workspace::new("step.").await;
    workspace.write("topics/t.yaml", &topic(TOPIC, "config: { retention.ms: 7d }"));
    let change = workspace.change(&["--retention-step", "5d"]);
    assert_eq!(change["fields"][0]["after"]["shown"], "25d");
    assert!(impact(&change).contains("18d remain until 7d, which takes 4 more runs"), "{}", impact(&change));
    let mut runs = 0;
    while !workspace.plan(&["--retention-step", "5d"])["changes"].as_array().unwrap().is_empty() {
        let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "disruptive", "--retention-step", "5d"]);
        assert_eq!(code, 0, "{out}\n{error}");
        runs += 1;
        assert!(runs <= 5);
    }
    assert_eq!(runs, 5);
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));

    create("step.endless.v1", 2, &[("retention.ms", "-1")]).await;
    workspace.write("topics/t.yaml", &topic("step.endless.v1", "config: { retention.ms: 7d }"));
    let (code, out, _) = workspace.run(&["plan", "--format", "json", "--retention-step", "5d"]);
    let plan: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &plan["complete"]), (1, &false.into()));
    assert_eq!(plan["changes"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_goes_by_a_tombstone_of_its_own() {
    const TOPIC: &str = "subject.records.v1";
    create(TOPIC, 2, &[]).await;
    let registry = registry().await;
    let schema = |text: &str, references: &[(&str, &str)]| NewSchema {
        format: SchemaFormat::Avro,
        text: text.into(),
        references: references
            .iter()
            .map(|(name, subject)| Reference { name: (*name).into(), subject: subject.parse().unwrap(), version: 1 })
            .collect(),
    };
    let shared = schema(r#"{"type":"record","name":"Shared","namespace":"subject","fields":[]}"#, &[]);
    let value = schema(
        r#"{"type":"record","name":"Value","namespace":"subject","fields":[{"name":"s","type":"subject.Shared"}]}"#,
        &[("subject.Shared", "subject.shared")],
    );
    registry.register(&"subject.shared".parse().unwrap(), &shared).await.unwrap();
    registry.register(&format!("{TOPIC}-value").parse().unwrap(), &value).await.unwrap();

    let workspace = Workspace::new("subject.").await;
    workspace.cluster("subject.", "schema_registry: r").await;
    workspace.write("topics/t.yaml", &topic(TOPIC, "state: absent\nreason: Unused."));
    let change = workspace.change(&[]);
    assert!(impact(&change).contains(&format!("`{TOPIC}-value`")), "{}", impact(&change));
    let tombstone = |subject: &str| format!("subject: {subject}\nstate: absent\nreason: Unused.\n");
    // What others refer to stays, whoever asks; the registry itself refuses it.
    assert_eq!(
        registry.delete_subject(&"subject.shared".parse().unwrap()).await.unwrap_err().kind,
        FailureKind::Refused
    );
    workspace.write("schemas/shared.yaml", &tombstone("subject.shared"));
    workspace.write("schemas/value.yaml", &tombstone(&format!("{TOPIC}-value")));
    let plan = workspace.plan(&[]);
    let addresses: Vec<_> = plan["changes"].as_array().unwrap().iter().map(|change| &change["address"]).collect();
    assert_eq!(addresses.len(), 3, "{plan:#}");
    assert_eq!(addresses[0], &format!("topic/{TOPIC}"), "topics go before the subjects");
    assert_eq!(plan["summary"]["destructive"], 3);
    assert_eq!(plan["changes"][2]["depends_on"], serde_json::json!([format!("schema/{TOPIC}-value")]));
    assert_eq!(workspace.run(&["apply", "--yes", "--allow", "disruptive"]).0, 4);
    // This registry counts the references of what it has deleted softly, and says so.
    let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
    assert_eq!(code, 5, "{out}\n{error}");
    assert!(out.contains("permanent=true"), "{out}");
    assert_eq!(workspace.change(&[])["address"], "schema/subject.shared");
    workspace.write("schemas/shared.yaml", &tombstone("subject.alone"));
    registry.register(&"subject.alone".parse().unwrap(), &schema("\"string\"", &[])).await.unwrap();
    assert_eq!(workspace.change(&[])["address"], "schema/subject.alone");
    let (code, out, error) = workspace.run(&["apply", "--yes", "--allow", "destructive"]);
    assert_eq!(code, 0, "{out}\n{error}");
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));
    // One that is gone already is no error.
    assert_eq!(registry.delete_subject(&"subject.alone".parse().unwrap()).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_seen_is_refused_item_by_item() {
    const TOPIC: &str = "hidden.records.v1";
    create(TOPIC, 1, &[]).await;
    produce(TOPIC, 0, now(), 3).await;
    empty_group(TOPIC, "hidden", &[(0, 1)]).await;
    let group: GroupId = "hidden".parse().unwrap();
    let topics = [(name(TOPIC), 1)];
    let query = |topic: &str, at| OffsetQuery { topic: name(topic), partition: 0, at };
    let queries = [query(TOPIC, OffsetAt::Latest), query("hidden.absent.v1", OffsetAt::Latest)];

    let admin = kafka_as(ADMIN).await;
    let answers = admin.offsets(&queries).await;
    assert_eq!(answers[0].as_ref().unwrap().unwrap().offset, 3);
    assert_eq!(answers[1].as_ref().unwrap_err().kind, FailureKind::NotFound);
    // One partition, asked for in every way at once: a broker refuses a request that names it twice.
    let at = [OffsetAt::Earliest, OffsetAt::MaxTimestamp, OffsetAt::Timestamp(0), OffsetAt::Timestamp(now() + DAY)];
    let answers = admin.offsets(&at.map(|at| query(TOPIC, at))).await;
    let found: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().map(|found| found.offset)).collect();
    assert_eq!((found[0], found[2], found[3]), (Some(0), Some(0), None));
    assert!(found[1].is_some());
    for named in [None, Some(&topics[..])] {
        let committed = admin.committed_offsets(std::slice::from_ref(&group), named).await.remove(0).unwrap();
        assert_eq!(committed, BTreeMap::from([(name(TOPIC), BTreeMap::from([(0, 1)]))]));
    }
    let listed = admin.groups().await.unwrap().into_iter().flat_map(|broker| broker.answer.unwrap());
    assert!(listed.into_iter().any(|listed| listed.id == group && listed.kind == GroupKind::Classic));

    let nobody = kafka_as(NOBODY).await;
    for answer in nobody.offsets(&queries).await {
        assert_eq!(answer.unwrap_err().kind, FailureKind::Authorization);
    }
    for broker in nobody.replica_sizes(&topics).await.unwrap() {
        assert_eq!(broker.answer.unwrap_err().kind, FailureKind::Authorization);
    }
    let committed = nobody.committed_offsets(std::slice::from_ref(&group), Some(&topics)).await.remove(0);
    assert_eq!(committed.unwrap_err().kind, FailureKind::Authorization);
    let listed = ListedGroup { id: group, kind: GroupKind::Classic, state: None };
    assert_eq!(nobody.describe_groups(&[listed]).await.remove(0).unwrap_err().kind, FailureKind::Authorization);
    assert_eq!(nobody.delete_topics(&[name(TOPIC)]).await.remove(0).unwrap_err().kind, FailureKind::Authorization);
    assert_eq!(admin.delete_topics(&[name(TOPIC), name("hidden.absent.v1")]).await, [Ok(()), Ok(())]);
}
