//! Names that are used before they are defined, which Java takes since 1.12.
//!
//! Until the text is read, such a use stands for a record without fields. Then Java builds the schema again with what
//! the names mean, and checks unions and defaults once more, in the order in which records get their fields. That order
//! is kept here, because it decides which defaults are refused.

use std::collections::HashSet;
use std::ops::Range;

use super::Parser;
use crate::schema::avro::defaults::{self, Types};
use crate::schema::avro::model::{Named, NamedId, NamedKind, Type, TypeKind};
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::Json;
use crate::source::closest;

use super::super::name::PRIMITIVES;

/// Ids from here on are uses of names that are not defined yet.
const FIRST_PENDING: usize = usize::MAX / 2;

/// Steps of the second look at defaults. Only a text made for it needs more; its defaults count as good.
const MOST_STEPS: usize = 4_000_000;

/// The longest names that one is guessed from, in bytes.
const LONGEST_GUESS: usize = 200;

/// A use of a name that was not defined.
pub(super) struct Pending {
    written: String,
    full_name: String,
    range: Range<usize>,
}

/// The use that an id stands for; `None` for a type that is defined.
pub(in crate::schema::avro) fn pending(id: NamedId) -> Option<usize> {
    id.0.checked_sub(FIRST_PENDING)
}

impl Parser {
    pub(super) fn use_before_definition(&mut self, written: &str, full_name: String, place: &Json<'_>) -> NamedId {
        self.pending.push(Pending { written: written.to_owned(), full_name, range: place.range.clone() });
        NamedId(FIRST_PENDING + self.pending.len() - 1)
    }

    /// Puts what they mean in place of the names that were used too early, in the root and in the types from `own` on.
    pub(super) fn resolve_pending(&mut self, mut root: Type, own: usize) -> Result<Type, SchemaError> {
        let uses = std::mem::take(&mut self.pending);
        if uses.is_empty() {
            return Ok(root);
        }
        let mut resolved = Vec::with_capacity(uses.len());
        for used in &uses {
            match self.by_name.get(&used.full_name) {
                Some(id) => resolved.push(*id),
                None => return Err(self.undefined(used)),
            }
        }
        let first = &uses[0];
        self.object(|| {
            SchemaError::new(format!("the type {} is used before it is defined", quoted(&first.written)))
                .at(first.range.clone())
                .help("define it where it is used first; Java takes this since Avro 1.12, others do not")
        });
        if let Some(unfit) = self.unfit.take() {
            return Err(unfit);
        }
        if !self.any_default && self.named[own..].iter().any(has_object_default) {
            Rebuild::new(&self.named, &resolved).run(&root)?;
        }
        self.replace_in(&mut root, &resolved)?;
        for index in own..self.named.len() {
            let NamedKind::Record(fields) = &mut self.named[index].kind else { continue };
            let mut fields = std::mem::take(fields);
            fields.iter_mut().try_for_each(|field| self.replace_in(&mut field.field_type, &resolved))?;
            self.named[index].kind = NamedKind::Record(fields);
        }
        Ok(root)
    }

    fn undefined(&self, used: &Pending) -> SchemaError {
        let written = used.written.as_str();
        let error = SchemaError::new(format!("the type {} is not defined", quoted(written))).at(used.range.clone());
        let known = PRIMITIVES.into_iter().chain(["record", "enum", "fixed", "array", "map"]);
        let candidates = known.chain(self.named.iter().map(|named| named.name.as_str()));
        // Comparing takes as long as the one name times the other.
        let candidates = candidates.filter(|name| name.len().max(written.len()) <= LONGEST_GUESS);
        match closest(written, candidates) {
            Some(candidate) => error.help(format!("did you mean `{candidate}`?")),
            None => error.help("define it before it is used, or add its subject to `references`").missing(written),
        }
    }

    fn replace_in(&self, outer: &mut Type, resolved: &[NamedId]) -> Result<(), SchemaError> {
        let mut types = vec![outer];
        while let Some(inner) = types.pop() {
            match &mut inner.kind {
                TypeKind::Array(inner) | TypeKind::Map(inner) => types.push(inner),
                TypeKind::Named(id) => {
                    if let Some(index) = pending(*id) {
                        *id = resolved[index];
                    }
                }
                TypeKind::Union(branches) => {
                    for branch in branches.iter_mut() {
                        if let TypeKind::Named(id) = &mut branch.kind
                            && let Some(index) = pending(*id)
                        {
                            *id = resolved[index];
                        }
                    }
                    self.check_branches(branches)?;
                    types.extend(branches);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether the order in which records get their fields can matter: only a default with an object in it looks at them.
fn has_object_default(named: &Named) -> bool {
    let NamedKind::Record(fields) = &named.kind else { return false };
    fields.iter().filter_map(|field| field.default.as_ref()).any(defaults::has_object)
}

/// Builds the schema again, as far as it decides about defaults.
struct Rebuild<'s> {
    named: &'s [Named],
    resolved: &'s [NamedId],
    is_set: Vec<bool>,
    /// Types that have been begun.
    is_known: Vec<bool>,
}

enum Step<'s> {
    Type(&'s Type),
    EndRecord(usize),
    EndVisit,
}

impl<'s> Rebuild<'s> {
    fn new(named: &'s [Named], resolved: &'s [NamedId]) -> Self {
        let is_set = named.iter().map(|named| !matches!(named.kind, NamedKind::Record(_))).collect();
        Self { named, resolved, is_set, is_known: vec![false; named.len()] }
    }

    fn run(mut self, root: &'s Type) -> Result<(), SchemaError> {
        let mut steps = vec![Step::Type(root)];
        // What has been met in the visit of the root, and in the visit that each unknown name begins.
        let mut visits = vec![HashSet::new()];
        let mut default_steps = defaults::MOST_STEPS;
        for _ in 0..MOST_STEPS {
            match steps.pop() {
                None => return Ok(()),
                Some(Step::Type(of)) => match &of.kind {
                    TypeKind::Array(inner) | TypeKind::Map(inner) => steps.push(Step::Type(inner)),
                    TypeKind::Union(branches) => steps.extend(branches.iter().rev().map(Step::Type)),
                    TypeKind::Named(id) => {
                        let mut index = id.0;
                        if let Some(used) = pending(*id) {
                            index = self.resolved[used].0;
                            if std::mem::replace(&mut self.is_known[index], true) {
                                continue;
                            }
                            steps.push(Step::EndVisit);
                            visits.push(HashSet::new());
                        }
                        if visits.last_mut().is_some_and(|visit| visit.insert(index)) {
                            self.is_known[index] = true;
                            if let NamedKind::Record(fields) = &self.named[index].kind {
                                steps.push(Step::EndRecord(index));
                                steps.extend(fields.iter().rev().map(|field| Step::Type(&field.field_type)));
                            }
                        }
                    }
                    _ => {}
                },
                Some(Step::EndRecord(index)) if self.is_set[index] => {}
                Some(Step::EndRecord(index)) => {
                    if let NamedKind::Record(fields) = &self.named[index].kind {
                        let is_set = |id: NamedId| self.is_set[id.0];
                        let types = Types { named: self.named, is_set: &is_set, resolved: self.resolved };
                        for field in fields {
                            defaults::check(field, &types, &mut default_steps).map_err(|unfit| unfit.error)?;
                        }
                    }
                    self.is_set[index] = true;
                }
                Some(Step::EndVisit) => _ = visits.pop(),
            }
        }
        Ok(())
    }
}
