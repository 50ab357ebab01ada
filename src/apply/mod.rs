//! Carrying out a plan: the executor, the wait until brokers serve the result, the report.

mod executor;
mod guard;
mod recheck;
mod report;
mod settle;
mod verify;

pub use executor::{Applied, Watcher, apply};
pub use guard::{Guard, Guarded, Unguarded};
pub use recheck::Recheck;
pub use report::{ApplyReport, ApplySummary, Outcome, Status};
pub use settle::{Unsettled, settle};
pub use verify::verify;
