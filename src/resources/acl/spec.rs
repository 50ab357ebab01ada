use std::collections::BTreeMap;

use crate::model::{GroupId, Label, Name, Pattern, Principal, TopicName};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use crate::resources::quota::QuotaSpec;
use crate::resources::scram::ScramSpec;
use crate::resources::topic::State;
use crate::source::{Decode, Decoder, Node, Shape, Spanned, Value, manifest};

manifest! {
    "a service's grants"
    /// What one service asks for.
    pub struct GrantSpec {
        /// The service, as declared in `catalog/`.
        service: Spanned<Name>,
        /// `absent` takes all of the service's grants away; needs `reason`.
        state: Option<Spanned<State>>,
        /// Why the service leaves.
        reason: Option<Spanned<String>>,
        /// The clusters it is for, by name, environment or label; all by default.
        clusters: Vec<Spanned<Label>>,
        /// Topics that it reads, each with its group.
        consumes: Vec<ConsumesSpec>,
        /// Topics that it writes.
        produces: Vec<ProducesSpec>,
        /// Its transactional ids; a trailing `*` makes a prefix.
        transactional_ids: Vec<Spanned<Pattern>>,
        /// A Kafka Streams application.
        streams: Option<Spanned<StreamsSpec>>,
        /// A Connect worker.
        connect: Option<Spanned<ConnectSpec>>,
        /// What it may use of the brokers.
        quota: Option<Spanned<QuotaSpec>>,
        /// How it logs in with SCRAM, where it does.
        scram: Option<Spanned<ScramSpec>>,
        /// Its principals, by cluster; without an entry the cluster's template gives it.
        principals: BTreeMap<Spanned<Box<str>>, PrincipalsSpec>,
        /// Somebody outside the organisation; needs the approval.
        external: Option<Spanned<ExternalSpec>>,
        /// ACL entries that nothing above expresses; each needs a waiver.
        raw: Vec<Spanned<RawAclSpec>>,
    }
}

manifest! {
    "a Kafka Streams application"
    /// A Kafka Streams application.
    pub struct StreamsSpec {
        /// Its `application.id`: its group, and the prefix of its internal topics and transactional ids.
        application_id: Spanned<GroupId>,
    }
}

manifest! {
    "a Connect worker"
    /// A Connect worker (cluster of workers) and the connectors on it.
    pub struct ConnectSpec {
        /// The workers' `group.id`: also the prefix of the three internal topics (`ID-configs`, `-offsets`, `-status`).
        worker: Spanned<GroupId>,
        /// Connectors; a sink connector's group is `connect-NAME`.
        connectors: Vec<Spanned<Name>>,
        /// Whether source connectors may write exactly once (`exactly.once.source.support`), which takes a transactional id; true by
        /// default.
        exactly_once: Option<Spanned<bool>>,
    }
}

impl ConnectSpec {
    /// The transactional id of the workers' leader (KIP-618), where they need one.
    pub fn transactional_id(&self) -> Option<String> {
        let is_exactly_once = self.exactly_once.is_none_or(|exactly_once| exactly_once.value);
        is_exactly_once.then(|| format!("connect-cluster-{}", self.worker.value))
    }
}

manifest! {
    "an external service"
    /// A service of somebody else.
    pub struct ExternalSpec {
        /// The reference of the approval.
        approval: Spanned<String>,
    }
}

manifest! {
    "a raw ACL"
    /// One ACL as Kafka knows it.
    pub struct RawAclSpec {
        /// What it is about.
        resource: Spanned<AclResourceType>,
        /// The resource's name; a trailing `*` makes a prefix, `*` alone means every one.
        name: Spanned<Pattern>,
        /// What may be done.
        operation: Spanned<AclOperation>,
        /// allow (default) or deny.
        permission: Option<Spanned<AclPermission>>,
        /// From which host; every one by default.
        host: Option<Spanned<String>>,
        /// Why nothing else does.
        reason: Spanned<String>,
    }
}

impl RawAclSpec {
    /// The ACL of a principal.
    pub fn to_acl(&self, principal: &Principal) -> Acl {
        let (name, pattern) = self.name.to_acl();
        Acl {
            resource: self.resource.value,
            name: name.into(),
            pattern,
            principal: principal.clone(),
            host: self.host.as_ref().map_or("*".into(), |host| host.value.clone().into()),
            operation: self.operation.value,
            permission: self.permission.map_or(AclPermission::Allow, |permission| permission.value),
        }
    }
}

/// A topic that a service reads: the topic's name alone, or a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumesSpec {
    /// The topic.
    pub topic: Spanned<TopicName>,
    /// The group; by default the Streams application's id, else the service's name.
    pub group: Option<Spanned<GroupId>>,
    /// Whether no manifest says so, and it follows from `dlq:` in the manifest of another topic.
    pub is_derived: bool,
}

/// A topic that a service writes: the topic's name alone, or a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct ProducesSpec {
    /// The topic.
    pub topic: Spanned<TopicName>,
    /// Whether no manifest says so, and it follows from `dlq:` in the manifest of another topic.
    pub is_derived: bool,
}

manifest! {
    "an entry of `consumes`"
    /// A topic that a service reads, in full.
    struct FullConsumes {
        /// The topic.
        topic: Spanned<TopicName>,
        /// The group.
        group: Option<Spanned<GroupId>>,
    }
}

manifest! {
    "an entry of `produces`"
    /// A topic that a service writes, in full.
    struct FullProduces {
        /// The topic.
        topic: Spanned<TopicName>,
    }
}

impl Decode for ConsumesSpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => {
                let full = FullConsumes::decode(node, decoder)?;
                Some(Self { topic: full.topic, group: full.group, is_derived: false })
            }
            _ => Spanned::decode(node, decoder).map(|topic| Self { topic, group: None, is_derived: false }),
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![TopicName::shape(), FullConsumes::shape()])
    }
}

impl Decode for ProducesSpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => {
                FullProduces::decode(node, decoder).map(|full| Self { topic: full.topic, is_derived: false })
            }
            _ => Spanned::decode(node, decoder).map(|topic| Self { topic, is_derived: false }),
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![TopicName::shape(), FullProduces::shape()])
    }
}

/// The principals of a service on one cluster: one, several, or one for each listener.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalsSpec {
    /// Every one.
    pub all: Vec<Spanned<Principal>>,
    /// The listeners that they are written for, each with its principal.
    pub by_listener: Vec<(Spanned<Box<str>>, Principal)>,
}

impl Decode for PrincipalsSpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        let anywhere = |all| Self { all, by_listener: Vec::new() };
        match &node.value {
            Value::Sequence(_) => Vec::decode(node, decoder).map(anywhere),
            Value::Mapping(entries) => {
                let decoded = entries.iter().filter_map(|entry| {
                    let principal = Spanned::<Principal>::decode(&entry.value, decoder)?;
                    Some(((entry.key.clone(), principal.value.clone()), principal))
                });
                let (by_listener, all) = decoded.unzip();
                Some(Self { all, by_listener })
            }
            Value::Scalar { .. } => Spanned::decode(node, decoder).map(|principal| anywhere(vec![principal])),
        }
    }

    fn shape() -> Shape {
        let principal = Principal::shape();
        Shape::OneOf(vec![principal.clone(), principal.clone().list(), principal.map()])
    }
}
