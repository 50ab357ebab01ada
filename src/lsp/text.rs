/// What an editor counts columns in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: the protocol's default.
    Utf16,
    /// Characters.
    Utf32,
}

/// A place as an editor says it. Lines and columns are counted from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in units of the encoding.
    pub column: u32,
}

/// Where the lines of a text start.
#[derive(Debug, Clone)]
pub struct LineTable(Vec<usize>);

impl LineTable {
    /// Of a text.
    pub fn new(text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        Self(std::iter::once(0).chain(newlines).collect())
    }

    /// The offset of a place. A column behind the end of its line is at its end, a line behind the last at the end of all.
    pub fn offset(&self, text: &str, place: Position, encoding: Encoding) -> usize {
        let Some(start) = self.0.get(place.line as usize) else { return text.len() };
        let line = match self.0.get(place.line as usize + 1) {
            Some(next) => text[*start..next - 1].strip_suffix('\r').unwrap_or(&text[*start..next - 1]),
            None => &text[*start..],
        };
        let column = place.column as usize;
        let within = match encoding {
            Encoding::Utf8 => line.floor_char_boundary(column),
            Encoding::Utf32 => line.char_indices().nth(column).map_or(line.len(), |(at, _)| at),
            Encoding::Utf16 => {
                let mut units = 0;
                let behind = line.char_indices().find(|(_, character)| {
                    units += character.len_utf16();
                    units > column
                });
                behind.map_or(line.len(), |(at, _)| at)
            }
        };
        start + within
    }

    /// The place of an offset. One within a character is at its start.
    pub fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = text.floor_char_boundary(offset);
        let line = self.0.partition_point(|start| *start <= offset) - 1;
        let before = &text[self.0[line]..offset];
        let column = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
            Encoding::Utf32 => before.chars().count(),
        };
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: count(line), column: count(column) }
    }
}

/// A text with what stands between two places replaced.
pub fn replace(text: &mut String, from: Position, to: Position, new: &str, encoding: Encoding) {
    let lines = LineTable::new(text);
    let start = lines.offset(text, from, encoding);
    let end = lines.offset(text, to, encoding).max(start);
    text.replace_range(start..end, new);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_counted_in_the_units_of_the_editor() {
        let text = "a: ü𝄞x\r\nb\n";
        let lines = LineTable::new(text);
        for (encoding, column) in [(Encoding::Utf8, 9), (Encoding::Utf16, 6), (Encoding::Utf32, 5)] {
            let place = Position { line: 0, column };
            assert_eq!(lines.position(text, 9, encoding), place);
            assert_eq!(lines.offset(text, place, encoding), 9);
            assert_eq!(lines.offset(text, Position { line: 0, column: 99 }, encoding), 10, "before the line break");
            assert_eq!(lines.offset(text, Position { line: 9, column: 0 }, encoding), text.len());
        }
        // Within a character.
        assert_eq!(lines.offset(text, Position { line: 0, column: 5 }, Encoding::Utf16), 5);
        assert_eq!(lines.offset(text, Position { line: 0, column: 4 }, Encoding::Utf8), 3);
    }

    #[test]
    fn an_edit_replaces_what_it_names_and_no_more() {
        let mut text = "topic: ä.b\nclass: raw\n".to_owned();
        let at = |line, column| Position { line, column };
        replace(&mut text, at(0, 8), at(1, 2), "!", Encoding::Utf16);
        assert_eq!(text, "topic: ä!ass: raw\n");
        replace(&mut text, at(5, 0), at(0, 0), "end", Encoding::Utf16);
        assert_eq!(text, "topic: ä!ass: raw\nend");
    }

    proptest! {
        #[test]
        fn an_offset_is_found_again(text in "[a-z:ü𝄞\r\n ]{0,40}", at in 0_usize..90) {
            let at = text.floor_char_boundary(at.min(text.len()));
            let lines = LineTable::new(&text);
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let found = lines.offset(&text, lines.position(&text, at, encoding), encoding);
                // A carriage return belongs to the break of its line.
                prop_assert!(found == at || text[found..].starts_with("\r\n"), "{text:?} {at} {found}");
            }
        }
    }
}
