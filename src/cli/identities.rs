//! Who holds the identities of services, asked of those who hand them out.

use std::collections::{BTreeMap, BTreeSet};

use super::connect::Holders;
use crate::ports::consul::Consul;
use crate::ports::{Failure, Observed};
use crate::resources::cluster::ClusterSpec;
use crate::resources::identity::FoundIdentities;

/// Which of these services have an identity, where the cluster says that it is looked for; `None` where nothing is asked.
pub async fn find_identities(
    cluster: &ClusterSpec,
    services: &BTreeSet<&str>,
    holders: &Holders,
) -> Option<FoundIdentities> {
    let identities = cluster.identities.as_ref().filter(|_| !services.is_empty())?;
    let in_vault = async {
        identities.vault.as_ref()?;
        Some(Observed::from(in_vault(cluster, services, holders).await))
    };
    let in_consul = async {
        identities.consul.as_ref()?;
        Some(Observed::from(in_consul(cluster, services, holders).await))
    };
    let (vault, consul) = tokio::join!(in_vault, in_consul);
    Some(FoundIdentities { vault, consul }).filter(|found| *found != FoundIdentities::default())
}

async fn in_vault(
    cluster: &ClusterSpec,
    services: &BTreeSet<&str>,
    holders: &Holders,
) -> Result<BTreeSet<String>, Failure> {
    let Some(vault) = &holders.vault else { return Ok(BTreeSet::new()) };
    let vault = vault.as_ref().map_err(Clone::clone)?;
    let template = cluster.identities.as_ref().and_then(|identities| identities.vault.as_ref());
    let roles = services.iter().filter_map(|service| Some((*service, template?.role(service)?)));
    let mut by_mount: BTreeMap<String, Vec<(&str, String)>> = BTreeMap::new();
    for (service, role) in roles {
        by_mount.entry(role.mount).or_default().push((service, role.role));
    }
    let mut held = BTreeSet::new();
    for (mount, roles) in by_mount {
        let known = vault.roles(&mount).await?;
        held.extend(roles.into_iter().filter(|(_, role)| known.contains(role)).map(|(service, _)| service.to_owned()));
    }
    Ok(held)
}

async fn in_consul(
    cluster: &ClusterSpec,
    services: &BTreeSet<&str>,
    holders: &Holders,
) -> Result<BTreeSet<String>, Failure> {
    let Some(consul) = &holders.consul else { return Ok(BTreeSet::new()) };
    let known = consul.as_ref().map_err(Clone::clone)?.services().await?;
    let template = cluster.identities.as_ref().and_then(|identities| identities.consul.as_ref());
    let name = |service: &str| template.map(|template| template.service(service));
    let held = services.iter().filter(|service| name(service).is_some_and(|name| known.contains(&name)));
    Ok(held.map(|service| (*service).to_owned()).collect())
}
