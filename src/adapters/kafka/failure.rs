//! krafka's errors as failures: what was tried, where, what came back, what to do now.

use krafka::KrafkaError;
use krafka::error::ErrorCode;

use crate::ports::{Failure, FailureKind};

/// The failure of `tried` on `server`.
pub(super) fn failure(tried: &str, server: &str, error: &KrafkaError) -> Failure {
    Failure { kind: kind(error), tried: tried.to_owned(), server: server.to_owned(), answer: answer(error), hint: None }
}

fn kind(error: &KrafkaError) -> FailureKind {
    match error {
        KrafkaError::Network(_) | KrafkaError::Closed { .. } => FailureKind::Unreachable,
        KrafkaError::Timeout { .. } => FailureKind::Timeout,
        KrafkaError::Auth { .. } => FailureKind::Authentication,
        KrafkaError::Protocol { .. } => FailureKind::Protocol,
        KrafkaError::Broker { code, .. } => kind_of_code(*code),
        KrafkaError::UnknownTopic { .. } => FailureKind::NotFound,
        _ => FailureKind::Refused,
    }
}

fn kind_of_code(code: ErrorCode) -> FailureKind {
    match code {
        ErrorCode::TopicAuthorizationFailed
        | ErrorCode::GroupAuthorizationFailed
        | ErrorCode::ClusterAuthorizationFailed
        | ErrorCode::TransactionalIdAuthorizationFailed => FailureKind::Authorization,
        ErrorCode::SaslAuthenticationFailed | ErrorCode::UnsupportedSaslMechanism | ErrorCode::IllegalSaslState => {
            FailureKind::Authentication
        }
        ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId | ErrorCode::ResourceNotFound => {
            FailureKind::NotFound
        }
        ErrorCode::TopicAlreadyExists => FailureKind::Exists,
        ErrorCode::SecurityDisabled | ErrorCode::UnsupportedVersion => FailureKind::Unsupported,
        ErrorCode::RequestTimedOut => FailureKind::Timeout,
        ErrorCode::InvalidTopic
        | ErrorCode::InvalidPartitions
        | ErrorCode::InvalidReplicationFactor
        | ErrorCode::InvalidReplicaAssignment
        | ErrorCode::InvalidConfig
        | ErrorCode::InvalidRequest
        | ErrorCode::PolicyViolation
        | ErrorCode::ReassignmentInProgress => FailureKind::Refused,
        _ => FailureKind::Server,
    }
}

fn answer(error: &KrafkaError) -> String {
    match error {
        KrafkaError::Broker { code, message } => match message.trim() {
            "" => format!("{code:?}"),
            message if *message == format!("{code:?}") => message.to_owned(),
            message => format!("{message} ({code:?})"),
        },
        other => other.to_string(),
    }
}
