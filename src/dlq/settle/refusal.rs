use std::fmt;

use crate::model::{Subject, TopicName};

/// Why a dead letter stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It does not say where it comes from.
    NoOrigin,
    /// It has not what its origin had, and does not say where that stands.
    Apart,
    /// Its value was redacted, and it does not say where the original stands.
    Redacted,
    /// Its origin does not have the original any more.
    OriginalGone(TopicName),
    /// What stands in its place was written after it: its origin was created again.
    OriginalNewer(TopicName),
    /// What stands in its place has another key or another timestamp.
    OriginalOther(TopicName),
    /// The name of a header is no text.
    UnreadableHeader,
    /// It failed in another group than the one that is meant.
    OtherGroup(String),
    /// The group that is meant does not try again what comes from its origin.
    NoRetry(TopicName),
    /// It comes from a topic that is not there.
    NoTarget(String),
    /// It comes from a topic that who runs this may not see.
    Unseen(TopicName),
    /// It comes from the queue itself, or from a topic of Kafka's or busctl's own.
    NotSentTo(TopicName),
    /// They name more topics to come from than are looked at.
    TooManyOrigins,
    /// It was sent again often enough, and there is no topic to park it in.
    NoParking(u32),
    /// With its timestamp it would be deleted at once.
    PastRetention(TopicName),
    /// Its topic takes no record with its timestamp.
    TimestampNotTaken(TopicName),
    /// Its topic keeps the newest record of a key, and has a newer one.
    Superseded(TopicName),
    /// Its topic keeps the newest record of a key, and it has none.
    NoKey(TopicName),
    /// It is larger than what its topic takes.
    TooLarge(TopicName),
    /// It is to be transformed, and cannot be decoded.
    NotDecoded,
    /// It is to be transformed, and has numbers that expressions would round.
    Inexact,
    /// It is to be transformed, and the expression yields nothing for it.
    NotTransformed,
    /// It is to be transformed, and the newest schema could not be had, or nobody knows which it is.
    NoSchema(TopicName),
    /// What was made of it does not fit the newest schema of this subject.
    NotOfSchema(Subject),
}

impl Refusal {
    /// What to do about it, where there is something.
    pub fn way_out(&self) -> Option<&'static str> {
        match self {
            Self::NoOrigin => Some("name the topic with --to TOPIC"),
            Self::Apart | Self::Redacted => Some("send what they were made of by hand, then give them up"),
            Self::OriginalGone(_) | Self::OriginalNewer(_) | Self::OriginalOther(_) => {
                Some("give them up with `busctl dlq discard`")
            }
            Self::UnreadableHeader => Some("Kafka's clients write names in UTF-8: send them with what wrote them"),
            Self::NoRetry(_) => Some("declare a retry topic for its consumer, or name a topic with --to TOPIC"),
            Self::NoTarget(_) | Self::NotSentTo(_) => Some("name another topic with --to TOPIC"),
            Self::Unseen(_) => Some("ask for the right to describe it, or name another topic with --to TOPIC"),
            Self::TooManyOrigins => Some("choose fewer with --origin-topic, or name one topic with --to TOPIC"),
            Self::NoParking(_) => Some("name a topic with --park TOPIC, or raise --max-attempts"),
            Self::PastRetention(_) | Self::TimestampNotTaken(_) => Some("give it a new one with --timestamp now"),
            Self::TooLarge(_) => Some("raise max.message.bytes there, or name another topic with --to or --park"),
            Self::NotDecoded => Some("`busctl dlq show` tells what was tried"),
            Self::NotTransformed => Some("have --transform ask with has(…) first, or leave them out with --where"),
            Self::NotOfSchema(_) => Some("correct --transform, or register the version of the schema that is meant"),
            Self::OtherGroup(_) | Self::Superseded(_) | Self::NoKey(_) | Self::Inexact | Self::NoSchema(_) => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOrigin => f.write_str("nothing says where they come from"),
            Self::Apart => f.write_str("the record itself is not in the queue, and nothing says where it stands"),
            Self::Redacted => f.write_str("the value may be redacted, and nothing says where the original stands"),
            Self::OriginalGone(topic) => write!(f, "the original is gone: {topic} does not have it any more"),
            Self::OriginalNewer(topic) => {
                write!(f, "the original is gone: what {topic} has in its place is newer, for it was created again")
            }
            Self::OriginalOther(topic) => write!(f, "the original is gone: {topic} has another record in its place"),
            Self::UnreadableHeader => f.write_str("the name of a header is no text, and could not be written again"),
            Self::OtherGroup(group) => write!(f, "they did not fail in the group {group}"),
            Self::NoRetry(topic) => write!(f, "that group has no retry topic for {topic}"),
            Self::NoTarget(topic) => write!(f, "there is no topic {topic}"),
            Self::Unseen(topic) => write!(f, "{topic} may not be seen"),
            Self::NotSentTo(topic) => write!(f, "{topic} is the queue itself, or a topic of Kafka's or busctl's own"),
            Self::TooManyOrigins => f.write_str("they say that they come from more topics than are looked at"),
            Self::NoParking(attempts) => write!(f, "they were sent again {attempts} times already"),
            Self::PastRetention(topic) => write!(f, "the timestamp is older than what {topic} keeps"),
            Self::TimestampNotTaken(topic) => write!(f, "{topic} takes no record with that timestamp"),
            Self::Superseded(topic) => write!(f, "{topic} has a newer record of the key"),
            Self::NoKey(topic) => write!(f, "{topic} is compacted, and takes no record without a key"),
            Self::TooLarge(topic) => write!(f, "they are larger than what {topic} takes"),
            Self::NotDecoded => f.write_str("they cannot be decoded, and so not transformed"),
            Self::Inexact => f.write_str("they have numbers that would not be the same when they are transformed"),
            Self::NotTransformed => f.write_str("--transform yields no value for them"),
            Self::NoSchema(topic) => write!(f, "it is not known which schema records of {topic} have now"),
            Self::NotOfSchema(subject) => {
                write!(f, "what --transform makes of them does not fit the newest schema of {subject}")
            }
        }
    }
}
