//! JSON that is written as it is made, and that no log obeys.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter};

use super::plain::picture;

/// Entries that are made one at a time, while they are written.
pub(super) struct Each<F>(pub F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: IntoIterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// A document as pretty JSON. Its keys stand in the order of the type's fields, so equal values give equal bytes.
pub(super) fn to_json(document: &impl Serialize) -> String {
    let mut json = Vec::new();
    match write_json(document, &mut json) {
        Ok(()) => String::from_utf8_lossy(&json).into_owned(),
        Err(error) => format!("{{\"error\": \"the document cannot be written as JSON: {error}\"}}\n"),
    }
}

/// Writes a document as pretty JSON, with a newline at the end.
pub(super) fn write_json(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write(document, PrettyFormatter::new(), out)
}

/// Writes a document as a line of JSON.
pub(super) fn write_json_line(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write(document, CompactFormatter, out)
}

fn write(document: &impl Serialize, formatter: impl Formatter, mut out: &mut dyn Write) -> io::Result<()> {
    document.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Unobeyed(formatter)))?;
    out.write_all(b"\n")
}

/// Writes what a terminal or the log of a pipeline would obey as escapes, which mean the same in JSON: invisible
/// characters, and the start of `##[…]` and `##vso[…]`, the commands of runners.
struct Unobeyed<F>(F);

impl<F: Formatter> Formatter for Unobeyed<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        let mut before = ' ';
        for (index, c) in fragment.char_indices() {
            if picture(c).is_some() || (before == '#' && c == '#') {
                self.0.write_string_fragment(writer, &fragment[written..index])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                written = index + c.len_utf8();
            }
            before = c;
        }
        self.0.write_string_fragment(writer, &fragment[written..])
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_log_would_obey_is_escaped_and_means_the_same() {
        let texts =
            ["##vso[task.complete]", "###[x]", "a#b", "\u{9b}31m", "\u{202e}x", "\u{e0041}", "\u{1b}[0m", "ä\"\n"];
        let json = to_json(&texts);
        let read: Vec<String> = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(read, texts);
        assert!(!json.contains("##") && json.contains("a#b") && json.contains('ä'), "{json}");
        assert!(json.chars().all(|c| c == '\n' || picture(c).is_none()), "{json:?}");
    }

    #[test]
    fn entries_are_made_while_they_are_written() {
        let mut line = Vec::new();
        write_json_line(&Each(|| 1..=3), &mut line).expect("it is written");
        assert_eq!(line, b"[1,2,3]\n");
        assert_eq!(to_json(&Each(|| 1..=2)), "[\n  1,\n  2\n]\n");
    }
}
