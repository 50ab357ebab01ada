//! What is said of each incompatibility.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::lookup::{fields_of, missing};
use super::place::{Place, Places, Step, Within};
use super::problem::{Findings, Node, Problem, Sides, What};
use crate::schema::avro::model::{AvroSchema, Field, NamedId, NamedKind, Type, TypeKind};
use crate::schema::avro::name::short_name;
use crate::schema::error::quoted;
use crate::schema::{InReference, InReferences, Incompatibility};

/// Causes inside causes that are told.
const MOST_CAUSES: usize = 3;

/// Symbols that are told.
const MOST_SYMBOLS: usize = 10;

pub(super) struct Messages<'c, 's> {
    pub(super) sides: Sides<'s>,
    pub(super) findings: &'c Findings<'s>,
    pub(super) places: &'c Places,
    /// The symbols that an enum of the reader lacks of one of the writer. They are told wherever the two meet, and
    /// looking for them takes as long as all symbols of both.
    pub(super) symbols: RefCell<HashMap<(NamedId, NamedId), String>>,
}

impl<'s> Messages<'_, 's> {
    pub(super) fn incompatibility(&self, problem: &Problem<'s>) -> Incompatibility {
        let (read, written) = self.found(self.innermost(problem));
        let referred = InReferences { reader: in_reference(&read), writer: in_reference(&written) };
        let (read, written) = self.found(problem);
        let (reader, writer) = self.ranges(problem, own(read), own(written));
        Incompatibility {
            code: code(problem.what),
            path: self.places.pointer(problem.place),
            message: self.message(problem, MOST_CAUSES),
            help: self.help(problem, MOST_CAUSES),
            reader,
            writer,
            lacks: None,
            referred,
        }
    }

    /// The cause of a problem, as far as causes inside causes are told.
    fn innermost<'p>(&'p self, problem: &'p Problem<'s>) -> &'p Problem<'s> {
        let mut innermost = problem;
        for _ in 0..MOST_CAUSES {
            match innermost.what {
                What::NoBranch { cause: Some(cause), .. } => innermost = self.findings.get(cause),
                _ => break,
            }
        }
        innermost
    }

    fn message(&self, problem: &Problem<'s>, causes: usize) -> String {
        let place = self.place(problem.place);
        match problem.what {
            What::Type { reader, writer } => {
                let (reader, writer) = (self.reader(reader), self.writer(writer));
                format!("{place}the reader's {reader} cannot read the writer's {writer}")
            }
            What::Name { reader, writer } => {
                let (one, other) = (self.reader(Node::Named(reader)), self.writer(Node::Named(writer)));
                format!("{place}the reader's {one} is not the writer's {other}: the names differ")
            }
            What::Size { reader, writer } => {
                let (one, other) = (self.reader(Node::Named(reader)), self.writer(Node::Named(writer)));
                let size = |schema: &AvroSchema, id| match schema.named(id).kind {
                    NamedKind::Fixed(size) => size,
                    _ => 0,
                };
                let (size, written) = (size(self.sides.reader, reader), size(self.sides.writer, writer));
                format!("{place}the reader's {one} has {size} bytes, the writer's {other} has {written}")
            }
            What::Symbols { reader, writer } => {
                let one = self.reader(Node::Named(reader));
                let missing = self.missing_symbols(reader, writer);
                format!(
                    "{place}the reader's {one} has no default and does not know {missing}, which the writer may use"
                )
            }
            What::NoDefault { .. } => format!("{place}the writer does not have it, and it has no default"),
            What::OnlyEnumDefault { id, .. } => {
                let own = self.reader(Node::Named(id));
                format!("{place}the writer does not have it, and the default of {own} is not one of the field")
            }
            What::NoBranch { writer, cause, .. } => {
                let writer = self.writer(writer);
                let mut message = format!("{place}no branch of the reader's union reads the writer's {writer}");
                if let Some(cause) = cause.filter(|_| causes > 0) {
                    // Writing into a String cannot fail.
                    _ = write!(message, ": {}", self.message(self.findings.get(cause), causes - 1));
                }
                message
            }
            What::Ambiguous { one, other, .. } => {
                let (one, other) = (quoted(one), quoted(other));
                if one == other {
                    return format!("{place}its own name stands among its aliases, which Apache Avro cannot read");
                }
                format!(
                    "{place}two of its names are the writer's, {one} and {other}, and one value cannot come from both"
                )
            }
            What::Knotted => "so many types of both schemas meet each other that they are not compared".to_owned(),
        }
    }

    fn help(&self, problem: &Problem<'s>, causes: usize) -> Option<String> {
        Some(match problem.what {
            What::NoDefault { .. } | What::OnlyEnumDefault { .. } => {
                "add a default to the field, or the writer's name for it as an alias if it was renamed".to_owned()
            }
            What::Name { reader, writer } => {
                let alias = quoted(&self.sides.writer.named(writer).name);
                let name = quoted(&self.sides.reader.named(reader).name);
                format!("add the alias {alias} to {name} if it is the same thing, renamed")
            }
            What::Size { .. } => "give what has the new size another name, in a new field with a default".to_owned(),
            What::Symbols { .. } => "add a default to the enum, or the symbols that it lacks".to_owned(),
            What::NoBranch { cause, writer, .. } => match cause.filter(|_| causes > 0) {
                Some(cause) => return self.help(self.findings.get(cause), causes - 1),
                None => format!("add {} to the reader's union", self.writer(writer)),
            },
            What::Ambiguous { .. } => "remove the alias".to_owned(),
            What::Knotted => "make unions of fewer records".to_owned(),
            What::Type { reader, writer } => {
                use TypeKind::{Double, Float, Int, Long};
                let is_wider = matches!(
                    (unnamed(reader), unnamed(writer)),
                    (Some(Int), Some(Long | Float | Double))
                        | (Some(Long), Some(Float | Double))
                        | (Some(Float), Some(Double))
                );
                if !is_wider {
                    return Some("keep the type, or put the new one into a new field with a default".to_owned());
                }
                format!("let the reader have {}: a number is read into the same or a wider type", self.writer(writer))
            }
        })
    }

    /// The field that a place is in, as the beginning of a sentence.
    fn place(&self, place: Place) -> String {
        let fields = place.within.reader.map(|id| fields_of(self.sides.reader, NamedId(id as usize)));
        let record =
            place.within.reader.map(|id| quoted(short_name(&self.sides.reader.named(NamedId(id as usize)).name)));
        let (Some(fields), Some(record)) = (fields, record) else { return String::new() };
        let mut inside = "";
        for step in self.places.steps(place) {
            match step {
                Step::Field(index) | Step::FieldType(index) => {
                    let field = quoted(fields.get(index as usize).map_or("", |field: &Field| &field.name));
                    return match inside {
                        "" => format!("field {field} of {record}: "),
                        _ => format!("field {field} of {record}, {inside}: "),
                    };
                }
                Step::Items => inside = "in its array",
                Step::Values => inside = "in its map",
                Step::Root | Step::Branch(_) | Step::Name | Step::Size | Step::Symbols => {}
            }
        }
        String::new()
    }

    fn missing_symbols(&self, reader: NamedId, writer: NamedId) -> String {
        let mut known = self.symbols.borrow_mut();
        known.entry((reader, writer)).or_insert_with(|| self.look_for_symbols(reader, writer)).clone()
    }

    fn look_for_symbols(&self, reader: NamedId, writer: NamedId) -> String {
        let (NamedKind::Enum { symbols, .. }, NamedKind::Enum { symbols: written, .. }) =
            (&self.sides.reader.named(reader).kind, &self.sides.writer.named(writer).kind)
        else {
            return String::new();
        };
        let mut names: Vec<String> = missing(symbols, written).take(MOST_SYMBOLS + 1).map(quoted).collect();
        if names.len() > MOST_SYMBOLS {
            names.pop();
            names.push("others".to_owned());
        }
        match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => names.concat(),
        }
    }

    fn reader(&self, node: Node<'s>) -> String {
        described(self.sides.reader, node)
    }

    fn writer(&self, node: Node<'s>) -> String {
        described(self.sides.writer, node)
    }

    /// The bytes of both texts. What is in the text of a reference has its place where the schema itself leads there.
    fn ranges(
        &self,
        problem: &Problem<'s>,
        reader: Option<Range<usize>>,
        writer: Option<Range<usize>>,
    ) -> (Option<Range<usize>>, Option<Range<usize>>) {
        let Sides { reader: one, writer: other } = self.sides;
        let nearest = |schema: &AvroSchema, record_of: fn(Within) -> Option<u32>| {
            let records = self.places.around(problem.place).filter_map(|place| record_of(place.within));
            let mut records = records.map(|id| schema.named(NamedId(id as usize)));
            let own = records.find(|record| record.reference.is_none());
            own.map_or_else(|| schema.root.range.clone(), |record| record.range.clone())
        };
        let reader = reader.or_else(|| self.own_field(problem.place));
        (
            Some(reader.unwrap_or_else(|| nearest(one, |within| within.reader))),
            Some(writer.unwrap_or_else(|| nearest(other, |within| within.writer))),
        )
    }

    /// The innermost field of the reader's own text that a place is in.
    fn own_field(&self, place: Place) -> Option<Range<usize>> {
        self.places.around(place).find_map(|place| {
            let (Step::Field(index) | Step::FieldType(index)) = place.step else { return None };
            let record = NamedId(place.within.reader? as usize);
            let is_own = self.sides.reader.named(record).reference.is_none();
            let field = fields_of(self.sides.reader, record).get(index as usize).filter(|_| is_own)?;
            Some(field.range.clone())
        })
    }

    /// What it is about on both sides.
    fn found(&self, problem: &Problem<'s>) -> (Option<Found<'s>>, Option<Found<'s>>) {
        let Sides { reader, writer } = self.sides;
        let within = problem.place.within;
        let text_of = |schema: &'s AvroSchema, record: Option<u32>| {
            record.and_then(|id| schema.named(NamedId(id as usize)).reference.as_deref())
        };
        let range = |schema: &'s AvroSchema, record: Option<u32>, node: Node<'s>| match node {
            Node::Named(id) => {
                let named = schema.named(id);
                Some((named.reference.as_deref(), named.range.clone()))
            }
            Node::Unnamed(of) => Some((text_of(schema, record), of.range.clone())),
        };
        match problem.what {
            What::Type { reader: one, writer: other } => {
                (range(reader, within.reader, one), range(writer, within.writer, other))
            }
            What::NoBranch { reader: one, writer: other, .. } => {
                (range(reader, within.reader, Node::Unnamed(one)), range(writer, within.writer, other))
            }
            What::Name { reader: one, writer: other }
            | What::Size { reader: one, writer: other }
            | What::Symbols { reader: one, writer: other } => {
                (range(reader, None, Node::Named(one)), range(writer, None, Node::Named(other)))
            }
            What::NoDefault { field } | What::OnlyEnumDefault { field, .. } | What::Ambiguous { field, .. } => {
                let fields = within.reader.map_or(&[][..], |id| fields_of(reader, NamedId(id as usize)));
                let writer_record = within.writer.map(|id| Node::Named(NamedId(id as usize)));
                (
                    fields.get(field).map(|field| (text_of(reader, within.reader), field.range.clone())),
                    writer_record.and_then(|record| range(writer, None, record)),
                )
            }
            What::Knotted => (None, None),
        }
    }
}

/// Bytes, and the reference whose text has them; none where that is the schema itself.
type Found<'s> = (Option<&'s str>, Range<usize>);

/// The bytes in the text of the schema itself.
fn own(found: Option<Found<'_>>) -> Option<Range<usize>> {
    found.filter(|(reference, _)| reference.is_none()).map(|(_, range)| range)
}

/// The place in the text of a reference.
fn in_reference(found: &Option<Found<'_>>) -> Option<InReference> {
    let (name, range) = found.as_ref()?;
    Some(InReference { name: (*name)?.to_owned(), range: range.clone() })
}

/// The kind in Java's words.
fn code(what: What<'_>) -> &'static str {
    match what {
        What::Type { .. } | What::OnlyEnumDefault { .. } | What::Knotted => "TYPE_MISMATCH",
        // Java has no word for a field that it gives up on.
        What::Name { .. } | What::Ambiguous { .. } => "NAME_MISMATCH",
        What::Size { .. } => "FIXED_SIZE_MISMATCH",
        What::Symbols { .. } => "MISSING_ENUM_SYMBOLS",
        What::NoDefault { .. } => "READER_FIELD_MISSING_DEFAULT_VALUE",
        What::NoBranch { .. } => "MISSING_UNION_BRANCH",
    }
}

fn unnamed(node: Node<'_>) -> Option<&TypeKind> {
    match node {
        Node::Unnamed(of) => Some(&of.kind),
        Node::Named(_) => None,
    }
}

/// A type in words: ``record `a.B` ``, `` `int` ``, `array`.
fn described(schema: &AvroSchema, node: Node<'_>) -> String {
    let word = match node {
        Node::Named(id) => {
            let named = schema.named(id);
            let word = match named.kind {
                NamedKind::Record(_) => "record",
                NamedKind::Enum { .. } => "enum",
                NamedKind::Fixed(_) => "fixed",
            };
            return format!("{word} {}", quoted(&named.name));
        }
        Node::Unnamed(Type { kind, .. }) => match kind {
            TypeKind::Array(_) | TypeKind::Map(_) | TypeKind::Union(_) => return kind.word().to_owned(),
            kind => kind.word(),
        },
    };
    quoted(word)
}
