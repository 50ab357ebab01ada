//! The form in which Avro schemas are compared.
//!
//! It keeps everything that Java's parser (and with it the registries) keeps: docs, defaults, aliases, order, logical
//! types, custom properties. It takes for equal what that parser takes for equal: white space, the order of keys,
//! escapes, `{"type": "string"}` and `"string"`, a full name and namespace with name, `"order": "ascending"` in any
//! case and no order, an empty list of aliases and none, a number and a text that spells it where a number is meant,
//! and attributes that mean nothing where they stand (`doc` of an array).

use std::collections::HashSet;

use super::java;
use super::name::{NameBytes, PRIMITIVES, full_name, namespace_of};
use crate::schema::error::SchemaError;
use crate::schema::text::{self, Json, Member, Value, write_string};

/// The canonical form of an Avro schema. The text need not be a valid schema, only JSON.
pub fn canonical(text: &str) -> Result<String, SchemaError> {
    form(text, NameBytes::default())
}

fn form(text: &str, names: NameBytes) -> Result<String, SchemaError> {
    let json = text::read(text)?;
    let out = String::with_capacity(text.len());
    let mut writer = Writer { out, without_namespace: HashSet::new(), names, error: None };
    writer.schema(&json, "");
    match writer.error {
        Some(error) => Err(error),
        None => Ok(writer.out),
    }
}

struct Writer {
    out: String,
    /// Types defined so far that have no namespace: what an unqualified name may mean besides its own namespace.
    without_namespace: HashSet<String>,
    names: NameBytes,
    /// Too many names.
    error: Option<SchemaError>,
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
            let full = self.full_name(name, namespace);
            write_string(&mut self.out, &full);
        }
    }

    /// A full name; none where they take too much together.
    fn full_name(&mut self, name: &str, namespace: &str) -> String {
        let bytes = if name.contains('.') { name.len() } else { namespace.len() + 1 + name.len() };
        match self.names.add(bytes) {
            Ok(()) => full_name(name, namespace),
            Err(error) => {
                self.error.get_or_insert(error);
                String::new()
            }
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
        let own = json.get("namespace").and_then(Json::as_str).unwrap_or(namespace);
        let name = name.map(|name| self.full_name(name, own));
        let inner = name.as_deref().map_or(namespace, namespace_of);
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
            "aliases" => writer.aliases(&member.value, inner),
            "items" | "values" => writer.schema(&member.value, inner),
            "fields" => match &member.value.value {
                Value::Array(fields) => writer.list(fields, |writer, field| writer.field(field, inner)),
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
                "order" => order(member) != Some("ascending"),
                _ => true,
            })
            .collect();
        kept.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        self.members(&kept, |writer, member| match &*member.key {
            "type" => writer.schema(&member.value, namespace),
            "default" => writer.default(&member.value, json.get("type")),
            "order" => match order(member) {
                Some(order) => write_string(&mut writer.out, order),
                None => writer.value(&member.value),
            },
            _ => writer.value(&member.value),
        });
    }

    fn default(&mut self, value: &Json<'_>, field_type: Option<&Json<'_>>) {
        let word = field_type.and_then(|json| json.as_str().or_else(|| json.get("type")?.as_str()));
        let branches = field_type.and_then(Json::as_array).unwrap_or_default();
        let is_branch = |names: [&str; 2]| branches.iter().any(|b| b.as_str().is_some_and(|b| names.contains(&b)));
        let is_float = matches!(word, Some("float" | "double"));
        let is_union = is_branch(["float", "double"]) && !is_branch(["int", "long"]);
        let number = match &value.value {
            Value::Number(digits) if is_float => digits.parse().ok(),
            Value::String(text) if is_float => java::double(text),
            _ => None,
        };
        match (&value.value, number) {
            (_, Some(number)) => self.double(number),
            (Value::Number(digits), None) if is_union => self.out.push_str(&text::float(digits)),
            _ => self.value(value),
        }
    }

    /// A double as Java writes it, which has texts for those that JSON does not know.
    fn double(&mut self, number: f64) {
        let word = match number {
            f64::INFINITY => "Infinity",
            f64::NEG_INFINITY => "-Infinity",
            number if number.is_nan() => "NaN",
            number => return self.out.push_str(&format!("{number:?}")),
        };
        write_string(&mut self.out, word);
    }

    fn aliases(&mut self, json: &Json<'_>, namespace: &str) {
        let Value::Array(aliases) = &json.value else { return self.value(json) };
        self.list(aliases, |writer, alias| match alias.as_str() {
            // No type has such a name. Without one of its dots it would be another alias.
            Some(name) if name.starts_with("..") => writer.value(alias),
            Some(name) => {
                let full = writer.full_name(name, namespace);
                write_string(&mut writer.out, &full);
            }
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

fn order(member: &Member<'_>) -> Option<&'static str> {
    member.value.as_str().and_then(java::order)
}

fn is_empty(json: &Json<'_>) -> bool {
    json.as_array().is_some_and(<[_]>::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(field_type: &str, rest: &str) -> String {
        let field = format!(r#"{{"name":"a","type":"{field_type}"{rest}}}"#);
        canonical(&format!(r#"{{"type":"record","name":"R","fields":[{field}]}}"#)).unwrap()
    }

    #[test]
    fn numbers_in_texts_are_written_as_java_writes_them() {
        for (text, written) in [
            (r#""1""#, "1.0"),
            (r#"" 1.50f ""#, "1.5"),
            (r#""0x1.8p1""#, "3.0"),
            (r#""-0x1P-1074d""#, "-5e-324"),
            (r#""0x1.fffffffffffff8p1023""#, r#""Infinity""#),
            (r#""+NaN""#, r#""NaN""#),
            (r#""-Infinity""#, r#""-Infinity""#),
            (r#""1e400""#, r#""Infinity""#),
            ("-1e400", r#""-Infinity""#),
            (r#""one""#, r#""one""#),
        ] {
            for word in ["float", "double"] {
                let (ours, theirs) = (format!(r#","default":{text}"#), format!(r#","default":{written}"#));
                assert_eq!(field(word, &ours), field(word, &theirs), "{text}");
                assert!(field(word, &ours).contains(&theirs[1..]), "{}", field(word, &ours));
            }
        }
        assert!(field("string", r#","default":"1f""#).contains(r#""1f""#));
    }

    #[test]
    fn full_names_take_no_more_than_their_share() {
        let namespace = "n".repeat(1_000);
        let record = |attributes: &str, fields: &str| {
            format!(r#"{{"type":"record","name":"R","namespace":"{namespace}",{attributes}"fields":[{fields}]}}"#)
        };
        let fixed = r#"{"name":"b","type":{"type":"fixed","name":"F","size":1}}"#;
        for (text, names) in [
            (record("", r#"{"name":"a","type":"R"},{"name":"b","type":"R"}"#), 3),
            (record(r#""aliases":["S","T"],"#, ""), 3),
            (record("", fixed), 2),
        ] {
            assert!(form(&text, NameBytes::left(names * 1_002)).is_ok());
            let error = form(&text, NameBytes::left(names * 1_002 - 1)).unwrap_err();
            assert!(error.message.starts_with("the full names"), "{}", error.message);
        }
    }

    #[test]
    fn an_order_is_one_in_any_case() {
        let ordered = |order: &str| field("int", &format!(r#","order":"{order}""#));
        assert_eq!(ordered("ASCENDING"), field("int", ""));
        assert_eq!(ordered("Ascending"), field("int", ""));
        assert_eq!(ordered("DESCENDING"), ordered("descending"));
        assert_eq!(ordered("Ignore"), ordered("ignore"));
        assert!(ordered("Ignore").contains(r#""order":"ignore""#));
        assert_ne!(ordered("DESCENDING"), field("int", ""));
    }
}
