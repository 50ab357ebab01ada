use std::collections::{HashMap, HashSet};

use prost_reflect::{EnumDescriptor, FieldDescriptor, MessageDescriptor, OneofDescriptor};

use super::change::{Change, ChangeKind, Element};
use super::kinds::{self, Content, Group};
use super::path::Path;
use crate::schema::protobuf::{ProtobufSchema, describe};

/// All differences between what was written and what reads it, those that break nothing too.
pub fn changes(reader: &ProtobufSchema, writer: &ProtobufSchema) -> Vec<Change> {
    compare(reader, writer, |_| true)
}

/// The differences that the registry refuses.
pub fn breaking_changes(reader: &ProtobufSchema, writer: &ProtobufSchema) -> Vec<Change> {
    compare(reader, writer, ChangeKind::is_breaking)
}

fn compare(reader: &ProtobufSchema, writer: &ProtobufSchema, keeps: fn(ChangeKind) -> bool) -> Vec<Change> {
    let mut walk = Walk {
        reader,
        writer,
        keeps,
        changes: Vec::new(),
        imported: HashSet::new(),
        waiting: Vec::new(),
        holders: None,
    };
    let (old, new, root) = (&writer.file, &reader.file, Path::root());
    if old.package_name() != new.package_name() {
        walk.add(ChangeKind::PackageChanged, || root.to(""), old, new);
    }
    walk.messages(&old.messages().collect::<Vec<_>>(), &new.messages().collect::<Vec<_>>(), new, &root);
    walk.enums(old.enums(), new.enums(), &root);
    // Imported messages are compared one after the other: they may refer to each other, in circles and in long chains.
    while let Some(Imported { old, new, holders }) = walk.waiting.pop() {
        let path = root.below(new.full_name());
        walk.holders = Some(holders);
        walk.message(&old, &new, &path);
    }
    walk.changes
}

struct Walk<'s> {
    reader: &'s ProtobufSchema,
    writer: &'s ProtobufSchema,
    keeps: fn(ChangeKind) -> bool,
    changes: Vec<Change>,
    /// The pairs of imported messages that are compared already, or wait for it, by their names.
    imported: HashSet<(String, String)>,
    waiting: Vec<Imported>,
    /// The fields that led to the imported message which is being compared.
    holders: Option<(FieldDescriptor, FieldDescriptor)>,
}

/// Messages that are not declared in the files themselves.
struct Imported {
    old: MessageDescriptor,
    new: MessageDescriptor,
    /// The fields of the writer's and the reader's own file that led to them.
    holders: (FieldDescriptor, FieldDescriptor),
}

/// What is not there on one side.
const NOTHING: Option<Element> = None;

impl Walk<'_> {
    fn add(
        &mut self,
        kind: ChangeKind,
        path: impl FnOnce() -> String,
        writer: impl IntoElement,
        reader: impl IntoElement,
    ) {
        if (self.keeps)(kind) {
            let (writer, reader) = (writer.into_element(), reader.into_element());
            self.changes.push(Change { kind, path: path(), writer, reader, holders: self.holders.clone() });
        }
    }

    /// Messages that stand beside each other; they are known by name. `around` is what the reader's ones stand in.
    fn messages<A>(&mut self, old: &[MessageDescriptor], new: &[MessageDescriptor], around: &A, path: &Path)
    where
        for<'a> &'a A: IntoElement,
    {
        let mut added: HashMap<&str, (usize, &MessageDescriptor)> =
            new.iter().enumerate().map(|(index, after)| (after.name(), (index, after))).collect();
        for (index, before) in old.iter().enumerate() {
            match added.remove(before.name()) {
                None => self.add(ChangeKind::MessageRemoved, || path.to(before.name()), before, around),
                Some((place, after)) => {
                    self.message(before, after, &path.below(before.name()));
                    if index != place {
                        self.add(ChangeKind::MessageMoved, || path.to(before.name()), before, after);
                    }
                }
            }
        }
        for after in new.iter().filter(|after| added.contains_key(after.name())) {
            self.add(ChangeKind::MessageAdded, || path.to(after.name()), NOTHING, after);
        }
    }

    fn enums(
        &mut self,
        old: impl Iterator<Item = EnumDescriptor>,
        new: impl Iterator<Item = EnumDescriptor>,
        path: &Path,
    ) {
        let new: Vec<EnumDescriptor> = new.collect();
        let mut added: HashMap<&str, &EnumDescriptor> = new.iter().map(|after| (after.name(), after)).collect();
        for before in old {
            match added.remove(before.name()) {
                None => self.add(ChangeKind::EnumRemoved, || path.to(before.name()), &before, NOTHING),
                Some(after) => self.values(&before, after, &path.below(before.name())),
            }
        }
        for after in new.iter().filter(|after| added.contains_key(after.name())) {
            self.add(ChangeKind::EnumAdded, || path.to(after.name()), NOTHING, after);
        }
    }

    fn values(&mut self, old: &EnumDescriptor, new: &EnumDescriptor, path: &Path) {
        for before in old.values() {
            let number = before.number();
            match new.get_value(number) {
                None => self.add(ChangeKind::EnumConstRemoved, || path.to(number), &before, NOTHING),
                Some(after) if after.name() != before.name() => {
                    self.add(ChangeKind::EnumConstChanged, || path.to(number), &before, &after);
                }
                Some(_) => {}
            }
        }
        for after in new.values().filter(|after| old.get_value(after.number()).is_none()) {
            self.add(ChangeKind::EnumConstAdded, || path.to(after.number()), NOTHING, &after);
        }
    }

    fn message(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, path: &Path) {
        self.messages(&kinds::nested(old), &kinds::nested(new), new, path);
        self.enums(old.child_enums(), new.child_enums(), path);
        let (old, new) = (Side::of(old), Side::of(new));
        for after in kinds::fields(new.message) {
            match kinds::field(old.message, after.number()) {
                None => self.added(&after, &old, path),
                Some(before) => self.field(&before, &after, (&old, &new), path),
            }
        }
        for before in kinds::fields(old.message) {
            if kinds::field(new.message, before.number()).is_none() {
                self.removed(&before, &new, path);
            }
        }
        for oneof in kinds::oneofs(new.message).filter(|oneof| !old.has(oneof)) {
            self.added_oneof(&oneof, &old, path);
        }
        for oneof in kinds::oneofs(old.message).filter(|oneof| !new.has(oneof)) {
            self.add(ChangeKind::OneofRemoved, || path.to(oneof.name()), &oneof, NOTHING);
        }
    }

    fn added(&mut self, after: &FieldDescriptor, old: &Side<'_>, path: &Path) {
        let kind = match kinds::oneof(after) {
            Some(_) => ChangeKind::OneofFieldAdded,
            None if kinds::written_label(after) == Some("required") => ChangeKind::RequiredFieldAdded,
            None => ChangeKind::FieldAdded,
        };
        self.add(kind, || path.to_field(after), old.message, after);
    }

    fn removed(&mut self, before: &FieldDescriptor, new: &Side<'_>, path: &Path) {
        let kind = match kinds::oneof(before) {
            Some(oneof) if new.has(&oneof) => ChangeKind::OneofFieldRemoved,
            // The members of a oneof that is gone go with it.
            Some(_) => return,
            None if kinds::written_label(before) == Some("required") => ChangeKind::RequiredFieldRemoved,
            None => ChangeKind::FieldRemoved,
        };
        self.add(kind, || path.to_field(before), before, new.message);
    }

    /// A oneof that the writer has not. Some of its members may be fields that the writer has.
    fn added_oneof(&mut self, oneof: &OneofDescriptor, old: &Side<'_>, path: &Path) {
        let known = oneof.fields().filter_map(|field| kinds::field(old.message, field.number()));
        let (members, alone): (Vec<_>, Vec<_>) = known.partition(|before| kinds::oneof(before).is_some());
        match &alone[..] {
            [_, _, ..] => {
                self.add(ChangeKind::MultipleFieldsMovedToOneof, || path.to(oneof.name()), old.message, oneof);
            }
            // With members of another oneof it is that one under a new name.
            [moved] if !members.is_empty() => {
                self.add(ChangeKind::FieldMovedToExistingOneof, || path.to(oneof.name()), moved, oneof);
            }
            _ => {}
        }
        self.add(ChangeKind::OneofAdded, || path.to(oneof.name()), NOTHING, oneof);
    }

    /// A field on both sides, known by its number.
    fn field(
        &mut self,
        before: &FieldDescriptor,
        after: &FieldDescriptor,
        (old, new): (&Side<'_>, &Side<'_>),
        path: &Path,
    ) {
        match (kinds::oneof(before), kinds::oneof(after)) {
            (None, Some(to)) if old.has(&to) => {
                self.add(ChangeKind::FieldMovedToExistingOneof, || path.to(to.name()), before, &to);
            }
            (Some(from), None) => {
                let kind = match new.has(&from) {
                    true => ChangeKind::OneofFieldMovedOut,
                    false => ChangeKind::OneofFieldMovedToTopLevel,
                };
                self.add(kind, || path.to_field(after), before, after);
            }
            (Some(from), Some(to)) if from.name() != to.name() && new.has(&from) => {
                self.add(ChangeKind::OneofFieldMovedOver, || path.to_field(before), before, after);
            }
            _ => {}
        }
        if before.name() != after.name() {
            self.add(ChangeKind::FieldNameChanged, || path.to_field(after), before, after);
        }
        // Labels count where the kind of scalar stays, and where both are written.
        if let (Content::Scalar(from), Content::Scalar(to)) = (Content::of(before), Content::of(after))
            && from == to
            && let (Some(old_label), Some(new_label)) = (kinds::written_label(before), kinds::written_label(after))
            && old_label != new_label
        {
            let kind = match to {
                Group::Bytes => ChangeKind::FieldStringOrBytesLabelChanged,
                _ => ChangeKind::FieldNumericLabelChanged,
            };
            self.add(kind, || path.to_field(after), before, after);
        }
        self.types(before, after, (before, after), path);
    }

    /// The types of a field, or of the key or the value of a map. A change is told of the whole field.
    fn types(
        &mut self,
        before: &FieldDescriptor,
        after: &FieldDescriptor,
        whole: (&FieldDescriptor, &FieldDescriptor),
        path: &Path,
    ) {
        let kind = match (Content::of(before), Content::of(after)) {
            (Content::Scalar(from), Content::Scalar(to)) if from == to => return,
            (Content::Scalar(_), Content::Scalar(_)) => ChangeKind::FieldScalarKindChanged,
            (Content::Map(old_key, old_value), Content::Map(new_key, new_value)) => {
                self.types(&old_key, &new_key, whole, path);
                return self.types(&old_value, &new_value, whole, path);
            }
            (Content::Message(from), Content::Message(to)) => {
                if local_name(&from) == local_name(&to) {
                    return self.imported(from, to, whole);
                }
                ChangeKind::FieldNamedTypeChanged
            }
            _ => ChangeKind::FieldKindChanged,
        };
        self.add(kind, || path.to_field(whole.1), whole.0, whole.1);
    }

    /// Messages of the files themselves are compared where they are declared; others where a field holds them.
    fn imported(
        &mut self,
        old: MessageDescriptor,
        new: MessageDescriptor,
        holders: (&FieldDescriptor, &FieldDescriptor),
    ) {
        let is_own = old.parent_file() == self.writer.file && new.parent_file() == self.reader.file;
        if !is_own && self.imported.insert((old.full_name().to_owned(), new.full_name().to_owned())) {
            // What an import holds is placed where the files themselves lead to it.
            let holders = self.holders.clone().unwrap_or_else(|| (holders.0.clone(), holders.1.clone()));
            self.waiting.push(Imported { old, new, holders });
        }
    }
}

/// A message with the names of its oneofs, which may be as many as its fields.
struct Side<'m> {
    message: &'m MessageDescriptor,
    oneofs: HashSet<String>,
}

impl<'m> Side<'m> {
    fn of(message: &'m MessageDescriptor) -> Self {
        Self { message, oneofs: kinds::oneofs(message).map(|oneof| oneof.name().to_owned()).collect() }
    }

    /// Whether it has one of that name.
    fn has(&self, oneof: &OneofDescriptor) -> bool {
        self.oneofs.contains(oneof.name())
    }
}

fn local_name(message: &MessageDescriptor) -> &str {
    describe::local(message.full_name(), message.package_name())
}

/// What a change is about; made only for changes that are kept.
trait IntoElement {
    fn into_element(self) -> Option<Element>;
}

impl IntoElement for Option<Element> {
    fn into_element(self) -> Option<Element> {
        self
    }
}

impl<T> IntoElement for &T
where
    for<'t> &'t T: Into<Element>,
{
    fn into_element(self) -> Option<Element> {
        Some(self.into())
    }
}
