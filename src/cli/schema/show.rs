use std::path::{Path, PathBuf};

use super::diff::{Side, between, tell_unreadable, texts};
use super::files::{TYPES, format_of, invalid, invalid_file, read};
use super::history::History;
use super::reference::ReferenceArg;
use crate::cli::args::{FormatArg, Global, words};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::diag::{Diagnostic, Findings};
use crate::render::findings::FindingsView;
use crate::render::schema_diff::ShownWith;
use crate::render::schema_show::{ShownField, ShownLevel, ShownReference, ShownSchema, ShownStep};
use crate::render::show::ShownOrigin;
use crate::resources::Origin;
use crate::resources::schema::version_text;
use crate::schema::{SchemaError, SchemaFormat, fields, parse_registered, record_name};
use crate::source::{FileId, Sources};

/// Options of `schema show`.
#[derive(Debug, clap::Args)]
// The version that is asked for is the schema's.
#[command(disable_version_flag = true)]
pub struct Args {
    /// A topic or subject of the workspace, or a schema's file
    #[arg(value_name = "NAME|FILE")]
    name: String,

    /// Show this version, instead of the present one
    #[arg(long, value_name = "NUMBER", conflicts_with = "reference")]
    version: Option<u32>,

    /// The format of a file; by default what its extension says
    #[arg(long = "type", value_name = "TYPE", ignore_case = true, value_parser = words(TYPES), conflicts_with = "version")]
    schema_type: Option<SchemaFormat>,

    #[command(flatten)]
    reference: ReferenceArg,

    #[command(flatten)]
    format: FormatArg,
}

/// Shows a schema.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let is_schema = args.schema_type.is_some() || SchemaFormat::of_path(&args.name).is_some();
    // No topic is called as a file is that stands here; whoever names one without a known extension learns how.
    if is_schema || Path::new(&args.name).is_file() {
        return file(global, args);
    }
    let context = Context::load()?;
    match History::find(context, &args.name)? {
        Some(history) => of_workspace(global, args, context, &history),
        None => {
            context.print_loading(global)?;
            Ok(Exit::Findings)
        }
    }
}

fn file(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let path = PathBuf::from(&args.name);
    if args.version.is_some() {
        return Err(CommandError::usage(format!("--version is for a topic or subject, and {} is a file", args.name)));
    }
    let format = format_of(args.schema_type, &path)?;
    let mut sources = Sources::default();
    let references = args.reference.read(&mut sources)?;
    let text = read(&path).map_err(|error| tell_unreadable(global, args.format.format, error))?;
    let file = sources.add(&path, text);
    let side = Side { file, number: None, format, references: Vec::new(), with: Vec::new() };
    shown(&sources, &side, &args.name, references.all()).map_or_else(
        |error| refuse(global, args, &sources, invalid_file(&sources, (side.file, format), &error, references.all())),
        |shown| {
            output::view(&shown, args.format.format, global)?;
            Ok(Exit::Done)
        },
    )
}

fn of_workspace(
    global: &Global,
    args: &Args,
    context: &'static Context,
    history: &History,
) -> Result<Exit, CommandError> {
    let workspace = &context.workspace;
    let sources = &workspace.sources;
    let side = history.version(args.version)?;
    let mut shown = match shown(sources, side, &args.name, &side.references) {
        Ok(shown) => shown,
        Err(error) => return refuse(global, args, sources, invalid(side.file, &error, &side.references)),
    };
    shown.subject = history.subject.as_ref().map(ToString::to_string);
    let origin = match history.level.origin {
        Origin::Written { span, layer } => {
            ShownOrigin { layer: layer.as_str().to_owned(), place: Some(workspace.place(span)) }
        }
        Origin::BuiltIn => ShownOrigin { layer: "built-in default".to_owned(), place: None },
    };
    shown.compatibility = Some(ShownLevel { level: history.level.value.to_registry(), origin });
    shown.references = history
        .references
        .iter()
        .map(|reference| ShownReference {
            name: reference.name.to_string(),
            subject: reference.subject.to_string(),
            version: version_text(reference.version),
        })
        .collect();
    let mut before: Option<&Side> = None;
    for side in &history.versions {
        let summary =
            before.map(|before| match between(sources, (before, &before.references), (side, &side.references)) {
                Ok(found) => found.summary(),
                Err(findings) => findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>().join("; "),
            });
        let file = sources.file(side.file).path.display().to_string();
        let with = side.with.iter().map(ShownWith::from).collect();
        shown.versions.push(ShownStep { version: side.number.unwrap_or_default(), file, with, summary });
        before = Some(side);
    }
    output::view(&shown, args.format.format, global)?;
    if context.is_broken() {
        // What could not be read may say otherwise.
        context.print_loading(global)?;
        return Ok(Exit::Findings);
    }
    Ok(Exit::Done)
}

/// What the text of a version says by itself.
fn shown(sources: &Sources, side: &Side, name: &str, referred: &[(&str, FileId)]) -> Result<ShownSchema, SchemaError> {
    let text = &sources.file(side.file).text;
    let schema = parse_registered(side.format, text, &texts(sources, referred))?;
    Ok(ShownSchema {
        format_version: 1,
        name: name.to_owned(),
        subject: None,
        format: side.format,
        record: record_name(&schema),
        file: sources.file(side.file).path.display().to_string(),
        version: side.number,
        compatibility: None,
        references: Vec::new(),
        versions: Vec::new(),
        fields: fields(&schema).into_iter().map(ShownField::from).collect(),
    })
}

fn refuse(global: &Global, args: &Args, sources: &Sources, finding: Diagnostic) -> Result<Exit, CommandError> {
    let findings = Findings::listed([finding], sources);
    output::view(&FindingsView { findings: &findings, sources }, args.format.format, global)?;
    Ok(Exit::Findings)
}
