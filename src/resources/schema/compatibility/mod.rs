//! Whether consumers survive the versions that a plan registers: decided here against the versions that the registry has,
//! and told by the registry itself where it can be asked.
//!
//! As with the impact, it takes a second look once the plan is there: [`needs_of_plan`] says which versions matter,
//! [`read`] reads them, [`ask`] asks the registry, and [`judge`] puts what comes of it into the plan. Where nothing is
//! registered behind another version, nothing is read.

mod ask;
mod decide;
mod histories;
mod judge;
mod needs;
mod read;
mod registered;
mod registration;
#[cfg(test)]
mod tests;
mod words;

pub use ask::{Answer, Answers, ask};
pub use histories::Histories;
pub use judge::judge;
pub use needs::{Needs, needs_of_everything, needs_of_plan};
pub use read::read;
pub use registered::{Registered, Unknown, Versions};
