//! Reading, creating and deleting ACLs.

use std::future::Future;

use krafka::KrafkaError;

use super::batch::{batches, send_all};
use super::{KafkaClient, acl_wire};
use crate::model::PatternType;
use crate::ports::kafka::{Acl, Outcomes};
use crate::ports::{Failure, FailureKind};

/// ACLs in one request. A controller takes at most 10,000.
const ACLS_PER_REQUEST: usize = 4_000;
const REQUESTS_AT_ONCE: usize = 2;

impl KafkaClient {
    /// Every ACL.
    pub(super) async fn all_acls(&self) -> Result<Vec<Acl>, Failure> {
        const TRIED: &str = "describe the ACLs";
        let described = acl_wire::describe(&self.brokers, None).await;
        let (mut acls, unknown) = described.map_err(|error| match self.failure(TRIED, &error) {
            refused if refused.kind == FailureKind::Authorization => Failure {
                hint: Some(
                    "the principal that busctl connects as lacks Describe on the cluster (`kafka-cluster`)".into(),
                ),
                ..refused
            },
            failure => failure,
        })?;
        if let Some([resource, pattern, operation, permission]) = unknown.first() {
            return Err(Failure {
                kind: FailureKind::Unsupported,
                tried: TRIED.into(),
                server: self.server.clone(),
                answer: format!(
                    "{} of the ACLs are of a kind that this version does not know, the first with resource type \
                     {resource}, pattern type {pattern}, operation {operation}, permission {permission}",
                    unknown.len()
                ),
                hint: Some("use a busctl that knows the brokers' version of Kafka".into()),
            });
        }
        acls.sort_unstable();
        Ok(acls)
    }

    /// Whether exactly this ACL is there.
    pub(super) async fn serves_acl(&self, acl: &Acl) -> Result<bool, Failure> {
        let described = acl_wire::describe(&self.brokers, Some(acl)).await;
        let (found, _) =
            described.map_err(|error| self.failure(&format!("describe the ACL {}", words(acl)), &error))?;
        Ok(found.contains(acl))
    }

    pub(super) async fn create_acls_in_batches(&self, acls: &[Acl]) -> Outcomes {
        self.write_acls(acls, "create", |batch| acl_wire::create(&self.brokers, batch)).await
    }

    pub(super) async fn delete_acls_in_batches(&self, acls: &[Acl]) -> Outcomes {
        self.write_acls(acls, "delete", |batch| acl_wire::delete(&self.brokers, batch)).await
    }

    async fn write_acls<'a, F, Fut>(&self, acls: &'a [Acl], verb: &str, send: F) -> Outcomes
    where
        F: Fn(&'a [Acl]) -> Fut,
        Fut: Future<Output = krafka::Result<Vec<krafka::Result<()>>>>,
    {
        send_all(
            batches(acls, ACLS_PER_REQUEST, |_| 1),
            REQUESTS_AT_ONCE,
            || self.permit(),
            |batch| async {
                let failed = |acl: &Acl, error| self.failure(&format!("{verb} the ACL {}", words(acl)), &error);
                let answers = match tokio::time::timeout(self.timeout, send(batch)).await {
                    Ok(Ok(answers)) => answers,
                    Ok(Err(error)) => return batch.iter().map(|acl| Err(failed(acl, error.clone()))).collect(),
                    Err(_) => return batch.iter().map(|acl| Err(failed(acl, self.timed_out()))).collect(),
                };
                let answers = answers.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
                let outcome = |(acl, answer): (&Acl, Option<krafka::Result<()>>)| {
                    let answer =
                        answer.unwrap_or_else(|| Err(KrafkaError::illegal_state("the answer does not speak of it")));
                    answer.map_err(|error| failed(acl, error))
                };
                batch.iter().zip(answers).map(outcome).collect()
            },
        )
        .await
    }
}

fn words(acl: &Acl) -> String {
    let pattern = match acl.pattern {
        PatternType::Literal => "",
        PatternType::Prefixed => "*",
    };
    let Acl { permission, principal, operation, resource, name, host, .. } = acl;
    format!("\"{permission} {principal} to {operation} {resource} {name}{pattern} from {host}\"")
}
