use std::collections::HashMap;

use super::parse::JsonSchema;
use super::references::{Identity, folder, id, percent_decoded, walk};
use crate::schema::text::Json;

/// Objects with no more members are searched one by one.
const FEW: usize = 16;

/// A schema that a `$ref` leads to, and in which document it stands: 0 is the schema itself, the others are those of
/// other subjects in their order.
pub(super) type Target<'s> = (&'s Json<'static>, usize);

/// Where the `$ref`s of a schema, and of the schemas of other subjects, lead. Each is looked up once, and in what is
/// sorted once: schemas may have as many `$ref`s as definitions.
pub(super) struct Resolver<'s> {
    schema: &'s JsonSchema,
    found: HashMap<(usize, &'s str), Option<Target<'s>>>,
    /// The members of large objects, by the address of the object.
    members: HashMap<usize, HashMap<&'s str, &'s Json<'static>>>,
    /// The names inside documents, by the address of the document.
    names: HashMap<usize, Names<'s>>,
}

/// The parts of a document that have a name.
#[derive(Default)]
struct Names<'s> {
    anchors: HashMap<&'s str, &'s Json<'static>>,
    ids: HashMap<Identity<'s>, &'s Json<'static>>,
}

impl<'s> Resolver<'s> {
    pub(super) fn new(schema: &'s JsonSchema) -> Self {
        Resolver { schema, found: HashMap::new(), members: HashMap::new(), names: HashMap::new() }
    }

    /// What `reference`, which stands in a document, leads to; `None` for one of another subject's inner references.
    pub(super) fn resolve(&mut self, reference: &'s str, document: usize) -> Option<Target<'s>> {
        let key = (document, reference);
        if let Some(found) = self.found.get(&key) {
            return *found;
        }
        let found = self.search(reference, document);
        self.found.insert(key, found);
        found
    }

    fn search(&mut self, reference: &str, document: usize) -> Option<Target<'s>> {
        let declared = &self.schema.references;
        // A declared name may itself hold a fragment.
        if let Some(index) = declared.iter().position(|(name, _)| name == reference) {
            return Some((&declared[index].1, index + 1));
        }
        let root = match document.checked_sub(1) {
            None => &self.schema.root,
            Some(index) => &declared[index].1,
        };
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let (start, document) = if base.is_empty() {
            (root, document)
        } else if let Some(index) = declared.iter().position(|(name, _)| name.trim_end_matches('#') == base) {
            (&declared[index].1, index + 1)
        } else if let Some(inside) = self.names(root).ids.get(&Identity::of(base, folder(root))) {
            (*inside, document)
        } else {
            // The names of references are relative to the schema's own id, as registries have it.
            let folder = (document == 0).then(|| folder(root))?;
            let is_meant = |(name, _): &(String, _)| {
                Identity::of(name.trim_end_matches('#'), folder) == Identity::of(base, folder)
            };
            let index = declared.iter().position(is_meant)?;
            (&declared[index].1, index + 1)
        };
        let target = if fragment.is_empty() {
            Some(start)
        } else if let Some(pointer) = fragment.strip_prefix('/') {
            percent_decoded(pointer)?.split('/').try_fold(start, |json, token| self.member(json, token))
        } else {
            self.names(start).anchors.get(fragment).copied()
        };
        Some((target?, document))
    }

    fn names(&mut self, document: &'s Json<'static>) -> &Names<'s> {
        self.names.entry(std::ptr::from_ref(document).addr()).or_insert_with(|| {
            let mut names = Names::default();
            let folder = folder(document);
            // The first of a name counts.
            walk(document, &mut |part| {
                let id = id(part);
                let anchors = ["$anchor", "$dynamicAnchor"].into_iter().filter_map(|key| part.get(key)?.as_str());
                for anchor in anchors.chain(id.and_then(|id| id.strip_prefix('#'))) {
                    names.anchors.entry(anchor).or_insert(part);
                }
                if let Some(id) = id {
                    names.ids.entry(Identity::of(id.trim_end_matches('#'), folder)).or_insert(part);
                }
            });
            names
        })
    }

    /// The value behind one token of a JSON pointer.
    fn member(&mut self, json: &'s Json<'static>, token: &str) -> Option<&'s Json<'static>> {
        if let Some(items) = json.as_array() {
            return items.get(token.parse::<usize>().ok()?);
        }
        self.get(json, &token.replace("~1", "/").replace("~0", "~"))
    }

    /// The value of a key.
    pub(super) fn get(&mut self, json: &'s Json<'static>, key: &str) -> Option<&'s Json<'static>> {
        let members = json.as_object()?;
        if members.len() <= FEW {
            return json.get(key);
        }
        let index = self.members.entry(std::ptr::from_ref(json).addr());
        let index = index.or_insert_with(|| members.iter().map(|member| (&*member.key, &member.value)).collect());
        index.get(key).copied()
    }
}
