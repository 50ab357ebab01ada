use super::{Json, Value, write_visible_string};

/// Columns that an array or object may take to stand on one line.
const WIDTH: usize = 100;

/// JSON for people: two spaces a level, in the order that the value has, with a line feed at the end. An array or object
/// that holds no object stands on one line where there is room for it.
pub fn pretty(json: &Json<'_>) -> String {
    let mut out = String::new();
    write(json, 0, &mut out);
    out.push('\n');
    out
}

fn write(json: &Json<'_>, indent: usize, out: &mut String) {
    let before = out.len();
    let start = out.rfind('\n').map_or(0, |newline| newline + 1);
    // A character has four bytes at most, and a comma may follow.
    if write_flat(json, start + 4 * WIDTH, out) && out[start..].chars().count() < WIDTH {
        return;
    }
    out.truncate(before);
    let inner = indent + 2;
    match &json.value {
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                next_line(index > 0, inner, out);
                write(item, inner, out);
            }
            next_line(false, indent, out);
            out.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            out.push('{');
            for (index, member) in members.iter().enumerate() {
                next_line(index > 0, inner, out);
                write_visible_string(out, &member.key);
                out.push_str(": ");
                write(&member.value, inner, out);
            }
            next_line(false, indent, out);
            out.push('}');
        }
        _ => _ = write_flat(json, usize::MAX, out),
    }
}

fn next_line(comma: bool, indent: usize, out: &mut String) {
    out.push_str(if comma { ",\n" } else { "\n" });
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Writes a value on one line. False, with a part of it written, where an object with something in it is inside, or where
/// the text would become longer than `most` bytes.
fn write_flat(json: &Json<'_>, most: usize, out: &mut String) -> bool {
    let fits = |text: &str, out: &String| out.len().saturating_add(text.len()) <= most;
    let inside = |json: &Json<'_>, out: &mut String| match &json.value {
        Value::Object(members) if !members.is_empty() => false,
        _ => write_flat(json, most, out),
    };
    match &json.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(digits) if fits(digits, out) => out.push_str(digits),
        Value::String(text) if fits(text, out) => write_visible_string(out, text),
        Value::Number(_) | Value::String(_) => return false,
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                if !inside(item, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Object(members) => {
            out.push_str("{ ");
            for (index, member) in members.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                if !fits(&member.key, out) {
                    return false;
                }
                write_visible_string(out, &member.key);
                out.push_str(": ");
                if !inside(&member.value, out) {
                    return false;
                }
            }
            out.push_str(" }");
        }
    }
    out.len() <= most
}

#[cfg(test)]
mod tests {
    use super::pretty;
    use crate::schema::text::read;

    #[test]
    fn what_fits_stands_on_one_line() {
        let long = "x".repeat(90);
        let text =
            format!(r#"{{"a":[1,[],{{}}],"b":{{"c":"{long}"}},"d":[{{"e":null,"f":["g"]}},{{"h":{{"i":true}}}}]}}"#);
        let shown = pretty(&read(&text).unwrap());
        insta::assert_snapshot!(shown, @r#"
        {
          "a": [1, [], {}],
          "b": {
            "c": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          },
          "d": [
            { "e": null, "f": ["g"] },
            {
              "h": { "i": true }
            }
          ]
        }
        "#);
        assert_eq!(pretty(&read(&shown).unwrap()), shown);
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        let text =
            "[\"a\\\\\u{202e}b\u{9b}31mc\u{7f}\", {\"\u{2066}\": \"é\u{1f600}\"}, \"\u{200b}\u{e0041}\u{feff}\"]";
        let shown = pretty(&read(text).unwrap());
        assert!(shown.contains(r#""a\\\u202eb\u009b31mc\u007f""#), "{shown}");
        assert!(shown.contains(r#""\u2066": "é😀""#), "{shown}");
        assert!(shown.contains(r#""\u200b\udb40\udc41\ufeff""#), "{shown}");
        assert_eq!(read(&shown).unwrap().to_string(), read(text).unwrap().to_string());
        assert_eq!(pretty(&read(&shown).unwrap()), shown);
    }
}
