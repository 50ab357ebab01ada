use std::collections::BTreeSet;

use crate::model::{Name, TopicName};
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::{CompanionKind, Thresholds};

/// A dead-letter queue: a topic that holds what a service could not process of another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// The dead-letter topic.
    pub topic: TopicName,
    /// The topic that its records come from, as it is declared.
    pub origin: Option<TopicName>,
    /// The service that could not process them.
    pub service: Option<Name>,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// How many dead letters are too many, as the consumer's `dlq` says.
    pub thresholds: Option<Thresholds>,
    /// Whether a manifest declares it, or `dlq` of a consumer asks for it.
    pub is_declared: bool,
}

impl Queue {
    /// The queue of a topic. One that nobody declared is looked at too, and tells less.
    pub fn of(workspace: &Workspace, topic: &TopicName) -> Self {
        let companion =
            workspace.companion_of(topic.as_str()).filter(|companion| companion.kind != CompanionKind::Retry);
        // A name without `<service>` is one of several consumers.
        let belongs = workspace.companion_kind_of(topic).filter(|(kind, _)| *kind != CompanionKind::Retry);
        let belongs = companion
            .map(|companion| (companion.kind, companion.of))
            .or(belongs.map(|(kind, of)| (kind, &of.topic.value)));
        let origin = belongs.map(|(_, of)| of.clone());
        let asking = workspace.derived.get(topic).map(|derived| derived.services.as_slice());
        let service: Option<Name> = match (companion, asking) {
            (Some(companion), _) => companion.service.parse().ok(),
            (None, Some([one])) => one.parse().ok(),
            _ => None,
        };
        let thresholds = belongs.filter(|(kind, _)| *kind == CompanionKind::DeadLetters).and_then(|(_, of)| {
            let consumers = workspace.topics.get(of)?.consumers.iter();
            let is_of = |asks: &Name| service.as_ref().is_none_or(|service| service == asks);
            let asking = consumers.filter(|consumer| is_of(&consumer.service.value));
            asking.filter_map(|consumer| Some(consumer.dead_letters()?.thresholds)).reduce(Thresholds::strictest)
        });
        let owner = workspace.topics.get(topic).and_then(|spec| workspace.owner_of(spec)).map(str::to_owned);
        let is_declared = workspace.topics.contains_key(topic);
        Self { topic: topic.clone(), origin, service, owner, thresholds, is_declared }
    }

    /// The queues that are declared for a cluster.
    pub fn declared<'w>(workspace: &'w Workspace, cluster: &'w ClusterSpec) -> impl Iterator<Item = Self> {
        let topics = workspace.topics_of(cluster).filter(|spec| spec.is_dead_letter() && spec.is_present());
        topics.map(|spec| Self::of(workspace, &spec.topic))
    }

    /// Those of these topics of a cluster that nobody declares for it and that are called as dead-letter or parking topics are,
    /// or are declared as such elsewhere or as gone.
    pub fn undeclared<'w>(
        workspace: &'w Workspace,
        cluster: &'w ClusterSpec,
        topics: impl Iterator<Item = &'w TopicName>,
    ) -> impl Iterator<Item = Self> {
        let holds = [CompanionKind::DeadLetters, CompanionKind::Parking];
        let is_called_so =
            move |name: &str| holds.iter().any(|kind| kind.pattern(&workspace.settings).parts(name).is_some());
        let here: BTreeSet<&TopicName> =
            workspace.topics_of(cluster).filter(|spec| spec.is_present()).map(|spec| &spec.topic.value).collect();
        let unknown = topics.filter(move |topic| !here.contains(*topic) && !topic.is_reserved());
        let is_one = move |topic: &&TopicName| match workspace.topics.get(*topic) {
            Some(spec) => spec.is_dead_letter(),
            None => is_called_so(topic.as_str()),
        };
        unknown.filter(is_one).map(|topic| Self { is_declared: false, ..Self::of(workspace, topic) })
    }

    /// What stands for the origin of records that do not say theirs.
    pub fn presumed_origin(&self) -> &str {
        self.origin.as_ref().map(|origin| origin.as_str()).unwrap_or_default()
    }
}
