use super::{SchemaError, SchemaFormat, avro, is_met_by, json, protobuf};

/// The normal form of a schema: a text for people with the same meaning, and with everything that the
/// [canonical form](super::canonical) keeps. It is its own normal form. Like the canonical form it needs no references.
pub fn normal(format: SchemaFormat, text: &str) -> Result<String, SchemaError> {
    super::parsed::check_size(text)?;
    let normal = match format {
        SchemaFormat::Avro => avro::normal(text)?,
        SchemaFormat::Json => json::normal(text)?,
        SchemaFormat::Protobuf => protobuf::normal(text)?,
    };
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

    #[test]
    fn what_cannot_be_read_has_none() {
        for format in [SchemaFormat::Avro, SchemaFormat::Json, SchemaFormat::Protobuf] {
            assert!(normal(format, "{").is_err());
            assert!(normal(format, &" ".repeat(super::super::MAX_SIZE + 1)).is_err());
        }
    }
}
