//! The rules one by one. Agreement with Java is measured in `tests/avro_compatibility/`.

use std::fmt::Write as _;

use super::incompatibilities;
use crate::schema::avro::{parse, parse_like_java};
use crate::schema::{Incompatibility, ResolvedReference};

fn found(reader: &str, writer: &str) -> Vec<Incompatibility> {
    incompatibilities(&parse_like_java(reader, &[]).unwrap(), &parse_like_java(writer, &[]).unwrap())
}

/// Code, path, message and help of each.
fn told(reader: &str, writer: &str) -> String {
    let mut told = String::new();
    for found in found(reader, writer) {
        _ = writeln!(told, "{} {}\n  {}", found.code, found.path, found.message);
        if let Some(help) = found.help {
            _ = writeln!(told, "  help: {help}");
        }
    }
    told
}

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"n.Order","fields":[{fields}]}}"#)
}

fn is_compatible(reader: &str, writer: &str) -> bool {
    found(reader, writer).is_empty()
}

#[test]
fn primitives_read_what_is_narrower() {
    let names = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
    let read = names.map(|reader| {
        let reader_type = format!("\"{reader}\"");
        let writers = names.iter().filter(|writer| is_compatible(&reader_type, &format!("\"{writer}\"")));
        format!("{reader}: {}", writers.copied().collect::<Vec<_>>().join(" "))
    });
    insta::assert_snapshot!(read.join("\n"), @r"
    null: null
    boolean: boolean
    int: int
    long: int long
    float: int long float
    double: int long float double
    bytes: bytes string
    string: bytes string
    ");
}

#[test]
fn a_message_says_what_breaks_and_the_way_out() {
    let reader = record(
        r#"{"name":"id","type":"int"},
           {"name":"bitrate","type":"int"},
           {"name":"state","type":{"type":"enum","name":"State","symbols":["NEW"]}},
           {"name":"mode","type":{"type":"enum","name":"Mode","symbols":["ON"],"default":"ON"}},
           {"name":"key","type":{"type":"fixed","name":"Key","size":16}},
           {"name":"to","type":{"type":"array","items":{"type":"record","name":"Address","fields":[]}}}"#,
    );
    let writer = record(
        r#"{"name":"id","type":"long"},
           {"name":"state","type":{"type":"enum","name":"State","symbols":["OLD","NEW","GONE"]}},
           {"name":"key","type":{"type":"fixed","name":"Key","size":8}},
           {"name":"to","type":{"type":"array","items":{"type":"record","name":"m.Place","fields":[]}}}"#,
    );
    insta::assert_snapshot!(told(&reader, &writer), @r"
    TYPE_MISMATCH /fields/0/type
      field `id` of `Order`: the reader's `int` cannot read the writer's `long`
      help: let the reader have `long`: a number is read into the same or a wider type
    READER_FIELD_MISSING_DEFAULT_VALUE /fields/1
      field `bitrate` of `Order`: the writer does not have it, and it has no default
      help: add a default to the field, or the writer's name for it as an alias if it was renamed
    MISSING_ENUM_SYMBOLS /fields/2/type/symbols
      field `state` of `Order`: the reader's enum `n.State` has no default and does not know `OLD` and `GONE`, which the writer may use
      help: add a default to the enum, or the symbols that it lacks
    TYPE_MISMATCH /fields/3/type
      field `mode` of `Order`: the writer does not have it, and the default of enum `n.Mode` is not one of the field
      help: add a default to the field, or the writer's name for it as an alias if it was renamed
    FIXED_SIZE_MISMATCH /fields/4/type/size
      field `key` of `Order`: the reader's fixed `n.Key` has 16 bytes, the writer's fixed `n.Key` has 8
      help: give what has the new size another name, in a new field with a default
    NAME_MISMATCH /fields/5/type/items/name
      field `to` of `Order`, in its array: the reader's record `n.Address` is not the writer's record `m.Place`: the names differ
      help: add the alias `m.Place` to `n.Address` if it is the same thing, renamed
    ");
}

#[test]
fn a_missing_branch_keeps_its_cause() {
    let branch = |fields: &str| {
        let event = format!(r#"{{"type":"record","name":"Event","fields":[{fields}]}}"#);
        record(&format!(r#"{{"name":"event","type":["null",{event},"string"]}}"#))
    };
    let reader = branch(r#"{"name":"at","type":"long"},{"name":"by","type":"string"}"#);
    let writer = branch(r#"{"name":"at","type":"long"}"#);
    insta::assert_snapshot!(told(&reader, &writer), @r"
    MISSING_UNION_BRANCH /fields/0/type/1
      field `event` of `Order`: no branch of the reader's union reads the writer's record `n.Event`: field `by` of `Event`: the writer does not have it, and it has no default
      help: add a default to the field, or the writer's name for it as an alias if it was renamed
    ");
    insta::assert_snapshot!(told(r#"["null","int"]"#, r#"["null","string","int"]"#), @r"
    MISSING_UNION_BRANCH /1
      no branch of the reader's union reads the writer's `string`
      help: add `string` to the reader's union
    ");
}

#[test]
fn names_are_short_and_aliases_are_full() {
    let fixed =
        |name: &str, aliases: &str| format!(r#"{{"type":"fixed","name":"{name}","size":4,"aliases":[{aliases}]}}"#);
    for (name, aliases, writer, is_known) in [
        ("n.F", "", "m.F", true),
        ("n.F", r#""G""#, "n.G", true),
        ("n.F", r#""G""#, "m.G", false),
        ("n.F", r#""m.G""#, "m.G", true),
        ("F", r#"".G""#, "G", true),
        // With a namespace around it, nothing has such a name.
        ("n.F", r#"".G""#, "G", false),
        ("n.F", r#""G""#, "G", false),
    ] {
        assert_eq!(is_compatible(&fixed(name, aliases), &fixed(writer, "")), is_known, "{name} {aliases} {writer}");
    }
    assert!(!is_compatible(&fixed("F", ""), &fixed("G", r#""F""#)), "the writer's aliases do not count");
}

#[test]
fn a_field_that_could_be_two_is_none() {
    let reader = record(r#"{"name":"a","type":"int","aliases":["b"]},{"name":"c","type":"int"}"#);
    let writer = record(r#"{"name":"a","type":"int"},{"name":"b","type":"int"}"#);
    insta::assert_snapshot!(told(&reader, &writer), @r"
    NAME_MISMATCH /fields/0
      field `a` of `Order`: two of its names are the writer's, `a` and `b`, and one value cannot come from both
      help: remove the alias
    ");
    insta::assert_snapshot!(told(&record(r#"{"name":"a","type":"int","aliases":["a"]}"#), &writer), @r"
    NAME_MISMATCH /fields/0
      field `a` of `Order`: its own name stands among its aliases, which Apache Avro cannot read
      help: remove the alias
    ");
    assert!(is_compatible(&record(r#"{"name":"x","type":"int","aliases":["b","b"]}"#), &writer));
    // Also where another branch would do.
    let other = r#"{"type":"record","name":"m.Order","fields":[]}"#;
    assert!(is_compatible(&format!("[{other}]"), &writer));
    assert!(!is_compatible(&format!("[{reader},{other}]"), &writer));
}

#[test]
fn ranges_are_those_of_the_texts_that_are_compared() {
    let reference = ResolvedReference { name: "Key", text: r#"{"type":"fixed","name":"Key","size":4}"# };
    let other = ResolvedReference { name: "Key", text: r#"{"type":"fixed","name":"Key","size":8}"# };
    let reader_text = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"k","type":"Key"}]}"#;
    let writer_text =
        r#"{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"k","type":"Key"}]}"#;
    let (reader, writer) = (parse(reader_text, &[reference]).unwrap(), parse(writer_text, &[other]).unwrap());
    let found = incompatibilities(&reader, &writer);
    let [type_of_a, size_of_key] = &found[..] else { panic!("{found:?}") };
    let text = |text: &'static str, range: &Option<std::ops::Range<usize>>| range.clone().map(|range| &text[range]);
    assert_eq!(text(reader_text, &type_of_a.reader), Some("\"int\""));
    assert_eq!(text(writer_text, &type_of_a.writer), Some("\"string\""));
    // The types are in the texts of the references: what leads there stands for them.
    assert_eq!(text(reader_text, &size_of_key.reader), Some("\"k\""));
    assert_eq!(text(writer_text, &size_of_key.writer), Some(writer_text));
}

/// A record with a field for each of `count` records, which are defined there and made from their numbers.
fn holder(count: usize, defined: impl Fn(usize) -> (String, String)) -> String {
    let fields: Vec<String> = (0..count)
        .map(|number| {
            let (name, fields) = defined(number);
            let defined = format!(r#"{{"type":"record","name":"{name}","fields":[{fields}]}}"#);
            format!(r#"{{"name":"f{number}","type":{defined}}}"#)
        })
        .collect();
    record(&fields.join(","))
}

#[test]
fn ten_thousand_fields_are_found_by_their_names() {
    let fields = |range: &mut dyn Iterator<Item = usize>| {
        record(&range.map(|n| format!(r#"{{"name":"f{n}","type":"int"}}"#)).collect::<Vec<_>>().join(","))
    };
    let (forth, back) = (fields(&mut (0..10_000)), fields(&mut (0..10_000).rev()));
    assert!(is_compatible(&forth, &back));
    assert_eq!(found(&forth, &record("")).len(), 10_000);
}

#[test]
fn a_chain_of_records_does_not_end_the_stack() {
    let chain = |last: &str| {
        holder(20_000, |number| {
            let next = if number == 19_999 { last.to_owned() } else { format!("R{}", number + 1) };
            (format!("R{number}"), format!(r#"{{"name":"next","type":"{next}"}}"#))
        })
    };
    let (reader, writer) = (chain("int"), chain("string"));
    assert!(is_compatible(&reader, &reader));
    assert!(!is_compatible(&reader, &writer));
}

#[test]
fn repetitions_are_listed_up_to_a_limit() {
    // Each record holds the next one twice: the last one is reached on 2^60 ways.
    let doubled = |last: &str| {
        holder(60, |number| {
            let next = if number == 59 { last.to_owned() } else { format!("R{}", number + 1) };
            let fields = format!(r#"{{"name":"a","type":"{next}"}},{{"name":"b","type":"{next}"}}"#);
            (format!("R{number}"), fields)
        })
    };
    let found = found(&doubled("int"), &doubled("string"));
    assert!((1_000..=super::problem::MOST_LISTED).contains(&found.len()), "{}", found.len());
}

#[test]
fn cycles_that_never_meet_are_given_up() {
    // Every record of one cycle meets every record of the other.
    let cycle = |length: usize| {
        holder(length, |number| {
            let next = (number + 1) % length;
            (format!("n{number}.R"), format!(r#"{{"name":"next","type":"n{next}.R"}}"#))
        })
    };
    assert!(is_compatible(&cycle(100), &cycle(101)));
    let found = found(&cycle(1_009), &cycle(1_010));
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("not compared"), "{}", found[0].message);
}

#[test]
fn unions_of_all_records_in_all_records_are_no_knot() {
    let all: Vec<String> = (0..60).map(|number| format!("\"R{number}\"")).collect();
    let knot = |last: &str| {
        holder(60, |number| {
            let own = if number == 59 { last } else { "int" };
            let any = all.join(",");
            let fields = format!(r#"{{"name":"own","type":"{own}"}},{{"name":"any","type":["null",{any}]}}"#);
            (format!("R{number}"), fields)
        })
    };
    assert!(is_compatible(&knot("long"), &knot("int")));
    assert!(!is_compatible(&knot("int"), &knot("long")));
}

/// A field for each pair of `count` types of the reader and as many of the writer, which `defined` makes. Each type is
/// in a namespace of its own.
fn each_with_each(count: usize, is_reader: bool, defined: impl Fn(usize) -> String) -> String {
    let mut fields: Vec<String> =
        (0..count).map(|number| format!(r#"{{"name":"t{number}","type":{}}}"#, defined(number))).collect();
    for pair in 0..count * count {
        let own = if is_reader { pair / count } else { pair % count };
        fields.push(format!(r#"{{"name":"f{pair}","type":"n{own}.R"}}"#));
    }
    record(&fields.join(","))
}

/// A record with arrays in arrays. When sixty of them have met sixty others, all is given up.
fn arrays(number: usize) -> String {
    let array = format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(800), "}".repeat(800));
    format!(r#"{{"type":"record","name":"n{number}.R","fields":[{{"name":"a","type":{array}}}]}}"#)
}

#[test]
fn whatever_a_comparison_looks_at_is_counted() {
    let many = |count: usize| (0..count).map(|n| format!("\"s{n}\"")).collect::<Vec<_>>().join(",");
    let symbols = many(1_000);
    let enums = |number: usize| format!(r#"{{"type":"enum","name":"n{number}.R","symbols":[{symbols}]}}"#);
    let aliases = many(2_000);
    let known_as = |number: usize| format!(r#"{{"type":"fixed","name":"n{number}.R","size":4,"aliases":[{aliases}]}}"#);
    let fixed = |number: usize| format!(r#"{{"type":"fixed","name":"n{number}.S","size":4}}"#);
    let writer_of_fixed = each_with_each(160, false, fixed).replace(".R\"", ".S\"");
    for (reader, writer) in [
        (each_with_each(60, true, arrays), each_with_each(60, false, arrays)),
        (each_with_each(160, true, enums), each_with_each(160, false, enums)),
        (each_with_each(160, true, known_as), writer_of_fixed),
    ] {
        let found = found(&reader, &writer);
        assert!(found.len() == 1 && found[0].message.contains("not compared"), "{} {:?}", found.len(), found.first());
    }
}

#[test]
fn symbols_that_are_missing_in_many_places_are_looked_for_once() {
    let with_enum = |last: &str| {
        let symbols: Vec<String> = (0..20_000).map(|number| format!("\"S{number}\"")).collect();
        let defined = format!(r#"{{"type":"enum","name":"E","symbols":[{},"{last}"]}}"#, symbols.join(","));
        let mut fields = vec![format!(r#"{{"name":"e","type":{defined}}}"#)];
        // Each union is another place, with the enum as its cause.
        fields.extend((0..10_000).map(|n| format!(r#"{{"name":"f{n}","type":"E"}},{{"name":"u{n}","type":["E"]}}"#)));
        record(&fields.join(","))
    };
    let found = found(&with_enum("OURS"), &with_enum("THEIRS"));
    assert_eq!(found.len(), 20_001);
    assert!(found.iter().all(|found| found.message.contains("does not know `THEIRS`")));
}

#[test]
fn the_first_problem_of_a_chain_is_at_hand() {
    let chain = |own: &str| {
        let records = 10_000;
        let made = |number: usize| {
            let next = if number == records - 1 { "int".to_owned() } else { format!("R{}", number + 1) };
            let fields = format!(r#"{{"name":"next","type":"{next}"}},{{"name":"own","type":"{own}"}}"#);
            (format!("R{number}"), fields)
        };
        let held = holder(records, made);
        let unions: Vec<String> =
            (0..records).map(|n| format!(r#"{{"name":"u{n}","type":["null","R{n}"]}}"#)).collect();
        held.replacen("\"fields\":[", &format!("\"fields\":[{},", unions.join(",")), 1)
    };
    assert!(found(&chain("int"), &chain("string")).len() > 1_000);
}

#[test]
fn what_is_given_up_is_told_whatever_else_was_found() {
    let with = |fields: Vec<String>, is_reader: bool| {
        let arrays = each_with_each(60, is_reader, arrays);
        arrays.replacen("\"fields\":[", &format!("\"fields\":[{},", fields.join(",")), 1)
    };
    // One record with many fields meets many that have none of them.
    let fields: Vec<String> = (0..500).map(|n| format!(r#"{{"name":"f{n}","type":"int"}}"#)).collect();
    let defined = |name: String, fields: &str| format!(r#"{{"type":"record","name":"{name}","fields":[{fields}]}}"#);
    let held = |number: usize, of: String| format!(r#"{{"name":"w{number}","type":{of}}}"#);
    let mut ours = vec![held(0, defined("q.W".to_owned(), &fields.join(",")))];
    ours.extend((1..510).map(|number| held(number, "\"q.W\"".to_owned())));
    let theirs = (0..510).map(|number| held(number, defined(format!("q{number}.W"), ""))).collect();
    let found = found(&with(ours, true), &with(theirs, false));
    assert!(found.len() == 1 && found[0].message.contains("not compared"), "{} {:?}", found.len(), found.first());
}

/// Each branch meets each: what has another name is not looked at.
#[test]
fn large_unions_of_records_are_no_knot() {
    let union = |field: &dyn Fn(usize) -> String| {
        let record = |number: usize| {
            let aliases = if number.is_multiple_of(3) { format!(r#""aliases":["B{number}"],"#) } else { String::new() };
            format!(r#"{{"type":"record","name":"A{number}",{aliases}"fields":[{}]}}"#, field(number))
        };
        format!("[{}]", (0..20_000).map(record).collect::<Vec<_>>().join(","))
    };
    let of = |of: &str| format!(r#"{{"name":"f","type":"{of}"}}"#);
    let int = union(&|_| of("int"));
    let renamed = int.replace(r#""name":"A19998","aliases":["B19998"]"#, r#""name":"B19998""#);
    assert!(is_compatible(&int, &int));
    assert!(is_compatible(&int, &renamed));
    assert!(!is_compatible(&renamed, &int));
    let last = union(&|number| of(if number == 19_999 { "string" } else { "int" }));
    let found = found(&last, &int);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("`A19999`"), "{found:?}");
}
