use std::collections::BTreeMap;
use std::sync::Arc;

use super::{SchemaFile, SubjectSpec, resolve_category, resolve_level};
use crate::diag::Diagnostic;
use crate::model::{Address, Subject, TopicName};
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::{ManagedBy, ReferenceSpec, State, SubjectStrategy, TopicSpec};
use crate::resources::{Layer, Origin, Resolved, Workspace};
use crate::schema::{Category, Compatibility, ReferenceVersion, SchemaFormat, parse, record_name};
use crate::source::{Decoder, FileId, Span, Spanned};

/// A subject as it should be.
#[derive(Debug, Clone)]
pub struct DesiredSubject {
    /// The topic whose key or value it is for.
    pub topic: Option<TopicName>,
    /// Where a manifest asks for it.
    pub span: Span,
    /// The schema's file.
    pub file: FileId,
    /// Its format.
    pub format: SchemaFormat,
    /// Its text.
    pub text: Arc<str>,
    /// The level that the subject should have.
    pub compatibility: Resolved<Compatibility>,
    /// How far the second opinion on its changes goes; `None` where nobody is asked.
    pub opinion: Resolved<Option<Category>>,
    /// What it refers to.
    pub references: Vec<ReferenceSpec>,
}

impl DesiredSubject {
    /// Whether it is the same as another one, wherever each is written. Texts that differ in white space alone do.
    pub fn means(&self, other: &Self) -> bool {
        let reference = |reference: &'_ ReferenceSpec| {
            let version = reference.version.map(|version| version.value);
            (reference.name.value.clone(), reference.subject.value.clone(), version)
        };
        self.format == other.format
            && self.text == other.text
            && self.compatibility.value == other.compatibility.value
            && self.references.iter().map(reference).eq(other.references.iter().map(reference))
    }
}

/// The subjects of a cluster's registry that its topics and the subject manifests ask for.
pub fn resolve_subjects(
    workspace: &Workspace,
    cluster: &ClusterSpec,
    decoder: &mut Decoder,
) -> BTreeMap<Subject, DesiredSubject> {
    if cluster.schema_registry.is_none() {
        return BTreeMap::new();
    }
    wanted_subjects(workspace, cluster, decoder)
}

/// The subjects that the topics of a cluster and the subject manifests ask for, whether or not it has a registry.
pub(super) fn wanted_subjects(
    workspace: &Workspace,
    cluster: &ClusterSpec,
    decoder: &mut Decoder,
) -> BTreeMap<Subject, DesiredSubject> {
    let mut subjects = BTreeMap::new();
    for spec in workspace.subjects.values() {
        if spec.is_present() && workspace.selects(&spec.clusters, cluster) {
            let resolved = from_manifest(workspace, spec);
            subjects.extend(resolved.map(|resolved| (spec.subject.value.clone(), resolved)));
        }
    }
    for topic in workspace.topics_of(cluster) {
        let wanted = topic.state.is_none_or(|state| state.value == State::Present);
        let ours = topic.managed_by.is_none_or(|manager| manager.value == ManagedBy::Busctl) || topic.schema.is_some();
        let here = topic.schema.as_ref().is_none_or(|schema| workspace.selects(&schema.clusters, cluster));
        if wanted && ours && here {
            add_topic(workspace, topic, &mut subjects, decoder);
        }
    }
    subjects
}

/// The subjects that are to be deleted from a cluster's registry.
pub fn resolve_removed(
    workspace: &Workspace,
    cluster: &ClusterSpec,
    wanted: &BTreeMap<Subject, DesiredSubject>,
    decoder: &mut Decoder,
) -> BTreeMap<Subject, Span> {
    let mut removed = BTreeMap::new();
    if cluster.schema_registry.is_none() {
        return removed;
    }
    for spec in workspace.subjects.values().filter(|spec| workspace.selects(&spec.clusters, cluster)) {
        let Some(state) = spec.state.filter(|state| state.value == State::Absent) else { continue };
        match wanted.get(&spec.subject.value) {
            // A topic still writes with it: what is asked for twice and differently is not done.
            Some(wanted) => decoder.report(
                Diagnostic::new(
                    "BUS008",
                    format!("subject `{}` is absent here and a topic's there", spec.subject.value),
                )
                .at(state.span, "to be deleted by this")
                .at(wanted.span, "wanted by this")
                .help("take the tombstone away, or the topic")
                .resource(Address::schema(&spec.subject.value)),
            ),
            None => drop(removed.insert(spec.subject.value.clone(), state.span)),
        }
    }
    removed
}

impl SubjectSpec {
    /// The path of its schema, from the workspace's root: beside the manifest. A tombstone needs none.
    pub fn schema_path(&self, workspace: &Workspace) -> Option<std::path::PathBuf> {
        let manifest = &workspace.sources.file(self.subject.span.file).path;
        Some(manifest.parent().unwrap_or(manifest).join(&self.schema.as_ref()?.value))
    }

    /// Whether it is wanted: no tombstone.
    pub fn is_present(&self) -> bool {
        self.state.is_none_or(|state| state.value == State::Present)
    }
}

fn from_manifest(workspace: &Workspace, spec: &SubjectSpec) -> Option<DesiredSubject> {
    let file = workspace.schemas.get(&spec.schema_path(workspace)?)?;
    Some(DesiredSubject {
        topic: None,
        span: spec.subject.span,
        file: file.file,
        format: file.format,
        text: workspace.sources.file(file.file).text.clone(),
        compatibility: resolve_level(workspace, spec.compatibility),
        opinion: resolve_category(workspace, spec.compatibility),
        references: spec.references.clone(),
    })
}

fn add_topic(
    workspace: &Workspace,
    topic: &TopicSpec,
    subjects: &mut BTreeMap<Subject, DesiredSubject>,
    decoder: &mut Decoder,
) {
    for schema in workspace.schemas_of(topic) {
        let Some(file) = schema.file else { continue };
        let spec = topic.schema.as_ref();
        let Some(subject) = subject_of(workspace, topic, schema.part.as_str(), file, schema.span, decoder) else {
            continue;
        };
        let desired = DesiredSubject {
            topic: Some(topic.topic.value.clone()),
            span: schema.span,
            file: file.file,
            format: file.format,
            text: workspace.sources.file(file.file).text.clone(),
            compatibility: resolve_level(workspace, spec.and_then(|spec| spec.compatibility)),
            opinion: resolve_category(workspace, spec.and_then(|spec| spec.compatibility)),
            references: spec.map(|spec| spec.references.clone()).unwrap_or_default(),
        };
        match subjects.get(&subject) {
            Some(known) if known.text != desired.text || known.references != desired.references => {
                decoder.report(
                    Diagnostic::new("BUS008", format!("subject `{subject}` is declared twice with different schemas"))
                        .at(desired.span, "again here")
                        .at(known.span, "first declared here")
                        .help("give the schemas different full names, or use one file for both")
                        .resource(Address::schema(&subject)),
                );
            }
            Some(known) if known.compatibility.value != desired.compatibility.value => {
                decoder.report(different_levels(&subject, known, &desired));
            }
            Some(_) => {}
            None => {
                subjects.insert(subject, desired);
            }
        }
    }
}

/// A subject has one level, and two manifests that declare it ask for two.
fn different_levels(subject: &Subject, known: &DesiredSubject, again: &DesiredSubject) -> Diagnostic {
    let level = |desired: &DesiredSubject| desired.compatibility.value.as_str();
    let place = |desired: &DesiredSubject| match desired.compatibility.origin {
        // What the bus says is no topic's own.
        Origin::Written { span, layer: Layer::Topic } => span,
        _ => desired.span,
    };
    let message =
        format!("subject `{subject}` is declared twice with different levels: {} and {}", level(known), level(again));
    Diagnostic::new("BUS008", message)
        .at(place(again), format!("{} here", level(again)))
        .at(place(known), format!("{} here", level(known)))
        .help("write the same `compatibility` to both")
        .resource(Address::schema(subject))
}

/// The subject under which the serializers of a topic look for the schema.
pub(crate) fn subject_of(
    workspace: &Workspace,
    topic: &TopicSpec,
    part: &str,
    file: SchemaFile,
    span: Span,
    decoder: &mut Decoder,
) -> Option<Subject> {
    let strategy = topic.schema.as_ref().and_then(|schema| schema.strategy);
    let strategy = strategy.map_or(SubjectStrategy::Topic, |strategy| strategy.value);
    let name = match strategy {
        SubjectStrategy::Topic => format!("{}-{part}", topic.topic.value),
        SubjectStrategy::Record | SubjectStrategy::TopicRecord => {
            let text = &workspace.sources.file(file.file).text;
            let references = topic.schema.as_ref().map_or(&[][..], |schema| schema.references.as_slice());
            let parsed = parse(file.format, text, &workspace.resolve_references(references)).ok();
            let Some(record) = parsed.as_ref().and_then(record_name) else {
                decoder.report(
                    Diagnostic::new(
                        "BUS302",
                        format!("the schema has no full name, and `strategy: {strategy}` needs one"),
                    )
                    .at(span, "")
                    .help("name the record (Avro name and namespace, JSON Schema title, Protobuf message)")
                    .resource(Address::topic(&topic.topic.value)),
                );
                return None;
            };
            match strategy {
                SubjectStrategy::TopicRecord => format!("{}-{record}", topic.topic.value),
                _ => record,
            }
        }
    };
    name.parse().ok()
}

/// A version that a reference means, in words.
pub fn version_text(version: Option<Spanned<ReferenceVersion>>) -> String {
    match version.map(|version| version.value) {
        Some(ReferenceVersion::Number(number)) => number.to_string(),
        _ => "latest".to_owned(),
    }
}
