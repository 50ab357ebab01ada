//! The figures of queues: how full they are, how fast they fill, what becomes of what is in them.
//!
//! They grow with what is read: [`Accounts`] follows the ledger, [`Contents`] a queue, and neither reads anything twice that has not
//! changed. What they take of memory does not grow with the records.

mod accounts;
mod arrivals;
mod contents;
mod figures;
#[cfg(test)]
mod tests;
mod thresholds;
mod waits;

pub use accounts::{Account, Accounts, Settling};
pub use arrivals::Arrivals;
pub use contents::{Contents, Pile};
pub use figures::{Figures, Now, TimeToTriage};
pub use thresholds::ThresholdFigures;
pub use waits::Waits;
