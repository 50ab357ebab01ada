//! What was changed by hand is shown and undone; what is not ours is shown and left alone.

use busctl::model::Subject;
use busctl::ports::kafka::{AclOperation, AclResourceType, KafkaAdmin};
use busctl::ports::registry::{NewSchema, Registry};
use busctl::schema::{Compatibility, SchemaFormat};

use crate::sample::{acl, apply, assert_settled, changes, create_topic, grant, plan, revoke, set_config, workspace};
use crate::server::bus;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_by_hand_is_shown_and_undone() {
    let bus = bus().await;
    let scratch = workspace(bus, "drift");
    apply(&scratch);
    let hand = bus.hand().await;
    let topic = "drift.order.v1";

    // A config that is declared, one that nobody declared, one that is missing, and one of a reassignment.
    set_config(&hand, topic, "retention.ms", Some("3600000")).await;
    set_config(&hand, topic, "segment.bytes", Some("1048576")).await;
    set_config(&hand, topic, "follower.replication.throttled.replicas", Some("*")).await;
    let foreign = acl("drift-reader", AclResourceType::Topic, topic, AclOperation::Write);
    let ours = acl("drift-writer", AclResourceType::Topic, topic, AclOperation::Write);
    grant(&hand, std::slice::from_ref(&foreign)).await;
    revoke(&hand, std::slice::from_ref(&ours)).await;
    let registry = bus.registry.client();
    let subject: Subject = "drift.order.v1-value".parse().unwrap();
    registry.set_compatibility(&subject, Compatibility::None).await.unwrap();
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @r"
    update schema/drift.order.v1-value [safe] compatibility none → backward
    update topic/drift.order.v1 [safe] config.retention.ms 1h → 14d; config.segment.bytes 1MiB → 1GiB
    update grant/drift-writer/topic/drift.order.v1 [safe] User:drift-writer write · → allow
    update grant/drift-reader/topic/drift.order.v1 [disruptive] User:drift-reader write allow → ·
    ");
    let unallowed = scratch.run(&["apply", "--yes"]).ended(4);
    assert!(unallowed.err.contains("--allow disruptive"), "{}", unallowed.err);
    apply(&scratch);
    let acls = hand.acls().await.unwrap();
    assert!(acls.contains(&ours) && !acls.contains(&foreign));

    // A level that was taken away, as far as the registry's own is another one.
    delete(&format!("{}/config/{subject}", bus.registry.url)).await;
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @"update schema/drift.order.v1-value [safe] compatibility none → backward");
    apply(&scratch);

    // A schema that somebody registered over ours.
    let text = crate::sample::order_with_note("drift");
    registry.register(&subject, &NewSchema { format: SchemaFormat::Avro, text, references: Vec::new() }).await.unwrap();
    let told = ["BUS509", "`drift.order.v1-value` is its version 1, and the registry's newest is version 2"];
    plan(&scratch).ended(0).shows(&told);
    let ended = scratch.run(&["drift"]).ended(0).shows(&told);
    ended.shows(&["nothing differs that an apply would change; see 1 finding"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_listed_and_never_touched() {
    let bus = bus().await;
    let scratch = workspace(bus, "strange");
    let hand = bus.hand().await;
    let registry = bus.registry.client();
    // In our scope, and outside it.
    create_topic(&hand, "strange.other.v1", 2, &[("retention.ms", "1000")]).await;
    create_topic(&hand, "stranger.other.v1", 2, &[("retention.ms", "1000")]).await;
    let stranger = [
        acl("strange-nobody", AclResourceType::Topic, "strange.order.v1", AclOperation::Read),
        acl("someone-else", AclResourceType::Topic, "strange.*", AclOperation::All),
        acl("strange-reader", AclResourceType::Topic, "stranger.other.v1", AclOperation::Read),
    ];
    grant(&hand, &stranger).await;
    let subject: Subject = "strange.other.v1-value".parse().unwrap();
    let schema = NewSchema { format: SchemaFormat::Avro, text: "\"string\"".to_owned(), references: Vec::new() };
    registry.register(&subject, &schema).await.unwrap();
    apply(&scratch);

    let listed = plan(&scratch).ended(0).json();
    let names: Vec<_> = listed["unmanaged"].as_array().unwrap().iter().map(|it| it.to_string()).collect();
    for (name, reason) in [
        ("\"strange.other.v1\"", "no manifest declares it"),
        ("\"stranger.other.v1\"", "outside the cluster's `manages`"),
        ("User:strange-nobody read on topic strange.order.v1", "no manifest declares its principal"),
        ("User:someone-else all on topic strange.*", "no manifest declares its principal"),
        ("User:strange-reader read on topic stranger.other.v1", "outside the cluster's `manages`"),
        ("\"strange.other.v1-value\"", "no manifest declares it"),
    ] {
        assert!(names.iter().any(|it| it.contains(name) && it.contains(reason)), "{name}: {names:#?}");
    }
    scratch.run(&["plan", "--verbose"]).ended(0).shows(&["strange.other.v1", "strange-nobody"]);

    // A topic whose manifest is gone is one of them.
    scratch.remove("topics/strange/strange.order.v1.yaml");
    scratch.write("acls/writer.yaml", "service: strange-writer\n");
    scratch.write("acls/reader.yaml", "service: strange-reader\n");
    scratch.remove("schemas/strange/strange.order.v1.avsc");
    apply(&scratch);
    let names = [
        crate::sample::name("strange.other.v1"),
        crate::sample::name("stranger.other.v1"),
        crate::sample::name("strange.order.v1"),
    ];
    let there = hand.describe_topics(&names).await.unwrap();
    assert!(there.iter().all(Result::is_ok), "{there:#?}");
    let configs = hand.topic_configs(&names[..1]).await.unwrap();
    assert_eq!(configs.overrides["strange.other.v1"].as_ref().unwrap()["retention.ms"], "1000");
    let acls = hand.acls().await.unwrap();
    assert!(stranger.iter().all(|acl| acls.contains(acl)));
    let subjects = registry.subjects().await.unwrap().names;
    assert!(subjects.contains(&subject) && subjects.contains(&"strange.order.v1-value".parse().unwrap()));
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_leaves_by_saying_so() {
    let bus = bus().await;
    let scratch = workspace(bus, "leaving");
    apply(&scratch);
    scratch.write("acls/reader.yaml", "service: leaving-reader\nstate: absent\nreason: It was replaced.\n");
    scratch.write(
        "acls/writer.yaml",
        "service: leaving-writer\nproduces: [leaving.order.v1]\nconsumes: [leaving.order.v1]\n",
    );
    scratch.edit("topics/leaving/leaving.order.v1.yaml", "consumers: [leaving-reader]", "consumers: [leaving-writer]");
    insta::assert_snapshot!(changes(&plan(&scratch)), @r"
    create grant/leaving-writer/group/leaving-writer [safe] User:leaving-writer read · → allow
    update grant/leaving-writer/topic/leaving.order.v1 [safe] User:leaving-writer read · → allow
    delete grant/leaving-reader/group/leaving-reader [disruptive] User:leaving-reader read allow → ·
    delete grant/leaving-reader/topic/leaving.order.v1 [disruptive] User:leaving-reader read allow → ·; User:leaving-reader describe allow → ·
    ");
    scratch.run(&["apply", "--yes", "--allow", "disruptive"]).ended(0);
    assert_settled(&scratch);
}

/// Sends a DELETE, as somebody does by hand.
pub async fn delete(url: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let answer = reqwest::Client::new().delete(url).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}
