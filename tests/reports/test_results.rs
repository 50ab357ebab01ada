//! Test results, by the rules of the schema that Jenkins publishes (`junit-10.xsd`).

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::estate::{findings, hostile, validate};
use crate::workspace::Scratch;

/// An element, with the attributes that it must have, those that it may have besides, and its children.
type Element = (&'static str, Words, Words, Words);
type Words = &'static [&'static str];

const ELEMENTS: [Element; 5] = [
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
        &["testsuite", "properties", "testcase", "system-out", "system-err"],
    ),
    (
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("failure", &[], &["type", "message"], &[]),
    ("skipped", &[], &["type", "message"], &[]),
];

/// What a file of test results comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Results {
    tests: usize,
    failures: usize,
    skipped: usize,
    /// Class and name of each case.
    cases: BTreeSet<(String, String)>,
}

/// Reads test results and fails where they break a rule.
#[track_caller]
fn results(xml: &str) -> Results {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    // What each open suite has said of itself, and what has come since.
    let mut suites: Vec<(BTreeMap<String, String>, Results)> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                element(&start, &mut open, &mut suites);
                open.push(name(&start));
            }
            Event::Empty(start) => element(&start, &mut open, &mut suites),
            Event::End(_) => {
                let closed = open.pop().unwrap();
                if closed == "testsuites" || closed == "testsuite" {
                    let (said, counted) = suites.pop().unwrap();
                    let number = |name: &str| said.get(name).map(|value| value.parse::<usize>().unwrap());
                    assert_eq!(number("tests"), Some(counted.tests), "{said:?}");
                    assert_eq!(number("failures"), Some(counted.failures), "{said:?}");
                    assert_eq!(number("errors"), Some(0));
                    assert!(number("skipped").is_none_or(|skipped| skipped == counted.skipped), "{said:?}");
                    let Some((_, outer)) = suites.last_mut() else { return counted };
                    let (tests, failures) = (outer.tests + counted.tests, outer.failures + counted.failures);
                    let skipped = outer.skipped + counted.skipped;
                    let before = outer.cases.len();
                    let new = counted.cases.len();
                    let mut cases = std::mem::take(&mut outer.cases);
                    cases.extend(counted.cases);
                    assert_eq!(cases.len(), before + new, "two suites have a case of one name");
                    *outer = Results { tests, failures, skipped, cases };
                }
            }
            Event::Eof => panic!("it ends too early: {open:?}"),
            Event::Text(text) => {
                let text = text.xml10_content();
                let is_blank = text.trim().is_empty();
                assert!(is_blank || matches!(open.last().map(String::as_str), Some("failure" | "skipped")), "{text}");
            }
            Event::Decl(_) | Event::GeneralRef(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn name(start: &BytesStart<'_>) -> String {
    start.name().as_ref().to_owned()
}

#[track_caller]
fn element(start: &BytesStart<'_>, open: &mut [String], suites: &mut Vec<(BTreeMap<String, String>, Results)>) {
    let name = name(start);
    let of = |name: &str| ELEMENTS.iter().find(|(known, ..)| *known == name).unwrap_or_else(|| panic!("<{name}>"));
    let (_, needed, others, _) = of(&name);
    if let Some(parent) = open.last() {
        assert!(of(parent).3.contains(&name.as_str()), "<{name}> in <{parent}>");
    }
    let attributes: BTreeMap<String, String> = start
        .attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            let key = attribute.key.as_ref().to_owned();
            let value = quick_xml::escape::unescape(&attribute.value).unwrap();
            (key, value.into_owned())
        })
        .collect();
    assert!(needed.iter().all(|key| attributes.contains_key(*key)), "<{name}> {attributes:?}");
    let is_known = |key: &String| needed.contains(&key.as_str()) || others.contains(&key.as_str());
    assert!(attributes.keys().all(is_known), "<{name}> {attributes:?}");
    if name == "testsuites" || name == "testsuite" {
        suites.push((attributes, Results::default()));
        return;
    }
    let (_, counted) = suites.last_mut().unwrap();
    match name.as_str() {
        "testcase" => {
            counted.tests += 1;
            let case = (attributes["classname"].clone(), attributes["name"].clone());
            assert!(counted.cases.insert(case.clone()), "two cases of one name: {case:?}");
        }
        "failure" => counted.failures += 1,
        _ => counted.skipped += 1,
    }
}

#[test]
fn test_results_keep_the_rules_of_their_schema() {
    let scratch = hostile();
    let xml = validate(&scratch, "junit").ended(3).out;
    // What XML cannot have at all.
    assert!(xml.chars().all(|c| c >= ' ' || c == '\n') && !xml.contains(['\u{fffe}', '\u{ffff}']));
    let findings = findings(&scratch);
    let found = results(&xml);
    let errors = findings.iter().filter(|finding| finding["level"] == "error").count();
    assert_eq!((found.tests, found.failures, found.skipped), (findings.len(), errors, findings.len() - errors));
    assert_eq!(found.cases.len(), findings.len());
}

/// Jenkins takes a file without a test for a mistake.
#[test]
fn where_nothing_is_found_one_test_passes() {
    let scratch = Scratch::with(&[("catalog/all.yaml", "teams: { sales: {} }\n")]);
    let found = results(&scratch.run(&["validate", "--format", "junit"]).ended(0).out);
    assert_eq!((found.tests, found.failures, found.skipped), (1, 0, 0));
}

/// Equal findings of one file are told apart.
#[test]
fn cases_of_one_name_are_numbered() {
    let field = r#"{ "name": "x", "type": "strng" }"#;
    let old = format!(r#"{{ "type": "record", "name": "A", "fields": [{field}] }}"#);
    let scratch = Scratch::with(&[("old.avsc", &old), ("new.avsc", "\"int\"")]);
    let run = scratch.run(&["schema", "check", "--old", "old.avsc", "--old", "old.avsc", "--new", "new.avsc"]);
    run.ended(3);
    let arguments = ["schema", "check", "--level", "full_transitive", "--format", "junit"];
    let files = ["--old", "old.avsc", "--old", "old.avsc", "--new", "new.avsc"];
    let found = results(&scratch.run(&[&arguments[..], &files].concat()).ended(3).out);
    assert_eq!(found.cases.len(), found.tests);
    assert!(found.cases.iter().any(|(_, name)| name.ends_with(" (2)")), "{found:#?}");
}
