use std::collections::HashMap;

use super::concern;
use super::judge::{Judge, Meeting};
use crate::schema::avro::model::{AvroSchema, Logical, NamedId, NamedKind, Type, TypeKind};
use crate::schema::error::quoted;

impl<'s> Judge<'s> {
    /// What the same bytes are taken for. The registry does not look at it.
    pub(super) fn logical_type(&mut self, meeting: Meeting<'s>, logical: (Option<&'s Logical>, Option<&'s Logical>)) {
        let (subject, place, ranges) = (|| meeting.subject(), meeting.place, meeting.ranges());
        match logical {
            (None, None) => {}
            (Some(now), None) => self.tell(concern::LOGICAL_TYPE_ADDED, place, ranges, || {
                let name = quoted(&now.name);
                let message = format!("{}the logical type {name} is new, and code has another type for it", subject());
                (message, "make sure that records have had such values all along")
            }),
            (None, Some(before)) => self.tell(concern::LOGICAL_TYPE_REMOVED, place, ranges, || {
                let name = quoted(&before.name);
                let message = format!("{}the logical type {name} is gone, and code gets the bare value", subject());
                (message, format!("keep {name}"))
            }),
            (Some(now), Some(before)) if now.name != before.name => {
                self.tell(concern::LOGICAL_TYPE_CHANGED, place, ranges, || {
                    let (name, was) = (quoted(&now.name), quoted(&before.name));
                    let message = format!(
                        "{}the logical type was {was} and is {name}: what was written is taken for something else",
                        subject()
                    );
                    (message, format!("keep {was}, and put {name} into a new field with a default"))
                });
            }
            (Some(now), Some(before)) if now.name == "decimal" => {
                let (scale, was) = (now.scale.unwrap_or(0), before.scale.unwrap_or(0));
                if scale != was {
                    self.tell(concern::DECIMAL_SCALE_CHANGED, place, ranges.clone(), || {
                        let message = format!(
                            "{}the scale of the decimal was {was} and is {scale}: what was written is read with its \
                             point elsewhere",
                            subject()
                        );
                        (message, "keep the scale, or put the new one into a new field with a default")
                    });
                }
                if let (Some(precision), Some(was)) = (now.precision, before.precision)
                    && precision < was
                {
                    self.tell(concern::DECIMAL_PRECISION_REDUCED, place, ranges, || {
                        let message = format!(
                            "{}the decimal had {was} digits and has {precision}: larger values that were written do \
                             not fit",
                            subject()
                        );
                        (message, format!("keep the precision {was}"))
                    });
                }
            }
            _ => {}
        }
    }
}

/// The logical types of fixed types. They stand where a type is defined, and hold wherever it is used.
pub(super) fn logical_types(schema: &AvroSchema) -> HashMap<NamedId, &Logical> {
    let mut found = HashMap::new();
    if !schema.named.iter().any(|named| matches!(named.kind, NamedKind::Fixed(_))) {
        return found;
    }
    let mut waiting: Vec<&Type> = vec![&schema.root];
    for named in &schema.named {
        if let NamedKind::Record(fields) = &named.kind {
            waiting.extend(fields.iter().map(|field| &field.field_type));
        }
    }
    while let Some(of) = waiting.pop() {
        match (&of.kind, &of.logical) {
            (TypeKind::Array(inner) | TypeKind::Map(inner), _) => waiting.push(inner),
            (TypeKind::Union(branches), _) => waiting.extend(branches),
            (TypeKind::Named(id), Some(logical)) => _ = found.entry(*id).or_insert(logical),
            _ => {}
        }
    }
    found
}
