//! What a schema itself says: it tells nothing of a record.

use std::collections::HashSet;

use crate::schema::avro::codec::UNNAMED;
use crate::schema::avro::{AvroSchema, NamedKind};
use crate::schema::json::{JsonSchema, walk};
use crate::schema::text::{Json, Value, write_string};

/// Values that are taken of one schema. Each is tried on its own.
const MOST_VALUES: usize = 500;

/// Names and values that stand in a schema.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// What keys of objects are called: fields, properties, branches of unions.
    pub names: HashSet<String>,
    /// Values that fit somewhere, as JSON: symbols of enums, constants, bounds of numbers.
    pub values: Vec<String>,
}

impl Vocabulary {
    /// Adds a value.
    pub fn add_value(&mut self, value: String) {
        if self.values.len() < MOST_VALUES && !self.values.contains(&value) {
            self.values.push(value);
        }
    }

    /// Adds a symbol of an enum.
    pub fn add_symbol(&mut self, symbol: &str) {
        let mut written = String::new();
        write_string(&mut written, symbol);
        self.add_value(written);
    }
}

/// What an Avro schema says.
pub(super) fn of_avro(schema: &AvroSchema) -> Vocabulary {
    let mut said = Vocabulary::default();
    // In a union a value stands behind the name of its branch.
    said.names.extend(UNNAMED.map(str::to_owned));
    for named in &schema.named {
        said.names.insert(named.name.clone());
        match &named.kind {
            NamedKind::Record(fields) => said.names.extend(fields.iter().map(|field| field.name.clone())),
            NamedKind::Enum { symbols, .. } => symbols.iter().for_each(|symbol| said.add_symbol(symbol)),
            NamedKind::Fixed(_) => {}
        }
    }
    said
}

/// What a JSON Schema says, with what it refers to.
pub(super) fn of_json(schema: &JsonSchema) -> Vocabulary {
    let mut said = Vocabulary::default();
    let mut look_at = |json: &Json<'static>| {
        let items = |key: &str| json.get(key).and_then(Json::as_array).unwrap_or_default();
        let properties = json.get("properties").and_then(Json::as_object).unwrap_or_default();
        said.names.extend(properties.iter().map(|member| member.key.to_string()));
        said.names.extend(items("required").iter().filter_map(Json::as_str).map(str::to_owned));
        let constants = json.get("const").into_iter().chain(items("enum"));
        let scalar = |value: &&Json<'_>| matches!(value.value, Value::String(_) | Value::Number(_));
        constants.filter(scalar).for_each(|value| said.add_value(value.to_string()));
        bounds(json, &mut said);
    };
    let referred = schema.references.iter().map(|(_, root)| root);
    [&schema.root].into_iter().chain(referred).for_each(|root| walk(root, &mut look_at));
    said
}

/// Numbers that fit the bounds of a schema, if any do: those themselves, what is next to them, and what is between.
fn bounds(json: &Json<'_>, said: &mut Vocabulary) {
    let number = |key: &str| json.get(key).and_then(Json::as_number);
    let low = ["minimum", "exclusiveMinimum"].map(number);
    let high = ["maximum", "exclusiveMaximum"].map(number);
    for bound in low.into_iter().chain(high).flatten() {
        said.add_value(bound.to_owned());
    }
    let value = |bounds: [Option<&str>; 2]| bounds.into_iter().flatten().find_map(|bound| bound.parse::<f64>().ok());
    let (low, high) = (value(low), value(high));
    let step = number("multipleOf").and_then(|step| step.parse::<f64>().ok()).filter(|step| *step > 0.0);
    let step = step.unwrap_or(1.0);
    let up = low.map(|low| [(low / step).ceil() * step, ((low / step).floor() + 1.0) * step]);
    let down = high.map(|high| [(high / step).floor() * step, ((high / step).ceil() - 1.0) * step]);
    let between = low.zip(high).map(|(low, high)| (low + high) / 2.0);
    let near = up.into_iter().flatten().chain(down.into_iter().flatten()).chain(between);
    // Beyond that a double is no longer exactly what is meant.
    for value in near.filter(|value| value.abs() < 9e15) {
        said.add_value(format!("{value}"));
    }
}
