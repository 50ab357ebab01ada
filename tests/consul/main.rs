//! Consul: its keys, what is delivered to services through it, and who it says a service is, on a real one.
//!
//! On a machine that can neither find nor build Consul the tests say so and pass; with `CI=true` they fail.

#[path = "../support/mod.rs"]
mod support;

mod between;
mod delivery;
mod faults;
mod hostile;
mod identities;
mod keys;
mod many;

use std::time::Duration;

use busctl::adapters::consul::ConsulClient;
use busctl::model::Secret;
use busctl::ports::Failure;
use busctl::ports::connection::Tls;
use busctl::ports::consul::ConsulConnection;
use support::consul::Consul;

/// The folder of the tests.
pub const PREFIX: &str = "kafka/main";

/// How a Consul is reached with this token.
pub fn connection(consul: &Consul, token: Option<&str>) -> ConsulConnection {
    let ca = consul.ca.as_ref().map(|ca| Secret::new(std::fs::read_to_string(ca).unwrap()));
    ConsulConnection {
        address: consul.address.clone(),
        datacenter: None,
        namespace: None,
        tls: ca.map(|ca| Tls { ca: Some(ca), identity: None, server_name: None }),
        token: token.map(Secret::new),
        prefix: Some(PREFIX.to_owned()),
        timeout: Duration::from_secs(10),
    }
}

/// A client with this token.
pub fn client(consul: &Consul, token: Option<&str>) -> ConsulClient {
    ConsulClient::new(&connection(consul, token)).unwrap()
}

/// What a failure says, with what to do: it names the server, and no secret.
#[track_caller]
pub fn told(failure: &Failure, secrets: &[&str]) -> String {
    let told = format!("{failure}\nhelp: {}", failure.hint.clone().unwrap_or_default());
    assert!(failure.hint.is_some() && told.contains("Consul http"), "{told}");
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        assert!(!told.contains(secret), "a secret is shown: {told}");
    }
    told
}

#[test]
fn no_test_file_is_forgotten() {
    support::modules::assert_none_is_forgotten(file!());
}
