use super::{Json, Value, write_string};

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
    let start = out.rfind('\n').map_or(0, |newline| newline + 1);
    if is_flat(json) {
        let before = out.len();
        write_flat(json, out);
        // A last comma needs room too.
        if out[start..].chars().count() < WIDTH || !is_open(json) {
            return;
        }
        out.truncate(before);
    }
    let inner = indent + 2;
    match &json.value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                next_line(index > 0, inner, out);
                write(item, inner, out);
            }
            next_line(false, indent, out);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, member) in members.iter().enumerate() {
                next_line(index > 0, inner, out);
                write_string(out, &member.key);
                out.push_str(": ");
                write(&member.value, inner, out);
            }
            next_line(false, indent, out);
            out.push('}');
        }
        _ => write_flat(json, out),
    }
}

fn next_line(comma: bool, indent: usize, out: &mut String) {
    out.push_str(if comma { ",\n" } else { "\n" });
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Whether it is an array or object with something in it.
fn is_open(json: &Json<'_>) -> bool {
    match &json.value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => false,
    }
}

/// Whether no object with something in it is inside.
fn is_flat(json: &Json<'_>) -> bool {
    let holds_none = |json: &Json<'_>| match &json.value {
        Value::Object(members) => members.is_empty(),
        Value::Array(_) => is_flat(json),
        _ => true,
    };
    match &json.value {
        Value::Array(items) => items.iter().all(holds_none),
        Value::Object(members) => members.iter().all(|member| holds_none(&member.value)),
        _ => true,
    }
}

fn write_flat(json: &Json<'_>, out: &mut String) {
    match &json.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(digits) => out.push_str(digits),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_flat(item, out);
            }
            out.push(']');
        }
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Object(members) => {
            out.push_str("{ ");
            for (index, member) in members.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_string(out, &member.key);
                out.push_str(": ");
                write_flat(&member.value, out);
            }
            out.push_str(" }");
        }
    }
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
}
