use std::collections::BTreeSet;

use super::unit::Unit;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{self, Text};
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::{PastVersion, version_text, versions_in_words};
use crate::resources::topic::ReferenceSpec;
use crate::source::Span;

const TEXT_SCHEMA: &str = r#"{
  "type": "record",
  "name": "LocalizedText",
  "namespace": "example.media",
  "fields": [{ "name": "text", "type": "string", "doc": "The text." }]
}
"#;
const SHARED: (&str, Content) = ("schemas/media/localized_text.avsc", Text(TEXT_SCHEMA));
const SHARED_KEPT: (&str, Content) = ("schemas/media/versions/localized_text/1.avsc", Text(TEXT_SCHEMA));
const SUBJECT: (&str, Content) =
    ("schemas/media/localized_text.yaml", Text("subject: media.localized_text\nschema: localized_text.avsc\n"));
const USER_SCHEMA: &str = r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "title", "type": "LocalizedText", "doc": "The supplier's title." }]
}
"#;
const USER: (&str, Content) = ("schemas/media/media.raw_ingest.v1.avsc", Text(USER_SCHEMA));
const USER_KEPT: (&str, Content) = ("schemas/media/versions/media.raw_ingest.v1/1.avsc", Text(USER_SCHEMA));
const TOPIC: (&str, Content) = (
    "topics/media/media.raw_ingest.v1.yaml",
    Text("schema:\n  references: [{ name: example.media.LocalizedText, subject: media.localized_text }]\n"),
);

/// BUS318.
pub static UNKNOWN_REFERENCES: Rule = Rule {
    code: "BUS318",
    name: "kept-references",
    summary: "What a kept version of a schema referred to is known",
    explanation: "A version of a schema is its text and the texts of what it refers to. `busctl schema keep` writes both: the \
text to `versions/NAME/NUMBER.EXT`, and beside it, in `NUMBER.yaml`, which version of each subject it refers to. Where a \
version has no such file and a subject that it refers to without a number has several versions, nobody knows which of them it \
was: it is read with the newest kept one, or with the present one where it cannot be read with that. The same holds where \
the file says no number, or one that is not in Git. What is said of the \
version may be wrong then. For a `version` under `references` that is not among the kept ones the present \
text is read. Write the file, or the number.",
    level: Level::Info,
    floor: Level::Off,
    bad: Example(&[SHARED, SHARED_KEPT, SUBJECT, USER, USER_KEPT, TOPIC]),
    good: Example(&[
        SHARED,
        SHARED_KEPT,
        SUBJECT,
        USER,
        USER_KEPT,
        TOPIC,
        (
            "schemas/media/versions/media.raw_ingest.v1/1.yaml",
            Text("references: [{ name: example.media.LocalizedText, subject: media.localized_text, version: 1 }]\n"),
        ),
    ]),
    check: Check::Earlier("BUS301"),
};

/// What is not known of the references of earlier versions that are looked at, and of the present one.
pub(super) fn unknown(
    workspace: &Workspace,
    unit: &Unit<'_>,
    versions: &[PastVersion<'_>],
    missing: &[&ReferenceSpec],
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let unknown: Vec<&PastVersion<'_>> = versions.iter().rev().filter(|version| !version.is_known()).collect();
    if let Some(newest) = unknown.first() {
        let names: Vec<String> = unknown.iter().map(|version| format!("v{}", version.number)).collect();
        let subjects: BTreeSet<String> = newest.with.iter().map(|(subject, _)| format!("`{subject}`")).collect();
        let of = if subjects.is_empty() {
            "what it refers to".to_owned()
        } else {
            subjects.into_iter().collect::<Vec<_>>().join(", ")
        };
        let text = &workspace.sources.file(newest.schema.file).path;
        let path = text.with_extension("yaml");
        // Where the file is there, it says no version, or none that is in Git.
        let written =
            workspace.schemas.recorded_references(&workspace.sources.file(unit.file.file).path, newest.number);
        let unsaid = written.into_iter().flatten().find(|to| !workspace.is_said(to));
        let place = match unsaid {
            Some(to) => to.version.map_or(to.subject.span, |version| version.span),
            None => Span::whole(newest.schema.file),
        };
        let message = format!(
            "`{}`: nobody knows which version of {of} {} was read with; the newest kept one is taken",
            unit.address.name,
            versions_in_words(&names)
        );
        findings.push(
            UNKNOWN_REFERENCES
                .finding(message)
                .at(place, "")
                .resource(&unit.address)
                .help(format!("write it to {}: `references: [{{ name: …, subject: …, version: … }}]`", path.display())),
        );
    }
    findings.extend(missing.iter().map(|reference| {
        let (subject, version) = (&reference.subject.value, version_text(reference.version));
        let message = format!("v{version} of `{subject}` is not in Git; the present text is read in its place");
        UNKNOWN_REFERENCES
            .finding(message)
            .at(reference.version.map_or(reference.subject.span, |version| version.span), "")
            .help("keep it below `versions/` under this number, or write a number that is there")
            .resource(&unit.address)
    }));
    findings
}
