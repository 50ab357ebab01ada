use std::collections::HashSet;
use std::ops::Range;

use super::parse::JsonSchema;
use crate::schema::SchemaField;
use crate::schema::text::Json;

/// The properties of a schema, each referenced one opened where it is first used.
pub fn fields(schema: &JsonSchema) -> Vec<SchemaField> {
    let mut table = Table { schema, opened: HashSet::new(), rows: Vec::new() };
    table.inside(&schema.root, "");
    if table.rows.is_empty() && !is_object(&schema.root) {
        table.rows.push(SchemaField {
            path: String::new(),
            field_type: table.describe(&schema.root),
            default: schema.root.get("default").map(Json::to_string),
            doc: text_of(&schema.root, "description"),
            required: true,
            range: Some(schema.root.range.clone()),
        });
    }
    table.rows
}

struct Table<'s> {
    schema: &'s JsonSchema,
    /// The `$ref`s whose properties are listed already.
    opened: HashSet<&'s str>,
    rows: Vec<SchemaField>,
}

impl<'s> Table<'s> {
    /// Lists the properties inside a schema.
    fn inside(&mut self, json: &'s Json<'static>, path: &str) {
        if let Some(reference) = json.get("$ref").and_then(Json::as_str) {
            // Types of other subjects stand by their names.
            if reference.starts_with('#')
                && self.opened.insert(reference)
                && let Some(target) = self.schema.resolve(reference)
            {
                self.inside(target, path);
            }
        }
        let required: Vec<&str> = array(json, "required").iter().filter_map(Json::as_str).collect();
        for member in json.get("properties").and_then(Json::as_object).unwrap_or_default() {
            let dot = if path.is_empty() { "" } else { "." };
            let is_required = required.contains(&&*member.key);
            let inner = format!("{path}{dot}{}", member.key);
            self.row(&member.value, inner, is_required, member.key_range.clone());
        }
        match json.get("items") {
            Some(items) if items.as_array().is_none() => self.inside(items, &format!("{path}[]")),
            _ => {
                let items = array(json, "items").iter().chain(array(json, "prefixItems"));
                items.enumerate().for_each(|(index, item)| self.inside(item, &format!("{path}[{index}]")));
            }
        }
        if let Some(values) = json.get("additionalProperties") {
            self.inside(values, &format!("{path}{{}}"));
        }
        for part in array(json, "allOf") {
            self.inside(part, path);
        }
        let choices: Vec<&Json<'static>> = array(json, "oneOf").iter().chain(array(json, "anyOf")).collect();
        let several = choices.iter().filter(|choice| self.may_have_fields(choice)).count() > 1;
        for (index, choice) in choices.into_iter().enumerate() {
            if several {
                let name = self.name(choice).unwrap_or_else(|| (index + 1).to_string());
                self.inside(choice, &format!("{path}({name})"));
            } else {
                self.inside(choice, path);
            }
        }
    }

    fn row(&mut self, json: &'s Json<'static>, path: String, required: bool, range: Range<usize>) {
        let target = json.get("$ref").and_then(Json::as_str).and_then(|reference| self.schema.resolve(reference));
        let from = |key: &str| text_of(json, key).or_else(|| text_of(target?, key));
        self.rows.push(SchemaField {
            path: path.clone(),
            field_type: self.describe(json),
            default: json.get("default").map(Json::to_string),
            doc: from("description"),
            required,
            range: Some(range),
        });
        self.inside(json, &path);
    }

    fn may_have_fields(&self, json: &Json<'static>) -> bool {
        is_object(json)
            || json.get("$ref").and_then(Json::as_str).is_some_and(|r| self.schema.resolve(r).is_none_or(is_object))
    }

    fn name(&self, json: &Json<'static>) -> Option<String> {
        text_of(json, "title").or_else(|| json.get("$ref").and_then(Json::as_str).map(last_part))
    }

    fn describe(&self, json: &Json<'static>) -> String {
        if let Some(reference) = json.get("$ref").and_then(Json::as_str) {
            let target = self.schema.resolve(reference);
            return match target {
                Some(scalar) if !is_object(scalar) && scalar.get("type").is_some() => {
                    format!("{} ({})", last_part(reference), describe_plain(scalar))
                }
                _ => last_part(reference),
            };
        }
        let choices = array(json, "oneOf").iter().chain(array(json, "anyOf"));
        let choices: Vec<String> = choices.map(|choice| self.describe(choice)).collect();
        if !choices.is_empty() && json.get("type").is_none() {
            return choices.join(" | ");
        }
        match json.get("type").and_then(Json::as_str) {
            Some("array") => match json.get("items") {
                Some(items) if items.as_array().is_none() => format!("array<{}>", self.describe(items)),
                _ => "array".to_owned(),
            },
            Some("object") => match json.get("additionalProperties") {
                Some(values) if values.as_object().is_some() && json.get("properties").is_none() => {
                    format!("map<{}>", self.describe(values))
                }
                _ => text_of(json, "title").unwrap_or_else(|| "object".to_owned()),
            },
            _ => describe_plain(json),
        }
    }
}

fn describe_plain(json: &Json<'_>) -> String {
    let list = |items: &[Json<'_>]| items.iter().map(Json::to_string).collect::<Vec<_>>().join(", ");
    let values = array(json, "enum");
    if !values.is_empty() {
        return format!("enum {{{}}}", list(values));
    }
    if let Some(only) = json.get("const") {
        return format!("const {only}");
    }
    let base = match json.get("type") {
        Some(name) if name.as_str().is_some() => name.as_str().unwrap_or_default().to_owned(),
        Some(names) => {
            let names = names.as_array().unwrap_or_default().iter().filter_map(Json::as_str);
            names.collect::<Vec<_>>().join(" | ")
        }
        None if is_object(json) => "object".to_owned(),
        None => "any".to_owned(),
    };
    match json.get("format").and_then(Json::as_str) {
        Some(format) => format!("{base} ({format})"),
        None => base,
    }
}

fn is_object(json: &Json<'_>) -> bool {
    json.get("properties").is_some()
        || json.get("allOf").is_some()
        || json.get("type").and_then(Json::as_str) == Some("object")
}

fn array<'j, 't>(json: &'j Json<'t>, key: &str) -> &'j [Json<'t>] {
    json.get(key).and_then(Json::as_array).unwrap_or_default()
}

fn text_of(json: &Json<'_>, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

fn last_part(reference: &str) -> String {
    reference.rsplit(['/', '#']).find(|part| !part.is_empty()).unwrap_or(reference).to_owned()
}
