use std::collections::HashSet;

use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor};

use super::comments::Comments;
use super::describe::local;
use super::parse::ProtobufSchema;
use super::places::{Places, part};
use crate::schema::SchemaField;
use crate::schema::field::{MOST_LEVELS, Rows, joined, shown};

/// The fields of a file's first message, each message that the file declares opened where it is first used.
pub fn fields(schema: &ProtobufSchema) -> Vec<SchemaField> {
    let Some(message) = schema.file.messages().next() else { return Vec::new() };
    let mut table = Table {
        schema,
        places: Places::new(schema),
        comments: Comments::of(schema.file.file_descriptor_proto()),
        opened: HashSet::new(),
        rows: Rows::default(),
    };
    table.message(&message, "", 0);
    table.rows.into_vec()
}

struct Table<'s> {
    schema: &'s ProtobufSchema,
    places: Places<'s>,
    comments: Comments,
    /// Messages whose fields are listed already.
    opened: HashSet<String>,
    rows: Rows,
}

impl Table<'_> {
    fn message(&mut self, message: &MessageDescriptor, path: &str, level: usize) {
        // Messages of other files stand by their names, and so does what is deeper than a table goes.
        let stands_by_name = level > MOST_LEVELS || message.parent_file() != self.schema.file;
        if stands_by_name || !self.opened.insert(message.full_name().to_owned()) {
            return;
        }
        // The library keeps fields by number; people wrote them in the order of the file.
        let mut fields: Vec<FieldDescriptor> = message.fields().collect();
        fields.sort_by_key(|field| field.path().last().copied());
        for field in fields {
            if self.rows.are_full() {
                break;
            }
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{}", field.name());
            self.rows.add(SchemaField {
                path: path.clone(),
                field_type: self.describe(&field),
                default: default_of(&field),
                doc: self.comments.at(field.path()).map(str::to_owned),
                required: field.cardinality() == Cardinality::Required,
                range: self.places.of(&field, &[part::NAME]),
            });
            self.inside(&field, &path, level + 1);
        }
    }

    fn inside(&mut self, field: &FieldDescriptor, path: &str, level: usize) {
        let Kind::Message(inner) = field.kind() else { return };
        if !field.is_map() {
            let suffix = if field.is_list() { "[]" } else { "" };
            self.message(&inner, &format!("{path}{suffix}"), level);
        } else if let Kind::Message(values) = inner.map_entry_value_field().kind() {
            self.message(&values, &format!("{path}{{}}"), level);
        }
    }

    fn describe(&self, field: &FieldDescriptor) -> String {
        let base = match field.kind() {
            Kind::Message(entry) if field.is_map() => {
                let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
                format!("map<{}, {}>", self.kind(&key.kind()), self.kind(&value.kind()))
            }
            kind if field.is_list() => format!("array<{}>", self.kind(&kind)),
            kind => self.kind(&kind),
        };
        match field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
            Some(oneof) => format!("{base} (oneof {})", oneof.name()),
            None if field.field_descriptor_proto().proto3_optional() => format!("optional {base}"),
            None => base,
        }
    }

    fn kind(&self, kind: &Kind) -> String {
        match kind {
            Kind::Message(message) => self.short(message.full_name()),
            Kind::Enum(declared) => {
                let values = joined(declared.values().map(|value| value.name().to_owned()), ", ");
                format!("enum {} {{{values}}}", self.short(declared.full_name()))
            }
            scalar => format!("{scalar:?}"),
        }
    }

    /// A name without the file's own package.
    fn short(&self, full_name: &str) -> String {
        shown(local(full_name, self.schema.file.package_name()))
    }
}

fn default_of(field: &FieldDescriptor) -> Option<String> {
    field.field_descriptor_proto().default_value.clone()
}

#[cfg(test)]
mod tests {
    use super::fields;
    use crate::schema::protobuf::parse;

    /// On a stack as small as those of the threads that `validate` works on.
    #[test]
    fn messages_that_hold_each_other_far_and_deep() {
        let most = 5_000;
        let messages: String = (0..most).map(|n| format!("message M{n} {{ M{} f = 1; }}\n", n + 1)).collect();
        let text = format!("syntax = \"proto3\"; {messages} message M{most} {{ int32 a = 1; }}");
        let schema = parse(&text, &[]).expect("a schema");
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || fields(&schema));
        let rows = thread.expect("a thread").join().expect("a table");
        assert_eq!(rows.len(), super::MOST_LEVELS + 1);
        assert_eq!(rows.last().map(|row| row.field_type.as_str()), Some("M129"));
    }

    #[test]
    fn what_is_used_often_does_not_multiply() {
        let values: String = (0..20_000).map(|index| format!("VALUE_{index} = {index};")).collect();
        let used: String = (1..18_000).map(|index| format!("E f{index} = {index};")).collect();
        let text = format!("syntax = \"proto3\"; message A {{ {used} }} enum E {{ {values} }}");
        let rows = fields(&parse(&text, &[]).unwrap());
        assert!(rows.len() > 1_000 && rows.iter().all(|row| row.field_type.len() < 2_000));
    }
}
