use super::client::{Use, name_in, path_of};
use super::draft::Draft;
use super::entry::declare;
use super::words::list;
use super::{NoScaffold, Scaffold, known, known_clusters, known_team};
use crate::model::Name;
use crate::resources::Workspace;
use crate::resources::catalog::ServiceKind;
use crate::resources::manifests::ManifestKind;
use crate::source::write::scalar;

/// What is said of a new service.
#[derive(Debug, Clone, Default)]
pub struct NewService {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The team that answers for it.
    pub owner: String,
    /// The domain that it belongs to.
    pub domain: Option<String>,
    /// What it is, where it is not just a service.
    pub kind: Option<ServiceKind>,
    /// Topics that it reads.
    pub consumes: Vec<String>,
    /// Its group, where that is not called after it.
    pub group: Option<String>,
    /// Topics that it writes.
    pub produces: Vec<String>,
    /// Its transactional ids.
    pub transactional_ids: Vec<String>,
    /// The reference of the approval, of somebody outside the organisation.
    pub approval: Option<String>,
    /// The clusters that it is for; all by default.
    pub clusters: Vec<String>,
}

/// Declares a service, has it ask for its topics, and has their owners name it.
///
/// # Errors
///
/// The service is declared already, or something that it names is not.
pub fn new_service(workspace: &Workspace, new: &NewService) -> Result<Scaffold, NoScaffold> {
    let name: Name = new.name.parse().map_err(|error| NoScaffold::new(format!("{error}"), "take another name"))?;
    let name = name.as_str();
    for (kind, word) in [("service", "service"), ("role", "role")] {
        if workspace.declares(kind, name) {
            return Err(NoScaffold::new(format!("the {word} `{name}` is declared already"), "take another name"));
        }
    }
    if let Some(grant) = workspace.grants.get(name) {
        let place = workspace.place(grant.service.span);
        let help = format!("declare it in catalog/: services: {{ {name}: {{ owner: {} }} }}", new.owner);
        return Err(NoScaffold::new(format!("`{name}` has a manifest already, at {place}"), help));
    }
    known_team(workspace, &new.owner)?;
    if let Some(domain) = &new.domain {
        let domains = workspace.catalog.domains.keys().map(String::as_str);
        let help = format!("declare it first: busctl new domain {domain} --owner TEAM");
        known("domain", domain, workspace.declares("domain", domain), domains, help)?;
    }
    known_clusters(workspace, &new.clusters)?;
    let kind = new.kind.unwrap_or(ServiceKind::Service);
    if kind == ServiceKind::External && new.approval.is_none() {
        let message = format!("`{name}` is outside the organisation, and nothing says who approved it");
        return Err(NoScaffold::new(message, "give the reference of the approval: --approval REFERENCE"));
    }
    let mut draft = Draft::new(workspace);
    let mut fields = vec![("description", scalar(&new.description)), ("owner", scalar(&new.owner))];
    fields.extend(new.domain.iter().map(|domain| ("domain", scalar(domain))));
    fields.extend((kind != ServiceKind::Service).then(|| ("kind", kind.to_string())));
    declare(&mut draft, "services", name, &fields)?;
    if let Some(text) = grants(new, kind) {
        draft.create(ManifestKind::Grants, path_of(name), text)?;
    }
    new.produces.iter().try_for_each(|topic| name_in(&mut draft, topic, Use::Write, name))?;
    new.consumes.iter().try_for_each(|topic| name_in(&mut draft, topic, Use::Read, name))?;
    if new.produces.is_empty() && new.consumes.is_empty() {
        draft.leave(format!(
            "say what `{name}` reads and writes, in acls/{name}.yaml and in the manifests of the topics"
        ));
    } else {
        draft.leave("have the owners of the topics review that they name it");
    }
    if kind == ServiceKind::Connect {
        draft.leave(format!("name its connectors: `connect: {{ worker: …, connectors: [NAME] }}` in acls/{name}.yaml"));
    }
    Ok(draft.finished())
}

/// What it asks for; nothing where there is nothing to ask for yet.
fn grants(new: &NewService, kind: ServiceKind) -> Option<String> {
    let mut text = String::new();
    let mut add = |key: &str, value: String| text.push_str(&format!("{key}: {value}\n"));
    if !new.consumes.is_empty() {
        let with_group = |group: &str| {
            let items =
                new.consumes.iter().map(|topic| format!("{{ topic: {}, group: {} }}", scalar(topic), scalar(group)));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        };
        add("consumes", new.group.as_deref().map_or_else(|| list(&new.consumes), with_group));
    }
    if !new.produces.is_empty() {
        add("produces", list(&new.produces));
    }
    if !new.transactional_ids.is_empty() {
        add("transactional_ids", list(&new.transactional_ids));
    }
    match kind {
        ServiceKind::Streams => add("streams", format!("{{ application_id: {} }}", scalar(&new.name))),
        ServiceKind::Connect => add("connect", format!("{{ worker: {} }}", scalar(&new.name))),
        ServiceKind::External => {
            new.approval.iter().for_each(|approval| add("external", format!("{{ approval: {} }}", scalar(approval))));
        }
        ServiceKind::Service => {}
    }
    if !new.clusters.is_empty() {
        add("clusters", list(&new.clusters));
    }
    (!text.is_empty()).then(|| format!("service: {}\n{text}", scalar(&new.name)))
}
