use std::fmt::Write as _;

use proptest::prelude::*;

use super::compatibility::{Element, breaking_changes, changes, incompatibilities};
use super::opinion::second_opinion;
use super::{ProtobufSchema, normal, parse};
use crate::schema::{Category, SchemaFormat, is_met_by};

const TYPES: [&str; 12] =
    ["int32", "int64", "bool", "sint32", "string", "bytes", "fixed32", "double", "Choice", "M0", "M1", "M0.In"];

#[derive(Debug, Clone)]
struct Field {
    name: String,
    number: u32,
    of: &'static str,
    repeated: bool,
    /// Which oneof it is in, if any.
    oneof: Option<u8>,
}

/// Two messages, with a message and an enum inside and beside them, which hold each other.
#[derive(Debug, Clone)]
struct File(Vec<Vec<Field>>);

impl File {
    fn text(&self) -> String {
        let mut text = "syntax = \"proto3\"; package made.up;\nenum Choice { NONE = 0; SOME = 1; }\n".to_owned();
        for (index, fields) in self.0.iter().enumerate() {
            _ = writeln!(text, "message M{index} {{ message In {{ int32 x = 1; M1 other = 2; }}");
            for field in fields.iter().filter(|field| field.oneof.is_none()) {
                let label = if field.repeated { "repeated " } else { "" };
                _ = writeln!(text, "{label}{} {} = {};", field.of, field.name, field.number);
            }
            for oneof in 0..2 {
                let members: Vec<&Field> = fields.iter().filter(|field| field.oneof == Some(oneof)).collect();
                if members.is_empty() {
                    continue;
                }
                _ = writeln!(text, "oneof o{oneof} {{");
                members.iter().for_each(|field| _ = writeln!(text, "{} {} = {};", field.of, field.name, field.number));
                text.push_str("}\n");
            }
            text.push_str("}\n");
        }
        text
    }

    fn schema(&self) -> ProtobufSchema {
        let text = self.text();
        parse(&text, &[]).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let oneof = prop_oneof![2 => Just(None), 1 => (0_u8..2).prop_map(Some)];
    let field = (1_u32..12, prop::sample::select(TYPES.to_vec()), any::<bool>(), oneof);
    prop::collection::vec(field, 0..8).prop_map(|fields| {
        let mut seen = std::collections::HashSet::new();
        let unique = fields.into_iter().filter(move |(number, ..)| seen.insert(*number));
        unique
            .map(|(number, of, repeated, oneof)| Field { name: format!("f{number}"), number, of, repeated, oneof })
            .collect()
    })
}

fn file() -> impl Strategy<Value = File> {
    prop::collection::vec(fields(), 2).prop_map(File)
}

proptest! {
    #[test]
    fn the_normal_form_means_the_same_and_is_one(file in file()) {
        let text = file.text();
        let shown = normal(&text).unwrap();
        prop_assert!(is_met_by(SchemaFormat::Protobuf, &text, &shown), "{}", shown);
        prop_assert!(parse(&shown, &[]).is_ok());
        prop_assert_eq!(normal(&shown).unwrap(), shown.clone());
        // The order of fields means nothing.
        let mut other = file.clone();
        other.0.iter_mut().for_each(|fields| fields.reverse());
        prop_assert_eq!(normal(&other.text()).unwrap(), shown);
    }

    #[test]
    fn every_file_reads_itself(file in file()) {
        prop_assert!(changes(&file.schema(), &file.schema()).is_empty());
    }

    #[test]
    fn what_is_told_is_what_breaks(old in file(), new in file()) {
        let (old, new) = (old.schema(), new.schema());
        let breaking: Vec<String> =
            changes(&new, &old).into_iter().filter(|change| change.kind.is_breaking()).map(|change| change.path).collect();
        let told = incompatibilities(&new, &old);
        prop_assert_eq!(told.iter().map(|told| told.path.clone()).collect::<Vec<_>>(), breaking);
        for told in told {
            let fits = |range: Option<std::ops::Range<usize>>, text: &str| range.is_none_or(|range| text.get(range).is_some());
            prop_assert!(fits(told.reader, &new.text) && fits(told.writer, &old.text));
            prop_assert!(!told.message.is_empty() && told.help.is_some());
        }
    }

    #[test]
    fn a_new_field_breaks_nothing(file in file(), of in prop::sample::select(TYPES.to_vec()), repeated in any::<bool>()) {
        let mut new = file.clone();
        new.0[0].push(Field { name: "added".into(), number: 99, of, repeated, oneof: None });
        prop_assert!(incompatibilities(&new.schema(), &file.schema()).is_empty());
        // Nor does its removal.
        prop_assert!(incompatibilities(&file.schema(), &new.schema()).is_empty());
    }

    #[test]
    fn names_and_order_of_fields_break_nothing(file in file()) {
        let mut new = file.clone();
        for field in new.0.iter_mut().flatten() {
            field.name = format!("renamed_{}", field.name);
        }
        new.0.iter_mut().for_each(|fields| fields.reverse());
        prop_assert!(incompatibilities(&new.schema(), &file.schema()).is_empty());
    }

    #[test]
    fn a_type_that_is_encoded_otherwise_breaks(file in file()) {
        let mut new = file.clone();
        for field in new.0.iter_mut().flatten() {
            field.of = match field.of {
                "string" | "bytes" => "M0",
                "double" => "fixed32",
                _ => "double",
            };
        }
        let fields = file.0.iter().flatten().count();
        prop_assert_eq!(breaking_changes(&new.schema(), &file.schema()).len(), fields);
    }

    #[test]
    fn types_break_in_both_directions_or_in_neither(old in file(), new in file()) {
        let (old, new) = (old.schema(), new.schema());
        let types = |reader, writer| {
            let mut found: Vec<(&str, u32)> = breaking_changes(reader, writer)
                .into_iter()
                .filter_map(|change| match (change.kind.as_str(), change.reader) {
                    (kind, Some(Element::Field(field))) if kind.starts_with("FIELD_") => Some((kind, field.number())),
                    _ => None,
                })
                .collect();
            found.sort();
            found
        };
        prop_assert_eq!(types(&new, &old), types(&old, &new));
    }

    #[test]
    fn nothing_is_to_be_regretted_where_nothing_changed(file in file()) {
        prop_assert!(second_opinion(&file.schema(), &file.schema(), Category::Source).is_empty());
    }

    #[test]
    fn more_categories_never_tell_less(old in file(), new in file()) {
        let (old, new) = (old.schema(), new.schema());
        let [wire, json, source] =
            [Category::Wire, Category::WireJson, Category::Source].map(|category| second_opinion(&new, &old, category));
        let up_to = |category| source.iter().filter(move |told| told.category() <= category).cloned().collect::<Vec<_>>();
        prop_assert_eq!(&wire, &up_to(Category::Wire));
        prop_assert_eq!(&json, &up_to(Category::WireJson));
        for told in source.into_iter().map(|told| told.incompatibility) {
            let fits = |range: Option<std::ops::Range<usize>>, text: &str| range.is_none_or(|range| text.get(range).is_some());
            prop_assert!(fits(told.reader, &new.text) && fits(told.writer, &old.text));
            prop_assert!(!told.message.is_empty() && told.help.is_some());
        }
    }

    /// What differs passes unremarked only where it was added.
    #[test]
    fn every_field_that_is_gone_or_retyped_is_told_by_one_of_both(old in file(), new in file()) {
        let (old, new) = (old.schema(), new.schema());
        let refused = incompatibilities(&new, &old);
        let regretted = second_opinion(&new, &old, Category::Source);
        let told = regretted.iter().map(|told| &told.incompatibility).chain(&refused);
        let places: Vec<std::ops::Range<usize>> = told.filter_map(|told| told.writer.clone()).collect();
        for change in changes(&new, &old) {
            let (Some(Element::Field(field)), "FIELD_REMOVED" | "ONEOF_FIELD_REMOVED" | "FIELD_NAME_CHANGED") =
                (change.writer, change.kind.as_str())
            else {
                continue;
            };
            let name = super::places::Places::new(&old).of(&field, &[super::places::part::NAME]).expect("it is written");
            // A change of the type points at the type, which stands right before the name.
            prop_assert!(places.iter().any(|place| place.end <= name.end && name.start <= place.end + 1), "{}", change.path);
        }
    }
}
