use std::collections::HashSet;
use std::ops::Range;

use super::{Compatibility, Direction, InReferences, Incompatibility, ParsedSchema, avro, conflicts, json, protobuf};
use crate::source::word_enum;

word_enum! {
    /// What a change can break, from the bytes of a record to the code that handles it. Each holds those before it.
    Category, "category of the second opinion", {
        /// Records as they are written are misread, or will be.
        Wire = "wire",
        /// The same in JSON, where names count too.
        WireJson = "wire-json",
        /// Code that is made from the schema, or refers to it, has to change.
        Source = "source",
    }
}

/// What an opinion is about. Those of Protobuf, of which there are many, are told apart by their categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Protobuf: records in the binary encoding are misread.
    Wire,
    /// Protobuf: records in JSON are misread.
    WireJson,
    /// Protobuf: code has to follow.
    Source,
    /// Avro and JSON Schema: what is found by its name is found no more.
    Names,
    /// Avro and JSON Schema: values that records have are refused, cut or replaced.
    Values,
    /// Avro and JSON Schema: the same values mean something else.
    Meaning,
}

/// Something that the registry lets pass and somebody may regret, with a code of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    pub(in crate::schema) category: Category,
    pub(in crate::schema) kind: Kind,
    /// Where, what and the way out. `reader` is the new schema, `writer` the old one.
    pub incompatibility: Incompatibility,
}

impl Opinion {
    /// What it breaks.
    pub fn category(&self) -> Category {
        self.category
    }

    /// What it is about.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// What is wrong with a change, of Avro and JSON Schema.
#[derive(Debug, Clone, Copy)]
pub(in crate::schema) struct Concern {
    /// Its code.
    pub code: &'static str,
    /// What it breaks.
    pub category: Category,
    /// What it is about.
    pub kind: Kind,
}

impl Concern {
    /// A concern.
    pub const fn new(code: &'static str, category: Category, kind: Kind) -> Self {
        Self { code, category, kind }
    }

    /// The opinion that voices it. The places are those in the new schema and in the old one.
    pub fn voice(
        self,
        path: String,
        (new, old): (Option<Range<usize>>, Option<Range<usize>>),
        message: String,
        help: impl Into<String>,
    ) -> Opinion {
        let incompatibility = Incompatibility {
            code: self.code,
            path,
            message,
            help: Some(help.into()),
            reader: new,
            writer: old,
            lacks: None,
            referred: InReferences::default(),
        };
        Opinion { category: self.category, kind: self.kind, incompatibility }
    }
}

/// What may be regretted about the change from `old` to `new`, up to a category and of those before it. It tells nothing
/// that the registry refuses at this level, and nothing of a change of the format.
pub fn second_opinion(
    new: &ParsedSchema,
    old: &ParsedSchema,
    category: Category,
    level: Compatibility,
) -> Vec<Opinion> {
    let opinions = match (new, old) {
        (ParsedSchema::Avro(new), ParsedSchema::Avro(old)) => avro::second_opinion(new, old, category),
        (ParsedSchema::Json(new), ParsedSchema::Json(old)) => json::second_opinion(new, old, category),
        // It looks at nothing that the registry refuses.
        (ParsedSchema::Protobuf(new), ParsedSchema::Protobuf(old)) => {
            return protobuf::second_opinion(new, old, category);
        }
        _ => return Vec::new(),
    };
    if opinions.is_empty() {
        return opinions;
    }
    let refused = conflicts(level, new, std::slice::from_ref(old));
    // There may be as many of both as a schema has fields.
    let (mut readers, mut writers) = (HashSet::new(), HashSet::new());
    for conflict in &refused {
        // That there is no verdict stands where the whole schema stands, and tells nothing of it.
        let told = || conflict.incompatibilities.iter().filter(|found| found.code != "NOT_COMPARED");
        // An opinion is of the new schema as the reader.
        let (read, written) = match conflict.direction {
            Direction::Backward => (&mut readers, &mut writers),
            Direction::Forward => (&mut writers, &mut readers),
        };
        read.extend(told().filter_map(Incompatibility::reader_has));
        written.extend(told().filter_map(Incompatibility::writer_has));
    }
    let is_told = |opinion: &Opinion| {
        let Incompatibility { reader, writer, .. } = &opinion.incompatibility;
        // That not all was looked at is told of the whole.
        opinion.incompatibility.code != "NOT_COMPARED"
            && (reader.as_ref().is_some_and(|place| readers.contains(place))
                || writer.as_ref().is_some_and(|place| writers.contains(place)))
    };
    opinions.into_iter().filter(|opinion| !is_told(opinion)).collect()
}
