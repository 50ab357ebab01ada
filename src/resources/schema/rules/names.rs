use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{self, Text};
use crate::policy::{Check, Example, Rule};
use crate::schema::{ParsedSchema, look_alikes};
use crate::source::Span;

use super::unit::Unit;

const FILE: &str = "schemas/media/media.raw_ingest.v1.json";

/// Without the schema of the base, the one beside it is the topic's.
const NO_AVRO: (&str, Content) = ("schemas/media/media.raw_ingest.v1.avsc", Text(""));

/// BUS309.
pub static LOOK_ALIKES: Rule = Rule {
    code: "BUS309",
    name: "look-alike-names",
    summary: "The names of a schema are what they look like",
    explanation: "Consumers find a field by its exact characters. A name with a character that nobody sees (a zero width \
space, a mark that turns the direction of text, a space that does not break) is found by nobody who types it, and `é` may be \
one letter or an `e` with an accent behind it: two fields that look like one. Such names come from editors, chats and \
documents that were copied from, and from people who hide something. A joiner between letters of a script that is written \
with it, such as Persian, belongs to the word. Looked at are the properties of a JSON Schema with what it requires, and \
the names that fields of Protobuf have in JSON; names of Avro have the letters A to Z alone (BUS301).",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        NO_AVRO,
        (
            FILE,
            Text(
                r#"{
  "type": "object",
  "properties": {
    "asset_id": { "type": "string", "description": "The asset's id." },
    "asset_\u200bid": { "type": "string", "description": "The same, with a zero width space." }
  }
}
"#,
            ),
        ),
    ]),
    good: Example(&[
        NO_AVRO,
        (
            FILE,
            Text(
                r#"{
  "type": "object",
  "properties": { "asset_id": { "type": "string", "description": "The asset's id." } }
}
"#,
            ),
        ),
    ]),
    check: Check::With("BUS301"),
};

/// The names of a schema that are not what they look like.
pub(super) fn look(unit: &Unit<'_>, schema: &ParsedSchema, text: &str) -> Vec<Diagnostic> {
    let span = |range: &std::ops::Range<usize>| Span::new(unit.file.file, range.start, range.end);
    let found = look_alikes(schema, text).into_iter().map(|found| {
        let place = found.range.as_ref().map_or(Span::whole(unit.file.file), span);
        let finding = LOOK_ALIKES.finding(found.message).at(place, "").help(found.help).resource(&unit.address);
        found.other.iter().fold(finding, |finding, other| finding.at(span(other), "looks like this"))
    });
    found.collect()
}
