use std::collections::{BTreeMap, BTreeSet};

use super::{ADR, ALLOWED, CLUSTER, Holder, TAGGED, TOPIC};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::catalog::{ServiceKind, ServiceSpec};
use crate::resources::personal::{Area, ResidencySpec, area_of_region};
use crate::resources::topic::{State, TopicSpec};
use crate::resources::{Desired, Workspace};
use crate::source::{Span, Spanned};

/// BUS644.
pub static RESIDENCY: Rule = Rule {
    code: "BUS644",
    name: "personal-data-residency",
    summary: "Personal data stays in the EU, or a decision record says why not",
    explanation: "Data about people in the EU that is kept or read elsewhere is a transfer, which needs a legal ground: who \
decided that, on which one, is a decision record below `docs/`. Where a cluster is, its `region` says (regions of AWS, Google \
Cloud and Azure are known) or its `residency`; where a sink, a mirror or a partner takes data, the `region` or `residency` of \
the service in `catalog/`. The EU counts together with the European Economic Area. The United Kingdom and Switzerland are in \
neither: that their law is found adequate is what the record says. The record is named by the topic (`personal_data: { \
decision: docs/adr/… }`), or by the cluster or service (`residency: { area: elsewhere, decision: docs/adr/… }`).",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[TAGGED, ALLOWED, (CLUSTER, Text("region: us-east-2\n"))]),
    good: Example(&[
        TAGGED,
        ALLOWED,
        (CLUSTER, Text("region: us-east-2\n")),
        (TOPIC, Text("personal_data: { decision: docs/adr/0007-analytics-abroad.md }\n")),
        ADR,
    ]),
    check: Check::With("BUS642"),
};

/// BUS645.
pub static UNKNOWN_RESIDENCY: Rule = Rule {
    code: "BUS645",
    name: "unknown-residency",
    summary: "Where personal data is, is known",
    explanation: "A cluster with personal data says where it is, by a `region` of AWS, Google Cloud or Azure or by `residency: \
eu`. So does a service that takes such data out: a Connect worker, a partner outside the organisation, or one with a region \
that no provider has. Other services are taken to run beside their clusters. What is not known is not the EU.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[TAGGED, ALLOWED]),
    good: Example(&[TAGGED, ALLOWED, (CLUSTER, Text("residency: eu\n"))]),
    check: Check::With("BUS642"),
};

/// BUS646.
pub static OUTSIDE_EU: Rule = Rule {
    code: "BUS646",
    name: "data-outside-the-eu",
    summary: "Data that leaves the EU is known to do so",
    explanation: "Not only data about people is bound to a place: contracts, trade secrets and customers may be, and what nobody has tagged as personal may be it all the same. The rule lists each cluster outside the EU that keeps topics without such a tag, and each service that takes them there, once; of tagged ones BUS644 tells. A decision record of the cluster or service (`residency: { area: elsewhere, decision: docs/adr/… }`) says that it is meant, and the finding is gone. Where nobody says where something is, nothing is found, nor on clusters for development. A bus that keeps all of it in the EU raises the level; one that has nothing to do with the EU turns it off.",
    level: Level::Info,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text("region: us-east-2\n"))]),
    good: Example(&[
        (CLUSTER, Text("residency: { area: elsewhere, decision: docs/adr/0007-analytics-abroad.md }\n")),
        ADR,
    ]),
    check: Check::With("BUS642"),
};

/// Where something is.
struct Whereabouts<'w> {
    area: Option<Area>,
    /// What says it.
    span: Option<Span>,
    /// What it says, in words.
    said: String,
    decision: Option<&'w Spanned<String>>,
}

impl<'w> Whereabouts<'w> {
    fn of(region: Option<&'w Spanned<String>>, residency: Option<&'w ResidencySpec>) -> Self {
        let decision = residency.and_then(|residency| residency.decision.as_ref());
        match (residency, region) {
            (Some(residency), _) => {
                let said = match residency.area.value {
                    Area::Eu => "in the EU".to_owned(),
                    Area::Elsewhere => "outside the EU".to_owned(),
                };
                Self { area: Some(residency.area.value), span: Some(residency.area.span), said, decision }
            }
            (None, Some(region)) => {
                let said = format!("in {}, outside the EU", region.value);
                Self { area: area_of_region(&region.value), span: Some(region.span), said, decision }
            }
            (None, None) => Self { area: None, span: None, said: String::new(), decision },
        }
    }

    /// Whether it is outside of the EU, and no decision record says that it may.
    fn is_undecided(&self, workspace: &Workspace) -> bool {
        let is_decided = self.decision.is_some_and(|decision| workspace.has_document(&decision.value));
        self.area == Some(Area::Elsewhere) && !is_decided
    }
}

/// Topics without personal data that are kept or read outside of the EU, though nobody decided it.
fn untagged(desired: &Desired<'_>, holders: &[Holder<'_>], findings: &mut Vec<Diagnostic>) {
    let (workspace, cluster) = (desired.workspace, desired.cluster);
    if cluster.is_development() {
        return;
    }
    let tagged: BTreeSet<_> = holders.iter().map(|holder| &holder.spec.topic.value).collect();
    let present = desired.topics.values().filter(|topic| topic.state == State::Present);
    let topics: Vec<&TopicSpec> = present
        .filter(|topic| !tagged.contains(&topic.name))
        .filter_map(|topic| workspace.topics.get(&topic.name))
        .collect();
    let told = |place: &Whereabouts<'_>, message: String, span: Span| {
        let finding = OUTSIDE_EU.finding(message).at(place.span.unwrap_or(span), "");
        match place.decision {
            Some(missing) => {
                let help = workspace.document_meant_by(&missing.value);
                finding.at(missing.span, "there is no such decision record").help(help)
            }
            None => finding.help(
                "name who decided it: `residency: { area: elsewhere, decision: docs/adr/… }`, or keep it in the EU",
            ),
        }
    };
    let place = Whereabouts::of(cluster.region.as_ref(), cluster.residency.as_ref());
    if !topics.is_empty() && place.is_undecided(workspace) {
        let message = format!("`{}` keeps {}, {}", cluster.cluster.value, some(&topics), place.said);
        let resource = format!("cluster/{}", cluster.cluster.value);
        findings.push(told(&place, message, cluster.cluster.span).resource(resource));
    }
    let mut taken: BTreeMap<&str, Vec<&TopicSpec>> = BTreeMap::new();
    for topic in &topics {
        for consumer in &topic.consumers {
            taken.entry(consumer.service.as_str()).or_default().push(topic);
        }
    }
    for (service, topics) in taken {
        let Some(spec) = workspace.catalog.services.get(service) else { continue };
        let place = Whereabouts::of(spec.region.as_ref(), spec.residency.as_ref());
        if place.is_undecided(workspace) {
            let message = format!("`{service}` takes {} to where it is: {}", some(&topics), place.said);
            findings.push(told(&place, message, spec.span).resource(format!("service/{service}")));
        }
    }
}

/// Topics in words.
fn some(topics: &[&TopicSpec]) -> String {
    match topics {
        [] => String::new(),
        [only] => format!("`{}`", only.topic.value),
        [first, others @ ..] => format!("`{}` and {} more", first.topic.value, others.len()),
    }
}

pub(super) fn check(desired: &Desired<'_>, holders: &[Holder<'_>], findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    untagged(desired, holders, findings);
    let Some(first) = holders.first() else { return };
    // What is on a developer's machine is no record of anybody.
    if cluster.is_local() {
        return;
    }
    let place = Whereabouts::of(cluster.region.as_ref(), cluster.residency.as_ref());
    let name = &cluster.cluster.value;
    let mut transfers = Transfers { workspace: desired.workspace, meant: BTreeMap::new() };
    match place.area {
        Some(Area::Eu) => {}
        Some(Area::Elsewhere) => {
            for holder in holders {
                let what = format!("`{}` holds personal data ({})", holder.name(), holder.tagged.named());
                let message = format!("{what} on `{name}`, {}", place.said);
                findings.extend(transfers.undecided(holder, &place, message, cluster.cluster.span));
            }
        }
        None => {
            let specs: Vec<&TopicSpec> = holders.iter().map(|holder| holder.spec).collect();
            let message = format!("`{name}` holds personal data ({}) and nobody says where it is", some(&specs));
            let finding = UNKNOWN_RESIDENCY
                .finding(message)
                .at(
                    place.span.unwrap_or(cluster.cluster.span),
                    if place.span.is_some() { "no region of a known provider" } else { "" },
                )
                .at(first.tagged.span, "tagged as personal data here")
                .help("write `residency: eu`, or the `region` as the provider calls it")
                .resource(format!("cluster/{name}"));
            findings.push(finding);
        }
    }
    readers(desired, holders, &mut transfers, findings);
}

/// Sinks, mirrors and partners that take the data elsewhere.
fn readers(
    desired: &Desired<'_>,
    holders: &[Holder<'_>],
    transfers: &mut Transfers<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    let workspace = desired.workspace;
    let mut unknown = BTreeSet::new();
    for holder in holders {
        for consumer in &holder.spec.consumers {
            let service = consumer.service.as_str();
            let Some(spec) = workspace.catalog.services.get(service) else { continue };
            let place = Whereabouts::of(spec.region.as_ref(), spec.residency.as_ref());
            match place.area {
                Some(Area::Eu) => {}
                Some(Area::Elsewhere) => {
                    let what =
                        format!("`{service}` takes personal data of `{}` ({})", holder.name(), holder.tagged.named());
                    let message = format!("{what} to where it is: {}", place.said);
                    findings.extend(transfers.undecided(holder, &place, message, consumer.service.span));
                }
                None if (place.span.is_some() || leaves(workspace, service, spec)) && unknown.insert(service) => {
                    let message =
                        format!("`{service}` takes personal data of `{}` out, and nobody says where to", holder.name());
                    let at = place.span.unwrap_or(spec.span);
                    let label = if place.span.is_some() { "no region of a known provider" } else { "" };
                    findings.push(
                        UNKNOWN_RESIDENCY
                            .finding(message)
                            .at(at, label)
                            .at(consumer.service.span, "read by it here")
                            .at(holder.tagged.span, "tagged as personal data here")
                            .help(format!("write `residency: eu` or a `region` under `{service}` in catalog/"))
                            .resource(format!("service/{service}")),
                    );
                }
                None => {}
            }
        }
    }
}

/// Whether a service is there to bring data somewhere else.
fn leaves(workspace: &Workspace, service: &str, spec: &ServiceSpec) -> bool {
    let by_kind = spec.kind.is_some_and(|kind| matches!(kind.value, ServiceKind::Connect | ServiceKind::External));
    by_kind || workspace.grants.get(service).is_some_and(|grant| grant.connect.is_some() || grant.external.is_some())
}

/// What leaves the EU.
struct Transfers<'w> {
    workspace: &'w Workspace,
    /// What to do about decision records that are not there. Most topics name the one of their cluster, and what is near is
    /// looked for once.
    meant: BTreeMap<String, String>,
}

impl Transfers<'_> {
    /// The finding about a transfer, unless a decision record is named that is there.
    fn undecided(
        &mut self,
        holder: &Holder<'_>,
        place: &Whereabouts<'_>,
        message: String,
        span: Span,
    ) -> Option<Diagnostic> {
        let own = holder.spec.personal_data.as_ref().and_then(|handling| handling.decision.as_ref());
        let named: Vec<&Spanned<String>> = own.into_iter().chain(place.decision).collect();
        if named.iter().any(|decision| self.workspace.has_document(&decision.value)) {
            return None;
        }
        let finding = holder.finding(RESIDENCY.finding(message), place.span.unwrap_or(span), "");
        Some(match named.first() {
            Some(missing) => {
                    let meant = || self.workspace.document_meant_by(&missing.value);
                let help = self.meant.entry(missing.value.clone()).or_insert_with(meant).clone();
                finding.at(missing.span, "there is no such decision record").help(help)
            }
            None => finding.help(format!(
                "keep it in the EU, or name who decided that it may leave: `personal_data: {{ decision: docs/adr/… }}` of `{}`",
                holder.name()
            )),
        })
    }
}
