//! The same manifests in another order give the same page.

use std::path::Path;
use std::sync::Arc;

use busctl::resources::{WorkspaceFiles, load};
use busctl::source::{FileId, Node, Value, parse_yaml};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// A number that puts things in an order of its own for each seed.
fn rank(seed: u64, text: &str) -> Vec<u8> {
    Sha256::digest(format!("{seed}/{text}")).to_vec()
}

/// The node as YAML's flow style, its keys in the order of the seed.
fn write(node: &Node, seed: u64) -> String {
    match &node.value {
        Value::Scalar { text, .. } if node.kind() == "a string" => {
            serde_json::to_string(text).expect("a string is JSON")
        }
        Value::Scalar { text, .. } => text.to_string(),
        Value::Sequence(items) => {
            let items: Vec<_> = items.iter().map(|item| write(item, seed)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|entry| rank(seed, &entry.key.value));
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| {
                    let key = serde_json::to_string(&entry.key.value).expect("a key is JSON");
                    format!("{key}: {}", write(&entry.value, seed))
                })
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Documents and keys in the order of the seed; schemas as they are.
fn shuffled(files: &WorkspaceFiles, seed: u64) -> WorkspaceFiles {
    let mut shuffled = files.clone();
    for (path, text) in &mut shuffled.texts {
        let is_manifest = path.extension().is_some_and(|extension| extension == "yaml");
        if let (true, Ok(text)) = (is_manifest, text) {
            let (documents, findings) = parse_yaml(FileId(0), text);
            assert!(findings.is_empty(), "{findings:?}");
            let mut documents: Vec<_> = documents.iter().map(|document| write(document, seed)).collect();
            documents.sort_by_key(|document| rank(seed, document));
            *text = Arc::from(documents.join("\n---\n"));
        }
    }
    shuffled
}

/// The catalog's manifest as one file for each part, in files whose order is not that of the names.
fn spread(files: &WorkspaceFiles, seed: u64) -> WorkspaceFiles {
    let mut spread = files.clone();
    let path = Path::new("catalog/catalog.yaml");
    let Some(Ok(text)) = spread.texts.remove(path) else { panic!("the workspace has {}", path.display()) };
    let (documents, _) = parse_yaml(FileId(0), &text);
    for document in &documents {
        let Value::Mapping(entries) = &document.value else { panic!("a catalog is a mapping") };
        for entry in entries {
            let Value::Mapping(parts) = &entry.value.value else { panic!("a part of a catalog is a mapping") };
            for part in parts {
                let name = format!("catalog/{:x?}.yaml", &rank(seed, &part.key.value)[..8]);
                let text = format!("{{{}: {{{}: {}}}}}", entry.key.value, part.key.value, write(&part.value, seed));
                spread.texts.insert(name.into(), Ok(text.into()));
            }
        }
    }
    spread
}

fn page(files: WorkspaceFiles) -> String {
    let (workspace, findings) = load(files);
    assert!(findings.is_empty(), "{findings:#?}");
    busctl::catalog::markdown(&workspace)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn order_does_not_show(seed: u64) {
        let files = crate::files(crate::SMALL);
        let expected = page(files.clone());
        prop_assert_eq!(&page(shuffled(&files, seed)), &expected);
        prop_assert_eq!(&page(spread(&files, seed)), &expected);
    }

    #[test]
    fn order_does_not_show_in_the_sample(seed: u64) {
        let files = crate::files(".");
        prop_assert_eq!(page(shuffled(&files, seed)), page(files));
    }
}
