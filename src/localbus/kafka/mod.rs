//! Runs Kafka: formats the storage of a node, starts it, and asks whether it answers.

mod client;
mod node;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use super::artifacts;
use super::error::{LocalBusError, Result, on_file};
use super::host::Host;
use super::java::{self, Java};
use super::process::{Launch, ProcessMark, Readiness};
use super::progress::Progress;
use super::random;
use super::secrets::write_private;
use super::version::Version;
pub use client::{ClientSecurity, ClusterAnswer, ask};
pub use node::{ClientCertificate, Listener, Logins, Node, Security, Tls, Voter};

/// The version that a local bus runs unless another one is asked for.
pub const DEFAULT_VERSION: &str = "4.3.1";

/// The most memory of a node's heap, in MiB: enough for some thousand topics.
pub const DEFAULT_HEAP_MIB: u32 = 512;

/// How long a node may take to end on its own before it is killed.
pub const STOP_GRACE: Duration = Duration::from_secs(30);

/// A Kafka that nodes can be run with: its jars and a Java.
#[derive(Debug, Clone)]
pub struct Kafka {
    /// Its version.
    pub version: Version,
    /// The directory that holds all jars of the broker and of the command-line tools.
    pub jars: PathBuf,
    /// What runs them.
    pub java: Java,
    /// The most memory of a node's heap, in MiB.
    pub heap_mib: u32,
    /// Further options of the Java that runs a node, such as system properties that have no config.
    pub options: Vec<OsString>,
    hidden_variables: Vec<OsString>,
}

impl Kafka {
    /// Finds a Java and brings the jars of this version into the cache, where they are not there yet.
    ///
    /// # Errors
    ///
    /// No Java is new enough, or the download failed.
    pub async fn obtain(host: &Host, version: &Version, progress: &dyn Progress) -> Result<Self> {
        let required = if version.major() >= 4 { 17 } else { 11 };
        let java = java::find(host, required, &format!("Kafka {version}"))?;
        let jars = artifacts::kafka(host, version, &java, progress).await?;
        let hidden_variables = host.hidden_variables.clone();
        Ok(Self {
            version: version.clone(),
            jars,
            java,
            heap_mib: DEFAULT_HEAP_MIB,
            options: Vec::new(),
            hidden_variables,
        })
    }

    /// Writes the configuration of a node into its directory and formats its storage, unless it is formatted.
    ///
    /// # Errors
    ///
    /// The directory cannot be written, or Kafka refuses the configuration.
    pub async fn prepare(&self, node: &Node, directory: &Path) -> Result<()> {
        fs::create_dir_all(directory).map_err(on_file("create", directory))?;
        write_private(&directory.join(PROPERTIES), node.server_properties().as_bytes())?;
        let storage = directory.join(STORAGE);
        if storage.join(FORMATTED).exists() {
            return Ok(());
        }
        // Kafka writes this file last: without it, an earlier formatting was interrupted and there is no data.
        if storage.exists() {
            fs::remove_dir_all(&storage).map_err(on_file("remove", &storage))?;
        }
        self.tool("kafka.tools.StorageTool", &["format", "-t", &node.cluster_id, "-c", PROPERTIES], directory).await
    }

    /// Starts a node that is prepared. Its log goes to `log`.
    ///
    /// # Errors
    ///
    /// The process cannot be started, or ends at once.
    pub fn start(&self, directory: &Path, log: &Path) -> Result<ProcessMark> {
        let mut arguments = self.java_options(self.heap_mib);
        arguments.extend(self.options.iter().cloned());
        arguments.push("-Djava.awt.headless=true".into());
        arguments.extend(["kafka.Kafka".into(), PROPERTIES.into()]);
        Launch {
            server: &format!("Kafka {}", self.version),
            program: &self.java.binary,
            arguments,
            environment: Vec::new(),
            hidden: &self.hidden_variables,
            directory,
            log,
        }
        .start()
    }

    /// One of Kafka's own command-line programs, by the name of its class; ready for its arguments.
    pub fn command(&self, class: &str) -> Command {
        let mut command = Command::new(&self.java.binary);
        command.args(self.java_options(256)).arg(class).kill_on_drop(true);
        for name in &self.hidden_variables {
            command.env_remove(name);
        }
        command
    }

    async fn tool(&self, class: &str, arguments: &[&str], directory: &Path) -> Result<()> {
        let program = self.java.binary.display().to_string();
        let output = self.command(class).args(arguments).current_dir(directory).output().await;
        let output = output.map_err(|source| LocalBusError::Run { program, source })?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        let said: Vec<String> = String::from_utf8_lossy(&said).lines().map(str::to_owned).collect();
        Err(LocalBusError::ToolFailed {
            what: format!("{class} {} of Kafka {} in {}", arguments.join(" "), self.version, directory.display()),
            status: output.status.to_string(),
            said: said[said.len().saturating_sub(15)..].to_vec(),
        })
    }

    fn java_options(&self, heap_mib: u32) -> Vec<OsString> {
        let mut class_path = self.jars.clone().into_os_string();
        class_path.push("/*");
        vec![
            format!("-Xmx{heap_mib}m").into(),
            // A local node is started often and does little: quick to start is worth more than fast in the long run.
            "-XX:TieredStopAtLevel=1".into(),
            "-XX:+UseSerialGC".into(),
            "-Dorg.slf4j.simpleLogger.showDateTime=true".into(),
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS".into(),
            "-Dorg.slf4j.simpleLogger.showThreadName=false".into(),
            "-cp".into(),
            class_path,
        ]
    }
}

const PROPERTIES: &str = "server.properties";
const STORAGE: &str = "data";
const FORMATTED: &str = "meta.properties";

/// The id that the storage in a node's directory was formatted with; none where it is not formatted.
///
/// # Errors
///
/// The file that tells it cannot be read.
pub fn cluster_id_of(directory: &Path) -> Result<Option<String>> {
    let file = directory.join(STORAGE).join(FORMATTED);
    match fs::read_to_string(&file) {
        Ok(text) => Ok(text.lines().find_map(|line| line.strip_prefix("cluster.id=")).map(str::to_owned)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(on_file("read", &file)(error)),
    }
}

/// A new id for a cluster: sixteen random bytes as Kafka writes them.
///
/// # Errors
///
/// The system gives no random numbers.
pub fn new_cluster_id() -> Result<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bytes = random::bytes::<22>()?;
    let mut id: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect();
    // Twenty-one characters carry 126 bits, the last one the two that are left. A hyphen in front would look like an
    // option to Kafka's own tools.
    id.replace_range(21.., ["A", "Q", "g", "w"][usize::from(bytes[21] & 3)]);
    if id.starts_with('-') {
        id.replace_range(..1, "B");
    }
    Ok(id)
}

/// Waits until a cluster of this many brokers answers a client.
///
/// # Errors
///
/// `process` ended, or the patience is over.
pub async fn wait_until_ready(
    server: &str,
    bootstrap: &str,
    security: &ClientSecurity,
    brokers: usize,
    process: &ProcessMark,
    log: &Path,
    patience: Duration,
) -> Result<ClusterAnswer> {
    let readiness = Readiness { server, address: bootstrap, log, patience };
    readiness
        .wait(process, || async {
            let answer = ask(bootstrap, security).await?;
            if answer.brokers < brokers {
                return Err(format!("{} of {brokers} brokers have registered", answer.brokers));
            }
            Ok(answer)
        })
        .await
}
