//! The headers by which frameworks say why a record is in a dead-letter topic. One file a convention; what a header means
//! stands beside its name.

mod busctl;
mod connect;
mod contract_rules;
mod encoding;
mod share_group;
mod smallrye;
mod spring_cloud_stream;
mod spring_kafka;
mod streams;
mod told;
mod watermill;

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use super::decode::{id_in_header, is_id_header};
use encoding::Encoding;
use foldhash::fast::RandomState;
pub use told::{Payload, Place, Redriven, Told};
pub(super) use told::{REDRIVE_ATTEMPT, REDRIVE_ID};

/// Whose headers they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convention {
    /// busctl's own, for services of the bus.
    Busctl,
    /// Kafka Connect, with `errors.deadletterqueue.context.headers.enable=true`.
    Connect,
    /// Confluent's data contract rules.
    ContractRules,
    /// Kafka's share groups (KIP-1191).
    ShareGroup,
    /// SmallRye Reactive Messaging, and with it Quarkus.
    Smallrye,
    /// Spring Cloud Stream's Kafka binder.
    SpringCloudStream,
    /// Spring Kafka, its retry topics included.
    SpringKafka,
    /// Kafka Streams (KIP-1034).
    Streams,
    /// Watermill.
    Watermill,
}

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Topic,
    Partition,
    Offset,
    Timestamp,
    Group,
    /// What failed inside of the service: a connector, a handler, a rule.
    Component,
    Class,
    Cause,
    Message,
    Stacktrace,
    Stage,
    /// How often it was tried.
    Attempt,
    /// Which attempt would be the next one.
    NextAttempt,
    /// Something else of the convention, which goes away with the rest when the record is sent again.
    Other,
}

/// A header of a convention: its name, what it says, how that is encoded.
struct Named(&'static str, Part, Encoding);

/// Each convention with its headers.
const CONVENTIONS: [(Convention, &[Named]); 9] = [
    (Convention::Busctl, busctl::HEADERS),
    (Convention::Connect, connect::HEADERS),
    (Convention::ContractRules, contract_rules::HEADERS),
    (Convention::ShareGroup, share_group::HEADERS),
    (Convention::Smallrye, smallrye::HEADERS),
    (Convention::SpringCloudStream, spring_cloud_stream::HEADERS),
    (Convention::SpringKafka, spring_kafka::HEADERS),
    (Convention::Streams, streams::HEADERS),
    (Convention::Watermill, watermill::HEADERS),
];

/// Every header that is known, by its name.
static KNOWN: LazyLock<HashMap<&'static str, (Convention, Part, Encoding), RandomState>> = LazyLock::new(|| {
    let of = |(convention, headers): (Convention, &'static [Named])| {
        headers.iter().map(move |Named(name, part, encoding)| (*name, (convention, *part, *encoding)))
    };
    CONVENTIONS.into_iter().flat_map(of).collect()
});

impl Convention {
    /// The word by which it is shown and asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busctl => "busctl",
            Self::Connect => "connect",
            Self::ContractRules => "contract-rules",
            Self::ShareGroup => "share-group",
            Self::Smallrye => "smallrye",
            Self::SpringCloudStream => "spring-cloud-stream",
            Self::SpringKafka => "spring-kafka",
            Self::Streams => "streams",
            Self::Watermill => "watermill",
        }
    }

    /// Whose headers a header is one of. These say why a record failed, and are left out when it is sent again.
    pub fn of_header(name: &str) -> Option<Self> {
        KNOWN.get(name).map(|(convention, _, _)| *convention)
    }
}

/// Whether a header says in people's words why a record failed: such words may quote the record.
pub(super) fn is_in_words(name: &str) -> bool {
    let is_free = |part: &Part| matches!(part, Part::Message | Part::Stacktrace);
    // The message of the cause has no part of its own.
    KNOWN.get(name).is_some_and(|(_, part, _)| is_free(part)) || name == smallrye::CAUSE
}

/// The value of a header as people read it: by its convention where it has one, the id of a schema, as a text where it is one,
/// else its bytes in hexadecimal digits.
pub fn header_text(name: &str, value: &[u8]) -> String {
    let id = || id_in_header(name, value).map_or_else(|| hex(value), |id| format!("schema {id}"));
    match (KNOWN.get(name), std::str::from_utf8(value)) {
        (Some((_, _, encoding)), _) => encoding.text(value).into_owned(),
        _ if is_id_header(name) => id(),
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => hex(value),
    }
}

/// Bytes in hexadecimal digits, behind `0x`.
pub fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_header_belongs_to_one_convention() {
        let count = CONVENTIONS.iter().map(|(_, headers)| headers.len()).sum::<usize>();
        assert_eq!(KNOWN.len(), count);
        let conventions: BTreeSet<_> = KNOWN.values().map(|(convention, _, _)| *convention).collect();
        assert_eq!(conventions.len(), CONVENTIONS.len());
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        assert_eq!(header_text("kafka_dlt-original-offset", &7_i64.to_be_bytes()), "7");
        assert_eq!(header_text("kafka_dlt-original-topic", b"orders"), "orders");
        assert_eq!(header_text("trace", "é".as_bytes()), "é");
        assert_eq!(header_text("trace", b"\xff\x00"), "0xff00");
        assert_eq!(header_text("__value_schema_id", b"\x00\x00\x00\x00\x07"), "schema 7");
        assert_eq!(header_text("__value_schema_id", b"\x07"), "0x07");
        assert!(is_in_words("kafka_dlt-exception-message") && is_in_words("dead-letter-cause"));
        assert!(!is_in_words("kafka_dlt-exception-fqcn") && !is_in_words("trace"));
    }

    #[test]
    fn a_convention_is_written_in_documents_as_it_is_shown() {
        for (convention, _) in CONVENTIONS {
            assert_eq!(serde_json::to_value(convention).expect("it is JSON"), convention.as_str());
        }
    }
}
