use crate::model::{Name, TopicName};
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;

/// A dead-letter queue: a topic that holds what a service could not process of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The dead-letter topic.
    pub topic: TopicName,
    /// The topic that its records come from, as it is declared.
    pub origin: Option<TopicName>,
    /// The service that could not process them.
    pub service: Option<Name>,
    /// The team that answers for it.
    pub owner: Option<String>,
}

impl Queue {
    /// The queue of a topic. One that nobody declared is looked at too, and tells less.
    pub fn of(workspace: &Workspace, topic: &TopicName) -> Self {
        let (origin, service) = match workspace.dead_letters_of(topic.as_str()) {
            Some((origin, service)) => (Some(origin.clone()), service.parse().ok()),
            None => (None, None),
        };
        let owner = workspace.topics.get(topic).and_then(|spec| workspace.owner_of(spec)).map(str::to_owned);
        Self { topic: topic.clone(), origin, service, owner }
    }

    /// The queues that are declared for a cluster.
    pub fn declared<'w>(workspace: &'w Workspace, cluster: &'w ClusterSpec) -> impl Iterator<Item = Self> {
        let topics = workspace.topics_of(cluster).filter(|spec| spec.is_dead_letter() && spec.is_present());
        topics.map(|spec| Self::of(workspace, &spec.topic))
    }

    /// What stands for the origin of records that do not say theirs.
    pub fn presumed_origin(&self) -> &str {
        self.origin.as_ref().map(|origin| origin.as_str()).unwrap_or_default()
    }
}
