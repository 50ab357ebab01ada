//! The least pair that shows what a pair shows.

use serde_json::Value;

use super::Pair;

/// Takes away from both schemas and their reference what can be taken away while `shows` holds.
pub fn least(mut pair: Pair, mut shows: impl FnMut(&Pair) -> bool) -> Pair {
    loop {
        let smaller = candidates(&pair).into_iter().find(|candidate| shows(candidate));
        match smaller {
            Some(smaller) => pair = smaller,
            None => return pair,
        }
    }
}

fn candidates(pair: &Pair) -> Vec<Pair> {
    let with_reader = |reader: &Value| Pair { reader: reader.to_string(), ..pair.clone() };
    let with_writer = |writer: &Value| Pair { writer: writer.to_string(), ..pair.clone() };
    let with_reference = |reference: &Value| Pair { reference: Some(reference.to_string()), ..pair.clone() };
    // A text that is no JSON is what it is.
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    let size = |pair: &Pair| pair.reader.len() + pair.writer.len() + pair.reference.as_ref().map_or(0, String::len);
    let mut all: Vec<Pair> = Vec::new();
    all.extend(parsed(&pair.reader).iter().flat_map(smaller).map(|reader| with_reader(&reader)));
    all.extend(parsed(&pair.writer).iter().flat_map(smaller).map(|writer| with_writer(&writer)));
    if let Some(reference) = &pair.reference {
        all.push(Pair { reference: None, ..pair.clone() });
        all.extend(parsed(reference).iter().flat_map(smaller).map(|reference| with_reference(&reference)));
    }
    all.retain(|candidate| size(candidate) < size(pair));
    all.sort_by_key(size);
    all
}

/// Every value that is this one with one thing less.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => {
            let mut all: Vec<Value> = items.clone();
            for index in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(index);
                all.push(Value::Array(fewer));
                for less in smaller(&items[index]) {
                    let mut same = items.clone();
                    same[index] = less;
                    all.push(Value::Array(same));
                }
            }
            all
        }
        Value::Object(members) => {
            let mut all: Vec<Value> = members.values().filter(|value| !value.is_number()).cloned().collect();
            for (key, inner) in members {
                let mut fewer = members.clone();
                fewer.shift_remove(key);
                all.push(Value::Object(fewer));
                for less in smaller(inner) {
                    let mut same = members.clone();
                    same[key] = less;
                    all.push(Value::Object(same));
                }
            }
            all
        }
        Value::String(text) if text != "int" && text.len() > 3 => vec!["int".into()],
        _ => Vec::new(),
    }
}
