//! The three formats, references between subjects, and versions that are pinned.

use busctl::model::Subject;
use busctl::ports::registry::{RegisteredSchema, Registry};
use busctl::schema::SchemaFormat;

use crate::drift::delete;
use crate::sample::{apply, assert_settled, bare, changes, order, order_with_note, plan, topic, topic_file, workspace};
use crate::server::{Bus, bus};
use crate::support::workspace::Scratch;

/// The newest version of a subject.
pub async fn latest(bus: &Bus, subject: &str) -> RegisteredSchema {
    let subject: Subject = subject.parse().unwrap();
    bus.registry.client().latest(&[subject]).await.remove(0).unwrap().unwrap()
}

/// A workspace with one topic in each format; the Avro one refers to a subject of its own.
pub fn formats(bus: &Bus, domain: &str) -> Scratch {
    let scratch = bare(bus, domain);
    let reference = format!(
        "schema:\n  references: [{{ name: example.{domain}.Money, subject: {domain}.money, version: latest }}]\n"
    );
    scratch.write(&topic_file(domain, "order"), topic(domain, "order") + &reference);
    scratch.write(&topic_file(domain, "basket"), topic(domain, "basket"));
    scratch.write(&topic_file(domain, "stock"), topic(domain, "stock"));
    let topics = format!("[{domain}.order.v1, {domain}.basket.v1, {domain}.stock.v1]");
    scratch.write("acls/writer.yaml", format!("service: {domain}-writer\nproduces: {topics}\n"));
    scratch.write("acls/reader.yaml", format!("service: {domain}-reader\nconsumes: {topics}\n"));
    scratch.write(
        &format!("schemas/{domain}/money.yaml"),
        format!("subject: {domain}.money\nschema: money.avsc\ndescription: An amount.\nowner: sales\n"),
    );
    scratch.write(&format!("schemas/{domain}/money.avsc"), money(domain, ""));
    scratch.write(
        &format!("schemas/{domain}/{domain}.order.v1.avsc"),
        format!(
            r#"{{ "type": "record", "name": "Order", "namespace": "example.{domain}", "doc": "One order.", "fields": [
  {{ "name": "id", "type": "string", "doc": "The order's id." }},
  {{ "name": "total", "type": "example.{domain}.Money", "doc": "What it costs." }} ] }}"#
        ),
    );
    scratch.write(
        &format!("schemas/{domain}/{domain}.basket.v1.json"),
        format!(
            r#"{{ "$schema": "http://json-schema.org/draft-07/schema#", "title": "Basket-{domain}", "description": "Basket.",
  "type": "object", "properties": {{ "id": {{ "type": "string", "description": "Id." }} }}, "required": ["id"] }}"#
        ),
    );
    scratch.write(
        &format!("schemas/{domain}/{domain}.stock.v1.proto"),
        format!(
            "syntax = \"proto3\";\npackage example.{domain};\n\n// What is there.\nmessage Stock {{\n  // The article's id.\n  string id = 1;\n}}\n"
        ),
    );
    scratch
}

/// The schema of an amount, with further fields.
pub fn money(domain: &str, more: &str) -> String {
    format!(
        r#"{{ "type": "record", "name": "Money", "namespace": "example.{domain}", "doc": "An amount.", "fields": [
  {{ "name": "cents", "type": "long", "doc": "The amount." }}{more} ] }}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_is_registered_and_settled() {
    let bus = bus().await;
    let scratch = formats(bus, "formats");
    apply(&scratch);
    for (subject, format) in [
        ("formats.order.v1-value", SchemaFormat::Avro),
        ("formats.basket.v1-value", SchemaFormat::Json),
        ("formats.stock.v1-value", SchemaFormat::Protobuf),
    ] {
        assert_eq!(latest(bus, subject).await.schema.format, format, "{subject}");
    }
    // Spelling and white space of each are no difference; a comment of Protobuf is one.
    let stock = "schemas/formats/formats.stock.v1.proto";
    scratch.write(stock, scratch.read(stock).replace("  string id = 1;", "      string   id=1 ;"));
    let basket = "schemas/formats/formats.basket.v1.json";
    scratch.write(basket, scratch.read(basket).split_whitespace().collect::<Vec<_>>().join("  "));
    assert_settled(&scratch);
    scratch.edit(stock, "// The article's id.", "// Which article it is.");
    insta::assert_snapshot!(changes(&plan(&scratch)), @"update schema/formats.stock.v1-value [safe] schema version 1 (Protobuf) → version 2 (Protobuf)");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_is_pinned_and_what_depends_on_it_goes_along() {
    let bus = bus().await;
    let scratch = formats(bus, "pinning");
    apply(&scratch);
    let pinned = latest(bus, "pinning.order.v1-value").await.schema.references;
    assert_eq!((pinned[0].subject.as_str(), pinned[0].version), ("pinning.money", 1));

    let currency = r#",
  { "name": "currency", "type": ["null", "string"], "default": null, "doc": "ISO 4217." }"#;
    scratch.write("schemas/pinning/money.avsc", money("pinning", currency));
    let planned = plan(&scratch).ended(0);
    insta::assert_snapshot!(changes(&planned), @r"
    update schema/pinning.money [safe] schema version 1 (Avro) → version 2 (Avro)
    update schema/pinning.order.v1-value [safe] references example.pinning.Money → pinning.money version 1 → example.pinning.Money → pinning.money new version
    ");
    let changes = planned.json()["changes"].clone();
    assert_eq!(changes[1]["depends_on"], serde_json::json!(["schema/pinning.money"]), "{changes:#}");
    apply(&scratch);
    let pinned = latest(bus, "pinning.order.v1-value").await;
    assert_eq!((pinned.version, pinned.schema.references[0].version), (2, 2));

    // A version that is written stays.
    let file = topic_file("pinning", "order");
    scratch.edit(&file, "version: latest", "version: 2");
    assert_settled(&scratch);
    scratch.write(
        "schemas/pinning/money.avsc",
        money("pinning", &(currency.to_owned() + &currency.replace("currency", "origin"))),
    );
    insta::assert_snapshot!(self::changes(&plan(&scratch)), @"update schema/pinning.money [safe] schema version 2 (Avro) → version 3 (Avro)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_the_registry_refuses_holds_up_what_depends_on_it_alone() {
    let bus = bus().await;
    let scratch = formats(bus, "refusal");
    apply(&scratch);
    // What only apply finds out: the registry is not asked about what refers to a version that is not there yet, and busctl
    // itself is told not to mind.
    scratch.edit("busctl.yaml", "version: 1\n", "version: 1\nrules: { BUS510: warn }\n");
    scratch.write("schemas/refusal/receipt.yaml", "subject: refusal.receipt\nschema: receipt.avsc\ndescription: A receipt.\n\
        owner: sales\nreferences: [{ name: example.refusal.Order, subject: refusal.order.v1-value, version: latest }]\n");
    scratch.write(
        "schemas/refusal/receipt.avsc",
        r#"{ "type": "record", "name": "Receipt", "namespace": "example.refusal", "doc": "A receipt.",
  "fields": [{ "name": "order", "type": "example.refusal.Order", "doc": "What was paid." }] }"#,
    );
    apply(&scratch);
    let optional = r#", { "name": "currency", "type": "string", "default": "EUR", "doc": "ISO 4217." }"#;
    scratch.write("schemas/refusal/money.avsc", money("refusal", optional));
    let order = "schemas/refusal/refusal.order.v1.avsc";
    scratch.edit(order, "\"string\", \"doc\": \"The", "\"long\", \"doc\": \"The");
    // And a topic that has nothing to do with it.
    let basket = topic_file("refusal", "basket");
    scratch.edit(&basket, "class: processed", "class: processed\nconfig: { max.message.bytes: 2MiB }");
    let applied = scratch.run(&["apply", "--yes", "--format", "json"]).ended(5).json();
    let outcomes: Vec<_> = applied["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|outcome| format!("{} {}", outcome["status"], outcome["address"]).replace('"', ""))
        .collect();
    assert_eq!(
        outcomes,
        [
            "done schema/refusal.money",
            "failed schema/refusal.order.v1-value",
            "blocked schema/refusal.receipt",
            "done topic/refusal.basket.v1"
        ]
    );
    assert!(applied["outcomes"][1]["error"]["answer"].as_str().unwrap().starts_with("409"), "{applied:#}");
    // The record accounts for what was held up too.
    let held_up = ["audit", "--resource", "schema/refusal.*", "--outcome", "blocked", "--format", "json"];
    let held_up = scratch.run(&held_up).ended(0).json();
    let addresses: Vec<_> = held_up["entries"].as_array().unwrap().iter().map(|entry| &entry["address"]).collect();
    assert_eq!(addresses, ["schema/refusal.receipt"], "{held_up:#}");
    scratch.edit(order, "\"long\"", "\"string\"");
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_subjects_with_one_content_are_registered_at_once() {
    let bus = bus().await;
    let scratch = bare(bus, "same");
    let mut manifests = String::new();
    for number in 0..40 {
        manifests.push_str(&format!(
            "---\nsubject: same.copy{number}\nschema: copy.avsc\ndescription: A copy.\nowner: sales\n"
        ));
    }
    scratch.write("schemas/same/copies.yaml", manifests);
    scratch.write("schemas/same/copy.avsc", money("same", ""));
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_that_the_registry_does_not_see_is_told_and_left() {
    let bus = bus().await;
    let scratch = workspace(bus, "unseen");
    apply(&scratch);
    let file = "schemas/unseen/unseen.order.v1.avsc";
    let told = ["BUS508", file, "takes the schema of `unseen.order.v1-value` for its version 1, whose text differs"];
    scratch.edit(file, "The order's id.", "What the order is called.");
    assert_settled(&scratch);
    plan(&scratch).ended(0).shows(&told);
    scratch.run(&["apply", "--yes"]).ended(0).shows(&told);

    // Together with something that it sees, the new text is taken over.
    scratch.edit(
        file,
        "\" }]",
        r#"" }, { "name": "note", "type": ["null", "string"], "default": null, "doc": "A word." }]"#,
    );
    apply(&scratch);
    let kept = latest(bus, "unseen.order.v1-value").await;
    assert!(kept.version == 2 && kept.schema.text.contains("What the order is called."), "{}", kept.schema.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_taken_back_does_not_become_the_newest_again() {
    let bus = bus().await;
    let scratch = workspace(bus, "back");
    apply(&scratch);
    let file = "schemas/back/back.order.v1.avsc";
    scratch.write(file, order_with_note("back"));
    apply(&scratch);
    scratch.write(file, order("back"));
    let told = ["BUS509", file, "is its version 1, and the registry's newest is version 2", "behind 1"];
    assert_settled(&scratch);
    plan(&scratch).ended(0).shows(&told);
    scratch.run(&["apply", "--yes"]).ended(0).shows(&told);
    assert_eq!(latest(bus, "back.order.v1-value").await.version, 2);

    // Both ways out.
    scratch.write(file, order("back").replace(" }]", r#", "default": "none" }]"#));
    apply(&scratch);
    assert_eq!(latest(bus, "back.order.v1-value").await.version, 3);
    scratch.write(file, order_with_note("back"));
    plan(&scratch).ended(0).shows(&["newest is version 3", "behind 2"]);
    delete(&format!("{}/subjects/back.order.v1-value/versions/3", bus.registry.url)).await;
    assert_settled(&scratch);
}

#[tokio::test]
async fn samples_are_read_with_every_version_of_the_registry() {
    let bus = bus().await;
    let scratch = workspace(bus, "samples");
    let manifest = topic("samples", "order") + "schema: { compatibility: forward_transitive }\n";
    scratch.write(&topic_file("samples", "order"), manifest);
    let path = "schemas/samples/samples.order.v1.avsc";
    for version in [order("samples"), order_with_note("samples")] {
        scratch.write(path, version);
        apply(&scratch);
    }
    let folder = "schemas/samples/fixtures/samples.order.v1";
    scratch.write(&format!("{folder}/plain.json"), r#"{ "id": "a", "note": null }"#);
    let test = || scratch.run(&["schema", "test", "--cluster", "main"]);
    // The second version is the present one; the first has no file in Git.
    test().ended(0).says(&["1 sample of 1 schema, 2 readings."]);
    scratch.write(path, order("samples").replace("\"id\"", "\"number\""));
    scratch.write(&format!("{folder}/plain.json"), r#"{ "number": "a" }"#);
    let run = test().ended(3);
    for version in [1, 2] {
        let said = format!("a consumer on version {version} of the registry cannot read the sample `plain.json` of v1");
        assert!(run.out.contains(&said), "{}", run.out);
    }
}

#[tokio::test]
async fn versions_of_the_registry_are_read_with_what_they_refer_to_there() {
    let bus = bus().await;
    let scratch = formats(bus, "referred");
    apply(&scratch);
    // The manifests of today have another name for what the registered version refers to.
    let order = "schemas/referred/referred.order.v1.avsc";
    let refers = "schema:\n  compatibility: forward_transitive\n  references: [{ name: example.referred.Amount, subject: referred.money }]\n";
    scratch.write(&topic_file("referred", "order"), topic("referred", "order") + refers);
    scratch.write("schemas/referred/money.avsc", money("referred", "").replace("Money", "Amount"));
    scratch.write(order, scratch.read(order).replace("Money", "Amount"));
    scratch.write("schemas/referred/fixtures/referred.order.v1/x.json", r#"{ "id": "a", "total": { "cents": 1 } }"#);
    let run = scratch.run(&["schema", "test", "referred.order.v1", "--cluster", "main"]);
    run.ended(0).says(&["1 sample of 1 schema, 2 readings."]);
}
