use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::name::{PRIMITIVES, short_name};
use crate::schema::ResolvedReference;
use crate::schema::personal::{Found, is_tag};
use crate::schema::text::{Json, Value, read, read_like_java};

/// What a schema and the types of its references that it uses tag. Other properties than those of the specification are in
/// the text alone.
pub fn personal_data(text: &str, references: &[ResolvedReference<'_>]) -> Found {
    let Some(root) = any(text) else { return Found::default() };
    let documents: Vec<(&str, Json<'_>)> =
        references.iter().filter_map(|reference| Some((reference.name, any(reference.text)?))).collect();
    let mut definitions = HashMap::new();
    for (reference, document) in &documents {
        let mut names = Walk::default();
        names.schema(document, "", None);
        definitions.extend(names.defined.into_iter().map(|(name, definition)| (name, (*reference, definition))));
    }
    let mut walk = Walk { found: Some(Found::default()), ..Walk::default() };
    walk.schema(&root, "", None);
    while let Some(name) = walk.used.pop().filter(|_| !walk.is_over()) {
        if let Some((reference, (definition, namespace))) = definitions.get(&name) {
            walk.reference = Some(*reference);
            walk.schema(definition, namespace, None);
        }
    }
    walk.found.unwrap_or_default()
}

fn any(text: &str) -> Option<Json<'_>> {
    read(text).or_else(|_| read_like_java(text, &mut None)).ok()
}

/// A walk over a schema and all types that it defines.
#[derive(Default)]
struct Walk<'j, 't> {
    reference: Option<&'j str>,
    /// `None` where only definitions are looked for.
    found: Option<Found>,
    /// Definitions by full name, with the namespace around each.
    defined: HashMap<String, (&'j Json<'t>, String)>,
    /// Full names of types that are used, in both ways in which a name without a dot may be meant.
    used: Vec<String>,
}

impl<'j, 't> Walk<'j, 't> {
    /// Whether it has found as much as anybody is told.
    fn is_over(&self) -> bool {
        self.found.as_ref().is_some_and(Found::is_full)
    }

    /// `field` is the field whose type this is, for types without a name.
    fn schema(&mut self, json: &'j Json<'t>, namespace: &str, field: Option<&(String, &'j Json<'t>)>) {
        if self.is_over() {
            return;
        }
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
        if is_named {
            let full = if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") };
            match self.defined.entry(full) {
                // What a schema uses was perhaps looked at within what it used before.
                Entry::Occupied(_) => return,
                Entry::Vacant(place) => drop(place.insert((json, namespace.to_owned()))),
            }
        }
        if json.get("pii").is_some_and(is_tag) {
            match (is_named, field) {
                (true, _) => self.add(short_name(name).to_owned(), None, own),
                (false, Some((name, place))) => self.add(name.clone(), place.as_str(), Some(place)),
                (false, None) => self.add(of_type.to_owned(), None, None),
            }
        }
        for field in json.get("fields").and_then(Json::as_array).unwrap_or_default() {
            if self.is_over() {
                return;
            }
            let Some(place) = field.get("name") else { continue };
            let named = (format!("{}.{}", short_name(name), place.as_str().unwrap_or_default()), place);
            if field.get("pii").is_some_and(is_tag) {
                self.add(named.0.clone(), place.as_str(), Some(place));
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

    fn add(&mut self, name: String, field: Option<&str>, place: Option<&Json<'_>>) {
        if let Some(found) = &mut self.found {
            found.add(name, field, place.map(|place| place.range.start..place.range.end), self.reference);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_once_enough_is_found() {
        let field = |n: usize| {
            let inner =
                format!(r#"{{"type":"record","name":"R{n}","fields":[{{"name":"f","type":"string","pii":true}}]}}"#);
            format!(r#"{{"name":"f{n}","type":{inner}}}"#)
        };
        let fields = (0..1000).map(field).collect::<Vec<_>>().join(",");
        let text = format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#);
        let json = any(&text).expect("JSON");
        let mut walk = Walk { found: Some(Found::default()), ..Walk::default() };
        walk.schema(&json, "", None);
        assert_eq!(walk.defined.len(), 101, "the record around and one record a tag");
        let mut names = Walk::default();
        names.schema(&json, "", None);
        assert_eq!(names.defined.len(), 1001);
    }
}
