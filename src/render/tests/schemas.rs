//! The published schemas describe what is really written: no field is missing in them, and none is in them alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::samples;
use crate::apply::{AuditEntry, AuditStatus, MovedTopic, Moves, ThrottledTopic};
use crate::diag::{Findings, Level, Waiver};
use crate::model::{Risk, TopicName};
use crate::plan::{Action, BrokerShare, Plan, Reassignment, Share, VerificationState};
use crate::policy::custom::TestedRule;
use crate::ports::FailureKind;
use crate::ports::journal::{EventStatus, Phase, json_lines};
use crate::ports::kafka::OngoingReassignment;
use crate::render::apply::ApplyView;
use crate::render::audit::AuditView;
use crate::render::contract::ContractView;
use crate::render::drift::DriftView;
use crate::render::findings::{FindingsView, Verdict, VerdictView};
use crate::render::moves::MovesView;
use crate::render::plan::PlanView;
use crate::render::policy_test::PolicyTestView;
use crate::render::{Style, View};
use crate::resources::schema::contract::{Review, ReviewItem, Tested};

const PLAN: &str = include_str!("../../../docs/schemas/plan.schema.json");
const FINDINGS: &str = include_str!("../../../docs/schemas/findings.schema.json");
const APPLY: &str = include_str!("../../../docs/schemas/apply.schema.json");
const AUDIT: &str = include_str!("../../../docs/schemas/audit.schema.json");
const AUDIT_EVENT: &str = include_str!("../../../docs/schemas/audit-event.schema.json");
const MOVES: &str = include_str!("../../../docs/schemas/reassign-status.schema.json");
const DRIFT: &str = include_str!("../../../docs/schemas/drift.schema.json");
const CONTRACT: &str = include_str!("../../../docs/schemas/contract.schema.json");
const POLICY_TEST: &str = include_str!("../../../docs/schemas/policy-test.schema.json");
const SHOW: &str = include_str!("../../../docs/schemas/show.schema.json");

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

/// Checks a document in which every field is set: it is valid, and every property of the schema is in it.
pub(super) fn describes(schema: &str, document: &str) {
    describes_all(schema, &[document]);
}

/// The same of a schema that several documents together have all properties of.
fn describes_all(schema: &str, documents: &[&str]) {
    let schema = json(schema);
    assert!(jsonschema::draft202012::meta::is_valid(&schema), "the schema is no schema");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema can be used");
    let (mut described, mut written) = (BTreeSet::new(), BTreeSet::new());
    properties(&schema, &mut described);
    for document in documents.iter().map(|document| json(document)) {
        let errors: Vec<_> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        keys(&document, &mut written);
    }
    assert_eq!(described, written);
}

fn properties(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                assert_eq!(fields.get("additionalProperties"), Some(&Value::Bool(false)), "{schema:#}");
            }
            found.extend(
                fields.get("properties").and_then(Value::as_object).into_iter().flat_map(|o| o.keys().cloned()),
            );
            fields.values().for_each(|value| properties(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, found)),
        _ => {}
    }
}

fn keys(document: &Value, found: &mut BTreeSet<String>) {
    match document {
        Value::Object(fields) => {
            found.extend(fields.keys().cloned());
            fields.values().for_each(|value| keys(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

fn waiver() -> Waiver {
    Waiver {
        code: "BUS104".into(),
        resource: "topic/a b".into(),
        reason: "…".into(),
        expires: "2026-12-31".into(),
        owner: Some("media-platform".into()),
    }
}

#[test]
fn the_schema_of_plans() {
    let mut plan = samples::plan();
    plan.findings[0].waiver = Some(waiver());
    let share = |replicas| Share { replicas, leaders: 4, bytes: Some(3 << 30), written: Some(1 << 20) };
    let broker = BrokerShare { broker: 3, rack: Some("rack-c".into()), before: share(12), after: share(0) };
    plan.reassignment = Some(Reassignment { partitions: 6, copies: 12, bytes: Some(3 << 30), brokers: vec![broker] });
    let text = PlanView { plan: &plan, verbose: false }.text(Style { color: false, width: 100 });
    assert!(text.contains("= waiver: - { code: BUS104,"), "{text}");
    describes(PLAN, &PlanView { plan: &plan, verbose: false }.json());
    // Every word of every enum is in the schema.
    let sample = plan.changes[0].clone();
    plan.changes.clear();
    for action in [Action::Create, Action::Update, Action::Delete] {
        for risk in [Risk::Safe, Risk::Disruptive, Risk::Destructive] {
            for state in [
                VerificationState::Verified,
                VerificationState::Refused,
                VerificationState::Offline,
                VerificationState::Unverifiable,
            ] {
                let mut change = sample.clone();
                (change.action, change.risk, change.verification.state) = (action, risk, state);
                plan.changes.push(change);
            }
        }
    }
    let unseen = plan.incomplete[0].clone();
    plan.incomplete = FailureKind::WORDS
        .iter()
        .map(|(_, kind)| {
            let mut unseen = unseen.clone();
            unseen.failure.kind = *kind;
            unseen
        })
        .collect();
    let finding = plan.findings[1].clone();
    plan.findings = [Level::Off, Level::Info, Level::Warn, Level::Error]
        .map(|level| crate::plan::PlanFinding { level, ..finding.clone() })
        .into();
    let validator = jsonschema::draft202012::new(&json(PLAN)).expect("the schema can be used");
    let document = json(&PlanView { plan: &plan, verbose: false }.json());
    assert!(validator.is_valid(&document));
}

#[test]
fn a_plan_is_read_back_as_it_was_written() {
    let plan = samples::plan();
    let read: Plan = serde_json::from_str(&PlanView { plan: &plan, verbose: false }.json()).expect("it is a plan");
    assert_eq!(read, plan);
}

#[test]
fn a_field_that_the_schema_does_not_know_is_refused() {
    let mut document = json(&PlanView { plan: &samples::plan(), verbose: false }.json());
    let validator = jsonschema::draft202012::new(&json(PLAN)).expect("the schema can be used");
    document["changes"][0]["verification"]["by"] = "broker 1".into();
    assert!(!validator.is_valid(&document));
}

/// What fails is told by the same words wherever it is told.
#[test]
fn every_schema_has_every_kind_of_failure() {
    let kinds: Vec<&str> = FailureKind::WORDS.iter().map(|(word, _)| *word).collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    let mut checked = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the schemas") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let schema = json(&std::fs::read_to_string(&path).expect("a schema"));
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        for words in lists_of_words(&schema).into_iter().filter(|words| words.contains(&"unreachable")) {
            assert_eq!(words, kinds, "{name}");
            checked.insert(name.clone());
        }
    }
    assert!(checked.contains("audit-event.schema.json") && checked.len() > 7, "{checked:?}");
}

/// The words of each value that has one of several.
fn lists_of_words(schema: &Value) -> Vec<Vec<&str>> {
    let words = match schema {
        Value::Object(fields) => {
            let one_of = fields.get("oneOf").and_then(Value::as_array).into_iter().flatten();
            let plain = fields.get("enum").and_then(Value::as_array).into_iter().flatten();
            one_of.filter_map(|of| of.get("const")).chain(plain).filter_map(Value::as_str).collect()
        }
        _ => Vec::new(),
    };
    let below: Box<dyn Iterator<Item = &Value>> = match schema {
        Value::Object(fields) => Box::new(fields.values()),
        Value::Array(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    };
    std::iter::once(words).chain(below.flat_map(lists_of_words)).collect()
}

#[test]
fn the_schema_of_contract_tests() {
    let (mut findings, sources) = samples::findings();
    (findings[0].waiver, findings[0].resource) = (Some(waiver().terms()), Some(waiver().resource));
    let items = ["compatibility", "fixtures", "contract tests", "decision record"];
    let items = items.map(|what| ReviewItem { what, is_done: what == "fixtures", says: "It `is` so @all.".to_owned() });
    let review = Review { name: "media.a.v2".into(), part: "key", change: "v1 → v2".into(), items: items.to_vec() };
    let findings = Findings::listed(findings, &sources);
    let tested = Tested { reviews: vec![review], schemas: 1, samples: 2, readings: 3, ..Tested::default() };
    let found = FindingsView { findings: &findings, sources: &sources };
    let view = ContractView { tested: &tested, findings: found, only_checklist: false };
    describes(CONTRACT, &view.json());
    let comment = ContractView { only_checklist: true, ..view }.markdown();
    assert!(comment.contains("- [x] fixtures: It `is` so &#64;&#8203;all."), "{comment}");
    assert!(comment.contains("`media.a.v2 (key)` v1 → v2"), "{comment}");
}

#[test]
fn the_schema_of_findings() {
    let (mut findings, sources) = samples::findings();
    (findings[0].waiver, findings[0].resource) = (Some(waiver().terms()), Some(waiver().resource));
    let text = FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources }
        .text(Style { color: false, width: 100 });
    let line = "waiver: - { code: BUS501, resource: \"topic/a b\", reason: \"…\", expires: 2026-12-31, owner: media-platform }";
    assert!(text.contains(line), "{text}");
    let findings = FindingsView { findings: &Findings::listed(findings.clone(), &sources), sources: &sources };
    let verdict = Verdict { compatible: false, level: "BACKWARD".to_owned() };
    describes(FINDINGS, &VerdictView { findings, verdict: &verdict }.json());
}

#[test]
fn the_schema_of_tested_rules() {
    let (mut findings, sources) = samples::findings();
    (findings[0].waiver, findings[0].resource) = (Some(waiver().terms()), Some(waiver().resource));
    let rule = TestedRule { code: "ORG001", name: Some("few".into()), good: 1, bad: 2, failed: 1 };
    let findings = FindingsView { findings: &Findings::listed(findings, &sources), sources: &sources };
    describes(POLICY_TEST, &PolicyTestView { rules: &[rule], findings }.json());
}

#[test]
fn the_schema_of_reports() {
    describes(APPLY, &ApplyView { report: &samples::report(), is_saved: false }.json());
}

#[test]
fn the_schema_of_drift() {
    let mut drift = samples::drift();
    drift.findings[0].waiver = Some(waiver());
    describes(DRIFT, &DriftView { drift: &drift }.json());
}

#[test]
fn the_schema_of_shown_topics() {
    let (topic, quota) = (samples::shown_topic().json(), samples::shown_quota().json());
    let (user, brokers) = (samples::shown_scram_user().json(), samples::shown_brokers().json());
    describes_all(SHOW, &[&topic, &quota, &user, &brokers]);
}

#[test]
fn the_schema_of_the_record() {
    let mut audit = samples::audit();
    describes(AUDIT, &AuditView { audit: &audit, verbose: false }.json());
    let sample = audit.entries[0].clone();
    audit.entries =
        AuditStatus::WORDS.iter().map(|(_, status)| AuditEntry { status: *status, ..sample.clone() }).collect();
    let validator = jsonschema::draft202012::new(&json(AUDIT)).expect("the schema can be used");
    assert!(validator.is_valid(&json(&AuditView { audit: &audit, verbose: false }.json())));
}

#[test]
fn the_schema_of_moves() {
    let event = &samples::events()[7];
    let topic: TopicName = "audit.access.v1".parse().expect("a topic");
    let partition = OngoingReassignment {
        topic: topic.clone(),
        partition: 0,
        replicas: vec![3, 1, 2],
        adding: vec![3],
        removing: vec![2],
    };
    let mut moves = Moves {
        format_version: 1,
        cluster: "production".into(),
        cluster_id: "MkU3".into(),
        topics: vec![MovedTopic::new(&topic, vec![partition], std::slice::from_ref(event))],
        throttled: ThrottledTopic::of(std::slice::from_ref(event), &[]),
        bytes_left: Some(3 << 20),
        bytes_per_second: None,
        seconds_left: None,
        waits_for: vec![3],
    };
    let begun = moves.topics[0].begun_by.clone().expect("the event is about it");
    assert_eq!((begun.who.as_str(), begun.throttle), ("deploy", Some(50 << 20)));
    describes(MOVES, &MovesView { moves: &moves, verbose: false }.json());
    moves.topics[0].begun_by = None;
    let validator = jsonschema::draft202012::new(&json(MOVES)).expect("the schema can be used");
    assert!(validator.is_valid(&json(&MovesView { moves: &moves, verbose: false }.json())));
}

#[test]
fn the_schema_of_events() {
    let events = samples::events();
    let validator = jsonschema::draft202012::new(&json(AUDIT_EVENT)).expect("the schema can be used");
    let lines = json_lines(&events);
    assert_eq!(lines.lines().count(), events.len());
    let documents: Vec<Value> = lines.lines().map(json).collect();
    let (mut described, mut written) = (BTreeSet::new(), BTreeSet::new());
    properties(&json(AUDIT_EVENT), &mut described);
    for document in &documents {
        let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?} in {document:#}");
        keys(document, &mut written);
    }
    // The keys of the counts are words and no fields.
    written.remove(crate::ports::journal::Event::PLANNED);
    assert_eq!(described, written);
    let mut event = events[1].clone();
    for phase in [Phase::Began, Phase::Intent, Phase::Outcome, Phase::Resolved, Phase::Ended] {
        for status in [
            EventStatus::Done,
            EventStatus::Failed,
            EventStatus::Blocked,
            EventStatus::NotTried,
            EventStatus::NotDone,
            EventStatus::Partial,
        ] {
            (event.phase, event.status) = (phase, Some(status));
            assert!(validator.is_valid(&json(json_lines(std::slice::from_ref(&event)).trim())));
        }
    }
}
