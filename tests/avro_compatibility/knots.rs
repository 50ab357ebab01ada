//! Pairs that are made by hand, beside the reference: what random pairs meet rarely.

use busctl::schema::avro;

use super::reference::Reference;
use super::{Pair, agree, ours};

/// `[{"type":…}]` in place of each `A(…)` and so on would be longer than what they show.
const PAIRS: [(&str, &str); 8] = [
    // Twice the same two types: twice the same incompatibility, with the location of the first time.
    (
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":4}},{"name":"b","type":"F"}]}"#,
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"fixed","name":"G","size":4}},{"name":"b","type":"G"}]}"#,
    ),
    // First inside a union, then outside: the location starts at the branch.
    (
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":["null",{"type":"record","name":"F","fields":[{"name":"f","type":"int"}]}]},{"name":"b","type":"F"}]}"#,
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"record","name":"G","fields":[{"name":"f","type":"string"}]}},{"name":"b","type":"G"}]}"#,
    ),
    // An enum's default in place of the field's, twice.
    (
        r#"{"type":"record","name":"A","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["X"],"default":"X"}},{"name":"g","type":"E"}]}"#,
        r#"{"type":"record","name":"A","fields":[]}"#,
    ),
    // The reader's name and alias are both fields of the writer, inside a branch that is not needed.
    (
        r#"["null",{"type":"record","name":"A","fields":[{"name":"x","type":"int","aliases":["y"]}]}]"#,
        r#"["null",{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]}]"#,
    ),
    // A record inside the record of the same name is another one.
    (
        r#"{"type":"record","name":"S","fields":[{"name":"a","type":{"type":"record","name":"S","fields":[{"name":"f","type":"int"}]}},{"name":"b","type":"S"}]}"#,
        r#"{"type":"record","name":"S","fields":[{"name":"a","type":{"type":"record","name":"S","fields":[{"name":"f","type":"string"}]}},{"name":"b","type":"S"}]}"#,
    ),
    // A default that has to look into a record which has no fields yet, because of the order in which names are resolved.
    (
        r#"{"type":"record","name":"S","fields":[{"name":"t","type":{"type":"record","name":"T","fields":[{"name":"e","type":"U","default":{}}]}},{"name":"u","type":{"type":"record","name":"U","fields":[{"name":"q","type":["null","T"],"default":null}]}}]}"#,
        r#""int""#,
    ),
    (
        r#"{"type":"record","name":"S","fields":[{"name":"t","type":{"type":"record","name":"T","fields":[{"name":"e","type":"U"}]},"default":{"e":{}}},{"name":"u","type":{"type":"record","name":"U","fields":[{"name":"q","type":["null","T"],"default":null}]}}]}"#,
        r#""int""#,
    ),
    (
        r#"{"type":"record","name":"S","fields":[{"name":"x","type":"U","default":{}},{"name":"u","type":{"type":"record","name":"U","fields":[{"name":"q","type":"S"}]}}]}"#,
        r#""int""#,
    ),
];

#[tokio::test]
async fn agrees_with_the_reference_on_knots() {
    let mut reference = Reference::start().await;
    for (reader, writer) in PAIRS {
        check(&mut reference, pair(reader, writer));
    }
}

#[tokio::test]
async fn agrees_with_the_reference_on_depth() {
    let mut reference = Reference::start().await;
    let arrays = |depth: usize, inner: &str| {
        format!("{}\"{inner}\"{}", r#"{"type":"array","items":"#.repeat(depth), "}".repeat(depth))
    };
    let unions = |depth: usize, inner: &str| {
        format!("{}\"{inner}\"{}", r#"["null",{"type":"array","items":"#.repeat(depth), "}]".repeat(depth))
    };
    for depth in [100, 999, 1000, 1001] {
        check(&mut reference, pair(&arrays(depth, "int"), &arrays(depth, "string")));
    }
    for depth in [100, 500, 501] {
        check(&mut reference, pair(&unions(depth, "int"), &unions(depth, "int")));
        check(&mut reference, pair(&unions(depth, "int"), &unions(depth, "string")));
    }
}

/// Records that each may hold any of them, which differ in the last one alone.
#[tokio::test]
async fn agrees_with_the_reference_on_large_unions() {
    let mut reference = Reference::start().await;
    let knot = |last: &str| {
        let all: Vec<String> = (0..12).map(|number| format!("\"N{number}\"")).collect();
        let record = |number: usize| {
            let own = if number == 11 { last } else { "int" };
            let next = all.join(",");
            format!(
                r#"{{"type":"record","name":"N{number}","fields":[{{"name":"own","type":"{own}"}},{{"name":"next","type":[{next}]}}]}}"#
            )
        };
        format!("[{}]", (0..12).map(record).collect::<Vec<_>>().join(","))
    };
    for (reader, writer) in [("int", "int"), ("int", "string"), ("long", "int")] {
        check(&mut reference, pair(&knot(reader), &knot(writer)));
    }
}

/// Defaults that Java reads, or refuses, whether it looks at defaults or not; with and without a reference.
#[tokio::test]
async fn agrees_with_the_reference_on_what_is_registered() {
    let mut reference = Reference::start().await;
    let fixed = r#"{"type":"fixed","name":"n.F","size":4}"#;
    let record = |field_type: &str, default: &str| {
        let field = format!(r#"{{"name":"a","type":{field_type},"default":{default}}}"#);
        format!(r#"{{"type":"record","name":"n.R","fields":[{field}]}}"#)
    };
    for field_type in [r#""float""#, r#"{"type":"double"}"#, r#"["float","null"]"#, r#""int""#, r#""F""#, r#"["F"]"#] {
        for default in [r#""inf""#, r#"" 1f ""#, r#""0x1p3""#, r#""""#, "1e400", "true", "null", "{}"] {
            for used in [None, Some(fixed.to_owned()), Some(record(r#""float""#, default).replace("n.R", "n.Q"))] {
                let (reader, writer) = (record(field_type, default), record(field_type, "0"));
                check(&mut reference, Pair { reader, writer, reference: used });
            }
        }
    }
}

/// What Java writes is what was read: a registry that answers with it has what was asked for.
#[tokio::test]
async fn has_the_canonical_form_of_what_the_reference_writes() {
    let mut reference = Reference::start().await;
    let with = |rest: &str| {
        let field = format!(r#"{{"name":"a","type":"double",{rest}}}"#);
        format!(r#"{{"type":"record","name":"R","fields":[{field}]}}"#)
    };
    let numbers = [
        "1",
        "1.0",
        "-0.0",
        "1e400",
        r#""1""#,
        r#"" 1.50f ""#,
        r#""0x1.8p1""#,
        r#""-0x1P-1074d""#,
        r#""0x1.8p-1075""#,
        r#""0x1.fffffffffffff8p1023""#,
        r#""0x10000000000001.8p0""#,
        r#""+NaN""#,
        r#""-NaN""#,
        r#""-Infinity""#,
        r#""1e400""#,
        r#""-1e-400""#,
        r#""1e23""#,
        r#""4.9e-324""#,
        r#""123456789012345678901234567890""#,
    ];
    let orders = ["ascending", "ASCENDING", "Descending", "descending", "IGNORE", "Ignore"];
    let defaults = numbers.iter().map(|number| with(&format!(r#""default":{number}"#)));
    let ordered = orders.iter().map(|order| with(&format!(r#""order":"{order}""#)));
    for schema in defaults.chain(ordered) {
        let written = reference.written(&schema);
        assert_eq!(avro::canonical(&schema).unwrap(), avro::canonical(&written).unwrap(), "{schema}\n{written}");
    }
}

fn pair(reader: &str, writer: &str) -> Pair {
    Pair { reader: reader.to_owned(), writer: writer.to_owned(), reference: None }
}

fn check(reference: &mut Reference, pair: Pair) {
    let (ours, theirs) = (ours(&pair), reference.ask(&pair));
    assert!(agree(&ours, &theirs), "{pair:?}\nours   {ours:?}\ntheirs {theirs:?}");
}
