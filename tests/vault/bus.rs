//! A broker that trusts Vault's authority: the tool with a certificate of its own, and services with those that the grants
//! are for.

use std::path::Path;

use busctl::localbus::kafka::{self, ClientCertificate, Listener, Node, Security, Tls, Voter};
use busctl::localbus::ports;
use rdkafka::ClientConfig;
use serde_json::json;

use crate::support::certificates::Authority;
use crate::support::clients::{consume, produce};
use crate::support::sample::{ANY_DISK, assert_settled, create_topic, order, topic, topic_file};
use crate::support::server::Server;
use crate::support::terminal::Terminal;
use crate::support::vault::Vault;
use crate::support::workspace::{Run, Scratch, start};

/// What the brokers make principals with: of services the common name, of everybody else the whole subject.
const MAPPING: &str = "RULE:^CN=([^,]+),OU=services.*$/CN=$1/, DEFAULT";

/// What busctl's own token may do.
const POLICY: &str = r#"
path "pki/issue/busctl" { capabilities = ["update"] }
path "pki/issue/shop-*" { capabilities = ["update"] }
path "pki/roles" { capabilities = ["list"] }
"#;

/// A PKI with roles for the broker, the tool and services.
fn roles(vault: &Vault) {
    vault.pki("pki", "broker", json!({}));
    vault.pki_role("pki", "busctl", json!({ "ou": ["tools"] }));
    for service in ["shop-writer", "shop-reader", "shop-other"] {
        vault.pki_role("pki", service, json!({ "ou": ["services"], "organization": ["Shop"] }));
    }
}

fn node(vault: &Vault, authority: &Authority) -> Node {
    let [controller, open, mutual] = ports::choose([None; 3]).unwrap();
    let request = json!({ "common_name": "broker", "ip_sans": "127.0.0.1", "private_key_format": "pkcs8" });
    let issued = vault.write("pki/issue/broker", &request);
    let text = |field: &str| issued["data"][field].as_str().unwrap().to_owned();
    let folder = authority.certificate().parent().unwrap().to_owned();
    let (keystore, truststore) = (folder.join("vault.keystore.pem"), folder.join("vault.ca.pem"));
    std::fs::write(&keystore, format!("{}\n{}\n", text("private_key"), text("certificate"))).unwrap();
    std::fs::write(&truststore, text("issuing_ca") + "\n").unwrap();
    let tls = Tls { keystore, truststore, client_certificate: ClientCertificate::Required };
    let listener = |name: &str, port, security| Listener { name: name.to_owned(), port, security };
    let properties = [
        ("ssl.principal.mapping.rules", MAPPING),
        ("auto.create.topics.enable", "false"),
        ("group.consumer.min.session.timeout.ms", "6000"),
        ("group.consumer.session.timeout.ms", "6000"),
    ];
    Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller }],
        controller: listener("CONTROLLER", controller, Security::Plaintext),
        listeners: vec![
            listener("PLAIN", open, Security::Plaintext),
            listener("CLIENT_TLS", mutual, Security::Ssl(tls)),
        ],
        authorizer: true,
        super_users: ["User:ANONYMOUS", "User:CN=busctl,OU=tools"].map(str::to_owned).to_vec(),
        internal_replicas: 1,
        properties: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    }
}

fn workspace(vault: &Vault, server: &Server) -> Scratch {
    let scratch = Scratch::with(&[
        (
            "busctl.yaml",
            &format!(
                "version: 1\nclasses:\n  processed: {{ cleanup: [delete], retention: 14d }}\n\
                 vault: {{ address: \"{}\", auth: {{ token: file:secrets/token }} }}\n",
                vault.address
            ),
        ),
        (
            "catalog/catalog.yaml",
            "domains:\n  shop: { owner: sales }\n\
             services:\n  shop-writer: { owner: sales }\n  shop-reader: { owner: sales }\n  shop-other: { owner: sales }\n\
             teams:\n  sales: { contacts: { email: sales@example.com } }\n",
        ),
        ("acls/writer.yaml", "service: shop-writer\nproduces: [shop.order.v1]\n"),
        ("acls/reader.yaml", "service: shop-reader\nconsumes: [shop.order.v1]\n"),
        ("acls/other.yaml", "service: shop-other\n"),
        (&topic_file("shop", "order"), &topic("shop", "order")),
        ("schemas/shop/shop.order.v1.avsc", &order("shop")),
    ]);
    scratch.write(
        "clusters/main.yaml",
        format!(
            "cluster: main\nenvironment: production\ncluster_id: {}\n\
             connection:\n  bootstrap: [\"127.0.0.1:{}\"]\n  tls: {{ ca: vault:pki/ca, certificate: vault:pki/issue/busctl }}\n  \
             principal: \"User:CN=busctl,OU=tools\"\n\
             principal: \"User:CN={{service}}\"\nidentities: {{ vault: \"pki/issue/{{service}}\" }}\n\
             defaults: {{ replication_factor: 1, min_insync_replicas: 1 }}\n\
             kafka:\n  deployment: self_managed\n  authorizer: standard\n  \
             super_users: [\"User:ANONYMOUS\", \"User:CN=busctl,OU=tools\"]\n  {ANY_DISK}\n  \
             nodes: [{{ id: 1, roles: [broker, controller] }}]\n  config: {{ ssl.principal.mapping.rules: '{MAPPING}' }}\n",
            server.node.cluster_id,
            server.node.port("CLIENT_TLS").unwrap(),
        ),
    );
    scratch.write("secrets/token", vault.token(POLICY, "1h"));
    scratch
}

fn client(server: &Server, certificates: &Path, service: &str) -> ClientConfig {
    let file = |extension: &str| certificates.join(format!("{service}.{extension}")).to_string_lossy().into_owned();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", format!("127.0.0.1:{}", server.node.port("CLIENT_TLS").unwrap()));
    config.set("security.protocol", "ssl").set("ssl.ca.location", file("ca.pem"));
    config.set("ssl.certificate.location", file("pem")).set("ssl.key.location", file("key"));
    config
}

/// No output may hold what busctl was given or has had issued.
fn without_secrets(run: Run, vault: &Vault, scratch: &Scratch) -> Run {
    for secret in ["PRIVATE KEY", vault.root.as_str(), scratch.read("secrets/token").trim()] {
        assert!(!run.out.contains(secret) && !run.err.contains(secret), "{run:#?}");
    }
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_for_whom_the_issued_certificates_make() {
    let Some(vault) = Vault::start().await else { return };
    roles(&vault);
    let server = Server::start(|authority| node(&vault, authority)).await;
    let scratch = workspace(&vault, &server);
    without_secrets(scratch.run(&["plan"]).ended(0), &vault, &scratch);
    without_secrets(scratch.run(&["apply", "--yes"]).ended(0), &vault, &scratch);
    assert_settled(&scratch);
    // In memory alone: nothing below the workspace has a certificate.
    let kept = walk(scratch.root());
    assert!(kept.iter().all(|text| !text.contains("-----BEGIN")), "{kept:#?}");

    for service in ["shop-writer", "shop-reader", "shop-other"] {
        let run = scratch.run(&["identity", "issue", service, "--out", "certs"]).ended(0);
        without_secrets(run, &vault, &scratch);
    }
    let certificates = scratch.path("certs");
    let [writer, reader, other] =
        ["shop-writer", "shop-reader", "shop-other"].map(|service| client(&server, &certificates, service));
    produce(&writer, "shop.order.v1").await.unwrap();
    assert_eq!(consume(&reader, "shop-reader", "shop.order.v1").unwrap(), b"an order");
    // Another topic, another group, another operation, another service.
    create_topic(&server.hand().await, "shop.secret.v1", 1, &[]).await;
    let refused = |result: Result<(), String>, what: &str| {
        let error = result.unwrap_err();
        assert!(error.contains(what), "{error}");
    };
    let consumed = |config, group, topic| consume(config, group, topic).map(|_| ());
    refused(produce(&writer, "shop.secret.v1").await, "Topic authorization failed");
    refused(produce(&reader, "shop.order.v1").await, "Topic authorization failed");
    refused(produce(&other, "shop.order.v1").await, "Topic authorization failed");
    refused(consumed(&reader, "another-group", "shop.order.v1"), "Group authorization failed");
    refused(consumed(&writer, "shop-reader", "shop.order.v1"), "authorization failed");
    refused(consumed(&reader, "shop-reader", "shop.secret.v1"), "Topic authorization failed");
}

/// The texts of all files below a folder.
fn walk(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => texts.extend(walk(&path)),
            false => texts.push(String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()),
        }
    }
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_vault_is_told_by_the_commands_and_leaves_nothing_half_done() {
    let Some(vault) = Vault::start().await else { return };
    roles(&vault);
    let server = Server::start(|authority| node(&vault, authority)).await;
    let scratch = workspace(&vault, &server);
    let token = scratch.read("secrets/token");
    let fails = |parts: &[&str]| {
        let run = scratch.run(&["apply", "--yes"]).ended(1).says(parts).says(&["clusters/main.yaml:", "help:"]);
        without_secrets(run, &vault, &scratch);
    };
    // The policy does not let it.
    scratch.write("secrets/token", vault.token(r#"path "pki/issue/other" { capabilities = ["update"] }"#, "1h"));
    fails(&["vault:pki/issue/busctl", "permission denied", "path \"pki/issue/busctl\""]);
    // The token has ended.
    let revoked = vault.token(POLICY, "1h");
    vault.run(&["token", "revoke", &revoked]);
    scratch.write("secrets/token", &revoked);
    fails(&["vault:pki/issue/busctl", "the token has ended or was revoked"]);
    // The role is gone.
    scratch.write("secrets/token", &token);
    vault.run(&["delete", "pki/roles/busctl"]);
    fails(&["vault:pki/issue/busctl", "there is no such role"]);
    vault.pki_role("pki", "busctl", json!({ "ou": ["tools"] }));
    // The path is wrong.
    scratch.edit("clusters/main.yaml", "vault:pki/ca", "vault:kpi/ca");
    fails(&["vault:kpi/ca", "kpi/cert/ca"]);
    scratch.edit("clusters/main.yaml", "vault:kpi/ca", "vault:pki/ca");
    vault.seal();
    fails(&["vault:pki/issue/busctl", "Vault is sealed", "vault operator unseal"]);
    vault.unseal().await;
    // A person's own token goes first, and a wrong one is theirs to mend.
    let with_own = |token: &str| {
        let mut command = scratch.command(&["plan"]);
        command.env("VAULT_TOKEN", token);
        start(command).wait()
    };
    with_own(&vault.root).ended(0);
    with_own("hvs.not-one").ended(1).says(&["env:VAULT_TOKEN", "the token has ended or was revoked"]);
    // With that, everything is as it was: one run does all.
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    vault.stop();
    fails(&["vault:pki/issue/busctl", "check Vault's address"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_sealed_in_mid_apply_does_not_stop_it() {
    let Some(vault) = Vault::start().await else { return };
    roles(&vault);
    let server = Server::start(|authority| node(&vault, authority)).await;
    let scratch = workspace(&vault, &server);
    // The plan is on the screen, nothing is written yet; most connections are made from now on.
    let mut terminal = Terminal::start(&scratch, &["apply"]);
    terminal.wait_for("Only `yes` goes on");
    vault.seal();
    terminal.types("yes\n");
    let (code, shown) = terminal.wait();
    assert!(code == 0 && !shown.contains("PRIVATE KEY"), "{code}: {shown}");
    // The next run cannot, says why, and mends itself when Vault is open.
    scratch.run(&["plan"]).ended(1).says(&["Vault is sealed"]);
    vault.unseal().await;
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_hangs_in_mid_apply_does_not_stop_it() {
    let Some(vault) = Vault::start().await else { return };
    roles(&vault);
    let server = Server::start(|authority| node(&vault, authority)).await;
    let scratch = workspace(&vault, &server);
    let mut terminal = Terminal::start(&scratch, &["apply", "--timeout", "15s"]);
    terminal.wait_for("Only `yes` goes on");
    vault.signal("STOP");
    // By then its secrets are looked at again.
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    terminal.types("yes\n");
    let (code, shown) = terminal.wait();
    vault.signal("CONT");
    assert!(code == 0 && !shown.contains("PRIVATE KEY"), "{code}: {shown}");
    assert_settled(&scratch);
}
