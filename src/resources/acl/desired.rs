use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ConnectSpec, GrantSpec, PrincipalsSpec, RawAclSpec};
use crate::model::{Address, Pattern, PatternType, Principal, TopicName};
use crate::ports::journal::{LEDGER_TOPIC, dlq_id};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use crate::resources::Workspace;
use crate::resources::catalog::RoleSpec;
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::{State, TopicSpec};
use crate::source::{Span, Spanned};

use AclOperation::{Create, Delete, Describe, DescribeConfigs, Read, Write};

/// What services and roles may do on one cluster, compiled to ACLs.
#[derive(Debug, Clone, Default)]
pub struct DesiredGrants {
    /// ACLs with the place that asks for each.
    pub acls: BTreeMap<Acl, Span>,
    /// Principals whose ACLs are complete: each with the service or role that it belongs to.
    pub owners: BTreeMap<Principal, Owner>,
}

/// The service or role that a principal belongs to.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Whether it leaves (`state: absent`).
    pub leaving: bool,
}

impl DesiredGrants {
    /// Compiles the grants of a cluster. A grant that lacks the other side's consent is left out; the rules report it.
    pub fn compile(workspace: &Workspace, cluster: &ClusterSpec) -> Self {
        let mut desired = Compiling::default();
        for (service, spec) in &workspace.grants {
            if workspace.selects(&spec.clusters, cluster) {
                desired.add_service(workspace, cluster, service, spec);
            }
        }
        for (role, spec) in workspace.roles_of(cluster) {
            desired.add_role(workspace, cluster, role, spec);
        }
        desired.finish()
    }

    /// Principals that the manifests declare on a cluster, as [`owners`](Self::owners), without what they may do.
    pub fn owners_on(workspace: &Workspace, cluster: &ClusterSpec) -> BTreeMap<Principal, Owner> {
        let mut declared = Compiling::default();
        for (service, spec) in &workspace.grants {
            if workspace.selects(&spec.clusters, cluster) {
                let principals = principals_of(cluster, service, &spec.principals);
                declared.own(&principals, service, spec.service.span, spec.is_leaving());
            }
        }
        for (role, spec) in workspace.roles_of(cluster) {
            declared.own(&principals_of(cluster, role, &spec.principals), role, spec.span, false);
        }
        declared.owners
    }
}

/// Grants that are being compiled.
#[derive(Default)]
struct Compiling {
    /// As they are asked for, some of them more than once.
    acls: Vec<(Acl, Span)>,
    owners: BTreeMap<Principal, Owner>,
}

impl Compiling {
    /// Of what is asked for several times, the first place counts. A tree that is made of all in order is built faster
    /// than one that grows, and is half as large.
    fn finish(mut self) -> DesiredGrants {
        self.acls.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.acls.dedup_by(|(again, _), (first, _)| again == first);
        DesiredGrants { acls: self.acls.into_iter().collect(), owners: self.owners }
    }

    fn add_service(&mut self, workspace: &Workspace, cluster: &ClusterSpec, service: &str, spec: &GrantSpec) {
        let leaving = spec.is_leaving();
        let principals = principals_of(cluster, service, &spec.principals);
        self.own(&principals, service, spec.service.span, leaving);
        if leaving {
            return;
        }
        let mut compiler = Compiler { acls: &mut self.acls, principals: &principals };
        for produces in &spec.produces {
            if consenting(workspace, cluster, &produces.topic).is_some_and(|topic| topic.names_producer(service)) {
                compiler.topic(&produces.topic, &[Describe, Write]);
            }
        }
        for consumes in &spec.consumes {
            if consenting(workspace, cluster, &consumes.topic).is_some_and(|topic| topic.names_consumer(service)) {
                compiler.topic(&consumes.topic, &[Describe, Read]);
                let span = consumes.group.as_ref().map_or(consumes.topic.span, |group| group.span);
                for group in spec.groups_of(consumes) {
                    compiler.allow(AclResourceType::Group, &Pattern::literal(group), &[Read], span);
                }
            }
        }
        for id in &spec.transactional_ids {
            compiler.allow(AclResourceType::TransactionalId, id, &[Describe, Write], id.span);
        }
        if let Some(streams) = &spec.streams {
            compiler.streams(&streams.application_id.value.to_string(), streams.span);
        }
        if let Some(connect) = &spec.connect {
            compiler.connect(connect, connect.span);
            for connector in &connect.connectors {
                let group = Pattern::literal(format!("connect-{}", connector.value));
                compiler.allow(AclResourceType::Group, &group, &[Read], connector.span);
            }
        }
        for raw in &spec.raw {
            self.acls.extend(principals.iter().map(|principal| (raw.to_acl(principal), raw.span)));
        }
    }

    fn add_role(&mut self, workspace: &Workspace, cluster: &ClusterSpec, role: &str, spec: &Spanned<RoleSpec>) {
        let principals = principals_of(cluster, role, &spec.principals);
        self.own(&principals, role, spec.span, false);
        let mut compiler = Compiler { acls: &mut self.acls, principals: &principals };
        // A topic that it names need not be for all clusters that the role is for.
        let is_here = |topics: &&Spanned<Pattern>| {
            // No name of a topic ends in an asterisk, as prefixes do.
            let topic = workspace.topics.get(topics.to_string().as_str());
            topic.is_none_or(|topic| workspace.selects(&topic.clusters, cluster))
        };
        for topics in spec.reads.iter().filter(is_here) {
            compiler.allow(AclResourceType::Topic, topics, &[Describe, Read], topics.span);
        }
        for topics in spec.writes.iter().filter(is_here) {
            compiler.allow(AclResourceType::Topic, topics, &[Describe, Write], topics.span);
        }
        for groups in &spec.groups {
            compiler.allow(AclResourceType::Group, groups, &[Describe, Read], groups.span);
        }
        for ids in &spec.transactional_ids {
            compiler.allow(AclResourceType::TransactionalId, ids, &[Describe, Write], ids.span);
        }
        if let Some(dlq) = &spec.dlq {
            compiler.dead_letters(workspace, cluster, &spec.value, dlq.span);
        }
    }

    fn own(&mut self, principals: &[Principal], name: &str, span: Span, leaving: bool) {
        for principal in principals {
            let owner = Owner { name: name.to_owned(), span, leaving };
            self.owners.entry(principal.clone()).or_insert(owner);
        }
    }
}

/// The topic, where it is declared for the cluster and wanted there.
pub(in crate::resources) fn consenting<'w>(
    workspace: &'w Workspace,
    cluster: &ClusterSpec,
    name: &TopicName,
) -> Option<&'w TopicSpec> {
    let topic = workspace.topics.get(name)?;
    let wanted = topic.state.is_none_or(|state| state.value == State::Present);
    (wanted && workspace.selects(&topic.clusters, cluster)).then_some(topic)
}

/// The principals of a service on a cluster: those written for it, else the one that the cluster's template makes.
pub fn principals_of(
    cluster: &ClusterSpec,
    service: &str,
    written: &BTreeMap<Spanned<Box<str>>, PrincipalsSpec>,
) -> Vec<Principal> {
    match principals_for(cluster, written) {
        Some((_, principals)) => principals.all.iter().map(|principal| principal.value.clone()).collect(),
        None => vec![cluster.template().principal(service)],
    }
}

/// The principals that are written for a cluster, by its name or its environment, and under which key.
pub fn principals_for<'w>(
    cluster: &ClusterSpec,
    written: &'w BTreeMap<Spanned<Box<str>>, PrincipalsSpec>,
) -> Option<(&'w Spanned<Box<str>>, &'w PrincipalsSpec)> {
    let find = |word: &str| written.iter().find(|(key, _)| &*key.value == word);
    let environment = cluster.environment.as_ref().map(|environment| environment.as_str());
    find(cluster.cluster.as_str()).or_else(|| environment.and_then(find))
}

impl GrantSpec {
    /// Whether the service leaves (`state: absent`).
    pub fn is_leaving(&self) -> bool {
        self.state.is_some_and(|state| state.value == State::Absent)
    }

    /// The groups that a service uses to read a topic: the one that is written, else its Streams application's, its
    /// connectors', or the one named like the service.
    pub fn groups_of(&self, consumes: &super::ConsumesSpec) -> Vec<String> {
        if let Some(group) = &consumes.group {
            return vec![group.value.to_string()];
        }
        if let Some(streams) = &self.streams {
            return vec![streams.application_id.value.to_string()];
        }
        match &self.connect {
            Some(connect) => {
                connect.connectors.iter().map(|connector| format!("connect-{}", connector.value)).collect()
            }
            None => vec![self.service.value.to_string()],
        }
    }

    /// Every group that the manifest names or means: of what it consumes, of its Streams application, its Connect workers
    /// and connectors.
    pub fn groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = self.consumes.iter().flat_map(|consumes| self.groups_of(consumes)).collect();
        groups.extend(self.streams.iter().map(|streams| streams.application_id.value.to_string()));
        if let Some(connect) = &self.connect {
            groups.push(connect.worker.value.to_string());
            groups.extend(connect.connectors.iter().map(|connector| format!("connect-{}", connector.value)));
        }
        groups
    }

    /// Those, and the groups that a raw ACL lets it use by their full name.
    pub fn groups_with_raw(&self) -> Vec<String> {
        let is_group = |raw: &&Spanned<RawAclSpec>| {
            let allows = raw.permission.is_none_or(|permission| permission.value == AclPermission::Allow);
            raw.resource.value == AclResourceType::Group && !raw.name.is_prefix() && allows
        };
        let raw = self.raw.iter().filter(is_group).map(|raw| raw.name.to_string());
        self.groups().into_iter().chain(raw).collect()
    }
}

impl TopicSpec {
    /// Whether the topic's owner lets the service write.
    pub fn names_producer(&self, service: &str) -> bool {
        self.producers.iter().any(|producer| producer.service.as_str() == service)
    }

    /// Whether the topic's owner lets the service read.
    pub fn names_consumer(&self, service: &str) -> bool {
        self.consumers.iter().any(|consumer| consumer.service.as_str() == service)
    }
}

struct Compiler<'a> {
    acls: &'a mut Vec<(Acl, Span)>,
    principals: &'a [Principal],
}

impl Compiler<'_> {
    fn allow(&mut self, resource: AclResourceType, name: &Pattern, operations: &[AclOperation], span: Span) {
        let (name, pattern) = name.to_acl();
        self.allow_named(resource, &name.into(), pattern, operations, span);
    }

    fn allow_named(
        &mut self,
        resource: AclResourceType,
        name: &Arc<str>,
        pattern: PatternType,
        operations: &[AclOperation],
        span: Span,
    ) {
        for principal in self.principals {
            for operation in operations {
                let acl = Acl {
                    resource,
                    name: name.clone(),
                    pattern,
                    principal: principal.clone(),
                    host: "*".into(),
                    operation: *operation,
                    permission: AclPermission::Allow,
                };
                self.acls.push((acl, span));
            }
        }
    }

    fn topic(&mut self, topic: &Spanned<TopicName>, operations: &[AclOperation]) {
        self.allow_named(AclResourceType::Topic, &topic.shared(), PatternType::Literal, operations, topic.span);
    }

    /// What `busctl dlq` asks for, as docs/permissions.md lists it.
    fn dead_letters(&mut self, workspace: &Workspace, cluster: &ClusterSpec, role: &RoleSpec, span: Span) {
        for topic in workspace.topics_of(cluster) {
            let tending = workspace.tending(role, topic);
            let operations = [
                (tending.reads, Read),
                (tending.writes, Write),
                (tending.writes, DescribeConfigs),
                (tending.deletes, Delete),
                (tending.reads || tending.writes, Describe),
            ];
            let wanted: Vec<_> = operations.into_iter().filter(|(wanted, _)| *wanted).map(|(_, it)| it).collect();
            self.allow_named(AclResourceType::Topic, &topic.topic.shared(), PatternType::Literal, &wanted, span);
            if tending.settles {
                let own = Pattern::literal(dlq_id(&topic.topic.value));
                self.allow(AclResourceType::Group, &own, &[Describe, Read], span);
                self.allow(AclResourceType::TransactionalId, &own, &[Describe, Write], span);
            }
            // Where the service is shows whether what was sent again was processed.
            let letters = topic.consumers.iter().filter(|consumer| consumer.has_dead_letters() && tending.writes);
            for grant in letters.filter_map(|consumer| workspace.grants.get(consumer.service.as_str())) {
                let reads = grant.consumes.iter().filter(|consumes| consumes.topic.value == topic.topic.value);
                for group in reads.flat_map(|consumes| grant.groups_of(consumes)) {
                    self.allow(AclResourceType::Group, &Pattern::literal(group), &[Describe], span);
                }
            }
        }
        self.allow(AclResourceType::Topic, &Pattern::literal(LEDGER_TOPIC), &[Describe, Read, Write], span);
        if cluster.cluster_id.is_some() {
            self.allow(AclResourceType::Cluster, &Pattern::literal("kafka-cluster"), &[Describe], span);
        }
    }

    /// What Kafka's documentation of Streams security asks for: the group, and everything that starts with the id.
    fn streams(&mut self, application_id: &str, span: Span) {
        let prefix = Pattern::prefix(format!("{application_id}-"));
        self.allow(AclResourceType::Group, &Pattern::literal(application_id), &[Describe, Read], span);
        self.allow(AclResourceType::Topic, &prefix, &[Create, Delete, Describe, DescribeConfigs, Read, Write], span);
        self.allow(AclResourceType::TransactionalId, &prefix, &[Describe, Write], span);
    }

    /// What Connect's documentation asks of a worker: its group, its three internal topics, and the transactional id of
    /// exactly-once sources (KIP-618), where there may be some.
    fn connect(&mut self, connect: &ConnectSpec, span: Span) {
        let worker = &connect.worker.value;
        self.allow(AclResourceType::Group, &Pattern::literal(worker.to_string()), &[Describe, Read], span);
        for suffix in ["configs", "offsets", "status"] {
            self.allow(
                AclResourceType::Topic,
                &Pattern::literal(format!("{worker}-{suffix}")),
                &[Create, Describe, DescribeConfigs, Read, Write],
                span,
            );
        }
        if let Some(id) = connect.transactional_id() {
            self.allow(AclResourceType::TransactionalId, &Pattern::literal(id), &[Describe, Write], span);
        }
    }
}

/// The address of the grant that an ACL belongs to.
pub fn address_of(service: &str, acl: &Acl) -> Address {
    Address::grant(service, format_args!("{}/{}", acl.resource, written_name(acl)))
}

/// The name of an ACL's resource, with a trailing `*` where it is a prefix.
pub fn written_name(acl: &Acl) -> String {
    match acl.pattern {
        PatternType::Literal => acl.name.to_string(),
        PatternType::Prefixed => format!("{}*", acl.name),
    }
}
