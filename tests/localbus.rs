//! The local bus with real servers.

mod support;

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use busctl::localbus::kafka;
use busctl::localbus::progress::{Progress, Silent, Step};
use busctl::localbus::{
    Access, BusSpec, BusStatus, Condition, EphemeralBus, Host, LocalBus, LocalBusError, Login, Server,
};
use busctl::model::Secret;
use futures::FutureExt;
use krafka::Kafka;
use krafka::admin::NewTopic;
use krafka::auth::{AuthConfig, TlsConfig};
use support::certificates::Identity;
use support::three_nodes::ThreeNodes;

const TOPIC: &str = "media.raw_ingest.v1";
const SUBJECT: &str = "media.raw_ingest.v1-value";

/// Keeps the notes and the names of the steps.
#[derive(Default)]
struct Recorded(Mutex<Vec<String>>);

impl Progress for Recorded {
    fn step(&self, what: &str) -> Box<dyn Step> {
        self.note(what);
        Box::new(Silent)
    }

    fn note(&self, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }
}

impl Recorded {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn host() -> Host {
    Host::from_environment().unwrap()
}

fn spec(logins: &[&str]) -> BusSpec {
    BusSpec::with_logins(logins.iter().map(|name| (*name).to_owned()).collect())
}

async fn client(access: &Access, login: Login) -> Result<Kafka, krafka::KrafkaError> {
    Kafka::builder(&access.bootstrap)
        .security(AuthConfig::sasl_plain(login.name, login.password.expose()))
        .connect()
        .await
}

/// Creates a topic as this login; what the broker says to it.
async fn create_topic(access: &Access, login: Login) -> Result<(), String> {
    let kafka = client(access, login).await.map_err(|error| error.to_string())?;
    let topic = NewTopic::new(TOPIC, 1, 1).unwrap();
    let mut answers =
        kafka.admin().create_topics([topic], Default::default()).await.map_err(|error| error.to_string())?;
    answers.remove(TOPIC).unwrap().map_err(|error| error.to_string())
}

async fn topics(access: &Access, login: Login) -> Vec<String> {
    client(access, login).await.unwrap().admin().list_topics(Default::default()).await.unwrap()
}

fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

async fn register_subject(access: &Access) {
    let url = format!("{}/subjects/{SUBJECT}/versions", access.registry_url.as_ref().unwrap());
    let answer = http().post(url).json(&serde_json::json!({ "schema": "\"string\"" })).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

async fn subjects(access: &Access) -> Vec<String> {
    let url = format!("{}/subjects", access.registry_url.as_ref().unwrap());
    http().get(url).send().await.unwrap().json().await.unwrap()
}

async fn assert_data_is_there(access: &Access) {
    assert_eq!(topics(access, access.admin().unwrap()).await, [TOPIC]);
    assert_eq!(subjects(access).await, [SUBJECT]);
}

fn pids(status: &BusStatus) -> [u32; 2] {
    [status.kafka.pid.unwrap(), status.registry.pid.unwrap()]
}

fn conditions(status: &BusStatus) -> [Condition; 2] {
    [status.kafka.condition, status.registry.condition]
}

/// Ends a process the hard way and waits until it is gone.
async fn kill_hard(pid: u32) {
    let killed = std::process::Command::new("sh").args(["-c", &format!("kill -KILL {pid}")]).status().unwrap();
    assert!(killed.success());
    wait_until_gone(pid).await;
}

async fn wait_until_gone(pid: u32) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Path::new(&format!("/proc/{pid}")).exists() {
        assert!(Instant::now() < deadline, "process {pid} is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_keeps_its_data_and_ports_through_everything_but_reset() {
    let root = tempfile::tempdir().unwrap();
    // Characters that mean something to Kafka's lists, to a database URL, to YAML and to Java's properties.
    let workspace = root.path().join("a workspace, d'après; \"#1\\ü\"");
    std::fs::create_dir(&workspace).unwrap();
    let bus = LocalBus::at(&workspace, "dev", host()).unwrap();
    let lived = AssertUnwindSafe(live(&bus)).catch_unwind().await;
    // Also where it failed half way, no server stays behind.
    bus.reset(&Silent).await.unwrap();
    if let Err(panic) = lived {
        std::panic::resume_unwind(panic);
    }
}

async fn live(bus: &LocalBus) {
    assert_eq!(conditions(&bus.status().await.unwrap()), [Condition::Stopped; 2]);
    assert!(matches!(bus.access(), Err(LocalBusError::NotRunning { .. })));

    // Two at once: one works, the other says so.
    let spec_of_one = spec(&["ingest-gateway"]);
    let (first, second) = tokio::join!(bus.up(&spec_of_one, &Silent), bus.up(&spec_of_one, &Silent));
    let refused = second.unwrap_err().to_string();
    assert!(
        refused.contains(&format!("(process {}) is working on the local bus `dev`", std::process::id())),
        "{refused}"
    );
    let access = first.unwrap();
    let status = bus.status().await.unwrap();
    assert_eq!(conditions(&status), [Condition::Running; 2]);
    assert_eq!(bus.access().unwrap().bootstrap, access.bootstrap);
    let connection = std::fs::read_to_string(&access.connection_file).unwrap();
    assert!(connection.contains(&format!("bootstrap: [\"{}\"]", access.bootstrap)), "{connection}");
    assert!(connection.contains(&format!("cluster_id: \"{}\"", access.cluster_id)), "{connection}");
    assert!(!connection.contains(access.admin().unwrap().password.expose()));

    // Grants can be felt.
    let gateway = access.secrets.login("ingest-gateway").unwrap();
    let refused = create_topic(&access, gateway.clone()).await.unwrap_err();
    assert!(refused.contains("AuthorizationFailed"), "{refused}");
    create_topic(&access, access.admin().unwrap()).await.unwrap();
    assert!(topics(&access, gateway.clone()).await.is_empty());
    let stranger = Login { name: "ingest-gateway".to_owned(), password: Secret::new("guessed") };
    assert!(create_topic(&access, stranger).await.is_err());
    register_subject(&access).await;
    assert_data_is_there(&access).await;

    // Up again: nothing happens.
    let progress = Recorded::default();
    let again = bus.up(&spec_of_one, &progress).await.unwrap();
    assert_eq!(again.bootstrap, access.bootstrap);
    assert_eq!(pids(&bus.status().await.unwrap()), pids(&status));
    assert!(progress.lines().is_empty(), "{:?}", progress.lines());

    // Another login: the broker restarts, in the same place and with its data.
    let progress = Recorded::default();
    let spec_of_two = spec(&["ingest-gateway", "normalizer"]);
    let again = bus.up(&spec_of_two, &progress).await.unwrap();
    assert_eq!(progress.lines()[0], "new logins: normalizer; restarting Kafka, its data stays");
    assert_eq!((&again.bootstrap, &again.registry_url), (&access.bootstrap, &access.registry_url));
    assert_eq!(pids(&bus.status().await.unwrap())[1], pids(&status)[1]);
    assert!(topics(&access, access.secrets.login("normalizer").unwrap()).await.is_empty());
    assert_eq!(access.secrets.login("ingest-gateway").unwrap(), gateway);
    assert_data_is_there(&again).await;

    // Down and up.
    let running = bus.status().await.unwrap();
    let stopped = bus.down(&Silent).await.unwrap();
    assert!(stopped.kafka && stopped.registry);
    for pid in pids(&running) {
        wait_until_gone(pid).await;
    }
    assert_eq!(conditions(&bus.status().await.unwrap()), [Condition::Stopped; 2]);
    let again = bus.up(&spec_of_two, &Silent).await.unwrap();
    assert_eq!((&again.bootstrap, &again.registry_url), (&access.bootstrap, &access.registry_url));
    assert_eq!(again.cluster_id, access.cluster_id);
    assert_data_is_there(&again).await;

    // Both crash.
    for pid in pids(&bus.status().await.unwrap()) {
        kill_hard(pid).await;
    }
    assert_eq!(conditions(&bus.status().await.unwrap()), [Condition::Crashed; 2]);
    let again = bus.up(&spec_of_two, &Silent).await.unwrap();
    assert_eq!(again.bootstrap, access.bootstrap);
    assert_data_is_there(&again).await;
    assert!(!bus.logs(Server::Kafka, 5).unwrap().is_empty());

    // Data is not opened by a version that cannot follow, and nothing is touched.
    for (kafka, registry) in [("3.9.1", "3.3.3"), ("4.3.1", "2.6.13.Final")] {
        let spec = BusSpec {
            kafka_version: kafka.parse().unwrap(),
            registry_version: Some(registry.parse().unwrap()),
            ..spec_of_two.clone()
        };
        let refused = bus.up(&spec, &Silent).await.unwrap_err();
        assert!(matches!(refused, LocalBusError::OtherData { .. }), "{refused}");
    }
    assert_data_is_there(&again).await;

    // Without a registry.
    let status = bus.status().await.unwrap();
    let again = bus.up(&BusSpec { registry_version: None, ..spec_of_two }, &Silent).await.unwrap();
    assert_eq!(again.registry_url, None);
    wait_until_gone(status.registry.pid.unwrap()).await;
    let running = bus.status().await.unwrap();
    assert_eq!(conditions(&running), [Condition::Running, Condition::Stopped]);
    assert_eq!(running.kafka.pid, status.kafka.pid);

    // Gone.
    bus.reset(&Silent).await.unwrap();
    wait_until_gone(running.kafka.pid.unwrap()).await;
    assert!(!bus.directory().exists());
    assert_eq!(conditions(&bus.status().await.unwrap()), [Condition::Stopped; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_for_one_command_is_gone_afterwards() {
    let mut spec = spec(&["normalizer"]);
    spec.kafka_version = "3.9.1".parse().unwrap();
    spec.registry_version = Some("2.6.13.Final".parse().unwrap());
    let bus = EphemeralBus::start(&host(), "dev", &spec, &Silent).await.unwrap();
    let access = bus.access().clone();
    create_topic(&access, access.admin().unwrap()).await.unwrap();
    register_subject(&access).await;
    assert_data_is_there(&access).await;

    let environment = access.environment("normalizer").unwrap();
    let value = |name: &str| environment.iter().find(|(it, _)| *it == name).unwrap().1.clone();
    assert_eq!(value("KAFKA_BOOTSTRAP_SERVERS"), access.bootstrap);
    assert_eq!(Some(value("SCHEMA_REGISTRY_URL")), access.registry_url);
    assert_eq!(value("KAFKA_SASL_USERNAME"), "normalizer");
    let directory = std::path::PathBuf::from(value("BUSCTL_DEV_DIR"));
    assert_eq!(std::fs::read_to_string(directory.join("normalizer")).unwrap(), value("KAFKA_SASL_PASSWORD"));

    let running = bus.bus().status().await.unwrap();
    bus.close().await;
    for pid in pids(&running) {
        wait_until_gone(pid).await;
    }
    assert!(!directory.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_answer_through_mutual_tls() {
    let nodes = ThreeNodes::start(kafka::DEFAULT_VERSION).await;
    let tls = |identity: &Identity| {
        TlsConfig::new()
            .with_ca_cert(nodes.authority.certificate().to_string_lossy())
            .with_client_cert(identity.certificate.to_string_lossy(), identity.key.to_string_lossy())
    };
    let admin = Kafka::builder(&nodes.bootstrap).security(AuthConfig::ssl(tls(&nodes.admin))).connect().await.unwrap();
    let cluster = admin.admin().describe_cluster(Default::default()).await.unwrap();
    assert_eq!(cluster.cluster_id, nodes.cluster_id);
    let mut racks: Vec<_> = cluster.brokers.iter().map(|broker| broker.rack.clone().unwrap()).collect();
    racks.sort();
    assert_eq!(racks, ["rack-1", "rack-2", "rack-3"]);

    let normalizer = nodes.authority.issue("normalizer");
    let client = Kafka::builder(&nodes.bootstrap).security(AuthConfig::ssl(tls(&normalizer))).connect().await.unwrap();
    let topic = NewTopic::new(TOPIC, 3, 3).unwrap();
    let answers = client.admin().create_topics([topic.clone()], Default::default()).await.unwrap();
    assert!(answers[TOPIC].is_err());
    let answers = admin.admin().create_topics([topic], Default::default()).await.unwrap();
    assert!(answers[TOPIC].is_ok(), "{answers:?}");

    let properties = nodes.client_properties(&nodes.admin);
    let mut listing = nodes.kafka.command("org.apache.kafka.tools.TopicCommand");
    listing.args(["--bootstrap-server", &nodes.bootstrap, "--list", "--command-config"]).arg(properties);
    let output = listing.output().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), TOPIC, "{output:?}");

    let pids: Vec<u32> = nodes.processes.iter().map(|process| process.pid).collect();
    drop(nodes);
    for pid in pids {
        wait_until_gone(pid).await;
    }
}

#[tokio::test]
async fn says_what_is_missing_on_the_machine() {
    let root = tempfile::tempdir().unwrap();
    let bus = |host| LocalBus::at(root.path(), "dev", host).unwrap();
    let up = async |host| bus(host).up(&spec(&[]), &Silent).await.unwrap_err().to_string();

    let java = busctl::localbus::java::find(&host(), 17, "Kafka").unwrap();
    let without_maven = Host { path: Vec::new(), java_home: java.home, cache_dir: root.path().join("cache"), ..host() };
    let message = up(without_maven).await;
    assert!(message.starts_with("`mvn` is not on the PATH; it is needed to download Kafka"), "{message}");
    assert!(message.contains("sudo apt-get install -y maven"), "{message}");

    let cache = root.path().join("file");
    std::fs::write(&cache, "").unwrap();
    let message = up(Host { cache_dir: cache.clone(), ..host() }).await;
    assert!(message.starts_with(&format!("cannot create {}", cache.display())), "{message}");

    let mut unheard_of = spec(&[]);
    unheard_of.kafka_version = "4.0.999".parse().unwrap();
    let host = Host { cache_dir: root.path().join("cache"), ..host() };
    let message = bus(host.clone()).up(&unheard_of, &Silent).await.unwrap_err().to_string();
    assert!(message.starts_with("Maven could not download Kafka 4.0.999"), "{message}");
    assert!(message.contains("org.apache.kafka:kafka_2.13:jar:4.0.999"), "{message}");
    assert!(!host.cache_dir.join("kafka/4.0.999").exists());
}
