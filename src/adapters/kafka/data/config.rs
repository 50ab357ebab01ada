//! A connection in librdkafka's terms.

use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::KafkaResult;
use rdkafka::{ClientConfig, ClientContext};

use super::openssl;
use crate::ports::connection::{Connection, Sasl, Tls};
use crate::ports::journal::{LOCK_GROUP, MOST_BYTES};

/// The longest that brokers let a transaction stay open (`transaction.max.timeout.ms`, unless it was changed).
const LONGEST_TRANSACTION: Duration = Duration::from_secs(15 * 60);

/// What every client of the cluster has.
fn base(connection: &Connection) -> ClientConfig {
    let mut config = ClientConfig::new();
    let timeout = connection.timeout.as_millis().clamp(1_000, 300_000).to_string();
    config
        .set("bootstrap.servers", connection.bootstrap.join(","))
        .set("client.id", "busctl")
        .set("socket.timeout.ms", &timeout)
        .set("socket.connection.setup.timeout.ms", &timeout)
        // A small record must not wait for a larger packet.
        .set("socket.nagle.disable", "true")
        // A broker that was lost is back sooner than the defaults (10 s) would try it again.
        .set("reconnect.backoff.max.ms", "1000")
        .set("security.protocol", protocol(connection));
    if let Some(tls) = &connection.tls {
        set_tls(&mut config, tls);
    }
    match &connection.sasl {
        None => {}
        Some(Sasl::Plain(login)) => set_login(&mut config, "PLAIN", login),
        Some(Sasl::ScramSha256(login)) => set_login(&mut config, "SCRAM-SHA-256", login),
        Some(Sasl::ScramSha512(login)) => set_login(&mut config, "SCRAM-SHA-512", login),
        // The context fetches the token: librdkafka's own way needs a build with curl.
        Some(Sasl::OauthBearer(_)) => drop(config.set("sasl.mechanism", "OAUTHBEARER")),
    }
    config
}

/// A reader of what was committed. It commits no offsets, yet librdkafka wants a group to assign partitions.
pub(in crate::adapters::kafka) fn reader(connection: &Connection, group: &str) -> ClientConfig {
    let mut config = base(connection);
    config
        .set("group.id", group)
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        // A compacted topic that is read from its end shows nothing of what it holds.
        .set("auto.offset.reset", "earliest")
        .set("fetch.wait.max.ms", "100");
    config
}

/// How much a reader of large topics keeps that nobody has taken yet, in kilobytes, all partitions together.
const READ_AHEAD: usize = 64 << 10;

/// A reader of so many partitions of a large topic.
pub(in crate::adapters::kafka) fn scanner(connection: &Connection, partitions: usize) -> ClientConfig {
    let mut config = reader(connection, LOCK_GROUP);
    config
        .set("queued.max.messages.kbytes", (READ_AHEAD / partitions.max(1)).max(1).to_string())
        // How long it waits where it has read that much: a second by default, in which all of it is long taken.
        .set("fetch.queue.backoff.ms", "10")
        // A broker's answer is kept whole, however many partitions it is for.
        .set("fetch.max.bytes", (READ_AHEAD << 9).to_string())
        // Every record is checked as it was written: what is lost here is not found again.
        .set("check.crcs", "true");
    config
}

/// How long a producer tries to deliver a record.
fn patience(connection: &Connection) -> Duration {
    connection.timeout.max(Duration::from_secs(10)).min(LONGEST_TRANSACTION)
}

/// A transactional producer.
pub(in crate::adapters::kafka) fn producer(connection: &Connection, transactional_id: &str) -> ClientConfig {
    let mut config = idempotent(connection);
    let transaction = (patience(connection) * 2).min(LONGEST_TRANSACTION);
    config.set("transactional.id", transactional_id).set("transaction.timeout.ms", transaction.as_millis().to_string());
    config
}

/// A producer that writes each record once as long as it lives.
pub(in crate::adapters::kafka) fn idempotent(connection: &Connection) -> ClientConfig {
    let mut config = base(connection);
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("message.timeout.ms", patience(connection).as_millis().to_string())
        .set("message.max.bytes", MOST_BYTES.to_string())
        // Two thousand events go out in a few requests. A single record waits no longer than the eye can see.
        .set("linger.ms", "2")
        .set("compression.type", "lz4");
    config
}

/// A producer of single records, each of which is there for good before it is told so.
pub(in crate::adapters::kafka) fn appender(connection: &Connection) -> ClientConfig {
    let mut config = base(connection);
    let timeout = connection.timeout.max(Duration::from_secs(10));
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("message.timeout.ms", timeout.as_millis().to_string())
        .set("message.max.bytes", MOST_BYTES.to_string())
        .set("linger.ms", "0");
    config
}

/// Makes a client with what it is configured with. Where the connection names what certificates have to carry, they are checked for
/// that, and no more for the hosts' own names.
pub(in crate::adapters::kafka) fn create<C, T>(
    mut config: ClientConfig,
    connection: &Connection,
    context: C,
) -> KafkaResult<T>
where
    C: ClientContext,
    T: FromClientConfigAndContext<C>,
{
    let server_name = connection.tls.as_ref().and_then(|tls| tls.server_name.as_deref());
    if server_name.is_some() {
        config.set("ssl.endpoint.identification.algorithm", "none");
    }
    openssl::checking(server_name, || config.create_with_context(context))
}

fn protocol(connection: &Connection) -> &'static str {
    match (&connection.tls, &connection.sasl) {
        (None, None) => "plaintext",
        (Some(_), None) => "ssl",
        (None, Some(_)) => "sasl_plaintext",
        (Some(_), Some(_)) => "sasl_ssl",
    }
}

fn set_tls(config: &mut ClientConfig, tls: &Tls) {
    config.set("ssl.endpoint.identification.algorithm", "https");
    if let Some(ca) = &tls.ca {
        config.set("ssl.ca.pem", ca.expose());
    }
    if let Some(identity) = &tls.identity {
        let key = identity.key.as_ref().unwrap_or(&identity.certificate);
        config.set("ssl.certificate.pem", identity.certificate.expose()).set("ssl.key.pem", key.expose());
    }
}

fn set_login(config: &mut ClientConfig, mechanism: &str, login: &crate::ports::connection::Login) {
    config
        .set("sasl.mechanism", mechanism)
        .set("sasl.username", &login.username)
        .set("sasl.password", login.password.expose());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;
    use crate::ports::connection::{Identity, Login};

    fn connection() -> Connection {
        Connection {
            bootstrap: vec!["a:9094".into(), "b:9094".into()],
            tls: Some(Tls {
                ca: Some(Secret::new("the authority")),
                identity: Some(Identity { certificate: Secret::new("certificate and key"), key: None }),
                server_name: None,
            }),
            sasl: None,
            timeout: Duration::from_secs(30),
        }
    }

    #[test]
    fn a_certificate_and_its_key_may_stand_in_one_text() {
        let config = base(&connection());
        assert_eq!(config.get("bootstrap.servers"), Some("a:9094,b:9094"));
        assert_eq!(config.get("security.protocol"), Some("ssl"));
        assert_eq!(config.get("ssl.ca.pem"), Some("the authority"));
        assert_eq!(config.get("ssl.certificate.pem"), config.get("ssl.key.pem"));
        assert_eq!(config.get("ssl.endpoint.identification.algorithm"), Some("https"));
    }

    #[test]
    fn a_login_over_tls() {
        let login = Login { username: "busctl".into(), password: Secret::new("secret") };
        let config = base(&Connection { sasl: Some(Sasl::ScramSha512(login)), ..connection() });
        assert_eq!(config.get("security.protocol"), Some("sasl_ssl"));
        assert_eq!(config.get("sasl.mechanism"), Some("SCRAM-SHA-512"));
        assert_eq!(config.get("sasl.password"), Some("secret"));
    }

    #[test]
    fn a_transaction_outlives_its_records() {
        for seconds in [1, 30, 3600] {
            let connection = Connection { timeout: Duration::from_secs(seconds), tls: None, ..connection() };
            let config = producer(&connection, "busctl");
            let millis = |key: &str| config.get(key).and_then(|value| value.parse::<u64>().ok()).expect(key);
            assert!(millis("message.timeout.ms") <= millis("transaction.timeout.ms"));
            assert!(millis("transaction.timeout.ms") <= 900_000);
        }
    }
}
