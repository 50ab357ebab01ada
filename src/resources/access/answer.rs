use std::collections::BTreeSet;
use std::ops::Bound;

use super::subject::target_of;
use super::{Access, AccessEntry, Reason, Sight, Subject};
use crate::model::{Pattern, PatternType, Principal};
use crate::ports::kafka::{Acl, AclOperation, AclResourceType};
use crate::resources::Desired;
use crate::resources::acl::access::{Authorizer, AuthorizerSettings, Because, Decision, Operations, Target};
use crate::resources::acl::{ANY_HOST, is_ours};
use crate::resources::cluster::Authorizer as AuthorizerKind;
use crate::source::Place;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Who or what.
    pub about: Subject,
    /// One resource, where it is about somebody.
    pub on: Option<Subject>,
    /// The operations that are meant.
    pub operations: Operations,
}

/// Says who may do what. Whom the authorizer lets through without an ACL is what the cluster's manifest declares: brokers do
/// not tell.
pub fn answer(desired: &Desired<'_>, sight: &Sight, question: &Question) -> Access {
    let settings = AuthorizerSettings::of(desired.cluster);
    let mut entries = match &sight.acls {
        None => vec![open_to_all(desired, question)],
        Some(acls) => {
            let judge = Judge {
                authorizer: Authorizer::new(acls, &settings),
                acls,
                desired,
                sight,
                operations: question.operations,
            };
            judge.entries(question)
        }
    };
    entries.sort_by(|a, b| order(a).cmp(&order(b)));
    Access {
        format_version: 1,
        cluster: desired.cluster.cluster.value.to_string(),
        cluster_id: sight.cluster_id.clone(),
        authorizer: sight.acls.is_some(),
        about: question.about.about(),
        on: question.on.as_ref().map(Subject::about),
        notes: notes(desired, sight),
        entries,
    }
}

/// What is allowed before what is refused, super users before others, services by their names before those of nobody.
fn order(entry: &AccessEntry) -> impl Ord + '_ {
    let by_acl = entry.because == Reason::Acl;
    let client = (entry.client.is_none(), entry.client.as_deref());
    (!entry.allowed, by_acl, client, &entry.principal, entry.resource, &entry.name, &entry.host)
}

fn notes(desired: &Desired<'_>, sight: &Sight) -> Vec<String> {
    let mut notes = Vec::new();
    let kafka = desired.cluster.kafka.as_ref();
    let kind = kafka.and_then(|kafka| kafka.authorizer.as_ref()).map(|kind| kind.value);
    if sight.acls.is_some() && kind == Some(AuthorizerKind::Other) {
        notes.push(
            "the authorizer is another one than Kafka's own: it may decide otherwise than its ACLs say".to_owned(),
        );
    }
    if sight.acls.is_some() && kafka.is_none_or(|kafka| kafka.every_super_user().next().is_none()) {
        notes.push("no super user is declared (`kafka.super_users`), and brokers do not tell who is one".to_owned());
    }
    notes
}

/// Without an authorizer everybody may do everything.
fn open_to_all(desired: &Desired<'_>, question: &Question) -> AccessEntry {
    let about = question.on.as_ref().unwrap_or(&question.about);
    let (resource, name) = match about {
        Subject::Resource(resource, pattern) => (Some(*resource), pattern.to_string()),
        Subject::Client { .. } | Subject::Principal(_) => (None, "*".to_owned()),
    };
    let kafka = desired.cluster.kafka.as_ref();
    let place = kafka.and_then(|kafka| kafka.authorizer.as_ref()).map(|it| desired.workspace.place(it.span));
    let every = resource.map_or(Operations::allowed_by(AclOperation::All), Operations::of);
    AccessEntry {
        principal: Principal::everybody(),
        client: None,
        resource,
        name,
        host: "*".to_owned(),
        allowed: true,
        operations: in_words(every.common(question.operations)),
        because: Reason::NoAuthorizer,
        acls: Vec::new(),
        place,
        leaving: false,
        only_without_acl: false,
        topics: None,
    }
}

/// The operations; of every operation the word for it.
fn in_words(operations: Operations) -> Vec<AclOperation> {
    let all: Vec<AclOperation> = operations.iter().collect();
    if all.contains(&AclOperation::All) { vec![AclOperation::All] } else { all }
}

struct Judge<'a> {
    authorizer: Authorizer<'a>,
    acls: &'a [Acl],
    desired: &'a Desired<'a>,
    sight: &'a Sight,
    operations: Operations,
}

impl Judge<'_> {
    fn entries(&self, question: &Question) -> Vec<AccessEntry> {
        match (&question.about, &question.on) {
            (Subject::Resource(resource, pattern), _) => self.of_resource(*resource, pattern),
            (about, Some(Subject::Resource(resource, pattern))) => {
                let (name, kind) = pattern.to_acl();
                let target = target_of(&name, kind);
                let of = |who: &Principal| self.decided(who, *resource, target, true);
                about.principals().iter().flat_map(of).collect()
            }
            (about, _) => about.principals().iter().flat_map(|who| self.of_principal(who)).collect(),
        }
    }

    /// Who may do something with a resource, and who is denied it.
    fn of_resource(&self, resource: AclResourceType, pattern: &Pattern) -> Vec<AccessEntry> {
        let (name, kind) = pattern.to_acl();
        let target = target_of(&name, kind);
        let everybody = Principal::everybody();
        let mut principals: BTreeSet<&Principal> = self.authorizer.named(resource, target);
        principals.extend(&self.authorizer.settings().super_users);
        if self.authorizer.is_open(resource, target) {
            principals.insert(&everybody);
        }
        principals.into_iter().flat_map(|who| self.decided(who, resource, target, false)).collect()
    }

    /// What somebody may do, by the patterns of the ACLs that speak of him.
    fn of_principal(&self, principal: &Principal) -> Vec<AccessEntry> {
        if self.authorizer.settings().is_super_user(principal) {
            let operations = in_words(self.operations);
            return vec![AccessEntry {
                operations,
                place: self.place_of_super_user(principal),
                ..self.entry(principal, None, "*".to_owned(), Reason::SuperUser, true)
            }];
        }
        let of_him = self.acls.iter().filter(|acl| acl.principal == *principal || acl.principal.is_everybody());
        let patterns: BTreeSet<(AclResourceType, &str, PatternType)> =
            of_him.map(|acl| (acl.resource, &*acl.name, acl.pattern)).collect();
        let of = |(resource, name, kind)| self.decided(principal, resource, target_of(name, kind), false);
        let mut entries: Vec<AccessEntry> = patterns.into_iter().flat_map(of).collect();
        if self.authorizer.settings().allow_everyone_if_no_acl_found {
            entries.push(AccessEntry {
                operations: in_words(self.operations),
                place: self.place_of_opening(),
                only_without_acl: true,
                ..self.entry(principal, None, "*".to_owned(), Reason::Open, true)
            });
        }
        entries
    }

    /// What is decided about somebody and a resource, one entry for each reason; with what no ACL says anything of, where
    /// that is asked for.
    fn decided(
        &self,
        principal: &Principal,
        resource: AclResourceType,
        target: Target<'_>,
        with_refused: bool,
    ) -> Vec<AccessEntry> {
        let may = |host: &str, operation| self.authorizer.may(principal, host, operation, resource, target);
        let mut entries: Vec<AccessEntry> = Vec::new();
        let single = self.authorizer.hosts(principal, resource, target);
        for host in std::iter::once(ANY_HOST).chain(single) {
            for operation in Operations::of(resource).common(self.operations).iter() {
                let decision = may(host, operation);
                let is_same = || may(ANY_HOST, operation).allowed == decision.allowed;
                let says_nothing = !decision.allowed && decision.because == Because::Default && !with_refused;
                if says_nothing || (host != ANY_HOST && is_same()) {
                    continue;
                }
                let entry = self.of_decision(principal, resource, target, host, decision);
                match entries.iter_mut().find(|known| is_alike(known, &entry)) {
                    Some(known) => {
                        known.operations.push(operation);
                        known
                            .acls
                            .extend(entry.acls.into_iter().filter(|acl| !known.acls.contains(acl)).collect::<Vec<_>>());
                    }
                    None => entries.push(AccessEntry { operations: vec![operation], ..entry }),
                }
            }
        }
        entries
    }

    fn of_decision(
        &self,
        principal: &Principal,
        resource: AclResourceType,
        target: Target<'_>,
        host: &str,
        decision: Decision<'_>,
    ) -> AccessEntry {
        let because = match (decision.because, decision.allowed) {
            (Because::Acl(_), _) => Reason::Acl,
            (Because::SuperUser, _) => Reason::SuperUser,
            (Because::Default, true) => Reason::Open,
            (Because::Default, false) => Reason::NotAllowed,
        };
        let name = match target {
            Target::Name(name) => name.to_owned(),
            Target::Under(prefix) => format!("{prefix}*"),
        };
        let mut entry = self.entry(principal, Some(resource), name, because, decision.allowed);
        if host != ANY_HOST {
            host.clone_into(&mut entry.host);
        }
        if resource == AclResourceType::Topic {
            entry.topics = Some(self.topics_meant(target));
        }
        match decision.because {
            Because::Acl(acl) => {
                entry.place = self.desired.grants.acls.get(acl).map(|span| self.desired.workspace.place(*span));
                entry.leaving = entry.place.is_none()
                    && self.desired.grants.owners.contains_key(&acl.principal)
                    && is_ours(self.desired, acl);
                entry.acls.push(acl.clone());
            }
            Because::SuperUser => entry.place = self.place_of_super_user(principal),
            Because::Default if decision.allowed => entry.place = self.place_of_opening(),
            Because::Default => {}
        }
        entry
    }

    fn entry(
        &self,
        principal: &Principal,
        resource: Option<AclResourceType>,
        name: String,
        because: Reason,
        allowed: bool,
    ) -> AccessEntry {
        AccessEntry {
            principal: principal.clone(),
            client: self.desired.grants.owners.get(principal).map(|owner| owner.name.clone()),
            resource,
            name,
            host: "*".to_owned(),
            allowed,
            operations: Vec::new(),
            because,
            acls: Vec::new(),
            place: None,
            leaving: false,
            only_without_acl: false,
            topics: None,
        }
    }

    fn topics_meant(&self, target: Target<'_>) -> u64 {
        let topics = &self.sight.topics;
        match target {
            Target::Name(name) => u64::from(topics.contains(name)),
            Target::Under(prefix) => {
                let from = topics.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
                from.take_while(|name| name.as_str().starts_with(prefix)).count() as u64
            }
        }
    }

    fn place_of_super_user(&self, principal: &Principal) -> Option<Place> {
        let kafka = self.desired.cluster.kafka.as_ref()?;
        let user = kafka.every_super_user().find(|user| user.value == *principal)?;
        Some(self.desired.workspace.place(user.span))
    }

    fn place_of_opening(&self) -> Option<Place> {
        Some(self.desired.workspace.place(self.desired.cluster.kafka.as_ref()?.open_without_acl()?))
    }
}

/// Whether two decisions have one reason: ACLs of one pattern that one place asks for.
fn is_alike(one: &AccessEntry, other: &AccessEntry) -> bool {
    let pattern = |entry: &AccessEntry| {
        let acl = entry.acls.first()?;
        Some((acl.principal.clone(), acl.name.clone(), acl.pattern, acl.host.clone()))
    };
    (&one.host, one.allowed, one.because, &one.place) == (&other.host, other.allowed, other.because, &other.place)
        && pattern(one) == pattern(other)
}
