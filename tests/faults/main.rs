//! Faults made on purpose, on real servers: after each one, an apply brings what the manifests say, nothing is done twice
//! and the record accounts for every change.
//!
//! A short form runs with the other tests, the full one by `scripts/faults`. The suite ends with a table of how many faults
//! were tried and how many held. Where a fault strikes comes from a seed, which it prints; `BUSCTL_FAULTS_SEED` gives one
//! again. A word as argument (`killed`, `nodes` …) tries these faults alone.

#[path = "../support/mod.rs"]
mod support;

mod by_hand;
mod connections;
mod estate;
mod killed;
mod nodes;
mod registry;
mod rivals;
mod tally;

use std::process::ExitCode;

use support::{sample, server};
use tally::{Extent, Tally};

#[tokio::main]
async fn main() -> ExitCode {
    support::modules::assert_none_is_forgotten(file!());
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| name.contains(wanted.as_str()));
    let mut tally = Tally::new(Extent::of_environment());
    if is_wanted("killed") {
        killed::run(&mut tally).await;
    }
    if is_wanted("connections") {
        connections::run(&mut tally).await;
    }
    if is_wanted("registry") {
        registry::run(&mut tally).await;
    }
    if is_wanted("rivals") {
        rivals::run(&mut tally).await;
    }
    if is_wanted("by_hand") {
        by_hand::run(&mut tally).await;
    }
    if is_wanted("nodes") {
        nodes::run(&mut tally).await;
    }
    tally.end()
}
