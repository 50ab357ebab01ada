//! The kinds of manifests and resources, one folder each.

pub mod acl;
pub mod broker_config;
pub mod catalog;
pub mod cluster;
pub mod comparison;
pub mod consent;
pub mod format;
pub mod impact;
pub mod inventory;
pub mod manifests;
pub mod personal;
pub mod placement;
pub mod promotion;
pub mod quota;
pub mod registry;
pub mod scaffold;
pub mod schema;
pub mod settings;
pub mod successor;
pub mod topic;
pub mod vault;
pub mod waive;

mod additions;
mod declared;
mod declared_live;
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
pub use desired::{Desired, Rebalance};
pub use difference::{Difference, difference, fingerprint};
pub use intern::Interner;
pub use live::Live;
pub use load::{FOLDERS, ReadProblem, WorkspaceFiles, load, load_onto, load_with_base};
pub(crate) use load::{head_of, is_schema};
pub use observe::{Scope, observe};
pub use present::PresentFields;
pub use resolved::{Layer, Origin, Resolved};
pub use workspace::{Catalog, Claim, Workspace};
