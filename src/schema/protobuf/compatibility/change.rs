use prost_reflect::{
    EnumDescriptor, EnumValueDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor, OneofDescriptor,
};

macro_rules! change_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $word:literal, $verdict:ident;)+) => {
        /// What kind of change it is, with the registry's word for it and whether the registry refuses it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ChangeKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ChangeKind {
            /// Each of them.
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The registry's word for it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)+
                }
            }

            /// Whether the registry refuses it.
            pub fn is_breaking(self) -> bool {
                match self {
                    $(Self::$kind => $verdict!(),)+
                }
            }
        }
    };
}

macro_rules! breaks {
    () => {
        true
    };
}

macro_rules! passes {
    () => {
        false
    };
}

change_kinds! {
    /// The file is in another package.
    PackageChanged = "PACKAGE_CHANGED", breaks;
    /// A message is new.
    MessageAdded = "MESSAGE_ADDED", passes;
    /// A message is gone.
    MessageRemoved = "MESSAGE_REMOVED", breaks;
    /// A message stands at another place among those beside it.
    MessageMoved = "MESSAGE_MOVED", passes;
    /// An enum is new.
    EnumAdded = "ENUM_ADDED", passes;
    /// An enum is gone.
    EnumRemoved = "ENUM_REMOVED", passes;
    /// A number of an enum is new.
    EnumConstAdded = "ENUM_CONST_ADDED", passes;
    /// A number of an enum has another name.
    EnumConstChanged = "ENUM_CONST_CHANGED", passes;
    /// A number of an enum is gone.
    EnumConstRemoved = "ENUM_CONST_REMOVED", passes;
    /// A field outside oneofs is new.
    FieldAdded = "FIELD_ADDED", passes;
    /// A field outside oneofs is gone.
    FieldRemoved = "FIELD_REMOVED", passes;
    /// A required field is new.
    RequiredFieldAdded = "REQUIRED_FIELD_ADDED", breaks;
    /// A required field is gone.
    RequiredFieldRemoved = "REQUIRED_FIELD_REMOVED", breaks;
    /// A number has another name.
    FieldNameChanged = "FIELD_NAME_CHANGED", passes;
    /// A field changed between scalar, message and map.
    FieldKindChanged = "FIELD_KIND_CHANGED", breaks;
    /// A scalar has a type that is encoded otherwise.
    FieldScalarKindChanged = "FIELD_SCALAR_KIND_CHANGED", breaks;
    /// A field holds a message of another name.
    FieldNamedTypeChanged = "FIELD_NAMED_TYPE_CHANGED", breaks;
    /// Another label is written, and the field holds neither strings nor bytes.
    FieldNumericLabelChanged = "FIELD_NUMERIC_LABEL_CHANGED", breaks;
    /// Another label is written, and the field holds strings or bytes.
    FieldStringOrBytesLabelChanged = "FIELD_STRING_OR_BYTES_LABEL_CHANGED", passes;
    /// A oneof is new.
    OneofAdded = "ONEOF_ADDED", passes;
    /// A oneof is gone.
    OneofRemoved = "ONEOF_REMOVED", passes;
    /// A member of a oneof is new.
    OneofFieldAdded = "ONEOF_FIELD_ADDED", passes;
    /// A member of a oneof is gone, and the oneof stays.
    OneofFieldRemoved = "ONEOF_FIELD_REMOVED", breaks;
    /// A member of a oneof became a field of its own, and the oneof is gone.
    OneofFieldMovedToTopLevel = "ONEOF_FIELD_MOVED_TO_TOP_LEVEL", passes;
    /// The same while the oneof stays. The registry has one word for both; its releases refuse this one.
    OneofFieldMovedOut = "ONEOF_FIELD_MOVED_TO_TOP_LEVEL", breaks;
    /// A member of a oneof became one of another oneof, and the first one stays: to the registry's releases it is gone.
    OneofFieldMovedOver = "ONEOF_FIELD_REMOVED", breaks;
    /// Fields that could be set together are now members of one oneof.
    MultipleFieldsMovedToOneof = "MULTIPLE_FIELDS_MOVED_TO_ONEOF", breaks;
    /// A field became a member of a oneof that was there before.
    FieldMovedToExistingOneof = "FIELD_MOVED_TO_EXISTING_ONEOF", breaks;
}

/// One difference between two files, as the registry sees them.
#[derive(Debug, Clone)]
pub struct Change {
    /// What kind of difference.
    pub kind: ChangeKind,
    /// Where, as the registry writes it: `#/Message/1` is the field with the number 1.
    pub path: String,
    /// What it is about on the writer's side, the old one.
    pub writer: Option<Element>,
    /// What it is about on the reader's side, the new one.
    pub reader: Option<Element>,
    /// Where it is in a file that is imported: the fields of the writer's and the reader's own file that lead there.
    pub holders: Option<(FieldDescriptor, FieldDescriptor)>,
}

/// A part of a file.
#[derive(Debug, Clone)]
pub enum Element {
    /// The file's package.
    Package(FileDescriptor),
    /// A message.
    Message(MessageDescriptor),
    /// A field.
    Field(FieldDescriptor),
    /// A oneof that is written as such.
    Oneof(OneofDescriptor),
    /// An enum.
    Enum(EnumDescriptor),
    /// A value of an enum.
    Value(EnumValueDescriptor),
}

macro_rules! from_descriptor {
    ($($descriptor:ident => $variant:ident),*) => {$(
        impl From<&$descriptor> for Element {
            fn from(descriptor: &$descriptor) -> Self {
                Element::$variant(descriptor.clone())
            }
        }
    )*};
}

from_descriptor!(
    FileDescriptor => Package,
    MessageDescriptor => Message,
    FieldDescriptor => Field,
    OneofDescriptor => Oneof,
    EnumDescriptor => Enum,
    EnumValueDescriptor => Value
);
