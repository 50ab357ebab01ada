//! Pairs of Avro schemas as people have them: an event of ten to thirty fields, and what somebody made of it.

use serde_json::{Value, json};

use super::Pair;

/// Numbers that are the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// How large the schemas are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Two to five fields of simple types, without documentation, as schemas of keys and of tests are.
    Small,
    /// Ten to thirty fields, some with records, enums and unions of their own, each with documentation.
    Event,
}

/// This many pairs. About three in four are compatible.
pub fn pairs(count: usize, size: Size) -> Vec<Pair> {
    let mut random = Random(0x5eed);
    let mut pairs = Vec::with_capacity(count);
    for number in 0..count {
        let name = format!("Event{number}");
        let old = match size {
            Size::Small => plain(record(&mut random, &name, 2, 4, 0)),
            Size::Event => record(&mut random, &name, 10, 21, 2),
        };
        let mut new = old.clone();
        for _ in 0..=random.below(3) {
            change(&mut new, &mut random);
        }
        pairs.push(Pair { old: old.to_string(), new: new.to_string() });
    }
    pairs
}

/// The same without documentation.
fn plain(mut schema: Value) -> Value {
    for field in schema["fields"].as_array_mut().into_iter().flatten() {
        field.as_object_mut().into_iter().for_each(|field| _ = field.remove("doc"));
    }
    schema.as_object_mut().into_iter().for_each(|record| _ = record.remove("doc"));
    schema
}

/// A record of at least so many fields and of fewer than so many more, some of which hold records themselves.
fn record(random: &mut Random, name: &str, least: usize, more: usize, depth: usize) -> Value {
    let count = least + random.below(more);
    let fields: Vec<Value> = (0..count).map(|number| field(random, name, number, depth)).collect();
    let doc = "A change that a customer made, in the order in which the changes were accepted.";
    let mut record = json!({ "type": "record", "name": name, "doc": doc, "fields": fields });
    if depth == 2 {
        record["namespace"] = json!("shop.orders.events");
    }
    record
}

fn field(random: &mut Random, record: &str, number: usize, depth: usize) -> Value {
    const WORDS: [&str; 8] = ["customer_id", "changed_at", "amount", "status", "channel", "note", "address", "items"];
    let name = format!("{}_{number}", WORDS[random.below(WORDS.len())]);
    let inner = format!("{record}_{number}");
    let doc = "What it is, and since when, in the words of those who write it.";
    let of = match random.below(100) {
        0..25 => json!("string"),
        25..35 => json!("long"),
        35..40 => json!("int"),
        40..48 => json!({ "type": "long", "logicalType": "timestamp-millis" }),
        48..54 => json!({ "type": "string", "logicalType": "uuid" }),
        54..58 => json!({ "type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2 }),
        58..62 => json!("boolean"),
        62..65 => json!("double"),
        65..73 => json!({ "type": "enum", "name": inner, "symbols": ["NEW", "PAID", "PACKED", "SENT", "RETURNED"] }),
        73..79 => json!({ "type": "array", "items": "string" }),
        79..83 => json!({ "type": "map", "values": "string" }),
        83..92 => return json!({ "name": name, "type": ["null", "string"], "default": null, "doc": doc }),
        _ if depth == 0 => json!("string"),
        92..95 => json!({ "type": "array", "items": record_inside(random, &inner, depth) }),
        95..98 => json!(["null", record_inside(random, &inner, depth)]),
        _ => record_inside(random, &inner, depth),
    };
    json!({ "name": name, "type": of, "doc": doc })
}

fn record_inside(random: &mut Random, name: &str, depth: usize) -> Value {
    record(random, name, 3, 6, depth - 1)
}

/// Does to a schema what people do. One in ten changes breaks readers.
fn change(schema: &mut Value, random: &mut Random) {
    let Some(fields) = schema["fields"].as_array_mut().filter(|fields| !fields.is_empty()) else { return };
    let index = random.below(fields.len());
    match random.below(100) {
        0..45 => fields.push(
            json!({ "name": format!("added_{index}_{}", random.next()), "type": ["null", "string"], "default": null }),
        ),
        45..50 => fields.push(json!({ "name": format!("added_{index}_{}", random.next()), "type": "string" })),
        50..65 => _ = fields.remove(index),
        65..80 => {
            let old = fields[index]["name"].take();
            fields[index]["name"] = json!(format!("renamed_{}", random.next()));
            if random.percent(80) {
                fields[index]["aliases"] = json!([old]);
            }
        }
        80..90 => fields[index]["doc"] = json!("What it is, said better."),
        _ => {
            let wider = fields.iter_mut().find(|field| field["type"] == "int");
            if let Some(field) = wider {
                field["type"] = json!("long");
            }
        }
    }
}
