use std::collections::HashSet;
use std::path::Path;

use crate::diag::{Diagnostic, Level};
use crate::model::Address;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::topic::SubjectStrategy;
use crate::source::{FileId, Span};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const FILE: &str = "schemas/media/media.raw_ingest.v1.avsc";

/// BUS302.
pub static SUBJECT: Rule = Rule {
    code: "BUS302",
    name: "subject-matches",
    summary: "A schema is registered under the subject that its topic's clients look for",
    explanation: "By default the serializers look for `TOPIC-value` and `TOPIC-key`, with `strategy: record` for the \
schema's full name, with `strategy: topic_record` for both. A topic that names the file of another topic would register that \
topic's schema under its own subject, where it changes whenever the other one does; where two topics do carry the same \
record, `strategy: record` says so. A schema without a full name cannot be found by one.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("schema: { strategy: record }\n")), (FILE, Text("{ \"type\": \"string\" }\n"))]),
    good: Example(&[(TOPIC, Text("schema: { strategy: topic }\n")), (FILE, Text("{ \"type\": \"string\" }\n"))]),
    check: Check::Workspace(check_files),
};

fn check_files(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in workspace.written_topics().filter(|topic| topic.is_present()) {
        // By convention the file is the topic's own.
        let Some(spec) = topic.schema.as_ref().filter(|spec| spec.key.is_some() || spec.value.is_some()) else {
            continue;
        };
        if spec.strategy.is_some_and(|strategy| strategy.value != SubjectStrategy::Topic) {
            continue;
        }
        for written in [&spec.key, &spec.value].into_iter().flatten() {
            let other = topic_of_file(&written.value).and_then(|name| workspace.topics.get(name));
            let Some(other) = other.filter(|other| other.topic.value != topic.topic.value) else { continue };
            findings.push(
                SUBJECT
                    .finding(format!("`{}` uses the schema of `{}`", topic.topic.value, other.topic.value))
                    .at(written.span, "")
                    .at(other.topic.span, "the topic that the file is named after")
                    .help("copy the schema to a file of its own, or write `strategy: record` where both carry the same record")
                    .resource(Address::topic(&topic.topic.value)),
            );
        }
    }
}

/// The topic that a schema's file is named after, with or without a word for key or value behind it.
fn topic_of_file(path: &str) -> Option<&str> {
    let stem = Path::new(path).file_stem()?.to_str()?;
    let ends = [".key", "-key", ".value", "-value"];
    Some(ends.iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem))
}

/// BUS305.
pub static UNUSED_FILE: Rule = Rule {
    code: "BUS305",
    name: "unused-schema-file",
    summary: "Every schema file is used",
    explanation: "A schema file that no topic and no subject uses is checked by nothing and registered nowhere. Most often \
its name is not exactly its topic's, or its topic is gone.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[("schemas/media/media.raw_ingest.v2.avsc", Text("{ \"type\": \"string\" }\n"))]),
    good: Example(&[]),
    check: Check::Workspace(check_unused),
};

fn check_unused(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    // A manifest that could not be read may be the one that uses it.
    if !workspace.has_whole("topic") || !workspace.has_whole("subject") {
        return;
    }
    let of_topics =
        workspace.topics.values().flat_map(|topic| workspace.schemas_of(topic)).filter_map(|schema| schema.file);
    let of_subjects =
        workspace.subjects.values().filter_map(|spec| workspace.schemas.get(&spec.schema_path(workspace)?));
    let used: HashSet<FileId> = of_topics.chain(of_subjects).map(|file| file.file).collect();
    for (path, file) in workspace.schemas.iter().filter(|(_, file)| !used.contains(&file.file)) {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let help = match workspace.topics.get(stem) {
            Some(topic) => {
                let folder = format!("schemas/{}/", workspace.domain_of(&topic.topic));
                format!(
                    "the schemas of `{stem}` are in {folder}; only one file there is used, unless `schema` names another"
                )
            }
            None if path.components().any(|part| part.as_os_str() == "versions") => {
                "earlier versions of schemas/DOMAIN/NAME.EXT are schemas/DOMAIN/versions/NAME/1.EXT and so on"
                    .to_owned()
            }
            None => "name it after its topic, name it in a topic's `schema` or a subject's manifest, or remove it"
                .to_owned(),
        };
        findings.push(
            UNUSED_FILE
                .finding(format!("no topic and no subject uses {}", path.display()))
                .at(Span::whole(file.file), "")
                .help(help),
        );
    }
}
