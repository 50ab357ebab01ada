//! What the tests with real servers share.

// Each test binary compiles all of it and uses a part.
#![allow(dead_code)]

pub mod certificates;
pub mod registries;
pub mod three_nodes;
