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
        let origin = companion.map(|companion| companion.of.clone());
        let service: Option<Name> = companion.and_then(|companion| companion.service.parse().ok());
        let letters =
            companion.filter(|companion| companion.kind == CompanionKind::DeadLetters).and_then(|companion| {
                let consumers = &workspace.topics.get(companion.of)?.consumers;
                consumers.iter().find(|consumer| consumer.service.as_str() == companion.service)?.dead_letters()
            });
        let thresholds = letters.map(|letters| letters.thresholds);
        let owner = workspace.topics.get(topic).and_then(|spec| workspace.owner_of(spec)).map(str::to_owned);
        let is_declared = workspace.topics.contains_key(topic);
        Self { topic: topic.clone(), origin, service, owner, thresholds, is_declared }
    }

    /// The queues that are declared for a cluster.
    pub fn declared<'w>(workspace: &'w Workspace, cluster: &'w ClusterSpec) -> impl Iterator<Item = Self> {
        let topics = workspace.topics_of(cluster).filter(|spec| spec.is_dead_letter() && spec.is_present());
        topics.map(|spec| Self::of(workspace, &spec.topic))
    }

    /// Those of these topics of a cluster that nobody declares and that are called as dead-letter or parking topics are.
    pub fn undeclared<'w>(
        workspace: &'w Workspace,
        topics: impl Iterator<Item = &'w TopicName>,
    ) -> impl Iterator<Item = Self> {
        let holds = [CompanionKind::DeadLetters, CompanionKind::Parking];
        let is_called_so =
            move |name: &str| holds.iter().any(|kind| kind.pattern(&workspace.settings).parts(name).is_some());
        let unknown = topics.filter(|topic| !workspace.topics.contains_key(*topic) && !topic.is_reserved());
        unknown.filter(move |topic| is_called_so(topic.as_str())).map(|topic| Self::of(workspace, topic))
    }

    /// What stands for the origin of records that do not say theirs.
    pub fn presumed_origin(&self) -> &str {
        self.origin.as_ref().map(|origin| origin.as_str()).unwrap_or_default()
    }
}
