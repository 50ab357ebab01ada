//! What is said of dead-letter queues, in every format.

pub mod ledger;
pub mod list;
pub mod settling;
pub mod show;
pub mod triage;
mod unjudged;
