//! What the documents show is what the program takes and writes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::workspace::{Scratch, assert_valid, busctl, start};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let folders = ["docs", "docs/runbooks"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let docs = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
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
fn the_workspace_in_the_readme_is_valid() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("## Your own cluster in five minutes").nth(1).unwrap().split("\n## ").next().unwrap();
    let scratch = Scratch::new();
    let parts: Vec<&str> = section.split("```").collect();
    for block in parts.chunks_exact(2) {
        let (before, block) = (block[0], block[1]);
        if let Some(text) = block.strip_prefix("yaml\n") {
            let path = text.strip_prefix("# ").unwrap().split([':', '\n']).next().unwrap();
            scratch.write(path, text);
        } else if let Some(text) = block.strip_prefix("json\n") {
            let path = before.split('`').nth(1).unwrap();
            scratch.write(path, text);
        }
    }
    assert!(scratch.read("schemas/shop/shop.order_placed.v1.avsc").contains("OrderPlaced"));
    scratch.run(&["validate"]).ended(0);
    scratch.run(&["schema", "keep", "shop.order_placed.v1"]).ended(0);
    scratch.run(&["schema", "show", "shop.order_placed.v1"]).ended(0).shows(&["order_id"]);
}

#[test]
fn a_question_in_the_documents_has_the_answer_that_stands_there() {
    let page = fs::read_to_string(root().join("docs/commands.md")).unwrap();
    let mut blocks = page.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let (question, answer) = (blocks.find(|block| block.contains("\"old\"")).unwrap(), blocks.next().unwrap());
    let scratch = Scratch::with(&[("pairs.jsonl", question)]);
    let given = scratch.run(&["schema", "check", "--pairs", "pairs.jsonl"]).ended(3).json();
    let told: serde_json::Value = serde_json::from_str(answer).unwrap();
    assert_eq!(given, told, "{given}");
    assert_valid("schema-check-answer.schema.json", &told);
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
