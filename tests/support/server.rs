//! The one broker and the one registry that the tests of this binary share.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use busctl::adapters::kafka::KafkaClient;
use busctl::localbus::kafka::{
    self, ClientCertificate, ClientSecurity, Kafka, Listener, Logins, Node, Security, Tls, Voter,
};
use busctl::localbus::progress::Silent;
use busctl::localbus::{Host, Login, Watchdog, ports};
use busctl::model::Secret;
use busctl::ports::connection::Connection;
use busctl::ports::journal::new_topics;
use busctl::ports::kafka::KafkaAdmin;
use tokio::io::AsyncWriteExt;
use tokio::sync::OnceCell;

use super::certificates::Authority;
use super::proxy::Proxy;
use super::registries::{RunningRegistry, apicurio_3};
use super::secrets;

/// Who may log in. Each but `admin` may do what its test has granted to it.
pub const LOGINS: [&str; 12] = [
    "admin",
    "dead-letter-operator",
    "perms-reader",
    "perms-checker",
    "perms-writer",
    "revoked-tool",
    "blind-tool",
    "fence-tool",
    "dam-tool",
    "weir-tool",
    "scram-tool",
    "nobody",
];

/// A running broker with a listener of each kind.
pub struct Bus {
    /// Its id.
    pub cluster_id: String,
    /// The listener with SASL: PLAIN for the logins, SCRAM for whoever a test makes.
    pub sasl: u16,
    /// The plaintext listener. Whoever comes through it is a super user.
    pub plain: u16,
    /// The TLS listener.
    pub tls: u16,
    /// The authority behind the certificate of the TLS listener.
    pub ca: PathBuf,
    /// The registry.
    pub registry: &'static RunningRegistry,
    /// Listeners that are reached through a proxy, each with the port that it is to listen on.
    proxied: Vec<(u16, u16)>,
    /// The broker.
    pub server: Server,
}

/// The broker and the registry, started by whoever comes first.
pub async fn bus() -> &'static Bus {
    static RUNNING: OnceCell<Bus> = OnceCell::const_new();
    RUNNING.get_or_init(start).await
}

/// The password of a login.
pub fn password(login: &str) -> String {
    let password = format!("{login}-secret");
    secrets::keep(&password, "a login");
    password
}

/// How many listeners are reached through a proxy.
pub const PROXIES: usize = 11;

async fn start() -> Bus {
    let (registry, server) = tokio::join!(apicurio_3(), Server::start(node));
    let port = |name: &str| server.node.port(name).unwrap();
    let proxied =
        (0..PROXIES).map(|index| (port(&format!("PROXIED_{index}")), advertised(&server.node, index))).collect();
    let bus = Bus {
        cluster_id: server.node.cluster_id.clone(),
        sasl: port("SASL"),
        plain: port("PLAIN"),
        tls: port("TLS"),
        ca: server.authority.certificate(),
        registry,
        proxied,
        server,
    };
    // Whichever apply comes first would make them: a test that waits for the first topic would meet these.
    for created in bus.hand().await.create_topics(&new_topics(1), false).await {
        created.unwrap();
    }
    bus
}

/// A node that runs until it is dropped, or this process ends in whatever way.
pub struct Server {
    /// What it is.
    pub node: Node,
    /// Who signed its certificates.
    pub authority: Authority,
    kafka: Kafka,
    _watchdog: Watchdog,
}

impl Server {
    /// Starts a node that has a plaintext listener `PLAIN` for super users.
    pub async fn start(node: impl FnOnce(&Authority) -> Node) -> Self {
        Self::start_with(|authority| (node(authority), Vec::new())).await
    }

    /// The same with further options of the Java that runs it.
    pub async fn start_with(node: impl FnOnce(&Authority) -> (Node, Vec<OsString>)) -> Self {
        Self::start_version(kafka::DEFAULT_VERSION, node).await
    }

    /// The same of a version of Kafka.
    pub async fn start_version(version: &str, node: impl FnOnce(&Authority) -> (Node, Vec<OsString>)) -> Self {
        let host = Host::from_environment().unwrap();
        let mut kafka = Kafka::obtain(&host, &version.parse().unwrap(), &Silent).await.unwrap();
        // The watchdog deletes it together with the data of the server.
        let directory = tempfile::tempdir().unwrap().keep().canonicalize().unwrap();
        let authority = Authority::create(&directory.join("certificates"));
        let (node, options) = node(&authority);
        kafka.options = options;
        let watchdog = Watchdog::over(&directory).unwrap();
        let home = directory.join("node");
        kafka.prepare(&node, &home).await.unwrap();
        let log = directory.join("node.log");
        let process = kafka.start(&home, &log).unwrap();
        watchdog.watch(process.pid);
        let bootstrap = format!("127.0.0.1:{}", node.port("PLAIN").unwrap());
        let patience = Duration::from_secs(120);
        kafka::wait_until_ready("Kafka", &bootstrap, &ClientSecurity::Plaintext, 1, &process, &log, patience)
            .await
            .unwrap();
        Self { node, authority, kafka, _watchdog: watchdog }
    }

    /// A client for what a test does by hand, as a super user.
    pub async fn hand(&self) -> KafkaClient {
        let bootstrap = vec![format!("127.0.0.1:{}", self.node.port("PLAIN").unwrap())];
        let connection = Connection { bootstrap, tls: None, sasl: None, timeout: Duration::from_secs(30) };
        KafkaClient::connect(connection).await.unwrap()
    }

    /// The Kafka that it runs.
    pub fn kafka(&self) -> &Kafka {
        &self.kafka
    }

    /// Whether Kafka's own client logs in to a listener with SCRAM-SHA-512.
    pub async fn logs_in_with_java(&self, listener: &str, user: &str, password: &str) -> bool {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let jaas = format!(
            "org.apache.kafka.common.security.scram.ScramLoginModule required username={} password={};",
            quoted(user),
            quoted(password)
        );
        // A file of properties is Latin-1.
        let unit = |unit: u16| match char::from_u32(unit.into()).filter(|c| c.is_ascii() && *c != '\\') {
            Some(c) => c.to_string(),
            None => format!("\\u{unit:04x}"),
        };
        let jaas: String = jaas.encode_utf16().map(unit).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        let properties =
            format!("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config={jaas}\n");
        std::fs::write(file.path(), properties).unwrap();
        let mut command = self.kafka.command("org.apache.kafka.tools.BrokerApiVersionsCommand");
        command.args(["--bootstrap-server", &format!("127.0.0.1:{}", self.node.port(listener).unwrap())]);
        command.arg("--command-config").arg(file.path());
        command.output().await.unwrap().status.success()
    }

    /// Runs one of Kafka's own programs with a line of input; answers all that it said.
    pub async fn run_tool(&self, class: &str, arguments: &[&str], line: &str) -> String {
        let mut command = self.kafka.command(class);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        let mut input = running.stdin.take().unwrap();
        input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        drop(input);
        let output = running.wait_with_output().await.unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    /// Sets configs of a user with Kafka's own program: quotas, SCRAM passwords.
    pub async fn configure_user(&self, user: &str, configs: &str) {
        let bootstrap = format!("127.0.0.1:{}", self.node.port("PLAIN").unwrap());
        let mut command = self.kafka.command("kafka.admin.ConfigCommand");
        command.args(["--bootstrap-server", &bootstrap, "--alter", "--add-config", configs]);
        command.args(["--entity-type", "users", "--entity-name", user]);
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

fn node(authority: &Authority) -> Node {
    let ports = ports::choose([None; 4 + 2 * PROXIES]).unwrap();
    let identity = authority.issue("broker");
    let login = |name: &&str| Login { name: (*name).to_owned(), password: Secret::new(password(name)) };
    let tls = Tls {
        keystore: identity.keystore,
        truststore: authority.certificate(),
        client_certificate: ClientCertificate::None,
    };
    let logins = Logins { own: login(&"admin"), all: LOGINS.iter().map(login).collect() };
    let listener = |name: &str, port: usize, security| Listener { name: name.to_owned(), port: ports[port], security };
    let mut listeners = vec![
        listener("PLAIN", 1, Security::Plaintext),
        listener("SASL", 2, Security::SaslPlaintext(logins)),
        listener("TLS", 3, Security::Ssl(tls)),
    ];
    let mut addresses: Vec<String> =
        listeners.iter().map(|listener| format!("{}://127.0.0.1:{}", listener.name, listener.port)).collect();
    for index in 0..PROXIES {
        let name = format!("PROXIED_{index}");
        listeners.push(listener(&name, 4 + index, Security::Plaintext));
        addresses.push(format!("{name}://127.0.0.1:{}", ports[4 + PROXIES + index]));
    }
    let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;".to_owned();
    let properties = [
        ("listener.name.sasl.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512".to_owned()),
        ("listener.name.sasl.scram-sha-256.sasl.jaas.config", scram.clone()),
        ("listener.name.sasl.scram-sha-512.sasl.jaas.config", scram),
        ("advertised.listeners", addresses.join(",")),
        ("auto.create.topics.enable", "false".to_owned()),
        // An apply that a test cuts off keeps the lock, which the others wait for, until its session is over.
        ("group.consumer.min.session.timeout.ms", "6000".to_owned()),
        ("group.consumer.session.timeout.ms", "6000".to_owned()),
        // A default that no test sets on a topic, to be told from Kafka's own.
        ("log.retention.ms", "172800000".to_owned()),
    ];
    Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: ports[0] }],
        controller: listener("CONTROLLER", 0, Security::Plaintext),
        listeners,
        authorizer: true,
        super_users: vec!["User:admin".to_owned(), "User:ANONYMOUS".to_owned()],
        internal_replicas: 1,
        properties: properties.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

/// The port that the broker names for a proxied listener.
fn advertised(node: &Node, index: usize) -> u16 {
    let addresses: BTreeMap<&str, &str> =
        node.properties["advertised.listeners"].split(',').filter_map(|address| address.split_once("://")).collect();
    addresses[format!("PROXIED_{index}").as_str()].rsplit(':').next().unwrap().parse().unwrap()
}

impl Bus {
    /// A proxy in front of the broker; each test takes one of its own.
    pub fn proxy(&self, index: usize) -> Proxy {
        let (target, port) = self.proxied[index];
        Proxy::start(port, target)
    }

    /// A client for what a test does by hand, as a super user.
    pub async fn hand(&self) -> KafkaClient {
        self.server.hand().await
    }
}
