use super::order::Order;
use super::rows::{GroupRow, QueueRow, RecordRow};
use crate::dlq::{Coordinates, Fingerprint};

/// A key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first line.
    Home,
    /// To the last line.
    End,
    /// Opens, agrees.
    Enter,
    /// Leaves, stops.
    Escape,
    /// Takes the last character away.
    Backspace,
    /// To the next field.
    Tab,
    /// Ctrl-C.
    Interrupt,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Time went by, or the terminal has another size.
    Tick,
    /// These are the queues.
    Queues(Vec<QueueRow>),
    /// These are the groups of the queue; so many of its records were settled before.
    Groups {
        /// Them.
        rows: Vec<GroupRow>,
        /// How many were settled before.
        settled: u64,
    },
    /// These are the first records of the group.
    Records(Vec<RecordRow>),
    /// A record as it is shown.
    Shown(String),
    /// What an order would do.
    Preview(String),
    /// What an order did.
    Carried(String),
    /// So many more records were read.
    Read(u64),
    /// What is under way says something.
    Said(String),
    /// It has stopped, as it was to.
    Stopped,
    /// It could not be done.
    Failed(String),
}

/// What is to be done outside. One thing at a time is under way, but for [`Effect::Stop`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// End.
    Quit,
    /// List the queues.
    Queues,
    /// Read a queue and group it.
    Groups {
        /// The dead-letter topic.
        topic: String,
    },
    /// Read the first records of a group.
    Records {
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
    /// Show a record.
    Show {
        /// The dead-letter topic.
        topic: String,
        /// Where it is.
        at: Coordinates,
    },
    /// Say what an order would do.
    Preview(Order),
    /// Carry an order out.
    Carry(Order),
    /// Stop what is under way.
    Stop,
}
