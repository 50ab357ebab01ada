//! `lsp`: the language server, and the JSON Schemas of manifests for editors that do without it.

mod action;
mod answer;
mod convert;
mod guard;
mod server;
mod session;
mod tell;
mod uri;
mod wire;

use std::path::{Path, PathBuf};

use super::args::Global;
use super::error::{CommandError, Exit};
use super::output;
use crate::resources::manifests::{ManifestKind, json_schema};

/// Options of `lsp`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write the JSON Schemas of manifests into this folder, and serve nobody
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,

    /// Speak through standard input and output, which it does anyway; editors give it
    #[arg(long, hide = true, conflicts_with = "schemas")]
    stdio: bool,
}

/// Serves an editor until it goes, or writes the schemas.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    match &args.schemas {
        Some(folder) => write_schemas(folder),
        None => server::serve(global.directory.as_deref()),
    }
}

fn write_schemas(folder: &Path) -> Result<Exit, CommandError> {
    for (word, kind) in ManifestKind::WORDS {
        // It has no map with keys that are no texts.
        let mut text = serde_json::to_string_pretty(&json_schema(*kind)).unwrap_or_default();
        text.push('\n');
        output::file(&folder.join(format!("{word}.schema.json")), text.as_bytes())?;
    }
    Ok(Exit::Done)
}
