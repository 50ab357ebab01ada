//! Changes, their order, and the plan that holds them.

mod change;
mod document;
mod make;
mod measured;
mod order;

pub use change::{Action, Change, FieldChange, FieldValue, Verification, VerificationState};
pub use document::{Incomplete, Plan, PlanFinding, Summary, Unmanaged};
pub use make::make_plan;
pub use measured::{Measured, MeasuredGroup, MeasuredMember};
pub use order::{PlannedReference, PlannedVersion, Stage, Step};
