//! A terminal interface over dead-letter queues: queues, groups, records, one record. What is seen and what keys do is here, without
//! a terminal and without a clock; who runs it carries out its [`Effect`]s and tells it what came of them.

mod dialog;
mod draw;
mod event;
mod list;
mod marks;
mod order;
mod rows;
mod state;
#[cfg(test)]
mod tests;

pub use draw::{Theme, draw};
pub use event::{Effect, Event, Key};
pub use order::{Action, Chosen, Order};
pub use rows::{GroupRow, QueueRow, RecordRow};
pub use state::State;
