use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use super::*;
use crate::dlq::{Condition, Form, Queue, ShownRecord, Told, Triage, masked_of};
use crate::model::Subject;
use crate::ports::records::{Header, Record};
use crate::ports::schemas::{LatestSchema, SchemaId, SchemaSource, StoredSchema};
use crate::ports::{Failure, FailureKind};
use crate::resources::{Workspace, WorkspaceFiles, load};
use crate::schema::SchemaFormat;

/// A registry in memory: schemas by id, each with its subject. The last one of a subject is its newest.
#[derive(Default, Clone)]
pub(in crate::dlq) struct Memory {
    schemas: BTreeMap<u64, (Subject, StoredSchema)>,
    asked: Arc<AtomicUsize>,
}

impl Memory {
    pub fn with(mut self, id: u64, subject: &str, format: SchemaFormat, text: &str) -> Self {
        let stored = StoredSchema { format, text: text.to_owned(), references: Vec::new() };
        self.schemas.insert(id, (subject.parse().expect("a subject"), stored));
        self
    }
}

impl SchemaSource for Memory {
    fn server(&self) -> &str {
        "http://registry"
    }

    fn schema(&self, id: SchemaId) -> Result<Option<StoredSchema>, Failure> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let SchemaId::Number(id) = id else { return Ok(None) };
        Ok(self.schemas.get(&id).map(|(_, schema)| schema.clone()))
    }

    fn latest(&self, subject: &Subject) -> Result<Option<LatestSchema>, Failure> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut of_subject = self.schemas.iter().filter(|(_, (of, _))| of == subject);
        let version = of_subject.clone().count() as u32;
        let newest = of_subject.next_back();
        Ok(newest.map(|(id, (_, schema))| LatestSchema { version, id: *id, guid: None, schema: schema.clone() }))
    }

    fn subjects(&self, id: SchemaId) -> Result<Vec<Subject>, Failure> {
        let SchemaId::Number(id) = id else { return Ok(Vec::new()) };
        Ok(self.schemas.get(&id).map(|(subject, _)| subject.clone()).into_iter().collect())
    }
}

/// Nobody answers.
struct Silent(Arc<AtomicUsize>);

fn silence() -> Failure {
    Failure {
        kind: FailureKind::Unreachable,
        tried: "read a schema".into(),
        server: "http://registry".into(),
        answer: "connection refused".into(),
        hint: None,
    }
}

impl SchemaSource for Silent {
    fn server(&self) -> &str {
        "http://registry"
    }

    fn schema(&self, _: SchemaId) -> Result<Option<StoredSchema>, Failure> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(silence())
    }

    fn latest(&self, _: &Subject) -> Result<Option<LatestSchema>, Failure> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(silence())
    }

    fn subjects(&self, _: SchemaId) -> Result<Vec<Subject>, Failure> {
        Err(silence())
    }
}

pub(in crate::dlq) fn workspace(files: &[(&str, &str)]) -> Workspace {
    const DOMAIN: (&str, &str) = ("catalog/catalog.yaml", "domains:\n  shop: { owner: sales }\n");
    let files = [("busctl.yaml", "version: 1\n"), DOMAIN].into_iter().chain(files.iter().copied());
    let texts = files.map(|(path, text)| (path.into(), Ok(text.into()))).collect();
    load(WorkspaceFiles { texts, ..WorkspaceFiles::default() }).0
}

pub(in crate::dlq) fn queue() -> Queue {
    let topic = "orders.dlq".parse().expect("a topic");
    Queue { topic, origin: "orders".parse().ok(), service: None, owner: None, thresholds: None, is_declared: true }
}

const TOPIC: &str = "topics/shop/shop.order.v1.yaml";
const SCHEMA: &str = "schemas/shop/shop.order.v1.avsc";

fn declared_queue() -> Queue {
    Queue { origin: "shop.order.v1".parse().ok(), ..queue() }
}

fn decoder<'w>(workspace: &'w Workspace, memory: &Memory) -> Decoder<'w> {
    Decoder::new(workspace, &queue(), Some(Ok(Box::new(memory.clone()))))
}

fn shown(decoder: &Decoder<'_>, letter: &Record<'_>, is_open: bool) -> serde_json::Value {
    let record = ShownRecord::of(letter, decoder, false, is_open);
    serde_json::to_value(&record).expect("it is JSON")
}

pub(in crate::dlq) fn letter<'r>(value: &'r [u8], headers: &'r [Header<'r>]) -> Record<'r> {
    Record { partition: 0, offset: 0, timestamp: None, key: None, value: Some(value), headers }
}

pub(in crate::dlq) fn framed_by(id: u32, body: &[u8]) -> Vec<u8> {
    [&[0], &id.to_be_bytes()[..], body].concat()
}

pub(in crate::dlq) const PERSON: &str = r#"{"type":"record","name":"P","fields":[{"name":"id","type":"string"},
    {"name":"mail","type":["null","string"],"pii":true}]}"#;

/// `{"id": "a", "mail": "b@c"}` of [`PERSON`].
pub(in crate::dlq) const PERSON_BYTES: &[u8] = b"\x02a\x02\x06b@c";

#[test]
fn what_a_record_says_it_is_of_is_read_and_masked() {
    let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, PERSON);
    let workspace = Workspace::default();
    let decoder = decoder(&workspace, &memory);
    let value = framed_by(7, PERSON_BYTES);
    let masked = shown(&decoder, &letter(&value, &[]), false);
    assert_eq!(masked["value"]["content"], serde_json::json!({"id": "a", "mail": "(masked)"}));
    assert_eq!((&masked["value"]["masked"], &masked["value"]["schema"]["id"]), (&true.into(), &"7".into()));
    let open = shown(&decoder, &letter(&value, &[]), true);
    assert_eq!(open["value"]["content"]["mail"], "b@c");
    // Each thing is asked for once: the schema, and the newest of both subjects of both topics.
    let asked = memory.asked.load(Ordering::Relaxed);
    shown(&decoder, &letter(&value, &[]), false);
    assert_eq!(memory.asked.load(Ordering::Relaxed), asked);
}

#[test]
fn what_says_nothing_is_taken_for_the_newest_and_that_is_said() {
    let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, PERSON);
    let workspace = Workspace::default();
    let decoder = decoder(&workspace, &memory);
    let taken = shown(&decoder, &letter(PERSON_BYTES, &[]), false);
    assert_eq!(taken["value"]["schema"]["taken_for"], "version 1 of orders-value");
    assert_eq!(taken["value"]["content"]["id"], "a");
    // What is of no schema is not shown where something of it would be personal.
    let odd = shown(&decoder, &letter(b"b@c is nobody", &[]), false);
    assert_eq!((&odd["value"]["form"], odd["value"].get("content")), (&"hidden".into(), None));
    assert!(odd["value"]["tried"][0].as_str().expect("a text").starts_with("version 1 of `orders-value`: "));
    assert_eq!(shown(&decoder, &letter(b"b@c is nobody", &[]), true)["value"]["content"], "b@c is nobody");
    // JSON that nobody asked for is masked all the same.
    let json = shown(&decoder, &letter(br#"{"mail":"b@c","n":[1.50]}"#, &[]), false);
    assert_eq!(json["value"]["content"], serde_json::json!({"mail": "(masked)", "n": [1.50]}));
}

#[test]
fn exceptions_do_not_tell_what_is_masked() {
    let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, PERSON);
    let workspace = Workspace::default();
    let decoder = decoder(&workspace, &memory);
    let headers = [
        Header { name: "busctl-dlq.error-message", value: Some(b"no b@c in 'Ann' 17") },
        Header { name: "trace", value: Some(b"of b@c") },
    ];
    let value = framed_by(7, PERSON_BYTES);
    let masked = shown(&decoder, &letter(&value, &headers), false);
    assert_eq!(masked["headers"][0][1], "no (masked) in \"\" #");
    assert_eq!(masked["headers"][1][1], "of (masked)");
    let of_key = Record { key: Some(b"b@c"), ..letter(&value, &headers) };
    assert_eq!(shown(&decoder, &of_key, false)["key"]["form"], "hidden");
    let other_key = Record { key: Some(b"k-17"), ..of_key };
    assert_eq!(shown(&decoder, &other_key, false)["key"]["content"], "k-17");
    assert_eq!(shown(&decoder, &of_key, true)["key"]["content"], "b@c");
    assert_eq!(shown(&decoder, &letter(&value, &headers), true)["headers"][0][1], "no b@c in 'Ann' 17");
}

/// `{"id": "a", "mail": "Ann"}` of [`PERSON`].
const ANN: &[u8] = b"\x02a\x02\x06Ann";

/// The same, cut in the middle.
const TORN: &[u8] = b"\x02a\x02\x40Ann";

#[test]
fn groups_do_not_tell_what_is_masked() {
    let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, PERSON);
    let workspace = Workspace::default();
    let decoder = decoder(&workspace, &memory);
    let headers = [
        Header { name: "busctl-dlq.error-class", value: Some(b"no Ann here") },
        Header { name: "busctl-dlq.error-message", value: Some(b"cannot price Ann today") },
    ];
    let group = |body: &[u8]| {
        let value = framed_by(7, body);
        let record = letter(&value, &headers);
        let mut triage = Triage::new("orders");
        triage.add(&record, &Told::of(&record));
        let group = triage.groups(&|record, origin| masked_of(record, &decoder, origin)).remove(0);
        (group.class.expect("a class"), group.message.expect("a message"))
    };
    assert_eq!(group(ANN), ("no (masked) here".into(), "cannot price (masked) today".into()));
    assert_eq!(group(TORN), (MASKED.into(), MASKED.into()));
}

#[test]
fn what_is_not_decoded_is_told_by_no_header() {
    // Only the id of the record leads to what is personal.
    let memory = Memory::default().with(7, "elsewhere-value", SchemaFormat::Avro, PERSON);
    let workspace = Workspace::default();
    let decoder = decoder(&workspace, &memory);
    let headers = [
        Header { name: "trace", value: Some(b"of Ann") },
        Header { name: "busctl-dlq.error-class", value: Some(b"com.acme.E") },
        Header { name: "busctl-dlq.group", value: Some(b"no Ann") },
    ];
    let value = framed_by(7, TORN);
    let record = shown(&decoder, &letter(&value, &headers), false);
    assert_eq!(record["value"]["form"], "hidden");
    let told: Vec<_> = (0..3).map(|at| record["headers"][at][1].clone()).collect();
    assert_eq!(told, [MASKED, "com.acme.E", MASKED]);
    assert_eq!(shown(&decoder, &letter(&value, &headers), true)["headers"][0][1], "of Ann");
}

#[test]
fn an_empty_value_is_shown_as_empty() {
    let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, PERSON);
    let workspace = Workspace::default();
    let empty = shown(&decoder(&workspace, &memory), &letter(b"", &[]), false);
    assert_eq!((&empty["value"]["form"], &empty["value"]["content"]), (&"text".into(), &"".into()));
}

#[test]
fn what_a_domain_may_hold_is_masked_where_nothing_describes_it() {
    const CATALOG: (&str, &str) =
        ("catalog/catalog.yaml", "domains:\n  shop: { owner: sales, personal_data: { retention: 30d } }\n");
    let value = |files: &[(&str, &str)]| {
        let declared = workspace(files);
        let decoder = Decoder::new(&declared, &declared_queue(), None);
        shown(&decoder, &letter(br#"{"id":"x"}"#, &[]), false)["value"]["content"].clone()
    };
    let topic = (TOPIC, "topic: shop.order.v1\n");
    assert_eq!(value(&[CATALOG, topic]), MASKED);
    let schema = r#"{"type":"record","name":"P","fields":[{"name":"id","type":"string"}]}"#;
    assert_eq!(value(&[CATALOG, topic, (SCHEMA, schema)]), serde_json::json!({"id": "x"}));
}

#[test]
fn ids_that_nobody_has_are_not_asked_for_without_end() {
    let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, PERSON);
    let workspace = Workspace::default();
    let decoder = decoder(&workspace, &memory);
    let tried = |id: u32| {
        let value = framed_by(id, b"x");
        shown(&decoder, &letter(&value, &[]), false)["value"]["tried"][0].as_str().expect("why").to_owned()
    };
    (1_000..2_000).for_each(|id| drop(tried(id)));
    let asked = memory.asked.load(Ordering::Relaxed);
    assert!(tried(2_000).ends_with("the registry is not asked for more: 1000 that records name were not there"));
    assert!(tried(1_999).ends_with("has no schema 1999"));
    assert_eq!(memory.asked.load(Ordering::Relaxed), asked);
}

#[test]
fn a_condition_says_that_the_registry_could_not_be_asked() {
    static NOTHING: LazyLock<Workspace> = LazyLock::new(Workspace::default);
    let condition: Condition = "value.id == 'a'".parse().expect("a condition");
    condition.read_with(Arc::new(Decoder::new(&NOTHING, &queue(), Some(Ok(Box::new(Silent(Arc::default())))))));
    let value = framed_by(7, PERSON_BYTES);
    let record = letter(&value, &[]);
    assert!(!condition.takes(&record, &Told::of(&record), "orders"));
    let why = condition.unjudged().first_undecoded.expect("why");
    assert!(why.ends_with("; the registry could not be asked: connection refused"), "{why}");
}

#[test]
fn where_nothing_is_personal_everything_is_shown() {
    let plain = r#"{"type":"record","name":"P","fields":[{"name":"id","type":"string"}]}"#;
    let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, plain);
    let workspace = Workspace::default();
    let decoder = decoder(&workspace, &memory);
    let headers = [Header { name: "busctl-dlq.error-message", value: Some(b"no 'Ann' 17") }];
    let torn = framed_by(7, b"\x08a");
    let record = shown(&decoder, &letter(&torn, &headers), false);
    assert_eq!((&record["value"]["form"], &record["value"]["content"]), (&"hex".into(), &"0x00000000070861".into()));
    assert_eq!(record["headers"][0][1], "no 'Ann' 17");
    let unknown = framed_by(9, b"a");
    let tried = &shown(&decoder, &letter(&unknown, &[]), false)["value"]["tried"];
    assert_eq!(tried[0], "schema 9, by the four bytes in front: http://registry has no schema 9");
    let text = shown(&decoder, &letter("é\n".as_bytes(), &[]), false);
    assert_eq!((&text["value"]["form"], &text["value"]["content"]), (&"text".into(), &"é\n".into()));
}

#[test]
fn a_registry_that_is_lost_is_asked_once_and_nothing_unknown_is_shown() {
    let asked = Arc::new(AtomicUsize::new(0));
    let nobody = Workspace::default();
    let decoder = Decoder::new(&nobody, &queue(), Some(Ok(Box::new(Silent(asked.clone())))));
    let value = framed_by(7, PERSON_BYTES);
    let record = shown(&decoder, &letter(&value, &[]), false);
    assert_eq!(record["value"]["form"], "hidden");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert!(decoder.lost().is_some());
    // The manifests know that nothing of it is.
    let schema = r#"{"type":"record","name":"P","fields":[{"name":"id","type":"string"}]}"#;
    let declared = workspace(&[(TOPIC, "topic: shop.order.v1\n"), (SCHEMA, schema)]);
    let decoder = Decoder::new(&declared, &declared_queue(), Some(Ok(Box::new(Silent(asked)))));
    let record = shown(&decoder, &letter(&value, &[]), false);
    assert_eq!(record["value"]["form"], "hex");
}

#[test]
fn manifests_say_what_is_personal() {
    let declared = workspace(&[(TOPIC, "topic: shop.order.v1\nkey: mail\n"), (SCHEMA, PERSON)]);
    let none = || Decoder::new(&declared, &declared_queue(), None);
    let record = Record { key: Some(b"b@c"), ..letter(br#"{"mail":"x@y"}"#, &[]) };
    let masked = shown(&none(), &record, false);
    assert_eq!((&masked["value"]["content"]["mail"], &masked["key"]["form"]), (&"(masked)".into(), &"hidden".into()));
    // Another origin than that of the queue does not open anything.
    let elsewhere = [Header { name: "busctl-dlq.origin-topic", value: Some(b"other") }];
    assert_eq!(shown(&none(), &letter(b"x@y", &elsewhere), false)["value"]["form"], "hidden");
    let untagged = workspace(&[(TOPIC, "topic: shop.order.v1\npersonal_data: { decision: docs/a.md }\n")]);
    let decoder = Decoder::new(&untagged, &declared_queue(), None);
    let masked = shown(&decoder, &letter(br#"{"a":"x"}"#, &[]), false);
    assert_eq!(masked["value"]["content"], "(masked)");
}

#[test]
fn json_that_its_schema_does_not_take_is_read_and_told() {
    let schema = r#"{"type":"object","properties":{"id":{"type":"string"}}}"#;
    let memory = Memory::default().with(7, "orders-value", SchemaFormat::Json, schema);
    let workspace = Workspace::default();
    let decoder = decoder(&workspace, &memory);
    let value = framed_by(7, br#"{"id":1}"#);
    let record = shown(&decoder, &letter(&value, &[]), false);
    assert_eq!(record["value"]["content"], serde_json::json!({"id": 1}));
    let tried = record["value"]["tried"][0].as_str().expect("why");
    assert!(tried.starts_with("schema 7, which reads it and does not take it: "), "{tried}");
}

#[test]
fn a_form_is_written_as_it_is_documented() {
    let form = |form: Form| serde_json::to_string(&form).expect("it is JSON");
    assert_eq!(form(Form::Hidden), r#"{"form":"hidden"}"#);
    assert_eq!(form(Form::Hex("0x00".into())), r#"{"form":"hex","content":"0x00"}"#);
}
