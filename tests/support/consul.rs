//! A real Consul, built once with Go and kept in the cache of the local bus's servers.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use busctl::localbus::{Watchdog, ports};
use serde_json::{Value, json};

use super::certificates::Authority;
use super::go::GoProgram;
use super::workspace::signal;

const CONSUL: GoProgram = GoProgram {
    title: "Consul",
    name: "consul",
    version: "1.17.0",
    package: "github.com/hashicorp/consul",
    tags: "",
    module: [include_str!("consul/go.mod"), include_str!("consul/go.sum"), include_str!("consul/tools.go")],
    takes: "five minutes",
};

/// A running server of Consul. Dropping it ends it and deletes what it has.
pub struct Consul {
    /// The address of its HTTP API.
    pub address: String,
    /// The token of its management, which no output may hold; nothing where it has no ACLs.
    pub root: String,
    /// The authority of its certificate, where it has one.
    pub ca: Option<PathBuf>,
    port: u16,
    gossip: u16,
    pid: AtomicU32,
    program: PathBuf,
    directory: PathBuf,
    watchdog: Watchdog,
}

/// What a Consul asks of whoever comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// A token: what no policy allows is denied.
    Denied,
}

impl Consul {
    /// Starts one; none, and a loud line, on a machine that can neither find nor build it. In CI that is a failure.
    pub async fn start(access: Access) -> Option<Self> {
        let consul = Self::of(access, 1, None, false)?;
        consul.wait_for_a_leader().await;
        Some(consul)
    }

    /// One behind TLS, with ACLs.
    pub async fn start_with_tls() -> Option<Self> {
        let consul = Self::of(Access::Denied, 1, None, true)?;
        consul.wait_for_a_leader().await;
        Some(consul)
    }

    /// Two servers, of which neither leads without the other.
    pub async fn start_two() -> Option<[Self; 2]> {
        let first = Self::of(Access::Open, 2, None, false)?;
        let second = Self::of(Access::Open, 2, Some(first.gossip), false)?;
        first.wait_for_a_leader().await;
        second.wait_for_a_leader().await;
        Some([first, second])
    }

    fn of(access: Access, servers: u32, join: Option<u16>, tls: bool) -> Option<Self> {
        let program = program()?;
        // The watchdog deletes it together with the server.
        let directory = tempfile::tempdir().unwrap().keep().canonicalize().unwrap();
        let watchdog = Watchdog::over(&directory).unwrap();
        let [port, gossip, wide, server] = ports::choose([None; 4]).unwrap();
        let root = match access {
            Access::Open => String::new(),
            Access::Denied => uuid::Uuid::now_v7().to_string(),
        };
        let name = format!("node-{port}");
        let mut config = json!({
            "node_name": name,
            "server": true,
            "bootstrap_expect": servers,
            "data_dir": directory.join("data"),
            "bind_addr": "127.0.0.1",
            "client_addr": "127.0.0.1",
            "disable_update_check": true,
            "log_level": "WARN",
            "performance": { "raft_multiplier": 1 },
            "connect": { "enabled": false },
            "ports": {
                "http": if tls { -1 } else { i32::from(port) },
                "https": if tls { i32::from(port) } else { -1 },
                "dns": -1, "grpc": -1, "grpc_tls": -1,
                "serf_lan": gossip, "serf_wan": wide, "server": server,
            },
        });
        if let Some(other) = join {
            config["retry_join"] = json!([format!("127.0.0.1:{other}")]);
            config["retry_interval"] = json!("200ms");
        }
        if access == Access::Denied {
            config["acl"] = json!({
                "enabled": true, "default_policy": "deny", "tokens": { "initial_management": root, "agent": root },
            });
        }
        let ca = tls.then(|| {
            let authority = Authority::create(&directory.join("authority"));
            let identity = authority.issue("consul");
            let (ca, certificate, key) = (authority.certificate(), identity.certificate, identity.key);
            config["tls"] = json!({ "defaults": { "ca_file": ca, "cert_file": certificate, "key_file": key } });
            ca
        });
        fs::write(directory.join("consul.json"), config.to_string()).unwrap();
        let word = if tls { "https" } else { "http" };
        let address = format!("{word}://127.0.0.1:{port}");
        let pid = AtomicU32::new(0);
        let consul = Self { address, root, ca, port, gossip, pid, program, directory, watchdog };
        consul.run_agent();
        Some(consul)
    }

    fn run_agent(&self) {
        let log = File::options().create(true).append(true).open(self.directory.join("consul.log")).unwrap();
        let mut command = Command::new(&self.program);
        command.arg("agent").arg(format!("-config-file={}", self.directory.join("consul.json").display()));
        // The watchdog ends what runs below the directory.
        let home = self.directory.join("home");
        fs::create_dir_all(&home).unwrap();
        command.env_clear().env("HOME", &home).env("PATH", "/usr/bin:/bin").current_dir(&home);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut child = command.spawn().unwrap();
        self.pid.store(child.id(), Ordering::Relaxed);
        self.watchdog.watch(child.id());
        // Somebody has to take its exit code.
        thread::spawn(move || child.wait());
    }

    /// Waits until its servers have a leader that writes.
    pub async fn wait_for_a_leader(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.cli(&["kv", "put", "ready", "yes"]).status.success() {
            assert!(Instant::now() < deadline, "Consul does not come up: {}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until its servers know that they have no leader.
    pub async fn wait_for_no_leader(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.cli(&["kv", "get", "ready"]).status.success() {
            assert!(Instant::now() < deadline, "Consul still has a leader: {}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What it has written.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("consul.log")).unwrap()
    }

    /// The port of its API.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs Consul's own program with the token of its management.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().env("HOME", &self.directory).env("CONSUL_HTTP_ADDR", &self.address);
        if !self.root.is_empty() {
            command.env("CONSUL_HTTP_TOKEN", &self.root);
        }
        if let Some(ca) = &self.ca {
            command.env("CONSUL_CACERT", ca);
        }
        command.output().unwrap()
    }

    /// The same, which must succeed; what it prints.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.cli(arguments);
        assert!(output.status.success(), "consul {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Puts a value by hand.
    #[track_caller]
    pub fn put(&self, key: &str, value: &str) {
        self.run(&["kv", "put", key, value]);
    }

    /// The value of a key.
    #[track_caller]
    pub fn get(&self, key: &str) -> String {
        self.run(&["kv", "get", key])
    }

    /// The keys below a folder.
    #[track_caller]
    pub fn keys(&self, folder: &str) -> Vec<String> {
        let exported: Value = serde_json::from_str(&self.run(&["kv", "export", folder])).unwrap();
        let keys = exported.as_array().into_iter().flatten();
        keys.map(|entry| entry["key"].as_str().unwrap().to_owned()).collect()
    }

    /// A token that may do what these rules say.
    #[track_caller]
    pub fn token(&self, rules: &str) -> String {
        let name = format!("policy-{}", uuid::Uuid::now_v7().simple());
        self.run(&["acl", "policy", "create", "-name", &name, "-rules", rules]);
        let made = self.run(&["acl", "token", "create", "-policy-name", &name, "-format", "json"]);
        let made: Value = serde_json::from_str(&made).unwrap();
        made["SecretID"].as_str().unwrap().to_owned()
    }

    /// Registers a service.
    #[track_caller]
    pub fn register(&self, service: &str) {
        self.run(&["services", "register", "-name", service]);
        self.until_it_lists(service, true);
    }

    /// Takes a service away.
    #[track_caller]
    pub fn deregister(&self, service: &str) {
        self.run(&["services", "deregister", "-id", service]);
        self.until_it_lists(service, false);
    }

    /// The servers hear a moment later what an agent has.
    #[track_caller]
    fn until_it_lists(&self, service: &str, listed: bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.run(&["catalog", "services"]).lines().any(|line| line == service) != listed {
            assert!(Instant::now() < deadline, "{service} stays as it was: {}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it.
    pub fn stop(&self) {
        signal(self.pid.load(Ordering::Relaxed), "KILL");
    }

    /// Runs it again with what it had.
    pub fn start_again(&self) {
        self.run_agent();
    }
}

fn program() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| CONSUL.find()).clone()
}
