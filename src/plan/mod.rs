//! Changes, their order, and the plan that holds them.

mod change;
mod compare;
mod document;
mod make;
mod order;
#[cfg(test)]
pub mod samples;
mod select;

pub use change::{Action, Change, FieldChange, FieldValue, Verification, VerificationState};
pub use compare::{Moved, Standing, standing};
pub use document::{Incomplete, Plan, PlanFinding, Summary, Unmanaged};
pub use make::make_plan;
pub use order::{PlannedReference, PlannedVersion, Stage, Step};
pub use select::{Selected, Selection};
