use super::model::{AvroSchema, NamedKind};
use crate::schema::look_alike::Name;

/// Gives the names that stand beside each other in the types that a schema itself defines: fields of a record, symbols of an
/// enum.
pub fn names<'s>(schema: &'s AvroSchema, look_at: &mut dyn FnMut(&[Name<'s>])) {
    for named in schema.named.iter().filter(|named| named.reference.is_none()) {
        let names: Vec<Name<'s>> = match &named.kind {
            NamedKind::Record(fields) => {
                fields.iter().map(|field| (field.name.as_str().into(), Some(field.range.clone()))).collect()
            }
            // Symbols have no places of their own.
            NamedKind::Enum { symbols, .. } => {
                symbols.iter().map(|symbol| (symbol.as_str().into(), Some(named.range.clone()))).collect()
            }
            NamedKind::Fixed(_) => continue,
        };
        look_at(&names);
    }
}
