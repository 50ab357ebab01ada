use super::*;
use proptest::prelude::*;

fn message(text: &str) -> String {
    let error = read(text).unwrap_err();
    format!("{} at {:?}", error.message, error.range)
}

#[test]
fn places_are_those_of_the_text() {
    let json = read(r#" {"a": [1, "é\u00e9"]} "#).unwrap();
    assert_eq!(json.range, 1..23);
    let item = json.pointer("/a/1").unwrap();
    assert_eq!((item.as_str(), item.range.clone()), (Some("éé"), 11..21));
}

#[test]
fn a_pair_of_surrogates_is_one_character() {
    let json = read(r#"["\ud83d\ude00", "x\uD83D\uDE00y\udb40\udc41"]"#).unwrap();
    assert_eq!(json.pointer("/0").and_then(Json::as_str), Some("😀"));
    assert_eq!(json.pointer("/1").and_then(Json::as_str), Some("x😀y\u{e0041}"));
    assert_eq!(like_java(r#""\ud83d\ude00""#).unwrap(), ("\"😀\"".to_owned(), None));
    insta::assert_snapshot!(message(r#""\ud83d\ud83d\ude00""#), @"an escape that is no character at Some(1..7)");
    insta::assert_snapshot!(message(r#""\ude00\ud83d""#), @"an escape that is no character at Some(1..7)");
}

#[test]
fn bad_text_is_named_with_its_place() {
    insta::assert_snapshot!(message("{\"a\":1,\n\"a\":2}"), @"the key `a` is there twice at Some(8..11)");
    insta::assert_snapshot!(message("{\"a\":1,}"), @"expected a key in double quotes, found `}` at Some(7..8)");
    insta::assert_snapshot!(message("[1"), @"the text ends where `,` or `]` should be at Some(2..2)");
    insta::assert_snapshot!(message("\"a\0\""), @"control character U+0000 in a string at Some(2..3)");
    insta::assert_snapshot!(message("\0"), @r"expected a JSON value, found `\u{0}` at Some(0..1)");
    insta::assert_snapshot!(message("// a\n1"), @"expected a JSON value, found `/` at Some(0..1)");
    insta::assert_snapshot!(message(r#""\ud800x""#), @"an escape that is no character at Some(1..7)");
    insta::assert_snapshot!(message("\u{feff}1"), @"the text starts with a byte order mark at Some(0..3)");
    insta::assert_snapshot!(message("01"), @"a number cannot start with 0 at Some(0..2)");
    insta::assert_snapshot!(message("1.5 2"), @"expected the end of the text, found `2` at Some(4..5)");
}

#[test]
fn depth_is_bounded() {
    assert!(read(&format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).is_ok());
    assert!(read(&"[".repeat(10_000_000)).unwrap_err().message.starts_with("more than 128"));
}

/// The value, and what is objected to first.
fn like_java(text: &str) -> Result<(String, Option<SchemaError>), SchemaError> {
    let mut objection = None;
    let json = read_like_java(text, &mut objection)?;
    Ok((json.to_string(), objection))
}

#[test]
fn what_java_takes_is_objected_to() {
    let told = |text: &str| {
        let (json, objection) = like_java(text).unwrap();
        let objection = objection.unwrap();
        format!("{json}: {} at {:?}", objection.message, objection.range)
    };
    insta::assert_snapshot!(told("/* a */ {\"a\": 1, // b\n\"b\": 1}"), @r#"{"a": 1, "b": 1}: expected a JSON value, found `/` at Some(0..1)"#);
    insta::assert_snapshot!(told("[1, // b\n2]"), @"[1, 2]: expected a JSON value, found `/` at Some(4..5)");
    insta::assert_snapshot!(told(r#""\ud800\u0041""#), @r#""�A": an escape that is no character at Some(1..7)"#);
    insta::assert_snapshot!(told(r#"{"a": 1, "b": 3, "a": [2]}"#), @r#"{"a": [2], "b": 3}: the key `a` is there twice at Some(17..20)"#);
    // Behind the text, white space of JSON alone means nothing.
    insta::assert_snapshot!(told("1 \u{b}"), @r"1: expected the end of the text, found `\u{b}` at Some(2..3)");
    insta::assert_snapshot!(told("1\n\0 "), @r"1: expected the end of the text, found `\u{0}` at Some(2..3)");
    assert_eq!(like_java("1 \t\r\n").unwrap().1, None);
}

#[test]
fn what_java_refuses_is_refused() {
    for text in ["1 // a", "1 /* a */", "/* 1", "/1", "[1,]", "{'a':1}", "01", "\u{a0}1", "\u{feff}1", "1 2", ""] {
        assert!(like_java(text).is_err(), "{text}");
    }
    assert!(like_java(&"1".repeat(1000)).is_ok());
    assert!(like_java(&format!("-1.{}", "1".repeat(999))).is_ok());
    assert!(like_java(&"1".repeat(1001)).is_err());
    assert!(like_java(&format!("{{\"{}\":1}}", "é".repeat(50_000))).is_ok());
    assert!(like_java(&format!("{{\"{}\":1}}", "é".repeat(50_001))).is_err());
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objection = like_java(&nested(1000)).unwrap().1.unwrap();
    assert_eq!(objection.message, "more than 128 arrays and objects inside each other");
    assert!(like_java(&nested(1001)).is_err());
}

/// Wherever among the bytes that are looked at together the first one stands that is no plain text.
#[test]
fn strings_end_at_their_quote() {
    for length in 0..40 {
        for character in ['a', 'é', '😀', '\u{7f}', '\u{80}'] {
            let inside = character.to_string().repeat(length);
            let text = format!(r#"["{inside}","{inside}\n{inside}","{inside}"]"#);
            let json = read(&text).unwrap();
            let [plain, escaped, last] = json.as_array().unwrap() else { panic!("{text}") };
            assert_eq!((plain.as_str(), last.as_str()), (Some(&*inside), Some(&*inside)));
            assert_eq!(escaped.as_str(), Some(&*format!("{inside}\n{inside}")));
            for control in ['\0', '\u{1}', '\u{1f}'] {
                let error = read(&format!("\"{inside}{control}{inside}\"")).unwrap_err();
                assert_eq!(error.range.map(|range| range.start), Some(1 + inside.len()), "{text}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_ends_in_a_value_or_an_error(text in ".{0,60}") {
        let _ = read(&text);
        let _ = like_java(&text);
    }

    #[test]
    fn agrees_with_serde_json(text in r#"[\[\]{},:"a0-2.eE+\-\\nul tru]{0,12}"#) {
        let ours = read(&text);
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        if let Err(error) = &ours {
            // Ours also refuses duplicate keys; theirs also refuses numbers beyond a double.
            prop_assert!(theirs.is_err() || error.message.contains("twice"), "{error} in {text}");
        } else if let Err(error) = theirs {
            prop_assert!(error.to_string().contains("out of range"), "{error} in {text}");
        }
    }
}
