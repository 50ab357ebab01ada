use std::collections::BTreeSet;

use super::{About, Sight};
use crate::model::{Pattern, PatternType, Principal};
use crate::ports::kafka::{Acl, AclResourceType};
use crate::resources::Desired;
use crate::resources::acl::access::{AuthorizerSettings, CLUSTER, Target};
use crate::resources::acl::{principals_of, services_by_group};

/// Whom or what somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A service or a role, with its principals on the cluster.
    Client {
        /// `service` or `role`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Its principals.
        principals: Vec<Principal>,
    },
    /// A principal.
    Principal(Principal),
    /// A resource, or all whose names start so and that nothing longer is said of.
    Resource(AclResourceType, Pattern),
}

/// Where names are looked up.
#[derive(Debug)]
pub struct Known<'a> {
    desired: &'a Desired<'a>,
    sight: &'a Sight,
    settings: AuthorizerSettings,
    groups: BTreeSet<String>,
}

impl Subject {
    /// Its principals, where it is somebody.
    pub fn principals(&self) -> Vec<Principal> {
        match self {
            Self::Client { principals, .. } => principals.clone(),
            Self::Principal(principal) => vec![principal.clone()],
            Self::Resource(..) => Vec::new(),
        }
    }

    /// As answers say it.
    pub fn about(&self) -> About {
        let (kind, name) = match self {
            Self::Client { kind, name, .. } => (*kind, name.clone()),
            Self::Principal(principal) => ("principal", principal.to_string()),
            Self::Resource(resource, pattern) => (resource.as_str(), pattern.to_string()),
        };
        About { kind, name, principals: self.principals() }
    }

    /// As it is asked for where its name means several things.
    pub fn in_full(&self) -> String {
        let About { kind, name, .. } = self.about();
        format!("{kind}/{name}")
    }
}

/// A target of a name and the way it is meant, as ACLs have them.
pub(super) fn target_of(name: &str, kind: PatternType) -> Target<'_> {
    match (kind, name) {
        (PatternType::Literal, "*") => Target::Under(""),
        (PatternType::Literal, name) => Target::Name(name),
        (PatternType::Prefixed, prefix) => Target::Under(prefix),
    }
}

impl<'a> Known<'a> {
    /// What is declared and what was seen.
    pub fn new(desired: &'a Desired<'a>, sight: &'a Sight) -> Self {
        let groups = services_by_group(desired, |grants| !grants.is_leaving()).into_keys().collect();
        Self { desired, sight, settings: AuthorizerSettings::of(desired.cluster), groups }
    }

    /// What a text may mean: the first is meant where nothing else is said. `KIND/NAME` means one alone.
    pub fn meant(&self, text: &str) -> Vec<Subject> {
        if let Some((kind, name)) = text.split_once('/')
            && let Some(subject) = self.of_kind(kind, name)
        {
            return subject.into_iter().collect();
        }
        let mut meant = Vec::new();
        meant.extend(self.client(text));
        meant.extend(self.principal(text).filter(|principal| self.knows(principal)).map(Subject::Principal));
        if text == "cluster" {
            meant.push(Subject::Resource(AclResourceType::Cluster, Pattern::literal(CLUSTER)));
        }
        meant.extend(self.resources(text));
        // An unknown principal may do what everybody may.
        if meant.is_empty() && text.starts_with(Principal::USER) {
            meant.extend(self.principal(text).map(Subject::Principal));
        }
        meant
    }

    /// The one that is meant by its kind; `None` where there is no such kind, `Some(None)` where there is none of it.
    fn of_kind(&self, kind: &str, name: &str) -> Option<Option<Subject>> {
        match kind {
            "service" | "role" => {
                let client = self.client(name);
                Some(client.filter(|client| matches!(client, Subject::Client { kind: is, .. } if *is == kind)))
            }
            "principal" => Some(self.principal(name).map(Subject::Principal)),
            kind => {
                let (_, resource) = AclResourceType::WORDS.iter().find(|(word, _)| *word == kind)?;
                Some(name.parse().ok().map(|pattern| Subject::Resource(*resource, pattern)))
            }
        }
    }

    fn client(&self, name: &str) -> Option<Subject> {
        let (workspace, cluster) = (self.desired.workspace, self.desired.cluster);
        let (kind, written) = match (workspace.grants.get(name), workspace.catalog.roles.get(name)) {
            (Some(grants), _) => ("service", Some(&grants.principals)),
            (None, Some(role)) => ("role", Some(&role.principals)),
            (None, None) if workspace.catalog.services.contains_key(name) => ("service", None),
            (None, None) => return None,
        };
        let principals = match written {
            Some(written) => principals_of(cluster, name, written),
            None => vec![cluster.template().principal(name)],
        };
        Some(Subject::Client { kind, name: name.to_owned(), principals })
    }

    fn principal(&self, text: &str) -> Option<Principal> {
        text.parse().ok()
    }

    fn knows(&self, principal: &Principal) -> bool {
        self.desired.grants.owners.contains_key(principal)
            || self.settings.super_users.contains(principal)
            || self.acls().any(|acl| acl.principal == *principal)
    }

    fn acls(&self) -> impl Iterator<Item = &'a Acl> {
        self.sight.acls.iter().flatten()
    }

    /// Resources of this name, topics first.
    fn resources(&self, text: &str) -> Vec<Subject> {
        let Ok(pattern) = text.parse::<Pattern>() else { return Vec::new() };
        let is_topic = |name: &str| pattern.matches(name);
        let topics = self.sight.topics.iter().chain(self.desired.topics.keys());
        let mut types: BTreeSet<AclResourceType> = BTreeSet::new();
        if topics.into_iter().any(|name| is_topic(name.as_str())) {
            types.insert(AclResourceType::Topic);
        }
        if self.groups.iter().any(|group| pattern.matches(group)) {
            types.insert(AclResourceType::Group);
        }
        let (name, kind) = pattern.to_acl();
        types.extend(self.acls().filter(|acl| *acl.name == *name && acl.pattern == kind).map(|acl| acl.resource));
        types.into_iter().map(|resource| Subject::Resource(resource, pattern.clone())).collect()
    }

    /// Names that somebody may have meant.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let workspace = self.desired.workspace;
        let clients = workspace.grants.keys().chain(workspace.catalog.roles.keys());
        let clients = clients.chain(workspace.catalog.services.keys()).map(String::as_str);
        let topics = self.sight.topics.iter().chain(self.desired.topics.keys()).map(|name| name.as_str());
        let principals = self.acls().map(|acl| acl.principal.as_str());
        clients.chain(topics).chain(self.groups.iter().map(String::as_str)).chain(principals)
    }
}
