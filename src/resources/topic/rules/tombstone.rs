use super::{address, is_blank};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::topic::State;

/// BUS119.
pub static TOMBSTONE: Rule = Rule {
    code: "BUS119",
    name: "absent-without-reason",
    summary: "What is to be removed says why",
    explanation: "`state: absent` asks for the deletion of a topic or for taking away all that a service may do. It stays \
in Git as the only trace of both, so it says why.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        ("acls/archiver.yaml", Text("service: archiver\nstate: absent\n")),
        ("catalog/archiver.yaml", Text("services:\n  archiver: { owner: media-platform }\n")),
    ]),
    good: Example(&[
        (
            "acls/archiver.yaml",
            Text("service: archiver\nstate: absent\nreason: Connect writes the archive now (CR-2160).\n"),
        ),
        ("catalog/archiver.yaml", Text("services:\n  archiver: { owner: media-platform }\n")),
    ]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let finding = |what: String| TOMBSTONE.finding(format!("{what} is absent and does not say why"));
    let help = "write `reason: …`";
    for topic in workspace.topics.values().filter(|topic| !topic.is_present() && is_blank(&topic.reason)) {
        let span = topic.state.map_or(topic.topic.span, |state| state.span);
        let what = format!("the topic `{}`", topic.topic.value);
        findings.push(finding(what).at(span, "").help(help).resource(address(topic)));
    }
    for (service, grant) in &workspace.grants {
        let absent = grant.state.filter(|state| state.value == State::Absent);
        if let Some(state) = absent.filter(|_| is_blank(&grant.reason)) {
            let what = format!("the service `{service}`");
            findings.push(finding(what).at(state.span, "").help(help).resource(format!("service/{service}")));
        }
    }
}
