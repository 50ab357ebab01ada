use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Action, Change, Plan, PlanFinding, Stage, Step, Summary};
use crate::diag::Diagnostic;
use crate::model::{Address, Date, Kind, PatternType};
use crate::policy::apply_levels_beside;
use crate::ports::kafka::AclResourceType;
use crate::resources::cluster::{ManagesSpec, security};
use crate::resources::placement::place_all;
use crate::resources::{Desired, Live, Workspace, difference};

/// Compares the desired with the live state of a cluster. `today` decides which waivers hold for what the live state
/// breaks.
pub fn make_plan(desired: &Desired<'_>, live: &Live, today: Date) -> Plan {
    let mut found = difference(desired, live);
    found.findings.extend(check_cluster_id(desired, live));
    found.findings.extend(security::compare(desired, live, today));
    place_all(&mut found.changes, desired, live, None);
    found.changes.sort_by(|a, b| (stage_of(a), &a.address).cmp(&(stage_of(b), &b.address)));
    found.unmanaged.sort();
    let planned: std::collections::BTreeSet<_> = found.changes.iter().map(|change| change.address.clone()).collect();
    topics_go_last(&mut found.changes);
    for change in &mut found.changes {
        change.depends_on.retain(|address| planned.contains(address));
    }
    let sources = &desired.workspace.sources;
    let findings = apply_levels_beside(found.findings, desired.workspace, &[desired.cluster], today);
    Plan {
        format_version: 1,
        cluster: desired.cluster.cluster.value.to_string(),
        cluster_id: live.cluster.id.clone(),
        desired_digest: digest(desired),
        complete: found.incomplete.is_empty(),
        summary: Summary::of(&found.changes),
        changes: found.changes,
        incomplete: found.incomplete,
        unmanaged: found.unmanaged,
        findings: findings.iter().map(|finding| PlanFinding::new(finding, sources)).collect(),
        reassignment: None,
        not_undone: Vec::new(),
        selected: None,
    }
}

/// Adds what is found about a plan once it is there, at the levels and with the waivers of the workspace.
pub fn add_findings(plan: &mut Plan, found: Vec<Diagnostic>, workspace: &Workspace, today: Date) {
    // A plan is made of a cluster of the workspace.
    let Some(cluster) = workspace.clusters.get(plan.cluster.as_str()) else { return };
    let findings = apply_levels_beside(found, workspace, &[cluster], today);
    plan.findings.extend(findings.iter().map(|finding| PlanFinding::new(finding, &workspace.sources)));
}

/// A topic is deleted behind the grants on it, so that none stays for a topic that somebody makes anew by its name.
fn topics_go_last(changes: &mut [Change]) {
    if !changes.iter().any(|change| change.address.kind == Kind::Topic && change.action == Action::Delete) {
        return;
    }
    let removals =
        changes.iter().filter(|change| change.address.kind == Kind::Grant && change.action == Action::Delete);
    let mut of_topic: BTreeMap<Arc<str>, Vec<Address>> = BTreeMap::new();
    for (address, step) in removals.flat_map(|change| change.steps.iter().map(|step| (&change.address, step))) {
        let Step::DeleteAcls(acls) = step else { continue };
        let topic =
            acls.iter().find(|acl| acl.resource == AclResourceType::Topic && acl.pattern == PatternType::Literal);
        if let Some(topic) = topic {
            of_topic.entry(topic.name.clone()).or_default().push(address.clone());
        }
    }
    for change in changes.iter_mut().filter(|change| change.action == Action::Delete) {
        if change.address.kind == Kind::Topic {
            change.depends_on.extend(of_topic.remove(change.address.name.as_str()).into_iter().flatten());
        }
    }
}

fn stage_of(change: &Change) -> Option<Stage> {
    change.steps.iter().map(super::Step::stage).min()
}

/// SHA-256 of everything that was resolved, whatever file it stands in.
fn digest(desired: &Desired<'_>) -> String {
    let mut digest = Sha256::new();
    let mut add = |part: &str| {
        digest.update(part.as_bytes());
        digest.update([0]);
    };
    add(&format!("{:?}", desired.cluster.manages.as_ref().map(scopes)));
    for topic in desired.topics.values() {
        add(topic.name.as_str());
        add(topic.state.as_str());
        add(topic.managed_by.as_str());
        add(&format!("{}/{}/{}", topic.partitions.value, topic.replication_factor.value, topic.keyed));
        for (key, value) in &topic.configs {
            add(key);
            add(value.value.as_str());
        }
    }
    for principal in desired.grants.owners.keys() {
        add(principal.as_str());
    }
    for acl in desired.grants.acls.keys() {
        add(&format!("{acl:?}"));
    }
    for (scope, settings) in &desired.broker_configs.wanted {
        for (key, setting) in settings {
            add(&format!("{} {key}={:?}", scope.address(), setting.value));
        }
    }
    for user in desired.quotas.users.keys() {
        add(user);
    }
    for (entity, quota) in &desired.quotas.wanted {
        let limits = quota.limits.iter().map(|(key, limit)| format!("{key}={}", limit.value));
        add(&format!("{} {}", entity.address(), limits.collect::<Vec<_>>().join(",")));
    }
    for (user, wanted) in &desired.scram_users.wanted {
        add(&format!("{user:?} {:?}", wanted.credentials));
        for (field, value) in wanted.password.iter().flat_map(|password| password.fields()) {
            add(&format!("{field}={value}"));
        }
    }
    for (service, wanted) in &desired.deliveries.wanted {
        for (key, value) in &wanted.keys {
            add(&format!("{service}/{key}={value}"));
        }
    }
    for (subject, schema) in &desired.subjects {
        add(subject.as_str());
        add(&schema.text);
        add(schema.compatibility.value.as_str());
        for reference in &schema.references {
            let version = reference.version.map(|version| version.value);
            add(&format!("{}/{}/{version:?}", reference.name.value, reference.subject.value));
        }
    }
    for subject in desired.removed_subjects.keys() {
        add(&format!("without {subject}"));
    }
    if let Some(rebalance) = &desired.rebalance {
        add(&format!("{rebalance:?} {:?}", desired.placements));
    }
    if let Some(step) = desired.retention_step {
        add(&format!("in steps of {step}"));
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What of the cluster is ours, without the places where it is written.
fn scopes(manages: &ManagesSpec) -> [Option<Vec<String>>; 3] {
    [&manages.topics, &manages.groups, &manages.principals]
        .map(|scope| scope.as_ref().map(|patterns| patterns.iter().map(|pattern| pattern.value.to_string()).collect()))
}

/// The id that the manifest pins, against the one that the brokers answered.
fn check_cluster_id(desired: &Desired<'_>, live: &Live) -> Option<Diagnostic> {
    let pinned = desired.cluster.cluster_id.as_ref()?;
    (pinned.value != live.cluster.id).then(|| {
        Diagnostic::new("BUS505", format!("the brokers belong to cluster {}, not to {}", live.cluster.id, pinned.value))
            .at(pinned.span, "this is the cluster that was meant")
            .help("correct `connection.bootstrap`, or pin the new id if the cluster was really made anew")
            .cluster(&desired.cluster.cluster.value)
    })
}
