//! Users that log in with SCRAM: which there are, and where their passwords are kept.

mod desired;
mod diff;
mod remembered;
pub mod rules;
mod spec;
mod user;

pub use desired::{DeclaredPassword, DesiredScramUser, DesiredScramUsers, in_scope};
pub use diff::{diff, iterations};
pub use remembered::{SetPassword, SetPasswords, is_told_by_memory_alone, set_passwords};
pub use spec::{
    BUILT_IN_ITERATIONS, ClusterScramUserSpec, LEAST_ITERATIONS, MOST_ITERATIONS, ScramOverrideSpec, ScramSpec, Written,
};
pub use user::{address_of, can_log_in, user_of_address};
