use std::collections::{BTreeSet, HashSet};

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use super::Concern;
use super::judge::{Judge, Words};
use crate::schema::error::quoted;
use crate::schema::protobuf::compatibility::kinds;
use crate::schema::protobuf::compatibility::path::Path;
use crate::schema::protobuf::describe;

impl Judge<'_> {
    /// Which fields exclude each other on each side.
    pub fn oneofs(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, path: &Path) {
        let names = |message| kinds::oneofs(message).map(|oneof| oneof.name().to_owned()).collect::<HashSet<String>>();
        let (old_names, new_names) = (names(old), names(new));
        for before in kinds::oneofs(old) {
            let kept = on_both(before.fields(), new);
            let oneof = describe::oneof(&before);
            let places = self.names(&before, new);
            let to = ways(&kept);
            if new_names.contains(before.name()) {
                // The registry refuses that a member leaves it.
                continue;
            }
            match &to[..] {
                [] => {}
                // It went into one that was there before, which is told of that one.
                [Some(to)] if old_names.contains(to) => {}
                [Some(to)] => self.tell(Concern::OneofRenamed, path.to(before.name()), places, || {
                    let message = format!("oneof {oneof} is {} now, and code that uses it does not compile", quoted(to));
                    Words::new(message, format!("keep the name {}", quoted(before.name())))
                }),
                [None] if kept.len() == 1 => self.tell(Concern::FieldOneofChanged, path.to(before.name()), places, || {
                    let message = format!("{} left oneof {oneof}, and code that uses it has to change", field(&kept[0]));
                    Words::new(message, "keep it in the oneof")
                }),
                _ => self.tell(Concern::OneofSplit, path.to(before.name()), places, || {
                    let names = describe::some(kept.iter().map(FieldDescriptor::name));
                    let message = format!(
                        "{names} excluded each other in oneof {oneof} and can be set together now; who has the old file \
                         keeps the last one only"
                    );
                    Words::new(message, "keep the oneof")
                }),
            }
        }
        for after in kinds::oneofs(new) {
            let known = on_both(after.fields(), old);
            let from = ways(&known);
            let oneof = describe::oneof(&after);
            let places = self.names(old, &after);
            match &from[..] {
                [None] if known.len() == 1 && !old_names.contains(after.name()) => {
                    self.tell(Concern::FieldOneofChanged, path.to(after.name()), places, || {
                        let message = format!(
                            "{} went into oneof {oneof}, and code that uses it has to change",
                            field(&known[0])
                        );
                        Words::new(message, "keep it out of the oneof")
                    });
                }
                // With fields that stood alone the registry refuses it.
                [Some(_), Some(_), ..] if from.iter().all(Option::is_some) => {
                    self.tell(Concern::OneofsMerged, path.to(after.name()), places, || {
                        let oneofs = describe::some(from.iter().flatten().map(String::as_str));
                        let message = format!(
                            "members of the oneofs {oneofs} could be set together and exclude each other in {oneof}, which \
                             keeps the last one that it reads"
                        );
                        Words::new(message, "keep the oneofs apart")
                    });
                }
                _ => {}
            }
        }
    }
}

fn field(field: &FieldDescriptor) -> String {
    format!("{} ({})", quoted(field.name()), field.number())
}

/// The counterparts of fields in a message, where it has them.
fn on_both(fields: impl Iterator<Item = FieldDescriptor>, other: &MessageDescriptor) -> Vec<FieldDescriptor> {
    fields.filter_map(|field| other.get_field(field.number())).collect()
}

/// The oneofs that fields are members of, each once; `None` where one is alone.
fn ways(fields: &[FieldDescriptor]) -> Vec<Option<String>> {
    let ways: BTreeSet<Option<String>> =
        fields.iter().map(|field| kinds::oneof(field).map(|oneof| oneof.name().to_owned())).collect();
    ways.into_iter().collect()
}
