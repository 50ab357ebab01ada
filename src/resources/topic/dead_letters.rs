use super::ConsumerSpec;
use crate::model::{Duration, EventRate, Share, thousands};
use crate::source::{Decode, Decoder, Node, Shape, Spanned, Value, manifest};

/// The class of dead-letter topics, which have a naming pattern of their own and hold any record.
pub(in crate::resources) const DEAD_LETTER_CLASS: &str = "dlq";

/// Where records go that a consumer cannot process: `true`, `false`, or a mapping, which is `true` with more to say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeadLetters {
    /// Whether they go to a dead-letter topic.
    pub wanted: bool,
    /// Whether they can be sent to a retry topic, which this consumer alone reads.
    pub retry: Option<Spanned<bool>>,
    /// Whether those that came back too often go to a parking topic.
    pub parking: Option<Spanned<bool>>,
    /// How many are too many.
    pub thresholds: Thresholds,
}

/// How many dead letters are too many. What is not there has no limit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Thresholds {
    /// The most that may wait.
    pub depth: Option<Spanned<u32>>,
    /// For how long the oldest may wait.
    pub age: Option<Spanned<Duration>>,
    /// How often one may arrive.
    pub rate: Option<Spanned<EventRate>>,
    /// The most that may fail of what the topic carries, in percent.
    pub ratio: Option<Spanned<Share>>,
}

impl Thresholds {
    /// The stricter of both in each respect: that of a queue which several consumers share.
    pub fn strictest(self, other: Self) -> Self {
        fn least<T: Copy>(one: Option<T>, other: Option<T>, is_less: impl Fn(&T, &T) -> bool) -> Option<T> {
            match (one, other) {
                (Some(one), Some(other)) => Some(if is_less(&other, &one) { other } else { one }),
                (one, other) => one.or(other),
            }
        }
        Self {
            depth: least(self.depth, other.depth, |a, b| a.value < b.value),
            age: least(self.age, other.age, |a, b| a.value.0 < b.value.0),
            rate: least(self.rate, other.rate, |a, b| a.value.per_second() < b.value.per_second()),
            ratio: least(self.ratio, other.ratio, |a, b| a.value.0 < b.value.0),
        }
    }
}

manifest! {
    "`dlq`"
    /// Where records go that a consumer cannot process: a dead-letter topic, and what belongs to it.
    struct FullDeadLetters {
        /// Whether they can be sent to a retry topic, which this consumer alone reads.
        retry: Option<Spanned<bool>>,
        /// Whether those that came back too often go to a parking topic.
        parking: Option<Spanned<bool>>,
        /// The most of them that may wait before somebody is called.
        max_depth: Option<Spanned<u32>>,
        /// For how long the oldest may wait before somebody is called.
        max_age: Option<Spanned<Duration>>,
        /// How often one may arrive before somebody is called: `10/min`.
        max_rate: Option<Spanned<EventRate>>,
        /// The most that may fail of what the topic carries before somebody is called: `0.1%`.
        max_ratio: Option<Spanned<Share>>,
    }
}

impl DeadLetters {
    /// Whether they can be sent to a retry topic.
    pub fn has_retry(&self) -> bool {
        self.retry.is_some_and(|retry| retry.value)
    }

    /// Whether those that came back too often go to a parking topic.
    pub fn has_parking(&self) -> bool {
        self.parking.is_some_and(|parking| parking.value)
    }
}

impl Thresholds {
    /// Those that there are, in words.
    pub fn in_words(&self) -> Vec<String> {
        let words = [
            self.depth.map(|depth| format!("at most {} wait", thousands(u64::from(depth.value)))),
            self.age.map(|age| format!("none for longer than {}", age.value)),
            self.rate.map(|rate| format!("at most {} arrive", rate.value)),
            self.ratio.map(|ratio| format!("at most {} of the records", ratio.value)),
        ];
        words.into_iter().flatten().collect()
    }
}

impl ConsumerSpec {
    /// What is said of the records that it cannot process, where they go to a dead-letter topic.
    pub fn dead_letters(&self) -> Option<&Spanned<DeadLetters>> {
        self.dlq.as_deref().filter(|letters| letters.wanted)
    }

    /// Whether records that it cannot process go to a dead-letter topic.
    pub fn has_dead_letters(&self) -> bool {
        self.dead_letters().is_some()
    }
}

impl Decode for DeadLetters {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => FullDeadLetters::decode(node, decoder).map(|full| Self {
                wanted: true,
                retry: full.retry,
                parking: full.parking,
                thresholds: Thresholds {
                    depth: full.max_depth,
                    age: full.max_age.filter(|age| age.value.0 >= 0),
                    rate: full.max_rate,
                    ratio: full.max_ratio,
                },
            }),
            Value::Sequence(_) => {
                decoder.wrong_type(node, "true, false or a mapping");
                None
            }
            Value::Scalar { .. } => bool::decode(node, decoder).map(|wanted| Self { wanted, ..Self::default() }),
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![bool::shape(), FullDeadLetters::shape()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, parse_yaml};

    fn decoded(text: &str) -> Result<DeadLetters, Vec<String>> {
        let (documents, findings) = parse_yaml(FileId(0), text);
        let mut decoder = Decoder { findings };
        let letters = DeadLetters::decode(&documents[0], &mut decoder);
        let told = |finding: &crate::diag::Diagnostic| match &finding.help {
            Some(help) => format!("{}; {help}", finding.message),
            None => finding.message.clone(),
        };
        match letters {
            Some(letters) if decoder.findings.is_empty() => Ok(letters),
            _ => Err(decoder.findings.iter().map(told).collect()),
        }
    }

    #[test]
    fn a_word_or_a_mapping() {
        assert!(decoded("true").expect("a word").wanted);
        assert!(!decoded("false").expect("a word").wanted);
        let letters = decoded("{ retry: true, max_depth: 1000, max_age: 1h, max_rate: 10/min, max_ratio: 0.1% }");
        let letters = letters.expect("a mapping");
        assert!(letters.wanted && letters.has_retry() && !letters.has_parking());
        let most = letters.thresholds;
        assert_eq!(most.depth.map(|depth| depth.value), Some(1000));
        assert_eq!(most.age.map(|age| age.value), Some(Duration(3_600_000)));
        assert_eq!(most.rate.map(|rate| rate.value.to_string()).as_deref(), Some("10/min"));
        assert_eq!(most.ratio.map(|ratio| ratio.value), Some(Share(0.1)));
        assert_eq!(decoded("{}").map(|letters| letters.wanted), Ok(true));
        assert_eq!(decoded("{ max_age: unlimited }").expect("a mapping").thresholds, Thresholds::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        let wrong = |text: &str| decoded(text).expect_err(text).join(" | ");
        assert_eq!(wrong("[true]"), "expected true, false or a mapping, found a sequence");
        assert_eq!(wrong("yes"), "expected a boolean, found a string; write true or false");
        assert_eq!(wrong("{ max_dept: 1 }"), "unknown key `max_dept` in `dlq`; did you mean `max_depth`?");
        assert_eq!(
            wrong("{ max_depth: -1, max_age: 1x, max_rate: 10/m }"),
            "the number is out of range; write a whole number from 0 to 4294967295 | `x` is not a unit of time; write a \
             number and a unit: ms, s, m, h, d, w; or unlimited | `10/m` has not the unit of a rate; write how often in a \
             second, minute, hour or day: 10/min"
        );
    }
}
