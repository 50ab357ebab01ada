//! Topics.

pub mod config;
mod desired;
mod diff;
mod live;
mod observe;
mod risk;
pub mod rules;
mod spec;

pub use config::{ConfigValue, check_configs};
pub use desired::{BUILT_IN_PARTITIONS, BUILT_IN_REPLICATION_FACTOR, DesiredTopic, resolve_topic};
pub use diff::diff;
pub use live::{LiveTopic, LiveTopics};
pub use observe::observe;
pub use spec::*;
