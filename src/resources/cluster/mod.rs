mod connection;
mod spec;

pub use connection::{ConnectionProblem, SecretPlace, connection, read_secrets, read_tls_secrets, tls};
pub use spec::*;
