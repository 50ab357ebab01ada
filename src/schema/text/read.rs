use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{Json, MAX_DEPTH, Member, Value};
use crate::schema::error::{SchemaError, quoted};

/// Reads one JSON value (RFC 8259, and nothing more: no comments, no trailing commas) and the end of the text.
pub fn read(text: &str) -> Result<Json<'_>, SchemaError> {
    Reader { text, bytes: text.as_bytes(), at: 0, objections: None }.whole()
}

/// Reads one JSON value as the parser does that Java's Avro reads schemas with: where [`read`] refuses what that one
/// takes (comments, duplicate keys, deep nesting, half a pair of surrogates), the error is only added to `objections`;
/// what that one refuses for its length or depth is refused.
pub fn read_like_java<'t>(text: &'t str, objections: &mut Vec<SchemaError>) -> Result<Json<'t>, SchemaError> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, objections: Some(objections) };
    reader.whole()
}

/// Limits of Jackson (`StreamReadConstraints`), which apply where it is imitated.
const JAVA_DEPTH: usize = 1000;
const JAVA_DIGITS: usize = 1000;
const JAVA_KEY: usize = 50_000;

/// Objections that are kept; a text with more is spoilt anyway.
const KEPT_OBJECTIONS: usize = 100;

struct Reader<'t, 'o> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Where that which Java takes is only objected to; `None` where it is an error.
    objections: Option<&'o mut Vec<SchemaError>>,
}

/// An array or object whose end has not come. They stand in a list, because a text must not end the stack.
enum Open<'t> {
    Array { start: usize, items: Vec<Json<'t>> },
    Object { start: usize, members: Vec<Member<'t>>, key: Cow<'t, str>, key_range: Range<usize> },
}

impl<'t> Reader<'t, '_> {
    fn whole(&mut self) -> Result<Json<'t>, SchemaError> {
        if self.text.starts_with('\u{feff}') {
            return Err(SchemaError::new("the text starts with a byte order mark")
                .at(0..'\u{feff}'.len_utf8())
                .help("save it as UTF-8 without BOM"));
        }
        let value = self.value()?;
        match self.objections {
            // Java trims what is left, and takes no comment there.
            Some(_) => while matches!(self.peek(), Some(0..=b' ')) { self.at += 1 },
            None => self.skip_space()?,
        }
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.unexpected("the end of the text")),
        }
    }

    /// Refuses, or where Java does not, only objects.
    fn object_to(&mut self, error: SchemaError) -> Result<(), SchemaError> {
        match &mut self.objections {
            None => Err(error),
            Some(objections) => {
                if objections.len() < KEPT_OBJECTIONS {
                    objections.push(error);
                }
                Ok(())
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) -> Result<(), SchemaError> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), SchemaError> {
        let rest = &self.bytes[self.at..];
        let length = match rest.get(1) {
            Some(b'/') => rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len()),
            Some(b'*') => match rest.windows(2).skip(2).position(|pair| pair == b"*/") {
                Some(inside) => inside + 4,
                None => return Err(self.unexpected("a JSON value")),
            },
            _ => return Err(self.unexpected("a JSON value")),
        };
        self.object_to(self.unexpected("a JSON value"))?;
        self.at += length;
        Ok(())
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

    fn value(&mut self) -> Result<Json<'t>, SchemaError> {
        let mut open: Vec<Open<'t>> = Vec::new();
        loop {
            self.skip_space()?;
            let start = self.at;
            let value = match self.peek() {
                Some(b'"') => Value::String(self.string()?),
                Some(bracket @ (b'{' | b'[')) => {
                    self.check_depth(open.len())?;
                    self.at += 1;
                    self.skip_space()?;
                    match (bracket, self.peek()) {
                        (b'[', Some(b']')) => {
                            self.at += 1;
                            Value::Array(Vec::new())
                        }
                        (b'{', Some(b'}')) => {
                            self.at += 1;
                            Value::Object(Vec::new())
                        }
                        (b'[', _) => {
                            open.push(Open::Array { start, items: Vec::new() });
                            continue;
                        }
                        _ => {
                            let (key, key_range) = self.key()?;
                            open.push(Open::Object { start, members: Vec::with_capacity(4), key, key_range });
                            continue;
                        }
                    }
                }
                Some(b'-' | b'0'..=b'9') => Value::Number(Cow::Borrowed(self.number()?)),
                Some(b't') => self.word("true", Value::Bool(true))?,
                Some(b'f') => self.word("false", Value::Bool(false))?,
                Some(b'n') => self.word("null", Value::Null)?,
                _ => return Err(self.unexpected("a JSON value")),
            };
            if let Some(whole) = self.put(Json { range: start..self.at, value }, &mut open)? {
                return Ok(whole);
            }
        }
    }

    /// Puts a value where it belongs, and what it completes too. The outermost value comes back.
    fn put(&mut self, mut value: Json<'t>, open: &mut Vec<Open<'t>>) -> Result<Option<Json<'t>>, SchemaError> {
        while let Some(last) = open.pop() {
            self.skip_space()?;
            let next = self.peek();
            value = match last {
                Open::Array { start, mut items } => {
                    items.push(value);
                    match next {
                        Some(b',') => {
                            self.at += 1;
                            open.push(Open::Array { start, items });
                            return Ok(None);
                        }
                        Some(b']') => self.at += 1,
                        _ => return Err(self.unexpected("`,` or `]`")),
                    }
                    Json { range: start..self.at, value: Value::Array(items) }
                }
                Open::Object { start, mut members, key, key_range } => {
                    members.push(Member { key, key_range, value });
                    match next {
                        Some(b',') => {
                            self.at += 1;
                            self.skip_space()?;
                            let (key, key_range) = self.key()?;
                            open.push(Open::Object { start, members, key, key_range });
                            return Ok(None);
                        }
                        Some(b'}') => self.at += 1,
                        _ => return Err(self.unexpected("`,` or `}`")),
                    }
                    Json { range: start..self.at, value: Value::Object(self.distinct(members)?) }
                }
            };
        }
        Ok(Some(value))
    }

    fn check_depth(&mut self, depth: usize) -> Result<(), SchemaError> {
        let most = if self.objections.is_some() { JAVA_DEPTH } else { MAX_DEPTH };
        let error = |most: usize| {
            SchemaError::new(format!("more than {most} arrays and objects inside each other"))
                .at(self.at..self.at + 1)
                .help("name the inner types and refer to them by name")
        };
        if depth >= most {
            return Err(error(most));
        }
        if depth == MAX_DEPTH { self.object_to(error(MAX_DEPTH)) } else { Ok(()) }
    }

    fn word(&mut self, word: &str, value: Value<'t>) -> Result<Value<'t>, SchemaError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected("a JSON value"))
        }
    }

    /// A key and the colon behind it.
    fn key(&mut self) -> Result<(Cow<'t, str>, Range<usize>), SchemaError> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        let range = start..self.at;
        if self.objections.is_some() && key.len() > JAVA_KEY && key.encode_utf16().count() > JAVA_KEY {
            return Err(SchemaError::new(format!("a key of more than {JAVA_KEY} characters")).at(range));
        }
        self.skip_space()?;
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        Ok((key, range))
    }

    /// The members without duplicate keys: for Java, the last one counts, in the place of the first.
    fn distinct(&mut self, members: Vec<Member<'t>>) -> Result<Vec<Member<'t>>, SchemaError> {
        let Some(member) = duplicate(&members) else { return Ok(members) };
        let error = SchemaError::new(format!("the key {} is there twice", quoted(&member.key)))
            .at(member.key_range.clone())
            .help("readers disagree about which one counts; remove one");
        self.object_to(error)?;
        let mut kept: Vec<Member<'t>> = Vec::with_capacity(members.len());
        let mut places: HashMap<Cow<'t, str>, usize> = HashMap::with_capacity(members.len());
        for member in members {
            match places.get(&member.key) {
                Some(&place) => kept[place] = member,
                None => {
                    places.insert(member.key.clone(), kept.len());
                    kept.push(member);
                }
            }
        }
        Ok(kept)
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
        let number = &self.text[start..self.at];
        let too_long = |number: &str| number.bytes().filter(u8::is_ascii_digit).count() > JAVA_DIGITS;
        if self.objections.is_some() && number.len() > JAVA_DIGITS && too_long(number) {
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
        self.object_to(wrong(start..start + 6))?;
        Ok(char::REPLACEMENT_CHARACTER)
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

    fn like_java(text: &str) -> Result<(String, Vec<String>), SchemaError> {
        let mut objections = Vec::new();
        let json = read_like_java(text, &mut objections)?;
        Ok((json.to_string(), objections.into_iter().map(|error| error.message).collect()))
    }

    #[test]
    fn what_java_takes_is_objected_to() {
        let (json, objections) =
            like_java("/* a */ {\"a\": 1, // b\n\"b\": \"\\ud800\\u0041\", \"a\": [2]} \u{b}").unwrap();
        insta::assert_snapshot!(json, @r#"{"a": [2], "b": "�A"}"#);
        insta::assert_snapshot!(objections.join("\n"), @r"
        expected a JSON value, found `/`
        expected a JSON value, found `/`
        an escape that is no character
        the key `a` is there twice
        ");
    }

    #[test]
    fn what_java_refuses_is_refused() {
        for text in ["1 // a", "1 /* a */", "/* 1", "/1", "[1,]", "{'a':1}", "01", "\u{a0}1", "\u{feff}1", "1 2", ""] {
            assert!(like_java(text).is_err(), "{text}");
        }
        assert!(like_java(&"1".repeat(1000)).is_ok());
        assert!(like_java(&format!("-1.{}", "1".repeat(999))).is_ok());
        assert!(like_java(&"1".repeat(1001)).is_err());
        assert!(like_java(&format!("{{\"{}\":1}}", "é".repeat(50_000))).is_ok());
        assert!(like_java(&format!("{{\"{}\":1}}", "é".repeat(50_001))).is_err());
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let (_, objections) = like_java(&nested(1000)).unwrap();
        assert_eq!(objections, ["more than 128 arrays and objects inside each other"]);
        assert!(like_java(&nested(1001)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_ends_in_a_value_or_an_error(text in ".{0,60}") {
            let _ = read(&text);
            let _ = like_java(&text);
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
