//! A workspace made of a live broker and registry.

use std::time::Duration;

use busctl::ports::kafka::{AclOperation, AclResourceType};
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::sample::{acl, apply, changes, create_topic, grant, order_with_note, plan, workspace};
use crate::server::bus;
use crate::support::workspace::Scratch;

/// What everything is reached by that has no manifest yet.
fn reached<'a>(bootstrap: &'a str, registry: &'a str) -> [&'a str; 7] {
    ["import", "--cluster", "adopted", "--bootstrap", bootstrap, "--registry", registry]
}

/// Fails unless a live plan has nothing to do, whatever rules the bus breaks.
#[track_caller]
fn assert_nothing_to_do(scratch: &Scratch) {
    assert_eq!(changes(&plan(scratch).ended(3)), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_workspace_applied_another_one_imports() {
    let bus = bus().await;
    let first = workspace(bus, "adopt");
    apply(&first);
    first.run(&["schema", "keep", "adopt.order.v1"]).ended(0);
    first.write("schemas/adopt/adopt.order.v1.avsc", order_with_note("adopt"));
    apply(&first);
    let hand = bus.hand().await;
    create_topic(&hand, "adopt.stock.v1", 3, &[("cleanup.policy", "compact"), ("max.message.bytes", "2097152")]).await;
    grant(&hand, &[acl("adopt-reader", AclResourceType::Topic, "adopt.stock.*", AclOperation::Describe)]).await;

    let scratch = Scratch::empty();
    let (bootstrap, url) = (format!("127.0.0.1:{}", bus.plain), bus.registry.url.clone());
    let reached = reached(&bootstrap, &url);
    let run = scratch.run(&[&reached[..], &["--only", "adopt.*"]].concat()).ended(0);
    run.shows(&["Imported 2 topics (0 of applications), 2 services and 1 subject", "plan: nothing to do"]);
    assert_nothing_to_do(&scratch);
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    // What was there before does not stand in the way of the first change.
    let listed = ["--baseline", "baseline.json"];
    scratch.run(&[&["plan"][..], &listed].concat()).ended(0).says(&["that baseline.json lists not shown"]);
    scratch.run(&["apply", "--yes"]).ended(3);
    scratch.edit(
        "topics/adopt/adopt.order.v1.yaml",
        "topic: adopt.order.v1\n",
        "topic: adopt.order.v1\nconfig: { max.message.bytes: 3MiB }\n",
    );
    scratch.run(&[&["apply", "--yes"][..], &listed].concat()).ended(0).shows(&["1 done"]);
    scratch.run(&[&["plan", "--all", "--detailed-exitcode"][..], &listed].concat()).ended(0);
    assert!(scratch.read("clusters/adopted.yaml").contains(&bus.cluster_id));
    assert_eq!(scratch.read("acls/adopt-writer.yaml"), "service: adopt-writer\nproduces: [adopt.order.v1]\n");
    let reader = scratch.read("acls/adopt-reader.yaml");
    assert!(reader.starts_with("service: adopt-reader\nconsumes: [adopt.order.v1]\n"), "{reader}");
    assert!(reader.contains("  - resource: topic\n    name: adopt.stock.*\n    operation: describe\n"), "{reader}");
    // Both versions are there, and the present one has what the first has not.
    assert!(scratch.read("schemas/adopt/adopt.order.v1.avsc").contains("note"));
    assert!(!scratch.read("schemas/adopt/versions/adopt.order.v1/1.avsc").contains("note"));

    // What comes later is adopted beside what people have written meanwhile.
    create_topic(&hand, "adopt.refund.v1", 1, &[]).await;
    grant(
        &hand,
        &[
            acl("adopt-writer", AclResourceType::Topic, "adopt.refund.v1", AclOperation::Write),
            acl("adopt-writer", AclResourceType::Topic, "adopt.refund.v1", AclOperation::Describe),
        ],
    )
    .await;
    scratch.edit("acls/adopt-writer.yaml", "produces:", "# Two tills.\nproduces:");
    scratch.run(&["import", "--only", "adopt.refund.v1"]).ended(0).shows(&["plan: nothing to do"]);
    assert_eq!(
        scratch.read("acls/adopt-writer.yaml"),
        "service: adopt-writer\n# Two tills.\nproduces: [adopt.order.v1, adopt.refund.v1]\n"
    );
    assert!(scratch.read("topics/adopt/adopt.refund.v1.yaml").contains("producers: [adopt-writer]\n"));
    assert_nothing_to_do(&scratch);
    scratch.run(&["import", "--only", "adopt.*"]).ended(0).shows(&["Nothing to import"]);
}

/// Whatever all the other tests have on the broker and in the registry at that moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_bus_is_imported() {
    let bus = bus().await;
    apply(&workspace(bus, "whole"));
    let scratch = Scratch::empty();
    let (bootstrap, url) = (format!("127.0.0.1:{}", bus.plain), bus.registry.url.clone());
    scratch.run(&reached(&bootstrap, &url)).ended(0).shows(&["plan: nothing to do"]);
    assert_eq!(scratch.read("acls/whole-writer.yaml"), "service: whole-writer\nproduces: [whole.order.v1]\n");
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_taken_from_a_topic_without_its_personal_data() {
    let bus = bus().await;
    let first = workspace(bus, "samples");
    let schema = r#"{ "type": "record", "name": "Order", "namespace": "samples", "fields": [
        { "name": "id", "type": "string", "doc": "Its id." },
        { "name": "mail", "type": ["null", "string"], "default": null, "doc": "Whose.", "pii": "email" }
    ] }"#;
    first.write("schemas/samples/samples.order.v1.avsc", schema);
    first.edit("busctl.yaml", "version: 1", "version: 1\nrules: { BUS641: \"off\", BUS645: \"off\" }");
    apply(&first);
    let listed = first.run(&["schemas", "samples.order.v1-value", "--format", "json"]).ended(0).json();
    let id = listed["items"][0]["id"].as_u64().unwrap() as u32;
    let producer: FutureProducer =
        ClientConfig::new().set("bootstrap.servers", format!("127.0.0.1:{}", bus.plain)).create().unwrap();
    for order in ["first", "second", "third"] {
        let text = |text: &str| [&[text.len() as u8 * 2], text.as_bytes()].concat();
        let value = [&[0][..], &id.to_be_bytes(), &text(order), &[2], &text("someone@example.org")].concat();
        let record = FutureRecord::<str, _>::to("samples.order.v1").partition(0).payload(&value);
        producer.send(record, Duration::from_secs(20)).await.unwrap();
    }

    let scratch = Scratch::empty();
    let (bootstrap, url) = (format!("127.0.0.1:{}", bus.plain), bus.registry.url.clone());
    let import = [&reached(&bootstrap, &url)[..], &["--only", "samples.*", "--fixtures", "2"]].concat();
    scratch.run(&import).ended(0).shows(&["plan: nothing to do"]);
    let sample = |number: u8| scratch.read(&format!("schemas/samples/fixtures/samples.order.v1/sampled-{number}.json"));
    assert_eq!(sample(1), "{\n  \"id\": \"third\",\n  \"mail\": { \"string\": \"masked\" }\n}\n");
    assert!(sample(2).contains("second"), "{}", sample(2));
    scratch.run(&["schema", "test", "samples.order.v1"]).ended(0).says(&["2 samples of 1 schema"]);
}
