//! Versions that only a registry has.

use serde_json::{Value, json};

use super::{ID, TOPIC, avro, history, test};
use crate::support::workspace::Scratch;

/// Saves a registry with this newest version of the topic's subject, and these versions beside it, as `live.json`.
fn save_registry(scratch: &Scratch, latest: &Value, versions: &Value) {
    for (path, text) in busctl::policy::BASE.iter().filter(|(path, _)| path.starts_with("clusters/")) {
        scratch.write(path, text);
    }
    let subject = json!({ "latest": latest, "compatibility": { "known": null } });
    let info = json!({ "compatibility": "BACKWARD", "mode": "READWRITE" });
    let registry = json!({ "info": info, "subjects": { "media.track.v1-value": subject }, "others": [] });
    let live = json!({
        "format_version": 1,
        "name": "production",
        "cluster": { "id": "KjaDqFKeSJGm-ebAeEki8g", "brokers": [], "controller": null },
        "topics": { "topics": {}, "hidden": {}, "defaults": {} },
        "acls": { "known": [] },
        "quotas": { "known": [] },
        "registry": { "known": registry },
        "versions": versions,
    });
    scratch.write("live.json", live.to_string());
}

fn registered(version: u32, text: &str, references: &Value) -> Value {
    json!({ "known": { "version": version, "id": version, "format": "AVRO", "text": text, "references": references } })
}

#[test]
fn versions_of_the_registry_read_too() {
    let scratch = history(&[&avro(ID)], &[("plain.json", r#"{ "id": "a" }"#)]);
    scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ compatibility: full }}\n"));
    let snapshot = |latest: &Value| {
        save_registry(&scratch, latest, &json!(null));
        test(&scratch, &["--live", "live.json"])
    };
    // What Git has is not read twice.
    snapshot(&registered(7, &avro(ID), &json!([]))).ended(0).says(&["1 sample of 1 schema, 1 reading."]);
    let bitrate = avro(&format!("{ID},\n    {{ \"name\": \"bitrate\", \"type\": \"int\" }}"));
    snapshot(&registered(7, &bitrate, &json!([]))).ended(3).shows(&[
        "a consumer on version 7 of the registry cannot read the sample `plain.json` of v1",
        "media.track.v1-value version 7 (registry):7:15",
    ]);
    // One that was registered behind the present one reads as well.
    let versions = json!({
        "numbers": { "media.track.v1-value": { "known": [6, 7] } },
        "versions": { "media.track.v1-value": [{ "number": 6, "found": registered(6, &avro(ID), &json!([])) }] },
    });
    save_registry(&scratch, &registered(7, &bitrate, &json!([])), &versions);
    test(&scratch, &["--live", "live.json"]).ended(3).shows(&["a consumer on version 7 of the registry cannot read"]);
    snapshot(&json!({ "known": null })).ended(0).says(&["1 sample of 1 schema, 1 reading."]);
}

#[test]
fn versions_of_the_registry_are_read_with_what_they_refer_to_there() {
    let price = |name: &str, of: &str| {
        format!(r#"{{ "type": "record", "name": "{name}", "fields": [{{ "name": "cents", "type": "{of}" }}] }}"#)
    };
    let with = |price: &str| avro(&format!("{ID},\n    {{ \"name\": \"price\", \"type\": \"{price}\" }}"));
    let scratch = history(&[&with("a.Price")], &[("x.json", r#"{ "id": "a", "price": { "cents": 1 } }"#)]);
    let refers = "schema: { compatibility: full_transitive, references: [{ name: a.Price, subject: price }] }\n";
    scratch.write("topics/track.yaml", format!("{TOPIC}{refers}"));
    scratch.write("schemas/media/price.yaml", "subject: price\nschema: price.avsc\n");
    scratch.write("schemas/media/price.avsc", price("a.Price", "long"));
    scratch.write("schemas/media/fixtures/price/x.json", r#"{ "cents": 1 }"#);
    let to = |name: &str, version: u32| json!([{ "name": name, "subject": "price", "version": version }]);
    let prices = json!([
        { "number": 1, "found": registered(1, &price("a.Cost", "long"), &json!([])) },
        { "number": 2, "found": registered(2, &price("a.Price", "int"), &json!([])) },
        { "number": 3, "found": registered(3, &price("a.Price", "long"), &json!([])) },
    ]);
    let save = |newest: u32, first: &Value| {
        let versions = json!({
            "numbers": { "media.track.v1-value": { "known": [1, 2] } },
            "versions": { "media.track.v1-value": [{ "number": 1, "found": first }], "price": prices },
        });
        save_registry(&scratch, &registered(2, &with("a.Price"), &to("a.Price", newest)), &versions);
        test(&scratch, &["--live", "live.json"])
    };
    // The first one knows the price by another name; the second is what Git has.
    let first = registered(1, &with("a.Cost"), &to("a.Cost", 1));
    save(3, &first).ended(0).says(&["2 samples of 2 schemas, 3 readings."]);
    // The text is that of Git, and the price was another one then.
    save(2, &first).ended(3).shows(&[
        "a consumer on version 2 of the registry cannot read the sample `x.json` of v1: it is `long`, and the reader expects",
        "1 error in 1 file",
    ]);
    // What could not be seen is not taken for absent.
    save(4, &first).ended(1).says(&["the snapshot does not have version 4 of `price`", "a new snapshot"]);
    let failure = |tried: &str| json!({ "hidden": { "kind": "authorization", "tried": tried, "server": "http://r", "answer": "403", "hint": null } });
    save(3, &failure("read version 1")).ended(1).says(&["could not read version 1 on http://r: 403"]);
    let numbers = json!({ "numbers": { "media.track.v1-value": failure("list the versions") } });
    save_registry(&scratch, &registered(2, &with("a.Price"), &json!([])), &numbers);
    test(&scratch, &["--live", "live.json"]).ended(1).says(&["could not list the versions on http://r: 403"]);
}
