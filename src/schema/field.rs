use std::ops::Range;

/// A row of a schema's table of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaField {
    /// Where it is: `a.b` inside a record, `a[].b` inside the elements of an array, `a{}.b` inside the values of a map,
    /// `a(Type).b` inside one of several records of a union. Empty for a schema that is no record.
    pub path: String,
    /// Its type as people write it: `null | string`, `long (timestamp-millis)`, `enum Status {NEW, PAID}`.
    pub field_type: String,
    /// Its default as JSON.
    pub default: Option<String>,
    /// What it means.
    pub doc: Option<String>,
    /// Whether records must have it: Avro without default, JSON Schema `required`, Protobuf `required`.
    pub required: bool,
    /// The bytes of its name in the schema's text, for findings.
    pub range: Option<Range<usize>>,
}

/// What the rows of one table may take, in bytes: half as much again as the largest text.
const MOST_TEXT: usize = 16 << 20;

/// What is shown of a name, or of a list of values, in bytes.
const MOST_SHOWN: usize = 1_000;

/// Types inside each other that a table opens. Those of a schema may be defined apart and lie thousands deep; what is deeper
/// stands by its name.
pub(super) const MOST_LEVELS: usize = 128;

/// The rows of a table. A path holds the names of all fields around it, and what is written once may be used in each of
/// ten thousand fields, so that a table could take thousands of times what its schema takes. Rows end where it would.
#[derive(Default)]
pub(super) struct Rows {
    rows: Vec<SchemaField>,
    text: usize,
}

impl Rows {
    /// Whether there is no room for more.
    pub fn are_full(&self) -> bool {
        self.text > MOST_TEXT
    }

    /// Whether there is none.
    pub fn are_none(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row, where there is room.
    pub fn add(&mut self, row: SchemaField) {
        if !self.are_full() {
            let texts = [row.default.as_ref(), row.doc.as_ref()];
            let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
            self.text += row.path.len() + row.field_type.len() + texts;
            self.rows.push(row);
        }
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<SchemaField> {
        self.rows
    }
}

/// A name, cut where nobody would read to its end.
pub(super) fn shown(name: &str) -> String {
    match name.len() > MOST_SHOWN {
        true => format!("{}…", &name[..name.floor_char_boundary(MOST_SHOWN)]),
        false => name.to_owned(),
    }
}

/// Texts with something between them, as many as are read.
pub(super) fn joined<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, between: &str) -> String {
    let mut joined = String::new();
    for (index, text) in texts.into_iter().enumerate() {
        joined.push_str(if index > 0 { between } else { "" });
        if joined.len() > MOST_SHOWN {
            joined.push('…');
            break;
        }
        joined.push_str(&shown(text.as_ref()));
    }
    joined
}
