//! Options as they are written.

use std::fmt::Write as _;

use prost_reflect::prost_types::UninterpretedOption;

/// `[a, b = c]` with a space before it: `first`, then the options; nothing where there are none.
pub(super) fn list(options: Option<&[UninterpretedOption]>, first: Vec<String>) -> String {
    let all: Vec<String> = first.into_iter().chain(options.unwrap_or_default().iter().map(assignment)).collect();
    if all.is_empty() { String::new() } else { format!(" [{}]", all.join(", ")) }
}

/// `name = value`.
pub(super) fn assignment(option: &UninterpretedOption) -> String {
    let name: Vec<String> = option
        .name
        .iter()
        .map(|part| if part.is_extension { format!("({})", part.name_part) } else { part.name_part.clone() })
        .collect();
    let value = if let Some(word) = &option.identifier_value {
        word.clone()
    } else if let Some(number) = option.positive_int_value {
        number.to_string()
    } else if let Some(number) = option.negative_int_value {
        number.to_string()
    } else if let Some(number) = option.double_value {
        format!("{number:?}")
    } else if let Some(text) = &option.string_value {
        quoted(text)
    } else {
        message(option.aggregate_value.as_deref().unwrap_or_default())
    };
    format!("{} = {value}", name.join("."))
}

/// A string as the language writes it; bytes that are no text stand as octal numbers.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let mut out = "\"".to_owned();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_ascii_control() => octal(c as u8, &mut out),
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| octal(*byte, &mut out));
    }
    out.push('"');
    out
}

fn octal(byte: u8, out: &mut String) {
    // Writing into a String cannot fail.
    _ = write!(out, "\\{byte:03o}");
}

/// A message in text format: tokens with one space between them, no separators but in lists, and no colon before a
/// message.
fn message(tokens: &str) -> String {
    let mut out = "{".to_owned();
    // Whether what is open is a list.
    let mut open = Vec::new();
    let mut rest = tokens.trim();
    while let Some(first) = rest.chars().next() {
        let token = &rest[..token_length(rest)];
        rest = rest[token.len()..].trim_start();
        match first {
            '{' | '<' => {
                open.push(false);
                out.push_str(" {");
                continue;
            }
            '[' => open.push(true),
            '}' | '>' | ']' => _ = open.pop(),
            ',' | ';' if open.last() != Some(&true) => continue,
            ':' if rest.starts_with(['{', '<']) => continue,
            _ => {}
        }
        if !matches!(first, ',' | ':') {
            out.push(' ');
        }
        out.push_str(if first == '>' { "}" } else { token });
    }
    out.push_str(" }");
    out
}

/// How long the first token is; strings may hold spaces.
fn token_length(text: &str) -> usize {
    if !text.starts_with('"') {
        return text.find(' ').unwrap_or(text.len());
    }
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return index + 1,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}
