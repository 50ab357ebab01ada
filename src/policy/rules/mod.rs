//! Rules that look at several kinds of resources, and those that are not found by a function of their own.

pub mod agreement;
pub mod compatibility;
pub mod custom;
pub mod levels;
pub mod live;
pub mod loader;
pub mod loosened;
pub mod personal;
pub mod principals;
pub mod reference;
pub mod secrets;
pub mod style;
pub mod unapplied;
