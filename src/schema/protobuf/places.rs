use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use prost_reflect::prost_types::FileDescriptorProto;
use prost_reflect::{
    EnumDescriptor, EnumValueDescriptor, ExtensionDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor,
    MethodDescriptor, OneofDescriptor, ServiceDescriptor,
};

use super::ProtobufSchema;
use super::parse::Import;

/// The parts of declarations by their numbers in `descriptor.proto`, where a place is looked up.
pub mod part {
    /// `FileDescriptorProto.package`.
    pub const PACKAGE: i32 = 2;
    /// `FileDescriptorProto.dependency`.
    pub const DEPENDENCY: i32 = 3;
    /// `FileDescriptorProto.message_type`.
    pub const MESSAGE: i32 = 4;
    /// `FileDescriptorProto.enum_type`.
    pub const ENUM: i32 = 5;
    /// `FileDescriptorProto.service`.
    pub const SERVICE: i32 = 6;
    /// `FileDescriptorProto.extension`.
    pub const EXTENSION: i32 = 7;
    /// `FileDescriptorProto.syntax`.
    pub const SYNTAX: i32 = 12;
    /// `DescriptorProto.field`.
    pub const FIELD: i32 = 2;
    /// `DescriptorProto.nested_type`.
    pub const NESTED_MESSAGE: i32 = 3;
    /// `DescriptorProto.enum_type`.
    pub const NESTED_ENUM: i32 = 4;
    /// `DescriptorProto.extension`.
    pub const NESTED_EXTENSION: i32 = 6;
    /// `DescriptorProto.oneof_decl`.
    pub const ONEOF: i32 = 8;
    /// `EnumDescriptorProto.value`.
    pub const VALUE: i32 = 2;
    /// `ServiceDescriptorProto.method`.
    pub const METHOD: i32 = 2;
    /// The name of a message, field, oneof, enum, value, service or method.
    pub const NAME: i32 = 1;
    /// `EnumValueDescriptorProto.number`.
    pub const VALUE_NUMBER: i32 = 2;
    /// `FieldDescriptorProto.extendee`.
    pub const EXTENDEE: i32 = 2;
    /// `FieldDescriptorProto.number`.
    pub const NUMBER: i32 = 3;
    /// `FieldDescriptorProto.label`.
    pub const LABEL: i32 = 4;
    /// `FieldDescriptorProto.type`.
    pub const TYPE: i32 = 5;
    /// `FieldDescriptorProto.type_name`.
    pub const TYPE_NAME: i32 = 6;
    /// `FieldDescriptorProto.default_value`.
    pub const DEFAULT: i32 = 7;
    /// The options of a field, and those of a file.
    pub const OPTIONS: i32 = 8;
    /// `FieldDescriptorProto.json_name`.
    pub const JSON_NAME: i32 = 10;
}

/// Something that a file declares.
pub trait Declared {
    /// The file.
    fn file(&self) -> FileDescriptor;
    /// Where in its descriptor.
    fn path(&self) -> &[i32];
}

macro_rules! declared {
    ($($descriptor:ident),*) => {$(
        impl Declared for $descriptor {
            fn file(&self) -> FileDescriptor {
                self.parent_file()
            }

            fn path(&self) -> &[i32] {
                $descriptor::path(self)
            }
        }
    )*};
}

declared!(
    MessageDescriptor,
    FieldDescriptor,
    OneofDescriptor,
    EnumDescriptor,
    EnumValueDescriptor,
    ExtensionDescriptor,
    ServiceDescriptor,
    MethodDescriptor
);

impl Declared for FileDescriptor {
    fn file(&self) -> FileDescriptor {
        self.clone()
    }

    fn path(&self) -> &[i32] {
        &[]
    }
}

/// Where the parts of a file stand in its text. They are found when the first one is asked for.
pub struct Places<'s> {
    schema: &'s ProtobufSchema,
    found: OnceCell<Spans<'s>>,
    /// The same of each of its imports.
    imports: Vec<OnceCell<Spans<'s>>>,
}

/// Bytes, and the import whose text has them; none where that is the file itself.
pub type Found<'s> = (Option<&'s str>, Range<usize>);

/// Where the declarations of a file stand in its text, by their paths in its descriptor.
pub struct Spans<'s> {
    text: &'s str,
    spans: HashMap<&'s [i32], &'s [i32]>,
    lines: Vec<usize>,
}

impl<'s> Places<'s> {
    /// Those of a file.
    pub fn new(schema: &'s ProtobufSchema) -> Self {
        let imports = schema.imports.iter().map(|_| OnceCell::new()).collect();
        Self { schema, found: OnceCell::new(), imports }
    }

    /// The bytes of the first of `parts` that stands in a declaration. `None` for one of another file, and for what the
    /// parser made up.
    pub fn of(&self, declared: &impl Declared, parts: &[i32]) -> Option<Range<usize>> {
        self.find(declared, parts).filter(|(import, _)| import.is_none()).map(|(_, range)| range)
    }

    /// The same, also of a declaration of a file that is imported and whose text is known.
    pub fn find(&self, declared: &impl Declared, parts: &[i32]) -> Option<Found<'s>> {
        let file = declared.file();
        let (import, spans) = if file == self.schema.file {
            (None, self.spans())
        } else {
            let index = self.schema.imports.iter().position(|import| import.file == file)?;
            let Import { file, text } = &self.schema.imports[index];
            (Some(file.name()), self.imports[index].get_or_init(|| Spans::of(file.file_descriptor_proto(), text)))
        };
        let range = parts.iter().find_map(|part| spans.range(&[declared.path(), &[*part]].concat()));
        Some((import, range?))
    }

    /// The option of the file itself with this number in `FileOptions`.
    pub fn option(&self, number: i32) -> Option<Range<usize>> {
        self.spans().range(&[part::OPTIONS, number])
    }

    /// The first word of the file.
    pub fn beginning(&self) -> Option<Range<usize>> {
        let start = self.spans().range(&[])?.start;
        let rest = self.schema.text.get(start..)?;
        Some(start..start + rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()))
    }

    fn spans(&self) -> &Spans<'s> {
        self.found.get_or_init(|| Spans::of(self.schema.file.file_descriptor_proto(), &self.schema.text))
    }
}

impl<'s> Spans<'s> {
    /// Those of a file that was read from `text`.
    pub fn of(file: &'s FileDescriptorProto, text: &'s str) -> Self {
        let info = file.source_code_info.as_ref();
        let spans =
            info.iter().flat_map(|info| &info.location).map(|found| (&found.path[..], &found.span[..])).collect();
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, spans, lines: std::iter::once(0).chain(starts).collect() }
    }

    /// The bytes of what has this path.
    pub fn range(&self, path: &[i32]) -> Option<Range<usize>> {
        let span = self.spans.get(path)?;
        let (start, end) = match **span {
            [line, column, end] => (self.offset(line, column)?, self.offset(line, end)?),
            [line, column, end_line, end] => (self.offset(line, column)?, self.offset(end_line, end)?),
            _ => return None,
        };
        Some(start..end.min(self.text.len()))
    }

    /// Columns are counted in bytes.
    fn offset(&self, line: i32, column: i32) -> Option<usize> {
        let start = self.lines.get(usize::try_from(line).ok()?)?;
        Some(start + usize::try_from(column).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::protobuf::parse;

    #[test]
    fn parts_of_a_field() {
        let text = r#"syntax = "proto3"; package abc;
message A {
  /* größer */ repeated
  string b = 1; map<string, A> c = 2;
}"#;
        let schema = parse(text, &[]).expect("it compiles");
        let places = Places::new(&schema);
        let message = schema.file.messages().next().expect("A");
        let field = |number| message.get_field(number).expect("a field");
        let shown = |number, part| places.of(&field(number), &[part]).map(|range| &text[range]);
        assert_eq!(places.of(&schema.file, &[part::PACKAGE]).map(|range| &text[range]), Some("package abc;"));
        assert_eq!(shown(1, part::LABEL), Some("repeated"));
        assert_eq!(shown(1, part::TYPE), Some("string"));
        assert_eq!(shown(1, part::NAME), Some("b"));
        assert_eq!(shown(2, part::TYPE_NAME), Some("map<string, A>"));
        assert_eq!(shown(2, part::LABEL), None);
        // Nobody wrote the message that holds an entry.
        let entry = message.child_messages().next().expect("the entry of the map");
        assert_eq!(places.of(&entry, &[part::NAME]), None);
        let other = parse(text, &[]).expect("it compiles");
        assert_eq!(Places::new(&other).of(&message, &[part::NAME]), None);
    }
}
