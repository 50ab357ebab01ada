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
