//! What the local bus takes from the machine it runs on, read in one place.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::{LocalBusError, Result};

/// The machine and user that a local bus runs for: where programs are found and where downloads are kept.
///
/// Everything below [`crate::localbus`] takes it as a value, so that nothing else there reads the environment.
#[derive(Debug, Clone)]
pub struct Host {
    /// The directories in which programs are looked for.
    pub path: Vec<PathBuf>,
    /// What `JAVA_HOME` names.
    pub java_home: Option<PathBuf>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// Where downloaded servers are kept, shared by all workspaces of the user.
    pub cache_dir: PathBuf,
    /// Where buses for one run of one command live.
    pub temporary_dir: PathBuf,
    /// Variables of the environment that the servers are started without, so that a shell prepared for another Kafka
    /// or registry does not leak into these.
    pub hidden_variables: Vec<OsString>,
}

impl Host {
    /// The machine as the environment of this process describes it.
    ///
    /// The cache is `BUSCTL_CACHE_DIR`, else `XDG_CACHE_HOME/busctl`, else `~/.cache/busctl`.
    ///
    /// # Errors
    ///
    /// [`LocalBusError::NoCacheDirectory`] where none of the three is known.
    pub fn from_environment() -> Result<Self> {
        let directory = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = directory("HOME");
        let cache_dir = directory("BUSCTL_CACHE_DIR")
            .or_else(|| directory("XDG_CACHE_HOME").map(|cache| cache.join("busctl")))
            .or_else(|| home.as_ref().map(|home| home.join(".cache/busctl")))
            .ok_or(LocalBusError::NoCacheDirectory)?;
        Ok(Self {
            path: env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect(),
            java_home: directory("JAVA_HOME"),
            home,
            cache_dir: std::path::absolute(&cache_dir).unwrap_or(cache_dir),
            temporary_dir: env::temp_dir(),
            hidden_variables: env::vars_os().map(|(name, _)| name).filter(configures_a_server).collect(),
        })
    }

    /// The first program of that name on the PATH.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        self.path.iter().map(|directory| directory.join(name)).find(|file| is_executable(file))
    }

    /// A program, or the error that says which package brings it.
    pub(super) fn tool(&self, tool: &'static str, package: &'static str, purpose: &str) -> Result<PathBuf> {
        self.program(tool).ok_or_else(|| LocalBusError::ToolMissing { tool, package, purpose: purpose.to_owned() })
    }
}

fn configures_a_server(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    ["APICURIO_", "REGISTRY_", "QUARKUS_", "KAFKA_", "HTTP_PORT", "CLASSPATH"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

pub(super) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
