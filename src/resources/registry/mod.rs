//! Schema registries and how they are reached.

mod spec;

pub use spec::*;
