use std::collections::{HashMap, HashSet};

use super::parse::JsonSchema;
use super::resolver::Resolver;
use crate::schema::SchemaField;
use crate::schema::field::{MOST_LEVELS, Rows, joined, shown};
use crate::schema::text::{Json, Member};

/// The properties of a schema, each referenced one opened where it is first used.
pub fn fields(schema: &JsonSchema) -> Vec<SchemaField> {
    let (resolver, rows) = (Resolver::new(schema), Rows::default());
    let mut table = Table { resolver, opened: HashSet::new(), described: HashMap::new(), rows };
    table.inside(&schema.root, "", 0);
    if table.rows.are_none() && !is_object(&schema.root) {
        let field_type = table.describe(&schema.root);
        table.rows.add(SchemaField {
            path: String::new(),
            field_type,
            default: schema.root.get("default").map(Json::to_string),
            doc: text_of(&schema.root, "description"),
            required: true,
            range: Some(schema.root.range.clone()),
        });
    }
    table.rows.into_vec()
}

struct Table<'s> {
    resolver: Resolver<'s>,
    /// What a `$ref` leads to and whose properties are listed already, by its place in the text.
    opened: HashSet<usize>,
    /// What is said of schemas that a `$ref` leads to, by their place in the text.
    described: HashMap<usize, String>,
    rows: Rows,
}

impl<'s> Table<'s> {
    /// Lists the properties inside a schema, and before them those of what its `$ref` leads to. What is deeper than a table
    /// goes stands by its name.
    fn inside(&mut self, json: &'s Json<'static>, path: &str, level: usize) {
        if level > MOST_LEVELS {
            return;
        }
        // There may be a hundred thousand of them in a row.
        let mut chain = vec![json];
        let mut last = json;
        // Types of other subjects stand by their names.
        while let Some(reference) = last.get("$ref")
            && reference.as_str().is_some_and(|reference| reference.starts_with('#'))
            && let Some(target) = self.resolve(reference)
            && self.opened.insert(target.address())
        {
            chain.push(target);
            last = target;
        }
        chain.into_iter().rev().for_each(|json| self.parts(json, path, level + 1));
    }

    fn parts(&mut self, json: &'s Json<'static>, path: &str, level: usize) {
        let required: HashSet<&str> = array(json, "required").iter().filter_map(Json::as_str).collect();
        for member in json.get("properties").and_then(Json::as_object).unwrap_or_default() {
            if self.rows.are_full() {
                break;
            }
            let dot = if path.is_empty() { "" } else { "." };
            let is_required = required.contains(&*member.key);
            let inner = format!("{path}{dot}{}", member.key);
            self.row(member, inner, is_required, level);
        }
        match json.get("items") {
            Some(items) if items.as_array().is_none() => self.inside(items, &format!("{path}[]"), level),
            _ => {
                let items = array(json, "items").iter().chain(array(json, "prefixItems"));
                items.enumerate().for_each(|(index, item)| self.inside(item, &format!("{path}[{index}]"), level));
            }
        }
        if let Some(values) = json.get("additionalProperties") {
            self.inside(values, &format!("{path}{{}}"), level);
        }
        for part in array(json, "allOf") {
            self.inside(part, path, level);
        }
        let choices: Vec<&Json<'static>> = array(json, "oneOf").iter().chain(array(json, "anyOf")).collect();
        let several = choices.iter().filter(|choice| self.may_have_fields(choice)).nth(1).is_some();
        for (index, choice) in choices.into_iter().enumerate() {
            if several {
                let name = self.name(choice).unwrap_or_else(|| (index + 1).to_string());
                self.inside(choice, &format!("{path}({name})"), level);
            } else {
                self.inside(choice, path, level);
            }
        }
    }

    fn row(&mut self, property: &'s Member<'static>, path: String, required: bool, level: usize) {
        let json = &property.value;
        let target = json.get("$ref").and_then(|reference| self.resolve(reference));
        let from = |key: &str| text_of(json, key).or_else(|| text_of(target?, key));
        let field_type = self.describe(json);
        self.rows.add(SchemaField {
            path: path.clone(),
            field_type,
            default: json.get("default").map(Json::to_string),
            doc: from("description"),
            required,
            range: Some(property.key_range.clone()),
        });
        self.inside(json, &path, level);
    }

    fn resolve(&mut self, reference: &'s Json<'static>) -> Option<&'s Json<'static>> {
        self.resolver.resolve(reference, 0).map(|(target, _)| target)
    }

    fn may_have_fields(&mut self, json: &'s Json<'static>) -> bool {
        is_object(json) || json.get("$ref").is_some_and(|reference| self.resolve(reference).is_none_or(is_object))
    }

    fn name(&self, json: &Json<'static>) -> Option<String> {
        text_of(json, "title").or_else(|| json.get("$ref").and_then(Json::as_str).map(last_part))
    }

    fn describe(&mut self, json: &'s Json<'static>) -> String {
        if let Some(word) = json.get("$ref")
            && let Some(reference) = word.as_str()
        {
            let target = self.resolve(word);
            return match target {
                Some(scalar) if !is_object(scalar) && scalar.get("type").is_some() => {
                    let place = scalar.address();
                    let described = self.described.entry(place).or_insert_with(|| describe_plain(scalar));
                    format!("{} ({described})", last_part(reference))
                }
                _ => last_part(reference),
            };
        }
        let mut choices = array(json, "oneOf").iter().chain(array(json, "anyOf")).peekable();
        if choices.peek().is_some() && json.get("type").is_none() {
            return joined(choices.map(|choice| self.describe(choice)), " | ");
        }
        match json.get("type").and_then(Json::as_str) {
            Some("array") => match json.get("items") {
                Some(items) if items.as_array().is_none() => format!("array<{}>", self.describe(items)),
                _ => "array".to_owned(),
            },
            Some("object") => match json.get("additionalProperties") {
                Some(values) if values.as_object().is_some() && json.get("properties").is_none() => {
                    format!("map<{}>", self.describe(values))
                }
                _ => text_of(json, "title").unwrap_or_else(|| "object".to_owned()),
            },
            _ => describe_plain(json),
        }
    }
}

fn describe_plain(json: &Json<'_>) -> String {
    let list = |items: &[Json<'_>]| joined(items.iter().map(Json::to_string), ", ");
    let values = array(json, "enum");
    if !values.is_empty() {
        return format!("enum {{{}}}", list(values));
    }
    if let Some(only) = json.get("const") {
        return format!("const {}", shown(&only.to_string()));
    }
    let base = match json.get("type") {
        Some(name) if name.as_str().is_some() => name.as_str().unwrap_or_default().to_owned(),
        Some(names) => {
            let names = names.as_array().unwrap_or_default().iter().filter_map(Json::as_str);
            joined(names, " | ")
        }
        None if is_object(json) => "object".to_owned(),
        None => "any".to_owned(),
    };
    match json.get("format").and_then(Json::as_str) {
        Some(format) => format!("{base} ({})", shown(format)),
        None => base,
    }
}

fn is_object(json: &Json<'_>) -> bool {
    json.get("properties").is_some()
        || json.get("allOf").is_some()
        || json.get("type").and_then(Json::as_str) == Some("object")
}

fn array<'j, 't>(json: &'j Json<'t>, key: &str) -> &'j [Json<'t>] {
    json.get(key).and_then(Json::as_array).unwrap_or_default()
}

fn text_of(json: &Json<'_>, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

fn last_part(reference: &str) -> String {
    shown(reference.rsplit(['/', '#']).find(|part| !part.is_empty()).unwrap_or(reference))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::json::parse;

    /// As many definitions as properties: each `$ref` is looked up once, among what is sorted once.
    #[test]
    fn many_properties_that_are_defined_elsewhere() {
        let many = 20_000;
        let join = |of: &dyn Fn(usize) -> String| (0..many).map(of).collect::<Vec<_>>().join(",");
        let properties = join(&|index| format!(r##""p{index}":{{"$ref":"#/definitions/A{index}"}}"##));
        let definitions = join(&|index| format!(r#""A{index}":{{"type":"string","description":"d{index}"}}"#));
        let required = join(&|index| format!(r#""p{index}""#));
        let text =
            format!(r#"{{"properties":{{{properties}}},"required":[{required}],"definitions":{{{definitions}}}}}"#);
        let rows = fields(&parse(&text, &[]).expect("a schema"));
        assert_eq!(rows.len(), many);
        let last = rows.last().expect("a row");
        assert_eq!((&*last.path, &*last.field_type, last.required), ("p19999", "A19999 (string)", true));
        assert_eq!(last.doc.as_deref(), Some("d19999"));
    }

    /// On a stack as small as those of the threads that `validate` works on.
    #[test]
    fn references_that_lead_to_each_other_far_and_deep() {
        let hops = 100_000;
        let chain = |of: &dyn Fn(usize) -> String| (0..hops).map(of).collect::<Vec<_>>().join(",");
        let plain = chain(&|n| format!(r##""D{n}":{{"$ref":"#/d/D{}"}}"##, n + 1));
        let items = chain(&|n| format!(r##""D{n}":{{"items":{{"$ref":"#/d/D{}"}}}}"##, n + 1));
        let tables = [plain, items].map(|definitions| {
            let text = format!(
                r##"{{"$ref":"#/d/D0","d":{{{definitions},"D{hops}":{{"properties":{{"a":{{"type":"null"}}}}}}}}}}"##
            );
            let schema = parse(&text, &[]).expect("a schema");
            let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || fields(&schema));
            thread.expect("a thread").join().expect("a table")
        });
        assert_eq!(tables.map(|rows| rows.iter().map(|row| row.path.clone()).collect::<String>()), ["a", ""]);
    }

    #[test]
    fn what_is_used_often_does_not_multiply() {
        let long = "x".repeat(1 << 18);
        let used = |count: usize, between: &str, of: &dyn Fn(usize) -> String| {
            (0..count).map(of).collect::<Vec<_>>().join(between)
        };
        for definition in [
            format!(r#""type":"string","enum":["{long}"]"#),
            format!(r#""type":"string","description":"{long}""#),
            format!(r#""type":"string","const":["{long}"],"format":"{long}""#),
        ] {
            let properties = used(5_000, ",", &|index| format!(r##""p{index}":{{"$ref":"#/definitions/T"}}"##));
            let choices = used(5_000, ",", &|_| r##"{"$ref":"#/definitions/T"}"##.to_owned());
            let text = format!(
                r#"{{"properties":{{"one":{{"oneOf":[{choices}]}},{properties}}},"definitions":{{"T":{{{definition}}}}}}}"#
            );
            let rows = fields(&parse(&text, &[]).expect("a schema"));
            assert!((50..=5_001).contains(&rows.len()), "{}", rows.len());
            let size =
                |row: &SchemaField| row.path.len() + row.field_type.len() + row.doc.as_ref().map_or(0, String::len);
            assert!(rows.iter().map(size).sum::<usize>() < 40 << 20);
            assert!(rows[0].field_type.len() < 5_000);
        }
        // The path of each holds the long name.
        let inner = used(5_000, ",", &|index| format!(r#""p{index}":true"#));
        let text = format!(r#"{{"properties":{{"{long}":{{"properties":{{{inner}}}}}}}}}"#);
        assert!(fields(&parse(&text, &[]).expect("a schema")).len() < 500);
    }

    #[test]
    fn what_a_reference_leads_to_describes_the_property() {
        let text = r##"{"properties":{"a":{"$ref":"#/definitions/T"},"b":{"oneOf":[{"$ref":"#/definitions/R"},
            {"$ref":"#/definitions/S"}]}},"definitions":{"T":{"type":"string","format":"date"},
            "R":{"title":"R","properties":{"x":{"type":"null"}}},"S":{"properties":{"y":{"type":"integer"}}}}}"##;
        let rows = fields(&parse(text, &[]).expect("a schema"));
        let rows: Vec<_> = rows.iter().map(|row| (&*row.path, &*row.field_type)).collect();
        assert_eq!(rows, [("a", "T (string (date))"), ("b", "R | S"), ("b(R).x", "null"), ("b(S).y", "integer")]);
    }
}
