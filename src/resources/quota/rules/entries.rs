use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::quota::desired::Misnamed;
use crate::resources::quota::{ClusterQuotaSpec, Limits, QuotaEntity};
use crate::source::{Span, Spanned};

/// BUS408.
pub static ENTRIES: Rule = Rule {
    code: "BUS408",
    name: "quota-entries",
    summary: "Each quota says once whom it is for, and what Kafka takes",
    explanation: "Kafka knows quotas of users, of client ids, of the clients of a user, and of addresses. Of an address it \
limits connections alone, of everybody else everything but these; and no limit may be zero. A user is the name of its \
principal without `User:`; an address is one in numbers, no network and no name, and the same one in two spellings is two \
entries to Kafka. The quota of a service stands in \
its own manifest, so that `quotas` of a cluster are for everybody else: operators, `<default>` entities, client ids and \
addresses. What this rule finds is not applied.",
    level: Level::Error,
    floor: Level::Warn,
    bad: Example(&[("clusters/production.yaml", Text("quotas: [{ ip: 10.0.0.7, produce: 1MiB/s }]\n"))]),
    good: Example(&[("clusters/production.yaml", Text("quotas: [{ ip: 10.0.0.7, connections: 10/s }]\n"))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let (workspace, cluster) = (desired.workspace, desired.cluster);
    for (service, spec) in workspace.grants.iter().filter(|(_, spec)| workspace.selects(&spec.clusters, cluster)) {
        let Some(quota) = &spec.quota else { continue };
        let resource = format!("service/{service}");
        limits(&quota.limits(), &resource, findings);
        let principals = crate::resources::acl::principals_of(cluster, service, &spec.principals);
        if let Some(other) = principals.iter().find(|principal| principal.user().is_none()) {
            findings.push(
                ENTRIES
                    .finding(format!("{other} is no user to Kafka: the quota of `{service}` does not hold for it"))
                    .at(quota.span, "")
                    .help("quotas are for principals of the type `User`")
                    .resource(&resource),
            );
        }
    }
    let mut known: BTreeMap<QuotaEntity, Span> = BTreeMap::new();
    let mut addresses: BTreeMap<IpAddr, Span> = BTreeMap::new();
    let resource = format!("cluster/{}", cluster.cluster.value);
    for spec in &cluster.quotas {
        let Some(entity) = spec.entity() else {
            findings.push(
                ENTRIES
                    .finding("a quota has to say whom it is for")
                    .at(spec.span, "")
                    .help(
                        "write `user`, `client_id`, both of them, or `ip`; `<default>` is whoever has none of its own",
                    )
                    .resource(&resource),
            );
            continue;
        };
        if let Some(Misnamed { message, help, span }) = spec.misnamed() {
            findings.push(ENTRIES.finding(message).at(span, "").help(help).resource(&resource));
            continue;
        }
        let written_twice =
            spec.address().and_then(|ip| addresses.insert(ip, spec.span)).filter(|_| !known.contains_key(&entity));
        if let Some(first) = written_twice {
            let finding = ENTRIES.finding(format!("{entity} is declared twice, in two spellings")).at(spec.span, "");
            let help = "write one of them: to Kafka they are two entries, of which either may hold";
            findings.push(finding.at(first, "first here").help(help).resource(&resource));
            continue;
        }
        if let Some(first) = known.get(&entity) {
            let finding = ENTRIES.finding(format!("the quota of {entity} is declared twice")).at(spec.span, "");
            findings.push(finding.at(*first, "first here").help("write both in one").resource(&resource));
            continue;
        }
        known.insert(entity.clone(), spec.span);
        if desired.quotas.is_of_service(&entity)
            && let Some(holder) = desired.quotas.holder_of(&entity)
        {
            let (service, leaves) = (&holder.service, holder.leaving);
            let why = if leaves { "and leaves" } else { "which says its quota itself" };
            let finding = ENTRIES.finding(format!("{entity} belongs to service `{service}`, {why}"));
            let help = match leaves {
                true => "take it out here: with the service its quotas go".to_owned(),
                false => format!("write it under `quota` of `{service}`"),
            };
            findings.push(finding.at(spec.span, "").at(holder.span, "").help(help).resource(&resource));
            continue;
        }
        of_entity(spec, &entity, &resource, findings);
    }
}

fn of_entity(spec: &Spanned<ClusterQuotaSpec>, entity: &QuotaEntity, resource: &str, findings: &mut Vec<Diagnostic>) {
    let written = spec.limits();
    let gone = spec.state.filter(|_| spec.is_absent());
    match (gone, written.values().next()) {
        (Some(gone), Some(limit)) => findings.push(
            ENTRIES
                .finding(format!("the quota of {entity} is to be gone and limits something"))
                .at(gone.span, "")
                .at(limit.span, "")
                .help("take one of them out")
                .resource(resource),
        ),
        (None, None) => findings.push(
            ENTRIES
                .finding(format!("the quota of {entity} limits nothing"))
                .at(spec.span, "")
                .help("write what it limits, or `state: absent` to take it away")
                .resource(resource),
        ),
        _ => {}
    }
    for (key, limit) in &written {
        if !entity.takes(*key) {
            let (word, help) =
                (key.in_manifests(), "of an address connections are limited, of everybody else the rest");
            let finding = ENTRIES.finding(format!("Kafka has no `{word}` for {entity}")).at(limit.span, "");
            findings.push(finding.help(help).resource(resource));
        }
    }
    limits(&written, resource, findings);
}

fn limits(limits: &Limits, resource: &str, findings: &mut Vec<Diagnostic>) {
    for (key, limit) in limits {
        if let Some(why) = key.refuses(limit.value) {
            let finding =
                ENTRIES.finding(format!("`{}: {}` is no quota to Kafka", key.in_manifests(), key.shown(limit.value)));
            findings.push(finding.at(limit.span, "").help(why).resource(resource));
        }
    }
}
