//! Whether a schema names something that the one before it does not.
//!
//! Both schemas are walked side by side, with a record or without one: what stands at the same place, through `$ref`s and
//! `allOf`, is one set of schemas on either side. The parts of `oneOf` and `anyOf` meet by what they refer to, their title
//! or their number.

use std::cell::RefCell;
use std::collections::HashSet;

use super::resolver::{Resolver, Target};
use crate::schema::text::{Json, Value};

/// What is looked at, at most. Beyond, something counts as added: then nobody is told that no sample shows it.
const MOST_STEPS: usize = 2_000_000;

/// Keywords whose schemas are about the same value.
const SAME_VALUE: [&str; 3] = ["allOf", "then", "else"];

/// A schema, and what is known of its references.
pub(super) struct Side<'s> {
    root: Target<'s>,
    resolver: RefCell<Resolver<'s>>,
}

impl<'s> Side<'s> {
    pub(super) fn new(schema: &'s super::JsonSchema) -> Self {
        Self { root: (&schema.root, 0), resolver: RefCell::new(Resolver::new(schema)) }
    }

    /// Whether this schema names a property that another one does not name at its place: any, or one that a record has.
    pub(super) fn adds_to(&self, old: &Side<'_>, record: Option<&Json<'_>>) -> bool {
        let mut walk = Walk { new: self, old, waiting: Vec::new(), seen: HashSet::new(), left: MOST_STEPS };
        walk.meet(vec![self.root], vec![old.root], record);
        while let Some(place) = walk.waiting.pop() {
            if walk.adds(place) || walk.left == 0 {
                return true;
            }
        }
        false
    }

    /// The schemas that apply to a value beside those given, and where a choice is to be made, its parts with their names.
    fn open(&self, from: &[Target<'s>], left: &mut usize) -> (Vec<Target<'s>>, Vec<(String, Target<'s>)>) {
        let (mut plain, mut choices) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        let mut waiting = from.to_vec();
        while let Some(target) = waiting.pop() {
            let (json, document) = target;
            *left = left.saturating_sub(1);
            if *left == 0 || !seen.insert(json.address()) {
                continue;
            }
            let reference = json.get("$ref");
            waiting.extend(reference.and_then(|reference| self.resolver.borrow_mut().resolve(reference, document)));
            let same = SAME_VALUE.iter().filter_map(|word| json.get(word)).flat_map(one_or_many);
            waiting.extend(same.map(|part| (part, document)));
            for (index, part) in
                ["oneOf", "anyOf"].iter().filter_map(|word| json.get(word)).flat_map(one_or_many).enumerate()
            {
                let name = ["$ref", "title"].iter().find_map(|word| part.get(word)?.as_str());
                choices.push((name.map_or_else(|| index.to_string(), str::to_owned), (part, document)));
            }
            plain.push(target);
        }
        (plain, choices)
    }

    /// The same with the parts of all choices inside a part of one.
    fn open_all(&self, part: Target<'s>, left: &mut usize) -> Vec<Target<'s>> {
        let (mut plain, mut choices) = self.open(&[part], left);
        let mut seen: HashSet<usize> = plain.iter().map(|(json, _)| json.address()).collect();
        while let Some((_, choice)) = choices.pop() {
            let (more, inner) = self.open(&[choice], left);
            let before = plain.len();
            plain.extend(more.into_iter().filter(|(json, _)| seen.insert(json.address())));
            if plain.len() > before {
                choices.extend(inner);
            }
        }
        plain
    }

    fn property(&self, of: &[Target<'s>], name: &str) -> Vec<Target<'s>> {
        let property = |(json, document): &Target<'s>| {
            let properties = json.get("properties")?;
            Some((self.resolver.borrow_mut().get(properties, name)?, *document))
        };
        of.iter().filter_map(property).collect()
    }
}

fn one_or_many<'j, 't>(json: &'j Json<'t>) -> &'j [Json<'t>] {
    match &json.value {
        Value::Array(items) => items,
        _ => std::slice::from_ref(json),
    }
}

/// What keyword asks of further properties.
fn further<'s>(of: &[Target<'s>]) -> Vec<Target<'s>> {
    of.iter().filter_map(|(json, document)| Some((json.get("additionalProperties")?, *document))).collect()
}

/// What is asked of the element at a place.
fn element<'s>(of: &[Target<'s>], index: usize) -> Vec<Target<'s>> {
    let element = |(json, document): &Target<'s>| {
        let items = json.get("items");
        let listed = json.get("prefixItems").or(items).and_then(Json::as_array).and_then(|items| items.get(index));
        Some((listed.or(items.filter(|items| items.as_array().is_none()))?, *document))
    };
    of.iter().filter_map(element).collect()
}

struct Walk<'w, 'n, 'o, 'j, 't> {
    new: &'w Side<'n>,
    old: &'w Side<'o>,
    waiting: Vec<Place<'n, 'o, 'j, 't>>,
    /// Places that were looked at, by the addresses of the schemas and of the value.
    seen: HashSet<(Vec<usize>, Vec<usize>, Option<usize>)>,
    left: usize,
}

/// Schemas of both sides for the same value.
struct Place<'n, 'o, 'j, 't> {
    new: Vec<Target<'n>>,
    old: Vec<Target<'o>>,
    value: Option<&'j Json<'t>>,
}

impl<'n, 'o, 'j, 't> Walk<'_, 'n, 'o, 'j, 't> {
    /// Takes in what applies to the same value, once for each choice that the new schema leaves.
    fn meet(&mut self, new: Vec<Target<'n>>, old: Vec<Target<'o>>, value: Option<&'j Json<'t>>) {
        let addresses = |of: &[(&Json<'static>, usize)]| of.iter().map(|(json, _)| json.address()).collect::<Vec<_>>();
        if new.is_empty() || !self.seen.insert((addresses(&new), addresses(&old), value.map(Json::address))) {
            return;
        }
        let (new, choices) = self.new.open(&new, &mut self.left);
        let (old, before) = self.old.open(&old, &mut self.left);
        for (name, choice) in &choices {
            let same = before.iter().filter(|(before, _)| before == name);
            let same: Vec<_> = same.map(|(_, part)| *part).collect();
            // What has another name may be any of those before.
            let same = if same.is_empty() { before.iter().map(|(_, part)| *part).collect() } else { same };
            let mut both = (new.clone(), old.clone());
            both.0.extend(self.new.open_all(*choice, &mut self.left));
            both.1.extend(same.into_iter().flat_map(|part| self.old.open_all(part, &mut self.left)));
            self.left = self.left.saturating_sub(both.0.len() + both.1.len());
            if self.left == 0 {
                break;
            }
            self.waiting.push(Place { new: both.0, old: both.1, value });
        }
        if choices.is_empty() {
            let before = before.iter().flat_map(|(_, part)| self.old.open_all(*part, &mut self.left));
            let old = old.into_iter().chain(before).collect();
            self.waiting.push(Place { new, old, value });
        }
    }

    /// Whether the new schemas name a property here that the old ones do not.
    fn adds(&mut self, Place { new, old, value }: Place<'n, 'o, 'j, 't>) -> bool {
        match value.map(|value| (&value.value, value)) {
            Some((Value::Object(members), _)) => {
                members.iter().any(|member| self.adds_property(&new, &old, &member.key, Some(&member.value)))
            }
            Some((Value::Array(items), _)) => {
                for (index, item) in items.iter().enumerate() {
                    self.meet(element(&new, index), element(&old, index), Some(item));
                }
                false
            }
            Some(_) => false,
            None => {
                let listed = |json: &Json<'_>| {
                    ["prefixItems", "items"].iter().filter_map(|word| json.get(word)?.as_array()).map(<[_]>::len).max()
                };
                let listed = new.iter().filter_map(|(json, _)| listed(json)).max().unwrap_or(0);
                for index in 0..=listed {
                    self.meet(element(&new, index), element(&old, index), None);
                }
                self.meet(further(&new), further(&old), None);
                let properties = |(json, _): &Target<'n>| json.get("properties").and_then(Json::as_object);
                new.iter()
                    .filter_map(properties)
                    .flatten()
                    .any(|member| self.adds_property(&new, &old, &member.key, None))
            }
        }
    }

    fn adds_property(
        &mut self,
        new: &[Target<'n>],
        old: &[Target<'o>],
        name: &str,
        value: Option<&'j Json<'t>>,
    ) -> bool {
        self.left = self.left.saturating_sub(new.len() + old.len());
        let (named, before) = (self.new.property(new, name), self.old.property(old, name));
        match (named.is_empty(), before.is_empty()) {
            (false, true) => return true,
            (false, false) => self.meet(named, before, value),
            (true, _) => self.meet(further(new), further(old), value),
        }
        self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::json::parse;
    use crate::schema::text::read;

    /// Whether a new schema adds something that a record shows, and whether it adds anything.
    fn adds(old: &str, new: &str, record: &str) -> (bool, bool) {
        let [old, new] = [old, new].map(|text| parse(text, &[]).expect("a schema"));
        let [old, new] = [&old, &new].map(Side::new);
        assert!(!new.adds_to(&new, None) && !old.adds_to(&old, None));
        let record = read(record).expect("JSON");
        (new.adds_to(&old, Some(&record)), new.adds_to(&old, None))
    }

    #[test]
    fn names_with_the_marks_of_paths() {
        let old = r#"{"properties":{"user":{"properties":{"x":{}}}}}"#;
        for name in ["user.id", "user[]", "user(a)", "user{}", "a/b~c", ""] {
            let new = format!(r#"{{"properties":{{"user":{{"properties":{{"x":{{}}}}}},"{name}":{{}}}}}}"#);
            assert_eq!(adds(old, &new, &format!(r#"{{"{name}":1}}"#)), (true, true), "{name}");
            assert_eq!(adds(old, &new, r#"{"user":{"id":1,"x":2}}"#), (false, true), "{name}");
        }
    }

    #[test]
    fn a_definition_that_is_used_in_several_places() {
        let with = |first: &str, second: &str, more: &str| {
            format!(
                r##"{{"properties":{{"{first}":{{"$ref":"#/definitions/D"}},"{second}":{{"type":"array",
                "items":{{"$ref":"#/definitions/D"}}}}}},"definitions":{{"D":{{"properties":{{"x":{{}}{more}}}}}}}}}"##
            )
        };
        let (old, new) = (with("a", "b", ""), with("a", "b", r#","y":{}"#));
        assert_eq!(adds(&old, &new, r#"{"a":{"x":1},"b":[{"x":1},{"y":1}]}"#), (true, true));
        assert_eq!(adds(&old, &new, r#"{"a":{"x":1},"b":[{"x":1}],"y":1}"#), (false, true));
        // The order of properties is not what makes something new.
        let swapped = r##"{"properties":{"b":{"type":"array","items":{"$ref":"#/definitions/D"}},
            "a":{"$ref":"#/definitions/D"}},"definitions":{"D":{"properties":{"x":{}}}}}"##;
        assert_eq!(adds(&old, swapped, r#"{"a":{"x":1}}"#), (false, false));
    }

    #[test]
    fn choices_maps_lists_and_parts() {
        let old = r#"{"oneOf":[{"title":"A","properties":{"x":{}}},{"title":"B","properties":{"y":{}}}]}"#;
        let new = r#"{"oneOf":[{"title":"B","properties":{"y":{}}},{"title":"A","properties":{"x":{},"y":{}}}]}"#;
        assert_eq!(adds(old, new, r#"{"x":1,"y":1}"#), (true, true));
        assert_eq!(adds(old, new, r#"{"x":1}"#), (false, true));
        for around in [r#"{"additionalProperties":IN}"#, r#"{"properties":{"k":{"allOf":[{"type":"object"},IN]}}}"#] {
            let with = |inner: &str| around.replace("IN", inner);
            let (old, new) = (with(r#"{"properties":{"x":{}}}"#), with(r#"{"properties":{"x":{},"y":{}}}"#));
            assert_eq!(adds(&old, &new, r#"{"k":{"y":1}}"#), (true, true), "{around}");
            assert_eq!(adds(&old, &new, r#"{"k":{"x":1}}"#), (false, true), "{around}");
        }
        let tuple = |more: &str| format!(r#"{{"items":[{{"type":"string"}},{{"properties":{{"x":{{}}{more}}}}}]}}"#);
        assert_eq!(adds(&tuple(""), &tuple(r#","y":{}"#), r#"["y",{"y":1}]"#), (true, true));
        // What was written out moved into a part, and nothing is new.
        let (plain, moved) = (r#"{"properties":{"x":{}}}"#, r#"{"allOf":[{"properties":{"x":{}}}]}"#);
        assert_eq!(adds(plain, moved, r#"{"x":1}"#), (false, false));
    }

    #[test]
    fn knots_and_large_schemas_end() {
        let knot = |more: &str| {
            let all: Vec<_> = (0..40).map(|n| format!(r##"{{"$ref":"#/definitions/D{n}"}}"##)).collect();
            let all = all.join(",");
            let of = |n: usize| {
                format!(
                    r#""D{n}":{{"properties":{{"p{n}":{{"anyOf":[{all}]}}{more}}},"additionalProperties":{{"oneOf":[{all}]}}}}"#
                )
            };
            let definitions: Vec<_> = (0..40).map(of).collect();
            format!(r##"{{"$ref":"#/definitions/D0","definitions":{{{}}}}}"##, definitions.join(","))
        };
        let (old, new) = (knot(""), knot(r#","new":{}"#));
        assert_eq!(adds(&old, &new, r#"{"p0":{"p1":{"p2":{"new":1}}}}"#), (true, true));
        let wide = |most: usize| {
            let properties: Vec<_> = (0..most).map(|n| format!(r#""p{n}":{{"type":"null"}}"#)).collect();
            format!(r#"{{"properties":{{{}}}}}"#, properties.join(","))
        };
        let record: Vec<_> = (0..60_000).map(|n| format!(r#""p{n}":null"#)).collect();
        assert_eq!(adds(&wide(60_000), &wide(60_001), &format!("{{{}}}", record.join(","))), (false, true));
    }
}
