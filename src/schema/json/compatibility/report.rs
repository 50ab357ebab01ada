//! From outcomes of pairs to a list of changes with their paths.

use std::collections::{HashMap, HashSet};

use super::explain::explain;
use super::outcome::{Entry, Outcome, Pair, Place, Step, What};
use crate::schema::Incompatibility;

/// What is reported at most: definitions that are used in many places multiply.
pub(super) const MAX_REPORTED: usize = 10_000;

/// What the paths of all reported have at most, in bytes.
const MAX_PATHS: usize = 8 << 20;

/// Pairs that are looked into at most.
const MAX_VISITED: usize = 1_000_000;

/// All changes below a pair, or those that break; each pair's in the order in which they were found.
pub(super) fn report(outcomes: &HashMap<Pair, Outcome<'_>>, root: Pair, all: bool) -> Vec<Incompatibility> {
    let mut reported = Vec::new();
    let mut paths = 0;
    let mut visited = 0;
    let mut way: Vec<Level<'_, '_>> = Vec::new();
    let mut inside = HashSet::new();
    // In words, by the address of the entry: of a definition that is used in many places, each is told often.
    let mut explained = HashMap::new();
    let level =
        |pair: Pair, step| Level { pair, step, entries: outcomes.get(&pair).map_or(&[][..], |found| &found.entries) };
    inside.insert(root);
    way.push(level(root, Step::Here));
    while let Some(here) = way.last_mut() {
        let Some((entry, others)) = here.entries.split_first() else {
            inside.remove(&here.pair);
            way.pop();
            continue;
        };
        here.entries = others;
        match &entry.what {
            What::Change(kind, places) if all || kind.breaks() => {
                let path = path(&way, entry.step);
                paths += path.len();
                if reported.len() == MAX_REPORTED || paths > MAX_PATHS {
                    break;
                }
                let address = std::ptr::from_ref(entry).addr();
                let told = explained.entry(address).or_insert_with(|| explain(*kind, entry.step, places));
                let (message, help) = told.clone();
                let range = |place: Place<'_>| place.inside.then(|| place.json.range.clone());
                reported.push(Incompatibility {
                    code: kind.code(),
                    path,
                    message,
                    help: help.map(str::to_owned),
                    reader: places.reader.and_then(range),
                    writer: places.writer.and_then(range),
                    lacks: None,
                });
            }
            What::Change(..) => {}
            What::Inner(pair) => {
                visited += 1;
                let matters = all || outcomes.get(pair).is_some_and(|found| found.breaks);
                if matters && visited <= MAX_VISITED && inside.insert(*pair) {
                    way.push(level(*pair, entry.step));
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
