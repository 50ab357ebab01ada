use std::path::Path;

use super::ManifestKind;
use crate::resources::Workspace;
use crate::source::edit::line_break;

/// Where a workspace keeps the schemas of its manifests: a modeline names a file, and each clone must have it.
pub const SCHEMAS: &str = "docs/schemas/manifests";

/// What a modeline starts with.
const MARK: &str = "# yaml-language-server: $schema=";

/// The first line of a manifest, which tells editors its schema: a path from the manifest.
pub fn modeline(kind: ManifestKind, manifest: &Path) -> String {
    let up = "../".repeat(manifest.components().count().saturating_sub(1));
    format!("{MARK}{up}{SCHEMAS}/{}.schema.json\n", kind.as_str())
}

/// A manifest that is about to be written, with its modeline where the workspace keeps the schemas.
pub fn with_modeline(workspace: &Workspace, kind: ManifestKind, manifest: &Path, text: String) -> String {
    let is_kept = workspace.has_document(&format!("{SCHEMAS}/{}.schema.json", kind.as_str()));
    let line = || modeline(kind, manifest).replace('\n', line_break(&text));
    if is_kept && !text.contains(MARK) { line() + &text } else { text }
}
