use super::{address, governed};
use crate::diag::{Diagnostic, Level};
use crate::model::TopicName;
use crate::policy::Content::{self, Text};
use crate::policy::{Base, Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::acl::GrantSpec;
use crate::source::Spanned;

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const NEXT: &str = "topics/media/media.raw_ingest.v2.yaml";
const CONSUMER: &str = "acls/normalizer.yaml";
const DEPRECATED: Content = Text("deprecated_by: media.raw_ingest.v2\n");
const SUCCESSOR: Content = Text(
    "topic: media.raw_ingest.v2\nclass: raw\ndescription: One record for each asset that was accepted.\nkey: asset_id\n\
     producers: []\nconsumers: []\nschema: { value: media.raw_ingest.v1.avsc }\nretention_rationale: Thirty days.\nchange_request: CR-2300\nadr: docs/adr/0001-checksums.md\n",
);
const DECISION: (&str, Content) = ("docs/adr/0001-checksums.md", Text("# 1. Checksums are bytes\n"));
/// Only what is deprecated is looked at.
const QUIET: &str = "rules: { BUS109: off, BUS110: off, BUS124: off, BUS201: off, BUS202: off, BUS302: off }\n";
const UNFINISHED: (&str, Content) = ("busctl.yaml", Text("rules: { BUS109: off, BUS110: off, BUS302: off }\n"));

/// BUS124.
pub static STILL_USED: Rule = Rule {
    code: "BUS124",
    name: "deprecated-topic-used",
    summary: "Services move to the successor of a deprecated topic",
    explanation: "`deprecated_by` names the topic that takes over: both are kept until everybody has moved. Each service \
that still reads or writes the old one is told, so that one can see who is left. Set the rule to `warn` when the move should be \
over. A tombstone (`state: absent`) ends it.",
    level: Level::Info,
    floor: Level::Off,
    bad: Example(&[(TOPIC, DEPRECATED), (NEXT, SUCCESSOR), DECISION, UNFINISHED]),
    good: Example(&[
        (TOPIC, Text("deprecated_by: media.raw_ingest.v2\nproducers: []\nconsumers: []\n")),
        (NEXT, SUCCESSOR),
        DECISION,
        (CONSUMER, Text("")),
        ("acls/ingest-gateway.yaml", Text("")),
        UNFINISHED,
    ]),
    check: Check::Workspace(still_used),
};

fn still_used(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in governed(workspace) {
        let Some(successor) = &topic.deprecated_by else { continue };
        for (service, grants) in workspace.grants.iter().filter(|(_, grants)| !grants.is_leaving()) {
            for (used, verb) in uses(grants).filter(|(used, _)| used.value == topic.topic.value) {
                let (topic, next) = (&topic.topic.value, &successor.value);
                findings.push(
                    STILL_USED
                        .finding(format!("`{service}` still {verb} `{topic}`, which `{next}` takes the place of"))
                        .at(used.span, "")
                        .at(successor.span, "deprecated by this")
                        .help(format!("move it to `{next}`"))
                        .resource(address(&workspace.topics[topic])),
                );
            }
        }
    }
}

/// Every topic that a service uses, and how.
fn uses(grants: &GrantSpec) -> impl Iterator<Item = (&Spanned<TopicName>, &'static str)> {
    let consumes = grants.consumes.iter().map(|consumes| (&consumes.topic, "reads"));
    consumes.chain(grants.produces.iter().map(|produces| (&produces.topic, "writes")))
}

/// BUS713.
pub static NEWLY_USED: Rule = Rule {
    code: "BUS713",
    name: "deprecated-topic-newly-used",
    summary: "No service begins to use a deprecated topic",
    explanation: "Whoever begins to read or write a topic that another one takes the place of has to move again soon, and \
keeps the old one alive. A service that used it before, or that uses it since before it was deprecated, is not meant.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (TOPIC, DEPRECATED),
        (TOPIC, Content::Base("deprecated_by: media.raw_ingest.v2\nconsumers: []\n")),
        (NEXT, SUCCESSOR),
        DECISION,
        (CONSUMER, Content::Base("consumes: []\n")),
        ("busctl.yaml", Text(QUIET)),
        ("busctl.yaml", Content::Base(QUIET)),
    ]),
    good: Example(&[
        (TOPIC, DEPRECATED),
        (TOPIC, Content::Base("deprecated_by: media.raw_ingest.v2\n")),
        (NEXT, SUCCESSOR),
        DECISION,
        ("busctl.yaml", Text(QUIET)),
        ("busctl.yaml", Content::Base(QUIET)),
    ]),
    check: Check::Base(newly_used),
};

fn newly_used(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    for (service, grants) in workspace.grants.iter().filter(|(_, grants)| !grants.is_leaving()) {
        let before = base.workspace.grants.get(service);
        for (used, verb) in uses(grants) {
            let Some(topic) = workspace.topics.get(&used.value) else { continue };
            let Some(successor) = &topic.deprecated_by else { continue };
            let used_before =
                before.is_some_and(|before| uses(before).any(|it| it.0.value == used.value && it.1 == verb));
            let was_deprecated =
                base.workspace.topics.get(&used.value).is_some_and(|topic| topic.deprecated_by.is_some());
            if used_before || !was_deprecated {
                continue;
            }
            let (name, next) = (&topic.topic.value, &successor.value);
            findings.push(
                NEWLY_USED
                    .finding(format!("`{service}` begins to use `{name}`, which `{next}` takes the place of"))
                    .at(used.span, format!("it {verb} it from now on"))
                    .at(successor.span, "deprecated by this")
                    .help(format!("use `{next}`"))
                    .resource(address(topic)),
            );
        }
    }
}
