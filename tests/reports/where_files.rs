//! Where files are in the repository, reports that go to files, and what each form says where nothing is found.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::estate::FORMS;
use crate::workspace::{Scratch, assert_valid};

/// A workspace with findings, in a folder of a repository.
fn below() -> Scratch {
    let scratch = Scratch::new();
    scratch.remove("busctl.yaml");
    scratch.write(".git/HEAD", "ref: refs/heads/main\n");
    scratch.write("deploy/my bus/busctl.yaml", "version: 1\n");
    scratch.write("deploy/my bus/topics/a.yaml", "topic: shop.a.v1\nowner: nobody\n");
    scratch
}

#[test]
fn machines_are_told_paths_from_the_root_of_the_repository() {
    let scratch = below();
    let path = "deploy/my bus/topics/a.yaml";
    for (form, shown) in [
        ("sarif", "\"uri\": \"deploy/my%20bus/topics/a.yaml\""),
        ("github", &format!("file={path},")[..]),
        ("gitlab", &format!("\"path\": \"{path}\"")),
        ("junit", &format!("file=\"{path}\"")),
        ("azure", &format!("sourcepath={path};")),
        ("rdjson", &format!("\"path\": \"{path}\"")),
    ] {
        scratch.run(&["-C", "deploy/my bus", "validate", "--format", form]).ended(3).shows(&[shown]);
    }
    for form in ["text", "json", "jsonl", "markdown"] {
        let run = scratch.run(&["-C", "deploy/my bus", "validate", "--format", form]).ended(3);
        assert!(run.out.contains("topics/a.yaml") && !run.out.contains("my bus"), "{form}: {}", run.out);
    }
    // A work tree and a submodule have a file there.
    fs::remove_dir_all(scratch.path(".git")).unwrap();
    scratch.write("deploy/.git", "gitdir: elsewhere\n");
    let run = scratch.run(&["-C", "deploy/my bus", "validate", "--format", "github"]).ended(3);
    run.shows(&["file=my bus/topics/a.yaml,"]);
    // Where there is no repository, the workspace is taken for one.
    scratch.remove("deploy/.git");
    scratch.run(&["-C", "deploy/my bus", "validate", "--format", "github"]).ended(3).shows(&["file=topics/a.yaml,"]);
}

#[test]
fn schemas_are_named_from_the_present_folder_and_found_from_the_root() {
    let scratch = Scratch::with(&[(".git/HEAD", ""), ("a/old.avsc", "\"int\""), ("b/new.avsc", "\"string\"")]);
    let mut command = scratch.command(&["schema", "check", "--old", "../a/old.avsc", "--new", "../b/new.avsc"]);
    command.args(["--format", "sarif"]).current_dir(scratch.path("a"));
    let log = crate::workspace::start(command).wait().ended(3).json();
    let result = &log["runs"][0]["results"][0];
    let uri = |location: &Value| location["physicalLocation"]["artifactLocation"].clone();
    assert_eq!(uri(&result["locations"][0]), json!({ "uri": "b/new.avsc", "uriBaseId": "%SRCROOT%" }), "{result:#}");
    assert_eq!(uri(&result["relatedLocations"][0])["uri"], "a/old.avsc");
}

#[test]
fn a_report_never_takes_the_place_of_what_is_no_file() {
    let scratch = below();
    let run = |path: &Path| {
        let report = format!("sarif={}", path.display());
        scratch.run(&["-C", "deploy/my bus", "validate", "--report", &report])
    };
    let alone = scratch.run(&["-C", "deploy/my bus", "validate", "--format", "sarif"]).out;
    // A link leads to a file, which is written; the link stays.
    scratch.write("kept/report", "before");
    symlink("kept/report", scratch.path("link")).expect("a link");
    run(&scratch.path("link")).ended(3);
    assert_eq!(scratch.read("kept/report"), alone);
    assert!(fs::symlink_metadata(scratch.path("link")).unwrap().is_symlink());
    // What was said before stands before the report.
    symlink("/proc/self/fd/1", scratch.path("out")).expect("a link");
    let both = run(&scratch.path("out")).ended(3).out;
    assert!(both.contains(&alone) && both.len() > alone.len(), "{both}");
    assert!(fs::symlink_metadata(scratch.path("out")).unwrap().is_symlink());
    // A pipe stays one.
    let pipe = scratch.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe)
    });
    run(&pipe).ended(3);
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(reader.join().unwrap().unwrap(), alone);
}

#[test]
fn reports_go_to_files_beside_what_is_shown() {
    let scratch = below();
    let folder = "deploy/my bus";
    let alone = |form: &str| scratch.run(&["-C", folder, "validate", "--format", form]).out;
    let out = scratch.path("out");
    let reports = FORMS.map(|form| format!("--report={form}={}/{form}", out.display()));
    let arguments: Vec<&str> =
        ["-C", folder, "validate"].into_iter().chain(reports.iter().map(String::as_str)).collect();
    let run = scratch.run(&arguments).ended(3);
    assert_eq!(run.out, alone("text"));
    for form in FORMS {
        assert_eq!(scratch.read(&format!("out/{form}")), alone(form), "{form}");
    }
    assert_eq!(fs::read_dir(scratch.path("out")).unwrap().count(), FORMS.len());
    // Whatever happens to a report, no half of one stays.
    scratch.write("taken/file", "");
    let taken = format!("sarif={}", scratch.path("taken").display());
    scratch.run(&["-C", folder, "validate", "--report", &taken]).ended(1).says(&["could not write ", "taken: "]);
    assert_eq!(fs::read_dir(scratch.root()).unwrap().count(), 4, "{:?}", scratch.root());
    for (report, said) in [
        ("sarif", "write FORMAT=FILE, as in sarif=findings.sarif"),
        ("sarif=", "write FORMAT=FILE"),
        ("sarf=x", "there is no form `sarf` (did you mean `sarif`?)"),
    ] {
        scratch.run(&["-C", folder, "validate", "--report", report]).ended(64).says(&[said]);
    }
    let twice = ["-C", folder, "validate", "--report", "sarif=x", "--report", "junit=x"];
    scratch.run(&twice).ended(64).says(&["two reports go to x"]);
    assert!(!scratch.path("x").exists() && !scratch.path(folder).join("x").exists());
}

#[test]
fn a_line_of_json_is_an_entry_of_the_document() {
    let scratch = below();
    let document = scratch.run(&["-C", "deploy/my bus", "validate", "--format", "json"]).ended(3).json();
    assert_valid("findings.schema.json", &document);
    let lines = scratch.run(&["-C", "deploy/my bus", "validate", "--format", "jsonl"]).ended(3).out;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(Value::from(lines), document["findings"]);
}

#[test]
fn fingerprints_are_the_same_in_each_form_and_outlive_lines_above() {
    let scratch = below();
    let read = |form: &str| scratch.run(&["-C", "deploy/my bus", "validate", "--format", form]).ended(3).json();
    let of = |list: &Value, key: &dyn Fn(&Value) -> Value| {
        let mut all: Vec<String> =
            list.as_array().unwrap().iter().map(|one| key(one).as_str().unwrap().into()).collect();
        all.sort();
        all
    };
    let all = || {
        let document = of(&read("json")["findings"], &|one| one["fingerprint"].clone());
        let log = read("sarif");
        let results = &log["runs"][0]["results"];
        for name in ["busctl/v1", "primaryLocationLineHash"] {
            assert_eq!(of(results, &|one| one["partialFingerprints"][name].clone()), document);
        }
        assert_eq!(of(&read("gitlab"), &|one| one["fingerprint"].clone()), document);
        document
    };
    let before = all();
    scratch.edit("deploy/my bus/topics/a.yaml", "topic:", "# a comment\n\ntopic:");
    assert_eq!(all(), before);
}

#[test]
fn where_nothing_is_found_each_form_says_so_in_its_way() {
    let scratch = Scratch::with(&[("catalog/all.yaml", "teams: { sales: {} }\n")]);
    let run = |form: &str| scratch.run(&["validate", "--format", form]).ended(0);
    for form in ["jsonl", "github", "azure"] {
        assert_eq!(run(form).out, "", "{form}");
    }
    assert_eq!(run("gitlab").json(), json!([]));
    assert_eq!(run("rdjson").json()["diagnostics"], json!([]));
    assert_eq!(run("sarif").json()["runs"][0]["results"], json!([]));
    for form in ["github", "azure"] {
        run(form).says(&["keep the rules on 0 clusters."]);
    }
}

#[test]
fn contract_tests_are_reported_in_each_form() {
    let scratch = Scratch::with(&[
        ("topics/shop/shop.a.v1.yaml", "topic: shop.a.v1\n"),
        ("schemas/shop/shop.a.v1.avsc", "{ \"type\": \"record\", \"name\": \"A\", \"fields\": [] }"),
        ("schemas/shop/fixtures/shop.a.v1/one.json", "{ \"no\": "),
    ]);
    for form in FORMS {
        let run = scratch.run(&["schema", "test", "--format", form]).without_panic();
        assert!(run.out.contains("one.json"), "{form}: {run:#?}");
    }
}
