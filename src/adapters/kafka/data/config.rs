//! A connection in librdkafka's terms.

use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

use super::context::Context;
use crate::adapters::kafka::{CLIENT_ID, failure};
use crate::ports::connection::{Connection, Login, Sasl, Tls};
use crate::ports::{Failure, FailureKind};

/// What every client of librdkafka is made from: the same brokers, TLS and login as those of the admin protocol.
pub(in crate::adapters::kafka) fn client(connection: &Connection) -> Result<ClientConfig, Failure> {
    let mut config = ClientConfig::new();
    let milliseconds = connection.timeout.as_millis().clamp(10, 300_000).to_string();
    config
        .set("bootstrap.servers", connection.bootstrap.join(","))
        .set("client.id", CLIENT_ID)
        .set("security.protocol", protocol(connection))
        .set("socket.timeout.ms", &milliseconds)
        .set("socket.connection.setup.timeout.ms", milliseconds)
        .set("allow.auto.create.topics", "false");
    if let Some(tls) = &connection.tls {
        set_tls(&mut config, connection, tls)?;
    }
    match &connection.sasl {
        None => {}
        Some(Sasl::Plain(login)) => set_login(&mut config, "PLAIN", login),
        Some(Sasl::ScramSha256(login)) => set_login(&mut config, "SCRAM-SHA-256", login),
        Some(Sasl::ScramSha512(login)) => set_login(&mut config, "SCRAM-SHA-512", login),
        Some(Sasl::OauthBearer(_)) => drop(config.set("sasl.mechanism", "OAUTHBEARER")),
    }
    Ok(config)
}

fn protocol(connection: &Connection) -> &'static str {
    match (&connection.tls, &connection.sasl) {
        (None, None) => "plaintext",
        (Some(_), None) => "ssl",
        (None, Some(_)) => "sasl_plaintext",
        (Some(_), Some(_)) => "sasl_ssl",
    }
}

fn set_login(config: &mut ClientConfig, mechanism: &str, login: &Login) {
    config
        .set("sasl.mechanism", mechanism)
        .set("sasl.username", &login.username)
        .set("sasl.password", login.password.expose());
}

fn set_tls(config: &mut ClientConfig, connection: &Connection, tls: &Tls) -> Result<(), Failure> {
    if tls.server_name.is_some() {
        return Err(Failure {
            kind: FailureKind::Unsupported,
            tried: "connect to the brokers for reading and writing records".into(),
            server: connection.server(),
            answer: "the client for records cannot expect another name in a certificate than the broker's host".into(),
            hint: Some("reach the brokers by a name that is in their certificates, and leave `server_name` out".into()),
        });
    }
    if let Some(ca) = &tls.ca {
        config.set("ssl.ca.pem", ca.expose());
    }
    if let Some(identity) = &tls.identity {
        let key = identity.key.as_ref().unwrap_or(&identity.certificate);
        config.set("ssl.certificate.pem", identity.certificate.expose()).set("ssl.key.pem", key.expose());
    }
    Ok(())
}

/// An error of librdkafka as a failure. What a connection met before says more than that it is over.
pub(in crate::adapters::kafka) fn describe(
    tried: &str,
    connection: &Connection,
    context: &Context,
    error: &KafkaError,
) -> Failure {
    use rdkafka::types::RDKafkaErrorCode as Code;
    let code = error.rdkafka_error_code();
    let (kind, hint) = match code {
        Some(Code::TopicAuthorizationFailed | Code::GroupAuthorizationFailed)
        | Some(Code::ClusterAuthorizationFailed | Code::TransactionalIdAuthorizationFailed) => (
            FailureKind::Authorization,
            Some("the principal that busctl connects as lacks an ACL for this; docs/permissions.md has those of apply"),
        ),
        Some(Code::SaslAuthenticationFailed | Code::Authentication) => (FailureKind::Authentication, None),
        Some(Code::AllBrokersDown | Code::BrokerTransportFailure | Code::Resolve) => {
            (FailureKind::Unreachable, Some("the connection was lost; see whether the brokers run, then run it again"))
        }
        Some(Code::OperationTimedOut | Code::RequestTimedOut | Code::MessageTimedOut | Code::TimedOutQueue) => (
            FailureKind::Timeout,
            Some("the brokers did not answer in time; see whether they are overloaded, or give a longer --timeout"),
        ),
        Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => (FailureKind::NotFound, None),
        Some(Code::UnsupportedFeature | Code::UnsupportedVersion) => (FailureKind::Unsupported, None),
        _ => (FailureKind::Server, None),
    };
    let met = context.last_error();
    let answer = match met.filter(|_| matches!(kind, FailureKind::Timeout | FailureKind::Unreachable)) {
        Some(met) => format!("{error}; before: {met}"),
        None => error.to_string(),
    };
    failure::build(kind, tried, connection, answer, hint.map(str::to_owned))
}
