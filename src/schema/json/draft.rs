use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::Json;

/// A version of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Draft {
    /// Draft 4.
    Draft4,
    /// Draft 6.
    Draft6,
    /// Draft 7: that of schemas without `$schema`.
    Draft7,
    /// 2019-09.
    Draft2019,
    /// 2020-12.
    Draft2020,
}

const URIS: [(&str, Draft); 5] = [
    ("json-schema.org/draft-04/schema", Draft::Draft4),
    ("json-schema.org/draft-06/schema", Draft::Draft6),
    ("json-schema.org/draft-07/schema", Draft::Draft7),
    ("json-schema.org/draft/2019-09/schema", Draft::Draft2019),
    ("json-schema.org/draft/2020-12/schema", Draft::Draft2020),
];

impl Draft {
    /// The draft that a schema's `$schema` names.
    pub fn of(schema: &Json<'_>) -> Result<Self, SchemaError> {
        let Some(uri) = schema.get("$schema") else { return Ok(Draft::Draft7) };
        let text = uri.as_str().unwrap_or_default();
        let bare = text.trim_end_matches('#');
        let bare = bare.strip_prefix("http://").or_else(|| bare.strip_prefix("https://")).unwrap_or_default();
        URIS.iter().find(|(known, _)| *known == bare).map(|(_, draft)| *draft).ok_or_else(|| {
            SchemaError::new(format!("`$schema` names no known draft: {}", quoted(text)))
                .at(uri.range.clone())
                .help("drafts 4, 6, 7, 2019-09 and 2020-12 are known, such as http://json-schema.org/draft-07/schema#")
        })
    }

    /// Checks a schema against the draft's meta-schema.
    pub(super) fn validate<'v>(self, schema: &'v serde_json::Value) -> Result<(), jsonschema::ValidationError<'v>> {
        match self {
            Draft::Draft4 => jsonschema::draft4::meta::validate(schema),
            Draft::Draft6 => jsonschema::draft6::meta::validate(schema),
            Draft::Draft7 => jsonschema::draft7::meta::validate(schema),
            Draft::Draft2019 => jsonschema::draft201909::meta::validate(schema),
            Draft::Draft2020 => jsonschema::draft202012::meta::validate(schema),
        }
    }
}
