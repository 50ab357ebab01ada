use std::path::PathBuf;

use super::*;
use crate::policy::BASE;
use crate::resources::{WorkspaceFiles, load};

const OLD: &str = "media.raw_ingest.v1";

fn workspace(files: &[(&str, &str)]) -> Workspace {
    let mut all = WorkspaceFiles::default();
    for (path, text) in BASE.iter().chain(files) {
        all.texts.insert(PathBuf::from(path), Ok((*text).into()));
    }
    all.documents.insert(PathBuf::from("docs/adr/0007-something.md"));
    load(all).0
}

fn made(files: &[(&str, &str)], why: Option<&str>) -> Successor {
    let today = "2026-11-26".parse().expect("a day");
    successor(&workspace(files), OLD, why, today, &|_| None).expect("there is a next version")
}

fn text<'m>(made: &'m Successor, path: &str) -> &'m str {
    let of = |files: &'m BTreeMap<PathBuf, String>| files.get(Path::new(path)).map(String::as_str);
    of(&made.created).or_else(|| of(&made.changed)).unwrap_or_else(|| panic!("{path} is not among {made:#?}"))
}

#[test]
fn comments_and_order_of_the_manifest_stay() {
    let manifest = "# Ingest.
topic: media.raw_ingest.v1   # the topic
class: raw
change_request: CR-2041      # asked for
description: >-
  Not media.raw_ingest.v0.
schema: { value: media.raw_ingest.v1.avsc, compatibility: backward }
";
    let made = made(&[("topics/media/media.raw_ingest.v1.yaml", manifest)], Some("Checksums are bytes, not text"));
    let expected = "# Ingest.
topic: media.raw_ingest.v2   # the topic
class: raw
change_request: CR-2041      # asked for
adr: docs/adr/0008-checksums-are-bytes-not-text.md
description: >-
  Not media.raw_ingest.v0.
schema: { value: media.raw_ingest.v2.avsc, compatibility: backward }
";
    assert_eq!(text(&made, "topics/media/media.raw_ingest.v2.yaml"), expected);
    let record = text(&made, "docs/adr/0008-checksums-are-bytes-not-text.md");
    assert!(is_unfinished(record), "{record}");
    assert!(record.starts_with("# 8. Checksums are bytes, not text\n\nStatus: proposed, 2026-11-26."), "{record}");
    assert!(text(&made, "schemas/media/media.raw_ingest.v2.avsc").contains("RawIngest"));
}

const NEXT: &str = "topics/media/media.raw_ingest.v2.yaml";

#[test]
fn values_that_are_blocks_keep_what_stands_behind_them() {
    let manifest = "topic: >-
  media.raw_ingest.v1
class: >-
  raw
adr: >-
  docs/adr/0001-x.md
schema:
  value: >-
    media.raw_ingest.v1.avsc
description: x
";
    let made = made(&[("topics/media/media.raw_ingest.v1.yaml", manifest)], None);
    let expected = "topic: >-
  media.raw_ingest.v2
class: >-
  raw
adr: >-
  docs/adr/0008-media-raw-ingest-v2.md
schema:
  value: >-
    media.raw_ingest.v2.avsc
description: x
";
    assert_eq!(text(&made, NEXT), expected);
    let deprecated = manifest.replace("  raw\n", "  raw\ndeprecated_by: media.raw_ingest.v2\n");
    assert_eq!(text(&made, "topics/media/media.raw_ingest.v1.yaml"), deprecated);
}

#[test]
fn a_manifest_in_braces_is_copied_and_deprecated_within_them() {
    for (head, tail) in [("", ""), ("--- ", "---\ntopic: other.v1\n"), ("# why\n---\n", "")] {
        let manifest = format!("{head}{{ topic: media.raw_ingest.v1, description: x }}\n{tail}");
        let made = made(&[("topics/media/media.raw_ingest.v1.yaml", &manifest)], None);
        assert_eq!(
            text(&made, NEXT),
            "{ topic: media.raw_ingest.v2, description: x, adr: docs/adr/0008-media-raw-ingest-v2.md }\n"
        );
        assert_eq!(
            text(&made, "topics/media/media.raw_ingest.v1.yaml"),
            manifest.replace("x }", "x, deprecated_by: media.raw_ingest.v2 }")
        );
    }
}

#[test]
fn a_manifest_keeps_its_line_breaks() {
    let manifest = "topic: media.raw_ingest.v1\r\nclass: raw\r\n\r\n# why\r\ndescription: x\r\n";
    let made = made(&[("topics/media/media.raw_ingest.v1.yaml", manifest)], None);
    for path in [NEXT, "topics/media/media.raw_ingest.v1.yaml"] {
        let text = text(&made, path);
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{path}: {text:?}");
    }
    assert!(text(&made, NEXT).starts_with("topic: media.raw_ingest.v2\r\nadr: docs/adr/0008-"), "{made:#?}");
}

#[test]
fn lists_of_grants_keep_their_line_breaks() {
    let manifest = "topic: media.raw_ingest.v1\r\nclass: raw\r\ndescription: x\r\n";
    let grants = "service: s\r\nconsumes:\r\n  - media.raw_ingest.v1\r\n";
    let files = [("topics/media/media.raw_ingest.v1.yaml", manifest), ("acls/s.yaml", grants)];
    assert_eq!(text(&made(&files, None), "acls/s.yaml"), format!("{grants}  - media.raw_ingest.v2\r\n"));
}

#[test]
fn a_manifest_that_would_say_something_else_is_not_copied() {
    let manifest = "topic: &name media.raw_ingest.v1\ndescription: *name\n";
    let files = [("topics/media/media.raw_ingest.v1.yaml", manifest)];
    let today = "2026-11-26".parse().expect("a day");
    let refused = successor(&workspace(&files), OLD, None, today, &|_| None).expect_err("an alias says the name too");
    assert_eq!(refused.message, "the manifest of `media.raw_ingest.v1` cannot be copied as it is written");
}

#[test]
fn a_grant_is_added_as_the_old_one_is_written() {
    for (old, new) in [
        ("produces: [media.raw_ingest.v1]\n", "produces: [media.raw_ingest.v1, media.raw_ingest.v2]\n"),
        (
            "produces:\n  - media.raw_ingest.v1  # all of it\n  - other\n",
            "produces:\n  - media.raw_ingest.v1  # all of it\n  - media.raw_ingest.v2\n  - other\n",
        ),
        (
            "consumes: [{ topic: media.raw_ingest.v1, group: g }]\n",
            "consumes: [{ topic: media.raw_ingest.v1, group: g }, { topic: media.raw_ingest.v2, group: g }]\n",
        ),
        (
            "consumes:\n  - topic: media.raw_ingest.v1\n    group: g\n# end",
            "consumes:\n  - topic: media.raw_ingest.v1\n    group: g\n  - topic: media.raw_ingest.v2\n    group: g\n# end",
        ),
        ("produces:\n  - 'media.raw_ingest.v1'", "produces:\n  - 'media.raw_ingest.v1'\n  - 'media.raw_ingest.v2'"),
        (
            "consumes:\n  - topic: media.raw_ingest.v1\n    group: >-\n      g\n  - other\n",
            "consumes:\n  - topic: media.raw_ingest.v1\n    group: >-\n      g\n  - topic: media.raw_ingest.v2\n    group: >-\n      g\n  - other\n",
        ),
    ] {
        let head = "service: ingest-gateway\n";
        let made = made(&[("acls/ingest-gateway.yaml", &format!("{head}{old}"))], None);
        assert_eq!(text(&made, "acls/ingest-gateway.yaml"), format!("{head}{new}"), "{old}");
    }
    // An anchor is used elsewhere: that is for people.
    let anchored = "service: ingest-gateway\nproduces: &all [media.raw_ingest.v1]\nconsumes: *all\n";
    let made = made(&[("acls/ingest-gateway.yaml", anchored)], None);
    assert!(!made.changed.contains_key(Path::new("acls/ingest-gateway.yaml")), "{made:#?}");
    for key in ["produces", "consumes"] {
        let left = format!("add `media.raw_ingest.v2` to `{key}` of `ingest-gateway` in acls/ingest-gateway.yaml");
        assert!(made.left.contains(&left), "{made:#?}");
    }
}

#[test]
fn roles_get_what_they_have_of_the_old_topic() {
    let roles = "roles:
  operator:   # on call
    owner: media-platform
    reads:
      - media.raw_ingest.v1.*   # dead letters
      - media.*
    writes: [media.raw_ingest.v1, media.raw_ingest.v10]
";
    let made = made(&[("catalog/roles.yaml", roles)], None);
    let expected = "roles:
  operator:   # on call
    owner: media-platform
    reads:
      - media.raw_ingest.v1.*   # dead letters
      - media.raw_ingest.v2.*
      - media.*
    writes: [media.raw_ingest.v1, media.raw_ingest.v2, media.raw_ingest.v10]
";
    assert_eq!(text(&made, "catalog/roles.yaml"), expected);
}

#[test]
fn the_record_says_who_writes_both_topics() {
    for (producers, line) in [
        ("", "1. Each producer writes both topics"),
        ("producers: [a]\n", "1. `a` writes both topics"),
        ("producers: [a, b]\n", "1. Each of `a`, `b` writes both topics"),
    ] {
        let manifest = format!("topic: media.raw_ingest.v1\n{producers}");
        let made = made(&[("topics/media/media.raw_ingest.v1.yaml", &manifest)], None);
        let record = text(&made, "docs/adr/0008-media-raw-ingest-v2.md");
        assert!(record.contains(line), "{record}");
    }
}

#[test]
fn what_still_speaks_of_the_old_version_is_listed() {
    let manifest = "topic: media.raw_ingest.v1\n";
    let letters = "topic: media.raw_ingest.v1.normalizer.dlq
class: dlq
change_request: CR-1
description: >-
  Keys are as in media.raw_ingest.v1.
";
    let proto = "syntax = \"proto3\";\npackage example.media.v1;\nmessage M { string id = 1; }\n";
    let made = made(
        &[
            (
                "topics/media/media.raw_ingest.v1.yaml",
                &format!("{manifest}schema: {{ value: media.raw_ingest.v1.proto }}\n"),
            ),
            ("topics/media/letters.yaml", letters),
            ("schemas/media/media.raw_ingest.v1.proto", proto),
        ],
        None,
    );
    let left = made.left.join("\n");
    for item in [
        "set `change_request` in topics/media/media.raw_ingest.v2.normalizer.dlq.yaml to",
        "see whether topics/media/media.raw_ingest.v2.normalizer.dlq.yaml still says what is true of the new version; line 5 \
         names `media.raw_ingest.v1`",
        "write `package example.media.v2;` to schemas/media/media.raw_ingest.v2.proto",
    ] {
        assert!(left.contains(item), "{item}\n\n{left}");
    }
}

#[test]
fn one_of_several_documents_is_copied() {
    let two = "topic: media.other.v1\n---\n# The second.\ntopic: media.raw_ingest.v1\n---\ntopic: media.third.v1\n";
    let made = made(&[("topics/media/media.raw_ingest.v1.yaml", two)], None);
    let copy = text(&made, "topics/media/media.raw_ingest.v2.yaml");
    assert_eq!(copy, "# The second.\ntopic: media.raw_ingest.v2\nadr: docs/adr/0008-media-raw-ingest-v2.md\n");
}

#[test]
fn what_has_no_next_version_says_why() {
    let today = "2026-11-26".parse().expect("a day");
    let refused = |files: &[(&str, &str)], name: &str| {
        let none = successor(&workspace(files), name, None, today, &|_| None).expect_err("there is none");
        format!("{none}: {}", none.help)
    };
    assert!(refused(&[], "media.raw_ingst.v1").contains("did you mean `media.raw_ingest.v1`?"));
    let named = [("topics/media/events.yaml", "topic: media-events\n")];
    assert!(
        refused(&named, "media-events").starts_with("the name of `media-events` has no version, by the naming pattern")
    );
    let newer = [("topics/media/media.raw_ingest.v2.yaml", "topic: media.raw_ingest.v2\n")];
    assert!(refused(&newer, OLD).contains("`media.raw_ingest.v2` is there already"));
}
