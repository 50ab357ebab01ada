use super::Page;
use crate::catalog::escape::{code, text};
use crate::catalog::model::{Model, Service};
use crate::catalog::outline::Target;
use crate::catalog::party::PartyKind;
use crate::model::{Pattern, TopicName};
use crate::resources::acl::GrantSpec;
use crate::resources::catalog::{RoleSpec, ServiceKind, TeamSpec, TendedSpec};
use crate::resources::quota::QuotaSpec;
use crate::resources::topic::State;
use crate::source::Spanned;

/// Every declared service.
pub fn services(page: &mut Page<'_>, model: &Model<'_>) {
    if model.services.is_empty() {
        return;
    }
    page.heading(Target::Services);
    for service in &model.services {
        page.heading(Target::Service(service.party.name));
        page.prose(service.party.description);
        let facts = service_facts(page, service);
        page.facts(facts);
    }
}

fn service_facts(page: &Page<'_>, service: &Service<'_>) -> Vec<(&'static str, String)> {
    let kind = match service.party.kind {
        PartyKind::Service(ServiceKind::Streams) => "Kafka Streams application",
        PartyKind::Service(ServiceKind::Connect) => "Connect worker",
        PartyKind::Service(ServiceKind::External) => "external: of somebody outside the organisation",
        _ => "",
    };
    let mut facts = vec![
        ("Owner", service.party.owner.map_or(String::new(), |owner| page.link(Target::Team(owner)))),
        ("Domain", service.domain.map_or(String::new(), |name| page.link_as(Target::Domain(name), &text(name)))),
        ("Kind", kind.to_owned()),
        ("Writes", topics(page, &service.writes)),
        ("Reads", topics(page, &service.reads)),
    ];
    match service.grant {
        Some(grant) => facts.extend(grant_facts(grant)),
        None => facts.push(("Access", "none: it asks for nothing in `acls/`".to_owned())),
    }
    facts
}

fn grant_facts(grant: &GrantSpec) -> Vec<(&'static str, String)> {
    let leaving = grant.state.is_some_and(|state| state.value == State::Absent);
    let reason = grant.reason.as_ref().map_or(String::new(), |raw| format!(": {}", text(raw)));
    let clusters: Vec<_> = grant.clusters.iter().map(|label| text(label.as_str())).collect();
    vec![
        ("Access", if leaving { format!("**it leaves the bus**{reason}") } else { String::new() }),
        ("Only on", clusters.join(", ")),
        ("Application id", grant.streams.as_ref().map_or(String::new(), |spec| code(spec.application_id.as_str()))),
        ("Worker group", grant.connect.as_ref().map_or(String::new(), |spec| code(spec.worker.as_str()))),
        (
            "Connectors",
            grant.connect.as_ref().map_or(String::new(), |spec| {
                spec.connectors.iter().map(|name| code(name.as_str())).collect::<Vec<_>>().join(", ")
            }),
        ),
        ("Transactional ids", patterns(&grant.transactional_ids)),
        ("Quota on each broker", grant.quota.as_ref().map_or(String::new(), |spec| quota(spec))),
        ("Approval", grant.external.as_ref().map_or(String::new(), |spec| text(&spec.approval))),
    ]
}

fn quota(quota: &QuotaSpec) -> String {
    let parts = [
        quota.produce.map(|rate| format!("writes {}", rate.value)),
        quota.consume.map(|rate| format!("reads {}", rate.value)),
        quota.request.map(|share| format!("{} of the request threads", share.value)),
        quota.mutations.map(|times| format!("creates and deletes {} partitions in the cluster", times.value)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Every role.
pub fn roles(page: &mut Page<'_>, model: &Model<'_>) {
    if model.roles.is_empty() {
        return;
    }
    page.heading(Target::Roles);
    page.block("Operators of the bus. What they may do needs no consent of each topic.");
    for (name, role) in model.roles {
        page.heading(Target::Role(name));
        page.prose(role.description.as_ref().map(|raw| raw.value.as_str()));
        let facts = role_facts(page, role);
        page.facts(facts);
    }
}

fn role_facts(page: &Page<'_>, role: &RoleSpec) -> Vec<(&'static str, String)> {
    vec![
        ("Owner", page.link(Target::Team(role.owner.as_str()))),
        ("Only on", role.clusters.iter().map(|label| text(label.as_str())).collect::<Vec<_>>().join(", ")),
        ("Reads", patterns(&role.reads)),
        ("Writes", patterns(&role.writes)),
        ("Groups", patterns(&role.groups)),
        ("Transactional ids", patterns(&role.transactional_ids)),
        ("Dead letters", role.dlq.as_ref().map_or(String::new(), |dlq| dead_letters(dlq))),
    ]
}

/// Whose dead letters a role looks after.
fn dead_letters(dlq: &TendedSpec) -> String {
    let of = match dlq.topics.as_slice() {
        [] => "of every topic".to_owned(),
        topics => format!("of {}", patterns(topics)),
    };
    match dlq.delete_records {
        Some(Spanned { value: true, .. }) => format!("{of}; may delete what was settled"),
        _ => of,
    }
}

/// Every team, how it is reached and what it answers for.
pub fn teams(page: &mut Page<'_>, model: &Model<'_>) {
    if model.teams.is_empty() {
        return;
    }
    page.heading(Target::Teams);
    for (name, team) in model.teams {
        page.heading(Target::Team(name));
        page.prose(team.description.as_ref().map(|raw| raw.value.as_str()));
        let facts = vec![
            ("Contacts", contacts(team).join("<br>")),
            ("Domains", domains_of(page, model, name)),
            ("Topics", topics(page, &topics_of(model, name))),
            ("Services", services_of(page, model, name)),
            ("Roles", roles_of(page, model, name)),
        ];
        page.facts(facts);
    }
}

/// The ways to reach a team.
pub fn contacts(team: &TeamSpec) -> Vec<String> {
    let way = |(way, address): (&Spanned<Box<str>>, &Spanned<String>)| {
        format!("{}: {}", text(&way.value.replace('_', " ")), text(address))
    };
    team.contacts.iter().map(way).collect()
}

fn domains_of(page: &Page<'_>, model: &Model<'_>, team: &str) -> String {
    let owned = model.domains.iter().filter(|domain| domain.spec.is_some_and(|spec| spec.owner.as_str() == team));
    owned.map(|domain| page.link_as(Target::Domain(domain.name), &text(domain.name))).collect::<Vec<_>>().join(", ")
}

fn topics_of<'w>(model: &Model<'w>, team: &str) -> Vec<&'w TopicName> {
    model.topics().filter(|topic| topic.owner == Some(team)).map(|topic| topic.name()).collect()
}

fn services_of(page: &Page<'_>, model: &Model<'_>, team: &str) -> String {
    let owned = model.services.iter().filter(|service| service.party.owner == Some(team));
    owned.map(|service| page.link(Target::Service(service.party.name))).collect::<Vec<_>>().join(", ")
}

fn roles_of(page: &Page<'_>, model: &Model<'_>, team: &str) -> String {
    let owned = model.roles.iter().filter(|(_, role)| role.owner.as_str() == team);
    owned.map(|(name, _)| page.link(Target::Role(name))).collect::<Vec<_>>().join(", ")
}

fn topics(page: &Page<'_>, names: &[&TopicName]) -> String {
    names.iter().map(|name| page.link(Target::Topic(name.as_str()))).collect::<Vec<_>>().join(", ")
}

fn patterns(patterns: &[Spanned<Pattern>]) -> String {
    patterns.iter().map(|pattern| code(&pattern.to_string())).collect::<Vec<_>>().join(", ")
}
