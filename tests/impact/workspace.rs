//! Workspaces of one manifest, and what busctl answers in them.

use std::path::Path;
use std::process::Command;

use busctl::adapters::registry::RegistryClient;
use busctl::apply::Recheck;
use busctl::localbus::ADMIN;
use busctl::model::{Date, Timestamp};
use busctl::plan::{Change, Standing};
use busctl::ports::kafka::TopicDefaults;
use busctl::resources::{Desired, WorkspaceFiles, load};
use serde_json::Value;

use crate::bus::{bus, kafka_as, now};
use crate::secrets::Watch;

/// A workspace for the topics with a prefix.
pub struct Workspace(tempfile::TempDir);

impl Workspace {
    pub async fn new(prefix: &str) -> Self {
        let access = bus().await.access();
        let workspace = Self(tempfile::tempdir().unwrap());
        // The rules about names, people, reasons and consent are not what is tried here.
        let off = (101..=117).chain(201..=202).map(|code| format!("BUS{code}: \"off\"")).collect::<Vec<_>>().join(", ");
        workspace.write("busctl.yaml", &format!("version: 1\nrules: {{ {off} }}\n"));
        workspace.write("clusters/r.yaml", &format!("registry: r\nurl: {}\n", access.registry_url.as_ref().unwrap()));
        let domain = prefix.trim_end_matches('.');
        let catalog = format!(
            "domains: {{ {domain}: {{ owner: team }} }}\nteams: {{ team: {{ contacts: {{ email: a@example.com }} }} }}\n\
             services: {{ reader: {{ owner: team }} }}\n"
        );
        if !domain.is_empty() {
            workspace.write("catalog/catalog.yaml", &catalog);
        }
        workspace.cluster(prefix, "").await;
        workspace
    }

    pub async fn cluster(&self, prefix: &str, more: &str) {
        self.cluster_as(ADMIN, prefix, more).await;
    }

    pub async fn cluster_as(&self, login: &str, prefix: &str, more: &str) {
        let access = bus().await.access();
        let cluster = format!(
            "cluster: c\nmanages: {{ topics: [\"{prefix}*\"] }}\ndefaults: {{ replication_factor: 1 }}\n\
             connection:\n  bootstrap: [\"{}\"]\n  sasl: {{ mechanism: plain, username: {login}, password: \"file:{}\" }}\n\
             {more}\n",
            access.bootstrap,
            access.secrets.file(login).display()
        );
        self.write("clusters/c.yaml", &cluster);
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a command: how it ended, and what it wrote to standard output and standard error.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busctl"));
        // The tests share a cluster, and so its lock.
        command.env("BUSCTL_LOCK_TIMEOUT", "90s");
        command.args(arguments).current_dir(self.path());
        let watch = Watch::over(&command);
        let output = command.output().unwrap();
        watch.check(&[&output.stdout, &output.stderr]);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// How changes stand, as `apply` looks at them right before it writes.
    pub async fn standings(&self, changes: &[Change]) -> Vec<Standing> {
        let paths = ["busctl.yaml", "clusters/c.yaml", "topics/t.yaml", "acls/reader.yaml", "catalog/catalog.yaml"];
        let text = |path: &str| Ok(std::fs::read_to_string(self.path().join(path)).unwrap().into());
        let texts = paths.into_iter().map(|path| (path.into(), text(path))).collect();
        let (loaded, _) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
        let (desired, _) = Desired::resolve(&loaded, loaded.clusters.values().next().unwrap());
        let kafka = kafka_as(ADMIN).await;
        let clock = || Timestamp::of_unix_millis(now());
        let today = Date::of_unix_seconds(0);
        let recheck = Recheck::<_, RegistryClient> {
            desired: &desired,
            kafka: &kafka,
            registry: None,
            consul: None,
            passwords: None,
            defaults: TopicDefaults::new(),
            today,
            now: clock,
        };
        let changes: Vec<&Change> = changes.iter().collect();
        // Unoptimized it takes more stack than a test's thread has; the program runs on that of its main thread.
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().stack_size(8 << 20);
                let look = || runtime.block_on(recheck.standings(&changes)).unwrap();
                thread.spawn_scoped(scope, look).unwrap().join().unwrap()
            })
        })
    }

    /// The plan as JSON.
    pub fn plan(&self, arguments: &[&str]) -> Value {
        let (code, out, error) = self.run(&[&["plan", "--format", "json"], arguments].concat());
        assert_eq!(code, 0, "{out}\n{error}");
        serde_json::from_str(&out).unwrap()
    }

    /// The only change of the plan.
    pub fn change(&self, arguments: &[&str]) -> Value {
        let plan = self.plan(arguments);
        let changes = plan["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{plan:#}");
        changes[0].clone()
    }
}

pub fn topic(name: &str, more: &str) -> String {
    format!("topic: {name}\npartitions: 2\n{more}\n")
}

pub fn impact(change: &Value) -> String {
    change["impact"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sentence| sentence.as_str().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

pub const THIRTY_DAYS: &[(&str, &str)] = &[("retention.ms", "2592000000")];
