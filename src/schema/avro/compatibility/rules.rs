//! What reads what.

use super::check::{Check, Closeness, Key, Parts};
use super::lookup::knows_all;
use super::place::{Place, Step};
use super::problem::{Node, Outcome, Problem, What};
use crate::schema::avro::model::{NamedId, NamedKind, Type, TypeKind};
use crate::schema::avro::name::short_name;

impl<'s> Check<'s> {
    /// Compares two types, or lets them wait for their parts: then nothing comes back.
    pub(super) fn compare(&mut self, mut reader: Node<'s>, mut writer: Node<'s>, mut place: Place) -> Option<Outcome> {
        loop {
            if !self.may_go_on() {
                return None;
            }
            // Two types without a name meet once, because what holds them meets once.
            let (Node::Unnamed(one), Node::Unnamed(other)) = (reader, writer) else { break };
            let (step, one, other) = match (&one.kind, &other.kind) {
                (TypeKind::Array(one), TypeKind::Array(other)) => (Step::Items, one, other),
                (TypeKind::Map(one), TypeKind::Map(other)) => (Step::Values, one, other),
                _ => return self.differently_built(reader, writer, place, None),
            };
            place = Place { parent: Some(self.places.add(place)), step, within: place.within };
            (reader, writer) = (Node::of(one), Node::of(other));
        }
        let key = (reader.key(), writer.key());
        if let Some(known) = self.known.get(&key) {
            // While they are being compared they count as compatible; what shows that they are not stands elsewhere.
            return Some(known.unwrap_or(Outcome::Compatible));
        }
        match (reader, writer) {
            (Node::Named(reader), Node::Named(writer)) => self.named(reader, writer, place, key),
            _ => self.differently_built(reader, writer, place, Some(key)),
        }
    }

    /// Compares types that are not two arrays, two maps or two named types.
    fn differently_built(
        &mut self,
        reader: Node<'s>,
        writer: Node<'s>,
        place: Place,
        key: Option<Key>,
    ) -> Option<Outcome> {
        let union = union(reader);
        if let Some((_, branches)) = self::union(writer) {
            let parts = Parts::All { reader, union: union.map(|(union, _)| union), branches };
            self.wait(parts, place, key, Vec::new());
            return None;
        }
        if let Some((union, branches)) = union {
            let settled = self.knots.number(union).and_then(|number| self.knots.settled(number, writer));
            let Some(settled) = settled else {
                self.wait(Parts::Any { union, branches, writer, closest: None }, place, key, Vec::new());
                return None;
            };
            let outcome = match settled {
                super::knots::Settled::Read => Outcome::Compatible,
                super::knots::Settled::Missing(cause) => self.no_branch(union, writer, cause, place),
            };
            return Some(self.keep(key, outcome));
        }
        let outcome = match (reader, writer) {
            (Node::Unnamed(one), Node::Unnamed(other)) if reads(&one.kind, &other.kind) => Outcome::Compatible,
            _ => self.findings.add(Problem { what: What::Type { reader, writer }, place }),
        };
        Some(self.keep(key, outcome))
    }

    fn named(&mut self, reader: NamedId, writer: NamedId, place: Place, key: Key) -> Option<Outcome> {
        let (one, other) = (self.sides.reader.named(reader), self.sides.writer.named(writer));
        let second = match (&one.kind, &other.kind) {
            (NamedKind::Record(_), NamedKind::Record(_)) => None,
            (NamedKind::Fixed(size), NamedKind::Fixed(written)) => {
                (size != written).then_some((What::Size { reader, writer }, Step::Size))
            }
            (NamedKind::Enum { symbols, default }, NamedKind::Enum { symbols: written, .. }) => {
                self.count(symbols.len() + written.len());
                let is_read = default.is_some() || knows_all(symbols, written);
                (!is_read).then_some((What::Symbols { reader, writer }, Step::Symbols))
            }
            _ => {
                let what = What::Type { reader: Node::Named(reader), writer: Node::Named(writer) };
                let outcome = self.findings.add(Problem { what, place });
                return Some(self.keep(Some(key), outcome));
            }
        };
        let first = (!self.is_known_as(reader, writer)).then_some((What::Name { reader, writer }, Step::Name));
        let mut found = Vec::new();
        for (what, step) in first.into_iter().chain(second) {
            let parent = Some(self.places.add(place));
            found.push(self.findings.add(Problem { what, place: Place { parent, step, within: place.within } }));
        }
        if let NamedKind::Record(_) = one.kind {
            self.wait(Parts::Fields { reader, writer }, place, Some(key), found);
            return None;
        }
        let outcome = self.findings.join(found);
        Some(self.keep(Some(key), outcome))
    }

    /// What a field without default is that the writer's record lacks.
    pub(super) fn without_default(
        &mut self,
        field: usize,
        field_type: &'s Type,
        record: NamedId,
        at: impl Fn(Step) -> Place,
    ) -> Outcome {
        let has_enum_default =
            |id: NamedId| matches!(&self.sides.reader.named(id).kind, NamedKind::Enum { default: Some(_), .. });
        let id = match field_type.kind {
            TypeKind::Named(id) if has_enum_default(id) => id,
            _ => {
                let place = at(Step::Field(field as u32));
                return self.findings.add(Problem { what: What::NoDefault { field }, place });
            }
        };
        // Java compares the enum with the record that lacks the field, and remembers that it does not fit.
        let key = (Node::Named(id).key(), Node::Named(record).key());
        if let Some(known) = self.known.get(&key) {
            return known.unwrap_or(Outcome::Compatible);
        }
        let place = at(Step::FieldType(field as u32));
        let outcome = self.findings.add(Problem { what: What::OnlyEnumDefault { field, id }, place });
        self.keep(Some(key), outcome)
    }

    /// Whether the reader takes the writer's type for its own: the short names count, aliases as full names.
    fn is_known_as(&mut self, reader: NamedId, writer: NamedId) -> bool {
        let (one, other) = (self.sides.reader.named(reader), self.sides.writer.named(writer));
        if short_name(&one.name) == short_name(&other.name) {
            return true;
        }
        self.count(one.aliases.len());
        one.aliases.contains(&other.name)
    }

    /// How close a branch comes that does not read a type.
    pub(super) fn closeness(&mut self, branch: Node<'s>, writer: Node<'s>) -> Option<Closeness> {
        match (branch, writer) {
            (Node::Named(reader), Node::Named(writer)) => {
                let (one, other) = (self.sides.reader.named(reader), self.sides.writer.named(writer));
                if std::mem::discriminant(&one.kind) != std::mem::discriminant(&other.kind) {
                    return None;
                }
                Some(if self.is_known_as(reader, writer) { Closeness::Name } else { Closeness::Kind })
            }
            // Arrays or maps: a union has one of each.
            (Node::Unnamed(_), Node::Unnamed(_)) => Some(Closeness::Name),
            _ => None,
        }
    }
}

fn union(of: Node<'_>) -> Option<(&Type, &[Type])> {
    match of {
        Node::Unnamed(union @ Type { kind: TypeKind::Union(branches), .. }) => Some((union, branches)),
        _ => None,
    }
}

/// Whether a primitive type reads another.
fn reads(reader: &TypeKind, writer: &TypeKind) -> bool {
    use TypeKind::{Boolean, Bytes, Double, Float, Int, Long, Null, String};
    matches!(
        (reader, writer),
        (Null, Null)
            | (Boolean, Boolean)
            | (Int, Int)
            | (Long, Int | Long)
            | (Float, Int | Long | Float)
            | (Double, Int | Long | Float | Double)
            | (Bytes | String, Bytes | String)
    )
}

/// Whether a branch of the reader's union does not read a type, and comparing them would leave nothing behind: a type
/// without a name meets it nowhere else.
pub(super) fn cannot_matter(branch: Node<'_>, writer: Node<'_>) -> bool {
    let Node::Unnamed(branch) = branch else { return false };
    let writer = match writer {
        Node::Named(_) => return true,
        Node::Unnamed(writer) => writer,
    };
    match (&branch.kind, &writer.kind) {
        (TypeKind::Array(_), TypeKind::Array(_)) | (TypeKind::Map(_), TypeKind::Map(_)) => false,
        (one, other) => !reads(one, other),
    }
}
