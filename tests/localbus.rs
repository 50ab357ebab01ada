//! The local bus with real servers.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use busctl::localbus::progress::{Progress, Silent, Step};
use busctl::localbus::{
    Access, BusSpec, BusStatus, Condition, EphemeralBus, Host, LocalBus, LocalBusError, Login, Server,
};
use krafka::Kafka;
use krafka::admin::NewTopic;
use krafka::auth::AuthConfig;

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
    BusSpec::with_logins(logins.iter().map(|name| (*name).to_owned()).collect()).unwrap()
}

async fn client(access: &Access, login: Login) -> Result<Kafka, krafka::KrafkaError> {
    Kafka::builder(&access.bootstrap).security(AuthConfig::sasl_plain(login.name, login.password)).connect().await
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
    let workspace = tempfile::tempdir().unwrap();
    let bus = LocalBus::at(workspace.path(), "dev", host()).unwrap();
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
    assert!(!connection.contains(&access.admin().unwrap().password));

    // Grants can be felt.
    let gateway = access.secrets.login("ingest-gateway").unwrap();
    let refused = create_topic(&access, gateway.clone()).await.unwrap_err();
    assert!(refused.contains("AuthorizationFailed"), "{refused}");
    create_topic(&access, access.admin().unwrap()).await.unwrap();
    assert!(topics(&access, gateway.clone()).await.is_empty());
    let stranger = Login { name: "ingest-gateway".to_owned(), password: "guessed".to_owned() };
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

    // Gone.
    let running = bus.status().await.unwrap();
    bus.reset(&Silent).await.unwrap();
    for pid in pids(&running) {
        wait_until_gone(pid).await;
    }
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
