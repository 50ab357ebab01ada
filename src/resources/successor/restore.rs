//! The old schema, where it was edited before anybody asked for a new topic.

use std::path::{Path, PathBuf};

use crate::resources::Workspace;
use crate::resources::schema::{SchemaFile, resolve_level};
use crate::resources::topic::TopicSpec;
use crate::schema::{conflicts, is_met_by, parse_registered};

/// What a file has in the commit that is checked out; `None` where there is none or it does not have the file.
pub type Committed<'f> = &'f dyn Fn(&Path) -> Option<String>;

/// The schemas of a topic that break what was there before, each with how it is put back. The old topic stays as it is.
pub fn put_back(workspace: &Workspace, topic: &TopicSpec, committed: Committed<'_>) -> Vec<(PathBuf, String)> {
    let schemas = workspace.schemas_of(topic).into_iter();
    let found = schemas.filter_map(|schema| {
        let way = way_back(workspace, topic, &schema.path, schema.file?, committed)?;
        Some((schema.path.into_owned(), way))
    });
    found.collect()
}

fn way_back(
    workspace: &Workspace,
    topic: &TopicSpec,
    path: &Path,
    file: SchemaFile,
    committed: Committed<'_>,
) -> Option<String> {
    let text = |file| &*workspace.sources.file(file).text;
    let present = text(file.file);
    let spec = topic.schema.as_ref();
    let level = resolve_level(workspace, spec.and_then(|spec| spec.compatibility)).value;
    let references = workspace.resolve_references(spec.map_or(&[], |spec| spec.references.as_slice()));
    let is_broken_for = |old: &str| {
        let [new, old] = [present, old].map(|text| parse_registered(file.format, text, &references));
        // What is no schema is told by `validate`.
        let (Ok(new), Ok(old)) = (new, old) else { return false };
        conflicts(level, &new, &[old]).iter().any(|conflict| !conflict.incompatibilities.is_empty())
    };
    let newest = workspace.schemas.earlier(path).last().filter(|newest| newest.schema.format == file.format);
    let version = newest.map(|newest| (&workspace.sources.file(newest.schema.file).path, text(newest.schema.file)));
    let shown = path.display();
    let before = committed(path).filter(|before| before != present && is_broken_for(before));
    Some(match (before, version) {
        (Some(before), version) => {
            // Kept for this change: what was there before it, or the change itself.
            let is_of_change = |kept: &str| kept == present || is_met_by(file.format, &before, kept);
            let kept = version.filter(|(_, kept)| is_of_change(kept));
            let rest = kept.map(|(kept, _)| format!(", and remove {}, which was kept for this change", kept.display()));
            format!("`git restore {shown}`{}", rest.unwrap_or_default())
        }
        (None, Some((kept, old))) if is_broken_for(old) => {
            let kept = kept.display();
            format!("copy {kept} over {shown}, and remove {kept}, which was kept for this change")
        }
        _ => return None,
    })
}
