use std::collections::BTreeSet;
use std::fmt::Display;

use crate::diag::{Diagnostic, Fix, Level, Safety};
use crate::model::{Address, Label};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::broker_config;
use crate::resources::catalog::RoleSpec;
use crate::resources::cluster::{ClusterSpec, KafkaSpec};
use crate::resources::topic::TopicSpec;
use crate::schema::SchemaFormat;
use crate::source::{Span, Spanned, closest};

/// BUS009.
pub static REFERENCE: Rule = Rule {
    code: "BUS009",
    name: "reference-to-nothing",
    summary: "Whatever a manifest names is declared",
    explanation: "Domains, services, teams and roles are declared in `catalog/`, classes in `busctl.yaml`, topics in \
`topics/`, registries and clusters in `clusters/`, schemas are files in `schemas/DOMAIN/`. A name that nothing declares is \
a slip, or its manifest was removed while others still need it. Something that is declared in a manifest with errors of \
its own counts as declared.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[("topics/media/media.raw_ingest.v1.yaml", Text("owner: media-platfrom\n"))]),
    good: Example(&[("topics/media/media.raw_ingest.v1.yaml", Text("owner: media-platform\n"))]),
    check: Check::Workspace(check),
};

/// Suggestions that are looked for; each one looks at every name that is declared.
const MOST_SUGGESTIONS: usize = 100;

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let mut references = References { workspace, findings, suggestions: MOST_SUGGESTIONS, resource: None };
    references.settings();
    references.catalog();
    workspace.clusters.values().for_each(|cluster| references.cluster(cluster));
    workspace.topics.values().for_each(|topic| references.topic(topic));
    references.grants();
    references.subjects();
}

struct References<'a> {
    workspace: &'a Workspace,
    findings: &'a mut Vec<Diagnostic>,
    suggestions: usize,
    /// The address of what is being looked at.
    resource: Option<String>,
}

impl<'a> References<'a> {
    fn settings(&mut self) {
        for waiver in &self.workspace.settings.waivers {
            waiver.owner.iter().for_each(|owner| self.name(&["team"], owner));
        }
        for levels in self.workspace.settings.rules.values() {
            levels.clusters.keys().for_each(|key| self.environment(key));
        }
        for rule in self.workspace.settings.policy.values() {
            self.selectors(&rule.clusters);
        }
    }

    fn catalog(&mut self) {
        let workspace = self.workspace;
        for domain in workspace.catalog.domains.values() {
            self.name(&["team"], &domain.owner);
        }
        for (name, service) in &workspace.catalog.services {
            self.resource = Some(format!("service/{name}"));
            self.name(&["team"], &service.owner);
            service.domain.iter().for_each(|domain| self.name(&["domain"], domain));
        }
        for (name, role) in &workspace.catalog.roles {
            self.resource = Some(format!("role/{name}"));
            let RoleSpec { owner, principals, clusters, .. } = &role.value;
            self.name(&["team"], owner);
            self.selectors(clusters);
            principals.keys().for_each(|key| self.environment(key));
        }
    }

    fn cluster(&mut self, cluster: &ClusterSpec) {
        self.resource = Some(format!("cluster/{}", cluster.cluster.value));
        cluster.schema_registry.iter().for_each(|registry| self.name(&["registry"], registry));
        cluster.kafka.iter().for_each(|kafka| self.listeners(kafka));
    }

    fn listeners(&mut self, kafka: &KafkaSpec) {
        let known = || kafka.listeners.keys().map(|name| &*name.value);
        for (key, value) in &kafka.config {
            let names_listeners = matches!(&*key.value, "inter.broker.listener.name" | "controller.listener.names");
            let Some(names) =
                broker_config::text(key, value).filter(|_| names_listeners && !kafka.listeners.is_empty())
            else {
                continue;
            };
            for name in names.split(',').map(str::trim).filter(|name| !known().any(|known| known == *name)) {
                let help =
                    format!("declare it under `listeners`, or name one of: {}", known().collect::<Vec<_>>().join(", "));
                self.report(value.span, format!("the listener `{name}` is not declared"), closest(name, known()), help);
            }
        }
    }

    fn topic(&mut self, topic: &TopicSpec) {
        let settings = &self.workspace.settings;
        self.resource = Some(Address::topic(&topic.topic.value).to_string());
        if self.workspace.is_derived(&topic.topic) {
            // All else is as its topic has it.
            topic.class.iter().for_each(|class| self.name(&["class"], class));
            return;
        }
        let pattern = if topic.is_dead_letter() { &settings.dlq_pattern } else { &settings.topic_pattern };
        let by_domain = settings.topic_pattern.to_string().contains("<domain>");
        if self.workspace.knows_settings()
            && by_domain
            && !topic.is_internal()
            && pattern.parts(topic.topic.as_str()).is_some()
        {
            let domain = self.workspace.domain_of(&topic.topic);
            self.name(&["domain"], &Spanned::new(domain, topic.topic.span));
        }
        topic.owner.iter().for_each(|owner| self.name(&["team"], owner));
        topic.deprecated_by.iter().for_each(|successor| self.name(&["topic"], successor));
        topic.class.iter().for_each(|class| self.name(&["class"], class));
        topic.producers.iter().for_each(|producer| self.name(&["service", "role"], &producer.service));
        topic.consumers.iter().for_each(|consumer| self.name(&["service", "role"], &consumer.service));
        self.selectors(&topic.clusters);
        topic.schema.iter().for_each(|schema| self.selectors(&schema.clusters));
        topic.overrides.keys().for_each(|key| self.environment(key));
        for schema in self.workspace.schemas_of(topic).iter().filter(|schema| schema.file.is_none()) {
            self.schema_file(&schema.path, schema.span);
        }
    }

    fn grants(&mut self) {
        for (service, spec) in &self.workspace.grants {
            self.resource = Some(format!("service/{service}"));
            self.name(&["service"], &spec.service);
            self.selectors(&spec.clusters);
            spec.principals.keys().for_each(|key| self.environment(key));
            spec.scram.iter().flat_map(|scram| scram.overrides.keys()).for_each(|key| self.environment(key));
            spec.consumes
                .iter()
                .filter(|entry| !entry.is_derived)
                .for_each(|consumes| self.name(&["topic"], &consumes.topic));
            spec.produces
                .iter()
                .filter(|entry| !entry.is_derived)
                .for_each(|produces| self.name(&["topic"], &produces.topic));
        }
    }

    fn subjects(&mut self) {
        for (subject, spec) in &self.workspace.subjects {
            self.resource = Some(Address::schema(subject).to_string());
            spec.owner.iter().for_each(|owner| self.name(&["team"], owner));
            self.selectors(&spec.clusters);
            let path = spec.schema_path(self.workspace).filter(|path| self.workspace.schemas.get(path).is_none());
            if let (Some(path), Some(written)) = (path, &spec.schema) {
                self.schema_file(&path, written.span);
            }
        }
    }

    /// A name of one of several kinds.
    fn name(&mut self, kinds: &[&'static str], name: &Spanned<impl Display>) {
        let text = name.value.to_string();
        if kinds.iter().any(|kind| self.workspace.declares(kind, &text)) {
            return;
        }
        let searched = if self.suggestions > 0 { kinds } else { &[] };
        let near = closest(&text, searched.iter().flat_map(|kind| declared(self.workspace, kind)));
        let (kind, help) = match kinds {
            ["domain"] => ("domain", format!("declare it in catalog/: domains: {{ {text}: {{ owner: TEAM }} }}")),
            ["team"] => {
                ("team", format!("declare it in catalog/: teams: {{ {text}: {{ contacts: {{ email: … }} }} }}"))
            }
            ["topic"] => ("topic", format!("declare it in topics/: topic: {text}")),
            ["class"] => {
                ("class", format!("declare it in busctl.yaml: classes: {{ {text}: {{ cleanup: [delete] }} }}"))
            }
            ["registry"] => ("registry", format!("declare it in clusters/: registry: {text}")),
            ["service"] => ("service", format!("declare it in catalog/: services: {{ {text}: {{ owner: TEAM }} }}")),
            _ => ("service or role", format!("declare it in catalog/: services: {{ {text}: {{ owner: TEAM }} }}")),
        };
        self.report(name.span, format!("the {kind} `{text}` is not declared"), near, help);
    }

    fn selectors(&mut self, selectors: &[Spanned<Label>]) {
        for selector in selectors {
            let selects = |cluster: &ClusterSpec| cluster.answers_to(selector.as_str());
            if !self.workspace.clusters.values().any(selects) && self.knows_every_cluster() {
                let words = cluster_words(self.workspace, true);
                let help = format!("clusters, environments and labels: {}", list(&words));
                let message = format!("no cluster answers to `{}`", selector.value);
                self.report(selector.span, message, closest(selector.as_str(), words.iter().copied()), help);
            }
        }
    }

    /// A key of `overrides` or `principals`: an environment or the name of a cluster.
    fn environment(&mut self, key: &Spanned<Box<str>>) {
        let words = cluster_words(self.workspace, false);
        if !words.contains(&*key.value) && self.knows_every_cluster() {
            let help = format!("environments and clusters: {}", list(&words));
            let message = format!("`{}` is neither an environment nor a cluster", key.value);
            self.report(key.span, message, closest(key, words.iter().copied()), help);
        }
    }

    /// A cluster that could not be decoded has an environment and labels that are not known.
    fn knows_every_cluster(&self) -> bool {
        !self.workspace.unread.contains("cluster") && !self.workspace.broken.iter().any(|(kind, _)| *kind == "cluster")
    }

    fn schema_file(&mut self, path: &std::path::Path, span: Span) {
        let shown = path.to_string_lossy();
        if self.workspace.sources.find(path).is_some() {
            // The file is there and could not be read, which the loader has said.
            return;
        }
        let folder = path.parent().unwrap_or(path);
        let known = self.workspace.schemas.iter().map(|(path, _)| path).filter(|path| path.parent() == Some(folder));
        let names: Vec<&str> = known.filter_map(|path| path.file_name()?.to_str()).collect();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let help = if shown.contains("..") {
            "a topic's schemas are in the folder of its domain; what several domains share is a subject of its own, which \
             `schema.references` names"
                .to_owned()
        } else if SchemaFormat::of_path(&shown).is_none() {
            "a schema's file ends in .avsc (Avro), .json (JSON Schema) or .proto (Protobuf)".to_owned()
        } else {
            format!("write the schema to {shown}")
        };
        self.report(span, format!("there is no schema file {shown}"), closest(name, names.into_iter()), help);
    }

    /// Whether at a place stands the name that a message is about, and nothing else: a domain is a part of a topic's name, and
    /// a listener one of a list.
    fn is_name(&self, span: Span, message: &str) -> bool {
        let text = self.workspace.sources.file(span.file).text.get(span.start as usize..span.end as usize);
        let text = text.map(|text| text.trim_matches(['"', '\'']));
        text.is_some_and(|text| !text.is_empty() && message.split(['`', ' ', '/']).any(|part| part == text))
    }

    fn report(&mut self, span: Span, message: String, near: Option<&str>, help: String) {
        self.suggestions = self.suggestions.saturating_sub(1);
        let help = near.map_or(help, |near| format!("did you mean `{near}`?"));
        let fix = near
            .filter(|_| self.is_name(span, &message))
            .map(|near| Fix::new(Safety::Guess, format!("write `{near}`")).replace(span, near));
        let mut finding = REFERENCE.finding(message).at(span, "").help(help).fix(fix);
        finding.resource = self.resource.clone();
        self.findings.push(finding);
    }
}

/// Every name of a kind that is declared.
fn declared<'w>(workspace: &'w Workspace, kind: &str) -> Vec<&'w str> {
    match kind {
        "domain" => workspace.catalog.domains.keys().map(String::as_str).collect(),
        "service" => workspace.catalog.services.keys().map(String::as_str).collect(),
        "team" => workspace.catalog.teams.keys().map(String::as_str).collect(),
        "role" => workspace.catalog.roles.keys().map(String::as_str).collect(),
        "class" => workspace.settings.classes.keys().map(String::as_str).collect(),
        "topic" => workspace.topics.keys().map(|topic| topic.as_str()).collect(),
        "registry" => workspace.registries.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The words that stand for clusters.
fn cluster_words(workspace: &Workspace, with_labels: bool) -> BTreeSet<&str> {
    let mut words = BTreeSet::new();
    for cluster in workspace.clusters.values() {
        words.insert(cluster.cluster.as_str());
        words.extend(cluster.environment.as_ref().map(|environment| environment.as_str()));
        words.extend(cluster.labels.iter().filter(|_| with_labels).map(|label| label.as_str()));
    }
    words
}

fn list(words: &BTreeSet<&str>) -> String {
    if words.is_empty() { "none is declared".to_owned() } else { words.iter().copied().collect::<Vec<_>>().join(", ") }
}
