use std::collections::BTreeMap;

use super::unit::{Unit, Units};
use crate::diag::{Diagnostic, Level};
use crate::model::{Address, TopicName};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::{Pair, cannot_read};
use crate::resources::topic::TopicSpec;
use crate::schema::{Compatibility, ParsedSchema, conflicts};

/// BUS317.
pub static MAJOR: Rule = Rule {
    code: "BUS317",
    name: "major-version",
    summary: "How the schema of a new major version differs from that of the one before is known",
    explanation: "A topic such as `…v2` beside `…v1` is there because its records are incompatible with those of the first. \
Where they are, this tells how, for whoever moves a consumer from one to the other; it is for information and asks for nothing. \
The schemas are compared at the level of the new topic, as if one were the next version of the other. Why the new version was \
worth it is said by its decision record (BUS114).",
    level: Level::Info,
    floor: Level::Off,
    bad: Example(&[
        (
            "topics/media/media.raw_ingest.v2.yaml",
            Text(
                "topic: media.raw_ingest.v2
class: raw
description: One record for each asset that the ingest gateway accepted.
key: asset_id
producers: [ingest-gateway]
consumers: [normalizer]
retention_rationale: Thirty days let the normalizer reprocess a whole billing month.
change_request: CR-2042
adr: docs/adr/0001-ids.md
",
            ),
        ),
        ("docs/adr/0001-ids.md", Text("# 1. Ids are numbers\n")),
        ("acls/ingest-gateway.yaml", Text("produces: [media.raw_ingest.v1, media.raw_ingest.v2]\n")),
        ("acls/normalizer.yaml", Text("consumes: [media.raw_ingest.v1, media.raw_ingest.v2]\n")),
        (
            "schemas/media/media.raw_ingest.v2.avsc",
            Text(
                r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "long", "doc": "The asset's id." }]
}
"#,
            ),
        ),
    ]),
    good: Example(&[]),
    check: Check::With("BUS301"),
};

/// Differences that a finding tells.
const MOST: usize = 3;

/// Two major versions of a topic's schema, by the places of their units.
pub(super) struct Majors<'w> {
    pub(super) new: usize,
    pub(super) old: usize,
    topics: (&'w TopicName, &'w TopicName),
}

/// Each schema of a topic beside that of the topic's major version before.
pub(super) fn majors<'w>(workspace: &'w Workspace, units: &Units<'w>) -> Vec<Majors<'w>> {
    let mut found = Vec::new();
    for topics in events(workspace) {
        for pair in topics.windows(2) {
            let (old, new) = (pair[0], pair[1]);
            for schema in workspace.schemas_of(new) {
                let before = workspace.schemas_of(old).into_iter().find(|before| before.part == schema.part);
                let place = |file: Option<crate::resources::schema::SchemaFile>| units.place(file?.file);
                let (Some(new_place), Some(old_place)) =
                    (place(schema.file), before.and_then(|before| place(before.file)))
                else {
                    continue;
                };
                if new_place != old_place {
                    let topics = (&new.topic.value, &old.topic.value);
                    found.push(Majors { new: new_place, old: old_place, topics });
                }
            }
        }
    }
    found
}

/// The topics of each event of which there are several, the oldest first.
fn events(workspace: &Workspace) -> Vec<Vec<&TopicSpec>> {
    // Versions of an event share what stands before the number, so that few names have to be taken apart.
    let stem = |topic: &TopicSpec| topic.topic.as_str().trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let present = workspace.topics.values().filter(|topic| topic.is_present());
    let mut topics: Vec<(&str, &TopicSpec)> =
        present.map(|topic| (&topic.topic.as_str()[..stem(topic)], topic)).collect();
    topics.sort_by_key(|(stem, _)| *stem);
    let pattern = &workspace.settings.topic_pattern;
    let mut events = Vec::new();
    for near in topics.chunk_by(|(one, _), (other, _)| one == other).filter(|near| near.len() > 1) {
        let mut by_event: BTreeMap<Vec<&str>, Vec<(u32, &TopicSpec)>> = BTreeMap::new();
        for (_, topic) in near {
            let Some(parts) = pattern.parts(topic.topic.as_str()) else { continue };
            let number = parts.iter().find(|(part, _)| *part == "number").and_then(|(_, number)| number.parse().ok());
            let others = parts.iter().filter(|(part, _)| *part != "number").map(|(_, value)| *value).collect();
            if let Some(number) = number {
                by_event.entry(others).or_default().push((number, topic));
            }
        }
        for mut topics in by_event.into_values().filter(|topics| topics.len() > 1) {
            topics.sort_unstable_by_key(|(number, _)| *number);
            events.push(topics.into_iter().map(|(_, topic)| topic).collect());
        }
    }
    events
}

/// The topic of the major version before.
pub(crate) fn earlier_major<'w>(workspace: &'w Workspace, topic: &str) -> Option<&'w TopicSpec> {
    let events = events(workspace);
    let pairs = events.iter().flat_map(|topics| topics.windows(2));
    pairs.into_iter().find(|pair| pair[1].topic.as_str() == topic).map(|pair| pair[0])
}

/// What would break if the new topic's schema were the next version of the other's.
pub(super) fn compare(
    majors: &Majors<'_>,
    units: &[Unit<'_>],
    (new, old): (&ParsedSchema, &ParsedSchema),
) -> Option<Diagnostic> {
    let level = units[majors.new].levels.first().copied().unwrap_or(Compatibility::Backward);
    let found = conflicts(level, new, std::slice::from_ref(&old));
    let pair = Pair { new: units[majors.new].file.file, old: units[majors.old].file.file };
    let names = [majors.topics.0, majors.topics.1].map(|topic| format!("`{topic}`"));
    let count: usize = found.iter().map(|conflict| conflict.incompatibilities.len()).sum();
    let first = found.first()?;
    let told: Vec<&str> = first.incompatibilities.iter().take(MOST).map(|found| found.message.as_str()).collect();
    let more = match count - told.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let who = cannot_read(first.direction, &names[0], &names[1]);
    let finding = MAJOR.finding(format!("{who}, as a new major version may have it: {}{more}", told.join("; ")));
    let finding = pair.place(finding, first.direction, first.incompatibilities.first()?);
    Some(finding.resource(Address::topic(majors.topics.0)))
}
