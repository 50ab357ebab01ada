//! Where records say which schema they are of.

use uuid::Uuid;

use crate::ports::records::Record;
use crate::ports::schemas::{LatestSchema, SchemaId};
use crate::resources::schema::Part;
use crate::schema::sample::Message;

/// The most indexes that lead to a message of Protobuf.
const MOST_INDEXES: i64 = 64;

/// Where the id of a schema stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// In a header of its own (Confluent Platform 8), behind a byte that says of which kind it is.
    Header,
    /// In a header of Apicurio, as eight bytes.
    ApicurioHeader,
    /// In front of the bytes: a zero and four bytes.
    Four,
    /// In front of the bytes: a zero and eight bytes, which Apicurio writes unless it is told to be like Confluent.
    Eight,
}

/// What a key or a value says of its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'r> {
    /// The schema.
    pub id: SchemaId,
    /// Where it says so.
    pub framing: Framing,
    /// What stands behind the id in the header: of Protobuf, which message it is.
    beside: &'r [u8],
    /// The rest of the bytes.
    body: &'r [u8],
}

/// How a message of Protobuf is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// By its place in the file, as Confluent does.
    Indexes,
    /// By its name, as Apicurio does.
    Name,
}

impl Framing {
    /// In words, behind "by".
    pub fn words(self) -> &'static str {
        match self {
            Self::Header | Self::ApicurioHeader => "its header",
            Self::Four => "the four bytes in front",
            Self::Eight => "the eight bytes in front",
        }
    }
}

/// The header that has the id of a part's schema.
pub fn id_header(part: Part) -> &'static str {
    match part {
        Part::Key => "__key_schema_id",
        Part::Value => "__value_schema_id",
    }
}

/// The header in which Apicurio has it.
fn apicurio_header(part: Part) -> &'static str {
    match part {
        Part::Key => "apicurio.key.contentId",
        Part::Value => "apicurio.value.contentId",
    }
}

/// Whether a header says which schema a part is of.
pub fn is_id_header(name: &str) -> bool {
    [Part::Key, Part::Value].iter().any(|part| name == id_header(*part) || name == apicurio_header(*part))
}

/// The id in the value of such a header, in words.
pub fn id_in_header(name: &str, value: &[u8]) -> Option<String> {
    match name.starts_with("apicurio.") {
        true => Some(u64::from_be_bytes(value.try_into().ok()?).to_string()),
        false => of_header(value).map(|(id, _)| id.to_string()),
    }
}

/// The id in the value of Confluent's header, and what stands behind it.
fn of_header(value: &[u8]) -> Option<(SchemaId, &[u8])> {
    match value.split_first()? {
        (0, rest) => {
            let (id, rest) = rest.split_first_chunk::<4>()?;
            Some((SchemaId::Number(u32::from_be_bytes(*id).into()), rest))
        }
        (1, rest) => {
            let (id, rest) = rest.split_first_chunk::<16>()?;
            Some((SchemaId::Guid(Uuid::from_bytes(*id)), rest))
        }
        _ => None,
    }
}

/// What a part of a record says of its schema, by its headers before its bytes: what is in a header is there for that alone,
/// and a zero may be anything.
pub fn claim<'r>(letter: &Record<'r>, part: Part, bytes: &'r [u8]) -> Option<Claim<'r>> {
    let header = |name: &str| letter.headers.iter().rev().find(|header| header.name == name)?.value;
    if let Some((id, beside)) = header(id_header(part)).and_then(of_header) {
        return Some(Claim { id, framing: Framing::Header, beside, body: bytes });
    }
    let apicurio = header(apicurio_header(part)).and_then(|value| <[u8; 8]>::try_from(value).ok());
    if let Some(id) = apicurio {
        let id = SchemaId::Number(u64::from_be_bytes(id));
        return Some(Claim { id, framing: Framing::ApicurioHeader, beside: &[], body: bytes });
    }
    let (0, rest) = bytes.split_first()? else { return None };
    let (four, body) = rest.split_first_chunk::<4>()?;
    match u32::from_be_bytes(*four) {
        // No registry has an id of zero: these are the first half of eight bytes.
        0 => {
            let (eight, body) = rest.split_first_chunk::<8>()?;
            let id = SchemaId::Number(u64::from_be_bytes(*eight));
            Some(Claim { id, framing: Framing::Eight, beside: &[], body })
        }
        id => Some(Claim { id: SchemaId::Number(id.into()), framing: Framing::Four, beside: &[], body }),
    }
}

impl<'r> Claim<'r> {
    /// The bytes behind the id.
    pub fn body(&self) -> &'r [u8] {
        self.body
    }

    /// What the bytes may be of, in a file of Protobuf: which message, the bytes of that, and how it is named.
    pub fn messages(&self) -> Vec<(Option<Message>, &'r [u8], Naming)> {
        let mut found = Vec::new();
        if self.framing == Framing::Header {
            let message = indexes(self.beside).map(|(place, _)| Message::At(place));
            found.push((message, self.body, Naming::Indexes));
            return found;
        }
        found.extend(indexes(self.body).map(|(place, rest)| (Some(Message::At(place)), rest, Naming::Indexes)));
        found.extend(name(self.body).map(|(name, rest)| (Some(Message::Named(name)), rest, Naming::Name)));
        if self.framing == Framing::ApicurioHeader {
            found.push((None, self.body, Naming::Name));
        }
        found
    }
}

/// The indexes of a message: how many there are, then each; a single zero is the first message.
fn indexes(bytes: &[u8]) -> Option<(Vec<i32>, &[u8])> {
    let (count, mut rest) = zigzag(bytes)?;
    match count {
        0 => Some((vec![0], rest)),
        1..=MOST_INDEXES => {
            let mut place = Vec::new();
            for _ in 0..count {
                let (index, behind) = zigzag(rest)?;
                place.push(i32::try_from(index).ok()?);
                rest = behind;
            }
            Some((place, rest))
        }
        _ => None,
    }
}

/// The name of a message: a message of its own in front, whose first field it is.
fn name(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = varint(bytes)?;
    let (reference, body) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let (tag, name) = reference.split_first()?;
    let (length, name) = varint(name)?;
    let is_all = *tag == 0x0a && length == name.len() as u64;
    is_all.then(|| String::from_utf8(name.to_vec()).ok())?.map(|name| (name, body))
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at).min(63);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

fn zigzag(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (value, rest) = varint(bytes)?;
    Some(((value >> 1) as i64 ^ -((value & 1) as i64), rest))
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_indexes(place: &[i32], out: &mut Vec<u8>) {
    let put = |value: i64, out: &mut Vec<u8>| put_varint(((value << 1) ^ (value >> 63)) as u64, out);
    if place == [0] {
        return out.push(0);
    }
    put(place.len() as i64, out);
    place.iter().for_each(|index| put((*index).into(), out));
}

/// What is written in the place of a part: its bytes, and the new value of the header that has its id.
pub type Framed = (Vec<u8>, Option<Vec<u8>>);

/// Writes a record of another version as the one before was written. `message` is the name and the place of its message in a
/// file of Protobuf.
///
/// # Errors
///
/// The id of the version does not fit where the one before stood.
pub fn framed(
    framing: Framing,
    latest: &LatestSchema,
    message: Option<(Naming, &str, &[i32])>,
    body: &[u8],
) -> Result<Framed, String> {
    let put_message = |out: &mut Vec<u8>| match message {
        None => {}
        Some((Naming::Indexes, _, place)) => put_indexes(place, out),
        Some((Naming::Name, name, _)) => {
            // The package is that of the file.
            let name = name.rsplit('.').next().unwrap_or(name);
            let mut reference = vec![0x0a];
            put_varint(name.len() as u64, &mut reference);
            reference.extend(name.as_bytes());
            put_varint(reference.len() as u64, out);
            out.extend(reference);
        }
    };
    let four = || {
        let id =
            u32::try_from(latest.id).map_err(|_| format!("schema id {} does not fit into four bytes", latest.id))?;
        Ok::<_, String>([&[0], &id.to_be_bytes()[..]].concat())
    };
    match framing {
        Framing::Header => {
            let mut header = match latest.guid {
                Some(guid) => [&[1], &guid.as_bytes()[..]].concat(),
                None => four()?,
            };
            put_message(&mut header);
            Ok((body.to_vec(), Some(header)))
        }
        Framing::ApicurioHeader => {
            let mut out = Vec::new();
            put_message(&mut out);
            out.extend(body);
            Ok((out, Some(latest.id.to_be_bytes().to_vec())))
        }
        Framing::Four | Framing::Eight => {
            let mut out = match framing {
                Framing::Four => four()?,
                _ => [&[0], &latest.id.to_be_bytes()[..]].concat(),
            };
            put_message(&mut out);
            out.extend(body);
            Ok((out, None))
        }
    }
}

/// The header whose value [`framed`] makes anew.
pub fn framing_header(framing: Framing, part: Part) -> Option<&'static str> {
    match framing {
        Framing::Header => Some(id_header(part)),
        Framing::ApicurioHeader => Some(apicurio_header(part)),
        Framing::Four | Framing::Eight => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ports::records::Header;
    use crate::ports::schemas::StoredSchema;
    use crate::schema::SchemaFormat;

    fn latest(id: u64, guid: Option<Uuid>) -> LatestSchema {
        let schema = StoredSchema { format: SchemaFormat::Avro, text: String::new(), references: Vec::new() };
        LatestSchema { version: 1, id, guid, schema }
    }

    fn letter<'r>(headers: &'r [Header<'r>]) -> Record<'r> {
        Record { partition: 0, offset: 0, timestamp: None, key: None, value: None, headers }
    }

    #[test]
    fn an_id_is_found_wherever_it_stands() {
        let found = |headers: &[Header<'_>], bytes: &[u8]| {
            claim(&letter(headers), Part::Value, bytes).map(|claim| (claim.id, claim.framing, claim.body.to_vec()))
        };
        let number = SchemaId::Number;
        assert_eq!(found(&[], b"\x00\x00\x00\x00\x07ab"), Some((number(7), Framing::Four, b"ab".to_vec())));
        let eight = b"\x00\x00\x00\x00\x00\x00\x00\x00\x09ab";
        assert_eq!(found(&[], eight), Some((number(9), Framing::Eight, b"ab".to_vec())));
        for none in [&b""[..], b"\x00\x00\x00\x01", b"{\"a\":1}", b"\x00\x00\x00\x00\x00\x00"] {
            assert_eq!(found(&[], none), None);
        }
        let guid = Uuid::from_u128(0x1234_5678);
        let value = [&[1], &guid.as_bytes()[..]].concat();
        let header = |name, value| [Header { name, value: Some(value) }];
        let of_value = header("__value_schema_id", &value);
        assert_eq!(found(&of_value, b"ab"), Some((SchemaId::Guid(guid), Framing::Header, b"ab".to_vec())));
        assert_eq!(found(&header("__key_schema_id", &value), b"ab"), None);
        let four = header("__value_schema_id", b"\x00\x00\x00\x00\x05");
        assert_eq!(
            found(&four, b"\x00\x00\x00\x00\x07"),
            Some((number(5), Framing::Header, b"\x00\x00\x00\x00\x07".to_vec()))
        );
        let apicurio = header("apicurio.value.contentId", b"\x00\x00\x00\x00\x00\x00\x00\x03");
        assert_eq!(found(&apicurio, b"ab"), Some((number(3), Framing::ApicurioHeader, b"ab".to_vec())));
        // A header that says nothing is none.
        assert_eq!(found(&header("__value_schema_id", b"\x02"), b"ab"), None);
    }

    #[test]
    fn a_message_of_protobuf_is_named_in_several_ways() {
        let messages = |bytes: &'static [u8]| {
            let framed = [&b"\x00\x00\x00\x00\x07"[..], bytes].concat();
            let claimed = claim(&letter(&[]), Part::Value, &framed).expect("a claim");
            claimed.messages().into_iter().map(|(message, rest, _)| (message, rest.to_vec())).collect::<Vec<_>>()
        };
        let at = |place: &[i32], rest: &[u8]| (Some(Message::At(place.to_vec())), rest.to_vec());
        assert_eq!(messages(b"\x00\x08\x01"), [at(&[0], b"\x08\x01")]);
        assert_eq!(messages(b"\x02\x02\x08\x01"), [at(&[1], b"\x08\x01")]);
        assert_eq!(messages(b"\x04\x02\x00\x08\x01"), [at(&[1, 0], b"\x08\x01")]);
        assert_eq!(messages(b"\x03\x0a\x01A\x08\x01"), [(Some(Message::Named("A".into())), b"\x08\x01".to_vec())]);
    }

    #[test]
    fn a_header_of_an_id_is_read_for_people() {
        assert_eq!(id_in_header("__key_schema_id", b"\x00\x00\x00\x00\x05").as_deref(), Some("5"));
        assert_eq!(id_in_header("apicurio.key.contentId", &9_u64.to_be_bytes()).as_deref(), Some("9"));
        assert_eq!(id_in_header("__key_schema_id", b"\x07"), None);
        assert!(is_id_header("__value_schema_id") && !is_id_header("trace"));
    }

    #[test]
    fn an_id_must_fit_where_it_is_to_stand() {
        assert!(framed(Framing::Four, &latest(1 << 33, None), None, b"").is_err());
        let (bytes, header) = framed(Framing::Header, &latest(5, None), None, b"ab").expect("it fits");
        assert_eq!((bytes.as_slice(), header.as_deref()), (&b"ab"[..], Some(&b"\x00\x00\x00\x00\x05"[..])));
    }

    proptest! {
        #[test]
        fn what_is_written_is_found_again(
            id in 1..u32::MAX, eight: bool, place in proptest::collection::vec(0..1000, 1..5), body: Vec<u8>,
        ) {
            let framing = if eight { Framing::Eight } else { Framing::Four };
            let message = Some((Naming::Indexes, "a.A", &place[..]));
            let (bytes, _) = framed(framing, &latest(id.into(), None), message, &body).expect("it fits");
            let claimed = claim(&letter(&[]), Part::Value, &bytes).expect("a claim");
            prop_assert_eq!((claimed.id, claimed.framing), (SchemaId::Number(id.into()), framing));
            let (message, rest, _) = claimed.messages().swap_remove(0);
            prop_assert_eq!((message, rest), (Some(Message::At(place)), &body[..]));
        }

        #[test]
        fn any_bytes_are_looked_at(bytes: Vec<u8>) {
            if let Some(claimed) = claim(&letter(&[]), Part::Key, &bytes) {
                claimed.messages();
            }
            of_header(&bytes);
            name(&bytes);
        }
    }
}
