//! Whether records are read as Apache Avro's own reader reads them: random schema pairs, each with a few random records
//! of the writer. `BUSCTL_TEST_SEED` gives others, `BUSCTL_AVRO_RECORDS` more.

use busctl::schema::avro::{AvroSchema, NamedKind, Type, TypeKind, codec, parse_like_java};
use busctl::schema::text;
use serde_json::{Map, Value, json};

use super::random::Random;
use super::reference::{Reading, Reference};
use super::{Pair, random_pair, resolved};

/// A record with what ours makes of it.
struct Record {
    seed: u64,
    pair: Pair,
    sample: Value,
    bytes: Vec<u8>,
    /// The record as the reader has it, or why it does not.
    ours: Result<Value, String>,
}

#[tokio::test]
async fn records_are_read_as_the_reference_reads_them() {
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (seed, count) = (number("BUSCTL_TEST_SEED", 0), number("BUSCTL_AVRO_RECORDS", 5_000));
    let mut reference = Reference::start().await;
    let (mut read, mut refused, mut given_up) = (0_u64, 0_u64, 0_u64);
    let mut next = seed.wrapping_mul(1 << 32);
    while read + refused < count {
        let records: Vec<Record> = (next..next + 2_000).flat_map(records_of).collect();
        next += 2_000;
        let answers = reference.read_all(records.iter().map(|record| (&record.pair, record.bytes.as_slice())));
        let mut wrong = Vec::new();
        for (record, theirs) in records.iter().zip(&answers) {
            let Record { seed, pair, sample, ours, .. } = record;
            // Of a record that holds itself there are no values, and Java does not come to an end with it.
            if theirs.refused.as_deref() == Some("java.lang.StackOverflowError") {
                given_up += 1;
                continue;
            }
            if !agree(ours, theirs) {
                wrong.push(format!("pair {seed}\n{pair:#?}\n{sample}\nours   {ours:?}\ntheirs {theirs:?}"));
            }
            *if ours.is_ok() { &mut read } else { &mut refused } += 1;
        }
        wrong.sort_by_key(String::len);
        let shortest: Vec<_> = wrong.iter().take(5).map(String::as_str).collect();
        assert!(wrong.is_empty(), "{} are read otherwise\n{}", wrong.len(), shortest.join("\n"));
    }
    println!("{read} read, {refused} refused, {given_up} given up");
    assert!(read * 4 > count && refused * 50 > count && given_up * 50 < count, "{read}, {refused}, {given_up}");
}

fn records_of(seed: u64) -> Vec<Record> {
    let pair = random_pair(seed);
    let reference = resolved(pair.reference.as_deref());
    let parse = |text: &str| parse_like_java(text, reference.as_slice());
    let (Ok(writer), Ok(reader)) = (parse(&pair.writer), parse(&pair.reader)) else { return Vec::new() };
    let mut random = Random::new(seed ^ 0x5eed);
    let mut records = Vec::new();
    for _ in 0..3 {
        let Some(sample) = value(&writer.root, &writer, &mut random, 0, &mut 100) else { continue };
        let text = sample.to_string();
        let datum = codec::sample(&writer, &text::read(&text).unwrap());
        let bytes = codec::encode(&datum.unwrap_or_else(|misfit| panic!("{seed}: {misfit:?}\n{pair:#?}\n{text}")));
        let decoded = codec::decode(&bytes, &writer, &reader);
        let ours = decoded.map_err(|unreadable| unreadable.message);
        let ours = ours.map(|decoded| serde_json::from_str(&decoded.datum.to_json(&reader)).unwrap());
        records.push(Record { seed, pair: pair.clone(), sample, bytes, ours });
    }
    records
}

/// A random value in Avro's JSON encoding; none where the type needs one that does not end soon.
fn value(of: &Type, schema: &AvroSchema, random: &mut Random, depth: usize, left: &mut usize) -> Option<Value> {
    if of.kind == TypeKind::Null {
        return Some(Value::Null);
    }
    *left = left.checked_sub(1).filter(|_| depth < 8)?;
    let mut deeper = |of: &Type, random: &mut Random| value(of, schema, random, depth + 1, left);
    Some(match &of.kind {
        TypeKind::Null => Value::Null,
        TypeKind::Boolean => json!(random.percent(50)),
        TypeKind::Int => json!([0, -1, 64, 16_777_217, i32::MIN, i32::MAX][random.below(6)]),
        TypeKind::Long => json!([0, -65, 16_777_217, 9_007_199_254_740_993, i64::MIN, i64::MAX][random.below(6)]),
        TypeKind::Float => {
            [json!(0.5), json!(-3), json!(1e30), json!("NaN"), json!("-Infinity")][random.below(5)].clone()
        }
        // Java 1.12.0 reads arrays of doubles through floats, which have no larger numbers.
        TypeKind::Double => {
            [json!(0.1), json!(-3), json!(-2.5e30), json!("NaN"), json!("Infinity")][random.below(5)].clone()
        }
        TypeKind::Bytes => json!(["", "ab", "\u{ff}\u{0}", "\u{c3}\u{a4}x"][random.below(4)]),
        TypeKind::String => json!(["", "ab", "\u{e4}", "\u{1F600}\n"][random.below(4)]),
        TypeKind::Array(of) => match (0..random.below(3)).map(|_| deeper(of, random)).collect() {
            Some(items) => Value::Array(items),
            None => json!([]),
        },
        TypeKind::Map(of) => match ["a", "\u{e4}"]
            .iter()
            .take(random.below(3))
            .map(|key| Some(((*key).to_owned(), deeper(of, random)?)))
            .collect()
        {
            Some(entries) => Value::Object(entries),
            None => json!({}),
        },
        TypeKind::Union(branches) => {
            let first = random.below(branches.len());
            (0..branches.len()).find_map(|offset| {
                let branch = &branches[(first + offset) % branches.len()];
                let inner = deeper(branch, random)?;
                Some(if branch.kind == TypeKind::Null { inner } else { json!({ name(branch, schema): inner }) })
            })?
        }
        TypeKind::Named(id) => match &schema.named(*id).kind {
            NamedKind::Enum { symbols, .. } => json!(symbols.get(random.below(symbols.len()))?),
            NamedKind::Fixed(size) if *size < 100 => json!("\u{e4}".repeat(*size as usize)),
            NamedKind::Fixed(_) => return None,
            NamedKind::Record(fields) => {
                let fields = fields.iter().map(|field| Some((field.name.clone(), deeper(&field.field_type, random)?)));
                Value::Object(fields.collect::<Option<Map<String, Value>>>()?)
            }
        },
    })
}

fn name<'s>(branch: &'s Type, schema: &'s AvroSchema) -> &'s str {
    match &branch.kind {
        TypeKind::Null => "null",
        TypeKind::Boolean => "boolean",
        TypeKind::Int => "int",
        TypeKind::Long => "long",
        TypeKind::Float => "float",
        TypeKind::Double => "double",
        TypeKind::Bytes => "bytes",
        TypeKind::String => "string",
        TypeKind::Array(_) => "array",
        TypeKind::Map(_) => "map",
        TypeKind::Union(_) => unreachable!("a union holds no union"),
        TypeKind::Named(id) => &schema.named(*id).name,
    }
}

fn agree(ours: &Result<Value, String>, theirs: &Reading) -> bool {
    match (ours, theirs) {
        (Ok(ours), Reading { read, whole: Some(true), .. }) => same(ours, read),
        (Err(_), Reading { refused: Some(_), .. }) => true,
        _ => false,
    }
}

/// Whether two records are the same. Java widens a float to write it, and keeps arrays of doubles as floats.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let (a, b) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            one == other || a == b || a as f32 == b as f32 && one.is_f64() && other.is_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}
