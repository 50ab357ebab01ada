//! What is generated into the repository is up to date.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use busctl::adapters::disk;
use busctl::resources::manifests::{ManifestKind, SCHEMAS, modeline};

fn busctl(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_busctl"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("run busctl");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn completions_and_man_pages_are_up_to_date() {
    let fresh = tempfile::tempdir().expect("folder");
    busctl(&["completions", "--all", &fresh.path().to_string_lossy()]);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("list").map(|entry| entry.expect("entry").file_name());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    };
    assert_eq!(names(&kept), names(fresh.path()), "run: busctl completions --all completions");
    for name in names(fresh.path()) {
        let same = fs::read(kept.join(&name)).expect("kept") == fs::read(fresh.path().join(&name)).expect("fresh");
        assert!(same, "completions/{} is stale; run: busctl completions --all completions", name.to_string_lossy());
    }
}

#[test]
fn schemas_of_manifests_are_up_to_date_and_every_manifest_names_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fresh = tempfile::tempdir().expect("folder");
    busctl(&["lsp", "--schemas", &fresh.path().to_string_lossy()]);
    let kept = root.join(SCHEMAS);
    let list = |folder: &Path| -> BTreeMap<_, _> {
        let entries = fs::read_dir(folder).expect("list").map(|entry| entry.expect("entry").path());
        entries.map(|path| (path.file_name().map(ToOwned::to_owned), fs::read(&path).expect("read"))).collect()
    };
    assert!(list(&kept) == list(fresh.path()), "run: busctl lsp --schemas {SCHEMAS}");
    let mut checked = 0;
    for (path, text) in disk::read_workspace(root).texts {
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = text.expect("a text");
            let has = |key: &str| text.lines().any(|line| line.starts_with(&format!("{key}:")));
            let line = modeline(ManifestKind::of(&path, has), &path);
            assert!(text.starts_with(&line), "{}: the first line should be\n{line}", path.display());
            let (_, named) = line.trim_end().split_once('=').expect("a path");
            assert!(root.join(&path).parent().expect("a folder").join(named).exists(), "{named}");
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn the_page_of_the_rules_is_up_to_date() {
    let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md")).expect("docs/rules.md");
    assert_eq!(kept, busctl(&["explain", "--all"]), "run: busctl explain --all > docs/rules.md");
}

#[test]
fn a_rule_is_explained_and_a_misspelt_one_is_guessed() {
    assert!(busctl(&["explain", "BUS101"]).contains("BUS101"));
    let output = Command::new(env!("CARGO_BIN_EXE_busctl")).args(["explain", "BUS1O1"]).output().expect("run busctl");
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean BUS101?"));
}
