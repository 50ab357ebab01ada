use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Level};
use crate::model::Address;
use crate::policy::Content::{self, Text};
use crate::policy::{Base, Check, Comparison, Example, Rule};
use crate::resources::schema::{DesiredSubject, SchemaVersion, cannot_read};
use crate::resources::{Desired, Workspace};
use crate::schema::{Conflict, Direction, Incompatibility, conflicts, is_met_by, parse_registered};
use crate::source::Span;

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const FIRST: &str = "schemas/media/versions/media.raw_ingest.v1/1.avsc";
const SECOND: &str = "schemas/media/versions/media.raw_ingest.v1/2.avsc";
const KEPT: &str = r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "string", "doc": "The asset's id." }]
}
"#;
const OTHER: &str = r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "string", "doc": "The id of the asset." }]
}
"#;

/// BUS707.
pub static DROPPED: Rule = Rule {
    code: "BUS707",
    name: "subject-dropped",
    summary: "A subject is not left without a manifest",
    explanation: "A subject whose schema is gone from the manifests stays in the registry, and nobody checks its versions any \
more. Where the topic goes, its subjects stay by design, and the finding says that they do; where they are to go, a subject's \
manifest with `state: absent` deletes them.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        ("schemas/media/media.raw_ingest.v1.avsc", Text("")),
        (TOPIC, Text("description: The raw assets.\n")),
        ("busctl.yaml", Text("rules: { BUS111: off }\n")),
        ("busctl.yaml", Content::Base("rules: { BUS111: off }\n")),
        (TOPIC, Content::Base("description: Raw assets.\n")),
    ]),
    good: Example(&[(TOPIC, Content::Base("description: Raw assets.\n"))]),
    check: Check::Change(dropped),
};

fn dropped(comparison: &Comparison<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(base) = comparison.base else { return };
    let desired = comparison.desired;
    for (subject, before) in &base.subjects {
        if desired.subjects.contains_key(subject) || desired.removed_subjects.contains_key(subject) {
            continue;
        }
        let declared = |kind, name: &str| desired.workspace.broken.contains(&(kind, name.to_owned()));
        let of_broken = before.topic.as_ref().is_some_and(|topic| declared("topic", topic.as_str()));
        // A prefix that a domain claims gives a schema its folder.
        let is_elsewhere = !desired.workspace.unread.is_empty() || !desired.workspace.has_whole("domain");
        if of_broken || declared("subject", subject.as_str()) || is_elsewhere {
            continue;
        }
        findings.push(
            DROPPED
                .finding(format!("no manifest asks for subject `{subject}` any more; it stays in the registry"))
                .at(Span::whole(before.file), format!("its schema in {}", comparison.name))
                .help("put its schema back, or write a manifest for it with `state: absent` and a `reason`")
                .resource(Address::schema(subject)),
        );
    }
}

/// BUS708.
pub static LOOSENED: Rule = Rule {
    code: "BUS708",
    name: "compatibility-loosened",
    summary: "A change that lets the versions of a schema differ more is told",
    explanation: "With a lower `compatibility` the registry takes versions that it refused before. Consumers rely on the level \
that was promised: those that read older records, those that were not upgraded yet. It is asked for on purpose, for a while, \
or it is a way around a check: where the same change makes a schema that the former level does not take, it is an error.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (TOPIC, Text("schema: { compatibility: none }\n")),
        (TOPIC, Content::Base("schema: { compatibility: full }\n")),
    ]),
    good: Example(&[
        (TOPIC, Text("schema: { compatibility: full_transitive }\n")),
        (TOPIC, Content::Base("schema: { compatibility: full }\n")),
    ]),
    check: Check::Change(loosened),
};

fn loosened(comparison: &Comparison<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(base) = comparison.base else { return };
    for (subject, now) in &comparison.desired.subjects {
        let Some(before) = base.subjects.get(subject) else { continue };
        let (is, was) = (now.compatibility.value, before.compatibility.value);
        if is.promises(was) {
            continue;
        }
        let message = format!("`{subject}` promises less: its compatibility becomes {is}, it was {was}");
        let finding = match broken((comparison.desired, now), (base, before)) {
            Some((direction, why)) => {
                let new = "what this change makes of it";
                let breaks = cannot_read(direction, new, &format!("what {} has", comparison.name));
                LOOSENED.finding(format!("{message}, at which {breaks}: {}", why.message)).level(Level::Error).help(
                    format!("keep `{was}` and what it promises; or change the level alone, before the schema changes"),
                )
            }
            None => {
                LOOSENED.finding(message).help(format!("keep `{was}`, or see that everybody who relies on it knows"))
            }
        };
        let finding = finding.at(now.compatibility.span().unwrap_or(now.span), "").resource(Address::schema(subject));
        findings.push(match before.compatibility.span() {
            Some(span) => finding.at(span, format!("as {} has it", comparison.name)),
            None => finding,
        });
    }
}

/// What a change of a schema breaks at the level that it had before, where the same change takes the level down.
fn broken(
    (desired, now): (&Desired<'_>, &DesiredSubject),
    (base, before): (&Desired<'_>, &DesiredSubject),
) -> Option<(Direction, Incompatibility)> {
    let parsed = |desired: &Desired<'_>, subject: &DesiredSubject| {
        let referred = desired.workspace.referred(&subject.references);
        parse_registered(subject.format, &subject.text, &desired.workspace.texts_of(&referred)).ok()
    };
    let (new, old) = (parsed(desired, now)?, parsed(base, before)?);
    let Conflict { direction, incompatibilities, .. } =
        conflicts(before.compatibility.value, &new, &[old]).into_iter().next()?;
    Some((direction, incompatibilities.into_iter().next()?))
}

/// BUS709.
pub static REWRITTEN: Rule = Rule {
    code: "BUS709",
    name: "kept-version-rewritten",
    summary: "Kept versions of a schema stay as they were",
    explanation: "The files in `versions/` are what was registered and what records on the topic were written with. One that \
is edited or removed makes the check compare with something that never was. Only the layout of the text may change.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FIRST, Text(OTHER)), (FIRST, Content::Base(KEPT))]),
    good: Example(&[(FIRST, Text(KEPT)), (SECOND, Text(OTHER)), (FIRST, Content::Base(KEPT))]),
    check: Check::Base(rewritten),
};

fn rewritten(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    for (path, _) in base.workspace.schemas.iter() {
        let before = base.workspace.schemas.earlier(path);
        if before.is_empty() {
            continue;
        }
        let known: BTreeMap<u32, &SchemaVersion> =
            workspace.schemas.earlier(path).iter().map(|version| (version.number, version)).collect();
        // Where the schema itself is gone, so may be its versions.
        let Some(present) = workspace.schemas.get(path) else { continue };
        let text = |file| &workspace.sources.file(file).text;
        for was in before {
            let now = known.get(&was.number);
            let format = was.schema.format;
            let same = |now: &SchemaVersion| {
                now.schema.format == format && is_met_by(format, text(now.schema.file), text(was.schema.file))
            };
            let what = match now {
                Some(now) if same(now) => continue,
                // It may be there and not be readable.
                None if !workspace.has_whole("subject") => continue,
                Some(_) => "is another one than it was",
                None => "is gone",
            };
            let span = now.map_or(Span::whole(present.file), |now| Span::whole(now.schema.file));
            let message = format!("the kept version {} of {} {what}", was.number, path.display());
            let label = format!("as {} has it", base.name);
            let finding = REWRITTEN.finding(message).at(span, "").at(Span::whole(was.schema.file), label);
            findings.push(finding.help("put it back; a change is a new version (`busctl schema keep`)"));
        }
    }
}
