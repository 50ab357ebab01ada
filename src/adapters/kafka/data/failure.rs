//! librdkafka's errors as failures: what was tried, where, what came back, what to do now.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rustls::AlertDescription;

use super::Context;
use crate::adapters::kafka::failure::STRANGE;
use crate::adapters::kafka::handshake::{login_refused, refused_by_alert};
use crate::model::Secret;
use crate::ports::connection::Connection;
use crate::ports::{Failure, FailureKind};

/// The failure of a call. Where librdkafka only says that time ran out, that nobody is there or that we are not taken, the answer is
/// what of ours is no good, or else what it told of the brokers meanwhile.
pub(in crate::adapters::kafka) fn failure(
    tried: &str,
    connection: &Connection,
    error: &KafkaError,
    context: &Context<impl Send + Sync>,
) -> Failure {
    let code = error.rdkafka_error_code();
    let kind = code.map_or(FailureKind::Refused, kind);
    if code == Some(Code::LeaderNotAvailable) {
        let hint = "start the brokers that have the replicas of this partition, then run it again";
        return Failure {
            hint: Some(hint.into()),
            ..build(tried, connection, kind, "a partition has no leader".into())
        };
    }
    if !matches!(kind, FailureKind::Timeout | FailureKind::Unreachable | FailureKind::Authentication) {
        return build(tried, connection, kind, context.access().clean(&answer(error)));
    }
    match (of_ours(tried, connection, context), context.told(), code) {
        (Some(failure), ..) => failure,
        (None, Some((code, reason)), _) => of_trouble(tried, connection, code, &context.access().clean(&reason)),
        (None, None, Some(code)) if is_login(code) => {
            of_trouble(tried, connection, code, "the brokers refused what we log in with")
        }
        (None, None, _) => build(tried, connection, kind, context.access().clean(&answer(error))),
    }
}

/// Why the brokers could not be spoken to of late; `None` where a client has met no trouble.
pub(in crate::adapters::kafka) fn lately(tried: &str, context: &Context<impl Send + Sync>) -> Option<Failure> {
    let connection = context.access().told();
    of_ours(tried, connection, context).or_else(|| {
        let (code, reason) = context.told_lately()?;
        Some(of_trouble(tried, connection, code, &context.access().clean(&reason)))
    })
}

/// What of ours keeps brokers from taking the client.
fn of_ours(tried: &str, connection: &Connection, context: &Context<impl Send + Sync>) -> Option<Failure> {
    let (answer, hint) = context.wrong_of_ours()?;
    let answer = context.access().clean(&answer);
    Some(Failure { hint, ..build(tried, connection, FailureKind::Authentication, answer) })
}

/// What librdkafka tells of a broker.
fn of_trouble(tried: &str, connection: &Connection, code: Code, reason: &str) -> Failure {
    // Its state and how often it said so are for who looks into the library.
    let reason = reason.rfind(" (after ").filter(|_| reason.ends_with(')')).map_or(reason, |at| &reason[..at]);
    if let Some(alert) = alert_in(reason) {
        let (answer, hint) = refused_by_alert(connection, alert);
        return Failure { hint: Some(hint), ..build(tried, connection, FailureKind::Authentication, answer) };
    }
    if reason.contains("certificate verify failed") {
        let answer = "a broker's certificate is not trusted, or not of the name that it is checked for (certificate verify failed)";
        let hint = Some("`busctl doctor connection` says whose it is and what is wrong with it".to_owned());
        return Failure { hint, ..build(tried, connection, FailureKind::Authentication, answer.to_owned()) };
    }
    let failure = build(tried, connection, kind(code), reason.to_owned());
    match connection.sasl.is_some() && is_login(code) {
        true => Failure { hint: Some(login_refused(connection).to_owned()), ..failure },
        false => failure,
    }
}

fn is_login(code: Code) -> bool {
    matches!(code, Code::Authentication | Code::SaslAuthenticationFailed)
}

/// The alert that a broker ended a handshake with, in OpenSSL's words.
fn alert_in(reason: &str) -> Option<AlertDescription> {
    let (_, number) = reason.split_once("SSL alert number ")?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).map_or(number, |end| &number[..end]);
    digits.parse::<u8>().ok().map(AlertDescription::from)
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
    use crate::ports::connection::{Bearer, Identity, Login, Sasl, Tls, TokenSource};
    use rdkafka::ClientContext;

    /// A certificate of 2020.
    const OVER: &str = "\
-----BEGIN CERTIFICATE-----
MIIBGDCBvwIUZy+Zw70auLiXDSkXRnElcL/tWwIwCgYIKoZIzj0EAwIwDzENMAsG
A1UEAwwEb3ZlcjAeFw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAwMDBaMA8xDTAL
BgNVBAMMBG92ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASUdDPno7ClR4h5
45nguTMFbwqCFv5Zu0ERUv5sfjtidQ1RicNEIp0CoLC2vg2gOR0AK+RZz0Lh2pJO
cU2pqktMMAoGCCqGSM49BAMCA0gAMEUCIDjushgRH1yBsHy5QYFYs5maJhi1JX4W
sd4bFuAXcwAlAiEAv8V2JBz8uh+8SIOmGdVulG1GtD6tKnnOeLw6d9ZWz+M=
-----END CERTIFICATE-----
";

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

    fn told(connection: Connection, error: KafkaError, trouble: Option<(Code, &str)>) -> Failure {
        let context = Context::new(&Arc::new(Access::new(connection.clone(), None)), ());
        if let Some((code, reason)) = trouble {
            context.error(KafkaError::Global(code), reason);
        }
        failure("read the topic _busctl-lock", &connection, &error, &context)
    }

    #[test]
    fn a_refused_handshake_is_told_as_the_other_client_tells_it() {
        let alert = "ssl://a:9094/bootstrap: Receive failed: error:0A000416:SSL routines::sslv3 alert certificate unknown: SSL \
                     alert number 46 (after 210ms in state APIVERSION_QUERY, 4 identical error(s) suppressed)";
        let timed_out = || KafkaError::MetadataFetch(Code::OperationTimedOut);
        let failure = told(connection(), timed_out(), Some((Code::BrokerTransportFailure, alert)));
        assert_eq!(failure.kind, FailureKind::Authentication);
        assert_eq!(failure.answer, "the listener refused the TLS handshake with the alert CertificateUnknown");
        assert!(failure.hint.is_some_and(|hint| hint.contains("asks for a client certificate")));
        let untrusted = "ssl://a:9094/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: \
                         broker certificate could not be verified, verify that ssl.ca.location is correctly configured or root \
                         CA certificates are installed (install ca-certificates package) (after 9ms in state SSL_HANDSHAKE)";
        let failure = told(connection(), timed_out(), Some((Code::SSL, untrusted)));
        assert_eq!(failure.kind, FailureKind::Authentication);
        assert!(failure.answer.starts_with("a broker's certificate is not trusted"), "{failure}");
        assert!(!failure.answer.contains("ssl.ca.location"), "no key of ours: {failure}");
        let refused = "a:9092: Connect failed: Connection refused (after 1ms in state CONNECT)";
        let failure = told(connection(), timed_out(), Some((Code::BrokerTransportFailure, refused)));
        assert_eq!(failure.answer, "a:9092: Connect failed: Connection refused");
    }

    #[test]
    fn a_certificate_of_ours_that_is_over_is_the_reason() {
        let identity = Identity { certificate: Secret::new(OVER), key: None };
        let tls = Some(Tls { ca: None, identity: Some(identity), server_name: None });
        let connection = Connection { tls, ..connection() };
        let failure = told(connection, KafkaError::MetadataFetch(Code::BrokerTransportFailure), None);
        assert_eq!(failure.kind, FailureKind::Authentication);
        assert_eq!(failure.answer, "our certificate of CN=over is over since 2021-01-01T00:00:00.000Z");
        assert!(failure.hint.is_some_and(|hint| hint.contains("have it renewed")));
    }

    #[test]
    fn a_refused_login_says_what_to_do_by_what_was_shown() {
        let kept = Some(TokenSource::Kept(Secret::new("t")));
        let token = Sasl::OauthBearer(Bearer { own: kept, login: None });
        let password = Sasl::Plain(Login { username: "busctl".into(), password: Secret::new("p") });
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let _inside = runtime.enter();
        for (sasl, hint) in [(token, "the brokers do not take the token"), (password, "check the user and the secret")]
        {
            let connection = Connection { sasl: Some(sasl), ..connection() };
            let failure = told(connection, KafkaError::MetadataFetch(Code::Authentication), None);
            assert_eq!(failure.answer, "the brokers refused what we log in with");
            assert!(failure.hint.as_deref().is_some_and(|told| told.starts_with(hint)), "{failure:?}");
        }
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
