use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Name, TopicName};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::acl::GrantSpec;
use crate::resources::catalog::RoleSpec;
use crate::resources::topic::{State, TopicSpec};
use crate::resources::{Workspace, consent};
use crate::source::{Span, Spanned};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const INDEXER: (&str, crate::policy::Content) =
    ("catalog/indexer.yaml", Text("services:\n  metadata-indexer: { owner: media-platform }\n"));

/// BUS201.
pub static TOPIC_CONSENT: Rule = Rule {
    code: "BUS201",
    name: "consent-of-topic",
    summary: "The owner of a topic names every service that asks for it",
    explanation: "A grant exists only where both sides want it: the service asks in `acls/`, the topic's owner names the \
service under `producers` or `consumers`. What only the service asks for is not granted; the service would be refused by \
the broker. Roles are exempt: what an operator of the bus may do is stated in `catalog/`.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        INDEXER,
        ("acls/metadata-indexer.yaml", Text("service: metadata-indexer\nconsumes: [media.raw_ingest.v1]\n")),
    ]),
    good: Example(&[
        INDEXER,
        ("acls/metadata-indexer.yaml", Text("service: metadata-indexer\nconsumes: [media.raw_ingest.v1]\n")),
        (TOPIC, Text("consumers: [normalizer, metadata-indexer]\n")),
    ]),
    check: Check::Workspace(check_topics),
};

/// BUS202.
pub static SERVICE_CONSENT: Rule = Rule {
    code: "BUS202",
    name: "consent-of-service",
    summary: "Every service that a topic names asks for it",
    explanation: "A grant exists only where both sides want it: the topic's owner names the service, the service asks in \
`acls/`. Where the service does not ask, the name in the topic is left over or the service's manifest was deleted. A service \
that leaves does so by `state: absent` in its manifest, so that its grants are taken away; deleting the file alone would \
leave them in the cluster. A role that a topic names must have the topic among what it reads or writes.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[INDEXER, (TOPIC, Text("consumers: [normalizer, metadata-indexer]\n"))]),
    good: Example(&[
        INDEXER,
        (TOPIC, Text("consumers: [normalizer, metadata-indexer]\n")),
        ("acls/metadata-indexer.yaml", Text("service: metadata-indexer\nconsumes: [media.raw_ingest.v1]\n")),
    ]),
    check: Check::Workspace(check_services),
};

/// BUS209.
pub static NO_COMMON_CLUSTER: Rule = Rule {
    code: "BUS209",
    name: "no-common-cluster",
    summary: "A service and a topic that it uses are for a cluster in common",
    explanation: "`clusters:` of the service and of the topic select where each is. Where no cluster is selected by both, \
both sides agree on a grant that exists nowhere.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (
            "clusters/dev.yaml",
            Text(
                "cluster: dev\nkafka: { deployment: local, nodes: [{ id: 1 }] }\ndefaults: { replication_factor: 1, min_insync_replicas: 1 }\n",
            ),
        ),
        (TOPIC, Text("clusters: [production]\n")),
        ("acls/normalizer.yaml", Text("clusters: [dev]\n")),
    ]),
    good: Example(&[
        (
            "clusters/dev.yaml",
            Text(
                "cluster: dev\nkafka: { deployment: local, nodes: [{ id: 1 }] }\ndefaults: { replication_factor: 1, min_insync_replicas: 1 }\n",
            ),
        ),
        (TOPIC, Text("clusters: [production]\n")),
        ("acls/normalizer.yaml", Text("clusters: [dev, production]\n")),
    ]),
    check: Check::Workspace(check_clusters),
};

/// The two ways to use a topic.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Write,
    Read,
}

impl Use {
    fn verb(self) -> &'static str {
        match self {
            Use::Write => "write",
            Use::Read => "read",
        }
    }

    fn key_of_topic(self) -> &'static str {
        match self {
            Use::Write => "producers",
            Use::Read => "consumers",
        }
    }

    fn key_of_service(self) -> &'static str {
        match self {
            Use::Write => "produces",
            Use::Read => "consumes",
        }
    }

    fn is_named_by(self, topic: &TopicSpec, service: &str) -> bool {
        match self {
            Use::Write => topic.names_producer(service),
            Use::Read => topic.names_consumer(service),
        }
    }

    fn is_asked_for(self, grant: &GrantSpec, topic: &TopicName) -> bool {
        match self {
            Use::Write => grant.produces.iter().any(|produces| produces.topic.value == *topic),
            Use::Read => grant.consumes.iter().any(|consumes| consumes.topic.value == *topic),
        }
    }

    fn is_in_role(self, workspace: &Workspace, role: &RoleSpec, topic: &TopicSpec) -> bool {
        let tending = workspace.tending(role, topic);
        let (patterns, tends) = match self {
            Use::Write => (&role.writes, tending.writes),
            Use::Read => (&role.reads, tending.reads),
        };
        tends || patterns.iter().any(|pattern| pattern.matches(topic.topic.as_str()))
    }
}

/// What a service asks for itself, with the way in which it would use each topic.
fn asked(grant: &GrantSpec) -> impl Iterator<Item = (Use, &Spanned<TopicName>)> {
    let produces =
        grant.produces.iter().filter(|entry| !entry.is_derived).map(|produces| (Use::Write, &produces.topic));
    produces.chain(grant.consumes.iter().filter(|entry| !entry.is_derived).map(|consumes| (Use::Read, &consumes.topic)))
}

/// Whom a topic names, with the way in which each may use it.
fn named(topic: &TopicSpec) -> impl Iterator<Item = (Use, &Spanned<Name>)> {
    let producers = topic.producers.iter().map(|producer| (Use::Write, &producer.service));
    producers.chain(topic.consumers.iter().map(|consumer| (Use::Read, &consumer.service)))
}

fn stays(grant: &GrantSpec) -> bool {
    grant.state.is_none_or(|state| state.value == State::Present)
}

fn grant_address(service: &str, topic: &TopicName) -> Address {
    Address::grant(service, format_args!("topic/{topic}"))
}

fn check_topics(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (service, grant) in workspace.grants.iter().filter(|(_, grant)| stays(grant)) {
        for (usage, name) in asked(grant) {
            // One that is not declared is a reference to nothing.
            let Some(topic) = workspace.topics.get(&name.value) else { continue };
            let verb = usage.verb();
            let mut fix = None;
            let (message, label, help) = if !topic.is_present() {
                let message = format!("`{service}` asks to {verb} `{}`, which is to be deleted", name.value);
                (message, "the topic is absent", format!("remove it from `{}` of `{service}`", usage.key_of_service()))
            } else if usage.is_named_by(topic, service) || workspace.is_lost(topic.topic.span, usage.key_of_topic()) {
                continue;
            } else if named(topic).any(|(other, name)| other == usage && workspace.is_slip_for(name.as_str(), service))
            {
                // The name in the topic is a reference to nothing, and mending it mends this.
                continue;
            } else {
                let message = format!("`{service}` asks to {verb} `{}`, whose owner does not name it", name.value);
                let (key, path) = (usage.key_of_topic(), path(workspace, topic.topic.span));
                let help = format!("have the owner of the topic add `{service}` to `{key}` in {path}");
                fix = consent::add_to_topic(workspace, topic, key, service);
                (message, "the topic does not name it", help)
            };
            findings.push(
                TOPIC_CONSENT
                    .finding(message)
                    .at(name.span, "asked for here")
                    .at(topic.topic.span, label)
                    .help(help)
                    .resource(grant_address(service, &name.value))
                    .fix(fix),
            );
        }
    }
}

fn check_services(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in workspace.written_topics().filter(|topic| topic.is_present()) {
        for (usage, name) in named(topic) {
            findings.extend(check_named(workspace, topic, usage, name));
        }
    }
}

fn check_named(workspace: &Workspace, topic: &TopicSpec, usage: Use, name: &Spanned<Name>) -> Option<Diagnostic> {
    let service = name.as_str();
    let topic_name = &topic.topic.value;
    let (verb, key) = (usage.verb(), usage.key_of_service());
    let finding = |message: String| {
        let finding = SERVICE_CONSENT.finding(message).at(name.span, "named here");
        finding.resource(grant_address(service, topic_name))
    };
    let remove = format!("take `{service}` out of `{}` in {}", usage.key_of_topic(), path(workspace, topic.topic.span));
    if let Some(grant) = workspace.grants.get(service) {
        if !stays(grant) {
            let message = format!("`{topic_name}` lets `{service}` {verb} it, which leaves the bus");
            return Some(finding(message).at(grant.service.span, "the service is absent").help(remove));
        }
        if usage.is_asked_for(grant, topic_name) || workspace.is_lost(grant.service.span, key) {
            return None;
        }
        let message = format!("`{topic_name}` lets `{service}` {verb} it, which does not ask for it");
        let label = format!("not among what it {key}");
        let manifest = path(workspace, grant.service.span);
        let help = format!("add `{topic_name}` to `{key}` in {manifest}, or {remove}");
        let fix = consent::add_to_service(workspace, grant, key, topic_name.as_str());
        return Some(finding(message).at(grant.service.span, label).help(help).fix(fix));
    }
    if let Some(role) = workspace.catalog.roles.get(service) {
        if usage.is_in_role(workspace, role, topic) {
            return None;
        }
        let message = format!("`{topic_name}` lets the role `{service}` {verb} it, which the role does not do");
        let manifest = path(workspace, role.span);
        let help = format!("add `{topic_name}` to `{verb}s` of the role in {manifest}, or {remove}");
        return Some(finding(message).at(role.span, format!("not among what it {verb}s")).help(help));
    }
    // A service that nothing declares is a reference to nothing; here its manifest alone is missing.
    let declared = workspace.catalog.services.get(service)?;
    let broken = workspace.unread.contains("grants") || workspace.broken.contains(&("service", service.to_owned()));
    let message = format!("`{topic_name}` lets `{service}` {verb} it, and the service has no manifest in acls/");
    let help = format!("write acls/{service}.yaml: `service: {service}`, `{key}: [{topic_name}]`; or {remove}");
    let fix = || consent::create_service(workspace, service, key, topic_name.as_str());
    (!broken).then(|| finding(message).at(declared.span, "declared here").help(help).fix(fix()))
}

/// The manifest that holds a place, as people see it.
fn path(workspace: &Workspace, span: Span) -> std::path::Display<'_> {
    workspace.sources.file(span.file).path.display()
}

fn check_clusters(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (service, grant) in workspace.grants.iter().filter(|(_, grant)| stays(grant)) {
        for (usage, name) in asked(grant) {
            let Some(topic) = workspace.topics.get(&name.value).filter(|topic| topic.is_present()) else { continue };
            if (grant.clusters.is_empty() && topic.clusters.is_empty()) || !usage.is_named_by(topic, service) {
                continue;
            }
            let selected = |selectors: &[Spanned<_>]| {
                workspace.clusters.values().filter(|cluster| workspace.selects(selectors, cluster)).count()
            };
            let both = workspace.clusters.values().any(|cluster| {
                workspace.selects(&grant.clusters, cluster) && workspace.selects(&topic.clusters, cluster)
            });
            // A selector that no cluster answers to is a finding of its own.
            if !both && selected(&grant.clusters) > 0 && selected(&topic.clusters) > 0 {
                findings.push(
                    NO_COMMON_CLUSTER
                        .finding(format!("`{service}` is never on the same cluster as `{}`", name.value))
                        .at(name.span, "asked for here")
                        .at(topic.topic.span, "the topic is elsewhere")
                        .help("give both a cluster in common under `clusters`, or remove the grant from both")
                        .resource(grant_address(service, &name.value)),
                );
            }
        }
    }
}
