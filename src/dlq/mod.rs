//! Dead-letter queues: what their records say of themselves, which of them belong together, and what becomes of each.
//!
//! | to | use |
//! | --- | --- |
//! | read why a record is there, whoever wrote it | [`Told::of`] |
//! | know what belongs together | [`Shape`], [`Fingerprint`] |
//! | say what kind of failure it is | [`Verdict::of`] |
//! | group the records of a queue | [`Triage`] |
//! | choose some of them | [`Filter`] |
//! | send them again, give them up, take that back | [`settle`] |
//! | know what became of each one | [`Ledger`], [`Fates`] |
//!
//! Nothing here speaks to a server; records come as values.

mod convention;
mod depth;
mod export;
mod fates;
mod filter;
mod fingerprint;
mod ledger;
mod queue;
pub mod settle;
mod settled;
mod shown;
mod state;
mod triage;
mod verdict;

pub use convention::{Convention, Payload, Place, Redriven, Told, header_text, hex};
pub use depth::Depth;
pub use export::{Base64, Export, ExportHead, Exported, ExportedRecord};
pub use fates::{Fates, Settlement, Wanted};
pub use filter::{Filter, FilterError, Numbers, Text};
pub use fingerprint::{Fingerprint, FingerprintError, Shape};
pub use ledger::{Fate, Ledger, LedgerEntry, LedgerKey, LedgerKeyError, LedgerRun};
pub use queue::Queue;
pub use settled::Settled;
pub use shown::{ShownPart, ShownRecord};
pub use state::{Excess, State};
pub use triage::{Group, Sample, Triage, Triaged, triage};
pub use verdict::Verdict;
