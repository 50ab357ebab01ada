//! `busctl fmt`.

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use crate::support::workspace::{Run, Scratch, busctl, start};

const TOPIC: &str = "topics/order.yaml";
/// A manifest that is written in nobody's way.
const LOOSE: &str =
    "description:   One order.   # short\ntopic: 'shop.order.v1'\nconsumers:\n- {service: till,dlq: true}\n";
const FORMATTED: &str =
    "topic: \"shop.order.v1\"\ndescription: One order.     # short\nconsumers:\n  - { service: till, dlq: true }\n";

fn loose() -> Scratch {
    Scratch::with(&[(TOPIC, LOOSE)])
}

fn through(arguments: &[&str], text: &str) -> Run {
    let mut command = busctl();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn the_sample_of_the_repository_is_formatted() {
    let mut command = busctl();
    command.args(["fmt", "--check"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(start(command).wait().ended(0).out, "");
}

#[test]
fn a_manifest_is_formatted_once() {
    let scratch = loose();
    let run = scratch.run(&["fmt"]).ended(0).says(&["2 manifests, 1 formatted."]);
    assert_eq!(run.out, "formatted topics/order.yaml\n");
    assert_eq!(scratch.read(TOPIC).replace("     # short", " # short"), FORMATTED.replace("     # short", " # short"));
    assert_eq!(scratch.run(&["fmt"]).ended(0).says(&["2 manifests, 0 formatted."]).out, "");
}

#[test]
fn a_check_writes_nothing_and_tells_by_its_code() {
    let scratch = loose();
    let run = scratch.run(&["fmt", "--check"]).ended(3);
    assert_eq!((run.out.as_str(), scratch.read(TOPIC).as_str()), ("not formatted topics/order.yaml\n", LOOSE));
    let run = scratch.run(&["fmt", "--diff"]).ended(0);
    run.shows(&["--- a/topics/order.yaml\n+++ b/topics/order.yaml\n@@ -1,4 +1,4 @@\n", "-topic: 'shop.order.v1'\n"]);
    scratch.run(&["fmt", "--diff", "--check"]).ended(3);
    assert_eq!(scratch.read(TOPIC), LOOSE);
    scratch.run(&["fmt"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
}

#[test]
fn files_and_folders_can_be_named() {
    let scratch = loose();
    scratch.write("acls/till.yaml", "service:   till\n");
    scratch.run(&["fmt", "acls", "acls/till.yaml"]).ended(0).says(&["1 manifest, 1 formatted."]);
    assert_eq!((scratch.read("acls/till.yaml").as_str(), scratch.read(TOPIC).as_str()), ("service: till\n", LOOSE));
    scratch.write("acls/till.yaml", "service:   till\n");
    scratch.run(&["fmt", "--check", "acls", "topics", "acls", "."]).ended(3).says(&["3 manifests, 2 not formatted."]);
    scratch.run(&["fmt", "topics/none.yaml"]).ended(1).says(&["could not read topics/none.yaml"]);
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("x.yaml"), "b:   1\na: 2\n").unwrap();
    let path = elsewhere.path().to_str().unwrap();
    scratch.run(&["fmt", path]).ended(64).says(&["no busctl.yaml in"]);
    scratch.run(&["fmt", &format!("{path}/x.yaml")]).ended(0);
    assert_eq!(std::fs::read_to_string(elsewhere.path().join("x.yaml")).unwrap(), "b: 1\na: 2\n");
}

#[test]
fn standard_input_becomes_standard_output() {
    let run = through(&["fmt", "-"], LOOSE).ended(0);
    assert_eq!(run.out.replace("     # short", " # short"), FORMATTED.replace("     # short", " # short"));
    assert_eq!(through(&["fmt", "--check", "-"], LOOSE).ended(3).out, "");
    let run = through(&["fmt", "-"], "a: [\n").ended(3).says(&["error[BUS001]", "standard input:1:4"]);
    assert_eq!(run.out, "");
    through(&["fmt", "-", "x.yaml"], "").ended(64);
}

#[test]
fn a_broken_file_is_left_and_the_others_are_formatted() {
    let scratch = loose();
    let conflict = "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n";
    scratch.write("topics/conflict.yaml", conflict);
    scratch.write("topics/twice.yaml", "a: 1\na:  2\n");
    scratch.write("topics/latin.yaml", b"topic: caf\xe9\n");
    let run = scratch.run(&["fmt"]).ended(1);
    let run = run.says(&[
        "error[BUS001]: a merge conflict was left in the file",
        "topics/conflict.yaml:2:1",
        "error[BUS003]: the key `a` is written twice",
        "left topics/latin.yaml: the file is not UTF-8 (line 1, byte 10)",
    ]);
    assert_eq!(run.out, "formatted topics/order.yaml\n");
    assert_eq!(scratch.read("topics/conflict.yaml"), conflict);
    scratch.remove("topics/latin.yaml");
    scratch.run(&["fmt"]).ended(3);
}

#[test]
fn mode_returns_and_byte_order_mark_are_kept() {
    let scratch = Scratch::with(&[(TOPIC, "\u{feff}topic:   a.b.v1\r\nkey: id\r\n")]);
    std::fs::set_permissions(scratch.path(TOPIC), PermissionsExt::from_mode(0o640)).unwrap();
    scratch.run(&["fmt"]).ended(0);
    assert_eq!(scratch.read(TOPIC), "\u{feff}topic: a.b.v1\r\nkey: id\r\n");
    assert_eq!(std::fs::metadata(scratch.path(TOPIC)).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_byte_order_mark_goes_through() {
    assert_eq!(through(&["fmt", "-"], "\u{feff}topic:   a.b.v1\n").ended(0).out, "\u{feff}topic: a.b.v1\n");
    through(&["fmt", "--check", "-"], "\u{feff}topic: a.b.v1\n").ended(0);
    through(&["fmt", "-"], "\u{feff}topic: [\n").ended(3).says(&["standard input:1:8"]);
}

#[test]
fn blanks_in_a_text_of_several_lines_hold_up_nothing() {
    let scratch = Scratch::with(&[(TOPIC, "topic:   a.b.v1\ndescription: |\n  One order.  \n  Twice.\n")]);
    scratch.run(&["fmt", "--check"]).ended(3);
    scratch.run(&["fmt"]).ended(0);
    assert_eq!(scratch.read(TOPIC), "topic: a.b.v1\ndescription: |\n  One order.  \n  Twice.\n");
}

#[test]
fn a_link_is_followed_within_the_workspace_alone() {
    let scratch = Scratch::with(&[("docs/shared.yaml", "topic:   a.b.v1\n"), ("topics/x.yaml", "topic: c.d.v1\n")]);
    symlink("../docs/shared.yaml", scratch.path("topics/link.yaml")).unwrap();
    scratch.run(&["fmt"]).ended(0);
    assert!(scratch.path("topics/link.yaml").symlink_metadata().unwrap().is_symlink());
    assert_eq!(scratch.read("docs/shared.yaml"), "topic: a.b.v1\n");
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("x.yaml");
    std::fs::write(&outside, "topic:   e.f.v1\n").unwrap();
    symlink(&outside, scratch.path("topics/out.yaml")).unwrap();
    scratch.run(&["fmt"]).ended(1).says(&["left topics/out.yaml: this link leads out of the workspace"]);
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "topic:   e.f.v1\n");
}

#[test]
fn what_a_manifest_contains_does_not_reach_the_terminal() {
    let scratch = Scratch::with(&[(TOPIC, "topic:   \"a\u{202e}b\"\n")]);
    let run = scratch.run(&["fmt", "--diff"]).ended(0);
    assert!(!run.out.contains('\u{202e}') && run.out.contains("+topic: \"a\u{fffd}b\""), "{}", run.out);
}
