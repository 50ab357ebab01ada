//! The changes between two outlines.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use super::change::{ChangeKind, SchemaChange, Spot};
use super::outline::{Attribute, Noun, Outline, Part};

/// Every change from `old` to `new`, each named type compared once.
pub(super) fn compare(new: &Outline, mut old: Outline) -> Vec<SchemaChange> {
    let pairs = Matching::of(&new.definitions, &old.definitions);
    let renamed: HashMap<String, String> = pairs
        .both
        .iter()
        .map(|(new_at, old_at)| (&new.definitions[*new_at].id, &old.definitions[*old_at].id))
        .filter(|(new, old)| new != old)
        .map(|(new, old)| (old.clone(), new.clone()))
        .collect();
    // A name that changed is one change, however often it is used.
    if !renamed.is_empty() {
        rename(&mut old.root, &renamed);
        old.definitions.iter_mut().for_each(|part| rename(part, &renamed));
    }
    let extents = |outline: &Outline| {
        outline.definitions.iter().map(|part| (part.id.clone(), part.extent.clone())).collect::<HashMap<_, _>>()
    };
    let mut comparison = Comparison { changes: Vec::new(), new: extents(new), old: extents(&old) };
    comparison.pair(&new.root, &old.root);
    comparison.matched(&pairs, &new.definitions, &old.definitions, &new.root);
    comparison.changes.sort_by_key(|(place, _)| *place);
    comparison.changes.into_iter().map(|(_, change)| change).collect()
}

/// Gives the uses of named types the names that these have now.
fn rename(part: &mut Part, renamed: &HashMap<String, String>) {
    if part.noun == Noun::Inner
        && let Some(name) = renamed.get(&part.id)
    {
        part.id.clone_from(name);
    }
    for attribute in part.attributes.iter_mut().filter(|attribute| attribute.kind == ChangeKind::TypeChanged) {
        if !attribute.value.split('|').any(|word| renamed.contains_key(word)) {
            continue;
        }
        let words = attribute.value.split('|').map(|word| renamed.get(word).map_or(word, String::as_str));
        let mut words: Vec<&str> = words.collect();
        words.sort_unstable();
        let value = words.join("|");
        attribute.value = value;
    }
    part.parts.iter_mut().for_each(|part| rename(part, renamed));
}

/// Which parts of two lists are the same ones, by their places there.
struct Matching {
    both: Vec<(usize, usize)>,
    only_new: Vec<usize>,
    only_old: Vec<usize>,
}

impl Matching {
    fn of(new: &[Part], old: &[Part]) -> Self {
        let mut matching = Self { both: Vec::new(), only_new: Vec::new(), only_old: Vec::new() };
        let by_id: HashMap<(Noun, &str), usize> =
            old.iter().enumerate().map(|(at, part)| ((part.noun, &*part.id), at)).collect();
        let mut is_free = vec![true; old.len()];
        for (at, part) in new.iter().enumerate() {
            match by_id.get(&(part.noun, &*part.id)).filter(|old_at| is_free[**old_at]) {
                Some(old_at) => {
                    is_free[*old_at] = false;
                    matching.both.push((at, *old_at));
                }
                None => matching.only_new.push(at),
            }
        }
        // What else the others may have been.
        let mut others: HashMap<(Noun, &str), usize> = HashMap::new();
        // An id goes before what is only another name.
        let free = || old.iter().enumerate().filter(|(at, _)| is_free[*at]);
        others.extend(free().map(|(at, part)| ((part.noun, &*part.id), at)));
        for (at, part) in free() {
            for name in &part.also {
                others.entry((part.noun, name)).or_insert(at);
            }
        }
        matching.only_new.retain(|at| {
            let part = &new[*at];
            let found = part.also.iter().filter_map(|name| others.get(&(part.noun, &**name)).copied());
            let Some(old_at) = found.into_iter().find(|old_at| is_free[*old_at]) else { return true };
            is_free[old_at] = false;
            matching.both.push((*at, old_at));
            false
        });
        matching.only_old = (0..old.len()).filter(|at| is_free[*at]).collect();
        matching
    }
}

struct Comparison {
    /// The changes, and where in the new text each is told.
    changes: Vec<(usize, SchemaChange)>,
    /// Where named types are defined: a type that changed is about the one that it names too.
    new: HashMap<String, Range<usize>>,
    old: HashMap<String, Range<usize>>,
}

impl Comparison {
    fn pair(&mut self, new: &Part, old: &Part) {
        let was_renamed = new.name != old.name;
        if was_renamed {
            self.push(ChangeKind::Renamed, (new, old), None, (old.name.clone(), new.name.clone()), (None, None));
        }
        let before = self.changes.len();
        self.attributes(new, old, was_renamed);
        let is_another = self.changes[before..].iter().any(|(_, change)| change.attribute.as_deref() == Some("kind"));
        // What was a record and is an enum has no part of the same meaning.
        if !is_another {
            self.parts(&new.parts, &old.parts, (new, old));
        }
    }

    fn attributes(&mut self, new: &Part, old: &Part, was_renamed: bool) {
        let keyed = |part: &Part| part.attributes.iter().map(|a| (a.kind, a.name.clone())).collect::<Vec<_>>();
        let places: HashMap<(ChangeKind, &str), &Attribute> =
            old.attributes.iter().map(|attribute| ((attribute.kind, &*attribute.name), attribute)).collect();
        for attribute in &new.attributes {
            let was = places.get(&(attribute.kind, &*attribute.name)).copied();
            self.attribute((new, old), Some(attribute), was, was_renamed);
        }
        let known: HashSet<(ChangeKind, String)> = keyed(new).into_iter().collect();
        for attribute in &old.attributes {
            if !known.contains(&(attribute.kind, attribute.name.clone())) {
                self.attribute((new, old), None, Some(attribute), was_renamed);
            }
        }
    }

    fn attribute(
        &mut self,
        (new, old): (&Part, &Part),
        is: Option<&Attribute>,
        was: Option<&Attribute>,
        was_renamed: bool,
    ) {
        let value = |attribute: Option<&Attribute>| attribute.map(|attribute| attribute.value.clone());
        let Some(one) = is.or(was) else { return };
        if value(is) == value(was) {
            return;
        }
        let shown = |attribute: Option<&Attribute>| attribute.map(|attribute| attribute.text().to_owned());
        let (before, after) = (shown(was), shown(is));
        let kind = match (one.kind, &before, &after) {
            (ChangeKind::DefaultChanged, None, _) => ChangeKind::DefaultAdded,
            (ChangeKind::DefaultChanged, _, None) => ChangeKind::DefaultRemoved,
            (ChangeKind::MadeRequired, _, None) => ChangeKind::MadeOptional,
            (ChangeKind::TypeChanged, Some(before), Some(after)) => of_type(before, after),
            // The alias that tells of the new name is told with it.
            (ChangeKind::AliasesChanged, ..) if was_renamed && is_alias_alone(is, was, old) => return,
            (kind, ..) => kind,
        };
        let name = (one.kind != ChangeKind::TypeChanged || one.name != "type").then(|| one.name.clone());
        self.push(kind, (new, old), name, (before, after), (is, was));
    }

    fn parts(&mut self, new: &[Part], old: &[Part], around: (&Part, &Part)) {
        let matching = Matching::of(new, old);
        let mut by_noun: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (new_at, old_at) in matching.both.iter().filter(|(at, _)| new[*at].noun.is_ordered()) {
            by_noun.entry(new[*new_at].noun as usize).or_default().push((*new_at, *old_at));
        }
        for mut pairs in by_noun.into_values() {
            pairs.sort_unstable();
            if !pairs.is_sorted_by_key(|(_, old_at)| *old_at) {
                let after = pairs.iter().map(|(at, _)| name_of(&new[*at])).collect::<Vec<_>>().join(", ");
                pairs.sort_unstable_by_key(|(_, old_at)| *old_at);
                // By one name on both sides, so that the order alone differs.
                let before = pairs.iter().map(|(at, _)| name_of(&new[*at])).collect::<Vec<_>>().join(", ");
                let what = pairs.first().map(|(at, _)| plural(new[*at].noun).to_owned());
                self.push(ChangeKind::OrderChanged, around, what, (Some(before), Some(after)), (None, None));
            }
        }
        self.matched(&matching, new, old, around.0);
    }

    fn matched(&mut self, matching: &Matching, new: &[Part], old: &[Part], around: &Part) {
        // What is gone is told behind what stood before it.
        let mut ends = vec![None; old.len()];
        for (new_at, old_at) in &matching.both {
            ends[*old_at] = Some(new[*new_at].extent.end);
        }
        let mut place = around.place.start;
        let mut gone = matching.only_old.iter().peekable();
        for (at, end) in ends.into_iter().enumerate() {
            place = end.unwrap_or(place);
            if gone.next_if(|next| **next == at).is_some() {
                self.alone(ChangeKind::Removed, &old[at], place);
            }
        }
        for at in &matching.only_new {
            self.alone(ChangeKind::Added, &new[*at], new[*at].place.start);
        }
        for (new_at, old_at) in &matching.both {
            self.pair(&new[*new_at], &old[*old_at]);
        }
    }

    /// A part that is new or gone, with all that is in it.
    fn alone(&mut self, kind: ChangeKind, part: &Part, place: usize) {
        if part.noun.is_told_elsewhere() {
            return;
        }
        let is_new = kind == ChangeKind::Added;
        let spot = Some(spot(part, None, if is_new { &self.new } else { &self.old }));
        let shown = Some(part.shown.clone().unwrap_or_default());
        let (old, new) = if is_new { (None, spot) } else { (spot, None) };
        let (before, after) = if is_new { (None, shown) } else { (shown, None) };
        let (path, part) = (part.path.clone(), part.label.clone());
        self.changes.push((place, SchemaChange { kind, path, part, attribute: None, before, after, old, new }));
    }

    fn push(
        &mut self,
        kind: ChangeKind,
        (new, old): (&Part, &Part),
        attribute: Option<String>,
        (before, after): (Option<String>, Option<String>),
        (is, was): (Option<&Attribute>, Option<&Attribute>),
    ) {
        let (old, is) = (spot(old, was, &self.old), spot(new, is, &self.new));
        let place = is.place.start;
        let (path, part, old, new) = (new.path.clone(), new.label.clone(), Some(old), Some(is));
        self.changes.push((place, SchemaChange { kind, path, part, attribute, before, after, old, new }));
    }
}

/// The place of an attribute, or of the whole part, with the types that it names.
fn spot(part: &Part, attribute: Option<&Attribute>, definitions: &HashMap<String, Range<usize>>) -> Spot {
    let own = attribute.and_then(|attribute| attribute.range.clone());
    let said = attribute.and_then(|attribute| attribute.said.clone());
    let mut extents = vec![said.or(own.clone()).unwrap_or_else(|| part.extent.clone())];
    if let Some(attribute) = attribute.filter(|attribute| attribute.kind == ChangeKind::TypeChanged) {
        extents.extend(attribute.value.split('|').filter_map(|name| definitions.get(name).cloned()));
    }
    Spot { place: own.unwrap_or_else(|| part.place.clone()), extents }
}

/// What it means that a type is written otherwise.
fn of_type(before: &str, after: &str) -> ChangeKind {
    let sorted = |text: &str| {
        let mut words: Vec<String> = text.split(" | ").map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    let with_null = |text: &str| sorted(&format!("{text} | null"));
    if sorted(after) == with_null(before) {
        ChangeKind::MadeOptional
    } else if sorted(before) == with_null(after) {
        ChangeKind::MadeRequired
    } else {
        ChangeKind::TypeChanged
    }
}

/// Whether the old name is the only alias that came. The values are lists of names, one a line.
fn is_alias_alone(is: Option<&Attribute>, was: Option<&Attribute>, old: &Part) -> bool {
    let names = |attribute: Option<&Attribute>| {
        attribute.map(|attribute| attribute.value.lines().map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default()
    };
    let rest: Vec<String> = names(is).into_iter().filter(|name| *name != old.id).collect();
    rest == names(was)
}

fn name_of(part: &Part) -> &str {
    match (part.noun, &part.shown) {
        (Noun::Branch, Some(shown)) => shown,
        _ => part.name.as_deref().unwrap_or(&part.id),
    }
}

fn plural(noun: Noun) -> &'static str {
    match noun {
        Noun::Field | Noun::Property => "fields",
        Noun::Inner | Noun::Branch => "branches",
        Noun::Type => "types",
        Noun::Symbol => "symbols",
        Noun::Schema => "schemas",
        Noun::Message => "messages",
        Noun::Enum => "enums",
        Noun::Oneof => "oneofs",
        Noun::Service => "services",
        Noun::Method => "methods",
        Noun::Extension => "extensions",
    }
}
