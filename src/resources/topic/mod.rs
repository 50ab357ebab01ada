//! Topics.

pub mod config;
mod desired;
mod diff;
mod live;
mod observe;
mod risk;
mod spec;

pub use config::ConfigValue;
pub use desired::{DesiredTopic, resolve_topic};
pub use diff::diff;
pub use live::{LiveTopic, LiveTopics};
pub use observe::observe;
pub use spec::*;
