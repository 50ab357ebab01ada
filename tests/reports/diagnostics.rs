//! GitLab's Code Quality and reviewdog's diagnostics.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage};
use serde_json::{Value, json};

use crate::estate::{findings, hostile, places, validate};

/// What GitLab's documentation asks of each entry, and the specification of Code Climate's that it is taken from.
fn code_quality() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["type", "categories", "description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "type": { "const": "issue" },
                "categories": {
                    "minItems": 1,
                    "items": {
                        "enum": [
                            "Bug Risk", "Clarity", "Compatibility", "Complexity", "Duplication", "Performance", "Security",
                            "Style",
                        ],
                    },
                },
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "type": "string", "minLength": 1 },
                "fingerprint": { "type": "string", "minLength": 1 },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": { "type": "string", "pattern": "^[^/.]" },
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": { "begin": { "type": "integer", "minimum": 1 } },
                        },
                    },
                },
            },
        },
    })
}

#[test]
fn gitlab_takes_the_report() {
    let scratch = hostile();
    let report = validate(&scratch, "gitlab").ended(3).json();
    let validator = jsonschema::draft202012::new(&code_quality()).unwrap();
    let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let report = report.as_array().unwrap();
    report.iter().for_each(|issue| is_nothing_but_text(issue["description"].as_str().unwrap()));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fingerprints: BTreeSet<_> = report.iter().map(|issue| text(&issue["fingerprint"])).collect();
    assert_eq!(fingerprints.len(), report.len(), "GitLab merges those that are equal");
    let severities: Vec<_> = report.iter().map(|issue| text(&issue["severity"])).collect();
    let rank = |name: &String| ["critical", "minor", "info"].iter().position(|known| known == name).unwrap();
    assert!(severities.is_sorted_by_key(rank), "{severities:?}");
    let mut found: Vec<_> = report
        .iter()
        .map(|issue| {
            let location = &issue["location"];
            (text(&location["path"]), location["lines"]["begin"].as_u64().unwrap(), text(&issue["check_name"]))
        })
        .collect();
    found.sort();
    assert_eq!(found, places(&findings(&scratch)));
}

/// What may become a comment is nothing but text, outside of code.
fn is_nothing_but_text(message: &str) {
    let outside: String = message.split('`').step_by(2).collect();
    for markup in ["<!", "<s", "@e", "](", "#1", ":+", "www.", "://", "&a", "&#"] {
        assert!(!outside.contains(markup), "{message:?} has {markup}");
    }
}

/// The messages of the Reviewdog Diagnostic Format that have to do with what is written.
const DIAGNOSTICS: &str = r#"
syntax = "proto3";
package reviewdog.rdf;
message DiagnosticResult { repeated Diagnostic diagnostics = 1; Source source = 2; Severity severity = 3; }
message Diagnostic {
  string message = 1; Location location = 2; Severity severity = 3; Source source = 4; Code code = 5;
  repeated Suggestion suggestions = 6; string original_output = 7; repeated RelatedLocation related_locations = 8;
}
enum Severity { UNKNOWN_SEVERITY = 0; ERROR = 1; WARNING = 2; INFO = 3; }
message Location { string path = 2; Range range = 3; }
message RelatedLocation { string message = 1; Location location = 2; }
message Range { Position start = 1; Position end = 2; }
message Position { int32 line = 1; int32 column = 2; }
message Suggestion { Range range = 1; string text = 2; }
message Source { string name = 1; string url = 2; }
message Code { string value = 1; string url = 2; }
"#;

#[test]
fn reviewdog_takes_the_diagnostics() {
    let scratch = hostile();
    let out = validate(&scratch, "rdjson").ended(3).out;
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_proto(protox_parse::parse("reviewdog.proto", DIAGNOSTICS).unwrap()).unwrap();
    let result = pool.get_message_by_name("reviewdog.rdf.DiagnosticResult").unwrap();
    let mut json = serde_json::Deserializer::from_str(&out);
    let strict = DeserializeOptions::new().deny_unknown_fields(true);
    DynamicMessage::deserialize_with_options(result, &mut json, &strict).unwrap();
    let result: Value = serde_json::from_str(&out).unwrap();
    let findings = findings(&scratch);
    let diagnostics = result["diagnostics"].as_array().unwrap();
    assert_eq!(diagnostics.len(), findings.len());
    let mut related = 0;
    for diagnostic in diagnostics {
        is_nothing_but_text(diagnostic["message"].as_str().unwrap());
        related += diagnostic["relatedLocations"].as_array().map_or(0, Vec::len);
    }
    let others = findings.iter().map(|finding| finding["related"].as_array().unwrap().len());
    assert_eq!(related, others.sum::<usize>());
}

/// Columns are counted in bytes there, and in characters everywhere else.
#[test]
fn columns_of_diagnostics_are_bytes() {
    let scratch = hostile();
    scratch.write("bus/topics/wide.yaml", "topic: shop.wide.v1\n\"ü広🦀\": 1\nkey: { \"ü広🦀\": [], nope: 2 }\n");
    let result = validate(&scratch, "rdjson").ended(3).json();
    let diagnostics = result["diagnostics"].as_array().unwrap().clone();
    let ranges: BTreeSet<String> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic["location"]["path"] == "bus/topics/wide.yaml")
        .map(|diagnostic| diagnostic["location"]["range"].to_string())
        .collect();
    let expected = json!({ "start": { "line": 2, "column": 1 }, "end": { "line": 2, "column": 12 } }).to_string();
    assert!(ranges.contains(&expected), "{ranges:#?}");
}
