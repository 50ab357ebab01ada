//! What is inside of keys and values: read with the schemas that they say they are of, and without what is personal in it.

mod decoder;
mod known;
mod personal;
#[cfg(test)]
pub(in crate::dlq) mod tests;
mod wire;

pub use decoder::{Content, Decoded, Decoder, Tried, Used};
pub use known::{Known, NewestSchema};
pub use personal::{MASKED, Personal, Scrubbing};
pub use wire::{Framed, Framing, Naming, framed, framing_header};
pub(super) use wire::{id_in_header, is_id_header};
