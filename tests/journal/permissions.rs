//! What docs/permissions.md says is enough, and what lacks is said.

use std::time::Duration;

use busctl::adapters::kafka::KafkaClient;
use busctl::model::{PatternType, Principal};
use busctl::ports::FailureKind;
use busctl::ports::journal::{HeldJournal, Journal, LOCK_GROUP, LockFailure, OWN_PREFIX, TRANSACTIONAL_ID};
use busctl::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType, KafkaAdmin};

use crate::bus::{APPLIER, AUDITOR, Alone, began, classic, holder, journal, newer};

fn acl(login: &str, resource: AclResourceType, name: &str, pattern: PatternType, operation: AclOperation) -> Acl {
    let principal: Principal = format!("User:{login}").parse().unwrap();
    let permission = AclPermission::Allow;
    Acl { resource, name: name.into(), pattern, principal, host: "*".into(), operation, permission }
}

fn topics(login: &str, operation: AclOperation) -> Acl {
    acl(login, AclResourceType::Topic, OWN_PREFIX, PatternType::Prefixed, operation)
}

async fn grant(alone: &Alone, acls: &[Acl]) {
    for created in alone.client.create_acls(acls).await {
        created.unwrap();
    }
}

async fn least_rights(alone: &Alone) {
    let client = KafkaClient::connect(alone.bus.connection_of(APPLIER)).await.unwrap();
    let applier = journal(&client);
    let steps = [
        vec![topics(APPLIER, AclOperation::Read), topics(APPLIER, AclOperation::Write)],
        vec![acl(APPLIER, AclResourceType::Group, LOCK_GROUP, PatternType::Literal, AclOperation::Read)],
        vec![acl(
            APPLIER,
            AclResourceType::TransactionalId,
            TRANSACTIONAL_ID,
            PatternType::Literal,
            AclOperation::Write,
        )],
    ];
    for rights in steps {
        let refused = applier.acquire(&holder("least-rights"), Duration::ZERO).await.err();
        let Some(LockFailure::Failed(failure)) = &refused else { panic!("{refused:?}") };
        assert_eq!(failure.kind, FailureKind::Authorization, "{failure}");
        assert!(failure.hint.is_some(), "{failure}");
        grant(alone, &rights).await;
    }
    let held = applier.acquire(&holder("least-rights"), Duration::from_secs(20)).await.unwrap();
    held.open_intents().await.unwrap();
    held.record(&[began("least-rights")], &[]).await.unwrap();
    held.release().await.unwrap();

    let client = KafkaClient::connect(alone.bus.connection_of(AUDITOR)).await.unwrap();
    let auditor = journal(&client);
    let refused = auditor.events(None).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Authorization, "{refused}");
    grant(alone, &[topics(AUDITOR, AclOperation::Read)]).await;
    assert!(auditor.events(None).await.unwrap().iter().any(|event| event.apply_id == "least-rights"));
    assert_eq!(auditor.holder().await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_rights_suffice() {
    least_rights(&newer().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_rights_suffice_with_the_classic_protocol() {
    least_rights(&classic().await).await;
}
