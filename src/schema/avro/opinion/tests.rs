use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::concern;
use crate::schema::avro::{incompatibilities, parse};
use crate::schema::{Category, Compatibility, Opinion, ParsedSchema, second_opinion};

fn schema(text: &str) -> ParsedSchema {
    ParsedSchema::Avro(parse(text, &[]).unwrap_or_else(|error| panic!("{error}: {text}")))
}

fn opinions(old: &str, new: &str, category: Category) -> Vec<Opinion> {
    second_opinion(&schema(new), &schema(old), category, Compatibility::Backward)
}

fn found(old: &str, new: &str) -> Vec<String> {
    let found = opinions(old, new, Category::Source);
    let mut found: Vec<String> =
        found.iter().map(|told| format!("{} {}", told.incompatibility.code, told.incompatibility.path)).collect();
    found.sort();
    found
}

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"a.R","fields":[{fields}]}}"#)
}

fn enumeration(symbols: &str, rest: &str) -> String {
    format!(r#"{{"name":"e","type":{{"type":"enum","name":"E","symbols":[{symbols}]{rest}}}}}"#)
}

fn typed(name: &str, of: &str) -> String {
    format!(r#"{{"name":"{name}","type":{of}}}"#)
}

const DECIMAL: &str = r#"{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}"#;

/// One pair of the fields of a record for each concern, with nothing else in it, that the registry lets pass.
fn pairs() -> Vec<(&'static str, &'static str, String, String)> {
    let x = r#"{"name":"x","type":"string"}"#;
    let with = |rest: &str| format!(r#"{{"name":"x","type":"string",{rest}}}"#);
    vec![
        ("FIELD_RENAMED", "/fields/0", x.to_owned(), r#"{"name":"y","type":["null","string"],"default":null}"#.into()),
        ("FIELD_REMOVED", "/", format!("{x},{}", typed("y", "\"int\"")), x.to_owned()),
        ("ALIAS_REMOVED", "/fields/0", with(r#""aliases":["w"]"#), x.to_owned()),
        (
            "NAMESPACE_CHANGED",
            "/fields/0/type",
            typed("r", r#"{"type":"fixed","name":"b.F","size":1}"#),
            typed("r", r#"{"type":"fixed","name":"c.F","size":1}"#),
        ),
        (
            "ENUM_SYMBOL_REMOVED",
            "/fields/0/type",
            enumeration(r#""A","B""#, r#","default":"A""#),
            enumeration(r#""A""#, r#","default":"A""#),
        ),
        (
            "ENUM_DEFAULT_REMOVED",
            "/fields/0/type",
            enumeration(r#""A","B""#, r#","default":"A""#),
            enumeration(r#""A","B""#, ""),
        ),
        (
            "ENUM_DEFAULT_CHANGED",
            "/fields/0/type",
            enumeration(r#""A","B""#, r#","default":"A""#),
            enumeration(r#""A","B""#, r#","default":"B""#),
        ),
        ("FIELD_DEFAULT_REMOVED", "/fields/0", with(r#""default":"d""#), x.to_owned()),
        ("FIELD_DEFAULT_CHANGED", "/fields/0", with(r#""default":"d""#), with(r#""default":"e""#)),
        ("FIELD_VALUES_ROUNDED", "/fields/0/type", typed("x", "\"long\""), typed("x", "\"double\"")),
        (
            "FIELD_VALUES_MISREAD",
            "/fields/0/type/1",
            typed("x", r#"["null","bytes"]"#),
            typed("x", r#"["null","string"]"#),
        ),
        ("FIELD_TYPE_CHANGED", "/fields/0/type", typed("x", "\"int\""), typed("x", "\"long\"")),
        ("ENUM_SYMBOL_ADDED", "/fields/0/type", enumeration(r#""A""#, ""), enumeration(r#""A","B""#, "")),
        ("UNION_CHANGED", "/fields/0/type", typed("x", "\"int\""), typed("x", r#"["null","int"]"#)),
        (
            "LOGICAL_TYPE_CHANGED",
            "/fields/0/type/items",
            typed("x", r#"{"type":"array","items":{"type":"long","logicalType":"timestamp-millis"}}"#),
            typed("x", r#"{"type":"array","items":{"type":"long","logicalType":"timestamp-micros"}}"#),
        ),
        (
            "LOGICAL_TYPE_ADDED",
            "/fields/0/type",
            typed("x", "\"string\""),
            typed("x", r#"{"type":"string","logicalType":"uuid"}"#),
        ),
        (
            "LOGICAL_TYPE_REMOVED",
            "/fields/0/type/values",
            typed("x", r#"{"type":"map","values":{"type":"string","logicalType":"uuid"}}"#),
            typed("x", r#"{"type":"map","values":"string"}"#),
        ),
        ("DECIMAL_SCALE_CHANGED", "/fields/0/type", typed("x", DECIMAL), typed("x", &DECIMAL.replace('2', "3"))),
        ("DECIMAL_PRECISION_REDUCED", "/fields/0/type", typed("x", DECIMAL), typed("x", &DECIMAL.replace('9', "8"))),
    ]
}

#[test]
fn each_concern_is_voiced_alone_and_the_registry_is_silent() {
    let mut voiced = BTreeSet::new();
    for (code, path, old, new) in pairs() {
        let (old, new) = (record(&old), record(&new));
        assert_eq!(found(&old, &new), [format!("{code} {path}")], "{old}\n{new}");
        assert_eq!(found(&old, &old), [] as [&str; 0], "{old}");
        let (ParsedSchema::Avro(reader), ParsedSchema::Avro(writer)) = (schema(&new), schema(&old)) else {
            unreachable!("both are Avro");
        };
        assert_eq!(incompatibilities(&reader, &writer), [], "{code}");
        voiced.insert(code);
    }
    assert_eq!(voiced, concern::ALL.iter().map(|concern| concern.code).collect(), "every concern has its pair");
}

#[test]
fn words_and_places() {
    let mut shown = String::new();
    for (_, _, old, new) in pairs() {
        let (old, new) = (record(&old), record(&new));
        for told in opinions(&old, &new, Category::Source) {
            let found = &told.incompatibility;
            let text = |text: &str, range: &Option<std::ops::Range<usize>>| {
                range.clone().map_or("-".to_owned(), |range| text[range].to_owned())
            };
            let (now, before) = (text(&new, &found.reader), text(&old, &found.writer));
            let help = found.help.as_deref().unwrap_or_default();
            _ = writeln!(shown, "{}: {}\n  {help}\n  {before}\n  {now}", told.category(), found.message);
        }
    }
    insta::assert_snapshot!(shown, @r#"
    wire: field `x` of `R` is gone and `y` of the same type stands in its place: if it was renamed, records that have it are read as `null`
      add the alias `x` to `y` if it is the same thing, renamed
      "x"
      "y"
    source: field `y` of `R` is gone: what records have in it is passed over, and code that uses it does not compile
      say in its doc that it goes away before it does
      "y"
      -
    wire: field `x` of `R` lost the alias `w`: what records have under that name is passed over
      keep the alias `w` while there are such records
      "x"
      "x"
    wire: `b.F` is `c.F` now: the registry and Java match it by its last part, other implementations refuse it, and a subject that is named by record is another one
      add the alias `b.F` to `c.F`, or keep the namespace
      {"type":"fixed","name":"b.F","size":1}
      {"type":"fixed","name":"c.F","size":1}
    wire: `B` of enum `a.E` is gone: records that have it are read as `A`
      keep the symbol while there are such records, with a doc that nobody uses it any more
      {"type":"enum","name":"E","symbols":["A","B"],"default":"A"}
      {"type":"enum","name":"E","symbols":["A"],"default":"A"}
    wire: enum `a.E` lost its default `A`: a symbol that is added later cannot be read
      keep the default `A`
      {"type":"enum","name":"E","symbols":["A","B"],"default":"A"}
      {"type":"enum","name":"E","symbols":["A","B"]}
    wire: unknown symbols of enum `a.E` were read as `A` and are read as `B`
      keep the default `A`
      {"type":"enum","name":"E","symbols":["A","B"],"default":"A"}
      {"type":"enum","name":"E","symbols":["A","B"],"default":"B"}
    wire: field `x` of `R` lost its default `"d"`: records from before it was there, or after it goes, cannot be read
      keep the default `"d"`
      "x"
      "x"
    wire: field `x` of `R` had the default `"d"` and has `"e"`: records without it are read otherwise
      keep the default `"d"`
      "x"
      "x"
    wire: field `x` of `R`: the type was `long` and is `double`: whole numbers beyond 2^53 are rounded
      keep `long`, or put the new type into a new field with a default
      "long"
      "double"
    wire: field `x` of `R`: the type was `bytes` and is `string`: bytes that are no UTF-8 cannot be read
      keep `bytes`, or put the new type into a new field with a default
      "bytes"
      "string"
    source: field `x` of `R`: the type was `int` and is `long`: the value has another type in code, and earlier consumers cannot read it
      keep `int`, or put the new type into a new field with a default
      "int"
      "long"
    source: `B` of enum `a.E` is new: code that tells its symbols apart does not know it
      see that such code has a case for symbols that it does not know
      {"type":"enum","name":"E","symbols":["A"]}
      {"type":"enum","name":"E","symbols":["A","B"]}
    source: field `x` of `R`: the value can be `null` now, and code has another type for it
      see that code knows it before records have it
      "int"
      ["null","int"]
    wire: field `x` of `R`: the logical type was `timestamp-millis` and is `timestamp-micros`: what was written is taken for something else
      keep `timestamp-millis`, and put `timestamp-micros` into a new field with a default
      {"type":"long","logicalType":"timestamp-millis"}
      {"type":"long","logicalType":"timestamp-micros"}
    source: field `x` of `R`: the logical type `uuid` is new, and code has another type for it
      make sure that records have had such values all along
      "string"
      {"type":"string","logicalType":"uuid"}
    source: field `x` of `R`: the logical type `uuid` is gone, and code gets the bare value
      keep `uuid`
      {"type":"string","logicalType":"uuid"}
      "string"
    wire: field `x` of `R`: the scale of the decimal was 2 and is 3: what was written is read with its point elsewhere
      keep the scale, or put the new one into a new field with a default
      {"type":"bytes","logicalType":"decimal","precision":9,"scale":2}
      {"type":"bytes","logicalType":"decimal","precision":9,"scale":3}
    wire: field `x` of `R`: the decimal had 9 digits and has 8: larger values that were written do not fit
      keep the precision 9
      {"type":"bytes","logicalType":"decimal","precision":9,"scale":2}
      {"type":"bytes","logicalType":"decimal","precision":8,"scale":2}
    "#);
}

#[test]
fn what_the_category_does_not_ask_for_is_not_told() {
    let (old, new) = (record(&typed("x", "\"int\"")), record(&typed("x", "\"long\"")));
    assert!(opinions(&old, &new, Category::WireJson).is_empty());
    assert_eq!(opinions(&old, &new, Category::Source).len(), 1);
}

#[test]
fn an_alias_a_doc_and_what_only_grew_are_nothing_to_regret() {
    for (old, new) in [
        (typed("x", "\"string\""), r#"{"name":"y","aliases":["x"],"type":"string"}"#.to_owned()),
        (typed("x", "\"string\""), r#"{"name":"x","type":"string","doc":"D.","default":""}"#.to_owned()),
        (
            enumeration(r#""A""#, r#","default":"A""#),
            enumeration(r#""A""#, r#","default":"A","aliases":["D"],"doc":"D.""#),
        ),
        (
            r#"{"name":"x","type":"double","default":1}"#.to_owned(),
            r#"{"name":"x","type":"double","default":1.0}"#.to_owned(),
        ),
        (typed("x", DECIMAL), typed("x", &DECIMAL.replace('9', "12"))),
        (
            typed("r", r#"{"type":"fixed","name":"b.F","size":1}"#),
            typed("r", r#"{"type":"fixed","name":"c.F","size":1,"aliases":["b.F"]}"#),
        ),
    ] {
        assert_eq!(found(&record(&old), &record(&new)), [] as [&str; 0], "{old}\n{new}");
    }
    // Records are read as before; code has to follow.
    for (old, new) in [
        (typed("x", "\"string\""), typed("x", r#"["null","string"]"#)),
        (typed("x", r#"["null","string"]"#), typed("x", r#"["null","string","int"]"#)),
        (enumeration(r#""A""#, r#","default":"A""#), enumeration(r#""A","B""#, r#","default":"A""#)),
    ] {
        let (old, new) = (record(&old), record(&new));
        assert_eq!(opinions(&old, &new, Category::WireJson), [], "{old}\n{new}");
        assert_eq!(opinions(&old, &new, Category::Source).len(), 1, "{old}\n{new}");
    }
}

#[test]
fn what_the_registry_refuses_is_not_repeated() {
    // The field that came has no default, so that the registry refuses it and says why.
    let (old, new) = (record(&typed("x", "\"string\"")), record(&typed("y", "\"string\"")));
    assert_eq!(found(&old, &new), ["FIELD_REMOVED /"]);
    let (old, new) = (enumeration(r#""A","B""#, ""), enumeration(r#""A""#, ""));
    assert_eq!(found(&record(&old), &record(&new)), [] as [&str; 0]);
}

#[test]
fn a_rename_is_looked_for_at_the_same_place() {
    let with = |name: &str, of: &str| {
        format!(r#"{{"name":"{name}","type":"{of}","default":{}}}"#, if of == "int" { "0" } else { "\"\"" })
    };
    let fields =
        |fields: &[(&str, &str)]| record(&fields.iter().map(|(name, of)| with(name, of)).collect::<Vec<_>>().join(","));
    let old = fields(&[("a", "int"), ("b", "string"), ("c", "int"), ("d", "string")]);
    let new = fields(&[("a", "int"), ("n", "int"), ("m", "string"), ("c", "int"), ("e", "int")]);
    assert_eq!(found(&old, &new), ["FIELD_REMOVED /", "FIELD_RENAMED /fields/2"]);
}

#[test]
fn recursive_and_shared_types_are_looked_at_once() {
    let tree = |default: &str| {
        format!(
            r#"{{"type":"record","name":"T","fields":[{{"name":"l","type":["null","T"]}},{{"name":"r","type":["null","T"]}},
            {{"name":"v","type":"int","default":{default}}}]}}"#
        )
    };
    assert_eq!(found(&tree("0"), &tree("1")), ["FIELD_DEFAULT_CHANGED /fields/2"]);
    let twice = |scale: u8| {
        let defined = r#"{"type":"fixed","name":"F","size":8,"logicalType":"decimal","precision":9,"scale":SCALE}"#;
        let defined = defined.replace("SCALE", &scale.to_string());
        record(&format!("{},{}", typed("x", &defined), typed("y", "\"a.F\"")))
    };
    assert_eq!(
        found(&twice(1), &twice(2)),
        ["DECIMAL_SCALE_CHANGED /fields/0/type", "DECIMAL_SCALE_CHANGED /fields/1/type"]
    );
}

/// Schemas that are made to cost time: each type meets many others, or has many names.
#[test]
fn hostile_schemas_end() {
    let join = |count: usize, of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<Vec<_>>().join(",");
    // All fields go and others of their type come.
    let many =
        |name: &str| record(&join(20_000, &|index| format!(r#"{{"name":"{name}{index}","type":"int","default":0}}"#)));
    assert!(!found(&many("a"), &many("b")).is_empty());
    // Every branch has every name but the one that it needs.
    let union = |name: &str| {
        let aliases = join(100, &|index| format!(r#""z.A{index}""#));
        let fixed = |index| format!(r#"{{"type":"fixed","name":"{name}{index}","size":1,"aliases":[{aliases}]}}"#);
        format!("[{}]", join(2_000, &fixed))
    };
    let told = found(&union("b"), &union("c"));
    assert_eq!(told, ["NOT_COMPARED /"]);
}

/// Where types lie thousands deep each path is long.
#[test]
fn deep_places_do_not_multiply() {
    let chain = |default: u8| {
        let of = |index: usize| {
            format!(
                r#"{{"type":"record","name":"R{index}","fields":[{{"name":"f","type":"R{}"}},
                {{"name":"v","type":"int","default":{default}}}]}}"#,
                index + 1
            )
        };
        let records: Vec<_> = (0..10_000).map(of).collect();
        format!(r#"[{},{{"type":"record","name":"R10000","fields":[]}}]"#, records.join(","))
    };
    let [old, new] =
        [0, 1].map(|default| crate::schema::avro::parse_registered(&chain(default), &[]).expect("a schema"));
    let told = crate::schema::avro::second_opinion(&new, &old, Category::Source);
    assert_eq!(told.last().map(|opinion| opinion.incompatibility.code), Some("NOT_COMPARED"));
    assert!(told.iter().map(|opinion| opinion.incompatibility.path.len()).sum::<usize>() < 9 << 20);
}
