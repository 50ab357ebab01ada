//! Which subjects of the registry belong to topics, and what they refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::import::skeleton::Skeleton;
use crate::import::{Found, FoundRegistry, FoundSubject, Import};
use crate::model::{Pattern, Subject, TopicName};
use crate::ports::registry::Reference;
use crate::resources::schema::is_in_fixtures;
use crate::schema::{ResolvedReference, parse, record_name};

/// The subjects of a topic.
#[derive(Debug, Default)]
pub struct OfTopic<'f> {
    /// That of its keys.
    pub key: Option<&'f Subject>,
    /// That of its values.
    pub value: Option<&'f Subject>,
    /// Whether the value's is called after topic and record.
    pub by_record: bool,
}

/// The subjects that are called after adopted topics.
pub fn by_topic<'r>(
    import: &Import<'r>,
    registry: &'r FoundRegistry,
    open: &BTreeSet<&'r Subject>,
    skeleton: &Skeleton,
) -> BTreeMap<TopicName, OfTopic<'r>> {
    let mut found: BTreeMap<TopicName, OfTopic<'r>> = BTreeMap::new();
    // The folder of samples has no schemas.
    let has_folder = |topic: &TopicName| {
        !is_in_fixtures(Path::new(skeleton.workspace.domain_of(topic)))
            && !skeleton.workspace.domain_of(topic).starts_with('.')
    };
    let topic_of = |name: &str| import.topics.get_key_value(name).map(|(topic, _)| topic).filter(|it| has_folder(it));
    for subject in open.iter().copied() {
        let name = subject.as_str();
        if let Some(topic) = name.strip_suffix("-value").and_then(topic_of) {
            found.entry(topic.clone()).or_default().value = Some(subject);
        } else if let Some(topic) = name.strip_suffix("-key").and_then(topic_of) {
            found.entry(topic.clone()).or_default().key = Some(subject);
        }
    }
    let mut by_record: BTreeMap<&TopicName, Vec<&Subject>> = BTreeMap::new();
    // What a schema refers to may be another one in the manifests of other clusters, now or once another cluster joins, by which
    // its record's name is not found.
    let is_alone = |subject: &Subject| {
        let references = &registry.subjects[subject].latest.schema.references;
        let is_there = |subject: &Subject| registry.subjects.contains_key(subject);
        references.is_empty() || !import.is_shared() && references.iter().all(|reference| is_there(&reference.subject))
    };
    for subject in open.iter().copied().filter(|subject| is_alone(subject)) {
        let name = subject.as_str();
        for (at, _) in name.match_indices('-') {
            let Some(topic) = topic_of(&name[..at]) else { continue };
            if full_name(registry, &registry.subjects[subject]).as_deref() == Some(&name[at + 1..]) {
                by_record.entry(topic).or_default().push(subject);
            }
        }
    }
    for (topic, subjects) in by_record {
        let of = found.entry(topic.clone()).or_default();
        // Of several records none is the topic's schema more than the others. The key of such a topic is named so too.
        if let ([subject], None) = (subjects.as_slice(), of.value) {
            *of = OfTopic { key: None, value: Some(subject), by_record: true };
        }
    }
    found.retain(|_, of| of.key.is_some() || of.value.is_some());
    found
}

/// The subjects that an import of these topics may adopt: those that are called after one, with what they refer to; all where
/// no topic is named.
pub fn concerned<'f>(found: &'f Found, only: &[Pattern]) -> BTreeSet<&'f Subject> {
    let Some(registry) = &found.registry else { return BTreeSet::new() };
    let topics: Vec<&TopicName> =
        found.topics.keys().filter(|topic| only.iter().any(|pattern| pattern.matches(topic.as_str()))).collect();
    let is_of = |subject: &Subject, topic: &TopicName| {
        subject.as_str().strip_prefix(topic.as_str()).is_some_and(|rest| rest.starts_with('-'))
    };
    let is_asked = |subject: &&Subject| only.is_empty() || topics.iter().any(|topic| is_of(subject, topic));
    with_references(registry, registry.subjects.keys().filter(is_asked))
}

/// Subjects with everything that they refer to.
pub fn with_references<'r>(
    registry: &'r FoundRegistry,
    subjects: impl Iterator<Item = &'r Subject>,
) -> BTreeSet<&'r Subject> {
    let mut all = BTreeSet::new();
    let mut open: Vec<&Subject> = subjects.collect();
    while let Some(subject) = open.pop() {
        let Some((subject, found)) = registry.subjects.get_key_value(subject) else { continue };
        if all.insert(subject) {
            let versions = found.earlier.iter().chain([&found.latest]);
            open.extend(versions.flat_map(|version| &version.schema.references).map(|reference| &reference.subject));
        }
    }
    all
}

/// The full name of a subject's record, where its schema can be read.
pub fn full_name(registry: &FoundRegistry, subject: &FoundSubject) -> Option<String> {
    let mut texts = Vec::new();
    collect(registry, &subject.latest.schema.references, &mut BTreeSet::new(), &mut texts);
    let parsed = parse(subject.latest.schema.format, &subject.latest.schema.text, &texts).ok()?;
    record_name(&parsed)
}

/// The texts of references in the versions that these name, each behind those that it refers to itself.
pub fn collect<'r>(
    registry: &'r FoundRegistry,
    references: &'r [Reference],
    seen: &mut BTreeSet<&'r str>,
    texts: &mut Vec<ResolvedReference<'r>>,
) {
    for reference in references {
        let Some(subject) = registry.subjects.get(&reference.subject) else { continue };
        if seen.insert(&reference.name) {
            let earlier = subject.earlier.iter().find(|version| version.version == reference.version);
            let schema = &earlier.unwrap_or(&subject.latest).schema;
            collect(registry, &schema.references, seen, texts);
            texts.push(ResolvedReference { name: &reference.name, text: &schema.text });
        }
    }
}
