//! Client quotas: what services, and others, may use of the brokers.

mod desired;
mod diff;
mod effect;
mod entity;
mod key;
pub mod rules;
mod spec;
mod write;

pub use desired::{DesiredQuota, DesiredQuotas, Holder, Limit};
pub use diff::{diff, in_scope, known_of};
pub use effect::Quotas;
pub use entity::{DEFAULT, QuotaEntity, Who};
pub use key::{Limits, QuotaKey};
pub use spec::{ClusterQuotaSpec, QuotaSpec};
pub use write::{entry_of, written};
