mod scalars;

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
            Some(_) => {
                while matches!(self.peek(), Some(0..=b' ')) {
                    self.at += 1
                }
            }
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
