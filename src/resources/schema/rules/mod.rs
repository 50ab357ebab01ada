//! What schemas keep to.

pub mod file;
pub mod reference;
pub mod text;
