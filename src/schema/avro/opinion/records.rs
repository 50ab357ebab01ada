use std::collections::{HashMap, VecDeque};

use super::concern;
use super::judge::{Judge, Meeting, Ranges, Within, lost_alias};
use crate::schema::avro::compatibility::place::{Place, Step};
use crate::schema::avro::model::{Field, Named, Type, TypeKind};
use crate::schema::avro::name::short_name;
use crate::schema::error::quoted;
use crate::schema::text::{Json, Value, decimal};

/// Fields at the same place among which another name for one is looked for.
const FEW: usize = 50;

impl<'s> Judge<'s> {
    pub(super) fn record(
        &mut self,
        (new, fields): (&'s Named, &'s [Field]),
        (old, before): (&'s Named, &'s [Field]),
        place: Place,
    ) {
        self.count(fields.len() + before.len());
        let mut by_name: HashMap<&str, usize> =
            fields.iter().enumerate().map(|(index, field)| (field.name.as_str(), index)).collect();
        for (index, field) in fields.iter().enumerate() {
            self.count(field.aliases.len());
            for alias in &field.aliases {
                by_name.entry(alias).or_insert(index);
            }
        }
        let mut is_read = vec![false; fields.len()];
        let read: Vec<Option<usize>> = before.iter().map(|field| by_name.get(field.name.as_str()).copied()).collect();
        for (field, index) in before.iter().zip(&read) {
            let Some(index) = *index else { continue };
            is_read[index] = true;
            self.field((new, &fields[index]), (old, field), index, place);
        }
        // Fields that came, by the field of both schemas that they stand behind.
        let mut came: HashMap<Option<usize>, VecDeque<usize>> = HashMap::new();
        let mut behind = None;
        for (index, is_read) in is_read.iter().enumerate() {
            match is_read {
                true => behind = Some(index),
                false => came.entry(behind).or_default().push_back(index),
            }
        }
        let mut behind = None;
        for (field, index) in before.iter().zip(&read) {
            match index {
                Some(index) => behind = Some(*index),
                None => {
                    let at_place = came.entry(behind).or_default();
                    let same = at_place.iter().take(FEW).position(|index| self.is_renamed(&fields[*index], field));
                    let same = same.and_then(|position| at_place.remove(position));
                    self.gone((new, same.map(|index| (index, &fields[index]))), (old, field), place);
                }
            }
        }
    }

    /// Whether a field that came may be one that went: it has its type, and a default without which the registry would
    /// not take it.
    fn is_renamed(&mut self, new: &Field, old: &Field) -> bool {
        new.default.is_some() && self.is_same(value(&new.field_type), value(&old.field_type))
    }

    fn is_same(&mut self, new: &Type, old: &Type) -> bool {
        self.count(1);
        let is_logical = new.logical == old.logical;
        is_logical
            && match (&new.kind, &old.kind) {
                (TypeKind::Array(one), TypeKind::Array(other)) | (TypeKind::Map(one), TypeKind::Map(other)) => {
                    self.is_same(one, other)
                }
                (TypeKind::Union(one), TypeKind::Union(other)) => {
                    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| self.is_same(one, other))
                }
                (TypeKind::Named(one), TypeKind::Named(other)) => {
                    short_name(&self.new.named(*one).name) == short_name(&self.old.named(*other).name)
                }
                (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
            }
    }

    fn gone(
        &mut self,
        (new, came): (&'s Named, Option<(usize, &'s Field)>),
        (old, field): (&'s Named, &'s Field),
        place: Place,
    ) {
        let (name, record) = (quoted(&field.name), quoted(short_name(&new.name)));
        let before = own(old, field);
        let Some((index, came)) = came else {
            self.tell(concern::FIELD_REMOVED, place, (None, before), || {
                let message = format!(
                    "field {name} of {record} is gone: what records have in it is passed over, and code that uses it \
                     does not compile"
                );
                (message, "say in its doc that it goes away before it does")
            });
            return;
        };
        let place = self.inside(place, Step::Field(index as u32));
        self.tell(concern::FIELD_RENAMED, place, (own(new, came), before), || {
            let now = quoted(&came.name);
            let default = quoted(&came.default.as_ref().map(Json::to_string).unwrap_or_default());
            let message = format!(
                "field {name} of {record} is gone and {now} of the same type stands in its place: if it was renamed, \
                 records that have it are read as {default}"
            );
            (message, format!("add the alias {name} to {now} if it is the same thing, renamed"))
        });
    }

    fn field(
        &mut self,
        (new, field): (&'s Named, &'s Field),
        (old, before): (&'s Named, &'s Field),
        index: usize,
        place: Place,
    ) {
        let at = self.inside(place, Step::Field(index as u32));
        let ranges: Ranges = (own(new, field), own(old, before));
        let (name, record) = (quoted(&field.name), quoted(short_name(&new.name)));
        if let Some(alias) = lost_alias((&field.name, &field.aliases), &before.aliases) {
            self.tell(concern::ALIAS_REMOVED, at, ranges.clone(), || {
                let alias = quoted(alias);
                let message = format!(
                    "field {name} of {record} lost the alias {alias}: what records have under that name is passed over"
                );
                (message, format!("keep the alias {alias} while there are such records"))
            });
        }
        match (&before.default, &field.default) {
            (Some(before), Some(now)) if !is_same_value(before, now) => {
                self.tell(concern::FIELD_DEFAULT_CHANGED, at, ranges, || {
                    let (before, now) = (quoted(&before.to_string()), quoted(&now.to_string()));
                    let message = format!(
                        "field {name} of {record} had the default {before} and has {now}: records without it are read \
                         otherwise"
                    );
                    (message, format!("keep the default {before}"))
                });
            }
            (Some(before), None) => self.tell(concern::FIELD_DEFAULT_REMOVED, at, ranges, || {
                let before = quoted(&before.to_string());
                let message = format!(
                    "field {name} of {record} lost its default {before}: records from before it was there, or after it \
                     goes, cannot be read"
                );
                (message, format!("keep the default {before}"))
            }),
            _ => {}
        }
        let place = self.inside(place, Step::FieldType(index as u32));
        let within = Some(Within { records: (new, old), field });
        self.wait(Meeting { new: &field.field_type, old: &before.field_type, place, within });
    }
}

/// The bytes of a field's name, where they are in the text of the schema and not in that of a reference.
fn own(record: &Named, field: &Field) -> Option<std::ops::Range<usize>> {
    record.reference.is_none().then(|| field.range.clone())
}

/// The type of a value that may be missing.
fn value(of: &Type) -> &Type {
    match &of.kind {
        TypeKind::Union(branches) => match &branches[..] {
            [Type { kind: TypeKind::Null, .. }, value] | [value, Type { kind: TypeKind::Null, .. }] => value,
            _ => of,
        },
        _ => of,
    }
}

/// Whether two defaults are the same, however their numbers are spelled.
fn is_same_value(one: &Json<'_>, other: &Json<'_>) -> bool {
    match (&one.value, &other.value) {
        (Value::Number(a), Value::Number(b)) => a == b || decimal(a) == decimal(b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_value(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let by_name: HashMap<&str, &Json<'_>> = b.iter().map(|member| (&*member.key, &member.value)).collect();
            a.len() == b.len()
                && a.iter().all(|member| by_name.get(&*member.key).is_some_and(|b| is_same_value(&member.value, b)))
        }
        (a, b) => a == b,
    }
}
