use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::*;
use crate::model::{Date, Subject};
use crate::plan::{Plan, make_plan};
use crate::ports::kafka::ClusterInfo;
use crate::ports::registry::{NewSchema, Reference, RegisteredSchema, RegistryInfo, Verdict};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::schema::{LiveRegistry, LiveSubject};
use crate::resources::topic::LiveTopics;
use crate::resources::{Desired, Live, Workspace, WorkspaceFiles, load};
use crate::schema::SchemaFormat;

const ID: &str = r#"{ "name": "id", "type": "string" }"#;
const NOTE: &str = r#"{ "name": "note", "type": "string" }"#;
const NOTE_OR_NONE: &str = r#"{ "name": "note", "type": "string", "default": "" }"#;
const NUMBER: &str = r#"{ "name": "id", "type": "long" }"#;

fn record(fields: &[&str]) -> String {
    format!(r#"{{ "type": "record", "name": "R", "fields": [{}] }}"#, fields.join(", "))
}

fn subject(name: &str) -> Subject {
    name.parse().expect("a subject")
}

fn registered(version: u32, text: &str) -> RegisteredSchema {
    let schema = NewSchema { format: SchemaFormat::Avro, text: text.into(), references: Vec::new() };
    RegisteredSchema { version, id: version.into(), schema, properties: BTreeMap::new() }
}

fn refers(mut version: RegisteredSchema, references: &[(&str, &str, u32)]) -> RegisteredSchema {
    let reference = |(name, to, version): &(&str, &str, u32)| Reference {
        name: (*name).into(),
        subject: subject(to),
        version: *version,
    };
    version.schema.references = references.iter().map(reference).collect();
    version
}

/// A bus with the topic `d.a`, whose schema has this text and whose manifest says this about it, and other subjects.
fn workspace(text: &str, about: &str, subjects: &[(&str, &str, &str)]) -> Workspace {
    let mut files = vec![
        ("busctl.yaml".to_owned(), "version: 1\n".to_owned()),
        ("clusters/c.yaml".to_owned(), "cluster: c\nschema_registry: main\n".to_owned()),
        ("clusters/r.yaml".to_owned(), "registry: main\nurl: http://r\n".to_owned()),
        ("topics/d.a.yaml".to_owned(), format!("topic: d.a\nschema: {{ {about} }}\n")),
        ("schemas/d/d.a.avsc".to_owned(), text.to_owned()),
    ];
    for (name, text, about) in subjects {
        files.push((format!("schemas/{name}.yaml"), format!("subject: {name}\nschema: {name}.avsc\n{about}")));
        files.push((format!("schemas/{name}.avsc"), (*text).to_owned()));
    }
    let texts = files.into_iter().map(|(path, text)| (PathBuf::from(path), Ok(text.into()))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
    assert_eq!(findings, []);
    workspace
}

/// A registry with a global level, and subjects with their newest versions and levels.
fn live(global: &str, subjects: Vec<(&str, Option<RegisteredSchema>, Option<&str>)>) -> Live {
    let subjects = subjects.into_iter().map(|(name, latest, level)| {
        let compatibility = Observed::Known(level.map(str::to_owned));
        let live = LiveSubject { latest: Observed::Known(latest), compatibility, group: None, taken_for: None };
        (subject(name), live)
    });
    let info = RegistryInfo { compatibility: Some(global.into()), mode: None, group: None };
    Live {
        facts: None,
        cluster: ClusterInfo { id: "id".into(), brokers: Vec::new(), controller: None },
        topics: LiveTopics::default(),
        acls: Observed::Known(Vec::new()),
        quotas: Observed::Known(Vec::new()),
        scram_users: None,
        scram_passwords: None,
        broker_configs: None,
        delivered: None,
        identities: None,
        registry: Some(Observed::Known(LiveRegistry { info, subjects: subjects.collect(), others: Vec::new() })),
    }
}

fn registry(live: &Live) -> &LiveRegistry {
    live.registry.as_ref().and_then(Observed::known).expect("a registry")
}

/// What a registry has beside the newest versions.
fn histories(versions: Vec<(&str, Vec<RegisteredSchema>)>, newest: u32) -> Histories {
    let mut histories = Histories::default();
    for (name, versions) in versions {
        let numbers = versions.iter().map(|version| version.version).chain([newest]).collect();
        histories.add_numbers(subject(name), Ok(numbers));
        for version in versions {
            histories.add_version(subject(name), version.version, Ok(Some(version)));
        }
    }
    histories
}

fn says(compatible: bool) -> Answers {
    let messages = if compatible { Vec::new() } else { vec!["no".to_owned()] };
    Answers::from([(subject("d.a-value"), Answer::Said(Verdict { compatible, messages }))])
}

fn plan(workspace: &Workspace, live: &Live, histories: Option<&Histories>, answers: Option<&Answers>) -> Plan {
    let cluster = workspace.clusters.values().next().expect("there is one");
    let (desired, findings) = Desired::resolve(workspace, cluster);
    assert_eq!(findings, []);
    let today = Date::of_unix_seconds(0);
    let mut plan = make_plan(&desired, live, today);
    judge(&mut plan, &desired, live, histories, answers, today);
    plan
}

/// What people see of the changes of schemas.
fn seen(plan: &Plan) -> String {
    let mut text = String::new();
    for change in plan.changes.iter().filter(|change| change.address.kind == crate::model::Kind::Schema) {
        // A String takes everything.
        _ = writeln!(text, "{} {:?}: {}", change.address, change.verification.state, change.verification.reason);
        for sentence in &change.impact {
            _ = writeln!(text, "! {sentence}");
        }
    }
    for finding in &plan.findings {
        let place = finding.place.as_ref().map(|place| format!("{}:{}:{}", place.file, place.line, place.column));
        _ = writeln!(text, "{} {} {}", finding.code, finding.level.as_str(), place.unwrap_or_default());
        _ = writeln!(text, "  {}", finding.message);
        _ = writeln!(text, "  help: {}", finding.help.as_deref().unwrap_or_default());
    }
    text
}

#[test]
fn what_breaks_is_told_with_the_version_that_it_breaks_with_and_the_way_out() {
    let workspace = workspace(&record(&[ID, NOTE]), "", &[]);
    let live = live("BACKWARD", vec![("d.a-value", Some(registered(3, &record(&[ID]))), None)]);
    insta::assert_snapshot!(seen(&plan(&workspace, &live, None, None)), @r#"
    schema/d.a-value Offline: there was no registry to ask: only busctl has compared it
    BUS510 error schemas/d/d.a.avsc:1:91
      `d.a-value` at backward: a consumer on v4 cannot read records of v3: field `note` of `R`: the writer does not have it, and it has no default (at /fields/1; version 3 in the registry has `{ "type": "record", "name": "R", "fields": [{ "name": "id", …` at 1:1)
      help: add a default to the field, or the writer's name for it as an alias if it was renamed; or make a new major version of the topic: `busctl new version d.a`
    "#);
    // A subject that is new breaks nobody.
    let new = self::live("BACKWARD", Vec::new());
    insta::assert_snapshot!(seen(&plan(&workspace, &new, None, None)), @"schema/d.a-value Offline: the subject is new: there is nothing that the registry could compare it with");
}

#[test]
fn the_level_that_will_hold_decides_and_both_are_named() {
    let latest = || vec![("d.a-value", Some(registered(1, &record(&[ID, NOTE]))), Some("FULL"))];
    // Old consumers need the note: only the level that goes minds.
    let lowered = workspace(&record(&[ID]), "compatibility: backward", &[]);
    insta::assert_snapshot!(seen(&plan(&lowered, &live("NONE", latest()), None, Some(&says(false)))), @r#"
    schema/d.a-value Unverifiable: the registry finds it incompatible at its present level. The change sets another level first, and registries have no request that only tries a level
    ! the schema may follow because the level becomes backward first: at full, which the subject has now, a consumer on v1 cannot read records of v2: field `note` of `R`: the writer does not have it, and it has no default (at /fields/1; version 1 in the registry has `"note"` at 1:91)
    "#);
    let mut raised = latest();
    raised[0].2 = Some("BACKWARD");
    let full = workspace(&record(&[ID]), "compatibility: full", &[]);
    insta::assert_snapshot!(seen(&plan(&full, &live("NONE", raised), None, Some(&says(true)))), @r#"
    schema/d.a-value Unverifiable: the registry finds it compatible at its present level. The change sets another level first, and registries have no request that only tries a level
    BUS510 error schemas/d/d.a.avsc:1:1
      `d.a-value` at full, which this plan sets (it is backward now, at which it might follow): a consumer on v1 cannot read records of v2: field `note` of `R`: the writer does not have it, and it has no default (at /fields/1; version 1 in the registry has `"note"` at 1:91)
      help: the version in the registry stays as it is: keep the field: the earlier version has no default for it; or make a new major version of the topic: `busctl new version d.a`
    "#);
}

#[test]
fn where_the_registry_says_otherwise_it_decides() {
    let workspace = workspace(&record(&[NUMBER]), "", &[]);
    let breaking = live("BACKWARD", vec![("d.a-value", Some(registered(1, &record(&[ID]))), None)]);
    let harmless = live("BACKWARD", vec![("d.a-value", Some(registered(1, &record(&[NUMBER, NOTE]))), None)]);
    let seen = |live: &Live, answers: &Answers| seen(&plan(&workspace, live, None, Some(answers)));
    insta::assert_snapshot!(seen(&breaking, &says(true)), @r#"
    schema/d.a-value Verified: the registry, at its present level, would accept it
    BUS512 warn schemas/d/d.a.avsc:1:69
      `d.a-value` at backward: busctl finds the schema incompatible, the registry says that it may follow: a consumer on v2 cannot read records of v1: field `id` of `R`: the reader's `long` cannot read the writer's `string` (at /fields/0/type; version 1 in the registry has `"string"` at 1:69)
      help: the registry decides: see whether your consumers survive it; if not, keep the type, or put the new one into a new field with a default; or make a new major version of the topic: `busctl new version d.a`
    "#);
    insta::assert_snapshot!(seen(&breaking, &says(false)), @r#"
    schema/d.a-value Refused: the registry finds it incompatible: no
    BUS510 error schemas/d/d.a.avsc:1:69
      `d.a-value` at backward: a consumer on v2 cannot read records of v1: field `id` of `R`: the reader's `long` cannot read the writer's `string` (at /fields/0/type; version 1 in the registry has `"string"` at 1:69)
      help: keep the type, or put the new one into a new field with a default; or make a new major version of the topic: `busctl new version d.a`
    "#);
    insta::assert_snapshot!(seen(&harmless, &says(true)), @"schema/d.a-value Verified: the registry, at its present level, would accept it");
    insta::assert_snapshot!(seen(&harmless, &says(false)), @"
    schema/d.a-value Refused: the registry finds it incompatible: no
    BUS511 error schemas/d/d.a.avsc:1:1
      `d.a-value` at backward: busctl finds the schema compatible, the registry finds it incompatible: no
      help: the registry decides, and goes by rules of its own where it is not Confluent's: change what it does not take, or make a new major version of the topic: `busctl new version d.a`
    ");
    let failure = Failure {
        kind: FailureKind::Authorization,
        tried: "check the compatibility of `d.a-value`".into(),
        server: "http://r".into(),
        answer: "403 Forbidden".into(),
        hint: None,
    };
    let failed = Answers::from([(subject("d.a-value"), Answer::Failed(failure.clone()))]);
    insta::assert_snapshot!(seen(&breaking, &failed), @r#"
    schema/d.a-value Unverifiable: the registry could not be asked, and only busctl has compared it: 403 Forbidden
    BUS510 error schemas/d/d.a.avsc:1:69
      `d.a-value` at backward: a consumer on v2 cannot read records of v1: field `id` of `R`: the reader's `long` cannot read the writer's `string` (at /fields/0/type; version 1 in the registry has `"string"` at 1:69)
      help: keep the type, or put the new one into a new field with a default; or make a new major version of the topic: `busctl new version d.a`
    "#);
    insta::assert_snapshot!(seen(&harmless, &failed), @"schema/d.a-value Unverifiable: the registry could not be asked, and only busctl has compared it: 403 Forbidden");
    let refused = Answer::Failed(Failure { kind: FailureKind::Refused, answer: "422 no schema".into(), ..failure });
    let refused = plan(&workspace, &harmless, None, Some(&Answers::from([(subject("d.a-value"), refused)])));
    assert!(refused.is_refused());
}

#[test]
fn a_transitive_level_looks_at_every_version_and_tells_what_is_the_same_once() {
    let workspace = workspace(&record(&[ID, NOTE]), "compatibility: backward_transitive", &[]);
    let live = live(
        "BACKWARD",
        vec![("d.a-value", Some(registered(4, &record(&[ID, NOTE_OR_NONE]))), Some("BACKWARD_TRANSITIVE"))],
    );
    let earlier = (1..=3).map(|version| registered(version, &record(&[ID]))).collect();
    let read = histories(vec![("d.a-value", earlier)], 4);
    insta::assert_snapshot!(seen(&plan(&workspace, &live, Some(&read), None)), @r#"
    schema/d.a-value Offline: there was no registry to ask: only busctl has compared it
    BUS510 error schemas/d/d.a.avsc:1:91
      `d.a-value` at backward_transitive: a consumer on v5 cannot read records of v3, v2 and v1: field `note` of `R`: the writer does not have it, and it has no default (at /fields/1; version 3 in the registry has `{ "type": "record", "name": "R", "fields": [{ "name": "id", …` at 1:1)
      help: add a default to the field, or the writer's name for it as an alias if it was renamed; or make a new major version of the topic: `busctl new version d.a`
    "#);
    // What is not there is said; the newest version is compared all the same.
    insta::assert_snapshot!(seen(&plan(&workspace, &live, None, None)), @"
    schema/d.a-value Offline: there was no registry to ask: only busctl has compared it
    BUS513 warn schemas/d/d.a.avsc:1:1
      `d.a-value` at backward_transitive: not everything was compared: its other versions: the snapshot has its newest version alone
      help: plan from the live registry, or take a new snapshot: it has all versions of the subjects that are declared and have a transitive level
    ");
    insta::assert_snapshot!(seen(&plan(&workspace, &live, None, Some(&says(true)))), @"
    schema/d.a-value Verified: the registry, at its present level, would accept it
    BUS513 info schemas/d/d.a.avsc:1:1
      `d.a-value` at backward_transitive: not everything was compared: its other versions: the snapshot has its newest version alone
      help: see that busctl may read the subject's versions and what they refer to, and that these are there
    ");
}

#[test]
fn only_versions_of_the_newest_ones_group_count() {
    let workspace = workspace(&record(&[ID, NOTE]), "compatibility: backward_transitive", &[]);
    let of = |mut version: RegisteredSchema, major: Option<&str>| {
        version.properties = major.map(|major| ("major".to_owned(), major.to_owned())).into_iter().collect();
        version
    };
    let newest = registered(3, &record(&[ID, NOTE_OR_NONE]));
    let found = |newest_major: Option<&str>, group: Option<&str>, global: Option<&str>, own_level: bool| {
        let level = own_level.then_some("BACKWARD_TRANSITIVE");
        let mut live = live("BACKWARD_TRANSITIVE", vec![("d.a-value", Some(of(newest.clone(), newest_major)), level)]);
        let Some(Observed::Known(registry)) = &mut live.registry else { panic!("a registry") };
        registry.info.group = global.map(str::to_owned);
        registry.subjects.get_mut("d.a-value").expect("it is there").group = group.map(str::to_owned);
        let earlier = vec![of(registered(1, &record(&[ID])), None), of(registered(2, &record(&[ID])), Some("1"))];
        let read = histories(vec![("d.a-value", earlier)], 3);
        let plan = plan(&workspace, &live, Some(&read), None);
        let who = plan.findings.iter().filter_map(|finding| finding.message.split(": ").nth(1));
        who.map(str::to_owned).collect::<Vec<_>>()
    };
    let records_of = |versions: &str| vec![format!("a consumer on v4 cannot read records of {versions}")];
    let none: Vec<String> = Vec::new();
    assert_eq!(found(Some("2"), None, None, true), records_of("v2 and v1"));
    assert_eq!(found(Some("2"), Some("major"), None, true), none);
    assert_eq!(found(Some("1"), Some("major"), None, true), records_of("v2"));
    assert_eq!(found(None, Some("major"), None, true), records_of("v1"));
    // The registry's group counts where the subject has no config.
    assert_eq!(found(Some("2"), None, Some("major"), false), none);
    assert_eq!(found(Some("2"), None, Some("major"), true), records_of("v2 and v1"));
}

#[test]
fn references_are_those_of_each_version() {
    let amount =
        |kind: &str| format!(r#"{{ "type": "record", "name": "M", "fields": [{{ "name": "n", "type": "{kind}" }}] }}"#);
    let text = record(&[r#"{ "name": "m", "type": "M" }"#]);
    // The reference's first version was a number that fits into no int.
    let workspace = workspace(
        &text,
        "references: [{ name: M, subject: money, version: latest }]",
        &[("money", &amount("int"), "compatibility: none\n")],
    );
    let a = refers(registered(1, &text), &[("M", "money", 1)]);
    let live = live(
        "BACKWARD",
        vec![("d.a-value", Some(a), None), ("money", Some(registered(2, &amount("string"))), Some("NONE"))],
    );
    let cluster = workspace.clusters.values().next().expect("there is one");
    let (desired, _) = Desired::resolve(&workspace, cluster);
    let planned = make_plan(&desired, &live, Date::of_unix_seconds(0));
    let needs = needs_of_plan(&planned, registry(&live));
    assert_eq!(needs, Needs { versions: [(subject("money"), 1)].into(), ..Needs::default() });
    let mut read = Histories::default();
    read.add_version(subject("money"), 1, Ok(Some(registered(1, &amount("long")))));
    insta::assert_snapshot!(seen(&plan(&workspace, &live, Some(&read), None)), @"
    schema/d.a-value Offline: there was no registry to ask: only busctl has compared it
    schema/money Offline: there was no registry to ask: only busctl has compared it
    BUS510 error schemas/d/d.a.avsc:1:55
      `d.a-value` at backward: a consumer on v2 cannot read records of v1: field `n` of `M`: the reader's `int` cannot read the writer's `long` (at /fields/0/type/fields/0/type; in `M`, which version 1 in the registry refers to)
      help: let the reader have `long`: a number is read into the same or a wider type; or make a new major version of the topic: `busctl new version d.a`
    ");
    let mut gone = Histories::default();
    gone.add_version(subject("money"), 1, Ok(None));
    insta::assert_snapshot!(seen(&plan(&workspace, &live, Some(&gone), None)), @"
    schema/d.a-value Offline: there was no registry to ask: only busctl has compared it
    schema/money Offline: there was no registry to ask: only busctl has compared it
    BUS513 warn schemas/d/d.a.avsc:1:1
      `d.a-value` at backward: not everything was compared: version 1 in the registry cannot be read: the registry has no version 1 of `money`
      help: plan from the live registry, or take a new snapshot: it has all versions of the subjects that are declared and have a transitive level
    ");
}

#[test]
fn what_is_hidden_or_of_another_format_is_not_taken_for_compatible() {
    let workspace = workspace(&record(&[ID]), "compatibility: backward_transitive", &[]);
    let of = |latest| live("BACKWARD_TRANSITIVE", vec![("d.a-value", Some(latest), None)]);
    let newest = of(registered(2, &record(&[ID, NOTE])));
    let mut hidden = Histories::default();
    let failure = Failure {
        kind: FailureKind::Authorization,
        tried: "list the versions of `d.a-value`".into(),
        server: "http://r".into(),
        answer: "403 Forbidden".into(),
        hint: None,
    };
    hidden.add_numbers(subject("d.a-value"), Err(failure));
    let unanswered = Answers::from([(subject("d.a-value"), Answer::NotAsked("it is the night".into()))]);
    insta::assert_snapshot!(seen(&plan(&workspace, &newest, Some(&hidden), Some(&unanswered))), @"
    schema/d.a-value Unverifiable: it is the night
    BUS513 warn schemas/d/d.a.avsc:1:1
      `d.a-value` at backward_transitive: not everything was compared: its other versions: could not list the versions of `d.a-value` on http://r: 403 Forbidden
      help: see that busctl may read the subject's versions and what they refer to, and that these are there
    ");
    let mut json = registered(1, r#"{ "type": "object" }"#);
    json.schema.format = SchemaFormat::Json;
    let broken = of(registered(1, "no schema"));
    let read = histories(vec![("d.a-value", Vec::new())], 1);
    insta::assert_snapshot!(seen(&plan(&workspace, &of(json), Some(&read), None)), @r#"
    schema/d.a-value Offline: there was no registry to ask: only busctl has compared it
    BUS510 error schemas/d/d.a.avsc:1:1
      `d.a-value` at backward_transitive: a consumer on v2 cannot read records of v1: the reader's schema is Avro, and the writer's JSON Schema (at /; version 1 in the registry has `{ "type": "object" }` at 1:1)
      help: a new format needs a new subject: make a new version of the topic (`busctl new version d.a`)
    "#);
    insta::assert_snapshot!(seen(&plan(&workspace, &broken, Some(&read), None)), @"
    schema/d.a-value Offline: there was no registry to ask: only busctl has compared it
    BUS513 warn schemas/d/d.a.avsc:1:1
      `d.a-value` at backward_transitive: not everything was compared: version 1 in the registry cannot be read: expected a JSON value, found `n`
      help: plan from the live registry, or take a new snapshot: it has all versions of the subjects that are declared and have a transitive level
    ");
}

#[test]
fn what_is_new_or_unchanged_needs_nothing() {
    let text = record(&[ID]);
    let workspace = workspace(&text, "compatibility: full_transitive", &[("other", &text, "")]);
    let cluster = workspace.clusters.values().next().expect("there is one");
    let (desired, _) = Desired::resolve(&workspace, cluster);
    let live = live("FULL_TRANSITIVE", vec![("d.a-value", Some(registered(7, &text)), None)]);
    let planned = make_plan(&desired, &live, Date::of_unix_seconds(0));
    assert!(planned.changes.iter().any(|change| change.address.name == "other"));
    assert!(needs_of_plan(&planned, registry(&live)).is_empty());
    // A snapshot may be for manifests that change it.
    let histories = [subject("d.a-value")].into();
    assert_eq!(needs_of_everything(&desired, registry(&live)), Needs { histories, ..Needs::default() });
}

#[test]
fn many_incompatibilities_are_counted_and_long_texts_cut() {
    let number = |index: usize, kind: &str| format!(r#"{{ "name": "f{index}", "type": {kind} }}"#);
    let fields = |kind: &str| (0..15).map(|index| number(index, kind)).collect::<Vec<_>>();
    let text = |kind: &str| record(&fields(kind).iter().map(String::as_str).collect::<Vec<_>>());
    let long = format!(r#"{{ "type": "enum", "name": "E{}", "symbols": ["A"] }}"#, "x".repeat(100));
    let workspace = workspace(&text(r#""long""#).replacen(r#""long""#, &long, 1), "", &[]);
    let live = live("BACKWARD", vec![("d.a-value", Some(registered(1, &text(r#""string""#))), None)]);
    let plan = plan(&workspace, &live, None, None);
    assert_eq!(plan.findings.len(), 11);
    assert_eq!(plan.findings[0].message, "`d.a-value`: 15 incompatibilities, of which 10 are told");
    assert!(plan.findings.iter().all(|finding| finding.message.len() < 400), "{:#?}", plan.findings);
}

#[test]
fn the_greatest_number_of_a_version_has_no_next_one() {
    let workspace = workspace(&record(&[ID]), "compatibility: backward", &[]);
    let newest = registered(u32::MAX, &record(&[NUMBER]));
    let live = live("BACKWARD", vec![("d.a-value", Some(newest), None)]);
    let message = &plan(&workspace, &live, None, None).findings[0].message;
    assert!(message.contains("a consumer on v4294967295 cannot read records of v4294967295"), "{message}");
}

#[test]
fn a_declared_none_is_set_where_the_global_level_would_count() {
    let text = record(&[ID]);
    let steps = |level| {
        let live = live("BACKWARD", vec![("d.a-value", Some(registered(1, &text)), level)]);
        let planned = plan(&workspace(&text, "compatibility: none", &[]), &live, None, None);
        let own = planned.changes.iter().filter(|change| change.address.name == "d.a-value");
        own.flat_map(|change| &change.steps).count()
    };
    assert_eq!([None, Some("NONE")].map(steps), [1, 0]);
}
