//! What of a local bus runs, and where.

use std::path::PathBuf;

use serde::Serialize;

use super::bus::{LocalBus, Server};
use super::connection;
use super::error::Result;
use super::kafka::{self, ClientSecurity};
use super::registry;
use super::secrets::ADMIN;
use super::state::{Process, State};
use super::version::Version;

/// A local bus as it is found.
#[derive(Debug, Clone, Serialize)]
pub struct BusStatus {
    /// The name of the cluster that the bus stands for.
    pub cluster: String,
    /// The id of the Kafka cluster, once the broker has told it.
    pub cluster_id: Option<String>,
    /// The broker.
    pub kafka: ServerStatus,
    /// The registry.
    pub registry: ServerStatus,
    /// Who may log in at the broker, beside the administrator.
    pub logins: Vec<String>,
    /// The file that says how to connect; it is there once the bus was up.
    pub connection_file: PathBuf,
    /// The directory with the password of each login.
    pub secrets: PathBuf,
}

/// One server as it is found.
#[derive(Debug, Clone, Serialize)]
pub struct ServerStatus {
    /// How it is.
    pub condition: Condition,
    /// Its version, once it has been started.
    pub version: Option<Version>,
    /// Where its clients reach it when it runs: `host:port` of a broker, the URL of a registry.
    pub address: Option<String>,
    /// Its process, while it runs.
    pub pid: Option<u32>,
    /// How long it has been running, in seconds.
    pub uptime_seconds: Option<u64>,
    /// Its log.
    pub log: PathBuf,
}

/// How a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It runs and answers.
    Running,
    /// It runs, and did not answer when asked just now.
    NotAnswering,
    /// It was stopped, or never started.
    Stopped,
    /// It has ended without having been stopped.
    Crashed,
}

impl BusStatus {
    pub(super) async fn observe(bus: &LocalBus, state: &State) -> Result<Self> {
        let (kafka, registry) = (state.kafka.as_ref(), state.registry.as_ref());
        let (kafka_answers, registry_answers) = tokio::join!(
            async {
                let (Some(kafka), Ok(admin)) = (kafka, bus.secrets().login(ADMIN)) else {
                    return false;
                };
                is_alive(kafka.process.as_ref())
                    && kafka::ask(&connection::bootstrap(kafka.port), &ClientSecurity::SaslPlaintext(admin))
                        .await
                        .is_ok()
            },
            async {
                let Some(registry) = registry else {
                    return false;
                };
                is_alive(registry.process.as_ref()) && registry::ask(registry.port).await.is_ok()
            },
        );
        Ok(Self {
            cluster: bus.cluster().to_owned(),
            cluster_id: kafka.and_then(|kafka| kafka.cluster_id.clone()),
            kafka: ServerStatus {
                condition: condition(kafka.and_then(|kafka| kafka.process.as_ref()), kafka_answers),
                version: kafka.map(|kafka| kafka.version.clone()),
                address: kafka.map(|kafka| connection::bootstrap(kafka.port)),
                ..of_process(kafka.and_then(|kafka| kafka.process.as_ref()), bus.log(Server::Kafka))
            },
            registry: ServerStatus {
                condition: condition(registry.and_then(|registry| registry.process.as_ref()), registry_answers),
                version: registry.map(|registry| registry.version.clone()),
                address: registry.map(|registry| registry::url(registry.port)),
                ..of_process(registry.and_then(|registry| registry.process.as_ref()), bus.log(Server::Registry))
            },
            logins: kafka.map(|kafka| kafka.logins.clone()).unwrap_or_default(),
            connection_file: bus.connection_file(),
            secrets: bus.secrets().directory().to_owned(),
        })
    }
}

fn is_alive(process: Option<&Process>) -> bool {
    process.is_some_and(|process| process.mark.is_alive())
}

fn condition(process: Option<&Process>, answers: bool) -> Condition {
    match process {
        None => Condition::Stopped,
        Some(process) if !process.mark.is_alive() => Condition::Crashed,
        Some(_) if answers => Condition::Running,
        Some(_) => Condition::NotAnswering,
    }
}

fn of_process(process: Option<&Process>, log: PathBuf) -> ServerStatus {
    let alive = process.filter(|process| process.mark.is_alive());
    ServerStatus {
        condition: Condition::Stopped,
        version: None,
        address: None,
        pid: alive.map(|process| process.mark.pid),
        uptime_seconds: alive.map(|process| process.uptime().as_secs()),
        log,
    }
}
