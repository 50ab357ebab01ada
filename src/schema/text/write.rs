use std::fmt::{self, Write as _};

use super::{Json, Value};
use crate::source::is_unseen;

/// Appends a JSON string: every character as itself but quotes, backslashes and control characters.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut start = 0;
    for (index, byte) in text.bytes().enumerate() {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            out.push_str(&text[start..index]);
            start = index + 1;
            match byte {
                b'"' => out.push_str("\\\""),
                b'\\' => out.push_str("\\\\"),
                // Writing into a String cannot fail.
                _ => _ = write!(out, "\\u{byte:04x}"),
            }
        }
    }
    out.push_str(&text[start..]);
    out.push('"');
}

/// Appends a JSON string for people: what a terminal obeys and does not show is escaped too, which means the same.
pub fn write_visible_string(out: &mut String, text: &str) {
    let start = out.len();
    write_string(out, text);
    if out[start..].contains(is_unseen) {
        let written = out.split_off(start);
        for c in written.chars() {
            if !is_unseen(c) {
                out.push(c);
                continue;
            }
            // Above U+FFFF JSON has a pair of escapes.
            for unit in c.encode_utf16(&mut [0; 2]) {
                _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

impl fmt::Display for Json<'_> {
    /// Compact JSON in the order of the text, numbers as written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let string = |text: &str| {
            let mut out = String::with_capacity(text.len() + 2);
            write_string(&mut out, text);
            out
        };
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Number(digits) => f.write_str(digits),
            Value::String(text) => f.write_str(&string(text)),
            Value::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Value::Object(members) => {
                f.write_str("{")?;
                for (index, member) in members.iter().enumerate() {
                    write!(f, "{}{}: {}", if index > 0 { ", " } else { "" }, string(&member.key), member.value)?;
                }
                f.write_str("}")
            }
        }
    }
}
