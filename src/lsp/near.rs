//! Findings between two checks of all files. A check of ten thousand topics takes longer than a keystroke may; what one
//! file says can be checked beside the few files that it speaks of. Where that tells something else than the check of all
//! did of the same text, the check of all is right.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::finding::Finding;
use super::names::{NameKind, schema_path};
use super::place::Place;
use crate::diag::{Diagnostic, Findings};
use crate::model::Date;
use crate::policy;
use crate::resources::manifests::ManifestKind;
use crate::resources::{Workspace, WorkspaceFiles, load, load_onto};
use crate::source::{FileId, Span};

/// What a check of all files found.
#[derive(Debug, Default)]
pub struct Known {
    /// What the manifests say.
    pub workspace: Workspace,
    /// Findings by file.
    pub findings: BTreeMap<PathBuf, Vec<Finding>>,
    files: BTreeMap<String, FileId>,
    /// The policy, the clusters and who owns what: every file depends on them.
    common: Workspace,
}

fn is_common(path: &Path) -> bool {
    path == Path::new("busctl.yaml") || path.starts_with("catalog") || path.starts_with("clusters")
}

impl Known {
    /// Checks all files. `today` is the day for which waivers must hold.
    pub fn check(files: WorkspaceFiles, today: Date) -> Self {
        let common = files.texts.iter().filter(|(path, _)| is_common(path));
        let common = common.map(|(path, text)| (path.clone(), text.clone())).collect();
        let (common, _) = load(WorkspaceFiles { texts: common, documents: files.documents.clone() });
        let (workspace, loading) = load(files);
        let clusters: Vec<_> = workspace.clusters.values().collect();
        let mut found = Findings::listed(loading, &workspace.sources);
        found.append(policy::check(&workspace, &clusters, found.store()));
        let found = policy::apply_levels(found, &workspace, today);
        let path_of = |path: &Path| path.to_str().map(str::to_owned);
        let files = workspace.sources.iter().filter_map(|(id, file)| Some((path_of(&file.path)?, id))).collect();
        let mut findings: BTreeMap<PathBuf, Vec<Finding>> = BTreeMap::new();
        for (path, finding) in found.iter().filter_map(|finding| Finding::of(&finding, &workspace.sources)) {
            findings.entry(path).or_default().push(finding);
        }
        Self { workspace, findings, files, common }
    }

    /// The text of a file as it was checked.
    pub fn text(&self, path: &Path) -> Option<&Arc<str>> {
        let id = self.files.get(path.to_str()?)?;
        Some(&self.workspace.sources.file(*id).text)
    }

    /// The path of the file that a place is in.
    pub fn path(&self, span: Span) -> &Path {
        &self.workspace.sources.file(span.file).path
    }

    /// The files whose path begins so.
    fn beginning<'k>(&'k self, start: &'k str) -> impl Iterator<Item = &'k str> {
        let from = self.files.range::<str, _>((Bound::Included(start), Bound::Unbounded));
        from.map(|(path, _)| path.as_str()).take_while(move |path| path.starts_with(start))
    }
}

/// What a check of all, and one of the file alone, found in the text of a file that both saw.
#[derive(Debug)]
pub struct Base {
    text: Arc<str>,
    all: Vec<Finding>,
    near: Vec<Finding>,
}

impl Base {
    /// Of a file. It is made once for each check of all.
    pub fn new(known: &Known, path: &Path, today: Date) -> Self {
        let text = known.text(path).cloned().unwrap_or_else(|| Arc::from(""));
        let all = known.findings.get(path).cloned().unwrap_or_default();
        let near = near(known, path, &text, today);
        Self { text, all, near }
    }
}

/// The findings of a file whose text has changed since the check of all.
pub fn file_findings(known: &Known, base: &Base, path: &Path, text: &Arc<str>, today: Date) -> Vec<Finding> {
    if **text == *base.text {
        return base.all.clone();
    }
    let is_in = |findings: &[Finding], finding: &Finding| findings.iter().any(|known| known.is_same(finding));
    // What only the check of all could see stays until the next one; what it did not see is not seen now.
    let seen_by_all = base.all.iter().filter(|finding| !is_in(&base.near, finding));
    let edit = Edit::between(&base.text, text);
    let mut found: Vec<_> = seen_by_all.filter_map(|finding| edit.moved(finding)).collect();
    let now = near(known, path, text, today).into_iter();
    found.extend(now.filter(|finding| !is_in(&base.near, finding) || is_in(&base.all, finding)));
    found.sort_by(|a, b| (a.span.start, a.code, &a.message).cmp(&(b.span.start, b.code, &b.message)));
    found
}

/// What was edited in a text: from the first byte that is another one to the last.
struct Edit {
    start: usize,
    behind: usize,
    before: usize,
    after: usize,
}

impl Edit {
    fn between(before: &str, after: &str) -> Self {
        let same = |(a, b): &(u8, u8)| a == b;
        let most = before.len().min(after.len());
        let start = before.bytes().zip(after.bytes()).take_while(same).count();
        let end = before.bytes().rev().zip(after.bytes().rev()).take(most - start).take_while(same).count();
        Self { start, behind: before.len() - end, before: before.len(), after: after.len() }
    }

    /// A finding where its place is after the edit; `None` where that was edited itself.
    fn moved(&self, finding: &Finding) -> Option<Finding> {
        let mut moved = finding.clone();
        // It is of the text before, and comes again with the next check of all.
        moved.mend = None;
        if finding.span.start >= self.behind && finding.span.start > 0 {
            let shift = |at: usize| (at + self.after).saturating_sub(self.before);
            moved.span = shift(finding.span.start)..shift(finding.span.end);
        } else if finding.span.end > self.start {
            return None;
        }
        Some(moved)
    }
}

/// Checks a file beside those that it speaks of.
fn near(known: &Known, path: &Path, text: &Arc<str>, today: Date) -> Vec<Finding> {
    let places = Place::all(path, text);
    let mut files = WorkspaceFiles::default();
    let mut neighbours = neighbours(known, path, &places);
    let base = if is_common(path) {
        let common = known.workspace.sources.iter().map(|(_, file)| &file.path).filter(|path| is_common(path));
        neighbours.extend(common.cloned());
        files.documents.clone_from(&known.workspace.documents);
        Workspace::default()
    } else {
        neighbours.retain(|path| !is_common(path));
        known.common.clone()
    };
    for neighbour in neighbours {
        if let Some(text) = known.text(&neighbour) {
            files.texts.insert(neighbour, Ok(text.clone()));
        }
    }
    files.texts.insert(path.to_owned(), Ok(text.clone()));
    let (mut workspace, loading) = load_onto(base, files);
    for place in &places {
        let kinds: &[&'static str] = match place.names() {
            Some(NameKind::Topic) => &["topic"],
            Some(NameKind::Service) => &["service", "role"],
            Some(NameKind::Subject) => &["subject"],
            _ => continue,
        };
        for kind in kinds.iter().filter(|kind| known.workspace.declares(kind, &place.word)) {
            if !workspace.declares(kind, &place.word) {
                workspace.broken.insert((kind, place.word.clone()));
            }
        }
    }
    let clusters: Vec<_> = workspace.clusters.values().collect();
    let mut found = Findings::listed(loading, &workspace.sources);
    found.append(policy::check(&workspace, &clusters, found.store()));
    let is_here =
        |finding: &Diagnostic| finding.span().is_some_and(|span| workspace.sources.file(span.file).path == path);
    let found = policy::apply_levels_to_part(found, &workspace, &clusters, today);
    let here = found.into_iter().filter(is_here);
    here.filter_map(|finding| Finding::of(&finding, &workspace.sources)).map(|(_, finding)| finding).collect()
}

/// The files that what is said in one depends on, beside the common ones: those that it names.
fn neighbours(known: &Known, path: &Path, places: &[Place]) -> BTreeSet<PathBuf> {
    let workspace = &known.workspace;
    let file_of = |span: Span| known.path(span).to_owned();
    let mut files = BTreeSet::new();
    let topic = |name: &str, files: &mut BTreeSet<PathBuf>| {
        files.extend(workspace.topics.get(name).map(|topic| file_of(topic.topic.span)));
    };
    for place in places {
        let name = place.word.as_str();
        match place.names() {
            Some(NameKind::Topic) if place.kind == ManifestKind::Topic => {
                topic(name, &mut files);
                files.extend(of_topic(known, name));
                let dead = workspace.settings.dlq_pattern.part(name, "topic");
                dead.into_iter().for_each(|name| topic(name, &mut files));
            }
            Some(NameKind::Topic) => topic(name, &mut files),
            Some(NameKind::Service) => {
                files.extend(workspace.grants.get(name).map(|grants| file_of(grants.service.span)));
                if let Some(own) = &place.topic {
                    topic(&workspace.settings.dlq_pattern.make(&[("topic", own), ("service", name)]), &mut files);
                }
            }
            Some(NameKind::SchemaFile) => files.extend(schema_path(workspace, place, path)),
            Some(NameKind::Subject) => {
                if let Some(subject) = workspace.subjects.get(name) {
                    let manifest = file_of(subject.subject.span);
                    let schema =
                        subject.schema.as_ref().and_then(|schema| Some(manifest.parent()?.join(&schema.value)));
                    files.extend(schema);
                    files.insert(manifest);
                }
            }
            _ => {}
        }
    }
    if path.starts_with("schemas") {
        files.extend(of_schema(known, path));
    }
    files
}

/// The schemas of a topic and their earlier versions.
fn of_topic(known: &Known, name: &str) -> Vec<PathBuf> {
    let Ok(topic) = name.parse() else { return Vec::new() };
    let folder = format!("schemas/{}", known.workspace.domain_of(&topic));
    let starts = [format!("{folder}/{name}."), format!("{folder}/versions/{name}/")];
    starts.iter().flat_map(|start| known.beginning(start)).map(PathBuf::from).collect()
}

/// The manifests that a schema is of, and its earlier versions.
fn of_schema(known: &Known, path: &Path) -> Vec<PathBuf> {
    let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
    let (folder, name) = match parts.as_slice() {
        [folder @ .., "versions" | "fixtures", name, _] => (folder.join("/"), (*name).to_owned()),
        [folder @ .., file] => (folder.join("/"), file.rsplit_once('.').map_or(*file, |(stem, _)| stem).to_owned()),
        [] => return Vec::new(),
    };
    let starts = [format!("{folder}/{name}."), format!("{folder}/versions/{name}/")];
    let mut files: Vec<PathBuf> = starts.iter().flat_map(|start| known.beginning(start)).map(PathBuf::from).collect();
    let is_named = |written: &str| written.rsplit_once('.').is_some_and(|(stem, _)| stem == name);
    let workspace = &known.workspace;
    let topics = workspace.written_topics().filter(|topic| {
        let schema = topic.schema.as_ref();
        let named = schema.into_iter().flat_map(|schema| schema.key.iter().chain(&schema.value));
        topic.topic.as_str() == name || named.into_iter().any(|file| is_named(&file.value))
    });
    files.extend(topics.map(|topic| known.path(topic.topic.span).to_owned()));
    let subjects = workspace.subjects.values();
    let subjects = subjects.filter(|subject| subject.schema.as_ref().is_some_and(|file| is_named(&file.value)));
    files.extend(subjects.map(|subject| known.path(subject.subject.span).to_owned()));
    files
}

#[cfg(test)]
mod tests;
