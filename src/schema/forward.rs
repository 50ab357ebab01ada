use super::{Incompatibility, ParsedSchema, incompatibilities};

/// Why a consumer with the old schema cannot read what is written with the new one; nothing where it can.
///
/// The verdict is that of [`incompatibilities`] with the old schema as the reader. What is said and advised is about the new
/// one: the old one is registered, and nobody can change it any more.
pub fn forward_incompatibilities(new: &ParsedSchema, old: &ParsedSchema) -> Vec<Incompatibility> {
    advised(incompatibilities(old, new), new)
}

/// What keeps a consumer with the old schema from reading, with advice about the new one.
pub(super) fn advised(mut found: Vec<Incompatibility>, new: &ParsedSchema) -> Vec<Incompatibility> {
    for one in &mut found {
        let Some(advice) = advice(one.code) else { continue };
        one.help = Some(advice.to_owned());
        // Sentences about Avro speak of reader and writer, the others of before and after.
        if !matches!(new, ParsedSchema::Avro(_)) {
            one.message = format!("going back from the new version, {}", one.message);
        }
    }
    found
}

/// What to do with the new schema; `None` where what is said of the reader is true of both.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "SCHEMA_TYPE_CHANGED" | "NOT_COMPARED" => return None,
        "READER_FIELD_MISSING_DEFAULT_VALUE" => "keep the field: the earlier version has no default for it",
        "MISSING_ENUM_SYMBOLS" => "add no symbol: the earlier version has no default for those that it does not know",
        "MISSING_UNION_BRANCH" => "add no branch that the earlier version cannot read",
        "NAME_MISMATCH" => "keep the name",
        "FIXED_SIZE_MISMATCH" => "keep the size",
        "TYPE_MISMATCH" => "keep the type, or take one that the earlier version reads, such as a narrower number",
        "REQUIRED_ATTRIBUTE_ADDED" => "keep it required: the earlier version wants it",
        "ADDITIONAL_PROPERTIES_REMOVED"
        | "UNEVALUATED_PROPERTIES_REMOVED"
        | "ADDITIONAL_ITEMS_REMOVED"
        | "UNEVALUATED_ITEMS_REMOVED" => "keep it closed: the earlier version allows nothing beyond what it lists",
        _ if code.contains("_ADDED") => "keep it: the earlier version has it and needs it",
        _ if code.contains("_REMOVED") => "do not add it: the earlier version does not know it",
        _ => "keep it as the earlier version has it",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{SchemaFormat, parse};

    #[track_caller]
    fn told(format: SchemaFormat, old: &str, new: &str) -> Vec<(String, Option<String>)> {
        let [old, new] = [old, new].map(|text| parse(format, text, &[]).expect("a schema"));
        forward_incompatibilities(&new, &old).into_iter().map(|found| (found.message, found.help)).collect()
    }

    #[test]
    fn the_advice_is_about_the_new_version() {
        let record = |fields: &str| format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#);
        let removed = told(SchemaFormat::Avro, &record(r#"{"name":"a","type":"int"}"#), &record(""));
        assert_eq!(removed[0].1.as_deref(), Some("keep the field: the earlier version has no default for it"));
        let message = |body: &str| format!("syntax = \"proto3\"; message A {{}} {body}");
        let added = told(SchemaFormat::Protobuf, &message(""), &message("message B {}"));
        assert_eq!(added[0].1.as_deref(), Some("do not add it: the earlier version does not know it"));
        let package = told(SchemaFormat::Protobuf, "package a; message A {}", "package b; message A {}");
        assert!(package[0].0.starts_with("going back from the new version, "), "{package:?}");
        assert!(package[0].0.ends_with("package `b` became package `a`"), "{package:?}");
        let optional = told(
            SchemaFormat::Json,
            r#"{"properties":{"a":{"type":"string"}},"required":["a"]}"#,
            r#"{"properties":{"a":{"type":"string"}}}"#,
        );
        assert_eq!(optional[0].1.as_deref(), Some("keep it required: the earlier version wants it"));
    }
}
