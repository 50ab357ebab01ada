use std::path::{Path, PathBuf};

use super::files::{TYPES, format_of, invalid, invalid_file, read, unreadable};
use super::history::History;
use super::reference::{OldReferenceArg, ReferenceArg};
use crate::cli::args::{FormatArg, Global, words};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::diag::{Diagnostic, Findings};
use crate::render::Format;
use crate::render::findings::FindingsView;
use crate::render::schema_diff::{ReferenceChange, ShownDiff, ShownVersion};
use crate::resources::Workspace;
use crate::resources::schema::earlier_major;
use crate::schema::diff::{DiffError, SchemaDiff, Version, diff};
use crate::schema::{ResolvedReference, SchemaFormat, is_met_by, parse_registered};
use crate::source::{FileId, Sources, Span};

/// Options of `schema diff`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A topic or subject of the workspace: its newest earlier version in Git is compared with the present one. Or the
    /// files of two versions, the old one first
    #[arg(
        value_name = "NAME|FILE",
        num_args = 1..=2,
        required_unless_present = "new",
        conflicts_with_all = ["old", "new"]
    )]
    names: Vec<String>,

    /// Compare from this version
    #[arg(long, value_name = "NUMBER", requires = "names")]
    from: Option<u32>,

    /// Compare with this version, instead of the present one
    #[arg(long, value_name = "NUMBER", requires = "names")]
    to: Option<u32>,

    /// The old version, as a file
    #[arg(long, value_name = "FILE", requires = "new")]
    old: Option<PathBuf>,

    /// The new version, as a file
    #[arg(long, value_name = "FILE", requires = "old")]
    new: Option<PathBuf>,

    /// The format of both files; by default what the extension of each says
    #[arg(long = "type", value_name = "TYPE", ignore_case = true, value_parser = words(TYPES))]
    schema_type: Option<SchemaFormat>,

    #[command(flatten)]
    reference: ReferenceArg,

    #[command(flatten)]
    old_reference: OldReferenceArg,

    /// End with 2 where something changed
    #[arg(long)]
    detailed_exitcode: bool,

    #[command(flatten)]
    format: FormatArg,
}

/// A version that is compared.
#[derive(Clone, PartialEq)]
pub(super) struct Side {
    /// Its file.
    pub file: FileId,
    /// Its number, where it is one of a history.
    pub number: Option<u32>,
    /// Its format.
    pub format: SchemaFormat,
    /// The files that it refers to, by its names for them.
    pub references: Vec<(&'static str, FileId)>,
    /// The earlier versions of other subjects that it refers to, where the present version refers to later ones.
    pub with: Vec<(String, u32)>,
}

/// Tells what changed between two versions.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    match (args.names.as_slice(), &args.old, &args.new) {
        ([name], ..) => {
            if args.schema_type.is_some() || !args.reference.is_empty() || !args.old_reference.is_empty() {
                return Err(CommandError::usage("--type, --reference and --old-reference are for two files")
                    .hint("what a schema of the workspace refers to, its manifest says under `references`"));
            }
            let context = Context::load()?;
            let Some(history) = History::find(context, name)? else {
                context.print_loading(global)?;
                return Ok(Exit::Findings);
            };
            let new = history.version(args.to)?;
            let old = match args.from {
                Some(number) => history.version(Some(number))?,
                None => history.before(new).map_err(|error| major_before(&context.workspace, name, new, error))?,
            };
            show(global, args, &context.workspace.sources, (old, &old.references), (new, &new.references))
        }
        ([old, new], ..) => {
            if args.from.is_some() || args.to.is_some() {
                return Err(CommandError::usage("--from and --to are for one topic or subject"));
            }
            if let Some(no_file) = [old, new].into_iter().find(|name| !Path::new(name).is_file()) {
                return Err(CommandError::usage(format!("there is no file {no_file}"))
                    .hint("two versions are compared as two files, or as one topic or subject with --from and --to"));
            }
            files(global, args, Path::new(old), Path::new(new))
        }
        (_, Some(old), Some(new)) => files(global, args, old, new),
        _ => Err(CommandError::usage("there is nothing to compare")),
    }
}

/// Says how a topic's first schema is compared with that of the major version before.
fn major_before(workspace: &Workspace, name: &str, present: &Side, error: CommandError) -> CommandError {
    let Some(before) = earlier_major(workspace, name) else { return error };
    let schemas = workspace.schemas_of(before);
    let Some(schema) = schemas.iter().find_map(|schema| schema.file) else { return error };
    let path = |file: FileId| workspace.sources.file(file).path.display().to_string();
    error.hint(format!(
        "with `{}` it is compared by `busctl schema diff --old {} --new {}`",
        before.topic.value,
        path(schema.file),
        path(present.file)
    ))
}

/// Compares two files.
fn files(global: &Global, args: &Args, old: &Path, new: &Path) -> Result<Exit, CommandError> {
    let mut sources = Sources::default();
    let read = |path: &Path| read(path).map_err(|error| tell_unreadable(global, args.format.format, error));
    let mut side = |path: &Path| {
        let format = format_of(args.schema_type, path)?;
        let file = sources.add(path, read(path)?);
        Ok::<_, CommandError>(Side { file, number: None, format, references: Vec::new(), with: Vec::new() })
    };
    let (old, new) = (side(old)?, side(new)?);
    let references = args.reference.read(&mut sources)?;
    let before = args.old_reference.over(&references, &mut sources)?;
    let text = std::iter::once(&*sources.file(old.file).text);
    args.old_reference.check((&references, &before), text, &sources)?;
    show(global, args, &sources, (&old, before.all()), (&new, references.all()))
}

/// Tells other programs in their own form that a file could not be read. People read it on standard error.
pub(super) fn tell_unreadable(global: &Global, format: Format, error: CommandError) -> CommandError {
    if format == Format::Text {
        return error;
    }
    let sources = Sources::default();
    let view = FindingsView { findings: &Findings::listed([unreadable(&error)], &sources), sources: &sources };
    output::view(&view, format, global).err().unwrap_or(error)
}

/// A version, and the files that it refers to by its names for them.
pub(super) type Referring<'s> = (&'s Side, &'s [(&'s str, FileId)]);

fn show(
    global: &Global,
    args: &Args,
    sources: &Sources,
    old: Referring<'_>,
    new: Referring<'_>,
) -> Result<Exit, CommandError> {
    match between(sources, old, new) {
        Ok(found) => {
            let references = references(sources, new.0.format, old.1, new.1);
            let is_change = !found.changes.is_empty()
                || !found.backward.is_empty()
                || !found.forward.is_empty()
                || !references.is_empty();
            let version = |(side, _): Referring<'_>| ShownVersion::new(sources, side.file, side.number, &side.with);
            let (was, is) = ((old.0.file, version(old)), (new.0.file, version(new)));
            let shown = ShownDiff::new(new.0.format, sources, was, is, found, references);
            output::view(&shown, args.format.format, global)?;
            Ok(if args.detailed_exitcode && is_change { Exit::Changes } else { Exit::Done })
        }
        Err(findings) => {
            let findings = Findings::listed(findings, sources);
            output::view(&FindingsView { findings: &findings, sources }, args.format.format, global)?;
            Ok(Exit::Findings)
        }
    }
}

/// What changed in what two versions refer to, by the names for it.
fn references<'s>(
    sources: &Sources,
    format: SchemaFormat,
    old: &[(&'s str, FileId)],
    new: &[(&'s str, FileId)],
) -> Vec<ReferenceChange<'s>> {
    let at = |side: &[(&str, FileId)], name: &str| side.iter().position(|(known, _)| *known == name);
    let text = |file: FileId| &*sources.file(file).text;
    let mut found = Vec::new();
    for (place, (name, file)) in new.iter().enumerate() {
        let Some(before) = at(old, name) else {
            found.push(ReferenceChange { name, old: None, new: Some(*file), changes: Vec::new() });
            continue;
        };
        let was = old[before].1;
        if is_met_by(format, text(was), text(*file)) {
            continue;
        }
        // Each stands behind those that it refers to itself.
        let side = |file| Side { file, number: None, format, references: Vec::new(), with: Vec::new() };
        let diff = between(sources, (&side(was), &old[..before]), (&side(*file), &new[..place]));
        let changes = diff.map(|diff| diff.changes).unwrap_or_default();
        found.push(ReferenceChange { name, old: Some(was), new: Some(*file), changes });
    }
    let gone = old.iter().filter(|(name, _)| at(new, name).is_none());
    found.extend(gone.map(|(name, file)| ReferenceChange { name, old: Some(*file), new: None, changes: Vec::new() }));
    found
}

/// The difference of two versions; findings where there is none that could be told.
pub(super) fn between(
    sources: &Sources,
    (old, old_referred): Referring<'_>,
    (new, new_referred): Referring<'_>,
) -> Result<SchemaDiff, Vec<Diagnostic>> {
    if old.format != new.format {
        return Err(vec![other_format(old, new)]);
    }
    let text = |side: &Side| &*sources.file(side.file).text;
    let parse =
        |side: &Side, referred: &[(&str, FileId)]| parse_registered(side.format, text(side), &texts(sources, referred));
    let (old_schema, new_schema) = match (parse(old, old_referred), parse(new, new_referred)) {
        (Ok(old), Ok(new)) => (old, new),
        (was, is) => {
            let refused = [(old, old_referred, was.err()), (new, new_referred, is.err())];
            let refused = refused.into_iter().filter_map(|(side, referred, error)| {
                Some(match (side.number, error?) {
                    // A workspace has another place to say what is missing.
                    (Some(_), error) => invalid(side.file, &error, referred),
                    (None, error) => invalid_file(sources, (side.file, side.format), &error, referred),
                })
            });
            return Err(refused.collect());
        }
    };
    let version = |side: &Side, schema| Version { text: text(side), schema };
    diff(version(new, &new_schema), version(old, &old_schema)).map_err(|error| {
        vec![match error {
            DiffError::Formats { .. } => other_format(old, new),
            DiffError::Old(error) => invalid(old.file, &error, old_referred),
            DiffError::New(error) => invalid(new.file, &error, new_referred),
        }]
    })
}

/// The texts of references.
pub(super) fn texts<'t>(sources: &'t Sources, referred: &[(&'t str, FileId)]) -> Vec<ResolvedReference<'t>> {
    referred.iter().map(|(name, file)| ResolvedReference { name, text: &sources.file(*file).text }).collect()
}

fn other_format(old: &Side, new: &Side) -> Diagnostic {
    let message = format!("the old version is {}, and the new one {}: they share no fields", old.format, new.format);
    Diagnostic::new("SCHEMA_TYPE_CHANGED", message)
        .at(Span::whole(new.file), "")
        .at(Span::whole(old.file), "")
        .help("a new format needs a new subject: make a new version of the topic")
}
