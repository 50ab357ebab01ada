use std::ops::Range;

use super::text::{Json, Value};
use super::{ResolvedReference, SchemaFormat, avro, json, protobuf};

/// Something in a schema that is tagged as personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalData {
    /// The field, property or type: `Viewer.email`.
    pub name: String,
    /// What records call it: the field or property. `None` where a whole type is tagged, or names that follow a pattern.
    pub field: Option<String>,
    /// The bytes of its name, in the text of `reference` where there is one.
    pub range: Option<Range<usize>>,
    /// The name of the reference that it is in; `None` for what the schema itself declares.
    pub reference: Option<String>,
}

/// Tags that are told of one schema. One is enough for every rule.
pub const MOST: usize = 100;

/// What was found so far, each once.
#[derive(Default)]
pub(super) struct Found(Vec<PersonalData>);

impl Found {
    /// Whether nothing more is looked for.
    pub fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    /// Adds a tag. A field and its type may both have one, and a type may be reached in several ways.
    pub fn add(&mut self, name: String, field: Option<&str>, range: Option<Range<usize>>, reference: Option<&str>) {
        let is_same = |known: &PersonalData| known.name == name && known.reference.as_deref() == reference;
        if !self.is_full() && !self.0.iter().any(is_same) {
            self.0.push(PersonalData {
                name,
                field: field.map(str::to_owned),
                range,
                reference: reference.map(str::to_owned),
            });
        }
    }
}

/// What a schema tags as personal data, itself and in what it uses of its references: the property `pii` of a field or type in
/// Avro, `x-pii` in JSON Schema, an option whose name ends in `pii` in Protobuf. A tag of `false` is none. Nothing comes of a
/// text that is no schema.
pub fn personal_data(format: SchemaFormat, text: &str, references: &[ResolvedReference<'_>]) -> Vec<PersonalData> {
    // Most schemas have none, and are not read again to find that out.
    let may_have = |text: &str| ["pii", "PII", "Pii"].iter().any(|tag| text.contains(tag));
    if !may_have(text) && !references.iter().any(|reference| may_have(reference.text)) {
        return Vec::new();
    }
    let found = match format {
        SchemaFormat::Avro => avro::personal_data(text, references),
        SchemaFormat::Json => {
            json::parse(text, references).map(|schema| json::personal_data(&schema)).unwrap_or_default()
        }
        SchemaFormat::Protobuf => {
            protobuf::parse(text, references).map(|schema| protobuf::personal_data(&schema)).unwrap_or_default()
        }
    };
    found.0
}

/// Whether a tag says that something is personal data: anything but `false` and `null` does, be it the kind of data.
pub(super) fn is_tag(tag: &Json<'_>) -> bool {
    !matches!(tag.value, Value::Bool(false) | Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(format: SchemaFormat, text: &str, references: &[(&str, &str)]) -> Vec<String> {
        let references: Vec<_> = references.iter().map(|(name, text)| ResolvedReference { name, text }).collect();
        let found = personal_data(format, text, &references);
        let shown = |data: PersonalData| match (&data.reference, data.range) {
            (None, Some(range)) => format!("{} {}", data.name, &text[range]),
            (Some(reference), _) => format!("{} of {reference}", data.name),
            (None, None) => data.name,
        };
        found.into_iter().map(shown).collect()
    }

    fn avro(text: &str) -> Vec<String> {
        names(SchemaFormat::Avro, text, &[])
    }

    fn json(text: &str) -> Vec<String> {
        names(SchemaFormat::Json, text, &[])
    }

    fn protobuf(text: &str) -> Vec<String> {
        let text = format!(
            "syntax = \"proto3\"; package a;\nimport \"google/protobuf/descriptor.proto\";\n\
             extend google.protobuf.FieldOptions {{ bool pii = 50000; string x_pii = 50001; M meta = 50002; bool piirate = 50003; }}\n\
             extend google.protobuf.MessageOptions {{ bool all_pii = 50000; }}\n\
             message M {{ bool pii = 1; }}\n{text}"
        );
        names(SchemaFormat::Protobuf, &text, &[])
    }

    #[test]
    fn avro_tags_fields_and_types_wherever_they_are() {
        let record = |fields: &str| format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#);
        let field = |rest: &str| record(&format!(r#"{{"name":"f",{rest}}}"#));
        assert_eq!(avro(&field(r#""type":"string","pii":true"#)), [r#"R.f "f""#]);
        assert_eq!(avro(&field(r#""type":"string","pii":"email""#)), [r#"R.f "f""#]);
        assert_eq!(avro(&field(r#""type":"string","pii":{"kind":"name"}"#)), [r#"R.f "f""#]);
        assert_eq!(avro(&field(r#""type":"string","pii":false"#)), [""; 0]);
        assert_eq!(avro(&field(r#""type":"string","pii":null"#)), [""; 0]);
        // A default or another property that looks like one is none.
        assert_eq!(
            avro(&field(r#""type":{"type":"map","values":"string"},"default":{"pii":"x"},"x":{"pii":true}"#)),
            [""; 0]
        );
        assert_eq!(avro(&record(r#"{"name":"pii","type":"string"}"#)), [""; 0]);
        assert_eq!(avro(&field(r#""type":{"type":"string","pii":true}"#)), [r#"R.f "f""#]);
        assert_eq!(
            avro(&field(r#""type":["null",{"type":"array","items":{"type":"string","pii":true}}]"#)),
            [r#"R.f "f""#]
        );
        let inner = r#"{"type":"record","name":"Viewer","fields":[{"name":"mail","type":"string","pii":true}]}"#;
        assert_eq!(avro(&field(&format!(r#""type":{{"type":"map","values":{inner}}}"#))), [r#"Viewer.mail "mail""#]);
        assert_eq!(avro(r#"{"type":"record","name":"R","pii":true,"fields":[]}"#), [r#"R "R""#]);
        assert_eq!(avro(r#"{"type":"fixed","name":"F","pii":true,"size":4}"#), [r#"F "F""#]);
        assert_eq!(avro(r#"{"type":"string","pii":true}"#), ["string"]);
    }

    #[test]
    fn avro_follows_references_that_are_used() {
        let viewer = r#"{"type":"record","name":"Viewer","namespace":"b","fields":[
            {"name":"address","type":{"type":"record","name":"Address","fields":[{"name":"street","type":"string","pii":true}]}},
            {"name":"self","type":["null","Viewer"]}]}"#;
        let unused =
            r#"{"type":"record","name":"Other","namespace":"b","fields":[{"name":"x","type":"string","pii":true}]}"#;
        let references = [("b.Other", unused), ("b.Viewer", viewer)];
        let of = |text: &str| names(SchemaFormat::Avro, text, &references);
        let text = r#"{"type":"record","name":"R","namespace":"a","fields":[{"name":"v","type":["null","b.Viewer"]}]}"#;
        assert_eq!(of(text), ["Address.street of b.Viewer"]);
        assert_eq!(of(&text.replace("b.Viewer", "string")), [""; 0]);
        // In the same namespace the short name does.
        let text = r#"{"type":"record","name":"R","namespace":"b","fields":[{"name":"v","type":"Address"}]}"#;
        assert_eq!(of(text), ["Address.street of b.Viewer"]);
        let text = r#"{"type":"record","name":"R","namespace":"a","fields":[{"name":"v","type":"Address"}]}"#;
        assert_eq!(of(text), [""; 0]);
    }

    #[test]
    fn avro_tells_once_what_is_reached_in_two_ways() {
        let viewer = r#"{"type":"record","name":"Viewer","namespace":"b","fields":[
            {"name":"address","type":{"type":"record","name":"Address","fields":[{"name":"street","type":"string","pii":true}]}}]}"#;
        for types in [["b.Viewer", "b.Address"], ["b.Address", "b.Viewer"]] {
            let fields = ["v", "w"].iter().zip(types).map(|(name, of)| format!(r#"{{"name":"{name}","type":"{of}"}}"#));
            let fields = fields.collect::<Vec<_>>().join(",");
            let text = format!(r#"{{"type":"record","name":"R","namespace":"a","fields":[{fields}]}}"#);
            let found = names(SchemaFormat::Avro, &text, &[("b.Viewer", viewer)]);
            assert_eq!(found, ["Address.street of b.Viewer"], "{types:?}");
        }
    }

    #[test]
    fn enough_is_told_of_a_schema_that_tags_everything() {
        let each = |one: &dyn Fn(usize) -> String, between: &str| (0..300).map(one).collect::<Vec<_>>().join(between);
        let fields = each(&|n| format!(r#"{{"name":"f{n}","type":"string","pii":true}}"#), ",");
        assert_eq!(avro(&format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#)).len(), MOST);
        let properties = each(&|n| format!(r#""p{n}":{{"x-pii":true}}"#), ",");
        assert_eq!(json(&format!(r#"{{"properties":{{{properties}}}}}"#)).len(), MOST);
        let fields = each(&|n| format!("string f{n} = {} [(pii) = true];", n + 1), "\n");
        assert_eq!(protobuf(&format!("message A {{ {fields} }}")).len(), MOST);
    }

    #[test]
    fn json_schema_tags_every_schema_that_is_reached() {
        assert_eq!(json(r#"{"properties":{"mail":{"type":"string","x-pii":true}}}"#), [r#"mail "mail""#]);
        assert_eq!(json(r#"{"properties":{"mail":{"type":"string","x-pii":false}}}"#), [""; 0]);
        assert_eq!(json(r#"{"properties":{"x-pii":{"type":"string"}}}"#), [""; 0]);
        assert_eq!(json(r#"{"examples":[{"x-pii":true}],"enum":[{"x-pii":true}]}"#), [""; 0]);
        assert_eq!(json(r#"{"properties":{"a":{"items":{"allOf":[{"x-pii":"name"}]}}}}"#), [r#"a "a""#]);
        assert_eq!(json(r#"{"patternProperties":{"^x":{"oneOf":[{},{"x-pii":1}]}}}"#), [r#"^x "^x""#]);
        let defined = r##"{"properties":{"a":{"$ref":"#/$defs/T"},"b":{"$ref":"#/$defs/T"}},
            "$defs":{"T":{"properties":{"mail":{"x-pii":true},"t":{"$ref":"#/$defs/T"}}}}}"##;
        assert_eq!(json(defined), [r#"mail "mail""#]);
        // What is defined and not used is in no record.
        assert_eq!(json(r#"{"type":"object","$defs":{"T":{"x-pii":true}}}"#), [""; 0]);
        assert_eq!(json(r#"{"x-pii":true}"#), ["(the whole)"]);
    }

    #[test]
    fn json_schema_follows_references() {
        let other = r##"{"$defs":{"T":{"properties":{"mail":{"x-pii":true}}},"U":{"x-pii":true}}}"##;
        let of = |reference: &str| {
            let text = format!(r##"{{"properties":{{"a":{{"$ref":"{reference}"}}}}}}"##);
            names(SchemaFormat::Json, &text, &[("other.json", other)])
        };
        assert_eq!(of("other.json#/$defs/T"), ["mail of other.json"]);
        assert_eq!(of("other.json"), [""; 0]);
    }

    #[test]
    fn protobuf_tags_fields_and_messages_by_options() {
        assert_eq!(protobuf("message A { string mail = 1 [(pii) = true]; string b = 2; }"), ["A.mail mail"]);
        assert_eq!(protobuf("message A { string mail = 1 [(a.pii) = true]; }"), ["A.mail mail"]);
        assert_eq!(protobuf("message A { string mail = 1 [(x_pii) = \"email\"]; }"), ["A.mail mail"]);
        assert_eq!(protobuf("message A { string mail = 1 [(meta).pii = true]; }"), ["A.mail mail"]);
        assert_eq!(protobuf("message A { string mail = 1 [(meta) = { pii: true }]; }"), ["A.mail mail"]);
        assert_eq!(protobuf("message A { string mail = 1 [(meta) = { pii: false }]; }"), [""; 0]);
        assert_eq!(protobuf("message A { string mail = 1 [(pii) = false]; }"), [""; 0]);
        assert_eq!(protobuf("message A { string mail = 1 [(piirate) = true]; }"), [""; 0]);
        assert_eq!(protobuf("message A { string pii = 1; }"), [""; 0]);
        assert_eq!(protobuf("message A { option (all_pii) = true; string b = 1; }"), ["A A"]);
        assert_eq!(
            protobuf("message A { map<string, B> m = 1; message B { string c = 1 [(pii) = true]; } }"),
            ["A.B.c c"]
        );
    }

    #[test]
    fn protobuf_follows_imports_that_are_used() {
        let options = "syntax = \"proto3\"; package o; import \"google/protobuf/descriptor.proto\"; \
                       extend google.protobuf.FieldOptions { bool pii = 50000; }";
        let viewer =
            "syntax = \"proto3\"; package b; import \"o.proto\"; message Viewer { string mail = 1 [(o.pii) = true]; }";
        let of = |text: &str| {
            let text = format!("syntax = \"proto3\"; import \"b.proto\"; {text}");
            names(SchemaFormat::Protobuf, &text, &[("o.proto", options), ("b.proto", viewer)])
        };
        assert_eq!(of("message A { repeated b.Viewer v = 1; }"), ["Viewer.mail of b.proto"]);
        assert_eq!(of("message A { string v = 1; }"), [""; 0]);
    }
}
