//! Carrying out a plan: the executor, the wait until brokers serve the result, the report.

mod audit;
mod executor;
mod report;
mod settle;
mod verify;

pub use audit::{Audit, AuditEntry, AuditFilter, AuditStatus, audit};
pub use executor::{Watcher, apply};
pub use report::{ApplyReport, ApplySummary, Outcome, Status};
pub use settle::{Unsettled, settle};
pub use verify::verify;
