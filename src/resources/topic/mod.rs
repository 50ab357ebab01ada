//! Topics.

mod companions;
pub mod config;
mod dead_letters;
mod delete;
mod desired;
mod diff;
mod live;
mod loss;
mod moves;
mod observe;
mod risk;
pub mod rules;
mod spec;
mod step;
mod truncate;

pub use companions::{Companion, CompanionKind, Derived};
pub use config::{ConfigValue, check_configs, configs_shape, hint_configs};
pub(in crate::resources) use dead_letters::DEAD_LETTER_CLASS;
pub use dead_letters::{DeadLetters, Thresholds};
pub use desired::{BUILT_IN_PARTITIONS, BUILT_IN_REPLICATION_FACTOR, DesiredTopic, resolve_topic};
pub use diff::diff;
pub use diff::is_transient;
pub(in crate::resources) use diff::{kafka_value, source_name};
pub use live::{LiveTopic, LiveTopics};
pub use loss::{Loss, loss_of};
pub use observe::observe;
pub use risk::{Verdict, verdicts};
pub use spec::*;
pub use truncate::{RECORDS, Truncation};
