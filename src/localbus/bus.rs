//! A local bus that lives in a workspace until it is stopped.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::connection::Access;
use super::error::{LocalBusError, Result, on_file};
use super::host::Host;
use super::logs::{self, Follower};
use super::progress::Progress;
use super::secrets::Secrets;
use super::state::{self, Process, State, StateFile};
use super::status::BusStatus;
use super::up::Up;
use super::version::Version;
use super::{connection, kafka, registry};

/// What a local bus consists of.
#[derive(Debug, Clone)]
pub struct BusSpec {
    /// Who may log in beside the administrator: the names of the services.
    pub logins: Vec<String>,
    /// The version of Kafka.
    pub kafka_version: Version,
    /// The version of Apicurio Registry; none for a bus without a registry.
    pub registry_version: Option<Version>,
    /// The most memory of Kafka's heap, in MiB.
    pub kafka_heap_mib: u32,
    /// How long each server may take until it answers.
    pub patience: Duration,
    /// Properties of the broker beside those that every local bus has.
    pub properties: BTreeMap<String, String>,
}

impl BusSpec {
    /// A bus of the default versions with these logins.
    pub fn with_logins(logins: Vec<String>) -> Self {
        Self {
            logins,
            kafka_version: Version::known(kafka::DEFAULT_VERSION),
            registry_version: Some(Version::known(registry::DEFAULT_VERSION)),
            kafka_heap_mib: kafka::DEFAULT_HEAP_MIB,
            patience: Duration::from_secs(120),
            properties: BTreeMap::new(),
        }
    }
}

/// One of the servers of a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The broker.
    Kafka,
    /// The schema registry.
    Registry,
}

impl Server {
    fn file_name(self) -> &'static str {
        match self {
            Self::Kafka => "kafka",
            Self::Registry => "registry",
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Kafka => "Kafka",
            Self::Registry => "Apicurio Registry",
        })
    }
}

/// Which servers a command has stopped; the others were not running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// The broker ran and was stopped.
    pub kafka: bool,
    /// The registry ran and was stopped.
    pub registry: bool,
}

/// The local bus that stands for one cluster of a workspace.
#[derive(Debug, Clone)]
pub struct LocalBus {
    host: Host,
    cluster: String,
    busctl: PathBuf,
}

impl LocalBus {
    /// The bus of a workspace for this cluster, which need not exist yet.
    ///
    /// # Errors
    ///
    /// The name of the cluster does not fit a directory, or the workspace's path cannot be made absolute.
    pub fn at(workspace: &Path, cluster: &str, host: Host) -> Result<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if cluster.is_empty() || cluster.starts_with('.') || !cluster.chars().all(plain) {
            return Err(LocalBusError::Name {
                name: cluster.to_owned(),
                role: "the cluster",
                problem: "it may hold only the letters a to z, digits, dots, hyphens and underscores, \
                          and starts with no dot",
            });
        }
        let workspace = std::path::absolute(workspace).map_err(on_file("find", workspace))?;
        Ok(Self { host, cluster: cluster.to_owned(), busctl: workspace.join(".busctl") })
    }

    /// Starts what is not running, restarts what is to run differently, and waits until both servers answer.
    ///
    /// # Errors
    ///
    /// Something is missing on the machine, another command works on this bus, or a server does not start.
    pub async fn up(&self, spec: &BusSpec, progress: &dyn Progress) -> Result<Access> {
        self.up_telling(spec, progress, &|_| {}).await
    }

    /// The same, and tells the number of each process as soon as it is started.
    pub(super) async fn up_telling(
        &self,
        spec: &BusSpec,
        progress: &dyn Progress,
        started: &(dyn Fn(u32) + Sync),
    ) -> Result<Access> {
        let _lock = self.lock()?;
        self.keep_out_of_git()?;
        let state = StateFile::open(self.state_file())?;
        Up { bus: self, host: &self.host, spec, progress, started, state }.run().await
    }

    /// Stops the servers. Their data and ports are kept for the next start.
    ///
    /// # Errors
    ///
    /// Another command works on this bus, or a process cannot be stopped.
    pub async fn down(&self, progress: &dyn Progress) -> Result<Stopped> {
        if !self.directory().exists() {
            return Ok(Stopped { kafka: false, registry: false });
        }
        let _lock = self.lock()?;
        self.stop_servers(progress).await
    }

    /// Stops the servers and deletes everything that the bus has: data, ports, passwords, logs.
    ///
    /// # Errors
    ///
    /// As for [`LocalBus::down`], or a file cannot be deleted.
    pub async fn reset(&self, progress: &dyn Progress) -> Result<Stopped> {
        let directory = self.directory();
        if !directory.exists() {
            return Ok(Stopped { kafka: false, registry: false });
        }
        let _lock = self.lock()?;
        let stopped = self.stop_servers(progress).await?;
        fs::remove_dir_all(&directory).map_err(on_file("remove", &directory))?;
        Ok(stopped)
    }

    /// What runs, and where.
    ///
    /// # Errors
    ///
    /// The state cannot be read.
    pub async fn status(&self) -> Result<BusStatus> {
        BusStatus::observe(self, &self.state()?).await
    }

    /// How to reach the running bus.
    ///
    /// # Errors
    ///
    /// [`LocalBusError::NotRunning`], or the state cannot be read.
    pub fn access(&self) -> Result<Access> {
        let state = self.state()?;
        let not_running = || LocalBusError::NotRunning { cluster: self.cluster.clone() };
        let alive = |process: &Option<Process>| process.as_ref().is_some_and(|process| process.mark.is_alive());
        let kafka = state.kafka.filter(|kafka| alive(&kafka.process)).ok_or_else(not_running)?;
        let registry = state.registry.filter(|registry| alive(&registry.process));
        let cluster_id = kafka.cluster_id.ok_or_else(not_running)?;
        Ok(self.access_to(cluster_id, kafka.port, registry.map(|registry| registry.port)))
    }

    /// The last lines that a server has written.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub fn logs(&self, server: Server, lines: usize) -> Result<Vec<String>> {
        logs::tail(&self.log(server), lines)
    }

    /// What a server writes from now on.
    pub fn follow(&self, server: Server) -> Follower {
        Follower::from_end_of(&self.log(server))
    }

    /// The name of the cluster that the bus stands for.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// The directory that holds everything of this bus.
    pub fn directory(&self) -> PathBuf {
        self.busctl.join("local").join(&self.cluster)
    }

    /// The log of a server.
    pub fn log(&self, server: Server) -> PathBuf {
        self.directory().join("logs").join(format!("{}.log", server.file_name()))
    }

    /// The passwords of the bus.
    pub fn secrets(&self) -> Secrets {
        Secrets::in_directory(self.directory().join("secrets"))
    }

    /// The file that says how to connect.
    pub fn connection_file(&self) -> PathBuf {
        self.directory().join("connection.yaml")
    }

    pub(super) fn data(&self, server: Server) -> PathBuf {
        self.directory().join(server.file_name())
    }

    pub(super) fn access_to(&self, cluster_id: String, port: u16, registry_port: Option<u16>) -> Access {
        Access {
            cluster: self.cluster.clone(),
            cluster_id,
            bootstrap: connection::bootstrap(port),
            registry_url: registry_port.map(registry::url),
            connection_file: self.connection_file(),
            secrets: self.secrets(),
        }
    }

    pub(super) fn state(&self) -> Result<State> {
        state::read(&self.state_file())
    }

    fn state_file(&self) -> PathBuf {
        self.directory().join("state.json")
    }

    async fn stop_servers(&self, progress: &dyn Progress) -> Result<Stopped> {
        let file = StateFile::open(self.state_file())?;
        let state = file.get();
        let kafka = state.kafka.and_then(|kafka| kafka.process);
        let registry = state.registry.and_then(|registry| registry.process);
        // Both are tried, also where one does not stop.
        let (kafka, registry) = tokio::join!(
            stop(Server::Kafka, kafka, kafka::STOP_GRACE, progress),
            stop(Server::Registry, registry, registry::STOP_GRACE, progress),
        );
        file.change(|state| {
            if let (Ok(_), Some(state)) = (&kafka, &mut state.kafka) {
                state.process = None;
            }
            if let (Ok(_), Some(state)) = (&registry, &mut state.registry) {
                state.process = None;
            }
        })?;
        Ok(Stopped { kafka: kafka?, registry: registry? })
    }

    /// Holds the bus against every other command for as long as the file is open. It lies beside the directory of the
    /// bus, which may be deleted while it is held.
    fn lock(&self) -> Result<File> {
        let directory = self.busctl.join("local");
        fs::create_dir_all(&directory).map_err(on_file("create", &directory))?;
        let path = directory.join(format!("{}.lock", self.cluster));
        let options = File::options().create(true).read(true).append(true).clone();
        let mut file = options.open(&path).map_err(on_file("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(source)) => return Err(on_file("lock", &path)(source)),
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Who holds it is told where it can be read; that somebody does is certain.
                let _ = file.read_to_string(&mut pid);
                let pid = pid.trim();
                let holder = if pid.is_empty() { String::new() } else { format!(" (process {pid})") };
                return Err(LocalBusError::Busy { cluster: self.cluster.clone(), holder, lock: path });
            }
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(on_file("write", &path))?;
        Ok(file)
    }

    /// Whatever the workspace ignores, Git never sees ports and passwords.
    fn keep_out_of_git(&self) -> Result<()> {
        let ignore = self.busctl.join(".gitignore");
        if ignore.exists() {
            return Ok(());
        }
        fs::write(&ignore, "*\n").map_err(on_file("write", &ignore))
    }
}

/// Stops a server that runs; whether it did.
pub(super) async fn stop(
    server: Server,
    process: Option<Process>,
    grace: Duration,
    progress: &dyn Progress,
) -> Result<bool> {
    let Some(process) = process.filter(|process| process.mark.is_alive()) else {
        return Ok(false);
    };
    let step = progress.step(&format!("stopping {server}"));
    process.mark.stop(&server.to_string(), grace).await?;
    step.done(&format!("stopped {server}"));
    Ok(true)
}
