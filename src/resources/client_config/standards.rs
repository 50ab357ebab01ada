//! What the clients of the bus are set to, as data: what `client-config` writes and `client-check` asks for.

/// Which clients a standard is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every client.
    Common,
    /// Producers.
    Producer,
    /// Consumers.
    Consumer,
    /// Consumers of topics that somebody writes in transactions.
    TransactionalConsumer,
    /// The serializers that speak to the registry.
    Serializer,
}

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// One of these words, whatever the case of their letters.
    OneOf(&'static [&'static str]),
    /// A number from the first to the last.
    Within(i64, i64),
}

/// What clients of the bus are set to.
#[derive(Debug, Clone, Copy)]
pub struct Standard {
    /// The rule that asks for it.
    pub code: &'static str,
    /// Which clients it is for.
    pub scope: Scope,
    /// Its name in Kafka's Java client, and in librdkafka or what is beside it.
    pub key: &'static str,
    /// What `client-config` writes.
    pub value: &'static str,
    /// What `client-check` takes.
    pub requires: Requirement,
    /// What a Java client does without it.
    pub java_default: &'static str,
    /// What librdkafka does without it.
    pub librdkafka_default: &'static str,
    /// Why, in one sentence without a full stop.
    pub why: &'static str,
    /// The document that says so.
    pub source: &'static str,
}

impl Requirement {
    /// Whether a value is as it must be.
    pub fn is_met_by(self, value: &str) -> bool {
        let value = value.trim();
        match self {
            Self::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(value)),
            Self::Within(least, most) => value.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number)),
        }
    }

    /// What is asked for, in words.
    pub fn in_words(self) -> String {
        match self {
            Self::OneOf(words) => words.join(" or "),
            Self::Within(least, i64::MAX) => format!("at least {least}"),
            Self::Within(least, most) => format!("{least} to {most}"),
        }
    }
}

impl Standard {
    /// The standard of a Java key.
    pub fn of(key: &str) -> Option<&'static Self> {
        STANDARDS.iter().find(|standard| standard.key == key)
    }
}

const JAVA: &str = "https://kafka.apache.org/documentation/#producerconfigs";
const JAVA_CONSUMER: &str = "https://kafka.apache.org/documentation/#consumerconfigs";
const KIP_679: &str = "KIP-679: a producer's strongest delivery guarantee is its default";
const KIP_91: &str = "KIP-91: one bound for the time that a record may take";
const KIP_98: &str = "KIP-98: exactly once delivery and transactions";

/// Every standard. Those of one key of several come in the order in which people read them.
pub static STANDARDS: &[Standard] = &[
    Standard {
        code: "BUS854",
        scope: Scope::Producer,
        key: "acks",
        value: "all",
        requires: Requirement::OneOf(&["all", "-1"]),
        java_default: "all",
        librdkafka_default: "-1",
        why: "a record that only the leader has is lost with the leader",
        source: KIP_679,
    },
    Standard {
        code: "BUS855",
        scope: Scope::Producer,
        key: "enable.idempotence",
        value: "true",
        requires: Requirement::OneOf(&["true"]),
        java_default: "true",
        librdkafka_default: "false",
        why: "without it a record that is sent again is there twice, or behind a later one",
        source: KIP_679,
    },
    Standard {
        code: "BUS855",
        scope: Scope::Producer,
        key: "max.in.flight.requests.per.connection",
        value: "5",
        requires: Requirement::Within(1, 5),
        java_default: "5",
        librdkafka_default: "5",
        why: "an idempotent producer keeps the order of no more than five requests",
        source: JAVA,
    },
    Standard {
        code: "BUS856",
        scope: Scope::Producer,
        key: "retries",
        value: "2147483647",
        requires: Requirement::Within(1, i64::MAX),
        java_default: "2147483647",
        librdkafka_default: "2147483647",
        why: "each change of a leader would lose records; the time is what bounds retries",
        source: KIP_91,
    },
    Standard {
        code: "BUS856",
        scope: Scope::Producer,
        key: "delivery.timeout.ms",
        value: "120000",
        requires: Requirement::Within(1, 600_000),
        java_default: "120000",
        librdkafka_default: "300000",
        why: "a producer that tries for ever holds its records, and nobody is told",
        source: KIP_91,
    },
    Standard {
        code: "BUS856",
        scope: Scope::Common,
        key: "retry.backoff.ms",
        value: "100",
        requires: Requirement::Within(1, i64::MAX),
        java_default: "100",
        librdkafka_default: "100",
        why: "clients that try again at once keep a broker down that is coming up",
        source: "KIP-580: exponential backoff for Kafka clients",
    },
    Standard {
        code: "BUS856",
        scope: Scope::Common,
        key: "retry.backoff.max.ms",
        value: "1000",
        requires: Requirement::Within(1, i64::MAX),
        java_default: "1000",
        librdkafka_default: "1000",
        why: "clients that try again at once keep a broker down that is coming up",
        source: "KIP-580: exponential backoff for Kafka clients",
    },
    Standard {
        code: "BUS857",
        scope: Scope::Consumer,
        key: "enable.auto.commit",
        value: "false",
        requires: Requirement::OneOf(&["false"]),
        java_default: "true",
        librdkafka_default: "true",
        why: "an offset that is committed by the clock is committed before its record is done",
        source: JAVA_CONSUMER,
    },
    Standard {
        code: "BUS866",
        scope: Scope::TransactionalConsumer,
        key: "isolation.level",
        value: "read_committed",
        requires: Requirement::OneOf(&["read_committed"]),
        java_default: "read_uncommitted",
        librdkafka_default: "read_committed",
        why: "what a transaction wrote that was aborted would be read as if it counted",
        source: KIP_98,
    },
    Standard {
        code: "BUS865",
        scope: Scope::Serializer,
        key: "auto.register.schemas",
        value: "false",
        requires: Requirement::OneOf(&["false"]),
        java_default: "true",
        librdkafka_default: "true",
        why: "schemas come from Git; a producer that registers its own goes past review and compatibility",
        source: "https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html",
    },
];
