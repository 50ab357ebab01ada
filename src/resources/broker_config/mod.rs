//! Configs of brokers that can be set while they run: of all brokers, and of single ones (KIP-226).

mod desired;
mod diff;
mod elr;
mod risk;
mod scope;
mod value;

pub use desired::{DesiredBrokerConfigs, Setting};
pub use diff::{diff, effective, meaning_by_scope};
pub use elr::{ELR_FEATURE, MIN_IN_SYNC, refused_with_elr};
pub use scope::BrokerScope;
pub use value::{decode, is_of_one_cluster, is_same, is_throttle, meaning, shown, text};
