//! Dead-letter queues: what their records say of themselves, which of them belong together, and what becomes of each.
//!
//! | to | use |
//! | --- | --- |
//! | read why a record is there, whoever wrote it | [`Told::of`] |
//! | know what belongs together | [`Shape`], [`Fingerprint`] |
//! | say what kind of failure it is | [`Verdict::of`] |
//! | group the records of a queue | [`Triage`] |
//! | choose some of them | [`Filter`] |
//! | send them again | [`redrive`] |
//! | know what became of each one | [`Fate`], [`Settled`] |
//!
//! Nothing here speaks to a server; records come as values.

mod convention;
mod filter;
mod fingerprint;
mod ledger;
mod queue;
pub mod redrive;
mod settled;
mod triage;
mod verdict;

pub use convention::{Convention, Payload, Place, Redriven, Told};
pub use filter::{Filter, FilterError, Numbers, Text};
pub use fingerprint::{Fingerprint, FingerprintError, Shape};
pub use ledger::{Fate, Ledger, LedgerEntry, LedgerKey, LedgerKeyError, LedgerRun};
pub use queue::Queue;
pub use settled::Settled;
pub use triage::{Group, Sample, Triage, Triaged, triage};
pub use verdict::Verdict;
