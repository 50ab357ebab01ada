use std::collections::{HashMap, VecDeque};
use std::mem::Discriminant;
use std::ops::Range;

use super::datum::{Datum, branch_name};
use super::default::of_default;
use super::lookup::Symbols;
use super::note::{Decoded, Note, Oddity};
use super::resolve::{Resolver, fields_of, is_promoted};
use super::{MOST_DEPTH, MOST_VALUES};
use crate::schema::avro::model::{AvroSchema, Field, NamedId, NamedKind, Type, TypeKind};
use crate::schema::error::quoted;
use crate::schema::sample::{Step, Unreadable};

/// Why decoding ends.
pub(super) enum Stop {
    /// The reader's schema does not read what stands there.
    Refused(Box<Unreadable>),
    /// A default of the reader does not fit its type.
    BadDefault,
    /// There are more values than anybody needs, or they are too deep inside each other.
    TooMuch,
    /// The bytes end too early, or mean nothing: they are not what the writer's schema writes.
    Torn,
}

/// Decodes what was written with `writer` as a consumer with `reader` does.
///
/// # Errors
///
/// That consumer cannot read it, or the bytes are not of the writer's schema.
pub fn decode(bytes: &[u8], writer: &AvroSchema, reader: &AvroSchema) -> Result<Decoded, Unreadable> {
    let mut decoder = Decoder {
        resolver: Resolver::new(writer, reader),
        symbols: Symbols::default(),
        bytes,
        path: Vec::new(),
        notes: Vec::new(),
        values: MOST_VALUES,
        outside: 0,
    };
    if let Some((record, name)) = decoder.resolver.aliases.clash(writer) {
        let message =
            format!("two fields of {} are {} for the reader, by its aliases", quoted(&record.name), quoted(name));
        return Err(decoder.unreadable(message, Some("remove one of the aliases"), None));
    }
    let result = decoder.value(&writer.root, &reader.root);
    match result {
        Ok(datum) => Ok(Decoded { datum, behind: decoder.bytes.len(), notes: decoder.notes }),
        Err(Stop::Refused(unreadable)) => Err(*unreadable),
        Err(Stop::BadDefault) => Err(decoder.unreadable(
            "a default that the reader needs does not fit its type".to_owned(),
            Some("correct the default"),
            None,
        )),
        Err(Stop::TooMuch) => Err(decoder.unreadable(
            format!("for the reader it has more than {MOST_VALUES} values, or {MOST_DEPTH} inside each other"),
            Some("make the record, or the defaults of the reader, smaller"),
            None,
        )),
        Err(Stop::Torn) => Err(decoder.unreadable("its bytes are not of the writer's schema".to_owned(), None, None)),
    }
}

struct Decoder<'s, 'b> {
    resolver: Resolver<'s>,
    symbols: Symbols<'s>,
    bytes: &'b [u8],
    path: Vec<Step>,
    notes: Vec<Note>,
    /// Values that may still be read.
    values: usize,
    /// How many types of references the present one lies in: their places are in another text.
    outside: usize,
}

impl<'s> Decoder<'s, '_> {
    fn unreadable(&self, message: String, help: Option<&str>, reader: Option<Range<usize>>) -> Unreadable {
        let reader = reader.filter(|_| self.outside == 0);
        Unreadable { message, help: help.map(str::to_owned), path: self.path.clone(), reader }
    }

    fn refuse<T>(&self, message: String, help: &str, reader: Range<usize>) -> Result<T, Stop> {
        Err(Stop::Refused(Box::new(self.unreadable(message, Some(help), Some(reader)))))
    }

    fn note(&mut self, what: Oddity, reader: &Range<usize>) {
        let reader = Some(reader.clone()).filter(|_| self.outside == 0);
        self.notes.push(Note { path: self.path.clone(), what, reader });
    }

    fn count(&mut self) -> Result<(), Stop> {
        self.values = self.values.checked_sub(1).ok_or(Stop::TooMuch)?;
        if self.path.len() > MOST_DEPTH { Err(Stop::TooMuch) } else { Ok(()) }
    }

    /// Reads a value of the writer's type as one of the reader's.
    fn value(&mut self, writer: &'s Type, reader: &'s Type) -> Result<Datum, Stop> {
        self.count()?;
        if let TypeKind::Union(branches) = &writer.kind {
            let index = self.index(branches.len())?;
            return match &reader.kind {
                TypeKind::Union(known) if self.resolver.is_same_union(writer, reader)? => {
                    Ok(Datum::Union(index, Box::new(self.value(&branches[index], &known[index])?)))
                }
                _ => self.value(&branches[index], reader),
            };
        }
        if let TypeKind::Union(branches) = &reader.kind {
            let Some(index) = self.resolver.branch(writer, branches)? else {
                let names: Vec<_> = branches.iter().map(|branch| branch_name(branch, self.resolver.reader)).collect();
                let written = branch_name(writer, self.resolver.writer);
                let message =
                    format!("it is {}, and the reader's union has only {}", quoted(written), quoted(&names.join(", ")));
                return self.refuse(message, "add the branch to the reader's union", reader.range.clone());
            };
            return Ok(Datum::Union(index, Box::new(self.value(writer, &branches[index])?)));
        }
        match (&writer.kind, &reader.kind) {
            (TypeKind::Array(one), TypeKind::Array(other)) => {
                let mut items = Vec::new();
                self.blocks(|decoder| {
                    decoder.path.push(Step::Item(items.len()));
                    items.push(decoder.value(one, other)?);
                    decoder.path.pop();
                    Ok(())
                })?;
                Ok(Datum::Array(items))
            }
            (TypeKind::Map(one), TypeKind::Map(other)) => {
                let mut entries = Vec::new();
                self.blocks(|decoder| {
                    let key = decoder.string()?;
                    decoder.path.push(Step::Key(key.clone()));
                    entries.push((key, decoder.value(one, other)?));
                    decoder.path.pop();
                    Ok(())
                })?;
                Ok(Datum::Map(entries))
            }
            (TypeKind::Named(one), TypeKind::Named(other)) => self.named(*one, *other, reader),
            (one, other) if one == other || is_promoted(one, other) => self.primitive(one, other, reader),
            _ => self.other_type(writer, reader),
        }
    }

    fn other_type(&mut self, writer: &'s Type, reader: &'s Type) -> Result<Datum, Stop> {
        let (written, read) = (branch_name(writer, self.resolver.writer), branch_name(reader, self.resolver.reader));
        let message = format!("it is {}, and the reader expects {}", quoted(written), quoted(read));
        self.refuse(message, "keep the type, or make it one that the other is promoted to", reader.range.clone())
    }

    fn named(&mut self, written: NamedId, read: NamedId, reader: &'s Type) -> Result<Datum, Stop> {
        let (one, other) = (self.resolver.writer.named(written), self.resolver.reader.named(read));
        // Outside unions Java compares the names of enums and fixed alone, and without their namespace.
        let is_record = matches!(one.kind, NamedKind::Record(_));
        let same_kind = std::mem::discriminant(&one.kind) == std::mem::discriminant(&other.kind);
        if same_kind && !is_record && !self.resolver.has_same_name(one, other) {
            let message = format!("it is of {}, which the reader knows as {}", quoted(&one.name), quoted(&other.name));
            return self.refuse(message, "add the writer's full name to the type's aliases", reader.range.clone());
        }
        let outside = usize::from(other.reference.is_some());
        match (&one.kind, &other.kind) {
            (NamedKind::Record(_), NamedKind::Record(_)) => {
                self.outside += outside;
                let record = self.record(written, read);
                if record.is_ok() {
                    self.outside -= outside;
                }
                record
            }
            (NamedKind::Enum { symbols, .. }, NamedKind::Enum { symbols: known, default }) => {
                let symbol = &symbols[self.index(symbols.len())?];
                if let Some(index) = self.symbols.place(known, symbol) {
                    return Ok(Datum::Enum(index));
                }
                let Some(index) = default.as_ref().and_then(|default| self.symbols.place(known, default)) else {
                    let message = format!("the reader's enum {} has no symbol {}", quoted(&other.name), quoted(symbol));
                    let help = "add the symbol, or give the reader's enum a default before the symbol is written";
                    return self.refuse(message, help, reader.range.clone());
                };
                self.note(Oddity::Symbol { written: symbol.clone(), read: known[index].clone() }, &reader.range);
                Ok(Datum::Enum(index))
            }
            (NamedKind::Fixed(size), NamedKind::Fixed(known)) if size == known => {
                Ok(Datum::Fixed(self.take(*size as usize)?.to_vec()))
            }
            (NamedKind::Fixed(size), NamedKind::Fixed(known)) => {
                let message = format!("it has {size} bytes, and the reader expects {known}");
                self.refuse(message, "make a new type of the other size, with a name of its own", reader.range.clone())
            }
            _ => {
                let message = format!("it is of {}, and the reader expects {}", quoted(&one.name), quoted(&other.name));
                self.refuse(message, "keep the type", reader.range.clone())
            }
        }
    }

    fn record(&mut self, written: NamedId, read: NamedId) -> Result<Datum, Stop> {
        let plan = self.resolver.plan(written, read);
        let (schema, known) = (self.resolver.reader, fields_of(self.resolver.reader, read));
        let record = self.resolver.reader.named(read);
        if let Some(missing) = plan.missing.map(|missing| &known[missing]) {
            let message = format!(
                "field {} of {} has no default, and the record was written without it",
                quoted(&missing.name),
                quoted(&record.name)
            );
            let help = "add a default to the field, or the writer's name for it as an alias if it was renamed";
            return self.refuse(message, help, missing.range.clone());
        }
        let fields = fields_of(self.resolver.writer, written);
        let mut values: Vec<Option<Datum>> = known.iter().map(|_| None).collect();
        let mut skipped: HashMap<Discriminant<TypeKind>, VecDeque<&Field>> = HashMap::new();
        for (field, place) in fields.iter().zip(&plan.fields) {
            self.path.push(Step::Field(field.name.clone()));
            match place {
                Some(place) => values[*place] = Some(self.value(&field.field_type, &known[*place].field_type)?),
                None => {
                    self.skip(&field.field_type)?;
                    if let Some(kind) = kind_of(&field.field_type) {
                        skipped.entry(kind).or_default().push_back(field);
                    }
                }
            }
            self.path.pop();
        }
        for place in &plan.defaults {
            let field = &known[*place];
            let default = field.default.as_ref().ok_or(Stop::BadDefault)?;
            let value = of_default(default, &field.field_type, schema, MOST_DEPTH, &mut self.values)?;
            // A field of the same type might be this one under another name.
            let gone = kind_of(&field.field_type).and_then(|kind| skipped.get_mut(&kind)?.pop_front());
            if let Some(gone) = gone {
                let default = value.shown(&field.field_type, schema);
                let renamed = Oddity::Renamed { written: gone.name.clone(), read: field.name.clone(), default };
                self.path.push(Step::Field(gone.name.clone()));
                self.note(renamed, &field.range);
                self.path.pop();
            }
            values[*place] = Some(value);
        }
        Ok(Datum::Record(values.into_iter().collect::<Option<_>>().ok_or(Stop::Torn)?))
    }

    fn primitive(&mut self, writer: &TypeKind, reader: &TypeKind, place: &Type) -> Result<Datum, Stop> {
        let long = |value: i64, decoder: &mut Self| match reader {
            TypeKind::Float => {
                // Java's int and long become a float at once.
                let read = value as f32;
                decoder.inexact(i128::from(value) != read as i128, &value, &read, place);
                Datum::Float(read)
            }
            TypeKind::Double => {
                let read = value as f64;
                decoder.inexact(i128::from(value) != read as i128, &value, &read, place);
                Datum::Double(read)
            }
            _ => Datum::Long(value),
        };
        Ok(match writer {
            TypeKind::Null => Datum::Null,
            TypeKind::Boolean => Datum::Boolean(self.take(1)?[0] == 1),
            TypeKind::Int => {
                let value = i32::try_from(self.long()?).map_err(|_| Stop::Torn)?;
                if *reader == TypeKind::Int { Datum::Int(value) } else { long(i64::from(value), self) }
            }
            TypeKind::Long => long(self.long()?, self),
            TypeKind::Float => {
                let value = f32::from_le_bytes(self.take(4)?.try_into().map_err(|_| Stop::Torn)?);
                if *reader == TypeKind::Double { Datum::Double(f64::from(value)) } else { Datum::Float(value) }
            }
            TypeKind::Double => Datum::Double(f64::from_le_bytes(self.take(8)?.try_into().map_err(|_| Stop::Torn)?)),
            _ => {
                let bytes = self.byte_string()?;
                match reader {
                    TypeKind::Bytes => Datum::Bytes(bytes.to_vec()),
                    _ => {
                        let text = String::from_utf8_lossy(bytes).into_owned();
                        let is_other = text.as_bytes() != bytes;
                        self.inexact(is_other, &"bytes that are no UTF-8", &quoted(&text), place);
                        Datum::String(text)
                    }
                }
            }
        })
    }

    fn inexact(&mut self, is_other: bool, written: &dyn std::fmt::Display, read: &dyn std::fmt::Display, place: &Type) {
        if is_other {
            let what = Oddity::Inexact { written: written.to_string(), read: read.to_string() };
            self.note(what, &place.range);
        }
    }

    /// Reads over a value that the reader does not want.
    fn skip(&mut self, of: &'s Type) -> Result<(), Stop> {
        self.count()?;
        match &of.kind {
            TypeKind::Null => {}
            TypeKind::Boolean => drop(self.take(1)?),
            TypeKind::Int | TypeKind::Long => drop(self.long()?),
            TypeKind::Float => drop(self.take(4)?),
            TypeKind::Double => drop(self.take(8)?),
            TypeKind::Bytes | TypeKind::String => drop(self.byte_string()?),
            TypeKind::Array(of) => self.blocks(|decoder| decoder.skip(of))?,
            TypeKind::Map(of) => self.blocks(|decoder| {
                decoder.byte_string()?;
                decoder.skip(of)
            })?,
            TypeKind::Union(branches) => {
                let branch = self.index(branches.len())?;
                self.skip(&branches[branch])?;
            }
            TypeKind::Named(id) => match &self.resolver.writer.named(*id).kind {
                NamedKind::Record(fields) => fields.iter().try_for_each(|field| self.skip(&field.field_type))?,
                NamedKind::Enum { symbols, .. } => drop(self.index(symbols.len())?),
                NamedKind::Fixed(size) => drop(self.take(*size as usize)?),
            },
        }
        Ok(())
    }

    /// Reads the elements of an array or a map.
    fn blocks(&mut self, mut element: impl FnMut(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        loop {
            let mut count = self.long()?;
            if count == 0 {
                return Ok(());
            }
            if count < 0 {
                // The size in bytes follows, for readers that skip the block.
                count = count.checked_neg().ok_or(Stop::Torn)?;
                self.long()?;
            }
            for _ in 0..count {
                element(self)?;
            }
        }
    }

    fn index(&mut self, end: usize) -> Result<usize, Stop> {
        usize::try_from(self.long()?).ok().filter(|index| *index < end).ok_or(Stop::Torn)
    }

    fn string(&mut self) -> Result<String, Stop> {
        let bytes = self.byte_string()?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    fn byte_string(&mut self) -> Result<&[u8], Stop> {
        let length = usize::try_from(self.long()?).map_err(|_| Stop::Torn)?;
        self.take(length)
    }

    fn take(&mut self, length: usize) -> Result<&[u8], Stop> {
        let (taken, left) = self.bytes.split_at_checked(length).ok_or(Stop::Torn)?;
        self.bytes = left;
        Ok(taken)
    }

    fn long(&mut self) -> Result<i64, Stop> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        Err(Stop::Torn)
    }
}

/// What a field is, where null beside it counts as nothing. What the numbers of named types mean depends on the schema, so
/// they are all alike.
fn kind_of(field_type: &Type) -> Option<Discriminant<TypeKind>> {
    let kind = &without_null(field_type).kind;
    (*kind != TypeKind::Null).then(|| std::mem::discriminant(kind))
}

fn without_null(of: &Type) -> &Type {
    let TypeKind::Union(branches) = &of.kind else { return of };
    let mut others = branches.iter().filter(|branch| branch.kind != TypeKind::Null);
    match (others.next(), others.next()) {
        (Some(only), None) => only,
        _ => of,
    }
}
