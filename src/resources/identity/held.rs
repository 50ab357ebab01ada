use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rules::UNHELD;
use crate::diag::Diagnostic;
use crate::plan::{Change, Incomplete, Step};
use crate::ports::{Failure, Observed};
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Difference, Live, Workspace};

/// Which services have an identity, where a cluster says that it is looked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FoundIdentities {
    /// Services that have a role in Vault's PKI; `None` where nobody is looked for there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vault: Option<Observed<BTreeSet<String>>>,
    /// Services that Consul has; `None` where nobody is looked for there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub consul: Option<Observed<BTreeSet<String>>>,
}

/// Whether somebody holds an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding<'f> {
    /// Somebody does.
    Held,
    /// Nobody does.
    Nobody,
    /// It could not be seen, and why.
    Unknown(&'f Failure),
}

impl FoundIdentities {
    /// Whether a service has an identity: one of those who hand them out knows it.
    pub fn of(&self, service: &str) -> Holding<'_> {
        let all = || self.vault.iter().chain(&self.consul);
        if all().filter_map(Observed::known).any(|found| found.contains(service)) {
            return Holding::Held;
        }
        match all().find_map(Observed::hidden) {
            Some(failure) => Holding::Unknown(failure),
            None => Holding::Nobody,
        }
    }

    /// Why it is not known who has one; nothing where all that were asked have answered.
    pub fn hidden(&self) -> impl Iterator<Item = &Failure> {
        self.vault.iter().chain(&self.consul).filter_map(Observed::hidden)
    }
}

/// The services of a cluster that need an identity there, where it says that they are looked for. Those of somebody else
/// have theirs from elsewhere, and those that leave need none.
pub fn needing<'w>(workspace: &'w Workspace, cluster: &'w ClusterSpec) -> BTreeSet<&'w str> {
    let identities = cluster.identities.as_ref();
    let is_looked_for = identities.is_some_and(|it| it.vault.is_some() || it.consul.is_some());
    let services = workspace.grants.iter().filter(|_| is_looked_for);
    let services = services.filter(|(_, spec)| workspace.selects(&spec.clusters, cluster));
    let services = services.filter(|(_, spec)| !spec.is_leaving() && spec.external.is_none());
    services.map(|(service, _)| service.as_str()).collect()
}

/// Those of them that are to be given something that they have not.
pub fn awaiting<'w>(desired: &Desired<'w>, live: &Live) -> BTreeSet<&'w str> {
    let mut needing = needing(desired.workspace, desired.cluster);
    if needing.is_empty() {
        return needing;
    }
    let Some(found) = live.acls.known() else { return BTreeSet::new() };
    let found: BTreeSet<_> = found.iter().collect();
    let added = desired.grants.acls.keys().filter(|acl| !found.contains(acl));
    let owners = added.filter_map(|acl| desired.grants.owners.get(&acl.principal));
    let awaiting: BTreeSet<&str> = owners.map(|owner| owner.name.as_str()).collect();
    needing.retain(|service| awaiting.contains(service));
    needing
}

/// Of the differences of grants: finds those that would be given to nobody, and leaves out those of which it is not known.
pub fn withhold(desired: &Desired<'_>, live: &Live, grants: &mut Difference) {
    let Some(found) = &live.identities else { return };
    let needing = needing(desired.workspace, desired.cluster);
    let (mut unseen, mut findings) = (Vec::new(), Vec::new());
    grants.changes.retain(|change| {
        let service = change.address.name.split('/').next().unwrap_or_default();
        if !gives(change) || !needing.contains(service) {
            return true;
        }
        match found.of(service) {
            Holding::Held => true,
            Holding::Nobody => {
                findings.push(of_nobody(desired.workspace, desired.cluster, service).resource(&change.address));
                true
            }
            Holding::Unknown(failure) => {
                let (address, place) = (change.address.clone(), change.place.clone());
                unseen.push(Incomplete { address, failure: failure.clone(), place });
                false
            }
        }
    });
    grants.incomplete.extend(unseen);
    grants.findings.extend(findings);
}

fn gives(change: &Change) -> bool {
    change.steps.iter().any(|step| matches!(step, Step::CreateAcls(_)))
}

/// The services of a cluster whose identity nobody holds.
pub fn unheld(workspace: &Workspace, cluster: &ClusterSpec, found: &FoundIdentities) -> Vec<Diagnostic> {
    let nobody = needing(workspace, cluster).into_iter().filter(|service| found.of(service) == Holding::Nobody);
    nobody.map(|service| of_nobody(workspace, cluster, service).resource(format!("service/{service}"))).collect()
}

fn of_nobody(workspace: &Workspace, cluster: &ClusterSpec, service: &str) -> Diagnostic {
    let identities = cluster.identities.as_ref();
    let role = identities.and_then(|it| it.vault.as_ref()).map(|template| match template.role(service) {
        Some(role) => (format!("role {role} in Vault"), format!("`vault write {}/roles/{} …`", role.mount, role.role)),
        None => ("role in Vault".to_owned(), "a name that can stand in the path of a role".to_owned()),
    });
    let known = identities.and_then(|it| it.consul.as_ref()).map(|template| {
        let name = template.service(service);
        (format!("service {name} in Consul"), format!("register `{name}` in Consul"))
    });
    let (lacks, ways): (Vec<_>, Vec<_>) = role.into_iter().chain(known).unzip();
    let cluster_name = &cluster.cluster.value;
    let message =
        format!("nobody holds the identity of `{service}` on `{cluster_name}`: there is no {}", lacks.join(" and no "));
    let finding = UNHELD.finding(message).cluster(cluster_name);
    let declared = workspace.grants.get(service).map(|spec| spec.service.span);
    let finding = declared.into_iter().fold(finding, |finding, span| finding.at(span, ""));
    let finding =
        identities.into_iter().fold(finding, |finding, it| finding.at(it.span, "this is where it is looked for"));
    finding.help(format!("make it first ({}), or correct the service's name", ways.join(", or ")))
}
