//! Changes, their order, and the plan that holds them.

mod access;
mod change;
mod compare;
mod document;
mod drift;
mod file;
mod make;
mod measured;
mod order;
mod plans;
mod reassignment;
#[cfg(test)]
pub mod samples;
mod select;
pub mod signature;
mod undo;

pub use access::AccessChange;
pub use change::{Action, Change, FieldChange, FieldValue, Verification, VerificationState, quoted};
pub use compare::{Moved, Stale, Standing, standing};
pub use document::{Incomplete, Plan, PlanFinding, Summary, Unmanaged};
pub use drift::{Cause, Drift, Drifted, DriftedField, LastApplied, drift};
pub use file::{SAVED_PLAN_VERSION, SavedPlan, SavedRebalance, SavedWorkspace};
pub use make::{add_findings, make_plan};
pub use measured::{AttributedBy, Attribution, Measured, MeasuredGroup, MeasuredMember};
pub use order::{PlannedReference, PlannedVersion, Stage, Step};
pub use plans::{ClusterPlan, PlanOutcome, Plans};
pub use reassignment::{BrokerShare, PartitionMove, Reassignment, Share};
pub use select::{Selected, Selection};
pub use undo::{NotUndone, keep_addresses_of, undo, undo_rebalance};
