//! The rules of the bus: one item each, with code, documentation, examples and check.
//!
//! | to | use |
//! | --- | --- |
//! | find what breaks a rule, offline | [`check`], [`check_resolved`] |
//! | find that, and what a change of the manifests brings | [`check_against`] |
//! | apply the levels and waivers of `busctl.yaml` | [`apply_levels`], or [`apply_levels_to_part`] to some findings only |
//! | apply them where a change is compared with a base | [`apply_levels_against`] |
//! | find what breaks a rule in a client's configuration | [`check_client`] |
//! | explain a rule | [`rule`], [`Rule::page`] |
//! | write `docs/rules.md` | [`page`] |
//!
//! A rule of one resource kind stands in that kind's folder, one that looks at several kinds in [`rules`](self).

mod against;
mod check;
mod clients;
pub mod custom;
mod example;
mod legible;
mod levels;
mod list;
mod page;
mod rule;
pub(crate) mod rules;
mod waivers;

pub use against::{Base, BaseState, Comparison, check_against};
pub use check::{check, check_for, check_resolved};
pub use clients::{ClientFindings, ClientQuestion, check_client};
pub use example::{BASE, lay_over};
pub use legible::untold;
pub use levels::{
    LevelsBeside, apply_levels, apply_levels_against, apply_levels_beside, apply_levels_to_part, is_of_manifests,
};
pub use list::{rule, rules};
pub use page::page;
pub use rule::{Check, Content, Example, Rule};
pub use rules::compatibility::is_of_registered;
pub use rules::live::OTHER_CLUSTER;
pub use rules::personal::UNKNOWN_RESIDENCY;
pub use rules::unapplied::UNAPPLIED;
