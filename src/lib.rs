//! busctl governs a Kafka bus from YAML in Git.
//!
//! The library is the tool; the binary only maps an exit code. Dependencies point one way:
//!
//! ```text
//! diag, source ← model ← schema, policy, resources, plan ← apply, dlq, catalog, import, lsp, render ← cli
//!                          adapters ─ implement ─▶ ports (used by resources and apply)
//! ```
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`source`] | files, spanned YAML trees, the decoder that collects every error |
//! | [`diag`] | findings: code, level, places, help |
//! | [`model`] | domain types that cannot hold a wrong value |
//! | [`schema`] | Avro, JSON Schema and Protobuf: parse, canonical form, fields, compatibility |
//! | [`resources`] | one folder a resource kind: manifest, desired, live, diff, apply, rules |
//! | [`policy`] | the list of rules, their levels, waivers |
//! | [`plan`] | changes, their order, the plan and its file |
//! | [`apply`] | the executor |
//! | [`dlq`] | dead letters: why they failed, what becomes of them, what did |
//! | [`catalog`] | the event catalog |
//! | [`import`] | a workspace made of a bus that is there |
//! | [`render`] | one file an output format |
//! | [`lsp`] | what an editor asks about manifests |
//! | [`ports`] | what the core needs of Kafka and of the schema registry |
//! | [`adapters`] | the clients that speak to them |
//! | [`localbus`] | the local Kafka and registry of `busctl dev` |
//! | [`cli`] | one file a command |

pub mod adapters;
pub mod apply;
pub mod catalog;
pub mod cli;
pub mod diag;
pub mod dlq;
pub mod import;
pub mod localbus;
pub mod lsp;
pub mod model;
pub mod plan;
pub mod policy;
pub mod ports;
pub mod render;
pub mod resources;
pub mod schema;
pub mod source;
