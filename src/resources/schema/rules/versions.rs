use std::collections::HashMap;

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::{SchemaFile, SchemaVersion, place_error};
use crate::schema::{SchemaError, SchemaFormat};
use crate::source::{FileId, Span, closest};

const SCHEMA: &str = r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "string", "doc": "The asset's id." }]
}
"#;

/// BUS308.
pub static VERSIONS: Rule = Rule {
    code: "BUS308",
    name: "schema-versions",
    summary: "The earlier versions of a schema are numbered, and are schemas",
    explanation: "The earlier versions of `schemas/DOMAIN/NAME.EXT` are `schemas/DOMAIN/versions/NAME/NUMBER.EXT`, the \
numbers ascending from 1; gaps do no harm. A file below `versions/` that has no number, or one that another file has too, has \
no place in the order; one that is no schema cannot be compared, so that nobody knows whether the present schema breaks its \
consumers. `NUMBER.yaml` beside a version says what it referred to: subjects that are declared, each name once. \
Versions are read where the level compares them, as a registry does. A folder of versions without its schema is a \
warning: most often the schema was renamed, and its history is forgotten with that.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[("schemas/media/versions/media.raw_ingest.v1/first.avsc", Text(SCHEMA))]),
    good: Example(&[("schemas/media/versions/media.raw_ingest.v1/1.avsc", Text(SCHEMA))]),
    check: Check::With("BUS301"),
};

/// Folders of versions beside which there is no schema.
pub(super) fn check_strays(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (of, file) in workspace.schemas.without_schema() {
        let extensions: Vec<&str> = SchemaFormat::EXTENSIONS.iter().map(|(extension, _)| *extension).collect();
        findings.push(
            VERSIONS
                .finding(format!(
                    "these are earlier versions of no schema: there is no {of}.{}",
                    extensions.join(", .")
                ))
                .level(Level::Warn)
                .at(Span::whole(file), "")
                .help("name the folder as the schema is named, or remove it with the schema"),
        );
    }
}

/// What is wrong with the manifests of earlier versions: what they say is not there.
pub(super) fn check_manifests(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (again, first) in workspace.schemas.repeated() {
        let finding = VERSIONS.finding("what this version refers to is said twice").at(Span::whole(*again), "");
        findings.push(finding.at(Span::whole(*first), "the one that counts").help("remove one of them"));
    }
    for (version, spec, file, has_text) in workspace.schemas.manifests() {
        if !has_text {
            let extensions: Vec<&str> = SchemaFormat::EXTENSIONS.iter().map(|(extension, _)| *extension).collect();
            let message = format!("this is said of no version: there is no {version}.{}", extensions.join(", ."));
            let help = "put the text of the version beside it, or remove it";
            findings.push(VERSIONS.finding(message).at(Span::whole(file), "").help(help));
        }
        let mut names: HashMap<&str, Span> = HashMap::new();
        for reference in &spec.references {
            let (name, subject) = (&reference.name, &reference.subject);
            if let Some(first) = names.insert(&name.value, name.span) {
                let message = format!("two references have the name `{}`: only one can be meant", name.value);
                let finding = VERSIONS.finding(message).at(name.span, "").at(first, "the first");
                findings.push(finding.help("remove one of them"));
            }
            let of_topic = |end| subject.value.as_str().strip_suffix(end);
            let topic = of_topic("-value").or_else(|| of_topic("-key"));
            let is_broken = workspace.declares("subject", subject.value.as_str())
                || topic.is_some_and(|topic| workspace.declares("topic", topic));
            if workspace.schema_of_subject(&subject.value).is_none() && !is_broken {
                let message = format!("no manifest declares the subject `{}`", subject.value);
                let known = workspace.subjects.keys().map(|subject| subject.as_str());
                let help = match closest(subject.value.as_str(), known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "without it the version cannot be read with what it referred to".to_owned(),
                };
                findings.push(VERSIONS.finding(message).level(Level::Warn).at(subject.span, "").help(help));
            }
        }
    }
}

/// What is wrong with the names of the files among the earlier versions of a schema.
pub(crate) fn misnamed(unnumbered: &[FileId], earlier: &[SchemaVersion], workspace: &Workspace) -> Vec<Diagnostic> {
    let name = |file: FileId| {
        let name = workspace.sources.file(file).path.file_name();
        name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let no_number = unnumbered.iter().map(|file| {
        VERSIONS
            .finding(format!("{} is no version: its name is no number from 1", name(*file)))
            .at(Span::whole(*file), "")
            .help("name it by its place among the versions, such as 1, or move it out of `versions`")
    });
    let twice = earlier.windows(2).filter(|pair| pair[0].number == pair[1].number).map(|pair| {
        VERSIONS
            .finding(format!("version {} is there twice", pair[1].number))
            .at(Span::whole(pair[1].schema.file), "")
            .at(Span::whole(pair[0].schema.file), "the other one")
            .help("give one of them the number under which it was registered, or remove it")
    });
    no_number.chain(twice).collect()
}

/// A version that is no schema. `referred` are the files that it refers to, by its names for them.
pub(super) fn invalid(
    (number, schema): (u32, SchemaFile),
    error: &SchemaError,
    referred: &[(&str, FileId)],
) -> Diagnostic {
    let what = format!("version {number} is not a valid {}", schema.format.schema());
    let finding = VERSIONS.finding(format!("{what}: {}", error.told()));
    let finding = place_error(finding, schema.file, error, referred);
    error.help.iter().cloned().fold(finding, Diagnostic::help)
}
