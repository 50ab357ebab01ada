use std::path::{Path, PathBuf};

use super::test::unknown;
use crate::adapters::{disk, git};
use crate::cli::args::Global;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::render::Format;
use crate::resources::schema::SchemaFile;
use crate::resources::schema::contract::{Unit, invalid, named, unknown as unknown_name};
use crate::schema::{SchemaError, is_met_by, parse_registered};
use crate::source::FileId;

/// Options of `schema keep`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topic, the subject, or the path of the schema
    #[arg(value_name = "NAME")]
    name: String,
}

/// A schema that is to be kept.
struct Candidate<'w> {
    unit: Unit<'w>,
    /// What is kept of it: what was committed where that is another text, or else the present one.
    text: String,
    /// Whether the present text is another one than what was committed.
    is_edited: bool,
}

/// Copies the schemas of a topic or subject, as they were before they were edited, to the next places below `versions/`.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let mut context = Context::open()?;
    let candidates = candidates(&context, &args.name);
    if candidates.is_empty() {
        if context.is_broken() {
            context.print_findings(&context.loading, global);
            return Err(CommandError::refused("the manifests do not load").hint("`busctl validate` says what is wrong"));
        }
        return Err(unknown(unknown_name(&context.workspace, &args.name)));
    }
    let broken = candidates.iter().find_map(|candidate| Some((candidate, check(&context, candidate)?)));
    if let Some((Candidate { unit, text, is_edited }, error)) = broken {
        let (path, format, text, address) = (unit.path.clone(), unit.file.format, text.clone(), unit.address.clone());
        let path = if *is_edited { PathBuf::from(format!("{} (committed)", path.display())) } else { path };
        let referred = context.workspace.reference_files(unit.references).into_iter();
        let referred: Vec<(String, FileId)> = referred.map(|(name, file)| (name.to_owned(), file)).collect();
        let file = context.workspace.sources.add(path, text);
        let referred: Vec<(&str, FileId)> = referred.iter().map(|(name, file)| (name.as_str(), *file)).collect();
        let finding = invalid(SchemaFile { file, format }, error, &referred).resource(address);
        output::view(&context.findings_view(&[finding]), Format::Text, global)?;
        return Ok(Exit::Findings);
    }
    let mut said = Vec::new();
    let mut files: Vec<(PathBuf, &str)> = Vec::new();
    for Candidate { unit, text, is_edited } in &candidates {
        let newest = context.workspace.schemas.earlier(&unit.path).last();
        let is_kept = newest.filter(|newest| {
            let known = &context.workspace.sources.file(newest.schema.file).text;
            newest.schema.format == unit.file.format && is_met_by(unit.file.format, text, known)
        });
        if let Some(newest) = is_kept {
            let kept = context.workspace.sources.file(newest.schema.file).path.display();
            said.push(format!("nothing new in {}: {kept} is the same", unit.path.display()));
            continue;
        }
        let path = version_path(&unit.path, newest.map_or(1, |newest| newest.number.saturating_add(1)));
        // One that cannot be read, or is no file, has no number and may be all that is left of that version.
        if context.root.join(&path).symlink_metadata().is_ok() {
            return Err(CommandError::refused(format!("{} is there, and is not read as a version", path.display()))
                .hint("`busctl validate` says what is wrong with it: mend it, or move it out of the folder"));
        }
        let why = if *is_edited { ", which is what was committed, as the file has been edited since" } else { "" };
        said.push(format!("kept {}{why}", path.display()));
        files.push((path, text));
    }
    if files.is_empty() {
        return Err(CommandError::refused(format!("the newest version of `{}` is kept already", args.name))
            .hint("edit the schema; what it was stands below versions/"));
    }
    let files: Vec<(&Path, &str)> = files.iter().map(|(path, text)| (path.as_path(), *text)).collect();
    disk::write_together(&context.root, &files)
        .map_err(|(path, error)| CommandError::system(format!("could not write {}: {error}", path.display())))?;
    for line in said {
        anstream::println!("{line}");
    }
    Ok(Exit::Done)
}

/// The schemas that a name means. Where one has been edited, it is the one that changes, and no other is kept.
fn candidates<'w>(context: &'w Context, name: &str) -> Vec<Candidate<'w>> {
    let workspace = &context.workspace;
    let candidate = |unit: Unit<'w>| {
        let present = &*workspace.sources.file(unit.file.file).text;
        let committed = git::committed(&context.root, &unit.path);
        let is_edited = committed.as_ref().is_some_and(|committed| committed != present);
        Candidate { unit, text: committed.unwrap_or_else(|| present.to_owned()), is_edited }
    };
    let mut found: Vec<_> = named(workspace, name).into_iter().map(candidate).collect();
    if found.iter().any(|candidate| candidate.is_edited) {
        found.retain(|candidate| candidate.is_edited);
    }
    found
}

/// What is wrong with the text that would be kept: one that is no schema could be compared with nothing.
fn check(context: &Context, candidate: &Candidate<'_>) -> Option<SchemaError> {
    let references = context.workspace.resolve_references(candidate.unit.references);
    parse_registered(candidate.unit.file.format, &candidate.text, &references).err()
}

/// `FOLDER/versions/NAME/NUMBER.EXTENSION` of `FOLDER/NAME.EXTENSION`.
pub(super) fn version_path(schema: &Path, number: u32) -> PathBuf {
    let name = schema.file_stem().unwrap_or_default();
    let extension = schema.extension().map(|extension| extension.to_string_lossy()).unwrap_or_default();
    schema.with_file_name("versions").join(name).join(format!("{number}.{extension}"))
}
