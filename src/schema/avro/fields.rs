use std::collections::HashSet;

use super::model::{AvroSchema, Field, Logical, NamedId, NamedKind, Type, TypeKind};
use super::name::{namespace_of, short_name};
use crate::schema::SchemaField;
use crate::schema::field::{MOST_LEVELS, Rows, joined, shown};

/// The fields of a schema, each record's where it is first used.
pub fn fields(schema: &AvroSchema) -> Vec<SchemaField> {
    let namespace = schema.name().map_or("", namespace_of);
    let mut table = Table { schema, namespace, shown: HashSet::new(), rows: Rows::default() };
    table.inside(&schema.root, "", 0);
    if table.rows.are_none() && !matches!(&schema.root.kind, TypeKind::Named(id) if table.is_record(*id)) {
        table.rows.add(SchemaField {
            path: String::new(),
            field_type: table.describe(&schema.root),
            default: None,
            doc: None,
            required: true,
            range: Some(schema.root.range.clone()),
        });
    }
    table.rows.into_vec()
}

/// Whether every field of the records that the schema itself defines has a doc.
pub fn is_documented(schema: &AvroSchema) -> bool {
    schema.named.iter().filter(|named| named.reference.is_none()).all(|named| match &named.kind {
        NamedKind::Record(fields) => {
            fields.iter().all(|field| field.doc.as_deref().is_some_and(|doc| !doc.trim().is_empty()))
        }
        NamedKind::Enum { .. } | NamedKind::Fixed(_) => true,
    })
}

struct Table<'s> {
    schema: &'s AvroSchema,
    /// The schema's own namespace, which is left out of names.
    namespace: &'s str,
    /// Records whose fields are listed already: later uses are by name.
    shown: HashSet<NamedId>,
    rows: Rows,
}

impl Table<'_> {
    fn is_record(&self, id: NamedId) -> bool {
        matches!(self.schema.named(id).kind, NamedKind::Record(_))
    }

    fn row(&mut self, field: &Field, path: String, level: usize) {
        self.rows.add(SchemaField {
            path: path.clone(),
            field_type: self.describe(&field.field_type),
            default: field.default.as_ref().map(|default| default.to_string()),
            doc: field.doc.clone(),
            required: field.default.is_none(),
            range: Some(field.range.clone()),
        });
        self.inside(&field.field_type, &path, level);
    }

    /// Lists the fields of the records inside a type. What is deeper than a table goes stands by its name.
    fn inside(&mut self, of: &Type, path: &str, level: usize) {
        if level > MOST_LEVELS {
            return;
        }
        let level = level + 1;
        match &of.kind {
            TypeKind::Array(items) => self.inside(items, &format!("{path}[]"), level),
            TypeKind::Map(values) => self.inside(values, &format!("{path}{{}}"), level),
            TypeKind::Union(branches) => {
                let nested = branches.iter().filter(|branch| self.has_fields(branch)).count();
                for branch in branches {
                    match branch.kind {
                        // With several records in the union, each path says which one it goes through.
                        TypeKind::Named(id) if nested > 1 => {
                            let name = self.name(id);
                            self.inside(branch, &format!("{path}({name})"), level);
                        }
                        _ => self.inside(branch, path, level),
                    }
                }
            }
            TypeKind::Named(id) => {
                let named = self.schema.named(*id);
                if let NamedKind::Record(fields) = &named.kind
                    && named.reference.is_none()
                    && self.shown.insert(*id)
                {
                    for field in fields {
                        if self.rows.are_full() {
                            break;
                        }
                        let dot = if path.is_empty() { "" } else { "." };
                        self.row(field, format!("{path}{dot}{}", field.name), level);
                    }
                }
            }
            _ => {}
        }
    }

    fn has_fields(&self, of: &Type) -> bool {
        match &of.kind {
            TypeKind::Array(inner) | TypeKind::Map(inner) => self.has_fields(inner),
            TypeKind::Named(id) => self.is_record(*id),
            _ => false,
        }
    }

    fn name(&self, id: NamedId) -> String {
        let name = &self.schema.named(id).name;
        shown(if namespace_of(name) == self.namespace { short_name(name) } else { name })
    }

    fn describe(&self, of: &Type) -> String {
        let base = match &of.kind {
            TypeKind::Null => "null".to_owned(),
            TypeKind::Boolean => "boolean".to_owned(),
            TypeKind::Int => "int".to_owned(),
            TypeKind::Long => "long".to_owned(),
            TypeKind::Float => "float".to_owned(),
            TypeKind::Double => "double".to_owned(),
            TypeKind::Bytes => "bytes".to_owned(),
            TypeKind::String => "string".to_owned(),
            TypeKind::Array(items) => format!("array<{}>", self.describe(items)),
            TypeKind::Map(values) => format!("map<{}>", self.describe(values)),
            TypeKind::Union(branches) => joined(branches.iter().map(|branch| self.describe(branch)), " | "),
            TypeKind::Named(id) => match &self.schema.named(*id).kind {
                NamedKind::Record(_) => self.name(*id),
                NamedKind::Enum { symbols, .. } => format!("enum {} {{{}}}", self.name(*id), joined(symbols, ", ")),
                NamedKind::Fixed(size) => format!("fixed {}({size})", self.name(*id)),
            },
        };
        match &of.logical {
            Some(logical) => format!("{base} ({})", describe_logical(logical)),
            None => base,
        }
    }
}

fn describe_logical(logical: &Logical) -> String {
    match (logical.precision, logical.scale) {
        (Some(precision), scale) => format!("{}({precision}, {})", logical.name, scale.unwrap_or(0)),
        _ => logical.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::fields;
    use crate::schema::avro::{parse, parse_registered};

    /// Registries take types that are defined behind their use. On a stack as small as those of the threads that
    /// `validate` works on.
    #[test]
    fn records_that_hold_each_other_far_and_deep() {
        let most = 10_000;
        let record =
            |n: usize, of: &str| format!(r#"{{"type":"record","name":"R{n}","fields":[{{"name":"f","type":{of}}}]}}"#);
        let records: Vec<_> = (0..most).map(|n| record(n, &format!("\"R{}\"", n + 1))).collect();
        let text = format!("[{},{}]", records.join(","), record(most, "\"int\""));
        let schema = parse_registered(&text, &[]).expect("a schema");
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || fields(&schema));
        let rows = thread.expect("a thread").join().expect("a table");
        assert!(rows.len() > most, "{}", rows.len());
    }

    #[test]
    fn what_is_used_often_does_not_multiply() {
        let long = "x".repeat(1 << 18);
        let fields_of = |of: &str| {
            let used = (0..5_000).map(|index| format!(r#"{{"name":"f{index}","type":"{of}"}}"#));
            used.collect::<Vec<_>>().join(",")
        };
        let record = |first: &str, rest: &str| format!(r#"{{"type":"record","name":"R","fields":[{first},{rest}]}}"#);
        let symbols = format!(r#"{{"name":"e","type":{{"type":"enum","name":"E","symbols":["{long}","A"]}}}}"#);
        let rows = fields(&parse(&record(&symbols, &fields_of("E")), &[]).unwrap());
        assert!(rows.len() > 1_000 && rows.iter().all(|row| row.field_type.len() < 2_000));
        // The path of each holds the long name.
        let inner = record(r#"{"name":"a","type":"int"}"#, &fields_of("int")).replace("\"R\"", "\"S\"");
        let text = record(&format!(r#"{{"name":"{long}","type":{inner}}}"#), &fields_of("int"));
        assert!(fields(&parse(&text, &[]).unwrap()).len() < 500);
    }
}
