//! What a change is and breaks, in words, and where it stands.

use prost_reflect::{FieldDescriptor, FileDescriptor, MessageDescriptor, OneofDescriptor};

use super::change::{Change, ChangeKind, Element};
use super::kinds;
use crate::schema::error::quoted;
use crate::schema::protobuf::places::{Found, Places, part};
use crate::schema::protobuf::{ProtobufSchema, describe};
use crate::schema::{InReference, InReferences, Incompatibility, Lack};

/// Explains the changes of one pair.
pub struct Explainer<'s> {
    reader: Places<'s>,
    writer: Places<'s>,
}

impl<'s> Explainer<'s> {
    /// For these two.
    pub fn of(reader: &'s ProtobufSchema, writer: &'s ProtobufSchema) -> Self {
        Self { reader: Places::new(reader), writer: Places::new(writer) }
    }

    /// What a change breaks, or just what it is.
    pub fn explain(&self, change: Change) -> Incompatibility {
        let (message, help) = words(&change);
        let lacks = lack(&change);
        let Change { kind, path, writer, reader, holders } = change;
        let (written, read) = holders.unzip();
        let place = |places: &Places<'_>, element: Option<Element>, holder: Option<FieldDescriptor>| {
            match element.and_then(|element| place_of(places, &element, kind)) {
                Some((None, range)) => (Some(range), None),
                // The text of an import is not the one that the ranges are of.
                found => {
                    let holder = holder.and_then(|holder| places.of(&holder, &[part::TYPE, part::TYPE_NAME]));
                    let referred = found.and_then(|(import, range)| Some((import?.to_owned(), range)));
                    (holder, referred.map(|(name, range)| InReference { name, range }))
                }
            }
        };
        let (reader, referred_by_reader) = place(&self.reader, reader, read);
        let (writer, referred_by_writer) = place(&self.writer, writer, written);
        Incompatibility {
            code: kind.as_str(),
            path,
            message,
            help,
            reader,
            writer,
            lacks,
            referred: InReferences { reader: referred_by_reader, writer: referred_by_writer },
        }
    }
}

/// What one side has not: its place is that of what it would stand in.
fn lack(change: &Change) -> Option<Lack> {
    let no = |what: &str| format!("there is no {what} here");
    Some(match (change.kind, change.writer.as_ref()?, change.reader.as_ref()?) {
        (_, Element::Package(writer), _) if writer.package_name().is_empty() => Lack::Writer(no("package")),
        (_, _, Element::Package(reader)) if reader.package_name().is_empty() => Lack::Reader(no("package")),
        (ChangeKind::MessageRemoved, Element::Message(writer), _) => Lack::Reader(no(&describe::message(writer))),
        (_, Element::Field(writer), Element::Message(_)) => Lack::Reader(no(&describe::field(writer))),
        (_, Element::Message(_), Element::Field(reader)) => Lack::Writer(no(&describe::field(reader))),
        (_, Element::Message(_), Element::Oneof(reader)) => Lack::Writer(no(&describe::oneof(reader))),
        _ => return None,
    })
}

/// The bytes of an element.
fn place_of<'s>(places: &Places<'s>, element: &Element, kind: ChangeKind) -> Option<Found<'s>> {
    match element {
        Element::Package(file) => {
            places.find(file, &[part::PACKAGE, part::SYNTAX]).or_else(|| Some((None, places.beginning()?)))
        }
        Element::Message(message) => places.find(message, &[part::NAME]),
        Element::Oneof(oneof) => places.find(oneof, &[part::NAME]),
        Element::Enum(declared) => places.find(declared, &[part::NAME]),
        Element::Value(value) => places.find(value, &[part::NAME]),
        Element::Field(field) => {
            let parts: &[i32] = match kind {
                ChangeKind::FieldKindChanged
                | ChangeKind::FieldScalarKindChanged
                | ChangeKind::FieldNamedTypeChanged => &[part::TYPE, part::TYPE_NAME],
                ChangeKind::FieldNumericLabelChanged | ChangeKind::FieldStringOrBytesLabelChanged => {
                    &[part::LABEL, part::NAME]
                }
                _ => &[part::NAME],
            };
            places.find(field, parts)
        }
    }
}

fn words(change: &Change) -> (String, Option<String>) {
    match (&change.writer, &change.reader) {
        (Some(Element::Package(writer)), Some(Element::Package(reader))) => package(writer, reader),
        (Some(Element::Message(writer)), _) if change.kind == ChangeKind::MessageRemoved => removed_message(writer),
        (Some(Element::Field(writer)), Some(Element::Field(reader))) => both(change.kind, writer, reader),
        (Some(Element::Field(writer)), Some(Element::Message(_))) => removed(change.kind, writer),
        (Some(Element::Message(writer)), Some(Element::Field(reader))) => added(change.kind, writer, reader),
        (Some(Element::Field(writer)), Some(Element::Oneof(reader))) => (into_existing(writer, reader), moved_help()),
        (Some(Element::Message(writer)), Some(Element::Oneof(reader))) => (several_moved(writer, reader), moved_help()),
        _ => (plain(change), None),
    }
}

/// Just what it is, for changes that break nothing.
fn plain(change: &Change) -> String {
    let kind = change.kind.as_str().to_lowercase().replace('_', " ");
    let subject = match change.reader.as_ref().or(change.writer.as_ref()) {
        Some(Element::Package(file)) => quoted(file.package_name()),
        Some(Element::Message(message)) => describe::message(message),
        Some(Element::Field(field)) => describe::field(field),
        Some(Element::Oneof(oneof)) => describe::oneof(oneof),
        Some(Element::Enum(declared)) => describe::enumeration(declared),
        Some(Element::Value(value)) => {
            let (name, number) = (quoted(value.name()), value.number());
            format!("{name} ({number}) of {}", describe::enumeration(value.parent_enum()))
        }
        None => change.path.clone(),
    };
    format!("{kind}: {subject}")
}

fn package(writer: &FileDescriptor, reader: &FileDescriptor) -> (String, Option<String>) {
    let name = |file: &FileDescriptor| match file.package_name() {
        "" => "no package".to_owned(),
        package => format!("package {}", quoted(package)),
    };
    let message = format!("every message has another full name: {} became {}", name(writer), name(reader));
    let help = match writer.package_name() {
        "" => "leave the package out, or start a new version of the topic".to_owned(),
        _ => format!("keep {}, or start a new version of the topic", name(writer)),
    };
    (message, Some(help))
}

fn removed_message(writer: &MessageDescriptor) -> (String, Option<String>) {
    let message = format!("message {} is written, and the reader does not have it", describe::message(writer));
    (message, Some("keep it where it is and by its name, also while nothing uses it".into()))
}

fn removed(kind: ChangeKind, writer: &FieldDescriptor) -> (String, Option<String>) {
    let field = describe::field(writer);
    match (kind, kinds::oneof(writer)) {
        (ChangeKind::RequiredFieldRemoved, _) => (
            format!(
                "{field} is required by the writer, and the reader does not have it: who requires it refuses records without"
            ),
            Some("keep it; a required field can never be taken back".into()),
        ),
        (ChangeKind::OneofFieldRemoved, Some(oneof)) => (
            format!("{field} is written as a member of oneof {}; the reader takes the oneof for unset", {
                quoted(oneof.name())
            }),
            Some("keep the member, marked `deprecated`".into()),
        ),
        _ => (format!("{field} is gone"), None),
    }
}

fn added(kind: ChangeKind, writer: &MessageDescriptor, reader: &FieldDescriptor) -> (String, Option<String>) {
    let field = describe::field(reader);
    match kind {
        ChangeKind::RequiredFieldAdded => (
            format!("the reader requires {field}, and {} is written without it", describe::message(writer)),
            Some("make it `optional`".into()),
        ),
        _ => (format!("{field} is new"), None),
    }
}

fn both(kind: ChangeKind, writer: &FieldDescriptor, reader: &FieldDescriptor) -> (String, Option<String>) {
    let field = describe::field_of_both(writer, reader);
    let (before, after) = (describe::type_of(writer), describe::type_of(reader));
    let retype = || Some(format!("keep {before}; or {}", beside(writer, &after)));
    match kind {
        ChangeKind::FieldKindChanged => {
            let (from, to) = (describe::sort(writer), describe::sort(reader));
            (format!("{field} is written as a {from}, {before}, and read as a {to}, {after}"), retype())
        }
        ChangeKind::FieldScalarKindChanged => {
            (format!("{field} is written as {before} and read as {after}, which is encoded otherwise"), retype())
        }
        ChangeKind::FieldNamedTypeChanged => {
            (format!("{field} is written as {before} and read as {after}, a message of another name"), retype())
        }
        ChangeKind::FieldNumericLabelChanged => (
            format!("{field} is written as {before} and read as {after}"),
            Some(format!("keep the label; or {}", beside(writer, &after))),
        ),
        ChangeKind::OneofFieldMovedOut | ChangeKind::OneofFieldMovedOver => {
            let oneof = kinds::oneof(writer).map(|oneof| quoted(oneof.name())).unwrap_or_default();
            let place = match kinds::oneof(reader) {
                Some(other) => format!("in oneof {}", quoted(other.name())),
                None => "outside of it".to_owned(),
            };
            (
                format!(
                    "{field} is written as a member of oneof {oneof} and read {place}; the reader takes {oneof} for unset"
                ),
                Some("keep it in its oneof".into()),
            )
        }
        ChangeKind::FieldNameChanged => (format!("{} became {}", describe::field(writer), quoted(reader.name())), None),
        _ => (format!("{field} was {before} and is {after}"), None),
    }
}

/// Where what a field became can go. A field leaves by its number alone, unless the registry refuses that it leaves.
fn beside(writer: &FieldDescriptor, after: &str) -> String {
    let stays = kinds::oneof(writer).is_some() || kinds::written_label(writer) == Some("required");
    match stays {
        true => format!(
            "give {after} a name and a number of its own, and keep {} beside it, marked `deprecated`",
            quoted(writer.name())
        ),
        false => format!("give {after} a number of its own, and write `reserved {};`", writer.number()),
    }
}

fn into_existing(writer: &FieldDescriptor, reader: &OneofDescriptor) -> String {
    let oneof = describe::oneof(reader);
    format!("{} can be set beside the members of oneof {oneof}, and is read as one of them", describe::field(writer))
}

fn several_moved(writer: &MessageDescriptor, reader: &OneofDescriptor) -> String {
    let alone = |field: &FieldDescriptor| {
        kinds::field(writer, field.number()).is_some_and(|before| kinds::oneof(&before).is_none())
    };
    let moved: Vec<FieldDescriptor> = reader.fields().filter(alone).collect();
    let names = describe::some(moved.iter().map(FieldDescriptor::name));
    let oneof = describe::oneof(reader);
    format!("{names} can be set together, and oneof {oneof} keeps the last one that it reads")
}

fn moved_help() -> Option<String> {
    Some("leave the fields out of the oneof; or make new members with numbers of their own".into())
}
