//! Two clusters compared, and all clusters planned, with one of them live.

use crate::sample::{apply, create_topic, order_with_note, plain, set_config, topic_file, workspace};
use crate::server::bus;
use crate::support::workspace::{Scratch, assert_valid};

/// The differences of one domain, for other tests make and change resources meanwhile.
fn of_domain(differences: &serde_json::Value, domain: &str) -> Vec<String> {
    let differences = differences["differences"].as_array().unwrap().iter();
    let own = differences.filter(|difference| difference["address"].as_str().unwrap().contains(domain));
    let told = own.map(|difference| {
        let fields = difference["fields"].as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap());
        let fields = fields.collect::<Vec<_>>().join(", ");
        format!("{} {}: {fields}", difference["action"].as_str().unwrap(), difference["address"].as_str().unwrap())
    });
    told.collect()
}

fn rename(scratch: &Scratch, name: &str) {
    let text = scratch.read("clusters/main.yaml").replace("cluster: main", &format!("cluster: {name}"));
    scratch.write(&format!("clusters/{name}.yaml"), text.replace("environment: dev", &format!("environment: {name}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_cluster_is_compared_with_what_it_was() {
    let bus = bus().await;
    let scratch = workspace(bus, "beside");
    apply(&scratch);
    scratch.run(&["snapshot", "--output", "before.json"]).ended(0);
    let nothing = scratch.run(&["diff", "before.json", "main", "--format", "json"]).ended(0).json();
    assert_valid("diff.schema.json", &nothing);
    assert_eq!(of_domain(&nothing, "beside"), Vec::<String>::new());

    let hand = bus.hand().await;
    create_topic(&hand, "beside.by_hand.v1", 2, &[]).await;
    scratch.write("schemas/beside/beside.order.v1.avsc", order_with_note("beside"));
    scratch
        .write("acls/reader.yaml", "service: beside-reader\nconsumes: [{ topic: beside.order.v1, group: another }]\n");
    apply(&scratch);
    set_config(&hand, "beside.order.v1", "retention.ms", Some("1000000")).await;
    let found = scratch.run(&["diff", "before.json", "main", "--format", "json"]).ended(0).json();
    assert_valid("diff.schema.json", &found);
    assert_eq!(
        of_domain(&found, "beside"),
        [
            "create topic/beside.by_hand.v1: partitions, replication_factor",
            "update topic/beside.order.v1: config.retention.ms",
            "create grant/beside-reader/group/another: read",
            "delete grant/beside-reader/group/beside-reader: read",
            "update schema/beside.order.v1-value: schema",
        ]
    );
    // The other way round.
    let back = scratch.run(&["diff", "main", "before.json", "--format", "json"]).ended(0).json();
    assert!(
        of_domain(&back, "beside").contains(&"delete topic/beside.by_hand.v1: partitions, replication_factor".into())
    );
    assert_eq!(back["first"]["cluster_id"], bus.cluster_id.as_str());

    // The brokers of another cluster than was meant are not compared.
    let pinned = format!("{}cluster_id: another\n", scratch.read("clusters/main.yaml"));
    scratch.write("clusters/main.yaml", pinned);
    scratch.run(&["diff", "before.json", "main"]).ended(4).says(&["not to another"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_clusters_are_planned_although_one_does_not_answer() {
    let bus = bus().await;
    let scratch = workspace(bus, "everyone");
    rename(&scratch, "again");
    let lost = scratch.read("clusters/again.yaml").replace("cluster: again", "cluster: lost");
    let lost = lost.replace("environment: again", "environment: lost");
    let connection = lost.find("connection:").unwrap()..lost.find("schema_registry").unwrap();
    let lost = lost.replace(&lost[connection], &format!("connection:\n{}", plain(1)));
    scratch.write("clusters/lost.yaml", lost);
    let run = scratch.run(&["plan", "--all", "--format", "json", "--timeout", "20s"]).ended(1);
    let plans = run.json();
    assert_valid("plans.schema.json", &plans);
    let clusters = plans["clusters"].as_array().unwrap();
    assert_eq!(clusters.len(), 3);
    for (index, name) in [(0, "again"), (2, "main")] {
        assert_eq!(clusters[index]["plan"]["cluster"], name);
        let changes = clusters[index]["plan"]["changes"].as_array().unwrap();
        assert!(changes.iter().any(|change| change["address"] == "topic/everyone.order.v1"), "{changes:#?}");
    }
    assert!(clusters[1]["error"].as_str().unwrap().contains("127.0.0.1:1"), "{}", clusters[1]);
    scratch.remove("clusters/lost.yaml");
    scratch.run(&["plan", "--all", "--detailed-exitcode"]).ended(2).shows(&["again", "main"]);
    assert!(scratch.path(&topic_file("everyone", "order")).exists());
}
