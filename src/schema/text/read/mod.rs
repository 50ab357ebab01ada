mod scalars;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::{Json, MAX_DEPTH, Member, Value};
use crate::schema::error::{SchemaError, quoted};

/// Reads one JSON value (RFC 8259, and nothing more: no comments, no trailing commas) and the end of the text.
pub fn read(text: &str) -> Result<Json<'_>, SchemaError> {
    Reader { text, bytes: text.as_bytes(), at: 0, objection: None }.whole()
}

/// Reads one JSON value as the parser does that Java's Avro reads schemas with: where [`read`] refuses what that one
/// takes (comments, duplicate keys, deep nesting, half a pair of surrogates), the error only becomes the `objection`,
/// where there is none yet; what that one refuses for its length or depth is refused.
pub fn read_like_java<'t>(text: &'t str, objection: &mut Option<SchemaError>) -> Result<Json<'t>, SchemaError> {
    Reader { text, bytes: text.as_bytes(), at: 0, objection: Some(objection) }.whole()
}

/// Limits of Jackson (`StreamReadConstraints`), which apply where it is imitated.
const JAVA_DEPTH: usize = 1000;
const JAVA_DIGITS: usize = 1000;
const JAVA_KEY: usize = 50_000;

struct Reader<'t, 'o> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Where that which Java takes is only objected to; `None` where it is an error.
    objection: Option<&'o mut Option<SchemaError>>,
}

/// An array or object whose end has not come. They stand in a list, because a text must not end the stack.
enum Open<'t> {
    Array {
        start: usize,
        items: Vec<Json<'t>>,
    },
    /// The value of the last member is still to come.
    Object {
        start: usize,
        members: Vec<Member<'t>>,
    },
}

impl<'t> Reader<'t, '_> {
    fn whole(&mut self) -> Result<Json<'t>, SchemaError> {
        if self.text.starts_with('\u{feff}') {
            return Err(SchemaError::new("the text starts with a byte order mark")
                .at(0..'\u{feff}'.len_utf8())
                .help("save it as UTF-8 without BOM"));
        }
        let value = self.value()?;
        // No comment is taken here. Java trims what is left, which takes control characters away too.
        while let Some(byte @ 0..=b' ') = self.peek() {
            if !is_space(byte) {
                self.object_to(|reader| reader.unexpected("the end of the text"))?;
            }
            self.at += 1;
        }
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.unexpected("the end of the text")),
        }
    }

    /// Refuses, or where Java does not, only objects.
    fn object_to(&mut self, error: impl FnOnce(&Self) -> SchemaError) -> Result<(), SchemaError> {
        if matches!(self.objection, Some(Some(_))) {
            return Ok(());
        }
        let error = error(self);
        match &mut self.objection {
            None => Err(error),
            Some(objection) => {
                **objection = Some(error);
                Ok(())
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    fn skip_space(&mut self) -> Result<(), SchemaError> {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        if self.peek() == Some(b'/') { self.comments() } else { Ok(()) }
    }

    fn comments(&mut self) -> Result<(), SchemaError> {
        while self.peek() == Some(b'/') {
            self.comment()?;
            while self.peek().is_some_and(is_space) {
                self.at += 1;
            }
        }
        Ok(())
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
        self.object_to(|reader| reader.unexpected("a JSON value"))?;
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
                            let mut members = Vec::with_capacity(4);
                            members.push(self.key()?);
                            open.push(Open::Object { start, members });
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
        while let Some(last) = open.last_mut() {
            self.skip_space()?;
            let next = self.peek();
            match last {
                Open::Array { items, .. } => {
                    items.push(value);
                    match next {
                        Some(b',') => {
                            self.at += 1;
                            return Ok(None);
                        }
                        Some(b']') => self.at += 1,
                        _ => return Err(self.unexpected("`,` or `]`")),
                    }
                }
                Open::Object { members, .. } => {
                    if let Some(member) = members.last_mut() {
                        member.value = value;
                    }
                    match next {
                        Some(b',') => {
                            self.at += 1;
                            self.skip_space()?;
                            members.push(self.key()?);
                            return Ok(None);
                        }
                        Some(b'}') => self.at += 1,
                        _ => return Err(self.unexpected("`,` or `}`")),
                    }
                }
            }
            value = match open.pop() {
                Some(Open::Array { start, items }) => Json { range: start..self.at, value: Value::Array(items) },
                Some(Open::Object { start, members }) => {
                    Json { range: start..self.at, value: Value::Object(self.distinct(members)?) }
                }
                None => return Err(self.unexpected("a JSON value")),
            };
        }
        Ok(Some(value))
    }

    fn check_depth(&mut self, depth: usize) -> Result<(), SchemaError> {
        let error = |at: usize, most: usize| {
            SchemaError::new(format!("more than {most} arrays and objects inside each other"))
                .at(at..at + 1)
                .help("name the inner types and refer to them by name")
        };
        match depth {
            MAX_DEPTH => self.object_to(|reader| error(reader.at, MAX_DEPTH)),
            JAVA_DEPTH.. => Err(error(self.at, JAVA_DEPTH)),
            _ => Ok(()),
        }
    }

    /// A key and the colon behind it. The value is to come.
    fn key(&mut self) -> Result<Member<'t>, SchemaError> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        let key_range = start..self.at;
        if self.objection.is_some() && key.len() > JAVA_KEY && key.encode_utf16().count() > JAVA_KEY {
            return Err(SchemaError::new(format!("a key of more than {JAVA_KEY} characters")).at(key_range));
        }
        self.skip_space()?;
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        Ok(Member { key, key_range, value: Json { range: self.at..self.at, value: Value::Null } })
    }

    /// The members without duplicate keys: for Java, the last one counts, in the place of the first.
    fn distinct(&mut self, members: Vec<Member<'t>>) -> Result<Vec<Member<'t>>, SchemaError> {
        let Some(member) = duplicate(&members) else { return Ok(members) };
        self.object_to(|_| {
            SchemaError::new(format!("the key {} is there twice", quoted(&member.key)))
                .at(member.key_range.clone())
                .help("readers disagree about which one counts; remove one")
        })?;
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
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
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
mod tests;
