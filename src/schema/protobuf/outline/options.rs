//! Options as attributes.

use prost_reflect::prost_types::UninterpretedOption;

use crate::schema::diff::ChangeKind;
use crate::schema::diff::outline::{Attribute, Part};

/// Adds options to a part. They are sorted by name, and values of one name keep their order.
pub fn add(options: Option<&[UninterpretedOption]>, part: &mut Part) {
    let mut rest = options.unwrap_or_default();
    while let Some(first) = rest.first() {
        let of_name = name(first);
        let end = rest.iter().position(|option| name(option) != of_name).unwrap_or(rest.len());
        let values: Vec<String> = rest[..end].iter().map(value).collect();
        part.attributes.push(Attribute::new(ChangeKind::OptionChanged, format!("option {of_name}"), values.join(", ")));
        rest = &rest[end..];
    }
}

/// Options behind something that has no part of its own: ` [name = value]`.
pub fn text(options: &[UninterpretedOption]) -> String {
    let all: Vec<String> = options.iter().map(|option| format!("{} = {}", name(option), value(option))).collect();
    if all.is_empty() { String::new() } else { format!(" [{}]", all.join(", ")) }
}

fn name(option: &UninterpretedOption) -> String {
    let parts = option.name.iter().map(|part| match part.is_extension {
        true => format!("({})", part.name_part),
        false => part.name_part.clone(),
    });
    parts.collect::<Vec<_>>().join(".")
}

fn value(option: &UninterpretedOption) -> String {
    if let Some(bytes) = &option.string_value {
        return format!("\"{}\"", bytes.escape_ascii());
    }
    if let Some(aggregate) = &option.aggregate_value {
        return format!("{{{aggregate} }}");
    }
    let numbers = [
        option.positive_int_value.map(|number| number.to_string()),
        option.negative_int_value.map(|number| number.to_string()),
        option.double_value.map(|number| format!("{number:?}")),
    ];
    numbers.into_iter().flatten().next().or_else(|| option.identifier_value.clone()).unwrap_or_default()
}
