//! From the text of a schema to what registries make of it.

use std::collections::HashMap;

use super::distinct;
use super::model::{ArrayBody, Body, CombinedBody, Criterion, Node, NodeId, NumberBody, ObjectBody, Rest, TextBody};
use crate::schema::json::resolver::Resolver;
use crate::schema::json::{Draft, JsonSchema};
use crate::schema::text::{Json, Value};

const STRING_WORDS: &[&str] = &["minLength", "maxLength", "pattern"];
const NUMBER_WORDS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const ARRAY_WORDS: &[&str] = &["items", "additionalItems", "minItems", "maxItems", "uniqueItems"];
const ARRAY_WORDS_6: &[&str] = &["contains"];
const ARRAY_WORDS_2019: &[&str] = &["prefixItems", "unevaluatedItems"];
const OBJECT_WORDS: &[&str] = &[
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "dependencies",
    "patternProperties",
    "additionalProperties",
];
const OBJECT_WORDS_6: &[&str] = &["propertyNames"];
const OBJECT_WORDS_2019: &[&str] = &["dependentRequired", "dependentSchemas", "unevaluatedProperties"];

/// Loads everything that a schema's root leads to and returns the root.
pub(super) fn load<'s>(schema: &'s JsonSchema, nodes: &mut Vec<Node<'s>>) -> NodeId {
    let from = nodes.len();
    let mut loader = Loader {
        draft: schema.draft,
        resolver: Resolver::new(schema),
        nodes,
        known: HashMap::new(),
        queue: Vec::new(),
    };
    let root = loader.node(&schema.root, 0);
    // A queue and not recursion: chains of `$ref` are as long as their authors like.
    while let Some((id, json, document)) = loader.queue.pop() {
        let body = loader.body(json, document);
        loader.nodes[id.0 as usize].body = body;
    }
    if schema.draft >= Draft::Draft2019 {
        flatten(&mut nodes[from..], from);
    }
    distinct::keep_distinct(nodes, schema.draft, from);
    root
}

/// From 2019-09 on, a part that is taken apart itself gives its parts to the schema that it is a part of. (One with the
/// word `allOf` does not.)
fn flatten(nodes: &mut [Node<'_>], from: usize) {
    // Parts stand behind what they are parts of, so that the inner ones come first.
    for index in (0..nodes.len()).rev() {
        let Body::Combined(body) = &nodes[index].body else { continue };
        let mut parts = Vec::with_capacity(body.parts.len());
        for part in &body.parts {
            match &nodes[part.0 as usize - from].body {
                Body::Combined(inner) if inner.is_taken_apart => parts.extend(&inner.parts),
                _ => parts.push(*part),
            }
        }
        if let Body::Combined(body) = &mut nodes[index].body {
            body.written = parts.len();
            body.parts = parts;
        }
    }
}

struct Loader<'s, 'n> {
    draft: Draft,
    resolver: Resolver<'s>,
    nodes: &'n mut Vec<Node<'s>>,
    /// The node of each text by its address.
    known: HashMap<usize, NodeId>,
    queue: Vec<(NodeId, &'s Json<'static>, usize)>,
}

impl<'s> Loader<'s, '_> {
    /// The node of a text, which is loaded later.
    fn node(&mut self, json: &'s Json<'static>, document: usize) -> NodeId {
        if let Some(id) = self.known.get(&json.address()) {
            return *id;
        }
        let id = self.push(json, document, Body::Anything, true);
        self.known.insert(json.address(), id);
        self.queue.push((id, json, document));
        id
    }

    fn push(&mut self, json: &'s Json<'static>, document: usize, body: Body<'s>, annotated: bool) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { json, document, annotated, body });
        id
    }

    fn body(&mut self, json: &'s Json<'static>, document: usize) -> Body<'s> {
        if let Value::Bool(value) = json.value {
            return if value { Body::Anything } else { Body::Nothing };
        }
        let mut bodies = Vec::new();
        let latest = self.draft >= Draft::Draft2019;
        let words: &[&str] = if latest { &["$ref", "$dynamicRef", "$recursiveRef"] } else { &["$ref"] };
        for reference in words.iter().filter_map(|word| json.get(word)).filter(|word| word.as_str().is_some()) {
            let target = match self.resolver.resolve(reference, document) {
                Some((target, document)) => Body::Reference(self.node(target, document)),
                None => Body::Anything,
            };
            // Up to draft 7 a `$ref` hides what stands beside it.
            if !latest {
                return target;
            }
            bodies.push(target);
        }
        self.combined(json, document, &mut bodies);
        self.typed(json, document, &mut bodies);
        if self.draft >= Draft::Draft7 && ["if", "then", "else"].iter().any(|word| json.get(word).is_some()) {
            bodies.push(Body::Conditional);
        }
        if let Some(inner) = json.get("not") {
            bodies.push(Body::Not(self.node(inner, document)));
        }
        if self.draft >= Draft::Draft6 && json.get("const").is_some() {
            bodies.push(Body::Const);
        }
        if let Some(values) = json.get("enum") {
            bodies.push(Body::Enum(values));
        }
        match bodies.len() {
            0 => Body::Anything,
            1 => bodies.remove(0),
            _ => {
                let parts = bodies.into_iter().map(|body| self.push(json, document, body, false)).collect();
                let mut whole = CombinedBody::new(Criterion::All, parts);
                whole.is_taken_apart = true;
                Body::Combined(whole)
            }
        }
    }

    fn combined(&mut self, json: &'s Json<'static>, document: usize, bodies: &mut Vec<Body<'s>>) {
        for (word, criterion) in Criterion::WORDS {
            if let Some(parts) = json.get(word).and_then(Json::as_array) {
                let parts = parts.iter().map(|part| self.node(part, document)).collect();
                bodies.push(Body::Combined(CombinedBody::new(criterion, parts)));
            }
        }
    }

    fn typed(&mut self, json: &'s Json<'static>, document: usize, bodies: &mut Vec<Body<'s>>) {
        let types: Vec<&str> = match json.get("type").map(|word| &word.value) {
            Some(Value::String(word)) => vec![word],
            Some(Value::Array(words)) => words.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        match json.get("type").map(|word| &word.value) {
            Some(Value::Array(_)) => {
                // A word that is repeated is the same part again, which may be a large one.
                let mut built = HashMap::new();
                let mut parts = Vec::with_capacity(types.len());
                for word in &types {
                    let part = *built.entry(*word).or_insert_with(|| {
                        let body = self.of_type(word, json, document);
                        self.push(json, document, body, false)
                    });
                    parts.push(part);
                }
                bodies.push(Body::Combined(CombinedBody::new(Criterion::Any, parts)));
            }
            _ => types.iter().for_each(|word| bodies.push(self.of_type(word, json, document))),
        }
        // Keywords that are about other types are a part of their own.
        let (six, latest) = (self.draft >= Draft::Draft6, self.draft >= Draft::Draft2019);
        let has = |words: &[&str]| words.iter().any(|word| json.get(word).is_some());
        let is_new = |names: &[&str]| !types.iter().any(|word| names.contains(word));
        let array = has(ARRAY_WORDS) || six && has(ARRAY_WORDS_6) || latest && has(ARRAY_WORDS_2019);
        if array && is_new(&["array"]) {
            bodies.push(self.of_type("array", json, document));
        }
        let object = has(OBJECT_WORDS) || six && has(OBJECT_WORDS_6) || latest && has(OBJECT_WORDS_2019);
        if object && is_new(&["object"]) {
            bodies.push(self.of_type("object", json, document));
        }
        if has(NUMBER_WORDS) && is_new(&["integer", "number"]) {
            bodies.push(self.of_type("number", json, document));
        }
        if (has(STRING_WORDS) || !latest && json.get("format").is_some()) && is_new(&["string"]) {
            bodies.push(self.of_type("string", json, document));
        }
    }

    fn of_type(&mut self, word: &str, json: &'s Json<'static>, document: usize) -> Body<'s> {
        match word {
            "string" => Body::Text(TextBody {
                max_length: json.get("maxLength"),
                min_length: json.get("minLength"),
                pattern: json.get("pattern"),
            }),
            "number" | "integer" => Body::Number(self.number(word == "integer", json)),
            "boolean" => Body::Boolean,
            "null" => Body::Null,
            "object" => Body::Object(Box::new(self.object(json, document))),
            "array" => Body::Array(Box::new(self.array(json, document))),
            _ => Body::Anything,
        }
    }

    fn number(&self, whole: bool, json: &'s Json<'static>) -> NumberBody<'s> {
        // In draft 4 the exclusive words are booleans that say how the bound beside them is meant.
        let exclusive = |word: &str, bound: &str| {
            let value = json.get(word)?;
            match value.value {
                Value::Bool(true) => json.get(bound),
                Value::Number(_) => Some(value),
                _ => None,
            }
        };
        NumberBody {
            whole,
            maximum: json.get("maximum"),
            minimum: json.get("minimum"),
            exclusive_maximum: exclusive("exclusiveMaximum", "maximum"),
            exclusive_minimum: exclusive("exclusiveMinimum", "minimum"),
            multiple_of: json.get("multipleOf"),
        }
    }

    /// What a keyword for the rest says: a boolean, or a schema.
    fn rest(&mut self, json: Option<&'s Json<'static>>, document: usize) -> Rest<'s> {
        match json.map(|json| (json, &json.value)) {
            None => Rest { json, allowed: true, schema: None },
            Some((_, Value::Bool(allowed))) => Rest { json, allowed: *allowed, schema: None },
            Some((schema, _)) => Rest { json, allowed: true, schema: Some(self.node(schema, document)) },
        }
    }

    fn map(&mut self, json: Option<&'s Json<'static>>, document: usize) -> Vec<(&'s str, NodeId)> {
        let members = json.and_then(Json::as_object).unwrap_or_default();
        members.iter().map(|member| (&*member.key, self.node(&member.value, document))).collect()
    }

    fn object(&mut self, json: &'s Json<'static>, document: usize) -> ObjectBody<'s> {
        let latest = self.draft >= Draft::Draft2019;
        let properties = self.map(json.get("properties"), document);
        let required = json.get("required").and_then(Json::as_array).unwrap_or_default();
        let mut dependent_names = Vec::new();
        let mut dependent_schemas = Vec::new();
        let words: &[&str] =
            if latest { &["dependencies", "dependentRequired", "dependentSchemas"] } else { &["dependencies"] };
        for member in words.iter().filter_map(|word| json.get(word)?.as_object()).flatten() {
            match member.value.value {
                Value::Array(_) => dependent_names.push((&*member.key, &member.value)),
                _ => dependent_schemas.push((&*member.key, self.node(&member.value, document))),
            }
        }
        ObjectBody {
            by_name: properties.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect(),
            properties,
            required: required.iter().filter_map(|name| Some((name.as_str()?, name))).collect(),
            patterns: self.map(json.get("patternProperties"), document),
            additional: self.rest(json.get("additionalProperties"), document),
            unevaluated: self.rest(json.get("unevaluatedProperties").filter(|_| latest), document),
            max_properties: json.get("maxProperties"),
            min_properties: json.get("minProperties"),
            dependent_names,
            dependent_schemas,
        }
    }

    fn array(&mut self, json: &'s Json<'static>, document: usize) -> ArrayBody<'s> {
        let latest = self.draft >= Draft::Draft2019;
        let (mut every, mut first, mut additional) = (None, None, None);
        if self.draft >= Draft::Draft2020 {
            first = json.get("prefixItems").and_then(Json::as_array);
            match json.get("items") {
                // Booleans say how many elements there may be, and are no schema to compare with.
                Some(items) if first.is_some() || matches!(items.value, Value::Bool(_)) => additional = Some(items),
                items => every = items,
            }
        } else {
            additional = json.get("additionalItems");
            match json.get("items").map(|items| (items, items.as_array())) {
                Some((_, Some(items))) => first = Some(items),
                Some((items, None)) => every = Some(items),
                None => {}
            }
        }
        ArrayBody {
            every: every.map(|items| self.node(items, document)),
            first: first.unwrap_or_default().iter().map(|item| self.node(item, document)).collect(),
            additional: self.rest(additional, document),
            unevaluated: self.rest(json.get("unevaluatedItems").filter(|_| latest), document),
            max_items: json.get("maxItems"),
            min_items: json.get("minItems"),
            unique: json.get("uniqueItems").filter(|unique| matches!(unique.value, Value::Bool(true))),
        }
    }
}
