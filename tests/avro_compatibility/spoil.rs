//! Random mistakes, in schemas and in their text.

use serde_json::{Value, json};

use super::generate::any_value;
use super::random::Random;

/// Makes a mistake somewhere.
pub fn spoil(schema: &mut Value, random: &mut Random) {
    let mut places = Vec::new();
    values(schema, String::new(), &mut places);
    let place = places[random.below(places.len())].clone();
    let Some(value) = schema.pointer_mut(&place) else { return };
    let names =
        ["", "1a", "a-b", "é", "日本", "a.b", "a..b", ".a", "a.", " ", "int", "string", "record", "ﬁ", "a²", "٣"];
    match (random.below(8), &mut *value) {
        (0 | 1, Value::Object(members)) if !members.is_empty() => {
            let key = members.keys().nth(random.below(members.len())).cloned().unwrap_or_default();
            members.shift_remove(&key);
        }
        (2, Value::Object(members)) if !members.is_empty() => {
            let key = members.keys().nth(random.below(members.len())).cloned().unwrap_or_default();
            members[&key] = any_value(random, 1);
        }
        (3, Value::Object(members)) => {
            let keys = ["name", "namespace", "aliases", "default", "order", "size", "symbols", "items", "type", "doc"];
            let key = random.one(&keys);
            let odd = if random.percent(50) { json!(random.one(&names)) } else { any_value(random, 2) };
            members.insert(key.to_owned(), odd);
        }
        (4, Value::Object(_)) => value["name"] = json!(random.one(&names)),
        (5, Value::Array(items)) if !items.is_empty() => {
            let twice = items[random.below(items.len())].clone();
            items.insert(random.below(items.len() + 1), twice);
        }
        (6, Value::String(_)) => *value = json!(random.one(&names)),
        (6, Value::Number(number)) => *value = json!(number.to_string()),
        (_, Value::Number(_)) => {
            let odd = [
                json!(-1),
                json!(4.0),
                json!(2_147_483_640),
                json!(2_147_483_639),
                json!(1e3),
                json!(4_294_967_300_u64),
            ];
            *value = odd[random.below(odd.len())].clone();
        }
        _ => *value = any_value(random, 2),
    }
}

/// The JSON pointers of all values.
fn values(of: &Value, place: String, places: &mut Vec<String>) {
    match of {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| values(item, format!("{place}/{index}"), places));
        }
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| values(value, format!("{place}/{key}"), places));
        }
        _ => {}
    }
    places.push(place);
}

/// The text of a schema: now and then not in the form that most parsers take.
pub fn text(schema: &Value, random: &mut Random) -> String {
    let text = schema.to_string();
    match random.below(150) {
        0 => format!("/* a comment */ {text}"),
        1 => text.replacen(',', ", // a comment\n", 1),
        2 => format!("{text} // a comment"),
        3 => format!("{text} \u{b}\0"),
        4 => format!("{text}}}"),
        5 => text.replacen("\"name\":", "\"name\":\"Other\",\"name\":", 1),
        6 => text.replacen("\"type\":", "\"type\":5,\"type\":", 1),
        7 => text.replacen("\"type\":", "\"doc\":\"\\ud800\",\"type\":", 1),
        8 => text.replacen("\"type\":", "\"doc\":\"\\u00e9\\ud83d\\ude00\",\"type\":", 1),
        9 => text.replacen('}', ",}", 1),
        10 => text.replacen("\"size\":", "\"size\":0", 1),
        11 => text.replacen("\"size\":", "\"size\":-", 1),
        12 => format!("\u{feff}{text}"),
        13 => text.chars().take(random.below(text.chars().count() + 1)).collect(),
        14 => format!("\t\r\n {text}"),
        15 => text.replacen("\"default\":", "\"default\":\"1f\",\"unused\":", 1),
        16 => text.replacen("\"default\":", "\"default\":9223372036854775808,\"unused\":", 1),
        17 => text.replacen("\"default\":", "\"default\":1e2,\"unused\":", 1),
        _ => text,
    }
}
