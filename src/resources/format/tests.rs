use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::policy::{BASE, Content, rules};

fn formatted(text: &str) -> String {
    format_manifest(None, text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

#[test]
fn a_manifest_is_indented_quoted_and_spaced_in_one_way() {
    let text = "topic:   media.a.v1\nconsumers:\n- {service: 'a',dlq: true}   # who\n-   service: b\n    dlq: false\n\n\n\nkey: id\n";
    // Blank lines stay where they are, one of several.
    let expected = "topic: media.a.v1\n\
                    key: id\n\n\
                    consumers:\n  - { service: \"a\", dlq: true }   # who\n  - service: b\n    dlq: false\n";
    // The comment stays in its column, which is further right than it has to be.
    assert_eq!(formatted(text).replace("   # who", " # who"), expected.replace("   # who", " # who"));
}

#[test]
fn keys_take_their_comments_along_and_groups_stay() {
    let text = "# About this file.\n\
                description: One record.   # short\n\
                topic: media.a.v1\n\
                \n\
                # What orders them.\n\
                key: id # the asset\n\
                class: raw\n\
                \n\
                # The end.\n";
    let expected = "# About this file.\n\
                    topic: media.a.v1\n\
                    class: raw\n\
                    \n\
                    description: One record.   # short\n\
                    # What orders them.\n\
                    key: id # the asset\n\
                    \n\
                    # The end.\n";
    assert_eq!(formatted(text), expected);
}

#[test]
fn every_document_of_a_file_is_ordered() {
    let text = "key: a\ntopic: media.a.v1\n---\nkey: b # x\ntopic: media.b.v1\n";
    assert_eq!(formatted(text), "topic: media.a.v1\nkey: a\n---\ntopic: media.b.v1\nkey: b # x\n");
}

#[test]
fn keys_stay_where_moving_them_would_change_something() {
    // An alias stands behind its anchor.
    let anchors = "topic: media.a.v1\nproducers: &both [a]\ndescription: x\nconsumers: *both\n";
    assert_eq!(formatted(anchors), "topic: media.a.v1\ndescription: x\nproducers: &both [a]\nconsumers: *both\n");
    for text in [
        "consumers: &both [a]\ntopic: media.a.v1\nproducers: *both\n",
        "{ key: a, topic: media.a.v1 }\n",
        "descripton: x\nkey: a\ntopic: media.a.v1\n",
    ] {
        assert_eq!(formatted(text), text);
    }
}

#[test]
fn empty_lines_that_a_text_keeps_belong_to_it() {
    for text in [
        "description: |+\n  x\n\n\ntopic: media.a.v1\n",
        "z: |+\n  x\n\n\ny: 1\n",
        "a:\n  b: >+ # kept\n    x\n\n\n\n  c: 1\n",
    ] {
        assert_eq!(formatted(text), text);
        assert_eq!(ordered(None, text), None);
    }
}

#[test]
fn a_comment_may_stand_deeper_than_what_it_speaks_of() {
    let text = "   # c\na:\n  - { b: 1 }\nd: 1\n";
    assert_eq!(formatted(text), "# c\na:\n  - { b: 1 }\nd: 1\n");
}

#[test]
fn a_folder_says_what_a_manifest_is() {
    let format = |path: &str, text: &str| format_manifest(Some(Path::new(path)), text).expect("YAML");
    let text = "produces: [a]\nservice: x\n";
    assert_eq!(format("acls/x.yaml", text), "service: x\nproduces: [a]\n");
    // A catalog has no such keys, and they are left where they are.
    assert_eq!(format("catalog/x.yaml", text), text);
    assert_eq!(format("busctl.yaml", "rules: {}\nversion: 1\n"), "version: 1\nrules: {}\n");
    assert_eq!(format("other.yaml", "rules: {}\nversion: 1\n"), "rules: {}\nversion: 1\n");
}

#[test]
fn returns_are_kept() {
    assert_eq!(formatted("a:   1\r\nb: [x,y]\r\n"), "a: 1\r\nb: [x, y]\r\n");
}

#[test]
fn what_is_no_manifest_is_left() {
    let codes = |text: &str| match format_manifest(None, text) {
        Err(NotFormatted::Broken(findings)) => findings.iter().map(|finding| finding.code).collect::<Vec<_>>(),
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(codes("a: [\n"), ["BUS001"]);
    assert_eq!(codes("a: 1\na: 2\n"), ["BUS003"]);
    assert_eq!(codes("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n"), ["BUS001"]);
    let deep = (0..63).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>() + &" ".repeat(63) + "b\n";
    let why = "line 62 is indented by more than 60 columns".to_owned();
    assert_eq!(format_manifest(None, &deep), Err(NotFormatted::Left(why)));
    assert_eq!(format_manifest(None, "# nothing\n"), Ok("# nothing\n".to_owned()));
}

#[test]
fn a_line_can_be_kept_as_it_is() {
    let text = "# busctl-fmt-ignore\na:   [1,  2]\nb: [1]\n";
    assert_eq!(formatted(text), text);
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}

/// Every manifest that the repository and the examples of the rules have.
fn manifests() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("busctl.yaml")];
    crate::resources::FOLDERS.iter().for_each(|folder| files_below(&root.join(folder), &mut files));
    let of_sample = files.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        (path.strip_prefix(root).expect("below the root").to_owned(), text)
    });
    let of_base = BASE.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned()));
    let examples = rules().iter().flat_map(|rule| rule.bad.0.iter().chain(rule.good.0));
    let of_rules = examples.filter_map(|(path, content)| match content {
        Content::Text(text) => Some((PathBuf::from(path), (*text).to_owned())),
        _ => None,
    });
    of_sample
        .chain(of_base)
        .chain(of_rules)
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "yaml"))
        .collect()
}

#[test]
fn all_manifests_of_the_repository_are_formatted_once_and_mean_the_same() {
    let manifests = manifests();
    assert!(manifests.len() > 150, "{}", manifests.len());
    let mut formatted_ones = 0;
    for (path, text) in manifests {
        match format_manifest(Some(&path), &text) {
            Ok(once) => {
                assert_eq!(format_manifest(Some(&path), &once).as_ref(), Ok(&once), "{}", path.display());
                formatted_ones += 1;
            }
            Err(NotFormatted::Broken(_)) => {}
            Err(NotFormatted::Left(why)) => panic!("{}: {why}\n{text}", path.display()),
        }
    }
    assert!(formatted_ones > 150, "{formatted_ones}");
}

/// Values as people and machines write them, in every style.
fn value(depth: u32) -> BoxedStrategy<String> {
    let scalar = prop_oneof![
        "[a-z]{1,8}",
        "[0-9]{1,9}",
        "\"[a-z #:,\\[\\]]{0,12}\"",
        "'[a-z #:,{}]{0,12}'",
        Just("~".to_owned()),
        Just("true".to_owned()),
        Just("media.raw-ingest.v1".to_owned()),
        Just("\"a\\tb\\u00e9\"".to_owned()),
        Just("'it''s'".to_owned()),
        Just("x#y".to_owned()),
    ];
    if depth == 0 {
        return scalar.boxed();
    }
    let inner = value(depth - 1);
    let flow = prop_oneof![
        prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
        prop::collection::vec(inner, 0..4).prop_map(|values| {
            let entries: Vec<_> =
                values.iter().enumerate().map(|(index, value)| format!("k{index}:  {value}")).collect();
            format!("{{{}}}", entries.join(" , "))
        }),
    ];
    prop_oneof![3 => scalar, 2 => flow].boxed()
}

/// Lines below a key, indented by `indent`.
fn block(depth: u32, indent: usize) -> BoxedStrategy<String> {
    let pad = " ".repeat(indent);
    let comment = prop_oneof![4 => Just(String::new()), 1 => "[ ]{1,9}# [a-z '\"#]{0,12}".prop_map(|text| text.trim_end().to_owned())];
    let above = prop_oneof![
        5 => Just(String::new()),
        1 => Just("\n".to_owned()),
        1 => Just("\n\n\n".to_owned()),
        1 => Just(format!("{pad}# above\n")),
        1 => Just(format!("{pad}# above\n\n{pad}# twice\n")),
    ];
    let scalar = {
        let pad = pad.clone();
        (above.clone(), "[a-z_]{1,3}", value(2), comment.clone())
            .prop_map(move |(above, key, value, comment)| format!("{above}{pad}KEY{key}: {value}{comment}\n"))
    };
    let literal = {
        let pad = pad.clone();
        (above.clone(), prop::sample::select(vec!["|", ">-", ">", "|-"]), comment.clone(), "[a-z #]{1,10}").prop_map(
            move |(above, style, comment, text)| {
                let text = text.trim();
                let text = if text.is_empty() { "x" } else { text };
                format!("{above}{pad}KEY: {style}{comment}\n{pad}  {text}\n{pad}  more\n")
            },
        )
    };
    let sequence = {
        let pad = pad.clone();
        (above.clone(), comment.clone(), prop::collection::vec((value(1), comment.clone()), 1..4), 0..3_usize).prop_map(
            move |(above, comment, items, extra)| {
                let dashes: String = items
                    .iter()
                    .map(|(item, comment)| format!("{pad}{}- {item}{comment}\n", " ".repeat(extra)))
                    .collect();
                format!("{above}{pad}KEY:{comment}\n{dashes}")
            },
        )
    };
    let entry = if depth == 0 {
        prop_oneof![4 => scalar, 1 => literal, 1 => sequence].boxed()
    } else {
        let nested = (above, comment, (1..5_usize).prop_flat_map(move |more| block(depth - 1, indent + more)))
            .prop_map(move |(above, comment, inner)| format!("{above}{pad}KEY:{comment}\n{inner}"));
        prop_oneof![4 => scalar, 1 => literal, 1 => sequence, 2 => nested].boxed()
    };
    prop::collection::vec(entry, 1..5).boxed().prop_map(|entries| entries.concat()).boxed()
}

/// Generated text has no key twice: each is numbered, and known keys come in any order.
fn numbered(text: &str) -> String {
    let known = ["consumers", "topic", "key", "description", "class", "schema", "owner"];
    let mut number = 0;
    let mut named = String::new();
    for part in text.split_inclusive("KEY") {
        let Some(rest) = part.strip_suffix("KEY") else {
            named.push_str(part);
            continue;
        };
        named.push_str(rest);
        match known.get(number) {
            Some(known) if rest.is_empty() || rest.ends_with('\n') => named.push_str(known),
            _ => named.push_str(&format!("key{number}_")),
        }
        number += 1;
    }
    named
}

#[test]
fn blanks_in_block_scalars_are_text_and_stay() {
    for (text, formatted) in [
        (
            "a:   1\nb: |\n  one  \n\n   two\t \n  three \nc:   2\n",
            "a: 1\nb: |\n  one  \n\n   two\t \n  three \nc: 2\n",
        ),
        // Of a line with blanks alone, what is deeper than the text.
        ("b:   |\n  one\n  \n    \n  two\n", "b: |\n  one\n\n    \n  two\n"),
        ("b:   >-  \n  one \n  two\n", "b: >-\n  one \n  two\n"),
        ("x:\n    b: |+\n        one \n         \n\nc:   1\n", "x:\n  b: |+\n    one \n     \n\nc: 1\n"),
        ("# \u{e000}\nb:   |\n  one \n", "# \u{e000}\nb: |\n  one \n"),
    ] {
        assert_eq!(format_manifest(None, text).as_deref(), Ok(formatted), "{text:?}");
    }
    // Blanks elsewhere are layout.
    assert_eq!(format_manifest(None, "a: one   \nb: >  \n  x\n").as_deref(), Ok("a: one\nb: >\n  x\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn formatting_is_done_once_and_changes_no_meaning(text in block(2, 0)) {
        let text = numbered(&text);
        let (before, findings) = parse_yaml(FileId(0), &text);
        prop_assume!(findings.is_empty());
        // That meaning and comments are the same is checked before anything is answered; here it must not come to that.
        let once = format_manifest(None, &text).map_err(|error| TestCaseError::fail(format!("{error:?}\n{text}")))?;
        let (after, _) = parse_yaml(FileId(0), &once);
        prop_assert!(before.iter().zip(&after).all(|(a, b)| same::is_same(a, b)));
        prop_assert_eq!(comments::sorted(&text), comments::sorted(&once));
        prop_assert_eq!(format_manifest(None, &once), Ok(once.clone()), "{}", text);
    }

    /// What stands in block scalars is never changed, nor in the way of the rest.
    #[test]
    fn block_scalars_keep_their_blanks(head in "[|>][-+]?", lines in proptest::collection::vec(" {0,3}[a#]?[ \t]{0,2}[b:]? {0,2}\t?", 1..5)) {
        let text = format!("k:   {head}\n  a \n{}z:   1\n", lines.iter().map(|line| format!("  {line}\n")).collect::<String>());
        prop_assume!(parse_yaml(FileId(0), &text).1.is_empty());
        let once = format_manifest(None, &text).map_err(|error| TestCaseError::fail(format!("{error:?}\n{text:?}")))?;
        prop_assert!(once.ends_with("z: 1\n"), "{once:?}");
        prop_assert_eq!(format_manifest(None, &once), Ok(once.clone()), "{:?}", text);
    }

    /// Whatever is YAML, however odd.
    #[test]
    fn any_text_is_formatted_for_good_or_left(text in "([ab]:? ?|[-?] |[{}\\[\\],&*#|>'\"~!]|\n *|---\n|'x'|# c){0,24}") {
        if let Ok(once) = format_manifest(None, &text) {
            prop_assert_eq!(format_manifest(None, &once), Ok(once.clone()), "{:?}", text);
        }
    }
}
