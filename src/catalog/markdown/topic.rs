use std::collections::{BTreeMap, BTreeSet};

use super::{Page, parties, schema, thousands};
use crate::catalog::escape::{code, href, text};
use crate::catalog::mermaid;
use crate::catalog::model::{Domain, Model};
use crate::catalog::outline::Target;
use crate::catalog::party::{Access, Consent, Consumer, PartyKind};
use crate::catalog::topic::{Topic, cleanup, retention};
use crate::model::TopicName;
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::{Companion, CompanionKind, DesiredTopic, ManagedBy, Thresholds};

/// A domain with its topics.
pub fn domain(page: &mut Page<'_>, domain: &Domain<'_>, model: &Model<'_>) {
    page.heading(Target::Domain(domain.name));
    match domain.spec {
        Some(spec) => {
            page.prose(spec.description.as_ref().map(|raw| raw.value.as_str()));
            let owner = page.link(Target::Team(spec.owner.as_str()));
            let contacts = model.teams.get(spec.owner.as_str()).map(|team| parties::contacts(team).join(", "));
            let contacts = contacts.filter(|contacts| !contacts.is_empty());
            page.block(&format!("**Owner:** {owner}{}", contacts.map_or(String::new(), |ways| format!(" ({ways})"))));
        }
        None => page.note("This domain is not declared in `catalog/`."),
    }
    if domain.topics.is_empty() {
        page.block("There is no topic in this domain yet.");
    }
    let all: Vec<_> = domain.topics.iter().collect();
    let one_flow = mermaid::is_readable(&all);
    if one_flow {
        page.flow(mermaid::flow(&all));
    }
    let mut dead_letters: BTreeMap<&TopicName, Vec<&Topic<'_>>> = BTreeMap::new();
    for topic in &domain.topics {
        if let Some(companion) = topic.companion {
            dead_letters.entry(companion.of).or_default().push(topic);
        }
    }
    for topic in &domain.topics {
        section(page, topic);
        if !one_flow && topic.companion.is_none() {
            let related = dead_letters.get(topic.name()).into_iter().flatten().copied();
            page.flow(mermaid::flow(&std::iter::once(topic).chain(related).collect::<Vec<_>>()));
        }
        topic_schemas(page, topic);
        producers(page, topic);
        consumers(page, topic);
    }
}

fn section(page: &mut Page<'_>, topic: &Topic<'_>) {
    page.heading(Target::Topic(topic.name().as_str()));
    if topic.is_leaving() {
        let reason = topic.spec.reason.as_ref().map_or(String::new(), |raw| format!(" {}", text(raw)));
        page.note(&format!("**This topic is to be deleted.**{reason}"));
    }
    if let Some(successor) = &topic.spec.deprecated_by {
        let link = page.link(Target::Topic(successor.as_str()));
        page.note(&format!("**This topic is deprecated:** {link} takes its place. Do not begin to use it."));
    } else if let Some(successor) = topic.successor() {
        let link = page.link(Target::Topic(successor.as_str()));
        page.note(&format!("There is a newer version: {link}."));
    }
    page.prose(topic.spec.description.as_ref().map(|raw| raw.value.as_str()));
    if let Some(Companion { kind, of, service }) = topic.companion {
        let (of, service) = (page.link(Target::Topic(of.as_str())), page.link(Target::Service(service)));
        page.block(&match kind {
            CompanionKind::DeadLetters => {
                format!("Dead letters: the records of {of} that {service} could not process.")
            }
            CompanionKind::Retry => format!("Retries: the records of {of} that {service} alone is to try again."),
            CompanionKind::Parking => {
                format!("Parked dead letters: the records of {of} that {service} could not process several times.")
            }
        });
    }
    let facts = facts(page, topic);
    page.facts(facts);
    on_clusters(page, topic);
}

fn facts(page: &Page<'_>, topic: &Topic<'_>) -> Vec<(&'static str, String)> {
    let spec = topic.spec;
    let owner = topic.owner.map_or("nobody".to_owned(), |owner| page.link(Target::Team(owner)));
    let class = spec.class.as_ref().map(|class| page.link_as(Target::Classes, &text(class.as_str())));
    let key = match &spec.key {
        Some(key) if key.value == "none" => "none: records have no order among each other".to_owned(),
        Some(key) => code(key),
        None => String::new(),
    };
    let manager = spec.managed_by.map(|manager| manager.value).filter(|manager| *manager != ManagedBy::Busctl);
    let manager = manager.map(|manager| format!("{manager}; busctl checks the topic and does not change it"));
    let manifest = format!("[{}]({})", code(&topic.manifest.to_string_lossy()), href(topic.manifest));
    let manifest = match topic.is_derived {
        true => format!("none of its own: `dlq` of the consumer in {manifest}"),
        false => manifest,
    };
    vec![
        ("Owner", owner),
        ("Class", class.unwrap_or_default()),
        ("Key", key),
        ("Retention", on_some(topic.by_cluster(retention))),
        ("Rationale", spec.retention_rationale.as_ref().map_or(String::new(), |raw| text(raw))),
        ("Cleanup", on_some(topic.by_cluster(cleanup))),
        ("Settings", settings(topic)),
        ("Versions", versions(page, topic)),
        ("Decision", decision(topic)),
        ("Change request", spec.change_request.as_ref().map_or(String::new(), |raw| text(raw))),
        ("Managed by", manager.unwrap_or_default()),
        ("Manifest", manifest),
    ]
}

/// The facts, each with its clusters where it does not hold on all.
fn on_some(facts: Vec<(String, Vec<&ClusterSpec>)>) -> String {
    let shown: Vec<_> = facts
        .into_iter()
        .map(|(fact, clusters)| match clusters.as_slice() {
            [] => text(&fact),
            clusters => format!("{} ({})", text(&fact), names(clusters)),
        })
        .collect();
    shown.join("; ")
}

fn names(clusters: &[&ClusterSpec]) -> String {
    clusters.iter().map(|cluster| text(cluster.cluster.as_str())).collect::<Vec<_>>().join(", ")
}

/// The configs that the table of facts and that of clusters do not say already.
fn settings(topic: &Topic<'_>) -> String {
    const SAID: [&str; 4] = ["cleanup.policy", "retention.ms", "retention.bytes", "min.insync.replicas"];
    let keys: BTreeSet<&str> =
        topic.clusters.iter().flat_map(|(_, topic)| topic.configs.keys()).map(|key| &**key).collect();
    let shown: Vec<_> = keys
        .into_iter()
        .filter(|key| !SAID.contains(key))
        .map(|key| {
            let value = |topic: &DesiredTopic| match topic.configs.get(key) {
                Some(value) => value.value.human(key),
                None => "not set".to_owned(),
            };
            format!("{} {}", code(key), on_some(topic.by_cluster(value)))
        })
        .collect();
    shown.join("<br>")
}

fn versions(page: &Page<'_>, topic: &Topic<'_>) -> String {
    if topic.versions.len() < 2 {
        return String::new();
    }
    let version = |(number, name): &(u32, &TopicName)| match *name == topic.name() {
        true => format!("**{number}** (this one)"),
        false => page.link_as(Target::Topic(name.as_str()), &number.to_string()),
    };
    topic.versions.iter().map(version).collect::<Vec<_>>().join(", ")
}

fn decision(topic: &Topic<'_>) -> String {
    match topic.adr {
        Some((path, true)) => format!("[{}]({})", text(path), href(path.as_ref())),
        Some((path, false)) => format!("{} (there is no such file)", text(path)),
        None => String::new(),
    }
}

fn on_clusters(page: &mut Page<'_>, topic: &Topic<'_>) {
    if topic.clusters.is_empty() {
        page.note("This topic is on no cluster.");
        return;
    }
    let in_sync = |topic: &DesiredTopic| {
        topic.configs.get("min.insync.replicas").map_or("not set".to_owned(), |value| text(value.value.as_str()))
    };
    let rows: Vec<_> = topic
        .clusters
        .iter()
        .map(|(cluster, topic)| {
            vec![
                text(cluster.cluster.as_str()),
                topic.partitions.value.to_string(),
                topic.replication_factor.value.to_string(),
                in_sync(topic),
            ]
        })
        .collect();
    page.table(&["Cluster", "Partitions", "Replicas", "In-sync replicas needed"], &rows);
}

fn topic_schemas(page: &mut Page<'_>, topic: &Topic<'_>) {
    for found in &topic.schemas {
        schema::section(page, found);
    }
    if topic.schemas.is_empty() {
        let known = match topic.companion {
            Some(companion) => format!("Its records are as in {}.", page.link(Target::Topic(companion.of.as_str()))),
            None => "No schema is declared.".to_owned(),
        };
        page.block(&format!("**Schema.** {known}"));
    }
}

fn producers(page: &mut Page<'_>, topic: &Topic<'_>) {
    if topic.producers.is_empty() {
        page.block("**Producers.** None is declared.");
        return;
    }
    page.block("**Producers**");
    let rows: Vec<_> = topic.producers.iter().map(|access| who(page, access).to_vec()).collect();
    page.table(&["Who", "What it does", "Owner"], &rows);
}

fn consumers(page: &mut Page<'_>, topic: &Topic<'_>) {
    if topic.consumers.is_empty() {
        page.block("**Consumers.** None is declared.");
        return;
    }
    page.block("**Consumers**");
    let rows: Vec<_> = topic.consumers.iter().map(|consumer| consumer_row(page, consumer)).collect();
    page.table(&["Who", "What it does", "Owner", "Group", "May be behind by", "Dead letters"], &rows);
}

fn consumer_row(page: &Page<'_>, consumer: &Consumer<'_>) -> Vec<String> {
    let groups: Vec<_> = consumer.groups.iter().map(|group| code(group)).collect();
    let lag = consumer.max_lag.map_or(String::new(), |lag| format!("{} records", thousands(lag)));
    let letters = consumer.dead_letters.iter().map(|(kind, name)| {
        let link = match page.outline.anchor(Target::Topic(name)) {
            Some(_) => page.link(Target::Topic(name)),
            None => format!("{} (not declared)", text(name)),
        };
        match kind {
            CompanionKind::DeadLetters => link,
            CompanionKind::Retry => format!("retries {link}"),
            CompanionKind::Parking => format!("parked {link}"),
        }
    });
    let most = consumer.thresholds.iter().flat_map(Thresholds::in_words).map(|most| text(&most));
    let dead_letters: Vec<String> = letters.chain(most).collect();
    let mut cells = who(page, &consumer.access).to_vec();
    cells.extend([groups.join("<br>"), lag, dead_letters.join("<br>")]);
    cells
}

/// Name, description and owner of who writes or reads.
fn who(page: &Page<'_>, access: &Access<'_>) -> [String; 3] {
    let party = access.party;
    let (link, kind) = match party.kind {
        PartyKind::Service(_) => (page.link(Target::Service(party.name)), ""),
        PartyKind::Role => (page.link(Target::Role(party.name)), " (role)"),
        PartyKind::Undeclared => (text(party.name), " (not declared in `catalog/`)"),
    };
    let consent = match access.consent {
        Consent::OwnerOnly => "<br>has not asked for it yet",
        Consent::Both | Consent::Pattern => "",
    };
    [
        format!("{link}{kind}{consent}"),
        party.description.map_or(String::new(), text),
        party.owner.map_or(String::new(), |owner| page.link(Target::Team(owner))),
    ]
}
