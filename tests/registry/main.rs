//! The registry client against real registries of two dialects.

mod exported;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod weather;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use busctl::adapters::registry::{BlockingRegistry, RegistryClient};
use busctl::model::Subject;
use busctl::ports::registry::Against::{All, Newest};
use busctl::ports::registry::{NewSchema, Reference, Registry};
use busctl::ports::schemas::{SchemaId, SchemaSource};
use busctl::ports::{Failure, FailureKind, Observed};
use busctl::resources::Scope;
use busctl::resources::schema::compatibility::{Needs, read};
use busctl::resources::schema::observe;
use busctl::schema::{Compatibility, SchemaFormat, is_met_by};
use futures::{StreamExt, stream};
use support::registries::{APICURIO_2, APICURIO_3, RunningRegistry, apicurio_2, apicurio_3, connection};

/// Makes a test of each scenario for each dialect.
macro_rules! on_both_dialects {
    ($($(#[$meta:meta])* $scenario:ident;)*) => {
        mod apicurio_3_dialect { $(
            #[tokio::test] $(#[$meta])*
            async fn $scenario() { super::$scenario(super::apicurio_3().await).await }
        )* }
        mod apicurio_2_dialect { $(
            #[tokio::test] $(#[$meta])*
            async fn $scenario() { super::$scenario(super::apicurio_2().await).await }
        )* }
    };
}

on_both_dialects! {
    a_subject_comes_to_be;
    a_level_is_set_before_the_first_version;
    a_subject_without_a_level_of_its_own;
    an_earlier_text_is_its_earlier_version;
    any_name_can_be_a_subject;
    a_schema_refers_to_another_subject;
    an_incompatible_schema_is_refused;
    a_transitive_level_looks_at_all_versions;
    histories_are_read_with_what_they_refer_to;
    a_deleted_subject_is_absent_and_comes_back;
    a_subject_that_others_refer_to_is_not_deleted;
    many_subjects_are_answered_in_order;
    what_the_registry_does_not_see_is_not_passed_over;
    comments_of_protobuf_are_kept;
    a_schema_that_is_none_is_refused;
    settings_are_read;
    another_base_is_named_as_the_mistake;
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_read_by_their_ids_from_apicurio_3() {
    schemas_are_read_by_their_ids(apicurio_3().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_read_by_their_ids_from_apicurio_2() {
    schemas_are_read_by_their_ids(apicurio_2().await).await;
}

/// As records have them: with what they refer to, and the subjects that have them.
async fn schemas_are_read_by_their_ids(running: &RunningRegistry) {
    let client = running.client();
    let [inner, outer, other] = ["by-id-inner", "by-id-outer", "by-id-proto"].map(fresh);
    let money = record(&inner, ID);
    client.register(&inner, &money).await.unwrap();
    let name: String = inner.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    let name = format!("R{name}");
    let references = vec![Reference { name: name.clone(), subject: inner.clone(), version: 1 }];
    let of = record(&outer, &format!(r#"{{"name": "of", "type": "{name}"}}"#));
    client.register(&outer, &NewSchema { references, ..of.clone() }).await.unwrap();
    let text = "syntax = \"proto3\"; package by.id; message A { string id = 1; }";
    client.register(&other, &schema(SchemaFormat::Protobuf, text)).await.unwrap();
    let registry = BlockingRegistry::new(running.client());
    let latest = registry.latest(&outer).unwrap().unwrap();
    assert_eq!((latest.version, latest.guid), (1, None));
    let by_id = registry.schema(SchemaId::Number(latest.id)).unwrap().unwrap();
    assert_eq!(by_id.format, SchemaFormat::Avro);
    assert!(is_met_by(SchemaFormat::Avro, &of.text, &by_id.text), "{}", by_id.text);
    let [(referred, text)] = by_id.references.as_slice() else { panic!("{by_id:?}") };
    assert!(*referred == name && is_met_by(SchemaFormat::Avro, &money.text, text), "{by_id:?}");
    assert_eq!(registry.subjects(SchemaId::Number(latest.id)).unwrap(), [outer]);
    let protobuf = registry.latest(&other).unwrap().unwrap();
    assert_eq!(registry.schema(SchemaId::Number(protobuf.id)).unwrap().unwrap().format, SchemaFormat::Protobuf);
    assert_eq!(registry.schema(SchemaId::Number(2_000_000_000)).unwrap(), None);
    assert_eq!(registry.schema(SchemaId::Guid(uuid::Uuid::from_u128(7))).unwrap(), None);
    assert_eq!(registry.latest(&fresh("by-id-absent")).unwrap(), None);
    assert_eq!(registry.subjects(SchemaId::Number(2_000_000_000)).unwrap(), []);
}

#[tokio::test]
async fn more_subjects_than_apicurio_3_lists() {
    more_subjects_than_a_registry_lists(APICURIO_3).await;
}

#[tokio::test]
async fn more_subjects_than_apicurio_2_lists() {
    more_subjects_than_a_registry_lists(APICURIO_2).await;
}

/// A thousand is what Apicurio lists unless it is configured.
async fn more_subjects_than_a_registry_lists(version: &'static str) {
    const SUBJECTS: usize = 1_100;
    let registry = RunningRegistry::start(version).await;
    let client = registry.client();
    let subjects: Vec<Subject> = (0..SUBJECTS).map(|index| format!("many-{index:04}").parse().unwrap()).collect();
    let register = |subject: &Subject| {
        let (client, subject) = (&client, subject.clone());
        async move { client.register(&subject, &record(&subject, "")).await.unwrap() }
    };
    let versions: Vec<u32> = stream::iter(subjects.iter().map(register)).buffer_unordered(8).collect().await;
    assert_eq!(versions.len(), SUBJECTS);

    let listed = client.subjects().await.unwrap();
    assert!(listed.names.len() == SUBJECTS || !listed.complete, "{}", listed.names.len());
    let absent: Subject = "many-more".parse().unwrap();
    let declared: BTreeSet<Subject> = subjects.iter().cloned().chain([absent]).collect();
    for scope in [Scope::Declared, Scope::Everything] {
        let live = observe(&client, &BTreeMap::new(), &declared, scope).await.unwrap();
        assert!(live.subjects.keys().eq(&subjects), "{}", live.subjects.len());
    }
}

/// A subject that no other test uses.
fn fresh(name: &str) -> Subject {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{name}-{}", NEXT.fetch_add(1, Ordering::Relaxed)).parse().unwrap()
}

fn schema(format: SchemaFormat, text: impl Into<String>) -> NewSchema {
    NewSchema { format, text: text.into(), references: Vec::new() }
}

/// A record with these fields. Registries take one text for one schema wherever it is, so each has its subject's name.
fn record(subject: &Subject, fields: &str) -> NewSchema {
    let name: String = subject.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    schema(SchemaFormat::Avro, format!(r#"{{"type": "record", "name": "R{name}", "fields": [{fields}]}}"#))
}

/// The level that each subject itself has.
async fn levels(registry: &RegistryClient, subjects: &[Subject]) -> Vec<Result<Option<String>, Failure>> {
    registry.compatibility(subjects).await.into_iter().map(|config| config.map(|config| config.level)).collect()
}

/// Registries may print a schema anew.
fn assert_same(live: &NewSchema, sent: &NewSchema) {
    assert_eq!((live.format, &live.references), (sent.format, &sent.references));
    assert!(is_met_by(sent.format, &sent.text, &live.text), "{}\n{}", sent.text, live.text);
}

const ID: &str = r#"{"name": "id", "type": "string"}"#;
const ID_AND_SIZE: &str = r#"{"name": "id", "type": "string"}, {"name": "size", "type": "long", "default": 0}"#;

async fn a_subject_comes_to_be(running: &RunningRegistry) {
    let registry = running.client();
    let subject = fresh("media.raw_ingest.v1-value");
    assert_eq!(registry.latest(std::slice::from_ref(&subject)).await, [Ok(None)]);
    assert_eq!(registry.version(&subject, 1).await, Ok(None));
    let first = record(&subject, ID);
    assert_eq!(registry.register(&subject, &first).await, Ok(1));
    assert_eq!(registry.register(&subject, &record(&subject, ID_AND_SIZE)).await, Ok(2));
    assert!(registry.subjects().await.unwrap().names.contains(&subject));
    let latest = registry.latest(std::slice::from_ref(&subject)).await.remove(0).unwrap().unwrap();
    assert_eq!(latest.version, 2);
    assert_same(&latest.schema, &record(&subject, ID_AND_SIZE));
    let version = registry.version(&subject, 1).await.unwrap().unwrap();
    assert_eq!(version.version, 1);
    assert_same(&version.schema, &first);
    assert_eq!(registry.version(&subject, 3).await, Ok(None));
    let absent = fresh("media.raw_ingest.v1-value");
    assert_eq!(registry.numbers(&[subject.clone(), absent.clone()]).await, [Ok(vec![1, 2]), Ok(Vec::new())]);
    let asked = [(subject.clone(), 2), (absent, 1), (subject, 1)];
    let versions: Vec<_> = registry.versions(&asked).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(versions, [Some(latest), None, Some(version)]);
}

async fn a_level_is_set_before_the_first_version(running: &RunningRegistry) {
    let registry = running.client();
    let subject = fresh("level");
    let asked = std::slice::from_ref(&subject);
    assert_eq!(levels(&registry, asked).await, [Ok(None)]);
    registry.set_compatibility(&subject, Compatibility::FullTransitive).await.unwrap();
    assert_eq!(levels(&registry, asked).await, [Ok(Some("FULL_TRANSITIVE".into()))]);
    registry.register(&subject, &record(&subject, ID)).await.unwrap();
    assert_eq!(levels(&registry, asked).await, [Ok(Some("FULL_TRANSITIVE".into()))]);
    registry.set_compatibility(&subject, Compatibility::None).await.unwrap();
    assert_eq!(levels(&registry, asked).await, [Ok(Some("NONE".into()))]);

    let subject = fresh("level");
    let early = registry.set_compatibility(&subject, Compatibility::None).await;
    if running.is_apicurio_3() {
        assert_eq!(early, Ok(()));
    } else {
        // To set NONE is to remove a rule there, and there is nothing to remove it from.
        assert_eq!(early.unwrap_err().kind, FailureKind::NotFound);
    }
}

async fn a_subject_without_a_level_of_its_own(running: &RunningRegistry) {
    let registry = running.client();
    let subject = fresh("no-level");
    registry.register(&subject, &record(&subject, ID)).await.unwrap();
    // Neither dialect says 404 here, as Confluent's does.
    assert_eq!(levels(&registry, &[subject]).await, [Ok(Some("NONE".into()))]);
}

#[tokio::test]
async fn apicurio_3_tells_none_from_no_level() {
    none_is_told_from_no_level(APICURIO_3).await;
}

#[tokio::test]
async fn apicurio_2_has_no_level_none_of_a_subject() {
    none_is_told_from_no_level(APICURIO_2).await;
}

async fn none_is_told_from_no_level(version: &'static str) {
    let running = RunningRegistry::start(version).await;
    let registry = running.client();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let put = reqwest::Client::new().put(format!("{}/config", running.url)).header("content-type", "application/json");
    put.body(r#"{ "compatibility": "BACKWARD" }"#).send().await.unwrap().error_for_status().unwrap();
    let (own, other) = (fresh("own"), fresh("other"));
    for subject in [&own, &other] {
        registry.register(subject, &record(subject, ID)).await.unwrap();
    }
    registry.set_compatibility(&own, Compatibility::None).await.unwrap();
    // To set NONE is to remove the level in the older one, where both stay the same.
    let none = || Some("NONE".to_owned());
    let without = if running.is_apicurio_3() { None } else { none() };
    assert_eq!(levels(&registry, &[own, other]).await, [Ok(none()), Ok(without)]);
}

async fn an_earlier_text_is_its_earlier_version(running: &RunningRegistry) {
    let registry = running.client();
    let subject = fresh("earlier");
    registry.register(&subject, &record(&subject, ID)).await.unwrap();
    registry.register(&subject, &record(&subject, ID_AND_SIZE)).await.unwrap();
    assert_eq!(registry.register(&subject, &record(&subject, ID)).await, Ok(1));
    assert_eq!(registry.latest(&[subject]).await.remove(0).unwrap().unwrap().version, 2);
}

async fn any_name_can_be_a_subject(running: &RunningRegistry) {
    let registry = running.client();
    for name in
        ["a/b", "with space", "50%", "%2F", "ünï-日本", "a+b", "what?", "#1", "a..b", ":.ctx:s", "a;b=c&d", "\\"]
    {
        let subject = fresh(name);
        registry.set_compatibility(&subject, Compatibility::Backward).await.unwrap();
        assert_eq!(registry.register(&subject, &record(&subject, ID)).await, Ok(1), "{name}");
        let asked = std::slice::from_ref(&subject);
        assert_eq!(registry.latest(asked).await.remove(0).unwrap().unwrap().version, 1, "{name}");
        assert_eq!(levels(&registry, asked).await, [Ok(Some("BACKWARD".into()))], "{name}");
        assert!(registry.subjects().await.unwrap().names.contains(&subject), "{name}");
    }
    let failure = registry.version(&"..".parse().unwrap(), 1).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
}

async fn a_schema_refers_to_another_subject(running: &RunningRegistry) {
    let registry = running.client();
    let formats = [
        (
            SchemaFormat::Avro,
            "a.Address",
            r#"{"type": "record", "name": "Address", "namespace": "a", "fields": []}"#,
            r#"{"type": "record", "name": "Person", "fields": [{"name": "home", "type": "a.Address"}]}"#,
        ),
        (
            SchemaFormat::Protobuf,
            "address.proto",
            "syntax = \"proto3\";\npackage a;\nmessage Address {\n}\n",
            "syntax = \"proto3\";\nimport \"address.proto\";\nmessage Person {\n  a.Address home = 1;\n}\n",
        ),
        (
            SchemaFormat::Json,
            "address.json",
            r#"{"type": "object", "properties": {"street": {"type": "string"}}}"#,
            r#"{"type": "object", "properties": {"home": {"$ref": "address.json"}}}"#,
        ),
    ];
    for (format, name, address, person) in formats {
        let (used, user) = (fresh("address"), fresh("person"));
        assert_eq!(registry.register(&used, &schema(format, address)).await, Ok(1), "{format}");
        let reference = Reference { name: name.to_owned(), subject: used, version: 1 };
        let person = NewSchema { references: vec![reference], ..schema(format, person) };
        assert_eq!(registry.register(&user, &person).await, Ok(1), "{format}");
        let latest = registry.latest(&[user]).await.remove(0).unwrap().unwrap();
        assert_same(&latest.schema, &person);
    }

    let reference = Reference { name: "Gone".into(), subject: fresh("gone"), version: 1 };
    let fields = r#"{"name": "gone", "type": "Gone"}"#;
    let subject = fresh("dangling");
    let dangling = NewSchema { references: vec![reference], ..record(&subject, fields) };
    let failure = registry.register(&subject, &dangling).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.hint.unwrap().contains("first"));
}

async fn an_incompatible_schema_is_refused(running: &RunningRegistry) {
    let registry = running.client();
    let subject = fresh("strict");
    let (string, long) = (record(&subject, ID), record(&subject, &ID.replace("string", "long")));
    assert!(registry.check(&subject, &string, Newest).await.unwrap().compatible, "nothing is there to be broken");
    registry.set_compatibility(&subject, Compatibility::Backward).await.unwrap();
    registry.register(&subject, &string).await.unwrap();
    assert!(registry.check(&subject, &record(&subject, ID_AND_SIZE), Newest).await.unwrap().compatible);
    let verdict = registry.check(&subject, &long, Newest).await.unwrap();
    assert!(!verdict.compatible && !verdict.messages.is_empty());
    let failure = registry.register(&subject, &long).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.answer.starts_with("409 ") && failure.answer.contains("LONG"), "{failure}");
    assert!(failure.hint.unwrap().contains("level"));
}

async fn a_transitive_level_looks_at_all_versions(running: &RunningRegistry) {
    let registry = running.client();
    let required = r#"{"name": "id", "type": "string"}, {"name": "size", "type": "long"}"#;
    let levels = [(Compatibility::Backward, Newest, true), (Compatibility::BackwardTransitive, All, false)];
    for (level, against, expected) in levels {
        let subject = fresh("history");
        registry.set_compatibility(&subject, level).await.unwrap();
        registry.register(&subject, &record(&subject, ID)).await.unwrap();
        registry.register(&subject, &record(&subject, ID_AND_SIZE)).await.unwrap();
        // Fits the second version, whose field it knows, and not the first.
        let third = record(&subject, required);
        assert_eq!(registry.check(&subject, &third, against).await.unwrap().compatible, expected, "{level}");
        assert_eq!(registry.register(&subject, &third).await.is_ok(), expected, "{level}");
    }
}

async fn histories_are_read_with_what_they_refer_to(running: &RunningRegistry) {
    let registry = running.client();
    let [inner, outer, user] = ["inner", "outer", "user"].map(fresh);
    let refers = |to: &Subject, name: &str, schema: NewSchema| {
        let reference = Reference { name: name.into(), subject: to.clone(), version: 1 };
        NewSchema { references: vec![reference], ..schema }
    };
    let named = |name: &str, fields: &str| {
        schema(SchemaFormat::Avro, format!(r#"{{"type": "record", "name": "{name}", "fields": [{fields}]}}"#))
    };
    let names = [&inner, &outer].map(|subject| subject.as_str().replace('-', "_"));
    let field = |name: &str| format!(r#"{{"name": "field", "type": "{name}"}}"#);
    registry.register(&inner, &named(&names[0], ID)).await.unwrap();
    registry.register(&outer, &refers(&inner, &names[0], named(&names[1], &field(&names[0])))).await.unwrap();
    for more in ["", r#", {"name": "more", "type": "long", "default": 0}"#] {
        let fields = field(&names[1]) + more;
        registry.register(&user, &refers(&outer, &names[1], record(&user, &fields))).await.unwrap();
    }
    // What they refer to is no longer the newest version.
    registry.register(&inner, &named(&names[0], ID_AND_SIZE)).await.unwrap();

    let declared: BTreeSet<Subject> = [user.clone(), inner.clone()].into();
    let live = observe(&registry, &BTreeMap::new(), &declared, Scope::Declared).await.unwrap();
    let needs = Needs { histories: [user.clone()].into(), ..Needs::default() };
    let read = read(&registry, needs, &live).await;
    assert_eq!(read.numbers(&user), Some(&Observed::Known(vec![1, 2])));
    let found = |subject: &Subject, number| {
        read.version(subject, number).map(|found| found.known().unwrap().as_ref().unwrap().version)
    };
    assert_eq!([found(&user, 1), found(&outer, 1), found(&inner, 1)], [Some(1); 3]);
    // The newest ones are known already.
    assert_eq!([found(&user, 2), found(&inner, 2)], [None; 2]);

    // What is registered with its references need not be understood where it is checked.
    let more = field(&names[1]) + r#", {"name": "x", "type": "long", "default": 0}"#;
    let again = refers(&outer, &names[1], record(&user, &more));
    match registry.check(&user, &again, Newest).await {
        Ok(verdict) => assert!(verdict.compatible && !running.is_apicurio_3()),
        Err(failure) => assert!(failure.kind == FailureKind::Refused && running.is_apicurio_3(), "{failure}"),
    }
    assert_eq!(registry.register(&user, &again).await, Ok(3));
}

async fn a_deleted_subject_is_absent_and_comes_back(running: &RunningRegistry) {
    let registry = running.client();
    let subject = fresh("deleted");
    registry.register(&subject, &record(&subject, ID)).await.unwrap();
    assert_eq!(registry.delete_subject(&subject).await, Ok(()));
    assert_eq!(registry.delete_subject(&subject).await, Ok(()), "it is gone already");
    assert_eq!(registry.latest(std::slice::from_ref(&subject)).await, [Ok(None)]);
    assert!(!registry.subjects().await.unwrap().names.contains(&subject));
    // Version numbers go on where they stopped.
    assert_eq!(registry.register(&subject, &record(&subject, ID)).await, Ok(2));
}

async fn a_subject_that_others_refer_to_is_not_deleted(running: &RunningRegistry) {
    let registry = running.client();
    let (shared, user) = (fresh("shared"), fresh("user"));
    registry.register(&shared, &record(&shared, ID)).await.unwrap();
    let name: String = shared.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    let mut using = record(&user, &format!(r#"{{"name": "shared", "type": "R{name}"}}"#));
    using.references = vec![Reference { name: format!("R{name}"), subject: shared.clone(), version: 1 }];
    registry.register(&user, &using).await.unwrap();
    let refused = registry.delete_subject(&shared).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused:?}");
    assert!(registry.subjects().await.unwrap().names.contains(&shared));
    // Neither dialect forgets the references of what was deleted softly.
    registry.delete_subject(&user).await.unwrap();
    assert_eq!(registry.delete_subject(&shared).await.unwrap_err().kind, FailureKind::Refused);
}

async fn many_subjects_are_answered_in_order(running: &RunningRegistry) {
    let registry = running.client();
    let subjects: Vec<Subject> = (0..60).map(|_| fresh("many")).collect();
    for subject in subjects.iter().step_by(2) {
        registry.register(subject, &record(subject, ID)).await.unwrap();
        registry.set_compatibility(subject, Compatibility::Forward).await.unwrap();
    }
    let latest = registry.latest(&subjects).await;
    let levels = levels(&registry, &subjects).await;
    for (index, subject) in subjects.iter().enumerate() {
        let is_there = index % 2 == 0;
        let found = latest[index].as_ref().unwrap();
        assert_eq!(found.is_some(), is_there);
        if let Some(found) = found {
            assert_same(&found.schema, &record(subject, ID));
        }
        assert_eq!(levels[index], Ok(is_there.then(|| "FORWARD".to_owned())));
    }
}

async fn what_the_registry_does_not_see_is_not_passed_over(running: &RunningRegistry) {
    let registry = running.client();
    let subject = fresh("docs");
    let documented = r#"{"name": "id", "type": "string", "doc": "Identifies the asset."}"#;
    registry.register(&subject, &record(&subject, ID)).await.unwrap();
    let second = registry.register(&subject, &record(&subject, documented)).await;
    if running.is_apicurio_3() {
        // It takes both for one schema and keeps the first: that is no success.
        let failure = second.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(failure.answer.contains("version 1"), "{failure}");
    } else {
        assert_eq!(second, Ok(2));
    }
}

async fn comments_of_protobuf_are_kept(running: &RunningRegistry) {
    let registry = running.client();
    let subject = fresh("comments");
    let text = |comment| format!("syntax = \"proto3\";\nmessage A {{\n  string id = 1; // {comment}\n}}\n");
    assert_eq!(registry.register(&subject, &schema(SchemaFormat::Protobuf, text("one"))).await, Ok(1));
    assert_eq!(registry.register(&subject, &schema(SchemaFormat::Protobuf, text("two"))).await, Ok(2));
    let latest = registry.latest(std::slice::from_ref(&subject)).await.remove(0).unwrap().unwrap();
    assert_same(&latest.schema, &schema(SchemaFormat::Protobuf, text("two")));
    assert!(latest.schema.text.contains("two"));
}

async fn a_schema_that_is_none_is_refused(running: &RunningRegistry) {
    let registry = running.client();
    let failure =
        registry.register(&fresh("none"), &schema(SchemaFormat::Avro, "{\"type\": \"recor")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.answer.starts_with("422 "), "{failure}");
}

async fn settings_are_read(running: &RunningRegistry) {
    let info = running.client().info().await.unwrap();
    assert_eq!(info.compatibility.as_deref(), Some("NONE"));
    assert_eq!(info.mode.as_deref(), running.is_apicurio_3().then_some("READWRITE"));
}

async fn another_base_is_named_as_the_mistake(running: &RunningRegistry) {
    let base = running.url.replace("/apis/ccompat/v7", "");
    let registry = RegistryClient::new(&connection(&base)).unwrap();
    let subject = fresh("nowhere");
    // A path that the server does not know is not a subject that is absent.
    let failures = [
        registry.subjects().await.unwrap_err(),
        registry.info().await.unwrap_err(),
        registry.latest(std::slice::from_ref(&subject)).await.remove(0).unwrap_err(),
        levels(&registry, &[subject]).await.remove(0).unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(failure.kind, FailureKind::Protocol);
        assert!(failure.hint.as_deref().unwrap_or_default().contains("/apis/ccompat/v7"), "{failure:?}");
    }
    let encrypted = running.url.replace("http:", "https:");
    let failure = RegistryClient::new(&connection(&encrypted)).unwrap().subjects().await.unwrap_err();
    assert!(failure.hint.unwrap().contains("http:"));
}

/// What is registered with its references is not understood where it is checked, whatever the format. Whoever asks takes
/// that for no verdict.
#[tokio::test]
async fn apicurio_3_does_not_follow_references_where_it_checks() {
    let registry = apicurio_3().await.client();
    let json = |properties: &str| {
        format!(r#"{{"type": "object", "properties": {{{properties}}}, "additionalProperties": false}}"#)
    };
    let proto = |text: &str| format!("syntax = \"proto3\"; package followed; {text}");
    let used = r#""used": {"$ref": "used"}"#;
    let formats = [
        (
            SchemaFormat::Json,
            json(r#""name": {"type": "string"}"#),
            [json(used), json(&format!(r#"{used}, "more": {{"type": "string"}}"#))],
            FailureKind::Server,
        ),
        (
            SchemaFormat::Protobuf,
            proto("message Used { string name = 1; }"),
            ["", "string more = 2;"]
                .map(|more| proto(&format!("import \"used\"; message User {{ Used used = 1; {more} }}"))),
            FailureKind::Refused,
        ),
    ];
    for (format, text, versions, answered) in formats {
        let (used, user) = (fresh("used"), fresh("user"));
        registry.register(&used, &schema(format, text)).await.unwrap();
        let [first, second] = versions.map(|text| {
            let reference = Reference { name: "used".into(), subject: used.clone(), version: 1 };
            NewSchema { references: vec![reference], ..schema(format, text) }
        });
        assert_eq!(registry.register(&user, &first).await, Ok(1));
        registry.set_compatibility(&user, Compatibility::Backward).await.unwrap();
        let failure = registry.check(&user, &second, Newest).await.unwrap_err();
        assert_eq!(failure.kind, answered, "{failure}");
        assert_eq!(registry.register(&user, &second).await, Ok(2), "{format}");
    }
}
