//! The skeleton of a schema: valid, and to be filled in by people.

use serde_json::{Value, json};

use super::words::{namespace, type_name};
use crate::resources::Workspace;
use crate::schema::SchemaFormat;

/// What a record is made of before anybody has said more.
pub(super) struct Skeleton<'a> {
    /// The words of the event, which the type is called after.
    pub event: &'a str,
    /// The domain.
    pub domain: &'a str,
    /// What one record means.
    pub description: &'a str,
    /// The fields of the key.
    pub key: Vec<&'a str>,
}

const KEY: &str = "Part of the record's key.";
const MOMENT: (&str, &str) = ("occurred_at", "When it happened.");

impl Skeleton<'_> {
    /// The fields of a key as a manifest names it that can be fields of a record.
    pub fn fields_of(key: &str) -> Vec<&str> {
        let words = key.split(|c: char| c == ',' || c == '+' || c == '/' || c.is_whitespace());
        let is_field = |word: &&str| {
            !word.is_empty()
                && !word.starts_with(|c: char| c.is_ascii_digit())
                && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !matches!(*word, "none" | "and" | "occurred_at")
        };
        let mut fields: Vec<&str> = words.filter(is_field).collect();
        let mut seen = std::collections::BTreeSet::new();
        fields.retain(|field| seen.insert(*field));
        fields
    }

    /// The text of the schema.
    pub fn text(&self, format: SchemaFormat, workspace: &Workspace) -> String {
        match format {
            SchemaFormat::Avro => self.avro(&self.namespace(workspace)),
            SchemaFormat::Json => self.json(),
            SchemaFormat::Protobuf => self.protobuf(),
        }
    }

    /// The namespace that other schemas of the domain have, else the domain's name.
    fn namespace(&self, workspace: &Workspace) -> String {
        let folder = std::path::Path::new("schemas").join(self.domain);
        let of = |text: &str| {
            let schema: Value = serde_json::from_str(text).ok()?;
            schema.get("namespace")?.as_str().map(str::to_owned)
        };
        let siblings = workspace
            .schemas
            .iter()
            .filter(|(path, schema)| path.parent() == Some(&folder) && schema.format == SchemaFormat::Avro);
        let found = siblings.filter_map(|(_, schema)| of(&workspace.sources.file(schema.file).text)).next();
        found.unwrap_or_else(|| namespace(self.domain))
    }

    fn avro(&self, namespace: &str) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let keys = self.key.iter().map(|field| {
            format!("    {{ \"name\": {}, \"type\": \"string\", \"doc\": {} }}", quoted(field), quoted(KEY))
        });
        let (moment, doc) = MOMENT;
        let moment = format!(
            "    {{\n      \"name\": {},\n      \"type\": {{ \"type\": \"long\", \"logicalType\": \"timestamp-millis\" }},\n      \
             \"doc\": {}\n    }}",
            quoted(moment),
            quoted(doc)
        );
        let fields: Vec<String> = keys.chain([moment]).collect();
        format!(
            "{{\n  \"type\": \"record\",\n  \"name\": {},\n  \"namespace\": {},\n  \"doc\": {},\n  \"fields\": [\n{}\n  ]\n}}\n",
            quoted(&type_name(self.event)),
            quoted(namespace),
            quoted(self.description),
            fields.join(",\n")
        )
    }

    fn json(&self) -> String {
        let (moment, doc) = MOMENT;
        let mut properties = serde_json::Map::new();
        for field in &self.key {
            properties.insert((*field).to_owned(), json!({ "description": KEY, "type": "string" }));
        }
        properties.insert(moment.to_owned(), json!({ "description": doc, "type": "string", "format": "date-time" }));
        let required: Vec<&String> = properties.keys().collect();
        let mut schema = serde_json::Map::new();
        schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        schema.insert("title".to_owned(), json!(type_name(self.event)));
        schema.insert("description".to_owned(), json!(self.description));
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("required".to_owned(), json!(required));
        schema.insert("properties".to_owned(), Value::Object(properties.clone()));
        // Indented JSON of values that are there cannot fail.
        serde_json::to_string_pretty(&Value::Object(schema)).unwrap_or_default() + "\n"
    }

    fn protobuf(&self) -> String {
        let comment =
            |indent: &str, text: &str| text.lines().map(|line| format!("{indent}// {line}\n")).collect::<String>();
        let mut fields = String::new();
        let (moment, doc) = MOMENT;
        for (number, field) in self.key.iter().enumerate() {
            fields.push_str(&comment("  ", KEY));
            fields.push_str(&format!("  string {field} = {};\n", number + 1));
        }
        fields.push_str(&comment("  ", doc));
        fields.push_str(&format!("  google.protobuf.Timestamp {moment} = {};\n", self.key.len() + 1));
        format!(
            "syntax = \"proto3\";\n\npackage {};\n\nimport \"google/protobuf/timestamp.proto\";\n\n{}message {} {{\n{fields}}}\n",
            namespace(self.domain),
            comment("", self.description),
            type_name(self.event)
        )
    }
}
