use sha2::{Digest, Sha256};

use super::parsed::check_size;
use super::{SchemaError, SchemaFormat, avro, json, protobuf};

/// The form in which schemas are compared. It keeps docs, defaults, aliases, order, logical types and custom
/// properties, and drops white space and spelling; each format's module says what that means for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Canonical {
    pub(super) form: Vec<u8>,
    /// Protobuf's comments, by element. They stand apart, because registries may drop them.
    pub(super) comments: Vec<u8>,
}

impl Canonical {
    /// Whether a registry that holds `live` has what this asks for. A live Protobuf text without any comment equals one
    /// with comments: some registries print the schema anew without them, and would do so for ever.
    pub fn is_met_by(&self, live: &Canonical) -> bool {
        self.form == live.form && (live.comments.is_empty() || self.comments == live.comments)
    }
}

/// The canonical form of a schema. It needs no references, and takes any JSON for Avro and JSON Schema: whether the
/// schema is valid is what [`parse`](super::parse) tells.
pub fn canonical(format: SchemaFormat, text: &str) -> Result<Canonical, SchemaError> {
    check_size(text)?;
    let form = match format {
        SchemaFormat::Avro => avro::canonical(text)?,
        SchemaFormat::Json => json::canonical(text)?,
        SchemaFormat::Protobuf => return protobuf::canonical(text),
    };
    Ok(Canonical { form: form.into_bytes(), comments: Vec::new() })
}

/// Whether a registry that holds the text `live` has the schema `desired`. Equal texts are not parsed; a text that
/// cannot be parsed equals only itself.
pub fn is_met_by(format: SchemaFormat, desired: &str, live: &str) -> bool {
    desired == live
        || match (canonical(format, desired), canonical(format, live)) {
            (Ok(desired), Ok(live)) => desired.is_met_by(&live),
            _ => false,
        }
}

/// A digest by which texts of one meaning are the same schema; that of the text itself where it cannot be parsed.
pub fn digest(format: SchemaFormat, text: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(format.as_str());
    match canonical(format, text) {
        Ok(canonical) => [canonical.form, canonical.comments].iter().for_each(|part| {
            digest.update([0]);
            digest.update(part);
        }),
        Err(_) => digest.update(text),
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_meaning_has_one_digest() {
        let of = |text| digest(SchemaFormat::Avro, text);
        assert_eq!(of(r#"{"type": "string"}"#), of(r#"{ "type" : "string" }"#));
        assert_ne!(of(r#"{"type": "string"}"#), of(r#"{"type": "bytes"}"#));
        assert_ne!(of("not JSON"), of("not JSON either"));
    }
}
