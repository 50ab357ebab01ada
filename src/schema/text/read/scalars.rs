//! Strings, numbers and words.

use std::borrow::Cow;
use std::ops::Range;

use super::{JAVA_DIGITS, Reader};
use crate::schema::error::SchemaError;
use crate::schema::text::Value;

impl<'t> Reader<'t, '_> {
    pub(super) fn word(&mut self, word: &str, value: Value<'t>) -> Result<Value<'t>, SchemaError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected("a JSON value"))
        }
    }

    pub(super) fn number(&mut self) -> Result<&'t str, SchemaError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if let Some(b'0'..=b'9') = self.peek() {
            return Err(SchemaError::new("a number cannot start with 0").at(start..self.at + 1));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = &self.text[start..self.at];
        let too_long = |number: &str| number.bytes().filter(u8::is_ascii_digit).count() > JAVA_DIGITS;
        if self.objection.is_some() && number.len() > JAVA_DIGITS && too_long(number) {
            return Err(SchemaError::new(format!("a number of more than {JAVA_DIGITS} digits")).at(start..self.at));
        }
        Ok(number)
    }

    fn digits(&mut self) -> Result<(), SchemaError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    pub(super) fn string(&mut self) -> Result<Cow<'t, str>, SchemaError> {
        let opening = self.at;
        self.at += 1;
        let mut start = self.at;
        let mut unescaped = String::new();
        loop {
            self.at += plain(&self.bytes[self.at..]);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    unescaped.push_str(&self.text[start..self.at]);
                    unescaped.push(self.escape()?);
                    start = self.at;
                }
                Some(control @ 0..=0x1f) => {
                    return Err(SchemaError::new(format!("control character U+{control:04X} in a string"))
                        .at(self.at..self.at + 1)
                        .help(format!("write \\u{control:04x}")));
                }
                Some(_) => self.at += 1,
                None => {
                    return Err(SchemaError::new("a string without its closing quote").at(opening..opening + 1));
                }
            }
        }
        let rest = &self.text[start..self.at];
        self.at += 1;
        if start == opening + 1 {
            Ok(Cow::Borrowed(rest))
        } else {
            unescaped.push_str(rest);
            Ok(Cow::Owned(unescaped))
        }
    }

    fn escape(&mut self) -> Result<char, SchemaError> {
        let start = self.at;
        let kind = self.bytes.get(self.at + 1).copied();
        self.at += 2;
        Ok(match kind {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => return Err(SchemaError::new("an unknown escape in a string").at(start..start + 1)),
        })
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, SchemaError> {
        let wrong = |range: Range<usize>| {
            SchemaError::new("an escape that is no character")
                .at(range)
                .help("write \\u and four hexadecimal digits; characters above U+FFFF take a pair of surrogates")
        };
        let first = self.hex4().ok_or_else(|| wrong(start..start + 2))?;
        if !(0xd800..=0xdfff).contains(&first) {
            return char::from_u32(first).ok_or_else(|| wrong(start..start + 6));
        }
        let behind = self.at;
        if first < 0xdc00 && self.bytes[self.at..].starts_with(b"\\u") {
            self.at += 2;
            if let Some(second @ 0xdc00..=0xdfff) = self.hex4() {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).ok_or_else(|| wrong(start..start + 6));
            }
        }
        // Half a pair, which Java keeps. No name may have it, so what stands for it does not matter.
        self.at = behind;
        self.object_to(|_| wrong(start..start + 6))?;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let code = digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())??;
        self.at += 4;
        Some(code)
    }
}

/// How many bytes at the beginning of a string's rest stand for themselves: none of them ends it, begins an escape or is a
/// control character. Most of a schema is such text, so that eight are looked at together.
fn plain(rest: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = 0x80 * EACH;
    // The lowest bit that is set is that of the first byte below a limit; those above it may be wrong.
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word & TOP;
    let is = |word: u64, byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    let (words, _) = rest.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let other = is(word, b'"') | is(word, b'\\') | below(word, 0x20);
        if other != 0 {
            return index * 8 + other.trailing_zeros() as usize / 8;
        }
    }
    let start = words.len() * 8;
    let is_plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
    start + rest[start..].iter().take_while(is_plain).count()
}
