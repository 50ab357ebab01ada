use super::{MAX_SIZE, SchemaError, SchemaFormat, avro, is_met_by, json, protobuf};

/// The normal form of a schema: a text for people with the same meaning, and with everything that the
/// [canonical form](super::canonical) keeps. It is its own normal form. Like the canonical form it needs no references.
pub fn normal(format: SchemaFormat, text: &str) -> Result<String, SchemaError> {
    super::parsed::check_size(text)?;
    let normal = match format {
        SchemaFormat::Avro => avro::normal(text)?,
        SchemaFormat::Json => json::normal(text)?,
        SchemaFormat::Protobuf => protobuf::normal(text)?,
    };
    if normal.len() > MAX_SIZE {
        let (size, most) = (normal.len() >> 20, MAX_SIZE >> 20);
        let error = SchemaError::new(format!("the normal form would have {size} MiB; {most} MiB is the most"));
        return Err(error.help("split the schema: schemas can refer to each other"));
    }
    // Some texts that are no schemas have a canonical form and yet no normal one, such as a reference to a name that
    // begins with a dot. What is printed may be written over the schema, so its meaning must not depend on luck.
    if is_met_by(format, text, &normal) {
        Ok(normal)
    } else {
        Err(SchemaError::new("the schema has no normal form: written otherwise it would mean something else")
            .help("busctl schema check says whether it is valid"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_its_meaning_has_no_normal_form() {
        let text = r#"{"type":"record","name":"n.R","fields":[{"name":"a","type":".F"}]}"#;
        assert!(normal(SchemaFormat::Avro, text).is_err());
    }

    /// Each ends, and what it ends with is its own normal form.
    fn ends(format: SchemaFormat, text: &str) {
        let shown = normal(format, text).unwrap();
        assert_eq!(normal(format, &shown).unwrap(), shown);
    }

    #[test]
    fn large_and_deep_schemas_end() {
        let deep = |inner: &str, levels: usize| format!("{}{inner}{}", "[".repeat(levels), "]".repeat(levels));
        let long = format!("\"{}\"", "x".repeat(1 << 20));
        ends(SchemaFormat::Json, &format!(r#"{{"enum":{}}}"#, deep(&long, 100)));
        ends(SchemaFormat::Json, &format!(r#"{{"enum":{}}}"#, deep(&vec!["1"; 100_000].join(","), 10)));
        let wide = format!(r#"{{"enum":{}}}"#, deep(&vec!["1"; 100_000].join(","), 100));
        assert!(normal(SchemaFormat::Json, &wide).unwrap_err().message.starts_with("the normal form would have"));
        ends(SchemaFormat::Avro, &format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(120), "}".repeat(120)));
        let fields: Vec<_> = (0..10_000).map(|n| format!(r#"{{"name":"f{n}","type":"n.R"}}"#)).collect();
        ends(SchemaFormat::Avro, &format!(r#"{{"type":"record","name":"n.R","fields":[{}]}}"#, fields.join(",")));
    }

    #[test]
    fn large_and_deep_protobuf_files_end() {
        let of = |text: &str| ends(SchemaFormat::Protobuf, text);
        of(&format!("{}{}", "message A { ".repeat(30), "}".repeat(30)));
        let oneofs: String = (1..10_000).map(|n| format!("oneof o{n} {{ int32 f{n} = {n}; }}")).collect();
        of(&format!("message A {{ {oneofs} }}"));
        let groups: String = (1..10_000).map(|n| format!("group G{n} = {n} {{}} ")).collect();
        of(&format!("message A {{ oneof o {{ {groups} }} }}"));
        // A package of many parts, each of which could be around a name.
        let package = format!("package {}a;", "a.".repeat(100_000));
        of(&format!("{package} message lower {{ repeated lower a = 1; repeated x.Y b = 2; repeated a.a.Z c = 3; }}"));
    }

    #[test]
    fn what_cannot_be_read_has_none() {
        for format in [SchemaFormat::Avro, SchemaFormat::Json, SchemaFormat::Protobuf] {
            assert!(normal(format, "{").is_err());
            assert!(normal(format, &" ".repeat(MAX_SIZE + 1)).is_err());
        }
    }
}
