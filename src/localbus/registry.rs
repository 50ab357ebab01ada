//! Runs an Apicurio Registry with its data in files.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::artifacts;
use super::error::{LocalBusError, Result, on_file};
use super::host::Host;
use super::java::{self, Java};
use super::process::{Launch, ProcessMark, Readiness};
use super::progress::Progress;
use super::version::Version;

/// The version that a local bus runs unless another one is asked for.
pub const DEFAULT_VERSION: &str = "3.3.3";

/// How long a registry may take to end on its own before it is killed.
pub const STOP_GRACE: Duration = Duration::from_secs(15);

/// A registry that can be started: its unpacked archive and a Java.
#[derive(Debug, Clone)]
pub struct Registry {
    /// Its version.
    pub version: Version,
    /// The jar that starts it.
    pub jar: PathBuf,
    /// What runs it.
    pub java: Java,
    hidden_variables: Vec<OsString>,
}

/// The ports of a registry, on 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryPorts {
    /// Where clients ask.
    pub http: u16,
    /// Where it tells of its health; version 2 has no such port.
    pub management: u16,
}

impl Registry {
    /// Finds a Java and brings the archive of this version into the cache, where it is not there yet.
    ///
    /// # Errors
    ///
    /// No Java is new enough, the download failed, or the archive holds no registry.
    pub async fn obtain(host: &Host, version: &Version, progress: &dyn Progress) -> Result<Self> {
        let server = format!("Apicurio Registry {version}");
        let required = if version.major() >= 3 { 21 } else { 17 };
        let java = java::find(host, required, &server)?;
        let directory = artifacts::apicurio(host, version, &java, progress).await?;
        let jar =
            [directory.join("quarkus-run.jar"), directory.join(format!("apicurio-registry-app-{version}-runner.jar"))]
                .into_iter()
                .find(|jar| jar.is_file())
                .ok_or_else(|| LocalBusError::Archive {
                    what: server,
                    archive: directory.clone(),
                    problem: "it holds neither quarkus-run.jar nor a runner jar; remove it to have it downloaded again"
                        .to_owned(),
                })?;
        Ok(Self { version: version.clone(), jar, java, hidden_variables: host.hidden_variables.clone() })
    }

    /// Starts it with its data in `directory` and its log in `log`.
    ///
    /// # Errors
    ///
    /// The directory cannot be written, or the process cannot be started or ends at once.
    pub fn start(&self, directory: &Path, ports: RegistryPorts, log: &Path) -> Result<ProcessMark> {
        fs::create_dir_all(directory).map_err(on_file("create", directory))?;
        let arguments: [OsString; 5] = [
            "-Xmx384m".into(),
            "-XX:TieredStopAtLevel=1".into(),
            "-XX:+UseSerialGC".into(),
            "-jar".into(),
            self.jar.clone().into(),
        ];
        Launch {
            server: &self.server(),
            program: &self.java.binary,
            arguments: arguments.to_vec(),
            environment: environment(&self.version, ports),
            hidden: &self.hidden_variables,
            directory,
            log,
        }
        .start()
    }

    fn server(&self) -> String {
        format!("Apicurio Registry {}", self.version)
    }
}

/// The environment that a registry reads its settings from. The store is a file in the directory that it runs in,
/// written at once, so that a killed registry loses nothing that it has answered.
fn environment(version: &Version, ports: RegistryPorts) -> Vec<(&'static str, String)> {
    let store = "jdbc:h2:file:./registry;WRITE_DELAY=0".to_owned();
    let loopback = || "127.0.0.1".to_owned();
    let mut environment = vec![("QUARKUS_HTTP_HOST", loopback()), ("QUARKUS_HTTP_PORT", ports.http.to_string())];
    if version.major() < 3 {
        environment.push(("REGISTRY_DATASOURCE_URL", store));
        return environment;
    }
    environment.extend([
        ("QUARKUS_MANAGEMENT_HOST", loopback()),
        ("QUARKUS_MANAGEMENT_PORT", ports.management.to_string()),
        ("APICURIO_DATASOURCE_URL", store),
        // Twenty connections from the start are for a server with many users.
        ("APICURIO_DATASOURCE_JDBC_INITIAL_SIZE", "2".to_owned()),
        ("APICURIO_DATASOURCE_JDBC_MIN_SIZE", "2".to_owned()),
        ("APICURIO_STORAGE_SNAPSHOT_LOCATION", ".".to_owned()),
        ("APICURIO_IMPORT_WORK_DIR", ".".to_owned()),
    ]);
    environment
}

/// The address of the Confluent API of a registry on this port.
pub fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/apis/ccompat/v7")
}

/// Waits until a registry answers its clients.
///
/// # Errors
///
/// `process` ended, or the patience is over.
pub async fn wait_until_ready(
    server: &str,
    port: u16,
    process: &ProcessMark,
    log: &Path,
    patience: Duration,
) -> Result<()> {
    let address = url(port);
    Readiness { server, address: &address, log, patience }.wait(process, || ask(port)).await
}

/// Asks a registry for its subjects, once.
///
/// # Errors
///
/// What came back instead, in words.
pub async fn ask(port: u16) -> std::result::Result<(), String> {
    let answer = client()?.get(format!("{}/subjects", url(port))).send().await.map_err(in_words)?;
    let status = answer.status();
    let subjects = answer.json::<Vec<String>>().await;
    match subjects {
        Ok(_) if status.is_success() => Ok(()),
        _ => Err(format!("HTTP {status}")),
    }
}

fn client() -> std::result::Result<reqwest::Client, String> {
    // Making a client asks for a provider of TLS, although none is used here. That one is there already is no failure.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5));
    builder.build().map_err(in_words)
}

/// The innermost cause, which is the one that says something: `connection refused`.
fn in_words(error: reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: RegistryPorts = RegistryPorts { http: 8081, management: 8082 };

    #[test]
    fn each_dialect_gets_its_own_names_for_the_store() {
        let names = |version: &str| -> Vec<&str> {
            environment(&version.parse().unwrap(), PORTS).into_iter().map(|(name, _)| name).collect()
        };
        assert!(names("3.3.3").contains(&"APICURIO_DATASOURCE_URL"));
        assert!(names("3.3.3").contains(&"QUARKUS_MANAGEMENT_PORT"));
        assert_eq!(names("2.6.13.Final"), ["QUARKUS_HTTP_HOST", "QUARKUS_HTTP_PORT", "REGISTRY_DATASOURCE_URL"]);
    }

    #[tokio::test]
    async fn says_in_words_that_nobody_is_there() {
        let [port] = crate::localbus::ports::choose([None]).unwrap();
        let problem = ask(port).await.unwrap_err();
        assert!(problem.to_lowercase().contains("refused"), "{problem}");
    }
}
