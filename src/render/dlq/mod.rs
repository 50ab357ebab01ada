//! What is said of dead-letter queues, in every format.

pub mod reprocess;
pub mod triage;
