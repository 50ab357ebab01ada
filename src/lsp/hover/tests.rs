use std::path::PathBuf;

use super::*;
use crate::policy::BASE;
use crate::resources::{WorkspaceFiles, load};

fn said(file: &str, marked: &str) -> String {
    let mut files = WorkspaceFiles::default();
    files.texts.extend(BASE.iter().map(|(path, text)| (PathBuf::from(path), Ok((*text).into()))));
    let (workspace, _) = load(files);
    let at = marked.find('¦').expect("a cursor");
    let text = marked.replace('¦', "");
    let place = Place::at(Path::new(file), &text, at);
    let found = place.and_then(|place| hover(&workspace, &place, Path::new(file), &text));
    found.map(|hover| hover.markdown).unwrap_or_default()
}

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";

#[test]
fn a_value_with_what_it_comes_to_on_each_cluster() {
    let text =
        said(TOPIC, "topic: media.raw_ingest.v1\npartitions: 1¦2\noverrides: { production: { partitions: 24 } }\n");
    let row =
        "| `production` | `partitions` | `24` | override of the cluster, `topics/media/media.raw_ingest.v1.yaml:3` |";
    assert!(text.contains(row) && text.contains("**partitions**: Number of partitions."), "{text}");
    let text = said(TOPIC, "topic: media.raw_ingest.v1\nclass: r¦aw\n");
    assert!(text.contains("| `production` | `retention.ms` | `30d` | class, `busctl.yaml:3` |"), "{text}");
    assert!(text.contains("class `raw`") && text.contains("retention: 30d"), "{text}");
    let text = said(TOPIC, "topic: media.raw_ingest.v1\nclass: raw\nconfig: { retention.ms: 5¦d }\n");
    let row = "| `production` | `retention.ms` | `5d` | topic, `topics/media/media.raw_ingest.v1.yaml:3` |";
    assert!(text.contains(row), "{text}");
    // Half typed, it is what was known last.
    let text = said(TOPIC, "topic: media.raw_ingest.v1\nclass: raw¦\npartitions: x\n");
    assert!(text.contains("`retention.ms`"), "{text}");
}

#[test]
fn a_name_with_who_answers_for_it() {
    let text = said(TOPIC, "consumers: [norm¦alizer]\n");
    assert!(text.contains("service `normalizer`") && text.contains("owner: `media-platform`"), "{text}");
    assert!(text.contains("email: `media-platform@example.com`"), "{text}");
    let text = said("acls/x.yaml", "produces: [media.raw_ingest¦.v1]\n");
    assert!(text.contains("topic `media.raw_ingest.v1`") && text.contains("class: `raw`"), "{text}");
    assert!(said(TOPIC, "owner: media-p¦latform\n").contains("team `media-platform`"));
    assert!(said("catalog/x.yaml", "services: { a: { domain: med¦ia } }\n").contains("domain `media`"));
}

#[test]
fn a_code_with_its_page_a_key_and_a_word_with_their_meaning() {
    assert!(said("busctl.yaml", "rules: { BUS1¦01: warn }\n").starts_with("## BUS101"));
    assert!(said("busctl.yaml", "waivers: [{ code: bus1¦01 }]\n").starts_with("## BUS101"));
    assert!(said("busctl.yaml", "rules: { BUS101: wa¦rn }\n").contains("Should be mended"));
    assert!(said(TOPIC, "retention_ration¦ale: x\n").contains("Why records are kept"));
    assert!(said(TOPIC, "managed_by: str¦imzi\n").contains("Strimzi's topic operator"));
    assert_eq!(said(TOPIC, "# topic: a¦bc\n"), "");
    assert_eq!(said(TOPIC, "no_such_key: a¦bc\n"), "");
}

#[test]
fn what_a_manifest_says_is_text_and_nothing_else() {
    let mut about =
        titled("team", "a`b", &Some(Spanned::new("![x](http://y) <b>".into(), crate::source::Span::whole(OPEN))));
    about.push('\n');
    assert!(!about.contains("![x]") && !about.contains("<b>"), "{about}");
}
