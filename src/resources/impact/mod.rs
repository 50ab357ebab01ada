//! What changes cost, measured: which facts a plan needs, how they are read, what they say of each change.

mod access;
mod assess;
mod facts;
mod needs;
mod observe;
mod words;

pub(in crate::resources) use assess::lag;
pub use assess::{CLOCK_TOLERANCE, STALE, assess};
pub use facts::{Facts, GroupFacts, MemberFacts, PartitionFacts, TopicFacts};
pub use needs::{AGES, Need, Needs, needs_of_everything, needs_of_plan};
pub use observe::{HIDDEN_GROUPS, observe};
