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
    /// A property went and one that asks for the same came in its place.
    PROPERTY_RENAMED, Names, Wire;
    /// A property is gone, and code that uses it finds nothing.
    PROPERTY_REMOVED, Names, Source;
    /// The title, after which generated code is named, is another one.
    TITLE_CHANGED, Names, Source;

    /// The one value that is allowed is another one; the registry does not look at it.
    CONST_CHANGED, Values, Wire;
    /// A value must have a form that records need not have kept to.
    FORMAT_ADDED, Values, Wire;
    /// A name that no property has must be there.
    REQUIRED_ADDED, Values, Wire;
    /// A property must be there that need not have been, and the registry takes its default for it.
    REQUIRED_WITH_DEFAULT_ADDED, Values, Wire;
    /// A part that the registry does not look at asks for something else.
    UNCOMPARED_CHANGED, Values, Wire;
    /// Anything may be added to an object that could grow safely.
    MODEL_OPENED, Values, Wire;

    /// What is taken where a record lacks a value is another one.
    DEFAULT_CHANGED, Meaning, Wire;
    /// Nothing is taken where a record lacks a value.
    DEFAULT_REMOVED, Meaning, Wire;
    /// The same text means something else.
    FORMAT_CHANGED, Meaning, Wire;
    /// The text holds something else.
    CONTENT_CHANGED, Meaning, Wire;
    /// The number counts something else.
    UNIT_CHANGED, Meaning, Wire;
    /// A value may have any form.
    FORMAT_REMOVED, Meaning, Source;
}

/// The schemas are too large to look at all of them.
pub const NOT_COMPARED: Concern = Concern::new("NOT_COMPARED", Category::Wire, Kind::Values);
