use std::collections::{HashMap, HashSet};

use super::name::{PRIMITIVES, short_name};
use crate::schema::ResolvedReference;
use crate::schema::personal::{PersonalData, is_tag};
use crate::schema::text::{Json, Value, read, read_like_java};

/// What a schema and the types of its references that it uses tag. Other properties than those of the specification are in
/// the text alone.
pub fn personal_data(text: &str, references: &[ResolvedReference<'_>]) -> Vec<PersonalData> {
    let Some(root) = any(text) else { return Vec::new() };
    let documents: Vec<(&str, Json<'_>)> =
        references.iter().filter_map(|reference| Some((reference.name, any(reference.text)?))).collect();
    let mut definitions = HashMap::new();
    for (reference, document) in &documents {
        let mut names = Walk { reference: Some(*reference), ..Walk::default() };
        names.schema(document, "", None);
        definitions.extend(names.defined.into_iter().map(|(name, definition)| (name, (*reference, definition))));
    }
    let mut walk = Walk::default();
    walk.schema(&root, "", None);
    let mut found = walk.found;
    let mut seen: HashSet<String> = walk.defined.into_keys().collect();
    let mut used = walk.used;
    while let Some(name) = used.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        if let Some((reference, (definition, namespace))) = definitions.get(&name) {
            let mut walk = Walk { reference: Some(*reference), ..Walk::default() };
            walk.schema(definition, namespace, None);
            seen.extend(walk.defined.into_keys());
            found.extend(walk.found);
            used.extend(walk.used);
        }
    }
    found
}

fn any(text: &str) -> Option<Json<'_>> {
    read(text).or_else(|_| read_like_java(text, &mut None)).ok()
}

/// A walk over a schema and all types that it defines.
#[derive(Default)]
struct Walk<'j, 't> {
    reference: Option<&'j str>,
    found: Vec<PersonalData>,
    /// Definitions by full name, with the namespace around each.
    defined: HashMap<String, (&'j Json<'t>, String)>,
    /// Full names of types that are used, in both ways in which a name without a dot may be meant.
    used: Vec<String>,
}

impl<'j, 't> Walk<'j, 't> {
    /// `field` is the field whose type this is, for types without a name.
    fn schema(&mut self, json: &'j Json<'t>, namespace: &str, field: Option<&(String, &'j Json<'t>)>) {
        match &json.value {
            Value::String(name) if !PRIMITIVES.contains(&&**name) => {
                if !name.contains('.') && !namespace.is_empty() {
                    self.used.push(format!("{namespace}.{name}"));
                }
                self.used.push(name.to_string());
            }
            Value::Array(branches) => branches.iter().for_each(|branch| self.schema(branch, namespace, field)),
            Value::Object(_) => self.object(json, namespace, field),
            _ => {}
        }
    }

    fn object(&mut self, json: &'j Json<'t>, namespace: &str, field: Option<&(String, &'j Json<'t>)>) {
        let own = json.get("name").filter(|name| name.as_str().is_some());
        let name = own.and_then(Json::as_str).unwrap_or_default();
        let is_named = matches!(json.get("type").and_then(Json::as_str), Some("record" | "error" | "enum" | "fixed"))
            && own.is_some();
        let space = match (name.rsplit_once('.'), json.get("namespace").and_then(Json::as_str)) {
            _ if !is_named => namespace,
            (Some((space, _)), _) => space,
            (None, Some(space)) => space,
            (None, None) => namespace,
        };
        let of_type = json.get("type").and_then(Json::as_str).unwrap_or("type");
        if json.get("pii").is_some_and(is_tag) {
            match (is_named, field) {
                (true, _) => self.add(short_name(name).to_owned(), own),
                (false, Some((name, place))) => self.add(name.clone(), Some(place)),
                (false, None) => self.add(of_type.to_owned(), None),
            }
        }
        if is_named {
            let full = if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") };
            self.defined.entry(full).or_insert((json, namespace.to_owned()));
        }
        for field in json.get("fields").and_then(Json::as_array).unwrap_or_default() {
            let Some(place) = field.get("name") else { continue };
            let named = (format!("{}.{}", short_name(name), place.as_str().unwrap_or_default()), place);
            if field.get("pii").is_some_and(is_tag) {
                self.add(named.0.clone(), Some(place));
            }
            if let Some(of) = field.get("type") {
                self.schema(of, space, Some(&named));
            }
        }
        for key in ["items", "values"] {
            if let Some(inner) = json.get(key) {
                self.schema(inner, space, field);
            }
        }
        // `{"type": {"type": …}}` and `{"type": "Name"}` are written too.
        if let Some(inner) = json.get("type").filter(|_| !is_named && !matches!(of_type, "array" | "map")) {
            self.schema(inner, space, field);
        }
    }

    fn add(&mut self, name: String, place: Option<&Json<'_>>) {
        // A field and its type may both be tagged.
        if self.found.iter().any(|known| known.name == name) {
            return;
        }
        let range = place.map(|place| place.range.start..place.range.end);
        self.found.push(PersonalData { name, range, reference: self.reference.map(str::to_owned) });
    }
}
