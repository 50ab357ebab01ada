//! Keys and values: decoded by the registry, masked, filtered by and repaired.

use busctl::model::Subject;
use busctl::ports::registry::{NewSchema, Reference, Registry};
use busctl::schema::SchemaFormat;
use rdkafka::message::Message;
use serde_json::{Value, json};

use crate::queue::{Letter, Queue, Written, headers};
use crate::support::server::bus;
use crate::support::workspace::assert_valid;

/// Registers a schema, and says its id.
async fn register(subject: &str, format: SchemaFormat, text: &str, references: &[(&str, &str)]) -> u32 {
    let client = bus().await.registry.client();
    let subject: Subject = subject.parse().unwrap();
    let reference =
        |(name, of): &(&str, &str)| Reference { name: (*name).to_owned(), subject: of.parse().unwrap(), version: 1 };
    let references = references.iter().map(reference).collect();
    client.register(&subject, &NewSchema { format, text: text.to_owned(), references }).await.unwrap();
    let latest = client.latest(std::slice::from_ref(&subject)).await.remove(0).unwrap().unwrap();
    u32::try_from(latest.id).unwrap()
}

fn framed(id: u32, body: &[u8]) -> Vec<u8> {
    [&[0], &id.to_be_bytes()[..], body].concat()
}

fn write(queue: &Queue, key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Written<'_>]) {
    let writer = queue.writer();
    writer.write(&queue.topic, Letter { key, value, headers, ..Letter::default() });
    writer.flush();
}

fn show(queue: &Queue, arguments: &[&str]) -> Vec<Value> {
    let all = [&["dlq", "show", &queue.topic, "--limit", "99", "--format", "json"], arguments].concat();
    let shown = queue.scratch.run(&all).ended(0).json();
    assert_valid("dlq-show.schema.json", &shown);
    shown["records"].as_array().unwrap().clone()
}

fn person(domain: &str, more: &str) -> String {
    format!(
        r#"{{"type":"record","name":"Person","namespace":"example.{domain}","fields":[{{"name":"id","type":"string"}},
        {{"name":"mail","type":["null","string"],"pii":true}}{more}]}}"#
    )
}

/// `{"id": "a", "mail": "b@c"}`.
const PERSON: &[u8] = b"\x02a\x02\x06b@c";

#[tokio::test(flavor = "multi_thread")]
async fn each_format_is_decoded_by_what_the_record_says_of_its_schema() {
    let queue = Queue::new("decoded", 1, &[]).await;
    let value = format!("{}-value", queue.origin);
    let money =
        r#"{"type":"record","name":"Money","namespace":"example.decoded","fields":[{"name":"cents","type":"long"}]}"#;
    register("decoded-money", SchemaFormat::Avro, money, &[]).await;
    let order = r#"{"type":"record","name":"Order","namespace":"example.decoded","fields":[{"name":"total","type":"example.decoded.Money"}]}"#;
    let avro = register(&value, SchemaFormat::Avro, order, &[("example.decoded.Money", "decoded-money")]).await;
    let text = "syntax = \"proto3\"; package example.decoded; message A { string id = 1; } message B { int64 n = 1; }";
    let protobuf = register("decoded-protobuf", SchemaFormat::Protobuf, text, &[]).await;
    let schema = r#"{"title":"decoded","type":"object","properties":{"id":{"type":"string"}}}"#;
    let by_schema = register("decoded-json", SchemaFormat::Json, schema, &[]).await;
    let header = [&[0], &avro.to_be_bytes()[..]].concat();
    let in_header: [Written<'_>; 2] =
        [("__value_schema_id", Some(&header)), ("x-original-partition", Some(&[0, 0, 0, 3]))];
    let eight = [&[0], &u64::from(avro).to_be_bytes()[..], b"\x06"].concat();
    write(&queue, None, Some(&framed(avro, b"\x04")), &[]);
    write(&queue, None, Some(&framed(protobuf, b"\x02\x02\x08\x05")), &[]);
    write(&queue, None, Some(&framed(by_schema, br#"{"id":"x"}"#)), &[]);
    write(&queue, None, Some(b"\x08"), &in_header);
    write(&queue, None, Some(&eight), &[]);
    write(&queue, Some(b"k"), Some(b"\x0a"), &[]);
    write(&queue, None, Some(&framed(u32::MAX, b"x")), &[]);
    write(&queue, None, None, &[]);
    let shown = show(&queue, &[]);
    let content = |number: usize| &shown[number]["value"]["content"];
    assert_eq!(content(0), &json!({"total": {"cents": 2}}));
    assert_eq!(content(1), &json!({"n": 5}));
    assert_eq!(shown[1]["value"]["schema"]["message"], "example.decoded.B");
    assert_eq!(content(2), &json!({"id": "x"}));
    assert_eq!(content(3), &json!({"total": {"cents": 4}}));
    assert_eq!(
        shown[3]["headers"],
        json!([["__value_schema_id", format!("schema {avro}")], ["x-original-partition", "3"]])
    );
    assert_eq!(content(4), &json!({"total": {"cents": 3}}));
    assert_eq!((content(5), &shown[5]["key"]["content"]), (&json!({"total": {"cents": 5}}), &json!("k")));
    assert_eq!(shown[5]["value"]["schema"]["taken_for"], format!("version 1 of {value}"));
    assert_eq!((&shown[6]["value"]["form"], content(6)), (&json!("hex"), &json!("0x00ffffffff78")));
    assert!(shown[6]["value"]["tried"][0].as_str().unwrap().contains("has no schema 4294967295"), "{}", shown[6]);
    assert_eq!(shown[7]["value"], Value::Null);
    let table = queue.scratch.run(&["dlq", "show", &queue.topic, "--offset", "5"]).ended(0);
    table.shows(&["as nothing says which", "\"total\": { \"cents\": 5 }"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_masked_and_who_sees_it_is_recorded() {
    let queue = Queue::new("masked", 1, &[]).await;
    let id = register(&format!("{}-value", queue.origin), SchemaFormat::Avro, &person("masked", ""), &[]).await;
    let of: [Written<'_>; 1] = [("busctl-dlq.error-message", Some(b"no user b@c"))];
    write(&queue, Some(b"k"), Some(&framed(id, PERSON)), &of);
    write(&queue, Some(b"k"), Some(&framed(id, b"\x02b\x02\x06x@y!")), &of);
    let closed = show(&queue, &[]);
    assert_eq!(closed[0]["value"]["content"], json!({"id": "a", "mail": "(masked)"}));
    assert_eq!(closed[0]["headers"][0][1], "no user (masked)");
    assert_eq!(closed[1]["headers"][0][1], "(masked)");
    assert_eq!((&closed[1]["value"]["form"], closed[1]["value"].get("content")), (&json!("hidden"), None));
    for format in ["text", "markdown"] {
        let run = queue.scratch.run(&["dlq", "show", &queue.topic, "--limit", "9", "--format", format]).ended(0);
        assert!(!run.out.contains("b@c") && !run.out.contains("x@y") && !run.out.contains("782140"), "{}", run.out);
    }
    let open = show(&queue, &["--unmask", "--reason", "INC-7", "--key", "k"]);
    assert_eq!(open[0]["value"]["content"]["mail"], "b@c");
    assert_eq!(open[1]["value"]["form"], "hex");
    let audit = queue.scratch.run(&["audit", "--resource", &format!("topic/{}", queue.topic), "--format", "json"]);
    let audit = audit.ended(0).json();
    assert_valid("audit.schema.json", &audit);
    let [entry] = audit["entries"].as_array().unwrap().as_slice() else { panic!("{audit}") };
    let unmasked = json!({
        "cluster": "main", "records": ["0/0..1"], "count": 2, "filter": ["--key k"], "reason": "INC-7"
    });
    assert_eq!((&entry["unmasked"], &entry["status"]), (&unmasked, &json!("done")));
    let listed = queue.scratch.run(&["audit", "--resource", &format!("topic/{}", queue.topic), "--verbose"]).ended(0);
    listed.shows(&["unmask", "personal data was shown of 2 records: 0/0..1", "because: INC-7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_does_not_answer_is_said_and_the_bytes_are_shown() {
    let queue = Queue::new("lost", 1, &[]).await;
    queue.scratch.write("clusters/registry.yaml", "registry: main\nurl: http://127.0.0.1:9/apis\n");
    write(&queue, None, Some(&framed(3, b"ab")), &[]);
    let run = queue.scratch.run(&["dlq", "show", &queue.topic]).ended(0);
    run.shows(&["Schemas could not be had", "its schema could not be had; --unmask shows it"]);
    // The manifest says that nothing of it is personal.
    queue.scratch.write(
        &format!("schemas/lost/{}.avsc", queue.origin),
        r#"{"type":"record","name":"R","doc":"R.","fields":[{"name":"id","type":"string","doc":"Id."}]}"#,
    );
    queue.scratch.run(&["dlq", "show", &queue.topic]).ended(0).shows(&["Schemas could not be had", "0x00000000036162"]);
    // That nothing is meant, or repaired, is no answer where nothing could be read.
    for more in [["--where", "value.id == 'a'"], ["--transform", "value"]] {
        let run = queue.scratch.run(&[&["dlq", "reprocess", &queue.topic], &more[..]].concat()).ended(1);
        assert!(run.out.contains("Connection refused"), "{}{}", run.out, run.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_chooses_by_what_records_hold() {
    let queue = Queue::new("chosen", 1, &[]).await;
    let text =
        r#"{"type":"record","name":"Order","namespace":"example.chosen","fields":[{"name":"price","type":"long"}]}"#;
    let id = register(&format!("{}-value", queue.origin), SchemaFormat::Avro, text, &[]).await;
    let of: [Written<'_>; 1] = [("tenant", Some(b"a"))];
    for price in 0..10_u8 {
        write(&queue, None, Some(&framed(id, &[price * 2])), &of);
    }
    write(&queue, None, Some(&framed(u32::MAX, b"x")), &of);
    write(&queue, None, None, &of);
    let expression = "value.price >= 7 && headers.tenant == 'a'";
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--where", expression, "--format", "json"]);
    let triage = triage.ended(0).json();
    assert_valid("dlq-triage.schema.json", &triage);
    assert_eq!((&triage["waiting"], &triage["left_out"]), (&json!(3), &json!(9)));
    assert_eq!((&triage["unjudged"]["undecoded"], &triage["unjudged"]["failed"]), (&json!(1), &json!(1)));
    assert_eq!(show(&queue, &["--where", expression]).len(), 3);
    let run = |arguments: &[&str]| queue.scratch.run(&[&["dlq", "reprocess", &queue.topic], arguments].concat());
    run(&["--where", "value.pirce > 1 &&"]).ended(64).says(&["column", "--where"]);
    run(&["--where", "valeu.price > 1"]).ended(64).says(&["column 1: there is no `valeu`; did you mean `value`?"]);
    run(&["--where", expression]).ended(0).shows(&[
        "3 records would be sent to chosen.order.v1",
        "1 record not matched by --where: not decoded, such as partition 0 offset 10",
        "1 record not matched by --where: it says nothing of them, such as partition 0 offset 11",
    ]);
    let sent = run(&["--where", expression, "--yes", "--format", "json"]).ended(0).json();
    assert_valid("dlq-settling.schema.json", &sent);
    assert_eq!(sent["sent"], json!({ &*queue.origin: 3 }));
    let ledger = queue.scratch.run(&["dlq", "ledger", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!(ledger["runs"][sent["run"].as_str().unwrap()]["filter"], json!([format!("--where {expression}")]));
    let export = queue.scratch.path("given.jsonl").display().to_string();
    let discard =
        ["dlq", "discard", &queue.topic, "--where", "value.price < 2", "--reason", "old", "--export", &export];
    queue.scratch.run(&discard).ended(0).shows(&["2 records would be given up"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_repaired_by_the_newest_schema() {
    let queue = Queue::new("repaired", 1, &[]).await;
    let subject = format!("{}-value", queue.origin);
    let old = register(&subject, SchemaFormat::Avro, &person("repaired", ""), &[]).await;
    let price = r#",{"name":"price","type":"long","default":3}"#;
    let new = register(&subject, SchemaFormat::Avro, &person("repaired", price), &[]).await;
    assert_ne!(old, new);
    let of: [Written<'_>; 2] = [("trace", Some(b"t")), ("busctl-dlq.error-class", Some(b"BadId"))];
    write(&queue, Some(b"k"), Some(&framed(old, PERSON)), &of);
    write(&queue, Some(b"k"), Some(&framed(old, b"\x02b\x00")), &of);
    write(&queue, Some(b"gone"), None, &of);
    write(&queue, None, Some(&framed(u32::MAX, b"x")), &of);
    queue.scratch.write(
        "repair.cel",
        "value.id == 'b'\n  ? value.with({'price': 'free'})\n  : value.with({'id': 'x-' + value.id})\n",
    );
    let file = queue.scratch.path("repair.cel").display().to_string();
    let run = |arguments: &[&str]| queue.scratch.run(&[&["dlq", "reprocess", &queue.topic], arguments].concat());
    run(&["--transform", "none.cel"]).ended(64).says(&["--transform: could not read none.cel"]);
    run(&["--transform", "valeu"]).ended(64).says(&["did you mean `value`?", "there is no file of that name"]);
    let dry = run(&["--transform", &file]).ended(0);
    assert!(!dry.out.contains("b@c"), "{}", dry.out);
    dry.shows(&[
        "2 records would be sent to repaired.order.v1",
        "1 record stays: what --transform makes of them does not fit the newest schema of repaired.order.v1-value",
        "1 record stays: they cannot be decoded",
        "1 record would be transformed by sha256:",
        "partition 0 offset 0 before: { \"id\": \"a\", \"mail\": \"(masked)\" }",
        "partition 0 offset 0 after:  { \"id\": \"x-a\", \"mail\": \"(masked)\" }",
        "not transformed: partition 0 offset 1: by version 2: at `price`",
    ]);
    assert!(queue.read(&queue.origin).is_empty());
    let sent = run(&["--transform", &file, "--yes", "--format", "json"]).ended(0).json();
    assert_valid("dlq-settling.schema.json", &sent);
    assert_eq!((&sent["sent"][&*queue.origin], &sent["transform"]["transformed"]), (&json!(2), &json!(1)));
    let arrived = queue.read(&queue.origin);
    assert_eq!(arrived[0].payload(), Some(&framed(new, b"\x06x-a\x02\x06b@c\x06")[..]));
    assert_eq!((arrived[0].key(), arrived[1].key(), arrived[1].payload()), (Some(&b"k"[..]), Some(&b"gone"[..]), None));
    assert_eq!(headers(&arrived[0])["trace"].as_deref(), Some(&b"t"[..]));
    let ledger = queue.scratch.run(&["dlq", "ledger", &queue.topic, "--format", "json"]).ended(0).json();
    assert_valid("dlq-ledger.schema.json", &ledger);
    let of_run = &ledger["runs"][sent["run"].as_str().unwrap()];
    assert_eq!(of_run["transform"], sent["transform"]["digest"]);
    let transformed: Vec<_> =
        ledger["letters"].as_array().unwrap().iter().map(|of| of["transformed"].clone()).collect();
    assert_eq!(transformed, [json!(true), Value::Null]);
    queue.scratch.run(&["dlq", "ledger", &queue.topic]).ended(0).shows(&["transformed by sha256:"]);
}
