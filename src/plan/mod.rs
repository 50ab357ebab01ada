//! Changes, their order, and the plan that holds them.

mod access;
mod change;
mod document;
mod make;
mod order;

pub use access::AccessChange;
pub use change::{Action, Change, FieldChange, FieldValue, Verification, VerificationState};
pub use document::{Incomplete, Plan, PlanFinding, Summary, Unmanaged};
pub use make::make_plan;
pub use order::{PlannedReference, PlannedVersion, Stage, Step};
