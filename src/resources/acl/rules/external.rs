use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::acl::GrantSpec;
use crate::resources::catalog::ServiceKind;
use crate::source::Span;

const PARTNER: (&str, crate::policy::Content) =
    ("catalog/partners.yaml", Text("services:\n  royalty-clearing: { owner: media-platform, kind: external }\n"));
const CONSENT: (&str, crate::policy::Content) =
    ("topics/media/media.raw_ingest.v1.yaml", Text("consumers: [normalizer, royalty-clearing]\n"));

/// BUS205.
pub static EXTERNAL: Rule = Rule {
    code: "BUS205",
    name: "service-kind",
    summary: "A service of somebody else has an approval, and its manifests agree on what it is",
    explanation: "Data that leaves the organisation leaves it by somebody's decision: `external: { approval: … }` in \
`acls/` names it, and `kind: external` in `catalog/` tells everybody else. One without the other is a mistake in either \
direction. In the same way a service of kind `streams` or `connect` has the block of that name, without which it lacks the \
grants that it needs; there the finding is a warning.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        PARTNER,
        CONSENT,
        ("acls/royalty-clearing.yaml", Text("service: royalty-clearing\nconsumes: [media.raw_ingest.v1]\n")),
    ]),
    good: Example(&[
        PARTNER,
        CONSENT,
        (
            "acls/royalty-clearing.yaml",
            Text("service: royalty-clearing\nexternal: { approval: PA-0117 }\nconsumes: [media.raw_ingest.v1]\n"),
        ),
    ]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (service, grant) in &workspace.grants {
        if let Some(external) = &grant.external
            && external.approval.value.trim().is_empty()
        {
            let finding = EXTERNAL.finding(format!("`{service}` is external and its approval is empty"));
            let finding = finding.at(external.approval.span, "").help("name the agreement that allows it");
            findings.push(finding.resource(format!("service/{service}")));
        }
        if let Some(entry) = workspace.catalog.services.get(service) {
            let (kind, place) = entry.kind.map_or((ServiceKind::Service, entry.span), |kind| (kind.value, kind.span));
            findings.extend(disagreement(service, grant, kind, place));
        }
    }
}

fn disagreement(service: &str, grant: &GrantSpec, kind: ServiceKind, place: Span) -> Option<Diagnostic> {
    let blocks = [
        (
            ServiceKind::External,
            grant.external.as_ref().map(|external| external.span),
            Level::Error,
            "external: { approval: … }",
        ),
        (
            ServiceKind::Streams,
            grant.streams.as_ref().map(|streams| streams.span),
            Level::Warn,
            "streams: { application_id: … }",
        ),
        (
            ServiceKind::Connect,
            grant.connect.as_ref().map(|connect| connect.span),
            Level::Warn,
            "connect: { worker: … }",
        ),
    ];
    let finding =
        |message: String, level: Level| EXTERNAL.finding(message).level(level).resource(format!("service/{service}"));
    for (block_kind, block, level, example) in blocks {
        match block {
            None if kind == block_kind => {
                let message = format!("`{service}` is of kind {kind}, and its grants have no `{kind}` block");
                let finding = finding(message, level).lacks(grant.service.span, kind.as_str());
                return Some(finding.at(place, "its kind").help(format!("write `{example}` in its grants")));
            }
            // Somebody else's service may well be a Streams application.
            Some(block) if kind != block_kind && kind != ServiceKind::External => {
                let message = format!("the grants of `{service}` have a `{block_kind}` block, and its kind is {kind}");
                let finding = finding(message, level).at(block, "").at(place, "its kind");
                return Some(finding.help(format!("write `kind: {block_kind}` in catalog/, or remove the block")));
            }
            _ => {}
        }
    }
    None
}
