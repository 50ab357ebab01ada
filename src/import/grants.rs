//! Services: who they are, and what each asks for.

mod extend;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::catalog::Parties;
use super::fold::{Asked, Consents, Workers, fold, is_expressible, pattern_of};
use super::internal::makes_topics;
use super::quotas::{self, Quotas};
use super::scram;
use super::skeleton::Skeleton;
use super::{Adoption, Found, Import};
use crate::model::{Name, PatternType, Principal, PrincipalTemplate, TopicName, counted};
use crate::ports::kafka::{Acl, AclPermission, AclResourceType};
use crate::resources::acl::{DesiredGrants, GrantSpec, in_scope, principals_of};
use crate::resources::catalog::ServiceKind;
use crate::resources::topic::{State, TopicSpec};
use crate::source::write::{list, mapping, scalar};

/// The services that each adopted topic names.
#[derive(Debug, Default)]
pub struct Grants {
    /// Those that write it.
    pub producers: BTreeMap<String, BTreeSet<String>>,
    /// Those that read it.
    pub consumers: BTreeMap<String, BTreeSet<String>>,
}

/// How principals are made from services: the way that most are written in.
pub fn template_of(found: &Found) -> String {
    let mut counted: BTreeMap<(String, String), BTreeSet<&Principal>> = BTreeMap::new();
    for acl in found.acls.iter().filter(|acl| !acl.principal.is_everybody()) {
        let Some((start, name, end)) = taken_apart(acl.principal.as_str()) else { continue };
        if name.parse::<Name>().is_ok() && !end.contains("{service}") && !start.contains("{service}") {
            counted.entry((start.to_owned(), end.to_owned())).or_default().insert(&acl.principal);
        }
    }
    let most = counted.into_iter().max_by_key(|(_, principals)| principals.len());
    most.map_or_else(|| "User:{service}".to_owned(), |((start, end), _)| format!("{start}{{service}}{end}"))
}

/// A principal as what stands before the service's name, the name, and what stands behind it.
fn taken_apart(principal: &str) -> Option<(&str, &str, &str)> {
    let (kind, name) = principal.split_once(':')?;
    let before = kind.len() + 1 + if name.starts_with("CN=") { 3 } else { 0 };
    let rest = &principal[before..];
    let length = rest.find([',', '@']).unwrap_or(rest.len());
    (length > 0).then(|| (&principal[..before], &rest[..length], &rest[length..]))
}

/// What the manifests of services are made from.
struct Services<'s> {
    skeleton: &'s Skeleton,
    template: PrincipalTemplate,
    /// Principals that a manifest declares for this cluster, with the service; none where it is a role's, or leaves.
    owners: BTreeMap<Principal, Option<&'s GrantSpec>>,
    /// The ACLs that manifests ask for already.
    asked_for: BTreeSet<Acl>,
    /// Names that are given.
    names: BTreeSet<String>,
    /// Services that are called after one of other clusters.
    likenesses: Vec<String>,
    grants: Grants,
}

/// Makes the manifests of services whose principals have ACLs or quotas, and adds what declared ones ask of adopted topics.
pub fn adopt(import: &mut Import<'_>, skeleton: &Skeleton, parties: &mut Parties) -> Grants {
    let (found, workspace) = (import.found, import.request.workspace);
    let quotas = Quotas::of(found);
    let holders: Vec<Principal> = quotas.principals().collect();
    let mut acls: BTreeMap<&Principal, Vec<&Acl>> = BTreeMap::new();
    for acl in found.acls.iter().filter(|acl| in_scope(&skeleton.cluster, acl)) {
        acls.entry(&acl.principal).or_default().push(acl);
    }
    if import.request.only.is_empty() {
        for principal in holders.iter().filter(|it| skeleton.cluster.manages_principal(it.as_str())) {
            acls.entry(principal).or_default();
        }
    } else {
        let topics = &import.topics;
        acls.retain(|_, acls| acls.iter().any(|acl| names_one(acl, topics)));
    }
    let template = skeleton.cluster.principal.as_ref().map(|template| template.value.clone()).unwrap_or_default();
    let names = workspace.grants.keys().chain(workspace.catalog.services.keys()).chain(workspace.catalog.roles.keys());
    let mut services = Services {
        skeleton,
        template,
        owners: owners(import),
        asked_for: asked_for(import),
        names: names.cloned().collect(),
        likenesses: Vec::new(),
        grants: Grants::default(),
    };
    let mut adopted = BTreeSet::new();
    // Of two principals of one name that one has it that the template makes of it.
    let mut acls: Vec<_> = acls.into_iter().collect();
    acls.sort_by_key(|(principal, _)| services.made_from(principal).is_none());
    for (principal, acls) in acls {
        match services.owners.get(principal).copied() {
            Some(Some(spec)) => services.extend(import, spec, principal, &acls),
            Some(None) => {}
            None if services.add(import, principal, &acls, &quotas, parties) => drop(adopted.insert(principal.clone())),
            None => {}
        }
    }
    quotas::write(import, skeleton, &quotas, &adopted);
    scram::leave(import, skeleton, &adopted);
    if let Some(first) = services.likenesses.first() {
        let more = match services.likenesses.len() - 1 {
            0 => String::new(),
            more => format!(", and so for {}", counted(more as u64, "more service")),
        };
        import.made.questions.push(format!("is {first} the service that it is called after on other clusters{more}?"));
    }
    services.grants
}

/// Whether an ACL is about one of the topics by its name.
fn names_one(acl: &Acl, topics: &BTreeMap<TopicName, Adoption>) -> bool {
    acl.resource == AclResourceType::Topic && acl.pattern == PatternType::Literal && topics.contains_key(&*acl.name)
}

/// The ACLs that the workspace's manifests ask for on the cluster.
fn asked_for(import: &Import<'_>) -> BTreeSet<Acl> {
    let workspace = import.request.workspace;
    let cluster = workspace.clusters.get(import.request.cluster);
    cluster.map(|cluster| DesiredGrants::compile(workspace, cluster).acls.into_keys().collect()).unwrap_or_default()
}

fn owners<'r>(import: &Import<'r>) -> BTreeMap<Principal, Option<&'r GrantSpec>> {
    let workspace = import.request.workspace;
    let Some(cluster) = workspace.clusters.get(import.request.cluster) else { return BTreeMap::new() };
    let mut owners = BTreeMap::new();
    for (service, spec) in workspace.grants.iter().filter(|(_, spec)| workspace.selects(&spec.clusters, cluster)) {
        let stays = spec.state.is_none_or(|state| state.value == State::Present);
        for principal in principals_of(cluster, service, &spec.principals) {
            owners.entry(principal).or_insert(stays.then_some(spec));
        }
    }
    for (role, spec) in workspace.roles_of(cluster) {
        for principal in principals_of(cluster, role, &spec.principals) {
            owners.entry(principal).or_insert(None);
        }
    }
    owners
}

impl Services<'_> {
    /// The manifest of a service that has none. Answers whether there is one now.
    fn add(
        &mut self,
        import: &mut Import<'_>,
        principal: &Principal,
        acls: &[&Acl],
        quotas: &Quotas,
        parties: &mut Parties,
    ) -> bool {
        if let Some(acl) = acls.iter().find(|acl| !is_expressible(acl)) {
            import.made.left.push(format!(
                "{principal} is not declared: no manifest can say its ACL on {} {}, and what a declared principal has beside \
                 its manifest is taken away",
                acl.resource, acl.name
            ));
            return false;
        }
        let Some(quota) = quotas.text(principal) else {
            import.made.left.push(format!(
                "{principal} is not declared: no manifest can say its quota, and what a declared principal has beside its \
                 manifest is taken away"
            ));
            return false;
        };
        let (service, is_by_template) = self.name(import, principal);
        let asked = {
            let (import, name) = (&*import, service.as_str());
            let may_produce = |topic: &str| consents(import, topic, &|spec| spec.names_producer(name));
            let may_consume = |topic: &str| consents(import, topic, &|spec| spec.names_consumer(name));
            let readers = &import.found.readers;
            let (may_produce, may_consume) = (&may_produce, &may_consume);
            fold(name, acls, &Consents { may_produce, may_consume, readers, is_new: true })
        };
        self.note(&service, &asked);
        let about = import.found.principals.get(principal).cloned().unwrap_or_default();
        let mut text = about.comments();
        if let Some(other) = elsewhere(import, &service) {
            let _ = writeln!(
                text,
                "# question: is it the {other} of other clusters, whose manifest asks for something else?"
            );
            self.likenesses.push(service.clone());
        }
        let _ = write!(text, "service: {}\n{}", scalar(&service), import.clusters_line());
        text += &asked_text(&asked);
        text += &quota;
        let question = scram::question(import.found, principal);
        text += &question;
        if !is_by_template {
            let cluster = scalar(import.request.cluster.as_str());
            text += &mapping("principals", &[(cluster, scalar(principal.as_str()))], 0);
        }
        text += &raw_text(&asked.raw, reason(import.found));
        import.made.counts.services += 1;
        import.made.counts.raw += asked.raw.len();
        let path = import.paths.free("acls", &service, "yaml");
        if !question.is_empty() {
            let name = principal.as_str();
            import.made.questions.push(format!("where is the SCRAM password of {name} kept? ({})", path.display()));
        }
        if principal.is_everybody() {
            import.made.questions.push(format!("who needs what everybody may do? ({})", path.display()));
        }
        parties.service(&service, kind_of(&asked, acls), self.domain_of(&asked), about);
        import.create(path, text);
        true
    }

    /// The service that the cluster's template makes a principal of.
    fn made_from<'p>(&self, principal: &'p Principal) -> Option<&'p str> {
        let template = self.template.to_string();
        let (start, end) = template.split_once("{service}")?;
        let name = principal.as_str().strip_prefix(start)?.strip_suffix(end)?;
        (name.parse::<Name>().is_ok() && self.template.principal(name) == *principal).then_some(name)
    }

    /// The name of a principal's service, and whether the cluster's template makes the principal of it.
    fn name(&mut self, import: &Import<'_>, principal: &Principal) -> (String, bool) {
        let workspace = import.request.workspace;
        if let Some(name) = self.made_from(principal) {
            // One that is in the catalog and asks for nothing yet is this one.
            let is_waiting = workspace.catalog.services.contains_key(name)
                && !workspace.grants.contains_key(name)
                && !workspace.catalog.roles.contains_key(name);
            if self.names.insert(name.to_owned()) || is_waiting {
                return (name.to_owned(), true);
            }
        }
        let plain = match principal.is_everybody() {
            true => "everybody",
            false => taken_apart(principal.as_str()).map_or("client", |(_, name, _)| name),
        };
        let is_fit = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        let fit: String = plain.chars().map(|c| if is_fit(c) { c } else { '-' }).take(100).collect();
        let fit = if fit.is_empty() { "client".to_owned() } else { fit };
        let of_cluster = import.is_shared().then(|| format!("{fit}-{}", import.request.cluster));
        let numbered = (2..).map(|number| format!("{fit}-{number}"));
        let mut candidates = std::iter::once(fit.clone()).chain(of_cluster).chain(numbered);
        let free = candidates.find(|name| !self.names.contains(name)).expect("numbers do not end");
        self.names.insert(free.clone());
        (free, false)
    }

    /// Notes the other side of what a service asks for.
    fn note(&mut self, service: &str, asked: &Asked<'_>) {
        for topic in &asked.produces {
            self.grants.producers.entry((*topic).to_owned()).or_default().insert(service.to_owned());
        }
        for (topic, _) in &asked.consumes {
            self.grants.consumers.entry((*topic).to_owned()).or_default().insert(service.to_owned());
        }
    }

    /// The domain of most topics that a service writes, or else reads.
    fn domain_of(&self, asked: &Asked<'_>) -> Option<String> {
        let most = |topics: &mut dyn Iterator<Item = &str>| {
            let mut counted: BTreeMap<String, usize> = BTreeMap::new();
            for topic in topics.filter_map(|topic| topic.parse::<TopicName>().ok()) {
                *counted.entry(self.skeleton.workspace.domain_of(&topic).to_owned()).or_default() += 1;
            }
            counted.into_iter().max_by_key(|(_, count)| *count).map(|(domain, _)| domain)
        };
        most(&mut asked.produces.iter().copied()).or_else(|| most(&mut asked.consumes.iter().map(|(topic, _)| *topic)))
    }
}

/// Whether a topic's manifest names a service, or will: one that is adopted does; one that is declared is its owner's.
fn consents(import: &Import<'_>, topic: &str, names: &dyn Fn(&TopicSpec) -> bool) -> bool {
    if import.topics.contains_key(topic) {
        return true;
    }
    let workspace = import.request.workspace;
    let (Some(spec), Some(cluster)) = (workspace.topics.get(topic), workspace.clusters.get(import.request.cluster))
    else {
        return false;
    };
    spec.is_present() && workspace.selects(&spec.clusters, cluster) && names(spec)
}

/// The service or role of other clusters that a service of this cluster alone is called after.
fn elsewhere<'n>(import: &Import<'_>, service: &'n str) -> Option<&'n str> {
    let end = format!("-{}", import.request.cluster);
    let workspace = import.request.workspace;
    let is_client = |name: &&str| workspace.grants.contains_key(*name) || workspace.catalog.roles.contains_key(*name);
    service.strip_suffix(&end).filter(is_client)
}

fn kind_of(asked: &Asked<'_>, acls: &[&Acl]) -> ServiceKind {
    let groups: BTreeSet<&str> =
        acls.iter().filter(|acl| acl.resource == AclResourceType::Group).map(|acl| &*acl.name).collect();
    // An application that may do more or less than the documentation says is one all the same.
    let has_prefix = acls.iter().any(|acl| {
        acl.resource == AclResourceType::Topic
            && (acl.name.strip_suffix('-').is_some_and(|id| groups.contains(id))
                || makes_topics(acl) && groups.contains(&*acl.name))
    });
    if asked.connect.is_some() {
        ServiceKind::Connect
    } else if asked.streams.is_some() || has_prefix {
        ServiceKind::Streams
    } else {
        ServiceKind::Service
    }
}

fn asked_text(asked: &Asked<'_>) -> String {
    let consumes = asked.consumes.iter().map(|(topic, group)| match group {
        Some(group) => format!("{{ topic: {}, group: {} }}", scalar(topic), scalar(group)),
        None => scalar(topic),
    });
    let mut text = list("consumes", &consumes.collect::<Vec<_>>());
    text += &list("produces", &asked.produces.iter().map(|topic| scalar(topic)).collect::<Vec<_>>());
    let ids = asked.transactional_ids.iter().map(|id| scalar(&id.to_string()));
    text += &list("transactional_ids", &ids.collect::<Vec<_>>());
    if let Some(id) = asked.streams {
        text += &mapping("streams", &[("application_id".into(), scalar(id))], 0);
    }
    if let Some(Workers { worker, connectors, is_exactly_once }) = &asked.connect {
        let connectors: Vec<String> = connectors.iter().map(|connector| scalar(connector)).collect();
        let _ = writeln!(text, "connect:\n  worker: {}", scalar(worker));
        for line in list("connectors", &connectors).lines() {
            let _ = writeln!(text, "  {line}");
        }
        if !is_exactly_once {
            text += "  exactly_once: false\n";
        }
    }
    text
}

/// Why an entry is there, as far as a tool can tell.
fn reason(found: &Found) -> &'static str {
    if found.is_declared { OF_FILES } else { OF_CLUSTER }
}

const OF_FILES: &str = "It was in the files that this was imported from.";
const OF_CLUSTER: &str = "Found on the cluster when it was imported.";

/// The question above raw entries.
const ABOUT_RAW: &str =
    "question: does it need these? Each takes a waiver in busctl.yaml, or `consumes`, `produces` and the like";

/// The entry of an ACL that does not fold, in keys and values.
fn raw_entries(acl: &Acl, reason: &str) -> Vec<(&'static str, String)> {
    let name = pattern_of(acl).map(|pattern| pattern.to_string()).unwrap_or_default();
    let mut entries =
        vec![("resource", acl.resource.to_string()), ("name", scalar(&name)), ("operation", acl.operation.to_string())];
    if acl.permission == AclPermission::Deny {
        entries.push(("permission", acl.permission.to_string()));
    }
    if acl.host != "*" {
        entries.push(("host", scalar(&acl.host)));
    }
    entries.push(("reason", reason.to_owned()));
    entries
}

fn raw_text(acls: &[&Acl], reason: &str) -> String {
    if acls.is_empty() {
        return String::new();
    }
    let mut text = format!("# {ABOUT_RAW}\nraw:\n");
    for acl in acls {
        for (index, (key, value)) in raw_entries(acl, reason).into_iter().enumerate() {
            let _ = writeln!(text, "  {} {key}: {value}", if index == 0 { "-" } else { " " });
        }
    }
    text
}
