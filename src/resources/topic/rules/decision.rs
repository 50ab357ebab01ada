use super::{address, governed};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;

/// BUS114.
pub static DECISION: Rule = Rule {
    code: "BUS114",
    name: "decision-record",
    summary: "A new major version names the decision record behind it",
    explanation: "A version after the first means that the contract was broken: every reader has to move, and two topics \
are kept for a while. Why that was worth it, and how the move is done, belongs in a decision record below `docs/`, whose \
path `adr` gives from the workspace's root.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (
            "topics/media/media.raw_ingest.v1.yaml",
            Text("topic: media.raw_ingest.v2\nschema: { value: media.raw_ingest.v1.avsc }\n"),
        ),
        ("acls/ingest-gateway.yaml", Text("produces: [media.raw_ingest.v2]\n")),
        ("acls/normalizer.yaml", Text("consumes: [media.raw_ingest.v2]\n")),
    ]),
    good: Example(&[
        (
            "topics/media/media.raw_ingest.v1.yaml",
            Text(
                "topic: media.raw_ingest.v2
schema: { value: media.raw_ingest.v1.avsc }
adr: docs/adr/0001-checksums.md
",
            ),
        ),
        ("docs/adr/0001-checksums.md", Text("# 1. Checksums are bytes, not text\n")),
        ("acls/ingest-gateway.yaml", Text("produces: [media.raw_ingest.v2]\n")),
        ("acls/normalizer.yaml", Text("consumes: [media.raw_ingest.v2]\n")),
    ]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in governed(workspace) {
        let name = topic.topic.as_str();
        let number =
            workspace.settings.topic_pattern.part(name, "number").and_then(|number| number.parse::<u32>().ok());
        let finding = match (&topic.adr, number) {
            (Some(adr), _) if !workspace.has_document(&adr.value) => {
                let help = workspace.document_meant_by(&adr.value);
                DECISION
                    .finding(format!("`{name}` names the decision record {}, which does not exist", adr.value))
                    .at(adr.span, "")
                    .help(help)
            }
            (None, Some(number)) if number > 1 && !topic.is_dead_letter() => DECISION
                .finding(format!("`{name}` is version {number} and names no decision record"))
                .lacks(topic.topic.span, "adr")
                .help("write why the contract was broken, and name the file: `adr: docs/adr/…`"),
            _ => continue,
        };
        findings.push(finding.resource(address(topic)));
    }
}
