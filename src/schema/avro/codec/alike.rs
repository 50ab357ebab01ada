use crate::schema::avro::model::{AvroSchema, Named, NamedKind, Type, TypeKind};

/// Whether readers make the same of what the two wrote: they differ in nothing that a reader asks of a writer's schema,
/// which is neither docs, aliases, defaults nor logical types.
pub fn write_alike(one: &AvroSchema, other: &AvroSchema) -> bool {
    one.named.len() == other.named.len()
        && is_same_type(&one.root, &other.root)
        && one.named.iter().zip(&other.named).all(|(one, other)| is_same(one, other))
}

/// Named types stand in the order of their definitions: the same places are the same types.
fn is_same_type(one: &Type, other: &Type) -> bool {
    match (&one.kind, &other.kind) {
        (TypeKind::Array(one), TypeKind::Array(other)) | (TypeKind::Map(one), TypeKind::Map(other)) => {
            is_same_type(one, other)
        }
        (TypeKind::Union(one), TypeKind::Union(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same_type(one, other))
        }
        (one, other) => one == other,
    }
}

fn is_same(one: &Named, other: &Named) -> bool {
    one.name == other.name
        && match (&one.kind, &other.kind) {
            (NamedKind::Record(one), NamedKind::Record(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| one.name == other.name && is_same_type(&one.field_type, &other.field_type))
            }
            (NamedKind::Enum { symbols: one, .. }, NamedKind::Enum { symbols: other, .. }) => one == other,
            (NamedKind::Fixed(one), NamedKind::Fixed(other)) => one == other,
            _ => false,
        }
}
