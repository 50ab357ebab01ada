//! Rules of the bus's own over the changes of a plan.

use super::compile::{CustomRule, CustomRules};
use super::item::{Fields, Item, Record};
use super::resources::cluster;
use super::run::verdict_finding;
use super::shape::{CHANGE, CHANGED_FIELD, CLUSTER};
use crate::diag::Diagnostic;
use crate::plan::{Change, FieldValue};
use crate::policy::waivers::owner_of;
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;
use crate::resources::settings::Over;
use crate::source::{Sources, Span};

/// What of these changes on a cluster breaks the rules of the bus's own. Levels and waivers are not applied yet.
pub fn check_changes(
    changes: &[Change],
    workspace: &Workspace,
    on: &ClusterSpec,
    rules: &CustomRules<'_>,
) -> Vec<Diagnostic> {
    let is_asked = |rule: &&CustomRule<'_>| workspace.selects(&rule.spec.clusters, on);
    let here: Vec<&CustomRule<'_>> = rules.over(Over::Change).filter(is_asked).collect();
    if changes.is_empty() || here.is_empty() {
        return Vec::new();
    }
    let used = rules.fields(Over::Change, &CHANGE);
    let cluster = cluster(on, rules.fields(Over::Change, &CLUSTER));
    let mut findings = Vec::new();
    for change in changes {
        let address = change.address.to_string();
        let record = record(change, workspace, &address, used);
        for rule in &here {
            let finding = verdict_finding(rule, rules.judge(rule, &[&record, &cluster]), &address);
            findings.extend(finding.map(|finding| match span_of(change, &workspace.sources) {
                Some(span) => finding.at(span, ""),
                None => finding,
            }));
        }
    }
    findings
}

fn record<'c>(change: &'c Change, workspace: &'c Workspace, address: &'c str, used: Fields) -> Record<'c> {
    let mut record = Record::new(&CHANGE, used);
    record.put("address", || Some(Item::text(address)));
    record.put("kind", || Some(Item::text(change.address.kind.as_str())));
    record.put("name", || Some(Item::text(&*change.address.name)));
    record.put("owner", || owner_of(address, workspace).map(Item::text));
    record.put("action", || Some(Item::text(change.action.as_str())));
    record.put("risk", || Some(Item::text(change.risk.to_string())));
    record.put("fields", || {
        let value = |value: &'c Option<FieldValue>| value.as_ref().map(|value| Item::text(&*value.value));
        let field = |field: &'c crate::plan::FieldChange| {
            let mut record = Record::new(&CHANGED_FIELD, Fields::ALL);
            record.put("name", || Some(Item::text(&*field.field)));
            record.put("before", || value(&field.before));
            record.put("after", || value(&field.after));
            Item::Record(record)
        };
        Some(Item::List(change.fields.iter().map(field).collect()))
    });
    record.put("impact", || Some(Item::texts(change.impact.iter().map(String::as_str))));
    record
}

/// Where the first field that changes is written, else the resource: to the end of the word.
fn span_of(change: &Change, sources: &Sources) -> Option<Span> {
    let places = change.fields.iter().filter_map(|field| field.place.as_ref());
    places.chain(&change.place).find_map(|place| sources.span_of(place))
}
