use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::{Json, MAX_DEPTH, Member, Value};
use crate::schema::error::{SchemaError, quoted};

/// Reads one JSON value (RFC 8259, and nothing more: no comments, no trailing commas) and the end of the text.
pub fn read(text: &str) -> Result<Json<'_>, SchemaError> {
    if text.starts_with('\u{feff}') {
        return Err(SchemaError::new("the text starts with a byte order mark")
            .at(0..'\u{feff}'.len_utf8())
            .help("save it as UTF-8 without BOM"));
    }
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.unexpected("the end of the text")),
    }
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn unexpected(&self, expected: &str) -> SchemaError {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        match found {
            None => SchemaError::new(format!("the text ends where {expected} should be")).at(self.at..self.at),
            Some(c) => {
                let error = SchemaError::new(format!("expected {expected}, found {}", quoted(&c.to_string())))
                    .at(self.at..self.at + c.len_utf8());
                match c {
                    '/' => error.help("JSON has no comments; write them into `doc` or `description`"),
                    '\'' => error.help("strings stand in double quotes"),
                    _ => error,
                }
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json<'t>, SchemaError> {
        self.skip_space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'"') => Value::String(self.string()?),
            Some(b'{' | b'[') if depth == MAX_DEPTH => {
                return Err(SchemaError::new(format!("more than {MAX_DEPTH} arrays and objects inside each other"))
                    .at(start..start + 1)
                    .help("name the inner types and refer to them by name"));
            }
            Some(b'{') => Value::Object(self.object(depth)?),
            Some(b'[') => Value::Array(self.array(depth)?),
            Some(b'-' | b'0'..=b'9') => Value::Number(Cow::Borrowed(self.number()?)),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.unexpected("a JSON value")),
        };
        Ok(Json { range: start..self.at, value })
    }

    fn word(&mut self, word: &str, value: Value<'t>) -> Result<Value<'t>, SchemaError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected("a JSON value"))
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Json<'t>>, SchemaError> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
        self.at += 1;
        Ok(items)
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member<'t>>, SchemaError> {
        self.at += 1;
        let mut members = Vec::with_capacity(4);
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(members);
        }
        loop {
            self.skip_space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key = self.string()?;
            let key_range = start..self.at;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("`:`"));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            members.push(Member { key, key_range, value });
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
        self.at += 1;
        match duplicate(&members) {
            Some(member) => Err(SchemaError::new(format!("the key {} is there twice", quoted(&member.key)))
                .at(member.key_range.clone())
                .help("readers disagree about which one counts; remove one")),
            None => Ok(members),
        }
    }

    fn number(&mut self) -> Result<&'t str, SchemaError> {
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
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Result<(), SchemaError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, SchemaError> {
        let opening = self.at;
        self.at += 1;
        let mut start = self.at;
        let mut unescaped = String::new();
        loop {
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
        let code = match first {
            0xd800..=0xdbff if self.bytes[self.at..].starts_with(b"\\u") => {
                self.at += 2;
                let second = self.hex4().filter(|low| (0xdc00..=0xdfff).contains(low));
                let second = second.ok_or_else(|| wrong(start..start + 6))?;
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(|| wrong(start..start + 6))
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let code = digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())??;
        self.at += 4;
        Some(code)
    }
}

fn duplicate<'m, 't>(members: &'m [Member<'t>]) -> Option<&'m Member<'t>> {
    if members.len() <= 16 {
        let same = |(index, member): &(usize, &Member<'t>)| members[..*index].iter().any(|m| m.key == member.key);
        return members.iter().enumerate().find(same).map(|(_, member)| member);
    }
    let mut seen = HashSet::with_capacity(members.len());
    members.iter().find(|member| !seen.insert(&member.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(text: &str) -> String {
        let error = read(text).unwrap_err();
        format!("{} at {:?}", error.message, error.range)
    }

    #[test]
    fn places_are_those_of_the_text() {
        let json = read(r#" {"a": [1, "é\u00e9"]} "#).unwrap();
        assert_eq!(json.range, 1..23);
        let item = json.pointer("/a/1").unwrap();
        assert_eq!((item.as_str(), item.range.clone()), (Some("éé"), 11..21));
    }

    #[test]
    fn bad_text_is_named_with_its_place() {
        insta::assert_snapshot!(message("{\"a\":1,\n\"a\":2}"), @"the key `a` is there twice at Some(8..11)");
        insta::assert_snapshot!(message("{\"a\":1,}"), @"expected a key in double quotes, found `}` at Some(7..8)");
        insta::assert_snapshot!(message("[1"), @"the text ends where `,` or `]` should be at Some(2..2)");
        insta::assert_snapshot!(message("\"a\0\""), @"control character U+0000 in a string at Some(2..3)");
        insta::assert_snapshot!(message("\0"), @r"expected a JSON value, found `\u{0}` at Some(0..1)");
        insta::assert_snapshot!(message("// a\n1"), @"expected a JSON value, found `/` at Some(0..1)");
        insta::assert_snapshot!(message(r#""\ud800x""#), @"an escape that is no character at Some(1..7)");
        insta::assert_snapshot!(message("\u{feff}1"), @"the text starts with a byte order mark at Some(0..3)");
        insta::assert_snapshot!(message("01"), @"a number cannot start with 0 at Some(0..2)");
        insta::assert_snapshot!(message("1.5 2"), @"expected the end of the text, found `2` at Some(4..5)");
    }

    #[test]
    fn depth_is_bounded() {
        assert!(read(&format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).is_ok());
        assert!(read(&"[".repeat(10_000_000)).unwrap_err().message.starts_with("more than 128"));
    }

    proptest! {
        #[test]
        fn any_text_ends_in_a_value_or_an_error(text in ".{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn agrees_with_serde_json(text in r#"[\[\]{},:"a0-2.eE+\-\\nul tru]{0,12}"#) {
            let ours = read(&text);
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            if let Err(error) = &ours {
                // Ours also refuses duplicate keys; theirs also refuses numbers beyond a double.
                prop_assert!(theirs.is_err() || error.message.contains("twice"), "{error} in {text}");
            } else if let Err(error) = theirs {
                prop_assert!(error.to_string().contains("out of range"), "{error} in {text}");
            }
        }
    }
}
