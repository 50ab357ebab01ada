//! Settles dead letters, each one once: sends them again, puts them apart, gives them up.

mod course;
mod newest;
mod repair;
mod restore;
mod run;
mod target;
#[cfg(test)]
mod tests;

pub use course::{Course, Refusal, Terms, Timing, course};
pub use newest::Newest;
pub use repair::{Repair, Repaired, Repairs, Sample};
pub use restore::restore;
pub use run::{Done, Limits, Progress, Run, Stop, Work, run};
pub use target::Target;
