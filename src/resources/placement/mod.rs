//! Where replicas go: which brokers each partition has them on, with as little moved as can be.
//!
//! It knows partitions, brokers and racks and nothing of servers; equal questions have equal answers.

mod cluster;
mod leaderless;
mod leaders;
mod load;
mod observe;
mod place;
mod rebalance;
mod replicas;
mod tell;
#[cfg(test)]
mod tests;

pub use cluster::{Brokers, Obstacle, Replicated};
pub use leaderless::Leaderless;
pub use leaders::{Led, balance_leaders};
pub use load::Loads;
pub use observe::observe;
pub(in crate::resources) use place::{FACTOR, LEADER, REPLICAS, brokers_in_words, gone, move_in};
pub use place::{Sizes, obstacle, partitions_of, place, place_all};
pub use rebalance::{Goal, Placements, Rebalanced, placements, rebalance};
pub use replicas::replicas;
pub use tell::{named, tell};
