//! What the fuzz targets try: the pure rooms that schemas live in, and the properties that must hold.
//!
//! The rooms are compiled from their sources, without the rest of the package: clients of servers and C code take long to
//! build, and libFuzzer looks through the counters of all code after each input.

#[path = "../../src/diag/mod.rs"]
#[allow(unused)] // What other rooms use.
mod diag;
#[path = "../../src/schema/mod.rs"]
#[allow(unused)]
pub mod schema;
#[path = "../../src/source/mod.rs"]
#[allow(unused)]
mod source;

pub mod properties;
