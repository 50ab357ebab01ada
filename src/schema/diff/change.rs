use std::ops::Range;

use crate::schema::{Compatibility, Incompatibility};

/// What changed between two versions of a schema, and what it means for those who read records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaDiff {
    /// The changes, in the order of the new text, removed parts where they stood before.
    pub changes: Vec<SchemaChange>,
    /// Because of what consumers with the new schema cannot read what was written with the old one.
    pub backward: Vec<Break>,
    /// Because of what consumers with the old schema cannot read what is written with the new one.
    pub forward: Vec<Break>,
}

/// An incompatibility and the changes that cause it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// What breaks.
    pub incompatibility: Incompatibility,
    /// The places of its causes in the list of changes; none where no change explains it, as when a reference changed.
    pub causes: Vec<usize>,
}

impl SchemaDiff {
    /// The strongest level that the new version keeps towards the old one.
    pub fn level(&self) -> Compatibility {
        match (self.backward.is_empty(), self.forward.is_empty()) {
            (true, true) => Compatibility::Full,
            (true, false) => Compatibility::Backward,
            (false, true) => Compatibility::Forward,
            (false, false) => Compatibility::None,
        }
    }
}

/// One change of meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaChange {
    /// What kind of change.
    pub kind: ChangeKind,
    /// Where, as people name fields: `address.street`, `tags[]`. Empty for the schema itself.
    pub path: String,
    /// What changed: ``field``, ``enum `Status` ``, ``symbol `PAID` ``.
    pub part: String,
    /// Which of its attributes, where it is neither the part itself nor its type: `doc`, `minimum`.
    pub attribute: Option<String>,
    /// What it was; `None` where there was nothing.
    pub before: Option<String>,
    /// What it is; `None` where there is nothing.
    pub after: Option<String>,
    /// Where it stood.
    pub old: Option<Spot>,
    /// Where it stands.
    pub new: Option<Spot>,
}

/// A place of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The bytes to point at.
    pub place: Range<usize>,
    /// All bytes that the change is about: what breaks inside them, breaks by it.
    pub extents: Vec<Range<usize>>,
}

macro_rules! change_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $word:literal;)+) => {
        /// What kind of change it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ChangeKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ChangeKind {
            /// Every kind.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$kind),+];

            /// The word of the JSON form.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)+
                }
            }
        }
    };
}

change_kinds! {
    /// A field, symbol, message … is new.
    Added = "added";
    /// A field, symbol, message … is gone.
    Removed = "removed";
    /// It has another name: told by an alias, by its number, or by where it stands.
    Renamed = "renamed";
    /// Its type is another one.
    TypeChanged = "type_changed";
    /// It may now be absent or null.
    MadeOptional = "made_optional";
    /// It may no longer be absent or null.
    MadeRequired = "made_required";
    /// It has a default and had none.
    DefaultAdded = "default_added";
    /// It had a default and has none.
    DefaultRemoved = "default_removed";
    /// Its default is another one.
    DefaultChanged = "default_changed";
    /// Parts whose order has a meaning stand in another one.
    OrderChanged = "order_changed";
    /// It is described otherwise.
    DocChanged = "doc_changed";
    /// Readers know it by other names besides its own.
    AliasesChanged = "aliases_changed";
    /// Its values mean something else: a logical type of Avro, a format of JSON Schema.
    LogicalTypeChanged = "logical_type_changed";
    /// Other values are allowed: the size of a fixed, a bound of JSON Schema.
    ConstraintChanged = "constraint_changed";
    /// A property that the format gives no meaning, or another attribute.
    PropertyChanged = "property_changed";
    /// Its number is another one.
    NumberChanged = "number_changed";
    /// Its name in JSON is another one.
    JsonNameChanged = "json_name_changed";
    /// The package is another one.
    PackageChanged = "package_changed";
    /// An option is set otherwise.
    OptionChanged = "option_changed";
    /// Something else that counts when schemas are compared.
    Other = "other";
}

impl ChangeKind {
    /// Whether records or their readers may notice: what only people read does not break anything.
    pub(super) fn may_break(self) -> bool {
        !matches!(
            self,
            Self::DocChanged | Self::PropertyChanged | Self::OptionChanged | Self::JsonNameChanged | Self::OrderChanged
        )
    }
}
