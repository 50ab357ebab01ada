use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::concern;
use super::logical::logical_types;
use crate::schema::avro::compatibility::place::{Place, Places, Step};
use crate::schema::avro::model::{AvroSchema, Field, Logical, Named, NamedId, NamedKind, Type, TypeKind};
use crate::schema::avro::name::{namespace_of, short_name};
use crate::schema::error::quoted;
use crate::schema::opinion::Concern;
use crate::schema::{Category, Opinion};

/// What is looked at, at most.
const MOST_STEPS: usize = 1_000_000;

/// Opinions that are kept.
const MOST_OPINIONS: usize = 10_000;

/// What the paths of all of them have at most, in bytes: types may lie thousands deep.
const MOST_PATHS: usize = 8 << 20;

/// Symbols that are told.
const MOST_SYMBOLS: usize = 10;

/// One comparison under way.
pub(super) struct Judge<'s> {
    pub(super) new: &'s AvroSchema,
    pub(super) old: &'s AvroSchema,
    category: Category,
    pub(super) opinions: Vec<Opinion>,
    places: Places,
    /// Named types that were compared, or wait for it.
    seen: HashSet<(NamedId, NamedId)>,
    waiting: Vec<Meeting<'s>>,
    steps: usize,
    /// Bytes of paths so far.
    paths: usize,
    /// Whether something was not looked at, or not told.
    is_cut: bool,
    /// Namespaces that gave way to others: types that stand inside each other change theirs together.
    moved: HashSet<(&'s str, &'s str)>,
    /// The logical types of fixed types, which stand at their definitions.
    logical: [HashMap<NamedId, &'s Logical>; 2],
}

/// Two types that stand at the same place.
#[derive(Clone, Copy)]
pub(super) struct Meeting<'s> {
    pub(super) new: &'s Type,
    pub(super) old: &'s Type,
    pub(super) place: Place,
    /// The records around them and the field that they are in, of the new schema and the old one.
    pub(super) within: Option<Within<'s>>,
}

/// A field of both schemas, and the records that hold it.
#[derive(Clone, Copy)]
pub(super) struct Within<'s> {
    pub(super) records: (&'s Named, &'s Named),
    pub(super) field: &'s Field,
}

/// Bytes of the new text and of the old one.
pub(super) type Ranges = (Option<Range<usize>>, Option<Range<usize>>);

impl<'s> Judge<'s> {
    pub(super) fn new(new: &'s AvroSchema, old: &'s AvroSchema, category: Category) -> Self {
        Self {
            new,
            old,
            category,
            opinions: Vec::new(),
            places: Places::default(),
            seen: HashSet::new(),
            waiting: Vec::new(),
            steps: 0,
            paths: 0,
            is_cut: false,
            moved: HashSet::new(),
            logical: [logical_types(new), logical_types(old)],
        }
    }

    pub(super) fn run(&mut self) {
        self.wait(Meeting { new: &self.new.root, old: &self.old.root, place: Place::ROOT, within: None });
        while !self.is_cut
            && let Some(meeting) = self.waiting.pop()
        {
            self.is_cut = self.steps > MOST_STEPS;
            if !self.is_cut {
                self.meet(meeting);
            }
        }
        if self.is_cut {
            let message = "so many types of both schemas meet each other that not all of them were looked at";
            self.opinions.push(concern::NOT_COMPARED.voice(
                "/".to_owned(),
                (Some(self.new.root.range.clone()), Some(self.old.root.range.clone())),
                message.to_owned(),
                "split the schema: schemas can refer to each other",
            ));
        }
    }

    /// Counts what was looked at.
    pub(super) fn count(&mut self, steps: usize) {
        self.steps += steps;
    }

    /// Takes two types in, which are compared later.
    pub(super) fn wait(&mut self, meeting: Meeting<'s>) {
        self.waiting.push(meeting);
    }

    /// Adds an opinion, if its category is asked for and there is room.
    pub(super) fn tell<H: Into<String>>(
        &mut self,
        concern: Concern,
        place: Place,
        ranges: Ranges,
        words: impl FnOnce() -> (String, H),
    ) {
        if concern.category > self.category {
            return;
        }
        if self.opinions.len() == MOST_OPINIONS || self.paths > MOST_PATHS {
            self.is_cut = true;
            return;
        }
        let (message, help) = words();
        let path = self.places.pointer(place);
        self.paths += path.len();
        self.opinions.push(concern.voice(path, ranges, message, help));
    }

    /// A place inside another one.
    pub(super) fn inside(&mut self, place: Place, step: Step) -> Place {
        Place { parent: Some(self.places.add(place)), step, within: place.within }
    }

    fn meet(&mut self, meeting: Meeting<'s>) {
        self.count(1);
        let Meeting { new, old, place, .. } = meeting;
        match (&new.kind, &old.kind) {
            (TypeKind::Union(branches), TypeKind::Union(before)) => {
                self.branches(branches, before, meeting);
                for old in before {
                    self.meet_branch(branches, old, meeting);
                    if self.steps > MOST_STEPS {
                        // It still waits, so that it is said.
                        self.wait(meeting);
                        return;
                    }
                }
            }
            (TypeKind::Union(branches), _) => {
                self.branches(branches, std::slice::from_ref(old), meeting);
                self.meet_branch(branches, old, meeting);
            }
            // Every branch has to be read; what is not of the same kind has no more to compare.
            (_, TypeKind::Union(before)) => {
                self.branches(std::slice::from_ref(new), before, meeting);
                for old in before {
                    if self.is_like(new, old) {
                        self.wait(Meeting { old, ..meeting });
                    }
                }
            }
            (TypeKind::Array(new), TypeKind::Array(old)) => {
                let place = self.inside(place, Step::Items);
                self.wait(Meeting { new, old, place, ..meeting });
            }
            (TypeKind::Map(new), TypeKind::Map(old)) => {
                let place = self.inside(place, Step::Values);
                self.wait(Meeting { new, old, place, ..meeting });
            }
            (TypeKind::Named(one), TypeKind::Named(other)) => {
                if self.seen.insert((*one, *other)) {
                    self.named(*one, *other, place);
                }
                let logical = (self.logical[0].get(one).copied(), self.logical[1].get(other).copied());
                self.logical_type(meeting, logical);
            }
            _ => {
                self.logical_type(meeting, (new.logical.as_ref(), old.logical.as_ref()));
                self.values(meeting);
            }
        }
    }

    /// What a value may be besides, or no more. One type is a union of itself.
    fn branches(&mut self, new: &'s [Type], old: &'s [Type], meeting: Meeting<'s>) {
        if concern::UNION_CHANGED.category > self.category {
            return;
        }
        let (mut added, mut gone) = (Vec::new(), Vec::new());
        for branch in new {
            if !old.iter().any(|old| self.is_read_by(branch, old)) {
                added.push(quoted(word(self.new, branch)));
            }
        }
        for branch in old {
            if !new.iter().any(|new| self.is_read_by(new, branch)) {
                gone.push(quoted(word(self.old, branch)));
            }
            if self.steps > MOST_STEPS {
                return;
            }
        }
        let (what, keep) = match (added.as_slice(), gone.as_slice()) {
            ([], []) => return,
            (added, []) => (format!("can be {} now", listed(added)), "see that code knows it before records have it"),
            (_, gone) => (format!("can no longer be {}", listed(gone)), "keep it while there are records with it"),
        };
        let (subject, ranges) = (meeting.subject(), meeting.ranges());
        self.tell(concern::UNION_CHANGED, meeting.place, ranges, || {
            (format!("{subject}the value {what}, and code has another type for it"), keep)
        });
    }

    fn is_read_by(&mut self, new: &Type, old: &Type) -> bool {
        self.is_like(new, old) || is_wider(&new.kind, &old.kind)
    }

    /// The branch of a union that reads a type: one of its own kind before one that is wider.
    fn meet_branch(&mut self, branches: &'s [Type], old: &'s Type, meeting: Meeting<'s>) {
        let exact = branches.iter().position(|branch| self.is_like(branch, old));
        let found = exact.or_else(|| branches.iter().position(|branch| is_wider(&branch.kind, &old.kind)));
        if let Some(index) = found {
            let place = self.inside(meeting.place, Step::Branch(index as u32));
            self.wait(Meeting { new: &branches[index], old, place, ..meeting });
        }
    }

    /// Whether two types are of the same kind, and known by the same name.
    fn is_like(&mut self, new: &Type, old: &Type) -> bool {
        self.count(1);
        match (&new.kind, &old.kind) {
            (TypeKind::Named(one), TypeKind::Named(other)) => {
                let (one, other) = (self.new.named(*one), self.old.named(*other));
                if std::mem::discriminant(&one.kind) != std::mem::discriminant(&other.kind) {
                    return false;
                }
                if short_name(&one.name) == short_name(&other.name) {
                    return true;
                }
                self.count(one.aliases.len());
                one.aliases.contains(&other.name)
            }
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }

    fn named(&mut self, new: NamedId, old: NamedId, place: Place) {
        let (one, other) = (self.new.named(new), self.old.named(old));
        self.names(one, other, place);
        match (&one.kind, &other.kind) {
            (NamedKind::Record(fields), NamedKind::Record(before)) => {
                self.record((one, fields), (other, before), place);
            }
            (NamedKind::Enum { symbols, default }, NamedKind::Enum { symbols: before, default: default_before }) => {
                self.count(symbols.len() + before.len());
                let known: HashSet<&str> = symbols.iter().map(String::as_str).collect();
                let gone = before.iter().filter(|symbol| !known.contains(symbol.as_str()));
                let gone: Vec<String> = gone.map(|symbol| quoted(symbol)).take(MOST_SYMBOLS + 1).collect();
                let before: HashSet<&str> = before.iter().map(String::as_str).collect();
                let added = symbols.iter().filter(|symbol| !before.contains(symbol.as_str()));
                let added: Vec<String> = added.map(|symbol| quoted(symbol)).take(MOST_SYMBOLS + 1).collect();
                if !added.is_empty() {
                    self.tell(concern::ENUM_SYMBOL_ADDED, place, definitions(one, other), || {
                        let (all, are) = (listed(&added), if added.len() == 1 { "is" } else { "are" });
                        let message = format!(
                            "{all} of enum {} {are} new: code that tells its symbols apart does not know it",
                            quoted(&one.name)
                        );
                        (message, "see that such code has a case for symbols that it does not know")
                    });
                }
                self.enumeration((one, default.as_deref()), (other, default_before.as_deref()), &gone, place);
            }
            _ => {}
        }
    }

    fn names(&mut self, new: &'s Named, old: &'s Named, place: Place) {
        let ranges = definitions(new, old);
        let (name, before) = (quoted(&new.name), quoted(&old.name));
        self.count(new.aliases.len());
        let is_known = new.name == old.name || new.aliases.contains(&old.name);
        if !is_known && self.moved.insert((namespace_of(&new.name), namespace_of(&old.name))) {
            self.tell(concern::NAMESPACE_CHANGED, place, ranges.clone(), || {
                let message = format!(
                    "{before} is {name} now: the registry and Java match it by its last part, other implementations \
                     refuse it, and a subject that is named by record is another one"
                );
                (message, format!("add the alias {before} to {name}, or keep the namespace"))
            });
        }
        if let Some(alias) = lost_alias((&new.name, &new.aliases), &old.aliases) {
            self.tell(concern::ALIAS_REMOVED, place, ranges, || {
                let alias = quoted(alias);
                let message = format!("{name} lost the alias {alias}: records that know it by that name are not read");
                (message, format!("keep the alias {alias} while there are such records"))
            });
        }
    }

    fn enumeration(
        &mut self,
        (new, default): (&'s Named, Option<&'s str>),
        (old, before): (&'s Named, Option<&'s str>),
        gone: &[String],
        place: Place,
    ) {
        let ranges = definitions(new, old);
        let name = quoted(&new.name);
        if let (Some(default), false) = (default, gone.is_empty()) {
            self.tell(concern::ENUM_SYMBOL_REMOVED, place, ranges.clone(), || {
                let (all, are) = (listed(gone), if gone.len() == 1 { "is" } else { "are" });
                let default = quoted(default);
                let message = format!("{all} of enum {name} {are} gone: records that have it are read as {default}");
                (message, "keep the symbol while there are such records, with a doc that nobody uses it any more")
            });
        }
        match (before, default) {
            (Some(before), Some(now)) if before != now => {
                self.tell(concern::ENUM_DEFAULT_CHANGED, place, ranges, || {
                    let (before, now) = (quoted(before), quoted(now));
                    let message = format!("unknown symbols of enum {name} were read as {before} and are read as {now}");
                    (message, format!("keep the default {before}"))
                });
            }
            (Some(before), None) => self.tell(concern::ENUM_DEFAULT_REMOVED, place, ranges, || {
                let before = quoted(before);
                let message =
                    format!("enum {name} lost its default {before}: a symbol that is added later cannot be read");
                (message, format!("keep the default {before}"))
            }),
            _ => {}
        }
    }

    fn values(&mut self, meeting: Meeting<'s>) {
        use TypeKind::{Bytes, Double, Float, Int, Long, String};
        let Meeting { new, old, place, .. } = meeting;
        let (concern, why) = match (&new.kind, &old.kind) {
            (Float, Int | Long) => (concern::FIELD_VALUES_ROUNDED, "whole numbers beyond 2^24 are rounded"),
            (Double, Long) => (concern::FIELD_VALUES_ROUNDED, "whole numbers beyond 2^53 are rounded"),
            (String, Bytes) => (concern::FIELD_VALUES_MISREAD, "bytes that are no UTF-8 cannot be read"),
            (one, other) if is_wider(one, other) => (
                concern::FIELD_TYPE_CHANGED,
                "the value has another type in code, and earlier consumers cannot read it",
            ),
            _ => return,
        };
        let ranges = meeting.ranges();
        self.tell(concern, place, ranges, || {
            let (was, is) = (old.kind.word(), new.kind.word());
            let message = format!("{}the type was `{was}` and is `{is}`: {why}", meeting.subject());
            (message, format!("keep `{was}`, or put the new type into a new field with a default"))
        });
    }
}

impl Meeting<'_> {
    /// The field, as the beginning of a sentence.
    pub(super) fn subject(&self) -> String {
        self.within.map_or_else(String::new, |Within { records, field }| {
            format!("field {} of {}: ", quoted(&field.name), quoted(short_name(&records.0.name)))
        })
    }

    /// The bytes of both types, where they are in the texts of the schemas and not in those of references.
    pub(super) fn ranges(&self) -> Ranges {
        let is_own = |record: Option<&Named>| record.is_none_or(|record| record.reference.is_none());
        let records = self.within.map(|within| within.records);
        (
            is_own(records.map(|records| records.0)).then(|| self.new.range.clone()),
            is_own(records.map(|records| records.1)).then(|| self.old.range.clone()),
        )
    }
}

/// The first alias that is there no more, and is not the name now.
pub(super) fn lost_alias<'o>((name, aliases): (&str, &[String]), before: &'o [String]) -> Option<&'o str> {
    if before.is_empty() {
        return None;
    }
    let kept: HashSet<&str> = aliases.iter().map(String::as_str).chain([name]).collect();
    before.iter().map(String::as_str).find(|alias| !kept.contains(alias))
}

/// Where two types are defined.
fn definitions(new: &Named, old: &Named) -> Ranges {
    let range = |named: &Named| named.reference.is_none().then(|| named.range.clone());
    (range(new), range(old))
}

/// Whether a primitive type reads another one that is not the same.
fn is_wider(new: &TypeKind, old: &TypeKind) -> bool {
    use TypeKind::{Bytes, Double, Float, Int, Long, String};
    matches!(
        (new, old),
        (Long, Int) | (Float, Int | Long) | (Double, Int | Long | Float) | (Bytes, String) | (String, Bytes)
    )
}

/// What a branch of a union is called.
fn word<'t>(schema: &'t AvroSchema, of: &'t Type) -> &'t str {
    match of.kind {
        TypeKind::Named(id) => &schema.named(id).name,
        _ => of.kind.word(),
    }
}

fn listed(quoted: &[String]) -> String {
    match quoted.split_last() {
        Some((_, shown)) if quoted.len() > MOST_SYMBOLS => format!("{} and others", shown.join(", ")),
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
