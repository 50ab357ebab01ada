//! Subjects of the registry: their schemas in the format that they are written in, with the versions before.

mod files;
mod subjects;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::domains::is_domain;
use super::fixtures::{self, Sampled, Unsampled};
use super::paths::stem;
use super::skeleton::Skeleton;
use super::{FoundRegistry, FoundSubject, Import};
use crate::model::{Subject, TopicName, counted};
use crate::ports::registry::{NewSchema, Reference};
use crate::resources::manifests::{ManifestKind, with_modeline};
use crate::resources::schema::is_in_fixtures;
use crate::schema::{Compatibility, SchemaFormat};
use crate::source::write::{list, mapping, scalar};
use subjects::{OfTopic, by_topic, full_name, with_references};

pub use subjects::{collect, concerned};

/// What the manifests of topics say of their schemas.
#[derive(Debug, Default)]
pub struct Schemas {
    of_topics: BTreeMap<String, String>,
}

impl Schemas {
    /// The key `schema` of a topic's manifest; nothing where the files say it all.
    pub fn text(&self, topic: &TopicName) -> &str {
        self.of_topics.get(topic.as_str()).map_or("", String::as_str)
    }
}

/// What writes subjects.
struct Writer<'i, 'r, 's> {
    import: &'i mut Import<'r>,
    registry: &'r FoundRegistry,
    skeleton: &'s Skeleton,
    unsampled: Unsampled,
    /// Subjects without a level of their own, of a registry whose level nobody knows.
    unknown_levels: usize,
    /// Manifests of subjects that are called after their record alone and that no other schema refers to.
    of_records: Vec<PathBuf>,
    /// Schemas that were there already, and are a subject's now.
    there: BTreeSet<PathBuf>,
}

/// Writes the subjects that no manifest declares: as those of adopted topics where they are called after one, else with
/// manifests of their own.
pub fn adopt(import: &mut Import<'_>, skeleton: &Skeleton) -> Schemas {
    let Some(registry) = &import.found.registry else { return Schemas::default() };
    if skeleton.cluster.schema_registry.is_none() {
        if registry.subjects.is_empty() {
            return Schemas::default();
        }
        let count = counted(registry.subjects.len() as u64, "subject");
        let cluster = import.request.cluster;
        import.made.left.push(format!("{count}: cluster `{cluster}` has no `schema_registry` in its manifest"));
        return Schemas::default();
    }
    let declared = import.declared_subjects();
    let mut open: BTreeSet<&Subject> = registry.subjects.keys().filter(|name| !declared.contains(*name)).collect();
    let of_topics = by_topic(import, registry, &open, skeleton);
    let ours = of_topics.values().flat_map(|of| [of.key, of.value]).flatten();
    if !import.request.only.is_empty() {
        let wanted = with_references(registry, ours.clone());
        open.retain(|subject| wanted.contains(subject));
    }
    import.made.counts.subjects = open.len();
    for subject in ours {
        open.remove(&subject);
    }
    let unsampled = Unsampled::default();
    let (of_records, there) = (Vec::new(), BTreeSet::new());
    let mut writer = Writer { import, registry, skeleton, unsampled, unknown_levels: 0, of_records, there };
    // By convention a file that is called after a topic is its schema: nobody else may have that name.
    let declared_topics = writer.import.request.workspace.topics.keys();
    let names: Vec<&TopicName> = writer.import.found.topics.keys().chain(declared_topics).collect();
    let by_convention = |name: &TopicName| PathBuf::from(writer.folder_of(name)).join(name.as_str());
    let reserved: BTreeSet<PathBuf> = names.into_iter().map(by_convention).collect();
    let mut schemas = Schemas::default();
    let mut own = BTreeMap::new();
    let mut of_topics = of_topics;
    for topic in writer.called_like_others(&of_topics) {
        // A topic has no other way to be without a value's schema, and so its key's has a manifest of its own.
        own.extend(of_topics.remove(&topic).and_then(|of| Some((of.key?, topic.clone()))));
        schemas.of_topics.insert(topic.to_string(), writer.elsewhere());
    }
    for (topic, of) in of_topics {
        let text = writer.topic(&topic, &of, &reserved, &mut own);
        schemas.of_topics.insert(topic.to_string(), text);
    }
    let versions = registry.subjects.values().flat_map(|found| found.earlier.iter().chain([&found.latest]));
    let referred =
        versions.flat_map(|version| &version.schema.references).map(|reference| &reference.subject).collect();
    let open = open.into_iter().map(|subject| (subject, None));
    for (subject, topic) in open.chain(own.into_iter().map(|(subject, topic)| (subject, Some(topic)))) {
        writer.subject(subject, topic.as_ref(), &reserved, &referred);
    }
    writer.ask_for_level();
    writer.ask_for_topics();
    writer.import.made.left.extend(writer.unsampled.sentences());
    schemas
}

impl Writer<'_, '_, '_> {
    /// The folder of a topic's schemas.
    fn folder_of(&self, topic: &TopicName) -> String {
        match self.skeleton.workspace.domain_of(topic) {
            "" => "schemas".to_owned(),
            domain => format!("schemas/{domain}"),
        }
    }

    /// Topics without a schema of their values that a file of other clusters is called like, which is not theirs.
    fn called_like_others(&self, of_topics: &BTreeMap<TopicName, OfTopic<'_>>) -> Vec<TopicName> {
        let there = &self.import.request.workspace.schemas;
        let is_called = |topic: &TopicName| {
            let path = PathBuf::from(self.folder_of(topic)).join(topic.as_str());
            let mut extensions = SchemaFormat::EXTENSIONS.iter();
            extensions.any(|(extension, _)| there.get(Path::new(&format!("{}.{extension}", path.display()))).is_some())
        };
        let is_without = |topic: &TopicName| of_topics.get(topic).is_none_or(|of| of.value.is_none());
        // Those of applications have none by convention alone.
        let topics = self.import.topics.iter();
        let asked = topics.filter(|(topic, adoption)| adoption.is_ours() || of_topics.contains_key(*topic));
        let asked = asked.map(|(topic, _)| topic).filter(|_| self.import.is_shared());
        asked.filter(|topic| is_without(topic) && is_called(topic)).cloned().collect()
    }

    /// The key `schema` of a topic that has none on this cluster.
    fn elsewhere(&self) -> String {
        let request = &self.import.request;
        let others = request.workspace.clusters.keys().filter(|name| *name != request.cluster);
        let others: Vec<String> = others.map(|name| scalar(name.as_str())).collect();
        mapping("schema", &[("clusters".to_owned(), format!("[{}]", others.join(", ")))], 0)
    }

    /// Writes the schemas of a topic; answers what its manifest says of them. Subjects that have to have a manifest of their
    /// own, since a topic has one level and one list of references, are added to `own`, each with the topic.
    fn topic<'f>(
        &mut self,
        topic: &TopicName,
        of: &OfTopic<'f>,
        reserved: &BTreeSet<PathBuf>,
        own: &mut BTreeMap<&'f Subject, TopicName>,
    ) -> String {
        let registry = self.registry;
        let known = |subject: Option<&Subject>| subject.map(|subject| &registry.subjects[subject]);
        let (value, key) = (known(of.value), known(of.key));
        let is_one = match (value, key) {
            (Some(value), Some(key)) => {
                level_of(registry, value) == level_of(registry, key)
                    && sorted(&value.latest.schema.references) == sorted(&key.latest.schema.references)
            }
            _ => true,
        };
        let key = if is_one {
            key
        } else {
            own.extend(of.key.map(|key| (key, topic.clone())));
            None
        };
        let folder = self.folder_of(topic);
        let mut entries = Vec::new();
        if let Some(key) = key {
            let path = self.place(&folder, &format!("{topic}.key"), key, reserved);
            entries.push(("key".to_owned(), scalar(&name_of(&path))));
            self.files(&path, key);
        }
        if let Some(value) = value {
            let by_convention = format!("{topic}.{}", value.latest.schema.format.extension());
            let path = PathBuf::from(&folder).join(&by_convention);
            let is_ours = self.import.topics[topic].is_ours();
            if stem(topic.as_str()) == topic.as_str() && (self.takes(&path, value) || self.import.paths.take(&path)) {
                if !is_ours {
                    entries.push(("value".to_owned(), scalar(&by_convention)));
                }
                self.files(&path, value);
            } else {
                let path = self.place(&folder, topic.as_str(), value, reserved);
                entries.push(("value".to_owned(), scalar(&name_of(&path))));
                self.files(&path, value);
            }
        }
        let samples = PathBuf::from(&folder).join("fixtures").join(topic.as_str());
        let parts: Vec<_> = key.map(Sampled::Key).into_iter().chain(value.map(Sampled::Value)).collect();
        fixtures::write(self.import, registry, &samples, topic, &parts, &mut self.unsampled);
        if of.by_record {
            entries.push(("strategy".to_owned(), "topic_record".to_owned()));
        }
        let subject = value.or(key);
        let level = subject.and_then(|subject| self.level(subject, of.value.or(of.key)));
        entries.extend(level.map(|level| ("compatibility".to_owned(), level.to_string())));
        let references = subject.map(|subject| self.references(&subject.latest.schema)).unwrap_or_default();
        if references.is_empty() {
            return mapping("schema", &entries, 0);
        }
        let entries: String = entries.iter().map(|(key, value)| format!("  {key}: {value}\n")).collect();
        let references: String = list("references", &references).lines().map(|line| format!("  {line}\n")).collect();
        format!("schema:\n{entries}{references}")
    }

    /// Writes a subject with a manifest of its own. Samples of it are the keys of `topic`.
    fn subject(
        &mut self,
        subject: &Subject,
        topic: Option<&TopicName>,
        reserved: &BTreeSet<PathBuf>,
        referred: &BTreeSet<&Subject>,
    ) {
        let registry = self.registry;
        let found = &registry.subjects[subject];
        let folder = self.folder_for(subject);
        let path = self.place(&folder, subject.as_str(), found, reserved);
        self.files(&path, found);
        if let Some(topic) = topic {
            let samples = PathBuf::from(&folder).join("fixtures").join(path.file_stem().unwrap_or_default());
            let parts = [Sampled::KeyAlone(found)];
            fixtures::write(self.import, registry, &samples, topic, &parts, &mut self.unsampled);
        }
        let is_of_record =
            !referred.contains(subject) && full_name(registry, found).as_deref() == Some(without_context(subject));
        let schema = scalar(&name_of(&path));
        let mut text = match is_of_record {
            true => format!(
                "# question: which topics carry it? Write `schema: {{ value: {schema}, strategy: record }}` there in place of this file\n"
            ),
            false => String::new(),
        };
        let _ = write!(text, "subject: {}\nschema: {schema}\n", scalar(subject.as_str()));
        text += &self.import.clusters_line();
        if let Some(level) = self.level(found, Some(subject)) {
            let _ = writeln!(text, "compatibility: {level}");
        }
        text += &list("references", &self.references(&found.latest.schema));
        let file = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let manifest = self.import.paths.free(&folder, &file, "yaml");
        let text = with_modeline(self.import.request.workspace, ManifestKind::Subject, &manifest, text);
        if is_of_record {
            self.of_records.push(manifest.clone());
        }
        self.import.create(manifest, text);
    }

    /// The folder of a subject that is no adopted topic's: that of the domain that its name starts with, or names.
    fn folder_for(&self, subject: &Subject) -> String {
        let workspace = &self.skeleton.workspace;
        let name = without_context(subject);
        let of_topics: BTreeSet<&str> = self.import.topics.keys().map(|topic| workspace.domain_of(topic)).collect();
        let is_known = |domain: &&str| of_topics.contains(*domain) || workspace.catalog.domains.contains_key(*domain);
        let claimed = workspace.catalog.claim_of(name).map(|claim| claim.domain.as_str());
        let named = name.split(['.', '-', '_']).find(|part| is_known(part));
        let domain = claimed.or(named).filter(|domain| is_domain(domain) && !is_in_fixtures(Path::new(domain)));
        format!("schemas/{}", domain.unwrap_or("unsorted"))
    }

    /// Asks for the level of the registry where nobody knows it and subjects go by it.
    fn ask_for_level(&mut self) {
        if self.unknown_levels > 0 {
            let subjects = counted(self.unknown_levels as u64, "subject");
            let bus = self.skeleton.level;
            self.import.made.questions.push(format!(
                "which level has the registry? It counts for {subjects} without one of their own; the manifests say {bus}"
            ));
        }
    }

    /// Asks where the records are that subjects are called after: a registry does not tell.
    fn ask_for_topics(&mut self) {
        if let Some(first) = self.of_records.first() {
            let subjects = counted(self.of_records.len() as u64, "subject");
            let more = if self.of_records.len() > 1 { " and others" } else { "" };
            self.import.made.questions.push(format!(
                "which topics carry the records of {subjects} without a topic in the name? ({}{more})",
                first.display()
            ));
        }
    }

    /// The level that a manifest has to say; none where it is that of the bus.
    fn level(&mut self, found: &FoundSubject, subject: Option<&Subject>) -> Option<Compatibility> {
        let level = level_of(self.registry, found);
        if level.is_none() && found.latest.version == 0 {
            self.unknown_levels += 1;
            return None;
        }
        let Some(known) = level.and_then(Compatibility::from_registry) else {
            let said = level.map_or_else(|| "nobody says which".to_owned(), |level| format!("it says {level}"));
            let subject = subject.map(ToString::to_string).unwrap_or_default();
            let bus = self.skeleton.level;
            self.import.made.left.push(format!("the level of subject {subject}: {said}; a plan will set {bus}"));
            return None;
        };
        (known != self.skeleton.level).then_some(known)
    }

    /// References as manifests have them. The version is named where it is not the newest one.
    fn references(&self, schema: &NewSchema) -> Vec<String> {
        let one = |reference: &Reference| {
            let newest = self.registry.subjects.get(&reference.subject).map(|found| found.latest.version);
            let version = match newest == Some(reference.version) || reference.version == 0 {
                true => String::new(),
                false => format!(", version: {}", reference.version),
            };
            let (name, subject) = (scalar(&reference.name), scalar(reference.subject.as_str()));
            format!("{{ name: {name}, subject: {subject}{version} }}")
        };
        schema.references.iter().map(one).collect()
    }
}

/// A subject's name without the context that registries of several tenants put in front: `:.CONTEXT:NAME`.
fn without_context(subject: &Subject) -> &str {
    let behind = subject.as_str().strip_prefix(":.").and_then(|rest| rest.split_once(':'));
    behind.map_or(subject.as_str(), |(_, name)| name)
}

/// The level that counts for a subject, in the registry's words.
fn level_of<'f>(registry: &'f FoundRegistry, found: &'f FoundSubject) -> Option<&'f str> {
    found.level.as_deref().or(registry.level.as_deref())
}

fn sorted(references: &[Reference]) -> Vec<&Reference> {
    let mut sorted: Vec<&Reference> = references.iter().collect();
    sorted.sort();
    sorted
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
