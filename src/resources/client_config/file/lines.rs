//! `KEY=VALUE`, a line each: Java's properties, the files of librdkafka, and those of environments.

use super::{Entry, unreadable};
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};

/// Reads the lines of a file.
pub(super) fn read(file: FileId, text: &str) -> Result<Vec<Entry>, Vec<Diagnostic>> {
    let mut entries = Vec::new();
    let mut wrong = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (start, end) = logical_line(text, at);
        at = end;
        let line = text[start..end].trim_end_matches(['\n', '\r']);
        let trimmed = line.trim_start();
        // Sections are those of librdkafka's programs.
        if trimmed.is_empty() || trimmed.starts_with(['#', '!', ';', '[']) {
            continue;
        }
        let offset = start + (line.len() - trimmed.len());
        match entry(file, trimmed, offset) {
            Some(entry) => entries.push(entry),
            None => {
                let finding = unreadable("this line is no `KEY=VALUE`", "write KEY=VALUE, or `#` before a comment");
                wrong.push(finding.at(Span::new(file, offset, offset + trimmed.trim_end().len()), ""));
            }
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(wrong) }
}

/// From `at` to the end of a line, and of those that it goes on in behind a backslash.
fn logical_line(text: &str, at: usize) -> (usize, usize) {
    let mut end = at;
    loop {
        let line = text[end..].split_inclusive('\n').next().unwrap_or_default();
        end += line.len();
        let bare = line.trim_end_matches(['\n', '\r']);
        let slashes = bare.len() - bare.trim_end_matches('\\').len();
        let is_comment = text[at..].trim_start().starts_with(['#', '!', ';']);
        if slashes.is_multiple_of(2) || line.is_empty() || is_comment {
            return (at, end);
        }
    }
}

fn entry(file: FileId, line: &str, offset: usize) -> Option<Entry> {
    let exported = line.strip_prefix("export ").map_or(line, str::trim_start);
    let offset = offset + (line.len() - exported.len());
    let separator = separator(exported)?;
    let key = exported[..separator].trim_end();
    let raw = &exported[separator + 1..];
    let value = raw.trim();
    if key.is_empty() || key.contains(char::is_whitespace) {
        return None;
    }
    let value_at = offset + separator + 1 + (raw.len() - raw.trim_start().len());
    Some(Entry {
        path: unescaped(key),
        key_span: Span::new(file, offset, offset + key.len()),
        value: match quoted(value) {
            Some(inner) => inner.to_owned(),
            None => unescaped(value),
        },
        value_span: Span::new(file, value_at, value_at + value.len()),
    })
}

/// The first `=` or `:` that no backslash is before.
fn separator(line: &str) -> Option<usize> {
    let mut escaped = false;
    line.char_indices().find_map(|(index, c)| {
        let is_separator = !escaped && matches!(c, '=' | ':');
        escaped = c == '\\' && !escaped;
        is_separator.then_some(index)
    })
}

/// What stands in quotes, as shells have it. Java keeps quotes, where they are a slip.
fn quoted(value: &str) -> Option<&str> {
    let inner = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\''))
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
            Some('u') => {
                let digits: String = chars.clone().take(4).collect();
                match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                    Some(c) if digits.len() == 4 => {
                        chars.nth(3);
                        plain.push(c);
                    }
                    _ => plain.push('u'),
                }
            }
            Some(c) => plain.push(c),
            None => {}
        }
    }
    plain
}

fn skip_indentation(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while chars.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        read(FileId(0), text).expect("lines").into_iter().map(|entry| (entry.path, entry.value)).collect()
    }

    #[test]
    fn lines_are_read_as_java_and_shells_read_them() {
        let text = "# a comment\n! another\nacks = all\nlinger.ms: 5\nexport KAFKA_ACKS=\"all\"\nssl.cipher.suites=a,\\\n    b\nx\\:y=\\u0041\n";
        let expected =
            [("acks", "all"), ("linger.ms", "5"), ("KAFKA_ACKS", "all"), ("ssl.cipher.suites", "a,b"), ("x:y", "A")];
        assert_eq!(pairs(text), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_place() {
        let wrong = read(FileId(0), "acks=all\n  nonsense here\n").unwrap_err();
        assert_eq!(wrong[0].span(), Some(Span::new(FileId(0), 11, 24)));
    }
}
