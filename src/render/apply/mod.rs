//! Reports of an apply in every format.

mod markdown;
mod terminal;

use std::collections::BTreeMap;

use super::json::to_json;
use super::{Style, View, plain};
use crate::apply::{ApplyReport, Outcome, Status, Unthrottled};
use crate::model::about_bytes;
use crate::plan::Action;

/// A report.
#[derive(Debug, Clone, Copy)]
pub struct ApplyView<'a> {
    /// The report.
    pub report: &'a ApplyReport,
    /// Whether a saved plan was applied: applying it again changes nothing of what has moved since.
    pub is_saved: bool,
}

impl View for ApplyView<'_> {
    fn text(&self, style: Style) -> String {
        terminal::render(self, style)
    }

    /// The report itself; `docs/schemas/apply.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.report)
    }

    fn markdown(&self) -> String {
        markdown::render(self.report)
    }
}

/// One line, without a line break, for each change as it is done, where no progress bar is shown.
pub fn outcome_line(outcome: &Outcome) -> String {
    let address = outcome.address.to_string();
    let address = plain::line(&address);
    match (outcome.status, &outcome.error, &outcome.blocked_by) {
        (Status::Failed, Some(failure), _) => {
            format!("failed {address}: {}", plain::line(&failure.to_string()))
        }
        (Status::Failed, None, _) => format!("failed {address}"),
        (Status::Blocked, _, Some(by)) => {
            format!("blocked {address}: it needs {}{}", plain::line(&by.to_string()), part_of_blocked(outcome))
        }
        (Status::Blocked, ..) => format!("blocked {address}"),
        (Status::NotTried, ..) => format!("not tried {address}"),
        (Status::AlreadyDone, ..) => format!("already so {address}"),
        (Status::Done, ..) => format!("{} {address}", past(outcome.action)),
    }
}

/// Behind a change that is blocked: whether a part of it was done before.
fn part_of_blocked(outcome: &Outcome) -> &'static str {
    if outcome.error.is_some() { " (a part of it was done)" } else { "" }
}

/// What of a throttle does not hold, and why: a sentence for each config and what is there.
pub fn unthrottled(left: &[Unthrottled]) -> Vec<String> {
    let mut places: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for one in left {
        places.entry((&one.key, &one.present)).or_default().push(&one.on);
    }
    let value = |key: &str, value: &str| match value.parse() {
        Ok(rate) if key.ends_with(".rate") => format!("{}/s", about_bytes(rate)),
        _ => value.to_owned(),
    };
    let sentence = |((key, present), on): ((&str, &str), Vec<&str>)| {
        format!(
            "--throttle does not hold on {}: {key} is {} there, which somebody else has set; it is left as it is, and holds for \
             these moves too",
            on.join(", "),
            value(key, present)
        )
    };
    places.into_iter().map(sentence).map(|sentence| plain::line(&sentence).into_owned()).collect()
}

/// What was done, in one word.
fn past(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Delete => "deleted",
    }
}

/// The last line: `Applied to production (cluster id …): 12 done, 1 failed, 2 blocked.`
fn summary(report: &ApplyReport) -> String {
    let counts = report.summary;
    let parts = [
        (counts.done, "done"),
        (counts.already_done, "done by somebody else"),
        (counts.failed, "failed"),
        (counts.blocked, "blocked"),
        (counts.not_tried, "not tried"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(count, word)| *count > 0 || *word == "done")
        .map(|(count, word)| format!("{} {word}", super::words::number(*count)))
        .collect();
    let head = match (report.is_done(), report.stopped.as_deref()) {
        (true, _) => "Applied to",
        (false, None) => "Applied in part to",
        (false, Some(_)) => "Stopped on",
    };
    format!("{head} {} (cluster id {}): {}.", report.cluster, report.cluster_id, parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttle_that_does_not_hold_is_told_with_what_does() {
        let left = |on: &str, key: &str, present: &str| Unthrottled {
            on: on.into(),
            key: key.into(),
            wanted: "52428800".into(),
            present: present.to_owned(),
        };
        let leader = "leader.replication.throttled.rate";
        let all = [
            left("broker 1", leader, "10485760"),
            left("broker 2", leader, "10485760"),
            left("topic a", "leader.replication.throttled.replicas", "*"),
        ];
        insta::assert_snapshot!(unthrottled(&all).join("\n"), @r"
        --throttle does not hold on broker 1, broker 2: leader.replication.throttled.rate is 10.0MiB/s there, which somebody else has set; it is left as it is, and holds for these moves too
        --throttle does not hold on topic a: leader.replication.throttled.replicas is * there, which somebody else has set; it is left as it is, and holds for these moves too
        ");
    }
}
