//! Configurations that are printed, given to Kafka's own programs: they produce and consume with them.

use std::path::Path;

use busctl::localbus::kafka::{self, ClientCertificate, Listener, Logins, Node, Security, Tls, Voter};
use busctl::localbus::{Login, ports};
use busctl::model::Secret;

use crate::sample::{SUPER_USERS, apply, workspace};
use crate::server::{Server, bus};
use crate::support::certificates::Authority;
use crate::support::workspace::Scratch;

const PASSWORD: &str = "correct horse; $battery='staple'";

fn node(authority: &Authority) -> Node {
    let [controller, open, secure, mutual] = ports::choose([None; 4]).unwrap();
    let identity = authority.issue("broker");
    let tls = |client_certificate| Tls {
        keystore: identity.keystore.clone(),
        truststore: authority.certificate(),
        client_certificate,
    };
    let admin = Login { name: "admin".to_owned(), password: Secret::new("unused-here") };
    let logins = Logins { own: admin.clone(), all: vec![admin] };
    let listener = |name: &str, port, security| Listener { name: name.to_owned(), port, security };
    let properties = [
        ("auto.create.topics.enable", "false"),
        ("listener.name.secure.sasl.enabled.mechanisms", "SCRAM-SHA-512"),
        (
            "listener.name.secure.scram-sha-512.sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        ),
        ("listener.name.mutual.ssl.principal.mapping.rules", "RULE:^CN=([^,]+).*$/$1/,DEFAULT"),
    ];
    Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller }],
        controller: listener("CONTROLLER", controller, Security::Plaintext),
        listeners: vec![
            listener("PLAIN", open, Security::Plaintext),
            listener("SECURE", secure, Security::SaslSsl(tls(ClientCertificate::None), logins)),
            listener("MUTUAL", mutual, Security::Ssl(tls(ClientCertificate::Required))),
        ],
        authorizer: true,
        super_users: vec!["User:admin".to_owned(), "User:ANONYMOUS".to_owned()],
        internal_replicas: 1,
        properties: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    }
}

/// The cluster with its listeners, of which services reach one.
fn declare(scratch: &Scratch, server: &Server, listener: &str, secrets: &Path) {
    let port = |name: &str| server.node.port(name).unwrap();
    let at = secrets.display();
    scratch.write(
        "clusters/main.yaml",
        format!(
            "cluster: main\nenvironment: dev\nconnection: {{ bootstrap: [\"127.0.0.1:{plain}\"] }}\nschema_registry: main\n\
             manages: {{ topics: [\"printed.*\"], groups: [\"*\"], principals: [\"User:printed-*\"] }}\n\
             defaults: {{ replication_factor: 1, min_insync_replicas: 1 }}\n\
             clients:\n  listener: {listener}\n  \
             tls: {{ ca: \"file:{at}/ca.pem\", certificate: \"file:{at}/{{service}}.pem\" }}\n  \
             sasl: {{ mechanism: scram-sha-512, password: \"file:{at}/{{service}}.password\" }}\n\
             kafka:\n  deployment: self_managed\n  authorizer: standard\n  super_users: [{SUPER_USERS}]\n  \
             storage: {{ per_broker: 1TiB, ingest: 1B/s, max_use: 100% }}\n  \
             nodes: [{{ id: 1, host: 127.0.0.1, roles: [broker, controller] }}]\n  listeners:\n    \
             PLAIN: {{ port: {plain}, protocol: plaintext }}\n    \
             SECURE: {{ port: {secure}, protocol: sasl_ssl }}\n    \
             MUTUAL: {{ port: {mutual}, protocol: ssl, client_auth: required }}\n",
            plain = port("PLAIN"),
            secure = port("SECURE"),
            mutual = port("MUTUAL"),
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn kafkas_own_programs_produce_and_consume_with_what_is_printed() {
    let bus = bus().await;
    let server = Server::start(node).await;
    let scratch = workspace(bus, "printed");
    let secrets = tempfile::tempdir().unwrap();
    std::fs::copy(server.authority.certificate(), secrets.path().join("ca.pem")).unwrap();
    for service in ["printed-writer", "printed-reader"] {
        let identity = server.authority.issue(service);
        std::fs::copy(identity.keystore, secrets.path().join(format!("{service}.pem"))).unwrap();
        std::fs::write(secrets.path().join(format!("{service}.password")), PASSWORD).unwrap();
        server.configure_user(service, &format!("SCRAM-SHA-512=[password={PASSWORD}]")).await;
    }
    for (listener, record) in [("MUTUAL", "by certificate"), ("SECURE", "by password")] {
        declare(&scratch, &server, listener, secrets.path());
        if listener == "MUTUAL" {
            apply(&scratch);
        }
        let printed = |service: &str| {
            let text = scratch.run(&["client-config", service, "--cluster", "main"]).ended(0).out;
            assert!(!text.contains("horse") && !text.contains("PRIVATE KEY"), "{text}");
            let file = secrets.path().join(format!("{service}.properties"));
            std::fs::write(&file, text).unwrap();
            file
        };
        let topic = "printed.order.v1";
        let address = format!("127.0.0.1:{}", server.node.port(listener).unwrap());
        let writer = printed("printed-writer");
        let arguments =
            ["--bootstrap-server", &address, "--topic", topic, "--command-config", writer.to_str().unwrap()];
        let said = server.run_tool("org.apache.kafka.tools.ConsoleProducer", &arguments, record).await;
        assert!(!said.contains("ERROR") && !said.contains("Exception"), "{listener}: {said}");
        let reader = printed("printed-reader");
        let arguments = [
            "--bootstrap-server",
            &address,
            "--topic",
            topic,
            "--from-beginning",
            "--max-messages",
            "1",
            "--timeout-ms",
            "60000",
            "--command-config",
            reader.to_str().unwrap(),
        ];
        let said = server.run_tool("org.apache.kafka.tools.consumer.ConsoleConsumer", &arguments, "").await;
        assert!(said.contains("by "), "{listener}: {said}");
        assert!(!said.contains("horse"), "{said}");
    }
}
