//! librdkafka's errors as failures: what was tried, where, what came back, what to do now.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::Context;
use crate::adapters::kafka::failure::STRANGE;
use crate::model::Secret;
use crate::ports::connection::Connection;
use crate::ports::{Failure, FailureKind};

/// The failure of a call. Where librdkafka only says that time ran out or that nobody is there, what it told of the
/// brokers meanwhile is the answer.
pub(in crate::adapters::kafka) fn failure(
    tried: &str,
    connection: &Connection,
    error: &KafkaError,
    context: &Context<impl Send + Sync>,
) -> Failure {
    let code = error.rdkafka_error_code();
    let kind = code.map_or(FailureKind::Refused, kind);
    match (kind, context.told()) {
        (FailureKind::Timeout | FailureKind::Unreachable, Some((code, reason))) => {
            build(tried, connection, self::kind(code), context.access().clean(&reason))
        }
        _ if code == Some(Code::LeaderNotAvailable) => {
            let hint = "start the brokers that have the replicas of this partition, then run it again";
            Failure { hint: Some(hint.into()), ..build(tried, connection, kind, "a partition has no leader".into()) }
        }
        _ => build(tried, connection, kind, context.access().clean(&answer(error))),
    }
}

/// The failure that a code alone says.
pub(in crate::adapters::kafka) fn of_code(tried: &str, connection: &Connection, code: Code) -> Failure {
    build(tried, connection, kind(code), code.to_string())
}

/// The failure of a client that could not be made from the connection, which is then wrong in itself.
pub(in crate::adapters::kafka) fn unusable(tried: &str, connection: &Connection, error: &KafkaError) -> Failure {
    let hint = hint(FailureKind::Authentication).map(str::to_owned);
    let answer = Secret::hidden_in(&error.to_string(), &connection.secrets());
    Failure { hint, ..build(tried, connection, FailureKind::Refused, answer) }
}

/// Whether somebody else has begun with the same transactional id, or the producer can write nothing more.
pub(in crate::adapters::kafka) fn is_fenced(error: &KafkaError) -> bool {
    matches!(error, KafkaError::Transaction(error) if error.is_fatal())
        || matches!(
            error.rdkafka_error_code(),
            Some(Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch | Code::Fatal)
        )
}

fn build(tried: &str, connection: &Connection, kind: FailureKind, answer: String) -> Failure {
    let hint = hint(kind).map(str::to_owned);
    Failure { kind, tried: tried.to_owned(), server: connection.server(), answer, hint }
}

fn answer(error: &KafkaError) -> String {
    match error {
        KafkaError::Transaction(error) => format!("{} ({})", error.string(), error.name()),
        KafkaError::ClientConfig(_, description, ..) => description.clone(),
        KafkaError::ClientCreation(text) | KafkaError::Subscription(text) => text.clone(),
        error => error.rdkafka_error_code().map_or_else(|| error.to_string(), |code| code.to_string()),
    }
}

fn kind(code: Code) -> FailureKind {
    match code {
        Code::BrokerTransportFailure
        | Code::AllBrokersDown
        | Code::Resolve
        | Code::BrokerDestroy
        | Code::DestroyBroker => FailureKind::Unreachable,
        Code::OperationTimedOut | Code::TimedOutQueue | Code::MessageTimedOut | Code::RequestTimedOut => {
            FailureKind::Timeout
        }
        Code::SSL | Code::Authentication | Code::SaslAuthenticationFailed | Code::IllegalSASLState => {
            FailureKind::Authentication
        }
        Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed
        | Code::TransactionalIdAuthorizationFailed => FailureKind::Authorization,
        Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownTopicId | Code::UnknownPartition => {
            FailureKind::NotFound
        }
        Code::UnsupportedFeature | Code::UnsupportedVersion => FailureKind::Unsupported,
        Code::MessageSizeTooLarge | Code::InvalidConfig | Code::PolicyViolation | Code::InvalidArgument => {
            FailureKind::Refused
        }
        Code::BadMessage | Code::BadCompression => FailureKind::Protocol,
        _ => FailureKind::Server,
    }
}

fn hint(kind: FailureKind) -> Option<&'static str> {
    match kind {
        FailureKind::Unreachable => Some("see whether the brokers run and can be reached, then run it again"),
        FailureKind::Timeout => {
            Some("the brokers did not answer in time; see whether they are overloaded, or give a longer --timeout")
        }
        FailureKind::Protocol => Some(STRANGE),
        FailureKind::Authentication => Some("check `tls` and `sasl` in the cluster's `connection`"),
        FailureKind::Authorization => Some(
            "the principal that busctl connects as lacks an ACL for its own topics, group or transactional id: see \
             docs/permissions.md",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::adapters::kafka::access::Access;
    use rdkafka::ClientContext;

    fn connection() -> Connection {
        Connection { bootstrap: vec!["a:9092".into()], tls: None, sasl: None, timeout: Duration::from_secs(30) }
    }

    #[test]
    fn what_was_told_of_the_brokers_says_why_time_ran_out() {
        let connection = connection();
        let context = Context::new(&Arc::new(Access::new(connection.clone(), None)), ());
        let timed_out = KafkaError::MetadataFetch(Code::OperationTimedOut);
        assert_eq!(failure("read", &connection, &timed_out, &context).kind, FailureKind::Timeout);
        context.error(KafkaError::Global(Code::BrokerTransportFailure), "a:9092: Connect failed: Connection refused");
        context.error(KafkaError::Global(Code::AllBrokersDown), "1/1 brokers are down");
        let failure = failure("read the audit", &connection, &timed_out, &context);
        assert_eq!(failure.kind, FailureKind::Unreachable);
        assert_eq!(
            failure.to_string(),
            "could not read the audit on a:9092: a:9092: Connect failed: Connection refused"
        );
    }

    #[test]
    fn the_end_of_a_partition_is_no_reason_for_what_fails_later() {
        let connection = connection();
        let context = Context::new(&Arc::new(Access::new(connection.clone(), None)), ());
        context.error(
            KafkaError::Global(Code::PartitionEOF),
            "Fetch from broker 1 reached end of partition at offset 338",
        );
        let failure =
            failure("read the audit", &connection, &KafkaError::MetadataFetch(Code::OperationTimedOut), &context);
        assert_eq!(failure.kind, FailureKind::Timeout);
        assert!(!failure.answer.contains("end of partition"), "{failure}");
    }
}
