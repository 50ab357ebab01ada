//! What must hold of the records of two versions.

use super::super::schema::avro::codec::{Datum, decode, encode, sample};
use super::super::schema::avro::{AvroSchema, NamedKind, Type, TypeKind};
use super::super::schema::sample::Codec;
use super::super::schema::text::read;
use super::super::schema::{ParsedSchema, fields};

/// Values inside each other of a record that is made up.
const MOST_DEPTH: usize = 12;

/// Parts of a record that is made up.
const MOST_PARTS: usize = 1_000;

/// What is tried as a record, or as a field of one.
const VALUES: [&str; 8] = ["{}", "1", "\"\"", "\"a\"", "true", "null", "[]", "[{}]"];

/// Fields of a Protobuf message that get a value.
const MOST_FIELDS: usize = 16;

/// Records of a version come back from it as they were written, and others may refuse them.
pub fn hold(one: (&ParsedSchema, &str), other: (&ParsedSchema, &str)) {
    if let (ParsedSchema::Avro(one), ParsedSchema::Avro(other)) = (one.0, other.0) {
        avro(one, other);
    }
    let (Ok(codec), Ok(before)) = (Codec::new(one.0), Codec::new(other.0)) else { return };
    codec.only_narrows(&before);
    for text in records(one, &codec) {
        let Ok(record) = read(&text) else { continue };
        let Ok(encoded) = codec.encode(&text, &record) else { continue };
        let seen = codec.decode(&encoded, &codec);
        assert_eq!(seen, Ok(Vec::new()), "{text}");
        drop(before.decode(&encoded, &codec));
        codec.is_shown_by(&before, &text, &record);
    }
}

/// Texts that might be records.
fn records((schema, text): (&ParsedSchema, &str), codec: &Codec<'_>) -> Vec<String> {
    // A schema is a rich piece of JSON itself.
    let mut records: Vec<String> = VALUES.iter().map(|text| (*text).to_owned()).chain([text.to_owned()]).collect();
    if let ParsedSchema::Protobuf(_) = schema {
        let mut whole = Vec::new();
        for field in fields(schema).iter().filter(|field| !field.path.contains(['.', '[', '{'])).take(MOST_FIELDS) {
            let member = |value: &&str| format!("\"{}\": {value}", field.path);
            let fits = |member: &String| {
                let text = format!("{{{member}}}");
                read(&text).is_ok_and(|record| codec.encode(&text, &record).is_ok())
            };
            whole.extend(VALUES.iter().map(member).find(fits));
        }
        records.push(format!("{{{}}}", whole.join(", ")));
    }
    records
}

fn avro(one: &AvroSchema, other: &AvroSchema) {
    let mut left = MOST_PARTS;
    let Some(datum) = made_up(&one.root, one, MOST_DEPTH, &mut left) else { return };
    let bytes = encode(&datum);
    let decoded = decode(&bytes, one, one).expect("a version reads its own records");
    assert_eq!((&decoded.datum, &decoded.notes[..]), (&datum, &[][..]));
    drop(decode(&bytes, one, other));
    let text = datum.to_json(one);
    if let Ok(again) = sample(one, &read(&text).expect("JSON")) {
        assert_eq!(again.to_json(one), text);
    }
}

/// Some value of a type; none where all are large.
fn made_up(of: &Type, schema: &AvroSchema, depth: usize, left: &mut usize) -> Option<Datum> {
    *left = left.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    Some(match &of.kind {
        TypeKind::Null => Datum::Null,
        TypeKind::Boolean => Datum::Boolean(true),
        TypeKind::Int => Datum::Int(-1),
        TypeKind::Long => Datum::Long(i64::MAX),
        TypeKind::Float => Datum::Float(0.5),
        TypeKind::Double => Datum::Double(-0.5),
        TypeKind::Bytes => Datum::Bytes(vec![0xff, 0]),
        TypeKind::String => Datum::String("a\u{1F600}".to_owned()),
        TypeKind::Array(of) => Datum::Array(made_up(of, schema, depth, left).into_iter().collect()),
        TypeKind::Map(of) => {
            Datum::Map(made_up(of, schema, depth, left).map(|value| ("k".to_owned(), value)).into_iter().collect())
        }
        TypeKind::Union(branches) => {
            // The last ones are the less usual ones.
            let mut branches = branches.iter().enumerate().rev();
            let (index, value) =
                branches.find_map(|(index, branch)| Some((index, made_up(branch, schema, depth, left)?)))?;
            Datum::Union(index, Box::new(value))
        }
        TypeKind::Named(id) => match &schema.named(*id).kind {
            NamedKind::Record(fields) => {
                let values = fields.iter().map(|field| made_up(&field.field_type, schema, depth, left));
                Datum::Record(values.collect::<Option<_>>()?)
            }
            NamedKind::Enum { symbols, .. } => Datum::Enum(symbols.len().checked_sub(1)?),
            NamedKind::Fixed(size) if *size <= 1024 => Datum::Fixed(vec![b'x'; *size as usize]),
            NamedKind::Fixed(_) => return None,
        },
    })
}
