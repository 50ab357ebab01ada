//! What schemas keep to.

/// The text of an example's Avro schema: the record of the workspace that examples are laid over, with these fields.
macro_rules! record {
    ($first:literal $(, $field:literal)* $(,)?) => {
        crate::policy::Content::Text(concat!(
            "{\n  \"type\": \"record\",\n  \"name\": \"RawIngest\",\n  \"namespace\": \"example.media\",\n",
            "  \"fields\": [\n    ",
            $first,
            $(",\n    ", $field,)*
            "\n  ]\n}\n"
        ))
    };
}

/// The text of an example's Protobuf schema: the same record, with these lines in its message.
macro_rules! message {
    ($($line:literal),* $(,)?) => {
        crate::policy::Content::Text(concat!("syntax = \"proto3\";\nmessage RawIngest {\n", $("  ", $line, "\n",)* "}\n"))
    };
}

pub(crate) mod change;
pub(crate) mod file;
pub(crate) mod history;
pub(crate) mod kept;
pub(crate) mod major;
pub(crate) mod names;
pub(crate) mod opinion;
pub(crate) mod reference;
pub(crate) mod registry;
pub(crate) mod sample;
pub(crate) mod text;
mod unit;
pub(crate) mod versions;
