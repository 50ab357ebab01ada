//! Rules of a workspace's own, in CEL: `policy:` of `busctl.yaml`.
//!
//! Each is read and typed once ([`compile`]), and asked of every resource of a cluster ([`check`]), of changes
//! ([`check_changes`]) and of its examples ([`test`]).

mod changes;
mod compile;
mod examples;
mod expression;
mod functions;
mod item;
mod open;
mod page;
mod program;
mod resources;
mod run;
mod shape;
mod template;
#[cfg(test)]
mod tests;
mod typing;
mod value;
mod written;

pub use changes::check_changes;
pub use compile::{CustomRule, CustomRules, Verdict, compile, find, is_custom_code, is_over_changes, level_of};
pub use examples::{Tested, TestedRule, test};
pub use open::{ExpressionError, OpenExpression};
pub use page::page;
pub use run::check;
pub use shape::{Absent, Field, Holds, SHAPES, Shape};
pub use typing::Open;
