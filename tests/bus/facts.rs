//! What a cluster is, beside what its manifest says: told by every plan, and never a change.

use serde_json::Value;

use crate::sample::{apply, changes, connect, findings, plan, said, sasl, workspace};
use crate::server::{PROXIES, bus};
use crate::support::workspace::assert_valid;

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_of_the_cluster_is_told_live_and_from_a_snapshot() {
    let bus = bus().await;
    let scratch = workspace(bus, "isother");
    let file = "clusters/main.yaml";
    apply(&scratch);
    assert_eq!(findings(&plan(&scratch).ended(0)), [""; 0]);
    let as_it_is = scratch.read(file);
    // The port and the client certificates of one listener, and the protocol of another; what a test broker has beside
    // them is as it likes.
    scratch.write(
        file,
        as_it_is
            .replace(", super_users: [\"User:admin\", \"User:ANONYMOUS\"]", "")
            .replace(
                "nodes: [{ id: 1, roles: [broker, controller] }]",
                "nodes: [{ id: 1, rack: here, roles: [broker] }, \
             { id: 2, roles: [controller] }], version: \"3.9\", allow_everyone_if_no_acl_found: true, listeners: { \
             PLAIN: { port: 1, protocol: plaintext }, SASL: { port: {sasl}, protocol: sasl_ssl }, \
             TLS: { port: {tls}, protocol: ssl, client_auth: required }, NOWHERE: { port: 2, protocol: ssl }, \
             PERHAPS: { port: 3, protocol: ssl, optional: true } }",
            )
            .replace("max_use: 100%", "max_use: 1%")
            .replace("{sasl}", &bus.sasl.to_string())
            .replace("{tls}", &bus.tls.to_string()),
    );
    let told = plan(&scratch).ended(0);
    // Nothing of it is applied.
    assert_eq!(changes(&told), "");
    let about = |said: &[String]| {
        let disk = said.iter().filter(|finding| finding.starts_with("BUS528: the disk of broker 1 of `main` with "));
        assert_eq!(disk.count(), 1, "{said:#?}");
        let of_proxies = said.iter().filter(|finding| finding.contains("PROXIED_"));
        assert_eq!(of_proxies.count(), PROXIES, "{said:#?}");
        let others = said.iter().filter(|finding| !finding.starts_with("BUS528") && !finding.contains("PROXIED_"));
        let plain = bus.plain.to_string();
        others.map(|finding| finding.replace(&plain, "PORT")).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(about(&said(&told)), @r"
    BUS521: broker 1 of `main` has no rack, not in here
    BUS522: broker 1 of `main` runs Kafka 4.3, and 3.9 is declared
    BUS523: node 1 votes in the metadata quorum of `main` and is not declared as a controller
    BUS523: node 2 of `main` is declared as a controller and does not vote
    BUS525: broker 1 of `main`: the listener PLAIN has port PORT, not 1
    BUS525: broker 1 of `main`: the listener SASL speaks sasl_plaintext, not sasl_ssl
    BUS525: broker 1 of `main`: the listener TLS has ssl.client.auth=none, not required
    BUS525: broker 1 of `main`: there is no listener NOWHERE
    BUS527: broker 1 of `main`: there are super users, and none is declared
    ");
    scratch.run(&["plan"]).ended(0).shows(&["BUS527", "clusters/main.yaml"]);
    // What nobody has been asked yet is not declared otherwise.
    scratch.edit(file, "authorizer: standard", "authorizer: standard, super_users: unknown");
    assert!(!said(&plan(&scratch).ended(0)).iter().any(|finding| finding.starts_with("BUS527")));
    scratch.edit(file, "authorizer: standard, super_users: unknown", "authorizer: standard");

    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    let written: Value = serde_json::from_str(&scratch.read("live.json")).expect("it is JSON");
    assert_valid("snapshot.schema.json", &written);
    let saved = scratch.run(&["plan", "--live", "live.json", "--format", "json"]).ended(0);
    // Disks go on to be filled.
    let steady =
        |said: Vec<String>| said.into_iter().filter(|finding| !finding.starts_with("BUS528")).collect::<Vec<_>>();
    assert_eq!(steady(said(&saved)), steady(said(&told)));
    // The run of a pull request tells the same, without any server.
    let judged = scratch.run(&["ci", "--live", "live.json", "--format", "json"]).json();
    let in_order = |mut said: Vec<String>| {
        said.sort();
        said
    };
    let is_of_facts = |finding: &&Value| finding["code"].as_str().unwrap().starts_with("BUS52");
    let judged = judged["findings"].as_array().unwrap().iter().filter(is_of_facts).map(|finding| {
        let place = finding["place"]["file"].as_str().unwrap();
        assert_eq!(place, file, "{finding:#}");
        format!("{}: {}", finding["code"].as_str().unwrap(), finding["message"].as_str().unwrap())
    });
    assert_eq!(in_order(steady(judged.collect())), steady(said(&told)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_seen_of_the_cluster_is_said_and_no_error() {
    let bus = bus().await;
    let scratch = workspace(bus, "unseen");
    connect(&scratch, "unseen", &sasl(bus, "nobody"));
    let blind = plan(&scratch);
    let hidden: Vec<String> = said(&blind).into_iter().filter(|finding| finding.starts_with("BUS530")).collect();
    for what in ["describe the metadata quorum", "describe the configs of brokers", "describe the log dirs of brokers"]
    {
        assert!(hidden.iter().any(|finding| finding.contains(what)), "{hidden:#?}");
    }
    assert!(findings(&blind).iter().all(|finding| finding == "BUS530 info"), "{:#?}", findings(&blind));
}
