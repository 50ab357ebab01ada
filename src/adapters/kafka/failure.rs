//! krafka's errors as failures: what was tried, where, what came back, what to do now.

use krafka::error::ErrorCode;
use krafka::{KrafkaError, ProtocolErrorKind};

use super::access::Access;
use super::answers::Refusal;
use super::handshake;
use super::wire::WireError;
use crate::adapters::https::without_manual;
use crate::ports::{Failure, FailureKind};

const NO_PERMISSION: &str = "the principal that busctl connects as lacks an ACL for this";
const NO_AUTHORIZER: &str = "the brokers run no authorizer (authorizer.class.name), so that everybody may do everything; \
                             say so with `kafka.authorizer: none` in the cluster's manifest";
const NO_DELETION: &str = "the brokers delete no topics: delete.topic.enable is false";
const THROTTLED: &str = "wait a while and run it again to go on, or have the quota controller_mutation_rate of our user \
                         raised";
const LOST: &str = "the connection was lost; see whether the brokers run, then run it again";
const SLOW: &str = "the brokers did not answer in time; see whether most of the controllers run, without which requests wait, and \
                    whether the brokers are overloaded, or give a longer --timeout";
pub(super) const STRANGE: &str = "what came back is not what brokers say: check that the port is a Kafka listener's, and what stands \
                       between";

const MISSHAPEN: &str = "the answer is not in Kafka's form";
/// How krafka tells that what it met last, until the time was over, was such an answer.
const LAST_MISSHAPEN: &str = "last error: protocol error";

/// The failure of a request on a connection that stood.
pub(super) fn failure(tried: &str, access: &Access, error: &KrafkaError) -> Failure {
    // An error of a connection that had to be opened for the request is told as such.
    if let Some(failure) = handshake::told_apart(tried, access, error) {
        return failure;
    }
    let kind = kind(error);
    let hint = match (error, kind) {
        (KrafkaError::Broker { code: ErrorCode::ThrottlingQuotaExceeded, .. }, _) => Some(THROTTLED),
        (KrafkaError::Broker { code: ErrorCode::SecurityDisabled, .. }, _) => Some(NO_AUTHORIZER),
        (KrafkaError::Broker { code: ErrorCode::TopicDeletionDisabled, .. }, _) => Some(NO_DELETION),
        (_, FailureKind::Authorization) => Some(NO_PERMISSION),
        (_, FailureKind::Unreachable) => Some(LOST),
        (_, FailureKind::Timeout) => Some(SLOW),
        (_, FailureKind::Protocol) => Some(STRANGE),
        _ => None,
    };
    build(kind, tried, access, answer(error), hint.map(str::to_owned))
}

impl From<WireError> for KrafkaError {
    fn from(error: WireError) -> Self {
        let kind = match error {
            WireError::Truncated => ProtocolErrorKind::TruncatedFrame,
            WireError::NotUtf8 => ProtocolErrorKind::InvalidUtf8,
            WireError::LongNumber => ProtocolErrorKind::InvalidValue,
            // That is in what we would have sent.
            WireError::LongName => return Self::config(error.to_string()),
        };
        Self::protocol_kind(kind, error.to_string())
    }
}

impl From<Refusal> for KrafkaError {
    fn from(Refusal { code, message }: Refusal) -> Self {
        Self::broker(ErrorCode::from_i16(code), message)
    }
}

pub(super) fn build(kind: FailureKind, tried: &str, access: &Access, answer: String, hint: Option<String>) -> Failure {
    let answer = access.clean(&answer);
    Failure { kind, tried: tried.to_owned(), server: access.told().server(), answer, hint }
}

pub(super) fn kind(error: &KrafkaError) -> FailureKind {
    match error {
        KrafkaError::Network(_) | KrafkaError::Closed { .. } => FailureKind::Unreachable,
        // krafka tries again until the time is over; what it met until then says more than that the time is over.
        KrafkaError::Timeout { operation } if operation.contains("last error: network error") => {
            FailureKind::Unreachable
        }
        KrafkaError::Timeout { operation } if operation.contains(LAST_MISSHAPEN) => FailureKind::Protocol,
        KrafkaError::Timeout { .. } => FailureKind::Timeout,
        KrafkaError::Auth { .. } => FailureKind::Authentication,
        KrafkaError::Protocol { .. } | KrafkaError::IllegalState { .. } => FailureKind::Protocol,
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
        | ErrorCode::TransactionalIdAuthorizationFailed
        | ErrorCode::DelegationTokenAuthorizationFailed => FailureKind::Authorization,
        ErrorCode::SaslAuthenticationFailed | ErrorCode::UnsupportedSaslMechanism | ErrorCode::IllegalSaslState => {
            FailureKind::Authentication
        }
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::UnknownTopicId
        | ErrorCode::GroupIdNotFound
        | ErrorCode::ResourceNotFound => FailureKind::NotFound,
        ErrorCode::TopicAlreadyExists => FailureKind::Exists,
        ErrorCode::SecurityDisabled | ErrorCode::UnsupportedVersion => FailureKind::Unsupported,
        ErrorCode::RequestTimedOut => FailureKind::Timeout,
        ErrorCode::InvalidTopic
        | ErrorCode::InvalidPartitions
        | ErrorCode::InvalidReplicationFactor
        | ErrorCode::InvalidReplicaAssignment
        | ErrorCode::InvalidConfig
        | ErrorCode::InvalidRequest
        | ErrorCode::InvalidPrincipalType
        | ErrorCode::UnacceptableCredential
        | ErrorCode::PolicyViolation
        | ErrorCode::TopicDeletionDisabled
        | ErrorCode::ReassignmentInProgress => FailureKind::Refused,
        _ => FailureKind::Server,
    }
}

/// What came back, in the broker's words and with the name that Kafka's documentation has for the code.
pub(super) fn answer(error: &KrafkaError) -> String {
    match error {
        KrafkaError::Broker { code, message } => {
            let name = code_name(*code);
            match message.trim() {
                "" => name,
                // What brokers write for themselves of the request, with its connection.
                message if message.contains("Request(processor=") => name,
                message if message == format!("{code:?}") => name,
                message => format!("{message} ({name})"),
            }
        }
        KrafkaError::Network(error) => in_words(&error.to_string()),
        KrafkaError::Timeout { operation } => in_words(operation),
        KrafkaError::Protocol { kind, message } => match misshapen(*kind) {
            Some(what) => format!("{MISSHAPEN}: {what}"),
            None => message.clone(),
        },
        KrafkaError::Auth { message, .. }
        | KrafkaError::Config { message }
        | KrafkaError::Closed { message }
        | KrafkaError::IllegalState { message } => message.clone(),
        other => other.to_string(),
    }
}

/// What krafka tells of tries that failed, the last of which may have had an answer that cannot be read.
pub(super) fn in_words(text: &str) -> String {
    match text.split_once(LAST_MISSHAPEN) {
        Some((before, what)) if !what.contains("UnknownApiVersion") => format!("{before}last error: {MISSHAPEN}"),
        _ => without_manual(text).to_owned(),
    }
}

/// What of an answer cannot be read; `None` where the message is for people. krafka's are for who works on it.
fn misshapen(kind: ProtocolErrorKind) -> Option<&'static str> {
    match kind {
        ProtocolErrorKind::TruncatedFrame => Some("it ends too early"),
        ProtocolErrorKind::InvalidLength => Some("a length in it is negative or too large"),
        ProtocolErrorKind::InvalidUtf8 => Some("a text in it is not UTF-8"),
        ProtocolErrorKind::InvalidValue => Some("a value in it is none that may stand there"),
        ProtocolErrorKind::CrcMismatch => Some("records in it are damaged"),
        ProtocolErrorKind::UnsupportedMagic => Some("records in it have a format that is not known"),
        ProtocolErrorKind::Malformed => Some("its parts do not fit together, or one is missing"),
        _ => None,
    }
}

/// `TopicAlreadyExists` as people know it: `TOPIC_ALREADY_EXISTS`.
pub(super) fn code_name(code: ErrorCode) -> String {
    if let ErrorCode::Unknown(number) = code {
        return format!("error code {number}, which this version does not know");
    }
    let mut name = String::new();
    for character in format!("{code:?}").chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_the_name_that_people_search_for() {
        assert_eq!(code_name(ErrorCode::TopicAlreadyExists), "TOPIC_ALREADY_EXISTS");
        assert_eq!(code_name(ErrorCode::SecurityDisabled), "SECURITY_DISABLED");
        let error = KrafkaError::broker(ErrorCode::PolicyViolation, "no");
        assert_eq!(answer(&error), "no (POLICY_VIOLATION)");
        assert_eq!(answer(&KrafkaError::broker(ErrorCode::PolicyViolation, "")), "POLICY_VIOLATION");
    }

    #[test]
    fn what_is_not_in_kafkas_form_is_told_in_words_for_people() {
        let told = |kind, message: &str| answer(&KrafkaError::protocol_kind(kind, message));
        let library =
            "negative array length -1 in decode (use check_decode_nullable_array_len for fields where -1 means null)";
        let form = "the answer is not in Kafka's form: ";
        assert_eq!(
            told(ProtocolErrorKind::Malformed, library),
            format!("{form}its parts do not fit together, or one is missing")
        );
        let library = "Invalid pre-authentication response length: -1 (max: 1); refusing to allocate on an unauthenticated peer's say-so";
        assert_eq!(
            told(ProtocolErrorKind::InvalidLength, library),
            format!("{form}a length in it is negative or too large")
        );
        let error = KrafkaError::timeout(
            "Metadata did not complete within 3s; last error: protocol error: negative array length -1",
        );
        assert_eq!(
            answer(&error),
            "Metadata did not complete within 3s; last error: the answer is not in Kafka's form"
        );
        assert_eq!(kind(&error), FailureKind::Protocol);
        let version = "the broker does not know DescribeQuorum in version 0 to 2";
        assert_eq!(told(ProtocolErrorKind::UnknownApiVersion, version), version);
    }

    #[test]
    fn a_server_that_never_came_back_was_not_slow_but_gone() {
        let error = KrafkaError::timeout("CreateTopics did not complete within 3s; last error: network error: refused");
        assert_eq!(kind(&error), FailureKind::Unreachable);
        assert_eq!(kind(&KrafkaError::timeout("no answer within 3s")), FailureKind::Timeout);
    }
}
