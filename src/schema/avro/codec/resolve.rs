//! Which part of the reader's schema reads which part of the writer's, as Java's `Resolver` decides it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::decode::Stop;
use super::names::Aliases;
use crate::schema::avro::model::{AvroSchema, Field, Named, NamedId, NamedKind, Type, TypeKind};
use crate::schema::avro::name::short_name;

/// Records in unions inside each other that are looked into for a branch.
const MOST_DEPTH: usize = 128;

/// Pairs of types that two unions may be compared by.
const MOST_PAIRS: usize = 1_000_000;

pub(super) struct Resolver<'s> {
    pub(super) writer: &'s AvroSchema,
    pub(super) reader: &'s AvroSchema,
    pub(super) aliases: Aliases<'s>,
    /// Whether two unions are the same for Java, by their addresses.
    equal: HashMap<(usize, usize), bool>,
    /// Whether a record of the writer fits one of the reader field by field.
    fitting: HashMap<(NamedId, NamedId), bool>,
    plans: HashMap<(NamedId, NamedId), Rc<Plan>>,
}

impl<'s> Resolver<'s> {
    pub(super) fn new(writer: &'s AvroSchema, reader: &'s AvroSchema) -> Self {
        let aliases = Aliases::of(reader, writer);
        Self { writer, reader, aliases, equal: HashMap::new(), fitting: HashMap::new(), plans: HashMap::new() }
    }

    /// Whether two types are called the same, the aliases of the reader taken into account and namespaces not.
    pub(super) fn has_same_name(&self, writer: &Named, reader: &Named) -> bool {
        short_name(self.aliases.type_name(writer)) == short_name(&reader.name)
    }

    /// Whether a union of the writer is read branch by branch: it has the same parts in the same order.
    pub(super) fn is_same_union(&mut self, writer: &'s Type, reader: &'s Type) -> Result<bool, Stop> {
        let key = (std::ptr::from_ref(writer) as usize, std::ptr::from_ref(reader) as usize);
        if let Some(known) = self.equal.get(&key) {
            return Ok(*known);
        }
        let same = self.is_same(writer, reader)?;
        self.equal.insert(key, same);
        Ok(same)
    }

    fn is_same(&self, writer: &'s Type, reader: &'s Type) -> Result<bool, Stop> {
        let mut seen = HashSet::new();
        let mut left = MOST_PAIRS;
        let mut pairs = vec![(writer, reader)];
        while let Some((one, other)) = pairs.pop() {
            left = left.checked_sub(1).ok_or(Stop::TooMuch)?;
            match (&one.kind, &other.kind) {
                (TypeKind::Array(one), TypeKind::Array(other)) | (TypeKind::Map(one), TypeKind::Map(other)) => {
                    pairs.push((one, other));
                }
                (TypeKind::Union(one), TypeKind::Union(other)) if one.len() == other.len() => {
                    pairs.extend(one.iter().zip(other));
                }
                (TypeKind::Named(one), TypeKind::Named(other)) => {
                    let (written, read) = (self.writer.named(*one), self.reader.named(*other));
                    if !self.has_same_name(written, read) {
                        return Ok(false);
                    }
                    match (&written.kind, &read.kind) {
                        (NamedKind::Fixed(one), NamedKind::Fixed(other)) if one == other => {}
                        (NamedKind::Enum { symbols, .. }, NamedKind::Enum { symbols: known, .. })
                            if symbols == known => {}
                        (NamedKind::Record(fields), NamedKind::Record(known)) if fields.len() == known.len() => {
                            if !seen.insert((*one, *other)) {
                                continue;
                            }
                            for (field, known) in fields.iter().zip(known) {
                                if self.aliases.field_name(written, field) != known.name {
                                    return Ok(false);
                                }
                                pairs.push((&field.field_type, &known.field_type));
                            }
                        }
                        _ => return Ok(false),
                    }
                }
                (TypeKind::Union(_), _) => return Ok(false),
                (one, other) if one == other => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The branch that reads a type of the writer which is no union.
    pub(super) fn branch(&mut self, writer: &'s Type, branches: &'s [Type]) -> Result<Option<usize>, Stop> {
        self.branch_within(writer, branches, MOST_DEPTH)
    }

    fn branch_within(&mut self, writer: &'s Type, branches: &'s [Type], depth: usize) -> Result<Option<usize>, Stop> {
        let mut by_structure = None;
        for (index, branch) in branches.iter().enumerate() {
            let (written, read) = match (&writer.kind, &branch.kind) {
                (TypeKind::Named(one), TypeKind::Named(other)) => (*one, *other),
                (one, other) if std::mem::discriminant(one) == std::mem::discriminant(other) => {
                    return Ok(Some(index));
                }
                _ => continue,
            };
            let (one, other) = (self.writer.named(written), self.reader.named(read));
            if std::mem::discriminant(&one.kind) != std::mem::discriminant(&other.kind) {
                continue;
            }
            let name = self.aliases.type_name(one);
            if name == other.name {
                return Ok(Some(index));
            }
            let is_candidate = matches!(one.kind, NamedKind::Record(_))
                && (by_structure.is_none() || short_name(name) == short_name(&other.name));
            if is_candidate && self.fits(written, read, depth)? {
                by_structure = Some(index);
            }
        }
        Ok(by_structure.or_else(|| branches.iter().position(|branch| is_promoted(&writer.kind, &branch.kind))))
    }

    /// Whether no field of a record is refused at first sight.
    fn fits(&mut self, written: NamedId, read: NamedId, depth: usize) -> Result<bool, Stop> {
        if let Some(known) = self.fitting.get(&(written, read)) {
            return Ok(*known);
        }
        let depth = depth.checked_sub(1).ok_or(Stop::TooMuch)?;
        // While it is looked into it counts as fitting.
        self.fitting.insert((written, read), true);
        let plan = self.plan(written, read);
        let mut fits = plan.missing.is_none();
        for (index, known) in plan.fields.iter().enumerate() {
            let Some(known) = known.filter(|_| fits) else { continue };
            let field = &fields_of(self.writer, written)[index].field_type;
            let of = &fields_of(self.reader, read)[known].field_type;
            fits = !self.is_refused(field, of, depth)?;
        }
        self.fitting.insert((written, read), fits);
        Ok(fits)
    }

    /// Whether a type is refused without a look at its parts.
    fn is_refused(&mut self, writer: &'s Type, reader: &'s Type, depth: usize) -> Result<bool, Stop> {
        Ok(match (&writer.kind, &reader.kind) {
            (TypeKind::Union(_), _) => false,
            (_, TypeKind::Union(branches)) => self.branch_within(writer, branches, depth)?.is_none(),
            (TypeKind::Named(one), TypeKind::Named(other)) => {
                let (written, read) = (self.writer.named(*one), self.reader.named(*other));
                match (&written.kind, &read.kind) {
                    (NamedKind::Record(_), NamedKind::Record(_)) => self.plan(*one, *other).missing.is_some(),
                    (NamedKind::Fixed(size), NamedKind::Fixed(known)) => {
                        size != known || !self.has_same_name(written, read)
                    }
                    (NamedKind::Enum { .. }, NamedKind::Enum { .. }) => !self.has_same_name(written, read),
                    _ => true,
                }
            }
            (one, other) => std::mem::discriminant(one) != std::mem::discriminant(other) && !is_promoted(one, other),
        })
    }

    /// How a record of the writer becomes one of the reader.
    pub(super) fn plan(&mut self, written: NamedId, read: NamedId) -> Rc<Plan> {
        if let Some(known) = self.plans.get(&(written, read)) {
            return known.clone();
        }
        let record = self.writer.named(written);
        let known = fields_of(self.reader, read);
        let places: HashMap<&str, usize> =
            known.iter().enumerate().map(|(index, field)| (field.name.as_str(), index)).collect();
        let written_fields = fields_of(self.writer, written).iter();
        let fields: Vec<Option<usize>> =
            written_fields.map(|field| places.get(self.aliases.field_name(record, field)).copied()).collect();
        let given: HashSet<usize> = fields.iter().flatten().copied().collect();
        let defaults: Vec<usize> = (0..known.len()).filter(|index| !given.contains(index)).collect();
        let missing = defaults.iter().copied().find(|index| known[*index].default.is_none());
        let plan = Rc::new(Plan { fields, defaults, missing });
        self.plans.insert((written, read), plan.clone());
        plan
    }
}

/// How a record becomes another.
pub(super) struct Plan {
    /// For each field of the writer, which one of the reader it is.
    pub(super) fields: Vec<Option<usize>>,
    /// The fields of the reader that the writer lacks.
    pub(super) defaults: Vec<usize>,
    /// The first of these without default.
    pub(super) missing: Option<usize>,
}

/// The fields of a record; none of another type.
pub(super) fn fields_of(schema: &AvroSchema, record: NamedId) -> &[Field] {
    match &schema.named(record).kind {
        NamedKind::Record(fields) => fields,
        NamedKind::Enum { .. } | NamedKind::Fixed(_) => &[],
    }
}

/// Whether a primitive type is read as another.
pub(super) fn is_promoted(writer: &TypeKind, reader: &TypeKind) -> bool {
    use TypeKind::{Bytes, Double, Float, Int, Long, String};
    matches!(
        (writer, reader),
        (Int, Long | Float | Double) | (Long, Float | Double) | (Float, Double) | (Bytes, String) | (String, Bytes)
    )
}
