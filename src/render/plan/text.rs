//! What a plan says, in words that every format shares.

use crate::model::{Kind, about_bytes};
use crate::plan::{
    Action, BrokerShare, Change, FieldChange, FieldValue, NotUndone, Plan, Reassignment, Selected, VerificationState,
};
use crate::render::words::{counted, first_few, number};

/// Longer values are cut; the JSON document has them whole.
pub(in crate::render) const LONGEST_VALUE: usize = 300;

pub(super) fn sign(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Delete => "-",
    }
}

pub(super) fn verification(state: VerificationState) -> &'static str {
    match state {
        VerificationState::Verified => "verified",
        VerificationState::Refused => "refused",
        VerificationState::Offline => "checked offline",
        VerificationState::Unverifiable => "unverifiable",
    }
}

/// A field as people call it: Kafka's own name of a config.
pub(in crate::render) fn field_name(field: &str) -> &str {
    field.strip_prefix("config.").unwrap_or(field)
}

/// The fields of an update that are shown, and how many partitions that are moved are not.
pub(super) fn fields(change: &Change, verbose: bool) -> (Vec<&FieldChange>, usize) {
    const MOST_PARTITIONS: usize = 6;
    let is_of_partition = |field: &FieldChange| {
        let number = field.field.strip_prefix("replicas.").or_else(|| field.field.strip_prefix("leader."));
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let mut partitions = 0;
    let mut shown = Vec::new();
    for field in &change.fields {
        partitions += usize::from(is_of_partition(field));
        if verbose || partitions <= MOST_PARTITIONS || !is_of_partition(field) {
            shown.push(field);
        }
    }
    let more = change.fields.len() - shown.len();
    (shown, more)
}

/// `12 replicas of 6 partitions are copied, about 3.2GiB. Brokers before and after:`
pub(super) fn moved(reassignment: &Reassignment) -> String {
    let partitions = counted(reassignment.partitions, "partition");
    let size = reassignment.bytes.map(|bytes| format!(", about {}", about_bytes(bytes))).unwrap_or_default();
    match reassignment.copies {
        0 => format!("Replicas of {partitions} change; none is copied. Brokers before and after:"),
        1 => format!("1 replica of {partitions} is copied{size}. Brokers before and after:"),
        copies => format!("{} replicas of {partitions} are copied{size}. Brokers before and after:", number(copies)),
    }
}

/// `broker 3 (rack-c): 12 → 0 replicas, 4 → 0 leaders, 1.2GiB → 0B`
pub(super) fn share(share: &BrokerShare) -> String {
    let BrokerShare { broker, rack, before, after } = share;
    let rack = rack.as_ref().map(|rack| format!(" ({rack})")).unwrap_or_default();
    let changed =
        |before: String, after: String| if before == after { before } else { format!("{before} → {after}") };
    let replicas = changed(number(before.replicas), number(after.replicas));
    let leaders = changed(number(before.leaders), number(after.leaders));
    let bytes = match (before.bytes, after.bytes) {
        (Some(before), Some(after)) => format!(", {}", changed(about_bytes(before), about_bytes(after))),
        _ => String::new(),
    };
    let written = match (before.written, after.written) {
        (Some(before), Some(after)) => format!(", written {}", changed(an_hour(before), an_hour(after))),
        _ => String::new(),
    };
    format!("broker {broker}{rack}: replicas {replicas}, preferred leaders {leaders}{bytes}{written}")
}

fn an_hour(bytes: u64) -> String {
    format!("{}/h", about_bytes(bytes))
}

/// A value in the units of people, with the raw number beside it and where it comes from:
/// `7d (604800000), Kafka's default`.
pub(in crate::render) fn value(value: Option<&FieldValue>) -> String {
    let Some(value) = value else { return "not set".into() };
    let text = match &value.shown {
        Some(shown) if !value.is_hidden() && value.value.parse::<i64>().is_ok() => format!("{shown} ({})", value.value),
        _ => value.text().into_owned(),
    };
    match &value.source {
        Some(source) => format!("{text}, {source}"),
        None => text,
    }
}

/// What a new or vanishing resource has, in few words: `24 partitions`, `retention.ms=30d` …
pub(super) fn compact(change: &Change) -> Vec<String> {
    if change.address.kind == Kind::Grant {
        return permissions(&change.fields);
    }
    let shown = change.fields.iter().filter_map(|field| {
        let value = field.after.as_ref().or(field.before.as_ref())?.text();
        let value = &*value;
        Some(match (field.field.as_str(), field.field.strip_prefix("config.")) {
            (_, Some(config)) => format!("{config}={value}"),
            ("partitions", _) => counted_text(value, "partition"),
            ("replication_factor", _) => counted_text(value, "replica"),
            ("schema", _) => value.to_owned(),
            (name, _) => format!("{name} {value}"),
        })
    });
    shown.collect()
}

fn counted_text(value: &str, one: &str) -> String {
    format!("{value} {one}{}", if value == "1" { "" } else { "s" })
}

/// ACLs in words, those of one principal together: `allow User:x describe, read`, `no longer allow User:x write`.
pub(super) fn permissions(fields: &[FieldChange]) -> Vec<String> {
    let mut grouped: Vec<(String, Vec<&str>)> = Vec::new();
    for field in fields {
        let head = match (&field.before, &field.after) {
            (before, Some(after)) => {
                let changed = before.as_ref().filter(|before| before.value != after.value);
                let was = changed.map(|before| format!(" in place of {}", before.text())).unwrap_or_default();
                format!("{}{was}", after.text())
            }
            (Some(before), None) => format!("no longer {}", before.text()),
            (None, None) => continue,
        };
        let (principal, operation) = split_permission(&field.field);
        let head = format!("{head} {principal}");
        match grouped.last_mut() {
            Some((known, operations)) if *known == head => operations.push(operation),
            _ => grouped.push((head, vec![operation])),
        }
    }
    grouped.into_iter().map(|(head, operations)| format!("{head} {}", operations.join(", "))).collect()
}

/// The principal and the operation of a permission's field, `User:CN=x read from 10.0.0.1` or `deny User:CN=x read`.
fn split_permission(field: &str) -> (&str, &str) {
    let field = field.strip_prefix("deny ").unwrap_or(field);
    let host = field.rfind(" from ").unwrap_or(field.len());
    match field[..host].rfind(' ') {
        Some(space) => (&field[..space], &field[space + 1..]),
        None => ("", field),
    }
}

/// The service of a grant's address and the rest of it.
pub(super) fn split_grant(name: &str) -> (&str, &str) {
    name.split_once('/').unwrap_or((name, ""))
}

/// `production (cluster id MkU3…)`
pub(super) fn cluster(plan: &Plan) -> String {
    format!("{} (cluster id {})", plan.cluster, plan.cluster_id)
}

/// `3 to create, 1 to update; 1 disruptive, 1 refused by the server`
fn counts(plan: &Plan) -> String {
    let summary = &plan.summary;
    let actions = [(summary.create, "create"), (summary.update, "update"), (summary.delete, "delete")];
    let actions: Vec<_> =
        actions.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} to {word}", number(*n))).collect();
    let refused = plan.changes.iter().filter(|change| change.verification.state == VerificationState::Refused).count();
    let risks =
        [(summary.disruptive, "disruptive"), (summary.destructive, "destructive"), (refused, "refused by the server")];
    let risks: Vec<_> =
        risks.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", number(*n))).collect();
    let lost = match (summary.records, summary.bytes) {
        (Some(records), Some(bytes)) if records > 0 => Some(format!(
            "up to {} lost, about {} on all disks",
            counted(records as usize, "record"),
            about_bytes(bytes)
        )),
        (Some(records), None) if records > 0 => Some(format!("up to {} lost", counted(records as usize, "record"))),
        _ => None,
    };
    let parts = [actions.join(", "), risks.join(", "), lost.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The last line of a plan: what it would do, or why there is nothing to do.
pub fn summary(plan: &Plan) -> String {
    let unseen = counted(plan.incomplete.len(), "resource");
    match (plan.is_empty(), plan.complete, plan.findings.len()) {
        (true, true, 0) if plan.selected.is_some() => {
            format!("Nothing to do for what was selected of {}.", cluster(plan))
        }
        (true, true, 0) => format!("Nothing to do: {} is as the workspace says.", cluster(plan)),
        (true, true, findings) => {
            format!("Nothing to do on {}; see {}.", cluster(plan), counted(findings, "finding"))
        }
        (true, false, _) => {
            format!("Nothing to do for what could be seen of {}; {unseen} could not be seen.", cluster(plan))
        }
        (false, true, _) => format!("Plan for {}: {}.", cluster(plan), counts(plan)),
        (false, false, _) => format!(
            "Incomplete plan for {}: {}. {unseen} could not be seen and {} not planned.",
            cluster(plan),
            counts(plan),
            if plan.incomplete.len() == 1 { "is" } else { "are" },
        ),
    }
}

/// That a plan of what no manifest declares has nothing to do; how the cluster is otherwise, it does not say.
pub fn nothing_asked(plan: &Plan) -> String {
    format!("Nothing to do on {}.\n", cluster(plan))
}

/// What a plan was cut down to: `Only topic/media.*: 12 other changes are left out.`
pub(super) fn selected(selected: &Selected) -> String {
    let excludes = first_few(&selected.excludes);
    let mut text = match (selected.targets.as_slice(), selected.excludes.as_slice()) {
        ([], _) => format!("Without {excludes}"),
        (targets, []) => format!("Only {}", first_few(targets)),
        (targets, _) => format!("Only {} without {excludes}", first_few(targets)),
    };
    if !selected.pulled_in.is_empty() {
        text.push_str(&format!(", with what that needs ({})", first_few(&selected.pulled_in)));
    }
    if selected.left_out == 0 {
        return format!("{text}: there is no other change.");
    }
    let are = if selected.left_out == 1 { "is" } else { "are" };
    format!("{text}: {} {are} left out.", counted(selected.left_out, "other change"))
}

/// A part of a plan that an inverse plan does not take back.
pub(super) fn not_undone(part: &NotUndone) -> String {
    let field = part.field.as_ref().map(|field| format!(" {}", field_name(field))).unwrap_or_default();
    format!("{}{field}: {}", part.address, part.reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Share;
    use crate::plan::samples::{change, field};

    #[test]
    fn each_broker_is_shown_before_and_after() {
        let of = |replicas, leaders, bytes| Share { replicas, leaders, bytes, written: bytes.map(|bytes| bytes / 3) };
        let mut one = BrokerShare {
            broker: 3,
            rack: Some("rack-c".into()),
            before: of(12, 4, Some(3 << 30)),
            after: of(0, 4, Some(0)),
        };
        assert_eq!(
            share(&one),
            "broker 3 (rack-c): replicas 12 → 0, preferred leaders 4, 3.0GiB → 0B, written 1.0GiB/h → 0B/h"
        );
        (one.rack, one.after.bytes, one.after.written) = (None, None, None);
        assert_eq!(share(&one), "broker 3: replicas 12 → 0, preferred leaders 4");
        let mut whole = Reassignment { partitions: 6, copies: 12, bytes: Some(3 << 30), brokers: vec![one] };
        assert_eq!(moved(&whole), "12 replicas of 6 partitions are copied, about 3.0GiB. Brokers before and after:");
        (whole.copies, whole.bytes) = (0, Some(0));
        assert_eq!(moved(&whole), "Replicas of 6 partitions change; none is copied. Brokers before and after:");
    }

    #[test]
    fn of_many_partitions_some_are_shown() {
        let fields = (0..9).map(|number| field(&format!("replicas.{number}"), Some("1"), Some("1,2")));
        let fields = std::iter::once(field("replication_factor", Some("1"), Some("2"))).chain(fields);
        let change = change(crate::model::Address::topic("a"), Action::Update, fields.collect());
        let (shown, more) = super::fields(&change, false);
        assert_eq!((shown.len(), more), (7, 3));
        assert_eq!(super::fields(&change, true).1, 0);
    }

    #[test]
    fn the_permission_of_a_principal_with_spaces_is_taken_apart() {
        assert_eq!(split_permission("User:CN=A B read"), ("User:CN=A B", "read"));
        assert_eq!(split_permission("User:x read from 10.0.0.1"), ("User:x", "read from 10.0.0.1"));
        assert_eq!(split_permission("odd"), ("", "odd"));
    }

    #[test]
    fn a_long_selection_is_counted() {
        let excludes = (1..=40).map(|number| format!("topic/t{number}")).collect();
        let cut = Selected { targets: Vec::new(), excludes, pulled_in: Vec::new(), left_out: 120 };
        assert_eq!(selected(&cut), "Without topic/t1, topic/t2, topic/t3 and 37 more: 120 other changes are left out.");
    }

    #[test]
    fn the_raw_value_is_shown_where_it_is_a_number() {
        assert_eq!(value(Some(&FieldValue::shown("604800000", "7d"))), "7d (604800000)");
        assert_eq!(value(Some(&FieldValue::shown("3fab", "version 2 (avro)"))), "version 2 (avro)");
        for (text, told) in [("", "\"\""), ("billing\n", "\"billing\\n\""), (" x", "\" x\""), ("a\tb", "\"a\\tb\"")] {
            assert_eq!(value(Some(&FieldValue::plain(text))), told);
        }
        assert_eq!(value(Some(&FieldValue::plain("a \"b\""))), "a \"b\"");
        assert_eq!(value(Some(&FieldValue::plain(12).from_source("Kafka's default"))), "12, Kafka's default");
        assert_eq!(value(None), "not set");
    }
}
