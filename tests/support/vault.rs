//! A real Vault, in its development mode, built once with Go and kept in the cache of the local bus's servers.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use busctl::localbus::{Watchdog, ports};
use serde_json::{Value, json};

use super::go::GoProgram;
use super::secrets;
use super::workspace::signal;

const VAULT: GoProgram = GoProgram {
    title: "Vault",
    name: "vault",
    version: "1.21.0",
    package: "github.com/hashicorp/vault",
    tags: "minimal",
    module: [include_str!("vault/go.mod"), include_str!("vault/go.sum"), include_str!("vault/tools.go")],
    takes: "ten minutes",
};

/// A running Vault. Dropping it ends it and deletes what it has.
pub struct Vault {
    /// Its address.
    pub address: String,
    /// The root token, which no output may hold.
    pub root: String,
    /// The authority of its certificate, where it has one.
    pub ca: Option<PathBuf>,
    pid: u32,
    program: PathBuf,
    directory: PathBuf,
    _watchdog: Watchdog,
}

/// How a Vault is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `http:`.
    Plain,
    /// `https:`, with an authority of its own.
    Tls,
}

impl Vault {
    /// Starts one; none, and a loud line, on a machine that can neither find nor build it. In CI that is a failure.
    pub async fn start() -> Option<Self> {
        Self::start_with(Scheme::Plain).await
    }

    /// The same with this scheme.
    pub async fn start_with(scheme: Scheme) -> Option<Self> {
        let program = program()?;
        // The watchdog deletes it together with the server.
        let directory = tempfile::tempdir().unwrap().keep().canonicalize().unwrap();
        let home = directory.join("home");
        fs::create_dir_all(&home).unwrap();
        let watchdog = Watchdog::over(&directory).unwrap();
        let [port] = ports::choose([None; 1]).unwrap();
        let root = format!("root-{}", uuid::Uuid::now_v7().simple());
        secrets::keep(&root, "Vault's root");
        let mut command = Command::new(&program);
        command.args(["server", "-dev", "-dev-no-store-token", "-log-level=warn"]);
        command.arg(format!("-dev-root-token-id={root}")).arg(format!("-dev-listen-address=127.0.0.1:{port}"));
        let certificates = home.join("tls");
        if scheme == Scheme::Tls {
            fs::create_dir_all(&certificates).unwrap();
            command.arg("-dev-tls").arg(format!("-dev-tls-cert-dir={}", certificates.display()));
        }
        let log = File::create(directory.join("vault.log")).unwrap();
        command.env_clear().env("HOME", &home).env("PATH", "/usr/bin:/bin").current_dir(&home);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut child = command.spawn().unwrap();
        let pid = child.id();
        watchdog.watch(pid);
        // Somebody has to take its exit code.
        thread::spawn(move || child.wait());
        let ca = (scheme == Scheme::Tls).then(|| certificates.join("vault-ca.pem"));
        let word = if scheme == Scheme::Tls { "https" } else { "http" };
        let vault = Self {
            address: format!("{word}://127.0.0.1:{port}"),
            root,
            ca,
            pid,
            program,
            directory,
            _watchdog: watchdog,
        };
        vault.wait_until_ready().await;
        Some(vault)
    }

    async fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.cli(&["status"]).status.success() {
            assert!(Instant::now() < deadline, "Vault does not come up: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What it has written.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("vault.log")).unwrap()
    }

    /// Runs Vault's own program as root.
    pub fn cli(&self, arguments: &[&str]) -> std::process::Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().env("HOME", self.directory.join("home"));
        command.env("VAULT_ADDR", &self.address).env("VAULT_TOKEN", &self.root);
        if let Some(ca) = &self.ca {
            command.env("VAULT_CACERT", ca);
        }
        command
    }

    /// The same, which must succeed; what it prints.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.cli(arguments);
        assert!(output.status.success(), "vault {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Writes to a path of the API as root.
    #[track_caller]
    pub fn write(&self, path: &str, body: &Value) -> Value {
        let mut command = self.command(&["write", "-format=json", path, "-"]);
        if body.as_object().is_some_and(serde_json::Map::is_empty) {
            command = self.command(&["write", "-format=json", "-force", path]);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(body.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// A token that may do what a policy says, for so long.
    pub fn token(&self, policy: &str, life: &str) -> String {
        let name = format!("policy-{}", uuid::Uuid::now_v7().simple());
        self.write(&format!("sys/policies/acl/{name}"), &json!({ "policy": policy }));
        let answer = self.write("auth/token/create", &json!({ "policies": [name], "ttl": life }));
        let token = answer["auth"]["client_token"].as_str().unwrap();
        secrets::keep(token, "a token of Vault");
        token.to_owned()
    }

    /// A PKI engine with a root of its own and a role that issues any name.
    pub fn pki(&self, mount: &str, role: &str, role_config: Value) {
        self.write(&format!("sys/mounts/{mount}"), &json!({ "type": "pki", "config": { "max_lease_ttl": "720h" } }));
        let root = json!({ "common_name": format!("{mount} of a test"), "ttl": "720h", "key_type": "ec" });
        self.write(&format!("{mount}/root/generate/internal"), &root);
        self.pki_role(mount, role, role_config);
    }

    /// A role of a PKI engine that issues any name; what the configuration says is otherwise.
    pub fn pki_role(&self, mount: &str, role: &str, config: Value) {
        let mut body = json!({
            "allow_any_name": true, "enforce_hostnames": false, "allow_ip_sans": true,
            "key_type": "ec", "key_bits": 256, "max_ttl": "24h", "ttl": "24h",
        });
        body.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
        self.write(&format!("{mount}/roles/{role}"), &body);
    }

    /// Seals it.
    pub fn seal(&self) {
        self.write("sys/seal", &json!({}));
    }

    /// Opens it again.
    pub async fn unseal(&self) {
        let log = self.log();
        let key = log.lines().find_map(|line| line.strip_prefix("Unseal Key: ")).unwrap().trim();
        self.write("sys/unseal", &json!({ "key": key }));
        self.wait_until_ready().await;
    }

    /// Ends it.
    pub fn stop(&self) {
        self.signal("KILL");
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        signal(self.pid, name);
    }
}

fn program() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| VAULT.find()).clone()
}
