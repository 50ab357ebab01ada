//! Three combined KRaft nodes in three racks, or four of which two share one, with mutual TLS on every listener and the `StandardAuthorizer`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use busctl::adapters::kafka::KafkaClient;
use busctl::localbus::kafka::{
    self, ClientCertificate, ClientSecurity, ClusterAnswer, Kafka, Listener, Node, Security, Tls, Voter,
};
use busctl::localbus::process::ProcessMark;
use busctl::localbus::progress::Silent;
use busctl::localbus::{Host, Watchdog, ports};
use busctl::model::Secret;
use busctl::ports::connection::{self, Connection};
use rdkafka::ClientConfig;

use super::certificates::{Authority, Identity};

/// A running cluster. Dropping it kills the nodes and deletes their data.
#[derive(Debug)]
pub struct ThreeNodes {
    /// The authority that signed every certificate; it signs those of further clients.
    pub authority: Authority,
    /// The super user, `User:CN=admin`.
    pub admin: Identity,
    /// The listeners for clients, `CLIENT_TLS`, of all nodes.
    pub bootstrap: String,
    /// The id of the cluster.
    pub cluster_id: String,
    /// The nodes' processes, by node id from 1 on.
    pub processes: Vec<ProcessMark>,
    /// The Kafka that the nodes run, for its command-line programs.
    pub kafka: Kafka,
    directory: PathBuf,
    watchdog: Watchdog,
    // Dropped last: the watchdog has emptied it by then.
    _temporary: tempfile::TempDir,
}

/// What the brokers make principals with: of services the common name in small letters, of everybody else the whole subject.
pub const MAPPING: &str = "RULE:^CN=([^,]+),OU=Services,O=Shop$/$1/L, DEFAULT";

/// A node has a listener for controllers, one for brokers and one for clients.
const LISTENERS: usize = 3;

impl ThreeNodes {
    /// Starts a cluster of this version of Kafka and waits until all brokers take part.
    pub async fn start(version: &str) -> Self {
        Self::start_of(3, version).await
    }

    /// Starts a cluster with a fourth node, in the rack of the first.
    pub async fn start_four(version: &str) -> Self {
        Self::start_of(4, version).await
    }

    async fn start_of(count: u32, version: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().canonicalize().unwrap().join("cluster");
        let authority = Authority::create(&directory.join("certificates"));
        let admin = authority.issue("admin");
        let host = Host::from_environment().unwrap();
        let kafka = Kafka::obtain(&host, &version.parse().unwrap(), &Silent).await.unwrap();
        let cluster_id = kafka::new_cluster_id().unwrap();
        let ports = ports::choose::<12>([None; 12]).unwrap();
        let ports = &ports[..count as usize * LISTENERS];
        let nodes: Vec<Node> = (1..=count).map(|id| node(id, &cluster_id, ports, &authority, &admin)).collect();
        let watchdog = Watchdog::over(&directory).unwrap();
        let prepared = nodes.iter().map(async |node| kafka.prepare(node, &home(&directory, node.id)).await);
        futures::future::try_join_all(prepared).await.unwrap();
        let processes: Vec<ProcessMark> = (1..=count)
            .map(|id| {
                let process = kafka.start(&home(&directory, id), &log(&directory, id)).unwrap();
                watchdog.watch(process.pid);
                process
            })
            .collect();
        let addresses = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port("CLIENT_TLS").unwrap()));
        let bootstrap = addresses.collect::<Vec<_>>().join(",");
        let cluster = Self {
            authority,
            admin,
            bootstrap,
            cluster_id,
            processes,
            kafka,
            directory,
            watchdog,
            _temporary: temporary,
        };
        cluster.wait_until_ready().await;
        cluster
    }

    /// Waits until all three brokers take part.
    pub async fn wait_until_ready(&self) -> ClusterAnswer {
        kafka::wait_until_ready(
            "the three nodes",
            &self.bootstrap,
            &self.security(&self.admin),
            self.processes.len(),
            &self.processes[0],
            &log(&self.directory, 1),
            Duration::from_secs(120),
        )
        .await
        .unwrap()
    }

    /// Kills a node.
    pub fn kill(&self, id: u32) {
        super::workspace::signal(self.processes[id as usize - 1].pid, "KILL");
    }

    /// Starts a node again that was killed, and waits until it takes part.
    pub async fn start_again(&mut self, id: u32) {
        let process = self.kafka.start(&home(&self.directory, id), &log(&self.directory, id)).unwrap();
        self.watchdog.watch(process.pid);
        self.processes[id as usize - 1] = process;
        self.wait_until_ready().await;
    }

    /// The node whose controller is the active one, as Kafka's own program says.
    pub async fn active_controller(&self) -> u32 {
        let mut command = self.kafka.command("org.apache.kafka.tools.MetadataQuorumCommand");
        command.args(["--bootstrap-server", &self.bootstrap, "--command-config"]);
        command.arg(self.client_properties(&self.admin)).args(["describe", "--status"]);
        let output = command.output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let leader = told.lines().find_map(|line| line.strip_prefix("LeaderId:")?.trim().parse().ok());
        leader.unwrap_or_else(|| panic!("{output:?}"))
    }

    /// The `connection` of a cluster's manifest, as the administrator.
    pub fn manifest(&self) -> String {
        self.manifest_of(&self.admin)
    }

    /// The `connection` of a cluster's manifest with this certificate.
    pub fn manifest_of(&self, identity: &Identity) -> String {
        let bootstrap: Vec<String> = self.bootstrap.split(',').map(|address| format!("\"{address}\"")).collect();
        format!(
            "  bootstrap: [{}]\n  tls: {{ ca: \"file:{}\", certificate: \"file:{}\", key: \"file:{}\" }}\n",
            bootstrap.join(", "),
            self.authority.certificate().display(),
            identity.certificate.display(),
            identity.key.display()
        )
    }

    /// The connection of busctl's own client with this certificate.
    pub fn connection(&self, identity: &Identity) -> Connection {
        let read = |path: &Path| Secret::new(std::fs::read_to_string(path).unwrap());
        let tls = connection::Tls {
            ca: Some(read(&self.authority.certificate())),
            identity: Some(connection::Identity {
                certificate: read(&identity.certificate),
                key: Some(read(&identity.key)),
            }),
            server_name: None,
        };
        let bootstrap = self.bootstrap.split(',').map(str::to_owned).collect();
        Connection { bootstrap, tls: Some(tls), sasl: None, timeout: Duration::from_secs(30) }
    }

    /// How librdkafka connects with this certificate.
    pub fn client(&self, identity: &Identity) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap).set("security.protocol", "ssl");
        config.set("ssl.ca.location", self.authority.certificate().to_string_lossy());
        config.set("ssl.certificate.location", identity.certificate.to_string_lossy());
        config.set("ssl.key.location", identity.key.to_string_lossy());
        config
    }

    /// A client for what a test does by hand, as the administrator.
    pub async fn hand(&self) -> KafkaClient {
        KafkaClient::connect(self.connection(&self.admin)).await.unwrap()
    }

    /// How a client with this certificate connects.
    pub fn security(&self, identity: &Identity) -> ClientSecurity {
        ClientSecurity::MutualTls {
            ca: self.authority.certificate(),
            certificate: identity.certificate.clone(),
            key: identity.key.clone(),
        }
    }

    /// The configuration file of a Java client with this certificate, for Kafka's command-line programs.
    pub fn client_properties(&self, identity: &Identity) -> PathBuf {
        let file = identity.certificate.with_extension("properties");
        let text = format!(
            "security.protocol=SSL\nssl.keystore.type=PEM\nssl.keystore.location={}\n\
             ssl.truststore.type=PEM\nssl.truststore.location={}\n",
            identity.keystore.display(),
            self.authority.certificate().display()
        );
        std::fs::write(&file, text).unwrap();
        file
    }
}

fn home(directory: &Path, id: u32) -> PathBuf {
    directory.join(format!("node-{id}"))
}

fn log(directory: &Path, id: u32) -> PathBuf {
    directory.join(format!("logs/node-{id}.log"))
}

fn node(id: u32, cluster_id: &str, ports: &[u16], authority: &Authority, admin: &Identity) -> Node {
    let identity = authority.issue(&format!("node-{id}"));
    let tls = Tls {
        keystore: identity.keystore,
        truststore: authority.certificate(),
        client_certificate: ClientCertificate::Required,
    };
    let port = |node: u32, listener: usize| ports[(node as usize - 1) * LISTENERS + listener];
    let listener = |name: &str, listener: usize| Listener {
        name: name.to_owned(),
        port: port(id, listener),
        security: Security::Ssl(tls.clone()),
    };
    let ids = 1..=(ports.len() / LISTENERS) as u32;
    let nodes = ids.clone().map(|node| format!("User:CN=node-{node}"));
    Node {
        id,
        cluster_id: cluster_id.to_owned(),
        rack: Some(format!("rack-{}", (id - 1) % 3 + 1)),
        voters: ids.map(|node| Voter { id: node, port: port(node, 0) }).collect(),
        controller: listener("CONTROLLER_TLS", 0),
        listeners: vec![listener("INTERNAL_TLS", 1), listener("CLIENT_TLS", 2)],
        authorizer: true,
        super_users: nodes.chain([admin.principal.clone()]).collect(),
        internal_replicas: 3,
        properties: BTreeMap::from(
            [("auto.create.topics.enable", "false"), ("ssl.principal.mapping.rules", MAPPING)]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        ),
    }
}
