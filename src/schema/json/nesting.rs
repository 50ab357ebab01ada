//! How the parts of a schema lead to each other, before a library recurses over them.
//!
//! For one and the same value a validator goes through `$ref`s, `allOf` and its like, each with a call inside the other,
//! before it comes to a part of the value.

use std::collections::{HashMap, HashSet};

use super::JsonSchema;
use super::draft::Draft;
use super::keywords::{Holds, holds};
use super::resolver::{Resolver, Target};
use crate::schema::text::Value;

/// Keywords that refer to another schema.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// Keywords whose schemas are about the same value.
const SAME_VALUE: [&str; 9] =
    ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];

/// What a schema asks of the calls that go through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Nesting {
    /// The longest way through schemas for one value, in steps.
    pub(super) way: usize,
    /// How often schemas are tried for one value, at most: what is reached on two ways is tried twice.
    pub(super) tries: usize,
    /// Schemas that something refers to.
    pub(super) targets: usize,
}

impl Nesting {
    /// Looks at a schema, and at each part of it once; `None` where a way comes back to where it started for the same value,
    /// which has no meaning.
    pub(super) fn of<'s>(schema: &'s JsonSchema, mut visit: impl FnMut(Target<'s>)) -> Option<Self> {
        let mut ways = Ways { resolver: Resolver::new(schema), draft: schema.draft, known: HashMap::new() };
        let mut seen = HashSet::new();
        let mut targets = HashSet::new();
        let mut waiting = vec![(&schema.root, 0)];
        let mut most = Self::default();
        while let Some(target) = waiting.pop() {
            if seen.insert(target.0.address()) {
                visit(target);
                let (way, tries) = ways.measure(target)?;
                (most.way, most.tries) = (most.way.max(way), most.tries.max(tries));
                waiting.extend(ways.inside(target, |_| true));
                let referred = ways.referred(target);
                targets.extend(referred.iter().map(|(target, _)| target.address()));
                waiting.extend(referred);
            }
        }
        Some(Self { targets: targets.len(), ..most })
    }
}

struct Ways<'s> {
    resolver: Resolver<'s>,
    draft: Draft,
    /// The longest way from each schema and how many are tried, by its address; none while it is looked for.
    known: HashMap<usize, Option<(usize, usize)>>,
}

/// A schema on the way.
struct Stop<'s> {
    target: Target<'s>,
    next: Vec<Target<'s>>,
    way: usize,
    tries: usize,
}

impl Stop<'_> {
    fn add(&mut self, (way, tries): (usize, usize)) {
        self.way = self.way.max(way + 1);
        self.tries = self.tries.saturating_add(tries);
    }
}

impl<'s> Ways<'s> {
    fn measure(&mut self, from: Target<'s>) -> Option<(usize, usize)> {
        if let Some(known) = self.known.get(&from.0.address()) {
            return *known;
        }
        let mut stops = vec![self.stop(from)];
        let mut found = None;
        while let Some(here) = stops.last_mut() {
            let Some(next) = here.next.pop() else {
                found = Some((here.way, here.tries));
                self.known.insert(here.target.0.address(), found);
                stops.pop();
                if let (Some(before), Some(found)) = (stops.last_mut(), found) {
                    before.add(found);
                }
                continue;
            };
            match self.known.get(&next.0.address()) {
                Some(known) => here.add((*known)?),
                None => {
                    let next = self.stop(next);
                    stops.push(next);
                }
            }
        }
        found
    }

    fn stop(&mut self, target: Target<'s>) -> Stop<'s> {
        self.known.insert(target.0.address(), None);
        let mut next = self.referred(target);
        // What stands beside a reference has no meaning in earlier drafts.
        if next.is_empty() || self.draft > Draft::Draft7 {
            next.extend(self.inside(target, |word| SAME_VALUE.contains(&word)));
        }
        Stop { target, next, way: 0, tries: 1 }
    }

    /// What a schema refers to.
    fn referred(&mut self, (json, document): Target<'s>) -> Vec<Target<'s>> {
        let references = REFERENCES.iter().filter_map(|word| json.get(word));
        references.filter_map(|reference| self.resolver.resolve(reference, document)).collect()
    }

    /// The schemas below some keywords of one.
    fn inside(&self, (json, document): Target<'s>, is_wanted: impl Fn(&str) -> bool) -> Vec<Target<'s>> {
        let mut inside = Vec::new();
        let members = json.as_object().unwrap_or_default().iter().filter(|member| is_wanted(&member.key));
        for member in members {
            match (holds(&member.key), &member.value.value) {
                (Holds::Map, Value::Object(members)) => {
                    inside.extend(members.iter().map(|member| (&member.value, document)));
                }
                (Holds::Schemas | Holds::SchemaOrSchemas, Value::Array(items)) => {
                    inside.extend(items.iter().map(|item| (item, document)));
                }
                (Holds::Schema | Holds::SchemaOrSchemas, _) => inside.push((&member.value, document)),
                _ => {}
            }
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use super::Nesting;
    use crate::schema::json::parse;

    fn nesting(text: &str) -> Option<Nesting> {
        Nesting::of(&parse(text, &[]).expect("a schema"), |_| {})
    }

    fn way(text: &str) -> Option<usize> {
        nesting(text).map(|nesting| nesting.way)
    }

    #[test]
    fn ways_through_references_and_parts() {
        assert_eq!(nesting("{}"), Some(Nesting { way: 0, tries: 1, targets: 0 }));
        assert_eq!(way(r#"{"allOf":[{"not":{}},{}],"properties":{"a":{"if":{"oneOf":[{"anyOf":[{}]}]}}}}"#), Some(3));
        let text = r##"{"properties":{"a":{"$ref":"#/d/A"}},"d":{"A":{"allOf":[{"$ref":"#/d/B"}]},"B":{"not":{}}}}"##;
        assert_eq!(nesting(text), Some(Nesting { way: 4, tries: 5, targets: 2 }));
        // A value inside is another one.
        let tree = r##"{"properties":{"l":{"$ref":"#"},"r":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}"##;
        assert_eq!(way(tree), Some(2));
        assert_eq!(way(r##"{"properties":{"a":{"allOf":[{"$ref":"#/properties/a"}]}}}"##), None);
        let recursive = r##"{"$schema":"https://json-schema.org/draft/2019-09/schema","not":{"$recursiveRef":"#"}}"##;
        assert_eq!(way(recursive), None);
    }

    #[test]
    fn long_and_many_ways_are_measured() {
        let chain = |parts: &str| {
            let of = |n: usize| format!(r#""D{n}":{{"allOf":[{}]}}"#, parts.replace("TO", &format!("#/d/D{}", n + 1)));
            let hops: Vec<_> = (0..30_000).map(of).collect();
            format!(r##"{{"$ref":"#/d/D0","d":{{{},"D30000":{{}}}}}}"##, hops.join(","))
        };
        let one = nesting(&chain(r#"{"$ref":"TO"}"#));
        assert_eq!(one, Some(Nesting { way: 60_001, tries: 60_002, targets: 30_001 }));
        assert_eq!(nesting(&chain(r#"{"$ref":"TO"},{"$ref":"TO"}"#)).map(|nesting| nesting.tries), Some(usize::MAX));
    }
}
