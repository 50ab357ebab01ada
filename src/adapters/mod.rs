//! The clients of the systems outside. Each implements a trait of [`crate::ports`] and keeps its library to itself.

pub mod kafka;
pub mod secrets;
