use crate::schema::{Category, Kind};

macro_rules! concerns {
    ($($(#[doc = $doc:literal])+ $concern:ident = $code:literal, $category:ident;)+) => {
        /// What the registry lets pass and somebody may regret.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Concern {
            $($(#[doc = $doc])+ $concern,)+
        }

        impl Concern {
            /// Every concern, category by category.
            #[cfg(test)]
            pub const ALL: &'static [Concern] = &[$(Self::$concern,)+];

            /// Its code.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$concern => $code,)+
                }
            }

            /// What it breaks.
            pub fn category(self) -> Category {
                match self {
                    $(Self::$concern => Category::$category,)+
                }
            }

            /// What it is about.
            pub fn kind(self) -> Kind {
                match self.category() {
                    Category::Wire => Kind::Wire,
                    Category::WireJson => Kind::WireJson,
                    Category::Source => Kind::Source,
                }
            }
        }
    };
}

concerns! {
    /// A field holds one value on one side and many on the other.
    FieldCardinalityChanged = "FIELD_CARDINALITY_CHANGED", Wire;
    /// A field must be there on one side only.
    FieldRequiredChanged = "FIELD_REQUIRED_CHANGED", Wire;
    /// A type reads the bytes of another one and takes some of its values for others.
    FieldValuesMisread = "FIELD_VALUES_MISREAD", Wire;
    /// An enum gave way to one in which some numbers mean something else.
    FieldEnumChanged = "FIELD_ENUM_CHANGED", Wire;
    /// A type is encoded otherwise where the registry does not look: in groups and extensions.
    FieldEncodingChanged = "FIELD_ENCODING_CHANGED", Wire;
    /// A field is a group on one side only.
    FieldGroupChanged = "FIELD_GROUP_CHANGED", Wire;
    /// A field of the same name has another number.
    FieldNumberChanged = "FIELD_NUMBER_CHANGED", Wire;
    /// A number has another name and another type, as if it were another field.
    FieldNumberReused = "FIELD_NUMBER_REUSED", Wire;
    /// A field is gone and its number may be given away again.
    FieldNumberNotReserved = "FIELD_NUMBER_NOT_RESERVED", Wire;
    /// A number that was reserved is used.
    ReservedNumberUsed = "RESERVED_NUMBER_USED", Wire;
    /// Numbers are no longer reserved.
    ReservedNumberReleased = "RESERVED_NUMBER_RELEASED", Wire;
    /// A field that is not set has another value.
    FieldDefaultChanged = "FIELD_DEFAULT_CHANGED", Wire;
    /// Members of several oneofs are members of one.
    OneofsMerged = "ONEOFS_MERGED", Wire;
    /// Members of one oneof can be set together.
    OneofSplit = "ONEOF_SPLIT", Wire;
    /// A value of an enum has another number.
    EnumNumberChanged = "ENUM_NUMBER_CHANGED", Wire;
    /// A value of an enum is gone and its number may be given away again.
    EnumNumberNotReserved = "ENUM_NUMBER_NOT_RESERVED", Wire;
    /// Another value comes first, which is the default of proto2.
    EnumDefaultChanged = "ENUM_DEFAULT_CHANGED", Wire;

    /// A field has another name in JSON.
    FieldJsonNameChanged = "FIELD_JSON_NAME_CHANGED", WireJson;
    /// A field has another form in JSON.
    FieldJsonTypeChanged = "FIELD_JSON_TYPE_CHANGED", WireJson;
    /// A field is gone and its name may be given away again.
    FieldNameNotReserved = "FIELD_NAME_NOT_RESERVED", WireJson;
    /// A name that was reserved is used.
    ReservedNameUsed = "RESERVED_NAME_USED", WireJson;
    /// A name is no longer reserved.
    ReservedNameReleased = "RESERVED_NAME_RELEASED", WireJson;
    /// A value of an enum has another name.
    EnumValueRenamed = "ENUM_VALUE_RENAMED", WireJson;
    /// A value of an enum is gone and its name may be given away again.
    EnumNameNotReserved = "ENUM_NAME_NOT_RESERVED", WireJson;

    /// A field has another name, and in JSON the old one.
    FieldRenamed = "FIELD_RENAMED", Source;
    /// A field is gone; its number and name are reserved.
    FieldRemoved = "FIELD_REMOVED", Source;
    /// A field has another type in code, with the same values.
    FieldTypeChanged = "FIELD_TYPE_CHANGED", Source;
    /// A field has another type in JavaScript.
    FieldJsTypeChanged = "FIELD_JSTYPE_CHANGED", Source;
    /// Whether a field is set can be told on one side only.
    FieldPresenceChanged = "FIELD_PRESENCE_CHANGED", Source;
    /// A field went into a oneof or came out of one, which harms no record.
    FieldOneofChanged = "FIELD_ONEOF_CHANGED", Source;
    /// A oneof has another name.
    OneofRenamed = "ONEOF_RENAMED", Source;
    /// A value of an enum is gone; its number and name are reserved.
    EnumValueRemoved = "ENUM_VALUE_REMOVED", Source;
    /// An enum is gone.
    EnumRemoved = "ENUM_REMOVED", Source;
    /// A message stands at another place among the others, by which serializers may know it.
    MessageMoved = "MESSAGE_MOVED", Source;
    /// Numbers of a message are no longer left to extensions, which other files may declare.
    ExtensionRangeRemoved = "EXTENSION_RANGE_REMOVED", Source;
    /// An extension is gone.
    ExtensionRemoved = "EXTENSION_REMOVED", Source;
    /// Code is generated into another package, class or namespace.
    LanguagePackageChanged = "LANGUAGE_PACKAGE_CHANGED", Source;
    /// The file has another syntax.
    SyntaxChanged = "SYNTAX_CHANGED", Source;
    /// A service is gone.
    ServiceRemoved = "SERVICE_REMOVED", Source;
    /// A method of a service is gone, or takes or gives something else.
    MethodChanged = "METHOD_CHANGED", Source;
}
