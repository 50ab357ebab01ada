//! What the core needs of the systems outside. Adapters implement these traits; nothing here knows a client library.

mod error;
pub mod kafka;
pub mod registry;

pub use error::{Failure, FailureKind, Observed};
