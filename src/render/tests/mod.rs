//! What people and programs see, as snapshots; and what must hold of any input.

mod findings;
mod hostile;
mod plans;
mod samples;
