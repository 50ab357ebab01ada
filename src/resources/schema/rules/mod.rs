//! What schemas keep to.

pub(crate) mod change;
pub(crate) mod file;
pub(crate) mod history;
pub(crate) mod major;
pub(crate) mod opinion;
pub(crate) mod reference;
pub(crate) mod registry;
pub(crate) mod text;
mod unit;
pub(crate) mod versions;
