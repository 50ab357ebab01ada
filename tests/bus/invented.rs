//! Another bus, as nobody has it here: other names, other classes, no registry, principals by certificate.

use busctl::ports::kafka::{AclOperation, AclResourceType, KafkaAdmin};

use crate::sample::{acl, assert_settled, changes, name, plan};
use crate::server::bus;
use crate::support::workspace::Scratch;

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_with_other_customs_is_governed_as_well() {
    let bus = bus().await;
    let scratch = Scratch::with(&[
        (
            "busctl.yaml",
            "version: 1
naming: { topic: \"tele-<number>_<domain>_<signal>\", dlq: \"<topic>-dead-<service>\" }
defaults: { partitions: 3 }
classes:
  firehose: { cleanup: [delete], retention: 6h, config: { retention.bytes: 1GiB } }
  dlq: { cleanup: [delete], retention: 4w }
rules: { BUS111: off }
",
        ),
        (
            "catalog/everything.yaml",
            "domains: { turbine: { owner: grid } }
services: { scada: { owner: grid }, forecaster: { owner: grid, kind: streams } }
teams: { grid: { contacts: { pager: \"4711\" } } }
roles: { night-shift: { owner: grid, reads: [\"tele-*\"], groups: [\"night-*\"] } }
",
        ),
        (
            "topics/all.yaml",
            "topic: tele-1_turbine_rpm
class: firehose
description: Revolutions of each turbine.
key: turbine
producers: [scada]
consumers: [{ service: forecaster, dlq: true, max_lag: 100 }]
retention_rationale: The forecast looks six hours back.
change_request: CHG-1
---
topic: tele-1_turbine_rpm-dead-forecaster
class: dlq
description: What the forecaster could not read.
key: none
producers: [forecaster]
consumers: [night-shift]
retention_rationale: Four weeks of nights.
change_request: CHG-2
",
        ),
        (
            "acls/services.yml",
            "service: scada
produces: [tele-1_turbine_rpm]
---
service: forecaster
streams: { application_id: forecaster-7 }
consumes: [tele-1_turbine_rpm]
produces: [tele-1_turbine_rpm-dead-forecaster]
",
        ),
    ]);
    scratch.write(
        "clusters/plant.yaml",
        format!(
            "cluster: plant\nenvironment: dev\ncluster_id: {}\nconnection: {{ bootstrap: [\"127.0.0.1:{}\"] }}\n\
             manages: {{ topics: [\"tele-*\", \"forecaster-7-*\"], groups: [\"*\"], principals: [\"User:CN=*\"] }}\n\
             principal: \"User:CN={{service}},O=Plant\"\ndefaults: {{ replication_factor: 1, min_insync_replicas: 1 }}\n\
             kafka: {{ authorizer: standard }}\n",
            bus.cluster_id, bus.plain
        ),
    );
    scratch.run(&["validate"]).ended(0);
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @r"
    create topic/tele-1_turbine_rpm [safe] partitions · → 3; replication_factor · → 1; config.cleanup.policy · → delete; config.min.insync.replicas · → 1; config.retention.bytes · → 1GiB; config.retention.ms · → 6h
    create topic/tele-1_turbine_rpm-dead-forecaster [safe] partitions · → 3; replication_factor · → 1; config.cleanup.policy · → delete; config.min.insync.replicas · → 1; config.retention.ms · → 28d
    create grant/forecaster/group/forecaster-7 [safe] User:CN=forecaster,O=Plant read · → allow; User:CN=forecaster,O=Plant describe · → allow
    create grant/forecaster/topic/forecaster-7-* [safe] User:CN=forecaster,O=Plant read · → allow; User:CN=forecaster,O=Plant write · → allow; User:CN=forecaster,O=Plant create · → allow; User:CN=forecaster,O=Plant delete · → allow; User:CN=forecaster,O=Plant describe · → allow; User:CN=forecaster,O=Plant describe_configs · → allow
    create grant/forecaster/topic/tele-1_turbine_rpm [safe] User:CN=forecaster,O=Plant read · → allow; User:CN=forecaster,O=Plant describe · → allow
    create grant/forecaster/topic/tele-1_turbine_rpm-dead-forecaster [safe] User:CN=forecaster,O=Plant write · → allow; User:CN=forecaster,O=Plant describe · → allow
    create grant/forecaster/transactional_id/forecaster-7-* [safe] User:CN=forecaster,O=Plant write · → allow; User:CN=forecaster,O=Plant describe · → allow
    create grant/night-shift/group/night-* [safe] User:CN=night-shift,O=Plant read · → allow; User:CN=night-shift,O=Plant describe · → allow
    create grant/night-shift/topic/tele-* [safe] User:CN=night-shift,O=Plant read · → allow; User:CN=night-shift,O=Plant describe · → allow
    create grant/scada/topic/tele-1_turbine_rpm [safe] User:CN=scada,O=Plant write · → allow; User:CN=scada,O=Plant describe · → allow
    ");
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    let hand = bus.hand().await;
    let topics = [name("tele-1_turbine_rpm"), name("tele-1_turbine_rpm-dead-forecaster")];
    let topics = hand.describe_topics(&topics).await.unwrap();
    assert!(topics.iter().all(|topic| topic.as_ref().unwrap().partitions.len() == 3), "{topics:#?}");
    let granted = acl("CN=forecaster,O=Plant", AclResourceType::Topic, "forecaster-7-*", AclOperation::Create);
    assert!(hand.acls().await.unwrap().contains(&granted));
    scratch.run(&["catalog"]).ended(0);
    scratch.run(&["catalog", "--check"]).ended(0);
    assert!(scratch.read("docs/event-catalog.md").contains("Revolutions of each turbine."));
}
