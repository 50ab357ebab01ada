//! Drift as metrics, in Prometheus' text exposition format (version 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::{Kind, Timestamp};
use crate::plan::{Cause, Drift};

pub(super) fn render(drift: &Drift, now: Timestamp) -> String {
    let cluster = label(&drift.cluster);
    let mut counts: BTreeMap<(&str, Cause), usize> = BTreeMap::new();
    for drifted in &drift.drifted {
        *counts.entry((drifted.address.kind.as_str(), drifted.cause)).or_default() += 1;
    }
    let mut out = String::new();
    let mut family = |name: &str, help: &str, samples: Vec<(String, String)>| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let _ = writeln!(out, "{name}{{cluster=\"{cluster}\"{labels}}} {value}");
        }
    };
    // Every kind and cause has a series, so that an alert does not wait for the first drift to know of it.
    // Records that are gone are gone for everybody: nothing declares them.
    let kinds = Kind::WORDS.iter().filter(|(_, kind)| *kind != Kind::Records);
    let every = kinds.flat_map(|(kind, _)| Cause::WORDS.iter().map(|(_, cause)| (*kind, *cause)));
    let samples = every.map(|(kind, cause)| {
        let count = counts.get(&(kind, cause)).copied().unwrap_or_default();
        (format!(",kind=\"{kind}\",cause=\"{}\"", cause.as_str()), count.to_string())
    });
    family(
        "busctl_drift_resources",
        "Resources that differ from the manifests, by who changed them.",
        samples.collect(),
    );
    let of_level = |level: &str| drift.findings.iter().filter(|finding| finding.level.as_str() == level).count();
    family(
        "busctl_drift_findings",
        "What the live state breaks, and what differs although no apply can change it.",
        ["error", "warn", "info"].map(|level| (format!(",level=\"{level}\""), of_level(level).to_string())).into(),
    );
    let of_kind = |kind: &str| drift.unmanaged.iter().filter(|resource| resource.kind == kind).count();
    family(
        "busctl_drift_unmanaged",
        "What is there and no manifest declares.",
        ["topic", "acl", "broker-config", "client-config", "quota", "scram-user", "subject"]
            .map(|kind| (format!(",kind=\"{kind}\""), of_kind(kind).to_string()))
            .into(),
    );
    let complete = u8::from(drift.complete).to_string();
    family(
        "busctl_drift_complete",
        "Whether everything that is declared could be seen.",
        vec![(String::new(), complete)],
    );
    let seconds = format!("{:.3}", now.unix_millis() as f64 / 1e3);
    family("busctl_drift_last_check_timestamp_seconds", "When it was looked.", vec![(String::new(), seconds)]);
    out
}

/// A label's value: backslash, quote and line feed are escaped.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
