//! What a local bus remembers between commands: ports, processes and what they were started with.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::error::{LocalBusError, Result, on_file};
use super::process::ProcessMark;
use super::secrets::write_private;
use super::version::Version;

const FORMAT: u32 = 1;

/// The state of one local bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    format_version: u32,
    /// The broker, once it has been started.
    pub kafka: Option<KafkaState>,
    /// The registry, once it has been started.
    pub registry: Option<RegistryState>,
}

/// What is known of the broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KafkaState {
    /// The version that its data was last opened with.
    pub version: Version,
    /// The port of its clients' listener.
    pub port: u16,
    /// The port of its controller.
    pub controller_port: u16,
    /// Who may log in, beside the administrator.
    pub logins: Vec<String>,
    /// A digest of the configuration that it was started with.
    pub configuration: String,
    /// What the broker said its cluster is.
    pub cluster_id: Option<String>,
    /// Its process, unless it was stopped.
    pub process: Option<Process>,
}

/// What is known of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryState {
    /// The version that its data was last opened with.
    pub version: Version,
    /// The port that clients ask.
    pub port: u16,
    /// The port of its health.
    pub management_port: u16,
    /// Its process, unless it was stopped.
    pub process: Option<Process>,
}

/// A server that was started and not stopped. Where it is not alive any more, it has crashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The process.
    pub mark: ProcessMark,
    /// When it was started, in seconds since 1970.
    pub started_at: u64,
}

impl Process {
    /// A process that was started just now.
    pub fn now(mark: ProcessMark) -> Self {
        Self { mark, started_at: seconds_since_1970() }
    }

    /// How long ago it was started.
    pub fn uptime(&self) -> Duration {
        Duration::from_secs(seconds_since_1970().saturating_sub(self.started_at))
    }
}

fn seconds_since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Default for State {
    fn default() -> Self {
        Self { format_version: FORMAT, kafka: None, registry: None }
    }
}

/// Reads the state; an empty one where nothing was started yet.
///
/// # Errors
///
/// The file cannot be read or is not a state of this format.
pub fn read(path: &Path) -> Result<State> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::default()),
        Err(error) => return Err(on_file("read", path)(error)),
    };
    let unusable = |problem: String| LocalBusError::State { path: path.to_owned(), problem };
    let state: State = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    if state.format_version != FORMAT {
        return Err(unusable(format!("it has format {}, this busctl writes {FORMAT}", state.format_version)));
    }
    Ok(state)
}

/// The state under change by one command, which holds the lock of the bus. Each change is written at once, so that
/// no process is forgotten when the command is killed.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    state: Mutex<State>,
}

impl StateFile {
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        let state = Mutex::new(read(&path)?);
        Ok(Self { path, state })
    }

    pub(super) fn get(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let text = serde_json::to_vec_pretty(&*state)
            .map_err(|error| LocalBusError::State { path: self.path.clone(), problem: error.to_string() })?;
        write_private(&self.path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started() -> Process {
        Process::now(ProcessMark::of(std::process::id()).unwrap())
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("state.json");
        let file = StateFile::open(path.clone()).unwrap();
        assert_eq!(file.get(), State::default());
        let registry = RegistryState {
            version: "3.3.3".parse().unwrap(),
            port: 40_001,
            management_port: 40_002,
            process: Some(started()),
        };
        file.change(|state| state.registry = Some(registry.clone())).unwrap();
        assert_eq!(read(&path).unwrap().registry, Some(registry));
    }

    #[test]
    fn refuses_another_format_and_damage() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("state.json");
        for (text, expected) in [
            (r#"{"format_version": 99, "kafka": null, "registry": null}"#, "it has format 99, this busctl writes 1"),
            ("{", "EOF while parsing"),
        ] {
            fs::write(&path, text).unwrap();
            let message = read(&path).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(message.contains("state.json"), "{message}");
        }
    }

    #[test]
    fn another_process_with_the_same_number_is_not_the_one_remembered() {
        let mark = ProcessMark::of(std::process::id()).unwrap();
        assert!(mark.is_alive());
        let mut text = serde_json::to_value(&mark).unwrap();
        text["started"] = "some other time".into();
        let other: ProcessMark = serde_json::from_value(text).unwrap();
        assert!(!other.is_alive());
    }
}
