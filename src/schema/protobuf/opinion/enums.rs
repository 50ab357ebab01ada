use std::collections::{HashMap, HashSet};

use prost_reflect::{EnumDescriptor, Syntax};

use super::Concern;
use super::judge::{Judge, Words};
use super::reserved::Reserved;
use crate::schema::error::quoted;
use crate::schema::protobuf::compatibility::path::Path;
use crate::schema::protobuf::describe;

impl Judge<'_> {
    /// Enums that stand beside each other; they are known by name.
    pub fn enum_list(&mut self, old: Vec<EnumDescriptor>, new: Vec<EnumDescriptor>, path: &Path) {
        let by_name: HashMap<&str, &EnumDescriptor> = new.iter().map(|after| (after.name(), after)).collect();
        for before in &old {
            match by_name.get(before.name()) {
                Some(after) => self.enumeration(before, after, &path.below(before.name())),
                None => self.tell(Concern::EnumRemoved, path.to(before.name()), self.old_name(before), || {
                    let message = format!(
                        "enum {} is gone, and code that uses it does not compile",
                        describe::enumeration(before)
                    );
                    Words::new(message, "keep it while code uses it")
                }),
            }
        }
    }

    fn enumeration(&mut self, old: &EnumDescriptor, new: &EnumDescriptor, path: &Path) {
        let reserved = Reserved::of_enum(new);
        let of = describe::enumeration(new);
        let numbers: HashMap<String, i32> =
            new.values().map(|value| (value.name().to_owned(), value.number())).collect();
        for before in old.values() {
            let (name, number) = (quoted(before.name()), before.number());
            let after = new.get_value(number);
            let places = after.as_ref().map_or_else(|| self.names(&before, new), |after| self.names(&before, after));
            match (numbers.get(before.name()), &after) {
                (Some(same), _) if *same == number => {}
                (Some(other), _) => self.tell(Concern::EnumNumberChanged, path.to(number), places, || {
                    let message =
                        format!("{name} of {of} was {number} and is {other}: records that are written are misread");
                    Words::new(message, format!("keep the number {number}"))
                }),
                (None, Some(after)) => self.tell(Concern::EnumValueRenamed, path.to(number), places, || {
                    let message = format!(
                        "{name} ({number}) of {of} is {} now, and JSON has the name in it",
                        quoted(after.name())
                    );
                    Words::new(message, "keep the name, with the new one beside it by `option allow_alias = true;`")
                }),
                (None, None) => {
                    let concern = match (reserved.has_number(number.into()), reserved.has_name(before.name())) {
                        (false, _) => Concern::EnumNumberNotReserved,
                        (true, false) => Concern::EnumNameNotReserved,
                        (true, true) => Concern::EnumValueRemoved,
                    };
                    self.tell(concern, path.to(number), places, || {
                        let gone = format!("{name} ({number}) of {of} is gone");
                        match concern {
                            Concern::EnumNumberNotReserved => Words::new(
                                format!("{gone}, and its number may be given to another value"),
                                format!("write `reserved {number};`"),
                            ),
                            Concern::EnumNameNotReserved => Words::new(
                                format!("{gone}, and its name may be given to another value, which JSON mixes up"),
                                format!("write `reserved {};`", name.replace('`', "\"")),
                            ),
                            _ => Words::new(
                                format!("{gone}, and code that uses it does not compile"),
                                "mark it `deprecated` first",
                            ),
                        }
                    });
                }
            }
        }
        self.enum_default(old, new, path);
        let before = Reserved::of_enum(old);
        let mut used: Vec<i64> = new.values().map(|value| value.number().into()).collect();
        used.sort_unstable();
        let names: HashSet<&str> = numbers.keys().map(String::as_str).collect();
        let released = before.first_released(&reserved, &used);
        let places = self.names(old, new);
        self.released(&of, (released, &before.released_names(&reserved, |name| names.contains(name))), path, places);
        for value in new.values() {
            let places = self.names(old, &value);
            let (name, number) = (quoted(value.name()), value.number());
            if before.has_number(number.into()) {
                self.tell(Concern::ReservedNumberUsed, path.to(number), places, || {
                    let message = format!("{name} ({number}) of {of} has a number that was reserved");
                    Words::new(message, "take a number that was never used: old records may mean something else by it")
                });
            } else if before.has_name(value.name()) {
                self.tell(Concern::ReservedNameUsed, path.to(number), places, || {
                    let message = format!("{name} ({number}) of {of} has a name that was reserved");
                    Words::new(message, "take another name: old records in JSON may mean something else by it")
                });
            }
        }
    }

    /// In proto3 it is always 0.
    fn enum_default(&mut self, old: &EnumDescriptor, new: &EnumDescriptor, path: &Path) {
        let is_proto3 = |declared: &EnumDescriptor| declared.parent_file().syntax() == Syntax::Proto3;
        let (before, after) = (old.default_value(), new.default_value());
        if before.number() != after.number() && !(is_proto3(old) && is_proto3(new)) {
            let places = self.names(&before, &after);
            self.tell(Concern::EnumDefaultChanged, path.to(after.number()), places, || {
                let (was, is) = (quoted(before.name()), quoted(after.name()));
                let message = format!(
                    "{was} ({}) came first in {} and {is} ({}) does now: fields that are not set mean the first one",
                    before.number(),
                    describe::enumeration(new),
                    after.number()
                );
                Words::new(message, format!("keep {was} first"))
            });
        }
    }
}
