use std::cell::OnceCell;

use crate::source::{File, FileId, Sources};

/// Characters are counted once for each block of this many bytes, so that a column in a line of a megabyte costs no
/// walk along the line.
const BLOCK: usize = 1024;

/// The lines of one file.
#[derive(Debug)]
struct LineTable {
    /// Where each line starts, in bytes.
    starts: Vec<usize>,
    /// How many characters start before each block.
    characters: Vec<usize>,
}

impl LineTable {
    fn new(text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        let mut characters = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            characters.push(characters.last().copied().unwrap_or(0) + starting(block));
        }
        Self { starts: std::iter::once(0).chain(newlines).collect(), characters }
    }

    /// A line, counted from zero, without its line break.
    fn line<'t>(&self, text: &'t str, index: usize) -> &'t str {
        let end = self.starts.get(index + 1).map_or(text.len(), |next| next - 1);
        let line = &text[self.starts[index]..end];
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// How many characters start before an offset.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters[block] + starting(&text.as_bytes()[block * BLOCK..offset])
    }
}

/// How many characters start in these bytes of UTF-8.
fn starting(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count()
}

/// The files of a workspace with their lines, each counted when it is first asked for.
#[derive(Debug)]
pub(in crate::render) struct Texts<'a> {
    files: Vec<(&'a File, OnceCell<LineTable>)>,
}

/// A place in a file. Lines and columns are counted from one, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) struct Point<'a> {
    pub line: usize,
    pub column: usize,
    /// The line without its line break.
    pub text: &'a str,
    /// Bytes from the start of the line.
    pub offset: usize,
}

impl<'a> Texts<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Self { files: sources.all().map(|file| (file, OnceCell::new())).collect() }
    }

    /// The file's path as people read it; none for a file that was never read.
    pub fn path(&self, file: FileId) -> Option<String> {
        self.files.get(file.0 as usize).map(|(file, _)| file.shown())
    }

    /// The file itself.
    pub fn file(&self, file: FileId) -> Option<&'a File> {
        self.files.get(file.0 as usize).map(|(file, _)| *file)
    }

    /// The lines from `first` to `last`, without their line breaks.
    pub fn lines(&self, file: FileId, first: usize, last: usize) -> Vec<&'a str> {
        let Some((file, table)) = self.files.get(file.0 as usize) else { return Vec::new() };
        let table = table.get_or_init(|| LineTable::new(file.without_secrets()));
        (first.max(1)..=last.min(table.starts.len())).map(|line| table.line(file.without_secrets(), line - 1)).collect()
    }

    /// The place of an offset. One behind the end is at the end; one within a character is at its start.
    pub fn point(&self, file: FileId, offset: u32) -> Option<Point<'a>> {
        let (file, table) = self.files.get(file.0 as usize)?;
        let text: &'a str = file.without_secrets();
        let table = table.get_or_init(|| LineTable::new(text));
        let offset = text.floor_char_boundary(offset as usize);
        let index = table.starts.partition_point(|start| *start <= offset) - 1;
        let start = table.starts[index];
        let line = table.line(text, index);
        let column = table.characters_before(text, offset) - table.characters_before(text, start) + 1;
        Some(Point { line: index + 1, column, text: line, offset: (offset - start).min(line.len()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn points_are_those_of_the_sources() {
        let mut sources = Sources::default();
        let text = format!("eins: zwei\r\n\tüber: ☃\n{}\n\nlast", "ä".repeat(3000));
        let file = sources.add("a.yaml", text.as_str());
        let texts = Texts::new(&sources);
        for offset in 0..text.len() + 3 {
            let place = sources.place(Span::new(file, offset, offset));
            let point = texts.point(file, offset as u32).expect("the file is there");
            assert_eq!((place.line as usize, place.column as usize), (point.line, point.column), "at {offset}");
        }
        assert_eq!(texts.point(FileId(7), 0), None);
    }
}
