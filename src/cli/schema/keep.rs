use std::path::{Path, PathBuf};

use crate::adapters::disk;
use crate::cli::args::Global;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit};
use crate::resources::schema::contract::schemas_of;
use crate::schema::is_met_by;

/// Options of `schema keep`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topic or subject
    #[arg(value_name = "NAME")]
    name: String,
}

/// Copies the present schemas of a topic or subject to the next place below `versions/`.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load(global)?;
    let workspace = &context.workspace;
    let schemas = schemas_of(workspace, &args.name);
    if schemas.is_empty() {
        return Err(CommandError::usage(format!("`{}` is no topic with a schema, and no subject", args.name))
            .hint("it is named as in its manifest"));
    }
    let text = |file| &*workspace.sources.file(file).text;
    let mut kept: Vec<(PathBuf, &str)> = Vec::new();
    for (path, schema) in &schemas {
        let newest = workspace.schemas.earlier(path).last();
        let is_kept = newest.is_some_and(|newest| {
            newest.schema.format == schema.format
                && is_met_by(schema.format, text(schema.file), text(newest.schema.file))
        });
        if !is_kept {
            let number = newest.map_or(1, |newest| newest.number.saturating_add(1));
            kept.push((version_path(path, number), text(schema.file)));
        }
    }
    if kept.is_empty() {
        return Err(CommandError::refused(format!("the newest version of `{}` is kept already", args.name))
            .hint("edit the schema; what it was stands below versions/"));
    }
    let files: Vec<(&Path, &str)> = kept.iter().map(|(path, text)| (path.as_path(), *text)).collect();
    disk::write_together(&context.root, &files)
        .map_err(|(path, error)| CommandError::system(format!("could not write {}: {error}", path.display())))?;
    for (path, _) in &kept {
        anstream::println!("kept {}", path.display());
    }
    Ok(Exit::Done)
}

/// `FOLDER/versions/NAME/NUMBER.EXTENSION` of `FOLDER/NAME.EXTENSION`.
fn version_path(schema: &Path, number: u32) -> PathBuf {
    let name = schema.file_stem().unwrap_or_default();
    let extension = schema.extension().map(|extension| extension.to_string_lossy()).unwrap_or_default();
    schema.with_file_name("versions").join(name).join(format!("{number}.{extension}"))
}
