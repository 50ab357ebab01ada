//! Delivered configuration: what the clients of each service bootstrap from, as keys of a store that they read.

mod address;
mod desired;
mod diff;
mod keys;
pub mod rules;
mod shown;

pub use address::{address_of, field_of, key_of, service_of};
pub use desired::{DesiredDeliveries, DesiredDelivery};
pub use diff::diff;
pub use keys::{by_service, keys_of, separator_of};
pub use shown::{shown_entry, shown_key};
