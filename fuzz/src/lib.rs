//! What the fuzz targets try: the rooms that need no server, and the properties that must hold.
//!
//! The rooms are compiled from their sources, without the rest of the package: clients of servers and C code take long to
//! build, and libFuzzer looks through the counters of all code after each input.

#[path = "../../src/adapters/kafka/answers.rs"]
mod answers;
#[path = "../../src/apply/mod.rs"]
#[allow(unused)] // What other rooms use.
mod apply;
#[path = "../../src/adapters/certificate.rs"]
#[allow(unused)]
mod certificate;
#[path = "../../src/adapters/oauth/claims.rs"]
mod claims;
#[path = "../../src/diag/mod.rs"]
#[allow(unused)]
pub mod diag;
#[path = "../../src/dlq/mod.rs"]
#[allow(unused)]
pub mod dlq;
#[path = "../../src/model/mod.rs"]
#[allow(unused)]
pub mod model;
#[path = "../../src/plan/mod.rs"]
#[allow(unused)]
pub mod plan;
#[path = "../../src/policy/mod.rs"]
#[allow(unused)]
pub mod policy;
#[path = "../../src/ports/mod.rs"]
#[allow(unused)]
mod ports;
#[path = "../../src/render/mod.rs"]
#[allow(unused)]
pub mod render;
#[path = "../../src/resources/mod.rs"]
#[allow(unused)]
pub mod resources;
#[path = "../../src/schema/mod.rs"]
#[allow(unused)]
pub mod schema;
#[path = "../../src/source/mod.rs"]
#[allow(unused)]
pub mod source;
#[path = "../../src/adapters/kafka/wire.rs"]
#[allow(unused)]
mod wire;

pub mod outside;
pub mod properties;
