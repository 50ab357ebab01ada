use std::path::{Path, PathBuf};

use super::{NoScaffold, Scaffold};
use crate::resources::format::format_manifest;
use crate::resources::manifests::{ManifestKind, with_modeline};
use crate::resources::{Workspace, consent};
use crate::source::{FileId, Sources};

/// What is to be written, as far as it has been made: an edit sees those before it.
pub(super) struct Draft<'w> {
    pub workspace: &'w Workspace,
    made: Scaffold,
}

impl<'w> Draft<'w> {
    pub fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, made: Scaffold::default() }
    }

    pub fn finished(self) -> Scaffold {
        self.made
    }

    /// Leaves something to people.
    pub fn leave(&mut self, what: impl Into<String>) {
        self.made.left.push(what.into());
    }

    /// The text of a file as it will be.
    pub fn text_of(&self, path: &Path) -> Option<String> {
        let made = self.made.created.get(path).or_else(|| self.made.changed.get(path));
        made.cloned().or_else(|| {
            let sources = &self.workspace.sources;
            sources.find(path).map(|file| sources.file(file).text.to_string())
        })
    }

    /// Makes a manifest, in the layout of `fmt`.
    pub fn create(&mut self, kind: ManifestKind, path: impl Into<PathBuf>, text: String) -> Result<(), NoScaffold> {
        let path = path.into();
        let text = with_modeline(self.workspace, kind, &path, text);
        let text = format_manifest(Some(&path), &text).unwrap_or(text);
        self.create_as_it_is(path, text)
    }

    /// Makes another file.
    pub fn create_as_it_is(&mut self, path: impl Into<PathBuf>, text: String) -> Result<(), NoScaffold> {
        let path = path.into();
        if self.text_of(&path).is_some() {
            let message = format!("{} is there already and would be written over", path.display());
            return Err(NoScaffold::new(message, "move what is there away, or write the manifest by hand"));
        }
        self.made.created.insert(path, text);
        Ok(())
    }

    /// Gives a file that is there a new text.
    pub fn edit(&mut self, path: &Path, text: String) {
        match self.made.created.get_mut(path) {
            Some(created) => *created = text,
            None => drop(self.made.changed.insert(path.to_owned(), text)),
        }
    }

    /// Adds an item to a list of a manifest that is there; otherwise leaves it to people.
    pub fn add_item(&mut self, file: FileId, manifest: (&str, &str), key: &'static str, item: &str) {
        let path = self.workspace.sources.file(file).path.clone();
        let added = self.text_of(&path).and_then(|text| {
            let mut sources = Sources::default();
            let id = sources.add(&path, text);
            let workspace = Workspace { sources, ..Workspace::default() };
            let fix = consent::add(&workspace, id, manifest, key, item, String::new())?;
            crate::diag::mend([&fix], &workspace.sources).texts.into_values().next()
        });
        match added {
            Some(text) => self.edit(&path, text),
            None => self.leave(format!("add `{item}` to `{key}` of `{}` in {}", manifest.1, path.display())),
        }
    }
}
