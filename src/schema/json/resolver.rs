use std::collections::HashMap;

use super::draft::Draft;
use super::parse::JsonSchema;
use super::references::{percent_decoded, walk};
use super::uri::{Folders, Uri};
use crate::schema::text::{Json, unescaped};

/// Objects with no more members are searched one by one.
const FEW: usize = 16;

/// A schema that a `$ref` leads to, and in which document it stands: 0 is the schema itself, the others are those of
/// other subjects in their order.
pub(super) type Target<'s> = (&'s Json<'static>, usize);

/// Where the `$ref`s of a schema, and of the schemas of other subjects, lead: as RFC 3986 resolves them against the id in
/// force, and as registries do where they go another way. Each is looked up once, and in what is sorted once: schemas may
/// have as many `$ref`s as definitions.
pub(super) struct Resolver<'s> {
    schema: &'s JsonSchema,
    /// By document, the part of it with an id in force, and the text.
    found: HashMap<(usize, usize, &'s str), Option<Target<'s>>>,
    /// The members of large objects, by the address of the object.
    members: HashMap<usize, HashMap<&'s str, &'s Json<'static>>>,
    folders: Folders,
    documents: HashMap<usize, Document<'s>>,
    /// The schemas of other subjects, by what their names mean beside the schema's own id.
    declared: Option<HashMap<Uri<'s>, usize>>,
}

/// A text, and the parts of it that have an id.
struct Document<'s> {
    draft: Draft,
    /// In the order of the text, the document itself first.
    parts: Vec<Part<'s>>,
    by_id: HashMap<Uri<'s>, usize>,
}

/// A part of a document with an id of its own, to which the names inside it are relative.
struct Part<'s> {
    json: &'s Json<'static>,
    id: Uri<'s>,
    anchors: HashMap<&'s str, &'s Json<'static>>,
    /// The part around it.
    outer: usize,
}

impl Document<'_> {
    /// The innermost part with an id around a place.
    fn part_at(&self, position: usize) -> usize {
        let before = self.parts.partition_point(|part| part.json.range.start <= position);
        let mut at = before.saturating_sub(1);
        while at > 0 && self.parts[at].json.range.end <= position {
            at = self.parts[at].outer;
        }
        at
    }
}

impl<'s> Resolver<'s> {
    pub(super) fn new(schema: &'s JsonSchema) -> Self {
        Resolver {
            schema,
            found: HashMap::new(),
            members: HashMap::new(),
            folders: Folders::new(),
            documents: HashMap::new(),
            declared: None,
        }
    }

    /// What a `$ref`, which stands in a document, leads to.
    pub(super) fn resolve(&mut self, reference: &'s Json<'static>, document: usize) -> Option<Target<'s>> {
        let text = reference.as_str()?;
        self.read(document);
        let part = self.documents.get(&document)?.part_at(reference.range.start);
        let key = (document, part, text);
        if let Some(found) = self.found.get(&key) {
            return *found;
        }
        let found = self.search(text, document, part);
        self.found.insert(key, found);
        found
    }

    fn search(&mut self, reference: &'s str, document: usize, part: usize) -> Option<Target<'s>> {
        let declared = &self.schema.references;
        // A declared name may itself hold a fragment.
        if let Some(index) = declared.iter().position(|(name, _)| name == reference) {
            return Some((&declared[index].1, index + 1));
        }
        let (name, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if name.is_empty() {
            // Up to draft 7, registries go from the document itself, whatever has an id. Validators go from what has it.
            let is_early = self.documents.get(&document)?.draft <= Draft::Draft7;
            let is_pointer = fragment.is_empty() || fragment.starts_with('/');
            return (is_early && is_pointer)
                .then(|| self.inside(document, 0, fragment))
                .flatten()
                .or_else(|| self.inside(document, part, fragment));
        }
        if let Some(index) = declared.iter().position(|(declared, _)| declared.trim_end_matches('#') == name) {
            self.read(index + 1);
            return self.inside(index + 1, 0, fragment);
        }
        let base = self.documents.get(&document)?.parts[part].id;
        let id = self.folders.resolve(base, name)?;
        if let Some(part) = self.documents.get(&document)?.by_id.get(&id) {
            return self.inside(document, *part, fragment);
        }
        let document = *self.declared().get(&id)?;
        self.read(document);
        self.inside(document, 0, fragment)
    }

    /// What a fragment means in a part of a document.
    fn inside(&mut self, document: usize, part: usize, fragment: &str) -> Option<Target<'s>> {
        let part = &self.documents.get(&document)?.parts[part];
        let target = if fragment.is_empty() {
            part.json
        } else if let Some(pointer) = fragment.strip_prefix('/') {
            let start = part.json;
            percent_decoded(pointer)?.split('/').try_fold(start, |json, token| self.member(json, token))?
        } else {
            part.anchors.get(fragment)?
        };
        Some((target, document))
    }

    /// The schemas of other subjects by their names.
    fn declared(&mut self) -> &HashMap<Uri<'s>, usize> {
        if self.declared.is_none() {
            let own = self.own_id(0);
            let mut declared = HashMap::new();
            for (index, (name, _)) in self.schema.references.iter().enumerate() {
                if let Some(id) = self.folders.resolve(own, without_fragment(name)) {
                    declared.entry(id).or_insert(index + 1);
                }
            }
            self.declared = Some(declared);
        }
        self.declared.get_or_insert_default()
    }

    /// The id of a document, as far as one is known: its own beside the name that the schema has for it.
    fn own_id(&mut self, document: usize) -> Uri<'s> {
        let (root, draft) = self.root(document);
        let id = without_fragment(id(root, draft).unwrap_or_default());
        let base = match document.checked_sub(1) {
            None => Uri::UNKNOWN,
            Some(index) => {
                let own = self.own_id(0);
                self.folders.resolve(own, without_fragment(&self.schema.references[index].0)).unwrap_or(own)
            }
        };
        self.folders.resolve(base, id).unwrap_or(base)
    }

    fn root(&self, document: usize) -> (&'s Json<'static>, Draft) {
        match document.checked_sub(1) {
            None => (&self.schema.root, self.schema.draft),
            Some(index) => {
                let root = &self.schema.references[index].1;
                (root, Draft::of(root).unwrap_or(self.schema.draft))
            }
        }
    }

    /// Looks for what has a name in a document.
    fn read(&mut self, document: usize) {
        if self.documents.contains_key(&document) {
            return;
        }
        let (root, draft) = self.root(document);
        let own = self.own_id(document);
        let mut parts = vec![Part { json: root, id: own, anchors: HashMap::new(), outer: 0 }];
        let mut by_id = HashMap::new();
        if own != Uri::UNKNOWN {
            by_id.insert(own, 0);
        }
        let mut at = 0;
        walk(root, &mut |part| {
            while at > 0 && parts[at].json.range.end <= part.range.start {
                at = parts[at].outer;
            }
            let is_hidden = draft <= Draft::Draft7 && part.get("$ref").is_some();
            let id = id(part, draft).filter(|_| !is_hidden);
            let (name, fragment) = id.map_or(("", ""), |id| id.split_once('#').unwrap_or((id, "")));
            if !name.is_empty()
                && !std::ptr::eq(part, root)
                && let Some(id) = self.folders.resolve(parts[at].id, name)
            {
                parts.push(Part { json: part, id, anchors: HashMap::new(), outer: at });
                at = parts.len() - 1;
                // The first of a name counts.
                by_id.entry(id).or_insert(at);
            }
            let words: &[&str] = match draft {
                Draft::Draft4 | Draft::Draft6 | Draft::Draft7 => &[],
                Draft::Draft2019 => &["$anchor"],
                Draft::Draft2020 => &["$anchor", "$dynamicAnchor"],
            };
            let in_id = Some(fragment).filter(|fragment| !fragment.is_empty() && draft <= Draft::Draft7);
            for anchor in words.iter().filter_map(|word| part.get(word)?.as_str()).chain(in_id) {
                parts[at].anchors.entry(anchor).or_insert(part);
            }
        });
        self.documents.insert(document, Document { draft, parts, by_id });
    }

    /// The value behind one token of a JSON pointer.
    fn member(&mut self, json: &'s Json<'static>, token: &str) -> Option<&'s Json<'static>> {
        if let Some(items) = json.as_array() {
            return items.get(token.parse::<usize>().ok()?);
        }
        self.get(json, &unescaped(token))
    }

    /// The value of a key.
    pub(super) fn get(&mut self, json: &'s Json<'static>, key: &str) -> Option<&'s Json<'static>> {
        let members = json.as_object()?;
        if members.len() <= FEW {
            return json.get(key);
        }
        let index = self.members.entry(json.address());
        let index = index.or_insert_with(|| members.iter().map(|member| (&*member.key, &member.value)).collect());
        index.get(key).copied()
    }
}

/// The id of a part.
fn id<'j>(json: &'j Json<'_>, draft: Draft) -> Option<&'j str> {
    json.get(if draft == Draft::Draft4 { "id" } else { "$id" })?.as_str()
}

fn without_fragment(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}
