//! The kinds of manifests and resources, one folder each.

pub mod acl;
pub mod catalog;
pub mod cluster;
pub mod impact;
pub mod registry;
pub mod schema;
pub mod settings;
pub mod successor;
pub mod topic;

mod declared;
mod desired;
mod difference;
mod intern;
mod live;
mod load;
mod observe;
mod present;
mod resolved;
mod workspace;

pub use declared::DeclaredFields;
pub use desired::Desired;
pub use difference::{Difference, difference, fingerprint};
pub use intern::Interner;
pub use live::Live;
pub use load::{FOLDERS, ReadProblem, WorkspaceFiles, load};
pub use observe::{Scope, observe};
pub use present::PresentFields;
pub use resolved::{Layer, Origin, Resolved};
pub use workspace::{Catalog, Claim, Workspace};
