//! Programs in Java that write dead letters.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use busctl::localbus::artifacts::Project;
use busctl::localbus::kafka::{self, Listener, Node, Security, Voter};
use busctl::localbus::{Version, ports};
use rdkafka::message::OwnedMessage;
use tokio::sync::OnceCell;

use crate::java_class::{self, Classes};
use crate::queue::Queue;
use crate::support::go::GoProgram;
use crate::support::server::bus;

/// The Maven project that depends on the frameworks.
const POM: &str = include_str!("pom.xml");

/// The sources of the programs.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dlq/writers/java");

/// How long a program may take to write its dead letters, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(90);

/// A program that runs until it is dropped.
pub struct Service {
    child: Child,
    log: tempfile::NamedTempFile,
}

impl Service {
    fn start(command: &mut Command) -> Self {
        let log = tempfile::NamedTempFile::new().unwrap();
        let to = || File::options().append(true).open(log.path()).unwrap();
        Self { child: command.stdout(to()).stderr(to()).spawn().unwrap(), log }
    }

    /// The dead letters, once there are so many.
    pub async fn wait_for(&self, queue: &Queue, count: usize) -> Vec<OwnedMessage> {
        let until = Instant::now() + PATIENCE;
        loop {
            let letters = queue.read(&queue.topic);
            if letters.len() >= count {
                assert_eq!(letters.len(), count);
                return letters;
            }
            let said = || std::fs::read_to_string(self.log.path()).unwrap();
            assert!(Instant::now() < until, "{} of {count} were written\n{}", letters.len(), said());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

struct Programs {
    classes: Classes,
    folder: tempfile::TempDir,
}

/// The programs, compiled by whoever comes first.
async fn programs() -> &'static Programs {
    static COMPILED: OnceCell<Programs> = OnceCell::const_new();
    COMPILED
        .get_or_init(|| async {
            let (_, version) = POM.split_once("<writers.version>").unwrap();
            let version: Version = version.split_once('<').unwrap().0.parse().unwrap();
            let what = "the frameworks that write dead letters";
            let project =
                Project { what, shelf: "dead-letter-writers", version: &version, pom: POM, about: 70_000_000 };
            let folder = tempfile::tempdir().unwrap();
            let classes = java_class::compile(&project, Path::new(SOURCES), folder.path()).await;
            Programs { classes, folder }
        })
        .await
}

/// Runs one of them between both topics of a queue.
pub async fn service(class: &str, queue: &Queue, group: &str, more: &[&str]) -> Service {
    let mut command = programs().await.classes.command(class);
    Service::start(command.args([queue.bootstrap(), &queue.origin, &queue.topic, group]).args(more))
}

/// A service with Watermill.
const WATERMILL: GoProgram = GoProgram {
    title: "Watermill",
    name: "watermill-writer",
    version: "1.5.1",
    package: ".",
    tags: "",
    module: [include_str!("watermill/go.mod"), include_str!("watermill/go.sum"), include_str!("watermill/main.go")],
    takes: "a minute",
};

/// Runs it between both topics of a queue. None where there is no Go.
pub fn watermill(queue: &Queue, group: &str) -> Option<Service> {
    let mut command = Command::new(WATERMILL.find()?);
    Some(Service::start(command.args([queue.bootstrap(), &queue.origin, &queue.topic, group])))
}

/// A Connect worker with three sinks: `convert` cannot read what it gets, `transform` cannot change it, `put` cannot write it.
pub async fn connect_worker(queue: &Queue) -> Service {
    let (programs, scratch) = (programs().await, &queue.scratch);
    let [port] = ports::choose([None; 1]).unwrap();
    let bytes = "org.apache.kafka.connect.converters.ByteArrayConverter";
    scratch.write(
        "connect/worker.properties",
        format!(
            "bootstrap.servers={}\nkey.converter={bytes}\nvalue.converter={bytes}\nlisteners=http://127.0.0.1:{port}\n\
             offset.storage.file.filename={}\nplugin.discovery=only_scan\nconsumer.auto.offset.reset=earliest\n",
            queue.bootstrap(),
            scratch.path("connect/offsets").display()
        ),
    );
    let sinks = [
        ("convert", "value.converter=org.apache.kafka.connect.json.JsonConverter"),
        (
            "transform",
            "transforms=price\ntransforms.price.type=org.apache.kafka.connect.transforms.ExtractField$Value\ntransforms.price.field=price",
        ),
        ("put", ""),
    ];
    for (name, more) in sinks {
        scratch.write(
            &format!("connect/{name}.properties"),
            format!(
                "name={name}\nconnector.class=FailingSink\ntopics={}\ntasks.max=1\nerrors.tolerance=all\n\
                 errors.deadletterqueue.topic.name={}\nerrors.deadletterqueue.topic.replication.factor=1\n\
                 errors.deadletterqueue.context.headers.enable=true\n{more}\n",
                queue.origin, queue.topic
            ),
        );
    }
    let kafka = bus().await.server.kafka();
    let mut command = Command::new(&kafka.java.binary);
    let class_path = format!("{}/*:{}", kafka.jars.display(), programs.folder.path().display());
    command.args([
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "-cp",
        &class_path,
        "org.apache.kafka.connect.cli.ConnectStandalone",
    ]);
    command.args(
        ["worker", "convert", "transform", "put"].map(|name| scratch.path(&format!("connect/{name}.properties"))),
    );
    Service::start(&mut command)
}

/// A node whose share groups may have any topic for their dead letters.
pub fn open_node() -> Node {
    let [controller, open] = ports::choose([None; 2]).unwrap();
    let listener = |name: &str, port| Listener { name: name.to_owned(), port, security: Security::Plaintext };
    Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller }],
        controller: listener("CONTROLLER", controller),
        listeners: vec![listener("PLAIN", open)],
        authorizer: false,
        super_users: Vec::new(),
        internal_replicas: 1,
        properties: [("errors.deadletterqueue.topic.name.prefix".to_owned(), String::new())].into(),
    }
}
