use super::*;
use crate::schema::ResolvedReference;
use crate::schema::json::parse;
use crate::schema::text::read;

fn said_of(schema: &str, record: &str) -> Result<(), (String, String)> {
    let schema = parse(schema, &[]).expect("a schema");
    let validator = Validator::new(&schema).expect("it compiles");
    let checked = validator.check(&read(record).expect("JSON"));
    checked.map(|_| ()).map_err(|misfit| (misfit.message, record[misfit.range].to_owned()))
}

/// Objects inside each other by `x`.
fn deep(depth: usize) -> String {
    format!("{}{{}}{}", "{\"x\": ".repeat(depth), "}".repeat(depth))
}

/// Each level of the record is tried with every branch, and each branch leads to the next level.
#[test]
fn what_many_branches_say_is_not_kept() {
    let branch =
        |name: usize| format!(r##"{{"properties": {{"x": {{"$ref": "#/definitions/n"}}}}, "required": ["q{name}"]}}"##);
    let branches: Vec<String> = (0..9).map(branch).collect();
    let text = format!(
        r##"{{"definitions": {{"n": {{"anyOf": [{}]}}}}, "properties": {{"x": {{"$ref": "#/definitions/n"}}}}}}"##,
        branches.join(", ")
    );
    for (depth, is_told) in [(2, true), (7, false), (100, false)] {
        let (message, _) = said_of(&text, &deep(depth)).expect_err("no branch fits");
        assert_eq!(message != TOO_MANY_TRIED, is_told, "{depth}: {message}");
    }
}

fn is_given_up(schema: &str, record: &str) -> bool {
    said_of(schema, record).is_err_and(|(message, place)| {
        let is_given_up = message.starts_with("it is too costly to try: after 10000000 looks");
        assert!(!is_given_up || place == record);
        is_given_up
    })
}

/// What is tried twice for each value is tried without end for values that lie inside each other.
#[test]
fn what_is_tried_without_end_is_given_up() {
    let draft = |of: &str| format!(r#""$schema": "https://json-schema.org/draft/{of}/schema","#);
    for (start, reference) in [
        (draft("2019-09"), r##"{"$recursiveRef": "#"}"##),
        (draft("2020-12") + r#""$dynamicAnchor": "x","#, r##"{"$dynamicRef": "#x"}"##),
    ] {
        let schema = format!(r#"{{{start} "properties": {{"x": {{"allOf": [{reference}, {reference}]}}}}}}"#);
        // What the validator knows already it need not try again.
        assert_eq!(said_of(&schema, &deep(100)), Ok(()), "{schema}");
    }
    // It does where it tells what is wrong.
    let twice = r##"{"patternProperties": {"x": {"$ref": "#"}, "^x": {"$ref": "#"}}, "maxProperties": 1}"##;
    let record = deep(100).replace("{}", r#"{"x": 1, "y": 2}"#);
    let (message, place) = said_of(twice, &record).expect_err("two properties");
    assert_eq!((message.as_str(), place.as_str()), ("this has more than 1 property", r#"{"x": 1, "y": 2}"#));
    let either = format!(r#"{{"anyOf": [{twice}, {{"type": "string"}}]}}"#);
    assert_eq!(said_of(&either, &record).expect_err("neither").0, TOO_MANY_TRIED);
    // Many values, each with many values and with many schemas.
    let texts: Vec<_> = (0..5_000).map(|number| format!("[{number}]")).collect();
    let list = format!(r#"{{"items": {{"enum": [{}]}}}}"#, texts.join(","));
    assert!(is_given_up(&list, &format!("[{}]", texts.join(","))));
    assert_eq!(said_of(&list, &format!("[{}]", texts[4_900..].join(","))), Ok(()));
    let schemas: Vec<_> = (0..5_000).map(|number| format!(r#"{{"minimum": {number}}}"#)).collect();
    let many = format!(r#"{{"items": {{"anyOf": [{}, {{"const": -1}}]}}}}"#, schemas.join(","));
    assert!(is_given_up(&many, &format!("[{}]", vec!["-1"; 5_000].join(","))));
}

#[test]
fn patterns_that_become_too_large_are_named() {
    let refused = |schema: &str| {
        let schema = parse(schema, &[]).expect("a schema");
        let refused = Validator::new(&schema).err();
        refused.map(|refused| (refused.message, refused.range.expect("a place")))
    };
    for (schema, pattern) in [
        (r#"{"properties": {"a": {"pattern": "((a{1,50}){1,50}){1,50}"}}}"#, r#""((a{1,50}){1,50}){1,50}""#),
        (r#"{"patternProperties": {"b": {}, "(?=a)((a{50}){50}){50}": {}}}"#, r#""(?=a)((a{50}){50}){50}""#),
        (r##"{"$ref": "#/odd", "odd": {"pattern": "(.{300}){300}"}}"##, r#""(.{300}){300}""#),
    ] {
        let (message, range) = refused(schema).expect("refused");
        assert_eq!(&schema[range], pattern);
        assert!(
            message.contains(&format!("the pattern `{}` is too costly to try", pattern.trim_matches('"'))),
            "{message}"
        );
    }
    let many: Vec<_> = (0..100).map(|n| format!(r#""p{n}": {{"pattern": "x(a{{1,20000}}){n}x"}}"#)).collect();
    let (message, _) = refused(&format!(r#"{{"properties": {{{}}}}}"#, many.join(","))).expect("refused");
    assert!(message.contains("it and those before it become"), "{message}");
    assert_eq!(refused(r#"{"pattern": "^.{0,65535}$", "minLength": 1}"#), None);
    assert_eq!(refused(r#"{"pattern": "^([A-Za-z0-9+/]{4}){1,5000}$"}"#), None);
}

/// A pattern may look at each of its parts for each byte of a text.
#[test]
fn long_texts_are_not_matched_with_large_patterns() {
    let text = |length: usize| format!("\"{}\"", "a".repeat(length));
    for pattern in ["((a{1,40}){1,40}){1,40}b", "^(?:(?=[^b]*a)a)*$"] {
        let schema = format!(r#"{{"type": "string", "pattern": "{pattern}"}}"#);
        let (message, _) = said_of(&schema, &text(1_000_000)).expect_err("given up");
        assert!(message.contains("too costly to try"), "{message}");
        let said = said_of(&schema, &text(100)).err();
        assert!(said.as_ref().is_none_or(|(message, _)| message.starts_with("this does not match")), "{said:?}");
    }
    assert_eq!(said_of(r#"{"pattern": "^a+$"}"#, &text(1_000_000)), Ok(()));
}

#[test]
fn a_misfit_has_its_place() {
    let schema = r#"{"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}"#;
    assert_eq!(said_of(schema, r#"{"a": [1, 2]}"#), Ok(()));
    let (message, place) = said_of(schema, r#"{"a": [1, "x"]}"#).expect_err("a misfit");
    assert_eq!((message.as_str(), place.as_str()), (r#"this is not of type "integer""#, "\"x\""));
}

#[test]
fn the_member_that_offends_is_its_place() {
    let closed = r#"{"properties": {"a": {"properties": {"b": {}}, "additionalProperties": false}}}"#;
    let (message, place) = said_of(closed, r#"{"a": {"b": 1, "c": 2}}"#).expect_err("a misfit");
    assert!(message.contains("c") && place == "\"c\"", "{message} at {place}");
    let either = r#"{"anyOf": [{"type": "string"}, {"properties": {"a": {"type": "integer"}}, "type": "object"}]}"#;
    let (message, place) = said_of(either, r#"{"a": "x"}"#).expect_err("a misfit");
    assert_eq!((message.as_str(), place.as_str()), (r#"this is not of type "integer""#, "\"x\""));
    assert_eq!(said_of(either, "3").expect_err("a misfit").1, "3");
}

#[test]
fn references_are_followed() {
    let reference = ResolvedReference { name: "money.json", text: r#"{"type": "object", "required": ["amount"]}"# };
    let schema = parse(r#"{"properties": {"price": {"$ref": "money.json"}}}"#, &[reference]).expect("a schema");
    let validator = Validator::new(&schema).expect("it compiles");
    let is_taken = |text: &str| validator.check(&read(text).expect("JSON")).is_ok();
    assert!(is_taken(r#"{"price": {"amount": 1}}"#));
    assert!(!is_taken(r#"{"price": {}}"#));
}

/// The library would go through each of them with a call inside the other, or once for each way that leads to it.
#[test]
fn schemas_that_lead_to_each_other_without_end_are_refused() {
    let refused = |link: &str, hops: usize| {
        let links: Vec<_> =
            (0..hops).map(|n| format!(r#""D{n}":{}"#, link.replace("TO", &format!("#/d/D{}", n + 1)))).collect();
        let text = format!(r##"{{"$ref":"#/d/D0","d":{{{},"D{hops}":{{}}}}}}"##, links.join(","));
        Validator::new(&parse(&text, &[]).expect("a schema")).err()
    };
    for (link, hops) in [
        (r#"{"$ref":"TO"}"#, 100_000),
        (r#"{"allOf":[{"$ref":"TO"}]}"#, 60_000),
        (r#"{"anyOf":[{"$ref":"TO"},{"$ref":"TO"}]}"#, 40),
        (r#"{"properties":{"a":{"$ref":"TO"}}}"#, 60_000),
    ] {
        assert!(refused(link, hops).is_some(), "{link}");
        assert_eq!(refused(link, 10), None, "{link}");
    }
    assert!(Validator::new(&parse(r##"{"allOf":[{"$ref":"#"}]}"##, &[]).expect("a schema")).is_err());
}

/// On a stack as small as those of the threads that `schema test` works on.
#[test]
fn deep_records_and_long_ways_together() {
    let hops = MOST_CALLS / 4;
    let links: Vec<_> = (0..hops).map(|n| format!(r##""D{n}":{{"$ref":"#/d/D{}"}}"##, n + 1)).collect();
    let last = r##"{"additionalProperties":{"$ref":"#/d/D0"}}"##;
    let schema = format!(r##"{{"$ref":"#/d/D0","d":{{{},"D{hops}":{last}}}}}"##, links.join(","));
    let work = move || {
        let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        assert_eq!(said_of(&schema, &deep(2)), Ok(()));
        let (message, _) = said_of(&schema, &deep(120)).expect_err("a misfit");
        assert!(message.starts_with("121 values lie inside each other"), "{message}");
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread").join().expect("an end");
}

#[test]
fn a_pattern_that_backtracks_ends() {
    let schema = r#"{"pattern": "^(?=(a+)+$)x"}"#;
    assert!(said_of(schema, &format!("\"{}b\"", "a".repeat(5_000))).is_err());
}

#[test]
fn a_new_field_is_found_where_it_stands() {
    let parsed = |text: &str| parse(text, &[]).expect("a schema");
    let (old, new) = (
        parsed(r#"{"properties": {"list": {"type": "array", "items": {"properties": {"a": {}}}}}}"#),
        parsed(
            r#"{"properties": {"list": {"type": "array", "items": {"properties": {"a": {}, "b": {"type": "string"}}}}}}"#,
        ),
    );
    let [old, new] = [&old, &new].map(|schema| Validator::new(schema).expect("it compiles"));
    let shows = |text: &str| new.has_new_field(&old, &read(text).expect("JSON"));
    assert!(shows(r#"{"list": [{"a": 1}, {"b": "x"}]}"#));
    assert!(!shows(r#"{"list": [{"a": 1}], "b": "x"}"#));
    assert!(!new.only_narrows(&old) && new.only_narrows(&new));
}

/// What the comparison of schemas takes a `$ref` for, records are checked with.
#[test]
fn references_lead_where_the_comparison_follows_them() {
    let reference = ResolvedReference { name: "o.json", text: r#"{"type": "integer"}"# };
    for schema in [
        // Below an id, up to draft 7, from the document itself.
        r##"{"properties": {"p": {"$id": "http://h/p.json", "properties": {"x": {"$ref": "#/definitions/T"}}}},
            "definitions": {"T": {"type": "integer"}}}"##,
        r##"{"$id": "http://h/a/root.json", "properties": {"p": {"$id": "parts/p.json", "properties":
            {"x": {"$ref": "/a/o.json"}}}}}"##,
        r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "http://h/a/root.json", "properties":
            {"p": {"$id": "parts/p.json", "properties": {"x": {"$ref": "../o.json"}}}}}"##,
        r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"p": {"$id": "http://h/p",
            "properties": {"x": {"$ref": "#a b"}}, "$defs": {"ä %": {"$anchor": "here", "type": "integer"}, "b":
            {"$ref": "#here"}}, "allOf": [{"properties": {"x": {"$ref": "#here"}}}]}}}"##,
        r##"{"$schema": "http://json-schema.org/draft-04/schema#", "id": "http://h/a/root.json", "properties": {"p":
            {"properties": {"x": {"$ref": "#t"}}}}, "definitions": {"T": {"id": "#t", "type": "integer"}}}"##,
    ] {
        let schema = schema.replace("#a b", "#/$defs/%C3%A4%20%25");
        let schema = parse(&schema, &[reference]).unwrap_or_else(|error| panic!("{error}: {schema}"));
        let validator = Validator::new(&schema).unwrap_or_else(|error| panic!("{error:?}: {schema:?}"));
        let is_taken = |text: &str| validator.check(&read(text).expect("JSON")).is_ok();
        assert!(is_taken(r#"{"p": {"x": 1}}"#), "{schema:?}");
        assert!(!is_taken(r#"{"p": {"x": "1"}}"#), "{schema:?}");
    }
}

/// What is data, and not schema, stays as it is.
#[test]
fn data_that_looks_like_a_reference() {
    let schema = r##"{"const": {"$ref": "#", "$id": "a"}}"##;
    assert_eq!(said_of(schema, r##"{"$id": "a", "$ref": "#"}"##), Ok(()));
}
