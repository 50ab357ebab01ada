//! `KEY=VALUE`, a line each: Java's properties, the files of librdkafka, and those of environments. Java's are read as
//! `java.util.Properties` reads them.

use std::iter::Peekable;
use std::str::Chars;

use super::{Entry, unreadable};
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};

/// What may stand around keys and values, for Java.
const BLANK: [char; 3] = [' ', '\t', '\u{c}'];

/// Whose lines they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Those of `java.util.Properties`.
    Java,
    /// Those of a program of librdkafka's: nothing in them is escaped, and a line is one line.
    Librdkafka,
    /// Nobody knows it: as Java's, but for what would be odd there.
    Any,
}

impl Dialect {
    /// What comments begin with. What begins otherwise is a key to Java. Sections are those of librdkafka's programs.
    fn comments(self) -> &'static [char] {
        match self {
            Self::Java => &['#', '!'],
            Self::Librdkafka | Self::Any => &['#', '!', ';', '['],
        }
    }

    fn has_escapes(self) -> bool {
        self != Self::Librdkafka
    }
}

/// Reads the lines of a file.
pub(super) fn read(file: FileId, text: &str, dialect: Dialect) -> Result<Vec<Entry>, Vec<Diagnostic>> {
    let mut entries = Vec::new();
    let mut wrong = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (start, end) = logical_line(text, at, dialect);
        at = end;
        let line = text[start..end].trim_end_matches(['\n', '\r']);
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with(dialect.comments()) {
            continue;
        }
        let offset = start + (line.len() - trimmed.len());
        match entry(file, trimmed, offset, dialect) {
            Some(entry) => entries.push(entry),
            None => {
                let help = "write KEY=VALUE, `#` before a comment, and `\\` at the end of a line that goes on";
                let finding = unreadable("this line is no `KEY=VALUE`", help);
                wrong.push(finding.at(Span::new(file, offset, offset + trimmed.trim_end().len()), ""));
            }
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(wrong) }
}

/// From `at` to the end of a line, and of those that it goes on in behind a backslash. A comment ends with its line.
fn logical_line(text: &str, at: usize, dialect: Dialect) -> (usize, usize) {
    let is_comment = text[at..].trim_start_matches(BLANK).starts_with(dialect.comments());
    let is_whole = is_comment || !dialect.has_escapes();
    let mut end = at;
    loop {
        let line = natural_line(&text[end..]);
        end += line.len();
        let bare = line.trim_end_matches(['\n', '\r']);
        let slashes = bare.len() - bare.trim_end_matches('\\').len();
        if slashes.is_multiple_of(2) || line.is_empty() || is_whole {
            return (at, end);
        }
    }
}

/// The first line with its end: `\n`, `\r\n` or `\r`.
fn natural_line(text: &str) -> &str {
    let length = match text.find(['\n', '\r']) {
        Some(end) if text[end..].starts_with("\r\n") => end + 2,
        Some(end) => end + 1,
        None => text.len(),
    };
    &text[..length]
}

fn entry(file: FileId, line: &str, offset: usize, dialect: Dialect) -> Option<Entry> {
    let plain = |text: &str| if dialect.has_escapes() { unescaped(text) } else { text.to_owned() };
    let exported = line.strip_prefix("export ").map_or(line, str::trim_start);
    let offset = offset + (line.len() - exported.len());
    let (key, raw) = key_and_value(exported)?;
    let value = raw.trim();
    let value_at = offset + (exported.len() - raw.len()) + (raw.len() - raw.trim_start().len());
    Some(Entry {
        path: plain(key),
        key_span: Span::new(file, offset, offset + key.len()),
        value: plain(value),
        value_span: Span::new(file, value_at, value_at + value.len()),
    })
}

/// A line in two, as `java.util.Properties` does it: a key ends at the first `=`, `:` or blank that no backslash is before, and
/// blanks around that are neither of the key nor of the value. A key alone, which Java gives an empty value, is a slip.
fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let end = end_of_key(line);
    let key = &line[..end];
    let rest = without_blanks(&line[end..]);
    let is_separated = rest.starts_with(['=', ':']);
    let value = if is_separated { without_blanks(&rest[1..]) } else { rest };
    let is_none = key.is_empty() || (!is_separated && value.trim().is_empty());
    (!is_none).then_some((key, value))
}

fn end_of_key(line: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &line[at..];
        let length = continuation(rest);
        if length > 0 {
            at += length;
            continue;
        }
        match rest.chars().next() {
            None | Some('=' | ':') => return at,
            Some(c) if BLANK.contains(&c) => return at,
            Some('\\') => at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            Some(c) => at += c.len_utf8(),
        }
    }
}

/// Behind blanks, and behind ends of lines that go on.
fn without_blanks(text: &str) -> &str {
    let mut rest = text.trim_start_matches(BLANK);
    while continuation(rest) > 0 {
        rest = rest[continuation(rest)..].trim_start_matches(BLANK);
    }
    rest
}

/// The length of the backslash, the end of the line and the indentation of the next one, where a text begins with them.
fn continuation(text: &str) -> usize {
    let Some(next) = text.strip_prefix('\\').filter(|next| next.starts_with(['\n', '\r'])) else { return 0 };
    let next = &next[natural_line(next).len()..];
    text.len() - next.trim_start_matches(BLANK).len()
}

/// Takes the quotes off that shells take off. Java and librdkafka keep them as a part of the value.
pub(super) fn without_quotes(entries: &mut [Entry], text: &str) {
    for entry in entries {
        let written = text.get(entry.value_span.start as usize..entry.value_span.end as usize);
        if let Some(word) = written.filter(|written| written.contains(['"', '\''])).and_then(word_of_shell) {
            entry.value = word;
        }
    }
}

/// What a shell makes of a word: parts in quotes of either kind, and what stands between them.
fn word_of_shell(text: &str) -> Option<String> {
    let mut word = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '\\') => word.push(chars.next()?),
            (Some('"'), '\\') if chars.peek().is_some_and(|next| "\"\\$`".contains(*next)) => word.push(chars.next()?),
            (_, c) => word.push(c),
        }
    }
    quote.is_none().then_some(word)
}

/// Without the backslashes of properties, and with lines joined that go on.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('\n') => skip_indentation(&mut chars),
            Some('\r') => {
                chars.next_if_eq(&'\n');
                skip_indentation(&mut chars);
            }
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('f') => plain.push('\u{c}'),
            Some('u') => match unit(&mut chars) {
                Some(first) => {
                    // A character beyond the first 65,536 is two of these, as in UTF-16.
                    let mut rest = chars.clone();
                    let pair =
                        (rest.next() == Some('\\') && rest.next() == Some('u')).then(|| unit(&mut rest)).flatten();
                    let pair = pair.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
                    match (char::from_u32(first.into()), pair) {
                        (Some(c), _) => plain.push(c),
                        (None, Some(c)) => {
                            chars = rest;
                            plain.push(c);
                        }
                        (None, None) => plain.push(char::REPLACEMENT_CHARACTER),
                    }
                }
                None => plain.push('u'),
            },
            Some(c) => plain.push(c),
            None => {}
        }
    }
    plain
}

/// The four hexadecimal digits that are next.
fn unit(chars: &mut Peekable<Chars<'_>>) -> Option<u16> {
    let digits: String = chars.clone().take(4).filter(char::is_ascii_hexdigit).collect();
    let unit = u16::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4)?;
    chars.nth(3);
    Some(unit)
}

fn skip_indentation(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| BLANK.contains(c)).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let mut entries = read(FileId(0), text, Dialect::Any).expect("lines");
        without_quotes(&mut entries, text);
        entries.into_iter().map(|entry| (entry.path, entry.value)).collect()
    }

    #[test]
    fn words_of_a_shell_and_lines_of_librdkafka_are_taken_as_they_are_meant() {
        let word = |text: &str| pairs(&format!("KAFKA_GROUP_ID={text}\n"))[0].1.clone();
        assert_eq!(word(r"'inv'\''q'"), "inv'q");
        assert_eq!(word(r#""a\"b$c\d""#), r#"a"b$c\d"#);
        assert_eq!(word("'never closed"), "'never closed");
        let of_librdkafka = |text: &str| {
            let entries = read(FileId(0), text, Dialect::Librdkafka).expect("lines");
            entries.into_iter().map(|entry| format!("{} {}", entry.path, entry.value)).collect::<Vec<_>>()
        };
        assert_eq!(
            of_librdkafka("group.id=inv\\x\nclient.id=inv\\\nacks=all\n"),
            ["group.id inv\\x", "client.id inv\\", "acks all"]
        );
    }

    #[test]
    fn lines_are_read_as_java_and_shells_read_them() {
        let text = "# a comment\n! another\nacks = all\nlinger.ms: 5\nexport KAFKA_ACKS=\"all\"\nssl.cipher.suites=a,\\\n    b\nx\\:y=\\u0041\n";
        let expected =
            [("acks", "all"), ("linger.ms", "5"), ("KAFKA_ACKS", "all"), ("ssl.cipher.suites", "a,b"), ("x:y", "A")];
        assert_eq!(pairs(text), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    /// The cases of the documentation of `java.util.Properties.load`, and those that are easily read otherwise.
    #[test]
    fn a_key_ends_at_what_java_ends_it_at() {
        let cases = [
            ("Truth = Beauty\n", "Truth", "Beauty"),
            (" Truth:Beauty\n", "Truth", "Beauty"),
            ("Truth   \t:Beauty\n", "Truth", "Beauty"),
            ("ssl.key.password hunter2hunter2\n", "ssl.key.password", "hunter2hunter2"),
            ("ssl.key.password\thunter2 = hunter2", "ssl.key.password", "hunter2 = hunter2"),
            ("a\u{c}b\n", "a", "b"),
            ("a == b\n", "a", "= b"),
            ("a : = b\n", "a", "= b"),
            ("a =\n", "a", ""),
            ("fruits  apple, banana, \\\n    pear, \\\r\n  \tmango\n", "fruits", "apple, banana, pear, mango"),
            ("a\\\n   .b = c\n", "a.b", "c"),
            ("a \\\n  = \\\n  b\n", "a", "b"),
            ("a\\ b\\=c\\:d = e\n", "a b=c:d", "e"),
            ("a = b\\\\\n", "a", "b\\"),
            ("a=\\u00e9\\ud83d\\ude00\\t\\z\n", "a", "é😀\tz"),
            ("a=\\ud83d-\\u12-\n", "a", "\u{fffd}-u12-"),
        ];
        for (text, key, value) in cases {
            assert_eq!(pairs(text), [(key.to_owned(), value.to_owned())], "{text:?}");
        }
        assert_eq!(pairs("a=1\rb=2\r# c\\\nd=4\n").len(), 3);
    }

    #[test]
    fn places_are_those_of_keys_and_values() {
        let text = "  linger.ms \t 5 \nacks : all\n";
        let found = read(FileId(0), text, Dialect::Any).expect("lines");
        let at = |span: Span| &text[span.start as usize..span.end as usize];
        let found: Vec<_> = found.iter().map(|entry| (at(entry.key_span), at(entry.value_span))).collect();
        assert_eq!(found, [("linger.ms", "5"), ("acks", "all")]);
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_place() {
        let wrong = read(FileId(0), "acks=all\n  nonsense\n=x\n", Dialect::Any).unwrap_err();
        let places: Vec<_> = wrong.iter().map(|wrong| wrong.span()).collect();
        assert_eq!(places, [Some(Span::new(FileId(0), 11, 19)), Some(Span::new(FileId(0), 20, 22))]);
    }
}
