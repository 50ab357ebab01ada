use crate::diag::{Code, Diagnostic, Level};

/// A kind of finding of contract tests. They are no rules: `validate` does not read sample records.
#[derive(Debug, Clone, Copy)]
pub struct ContractCode {
    /// Its stable code.
    pub code: Code,
    /// Its name: a few words in kebab case.
    pub name: &'static str,
    /// What is asked for, one sentence without a full stop.
    pub summary: &'static str,
    /// Why, and what to do.
    pub explanation: &'static str,
    /// The level of its findings where one does not say otherwise.
    pub level: Level,
}

/// BUS320.
pub static MISFIT: ContractCode = ContractCode {
    code: "BUS320",
    name: "sample-fits",
    summary: "A sample record is of a version of its schema",
    explanation: "A record in `schemas/DOMAIN/fixtures/TOPIC/` is a record that producers have written or will write, so \
it fits a version exactly: for Avro and Protobuf each field of the record is one of the schema, and for Avro each field of \
the schema is there, whether or not it has a default. `NAME.v2.json` says which version it was written for; of another file \
it is the newest one that it fits. `NAME.key.json` is a key.

Avro's values are written as in Avro's JSON encoding, `{\"string\": \"x\"}` for a branch of a union, or by themselves where only \
one branch takes them. Bytes and fixed are strings of the characters U+0000 to U+00FF; logical types are written as what \
they are made of, such as milliseconds. Protobuf is written in its JSON form, as the first message of the file.",
    level: Level::Error,
};

/// BUS321.
pub static UNREADABLE: ContractCode = ContractCode {
    code: "BUS321",
    name: "sample-is-read",
    summary: "Consumers read every sample record that was written before",
    explanation: "The record is encoded with the version that it was written for and decoded with every later one, for \
topics keep old records and consumers move on. Where the subject's level is forward or full, it is decoded with the earlier \
versions of which the level speaks, too: producers may be ahead. What the level does not promise (none, and later versions \
under forward) is a warning.

For Avro, what decides is what Apache Avro for Java makes of the bytes. Where it disagrees with the compatibility of the \
schemas, it is because the record at hand does not have what would break, or because the comparison knows names less well \
than the decoder.

A value of Protobuf that comes in the encoding of another type than its field has in the reader, text for a number or several \
packed numbers for one, is lost without an error: most consumers take it for a field that they do not know. Some refuse the \
record.",
    level: Level::Error,
};

/// BUS322.
pub static ALTERED: ContractCode = ContractCode {
    code: "BUS322",
    name: "sample-is-read-as-written",
    summary: "Consumers see what was written",
    explanation: "Nothing fails here, and consumers still see something else than was written: a symbol that their enum \
does not have became its default, a number was rounded, bytes that are no UTF-8 were read as text, an enum of Protobuf has a \
value that they do not know.",
    level: Level::Warn,
};

/// BUS323.
pub static RENAMED: ContractCode = ContractCode {
    code: "BUS323",
    name: "renamed-without-alias",
    summary: "A field that was renamed keeps its old name as an alias",
    explanation: "A field that was written is not read, and a field of the same type that only the reader has came back as \
its default. Readers find a renamed field by its `aliases` (Avro) or by its number (Protobuf); without, all old records lose \
its value, and no comparison of schemas objects. Where it is no renaming but one field that went and another that came, \
nothing is wrong.",
    level: Level::Warn,
};

/// BUS324.
pub static NOT_SHOWN: ContractCode = ContractCode {
    code: "BUS324",
    name: "change-has-a-sample",
    summary: "A change of a schema comes with a sample record that shows it",
    explanation: "The schema takes records that the version before did not, and no sample is one of them, so that nothing \
tells whether consumers survive what is new. Write one: with the new field, the new symbol, the new branch. A change that \
only takes something away needs none. Where a sample is of no version, that is told first: it may be the one.",
    level: Level::Error,
};

/// BUS325.
pub static NO_SAMPLE: ContractCode = ContractCode {
    code: "BUS325",
    name: "schema-has-samples",
    summary: "A schema has sample records",
    explanation: "Without a record in `schemas/DOMAIN/fixtures/TOPIC/` nothing is tested. One that is taken from a real \
topic, with its personal data replaced, is worth more than one that is made up.",
    level: Level::Warn,
};

/// BUS326.
pub static NO_SCHEMA: ContractCode = ContractCode {
    code: "BUS326",
    name: "sample-has-a-schema",
    summary: "Sample records belong to a topic or subject with a schema",
    explanation: "Records that stand elsewhere are tested with nothing: in a folder that is called like nothing that has a schema, \
or whose topic has none in the folder of its domain; in a further folder below; keys where the keys have no schema. The place is \
`schemas/DOMAIN/fixtures/TOPIC/NAME.json`, named after the topic, or after the file of the subject's schema.",
    level: Level::Warn,
};

/// Every kind, by code.
pub static CODES: &[&ContractCode] = &[&MISFIT, &UNREADABLE, &ALTERED, &RENAMED, &NOT_SHOWN, &NO_SAMPLE, &NO_SCHEMA];

/// The kind with a code, whatever the case of its letters.
pub fn code(code: &str) -> Option<&'static ContractCode> {
    CODES.iter().copied().find(|known| known.code.eq_ignore_ascii_case(code))
}

impl ContractCode {
    /// A finding of this kind, at its level.
    pub fn finding(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.code, message).level(self.level)
    }

    /// Its page, in Markdown.
    pub fn page(&self) -> String {
        let Self { code, name, summary, explanation, level } = self;
        let level = level.as_str();
        format!("## {code} {name}\n\n{summary}.\n\nLevel: {level}; found by `busctl schema test`.\n\n{explanation}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_no_rule_has_them() {
        assert!(CODES.is_sorted_by_key(|code| code.code));
        for known in CODES {
            assert!(crate::policy::rule(known.code).is_none(), "{}", known.code);
            assert_eq!(code(&known.code.to_lowercase()).map(|found| found.name), Some(known.name));
        }
    }
}
