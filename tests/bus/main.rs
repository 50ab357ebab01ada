//! The command line against a real broker and real registries, from an empty bus to bad weather.
//!
//! All tests share one broker and one registry; each has topics, subjects and principals of its own.

#[path = "../support/mod.rs"]
mod support;

use support::{sample, server};

mod access;
mod broker_configs;
mod causes;
mod clients;
mod comparison;
mod compatibility;
mod connections;
mod doctor;
mod drift;
mod facts;
mod import;
mod interrupted;
mod invented;
mod lifecycle;
mod local;
mod mutual;
mod older;
mod open_broker;
mod people;
mod permissions;
mod quotas;
mod registry_weather;
mod risk;
mod saved;
mod schemas;
mod scram;
mod security;
mod server_check;
mod side_by_side;
mod snapshot;
mod three_nodes;
mod throttled;
mod tokens;
mod weather;

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
