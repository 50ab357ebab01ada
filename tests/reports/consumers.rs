//! Reports as the published schema and parsers that are in use read them.

use std::path::{Path, PathBuf};

use busctl::localbus::Version;
use busctl::localbus::artifacts::Project;
use serde_json::Value;

use crate::estate::{findings, hostile, place, validate};
use crate::java_class;
use crate::workspace::Scratch;

/// The Maven project that depends on the parsers and on the schema.
const POM: &str = include_str!("pom.xml");

/// The sources of the class that calls them.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/Consumer.java");

/// What the class writes.
fn consumer(scratch: &Scratch, arguments: &[&str]) -> String {
    let (_, version) = POM.split_once("<violations.version>").unwrap();
    let version: Version = version.split_once('<').unwrap().0.parse().unwrap();
    let what = "the parsers of reports";
    let project = Project { what, shelf: "report-consumers", version: &version, pom: POM, about: 20_000_000 };
    let classes = scratch.path("classes");
    std::fs::create_dir_all(&classes).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let classes = runtime.block_on(java_class::compile(&project, Path::new(SOURCE), &classes));
    let mut command = classes.command("Consumer");
    let output = command.args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Severity, rule, line and file of each finding, as a parser reads them from a report.
fn read(scratch: &Scratch, parser: &str, report: &Path) -> Vec<(String, String, u64, String)> {
    let out = consumer(scratch, &[parser, report.to_str().unwrap()]);
    let mut read: Vec<_> = out
        .split_terminator('\0')
        .map(|found| {
            let parts: Vec<&str> = found.splitn(4, '\t').collect();
            let [severity, rule, line, file] = parts[..] else { panic!("{found}") };
            (severity.to_owned(), rule.to_owned(), line.parse().unwrap(), file.to_owned())
        })
        .collect();
    read.sort();
    read
}

fn report(scratch: &Scratch, form: &str) -> PathBuf {
    let path = scratch.path(&format!("reports/{form}.txt"));
    scratch.write(&format!("reports/{form}.txt"), validate(scratch, form).ended(3).out);
    path
}

/// What a parser should read, which has words of its own for levels.
fn expected(findings: &[Value], words: [&str; 3]) -> Vec<(String, String, u64, String)> {
    let mut all: Vec<_> = findings
        .iter()
        .map(|finding| {
            let level = ["error", "warn", "info"].iter().position(|level| finding["level"] == *level).unwrap();
            let (path, line, code) = place(finding);
            (words[level].to_owned(), code, line, path)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn sarif_is_valid_by_its_published_schema() {
    let scratch = hostile();
    let mut schema: Value = serde_json::from_str(&consumer(&scratch, &[])).unwrap();
    // The pattern of a property that is not written closes a bracket that it has not opened.
    for definition in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][definition]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").expect("it is still there");
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0" })), "it is not the schema");
    let log = validate(&scratch, "sarif").ended(3).json();
    let errors: Vec<_> =
        validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        // What code scanning asks for besides.
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.contains("](")));
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].is_u64(), "{result:#}");
    }
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule:#}");
        }
        assert!(rule["shortDescription"]["text"].as_str().is_some_and(|text| text.len() <= 1024), "{rule:#}");
        assert!(rule["fullDescription"]["text"].as_str().is_some_and(|text| text.len() <= 1024), "{rule:#}");
    }
}

/// The path that a reference of a URI means.
fn decoded(reference: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = reference.as_bytes();
    while let [byte, behind @ ..] = rest {
        let escape = (*byte == b'%').then(|| str::from_utf8(&behind[..2]).unwrap());
        bytes.push(escape.map_or(*byte, |escape| u8::from_str_radix(escape, 16).unwrap()));
        rest = &behind[if escape.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn each_finding_is_read_from_sarif() {
    let scratch = hostile();
    let findings = findings(&scratch);
    // This parser takes a reference for a path as it stands.
    let mut read = read(&scratch, "SARIF", &report(&scratch, "sarif"));
    for (.., file) in &mut read {
        *file = decoded(file);
    }
    read.sort();
    assert_eq!(read, expected(&findings, ["ERROR", "WARN", "INFO"]));
}

#[test]
fn each_finding_is_read_from_a_code_quality_report() {
    let scratch = hostile();
    let findings = findings(&scratch);
    let read = read(&scratch, "CODECLIMATE", &report(&scratch, "gitlab"));
    assert_eq!(read, expected(&findings, ["ERROR", "WARN", "INFO"]));
}

#[test]
fn each_error_is_read_from_test_results() {
    let scratch = hostile();
    let errors = findings(&scratch).iter().filter(|finding| finding["level"] == "error").count();
    let read = read(&scratch, "JUNIT", &report(&scratch, "junit"));
    assert_eq!(read.len(), errors, "{read:#?}");
}
