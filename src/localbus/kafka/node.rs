//! One combined KRaft node (broker and controller) as a value, and its `server.properties`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::localbus::secrets::Login;

/// A combined broker and controller: one of its own, or one of the voters of a cluster.
#[derive(Debug, Clone)]
pub struct Node {
    /// `node.id`.
    pub id: u32,
    /// The id of the cluster, which its storage is formatted with; see [`super::new_cluster_id`].
    pub cluster_id: String,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// Every node of the controllers' quorum, this one included.
    pub voters: Vec<Voter>,
    /// The listener that the controllers speak on.
    pub controller: Listener,
    /// The listeners of the broker, the one for other brokers first.
    pub listeners: Vec<Listener>,
    /// Whether the `StandardAuthorizer` decides. Without it everybody may do everything.
    pub authorizer: bool,
    /// Principals that may do everything, for example `User:admin`.
    pub super_users: Vec<String>,
    /// How many replicas the topics for offsets and transactions have.
    pub internal_replicas: u16,
    /// Any other property of the broker; it wins over the ones made from the fields above.
    pub properties: BTreeMap<String, String>,
}

/// A member of the controllers' quorum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voter {
    /// Its `node.id`.
    pub id: u32,
    /// The port of its controller listener, on 127.0.0.1.
    pub port: u16,
}

/// A place where a node answers, on 127.0.0.1.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Its name, for example `CLIENT`; capital letters, digits and underscores.
    pub name: String,
    /// Its port.
    pub port: u16,
    /// How its clients show who they are, and whether what they say is encrypted.
    pub security: Security,
}

/// The security protocol of a listener.
#[derive(Debug, Clone)]
pub enum Security {
    /// `PLAINTEXT`: everybody is `User:ANONYMOUS`.
    Plaintext,
    /// `SSL`.
    Ssl(Tls),
    /// `SASL_PLAINTEXT` with the PLAIN mechanism.
    SaslPlaintext(Logins),
    /// `SASL_SSL` with the PLAIN mechanism.
    SaslSsl(Tls, Logins),
}

/// The certificates of a TLS listener, in PEM files.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The private key (PKCS#8) and its certificate, in one file.
    pub keystore: PathBuf,
    /// The certificates of the authorities that clients' certificates are checked with.
    pub truststore: PathBuf,
    /// Whether a client must show a certificate.
    pub client_certificate: ClientCertificate,
}

/// `ssl.client.auth` of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificate {
    /// No connection without one.
    Required,
    /// Taken where there is one.
    Requested,
    /// Not asked for.
    None,
}

/// Who may log in at a SASL PLAIN listener.
#[derive(Debug, Clone)]
pub struct Logins {
    /// What this node logs in with at the same listener of another node.
    pub own: Login,
    /// Everybody who may log in, `own` included.
    pub all: Vec<Login>,
}

impl Node {
    /// The `server.properties`, which hold the passwords of the logins. The storage is `data` in the directory that the
    /// node runs in.
    pub fn server_properties(&self) -> String {
        let mut properties = BTreeMap::new();
        self.identity(&mut properties);
        for listener in self.all_listeners() {
            listener.security(&mut properties);
        }
        self.authorization(&mut properties);
        self.internal_topics(&mut properties);
        groups(&mut properties);
        properties.extend(self.properties.clone());
        render(&properties)
    }

    /// The port of a listener by its name.
    pub fn port(&self, listener: &str) -> Option<u16> {
        self.all_listeners().find(|it| it.name == listener).map(|it| it.port)
    }

    fn all_listeners(&self) -> impl Iterator<Item = &Listener> {
        self.listeners.iter().chain([&self.controller])
    }

    fn identity(&self, properties: &mut BTreeMap<String, String>) {
        let mut set = |name: &str, value: String| properties.insert(name.to_owned(), value);
        set("process.roles", "broker,controller".to_owned());
        set("node.id", self.id.to_string());
        set("log.dirs", "data".to_owned());
        if let Some(rack) = &self.rack {
            set("broker.rack", rack.clone());
        }
        set("controller.quorum.voters", join(self.voters.iter().map(|it| format!("{}@127.0.0.1:{}", it.id, it.port))));
        set("listeners", join(self.all_listeners().map(Listener::address)));
        set("advertised.listeners", join(self.listeners.iter().map(Listener::address)));
        let protocols = self.all_listeners().map(|it| format!("{}:{}", it.name, it.security.protocol()));
        set("listener.security.protocol.map", join(protocols));
        set("controller.listener.names", self.controller.name.clone());
        if let Some(first) = self.listeners.first() {
            set("inter.broker.listener.name", first.name.clone());
            if first.security.logins().is_some() {
                set("sasl.mechanism.inter.broker.protocol", "PLAIN".to_owned());
            }
        }
        if self.controller.security.logins().is_some() {
            set("sasl.mechanism.controller.protocol", "PLAIN".to_owned());
        }
    }

    fn authorization(&self, properties: &mut BTreeMap<String, String>) {
        if !self.authorizer {
            return;
        }
        let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
        properties.insert("authorizer.class.name".to_owned(), authorizer.to_owned());
        properties.insert("allow.everyone.if.no.acl.found".to_owned(), "false".to_owned());
        // Semicolons, because the name of a certificate holds commas.
        properties.insert("super.users".to_owned(), self.super_users.join(";"));
    }

    fn internal_topics(&self, properties: &mut BTreeMap<String, String>) {
        let replicas = self.internal_replicas;
        let in_sync = replicas.saturating_sub(1).max(1);
        for (name, value) in [
            ("offsets.topic.replication.factor", replicas),
            ("transaction.state.log.replication.factor", replicas),
            ("transaction.state.log.min.isr", in_sync),
            ("share.coordinator.state.topic.replication.factor", replicas),
            ("share.coordinator.state.topic.min.isr", in_sync),
            // Few, because a local node has few groups and every partition is files and start time.
            ("offsets.topic.num.partitions", 5),
            ("transaction.state.log.num.partitions", 5),
            ("share.coordinator.state.topic.num.partitions", 5),
        ] {
            properties.insert(name.to_owned(), value.to_string());
        }
    }
}

/// Members of groups hear at once of what changes: few of them live here, and people and tests wait for them.
fn groups(properties: &mut BTreeMap<String, String>) {
    for (name, value) in [
        ("group.initial.rebalance.delay.ms", "0"),
        ("group.consumer.min.heartbeat.interval.ms", "200"),
        ("group.consumer.heartbeat.interval.ms", "200"),
        ("group.consumer.min.assignment.interval.ms", "0"),
        ("group.consumer.assignment.interval.ms", "0"),
    ] {
        properties.insert(name.to_owned(), value.to_owned());
    }
}

impl Listener {
    fn address(&self) -> String {
        format!("{}://127.0.0.1:{}", self.name, self.port)
    }

    fn security(&self, properties: &mut BTreeMap<String, String>) {
        let prefix = format!("listener.name.{}", self.name.to_lowercase());
        let mut set = |name: &str, value: String| properties.insert(format!("{prefix}.{name}"), value);
        if let Some(tls) = self.security.tls() {
            set("ssl.keystore.type", "PEM".to_owned());
            set("ssl.keystore.location", tls.keystore.display().to_string());
            set("ssl.truststore.type", "PEM".to_owned());
            set("ssl.truststore.location", tls.truststore.display().to_string());
            set("ssl.client.auth", tls.client_certificate.as_str().to_owned());
        }
        if let Some(logins) = self.security.logins() {
            set("sasl.enabled.mechanisms", "PLAIN".to_owned());
            set("plain.sasl.jaas.config", logins.jaas());
        }
    }
}

impl Security {
    /// The name of the protocol, as clients take it in `security.protocol`.
    pub fn protocol(&self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl(_) => "SSL",
            Self::SaslPlaintext(_) => "SASL_PLAINTEXT",
            Self::SaslSsl(..) => "SASL_SSL",
        }
    }

    fn tls(&self) -> Option<&Tls> {
        match self {
            Self::Ssl(tls) | Self::SaslSsl(tls, _) => Some(tls),
            Self::Plaintext | Self::SaslPlaintext(_) => None,
        }
    }

    fn logins(&self) -> Option<&Logins> {
        match self {
            Self::SaslPlaintext(logins) | Self::SaslSsl(_, logins) => Some(logins),
            Self::Plaintext | Self::Ssl(_) => None,
        }
    }
}

impl ClientCertificate {
    fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Requested => "requested",
            Self::None => "none",
        }
    }
}

impl Logins {
    fn jaas(&self) -> String {
        let own = self.own.jaas();
        let mut jaas = own.trim_end_matches(';').to_owned();
        for Login { name, password } in &self.all {
            let _ = write!(jaas, " \"user_{name}\"=\"{}\"", password.expose());
        }
        jaas.push(';');
        jaas
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

/// Java's properties format, which is read as ISO 8859-1.
fn render(properties: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, value) in properties {
        text.push_str(name);
        text.push('=');
        for unit in value.encode_utf16() {
            match u8::try_from(unit) {
                Ok(b'\\') => text.push_str("\\\\"),
                Ok(ascii @ b' '..=b'~') => text.push(char::from(ascii)),
                _ => {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    fn login(name: &str) -> Login {
        Login { name: name.to_owned(), password: Secret::new(format!("{name}-secret")) }
    }

    fn node() -> Node {
        let logins = Logins { own: login("admin"), all: vec![login("admin"), login("ingest-gateway")] };
        Node {
            id: 1,
            cluster_id: "MkU3OEVBNTcwNTJENDM2Qg".to_owned(),
            rack: Some("a".to_owned()),
            voters: vec![Voter { id: 1, port: 9093 }, Voter { id: 2, port: 9193 }],
            controller: Listener { name: "CONTROLLER".to_owned(), port: 9093, security: Security::Plaintext },
            listeners: vec![
                Listener { name: "CLIENT".to_owned(), port: 9092, security: Security::SaslPlaintext(logins) },
                Listener {
                    name: "CLIENT_TLS".to_owned(),
                    port: 9094,
                    security: Security::Ssl(Tls {
                        keystore: PathBuf::from("/tmp/Schlüssel/node.pem"),
                        truststore: PathBuf::from("/tmp/ca.pem"),
                        client_certificate: ClientCertificate::Required,
                    }),
                },
            ],
            authorizer: true,
            super_users: vec!["User:CN=node,O=x".to_owned(), "User:admin".to_owned()],
            internal_replicas: 1,
            properties: BTreeMap::from([("auto.create.topics.enable".to_owned(), "false".to_owned())]),
        }
    }

    #[test]
    fn renders_server_properties() {
        let text = node().server_properties();
        let (logins, others): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.contains("jaas"));
        let expected = [
            "listener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule",
            r#"required username="admin" password="admin-secret""#,
            r#""user_admin"="admin-secret" "user_ingest-gateway"="ingest-gateway-secret";"#,
        ];
        assert_eq!(logins, [expected.join(" ")]);
        insta::assert_snapshot!(others.join("\n"), @r"
        advertised.listeners=CLIENT://127.0.0.1:9092,CLIENT_TLS://127.0.0.1:9094
        allow.everyone.if.no.acl.found=false
        authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
        auto.create.topics.enable=false
        broker.rack=a
        controller.listener.names=CONTROLLER
        controller.quorum.voters=1@127.0.0.1:9093,2@127.0.0.1:9193
        group.consumer.assignment.interval.ms=0
        group.consumer.heartbeat.interval.ms=200
        group.consumer.min.assignment.interval.ms=0
        group.consumer.min.heartbeat.interval.ms=200
        group.initial.rebalance.delay.ms=0
        inter.broker.listener.name=CLIENT
        listener.name.client.sasl.enabled.mechanisms=PLAIN
        listener.name.client_tls.ssl.client.auth=required
        listener.name.client_tls.ssl.keystore.location=/tmp/Schl\u00fcssel/node.pem
        listener.name.client_tls.ssl.keystore.type=PEM
        listener.name.client_tls.ssl.truststore.location=/tmp/ca.pem
        listener.name.client_tls.ssl.truststore.type=PEM
        listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CLIENT_TLS:SSL,CONTROLLER:PLAINTEXT
        listeners=CLIENT://127.0.0.1:9092,CLIENT_TLS://127.0.0.1:9094,CONTROLLER://127.0.0.1:9093
        log.dirs=data
        node.id=1
        offsets.topic.num.partitions=5
        offsets.topic.replication.factor=1
        process.roles=broker,controller
        sasl.mechanism.inter.broker.protocol=PLAIN
        share.coordinator.state.topic.min.isr=1
        share.coordinator.state.topic.num.partitions=5
        share.coordinator.state.topic.replication.factor=1
        super.users=User:CN=node,O=x;User:admin
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=5
        transaction.state.log.replication.factor=1
        ");
    }

    #[test]
    fn own_properties_win() {
        let mut node = node();
        node.properties.insert("offsets.topic.num.partitions".to_owned(), "50".to_owned());
        assert!(node.server_properties().contains("\noffsets.topic.num.partitions=50\n"));
    }

    #[test]
    fn escapes_what_java_would_read_otherwise() {
        let properties = BTreeMap::from([("a".to_owned(), "C:\\x ü\n😀".to_owned())]);
        assert_eq!(render(&properties), "a=C:\\\\x \\u00fc\\u000a\\ud83d\\ude00\n");
    }

    #[test]
    fn knows_its_ports() {
        assert_eq!(node().port("CLIENT_TLS"), Some(9094));
        assert_eq!(node().port("EDGE_TLS"), None);
    }
}
