//! Where the parts of a file stand, by their names.

use std::collections::HashMap;
use std::ops::Range;

use prost_reflect::prost_types::FileDescriptorProto;

use crate::schema::diff::outline::Noun;
use crate::schema::protobuf::declarations;
use crate::schema::protobuf::places::{Spans, part};

/// The places of a file as it is written: its arranged form has another order.
pub struct Places<'f> {
    spans: Spans<'f>,
    paths: HashMap<(Noun, String), Vec<i32>>,
}

impl<'f> Places<'f> {
    /// Those of a file.
    pub fn of_text(file: &'f FileDescriptorProto, text: &'f str) -> Self {
        let mut paths = HashMap::new();
        declarations::each(file, &mut |noun, name, path| drop(paths.insert((noun, name), path.to_vec())));
        Self { spans: Spans::of(file, text), paths }
    }

    /// Where a part of the file itself stands, by its number in the descriptor.
    pub fn of_file(&self, number: i32) -> Option<Range<usize>> {
        self.spans.range(&[number])
    }

    /// The name of a part and all of it.
    pub fn of(&self, noun: Noun, name: &str) -> (Range<usize>, Range<usize>) {
        let Some(path) = self.paths.get(&(noun, name.to_owned())) else { return (0..0, 0..0) };
        let whole = self.spans.range(path).unwrap_or_default();
        (self.spans.range(&[&path[..], &[part::NAME]].concat()).unwrap_or_else(|| whole.clone()), whole)
    }

    /// The type of a field.
    pub fn of_type(&self, field: &str) -> Option<Range<usize>> {
        let path = self.paths.get(&(Noun::Property, field.to_owned()))?;
        [part::TYPE, part::TYPE_NAME].iter().find_map(|part| self.spans.range(&[&path[..], &[*part]].concat()))
    }
}
