use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};

use super::{Condition, Fingerprint, Shape, Told, Unjudged};
use crate::ports::records::Record;

/// Which dead letters are meant. Everything that is asked for must hold; nothing that is asked for means all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Partitions of the dead-letter topic.
    pub partitions: Vec<Numbers>,
    /// Offsets there.
    pub offsets: Vec<Numbers>,
    /// These ones alone, by partition and offset.
    pub records: BTreeSet<Coordinates>,
    /// Not older, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Older, in milliseconds since 1970.
    pub until: Option<i64>,
    /// Keys, as texts.
    pub keys: Vec<Text>,
    /// Headers by name, and what their values are.
    pub headers: Vec<(String, Option<Text>)>,
    /// Topics of origin.
    pub origin_topics: Vec<Text>,
    /// Partitions of origin.
    pub origin_partitions: Vec<Numbers>,
    /// Offsets of origin.
    pub origin_offsets: Vec<Numbers>,
    /// Consumer groups that failed.
    pub groups: Vec<Text>,
    /// Classes of the exception or of its cause.
    pub classes: Vec<Text>,
    /// Why they failed.
    pub fingerprints: BTreeSet<Fingerprint>,
    /// What an expression says of what they hold.
    pub condition: Option<Condition>,
}

/// A number, or all from one to another: `7`, `7..9` (both included), `7..`, `..9`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers(RangeInclusive<i64>);

/// Where a record is, written `PARTITION/OFFSET`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Coordinates {
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

/// A text in which `*` stands for any characters and `?` for one.
#[derive(Debug, Clone)]
pub struct Text {
    written: String,
    matcher: GlobMatcher,
}

/// A text that says no part of a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// It is no place of a record.
    #[error("`{0}` is no record: write PARTITION/OFFSET, as in 3/1204")]
    Coordinates(String),
    /// It is no number, and no two of them.
    #[error("`{0}` is no range: write a number, or FROM..TO, FROM.., ..TO; both ends are included")]
    Numbers(String),
    /// Its brackets do not fit.
    #[error("`{0}` is no pattern: {1}; a backslash takes the next character as it is")]
    Text(String, String),
}

impl FromStr for Numbers {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        let number = |text: &str, otherwise| match text {
            "" => Some(otherwise),
            text => text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?,
        };
        let read = || match text.split_once("..") {
            None => {
                let number = number(text, -1).filter(|number| *number >= 0)?;
                Some(number..=number)
            }
            Some(("", "")) => None,
            Some((from, to)) => Some(number(from, 0)?..=number(to, i64::MAX)?).filter(|range| !range.is_empty()),
        };
        read().map(Self).ok_or_else(|| FilterError::Numbers(text.to_owned()))
    }
}

impl Numbers {
    /// Whether a number is meant.
    pub fn contains(&self, number: i64) -> bool {
        self.0.contains(&number)
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.0.start(), self.0.end());
        match (from == to, *to) {
            (true, _) => write!(f, "{from}"),
            (false, i64::MAX) => write!(f, "{from}.."),
            (false, to) => write!(f, "{from}..{to}"),
        }
    }
}

impl FromStr for Coordinates {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        let is_number = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let read = || {
            let (partition, offset) = text.split_once('/')?;
            let [partition, offset] = [Some(partition), Some(offset)].map(|part| part.filter(is_number));
            Some(Self { partition: partition?.parse().ok()?, offset: offset?.parse().ok()? })
        };
        read().ok_or_else(|| FilterError::Coordinates(text.to_owned()))
    }
}

impl fmt::Display for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.partition, self.offset)
    }
}

impl FromStr for Text {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        let glob = GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build();
        let glob = glob.map_err(|error| FilterError::Text(text.to_owned(), error.kind().to_string()))?;
        Ok(Self { written: text.to_owned(), matcher: glob.compile_matcher() })
    }
}

impl Text {
    /// Whether a text is meant.
    pub fn matches(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }

    fn matches_bytes(&self, bytes: &[u8]) -> bool {
        self.matches(&String::from_utf8_lossy(bytes))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

/// Whether one of several is so; where there are none, nothing is asked for.
fn any<T>(asked: &[T], is_so: impl Fn(&T) -> bool) -> bool {
    asked.is_empty() || asked.iter().any(is_so)
}

impl Filter {
    /// Whether all dead letters are meant.
    pub fn is_everything(&self) -> bool {
        let Self { partitions, offsets, records, since, until, keys, headers, .. } = self;
        let Self { origin_topics, origin_partitions, origin_offsets, groups, classes, fingerprints, .. } = self;
        [partitions, offsets, origin_partitions, origin_offsets].into_iter().all(Vec::is_empty)
            && [keys, origin_topics, groups, classes].into_iter().all(Vec::is_empty)
            && (since, until) == (&None, &None)
            && headers.is_empty()
            && records.is_empty()
            && fingerprints.is_empty()
            && self.condition.is_none()
    }

    /// Whether a partition of the dead-letter topic has any that are meant.
    pub fn has_partition(&self, partition: i32) -> bool {
        any(&self.partitions, |numbers| numbers.contains(partition.into()))
            && (self.records.is_empty() || self.records.iter().any(|record| record.partition == partition))
    }

    /// The partitions of the dead-letter topic that are named: those of single records, and where ranges begin and end.
    pub fn named_partitions(&self) -> Vec<i64> {
        let of_records = self.records.iter().map(|record| i64::from(record.partition));
        let ends = self.partitions.iter().flat_map(|numbers| [*numbers.0.start(), *numbers.0.end()]);
        // A range without an end names none.
        ends.filter(|end| *end < i64::MAX).chain(of_records).collect()
    }

    /// The offsets between which those that are meant lie, both included.
    pub fn stretch(&self) -> RangeInclusive<i64> {
        let records = || self.records.iter().map(|record| record.offset);
        let from = self.offsets.iter().map(|numbers| *numbers.0.start()).min().max(records().min()).unwrap_or(0);
        let last = self.offsets.iter().map(|numbers| *numbers.0.end()).max();
        let to = last.into_iter().chain(records().max()).min().unwrap_or(i64::MAX);
        from..=to
    }

    /// Whether a record is meant. `topic` is where it comes from where it does not say.
    pub fn takes(&self, letter: &Record<'_>, told: &Told<'_>, topic: &str, shape: &mut Shape) -> bool {
        self.takes_place(letter)
            && any(&self.keys, |text| letter.key.is_some_and(|key| text.matches_bytes(key)))
            && self.headers.iter().all(|(name, value)| has(letter, name, value.as_ref()))
            && self.takes_told(told, topic)
            && (self.fingerprints.is_empty() || self.fingerprints.contains(&Fingerprint::of(shape.fill(told, topic))))
            // A record is decoded last, for that costs most.
            && self.condition.as_ref().is_none_or(|condition| condition.takes(letter, told, topic))
    }

    /// What its expression had no answer for since this was asked before.
    pub fn unjudged(&self) -> Unjudged {
        self.condition.as_ref().map(Condition::unjudged).unwrap_or_default()
    }

    fn takes_place(&self, letter: &Record<'_>) -> bool {
        let time = |is_so: &dyn Fn(i64) -> bool| letter.timestamp.is_some_and(is_so);
        self.has_partition(letter.partition)
            && any(&self.offsets, |numbers| numbers.contains(letter.offset))
            && (self.records.is_empty()
                || self.records.contains(&Coordinates { partition: letter.partition, offset: letter.offset }))
            && self.since.is_none_or(|since| time(&|time| time >= since))
            && self.until.is_none_or(|until| time(&|time| time < until))
    }

    fn takes_told(&self, told: &Told<'_>, topic: &str) -> bool {
        let origin = &told.origin;
        let number = |numbers: &Numbers, told: Option<i64>| told.is_some_and(|told| numbers.contains(told));
        let text = |text: &Text, told: Option<&str>| told.is_some_and(|told| text.matches(told));
        any(&self.origin_topics, |wanted| wanted.matches(origin.topic.as_deref().unwrap_or(topic)))
            && any(&self.origin_partitions, |numbers| number(numbers, origin.partition))
            && any(&self.origin_offsets, |numbers| number(numbers, origin.offset))
            && any(&self.groups, |wanted| text(wanted, told.group.as_deref()))
            && any(&self.classes, |wanted| {
                let root = told.stacktrace.as_deref().and_then(super::fingerprint::root_class);
                [told.class.as_deref(), told.cause.as_deref(), root].into_iter().any(|class| text(wanted, class))
            })
    }
}

/// Whether a record has a header, with a value.
fn has(letter: &Record<'_>, name: &str, value: Option<&Text>) -> bool {
    let mut named = letter.headers.iter().filter(|header| header.name == name);
    match value {
        None => named.next().is_some(),
        Some(text) => named.any(|header| header.value.is_some_and(|value| text.matches_bytes(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::records::Header;

    fn takes(filter: &Filter) -> bool {
        let headers = [
            Header { name: "tenant", value: Some(b"a") },
            Header { name: "tenant", value: Some(b"b/c") },
            Header { name: "busctl-dlq.origin-topic", value: Some(b"orders") },
            Header { name: "busctl-dlq.origin-partition", value: Some(b"4") },
            Header { name: "busctl-dlq.group", value: Some(b"billing") },
            Header { name: "busctl-dlq.error-class", value: Some(b"com.acme.PriceException") },
        ];
        let letter = Record {
            partition: 2,
            offset: 40,
            timestamp: Some(1_000),
            key: Some(b"k-17"),
            value: None,
            headers: &headers,
        };
        filter.takes(&letter, &Told::of(&letter), "declared", &mut Shape::default())
    }

    fn numbers(text: &str) -> Vec<Numbers> {
        vec![text.parse().expect(text)]
    }

    fn text(text: &str) -> Vec<Text> {
        vec![text.parse().expect(text)]
    }

    fn at(text: &str) -> Coordinates {
        text.parse().expect(text)
    }

    #[test]
    fn only_where_they_may_be_is_read() {
        let filter = |offsets: &str, records: &[&str]| Filter {
            offsets: if offsets.is_empty() { Vec::new() } else { numbers(offsets) },
            records: records.iter().map(|text| at(text)).collect(),
            ..Filter::default()
        };
        assert_eq!(filter("", &[]).stretch(), 0..=i64::MAX);
        assert_eq!(filter("3..9", &[]).stretch(), 3..=9);
        assert_eq!(filter("", &["1/7", "0/20"]).stretch(), 7..=20);
        assert_eq!(filter("..9", &["1/7", "0/20"]).stretch(), 7..=9);
        assert!(filter("", &["1/7"]).has_partition(1) && !filter("", &["1/7"]).has_partition(0));
        for text in ["", "7", "1/", "/7", "1/-7", "a/7", "1/7/2", "99999999999/1"] {
            assert_eq!(text.parse::<Coordinates>(), Err(FilterError::Coordinates(text.to_owned())));
        }
        assert_eq!(at("3/1204").to_string(), "3/1204");
    }

    #[test]
    fn both_ends_of_a_range_of_partitions_are_named() {
        let named = |partitions: &str| {
            let filter = Filter { partitions: numbers(partitions), ..Filter::default() };
            filter.named_partitions()
        };
        assert_eq!((named("2"), named("1..9")), (vec![2, 2], vec![1, 9]));
        assert_eq!((named("3.."), named("..4")), (vec![3], vec![0, 4]));
        let filter = Filter { records: [at("7/1")].into(), ..Filter::default() };
        assert_eq!(filter.named_partitions(), [7]);
    }

    #[test]
    fn each_part_takes_and_leaves() {
        let header = |name: &str, value: &str| vec![(name.to_owned(), text(value).pop())];
        let all = Filter::default;
        let cases = [
            (all(), true),
            (Filter { partitions: numbers("2"), ..all() }, true),
            (Filter { partitions: numbers("3.."), ..all() }, false),
            (Filter { offsets: numbers("..40"), ..all() }, true),
            (Filter { offsets: numbers("41..50"), ..all() }, false),
            (Filter { records: ["2/40", "3/7"].map(at).into(), ..all() }, true),
            (Filter { records: ["2/41", "3/40"].map(at).into(), ..all() }, false),
            (Filter { since: Some(1_000), until: Some(1_001), ..all() }, true),
            (Filter { until: Some(1_000), ..all() }, false),
            (Filter { keys: text("k-*"), ..all() }, true),
            (Filter { keys: text("17"), ..all() }, false),
            (Filter { headers: header("tenant", "b/*"), ..all() }, true),
            (Filter { headers: header("tenant", "c"), ..all() }, false),
            (Filter { headers: vec![("tenant".into(), None)], ..all() }, true),
            (Filter { headers: vec![("absent".into(), None)], ..all() }, false),
            (Filter { origin_topics: text("orders"), ..all() }, true),
            (Filter { origin_topics: text("declared"), ..all() }, false),
            (Filter { origin_partitions: numbers("4"), ..all() }, true),
            (Filter { origin_offsets: numbers("0.."), ..all() }, false),
            (Filter { groups: text("bill*"), ..all() }, true),
            (Filter { classes: text("*.PriceException"), ..all() }, true),
            (Filter { classes: text("*Timeout*"), ..all() }, false),
            (Filter { fingerprints: [Fingerprint::of("x")].into(), ..all() }, false),
        ];
        for (filter, expected) in cases {
            assert_eq!(takes(&filter), expected, "{filter:?}");
        }
    }

    #[test]
    fn ranges_are_read_as_they_are_shown() {
        for text in ["7", "7..9", "7.."] {
            assert_eq!(text.parse::<Numbers>().expect(text).to_string(), text);
        }
        assert_eq!("..9".parse::<Numbers>().expect("a range").to_string(), "0..9");
        for text in ["", "..", "x", "9..7", "-1", "1..x", "99999999999999999999"] {
            assert_eq!(text.parse::<Numbers>(), Err(FilterError::Numbers(text.to_owned())), "{text}");
        }
    }
}
