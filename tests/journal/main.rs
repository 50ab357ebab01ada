//! The lock and the record of apply on real brokers, with holders in processes of their own.

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod bus;
mod child;
mod classic;
mod crash;
mod lock;
mod permissions;
mod record;
mod three_nodes;
