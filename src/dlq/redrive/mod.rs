//! Sends dead letters again, each one once.

mod course;
mod run;
mod target;
#[cfg(test)]
mod tests;

pub use course::{Course, Refusal, Terms, Timing, course};
pub use run::{Limits, Progress, Redrive, Redriven, Stop, redrive};
pub use target::Target;
