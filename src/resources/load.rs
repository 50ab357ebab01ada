mod broken;
mod literal;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::acl::GrantSpec;
use super::catalog::CatalogSpec;
use super::cluster::ClusterSpec;
use super::registry::RegistrySpec;
use super::schema::{SchemaFiles, SubjectSpec, VersionSpec, is_fixture, is_version_manifest};
use super::settings::{Settings, SettingsSpec};
use super::topic::{TopicSpec, check_configs, hint_configs};
use super::workspace::Workspace;
use crate::diag::Diagnostic;
use crate::model::{Subject, TopicName};
use crate::schema::SchemaFormat;
use crate::source::{Decode, Decoder, FileId, Manifest, Node, Sources, Span, Spanned, Value, closest, parse_yaml};
pub(crate) use broken::head_of;
use broken::{declared_by_failed, is_in_entry, lost_in, names_of};
use literal::{literals, literals_of_text};

/// The files of a workspace as they were read, by path from its root and in order.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceFiles {
    /// Manifests and schemas with their text, or why there is none.
    pub texts: BTreeMap<PathBuf, Result<Arc<str>, ReadProblem>>,
    /// Files below `docs/`, which are only named.
    pub documents: BTreeSet<PathBuf>,
}

/// Why a file or folder could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadProblem {
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// The folders of a workspace that hold manifests.
pub const FOLDERS: [&str; 5] = ["clusters", "topics", "acls", "schemas", "catalog"];

/// Decodes every file of a workspace. All that is wrong is found in one run, and what could be decoded is returned.
pub fn load(files: WorkspaceFiles) -> (Workspace, Vec<Diagnostic>) {
    load_onto(Workspace::default(), files)
}

/// The same, on top of manifests that are decoded already; there are no schemas among those.
pub fn load_onto(mut workspace: Workspace, files: WorkspaceFiles) -> (Workspace, Vec<Diagnostic>) {
    let read = Read::new(std::mem::take(&mut workspace.sources), files, |_, _, _| None);
    let decoded = read.decode(&[]);
    read.gather(workspace, decoded)
}

/// Decodes a workspace and the one that it is compared with, of which `name` is what people call it. What both have is
/// decoded once, and has its places in the files of the first. The schemas of the second are earlier versions of the first's.
pub fn load_with_base(files: WorkspaceFiles, base: WorkspaceFiles, name: &str) -> [(Workspace, Vec<Diagnostic>); 2] {
    let read = Read::new(Sources::default(), files, |_, _, _| None);
    let same = |sources: &Sources, path: &Path, text: &Arc<str>| {
        let id = read.sources.find(path)?;
        let known = &sources.file(id).text;
        (Arc::ptr_eq(known, text) || known == text).then_some(id)
    };
    let read_base = Read::new(Sources::beside(&read.sources), base, same);
    let decoded = read.decode(&[]);
    let decoded_base = read_base.decode(&decoded);
    let (mut own, base) = rayon::join(
        || read.gather(Workspace::default(), decoded),
        || read_base.gather(Workspace::default(), decoded_base),
    );
    let moved = moved_schemas(&own.0, &base.0);
    own.0.sources.append(&base.0.sources, &name.into());
    own.0.schemas.add_versions_of(&base.0.schemas, &moved, &own.0.sources);
    own.0.add_references_of(&base.0, &moved);
    [own, base]
}

/// Where the schema of a topic or a subject is now, by the path that it has in the base, where that is another one.
fn moved_schemas(now: &Workspace, base: &Workspace) -> HashMap<PathBuf, BTreeSet<PathBuf>> {
    let of_topic = |(name, before): (&TopicName, &TopicSpec)| {
        let present = now.topics.get(name).map(|topic| now.schemas_of(topic)).unwrap_or_default();
        let moved = base.schemas_of(before).into_iter().filter_map(move |was| {
            let is = present.iter().find(|is| is.part == was.part)?;
            (is.path != was.path).then(|| (was.path.to_path_buf(), is.path.to_path_buf()))
        });
        moved.collect::<Vec<_>>()
    };
    let of_subject = |(name, before): (&Subject, &SubjectSpec)| {
        let (is, was) = (now.subjects.get(name)?.schema_path(now)?, before.schema_path(base)?);
        (is != was).then_some((was, is))
    };
    let of_topics: Vec<_> = base.topics.par_iter().flat_map_iter(of_topic).collect();
    let mut moved: HashMap<_, BTreeSet<_>> = HashMap::new();
    for (was, is) in of_topics.into_iter().chain(base.subjects.iter().filter_map(of_subject)) {
        moved.entry(was).or_default().insert(is);
    }
    moved
}

/// The files of a workspace, sorted out.
struct Read {
    sources: Sources,
    documents: BTreeSet<PathBuf>,
    schemas: Vec<FileId>,
    manifests: Vec<FileId>,
    /// What is wrong with those that have no text.
    findings: Vec<Diagnostic>,
    unread: BTreeSet<&'static str>,
}

impl Read {
    /// Adds files to sources. `same` tells which file that is in them already one is.
    fn new(
        mut sources: Sources,
        files: WorkspaceFiles,
        same: impl Fn(&Sources, &Path, &Arc<str>) -> Option<FileId>,
    ) -> Self {
        let (mut schemas, mut manifests) = (Vec::new(), Vec::new());
        let (mut findings, mut unread) = (Vec::new(), BTreeSet::new());
        for (path, text) in files.texts {
            let text = match text {
                Ok(text) => text,
                Err(problem) => {
                    unread.extend(kinds_of(&path));
                    let file = Span::whole(sources.add(path, ""));
                    findings.push(Diagnostic::new("BUS002", problem.message).at(file, "").help(problem.help));
                    continue;
                }
            };
            let read = if is_schema(&path) { &mut schemas } else { &mut manifests };
            read.push(match same(&sources, &path, &text) {
                Some(known) => {
                    sources.share(known);
                    known
                }
                None => sources.add(path, text),
            });
        }
        Self { sources, documents: files.documents, schemas, manifests, findings, unread }
    }

    /// Decodes the manifests, in their order, but for those that are `known`, which stand in the order of their files.
    fn decode(&self, known: &[(FileId, Decoded)]) -> Vec<(FileId, Decoded)> {
        let decode = |id: &FileId| {
            let decoded = match known.binary_search_by_key(id, |(id, _)| *id) {
                Ok(place) => known[place].1.clone(),
                Err(_) => {
                    let file = self.sources.file(*id);
                    decode_file(*id, &file.path, &file.text)
                }
            };
            (*id, decoded)
        };
        self.manifests.par_iter().map(decode).collect()
    }

    /// Gathers what was decoded on top of a workspace.
    fn gather(mut self, mut workspace: Workspace, decoded: Vec<(FileId, Decoded)>) -> (Workspace, Vec<Diagnostic>) {
        let mut findings = self.findings;
        workspace.withdraw_companions();
        workspace.documents.extend(self.documents);
        workspace.unread.extend(self.unread);
        let mut failed = Vec::new();
        for (id, file) in decoded {
            if !file.literals.is_empty() {
                self.sources.hide(id, &file.literals);
            }
            findings.extend(file.findings);
            workspace.broken.extend(file.broken);
            workspace.unread.extend(file.unread);
            workspace.lost.extend(file.lost);
            failed.extend(file.failed);
            for manifest in file.manifests {
                manifest.add_to(&mut workspace, &mut findings);
            }
        }
        // Grown in order, a tree keeps half of its nodes empty; made of all at once it is full.
        workspace.topics = std::mem::take(&mut workspace.topics).into_iter().collect();
        workspace.catalog.gather_claims();
        workspace.derive_companions();
        findings.extend(declared_by_failed(&workspace, failed));
        if !workspace.knows_settings() {
            tell_what_waits(&mut findings, &self.sources);
        }
        let records = std::mem::take(&mut workspace.schemas);
        workspace.schemas = SchemaFiles::new(self.schemas.into_iter(), &self.sources).with_records_of(records);
        workspace.sources = self.sources;
        (workspace, findings)
    }
}

/// Whether a path holds a schema or a sample record, and not a manifest.
pub(crate) fn is_schema(path: &Path) -> bool {
    is_fixture(path) || (path.starts_with("schemas") && path.to_str().and_then(SchemaFormat::of_path).is_some())
}

/// One manifest of any kind.
#[derive(Clone)]
enum AnyManifest {
    Settings(Box<SettingsSpec>),
    Cluster(Box<ClusterSpec>),
    Registry(Box<RegistrySpec>),
    Topic(Box<TopicSpec>),
    Grant(Box<GrantSpec>),
    Catalog(CatalogSpec),
    Subject(SubjectSpec),
    /// Of the version whose file has this path without its extension.
    Version(Box<str>, VersionSpec, FileId),
}

#[derive(Clone, Default)]
struct Decoded {
    manifests: Vec<AnyManifest>,
    findings: Vec<Diagnostic>,
    broken: Vec<(&'static str, String)>,
    /// What documents declare that could not be decoded at all.
    failed: Vec<(&'static str, Spanned<String>)>,
    unread: Vec<&'static str>,
    lost: Vec<(Span, &'static str)>,
    /// Values that should be references to secrets, and may be the secrets.
    literals: Vec<Span>,
}

fn decode_file(file: FileId, path: &Path, text: &str) -> Decoded {
    let (documents, findings) = parse_yaml(file, text);
    let mut decoded = Decoded::default();
    if findings.iter().any(|finding| finding.code == "BUS001") {
        decoded.unread.extend(kinds_of(path));
        decoded.literals.extend(literals_of_text(path, file, text));
    }
    let mut decoder = Decoder { findings };
    if documents.is_empty() && is_settings(path) && decoder.findings.is_empty() {
        decoder.report(
            Diagnostic::new("BUS007", format!("{} needs the key `version`", SettingsSpec::WHAT))
                .at(Span::whole(file), "the file says nothing")
                .help("write `version: 1`"),
        );
        decoded.broken.push(("settings", String::new()));
    }
    for document in &documents {
        let before = decoder.findings.len();
        let manifest = decode_document(path, document, &mut decoder);
        if decoder.findings.len() > before {
            if path.starts_with("topics") {
                hint_configs(document, &mut decoder.findings[before..]);
            }
            // A catalog with one broken entry is decoded without it, so that names count as broken here too.
            let names = names_of(document, &decoder.findings[before..]);
            // What settings say counts for all manifests, whatever classes they name.
            let is_unknown = manifest.is_none() && (names.is_empty() || is_settings(path));
            // Names may be below a key that is no key of a catalog.
            let is_lost = path.starts_with("catalog")
                && decoder.findings[before..].iter().any(|found| !is_in_entry(document, found));
            if is_unknown || is_lost {
                decoded.unread.extend(kinds_of(path));
            }
            if is_settings(path) {
                decoded.broken.push(("settings", String::new()));
            }
            // A service is declared in the catalog, its grants are here.
            if path.starts_with("acls") {
                decoded.broken.extend(names.iter().map(|(_, name)| ("grants", name.clone())));
            }
            decoded.broken.extend(names);
            decoded.lost.extend(lost_in(path, document, &decoder.findings[before..]));
        }
        if manifest.is_none() {
            decoded.failed.extend(head_of(document));
            if path.starts_with("topics") {
                // Elsewhere the rules find it, which see only what is decoded.
                check_configs(document, &mut decoder);
            }
        }
        // Of these, rules have something to say too. There are few, while there may be a grant for each service.
        if decoder.findings.len() > before || path.starts_with("clusters") || is_settings(path) {
            decoded.literals.extend(literals(path, document));
        }
        decoded.manifests.extend(manifest);
    }
    decoded.findings = decoder.findings;
    decoded
}

fn is_settings(path: &Path) -> bool {
    kinds_of(path) == ["class"]
}

/// The kinds of names that a file may declare.
fn kinds_of(path: &Path) -> &'static [&'static str] {
    if is_fixture(path) {
        return &[];
    }
    match path.components().next().and_then(|first| first.as_os_str().to_str()) {
        Some("clusters") => &["cluster", "registry"],
        Some("topics") => &["topic"],
        Some("acls") => &["grants"],
        Some("schemas") => &["subject"],
        Some("catalog") => &["domain", "service", "team", "role"],
        _ => &["class"],
    }
}

/// Says beside the first thing that is wrong with the settings why so little else is told.
fn tell_what_waits(findings: &mut [Diagnostic], sources: &Sources) {
    const WAITS: &str = "until busctl.yaml can be read, most rules are not asked: it may switch them off";
    let of_settings =
        |finding: &&mut Diagnostic| finding.span().is_some_and(|span| is_settings(&sources.file(span.file).path));
    if let Some(first) = findings.iter_mut().find(of_settings) {
        first.help = Some(match first.help.take() {
            Some(help) => format!("{help}; {WAITS}"),
            None => WAITS.to_owned(),
        });
    }
}

fn decode_document(path: &Path, document: &Node, decoder: &mut Decoder) -> Option<AnyManifest> {
    let folder = path.components().next().and_then(|first| first.as_os_str().to_str()).unwrap_or_default();
    match folder {
        "clusters" if document.get("registry").is_some() && document.get("cluster").is_none() => {
            RegistrySpec::decode(document, decoder).map(|registry| AnyManifest::Registry(Box::new(registry)))
        }
        "clusters" if document.get("cluster").is_none() => {
            decoder.report(unknown_kind(document));
            None
        }
        "clusters" => ClusterSpec::decode(document, decoder).map(|cluster| AnyManifest::Cluster(Box::new(cluster))),
        "topics" => TopicSpec::decode(document, decoder).map(|topic| AnyManifest::Topic(Box::new(topic))),
        "acls" => GrantSpec::decode(document, decoder).map(|grant| AnyManifest::Grant(Box::new(grant))),
        "catalog" => CatalogSpec::decode(document, decoder).map(AnyManifest::Catalog),
        "schemas" if is_version_manifest(path) => {
            let version = path.with_extension("").to_string_lossy().into();
            VersionSpec::decode(document, decoder).map(|spec| AnyManifest::Version(version, spec, document.span.file))
        }
        "schemas" => decode_subject(document, decoder).map(AnyManifest::Subject),
        _ => SettingsSpec::decode(document, decoder).map(|settings| AnyManifest::Settings(Box::new(settings))),
    }
}

/// A subject that is wanted has a schema; a tombstone needs none.
fn decode_subject(document: &Node, decoder: &mut Decoder) -> Option<SubjectSpec> {
    let spec = SubjectSpec::decode(document, decoder)?;
    if spec.is_present() && spec.schema.is_none() {
        decoder.report(
            Diagnostic::new("BUS007", "a subject needs the key `schema`")
                .at(spec.subject.span, "")
                .help("add `schema: FILE`, a file beside this one"),
        );
        return None;
    }
    Some(spec)
}

fn unknown_kind(document: &Node) -> Diagnostic {
    let keys = match &document.value {
        Value::Mapping(entries) => entries.iter().map(|entry| &*entry.key.value).collect(),
        _ => Vec::new(),
    };
    let meant = keys.iter().find_map(|key| closest(key, ["cluster", "registry"].into_iter()));
    let help = match meant {
        Some(word) => format!("did you mean `{word}`?"),
        None => "a cluster starts with `cluster: NAME`, a registry with `registry: NAME`".to_owned(),
    };
    Diagnostic::new("BUS011", "this is neither a cluster nor a registry").at(document.span, "").help(help)
}

impl AnyManifest {
    fn add_to(self, workspace: &mut Workspace, findings: &mut Vec<Diagnostic>) {
        match self {
            AnyManifest::Settings(spec) => {
                if spec.version.value != 1 {
                    findings.push(
                        Diagnostic::new("BUS006", format!("version {} is not known", spec.version.value))
                            .at(spec.version.span, "")
                            .help("this version of busctl reads version 1"),
                    );
                    workspace.broken.insert(("settings", String::new()));
                }
                workspace.settings = Settings::from(*spec);
            }
            AnyManifest::Cluster(spec) => {
                let name = Spanned::new(spec.cluster.value.clone(), spec.cluster.span);
                insert(&mut workspace.clusters, name, *spec, |known| known.cluster.span, findings);
            }
            AnyManifest::Registry(spec) => {
                let name = spec.registry.clone().map(|name| name.to_string());
                insert(&mut workspace.registries, name, *spec, |known| known.registry.span, findings);
            }
            AnyManifest::Topic(spec) => {
                insert(&mut workspace.topics, spec.topic.clone(), *spec, |known| known.topic.span, findings);
            }
            AnyManifest::Grant(spec) => {
                let name = spec.service.clone().map(|name| name.to_string());
                insert(&mut workspace.grants, name, *spec, |known| known.service.span, findings);
            }
            AnyManifest::Subject(spec) => {
                insert(&mut workspace.subjects, spec.subject.clone(), spec, |known| known.subject.span, findings);
            }
            AnyManifest::Version(of, spec, file) => workspace.schemas.record(&of, spec, file),
            AnyManifest::Catalog(spec) => {
                merge(&mut workspace.catalog.domains, spec.domains, findings);
                merge(&mut workspace.catalog.services, spec.services, findings);
                merge(&mut workspace.catalog.teams, spec.teams, findings);
                merge(&mut workspace.catalog.roles, spec.roles, findings);
            }
        }
    }
}

fn insert<K: Ord + std::fmt::Display, V: Manifest>(
    map: &mut BTreeMap<K, V>,
    name: Spanned<K>,
    manifest: V,
    place: impl Fn(&V) -> Span,
    findings: &mut Vec<Diagnostic>,
) {
    match map.get(&name.value) {
        Some(known) => findings.push(twice(&name.value, name.span, place(known), V::WHAT)),
        None => {
            map.insert(name.value, manifest);
        }
    }
}

fn merge<V: Manifest>(
    map: &mut BTreeMap<String, Spanned<V>>,
    declared: BTreeMap<Spanned<Box<str>>, V>,
    findings: &mut Vec<Diagnostic>,
) {
    for (name, manifest) in declared {
        match map.get(&*name.value) {
            Some(known) => findings.push(twice(&name.value, name.span, known.span, V::WHAT)),
            None => {
                map.insert(name.value.into_string(), Spanned::new(manifest, name.span));
            }
        }
    }
}

fn twice(name: &dyn std::fmt::Display, again: Span, first: Span, what: &str) -> Diagnostic {
    Diagnostic::new("BUS008", format!("`{name}` is declared twice ({what})"))
        .at(again, "again here")
        .at(first, "first declared here")
        .help("keep one of the two manifests")
}
