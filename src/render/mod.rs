//! Findings, plans, drift and reports as text, JSON and Markdown. One file an output format; nothing prints here.
//!
//! Whatever comes from a manifest or from a server is shown and never obeyed: control characters become visible,
//! Markdown is escaped (see `plain` and `markdown`).

pub mod access;
pub mod apply;
pub mod audit;
pub mod ci;
pub mod client_config;
pub mod comparison;
pub mod contract;
pub mod dlq;
pub mod doctor;
pub mod drift;
pub mod external_secrets;
pub mod findings;
pub mod identity;
pub mod inventory;
pub mod moves;
pub mod plan;
pub mod plans;
pub mod policy_test;
pub mod promotion;
pub mod schema_diff;
pub mod schema_show;
pub mod show;
pub mod text_diff;
pub mod whoami;

mod format;
mod json;
mod markdown;
mod paint;
mod plain;
mod words;

#[cfg(test)]
mod tests;

pub use format::{Format, Style, View};
pub(crate) use markdown::{code as markdown_code, prose as markdown_prose};
pub(crate) use plain::{elided, line as on_one_line, lines as printable};
