//! From outcomes of pairs to a list of changes with their paths.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::compare::Compared;
use super::explain::{explain, lacking};
use super::model::{Node, NodeId};
use super::nearest::Cause;
use super::outcome::{Entry, Pair, Place, Step, What};
use crate::schema::json::JsonSchema;
use crate::schema::text::Json;
use crate::schema::{InReference, InReferences, Incompatibility, Lack};

/// What is reported at most: definitions that are used in many places multiply.
pub(super) const MAX_REPORTED: usize = 10_000;

/// What the paths of all reported have at most, in bytes.
const MAX_PATHS: usize = 8 << 20;

/// Members of an object among which one is looked for.
const MAX_SEARCHED: usize = 1_000;

/// Pairs that are looked into at most.
const MAX_VISITED: usize = 1_000_000;

/// All changes below a pair, or those that break; each pair's in the order in which they were found. `roots` are the two
/// schemas themselves, of the writer and the reader; `schemas` are the reader's and the writer's.
pub(super) fn report<'s>(
    compared: &Compared<'s>,
    nodes: &[Node<'s>],
    roots: Pair,
    schemas: (&JsonSchema, &JsonSchema),
    all: bool,
) -> Vec<Incompatibility> {
    let mut reported = Vec::new();
    let mut paths = 0;
    let mut visited = 0;
    let mut way: Vec<Level<'_, '_>> = Vec::new();
    let mut inside = HashSet::new();
    // In words, by the address of the entry: of a definition that is used in many places, each is told often.
    let mut explained = HashMap::new();
    let level = |pair: Pair, step, before: Option<(Own<'s>, Own<'s>)>| {
        let entries = compared.outcomes.get(&pair).map_or(&[][..], |found| &found.entries);
        let (writer, reader) = before.unzip();
        let (writer, reader) = (own(nodes, pair.0, writer, roots.0, step), own(nodes, pair.1, reader, roots.1, step));
        Level { pair, step, entries, writer, reader }
    };
    inside.insert(compared.root);
    way.push(level(compared.root, Step::Here, None));
    while let Some(here) = way.last_mut() {
        let Some((entry, others)) = here.entries.split_first() else {
            inside.remove(&here.pair);
            way.pop();
            continue;
        };
        here.entries = others;
        match &entry.what {
            What::Change(kind, places) if all || kind.breaks() => {
                let (pair, mut writer, mut reader) = (here.pair, here.writer, here.reader);
                let path = path(&way, entry.step);
                paths += path.len();
                if reported.len() == MAX_REPORTED || paths > MAX_PATHS {
                    break;
                }
                let address = std::ptr::from_ref(entry).addr();
                let told = explained.entry(address).or_insert_with(|| explain(*kind, entry.step, places));
                let (mut message, help) = told.clone();
                let cause = compared.causes.get(&(pair, *kind));
                // The place is that of what breaks inside, where that lies in the text of the schema itself.
                let (mut kind_there, mut step, mut places) = (*kind, entry.step, *places);
                let (mut pair_there, mut places_there) = (pair, places);
                if let Some(Cause { words, change, inner }) = cause {
                    message = format!("{message}: {words}");
                    (pair_there, places_there) = (inner.pair, inner.places);
                    let inside = |id: NodeId| nodes[id.0 as usize].is_inside();
                    if inside(change.pair.0) && inside(change.pair.1) {
                        (kind_there, step, places) = (change.kind, change.step, change.places);
                        (writer.is_inside, reader.is_inside) = (true, true);
                    }
                }
                let lacks = |place: Place<'_>, own: Own<'_>| own.is_inside && matches!(place, Place::MissingIn(_));
                reported.push(Incompatibility {
                    code: kind.code(),
                    path,
                    message,
                    help: help.map(str::to_owned),
                    reader: Some(reader.range(places.reader)),
                    writer: Some(writer.range(places.writer)),
                    lacks: match (lacks(places.reader, reader), lacks(places.writer, writer)) {
                        (true, _) => Some(Lack::Reader(lacking(kind_there, step))),
                        (_, true) => Some(Lack::Writer(lacking(kind_there, step))),
                        _ => None,
                    },
                    referred: InReferences {
                        reader: in_reference(schemas.0, &nodes[pair_there.1.0 as usize], places_there.reader),
                        writer: in_reference(schemas.1, &nodes[pair_there.0.0 as usize], places_there.writer),
                    },
                });
            }
            What::Change(..) => {}
            What::Inner(pair) => {
                visited += 1;
                let matters = all || compared.outcomes.get(pair).is_some_and(|found| found.breaks);
                if matters && visited <= MAX_VISITED && inside.insert(*pair) {
                    let next = level(*pair, entry.step, Some((here.writer, here.reader)));
                    way.push(next);
                }
            }
        }
    }
    reported
}

/// A pair on the way down, and what is left of its entries.
struct Level<'o, 's> {
    pair: Pair,
    step: Step<'s>,
    entries: &'o [Entry<'s>],
    writer: Own<'s>,
    reader: Own<'s>,
}

/// What a pair is about in the text of the schema itself.
#[derive(Clone, Copy)]
struct Own<'s> {
    json: &'s Json<'static>,
    /// Whether the pair is there, and not in the text of another subject that this leads to.
    is_inside: bool,
}

impl Own<'_> {
    /// The bytes of something that the pair is about.
    fn range(self, place: Place<'_>) -> Range<usize> {
        let (Place::Here(json) | Place::MissingIn(json)) = place;
        if self.is_inside { json.range.clone() } else { self.json.range.clone() }
    }
}

/// What a node is in the text of the schema itself: of one of another subject the `$ref` that leads there.
fn own<'s>(nodes: &[Node<'s>], id: NodeId, before: Option<Own<'s>>, root: NodeId, step: Step<'_>) -> Own<'s> {
    let node = &nodes[id.0 as usize];
    if node.is_inside() {
        return Own { json: node.json, is_inside: true };
    }
    let Some(before) = before else { return Own { json: nodes[root.0 as usize].json, is_inside: false } };
    let few = |json: &&'s Json<'static>| json.as_object().is_none_or(|members| members.len() <= MAX_SEARCHED);
    let at = |word| before.json.get(word).filter(few);
    let leads_out = match step {
        _ if !before.is_inside => None,
        Step::Here => None,
        Step::Word(word) => at(word),
        Step::Name(word, name) => at(word).and_then(|named| named.get(name)),
        Step::Index(word, index) => at(word).and_then(|items| items.as_array()?.get(index)),
    };
    // A part of the other side may have another number.
    let leads_out = leads_out.filter(|json| json.get("$ref").is_some());
    Own { json: leads_out.unwrap_or(before.json), is_inside: false }
}

/// Where something that a node is about stands in the text of another subject, if it does.
fn in_reference(schema: &JsonSchema, node: &Node<'_>, place: Place<'_>) -> Option<InReference> {
    let (name, _) = schema.references.get(node.document.checked_sub(1)?)?;
    let (Place::Here(json) | Place::MissingIn(json)) = place;
    Some(InReference { name: name.clone(), range: json.range.clone() })
}

fn path(way: &[Level<'_, '_>], last: Step<'_>) -> String {
    let mut path = String::from("#");
    for step in way.iter().map(|level| level.step).chain([last]) {
        path.push_str(&step.to_string());
    }
    // The schema itself.
    if path.len() == 1 {
        path.push('/');
    }
    path
}
