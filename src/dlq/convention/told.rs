use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Convention, Encoding, KNOWN, Part};
use crate::ports::records::{Header, Record};

/// The header by which a redrive is known on the record that it sent.
pub(in crate::dlq) const REDRIVE_ID: &str = "busctl-redrive.id";

/// How often a record was sent again, this time included.
pub(in crate::dlq) const REDRIVE_ATTEMPT: &str = "busctl-redrive.attempt";

/// What a dead letter says of itself, by the convention of whoever wrote it. All of it is the writer's word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told<'r> {
    /// Whose headers it has; none where it has none that are known.
    pub convention: Option<Convention>,
    /// Where the record was first. Who writes to several dead-letter topics in turn adds a place each time.
    pub origin: Place<'r>,
    /// The consumer group that failed.
    pub group: Option<Cow<'r, str>>,
    /// What failed inside of the service: a connector, a handler, a rule.
    pub component: Option<Cow<'r, str>>,
    /// The exception's class, or what stands for one.
    pub class: Option<Cow<'r, str>>,
    /// The class of the exception that caused it.
    pub cause: Option<Cow<'r, str>>,
    /// What the exception says.
    pub message: Option<Cow<'r, str>>,
    /// Where the exception came from.
    pub stacktrace: Option<Cow<'r, str>>,
    /// What was being done: converting a value, sending to a sink.
    pub stage: Option<Cow<'r, str>>,
    /// How often it was tried.
    pub attempt: Option<i64>,
    /// That it had been sent again before it failed this time.
    pub redriven: Option<Redriven<'r>>,
    /// Headers of the convention whose values are not written as it says.
    pub unreadable: Vec<&'r str>,
}

/// A place on the bus, as far as it is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place<'r> {
    /// The topic.
    pub topic: Option<Cow<'r, str>>,
    /// The partition.
    pub partition: Option<i64>,
    /// The offset.
    pub offset: Option<i64>,
    /// The record's timestamp there, in milliseconds since 1970.
    pub timestamp: Option<i64>,
}

/// An earlier redrive of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redriven<'r> {
    /// Which one.
    pub id: Option<Cow<'r, str>>,
    /// How often the record had been sent again, that time included.
    pub attempt: Option<i64>,
}

/// Whether a dead letter has what its origin had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Key and value are those of the record that failed.
    Whole,
    /// It may be without the value, and is without the headers: the record must be had from its origin.
    Apart,
    /// The value may be a redacted one: the record must be had from its origin.
    Redacted,
}

impl Payload {
    /// That of a convention.
    fn of(convention: Option<Convention>) -> Self {
        match convention {
            Some(Convention::ShareGroup) => Self::Apart,
            Some(Convention::ContractRules) => Self::Redacted,
            _ => Self::Whole,
        }
    }
}

impl<'r> Told<'r> {
    /// Reads the headers of a record. Where it has those of several conventions, the one that was written last counts.
    pub fn of(letter: &Record<'r>) -> Self {
        let known = |header: &Header<'r>| KNOWN.get(header.name).copied();
        let convention =
            letter.headers.iter().rev().find_map(|header| known(header).map(|(convention, ..)| convention));
        let mut told = Self { convention, ..Self::default() };
        for header in letter.headers {
            let Some(value) = header.value else { continue };
            match (known(header), header.name) {
                (Some((of, part, encoding)), _) if Some(of) == convention => {
                    if part.is_number() {
                        match encoding.number(value) {
                            Some(number) => told.put_number(part, number),
                            None => told.unreadable.push(header.name),
                        }
                    } else {
                        told.put_text(part, encoding.text(value));
                    }
                }
                (_, REDRIVE_ID) => {
                    told.redriven.get_or_insert_default().id = Some(String::from_utf8_lossy(value));
                }
                (_, REDRIVE_ATTEMPT) => {
                    told.redriven.get_or_insert_default().attempt = Encoding::Text.number(value);
                }
                _ => {}
            }
        }
        if told.payload() == Payload::Redacted && told.origin.offset.is_none() {
            told.put_place_of_others(letter.headers);
        }
        told
    }

    /// Who redacts a record does not tell its place; who handed it on before may have.
    fn put_place_of_others(&mut self, headers: &[Header<'r>]) {
        let mut places: BTreeMap<Convention, Self> = BTreeMap::new();
        for header in headers {
            let Some((of, part, encoding)) = KNOWN.get(header.name).copied() else { continue };
            let Some(value) = header.value.filter(|_| Some(of) != self.convention) else { continue };
            let told = places.entry(of).or_default();
            match part {
                Part::Topic => told.put_text(part, encoding.text(value)),
                Part::Partition | Part::Offset | Part::Timestamp => {
                    encoding.number(value).into_iter().for_each(|number| told.put_number(part, number));
                }
                _ => {}
            }
        }
        let of_topic = |told: &Self| {
            told.origin.topic == self.origin.topic && told.origin.partition.is_some() && told.origin.offset.is_some()
        };
        if let Some(other) = places.into_values().find(of_topic) {
            self.origin = other.origin;
        }
    }

    /// Whether the dead letter has what its origin had.
    pub fn payload(&self) -> Payload {
        Payload::of(self.convention)
    }

    /// The same of another bus, where the numbers of this one mean nothing.
    pub fn elsewhere(&self) -> Self {
        let origin = Place { partition: None, offset: None, ..self.origin.clone() };
        Self { origin, ..self.clone() }
    }

    /// The exception's class, where it is one. What has blanks in it is a text, and may quote the record.
    pub fn class_name(&self) -> Option<&str> {
        self.class.as_deref().filter(|class| !class.contains(char::is_whitespace))
    }

    /// How often the record was sent again so far.
    pub fn redrives(&self) -> u32 {
        let attempt = self.redriven.as_ref().and_then(|redriven| redriven.attempt).unwrap_or(0);
        u32::try_from(attempt.max(0)).unwrap_or(u32::MAX)
    }

    fn put_number(&mut self, part: Part, number: i64) {
        // Places are added one behind the other: the first is the origin.
        let (field, is_place) = match part {
            Part::Partition => (&mut self.origin.partition, true),
            Part::Offset => (&mut self.origin.offset, true),
            Part::Timestamp => (&mut self.origin.timestamp, true),
            _ => (&mut self.attempt, false),
        };
        let number = if part == Part::NextAttempt { number.saturating_sub(1) } else { number };
        if !is_place || field.is_none() {
            *field = Some(number);
        }
    }

    fn put_text(&mut self, part: Part, text: Cow<'r, str>) {
        let field = match part {
            Part::Topic => {
                self.origin.topic.get_or_insert(text);
                return;
            }
            Part::Group => &mut self.group,
            Part::Component => &mut self.component,
            Part::Class => &mut self.class,
            Part::Cause => &mut self.cause,
            Part::Message => &mut self.message,
            Part::Stacktrace => &mut self.stacktrace,
            Part::Stage => &mut self.stage,
            _ => return,
        };
        // An exception without a message has an empty one in some frameworks, and none in others.
        if !text.is_empty() {
            *field = Some(text);
        }
    }
}

impl Part {
    fn is_number(self) -> bool {
        matches!(self, Self::Partition | Self::Offset | Self::Timestamp | Self::Attempt | Self::NextAttempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<'r>(headers: &'r [Header<'r>]) -> Told<'r> {
        let letter = Record { partition: 0, offset: 0, timestamp: None, key: None, value: None, headers };
        Told::of(&letter)
    }

    fn header<'r>(name: &'r str, value: &'r [u8]) -> Header<'r> {
        Header { name, value: Some(value) }
    }

    #[test]
    fn spring_adds_a_place_at_each_hop_and_the_first_is_the_origin() {
        let (zero, seven, eleven) = (0_i32.to_be_bytes(), 7_i64.to_be_bytes(), 11_i64.to_be_bytes());
        let headers = [
            header("trace", b"t"),
            header("kafka_dlt-original-topic", b"orders"),
            header("kafka_dlt-original-partition", &zero),
            header("kafka_dlt-original-offset", &seven),
            header("kafka_dlt-original-topic", b"orders-retry-0"),
            header("kafka_dlt-original-partition", &zero),
            header("kafka_dlt-original-offset", &eleven),
            header("kafka_dlt-exception-fqcn", b"java.lang.IllegalStateException"),
            header("retry_topic-attempts", &[2]),
            header("retry_topic-attempts", &[3]),
        ];
        let told = told(&headers);
        assert_eq!(told.convention, Some(Convention::SpringKafka));
        let origin = Place { topic: Some("orders".into()), partition: Some(0), offset: Some(7), timestamp: None };
        assert_eq!(told.origin, origin);
        assert_eq!((told.class.as_deref(), told.attempt), (Some("java.lang.IllegalStateException"), Some(2)));
    }

    #[test]
    fn the_convention_that_was_written_last_counts() {
        let headers = [
            header("__connect.errors.topic", b"orders"),
            header("__connect.errors.exception.class.name", b"org.apache.kafka.connect.errors.DataException"),
            header("busctl-redrive.id", b"r1"),
            header("busctl-redrive.attempt", b"1"),
            header("busctl-dlq.origin-topic", b"orders"),
            header("busctl-dlq.origin-partition", b"x"),
            header("busctl-dlq.error-class", b"Timeout"),
            header("busctl-dlq.error-message", b""),
        ];
        let told = told(&headers);
        assert_eq!(told.convention, Some(Convention::Busctl));
        assert_eq!(told.class.as_deref(), Some("Timeout"));
        assert_eq!(told.message, None);
        assert_eq!(told.unreadable, ["busctl-dlq.origin-partition"]);
        assert_eq!(told.redrives(), 1);
    }

    #[test]
    fn a_record_without_known_headers_tells_nothing() {
        let none = Header { name: "kafka_dlt-original-offset", value: None };
        assert_eq!(told(&[header("a", b"1")]), Told::default());
        assert_eq!(told(&[none]).origin, Place::default());
    }

    #[test]
    fn the_place_of_a_redacted_record_is_that_which_another_one_told() {
        let (three, seven) = (3_i32.to_be_bytes(), 7_i64.to_be_bytes());
        let headers = |topic: &'static str| {
            [
                header("kafka_dlt-original-topic", b"orders"),
                header("kafka_dlt-original-partition", &three),
                header("kafka_dlt-original-offset", &seven),
                header("__rule.topic", topic.as_bytes()),
            ]
        };
        let place = Place { topic: Some("orders".into()), partition: Some(3), offset: Some(7), timestamp: None };
        assert_eq!(told(&headers("orders")).origin, place);
        assert_eq!(told(&headers("orders")).convention, Some(Convention::ContractRules));
        assert_eq!(told(&headers("refunds")).origin.offset, None);
    }

    #[test]
    fn who_does_not_write_the_whole_record_is_known() {
        let of = |name| told(&[header(name, b"orders")]).payload();
        assert_eq!(of("__dlq.errors.topic"), Payload::Apart);
        assert_eq!(of("__rule.topic"), Payload::Redacted);
        assert_eq!(of("topic_poisoned"), Payload::Whole);
    }
}
