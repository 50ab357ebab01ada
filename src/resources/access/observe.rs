use std::collections::BTreeSet;

use crate::model::TopicName;
use crate::ports::kafka::{Acl, KafkaAdmin};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::{Desired, Live};

/// What of a cluster is needed to say who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The id that its brokers answered; `None` where they were not asked.
    pub cluster_id: Option<String>,
    /// The ACLs; `None` where the brokers have no authorizer.
    pub acls: Option<Vec<Acl>>,
    /// The topics that are there and could be seen.
    pub topics: BTreeSet<TopicName>,
}

/// Reads it. Fails where the ACLs cannot be seen: without them there is no answer.
pub async fn observe(kafka: &impl KafkaAdmin) -> Result<Sight, Failure> {
    // The id first: where nobody answers, one error is enough.
    let cluster = kafka.cluster().await?;
    let (acls, topics) = tokio::join!(kafka.acls(), kafka.topics());
    let topics = topics?.into_iter().map(|topic| topic.name).collect();
    Ok(Sight { cluster_id: Some(cluster.id), acls: acls_or_none(acls)?, topics })
}

impl Sight {
    /// Of a live state that was saved.
    pub fn of(live: &Live) -> Result<Self, Failure> {
        let acls = match &live.acls {
            Observed::Known(acls) => Ok(acls.clone()),
            Observed::Hidden(failure) => Err(failure.clone()),
        };
        let topics = live.topics.topics.keys().cloned().collect();
        Ok(Self { cluster_id: Some(live.cluster.id.clone()), acls: acls_or_none(acls)?, topics })
    }

    /// Of what the manifests ask for, as if all of it were there and nothing else.
    pub fn declared(desired: &Desired<'_>) -> Self {
        let has_authorizer = desired.cluster.has_authorizer();
        let acls = has_authorizer.then(|| desired.grants.acls.keys().cloned().collect());
        Self { cluster_id: None, acls, topics: desired.topics.keys().cloned().collect() }
    }
}

fn acls_or_none(acls: Result<Vec<Acl>, Failure>) -> Result<Option<Vec<Acl>>, Failure> {
    match acls {
        Ok(acls) => Ok(Some(acls)),
        Err(failure) if failure.kind == FailureKind::Unsupported => Ok(None),
        Err(failure) => Err(failure),
    }
}
