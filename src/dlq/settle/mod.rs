//! Settles dead letters, each one once: sends them again, puts them apart, gives them up.

mod course;
mod done;
mod exported;
mod newest;
mod originals;
mod prefix;
mod reasons;
mod refusal;
mod repair;
mod repairs;
mod restore;
mod returned;
mod run;
mod target;
mod terms;
#[cfg(test)]
mod tests;
mod transaction;

pub use course::{Course, Origin, course, course_of_original};
pub use done::{Done, Limits, Progress, Stop};
pub use newest::NewestRecords;
pub use originals::Originals;
pub use prefix::{Undecided, undecided};
pub use reasons::{Reason, Reasons};
pub use refusal::Refusal;
pub use repair::{Repair, Repaired};
pub use repairs::{Repairs, Sample};
pub use restore::{Restoring, lacking};
pub use returned::Returned;
pub use run::{Run, Work, run};
pub use target::Target;
pub use terms::{Parking, Retry, Route, Terms, Timing};
