//! Enums: aliases, reserved numbers and names, and names that code generators make the same.

use std::collections::HashMap;

use prost_reflect::prost_types::EnumDescriptorProto;

use super::ranges::Ranges;
use super::{Checked, Walk, list};
use crate::schema::error::quoted;
use crate::schema::protobuf::options::word;
use crate::schema::protobuf::places::part;

impl Walk {
    pub(super) fn enumeration(&mut self, declared: &EnumDescriptorProto) -> Checked {
        self.aliases(declared)?;
        let mut ranges = Ranges::default();
        let reserved = declared.reserved_range.iter().map(|range| (range.start(), i64::from(range.end())));
        ranges.add(list::ENUM_RESERVED_RANGES, "reserved", reserved);
        self.apart(&mut ranges)?;
        let names = self.reserved_names(list::ENUM_RESERVED_NAMES, &declared.reserved_name)?;
        for (index, value) in declared.value.iter().enumerate() {
            let (name, number) = (quoted(value.name()), value.number());
            if let Some(what) = ranges.what(number) {
                let said = format!("{name} has the number {number}, which is {what}");
                let place = [list::ENUM_VALUES, index as i32, part::VALUE_NUMBER];
                return self.object(&place, said, "give it a number of its own");
            }
            if names.contains(value.name()) {
                let said = format!("the name {name} is reserved");
                return self.object(
                    &[list::ENUM_VALUES, index as i32, part::NAME],
                    said,
                    "give the value another name",
                );
            }
        }
        if self.is_proto3 { self.generated_names(declared) } else { Ok(()) }
    }

    fn aliases(&self, declared: &EnumDescriptorProto) -> Checked {
        let options = declared.options.as_ref().map_or(&[][..], |options| &options.uninterpreted_option);
        let Some(word) = word(options, "allow_alias") else { return Ok(()) };
        let mut numbers: Vec<i32> = declared.value.iter().map(|value| value.number()).collect();
        numbers.sort_unstable();
        let name = quoted(declared.name());
        let said = match word {
            "true" if numbers.windows(2).all(|pair| pair[0] != pair[1]) => {
                format!("{name} allows aliases, and no two of its values have one number")
            }
            "false" => format!("{name} says that it allows no aliases, as does every enum"),
            _ => return Ok(()),
        };
        self.object(&[part::NAME], said, "remove the option `allow_alias`")
    }

    /// Values whose names are the same in generated code, where the enum's name is taken off and words are joined.
    fn generated_names(&self, declared: &EnumDescriptorProto) -> Checked {
        let mut known: HashMap<String, (&str, i32)> = HashMap::with_capacity(declared.value.len());
        let prefix = plain(declared.name());
        for (index, value) in declared.value.iter().enumerate() {
            let generated = joined(without_prefix(value.name(), &prefix));
            let (other, number) = *known.entry(generated).or_insert((value.name(), value.number()));
            if other != value.name() && number != value.number() {
                let (one, two) = (quoted(other), quoted(value.name()));
                let said = format!("{one} and {two} have the same name in generated code, without that of the enum");
                return self.object(
                    &[list::ENUM_VALUES, index as i32, part::NAME],
                    said,
                    "give one of them another name",
                );
            }
        }
        Ok(())
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect()
}

/// A value's name without that of its enum, whose case and underscores do not count. What has nothing else stays.
fn without_prefix<'n>(name: &'n str, prefix: &str) -> &'n str {
    let mut left = prefix;
    let mut rest = name;
    while let Some(next) = left.chars().next() {
        let Some(first) = rest.chars().next() else { return name };
        rest = &rest[first.len_utf8()..];
        if first != '_' {
            if first.to_ascii_lowercase() != next {
                return name;
            }
            left = &left[next.len_utf8()..];
        }
    }
    match rest.trim_start_matches('_') {
        "" => name,
        rest => rest,
    }
}

/// `FOO_BAR` as `FooBar`.
fn joined(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    let capitalised = words.map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    capitalised.collect()
}
