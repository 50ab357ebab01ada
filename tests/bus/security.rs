//! How closed a live cluster is: told by every plan, on a broker that is not.

use std::path::PathBuf;

use busctl::localbus::kafka::{self, ClientCertificate, Listener, Node, Security, Tls, Voter};
use busctl::localbus::ports;
use busctl::ports::kafka::{AclOperation, AclResourceType};
use serde_json::Value;

use crate::sample::{ANY_DISK, acl, apply, connect, create_topic, grant, plain, said, workspace};
use crate::server::{Server, bus};
use crate::support::certificates::Authority;
use crate::support::workspace::assert_valid;

/// The certificate of this broker is over in 12 days, and its TLS listener speaks what Java forbids by default.
fn node(authority: &Authority) -> (Node, Vec<std::ffi::OsString>) {
    // Addresses are listed in their order.
    let mut ports = ports::choose([None; 4]).unwrap();
    ports.sort_unstable();
    let [controller, open, old, secure] = ports;
    let keystore: PathBuf = authority.issue_for("broker", 12).keystore;
    let tls = |client_certificate| Tls {
        keystore: keystore.clone(),
        truststore: authority.certificate(),
        client_certificate,
    };
    let allowed = keystore.with_file_name("java.security");
    std::fs::write(&allowed, "jdk.tls.disabledAlgorithms=\njdk.certpath.disabledAlgorithms=\n").unwrap();
    let listener = |name: &str, port, security| Listener { name: name.to_owned(), port, security };
    let node = Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller }],
        controller: listener("CONTROLLER", controller, Security::Plaintext),
        listeners: vec![
            listener("PLAIN", open, Security::Plaintext),
            listener("OLD", old, Security::Ssl(tls(ClientCertificate::None))),
            listener("SECURE", secure, Security::Ssl(tls(ClientCertificate::Required))),
        ],
        authorizer: true,
        super_users: ["User:ANONYMOUS", "User:CN=busctl"].map(str::to_owned).to_vec(),
        internal_replicas: 1,
        properties: [
            ("listener.name.old.ssl.enabled.protocols", "TLSv1.1,TLSv1.2,TLSv1.3"),
            ("listener.name.old.ssl.endpoint.identification.algorithm", ""),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
    };
    let mut option = std::ffi::OsString::from("-Djava.security.properties=");
    option.push(&allowed);
    (node, vec![option])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_weak_or_soon_over_is_told_live_and_from_a_snapshot() {
    let server = Server::start_with(node).await;
    let scratch = workspace(bus().await, "closed");
    let port = |name: &str| server.node.port(name).unwrap();
    scratch.write("ca.pem", std::fs::read(server.authority.certificate()).unwrap());
    let own = server.authority.issue("busctl").keystore;
    let tls = format!("  tls: {{ ca: file:ca.pem, certificate: \"file:{}\" }}\n", own.display());
    connect(&scratch, "closed", &format!("{}{tls}", plain(port("SECURE"))));
    let file = "clusters/main.yaml";
    scratch.edit(file, "User:closed-*", "User:*");
    scratch.edit(file, "\"User:admin\", \"User:ANONYMOUS\"", "\"User:CN=busctl\", \"User:ANONYMOUS\"");
    let node = format!(
        "{{ id: 1, host: 127.0.0.1, roles: [broker, controller] }}], listeners: {{ OLD: {{ port: {}, protocol: ssl }} }} }}",
        port("OLD")
    );
    scratch.edit(file, "{ id: 1, roles: [broker, controller] }] }", &node);
    apply(&scratch);
    let hand = server.hand().await;
    create_topic(&hand, "closed.other.v1", 1, &[]).await;
    grant(
        &hand,
        &[
            acl("*", AclResourceType::Topic, "closed.other.v1", AclOperation::Read),
            acl("reporting", AclResourceType::Group, "reports-2019", AclOperation::Read),
            acl("reporting", AclResourceType::Topic, "closed.gone.v1", AclOperation::Read),
            acl("reporting", AclResourceType::Topic, "closed.*", AclOperation::Read),
            acl("reporting", AclResourceType::Group, "*", AclOperation::Read),
        ],
    )
    .await;
    let security = |run: &crate::support::workspace::Run| {
        let ports = ["PLAIN", "OLD", "SECURE"].map(|name| (port(name).to_string(), name));
        let mut told: Vec<String> = said(run).into_iter().filter(|finding| finding.starts_with("BUS8")).collect();
        for told in &mut told {
            for (port, name) in &ports {
                *told = told.replace(port.as_str(), name);
            }
            // The day of the certificate is another one each day.
            if let Some((before, after)) = told.clone().split_once(" (20") {
                *told = format!("{before} (DAY{}", &after[after.find(')').unwrap()..]);
            }
        }
        told.join("\n")
    };
    // In development all but weak TLS, certificates and grants may be as they like.
    let plan = || scratch.run(&["plan", "--format", "json"]).ended(0);
    insta::assert_snapshot!(security(&plan()), @r"
    BUS813: broker 1 of `main`: TLSv1.1 can be spoken on the listener OLD: ssl.enabled.protocols is `TLSv1.1,TLSv1.2,TLSv1.3`
    BUS813: broker 1 of `main`: names of hosts are not compared with certificates on the listener OLD: ssl.endpoint.identification.algorithm is ``
    BUS815: an ACL of `main` allows User:reporting read on group *, which takes in every group
    BUS816: on `main` User:reporting has ACLs for what is not there: group reports-2019, topic closed.gone.v1
    BUS817: `main` shows at 127.0.0.1:OLD, 127.0.0.1:SECURE a certificate that is over in 12 days (DAY): CN=broker
    BUS818: `main` speaks TLS 1.1 or older at 127.0.0.1:OLD
    ");
    scratch.edit(file, "environment: dev", "environment: production");
    let live = plan();
    insta::assert_snapshot!(security(&live), @r"
    BUS811: broker 1 of `main`: the listener CONTROLLER has no TLS (plaintext)
    BUS811: broker 1 of `main`: the listener PLAIN has no TLS (plaintext)
    BUS812: broker 1 of `main`: the listener OLD lets in who shows no certificate (ssl.client.auth=none)
    BUS813: broker 1 of `main`: TLSv1.1 can be spoken on the listener OLD: ssl.enabled.protocols is `TLSv1.1,TLSv1.2,TLSv1.3`
    BUS813: broker 1 of `main`: names of hosts are not compared with certificates on the listener OLD: ssl.endpoint.identification.algorithm is ``
    BUS814: an ACL of `main` allows User:* read on topic closed.other.v1
    BUS815: an ACL of `main` allows User:reporting read on group *, which takes in every group
    BUS816: on `main` User:reporting has ACLs for what is not there: group reports-2019, topic closed.gone.v1
    BUS817: `main` shows at 127.0.0.1:OLD, 127.0.0.1:SECURE a certificate that is over in 12 days (DAY): CN=broker
    BUS818: `main` speaks TLS 1.1 or older at 127.0.0.1:OLD
    ");
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    let saved: Value = serde_json::from_str(&scratch.read("live.json")).unwrap();
    assert_valid("snapshot.schema.json", &saved);
    let from_file = scratch.run(&["plan", "--live", "live.json", "--format", "json"]).ended(0);
    assert_eq!(security(&from_file), security(&live));
    // What is declared is told without a server.
    let offline = scratch.run(&["validate"]).ended(0);
    offline.shows(&["BUS802", "BUS803", "BUS804"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_authorizer_a_cluster_that_says_nothing_is_told_so() {
    let server = Server::start(crate::open_broker::node).await;
    let scratch = crate::support::workspace::Scratch::with(&[("busctl.yaml", "version: 1\n")]);
    scratch.write(
        "clusters/main.yaml",
        format!(
            "cluster: main\nenvironment: production\nconnection:\n{}kafka: {{ deployment: self_managed, {ANY_DISK} }}\n",
            plain(server.node.port("PLAIN").unwrap())
        ),
    );
    let told = said(&scratch.run(&["plan", "--format", "json"]).ended(0));
    let told: Vec<&str> = told.iter().map(|finding| &finding[..6]).collect();
    assert_eq!(told, ["BUS810", "BUS811", "BUS811"]);
}
