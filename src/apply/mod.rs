//! Carrying out a plan, and the account of it.

mod report;

pub use report::{ApplyReport, ApplySummary, Outcome, Status};
