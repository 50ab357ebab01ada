//! The form in which Avro schemas are compared.
//!
//! It keeps everything that Java's parser (and with it the registries) keeps: docs, defaults, aliases, order, logical
//! types, custom properties. It takes for equal what that parser takes for equal: white space, the order of keys,
//! escapes, `{"type": "string"}` and `"string"`, a full name and namespace with name, `"order": "ascending"` and no
//! order, an empty list of aliases and none, and attributes that mean nothing where they stand (`doc` of an array).

use std::collections::HashSet;

use super::name::{PRIMITIVES, defined_name, full_name, namespace_of};
use crate::schema::error::SchemaError;
use crate::schema::text::{self, Json, Member, Value, write_string};

/// The canonical form of an Avro schema. The text need not be a valid schema, only JSON.
pub fn canonical(text: &str) -> Result<String, SchemaError> {
    let json = text::read(text)?;
    let mut writer = Writer { out: String::with_capacity(text.len()), without_namespace: HashSet::new() };
    writer.schema(&json, "");
    Ok(writer.out)
}

struct Writer {
    out: String,
    /// Types defined so far that have no namespace: what an unqualified name may mean besides its own namespace.
    without_namespace: HashSet<String>,
}

/// Attributes of schemas that Java's parser never keeps as custom properties.
const RESERVED: [&str; 10] =
    ["aliases", "doc", "fields", "items", "name", "namespace", "size", "symbols", "type", "values"];

impl Writer {
    fn schema(&mut self, json: &Json<'_>, namespace: &str) {
        match &json.value {
            Value::String(name) => self.type_name(name, namespace),
            Value::Array(branches) => self.list(branches, |writer, branch| writer.schema(branch, namespace)),
            Value::Object(members) => self.object(json, members, namespace),
            _ => self.value(json),
        }
    }

    fn type_name(&mut self, name: &str, namespace: &str) {
        if PRIMITIVES.contains(&name) || namespace.is_empty() || self.without_namespace.contains(name) {
            write_string(&mut self.out, name.strip_prefix('.').unwrap_or(name));
        } else {
            write_string(&mut self.out, &full_name(name, namespace));
        }
    }

    fn object(&mut self, json: &Json<'_>, members: &[Member<'_>], namespace: &str) {
        let word = json.get("type").and_then(Json::as_str).unwrap_or_default();
        let used: &[&str] = match word {
            "record" | "error" => &["aliases", "doc", "fields", "name", "type"],
            "enum" => &["aliases", "doc", "name", "symbols", "type"],
            "fixed" => &["aliases", "doc", "name", "size", "type"],
            "array" => &["items", "type"],
            "map" => &["type", "values"],
            _ => &["type"],
        };
        let is_named = used.contains(&"name");
        let name = json.get("name").and_then(Json::as_str).filter(|_| is_named);
        let name = name.map(|name| defined_name(name, json.get("namespace").and_then(Json::as_str), namespace));
        let inner = name.as_deref().map_or(namespace, namespace_of).to_owned();
        if let Some(name) = name.as_deref().filter(|name| !name.contains('.')) {
            self.without_namespace.insert(name.to_owned());
        }
        let mut kept: Vec<&Member<'_>> = members
            .iter()
            .filter(|member| used.contains(&&*member.key) || !RESERVED.contains(&&*member.key))
            .filter(|member| !(member.key == "aliases" && is_empty(&member.value)))
            .collect();
        if let [only] = kept[..]
            && only.key == "type"
            && !matches!(word, "record" | "error" | "enum" | "fixed" | "array" | "map")
        {
            return self.schema(&only.value, namespace);
        }
        kept.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        self.members(&kept, |writer, member| match &*member.key {
            "type" if word.is_empty() => writer.schema(&member.value, namespace),
            "type" if used.len() > 1 => writer.value(&member.value),
            "type" => writer.type_name(word, namespace),
            "name" => match &name {
                Some(name) => write_string(&mut writer.out, name),
                None => writer.value(&member.value),
            },
            "aliases" => writer.aliases(&member.value, &inner),
            "items" | "values" => writer.schema(&member.value, &inner),
            "fields" => match &member.value.value {
                Value::Array(fields) => writer.list(fields, |writer, field| writer.field(field, &inner)),
                _ => writer.value(&member.value),
            },
            _ => writer.value(&member.value),
        });
    }

    fn field(&mut self, json: &Json<'_>, namespace: &str) {
        let Value::Object(members) = &json.value else { return self.value(json) };
        let mut kept: Vec<&Member<'_>> = members
            .iter()
            .filter(|member| match &*member.key {
                "aliases" => !is_empty(&member.value),
                "order" => member.value.as_str() != Some("ascending"),
                _ => true,
            })
            .collect();
        kept.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        self.members(&kept, |writer, member| match &*member.key {
            "type" => writer.schema(&member.value, namespace),
            "default" => writer.default(&member.value, json.get("type")),
            _ => writer.value(&member.value),
        });
    }

    fn default(&mut self, value: &Json<'_>, field_type: Option<&Json<'_>>) {
        let word = field_type.and_then(|json| json.as_str().or_else(|| json.get("type")?.as_str()));
        let branches = field_type.and_then(Json::as_array).unwrap_or_default();
        let is_branch = |names: [&str; 2]| branches.iter().any(|b| b.as_str().is_some_and(|b| names.contains(&b)));
        let is_float = matches!(word, Some("float" | "double"));
        let is_union = is_branch(["float", "double"]) && !is_branch(["int", "long"]);
        match &value.value {
            Value::Number(digits) if is_float || is_union => self.out.push_str(&text::float(digits)),
            // Java's parser makes the number of it.
            Value::String(digits) if is_float && digits.parse::<f64>().is_ok_and(f64::is_finite) => {
                self.out.push_str(&text::float(digits));
            }
            _ => self.value(value),
        }
    }

    fn aliases(&mut self, json: &Json<'_>, namespace: &str) {
        let Value::Array(aliases) = &json.value else { return self.value(json) };
        self.list(aliases, |writer, alias| match alias.as_str() {
            Some(name) => write_string(&mut writer.out, &full_name(name, namespace)),
            None => writer.value(alias),
        });
    }

    /// Plain JSON: sorted keys, one spelling of each number. Whole numbers and others stay apart, as in Java.
    fn value(&mut self, json: &Json<'_>) {
        match &json.value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Number(digits) if digits.contains(['.', 'e', 'E']) => self.out.push_str(&text::float(digits)),
            Value::Number(digits) => self.out.push_str(if digits == "-0" { "0" } else { digits }),
            Value::String(text) => write_string(&mut self.out, text),
            Value::Array(items) => self.list(items, |writer, item| writer.value(item)),
            Value::Object(members) => {
                let mut sorted: Vec<&Member<'_>> = members.iter().collect();
                sorted.sort_unstable_by(|a, b| a.key.cmp(&b.key));
                self.members(&sorted, |writer, member| writer.value(&member.value));
            }
        }
    }

    fn list<'j, 't>(&mut self, items: &'j [Json<'t>], mut write: impl FnMut(&mut Self, &'j Json<'t>)) {
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, item);
        }
        self.out.push(']');
    }

    fn members<'j, 't>(&mut self, members: &[&'j Member<'t>], mut write: impl FnMut(&mut Self, &'j Member<'t>)) {
        self.out.push('{');
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write_string(&mut self.out, &member.key);
            self.out.push(':');
            write(self, member);
        }
        self.out.push('}');
    }
}

fn is_empty(json: &Json<'_>) -> bool {
    json.as_array().is_some_and(<[_]>::is_empty)
}
