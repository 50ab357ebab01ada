//! Carrying out a plan: the executor, the wait until brokers serve the result, the report.

mod audit;
mod executor;
mod guard;
mod moved;
mod own_topics;
mod passwords;
mod publish;
mod recheck;
mod record;
mod report;
mod resolve;
mod send;
mod settle;
pub mod throttle;
mod throttles;
mod verify;

pub use audit::{Audit, AuditEntry, AuditFilter, AuditStatus, audit};
pub use executor::{Applied, MoveOptions, MoveProgress, Watcher, apply, bytes_left, time_left};
pub use guard::{EventLog, Guard, Guarded, Unguarded};
pub use moved::{BegunBy, MovedPartition, MovedTopic, Moves, ThrottledTopic, waits_for};
pub use own_topics::{Repaired, make_own_topics};
pub use passwords::Passwords;
pub use recheck::Recheck;
pub use report::{ApplyReport, ApplySummary, Outcome, Status};
pub use settle::{Unsettled, settle};
pub use throttles::{Chosen, Throttles, Unthrottled};
pub use verify::verify;
