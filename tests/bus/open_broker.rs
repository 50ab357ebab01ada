//! A broker without an authorizer is one finding, and not the same changes at every run.

use busctl::localbus::kafka::{self, Listener, Node, Security, Voter};
use busctl::localbus::ports;

use crate::sample::{ANY_DISK, apply, assert_settled, changes, connect, findings, plain, plan, said, workspace};
use crate::server::{Server, bus};
use crate::support::certificates::Authority;
use crate::support::workspace::Scratch;

/// A node without an authorizer.
pub fn node(_: &Authority) -> Node {
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
        properties: Default::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_left_out_with_one_finding() {
    let server = Server::start(node).await;
    let scratch = workspace(bus().await, "open");
    connect(&scratch, "open", &plain(server.node.port("PLAIN").unwrap()));
    let planned = plan(&scratch).ended(0);
    assert_eq!(findings(&planned), ["BUS502 warn"]);
    assert!(!changes(&planned).contains("grant/"), "{}", changes(&planned));
    apply(&scratch);
    assert_eq!(findings(&plan(&scratch).ended(0)), ["BUS502 warn"]);
    // It is no reason to call a snapshot incomplete either.
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    assert_eq!(findings(&scratch.run(&["plan", "--live", "live.json", "--format", "json"]).ended(0)), ["BUS502 warn"]);
    assert_settled(&scratch);

    // Without any grant it is told too, where another one is declared.
    let bare = Scratch::with(&[("busctl.yaml", "version: 1\n")]);
    let declare = |authorizer: &str| {
        bare.write(
            "clusters/main.yaml",
            format!(
                "cluster: main\nenvironment: dev\nconnection:\n{}kafka: {{ deployment: self_managed, {authorizer}{ANY_DISK} }}\n",
                plain(server.node.port("PLAIN").unwrap())
            ),
        );
        said(&plan(&bare).ended(0))
    };
    for other in ["standard", "other"] {
        let told = format!(
            "BUS526: broker 1 of `main`: there is no authorizer, so that everybody may do everything, and `{other}` is declared"
        );
        assert_eq!(declare(&format!("authorizer: {other}, ")), [told]);
    }
    assert_eq!(declare("authorizer: none, "), [""; 0]);
    assert_eq!(declare(""), [""; 0]);
}
