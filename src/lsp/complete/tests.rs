use std::path::PathBuf;

use super::*;
use crate::policy::BASE;
use crate::resources::{WorkspaceFiles, load};

fn workspace() -> Workspace {
    let mut files = WorkspaceFiles::default();
    files.texts.extend(BASE.iter().map(|(path, text)| (PathBuf::from(path), Ok((*text).into()))));
    files.documents.insert("docs/adr/0001-why.md".into());
    load(files).0
}

/// What may stand at `¦`, as it is written.
fn inserted(file: &str, marked: &str) -> Vec<String> {
    let at = marked.find('¦').expect("a cursor");
    let text = marked.replace('¦', "");
    let file = Path::new(file);
    let Some(place) = Place::at(file, &text, at) else { return Vec::new() };
    complete(&workspace(), &place, file, &text).items.into_iter().map(|item| item.insert).collect()
}

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";

#[test]
fn names_of_what_is_declared() {
    assert_eq!(inserted(TOPIC, "topic: a\nclass: ¦\n"), ["raw", "state"]);
    assert_eq!(inserted(TOPIC, "class: st¦ate\n"), ["state"]);
    assert_eq!(inserted(TOPIC, "consumers: [nor¦"), ["normalizer"]);
    assert_eq!(inserted(TOPIC, "consumers:\n  - { service: ¦ }\n"), ["ingest-gateway", "normalizer"]);
    assert_eq!(inserted(TOPIC, "producers:\n  - gate¦\n"), ["ingest-gateway"]);
    assert_eq!(inserted(TOPIC, "producers:\n  ¦\n"), ["- ingest-gateway", "- normalizer"]);
    assert_eq!(inserted(TOPIC, "owner: ¦"), ["media-platform"]);
    assert_eq!(inserted(TOPIC, "clusters: [¦]"), ["production"]);
    assert_eq!(inserted(TOPIC, "overrides:\n  pro¦\n"), ["production: "]);
    assert_eq!(inserted(TOPIC, "adr: ¦"), ["docs/adr/0001-why.md"]);
    assert_eq!(inserted(TOPIC, "topic: media.raw_ingest.v1\nschema: { value: ¦ }"), ["media.raw_ingest.v1.avsc"]);
    assert_eq!(inserted("acls/x.yaml", "service: nor¦"), ["normalizer"]);
    assert_eq!(inserted("acls/x.yaml", "consumes:\n  - media¦"), ["media.raw_ingest.v1"]);
    assert_eq!(inserted("clusters/x.yaml", "cluster: x\nschema_registry: ¦"), ["main"]);
    assert_eq!(inserted("catalog/x.yaml", "services: { x: { domain: ¦ } }"), ["media"]);
    assert_eq!(inserted("busctl.yaml", "rules: { BUS601¦ }"), ["BUS601: "]);
    assert_eq!(inserted("busctl.yaml", "waivers:\n  - code: bus60¦2"), ["BUS602"]);
    assert_eq!(inserted("busctl.yaml", "waivers:\n  - resource: top¦"), ["topic/media.raw_ingest.v1"]);
}

#[test]
fn keys_that_are_not_there_yet_and_words() {
    let keys = inserted(TOPIC, "topic: a\nclass: raw\n¦\n");
    assert!(keys.contains(&"description: ".to_owned()) && keys.contains(&"overrides:".to_owned()), "{keys:?}");
    assert!(!keys.iter().any(|key| key.starts_with("topic") || key.starts_with("class")), "{keys:?}");
    assert_eq!(inserted(TOPIC, "topic: a\npart¦\n"), ["partitions: "]);
    assert_eq!(inserted(TOPIC, "schema:\n  ke¦\n"), ["key: "]);
    assert_eq!(inserted(TOPIC, "schema: ke¦\n"), [""; 0]);
    assert_eq!(inserted(TOPIC, "consumers: [{ service: a, ¦ }]"), ["max_lag: ", "dlq: "]);
    assert_eq!(
        inserted(TOPIC, "config: { retention¦: 3d }"),
        ["retention.bytes", "retention.ms", "delete.retention.ms", "local.retention.bytes", "local.retention.ms"]
    );
    assert_eq!(inserted(TOPIC, "state: ¦"), ["present", "absent"]);
    assert_eq!(inserted(TOPIC, "consumers: [{ service: a, dlq: ¦ }]"), ["true", "false"]);
    assert_eq!(inserted(TOPIC, "consumers: [{ service: a, dlq: { max¦ } }]").len(), 4);
    assert_eq!(inserted(TOPIC, "schema: { compatibility: backward¦ }"), ["backward", "backward_transitive"]);
    assert_eq!(
        inserted("clusters/x.yaml", "registry: x\n¦"),
        ["url: ", "deployment: ", "compatibility: ", "tls:", "auth:"]
    );
    assert_eq!(inserted(TOPIC, "topic: ¦"), [""; 0], "a name that is being given");
    assert_eq!(inserted(TOPIC, "# cla¦"), [""; 0]);
}

#[test]
fn a_long_list_is_cut_and_what_is_typed_narrows_it() {
    let mut workspace = workspace();
    let spec = workspace.topics.values().next().expect("a topic").clone();
    workspace.topics.extend((0..1000).map(|n| (format!("shop.t{n:04}.v1").parse().expect("a name"), spec.clone())));
    for (number, (name, topic)) in workspace.topics.iter_mut().enumerate() {
        topic.topic.value = name.clone();
        topic.topic.span.start = number as u32;
    }
    let ask = |text: &str| {
        let place = Place::at(Path::new("acls/x.yaml"), text, text.len()).expect("a place");
        complete(&workspace, &place, Path::new("acls/x.yaml"), text)
    };
    let all = ask("produces:\n  - ");
    assert!(all.is_incomplete && all.items.len() == MOST);
    let some = ask("produces:\n  - t0999");
    assert_eq!(some.items.iter().map(|item| item.label.as_str()).collect::<Vec<_>>(), ["shop.t0999.v1"]);
    assert!(!some.is_incomplete);
}
