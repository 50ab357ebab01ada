//! Drift in every format.

mod markdown;
mod prometheus;
mod terminal;

use super::json::to_json;
use super::words::counted;
use super::{Style, View};
use crate::model::Timestamp;
use crate::plan::{Action, Cause, Drift, Drifted};

/// How a live state differs from the manifests.
#[derive(Debug, Clone, Copy)]
pub struct DriftView<'a> {
    /// The drift.
    pub drift: &'a Drift,
}

impl DriftView<'_> {
    /// In the text format of Prometheus, for node_exporter's textfile collector.
    pub fn prometheus(&self, now: Timestamp) -> String {
        prometheus::render(self.drift, now)
    }
}

impl View for DriftView<'_> {
    fn text(&self, style: Style) -> String {
        terminal::render(self.drift, style)
    }

    /// The document itself; `docs/schemas/drift.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.drift)
    }

    fn markdown(&self) -> String {
        markdown::render(self.drift)
    }
}

/// What a cause means, in words.
fn meaning(cause: Cause) -> &'static str {
    match cause {
        Cause::Pending => "changed in Git and not applied",
        Cause::Outside => "changed outside Git",
        Cause::Both => "changed in Git and outside",
        Cause::Unknown => "of unknown cause, for no apply is remembered",
    }
}

/// What says of a resource that is not there all that its fields would: none of them is set.
fn absent(drifted: &Drifted) -> Option<&'static str> {
    match (drifted.action, drifted.cause) {
        (Action::Create, Cause::Pending) => Some("is not there yet"),
        (Action::Create, Cause::Outside) => Some("is gone: it was there after the last apply"),
        (Action::Create, Cause::Unknown) => Some("is not there"),
        _ => None,
    }
}

/// How much is there that no manifest declares.
fn unmanaged(drift: &Drift) -> Option<String> {
    let count = drift.unmanaged.len();
    let are = if count == 1 { "is" } else { "are" };
    let told =
        format!("{} {are} left alone (`busctl plan --verbose` lists them)", counted(count, "unmanaged resource"));
    (count > 0).then_some(told)
}

/// The last line: `production drifts: 2 resources changed outside Git, 1 …`
fn summary(drift: &Drift) -> String {
    let Drift { cluster, cluster_id, complete, .. } = drift;
    let parts: Vec<_> = Cause::WORDS
        .iter()
        .map(|(_, cause)| (*cause, drift.count(*cause)))
        .filter(|(_, count)| *count > 0)
        .map(|(cause, count)| format!("{} {}", counted(count, "resource"), meaning(cause)))
        .collect();
    let head = match (parts.is_empty(), complete) {
        (true, true) if !drift.findings.is_empty() => "nothing differs that an apply would change".to_owned(),
        (true, true) => "what the cluster has is what the manifests say".to_owned(),
        (true, false) => "no drift in what could be seen".to_owned(),
        (false, _) => parts.join(", "),
    };
    let unseen = if *complete { "" } else { "; not everything could be seen" };
    let findings = match drift.findings.len() {
        0 => String::new(),
        count => format!("; see {}", counted(count, "finding")),
    };
    format!("{cluster} (cluster id {cluster_id}): {head}{unseen}{findings}.")
}
