//! ACLs of one principal folded into what a service asks for. What is folded compiles to ACLs that are there, all of them,
//! so that nothing is added; what does not fold stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::model::{GroupId, Name, Pattern, PatternType, TopicName};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};

use AclOperation::{Create, Delete, Describe, DescribeConfigs, Read, Write};
use AclResourceType::{Group, Topic, TransactionalId};
use PatternType::{Literal, Prefixed};

/// What a service asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked<'a> {
    /// Topics that it reads, each with its group where that is not the one that it would have anyhow.
    pub consumes: Vec<(&'a str, Option<&'a str>)>,
    /// Topics that it writes.
    pub produces: Vec<&'a str>,
    /// Its transactional ids.
    pub transactional_ids: Vec<Pattern>,
    /// The id of its Streams application.
    pub streams: Option<&'a str>,
    /// Its Connect workers.
    pub connect: Option<Workers<'a>>,
    /// What does not fold.
    pub raw: Vec<&'a Acl>,
}

/// Connect workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Workers<'a> {
    /// Their group.
    pub worker: &'a str,
    /// The connectors on them.
    pub connectors: Vec<&'a str>,
    /// Whether they have the transactional id with which source connectors write exactly once.
    pub is_exactly_once: bool,
}

/// Who is asked whether a topic may be named, and what is known of groups.
pub struct Consents<'c> {
    /// Whether the topic's manifest names the service as a producer, or will.
    pub may_produce: &'c dyn Fn(&str) -> bool,
    /// Whether it names the service as a consumer, or will.
    pub may_consume: &'c dyn Fn(&str) -> bool,
    /// The topics that each group reads, as far as is known.
    pub readers: &'c BTreeMap<String, BTreeSet<TopicName>>,
    /// Whether an application may be told by the ACLs: only a manifest that is new gets one.
    pub is_new: bool,
}

/// What an ACL is about.
type About<'a> = (AclResourceType, PatternType, &'a str);

/// The operations that a principal is allowed everywhere, and those that are folded by now.
struct Held<'a> {
    allowed: BTreeMap<(AclResourceType, PatternType), BTreeMap<&'a str, BTreeSet<AclOperation>>>,
    folded: HashSet<(About<'a>, AclOperation)>,
}

/// Folds the ACLs of a service's principal.
pub fn fold<'a>(service: &str, acls: &[&'a Acl], consents: &Consents<'_>) -> Asked<'a> {
    let mut held = Held { allowed: BTreeMap::new(), folded: HashSet::new() };
    for acl in acls.iter().filter(|acl| is_plain(acl)) {
        let of = held.allowed.entry((acl.resource, acl.pattern)).or_default();
        of.entry(&acl.name).or_default().insert(acl.operation);
    }
    let mut asked = Asked::default();
    if consents.is_new {
        held.streams(service, &mut asked);
        held.connect(&mut asked);
    }
    held.transactional_ids(&mut asked);
    held.produces(consents, &mut asked);
    held.consumes(service, consents, &mut asked);
    let is_folded = |acl: &Acl| is_plain(acl) && held.folded.contains(&(about(acl), acl.operation));
    asked.raw = acls.iter().copied().filter(|acl| !is_folded(acl)).collect();
    asked
}

/// Whether a manifest can say it at all, be it as a raw entry: a `*` means something else in a pattern than in the name of
/// an ACL.
pub fn is_expressible(acl: &Acl) -> bool {
    pattern_of(acl).is_some_and(|pattern| {
        let (name, kind) = pattern.to_acl();
        name == *acl.name && kind == acl.pattern
    })
}

/// The pattern of an ACL as manifests have it.
pub fn pattern_of(acl: &Acl) -> Option<Pattern> {
    let end = if acl.pattern == Prefixed { "*" } else { "" };
    format!("{}{end}", acl.name).parse().ok()
}

/// Whether it allows something from everywhere, and a manifest can say it.
pub fn is_plain(acl: &Acl) -> bool {
    acl.permission == AclPermission::Allow && acl.host == "*" && is_expressible(acl)
}

fn about(acl: &Acl) -> About<'_> {
    (acl.resource, acl.pattern, &acl.name)
}

impl<'a> Held<'a> {
    /// Whether all of these operations are allowed.
    fn has(&self, resource: AclResourceType, pattern: PatternType, name: &str, operations: &[AclOperation]) -> bool {
        let allowed = self.allowed.get(&(resource, pattern)).and_then(|of| of.get(name));
        allowed.is_some_and(|allowed| operations.iter().all(|operation| allowed.contains(operation)))
    }

    /// Notes what is folded; it has been looked for before.
    fn take(&mut self, resource: AclResourceType, pattern: PatternType, name: &str, operations: &[AclOperation]) {
        let known = self.allowed.get(&(resource, pattern)).and_then(|of| of.get_key_value(name));
        let Some(name) = known.map(|(name, _)| *name) else { return };
        self.folded.extend(operations.iter().map(|operation| ((resource, pattern, name), *operation)));
    }

    /// Names of a resource that are meant as they stand and allow these operations.
    fn named(&self, resource: AclResourceType, operations: &[AclOperation]) -> Vec<&'a str> {
        let all = self.allowed.get(&(resource, Literal)).into_iter().flat_map(BTreeMap::keys).copied();
        all.filter(|name| *name != "*" && self.has(resource, Literal, name, operations)).collect()
    }

    fn streams(&mut self, service: &str, asked: &mut Asked<'a>) {
        const ON_TOPICS: &[AclOperation] = &[Create, Delete, Describe, DescribeConfigs, Read, Write];
        let is_application = |id: &&str| {
            let prefix = format!("{id}-");
            id.parse::<GroupId>().is_ok()
                && self.has(Topic, Prefixed, &prefix, ON_TOPICS)
                && self.has(TransactionalId, Prefixed, &prefix, &[Describe, Write])
        };
        let mut applications: Vec<&str> = self.named(Group, &[Describe, Read]);
        applications.retain(is_application);
        // A service is one application; another one of its principal stays raw.
        let id = applications.iter().find(|id| **id == service).or(applications.first()).copied();
        if let Some(id) = id {
            let prefix = format!("{id}-");
            self.take(Group, Literal, id, &[Describe, Read]);
            self.take(Topic, Prefixed, &prefix, ON_TOPICS);
            self.take(TransactionalId, Prefixed, &prefix, &[Describe, Write]);
            asked.streams = Some(id);
        }
    }

    fn connect(&mut self, asked: &mut Asked<'a>) {
        const ON_TOPICS: &[AclOperation] = &[Create, Describe, DescribeConfigs, Read, Write];
        let topics = |worker: &str| ["configs", "offsets", "status"].map(|end| format!("{worker}-{end}"));
        let id = |worker: &str| format!("connect-cluster-{worker}");
        let is_worker = |worker: &&str| {
            worker.parse::<GroupId>().is_ok()
                && topics(worker).iter().all(|topic| self.has(Topic, Literal, topic, ON_TOPICS))
        };
        let is_exactly_once = |worker: &str| self.has(TransactionalId, Literal, &id(worker), &[Describe, Write]);
        let mut workers = self.named(Group, &[Describe, Read]);
        workers.retain(is_worker);
        let with_id = workers.iter().find(|worker| is_exactly_once(worker));
        let Some(worker) = with_id.or(workers.first()).copied() else { return };
        let is_exactly_once = with_id.is_some();
        self.take(Group, Literal, worker, &[Describe, Read]);
        topics(worker).iter().for_each(|topic| self.take(Topic, Literal, topic, ON_TOPICS));
        if is_exactly_once {
            self.take(TransactionalId, Literal, &id(worker), &[Describe, Write]);
        }
        let groups = self.named(Group, &[Read]).into_iter();
        let connectors =
            groups.filter_map(|group| group.strip_prefix("connect-").filter(|it| it.parse::<Name>().is_ok()));
        let connectors: Vec<&str> = connectors.collect();
        connectors.iter().for_each(|connector| self.take(Group, Literal, &format!("connect-{connector}"), &[Read]));
        asked.connect = Some(Workers { worker, connectors, is_exactly_once });
    }

    fn transactional_ids(&mut self, asked: &mut Asked<'a>) {
        let of = |pattern: PatternType| {
            let ids = self.allowed.get(&(TransactionalId, pattern)).into_iter().flat_map(BTreeMap::keys);
            ids.map(move |name| (TransactionalId, pattern, *name))
        };
        let ids: Vec<About<'a>> = of(Literal).chain(of(Prefixed)).collect();
        for about @ (resource, pattern, name) in ids {
            let is_open = |operation: &AclOperation| !self.folded.contains(&(about, *operation));
            if !self.has(resource, pattern, name, &[Describe, Write]) || ![Describe, Write].iter().any(is_open) {
                continue;
            }
            self.take(resource, pattern, name, &[Describe, Write]);
            asked.transactional_ids.push(match (pattern, name) {
                (Prefixed, _) => Pattern::prefix(name),
                (Literal, "*") => Pattern::prefix(""),
                (Literal, _) => Pattern::literal(name),
            });
        }
    }

    fn produces(&mut self, consents: &Consents<'_>, asked: &mut Asked<'a>) {
        let mut topics = self.named(Topic, &[Describe, Write]);
        topics.retain(|topic| (consents.may_produce)(topic) && !self.is_folded(topic, Write));
        for topic in &topics {
            self.take(Topic, Literal, topic, &[Describe, Write]);
        }
        asked.produces = topics;
    }

    fn consumes(&mut self, service: &str, consents: &Consents<'_>, asked: &mut Asked<'a>) {
        let groups = self.named(Group, &[Read]);
        let groups: Vec<&str> = groups.into_iter().filter(|group| group.parse::<GroupId>().is_ok()).collect();
        // The groups that a topic is read with where its entry names none.
        let by_default: Vec<String> = match (asked.streams, &asked.connect) {
            (Some(id), _) => vec![id.to_owned()],
            (None, Some(workers)) => {
                workers.connectors.iter().map(|connector| format!("connect-{connector}")).collect()
            }
            (None, None) => vec![service.to_owned()],
        };
        let has_default = by_default.iter().all(|group| groups.contains(&group.as_str()));
        let mut topics = self.named(Topic, &[Describe, Read]);
        topics.retain(|topic| (consents.may_consume)(topic) && !self.is_folded(topic, Read));
        for topic in topics {
            let reads = |group: &&str| consents.readers.get(*group).is_some_and(|topics| topics.contains(topic));
            let known: Vec<&str> = groups.iter().copied().filter(reads).collect();
            let entries: Vec<Option<&'a str>> = match (known.as_slice(), has_default) {
                ([group], true) if by_default == [*group] => vec![None],
                ([_, ..], _) => known.iter().copied().map(Some).collect(),
                ([], true) => vec![None],
                // With which of several groups nobody knows.
                ([], false) => groups.first().copied().map(Some).into_iter().collect(),
            };
            if entries.is_empty() {
                continue;
            }
            self.take(Topic, Literal, topic, &[Describe, Read]);
            for entry in entries {
                match entry {
                    Some(group) => self.take(Group, Literal, group, &[Read]),
                    None => by_default.iter().for_each(|group| self.take(Group, Literal, group, &[Read])),
                }
                asked.consumes.push((topic, entry));
            }
        }
    }

    /// Whether an operation on a topic is folded already, as that of a worker's own topics is.
    fn is_folded(&self, topic: &str, operation: AclOperation) -> bool {
        self.folded.contains(&((Topic, Literal, topic), operation))
    }
}
