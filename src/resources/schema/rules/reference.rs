use std::collections::{BTreeSet, HashMap};

use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Subject};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::schema::DesiredSubject;
use crate::resources::topic::ReferenceSpec;
use crate::resources::{Desired, Workspace};
use crate::schema::SchemaFormat;
use crate::source::{Span, closest};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const TEXT_SCHEMA: (&str, crate::policy::Content) = (
    "schemas/media/localized_text.avsc",
    Text(
        r#"{
  "type": "record",
  "name": "LocalizedText",
  "namespace": "example.media",
  "fields": [{ "name": "text", "type": "string", "doc": "The text." }]
}
"#,
    ),
);
const TEXT_SUBJECT: (&str, crate::policy::Content) =
    ("schemas/media/localized_text.yaml", Text("subject: media.localized_text\nschema: localized_text.avsc\n"));
const USER: (&str, crate::policy::Content) = (
    "schemas/media/media.raw_ingest.v1.avsc",
    Text(
        r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "title", "type": "LocalizedText", "doc": "The supplier's title." }]
}
"#,
    ),
);

/// BUS304.
pub static SCHEMA_REFERENCE: Rule = Rule {
    code: "BUS304",
    name: "schema-references",
    summary: "Schemas refer to subjects that are declared, and not in a circle",
    explanation: "A schema that uses a type of another subject names that subject under `references`. The subject is a \
topic's key or value, or has a manifest of its own in `schemas/`. References are registered before what refers to them, \
which a circle makes impossible, and have the format of what refers to them. A name is given to one reference: of two, nobody could say which one the \
schema means.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        TEXT_SCHEMA,
        TEXT_SUBJECT,
        USER,
        (
            TOPIC,
            Text("schema:\n  references: [{ name: example.media.LocalizedText, subject: media.localised_text }]\n"),
        ),
    ]),
    good: Example(&[
        TEXT_SCHEMA,
        TEXT_SUBJECT,
        USER,
        (
            TOPIC,
            Text("schema:\n  references: [{ name: example.media.LocalizedText, subject: media.localized_text }]\n"),
        ),
    ]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    for (subject, schema) in &desired.subjects {
        let mut names: HashMap<&str, &ReferenceSpec> = HashMap::new();
        for reference in &schema.references {
            if let Some(first) = names.insert(&reference.name.value, reference) {
                let message = format!("two references have the name `{}`: only one can be meant", reference.name.value);
                let finding =
                    SCHEMA_REFERENCE.finding(message).at(reference.name.span, "").at(first.name.span, "the first");
                findings.push(finding.help("remove one of them").resource(Address::schema(subject)));
            }
            if let Some((message, help)) = unknown(desired, &reference.subject.value) {
                findings.push(
                    SCHEMA_REFERENCE
                        .finding(message)
                        .at(reference.subject.span, "")
                        .help(help)
                        .resource(Address::schema(subject)),
                );
            } else if let Some(referred) = desired.subjects.get(&reference.subject.value)
                && referred.format != schema.format
            {
                let to = &reference.subject.value;
                let message = format!("{} cannot refer to `{to}`: that is {}", words(schema), words(referred));
                let finding = SCHEMA_REFERENCE
                    .finding(message)
                    .at(reference.subject.span, "")
                    .at(Span::whole(referred.file), "what it refers to");
                let help = format!("name a subject whose schema is {}, or remove the reference", words(schema));
                findings.push(finding.help(help).resource(Address::schema(subject)));
            }
        }
    }
    findings.extend(circles(desired));
}

/// What a subject's schema is, in words.
fn words(schema: &DesiredSubject) -> &'static str {
    match schema.format {
        SchemaFormat::Avro => "an Avro schema",
        SchemaFormat::Json => "a JSON Schema",
        SchemaFormat::Protobuf => "a Protobuf schema",
    }
}

/// What is wrong with a subject that is referred to, and what to do.
fn unknown(desired: &Desired<'_>, subject: &Subject) -> Option<(String, String)> {
    let workspace = desired.workspace;
    if desired.subjects.contains_key(subject) {
        return None;
    }
    if let Some(spec) = workspace.subjects.get(subject) {
        // Where its file is missing, that is the finding.
        if spec.is_present() {
            workspace.schemas.get(&spec.schema_path(workspace)?)?;
        }
        let cluster = &desired.cluster.cluster.value;
        return Some(if !spec.is_present() {
            (
                format!("the subject `{subject}` is absent"),
                "remove `state: absent` from its manifest, or the reference".into(),
            )
        } else {
            (
                format!("the subject `{subject}` is not for `{cluster}`"),
                format!("add `{cluster}` to `clusters` of its manifest"),
            )
        });
    }
    let topic = subject.as_str().strip_suffix("-value").or_else(|| subject.as_str().strip_suffix("-key"));
    let broken = |topic| !workspace.topics.contains_key(topic) && workspace.declares("topic", topic);
    if workspace.declares("subject", subject.as_str()) || topic.is_some_and(broken) {
        return None;
    }
    let help = match closest(subject.as_str(), desired.subjects.keys().map(|subject| subject.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it beside its schema in schemas/: subject: {subject}, schema: FILE"),
    };
    Some((format!("no manifest declares the subject `{subject}`"), help))
}

/// Whether everything that a schema refers to, directly and through others, is declared with a file.
pub(super) fn is_complete(workspace: &Workspace, references: &[ReferenceSpec]) -> bool {
    fn walk<'w>(workspace: &'w Workspace, references: &'w [ReferenceSpec], seen: &mut BTreeSet<&'w Subject>) -> bool {
        references.iter().all(|reference| {
            !seen.insert(&reference.subject.value)
                || workspace
                    .schema_of_subject(&reference.subject)
                    .is_some_and(|(_, further)| walk(workspace, further, seen))
        })
    }
    walk(workspace, references, &mut BTreeSet::new())
}

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    Open,
    Done,
}

/// One finding for each circle, at the reference that closes it.
fn circles(desired: &Desired<'_>) -> Vec<Diagnostic> {
    let mut visits: HashMap<&Subject, Visit> = HashMap::new();
    let mut findings = Vec::new();
    for start in desired.subjects.iter().filter(|(_, schema)| !schema.references.is_empty()).map(|(subject, _)| subject)
    {
        if visits.contains_key(start) {
            continue;
        }
        // Subjects on the way, each with the number of its references that were followed.
        let mut path: Vec<(&Subject, usize)> = vec![(start, 0)];
        visits.insert(start, Visit::Open);
        while let Some((subject, followed)) = path.last_mut() {
            let subject = *subject;
            let next = desired.subjects.get(subject).and_then(|schema| schema.references.get(*followed));
            *followed += 1;
            let Some(reference) = next else {
                visits.insert(subject, Visit::Done);
                path.pop();
                continue;
            };
            match visits.get(&reference.subject.value) {
                Some(Visit::Done) => {}
                Some(Visit::Open) => findings.push(circle(&path, reference)),
                None => {
                    visits.insert(&reference.subject.value, Visit::Open);
                    path.push((&reference.subject.value, 0));
                }
            }
        }
    }
    findings
}

fn circle(path: &[(&Subject, usize)], closing: &ReferenceSpec) -> Diagnostic {
    let around = path.iter().map(|(subject, _)| *subject).skip_while(|subject| **subject != closing.subject.value);
    let mut names: Vec<String> = around.map(ToString::to_string).collect();
    names.push(closing.subject.value.to_string());
    let last = path.last().map_or_else(String::new, |(subject, _)| subject.to_string());
    SCHEMA_REFERENCE
        .finding(format!("schemas refer to each other in a circle: {}", names.join(" → ")))
        .at(closing.subject.span, "this closes the circle")
        .help("move what they share to a subject that refers to none of them")
        .resource(Address::schema(last))
}
