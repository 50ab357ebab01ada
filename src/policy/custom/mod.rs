//! Rules of a workspace's own, in CEL: `policy:` of `busctl.yaml`.
//!
//! Each is read and typed once ([`compile`]), and asked of every resource of a cluster ([`check`]).

mod compile;
mod expression;
mod item;
mod resources;
mod run;
mod shape;
mod template;
#[cfg(test)]
mod tests;
mod typing;
mod value;
mod written;

pub use compile::{CustomRule, CustomRules, Verdict, compile, is_custom_code, level_of};
pub use run::check;
pub use shape::{Absent, Field, Holds, Shape};
