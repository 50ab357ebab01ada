use crate::schema::opinion::Concern;
use crate::schema::{Category, Kind};

macro_rules! concerns {
    ($($(#[doc = $doc:literal])+ $concern:ident, $kind:ident, $category:ident;)+) => {
        $($(#[doc = $doc])+ pub const $concern: Concern =
            Concern::new(stringify!($concern), Category::$category, Kind::$kind);)+

        /// Every concern that a pair of small schemas can raise.
        #[cfg(test)]
        pub const ALL: &[Concern] = &[$($concern,)+];
    };
}

concerns! {
    /// A field went and one of its type came in its place, without its name as an alias.
    FIELD_RENAMED, Names, Wire;
    /// A field or a type lost an alias, by which older records are read.
    ALIAS_REMOVED, Names, Wire;
    /// A type has another namespace, which the registry and Java do not look at and others do.
    NAMESPACE_CHANGED, Names, Wire;
    /// A field is gone, and what records have in it is passed over.
    FIELD_REMOVED, Names, Source;

    /// A symbol is gone, and a default takes its place.
    ENUM_SYMBOL_REMOVED, Values, Wire;
    /// An enum lost its default: symbols that are added later cannot be read.
    ENUM_DEFAULT_REMOVED, Values, Wire;
    /// A field lost its default: records from before it was there cannot be read.
    FIELD_DEFAULT_REMOVED, Values, Wire;
    /// Numbers are read into a type that rounds them.
    FIELD_VALUES_ROUNDED, Values, Wire;
    /// Bytes are read as text, which they need not be.
    FIELD_VALUES_MISREAD, Values, Wire;
    /// A symbol is new, which code that looks at each of them does not know.
    ENUM_SYMBOL_ADDED, Values, Source;
    /// A decimal has fewer digits.
    DECIMAL_PRECISION_REDUCED, Values, Wire;

    /// What is taken for an unknown symbol is another one.
    ENUM_DEFAULT_CHANGED, Meaning, Wire;
    /// What is taken where a record lacks a field is another value.
    FIELD_DEFAULT_CHANGED, Meaning, Wire;
    /// The same bytes mean something else.
    LOGICAL_TYPE_CHANGED, Meaning, Wire;
    /// The decimal point stands elsewhere.
    DECIMAL_SCALE_CHANGED, Meaning, Wire;
    /// A value is handled as another type in code.
    LOGICAL_TYPE_ADDED, Meaning, Source;
    /// The same, the other way round.
    LOGICAL_TYPE_REMOVED, Meaning, Source;
    /// A field has a wider type.
    FIELD_TYPE_CHANGED, Meaning, Source;
    /// A value may be of more types, null among them, or of fewer.
    UNION_CHANGED, Meaning, Source;
}

/// The schemas are too knotted to look at all of them.
pub const NOT_COMPARED: Concern = Concern::new("NOT_COMPARED", Category::Wire, Kind::Values);
