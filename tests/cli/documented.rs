//! What the documents show is what the program takes and writes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::workspace::{assert_valid, busctl, start};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .chain([root().join("README.md")])
        .collect()
}

#[test]
fn every_command_line_in_the_documents_is_understood() {
    let mut seen = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter_map(|line| line.trim_start().strip_prefix("$ busctl ")) {
            let line = line.split(['|', '>', '#', ';', '&']).next().unwrap();
            let mut words: Vec<&str> = line.split('"').enumerate().flat_map(words).collect();
            // Help is given once everything before it is understood; behind `--` it would be another program's.
            words.truncate(words.iter().position(|word| *word == "--").unwrap_or(words.len()));
            let mut command = busctl();
            command.args(&words).arg("--help");
            let run = start(command).wait();
            assert_eq!(run.code, Some(0), "{}: busctl {line}\n{}", path.display(), run.err);
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}

/// The words of a part of a command line; between double quotes it is one.
fn words((index, part): (usize, &str)) -> Vec<&str> {
    match index % 2 {
        0 => part.split_whitespace().map(|word| word.trim_matches('\'')).collect(),
        _ => vec![part],
    }
}

#[test]
fn the_plan_in_the_documents_is_one() {
    let page = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    assert_valid("plan.schema.json", &serde_json::from_str(example).unwrap());
}

#[test]
fn the_first_screen_says_what_it_is_and_what_else_has_its_name() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let screen: Vec<&str> = readme.lines().take(50).collect();
    let screen = screen.join("\n");
    for part in
        ["governs a Kafka bus from YAML in Git", "./scripts/demo", "./scripts/test", "systemd ships another program"]
    {
        assert!(screen.contains(part), "the first screen lacks `{part}`");
    }
    for code in ["0", "1", "2", "3", "4", "5", "64", "130"] {
        assert!(readme.contains(&format!("| {code} |")), "the README does not explain exit code {code}");
    }
}
