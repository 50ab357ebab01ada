//! Required fields, which the library does not ask for.

use std::collections::HashMap;
use std::rc::Rc;

use prost_reflect::{Cardinality, DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage as _, Value};

use super::each;
use crate::schema::sample::Step;

/// The required fields of messages, by the full name of each. Messages may have many fields and records many messages.
#[derive(Default)]
pub(super) struct Required(HashMap<String, Rc<[FieldDescriptor]>>);

impl Required {
    fn of(&mut self, message: &MessageDescriptor) -> Rc<[FieldDescriptor]> {
        if let Some(known) = self.0.get(message.full_name()) {
            return known.clone();
        }
        let required: Rc<[_]> = message.fields().filter(|field| field.cardinality() == Cardinality::Required).collect();
        self.0.insert(message.full_name().to_owned(), required.clone());
        required
    }

    /// A required field that is not there, with its place.
    pub(super) fn missing(
        &mut self,
        message: &DynamicMessage,
        path: &mut Vec<Step>,
    ) -> Option<(Vec<Step>, FieldDescriptor)> {
        let required = self.of(&message.descriptor());
        if let Some(gone) = required.iter().find(|field| !message.has_field(field)) {
            return Some((path.clone(), gone.clone()));
        }
        for (field, value) in message.fields() {
            path.push(Step::Field(field.json_name().to_owned()));
            let found = each(value, path, &mut |value, path| match value {
                Value::Message(inner) => self.missing(inner, path),
                _ => None,
            });
            path.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }
}
