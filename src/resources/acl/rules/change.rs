use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Level};
use crate::model::Kind;
use crate::policy::Content::{self, Text};
use crate::policy::{Base, Check, Comparison, Example, Rule};
use crate::resources::Workspace;
use crate::resources::topic::State;

const CONSUMER: &str = "acls/normalizer.yaml";
const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";

/// BUS705.
pub static DROPPED: Rule = Rule {
    code: "BUS705",
    name: "service-dropped",
    summary: "The grants of a service are not taken away with its file; a tombstone takes them away",
    explanation: "Where the file in `acls/` is gone, nobody knows any more that its principals are ours: their ACLs stay on \
the cluster, unmanaged. `state: absent` with a `reason` takes the ACLs away; once that is applied everywhere the file can go.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (CONSUMER, Text("")),
        (TOPIC, Text("consumers: []\n")),
        ("busctl.yaml", Text("rules: { BUS110: off }\n")),
        ("busctl.yaml", Content::Base("rules: { BUS110: off }\n")),
        (CONSUMER, Content::Base("service: normalizer\n")),
    ]),
    good: Example(&[
        (
            CONSUMER,
            Text("service: normalizer\nstate: absent\nreason: Replaced by the enricher (CR-2160).\nconsumes: []\n"),
        ),
        (TOPIC, Text("consumers: []\n")),
        ("busctl.yaml", Text("rules: { BUS110: off, BUS706: off }\n")),
        ("busctl.yaml", Content::Base("rules: { BUS110: off, BUS706: off }\n")),
        (CONSUMER, Content::Base("service: normalizer\n")),
    ]),
    check: Check::Base(dropped),
};

fn dropped(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    let leaving = |state: &crate::source::Spanned<State>| state.value == State::Absent;
    for (service, before) in &base.workspace.grants {
        // A file that cannot be read is not taken away.
        let broken = workspace.unread.contains("grants") || workspace.broken.contains(&("service", service.clone()));
        if workspace.grants.contains_key(service) || broken || before.state.as_ref().is_some_and(leaving) {
            continue;
        }
        findings.push(
            DROPPED
                .finding(format!("the grants of service `{service}` are gone from the manifests; its ACLs are not"))
                .at(before.service.span, format!("declared here in {}", base.name))
                .help("put the file back with `state: absent` and a `reason`: then its ACLs are taken away")
                .resource(format!("service/{service}")),
        );
    }
}

/// BUS706.
pub static ACCESS_LOST: Rule = Rule {
    code: "BUS706",
    name: "access-lost",
    summary: "A change that takes access away is told",
    explanation: "Whoever loses access is refused at the next request after the apply. What counts is what the authorizer \
would decide with all changes carried out, not which lines are gone: a grant that another one covers takes nothing away.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (CONSUMER, Text("consumes: []\n")),
        (TOPIC, Text("consumers: []\n")),
        ("busctl.yaml", Text("rules: { BUS110: off }\n")),
        ("busctl.yaml", Content::Base("rules: { BUS110: off }\n")),
        (CONSUMER, Content::Base("service: normalizer\n")),
    ]),
    good: Example(&[(CONSUMER, Content::Base("service: normalizer\n"))]),
    check: Check::Change(lost),
};

fn lost(comparison: &Comparison<'_>, findings: &mut Vec<Diagnostic>) {
    let desired = comparison.desired;
    for change in comparison.changes.iter().filter(|change| change.address.kind == Kind::Grant) {
        let loses: Vec<_> = change.access.iter().filter(|access| !access.lost.is_empty()).collect();
        if loses.is_empty() {
            continue;
        }
        let told: BTreeSet<String> = loses
            .iter()
            .map(|access| {
                let who = access.service.clone().unwrap_or_else(|| access.principal.to_string());
                let what: Vec<&str> = access.lost.iter().map(|operation| operation.as_str()).collect();
                format!("`{who}` loses {} on {} `{}`", what.join(" and "), access.resource, access.names())
            })
            .collect();
        let service = change.address.name.split('/').next().unwrap_or_default();
        let mut finding =
            ACCESS_LOST.finding(told.into_iter().collect::<Vec<_>>().join("; ")).resource(&change.address);
        if let Some(owner) = desired.grants.owners.values().find(|owner| owner.name == service) {
            finding = finding.at(owner.span, "");
        }
        findings.push(finding.help("see that it no longer uses it: its next request is refused"));
    }
}
