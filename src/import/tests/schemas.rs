//! Schemas, and samples of records.

use super::*;

#[test]
fn schemas_are_written_for_people_with_their_versions() {
    let made = imported(&bus(), &Workspace::default(), &[]);
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.placed.v1.avsc"), @r#"
    {
      "type": "record",
      "name": "Placed",
      "doc": "version 3",
      "fields": [
        { "name": "id", "type": "string" }
      ]
    }
    "#);
    let versions = made.created.keys().filter(|path| path.starts_with("schemas/orders/versions"));
    let versions: Vec<_> = versions.map(|path| path.display().to_string()).collect();
    assert_eq!(
        versions,
        ["1.avsc", "1.yaml", "2.avsc", "2.yaml"].map(|file| format!("schemas/orders/versions/orders.placed.v1/{file}"))
    );
    let record = text(&made, "schemas/orders/versions/orders.placed.v1/1.yaml");
    assert!(record.contains("subject: orders.money, version: "), "{record}");
    // One topic has one level, and the key's is another.
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.placed.v1-key.yaml"), @r"
    subject: orders.placed.v1-key
    schema: orders.placed.v1-key.avsc
    compatibility: none
    ");
    insta::assert_snapshot!(text(&made, "schemas/orders/orders.money.yaml"), @r"
    subject: orders.money
    schema: orders.money.avsc
    ");
}

/// A record of schema `id`: a frame, and `id` as its only field. Or what no serializer of a registry wrote.
fn framed(id: u8, text: &str) -> Vec<u8> {
    [&[0, 0, 0, 0, id, text.len() as u8 * 2], text.as_bytes()].concat()
}

fn record(key: Option<&[u8]>, value: &[u8]) -> StoredRecord {
    let (key, value) = (key.map(<[u8]>::to_vec), Some(value.to_vec()));
    StoredRecord { partition: 0, offset: 0, key, value, timestamp: None, headers: Vec::new() }
}

#[test]
fn samples_are_made_of_the_records_that_are_of_their_schema() {
    let mut found = bus();
    let records = [
        record(None, b"order"),
        record(None, b"[1]"),
        record(None, &framed(2, "first")),
        record(None, &framed(2, "b")),
    ];
    found.records = [("orders.placed.v1".parse().expect("a name"), Ok(records.into()))].into();
    let made = imported(&found, &workspace(&[]), &[]);
    let folder = "schemas/orders/fixtures/orders.placed.v1";
    assert_eq!(text(&made, &format!("{folder}/sampled-1.json")), "{ \"id\": \"first\" }\n");
    assert!(!made.created.contains_key(Path::new(&format!("{folder}/sampled-2.json"))), "{:?}", made.created.keys());
    let left: Vec<_> = made.left.iter().filter(|left| left.starts_with("a sample of orders.placed.v1: ")).collect();
    assert_eq!(left.len(), 1, "{:?}", made.left);
    assert!(left[0].ends_with("; 1 record left out too"), "{left:?}");
}

#[test]
fn keys_are_sampled_where_their_schema_has_a_manifest_of_its_own() {
    let mut found = bus();
    let mut key = subject("Key", 1, None);
    (key.latest.schema.text, key.latest.id) = ("\"string\"".to_owned(), 9);
    let registry = found.registry.as_mut().expect("there is one");
    registry.subjects.insert("orders.placed.v1-key".parse().expect("a subject"), key);
    let records = [record(Some(&framed(9, "k-1")), &framed(2, "first"))];
    found.records = [("orders.placed.v1".parse().expect("a name"), Ok(records.into()))].into();
    let made = imported(&found, &workspace(&[]), &[]);
    // The value refers to another schema and the key does not.
    assert!(text(&made, "schemas/orders/orders.placed.v1-key.yaml").contains("subject: orders.placed.v1-key"));
    let of = |name: &str| text(&made, &format!("schemas/orders/fixtures/{name}/sampled-1.json"));
    assert_eq!(of("orders.placed.v1-key"), "\"k-1\"\n");
    assert_eq!(of("orders.placed.v1"), "{ \"id\": \"first\" }\n");
}

#[test]
fn one_topic_concerns_few_subjects() {
    let found = bus();
    let concerned = |only: &str| {
        let subjects = concerned(&found, &[only.parse().expect("a pattern")]);
        subjects.into_iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(concerned("orders.placed.v1"), ["orders.money", "orders.placed.v1-key", "orders.placed.v1-value"]);
    assert!(concerned("customers.*").is_empty());
}
