use std::ops::Range;
use std::sync::Arc;

use crate::schema::text::Json;

/// An Avro schema whose names are resolved. Named types stand in one list, so that recursion is an index.
#[derive(Debug, Clone, PartialEq)]
pub struct AvroSchema {
    /// The outermost type.
    pub root: Type,
    /// Every named type, in the order of definition: those of the references first.
    pub named: Vec<Named>,
}

/// The place of a named type in [`AvroSchema::named`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NamedId(pub usize);

/// A type where it is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Its logical type as written; readers ignore one that they do not know.
    pub logical: Option<Logical>,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// What a type is.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum TypeKind {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Array(Box<Type>),
    Map(Box<Type>),
    Union(Vec<Type>),
    /// A record, enum or fixed: defined here, or earlier and used by name.
    Named(NamedId),
}

impl TypeKind {
    /// Its word in a schema; of a named type, which has a name there instead, `type`.
    pub fn word(&self) -> &'static str {
        match self {
            TypeKind::Null => "null",
            TypeKind::Boolean => "boolean",
            TypeKind::Int => "int",
            TypeKind::Long => "long",
            TypeKind::Float => "float",
            TypeKind::Double => "double",
            TypeKind::Bytes => "bytes",
            TypeKind::String => "string",
            TypeKind::Array(_) => "array",
            TypeKind::Map(_) => "map",
            TypeKind::Union(_) => "union",
            TypeKind::Named(_) => "type",
        }
    }
}

/// A logical type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logical {
    /// Its name: `timestamp-millis`.
    pub name: String,
    /// The precision of a decimal.
    pub precision: Option<u32>,
    /// The scale of a decimal.
    pub scale: Option<u32>,
}

/// A record, enum or fixed.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Its full name.
    pub name: String,
    /// Other full names under which readers know it.
    pub aliases: Vec<String>,
    /// What it means.
    pub doc: Option<String>,
    /// What it is.
    pub kind: NamedKind,
    /// The bytes of its definition, in the text of `reference` where there is one.
    pub range: Range<usize>,
    /// The reference that defines it; `None` for a type that the schema itself defines.
    pub reference: Option<Arc<str>>,
}

/// What a named type is.
#[derive(Debug, Clone, PartialEq)]
pub enum NamedKind {
    /// A record, or an `error` of a protocol.
    Record(Vec<Field>),
    /// An enum.
    Enum {
        /// Its symbols.
        symbols: Vec<String>,
        /// What a reader takes for a symbol that it does not know.
        default: Option<String>,
    },
    /// A fixed of so many bytes.
    Fixed(u32),
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Other names under which readers know it.
    pub aliases: Vec<String>,
    /// What it means.
    pub doc: Option<String>,
    /// Its type.
    pub field_type: Type,
    /// What a reader takes where the writer had no such field.
    pub default: Option<Json<'static>>,
    /// The bytes of its name in the text.
    pub range: Range<usize>,
}

impl AvroSchema {
    /// A named type.
    pub fn named(&self, id: NamedId) -> &Named {
        &self.named[id.0]
    }

    /// The full name of the outermost type, where it has a name.
    pub fn name(&self) -> Option<&str> {
        match self.root.kind {
            TypeKind::Named(id) => Some(&self.named(id).name),
            _ => None,
        }
    }
}
