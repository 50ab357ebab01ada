//! Which changes an incompatibility comes from.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::change::{Break, ChangeKind, SchemaChange, Spot};
use crate::schema::Incompatibility;

/// Extents of changes that are looked at for all incompatibilities together. Beyond, only changes around what breaks are
/// found as causes, and of these no types with many others: all lists may be long.
const MOST_EXTENTS: usize = 5_000_000;

/// Changes around what breaks that are looked at, the innermost first.
const MOST_AROUND: usize = 64;

/// Extents of a change that are looked at uncounted.
const FEW: usize = 16;

/// Causes that are told together. Beyond, each incompatibility has one: many may have many.
const MOST_CAUSES: usize = 200_000;

/// Whose incompatibilities they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Consumers with the new schema.
    New,
    /// Consumers with the old one.
    Old,
}

/// The incompatibilities with their causes.
pub(super) fn attribute(reader: Reader, found: Vec<Incompatibility>, changes: &[SchemaChange]) -> Vec<Break> {
    if found.is_empty() {
        return Vec::new();
    }
    let around_new = Nested::of(changes, |change| &change.new);
    let around_old = Nested::of(changes, |change| &change.old);
    let weight = |change: &SchemaChange| {
        [&change.new, &change.old].into_iter().flatten().map(|spot| spot.extents.len()).sum::<usize>().max(1)
    };
    let all: usize = changes.iter().map(weight).sum();
    let mut left = MOST_EXTENTS;
    let mut of = |incompatibility: &Incompatibility| {
        // Where something is lacking, nothing needs to have changed.
        let (read, written) = (incompatibility.reader_has().cloned(), incompatibility.writer_has().cloned());
        let (new, old) = match reader {
            Reader::New => (&read, &written),
            Reader::Old => (&written, &read),
        };
        let fit = |at: usize| Some((at, fit(reader, incompatibility, &changes[at], new, old)?));
        let near = around_new.around(new).into_iter().chain(around_old.around(old));
        let near = near.filter(|at| match weight(&changes[*at]) {
            ..=FEW => true,
            weight => left.checked_sub(weight).map(|rest| left = rest).is_some(),
        });
        let near: BTreeMap<usize, Fit> = near.filter_map(fit).collect();
        if near.values().any(|fit| fit.is_meant) || left < all {
            return best(near.into_iter());
        }
        left -= all;
        best((0..changes.len()).filter_map(fit))
    };
    let mut untold = MOST_CAUSES;
    // What is wrong with a type that is used in many places has the same causes in each of them.
    let mut known: HashMap<_, Vec<usize>> = HashMap::new();
    let told = found.into_iter().map(|incompatibility| {
        let Incompatibility { code, path, reader, writer, .. } = &incompatibility;
        let key = (*code, last(path).to_owned(), reader.clone(), writer.clone());
        let causes = known.entry(key).or_insert_with(|| of(&incompatibility));
        causes.truncate(untold.max(1));
        untold = untold.saturating_sub(causes.len());
        Break { causes: causes.clone(), incompatibility }
    });
    told.collect()
}

/// The bytes of changes on a side. They come of a tree, so that two of them lie apart or one in the other.
struct Nested {
    /// Start, end and changes, the outer ones first.
    extents: Vec<(usize, usize, Range<usize>)>,
    /// The next one around each.
    outer: Vec<Option<usize>>,
    /// The changes of each, one behind the other.
    changes: Vec<usize>,
}

impl Nested {
    fn of(changes: &[SchemaChange], spot: impl Fn(&SchemaChange) -> &Option<Spot>) -> Self {
        let of_change = |(at, change)| {
            let extents = spot(change).as_ref().map_or(&[][..], |spot| &spot.extents);
            extents.iter().map(move |extent| (extent.start, Reverse(extent.end), at))
        };
        let mut all: Vec<_> = changes.iter().enumerate().flat_map(of_change).collect();
        all.sort_unstable();
        let mut nested = Self { extents: Vec::new(), outer: Vec::new(), changes: Vec::with_capacity(all.len()) };
        let mut open: Vec<usize> = Vec::new();
        // Many changes may be about the same bytes.
        for same in all.chunk_by(|one, other| one.0 == other.0 && one.1 == other.1) {
            let (start, Reverse(end), _) = same[0];
            let behind = nested.changes.len();
            nested.changes.extend(same.iter().map(|(.., change)| *change));
            while open.pop_if(|last| nested.extents[*last].1 < end.max(start + 1)).is_some() {}
            nested.outer.push(open.last().copied());
            open.push(nested.extents.len());
            nested.extents.push((start, end, behind..nested.changes.len()));
        }
        nested
    }

    /// The changes whose bytes hold a range.
    fn around(&self, range: &Option<Range<usize>>) -> Vec<usize> {
        let Some(range) = range else { return Vec::new() };
        let behind = self.extents.partition_point(|(start, ..)| *start <= range.start);
        let innermost = behind.checked_sub(1);
        let all = std::iter::successors(innermost, |at| self.outer[*at]).map(|at| &self.extents[at]);
        let holding = all.filter(|(_, end, _)| *end >= range.end);
        holding.flat_map(|(.., changes)| &self.changes[changes.clone()]).copied().take(MOST_AROUND).collect()
    }
}

/// How well a change explains an incompatibility: what counts more stands before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// Whether such a change leads to such an incompatibility.
    is_meant: bool,
    /// On how many sides both lie apart, the fewer the better.
    apart: Reverse<usize>,
    /// On how many sides the incompatibility lies in what changed.
    inside: usize,
    /// Whether both end with the same name.
    is_named: bool,
    /// On how many sides what changed lies in what the incompatibility is about.
    around: usize,
    /// The fewer bytes changed, the better.
    closeness: Reverse<usize>,
}

/// How well a change explains it; `None` where it has nothing to do with it.
fn fit(
    reader: Reader,
    of: &Incompatibility,
    change: &SchemaChange,
    new: &Option<Range<usize>>,
    old: &Option<Range<usize>>,
) -> Option<Fit> {
    if !change.kind.may_break() {
        return None;
    }
    let sides = [side(&change.new, new), side(&change.old, old)];
    let count = |is: fn(&Side) -> bool| sides.iter().filter(|side| is(side)).count();
    let inside = count(|side| matches!(side, Side::Inside(_)));
    let around = count(|side| matches!(side, Side::Around));
    let apart = count(|side| matches!(side, Side::Apart));
    // Why no branch of a union fits is found in a branch, which may be defined anywhere.
    if inside + around == 0 || (apart > 0 && of.code != "MISSING_UNION_BRANCH") {
        return None;
    }
    let bytes = sides.iter().map(|side| if let Side::Inside(bytes) = side { *bytes } else { 0 }).sum();
    Some(Fit {
        is_meant: is_meant(reader, of.code, change),
        apart: Reverse(apart),
        inside,
        is_named: last(&of.path) == last(&change.path),
        around,
        closeness: Reverse(bytes),
    })
}

/// Those that explain it best.
fn best(fits: impl Iterator<Item = (usize, Fit)>) -> Vec<usize> {
    let mut best: Option<Fit> = None;
    let mut causes = Vec::new();
    for (at, fit) in fits {
        if best.is_none_or(|best| fit > best) {
            causes.clear();
        }
        if best.is_none_or(|best| fit >= best) {
            causes.push(at);
            best = Some(fit);
        }
    }
    causes
}

/// How what changed on a side lies to what an incompatibility is about there.
enum Side {
    /// Around it, with so many bytes.
    Inside(usize),
    /// In it.
    Around,
    /// Elsewhere.
    Apart,
    /// One of them says nothing of this side.
    Unsaid,
}

fn side(spot: &Option<Spot>, range: &Option<Range<usize>>) -> Side {
    let (Some(spot), Some(range)) = (spot, range) else { return Side::Unsaid };
    let holds = |outer: &Range<usize>, inner: &Range<usize>| outer.start <= inner.start && inner.end <= outer.end;
    match spot.extents.iter().filter(|extent| holds(extent, range)).map(|extent| extent.len()).min() {
        Some(bytes) => Side::Inside(bytes),
        None if spot.extents.iter().any(|extent| holds(range, extent)) => Side::Around,
        None => Side::Apart,
    }
}

/// The last name of a path of either kind.
fn last(path: &str) -> &str {
    path.rsplit(['/', '.']).next().unwrap_or(path)
}

/// Whether a kind of incompatibility comes of a kind of change more than of others.
fn is_meant(reader: Reader, code: &str, change: &SchemaChange) -> bool {
    use ChangeKind::{
        Added, AliasesChanged, ConstraintChanged, DefaultAdded, DefaultChanged, DefaultRemoved, LogicalTypeChanged,
        MadeOptional, MadeRequired, NumberChanged, PackageChanged, Removed, Renamed, TypeChanged,
    };
    let kind = change.kind;
    // A union with null is another type; `required` says nothing of the type.
    let is_of_type = change.attribute.as_deref() != Some("required");
    // What the reader has and the writer lacks, and the other way round.
    let (only_reader, only_writer) = match reader {
        Reader::New => (Added, Removed),
        Reader::Old => (Removed, Added),
    };
    match code {
        "NAME_MISMATCH" => matches!(kind, Renamed | AliasesChanged),
        "FIXED_SIZE_MISMATCH" => kind == ConstraintChanged,
        "MISSING_ENUM_SYMBOLS" => kind == only_writer,
        "READER_FIELD_MISSING_DEFAULT_VALUE" => {
            kind == only_reader || matches!(kind, Renamed | DefaultRemoved | AliasesChanged)
        }
        "MISSING_UNION_BRANCH" => true,
        "TYPE_MISMATCH" => matches!(kind, TypeChanged | MadeOptional | MadeRequired),
        "PACKAGE_CHANGED" => kind == PackageChanged,
        "ONEOF_FIELD_REMOVED" | "MESSAGE_REMOVED" | "REQUIRED_FIELD_ADDED" | "REQUIRED_FIELD_REMOVED" => {
            matches!(kind, Added | Removed | Renamed | NumberChanged)
        }
        _ if code.contains("REQUIRED_ATTRIBUTE") => matches!(kind, MadeOptional | MadeRequired),
        _ if code.contains("LABEL") || code.contains("MOVED") => {
            matches!(kind, TypeChanged | ConstraintChanged | MadeOptional | MadeRequired)
        }
        _ if code.contains("ENUM") => kind == only_writer || matches!(kind, TypeChanged | ConstraintChanged),
        _ if code.contains("TYPE") || code.contains("KIND") => {
            matches!(kind, TypeChanged | LogicalTypeChanged)
                || (is_of_type && matches!(kind, MadeOptional | MadeRequired))
        }
        _ if code.contains("ADDED") || code.contains("REMOVED") => {
            matches!(kind, Added | Removed | ConstraintChanged)
        }
        _ => !matches!(kind, DefaultAdded | DefaultChanged | DefaultRemoved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::InReferences;

    fn change(kind: ChangeKind, extents: Vec<Range<usize>>) -> SchemaChange {
        let spot = Spot { place: extents[0].clone(), extents };
        SchemaChange {
            kind,
            path: "a".to_owned(),
            part: "field".to_owned(),
            attribute: None,
            before: None,
            after: None,
            old: None,
            new: Some(spot),
        }
    }

    fn broken(index: usize) -> Incompatibility {
        let reader = Some(index..index + 1);
        Incompatibility {
            code: "TYPE_MISMATCH",
            path: format!("/{index}"),
            message: String::new(),
            help: None,
            reader,
            writer: None,
            lacks: None,
            referred: InReferences::default(),
        }
    }

    /// Each of many incompatibilities lies in the same many changes, or in a change of many extents.
    #[test]
    fn many_changes_of_the_same_bytes_and_of_many() {
        let all = 0..100_000;
        let same: Vec<_> = (0..50_000).map(|_| change(ChangeKind::TypeChanged, vec![all.clone()])).collect();
        let found = attribute(Reader::New, (0..50_000).map(broken).collect(), &same);
        assert!(found.iter().all(|one| (1..=MOST_AROUND).contains(&one.causes.len())));
        let many = (0..50_000).map(|index| 2 * index..2 * index + 1);
        let whole = change(ChangeKind::TypeChanged, vec![all]);
        let changes = [whole, change(ChangeKind::MadeOptional, many.collect())];
        let found = attribute(Reader::New, (0..50_000).map(broken).collect(), &changes);
        assert!(found.iter().all(|one| one.causes.len() == 1));
    }
}
