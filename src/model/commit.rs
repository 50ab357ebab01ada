use serde::{Deserialize, Serialize};

/// A state of a Git repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The hash of the commit that is checked out.
    pub id: String,
    /// Whether the files of the workspace differ from it.
    pub dirty: bool,
}
