use std::collections::BTreeSet;
use std::fmt::Display;

use crate::diag::{Diagnostic, Level};
use crate::model::Kind;
use crate::policy::Content::{self, Text};
use crate::policy::{Base, Check, Comparison, Example, Rule};
use crate::resources::Workspace;
use crate::resources::topic::State;
use crate::source::{Span, Spanned};

const CONSUMER: &str = "acls/normalizer.yaml";
const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";

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

/// BUS712.
pub static QUOTA_LOWERED: Rule = Rule {
    code: "BUS712",
    name: "quota-lowered",
    summary: "A change that lets a service use less of the brokers is told",
    explanation: "Above its quota a service is slowed down by the brokers: nothing fails at once, its lag grows until somebody \
looks. A lower `quota` in its grants, or one where there was none, does that to whoever uses more today.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (CONSUMER, Text("quota: { consume: 10MiB/s }\n")),
        (CONSUMER, Content::Base("quota: { consume: 20MiB/s }\n")),
    ]),
    good: Example(&[
        (CONSUMER, Text("quota: { consume: 30MiB/s }\n")),
        (CONSUMER, Content::Base("quota: { consume: 20MiB/s }\n")),
    ]),
    check: Check::Base(lowered),
};

fn lowered(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    for (service, before) in &base.workspace.grants {
        let stays = |state: &Spanned<State>| state.value == State::Present;
        let Some(now) = workspace.grants.get(service).filter(|now| now.state.as_ref().is_none_or(stays)) else {
            continue;
        };
        let (Some(is), was) = (now.quota.as_ref(), before.quota.as_ref()) else { continue };
        let less = [
            less("produce", is.produce, was.and_then(|was| was.produce)),
            less("consume", is.consume, was.and_then(|was| was.consume)),
            less("request", is.request, was.and_then(|was| was.request)),
            less("mutations", is.mutations, was.and_then(|was| was.mutations)),
        ];
        for (what, span, was) in less.into_iter().flatten() {
            let finding = QUOTA_LOWERED.finding(format!("`{service}` may use less: {what}")).at(span, "");
            let label = format!("as {} has it", base.name);
            let finding = was.into_iter().fold(finding, |finding, was| finding.at(was, &*label));
            let help = "above it the brokers slow it down: see that it uses less today, and that its owner knows";
            findings.push(finding.help(help).resource(format_args!("service/{service}")));
        }
    }
}

/// What is lower than it was, where it is and where it was. No quota is more than any.
fn less<T: Copy + PartialOrd + Display>(
    key: &str,
    is: Option<Spanned<T>>,
    was: Option<Spanned<T>>,
) -> Option<(String, Span, Option<Span>)> {
    let is = is?;
    match was {
        Some(was) if is.value < was.value => {
            let what = format!("`quota.{key}` becomes {}, it was {}", is.value, was.value);
            Some((what, is.span, Some(was.span)))
        }
        Some(_) => None,
        None => Some((format!("`quota.{key}` becomes {}, there was none", is.value), is.span, None)),
    }
}
