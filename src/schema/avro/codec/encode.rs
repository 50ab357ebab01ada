use super::datum::Datum;

/// The binary encoding of a value. Arrays and maps are one block.
pub fn encode(datum: &Datum) -> Vec<u8> {
    let mut out = Vec::new();
    write(datum, &mut out);
    out
}

fn write(datum: &Datum, out: &mut Vec<u8>) {
    match datum {
        Datum::Null => {}
        Datum::Boolean(value) => out.push(u8::from(*value)),
        Datum::Int(value) => write_long(i64::from(*value), out),
        Datum::Long(value) => write_long(*value, out),
        Datum::Float(value) => out.extend(value.to_le_bytes()),
        Datum::Double(value) => out.extend(value.to_le_bytes()),
        Datum::Bytes(bytes) => write_bytes(bytes, out),
        Datum::String(text) => write_bytes(text.as_bytes(), out),
        Datum::Array(items) => write_block(items.iter(), out, write),
        Datum::Map(entries) => write_block(entries.iter(), out, |(key, value), out| {
            write_bytes(key.as_bytes(), out);
            write(value, out);
        }),
        Datum::Union(branch, value) => {
            write_long(*branch as i64, out);
            write(value, out);
        }
        Datum::Enum(symbol) => write_long(*symbol as i64, out),
        Datum::Fixed(bytes) => out.extend(bytes),
        Datum::Record(fields) => fields.iter().for_each(|field| write(field, out)),
    }
}

fn write_block<T>(items: impl ExactSizeIterator<Item = T>, out: &mut Vec<u8>, write: impl Fn(T, &mut Vec<u8>)) {
    if items.len() > 0 {
        write_long(items.len() as i64, out);
        items.for_each(|item| write(item, out));
    }
    write_long(0, out);
}

fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_long(bytes.len() as i64, out);
    out.extend(bytes);
}

/// Zigzag, seven bits a byte, the lowest first.
fn write_long(value: i64, out: &mut Vec<u8>) {
    let mut left = ((value << 1) ^ (value >> 63)) as u64;
    while left >= 0x80 {
        out.push(left as u8 | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
}
