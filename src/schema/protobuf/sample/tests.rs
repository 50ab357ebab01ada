use super::*;
use crate::schema::protobuf::parse;
use crate::schema::sample::{Alteration, shown};

fn message(fields: &str) -> Message {
    let text = format!("syntax = \"proto3\"; message M {{ {fields} }} message P {{ int32 x = 1; int32 y = 2; }}");
    Message::new(&parse(&text, &[]).expect("a schema")).expect("a message")
}

fn seen(json: &str, writer: &Message, reader: &Message) -> Result<Vec<String>, String> {
    let bytes = writer.encode(json).map_err(|misfit| misfit.message)?;
    let surprises = reader.decode(&bytes, writer).map_err(|unreadable| unreadable.message)?;
    Ok(surprises.into_iter().map(|surprise| surprise.message).collect())
}

#[test]
fn a_record_comes_back_as_it_was_written() {
    let one = message("string name = 1; repeated P points = 2; map<string, int64> counts = 3; optional bool on = 4;");
    let json = r#"{"name": "a", "points": [{"x": 1}, {"y": 2}], "counts": {"k": "9007199254740993"}, "on": false}"#;
    assert_eq!(seen(json, &one, &one), Ok(Vec::new()));
    let more = message("string name = 1; repeated P points = 2; string more = 9;");
    assert_eq!(seen(json, &one, &more), Ok(Vec::new()));
}

#[test]
fn what_a_message_does_not_have_is_refused_at_its_place() {
    let text = "{\n  \"name\": \"a\",\n  \"nome\": 3\n}";
    let misfit = message("string name = 1;").encode(text).expect_err("a misfit");
    assert!(misfit.message.contains("nome"), "{}", misfit.message);
    assert_eq!(&text[misfit.range], "nome");
}

#[test]
fn what_a_consumer_misreads_is_told() {
    let one = message("int64 big = 1; E kind = 2; string title = 3; enum E { A = 0; B = 1; }");
    let other = message("int32 big = 1; E kind = 2; string title = 4; enum E { A = 0; }");
    let json = r#"{"big": "4294967297", "kind": "B", "title": "x"}"#;
    let expected = [
        "`4294967297` is read as `1`",
        "`B` (1) is no value of its enum, and it sees an unknown one",
        "`title` was written as number 3 and is read as number 4, so that it comes back as its default",
    ];
    assert_eq!(seen(json, &one, &other), Ok(expected.map(str::to_owned).to_vec()));
}

/// The bytes are read without an error, and each value is taken for another one.
#[test]
fn numbers_that_were_swapped_are_told() {
    let (one, other) = (message("string f = 1; string l = 2;"), message("string l = 1; string f = 2;"));
    let expected = [
        "`f` was written as number 1, which is `l` here: it is read as that field",
        "`l` was written as number 2, which is `f` here: it is read as that field",
    ];
    assert_eq!(seen(r#"{"f": "A", "l": "B"}"#, &one, &other), Ok(expected.map(str::to_owned).to_vec()));
    assert_eq!(seen(r#"{"f": "A", "l": "A"}"#, &one, &other), Ok(Vec::new()));
    assert_eq!(seen(r#"{"f": "A"}"#, &one, &other), Ok(vec![expected[0].to_owned()]));
    // The number of a field that went was given to one that has another.
    assert_eq!(seen(r#"{"f": "A", "l": "B"}"#, &one, &message("string l = 1;")), Ok(vec![expected[0].to_owned()]));
    // Another name is the same field.
    assert_eq!(seen(r#"{"f": "A", "l": "B"}"#, &one, &message("string x = 1; string y = 2;")), Ok(Vec::new()));
}

#[test]
fn values_of_an_enum_that_were_swapped_are_told() {
    let of = |values: &str| message(&format!("E e = 1; repeated E more = 2; enum E {{ {values} }}"));
    let one = of("A = 0; B = 1; C = 2;");
    let json = r#"{"e": "B", "more": ["A", "C"]}"#;
    let expected =
        ["`B` (1) is read as `C`, which has its number there", "`C` (2) is read as `B`, which has its number there"];
    assert_eq!(seen(json, &one, &of("A = 0; B = 2; C = 1;")), Ok(expected.map(str::to_owned).to_vec()));
    // A new name is the same value, and so is one of several.
    assert_eq!(seen(json, &one, &of("A = 0; X = 1; Y = 2;")), Ok(Vec::new()));
    assert_eq!(seen(json, &one, &of("option allow_alias = true; A = 0; X = 1; B = 1; C = 2;")), Ok(Vec::new()));
}

/// What is lost where one record is read: which value, and as what it was written and is read.
fn lost(json: &str, writer: &Message, reader: &Message) -> Vec<String> {
    let surprises = reader.decode(&writer.encode(json).expect("fits"), writer).expect("read");
    assert!(surprises.iter().all(|surprise| surprise.what == Alteration::Lost), "{surprises:?}");
    let end = ", which is encoded otherwise: it takes the value for a field that it does not know";
    let told = surprises.iter().map(|surprise| {
        let said = surprise.message.strip_suffix(end).expect("the same end");
        format!("{}: {said}", shown(&surprise.path))
    });
    told.collect()
}

/// The runtimes of Protobuf's makers skip what is encoded otherwise than the field is.
#[test]
fn another_encoding_is_lost() {
    let (one, other) = (message("string a = 1; int32 b = 2;"), message("int32 a = 1; int32 b = 2;"));
    let told = "a: field `a` (number 1) was written as `string` and is `int32` here";
    assert_eq!(lost(r#"{"a": "x", "b": 3}"#, &one, &other), [told]);
    assert_eq!(lost(r#"{"b": 3}"#, &one, &other), [""; 0]);
    let one = message(
        "repeated int32 a = 1; repeated E e = 2; repeated double d = 3; repeated string s = 4; enum E { A = 0; B = 1; }",
    );
    let other = message("int32 a = 1; optional E e = 2; double d = 3; string s = 4; enum E { A = 0; B = 1; }");
    assert_eq!(
        lost(r#"{"a": [1, 2], "e": ["B"], "d": [1.5]}"#, &one, &other),
        [
            "a: field `a` (number 1) was written as `repeated int32` and is `int32` here",
            "e: field `e` (number 2) was written as `repeated E` and is `E` here",
            "d: field `d` (number 3) was written as `repeated double` and is `double` here",
        ]
    );
    // Strings are never packed: the last one counts.
    assert_eq!(seen(r#"{"s": ["x", "y"]}"#, &one, &other), Ok(vec![r#"`["x","y"]` is read as `"y"`"#.to_owned()]));
    let (one, other) =
        (message("repeated P p = 3;"), message("repeated Q p = 3; message Q { string x = 1; int32 y = 2; }"));
    let told = "p[1].x: field `x` (number 1) was written as `int32` and is `string` here";
    assert_eq!(lost(r#"{"p": [{"y": 1}, {"x": 2, "y": 3}]}"#, &one, &other), [told]);
}

#[test]
fn keys_and_values_of_maps_in_another_encoding_are_lost() {
    let one = message("map<string, int32> v = 1; map<int32, int32> k = 2; map<string, P> p = 3;");
    let other = message(
        "map<string, fixed32> v = 1; map<string, int32> k = 2; map<string, Q> p = 3; message Q { fixed64 x = 1; }",
    );
    assert_eq!(
        lost(r#"{"v": {"a": 1}, "k": {"7": 1}, "p": {"a": {"x": 1}}}"#, &one, &other),
        [
            "v{a}: field `value` (number 2) was written as `int32` and is `fixed32` here",
            "k: field `k` (number 2) was written as a map and is a map here",
            "p{a}.x: field `x` (number 1) was written as `int32` and is `fixed64` here",
        ]
    );
}

/// Several numbers may come one by one or together, and groups are messages of another encoding.
#[test]
fn encodings_that_are_read() {
    let of = |fields: &str| {
        let text = format!("syntax = \"proto2\"; message M {{ {fields} }}");
        Message::new(&parse(&text, &[]).expect("a schema")).expect("a message")
    };
    let (apart, packed) = (of("repeated int32 a = 1;"), of("repeated int32 a = 1 [packed = true];"));
    let json = r#"{"a": [1, -2, 300]}"#;
    assert_eq!(seen(json, &apart, &packed), Ok(Vec::new()));
    assert_eq!(seen(json, &packed, &apart), Ok(Vec::new()));
    assert_eq!(seen(json, &apart, &of("optional int32 a = 1;")), Ok(vec!["`[1,-2,300]` is read as `300`".to_owned()]));
    let group = of("repeated group G = 2 { optional int32 x = 1; repeated group H = 3 { optional fixed64 y = 1; } }");
    let json = r#"{"g": [{"x": 1, "h": [{"y": "2"}, {}]}, {}]}"#;
    assert_eq!(seen(json, &group, &group), Ok(Vec::new()));
    let other = of("repeated group G = 2 { optional int32 x = 1; repeated group H = 3 { optional int32 y = 1; } }");
    assert_eq!(
        lost(json, &group, &other),
        ["g[0].h[0].y: field `y` (number 1) was written as `fixed64` and is `int32` here"]
    );
    let message = of("repeated G g = 2; message G { optional int32 x = 1; }");
    assert_eq!(
        lost(r#"{"g": [{"x": 1}]}"#, &message, &group),
        ["g: field `g` (number 2) was written as `repeated G` and is `repeated G` here"]
    );
}

#[test]
fn bytes_that_are_not_of_the_type_are_refused() {
    let (one, other) = (message("string a = 1;"), message("P a = 1;"));
    let said = "field `a` (number 1) was written as `string` and is `P` here";
    assert_eq!(seen(r#"{"a": "xyz"}"#, &one, &other), Err(said.to_owned()));
    let (one, other) = (
        message("repeated Q p = 3; message Q { bytes x = 1; }"),
        message("repeated Q p = 3; message Q { string x = 1; }"),
    );
    let bytes = one.encode(r#"{"p": [{"x": "YQ=="}, {"x": "/w=="}]}"#).expect("fits");
    let unreadable = other.decode(&bytes, &one).expect_err("refused");
    assert_eq!(unreadable.message, "field `x` (number 1) was written as `bytes` and is `string` here");
    assert_eq!(shown(&unreadable.path), "p[1].x");
}

/// Each of many fields is looked up among many.
#[test]
fn large_messages_with_many_records() {
    let numbers = || (1..50_000).filter(|number| !(19_000..20_000).contains(number));
    let fields = |more: &str| numbers().map(|number| format!("{more}int32 f{number} = {number};")).collect::<String>();
    let (one, other) = (message(&fields("")), message(&fields("repeated ")));
    assert!(one.only_narrows(&one) && !one.only_narrows(&other));
    let text = format!(
        "syntax = \"proto2\"; message M {{ repeated L l = 1; }} message L {{ {} required int32 r = 60000; }}",
        fields("optional ")
    );
    let many = Message::new(&parse(&text, &[]).expect("a schema")).expect("a message");
    let record = |last: &str| format!(r#"{{"l": [{}{last}]}}"#, r#"{"r": 1}, "#.repeat(100_000));
    assert_eq!(seen(&record(r#"{"r": 1}"#), &many, &many), Ok(Vec::new()));
    assert_eq!(seen(&record("{}"), &many, &many), Err("the required field `r` is missing".to_owned()));
}

#[test]
fn a_change_that_only_narrows_has_nothing_to_show() {
    let wide = message("string a = 1; string b = 2; E e = 3; enum E { A = 0; B = 1; }");
    let narrow = message("string a = 1; E e = 3; enum E { A = 0; }");
    assert!(narrow.only_narrows(&wide) && !wide.only_narrows(&narrow));
}
