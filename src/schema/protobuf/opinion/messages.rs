use std::collections::HashMap;

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use super::Concern;
use super::judge::{Judge, Place, Words};
use super::reserved::Reserved;
use crate::schema::error::quoted;
use crate::schema::protobuf::compatibility::kinds;
use crate::schema::protobuf::compatibility::path::Path;
use crate::schema::protobuf::describe;

impl Judge<'_> {
    /// Messages that stand beside each other. Those that are gone are the registry's concern.
    pub fn message_list(&mut self, old: Vec<MessageDescriptor>, new: Vec<MessageDescriptor>, path: &Path) {
        let by_name: HashMap<&str, (usize, &MessageDescriptor)> =
            new.iter().enumerate().map(|(index, after)| (after.name(), (index, after))).collect();
        for (index, before) in old.iter().enumerate() {
            let Some((place, after)) = by_name.get(before.name()) else { continue };
            if index != *place {
                self.tell(Concern::MessageMoved, path.to(before.name()), self.names(before, *after), || {
                    let message = format!(
                        "{} was number {index} among the messages beside it and is number {place}; serializers write that \
                         number, and code that counts messages by itself finds another one",
                        describe::message(before)
                    );
                    Words::new(message, "add messages behind the others")
                });
            }
            self.message(before, after, &path.below(before.name()), false);
        }
    }

    /// A message on both sides. `unseen`: the registry does not look into it.
    pub fn message(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, path: &Path, unseen: bool) {
        self.message_list(kinds::nested(old), kinds::nested(new), path);
        self.enum_list(old.child_enums().collect(), new.child_enums().collect(), path);
        let (old_reserved, new_reserved) = (Reserved::of_message(old), Reserved::of_message(new));
        for before in old.fields() {
            match new.get_field(before.number()) {
                Some(after) => self.field(&before, &after, path, unseen),
                None => self.removed(&before, new, &new_reserved, path),
            }
        }
        for after in new.fields() {
            if old_reserved.has_number(after.number().into()) {
                let places = self.names(old, &after);
                self.tell(Concern::ReservedNumberUsed, path.to_field(&after), places, || {
                    let message = format!("{} has a number that was reserved", describe::field(&after));
                    Words::new(
                        message,
                        "take a number that was never used: old records may hold something else under it",
                    )
                });
            } else if old_reserved.has_name(after.name()) {
                let places = self.names(old, &after);
                self.tell(Concern::ReservedNameUsed, path.to_field(&after), places, || {
                    let message = format!("{} has a name that was reserved", describe::field(&after));
                    Words::new(message, "take another name: old records in JSON may hold something else under it")
                });
            }
        }
        let used: Vec<i64> = new.fields().map(|field| field.number().into()).collect();
        let places = self.names(old, new);
        let released = old_reserved.first_released(&new_reserved, &used);
        let names = old_reserved.released_names(&new_reserved, |name| new.get_field_by_name(name).is_some());
        self.released(&describe::message(new), (released, &names), path, places);
        self.extension_ranges(old, new, path);
        self.oneofs(old, new, path);
    }

    /// Numbers that are no longer left to extensions.
    fn extension_ranges(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, path: &Path) {
        let removed = Reserved::for_extensions(old).first_released(&Reserved::for_extensions(new), &[]);
        let Some((from, to)) = removed else { return };
        self.tell(Concern::ExtensionRangeRemoved, path.here(), self.names(old, new), || {
            let (numbers, range) = match from == to {
                true => ("number", from.to_string()),
                false => ("numbers", format!("{from} to {to}")),
            };
            let message = format!(
                "{numbers} {range} of {} can no longer be extended: files with such extensions do not compile",
                describe::message(new)
            );
            Words::new(message, format!("keep `extensions {range};`"))
        });
    }

    /// What is no longer reserved in a message or enum.
    pub fn released(
        &mut self,
        of: &str,
        (numbers, names): (Option<(i64, i64)>, &[&str]),
        path: &Path,
        places: (Place, Place),
    ) {
        if let Some((from, to)) = numbers {
            let range = if from == to { from.to_string() } else { format!("{from} to {to}") };
            self.tell(Concern::ReservedNumberReleased, path.here(), places.clone(), || {
                let number = if from == to { "number" } else { "numbers" };
                let message = format!("{number} {range} of {of} can be used again after having been reserved");
                Words::new(message, format!("keep `reserved {range};`"))
            });
        }
        if let [first, ..] = names {
            self.tell(Concern::ReservedNameReleased, path.here(), places, || {
                let message = format!(
                    "{} of {of} can be used again after having been reserved",
                    describe::some(names.iter().copied())
                );
                Words::new(message, format!("keep `reserved \"{first}\";`"))
            });
        }
    }

    fn removed(&mut self, before: &FieldDescriptor, new: &MessageDescriptor, reserved: &Reserved, path: &Path) {
        let field = describe::field(before);
        let (name, number) = (before.name(), before.number());
        let places = self.names(before, new);
        if let Some(moved) = new.get_field_by_name(name) {
            let places = self.names(before, &moved);
            return self.tell(Concern::FieldNumberChanged, path.to_field(before), places, || {
                let message =
                    format!("{field} has the number {} now: what was written under {number} is lost", moved.number());
                Words::new(message, format!("keep the number {number}"))
            });
        }
        match (reserved.has_number(number.into()), reserved.has_name(name)) {
            (false, named) => self.tell(Concern::FieldNumberNotReserved, path.to_field(before), places, || {
                let names = if named { String::new() } else { format!(" and `reserved {};`", quoted_name(name)) };
                let message = format!("{field} is gone, and its number may be given to another field");
                Words::new(message, format!("write `reserved {number};`{names}"))
            }),
            (true, false) => self.tell(Concern::FieldNameNotReserved, path.to_field(before), places, || {
                let message =
                    format!("{field} is gone, and its name may be given to another field, which JSON mixes up");
                Words::new(message, format!("write `reserved {};`", quoted_name(name)))
            }),
            (true, true) => self.tell(Concern::FieldRemoved, path.to_field(before), places, || {
                Words::new(
                    format!("{field} is gone, and code that uses it does not compile"),
                    "mark it `deprecated` first",
                )
            }),
        }
    }
}

/// A name in quotation marks, cut where it is long.
fn quoted_name(name: &str) -> String {
    quoted(name).replace('`', "\"")
}
