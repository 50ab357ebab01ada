//! Reading one file's text into its descriptor, with nothing resolved.

use std::ops::Range;

use prost_reflect::prost_types::FileDescriptorProto;

use crate::schema::error::{SchemaError, quoted};

/// Blocks, lists and parentheses inside each other; more is an error.
const MAX_DEPTH: usize = 64;

/// Declarations and statements of a file. Compiled, each takes some kilobytes, with its names and places.
const MOST_STATEMENTS: usize = 100_000;

/// Reads the text of a file that others import as `name`.
pub fn read(name: &str, text: &str) -> Result<FileDescriptorProto, SchemaError> {
    check_bounds(text)?;
    protox_parse::parse(name, text).map_err(|error| {
        if let Some(span) = error.span().filter(|span| is_edition(text, span)) {
            let message = "editions are not supported: neither registries nor this tool read them";
            return SchemaError::new(message).at(span).help("write `syntax = \"proto3\";` in its place");
        }
        let message = SchemaError::new(said(&error.to_string()));
        match error.span() {
            Some(span) => message.at(span),
            None => message.at(text.trim_end().len()..text.trim_end().len()),
        }
    })
}

/// Whether a word that the parser does not know begins `edition = "2023";`.
fn is_edition(text: &str, span: &Range<usize>) -> bool {
    let behind = || text.get(span.end..).unwrap_or_default().trim_start();
    text.get(span.clone()) == Some("edition") && behind().starts_with('=')
}

/// What the libraries say, with names as they stand elsewhere, and in other words where people know the mistake by those.
pub fn said(text: &str) -> String {
    let between = |start: &str, end: &str| text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    // The compiler meets a name that is there twice in JSON first.
    let fields =
        between("camel-case name of field '", "'").and_then(|rest| rest.split_once("' conflicts with field '"));
    if let Some((one, _)) = fields.filter(|(one, other)| one == other) {
        return format!("two fields of one message have the name {}", quoted(one));
    }
    if let Some(name) = between("name '", "' is not defined") {
        return format!("{} is declared neither here nor in a file that is imported", quoted(name));
    }
    if let Some(number) = between("field number '", "' is already used") {
        return format!("two fields of one message have the number {number}");
    }
    if let Some(number) = between("invalid field number '", "'") {
        return format!("a field cannot have the number {number}: 19000 to 19999 are Protobuf's own");
    }
    if text == "message numbers must be between 1 and 536870911" {
        return "the number of a field lies between 1 and 536870911".to_owned();
    }
    text.to_owned()
}

/// Parsers of options and messages recurse, and make much of little text; their input is bounded before they see it.
fn check_bounds(text: &str) -> Result<(), SchemaError> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut statements = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        statements += usize::from(matches!(byte, b';' | b'{'));
        if statements > MOST_STATEMENTS {
            return Err(SchemaError::new(format!("more than {MOST_STATEMENTS} declarations and statements"))
                .at(at..at + 1)
                .help("split it: files can import each other"));
        }
        match byte {
            b'"' | b'\'' => {
                at += 1;
                while let Some(inner) = bytes.get(at).filter(|inner| *inner != byte && **inner != b'\n') {
                    at += if *inner == b'\\' { 2 } else { 1 };
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = bytes[at + 2..].windows(2).position(|pair| pair == b"*/");
                at += end.map_or(bytes.len() - at, |end| end + 3);
            }
            b'{' | b'[' | b'(' | b'<' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(SchemaError::new(format!("more than {MAX_DEPTH} brackets inside each other"))
                        .at(at..at + 1)
                        .help("name the inner messages and refer to them by name"));
                }
            }
            b'}' | b']' | b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// The byte at a line and column, both from 0 and the column in bytes.
pub fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    (start + column).min(text.len())
}
