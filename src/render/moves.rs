//! Replicas that are being moved.

use std::collections::BTreeSet;
use std::time::Duration;

use super::json::to_json;
use super::markdown::{code, prose};
use super::words::{counted, first_few};
use super::{Style, View, paint::Paint, plain};
use crate::apply::{BegunBy, MovedPartition, MovedTopic, Moves, ThrottledTopic};
use crate::model::{TopicName, about_bytes, about_time};
use crate::ports::journal::Throttled;
use crate::resources::placement::named;

/// Partitions of a topic that are listed where not everything is asked for.
const MOST_PARTITIONS: usize = 5;

/// What is being moved on a cluster.
#[derive(Debug, Clone, Copy)]
pub struct MovesView<'a> {
    /// It.
    pub moves: &'a Moves,
    /// Whether to list every partition.
    pub verbose: bool,
}

impl View for MovesView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        for topic in &self.moves.topics {
            let line = format!("{}: {}", topic.topic, self.head(topic));
            out.push_str(&format!("{}\n", plain::line(&line)));
            let most = if self.verbose { usize::MAX } else { MOST_PARTITIONS };
            for partition in topic.partitions.iter().take(most) {
                out.push_str(&format!("    {}\n", words(partition)));
            }
            if let Some(more) = topic.partitions.len().checked_sub(most).filter(|more| *more > 0) {
                out.push_str(&format!("    … and {} (--verbose lists them)\n", counted(more, "more partition")));
            }
        }
        for left in &self.moves.throttled {
            out.push_str(&format!("{}\n", plain::line(&format!("{}: {}", left.topic, throttle_left(left)))));
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&paint.bold(&plain::line(&summary(self.moves))));
        out.push('\n');
        out
    }

    /// The document itself; `docs/schemas/reassign-status.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.moves)
    }

    fn markdown(&self) -> String {
        let mut out = format!("### Replicas that are moved on {}\n\n", code(&self.moves.cluster));
        for topic in &self.moves.topics {
            out.push_str(&format!("- {}: {}\n", code(topic.topic.as_str()), prose(&self.head(topic))));
        }
        for left in &self.moves.throttled {
            out.push_str(&format!("- {}: {}\n", code(&left.topic), prose(&throttle_left(left))));
        }
        if !self.moves.topics.is_empty() || !self.moves.throttled.is_empty() {
            out.push('\n');
        }
        out.push_str(&prose(&summary(self.moves)));
        out.push('\n');
        out
    }
}

impl MovesView<'_> {
    fn head(&self, topic: &MovedTopic) -> String {
        let partitions = counted(topic.partitions.len(), "partition");
        match &topic.begun_by {
            Some(begun) => {
                let throttle = begun.throttle.map(|rate| format!(", at most {}/s", about_bytes(rate)));
                let throttle = throttle.unwrap_or_default();
                format!("{partitions}, begun by {} at {}{throttle}", begun.who, begun.time)
            }
            None => format!("{partitions}, not begun by busctl"),
        }
    }
}

fn throttle_left(left: &ThrottledTopic) -> String {
    let BegunBy { who, time, .. } = &left.begun_by;
    format!(
        "not moved any more, and the throttle that {who} has set at {time} may still be there; the next apply takes it away, \
         or `busctl reassign cancel --yes`"
    )
}

/// `partition 3: on 1,2; to 4, from 2`
fn words(partition: &MovedPartition) -> String {
    let list = |brokers: &[i32]| brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let mut text = format!("partition {}: on {}", partition.partition, list(&partition.replicas));
    if !partition.adding.is_empty() {
        text.push_str(&format!("; to {}", list(&partition.adding)));
    }
    if !partition.removing.is_empty() {
        text.push_str(&format!("; from {}", list(&partition.removing)));
    }
    text
}

/// What moves wait for: `without broker 4, which does not take part now`.
pub fn without(brokers: &[i32]) -> String {
    let do_not = if brokers.len() == 1 { "does" } else { "do" };
    format!("without {}, which {do_not} not take part now", named(&brokers.iter().copied().collect()))
}

/// Where throttles were: `brokers 1 and 2, and from topics a, b, c and 4 more`.
pub fn taken_from(taken: &BTreeSet<Throttled>) -> String {
    let brokers: BTreeSet<i32> = taken.iter().filter_map(Throttled::broker).collect();
    let topics: Vec<&TopicName> = taken.iter().filter_map(Throttled::topic).collect();
    let brokers = (!brokers.is_empty()).then(|| named(&brokers));
    let topics = match topics.len() {
        0 => None,
        1 => Some(format!("topic {}", topics[0])),
        _ => Some(format!("topics {}", first_few(&topics))),
    };
    brokers.into_iter().chain(topics).collect::<Vec<_>>().join(", and from ")
}

fn summary(moves: &Moves) -> String {
    let partitions: usize = moves.topics.iter().map(|topic| topic.partitions.len()).sum();
    let cluster = format!("{} (cluster id {})", moves.cluster, moves.cluster_id);
    if partitions == 0 {
        return format!("Nothing is being moved on {cluster}.");
    }
    let left = match moves.bytes_left {
        Some(left) => format!("about {} left", about_bytes(left)),
        None => "how much is left is not known".to_owned(),
    };
    let pace = moves.bytes_per_second.map(|pace| format!(", {}/s", about_bytes(pace))).unwrap_or_default();
    let time = moves.seconds_left.map(|seconds| format!(", about {}", about_time(Duration::from_secs(seconds))));
    let time = time.unwrap_or_default();
    let are = if partitions == 1 { "is" } else { "are" };
    let waits = match moves.waits_for.is_empty() {
        true => String::new(),
        false => format!(" Not to be done {}.", without(&moves.waits_for)),
    };
    format!("{} {are} being moved on {cluster}: {left}{pace}{time}.{waits}", counted(partitions, "partition"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::kafka::OngoingReassignment;

    #[test]
    fn where_throttles_were_is_one_line() {
        let topic = |name: &str| Throttled::Topic(name.parse().expect("a topic"));
        let taken = |on: &[Throttled]| taken_from(&on.iter().cloned().collect());
        assert_eq!(taken(&[Throttled::Broker(2), Throttled::Broker(1)]), "brokers 1 and 2");
        assert_eq!(taken(&[topic("a")]), "topic a");
        let topics = ["a", "b", "c", "d", "e"].map(topic);
        let all: Vec<_> = topics.into_iter().chain([Throttled::Broker(4)]).collect();
        assert_eq!(taken(&all), "broker 4, and from topics a, b, c and 2 more");
    }

    #[test]
    fn what_is_moved_and_how_far_it_is() {
        let topic = "media.raw_ingest.v1".parse().expect("a topic");
        let one = |partition| OngoingReassignment {
            topic: "media.raw_ingest.v1".parse().expect("a topic"),
            partition,
            replicas: vec![4, 1, 2],
            adding: vec![4],
            removing: vec![2],
        };
        let mut moves = Moves {
            format_version: 1,
            cluster: "production".into(),
            cluster_id: "MkU3".into(),
            topics: vec![MovedTopic::new(&topic, (0..7).map(one).collect(), &[])],
            throttled: Vec::new(),
            bytes_left: Some(3 << 20),
            bytes_per_second: None,
            seconds_left: None,
            waits_for: vec![4],
        };
        moves.pace(Some(2 << 20), Duration::from_secs(1));
        insta::assert_snapshot!(MovesView { moves: &moves, verbose: false }.text(Style::PLAIN), @r"
        media.raw_ingest.v1: 7 partitions, not begun by busctl
            partition 0: on 1,2; to 4; from 2
            partition 1: on 1,2; to 4; from 2
            partition 2: on 1,2; to 4; from 2
            partition 3: on 1,2; to 4; from 2
            partition 4: on 1,2; to 4; from 2
            … and 2 more partitions (--verbose lists them)

        7 partitions are being moved on production (cluster id MkU3): about 2.0MiB left, 1.0MiB/s, about 2s. Not to be done without broker 4, which does not take part now.
        ");
        moves.waits_for.push(5);
        assert!(summary(&moves).ends_with(" Not to be done without brokers 4 and 5, which do not take part now."));
        moves.topics.clear();
        moves.throttled.push(ThrottledTopic {
            topic: "audit.access.v1".into(),
            begun_by: BegunBy {
                apply_id: "6f1c".into(),
                who: "deploy".into(),
                time: crate::model::Timestamp::of_unix_millis(0),
                throttle: None,
            },
        });
        insta::assert_snapshot!(MovesView { moves: &moves, verbose: false }.text(Style::PLAIN), @r"
        audit.access.v1: not moved any more, and the throttle that deploy has set at 1970-01-01T00:00:00.000Z may still be there; the next apply takes it away, or `busctl reassign cancel --yes`

        Nothing is being moved on production (cluster id MkU3).
        ");
        moves.throttled.clear();
        insta::assert_snapshot!(MovesView { moves: &moves, verbose: false }.text(Style::PLAIN), @"Nothing is being moved on production (cluster id MkU3).");
    }
}
