//! What must hold of every text, whether it is a schema or not. Fuzz targets try it with what libFuzzer thinks of, and
//! `tests/fuzz.rs` with all that is kept of that.

use std::ops::Range;

use super::schema::diff::{self, DiffError};
use super::schema::protobuf;
use super::schema::{
    Category, Compatibility, Direction, Incompatibility, ParsedSchema, ResolvedReference, SchemaError, SchemaFormat,
    canonical, conflicts, digest, fields, forward_incompatibilities, incompatibilities, json, normal, parse,
    parse_like_reference, parse_registered, record_name, second_opinion, undocumented,
};

#[path = "records.rs"]
mod records;

/// A line that stands between the parts of an input.
const SEPARATOR: &str = "\n%%\n";

/// References of an input; what follows is left alone.
const MOST_REFERENCES: usize = 4;

/// The longest sentence that is said of anything, in bytes. Names are cut where they are quoted.
const LONGEST_MESSAGE: usize = 16 << 10;

/// Tries an input: a new version, the one before it where there is one, and what both refer to, each with the name for it
/// in a first line.
pub fn hold(format: SchemaFormat, data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut parts = text.split(SEPARATOR);
    let new = parts.next().unwrap_or_default();
    let old = parts.next().unwrap_or(new);
    let references = parts.take(MOST_REFERENCES).map(|part| {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        ResolvedReference { name, text }
    });
    let references: Vec<ResolvedReference<'_>> = references.collect();
    let versions = [new, old].map(|text| Version { format, text, references: &references });
    if let [Some(one), Some(other)] = versions.map(alone) {
        together((&one, new), (&other, old));
    }
}

/// A text with what it may refer to.
#[derive(Clone, Copy)]
struct Version<'t> {
    format: SchemaFormat,
    text: &'t str,
    references: &'t [ResolvedReference<'t>],
}

impl Version<'_> {
    fn parse(self) -> Result<ParsedSchema, SchemaError> {
        parse(self.format, self.text, self.references)
    }
}

/// What must hold of one text. Comes back as a registry reads it, where it does.
fn alone(version: Version<'_>) -> Option<ParsedSchema> {
    let Version { format, text, references } = version;
    let strict = version.parse();
    let like_reference = parse_like_reference(format, text, references);
    let registered = parse_registered(format, text, references);
    for error in [&strict, &like_reference, &registered].into_iter().filter_map(|parsed| parsed.as_ref().err()) {
        is_clear(error, version);
    }
    // Each takes what the one before takes.
    assert!(strict.is_err() || like_reference.is_ok(), "{:?}", like_reference.err());
    assert!(like_reference.is_err() || registered.is_ok(), "{:?}", registered.err());
    has_one_normal_form(version, &strict);
    if let Ok(schema) = &strict {
        let rows = fields(schema);
        rows.iter().for_each(|row| is_inside(&row.range, text));
        assert!(undocumented(schema).iter().all(|row| rows.contains(row)), "a field that the table lacks");
        record_name(schema);
    }
    let schema = registered.ok()?;
    reads_itself(&schema);
    Some(schema)
}

/// A sentence with a place that is in the text.
fn is_clear(error: &SchemaError, version: Version<'_>) {
    assert!(!error.message.is_empty() && error.message.len() <= LONGEST_MESSAGE, "{}", error.message);
    match &error.reference {
        None => is_inside(&error.range, version.text),
        Some(name) => {
            // Protobuf knows some files by itself.
            if let Some(reference) = version.references.iter().find(|reference| reference.name == name) {
                is_inside(&error.range, reference.text);
            }
        }
    }
}

#[track_caller]
fn is_inside(range: &Option<Range<usize>>, text: &str) {
    if let Some(range) = range {
        assert!(text.get(range.clone()).is_some(), "{range:?} are no characters of a text of {} bytes", text.len());
    }
}

fn has_one_normal_form(version: Version<'_>, strict: &Result<ParsedSchema, SchemaError>) {
    let Version { format, text, references } = version;
    let (form, shown) = (canonical(format, text), normal(format, text));
    for error in [form.as_ref().err(), shown.as_ref().err()].into_iter().flatten() {
        is_clear(error, version);
        // A schema has both, unless they are too large.
        let is_large =
            error.message.starts_with("the full names") || error.message.starts_with("the normal form would");
        assert!(strict.is_err() || is_large, "{error}");
    }
    let Ok(shown) = shown else { return };
    assert_eq!(canonical(format, &shown), form, "the normal form means something else:\n{shown}");
    assert_eq!(normal(format, &shown).as_ref(), Ok(&shown), "the normal form has another one");
    assert_eq!(digest(format, &shown), digest(format, text));
    let again = Version { text: &shown, references, format }.parse();
    match (strict, again) {
        (Ok(schema), Ok(again)) => {
            if reads_itself(schema) {
                assert_eq!(incompatibilities(schema, &again), [], "{shown}");
                assert_eq!(incompatibilities(&again, schema), [], "{shown}");
            }
            assert_eq!(record_name(schema), record_name(&again));
        }
        (Ok(_), Err(error)) => panic!("the normal form is no schema: {error}\n{shown}"),
        // Forms take any JSON, and drop what is spelled in too many words: `{"type": {"type": "map", …}}`.
        (Err(_), _) => {}
    }
}

/// Whether a schema reads its own records. All do but those that the reference implementation cannot decide: in Avro, a
/// field of which an alias is the name of another one.
fn reads_itself(schema: &ParsedSchema) -> bool {
    let found = incompatibilities(schema, schema);
    let is_undecided = |found: &Incompatibility| schema.format() == SchemaFormat::Avro && found.code == "NAME_MISMATCH";
    match &found[..] {
        [] => true,
        [only] if is_undecided(only) => false,
        _ => panic!("a schema does not read itself: {found:#?}"),
    }
}

/// What must hold of two versions.
fn together((new, new_text): (&ParsedSchema, &str), (old, old_text): (&ParsedSchema, &str)) {
    let backward = incompatibilities(new, old);
    let forward = forward_incompatibilities(new, old);
    have_places(&backward, new_text, old_text);
    have_places(&forward, old_text, new_text);
    let plain = incompatibilities(old, new);
    assert!(
        forward.iter().map(|found| (found.code, &found.path)).eq(plain.iter().map(|found| (found.code, &found.path)))
    );
    assert_eq!(incompatibilities(new, old), backward, "the second answer differs from the first");
    for (_, level) in Compatibility::WORDS {
        let conflicts = conflicts(*level, new, std::slice::from_ref(old));
        let expected = [(Direction::Backward, &backward), (Direction::Forward, &forward)];
        let expected = expected.into_iter().filter(|(direction, found)| asks(*level, *direction) && !found.is_empty());
        assert!(conflicts.iter().map(|conflict| (conflict.direction, &conflict.incompatibilities)).eq(expected));
    }
    opinions((new, new_text), (old, old_text));
    difference((new, new_text), (old, old_text), (&backward, &forward));
    records::hold((new, new_text), (old, old_text));
    records::hold((old, old_text), (new, new_text));
    match (new, old) {
        (ParsedSchema::Json(new), ParsedSchema::Json(old)) => are_among(&backward, &json::differences(new, old)),
        (ParsedSchema::Protobuf(new), ParsedSchema::Protobuf(old)) => {
            are_among(&backward, &protobuf::differences(new, old));
        }
        _ => {}
    }
}

fn have_places(found: &[Incompatibility], reader: &str, writer: &str) {
    for found in found {
        is_inside(&found.reader, reader);
        is_inside(&found.writer, writer);
        assert!(!found.message.is_empty() && found.message.len() <= LONGEST_MESSAGE, "{}", found.message);
    }
}

fn asks(level: Compatibility, direction: Direction) -> bool {
    use Compatibility::{Backward, BackwardTransitive, Forward, ForwardTransitive, Full, FullTransitive, None};
    match level {
        None => false,
        Backward | BackwardTransitive => direction == Direction::Backward,
        Forward | ForwardTransitive => direction == Direction::Forward,
        Full | FullTransitive => true,
    }
}

/// What breaks is among all differences, in the same order.
fn are_among(breaking: &[Incompatibility], all: &[Incompatibility]) {
    let mut all = all.iter();
    for found in breaking {
        assert!(all.any(|other| other == found), "no difference: {found:?}");
    }
}

/// What changed is told where the canonical forms differ, and all that breaks with it.
fn difference(
    (new, new_text): (&ParsedSchema, &str),
    (old, old_text): (&ParsedSchema, &str),
    (backward, forward): (&[Incompatibility], &[Incompatibility]),
) {
    let format = new.format();
    let forms = [new_text, old_text].map(|text| canonical(format, text));
    let version = |text, schema| diff::Version { text, schema };
    let found = match diff::diff(version(new_text, new), version(old_text, old)) {
        Ok(found) => found,
        Err(DiffError::Formats { .. }) => panic!("both are of one format"),
        Err(DiffError::New(_) | DiffError::Old(_)) => return assert!(forms.iter().any(Result::is_err)),
    };
    assert_eq!(found.changes.is_empty(), new_text == old_text || forms[0] == forms[1], "{:#?}", found.changes);
    for change in &found.changes {
        for (spot, text) in [(&change.new, new_text), (&change.old, old_text)] {
            let ranges = spot.iter().flat_map(|spot| spot.extents.iter().chain([&spot.place]));
            ranges.for_each(|range| is_inside(&Some(range.clone()), text));
        }
    }
    for (broken, all) in [(&found.backward, backward), (&found.forward, forward)] {
        assert!(broken.iter().map(|one| &one.incompatibility).eq(all));
        assert!(broken.iter().flat_map(|one| &one.causes).all(|cause| *cause < found.changes.len()));
    }
    found.summary();
}

/// Each category tells what those before it tell, and a schema that stays as it is gives no cause for any.
fn opinions((new, new_text): (&ParsedSchema, &str), (old, old_text): (&ParsedSchema, &str)) {
    let mut fewer = Vec::new();
    for (_, category) in Category::WORDS {
        let opinions = second_opinion(new, old, *category, Compatibility::Backward);
        assert!(fewer.iter().all(|opinion| opinions.contains(opinion)), "{category:?} leaves out what others tell");
        for opinion in &opinions {
            have_places(std::slice::from_ref(&opinion.incompatibility), new_text, old_text);
        }
        fewer = opinions;
    }
    assert_eq!(second_opinion(new, new, Category::Source, Compatibility::Backward), []);
}
