use proptest::prelude::*;

use super::*;
use crate::source::{FileId, MAX_DEPTH, Node, Value, parse_yaml};

/// A text with `|` where the cursor is, and the place without it.
fn cursor(marked: &str) -> (String, usize) {
    let at = marked.find('¦').expect("a cursor");
    (marked.replace('¦', ""), at)
}

fn shown(path: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => key.to_string(),
        Step::Item => "-".to_owned(),
    };
    path.iter().map(step).collect::<Vec<_>>().join("/")
}

/// What is at the cursor: a word or a gap, its role and its path.
fn at(marked: &str) -> String {
    let (text, at) = cursor(marked);
    let outline = Outline::new(&text, at);
    match (outline.word_at(at), outline.gap()) {
        (Some(word), _) => {
            format!("{:?} {:?} of {}", word.role, &text[word.span.clone()], shown(&word.path))
        }
        (None, Some(gap)) => format!("{:?} of {}", gap.role, shown(&gap.path)),
        (None, None) => "nothing".to_owned(),
    }
}

#[test]
fn words_are_found_in_every_form() {
    assert_eq!(at("class: r¦aw  # why\n"), r#"Value "raw" of class"#);
    assert_eq!(at("cla¦ss: raw\n"), r#"Key "class" of "#);
    assert_eq!(at("cla¦\n"), r#"Value "cla" of "#);
    assert_eq!(
        at("consumers:\n  - { service: nor¦malizer, dlq: true }\n"),
        r#"Value "normalizer" of consumers/-/service"#
    );
    assert_eq!(at("consumers: [a, { service: b¦"), r#"Value "b" of consumers/-/service"#);
    assert_eq!(at("consumers:\n- service: a\n  max_¦lag: 1\n- b\n"), r#"Key "max_lag" of consumers/-"#);
    assert_eq!(at("produces:\n  - a\n  - 'b¦'\nclass: x\n"), r#"Value "b" of produces/-"#);
    assert_eq!(at("schema:\n  value: x\nconfig:\n  retention.ms: 3¦0d\n"), r#"Value "30d" of config/retention.ms"#);
    assert_eq!(at("a: 1\n---\nb:\n  c: ¦x\n"), r#"Value "x" of b/c"#);
}

#[test]
fn gaps_belong_to_what_their_indentation_or_bracket_says() {
    assert_eq!(at("class: ¦\n"), "Value of class");
    assert_eq!(at("topic: a\n¦\n"), "Key of ");
    assert_eq!(at("schema:\n  ¦\n"), "Key of schema");
    assert_eq!(at("schema:\n  value: x\n  ¦\nclass: raw\n"), "Key of schema");
    assert_eq!(at("consumers:\n  - ¦\n"), "Value of consumers/-");
    assert_eq!(at("consumers:\n  - service: a\n    ¦\n"), "Key of consumers/-");
    assert_eq!(at("consumers: [¦]\n"), "Value of consumers/-");
    assert_eq!(at("consumers: [a, ¦]\n"), "Value of consumers/-");
    assert_eq!(at("consumers: [{ ¦"), "Key of consumers/-");
    assert_eq!(at("consumers: [{ service: ¦ }]\n"), "Value of consumers/-/service");
    assert_eq!(at("consumers: [{ service: a, ¦ }]\n"), "Key of consumers/-");
    assert_eq!(at("¦"), "Key of ");
}

#[test]
fn running_text_has_no_words() {
    let (text, place) = cursor("description: >-\n  One record: for each ¦asset\n\n  more\nclass: raw\n");
    let outline = Outline::new(&text, place);
    assert!(outline.is_prose(place) && outline.word_at(place).is_none() && outline.gap().is_none());
    let classes: Vec<_> = outline.words.iter().map(|word| &text[word.span.clone()]).collect();
    assert_eq!(classes, ["description", "class", "raw"]);
    let (text, place) = cursor("class: raw  # the ¦first\n");
    assert!(Outline::new(&text, place).is_prose(place));
}

#[test]
fn an_open_bracket_does_not_swallow_what_follows() {
    assert_eq!(at("consumers: [a, {\nclass: r¦aw\n"), r#"Value "raw" of class"#);
}

/// The scalars of a document with their paths, as a reader of YAML has them.
fn scalars(node: &Node, path: &mut Vec<Step>, found: &mut Vec<(String, String)>) {
    match &node.value {
        Value::Scalar { text, .. } if !text.is_empty() => found.push((shown(path), text.to_string())),
        Value::Scalar { .. } => {}
        Value::Sequence(items) => {
            path.push(Step::Item);
            items.iter().for_each(|item| scalars(item, path, found));
            path.pop();
        }
        Value::Mapping(entries) => {
            for entry in entries {
                path.push(Step::Key(Arc::from(&*entry.key.value)));
                scalars(&entry.value, path, found);
                path.pop();
            }
        }
    }
}

#[test]
fn of_a_whole_manifest_it_finds_what_a_reader_of_yaml_finds() {
    let mut compared = 0;
    for (path, text) in crate::policy::BASE.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        let (documents, _) = parse_yaml(FileId(0), text);
        let mut expected = Vec::new();
        documents.iter().for_each(|document| scalars(document, &mut Vec::new(), &mut expected));
        let outline = Outline::new(text, 0);
        let values = outline.words.iter().filter(|word| word.role == Role::Value);
        let found: Vec<_> = values.map(|word| (shown(&word.path), text[word.span.clone()].to_owned())).collect();
        assert_eq!(found, expected, "{path}");
        compared += found.len();
    }
    assert!(compared > 20, "{compared}");
}

proptest! {
    #[test]
    fn any_text_is_read(text in "[a-c:{}\\[\\],#\"'|>\n \\-üé]{0,60}", at in 0_usize..120) {
        let at = text.floor_char_boundary(at.min(text.len()));
        let outline = Outline::new(&text, at);
        for word in &outline.words {
            prop_assert!(text.get(word.span.clone()).is_some(), "{word:?}");
        }
    }
}

#[test]
fn what_no_manifest_nests_so_deep_is_not_recorded() {
    let deep = format!("consumers: {}", "[a,".repeat(2_000));
    let outline = Outline::new(&deep, deep.len());
    let longest = outline.words.iter().map(|word| word.path.len()).max();
    assert_eq!((longest, outline.words.len(), outline.gap()), (Some(MAX_DEPTH), MAX_DEPTH, None));
    let lists = format!("{}x\n", "- ".repeat(2_000));
    assert!(Outline::new(&lists, lists.len() - 1).words.is_empty());
    assert_eq!(at(&format!("{deep}\nclass: r¦aw\n")), r#"Value "raw" of class"#);
}
