//! `schema diff` and `schema show`: what a change means, and what there is.

use crate::support::workspace::{Run, Scratch, assert_valid};

const V1: &str = r#"{
  "type": "record", "name": "Order", "namespace": "shop",
  "fields": [
    {"name": "id", "type": "string", "doc": "The number."},
    {"name": "total", "type": "int"},
    {"name": "gone", "type": "boolean", "default": false}
  ]
}
"#;
const V2: &str = r#"{
  "type": "record", "name": "Order", "namespace": "shop",
  "fields": [
    {"name": "id", "type": "string", "doc": "The number."},
    {"name": "total", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": null}
  ]
}
"#;
const V3: &str = r#"{
  "type": "record", "name": "Order", "namespace": "shop",
  "fields": [
    {"name": "id", "type": "string", "doc": "The number of the order."},
    {"name": "total", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": null},
    {"name": "needed", "type": "bytes"}
  ]
}
"#;

fn files() -> Scratch {
    Scratch::with(&[("v1.avsc", V1), ("v2.avsc", V2), ("v3.avsc", V3)])
}

fn workspace() -> Scratch {
    Scratch::with(&[
        (
            "busctl.yaml",
            "version: 1\nnaming: { topic: \"<domain>.<event>.v<number>\" }\nclasses: { raw: { cleanup: [delete], retention: 30d } }\n",
        ),
        (
            "catalog/shop.yaml",
            "domains: { shop: { owner: shop, description: The shop. } }\nteams: { shop: { contacts: { email: shop@example.org } } }\n",
        ),
        (
            "topics/shop/orders.yaml",
            "topic: shop.order.v1\nclass: raw\ndescription: Orders.\nkey: id\nschema: { compatibility: full }\n",
        ),
        ("topics/shop/plain.yaml", "topic: shop.plain.v1\nclass: raw\ndescription: Without a schema.\n"),
        ("schemas/shop/shop.order.v1.avsc", V3),
        ("schemas/shop/versions/shop.order.v1/1.avsc", V1),
        ("schemas/shop/versions/shop.order.v1/2.avsc", V2),
        ("schemas/shop/money.yaml", "subject: shop.Money\nschema: money.avsc\n"),
        ("schemas/shop/money.avsc", r#"{"type": "fixed", "name": "Money", "namespace": "shop", "size": 8}"#),
    ])
}

fn diff(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["schema", "diff"], arguments].concat())
}

fn show(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["schema", "show"], arguments].concat())
}

#[test]
fn a_change_is_told_field_by_field_with_whom_it_breaks() {
    let run = diff(&files(), &["--old", "v1.avsc", "--new", "v3.avsc"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    v1.avsc → v3.avsc (Avro)

    ~ id      doc: The number. → The number of the order.  v1.avsc:4 → v3.avsc:4
    ~ total   type: int → long                             v1.avsc:5 → v3.avsc:5
        breaks FORWARD: field `total` of `Order`: the reader's `int` cannot read the writer's `long`
               help: keep the type, or take one that the earlier version reads, such as a narrower
                     number
    - gone    field removed: boolean = false               v1.avsc:6
    + note    field added: null | string = null            v3.avsc:6
    + needed  field added: bytes                           v3.avsc:7
        breaks BACKWARD: field `needed` of `Order`: the writer does not have it, and it has no default
               help: add a default to the field, or the writer's name for it as an alias if it was
                     renamed

    5 changes; compatible neither BACKWARD nor FORWARD
    ");
}

#[test]
fn two_files_need_no_options() {
    let scratch = files();
    let named = diff(&scratch, &["--old", "v1.avsc", "--new", "v3.avsc"]).ended(0);
    assert_eq!(diff(&scratch, &["v1.avsc", "v3.avsc"]).ended(0).out, named.out);
    scratch.write("v1.txt", V1);
    diff(&scratch, &["v1.txt", "v3.avsc"]).ended(64).says(&["--type avro, json or protobuf"]);
    diff(&scratch, &["v1.txt", "v3.avsc", "--type", "avro"]).ended(0);
    diff(&scratch, &["v1.avsc", "gone.avsc"]).ended(64).says(&["there is no file gone.avsc", "--from and --to"]);
    diff(&scratch, &["v1.avsc", "v3.avsc", "--from", "1"]).ended(64).says(&["--from and --to are for one"]);
    diff(&scratch, &["v1.avsc", "v2.avsc", "v3.avsc"]).ended(64);
    diff(&workspace(), &["shop.order.v1", "--reference", "a=b"]).ended(64).says(&["are for two files"]);
}

#[test]
fn a_first_version_is_compared_with_the_major_version_before() {
    let scratch = workspace();
    let topic = scratch.read("topics/shop/orders.yaml").replace(".v1", ".v2");
    scratch.write("topics/shop/orders2.yaml", topic);
    scratch.write("schemas/shop/shop.order.v2.avsc", V1);
    diff(&scratch, &["shop.order.v2"]).ended(64).says(&[
        "`shop.order.v2` has no earlier version in the workspace",
        "with `shop.order.v1` it is compared by `busctl schema diff --old schemas/shop/shop.order.v1.avsc --new \
         schemas/shop/shop.order.v2.avsc`",
    ]);
}

#[test]
fn what_is_spelled_otherwise_is_no_change() {
    let scratch = files();
    diff(&scratch, &["--old", "v1.avsc", "--new", "v1.avsc"]).ended(0).shows(&["identical\n"]);
    scratch.write("other.avsc", V1.replace('\n', " "));
    let run = diff(&scratch, &["--old", "v1.avsc", "--new", "other.avsc", "--detailed-exitcode"]).ended(0);
    assert!(run.out.contains("the same meaning; only the spelling differs"), "{}", run.out);
    diff(&scratch, &["--old", "v1.avsc", "--new", "v2.avsc", "--detailed-exitcode"]).ended(2);
}

#[test]
fn programs_and_pull_requests_read_it_too() {
    let scratch = files();
    let json = diff(&scratch, &["--old", "v1.avsc", "--new", "v2.avsc", "--format", "json"]).ended(0);
    assert_valid("schema-diff.schema.json", &json.json());
    insta::assert_snapshot!(json.out, @r#"
    {
      "format_version": 1,
      "format": "AVRO",
      "old": {
        "file": "v1.avsc",
        "version": null
      },
      "new": {
        "file": "v2.avsc",
        "version": null
      },
      "level": "BACKWARD",
      "changes": [
        {
          "kind": "type_changed",
          "path": "total",
          "part": "field",
          "attribute": null,
          "before": "int",
          "after": "long",
          "old": {
            "file": "v1.avsc",
            "line": 5,
            "column": 31
          },
          "new": {
            "file": "v2.avsc",
            "line": 5,
            "column": 31
          },
          "breaks": [
            {
              "direction": "FORWARD",
              "code": "TYPE_MISMATCH",
              "path": "/fields/1/type",
              "message": "field `total` of `Order`: the reader's `int` cannot read the writer's `long`",
              "help": "keep the type, or take one that the earlier version reads, such as a narrower number"
            }
          ]
        },
        {
          "kind": "removed",
          "path": "gone",
          "part": "field",
          "attribute": null,
          "before": "boolean = false",
          "after": null,
          "old": {
            "file": "v1.avsc",
            "line": 6,
            "column": 14
          },
          "new": null,
          "breaks": []
        },
        {
          "kind": "added",
          "path": "note",
          "part": "field",
          "attribute": null,
          "before": null,
          "after": "null | string = null",
          "old": null,
          "new": {
            "file": "v2.avsc",
            "line": 6,
            "column": 14
          },
          "breaks": []
        }
      ],
      "also_breaks": [],
      "identical": false
    }
    "#);
    let markdown = diff(&scratch, &["--old", "v1.avsc", "--new", "v2.avsc", "--format", "markdown"]).ended(0);
    insta::assert_snapshot!(markdown.out, @r"
    ### `v1.avsc` → `v2.avsc`

    3 changes; compatible BACKWARD, not FORWARD

    | | Where | What | Breaks |
    | --- | --- | --- | --- |
    | ~ | `total` | type: int → long | FORWARD |
    | - | `gone` | field removed: boolean = false |  |
    | + | `note` | field added: null &#124; string = null |  |
    ");
}

#[test]
fn what_cannot_be_compared_is_a_finding() {
    let scratch = files();
    scratch.write("new.proto", "syntax = \"proto3\"; message Order { }");
    scratch.write("bad.avsc", "{\"type\": \"recrod\"}");
    let run = diff(&scratch, &["--old", "v1.avsc", "--new", "new.proto"]).ended(3);
    assert!(
        run.out.contains("error[SCHEMA_TYPE_CHANGED]: the old version is Avro, and the new one Protobuf"),
        "{}",
        run.out
    );
    diff(&scratch, &["--old", "bad.avsc", "--new", "v1.avsc"]).ended(3).shows(&["error[BUS301]", "bad.avsc:1"]);
    diff(&scratch, &["--old", "v1.avsc", "--new", "missing.avsc"]).ended(1).says(&["could not read missing.avsc"]);
    diff(&scratch, &["--old", "v1.avsc"]).ended(64);
    diff(&scratch, &[]).ended(64);
}

#[test]
fn versions_in_git_are_compared_by_name() {
    let scratch = workspace();
    let run = diff(&scratch, &["shop.order.v1"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    v2, schemas/shop/versions/shop.order.v1/2.avsc → v3, schemas/shop/shop.order.v1.avsc (Avro)

    ~ id      doc: The number. → The number of the order.  schemas/shop/versions/shop.order.v1/2.avsc:4 → schemas/shop/shop.order.v1.avsc:4
    + needed  field added: bytes                           schemas/shop/shop.order.v1.avsc:7
        breaks BACKWARD: field `needed` of `Order`: the writer does not have it, and it has no default
               help: add a default to the field, or the writer's name for it as an alias if it was
                     renamed

    2 changes; compatible FORWARD, not BACKWARD
    ");
    let same = diff(&scratch, &["shop.order.v1-value"]).ended(0);
    assert_eq!(same.out, run.out);
    let run = diff(&scratch, &["schemas/shop/shop.order.v1.avsc", "--from", "1", "--to", "2"]).ended(0);
    assert!(run.out.starts_with("v1, schemas/shop/versions/shop.order.v1/1.avsc → v2, "), "{}", run.out);
    diff(&scratch, &["shop.order.v1", "--to", "1"])
        .ended(64)
        .says(&["`shop.order.v1` has no earlier version", "`busctl schema keep shop.order.v1`"]);
    diff(&scratch, &["shop.order.v1", "--from", "7"]).ended(64).says(&["there is no v7", "its versions: v1, v2, v3"]);
    diff(&scratch, &["shop.Money"]).ended(64).says(&["schemas/shop/versions/money/1.avsc"]);
    diff(&scratch, &["shop.plain.v1"]).ended(64).says(&["the topic `shop.plain.v1` has no schema"]);
    diff(&scratch, &["shop.ordr.v1"]).ended(64).says(&["did you mean `shop.order.v1`?"]);
}

#[test]
fn a_schema_is_shown_with_its_versions_and_fields() {
    let scratch = workspace();
    let run = show(&scratch, &["shop.order.v1"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    shop.order.v1

     subject        shop.order.v1-value
     format         Avro
     record         shop.Order
     file           schemas/shop/shop.order.v1.avsc (v3)
     compatibility  FULL, topic at topics/shop/orders.yaml:5:26

    versions
     v1  schemas/shop/versions/shop.order.v1/1.avsc
     v2  schemas/shop/versions/shop.order.v1/2.avsc  ~ total, - gone, + note, BACKWARD
     v3  schemas/shop/shop.order.v1.avsc             ~ id, + needed, FORWARD

    fields
     id      string         required  The number of the order.
     total   long           required
     note    null | string  = null
     needed  bytes          required
    ");
    let run = show(&scratch, &["shop.order.v1", "--version", "1"]).ended(0);
    assert!(run.out.contains("versions/shop.order.v1/1.avsc (v1)") && run.out.contains("= false"), "{}", run.out);
    let run = show(&scratch, &["shop.Money", "--format", "markdown"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    ### `shop.Money`

    | | |
    | --- | --- |
    | subject | `shop.Money` |
    | format | `Avro` |
    | record | `shop.Money` |
    | file | `schemas/shop/money.avsc (v1)` |
    | compatibility | `BACKWARD, built-in default` |

    | Field | Type | Default | Meaning |
    | --- | --- | --- | --- |
    | <code></code> | `fixed Money(8)` |  |  |
    ");
    show(&scratch, &["shop.order.v1", "--version", "4"]).ended(64).says(&["there is no v4"]);
}

#[test]
fn a_file_is_shown_without_a_workspace() {
    let scratch = files();
    let run = show(&scratch, &["v2.avsc", "--format", "json"]).ended(0);
    assert_valid("schema-show.schema.json", &run.json());
    insta::assert_snapshot!(run.out, @r#"
    {
      "format_version": 1,
      "name": "v2.avsc",
      "subject": null,
      "format": "AVRO",
      "record": "shop.Order",
      "file": "v2.avsc",
      "version": null,
      "compatibility": null,
      "references": [],
      "versions": [],
      "fields": [
        {
          "path": "id",
          "type": "string",
          "default": null,
          "doc": "The number.",
          "required": true
        },
        {
          "path": "total",
          "type": "long",
          "default": null,
          "doc": null,
          "required": true
        },
        {
          "path": "note",
          "type": "null | string",
          "default": "null",
          "doc": null,
          "required": false
        }
      ]
    }
    "#);
    scratch.write("bad.avsc", "{}");
    show(&scratch, &["bad.avsc"]).ended(3).shows(&["error[BUS301]"]);
    show(&scratch, &["v2.avsc", "--version", "1"]).ended(64);
}

/// What changed has its name, however long that is, and the columns of all lines line up.
#[test]
fn long_paths_are_shown_and_the_columns_line_up() {
    let with = |fields: &str| format!("syntax = \"proto3\";\nmessage M {{ {fields} }}\n");
    let long = "string international_standard_recording_code = 2;";
    let scratch = Scratch::with(&[
        ("a.proto", &with("string x = 1;")),
        ("b.proto", &with(&format!("string x = 1; {long}"))),
        ("c.proto", &with(&format!("string x = 1; {long} string y = 3;"))),
    ]);
    let run = diff(&scratch, &["a.proto", "b.proto"]).ended(0);
    assert!(run.out.contains("international_standard_recording_code"), "{}", run.out);
    let run = diff(&scratch, &["a.proto", "c.proto"]).ended(0);
    let columns: Vec<usize> = run.out.lines().filter_map(|line| line.find("field added")).collect();
    assert!(columns.len() == 2 && columns[0] == columns[1], "{}", run.out);
}

#[test]
fn definitions_under_another_word_are_told_by_it() {
    let of = |word: &str| format!(r#"{{"type":"object","{word}":{{"A":{{"type":"string"}}}}}}"#);
    let scratch = Scratch::with(&[("a.json", &of("definitions")), ("b.json", &of("$defs"))]);
    let run = diff(&scratch, &["a.json", "b.json"]).ended(0);
    assert!(!run.out.contains("something else"), "{}", run.out);
    assert!(run.out.contains("$defs") && run.out.contains("definitions"), "{}", run.out);
}
