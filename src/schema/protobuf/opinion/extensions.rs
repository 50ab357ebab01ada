use std::collections::BTreeMap;

use prost_reflect::{ExtensionDescriptor, FileDescriptor, MessageDescriptor};

use super::Concern;
use super::fields::of_scalars;
use super::judge::{Judge, Words};
use crate::schema::error::quoted;
use crate::schema::protobuf::compatibility::kinds::Content;
use crate::schema::protobuf::compatibility::path::Path;
use crate::schema::protobuf::describe;
use crate::schema::protobuf::places::part;

/// Extensions by what they extend and their number.
type Extensions = BTreeMap<(String, u32), ExtensionDescriptor>;

impl Judge<'_> {
    /// What the files add to messages, which the registry does not look at.
    pub fn extensions(&mut self, path: &Path) {
        let (old, mut new) = (extensions(&self.old.file), extensions(&self.new.file));
        for (key, before) in old {
            let path = path.below(&key.0).to(key.1);
            let of = format!("extension {} ({}) of {}", quoted(before.name()), key.1, quoted(&key.0));
            match new.remove(&key) {
                None => self.tell(Concern::ExtensionRemoved, path, self.old_name(&before), || {
                    Words::new(
                        format!("{of} is gone, and code that uses it does not compile"),
                        "mark it `deprecated` first",
                    )
                }),
                Some(after) => self.extension(&before, &after, &of, path),
            }
        }
    }

    fn extension(&mut self, old: &ExtensionDescriptor, new: &ExtensionDescriptor, of: &str, path: String) {
        let (before, after) = (quoted(&describe::kind(&old.kind())), quoted(&describe::kind(&new.kind())));
        let is_same = match (Content::of_kind(old.kind()), Content::of_kind(new.kind())) {
            (Content::Scalar(old), Content::Scalar(new)) => old == new,
            (Content::Message(old), Content::Message(new)) => old.name() == new.name(),
            _ => false,
        };
        let types = self.parts(old, new, &[part::TYPE, part::TYPE_NAME]);
        if !is_same || old.is_group() != new.is_group() {
            self.tell(Concern::FieldEncodingChanged, path, types, || {
                let message = format!("{of} was {before} and is {after}, which is encoded otherwise");
                Words::new(message, format!("keep {before}, or take a new number for {after}"))
            });
        } else if let (Content::Scalar(_), Content::Scalar(_)) =
            (Content::of_kind(old.kind()), Content::of_kind(new.kind()))
            && old.kind() != new.kind()
            && let Some((concern, why)) = of_scalars(&old.kind(), &new.kind())
        {
            self.tell(concern, path, types, || {
                let help = format!("keep {before}, or take a new number for {after}");
                Words::new(format!("{of} was {before} and is {after}: {why}"), help)
            });
        } else if old.is_list() != new.is_list() {
            let places = self.parts(old, new, &[part::LABEL, part::NAME]);
            self.tell(Concern::FieldCardinalityChanged, path, places, || {
                let many = if new.is_list() { "holds many values now" } else { "held many values" };
                Words::new(format!("{of} {many}: who reads one keeps the last or finds none"), "keep the label")
            });
        } else if old.full_name() != new.full_name() {
            self.tell(Concern::FieldJsonNameChanged, path, self.names(old, new), || {
                let name = quoted(new.full_name());
                Words::new(format!("{of} is {name} now, in JSON too"), format!("keep {}", quoted(old.full_name())))
            });
        }
    }
}

/// Those that a file declares, inside of messages too.
fn extensions(file: &FileDescriptor) -> Extensions {
    let mut found: Vec<ExtensionDescriptor> = file.extensions().collect();
    let mut messages: Vec<MessageDescriptor> = file.messages().collect();
    while let Some(message) = messages.pop() {
        found.extend(message.child_extensions());
        messages.extend(message.child_messages());
    }
    let key =
        |extension: &ExtensionDescriptor| (extension.containing_message().full_name().to_owned(), extension.number());
    found.into_iter().map(|extension| (key(&extension), extension)).collect()
}
