//! A schema as a validator gets it: every `$ref` says by a pointer where it leads, so that there is one opinion of that.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::JsonSchema;
use super::draft::Draft;
use super::parse::to_serde;
use super::references::walk;
use super::resolver::Resolver;
use crate::schema::text::{self, Json};
use crate::source::percent_encode;

/// The bytes of all pointers. Names may be as long as a schema, and a pointer has those of all that it leads through.
const MOST_POINTERS: usize = 32 << 20;

/// Words whose meaning hangs on the way by which a schema is reached.
const DYNAMIC: [&str; 3] = ["$dynamicRef", "$recursiveRef", "$dynamicAnchor"];

/// A schema and what it refers to, by the name that it has for it.
#[derive(Clone)]
pub(super) struct Linked {
    pub(super) root: Value,
    pub(super) references: Vec<(String, Value)>,
}

/// Links a schema. One whose references hang on the way stays as it is written.
pub(super) fn linked(schema: &JsonSchema) -> Result<Linked, String> {
    let documents: Vec<&Json<'static>> =
        std::iter::once(&schema.root).chain(schema.references.iter().map(|(_, other)| other)).collect();
    let mut parts =
        Parts { resolver: Resolver::new(schema), links: HashMap::new(), ids: HashSet::new(), is_dynamic: false };
    parts.find(schema.draft, &documents);
    if parts.is_dynamic {
        let references = schema.references.iter().map(|(name, other)| (name.clone(), to_serde(other)));
        return Ok(Linked { root: to_serde(&schema.root), references: references.collect() });
    }
    let wanted: HashSet<usize> = parts.links.values().map(|(target, _)| *target).collect();
    let mut pointers = Pointers { wanted, found: HashMap::new(), left: MOST_POINTERS };
    for document in &documents {
        pointers.find(document, &mut String::new())?;
    }
    let mut values = documents.iter().enumerate().map(|(at, document)| {
        let link = |address| {
            let (target, to) = parts.links.get(&address)?;
            let pointer = pointers.found.get(target)?;
            Some(if *to == at { format!("#{pointer}") } else { format!("{}#{pointer}", name(*to)) })
        };
        (name(at), written(document, &link, &parts.ids))
    });
    let root = values.next().map(|(_, root)| root).unwrap_or_default();
    Ok(Linked { root, references: values.collect() })
}

/// The name of a document among others.
fn name(document: usize) -> String {
    format!("busctl:/{document}")
}

/// What a schema and what it leads to consist of.
struct Parts<'s> {
    resolver: Resolver<'s>,
    /// Where each `$ref` leads, by its address: the address of the target, and its document.
    links: HashMap<usize, (usize, usize)>,
    /// The ids, by their addresses.
    ids: HashSet<usize>,
    is_dynamic: bool,
}

impl<'s> Parts<'s> {
    fn find(&mut self, draft: Draft, documents: &[&'s Json<'static>]) {
        let mut seen = HashSet::new();
        let mut waiting: Vec<_> = documents.iter().enumerate().map(|(at, document)| (*document, at)).collect();
        while let Some((start, document)) = waiting.pop() {
            // What is known has been walked with all that is inside it.
            if seen.contains(&start.address()) {
                continue;
            }
            walk(start, &mut |part| {
                if !seen.insert(part.address()) {
                    return;
                }
                self.is_dynamic |= draft > Draft::Draft7 && DYNAMIC.iter().any(|word| part.get(word).is_some());
                let ids = ["$id", "id", "$anchor"].into_iter().filter_map(|word| part.get(word));
                self.ids.extend(ids.map(Json::address));
                if let Some(reference) = part.get("$ref")
                    && let Some((target, to)) = self.resolver.resolve(reference, document)
                {
                    self.links.insert(reference.address(), (target.address(), to));
                    waiting.push((target, to));
                }
            });
        }
    }
}

/// The pointers to what is referred to.
struct Pointers {
    wanted: HashSet<usize>,
    found: HashMap<usize, String>,
    left: usize,
}

impl Pointers {
    fn find(&mut self, json: &Json<'_>, way: &mut String) -> Result<(), String> {
        if self.wanted.contains(&json.address()) {
            let left = self.left.checked_sub(way.len());
            self.left = left.ok_or("the names on the way to what its `$ref`s lead to are too long")?;
            self.found.insert(json.address(), way.clone());
        }
        let length = way.len();
        for (index, item) in json.as_array().unwrap_or_default().iter().enumerate() {
            way.push_str(&format!("/{index}"));
            self.find(item, way)?;
            way.truncate(length);
        }
        for member in json.as_object().unwrap_or_default() {
            way.push('/');
            escape(&member.key, way);
            self.find(&member.value, way)?;
            way.truncate(length);
        }
        Ok(())
    }
}

/// A name as a token of a pointer in a fragment.
fn escape(name: &str, out: &mut String) {
    for part in name.split_inclusive(['~', '/']) {
        let plain = part.strip_suffix(['~', '/']).unwrap_or(part);
        percent_encode(plain.as_bytes(), b"$", out);
        match &part[plain.len()..] {
            "~" => out.push_str("~0"),
            "/" => out.push_str("~1"),
            _ => {}
        }
    }
}

/// A value in which references are links and nothing has an id.
fn written(json: &Json<'_>, link: &impl Fn(usize) -> Option<String>, ids: &HashSet<usize>) -> Value {
    match &json.value {
        text::Value::Array(items) => Value::Array(items.iter().map(|item| written(item, link, ids)).collect()),
        text::Value::Object(members) => {
            let kept = members.iter().filter(|member| !ids.contains(&member.value.address()));
            let value = |value: &Json<'_>| match link(value.address()) {
                Some(target) => Value::String(target),
                None => written(value, link, ids),
            };
            Value::Object(kept.map(|member| (member.key.clone().into_owned(), value(&member.value))).collect())
        }
        _ => to_serde(json),
    }
}
