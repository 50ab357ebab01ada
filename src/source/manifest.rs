/// A key of a manifest, as its documentation lists it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// A manifest kind or a part of one: a mapping with known keys.
pub trait Manifest {
    /// What it is, with its article: "a topic".
    const WHAT: &'static str;
    /// Its keys.
    const FIELDS: &'static [Field];
}

/// Declares a struct that is decoded from a YAML mapping. The key of a field is the field's name; the doc comments are
/// kept and become the reference of the manifests. Where a field's type does not tell what its value looks like, `=> shape`
/// does.
macro_rules! manifest {
    (
        $what:literal
        $(#[doc = $about:literal])*
        $vis:vis struct $name:ident {
            $( $(#[doc = $doc:literal])* $field:ident : $type:ty $(=> $shape:expr)? ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name {
            $( $(#[doc = $doc])* pub $field: $type, )*
        }

        impl $crate::source::Manifest for $name {
            const WHAT: &'static str = $what;
            const FIELDS: &'static [$crate::source::Field] = &[
                $( $crate::source::Field { key: stringify!($field), doc: concat!($($doc),*) } ),*
            ];
        }

        impl $crate::source::Decode for $name {
            fn decode(node: &$crate::source::Node, decoder: &mut $crate::source::Decoder) -> Option<Self> {
                let fields = decoder.fields(node, $what, &[$(stringify!($field)),*])?;
                // Every field is decoded before the first one that failed ends it, so that all errors are found.
                $( let $field = fields.field::<$type>(stringify!($field), decoder); )*
                Some(Self { $( $field: $field?, )* })
            }

            fn shape() -> $crate::source::Shape {
                use $crate::source::{FieldShape, MappingShape, Shape};
                let fields = vec![ $( FieldShape::new(
                    stringify!($field),
                    concat!($($doc),*),
                    <$type as $crate::source::Decode>::absent().is_none(),
                    $crate::source::shape_of!($type $(=> $shape)?),
                ) ),* ];
                Shape::Mapping(Box::new(MappingShape::new(stringify!($name), $what, concat!($($about),*), fields)))
            }
        }
    };
}
pub(crate) use manifest;

/// The shape of a field: what is written beside its type, else what the type tells.
macro_rules! shape_of {
    ($type:ty) => {
        <$type as $crate::source::Decode>::shape()
    };
    ($type:ty => $shape:expr) => {
        $shape
    };
}
pub(crate) use shape_of;
