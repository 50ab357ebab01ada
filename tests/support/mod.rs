//! What the tests with real servers and those of the command line share.

// Each test binary compiles all of it and uses a part.
#![allow(dead_code)]

pub mod certificates;
pub mod clients;
pub mod consul;
pub mod gate;
pub mod go;
pub mod issuer;
pub mod least;
pub mod memory;
pub mod modules;
pub mod objects;
pub mod proxy;
pub mod registries;
pub mod sample;
pub mod secrets;
pub mod secured;
pub mod server;
pub mod terminal;
pub mod three_nodes;
pub mod vault;
pub mod workspace;
