//! Differences of schemas, and schemas with their versions.

use super::schemas::describes;
use crate::render::schema_diff::{ShownDiff, ShownVersion, ShownWith};
use crate::render::schema_show::{ShownField, ShownLevel, ShownReference, ShownSchema, ShownStep};
use crate::render::show::ShownOrigin;
use crate::render::{Format, Style, View};
use crate::schema::diff::{Break, ChangeKind, SchemaChange, SchemaDiff, Spot};
use crate::schema::{InReferences, Incompatibility, SchemaFormat};
use crate::source::{Place, Sources, is_unseen};

const DIFF: &str = include_str!("../../../docs/schemas/schema-diff.schema.json");
const SHOW: &str = include_str!("../../../docs/schemas/schema-show.schema.json");

/// A difference in which everything occurs, told with this text wherever there is one.
fn diff(text: &str) -> ShownDiff {
    let mut sources = Sources::default();
    let old = sources.add("old.avsc", "first\nsecond\n");
    let new = sources.add("new.avsc", "größer\nsecond\nthird\n");
    let spot = |at: usize| Some(Spot { place: at..at + 1, extents: Vec::new() });
    let change = |kind, old, new, attribute: Option<&str>| SchemaChange {
        kind,
        path: format!("a.{text}"),
        part: "field".into(),
        attribute: attribute.map(str::to_owned),
        before: Some(text.into()),
        after: Some(text.into()),
        old,
        new,
    };
    let breaks = |causes: &[usize]| Break {
        incompatibility: Incompatibility {
            code: "TYPE_MISMATCH",
            path: "/fields/0".into(),
            message: format!("the reader cannot read {text}"),
            help: Some(format!("keep {text}")),
            reader: None,
            writer: None,
            lacks: None,
            referred: InReferences::default(),
        },
        causes: causes.to_vec(),
    };
    let diff = SchemaDiff {
        changes: vec![
            change(ChangeKind::Added, None, spot(3), None),
            change(ChangeKind::Removed, spot(6), None, None),
            change(ChangeKind::TypeChanged, spot(2), spot(17), None),
            change(ChangeKind::DocChanged, spot(2), spot(17), Some(text)),
        ],
        backward: vec![breaks(&[0, 2])],
        forward: vec![breaks(&[2]), breaks(&[])],
    };
    let version = |file, number| ShownVersion::new(&sources, file, Some(number), &[]);
    ShownDiff::new(SchemaFormat::Avro, &sources, (old, version(old, 1)), (new, version(new, 2)), diff, Vec::new())
}

fn schema(text: &str) -> ShownSchema {
    let place = Some(Place { file: "topics/a.yaml".into(), line: 4, column: 2 });
    let own = || text.to_owned();
    ShownSchema {
        format_version: 1,
        name: own(),
        subject: Some(own()),
        format: SchemaFormat::Protobuf,
        record: Some(own()),
        file: own(),
        version: Some(2),
        compatibility: Some(ShownLevel {
            level: "BACKWARD".into(),
            origin: ShownOrigin { layer: "topic".into(), place },
        }),
        references: vec![ShownReference { name: own(), subject: own(), version: "latest".into() }],
        versions: vec![
            ShownStep { version: 1, file: own(), with: Vec::new(), summary: None },
            ShownStep { version: 2, file: own(), with: Vec::new(), summary: Some(own()) },
        ],
        fields: vec![ShownField {
            path: own(),
            field_type: own(),
            default: Some(own()),
            doc: Some(own()),
            required: true,
        }],
    }
}

#[test]
fn in_a_terminal() {
    insta::assert_snapshot!(diff("b").render(Format::Text, Style::PLAIN), @r"
    v1, old.avsc → v2, new.avsc (Avro)

    + a.b  field added: b    new.avsc:1
        breaks BACKWARD: the reader cannot read b
               help: keep b
    - a.b  field removed: b  old.avsc:2
    ~ a.b  type: b → b       old.avsc:1 → new.avsc:3
        breaks BACKWARD: the reader cannot read b
               help: keep b
        breaks FORWARD: the reader cannot read b
               help: keep b
    ~ a.b  b: b → b          old.avsc:1 → new.avsc:3

    also breaks, by none of these changes:
      breaks FORWARD: the reader cannot read b
             help: keep b

    4 changes; compatible neither BACKWARD nor FORWARD
    ");
    assert!(diff("b").text(Style { color: true, width: 80 }).contains("\u{1b}[32m+"));
}

#[test]
fn the_published_schemas_describe_them() {
    // A version with an earlier version of what it refers to.
    let with = || vec![ShownWith { subject: "a".to_owned(), version: 1 }];
    let (mut diff, mut schema) = (diff("b"), schema("b"));
    diff.old.with = with();
    let changes = diff.changes.clone();
    let (old, new) = (Some("b-1.avsc".to_owned()), Some("b.avsc".to_owned()));
    diff.references = vec![crate::render::schema_diff::ShownReference { name: "b".to_owned(), old, new, changes }];
    schema.versions[0].with = with();
    describes(DIFF, &diff.json());
    describes(SHOW, &schema.json());
    let published: serde_json::Value = serde_json::from_str(DIFF).expect("it is JSON");
    let kinds = published["$defs"]["change"]["properties"]["kind"]["enum"].clone();
    assert_eq!(kinds, serde_json::json!(ChangeKind::ALL.map(ChangeKind::as_str)));
}

#[test]
fn nothing_in_them_is_obeyed() {
    let odd = "\u{1b}[31m\n| `x` <b> @me \u{202e}";
    for text in [diff(odd).text(Style::PLAIN), schema(odd).text(Style::PLAIN)] {
        assert!(!text.contains(|c: char| is_unseen(c) && c != '\n'), "{text:?}");
    }
    for text in [diff(odd).markdown(), schema(odd).markdown()] {
        assert!(!text.contains("<b>") && !text.contains("@me") && !text.contains('\u{1b}'), "{text}");
    }
}
