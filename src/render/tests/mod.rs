//! What people and programs see, as snapshots; and what must hold of any input.

mod access;
mod apply;
mod audit;
mod drift;
mod findings;
mod github;
mod hostile;
mod plans;
mod reports;
mod samples;
mod schema_changes;
mod schemas;
mod secrets;
mod show;
