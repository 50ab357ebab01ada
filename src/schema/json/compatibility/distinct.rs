//! Which parts of a combined schema count as one. Registries drop parts that repeat others, by an equality of their
//! own: unknown keywords count, and so does the order of `required` and `enum` and the spelling of numbers; `{}` is not
//! `true`; any two `const` are equal; and a schema with a regular expression is equal to none, not even to its copy.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::model::{ArrayBody, Body, Node, NodeId, ObjectBody, Rest};
use super::same::Sameness;
use crate::schema::json::Draft;
use crate::schema::text::{Json, Value};

/// Keywords that are told apart by what they mean; all others by their text.
const KNOWN: &[&str] = &[
    "$schema",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
];

/// Removes from every combined schema the parts that repeat others.
pub(super) fn keep_distinct(nodes: &mut [Node<'_>], draft: Draft, from: usize) {
    let mut signatures = Signatures { nodes, draft, known: HashMap::new(), sameness: Sameness::default() };
    let mut kept = Vec::new();
    for index in from..signatures.nodes.len() {
        let Body::Combined(body) = &signatures.nodes[index].body else { continue };
        if body.parts.len() > 1 {
            let mut seen = HashSet::new();
            let is_first = |part: &NodeId| {
                has_expression(&signatures.nodes[part.0 as usize].body) || seen.insert(signatures.of(*part))
            };
            let parts: Vec<NodeId> = body.parts.iter().copied().filter(is_first).collect();
            kept.push((index, parts));
        }
    }
    for (index, distinct) in kept {
        if let Body::Combined(body) = &mut nodes[index].body {
            body.parts = distinct;
        }
    }
}

/// A number for each schema that equal ones share.
struct Signatures<'s, 'n> {
    nodes: &'n [Node<'s>],
    draft: Draft,
    known: HashMap<NodeId, u64>,
    sameness: Sameness,
}

impl Signatures<'_, '_> {
    /// Goes down no further than the text nests: what a `$ref` leads to does not count, only its words do.
    fn of(&mut self, id: NodeId) -> u64 {
        if let Some(signature) = self.known.get(&id) {
            return *signature;
        }
        let nodes = self.nodes;
        let node = &nodes[id.0 as usize];
        let mut hasher = DefaultHasher::new();
        match node.body {
            // Registries take any two of these for equal.
            Body::Const | Body::Conditional => hasher.write_u8(0),
            ref body => std::mem::discriminant(body).hash(&mut hasher),
        }
        let words = node.json.as_object().unwrap_or_default();
        let is_reference = matches!(node.body, Body::Reference(_));
        let draft = self.draft;
        let others = words.iter().filter(|member| node.annotated && !is_known(&member.key, draft, is_reference));
        let others = others.map(|member| (&*member.key, self.sameness.hash(&member.value)));
        unordered(others, &mut hasher);
        let default = node.json.get("default").filter(|_| node.annotated);
        default.map(|default| self.sameness.hash(default)).hash(&mut hasher);
        let is_typed = node.json.get("type").is_some();
        match &node.body {
            Body::Anything | Body::Nothing | Body::Boolean | Body::Null | Body::Const | Body::Conditional => {
                matches!(node.json.value, Value::Bool(_)).hash(&mut hasher);
            }
            Body::Text(body) => {
                is_typed.hash(&mut hasher);
                for bound in [body.max_length, body.min_length] {
                    bound.and_then(Json::as_number).hash(&mut hasher);
                }
                let format = node.json.get("format").and_then(Json::as_str);
                format.filter(|format| self.is_known_format(format)).hash(&mut hasher);
                body.pattern.map(|_| id).hash(&mut hasher);
            }
            Body::Number(body) => {
                (is_typed, body.whole).hash(&mut hasher);
                for bound in
                    [body.maximum, body.minimum, body.exclusive_maximum, body.exclusive_minimum, body.multiple_of]
                {
                    bound.and_then(Json::as_number).hash(&mut hasher);
                }
            }
            Body::Object(body) => {
                is_typed.hash(&mut hasher);
                self.object(id, body, &mut hasher);
            }
            Body::Array(body) => {
                is_typed.hash(&mut hasher);
                self.array(body, &mut hasher);
            }
            Body::Enum(values) => self.sameness.hash(values).hash(&mut hasher),
            Body::Not(inner) => self.of(*inner).hash(&mut hasher),
            Body::Combined(body) => {
                body.criterion.keyword().hash(&mut hasher);
                unordered(body.parts.iter().map(|part| self.of(*part)), &mut hasher);
            }
            Body::Reference(_) => node.json.get("$ref").and_then(Json::as_str).hash(&mut hasher),
        }
        let signature = hasher.finish();
        self.known.insert(id, signature);
        signature
    }

    fn object(&mut self, id: NodeId, body: &ObjectBody<'_>, hasher: &mut DefaultHasher) {
        unordered(body.properties.iter().map(|(name, property)| (*name, self.of(*property))), hasher);
        let required = self.nodes[id.0 as usize].json.get("required").and_then(Json::as_array).unwrap_or_default();
        required.iter().for_each(|name| name.as_str().hash(hasher));
        (!body.patterns.is_empty()).then_some(id).hash(hasher);
        self.rest(&body.additional, hasher);
        self.rest(&body.unevaluated, hasher);
        for bound in [body.max_properties, body.min_properties] {
            bound.and_then(Json::as_number).hash(hasher);
        }
        for (name, names) in &body.dependent_names {
            name.hash(hasher);
            unordered(names.as_array().unwrap_or_default().iter().filter_map(Json::as_str), hasher);
        }
        unordered(body.dependent_schemas.iter().map(|(name, schema)| (*name, self.of(*schema))), hasher);
    }

    fn array(&mut self, body: &ArrayBody<'_>, hasher: &mut DefaultHasher) {
        body.every.map(|every| self.of(every)).hash(hasher);
        body.first.iter().for_each(|item| self.of(*item).hash(hasher));
        self.rest(&body.additional, hasher);
        self.rest(&body.unevaluated, hasher);
        for bound in [body.max_items, body.min_items] {
            bound.and_then(Json::as_number).hash(hasher);
        }
        body.unique.is_some().hash(hasher);
    }

    fn rest(&mut self, rest: &Rest<'_>, hasher: &mut DefaultHasher) {
        (rest.allowed, rest.schema.map(|schema| self.of(schema))).hash(hasher);
    }

    /// Formats that registries have no check for are as good as none.
    fn is_known_format(&self, format: &str) -> bool {
        let since = match format {
            "date-time" | "email" | "hostname" | "ipv4" | "ipv6" | "uri" => Draft::Draft4,
            "json-pointer" | "uri-reference" | "uri-template" => Draft::Draft6,
            "date" | "regex" | "relative-json-pointer" | "time" => Draft::Draft7,
            _ => return false,
        };
        // Later drafts leave `format` to those who ask for it.
        (since..=Draft::Draft7).contains(&self.draft)
    }
}

/// Whether a part is equal to none, not even to itself where a word of `type` is repeated.
fn has_expression(body: &Body<'_>) -> bool {
    match body {
        Body::Text(body) => body.pattern.is_some(),
        Body::Object(body) => !body.patterns.is_empty(),
        _ => false,
    }
}

/// Whether a keyword is told apart by what it means, or means nothing to equality.
fn is_known(word: &str, draft: Draft, is_reference: bool) -> bool {
    match word {
        "$ref" | "default" => true,
        // What stands beside a `$ref` is unknown to it.
        _ if is_reference && draft < Draft::Draft2019 => false,
        "const" => draft >= Draft::Draft6,
        "else" | "if" | "then" => draft >= Draft::Draft7,
        _ => KNOWN.contains(&word),
    }
}

/// Hashes values of which the order does not count.
fn unordered<T: Hash>(values: impl Iterator<Item = T>, hasher: &mut DefaultHasher) {
    let sum = values.fold((0_u64, 0_u64), |(count, sum), value| {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        (count + 1, sum.wrapping_add(hasher.finish()))
    });
    sum.hash(hasher);
}
