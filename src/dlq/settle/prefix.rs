use std::ops::ControlFlow;

use crate::dlq::Coordinates;
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::records::{Record, RecordSource, Stretch};

/// What stands in the way of deleting the beginning of a queue: dead letters whose fate is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecided {
    /// How many there are.
    pub count: u64,
    /// The first one that was met.
    pub first: Coordinates,
}

/// Looks for dead letters without a fate in parts of a queue.
///
/// # Errors
/// Fails where these cannot be read to their ends.
pub fn undecided(
    source: &impl RecordSource,
    topic: &TopicName,
    stretches: &[Stretch],
    has_fate: &mut dyn FnMut(&Record<'_>) -> bool,
) -> Result<Option<Undecided>, Failure> {
    let mut found: Option<Undecided> = None;
    source.scan(topic, stretches, &mut |letter| {
        if !has_fate(letter) {
            let first = Coordinates { partition: letter.partition, offset: letter.offset };
            found.get_or_insert(Undecided { count: 0, first }).count += 1;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}
