use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Edit, Lack, What};
use crate::resources::Workspace;
use crate::resources::additions::Addition;
use crate::resources::consent::with_item;
use crate::source::Node;

/// The files with everything that is taken over.
pub(super) fn texts(workspace: &Workspace, lacks: &mut [Lack]) -> BTreeMap<PathBuf, String> {
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    for lack in lacks.iter_mut().filter(|lack| lack.left.is_none()) {
        let path = lack.edit.file.clone().unwrap_or_else(|| PathBuf::from(&lack.place.file));
        let present = workspace.sources.find(&path).map(|file| workspace.sources.file(file).text.to_string());
        let Some(text) = texts.get(&path).cloned().or(present) else { continue };
        match edited(&path, &text, &lack.edit) {
            Some(text) => drop(texts.insert(path, text)),
            None => lack.left = Some("it cannot be written without touching more: write it by hand".to_owned()),
        }
    }
    texts
}

fn edited(path: &Path, text: &str, edit: &Edit) -> Option<String> {
    let (key, name) = &edit.document;
    let is_it = |document: &Node| match name {
        Some(name) => document.get(key).and_then(Node::scalar) == Some(name),
        None => document.get(key).is_some(),
    };
    let addition = Addition::to(text, is_it)?;
    let keys: Vec<&str> = edit.path.iter().map(String::as_str).collect();
    match &edit.what {
        // The first item of a list, or one that is a mapping.
        What::Item(item) => addition.item(&keys, item).or_else(|| match (&keys[..], name) {
            ([list], Some(name)) => with_item(path, text, (key, name), list, item),
            _ => None,
        }),
        What::Entry(key, value) => addition.entry(&keys, key, value),
    }
}
