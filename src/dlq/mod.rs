//! Dead-letter queues: what their records say of themselves, which of them belong together, and what becomes of each.
//!
//! | to | use |
//! | --- | --- |
//! | read why a record is there, whoever wrote it | [`Told::of`] |
//! | know what belongs together | [`Shape`], [`Fingerprint`] |
//! | say what kind of failure it is | [`Verdict::of`] |
//! | group the records of a queue | [`Triage`] |
//! | choose some of them | [`Filter`] |
//! | read what is in one | [`decode`] |
//! | send them again, give them up, take that back | [`settle`] |
//! | know what became of each one | [`Ledger`], [`Fates`] |
//! | follow how full queues are, and what becomes of what is in them | [`stats`] |
//!
//! Records and schemas are had through the ports `records` and `schemas`; nothing here
//! knows a client.

mod condition;
mod convention;
pub mod decode;
mod depth;
mod expired;
mod export;
mod fates;
mod filter;
mod fingerprint;
mod ledger;
mod ledger_key;
mod queue;
pub mod settle;
mod settled;
mod shown;
mod state;
pub mod stats;
mod triage;
mod unmet;
mod verdict;

pub use condition::{Condition, Unjudged, VARIABLES};
pub use convention::{Convention, Payload, Place, Redriven, Told, header_text, hex};
pub use depth::{Counted, Depth, PartitionEnds};
pub use expired::{Expired, Seen};
pub use export::{Base64, Export, ExportHead, Exported, ExportedRecord};
pub use fates::{Fates, Settlement, Wanted};
pub use filter::{Coordinates, Filter, FilterError, Numbers, Text};
pub use fingerprint::{Fingerprint, FingerprintError, Shape};
pub use ledger::{Fate, Ledger, LedgerEntry, LedgerRun};
pub use ledger_key::{LedgerKey, LedgerKeyError};
pub use queue::Queue;
pub use settled::Settled;
pub use shown::{Form, ShownPart, ShownRecord, ShownSchema, masked_of};
pub use state::{Excess, State};
pub use triage::{Group, Triage, Triaged, triage};
pub use unmet::{Names, Unmet};
pub use verdict::Verdict;
