//! Links on the way to files, and names that are no text.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::against::repository;
use crate::support::workspace::Scratch;

const UGLY: &str = "topic:   shop.order.v1\n";

#[test]
fn nothing_is_formatted_through_a_link_out_of_the_workspace() {
    let other = Scratch::with(&[("busctl.yaml", "version: 1\n"), ("topics/a.yaml", UGLY)]);
    let scratch = Scratch::with(&[("busctl.yaml", "version: 1\n"), ("topics/own.yaml", UGLY)]);
    symlink(other.path("topics"), scratch.path("topics/other")).unwrap();
    symlink(other.root(), scratch.path("root")).unwrap();
    symlink(other.path("topics/a.yaml"), scratch.path("topics/a.yaml")).unwrap();
    let paths = ["topics/other", "topics/other/a.yaml", "root", "root/topics", "root/topics/a.yaml", "topics/a.yaml"];
    for path in paths.into_iter().chain(["root/../own.yaml"]) {
        scratch.run(&["fmt", path]).ended(1).says(&["leads out of the workspace", "name what it leads to itself"]);
    }
    scratch.run(&["fmt"]).ended(1).says(&["left topics/other: this link leads out of the workspace"]);
    assert_eq!(other.read("topics/a.yaml"), UGLY);
    assert_eq!(scratch.read("topics/own.yaml"), "topic: shop.order.v1\n", "the others are");
    // Within the workspace it is followed, and what is named itself is formatted.
    scratch.write("topics/own.yaml", UGLY);
    symlink("topics", scratch.path("here")).unwrap();
    scratch.run(&["fmt", "here/own.yaml"]).ended(0);
    assert_eq!(scratch.read("topics/own.yaml"), "topic: shop.order.v1\n");
    scratch.run(&["fmt", other.path("topics/a.yaml").to_str().unwrap()]).ended(0);
    assert_eq!(other.read("topics/a.yaml"), "topic: shop.order.v1\n");
}

#[test]
fn a_name_that_is_no_text_is_read_in_the_base_too() {
    let scratch = repository();
    scratch.git(&["checkout", "--quiet", "main"]);
    let manifest = fs::read(scratch.path("topics/order.yaml")).unwrap();
    let odd = scratch.path("topics").join(OsStr::from_bytes(b"caf\xe9.yaml"));
    fs::rename(scratch.path("topics/order.yaml"), &odd).unwrap();
    scratch.git(&["add", "--all"]);
    scratch.git(&["commit", "--quiet", "--message", "Another name"]);
    scratch.git(&["checkout", "--quiet", "-B", "change"]);
    let against = &["validate", "--against", "git:main"];
    assert_eq!(scratch.run(against).ended(0).out, "no findings\n");
    // What it takes away is told as of any other file.
    let text =
        String::from_utf8(manifest).unwrap().replace("class: raw\n", "class: raw\nconfig: { retention.ms: 1d }\n");
    fs::write(&odd, text).unwrap();
    scratch.run(against).shows(&["BUS703", "topics/caf\u{fffd}.yaml"]);
    fs::remove_file(&odd).unwrap();
    scratch.run(against).ended(3).shows(&["BUS701", "main:topics/caf\u{fffd}.yaml"]);
    // A hidden one is read on neither side.
    fs::write(scratch.path("topics").join(OsStr::from_bytes(b".caf\xe9.yaml")), "topic: [").unwrap();
    let run = scratch.run(&["validate"]);
    assert!(!run.out.contains("BUS001"), "{}", run.out);
}
