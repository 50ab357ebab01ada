//! The form in which Avro schemas are written.

use std::borrow::Cow;
use std::collections::HashSet;

use super::canonical;
use super::name::{PRIMITIVES, namespace_of, short_name};
use crate::schema::error::SchemaError;
use crate::schema::text::{self, Json, Member, Value};

/// Attributes as the specification goes through them; those that it does not know follow by name.
const NAMED: [&str; 10] =
    ["type", "name", "namespace", "doc", "aliases", "fields", "size", "logicalType", "precision", "scale"];
const ENUM: [&str; 7] = ["type", "name", "namespace", "aliases", "doc", "symbols", "default"];
const UNNAMED: [&str; 6] = ["type", "items", "values", "logicalType", "precision", "scale"];
const FIELD: [&str; 6] = ["name", "doc", "type", "order", "aliases", "default"];

/// Words that a type's short name must not be, where it stands for the type.
const KINDS: [&str; 6] = ["array", "enum", "error", "fixed", "map", "record"];

/// The normal form of an Avro schema. It is made of the canonical form alone, so texts of one meaning have one: each
/// namespace is written where it begins, and names stand without theirs inside it.
pub fn normal(text: &str) -> Result<String, SchemaError> {
    let canonical = canonical(text)?;
    let mut json = text::read(&canonical)?;
    Arranger::default().schema(&mut json, "");
    Ok(text::pretty(&json))
}

#[derive(Default)]
struct Arranger {
    /// Types defined so far that have no namespace: their names mean them everywhere.
    without_namespace: HashSet<String>,
}

impl Arranger {
    fn schema(&mut self, json: &mut Json<'_>, namespace: &str) {
        match &mut json.value {
            Value::String(name) => self.reference(name, namespace),
            Value::Array(branches) => branches.iter_mut().for_each(|branch| self.schema(branch, namespace)),
            Value::Object(members) => self.object(members, namespace),
            _ => {}
        }
    }

    fn reference(&self, name: &mut Cow<'_, str>, namespace: &str) {
        let short = short_name(name);
        if !namespace.is_empty()
            && namespace_of(name) == namespace
            && !PRIMITIVES.contains(&short)
            && !KINDS.contains(&short)
            && !self.without_namespace.contains(short)
        {
            *name = Cow::Owned(short.to_owned());
        }
    }

    fn object(&mut self, members: &mut Vec<Member<'_>>, namespace: &str) {
        let word = string(members, "type").unwrap_or_default();
        let order: &[&str] = match word.as_str() {
            "record" | "error" | "fixed" => &NAMED,
            "enum" => &ENUM,
            _ => &UNNAMED,
        };
        let is_named = order.contains(&"name");
        let name = string(members, "name").filter(|_| is_named);
        let inner = name.as_deref().map_or(namespace, namespace_of).to_owned();
        if let Some(name) = &name {
            self.define(members, name, &inner, namespace);
        }
        for member in members.iter_mut() {
            match (&*member.key, &mut member.value.value) {
                ("type", Value::String(name)) if !KINDS.contains(&&**name) => self.reference(name, namespace),
                ("type", Value::Array(_) | Value::Object(_)) => self.schema(&mut member.value, namespace),
                ("items" | "values", _) if !is_named => self.schema(&mut member.value, namespace),
                ("aliases", Value::Array(aliases)) if is_named => {
                    aliases.iter_mut().for_each(|alias| shorten_alias(alias, &inner));
                }
                ("fields", Value::Array(fields)) if is_named => {
                    fields.iter_mut().for_each(|field| self.field(field, &inner));
                }
                _ => {}
            }
        }
        sort(members, order);
    }

    /// Writes the name of a definition and, where it is not that around it, the namespace.
    fn define(&mut self, members: &mut Vec<Member<'_>>, name: &str, inner: &str, outer: &str) {
        for member in members.iter_mut().filter(|member| member.key == "name") {
            member.value.value = Value::String(Cow::Owned(short_name(name).to_owned()));
        }
        if inner.is_empty() {
            self.without_namespace.insert(name.to_owned());
        }
        if inner != outer {
            let value = Json { range: 0..0, value: Value::String(Cow::Owned(inner.to_owned())) };
            members.push(Member { key: Cow::Borrowed("namespace"), key_range: 0..0, value });
        }
    }

    fn field(&mut self, json: &mut Json<'_>, namespace: &str) {
        let Value::Object(members) = &mut json.value else { return };
        for member in members.iter_mut().filter(|member| member.key == "type") {
            self.schema(&mut member.value, namespace);
        }
        sort(members, &FIELD);
    }
}

/// An alias in the namespace of its type has none, and one that has none while its type has one begins with a dot.
fn shorten_alias(json: &mut Json<'_>, namespace: &str) {
    let Value::String(alias) = &mut json.value else { return };
    if namespace.is_empty() {
        return;
    }
    if !alias.contains('.') {
        *alias = Cow::Owned(format!(".{alias}"));
    } else if namespace_of(alias) == namespace {
        *alias = Cow::Owned(short_name(alias).to_owned());
    }
}

fn string(members: &[Member<'_>], key: &str) -> Option<String> {
    members.iter().find(|member| member.key == key)?.value.as_str().map(str::to_owned)
}

/// The canonical form has sorted them by name already, and the sort is stable.
fn sort(members: &mut [Member<'_>], order: &[&str]) {
    members.sort_by_key(|member| order.iter().position(|known| *known == member.key).unwrap_or(order.len()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::normal;
    use crate::schema::{SchemaFormat, is_met_by};

    fn checked(text: &str) -> String {
        let shown = normal(text).unwrap();
        assert!(is_met_by(SchemaFormat::Avro, text, &shown), "{shown}");
        assert_eq!(normal(&shown).unwrap(), shown);
        shown
    }

    #[test]
    fn everything_is_kept_in_the_order_of_the_specification() {
        let text = r#"{"fields": [
            {"type": {"type": "string"}, "name": "id", "order": "ascending", "aliases": []},
            {"default": 1, "type": ["double", "null"], "doc": "kbit\/s", "name": "rate", "unit": "k", "aliases": ["bitrate"]},
            {"name": "at", "type": {"logicalType": "timestamp-millis", "type": "long"}, "order": "ignore"},
            {"name": "price", "type": {"scale": 2, "precision": 9, "logicalType": "decimal", "type": "bytes"}},
            {"name": "kind", "type": {"symbols": ["A", "B"], "default": "A", "type": "enum", "name": "Kind", "doc": "d"}},
            {"name": "other", "type": ["null", {"type": "fixed", "name": "x.Hash", "size": 4}, "n.Kind", "x.Hash"]},
            {"name": "next", "type": {"type": "array", "items": {"type": "map", "values": "n.Track"}}}
          ], "z": {"b": [], "a": 1.0}, "aliases": ["n.Song", "x.Song"], "doc": "A track.", "name": "n.Track", "type": "record"}"#;
        insta::assert_snapshot!(checked(text), @r#"
        {
          "type": "record",
          "name": "Track",
          "namespace": "n",
          "doc": "A track.",
          "aliases": ["Song", "x.Song"],
          "fields": [
            { "name": "id", "type": "string" },
            {
              "name": "rate",
              "doc": "kbit/s",
              "type": ["double", "null"],
              "aliases": ["bitrate"],
              "default": 1.0,
              "unit": "k"
            },
            {
              "name": "at",
              "type": { "type": "long", "logicalType": "timestamp-millis" },
              "order": "ignore"
            },
            {
              "name": "price",
              "type": { "type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2 }
            },
            {
              "name": "kind",
              "type": { "type": "enum", "name": "Kind", "doc": "d", "symbols": ["A", "B"], "default": "A" }
            },
            {
              "name": "other",
              "type": [
                "null",
                { "type": "fixed", "name": "Hash", "namespace": "x", "size": 4 },
                "Kind",
                "x.Hash"
              ]
            },
            {
              "name": "next",
              "type": {
                "type": "array",
                "items": { "type": "map", "values": "Track" }
              }
            }
          ],
          "z": { "a": 1.0, "b": [] }
        }
        "#);
    }

    #[test]
    fn a_name_without_a_namespace_keeps_none() {
        let text = r#"{"type": "record", "name": "n.R", "aliases": [".Old"], "fields": [
            {"name": "a", "type": {"type": "fixed", "name": ".F", "size": 1}}, {"name": "b", "type": "F"},
            {"name": "c", "type": {"type": "fixed", "name": "n.F", "size": 1}}, {"name": "d", "type": "n.F"}]}"#;
        insta::assert_snapshot!(checked(text), @r#"
        {
          "type": "record",
          "name": "R",
          "namespace": "n",
          "aliases": [".Old"],
          "fields": [
            {
              "name": "a",
              "type": { "type": "fixed", "name": "F", "namespace": "", "size": 1 }
            },
            { "name": "b", "type": "F" },
            {
              "name": "c",
              "type": { "type": "fixed", "name": "F", "size": 1 }
            },
            { "name": "d", "type": "n.F" }
          ]
        }
        "#);
    }

    #[test]
    fn an_alias_that_begins_with_two_dots_keeps_them() {
        let text = r#"{"type": "record", "name": "n.R", "aliases": ["..Old", "...n.Old"], "fields": []}"#;
        assert!(checked(text).contains(r#""aliases": ["..Old", "...n.Old"]"#));
        checked(&text.replace("n.R", "R"));
    }

    /// Types over few names in few namespaces, each written in more than one way.
    fn any_schema() -> impl Strategy<Value = Value> {
        let name = || proptest::sample::select(vec!["A", "n.A", "m.A", ".A", "n.long", "n.map", "B"]);
        let namespace = proptest::sample::select(vec![json!({}), json!({"namespace": "n"}), json!({"namespace": ""})]);
        let leaf = prop_oneof![
            proptest::sample::select(vec!["null", "int", "double", "string"]).prop_map(|word| json!(word)),
            name().prop_filter("no reference begins with a dot", |name| !name.starts_with('.')).prop_map(|n| json!(n)),
            Just(json!({"type": "string"})),
            Just(json!({"type": "bytes", "logicalType": "decimal", "precision": 4, "custom": {"b": 1e2, "a": [1.50]}})),
            (name(), 0..9).prop_map(|(name, size)| json!({"type": "fixed", "name": name, "size": size})),
            (name(), name()).prop_map(
                |(name, alias)| json!({"type": "enum", "name": name, "symbols": ["X"], "aliases": [alias], "doc": "é\n"})
            ),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let field = (inner.clone(), any::<bool>()).prop_map(|(of, more)| match more {
                true => json!({"type": of, "order": "ascending", "default": 1, "doc": "", "aliases": [], "p": null}),
                false => json!({"type": of, "order": "ignore", "aliases": ["x"]}),
            });
            let fields = proptest::collection::vec(field, 0..4).prop_map(|mut fields| {
                for (index, field) in fields.iter_mut().enumerate() {
                    field["name"] = json!(format!("f{index}"));
                }
                json!(fields)
            });
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(|branches| json!(branches)),
                inner.clone().prop_map(|of| json!({"type": "array", "items": of, "doc": "no attribute of it"})),
                inner.prop_map(|of| json!({"type": "map", "values": of, "p": true})),
                (name(), namespace.clone(), fields).prop_map(|(name, namespace, fields)| {
                    let mut record = json!({"type": "record", "name": name, "fields": fields});
                    record.as_object_mut().unwrap().extend(namespace.as_object().unwrap().clone());
                    record
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_normal_form_means_the_same_and_is_one(schema in any_schema()) {
            let text = schema.to_string();
            let shown = normal(&text).unwrap();
            prop_assert!(is_met_by(SchemaFormat::Avro, &text, &shown), "{}\n{}", text, shown);
            prop_assert_eq!(normal(&shown).unwrap(), shown);
        }
    }
}
