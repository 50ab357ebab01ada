use std::collections::HashMap;
use std::ops::Range;

use prost_reflect::FileDescriptor;

use super::ProtobufSchema;

/// The parts of declarations by their numbers in `descriptor.proto`, where a place is looked up.
pub mod part {
    /// `FileDescriptorProto.package`.
    pub const PACKAGE: i32 = 2;
    /// `FileDescriptorProto.syntax`.
    pub const SYNTAX: i32 = 12;
    /// The name of a message, field, oneof, enum, value, service or method.
    pub const NAME: i32 = 1;
    /// `FieldDescriptorProto.label`.
    pub const LABEL: i32 = 4;
    /// `FieldDescriptorProto.type`.
    pub const TYPE: i32 = 5;
    /// `FieldDescriptorProto.type_name`.
    pub const TYPE_NAME: i32 = 6;
    /// `FieldDescriptorProto.default_value`.
    pub const DEFAULT: i32 = 7;
}

/// Where the parts of a file stand in its text.
pub struct Places<'s> {
    schema: &'s ProtobufSchema,
    spans: HashMap<&'s [i32], &'s [i32]>,
    lines: Vec<usize>,
}

impl<'s> Places<'s> {
    /// Those of a file.
    pub fn new(schema: &'s ProtobufSchema) -> Self {
        let info = schema.file.file_descriptor_proto().source_code_info.as_ref();
        let spans = info.iter().flat_map(|info| &info.location).map(|found| (&found.path[..], &found.span[..])).collect();
        let starts = schema.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { schema, spans, lines: std::iter::once(0).chain(starts).collect() }
    }

    /// The bytes of the first of `parts` that stands in the declaration at `path`. `None` for another file, and for
    /// what the parser made up.
    pub fn of(&self, file: &FileDescriptor, path: &[i32], parts: &[i32]) -> Option<Range<usize>> {
        if *file != self.schema.file {
            return None;
        }
        parts.iter().find_map(|part| self.part(path, *part))
    }

    fn part(&self, path: &[i32], part: i32) -> Option<Range<usize>> {
        let span = self.spans.get(&[path, &[part]].concat()[..])?;
        let (start, end) = match **span {
            [line, column, end] => (self.offset(line, column)?, self.offset(line, end)?),
            [line, column, end_line, end] => (self.offset(line, column)?, self.offset(end_line, end)?),
            _ => return None,
        };
        Some(start..end)
    }

    /// Columns are counted in bytes.
    fn offset(&self, line: i32, column: i32) -> Option<usize> {
        let start = self.lines.get(usize::try_from(line).ok()?)?;
        Some((start + usize::try_from(column).ok()?).min(self.schema.text.len()))
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
        let shown = |path: &[i32], part| places.part(path, part).map(|range| &text[range]);
        assert_eq!(shown(&[], part::PACKAGE), Some("package abc;"));
        assert_eq!(shown(&[4, 0, 2, 0], part::LABEL), Some("repeated"));
        assert_eq!(shown(&[4, 0, 2, 0], part::TYPE), Some("string"));
        assert_eq!(shown(&[4, 0, 2, 0], part::NAME), Some("b"));
        assert_eq!(shown(&[4, 0, 2, 1], part::TYPE_NAME), Some("map<string, A>"));
        assert_eq!(shown(&[4, 0, 2, 7], part::NAME), None);
    }
}
