//! The event catalog: what is on the bus, for people who are new to it.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `model` | what is shown of the bus as a whole |
//! | `topic` | what is shown of one topic |
//! | `schema` | what is shown of one schema |
//! | `party` | who writes and reads |
//! | `outline` | the headings and their anchors |
//! | `mermaid` | the flows |
//! | `escape` | manifest text as Markdown that says the same |
//! | `markdown` | the page |

mod escape;
mod markdown;
mod mermaid;
mod model;
mod outline;
mod party;
mod schema;
mod topic;

use crate::resources::Workspace;

/// Where the catalog stands, from the workspace's root. Its links are relative to this place.
pub const PATH: &str = "docs/event-catalog.md";

/// The event catalog as Markdown. It depends on nothing but the manifests and schemas: neither on the order of files
/// and keys, nor on a clock, nor on a cluster.
///
/// What cannot be resolved is left out or noted in the page; the findings about it are made by loading and resolving.
pub fn markdown(workspace: &Workspace) -> String {
    markdown::page(&model::Model::of(workspace))
}
