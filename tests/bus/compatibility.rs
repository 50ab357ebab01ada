//! What a plan says of schemas that consumers do not survive, and what the registry says of them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use busctl::model::Subject;
use busctl::ports::registry::Registry;
use busctl::schema::Compatibility;

use crate::sample::{apply, assert_settled, findings, order_with_note, plan, topic, topic_file, workspace};
use crate::schemas::{formats, latest, money};
use crate::server::bus;
use crate::support::registries::{APICURIO_3, RunningRegistry};
use crate::support::workspace::{Run, Scratch, assert_valid};

/// Each finding of a plan about schemas, and what is said of each change of one.
fn seen(run: &Run) -> String {
    let plan = run.json();
    assert_valid("plan.schema.json", &plan);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = Vec::new();
    for change in plan["changes"].as_array().unwrap() {
        if text(&change["address"]).starts_with("schema/") {
            lines.push(format!("{} {}", text(&change["address"]), text(&change["verification"]["state"])));
            lines.extend(change["impact"].as_array().unwrap().iter().map(|sentence| format!("! {}", text(sentence))));
        }
    }
    for finding in plan["findings"].as_array().unwrap() {
        let place = &finding["place"];
        let place = format!("{}:{}:{}", text(&place["file"]), place["line"], place["column"]);
        lines.push(format!("{} {} {place}", text(&finding["code"]), text(&finding["level"])));
        lines.push(format!("  {}", text(&finding["message"])));
        lines.push(format!("  help: {}", text(&finding["help"])));
    }
    lines.join("\n")
}

fn from_snapshot(scratch: &Scratch) -> Run {
    scratch.run(&["plan", "--live", "live.json", "--format", "json"])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_consumers_do_not_survive_is_not_applied() {
    let bus = bus().await;
    let scratch = workspace(bus, "breaking");
    apply(&scratch);
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    let file = "schemas/breaking/breaking.order.v1.avsc";
    scratch.edit(file, "\"name\": \"id\", \"type\": \"string\"", "\"name\": \"id\", \"type\": \"long\"");
    insta::assert_snapshot!(seen(&plan(&scratch).ended(3)), @r#"
    schema/breaking.order.v1-value refused
    BUS510 error schemas/breaking/breaking.order.v1.avsc:6:38
      `breaking.order.v1-value` at backward: a consumer on v2 cannot read records of v1: field `id` of `Order`: the reader's `long` cannot read the writer's `string` (at /fields/0/type; version 1 in the registry has `"string"` at 1:113)
      help: keep the type, or put the new one into a new field with a default; or make a new major version of the topic: `busctl new version breaking.order.v1`
    "#);
    insta::assert_snapshot!(seen(&from_snapshot(&scratch).ended(3)), @r#"
    schema/breaking.order.v1-value offline
    BUS510 error schemas/breaking/breaking.order.v1.avsc:6:38
      `breaking.order.v1-value` at backward: a consumer on v2 cannot read records of v1: field `id` of `Order`: the reader's `long` cannot read the writer's `string` (at /fields/0/type; version 1 in the registry has `"string"` at 1:113)
      help: keep the type, or put the new one into a new field with a default; or make a new major version of the topic: `busctl new version breaking.order.v1`
    "#);
    let refused = scratch.run(&["apply", "--yes"]).ended(3);
    refused.says(&["nothing was changed", "--exclude ADDRESS"]).shows(&["BUS510", "busctl new version"]);
    assert_eq!(latest(bus, "breaking.order.v1-value").await.version, 1);

    // What does not belong to it is not held up.
    scratch.edit(&topic_file("breaking", "order"), "key: id", "key: id\nconfig: { max.message.bytes: 2MiB }");
    scratch.run(&["apply", "--yes", "--exclude", "schema/*"]).ended(0).shows(&["1 done"]);
    scratch.write(file, order_with_note("breaking"));
    apply(&scratch);
    assert_eq!(latest(bus, "breaking.order.v1-value").await.version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_registry_judges_otherwise_both_are_shown_and_it_decides() {
    let bus = bus().await;
    let scratch = formats(bus, "judges");
    apply(&scratch);
    let stock = "schemas/judges/judges.stock.v1.proto";
    // Confluent minds another package, by which serializers name the messages of a file; Apicurio does not.
    scratch.edit(stock, "package example.judges;", "package example.judged;");
    insta::assert_snapshot!(seen(&plan(&scratch).ended(0)), @"
    schema/judges.stock.v1-value verified
    BUS512 warn schemas/judges/judges.stock.v1.proto:2:1
      `judges.stock.v1-value` at backward: busctl finds the schema incompatible, the registry says that it may follow: a consumer on v2 cannot read records of v1: every message has another full name: package `example.judges` became package `example.judged` (at #/; version 1 in the registry has `package example.judges;` at 2:1)
      help: the registry decides: see whether your consumers survive it; if not, keep package `example.judges`, or start a new version of the topic (`busctl new version judges.stock.v1`)
    ");
    apply(&scratch);
    assert_eq!(latest(bus, "judges.stock.v1-value").await.version, 2);

    // Apicurio minds another name of a field, which no record in the binary encoding has.
    scratch.edit(stock, "string id = 1;", "string article = 1;");
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    insta::assert_snapshot!(seen(&plan(&scratch).ended(3)), @"
    schema/judges.stock.v1-value refused
    BUS511 error schemas/judges/judges.stock.v1.proto:1:1
      `judges.stock.v1-value` at backward: busctl finds the schema compatible, the registry finds it incompatible: it gives no reason (Apicurio says why only when a version is registered): compare the schema with the subject's newest version
      help: the registry decides, and goes by rules of its own where it is not Confluent's: change what it does not take, or make a new major version of the topic: `busctl new version judges.stock.v1`
    ");
    scratch.run(&["apply", "--yes"]).ended(3).says(&["nothing was changed"]);
    assert_eq!(latest(bus, "judges.stock.v1-value").await.version, 2);
    // Where nobody can be asked, busctl decides.
    insta::assert_snapshot!(seen(&from_snapshot(&scratch).ended(0)), @"schema/judges.stock.v1-value offline");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_level_that_a_subject_has_and_the_one_that_the_plan_sets_are_both_named() {
    let bus = bus().await;
    let scratch = workspace(bus, "levels");
    apply(&scratch);
    let subject: Subject = "levels.order.v1-value".parse().unwrap();
    bus.registry.client().set_compatibility(&subject, Compatibility::FullTransitive).await.unwrap();
    let file = "schemas/levels/levels.order.v1.avsc";
    // Who has the first version needs the id. The level by hand minds that, the one of the manifest, backward, does not.
    scratch.edit(file, "\"id\"", "\"number\"");
    scratch.edit(file, "\"string\"", "\"string\", \"default\": \"\"");
    insta::assert_snapshot!(seen(&plan(&scratch).ended(0)), @r#"
    schema/levels.order.v1-value unverifiable
    ! the schema may follow because the level becomes backward first: at full_transitive, which the subject has now, a consumer on v1 cannot read records of v2: field `id` of `Order`: the writer does not have it, and it has no default (at /fields/0; version 1 in the registry has `"id"` at 1:99)
    "#);
    let full = topic("levels", "order") + "schema: { compatibility: full_transitive }\n";
    scratch.write(&topic_file("levels", "order"), full);
    insta::assert_snapshot!(seen(&plan(&scratch).ended(3)), @r#"
    schema/levels.order.v1-value refused
    BUS510 error schemas/levels/levels.order.v1.avsc:1:1
      `levels.order.v1-value` at full_transitive: a consumer on v1 cannot read records of v2: field `id` of `Order`: the writer does not have it, and it has no default (at /fields/0; version 1 in the registry has `"id"` at 1:99)
      help: the version in the registry stays as it is: keep the field: the earlier version has no default for it; or make a new major version of the topic: `busctl new version levels.order.v1`
    "#);
    bus.registry.client().set_compatibility(&subject, Compatibility::Backward).await.unwrap();
    insta::assert_snapshot!(seen(&plan(&scratch).ended(3)), @r#"
    schema/levels.order.v1-value unverifiable
    BUS510 error schemas/levels/levels.order.v1.avsc:1:1
      `levels.order.v1-value` at full_transitive, which this plan sets (it is backward now, at which it might follow): a consumer on v1 cannot read records of v2: field `id` of `Order`: the writer does not have it, and it has no default (at /fields/0; version 1 in the registry has `"id"` at 1:99)
      help: the version in the registry stays as it is: keep the field: the earlier version has no default for it; or make a new major version of the topic: `busctl new version levels.order.v1`
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_none_is_set_where_the_global_level_would_count() {
    let bus = bus().await;
    // The level is everybody's: this registry is the test's own.
    let registry = RunningRegistry::start(APICURIO_3).await;
    let scratch = workspace(bus, "global");
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {}\n", registry.url));
    scratch.write(&topic_file("global", "order"), topic("global", "order") + "schema: { compatibility: none }\n");
    apply(&scratch);
    let level = reqwest::Client::new()
        .put(format!("{}/config", registry.url))
        .header("content-type", "application/json")
        .body(r#"{ "compatibility": "BACKWARD" }"#);
    assert!(level.send().await.unwrap().status().is_success());
    let file = "schemas/global/global.order.v1.avsc";
    scratch.edit(file, "\"name\": \"id\", \"type\": \"string\"", "\"name\": \"id\", \"type\": \"long\"");
    // What is declared is the subject's own level, and not only what the registry answers for lack of one.
    insta::assert_snapshot!(seen(&plan(&scratch).ended(0)), @r#"
    schema/global.order.v1-value unverifiable
    ! the schema may follow because the level becomes none first: at backward, which the subject has now, a consumer on v2 cannot read records of v1: field `id` of `Order`: the reader's `long` cannot read the writer's `string` (at /fields/0/type; version 1 in the registry has `"string"` at 1:111)
    "#);
    apply(&scratch);
    scratch.run(&["plan", "--detailed-exitcode"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transitive_level_looks_at_all_versions_live_and_from_a_snapshot() {
    let bus = bus().await;
    let scratch = workspace(bus, "transitive");
    apply(&scratch);
    let file = "schemas/transitive/transitive.order.v1.avsc";
    scratch.write(file, order_with_note("transitive"));
    apply(&scratch);
    // This snapshot is of a subject whose level looks at the newest version alone.
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    let manifest = topic_file("transitive", "order");
    scratch.write(&manifest, topic("transitive", "order") + "schema: { compatibility: backward_transitive }\n");
    let more = r#""doc": "What they wrote." }, { "name": "by", "type": "string", "default": "", "doc": "Who." }"#;
    let required = order_with_note("transitive").replace(r#", "default": null"#, "");
    let required = required.replace(r#""doc": "What they wrote." }"#, more);
    scratch.write(file, &required);
    insta::assert_snapshot!(seen(&from_snapshot(&scratch).ended(0)), @"
    schema/transitive.order.v1-value offline
    BUS513 warn schemas/transitive/transitive.order.v1.avsc:1:1
      `transitive.order.v1-value` at backward_transitive, which this plan sets (it is backward now, at which it might follow): not everything was compared: its other versions: the snapshot has its newest version alone
      help: plan from the live registry, or take a new snapshot: it has all versions of the subjects that are declared and have a transitive level
    ");
    insta::assert_snapshot!(seen(&plan(&scratch).ended(3)), @r#"
    schema/transitive.order.v1-value unverifiable
    BUS510 error schemas/transitive/transitive.order.v1.avsc:6:86
      `transitive.order.v1-value` at backward_transitive, which this plan sets (it is backward now, at which it might follow): a consumer on v3 cannot read records of v1: field `note` of `Order`: the writer does not have it, and it has no default (at /fields/1; version 1 in the registry has `{"type":"record","name":"Order","namespace":"example.transit…` at 1:1)
      help: add a default to the field, or the writer's name for it as an alias if it was renamed; or make a new major version of the topic: `busctl new version transitive.order.v1`
    "#);

    // Once it has the level, the registry says so too.
    scratch.write(file, order_with_note("transitive"));
    apply(&scratch);
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    scratch.write(file, required);
    insta::assert_snapshot!(seen(&plan(&scratch).ended(3)), @r#"
    schema/transitive.order.v1-value refused
    BUS510 error schemas/transitive/transitive.order.v1.avsc:6:86
      `transitive.order.v1-value` at backward_transitive: a consumer on v3 cannot read records of v1: field `note` of `Order`: the writer does not have it, and it has no default (at /fields/1; version 1 in the registry has `{"type":"record","name":"Order","namespace":"example.transit…` at 1:1)
      help: add a default to the field, or the writer's name for it as an alias if it was renamed; or make a new major version of the topic: `busctl new version transitive.order.v1`
    "#);
    insta::assert_snapshot!(seen(&from_snapshot(&scratch).ended(3)), @r#"
    schema/transitive.order.v1-value offline
    BUS510 error schemas/transitive/transitive.order.v1.avsc:6:86
      `transitive.order.v1-value` at backward_transitive: a consumer on v3 cannot read records of v1: field `note` of `Order`: the writer does not have it, and it has no default (at /fields/1; version 1 in the registry has `{"type":"record","name":"Order","namespace":"example.transit…` at 1:1)
      help: add a default to the field, or the writer's name for it as an alias if it was renamed; or make a new major version of the topic: `busctl new version transitive.order.v1`
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_referred_to_is_compared_as_each_version_has_it() {
    let bus = bus().await;
    let scratch = formats(bus, "referring");
    apply(&scratch);
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    let required = r#", { "name": "currency", "type": "string", "doc": "ISO 4217." }"#;
    scratch.write("schemas/referring/money.avsc", money("referring", required));
    // Only what refers to it has another version then, by which a version of its own is no longer what it was.
    insta::assert_snapshot!(seen(&plan(&scratch).ended(3)), @r#"
    schema/referring.money refused
    schema/referring.order.v1-value unverifiable
    BUS510 error schemas/referring/money.avsc:2:72
      `referring.money` at backward: a consumer on v2 cannot read records of v1: field `currency` of `Money`: the writer does not have it, and it has no default (at /fields/1; version 1 in the registry has `{"type":"record","name":"Money","namespace":"example.referri…` at 1:1)
      help: add a default to the field, or the writer's name for it as an alias if it was renamed; or register the schema under a new subject
    BUS510 error schemas/referring/referring.order.v1.avsc:3:13
      `referring.order.v1-value` at backward: a consumer on v2 cannot read records of v1: field `currency` of `Money`: the writer does not have it, and it has no default (at /fields/1/type/fields/1; in `example.referring.Money`, which version 1 in the registry refers to)
      help: add a default to the field, or the writer's name for it as an alias if it was renamed; or make a new major version of the topic: `busctl new version referring.order.v1`
    "#);
    assert_eq!(findings(&from_snapshot(&scratch)), findings(&plan(&scratch)));

    // The versions before the newest one are read where a registered version refers to them.
    let optional = required.replace("\"string\"", "\"string\", \"default\": \"EUR\"");
    scratch.write("schemas/referring/money.avsc", money("referring", &optional));
    scratch.run(&["apply", "--yes", "--target", "schema/referring.money"]).ended(0);
    assert_eq!(latest(bus, "referring.order.v1-value").await.schema.references[0].version, 1);
    insta::assert_snapshot!(seen(&plan(&scratch).ended(0)), @"schema/referring.order.v1-value unverifiable");
    apply(&scratch);
}

/// The base URL of a relay to a registry, and what was asked through it. It has Confluent's API alone: what else a registry
/// has is used by how many subjects it has, which is up to the other tests.
fn recorder(registry: &str) -> (String, Arc<Mutex<Vec<String>>>) {
    let (address, path) = registry.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (address, base) = (address.to_owned(), format!("/{path}"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/{path}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut server = TcpStream::connect(&address).unwrap();
            let (mut back, mut answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut answers, &mut back));
            let (heard, base) = (Arc::clone(&heard), base.clone());
            thread::spawn(move || {
                let mut buffer = [0; 1 << 16];
                while let Ok(count @ 1..) = client.read(&mut buffer) {
                    // The client sends the next request once it has the answer to the last one.
                    let text = String::from_utf8_lossy(&buffer[..count]);
                    let line = text.lines().next().and_then(|line| line.strip_suffix(" HTTP/1.1"));
                    if line.is_some_and(|line| !line.contains(&base)) {
                        client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
                        continue;
                    }
                    heard.lock().unwrap().extend(line.map(|line| line.replace(&base, "")));
                    if server.write_all(&buffer[..count]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_registered_behind_others_is_asked_about_and_once() {
    let bus = bus().await;
    let scratch = workspace(bus, "asking");
    let (url, asked) = recorder(&bus.registry.url);
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {url}\n"));
    let asked = |arguments: &[&str]| {
        asked.lock().unwrap().clear();
        scratch.run(arguments).ended(0);
        let mut asked = std::mem::take(&mut *asked.lock().unwrap());
        // How many pages the list of all subjects has is up to the other tests.
        asked.retain(|request| !request.starts_with("GET /subjects?"));
        asked.sort();
        asked.join("\n")
    };
    insta::assert_snapshot!(asked(&["plan"]), @"
    GET /config
    GET /mode
    ");
    asked(&["apply", "--yes"]);
    assert_settled(&scratch);
    insta::assert_snapshot!(asked(&["plan"]), @"
    GET /config
    GET /config/asking.order.v1-value
    GET /mode
    GET /subjects/asking.order.v1-value/versions/latest
    ");
    scratch.write("schemas/asking/asking.order.v1.avsc", order_with_note("asking"));
    insta::assert_snapshot!(asked(&["plan", "--server-check"]), @"
    GET /config
    GET /config/asking.order.v1-value
    GET /mode
    GET /subjects/asking.order.v1-value/versions/latest
    POST /compatibility/subjects/asking.order.v1-value/versions/latest?verbose=true
    POST /subjects/asking.order.v1-value
    ");
}
