use std::path::PathBuf;

use super::files::{TYPES, format_of, invalid, parse_reference, read, read_references};
use super::pairs;
use crate::cli::args::{FormatArg, Global, words};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::diag::Diagnostic;
use crate::render::Format;
use crate::render::findings::FindingsView;
use crate::schema::{
    Compatibility, Direction, Incompatibility, ParsedSchema, ResolvedReference, SchemaFormat, compared, conflicts,
    parse_registered,
};
use crate::source::{FileId, Sources, Span};

/// Options of `schema check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An earlier version; several are given from the oldest to the newest
    #[arg(long, value_name = "FILE", required_unless_present = "pairs", conflicts_with = "pairs")]
    old: Vec<PathBuf>,

    /// The new version
    #[arg(long, value_name = "FILE", required_unless_present = "pairs", conflicts_with = "pairs")]
    new: Option<PathBuf>,

    /// Their format; by default what the extension of the new file says
    #[arg(long = "type", value_name = "TYPE", value_parser = words(TYPES), conflicts_with = "pairs")]
    schema_type: Option<SchemaFormat>,

    /// The level: none, backward, forward, full, or one of these with _transitive; upper case is taken too
    #[arg(long, value_name = "LEVEL", default_value = "backward", value_parser = parse_level, conflicts_with = "pairs")]
    level: Compatibility,

    /// A schema that they refer to: the name that they have for it, and its file. May be repeated, each behind those that
    /// it refers to itself
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_reference, conflicts_with = "pairs")]
    reference: Vec<(String, PathBuf)>,

    /// Answer many questions instead, a line of JSON each: {"id", "format", "old" or "previous", "new", "level"}; - is
    /// standard input
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,

    #[command(flatten)]
    format: FormatArg,
}

/// A level in either case.
pub(super) fn parse_level(text: &str) -> Result<Compatibility, String> {
    let level = Compatibility::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    level.map(|(_, level)| *level).ok_or_else(|| {
        let known: Vec<_> = Compatibility::WORDS.iter().map(|(word, _)| *word).collect();
        format!("there is no level `{text}`; levels are {}", known.join(", "))
    })
}

/// Compares schemas in files.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    if let Some(file) = &args.pairs {
        return pairs::run(file);
    }
    let Some(new) = &args.new else { return Err(CommandError::usage("there is no --new")) };
    let format = format_of(args.schema_type, new)?;
    let mut sources = Sources::default();
    let references = read_references(&args.reference)?;
    let references: Vec<_> =
        references.iter().map(|(name, text)| ResolvedReference { name: name.as_str(), text: text.as_str() }).collect();
    let mut findings = Vec::new();
    let mut versions = Vec::new();
    let old = &args.old[args.old.len() - compared(args.level, args.old.len())..];
    for path in old.iter().chain([new]) {
        let text = read(path)?;
        let file = sources.add(path, text.as_str());
        match parse_registered(format, &text, &references) {
            Ok(schema) => versions.push((file, schema)),
            Err(error) => findings.push(invalid(file, &error)),
        }
    }
    if findings.is_empty() {
        findings = compare(args.level, versions, &sources);
    }
    output::view(&FindingsView { findings: &findings, sources: &sources }, args.format.format, global)?;
    if findings.is_empty() && args.format.format == Format::Text {
        anstream::eprintln!("{} may follow: nothing breaks {}.", new.display(), args.level.as_str());
    }
    Ok(output::exit_of(&findings))
}

fn compare(level: Compatibility, versions: Vec<(FileId, ParsedSchema)>, sources: &Sources) -> Vec<Diagnostic> {
    let (files, mut schemas): (Vec<FileId>, Vec<ParsedSchema>) = versions.into_iter().unzip();
    let (Some(new), Some(new_file)) = (schemas.pop(), files.last().copied()) else { return Vec::new() };
    let name = |file: FileId| sources.file(file).path.display().to_string();
    let mut findings = Vec::new();
    for conflict in conflicts(level, &new, &schemas) {
        let old_file = files[conflict.version];
        let (reader, writer) = match conflict.direction {
            Direction::Backward => (new_file, old_file),
            Direction::Forward => (old_file, new_file),
        };
        let who = format!("a consumer on {} cannot read records of {}", name(reader), name(writer));
        findings.extend(conflict.incompatibilities.iter().map(|found| finding(&who, reader, writer, found)));
    }
    findings
}

fn finding(who: &str, reader: FileId, writer: FileId, found: &Incompatibility) -> Diagnostic {
    let mut finding = Diagnostic::new(found.code, format!("{who}: {} (at {})", found.message, found.path));
    let place = |file, range: &Option<std::ops::Range<usize>>| {
        range.as_ref().map(|range| Span::new(file, range.start, range.end))
    };
    let (read, written) = (place(reader, &found.reader), place(writer, &found.writer));
    finding = match (read, written) {
        (Some(read), Some(written)) => finding.at(read, "read as this").at(written, "written as this"),
        (Some(read), None) => finding.at(read, ""),
        (None, Some(written)) => finding.at(written, ""),
        (None, None) => finding.at(Span::whole(reader), ""),
    };
    found.help.iter().cloned().fold(finding, Diagnostic::help)
}
