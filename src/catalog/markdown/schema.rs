use super::Page;
use crate::catalog::escape::{code, href, text};
use crate::catalog::model::Shared;
use crate::catalog::outline::Target;
use crate::catalog::schema::{Reference, Schema, Shown};
use crate::resources::schema::{Part, version_text};
use crate::schema::SchemaField;

/// The schemas that are no topic's.
pub fn shared(page: &mut Page<'_>, all: &[Shared<'_>]) {
    if all.is_empty() {
        return;
    }
    page.heading(Target::SharedSchemas);
    page.block("Types that the schemas of several topics use.");
    for shared in all {
        page.heading(Target::Subject(shared.spec.subject.as_str()));
        page.prose(shared.spec.description.as_ref().map(|raw| raw.value.as_str()));
        if let Some(owner) = &shared.spec.owner {
            let owner = page.link(Target::Team(owner.as_str()));
            page.block(&format!("**Owner:** {owner}"));
        }
        section(page, &shared.schema);
    }
}

/// A schema: where it is, what it promises, its fields.
pub fn section(page: &mut Page<'_>, schema: &Schema<'_>) {
    let title = match schema.part {
        Some(Part::Key) => "Key schema",
        Some(Part::Value) => "Value schema",
        None => "Schema",
    };
    let file = match schema.format {
        Some(_) => format!("[{}]({})", code(&schema.path.to_string_lossy()), href(&schema.path)),
        None => code(&schema.path.to_string_lossy()),
    };
    let format = schema.format.map_or(String::new(), |format| format!("{format}, "));
    let subject = schema.subject.as_ref().map_or("unknown".to_owned(), |subject| code(subject.as_str()));
    let compatibility = code(schema.compatibility.as_str());
    page.block(&format!("**{title}:** {format}subject {subject}, compatibility {compatibility}, {file}"));
    if !schema.references.is_empty() {
        let references: Vec<_> = schema.references.iter().map(|reference| described(page, reference)).collect();
        page.block(&format!("It uses {}.", references.join(", ")));
    }
    match &schema.fields {
        Ok(fields) => table(page, fields),
        Err(reason) => page.note(&text(reason)),
    }
}

fn described(page: &Page<'_>, reference: &Reference<'_>) -> String {
    let spec = reference.spec;
    let subject = text(spec.subject.as_str());
    let subject = match reference.shown {
        Some(Shown::Shared(name)) => page.link_as(Target::Subject(name.as_str()), &subject),
        Some(Shown::Topic(name)) => page.link_as(Target::Topic(name.as_str()), &subject),
        None => subject,
    };
    format!("{} of {subject} (version {})", code(&spec.name), version_text(spec.version))
}

fn table(page: &mut Page<'_>, fields: &[SchemaField]) {
    if fields.is_empty() {
        page.block("It has no fields.");
        return;
    }
    // A column that would be the same in each row says nothing: in proto3 no field is required.
    let has_required = fields.iter().any(|field| field.required);
    let has_defaults = fields.iter().any(|field| field.default.is_some());
    let columns = [("Field", true), ("Type", true), ("Required", has_required), ("Default", has_defaults)];
    let mut header: Vec<_> = columns.iter().filter(|(_, shown)| *shown).map(|(title, _)| *title).collect();
    header.push("Meaning");
    let rows: Vec<_> = fields
        .iter()
        .map(|field| {
            let mut cells = vec![
                if field.path.is_empty() { "(the whole)".to_owned() } else { code(&field.path) },
                code(&field.field_type),
            ];
            if has_required {
                cells.push(if field.required { "yes" } else { "no" }.to_owned());
            }
            if has_defaults {
                cells.push(field.default.as_deref().map_or(String::new(), code));
            }
            cells.push(field.doc.as_deref().map_or(String::new(), text));
            cells
        })
        .collect();
    page.table(&header, &rows);
}
