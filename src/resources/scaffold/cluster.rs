use super::draft::Draft;
use super::{NoScaffold, Scaffold};
use crate::model::ClusterName;
use crate::resources::Workspace;
use crate::resources::cluster::{Reach, WRITE_ADDRESS, is_address};
use crate::resources::manifests::ManifestKind;
use crate::resources::registry::problem_of_url;
use crate::source::write::scalar;

/// What is said of a new cluster.
#[derive(Debug, Clone, Default)]
pub struct NewCluster {
    /// Its name.
    pub name: String,
    /// Its environment.
    pub environment: String,
    /// What it is for.
    pub description: Option<String>,
    /// The id that its brokers answer, where it is known.
    pub cluster_id: Option<String>,
    /// Where it runs.
    pub region: Option<String>,
    /// The area that it is in, where the region does not tell.
    pub residency: Option<String>,
    /// How it is reached; a bus of `busctl dev` where nothing is said.
    pub connection: Option<Reach>,
    /// Its registry.
    pub registry: Option<String>,
    /// The registry's address, where the registry is new too.
    pub registry_url: Option<String>,
    /// How a principal is made from a service.
    pub principal: Option<String>,
    /// How many brokers it has.
    pub brokers: u32,
}

/// Makes a cluster, and its registry where that is new.
///
/// # Errors
///
/// The name or the environment means another cluster, an address is none, or the registry is neither declared nor given an address.
pub fn new_cluster(workspace: &Workspace, new: &NewCluster) -> Result<Scaffold, NoScaffold> {
    let name: ClusterName =
        new.name.parse().map_err(|error| NoScaffold::new(format!("{error}"), "take another name"))?;
    if workspace.declares("cluster", name.as_str()) {
        return Err(NoScaffold::new(format!("the cluster `{name}` is declared already"), "take another name"));
    }
    // Manifests that select by such a word would mean both.
    if workspace.clusters.contains_key(new.environment.as_str()) {
        let message = format!("the environment `{}` is the name of another cluster", new.environment);
        let help = "give another --environment; without one it is called after the cluster";
        return Err(NoScaffold::new(message, help));
    }
    if let Some(other) = workspace.clusters.values().find(|cluster| cluster.answers_to(name.as_str())) {
        let message = format!("`{name}` is the environment or a label of the cluster `{}`", other.cluster.value);
        return Err(NoScaffold::new(message, "take another name"));
    }
    let mut bootstrap = new.connection.iter().flat_map(|connection| &connection.bootstrap);
    bootstrap.try_for_each(|address| broker_address(address))?;
    if let Some((message, help)) = new.registry_url.as_deref().and_then(problem_of_url) {
        return Err(NoScaffold::new(message.to_owned(), help));
    }
    let mut draft = Draft::new(workspace);
    if let Some(registry) = &new.registry {
        match (workspace.declares("registry", registry), &new.registry_url, new.connection.is_none()) {
            (true, None, _) => {}
            (true, Some(_), _) => {
                let message = format!("the registry `{registry}` is declared already, with an address of its own");
                return Err(NoScaffold::new(message, "leave --registry-url out"));
            }
            (false, Some(url), _) => draft.create(
                ManifestKind::Registry,
                path_of(workspace, registry),
                format!("registry: {}\nurl: {}\n", scalar(registry), scalar(url)),
            )?,
            (false, None, true) => draft.create(
                ManifestKind::Registry,
                path_of(workspace, registry),
                format!("registry: {}\ndeployment: local\n", scalar(registry)),
            )?,
            (false, None, false) => {
                let message = format!("the registry `{registry}` is not declared");
                return Err(NoScaffold::new(message, "make it too: --registry-url URL"));
            }
        }
    }
    draft.create(ManifestKind::Cluster, format!("clusters/{name}.yaml"), manifest(new))?;
    if new.connection.is_some() {
        if new.cluster_id.is_none() {
            draft.leave(format!(
                "pin `cluster_id` in clusters/{name}.yaml: `busctl plan --cluster {name}` shows the id"
            ));
        }
        draft.leave(format!(
            "say in clusters/{name}.yaml what brokers do not tell: `kafka.super_users`, `kafka.listeners`, `kafka.storage`, \
             racks and hosts of its nodes; and what of it is ours: `manages`"
        ));
        draft.leave("give busctl the ACLs that docs/permissions.md lists");
    } else {
        draft.leave(format!("start it: busctl dev up --cluster {name}"));
    }
    Ok(draft.finished())
}

/// Refuses what is no address of a broker.
///
/// # Errors
///
/// It is not HOST:PORT.
pub fn broker_address(address: &str) -> Result<(), NoScaffold> {
    match is_address(address.trim()) {
        true => Ok(()),
        false => Err(NoScaffold::new(format!("`{address}` is not HOST:PORT"), WRITE_ADDRESS)),
    }
}

/// A registry may be called like a cluster.
fn path_of(workspace: &Workspace, registry: &str) -> String {
    let path = format!("clusters/registry-{registry}.yaml");
    match workspace.sources.find(path.as_ref()) {
        None => path,
        Some(_) => format!("clusters/registry-{registry}-2.yaml"),
    }
}

fn manifest(new: &NewCluster) -> String {
    let mut text = format!("cluster: {}\nenvironment: {}\n", scalar(&new.name), scalar(&new.environment));
    let mut add = |key: &str, value: &Option<String>| {
        value.iter().for_each(|value| text.push_str(&format!("{key}: {}\n", scalar(value))));
    };
    add("description", &new.description);
    add("cluster_id", &new.cluster_id);
    add("region", &new.region);
    add("residency", &new.residency);
    if let Some(connection) = &new.connection {
        text.push_str(&connection.connection());
    }
    let mut add = |key: &str, value: &Option<String>| {
        value.iter().for_each(|value| text.push_str(&format!("{key}: {}\n", scalar(value))));
    };
    add("schema_registry", &new.registry);
    add("principal", &new.principal);
    // Two of three replicas must have a record: one broker may be lost without losing records or standing still.
    let replicas = new.brokers.clamp(1, 3);
    let in_sync = if replicas == 3 { 2 } else { 1 };
    text.push_str(&format!("defaults: {{ replication_factor: {replicas}, min_insync_replicas: {in_sync} }}\n"));
    text.push_str(&format!("allow: {}\n", if new.connection.is_some() { "safe" } else { "destructive" }));
    let deployment = if new.connection.is_some() { "self_managed" } else { "local" };
    text.push_str(&format!("kafka:\n  deployment: {deployment}\n  authorizer: standard\n  nodes:\n"));
    for id in 0..new.brokers {
        // `busctl dev` counts its node from 1.
        let id = if new.connection.is_some() { id } else { id + 1 };
        text.push_str(&format!("    - {{ id: {id} }}\n"));
    }
    text
}
