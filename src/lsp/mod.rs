//! What an editor asks about a manifest that is being written: findings, what a word means, what may stand here, where it is
//! declared and where it is used.
//!
//! | file | what it answers |
//! | --- | --- |
//! | `text.rs` | lines and columns, in the units that an editor counts in |
//! | `outline.rs` | the keys and values of a text, also of one that is half typed |
//! | `place.rs` | what stands at a place, and what its manifest says of it |
//! | `names.rs` | which names belong where, where they are declared and used |
//! | `near.rs`, `finding.rs` | findings of one file, between two checks of all |
//! | `complete.rs`, `hover.rs` | what may stand here; what it means |
//!
//! All of it is pure. The protocol is in `cli/lsp/`.

mod complete;
mod finding;
mod hover;
mod names;
mod near;
mod outline;
mod place;
mod text;

pub use complete::{Completion, CompletionKind, Completions, complete};
pub use finding::{FileEdit, Finding, Mend, Related};
pub use hover::{Hover, hover};
pub use names::{NameKind, Target, declarations, references};
pub use near::{Base, Known, file_findings};
pub use place::Place;
pub use text::{Encoding, LineTable, Position, replace};
