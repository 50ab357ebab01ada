use std::collections::HashMap;

use crate::schema::json::JsonSchema;
use crate::schema::json::references;
use crate::schema::text::Json;

/// Objects with fewer members are searched one by one.
const FEW: usize = 16;

/// Where the `$ref`s of a schema and of the schemas that it refers to lead, each looked up once.
pub(super) struct Resolver<'s> {
    schema: &'s JsonSchema,
    found: HashMap<(usize, &'s str), Option<(&'s Json<'static>, usize)>>,
    /// The members of large objects, by the address of the object.
    members: HashMap<usize, HashMap<&'s str, &'s Json<'static>>>,
}

impl<'s> Resolver<'s> {
    pub(super) fn new(schema: &'s JsonSchema) -> Self {
        Resolver { schema, found: HashMap::new(), members: HashMap::new() }
    }

    /// What `reference`, which stands in a document, leads to, and in which document that stands: 0 is the schema
    /// itself, the others are those of other subjects.
    pub(super) fn resolve(&mut self, reference: &'s str, document: usize) -> Option<(&'s Json<'static>, usize)> {
        if let Some(found) = self.found.get(&(document, reference)) {
            return *found;
        }
        let schema = self.schema;
        let root = match document.checked_sub(1) {
            None => &schema.root,
            Some(index) => &schema.references[index].1,
        };
        let found = match reference.strip_prefix("#/") {
            Some(pointer) if !pointer.contains(['%', '~']) && !self.is_declared(reference) => {
                pointer.split('/').try_fold(root, |json, key| self.member(json, key)).map(|json| (json, document))
            }
            _ => references::resolve(root, &schema.references, reference).map(|json| {
                let base = reference.split('#').next().unwrap_or_default();
                let named = |name: &str| name == reference || !base.is_empty() && name.trim_end_matches('#') == base;
                let other = schema.references.iter().position(|(name, _)| named(name));
                (json, other.map_or(document, |index| index + 1))
            }),
        };
        self.found.insert((document, reference), found);
        found
    }

    fn is_declared(&self, reference: &str) -> bool {
        self.schema.references.iter().any(|(name, _)| name == reference)
    }

    fn member(&mut self, json: &'s Json<'static>, key: &str) -> Option<&'s Json<'static>> {
        match (json.as_array(), json.as_object()) {
            (Some(items), _) => items.get(key.parse::<usize>().ok()?),
            (_, Some(members)) if members.len() > FEW => {
                let index = self.members.entry(std::ptr::from_ref(json).addr());
                let index =
                    index.or_insert_with(|| members.iter().map(|member| (&*member.key, &member.value)).collect());
                index.get(key).copied()
            }
            _ => json.get(key),
        }
    }
}
