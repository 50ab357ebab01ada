//! Random changes that people make to schemas.

use serde_json::{Value, json};

use super::generate::{FIELDS, NAMES, NAMESPACES, PRIMITIVES, aliases, any_value, part, short, symbols};
use super::random::Random;

/// Changes one thing.
pub fn change(schema: &mut Value, random: &mut Random) {
    let mut places = Vec::new();
    types(schema, String::new(), &mut places);
    let names: Vec<String> = named(schema);
    let records: Vec<&String> = places.iter().filter(|place| is(schema, place, &["record", "error"])).collect();
    // Most changes are to records.
    if !records.is_empty() && random.percent(60) {
        let place = records[random.below(records.len())].clone();
        if let Some(fields) = schema.pointer_mut(&place).and_then(|record| record["fields"].as_array_mut()) {
            return change_fields(fields, random, &names);
        }
    }
    let place = places[random.below(places.len())].clone();
    match schema.pointer_mut(&place) {
        Some(of) if of.get("name").is_some() => {
            let old = of["name"].clone();
            let is_followed = change_named(of, random);
            let new = of["name"].clone();
            if is_followed && old != new {
                rename(schema, &old, &new);
            }
        }
        Some(of) => change_type(of, random, &names),
        None => {}
    }
}

fn is(schema: &Value, place: &str, words: &[&str]) -> bool {
    schema.pointer(place).and_then(|of| of["type"].as_str()).is_some_and(|word| words.contains(&word))
}

/// The JSON pointers of all types.
fn types(of: &Value, place: String, places: &mut Vec<String>) {
    match of {
        Value::Array(branches) => {
            for (index, branch) in branches.iter().enumerate() {
                types(branch, format!("{place}/{index}"), places);
            }
        }
        Value::Object(members) => {
            for key in ["items", "values"] {
                if let Some(inner) = members.get(key) {
                    types(inner, format!("{place}/{key}"), places);
                }
            }
            for (index, field) in of["fields"].as_array().into_iter().flatten().enumerate() {
                types(&field["type"], format!("{place}/fields/{index}/type"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}

/// The names of all definitions.
pub fn named(schema: &Value) -> Vec<String> {
    let mut places = Vec::new();
    types(schema, String::new(), &mut places);
    let names = places.iter().filter_map(|place| schema.pointer(place)?["name"].as_str());
    names.map(str::to_owned).collect()
}

/// Writes the new name wherever the old one is used.
fn rename(of: &mut Value, old: &Value, new: &Value) {
    match of {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, old, new)),
        Value::Object(members) => {
            let keys = members.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "name" | "default" | "aliases"));
            keys.for_each(|(_, value)| rename(value, old, new));
        }
        text if text == old => *text = new.clone(),
        _ => {}
    }
}

fn change_fields(fields: &mut Vec<Value>, random: &mut Random, names: &[String]) {
    let at = random.below(fields.len());
    match random.below(13) {
        0..4 => {
            let mut field = json!({ "name": FIELDS[random.below(FIELDS.len())], "type": part(random, names) });
            if random.percent(15) {
                field["default"] = any_value(random, 1);
            }
            if random.percent(20) {
                field["type"] = json!(["null", "string"]);
                field["default"] = Value::Null;
            }
            fields.insert(random.below(fields.len() + 1), field);
        }
        4 | 5 if !fields.is_empty() => _ = fields.remove(at),
        6 if fields.len() > 1 => {
            let moved = fields.remove(at);
            fields.insert(random.below(fields.len() + 1), moved);
        }
        7 | 8 if !fields.is_empty() => {
            let old = fields[at]["name"].clone();
            fields[at]["name"] = json!(FIELDS[random.below(FIELDS.len())]);
            if random.percent(60) {
                fields[at]["aliases"] = json!([old]);
            }
        }
        9 if !fields.is_empty() => {
            if let Some(field) = fields[at].as_object_mut() {
                field.shift_remove("default");
            }
        }
        10 if !fields.is_empty() => fields[at]["aliases"] = json!([FIELDS[random.below(FIELDS.len())]]),
        _ if !fields.is_empty() => change_type(&mut fields[at]["type"], random, names),
        _ => {}
    }
}

/// Whether uses of the name are to follow.
fn change_named(of: &mut Value, random: &mut Random) -> bool {
    match random.below(9) {
        0 | 1 => {
            let old = of["name"].clone();
            of["name"] = json!(NAMES[random.below(NAMES.len())]);
            if random.percent(50) {
                of["aliases"] = json!([old]);
            }
        }
        2 => {
            // Into another namespace.
            let name = short(of["name"].as_str().unwrap_or("R")).to_owned();
            of["name"] = json!(format!("{}.{name}", random.one(&["n", "m", "n.k"])));
        }
        3 => of["namespace"] = json!(NAMESPACES[random.below(NAMESPACES.len())]),
        4 => of["aliases"] = aliases(random),
        5 if of["type"] == "enum" => of["symbols"] = json!(symbols(random)),
        5 if of["type"] == "fixed" => of["size"] = json!(4 + 4 * random.below(3)),
        6 if of["type"] == "enum" => {
            let default = of["symbols"].get(0).cloned().unwrap_or(json!("A"));
            match of.as_object_mut() {
                Some(members) if members.contains_key("default") => _ = members.shift_remove("default"),
                _ => of["default"] = default,
            }
        }
        7 => {
            // Another kind of the same name.
            let name = of["name"].clone();
            *of = match random.below(3) {
                0 => json!({ "type": "record", "name": name, "fields": [] }),
                1 => json!({ "type": "enum", "name": name, "symbols": symbols(random) }),
                _ => json!({ "type": "fixed", "name": name, "size": 4 }),
            };
        }
        _ => {
            // The definition gives way to its name, which may be defined elsewhere.
            if random.percent(30) {
                *of = of["name"].clone();
            } else {
                *of = json!(["null", of]);
            }
        }
    }
    random.percent(85)
}

fn change_type(of: &mut Value, random: &mut Random, names: &[String]) {
    match random.below(8) {
        0 | 1 => *of = json!(PRIMITIVES[random.below(PRIMITIVES.len())]),
        2 => *of = part(random, names),
        3 if !of.is_array() => *of = json!(["null", of]),
        3 | 4 if of.is_array() => {
            let branches = of.as_array().map_or(0, Vec::len);
            if branches > 0 {
                *of = of[random.below(branches)].clone();
            }
        }
        4 => *of = json!([of, "string"]),
        5 if of.is_array() => {
            if let Some(branches) = of.as_array_mut() {
                branches.insert(random.below(branches.len() + 1), part(random, names));
            }
        }
        6 if of.is_array() => {
            if let Some(branches) = of.as_array_mut().filter(|branches| !branches.is_empty()) {
                branches.remove(random.below(branches.len()));
            }
        }
        7 if of.is_array() => {
            if let Some(branches) = of.as_array_mut() {
                branches.reverse();
            }
        }
        _ => {
            // Up the ladder of numbers, or down.
            let ladder = ["int", "long", "float", "double"];
            let step = ladder.iter().position(|word| of == word);
            if let Some(step) = step {
                *of = json!(ladder[(step + 1 + random.below(3)) % 4]);
            } else if of == "bytes" || of == "string" {
                *of = json!(if of == "bytes" { "string" } else { "bytes" });
            } else {
                *of = json!({ "type": random.one(&["array", "map"]), "items": of, "values": of });
            }
        }
    }
}
