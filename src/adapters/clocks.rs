//! What was just issued, and is not good now: the clock here is another one than that of who issued it.

use std::time::{Duration, SystemTime};

use crate::model::Timestamp;

/// How much the clocks of two machines may differ without a word.
const SKEW: Duration = Duration::from_secs(60);

/// What is wrong by the clock here with what was just issued, and what to do; `None` where nothing is. `what` it is, `whose` the
/// other clock is.
pub fn differ(
    (what, whose): (&str, &str),
    (starts, ends): (Option<SystemTime>, Option<SystemTime>),
    now: SystemTime,
) -> Option<(String, String)> {
    let over = ends.filter(|ends| *ends <= now).map(|ends| format!("is over since {}", Timestamp::from(ends)));
    let early =
        starts.filter(|starts| is_early(*starts, now)).map(|starts| format!("begins at {}", Timestamp::from(starts)));
    let how = over.or(early)?;
    let hint = format!("the clocks of this machine and of {whose} differ: set them (NTP), then run it again");
    Some((format!("{what} that was just issued {how} by the clock here"), hint))
}

/// Whether the time of something has not come, by more than clocks may differ.
pub fn is_early(starts: SystemTime, now: SystemTime) -> bool {
    starts > now + SKEW
}
