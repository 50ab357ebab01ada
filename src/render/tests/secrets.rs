//! Values that look like secrets are shown by no form of a plan, a drift or a record.

use std::collections::BTreeMap;

use super::samples::{self, change, plan_of};
use crate::model::{Address, Risk, Timestamp};
use crate::plan::{Action, FieldChange, FieldValue, SavedPlan, Standing, Step, drift, standing};
use crate::ports::consul::KeyWrite;
use crate::ports::journal::{Event, Phase, json_lines};
use crate::render::audit::AuditView;
use crate::render::drift::DriftView;
use crate::render::plan::PlanView;
use crate::render::{Style, View};
use crate::resources::topic::ConfigValue;

const JAAS: &str = "PlainLoginModule required username=\"bus\" password=\"hunter2\";";
const NUMBER: &str = "20461234";

fn fields() -> Vec<FieldChange> {
    let field = |key: &str, before: &str, after: &str| {
        let value = |text: &str| Some(FieldValue::shown(text, ConfigValue::of_kafka(key, text).human(key)));
        FieldChange { field: format!("config.{key}"), before: value(before), after: value(after), place: None }
    };
    vec![
        field("sasl.jaas.config", JAAS, &JAAS.replace("hunter2", "correct-horse")),
        field("mirror.password", NUMBER, "30471234"),
        field("retention.ms", "60000", "120000"),
    ]
}

fn shows_none(form: &str, text: &str) {
    for secret in ["hunter2", "correct-horse", NUMBER, "30471234"] {
        assert!(!text.contains(secret), "{form} shows `{secret}`:\n{text}");
    }
    let text = text.replace("&#42;", "*");
    assert!(text.contains(FieldValue::HIDDEN), "{form} tells that there is something:\n{text}");
}

#[test]
fn no_form_of_a_plan_shows_them_and_no_saved_plan_has_them() {
    let plan = plan_of(vec![change(Address::topic("a"), Action::Update, Risk::Safe, fields())]);
    for verbose in [false, true] {
        let view = PlanView { plan: &plan, verbose };
        shows_none("text", &view.text(Style::PLAIN));
        shows_none("json", &view.json());
    }
    shows_none("markdown", &PlanView { plan: &plan, verbose: true }.markdown());
    let read: crate::plan::Plan =
        serde_json::from_str(&PlanView { plan: &plan, verbose: false }.json()).expect("it is a plan");
    assert_eq!(read.changes[0].fingerprint, plan.changes[0].fingerprint);
    assert_eq!(read.changes[0].fields[2], plan.changes[0].fields[2]);
    let alterations = fields().into_iter().map(|field| {
        let key = field.field.trim_start_matches("config.").into();
        (key, field.after.map(|after| after.value))
    });
    let mut plan = plan;
    plan.changes[0].steps = vec![
        Step::AlterConfigs { topic: "a".parse().expect("a topic"), alterations: alterations.collect() },
        Step::WriteKeys(vec![KeyWrite {
            key: "a/sasl/password".into(),
            value: Some("hunter2".into()),
            index: 1,
            told: None,
        }]),
    ];
    let saved = SavedPlan::new(plan.clone(), Timestamp::of_unix_millis(0), None);
    shows_none("a saved plan", &serde_json::to_string(&saved).expect("JSON"));
    // What is applied is made anew, and is what was reviewed.
    assert_eq!(standing(&saved.plan.changes[0], Some(&plan.changes[0])), Standing::AsReviewed);
    // One that an earlier version saved is as good.
    let older = SavedPlan { plan: plan.clone(), ..saved };
    assert_eq!(standing(&older.plan.changes[0], Some(&plan.changes[0])), Standing::AsReviewed);
    shows_none("an older plan", &serde_json::to_string(&older.without_secrets()).expect("JSON"));
}

#[test]
fn no_event_of_the_record_has_them() {
    let plan = plan_of(vec![change(Address::topic("a"), Action::Update, Risk::Safe, fields())]);
    let origin = samples::audit().entries[0].origin.clone();
    let began = Event::of_apply("1", Phase::Began, Timestamp::of_unix_millis(0), origin, "digest");
    let intent = began.intent(&plan.changes[0], Timestamp::of_unix_millis(1));
    shows_none("the record", &json_lines(std::slice::from_ref(&intent)));
    assert_eq!(intent.fields[2], plan.changes[0].fields[2]);
}

#[test]
fn no_form_of_a_drift_shows_them() {
    let address = Address::topic("a");
    let plan = plan_of(vec![change(address.clone(), Action::Update, Risk::Safe, fields())]);
    let applied = [
        ("config.sasl.jaas.config".to_owned(), JAAS.to_owned()),
        ("config.mirror.password".to_owned(), NUMBER.to_owned()),
    ];
    let drift = drift(&plan, &BTreeMap::from([(address, BTreeMap::from(applied))]));
    let view = DriftView { drift: &drift };
    shows_none("text", &view.text(Style::PLAIN));
    shows_none("json", &view.json());
    shows_none("markdown", &view.markdown());
    // What was applied is what the cluster has: that is still told.
    assert_eq!(drift.drifted[0].fields[0].cause, crate::plan::Cause::Pending);
}

#[test]
fn no_form_of_a_record_shows_them() {
    let mut audit = samples::audit();
    audit.entries[0].fields = fields();
    let view = AuditView { audit: &audit, verbose: true };
    shows_none("text", &view.text(Style::PLAIN));
    shows_none("json", &view.json());
}
