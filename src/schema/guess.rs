use serde_json::Value;

use super::SchemaFormat;
use super::parsed::MAX_SIZE;

/// The format that a text is most likely of. Only for words of help: what a text is, is said by its extension or by
/// whoever gives it.
pub fn looks_like(text: &str) -> Option<SchemaFormat> {
    // Whoever asks has been told that it is too large to be read; to read it for a guess would take as long.
    if text.len() > MAX_SIZE {
        return None;
    }
    match text.trim_start().chars().next()? {
        '{' | '[' | '"' => of_json(&serde_json::from_str(text).ok()?),
        _ => is_protobuf(text).then_some(SchemaFormat::Protobuf),
    }
}

fn of_json(json: &Value) -> Option<SchemaFormat> {
    let Value::Object(members) = json else { return Some(SchemaFormat::Avro) };
    let is_there = |words: &[&str]| words.iter().any(|word| members.contains_key(*word));
    match members.get("type").and_then(Value::as_str) {
        Some("record" | "error" | "enum" | "fixed") => Some(SchemaFormat::Avro),
        Some("map") if is_there(&["values"]) => Some(SchemaFormat::Avro),
        Some("object") => Some(SchemaFormat::Json),
        _ => is_there(&["$schema", "$id", "$ref", "$defs", "definitions", "properties", "oneOf", "anyOf", "allOf"])
            .then_some(SchemaFormat::Json),
    }
}

/// Whether the first word that is no comment begins a declaration.
fn is_protobuf(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        let comment = if rest.starts_with("//") { rest.split_once('\n') } else { None };
        let comment = comment.or_else(|| rest.strip_prefix("/*").and_then(|inside| inside.split_once("*/")));
        match comment {
            Some((_, behind)) => rest = behind.trim_start(),
            None => break,
        }
    }
    let word = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    matches!(word, "syntax" | "edition" | "package" | "import" | "option" | "message" | "enum" | "service" | "extend")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_what_only_one_format_has() {
        for (text, format) in [
            (r#"{"type": "record", "name": "A", "fields": []}"#, Some(SchemaFormat::Avro)),
            (r#"["null", "string"]"#, Some(SchemaFormat::Avro)),
            (r#"{"type": "object"}"#, Some(SchemaFormat::Json)),
            (r#"{"$ref": "a.json"}"#, Some(SchemaFormat::Json)),
            ("// first\n/* second */ syntax = \"proto3\";", Some(SchemaFormat::Protobuf)),
            ("message A {}", Some(SchemaFormat::Protobuf)),
            (r#"{"type": "string"}"#, None),
            ("{", None),
            ("", None),
            ("// alone", None),
            ("protocol A {}", None),
        ] {
            assert_eq!(looks_like(text), format, "{text}");
        }
    }

    #[test]
    fn what_is_too_large_to_be_read_is_not_read_for_a_guess() {
        let text = |length: usize| format!("{{\"type\": \"object\"{}}}", " ".repeat(length));
        assert_eq!(looks_like(&text(1)), Some(SchemaFormat::Json));
        assert_eq!(looks_like(&text(MAX_SIZE)), None);
    }
}
