use std::path::{Path, PathBuf};

use super::diff::texts;
use super::files::{TYPES, format_of, invalid_file, read, unreadable};
use super::reference::{ChangedReference, OldReferenceArg, ReferenceArg, References};
use super::{opinion, pairs};
use crate::cli::args::{FindingsArgs, Global, words};
use crate::cli::context::repository;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::diag::{Diagnostic, Findings, Level};
use crate::render::findings::{FindingsView, Verdict, VerdictView};
use crate::resources::schema::{Pair, cannot_read};
use crate::schema::{
    Category, Compatibility, ParsedSchema, SchemaFormat, compared, conflicts, parse, parse_registered,
};
use crate::source::{FileId, Sources, closest};

/// Options of `schema check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An earlier version; several are given from the oldest to the newest
    #[arg(long, value_name = "FILE", required_unless_present = "pairs", conflicts_with = "pairs")]
    old: Vec<PathBuf>,

    /// The new version
    #[arg(long, value_name = "FILE", required_unless_present = "pairs", conflicts_with = "pairs")]
    new: Option<PathBuf>,

    /// The format of all of them; by default what the extension of each file says
    #[arg(long = "type", value_name = "TYPE", ignore_case = true, value_parser = words(TYPES), conflicts_with = "pairs")]
    schema_type: Option<SchemaFormat>,

    /// The level: none, backward, forward, full, or one of these with _transitive; upper case is taken too
    #[arg(long, value_name = "LEVEL", default_value = "backward", value_parser = parse_level, conflicts_with = "pairs")]
    level: Compatibility,

    #[command(flatten)]
    reference: ReferenceArg,

    #[command(flatten)]
    old_reference: OldReferenceArg,

    /// Warn of what a registry lets pass and somebody may regret: what misreads records (wire), records in JSON too
    /// (wire-json), or what code has to follow besides (source)
    #[arg(long, value_name = "CATEGORY", value_parser = words(Category::WORDS), conflicts_with = "pairs")]
    opinion: Option<Category>,

    /// Answer many questions instead, a line of JSON each: {"id", "format", "old" or "previous", "new", "level",
    /// "references", "old_references"}; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "report", "reference", "old_reference"])]
    pairs: Option<PathBuf>,

    #[command(flatten)]
    forms: FindingsArgs,
}

/// A level in either case.
pub(super) fn parse_level(text: &str) -> Result<Compatibility, String> {
    let level = Compatibility::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    level.map(|(_, level)| *level).ok_or_else(|| {
        let known: Vec<_> = Compatibility::WORDS.iter().map(|(word, _)| *word).collect();
        let meant = closest(text, known.iter().copied()).map(|meant| format!(" (did you mean `{meant}`?)"));
        format!("there is no level `{text}`{}; levels are {}", meant.unwrap_or_default(), known.join(", "))
    })
}

/// Compares schemas in files.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    if let Some(file) = &args.pairs {
        return pairs::run(file);
    }
    let Some(new) = &args.new else { return Err(CommandError::usage("there is no --new")) };
    // An opinion needs the version before, also where the level does not look at it.
    let looked_at = compared(args.level, args.old.len()).max(usize::from(args.opinion.is_some()));
    let old = &args.old[args.old.len() - looked_at..];
    let files = old.iter().chain([new]).map(|path| Ok((path, format_of(args.schema_type, path)?)));
    let files = files.collect::<Result<Vec<(&PathBuf, SchemaFormat)>, CommandError>>()?;
    let formats: Vec<SchemaFormat> = files.iter().map(|(_, format)| *format).collect();
    let mut sources = Sources::default();
    let (references, before, texts_of_files) = match read_all(args, &files, &mut sources) {
        Ok(read) => read,
        Err(error) => return Err(tell_unreadable(global, args, error)),
    };
    let files: Vec<(FileId, SchemaFormat)> =
        files.iter().zip(texts_of_files).map(|((path, format), text)| (sources.add(*path, text), *format)).collect();
    // A registry compares what is no good schema too; the verdict alone would read as praise. It is read before the others,
    // and forgotten: large ones take hundreds of megabytes.
    let refused = files.last().and_then(|(file, format)| {
        let referred = references.of(*format, &formats, &sources);
        let error = parse(*format, &sources.file(*file).text, &texts(&sources, &referred)).err()?;
        Some(refused_by_validate(invalid_file(&sources, (*file, *format), &error, &referred)))
    });
    let mut findings = Vec::new();
    let mut versions = Vec::new();
    for (index, (file, format)) in files.iter().enumerate() {
        let of = if index + 1 == files.len() { &references } else { &before };
        let referred = of.of(*format, &formats, &sources);
        match parse_registered(*format, &sources.file(*file).text, &texts(&sources, &referred)) {
            Ok(schema) => versions.push((*file, schema)),
            Err(error) => findings.push(invalid_file(&sources, (*file, *format), &error, &referred)),
        }
    }
    if findings.is_empty() {
        findings.extend(refused.clone());
        let changed = files.last().map(|(_, format)| {
            let now = references.of(*format, &formats, &sources);
            let before = before.of(*format, &formats, &sources);
            ChangedReference::all(*format, (&now, &before), &sources)
        });
        let changed = changed.unwrap_or_default();
        if let Some(category) = args.opinion {
            findings.extend(opinion::warnings((category, args.level), &versions, &changed, &sources));
        }
        findings.extend(compare(args.level, versions, &changed, &sources));
    }
    let findings = Findings::listed(findings, &sources);
    let exit = output::exit_of(&findings);
    let verdict = Verdict { compatible: exit == Exit::Done, level: args.level.to_registry() };
    let findings = FindingsView { findings: &findings, sources: &sources };
    // Files are named from the present folder.
    let folder = std::fs::canonicalize(".").unwrap_or_default();
    output::report(&VerdictView { findings, verdict: &verdict }, &args.forms, &repository(&folder), global)?;
    if exit == Exit::Done && args.forms.format.is_log() {
        anstream::eprintln!("{}", follow(args.level, new, refused.is_some()));
    }
    Ok(exit)
}

/// The files that are compared, as `--new` names the last of them.
type Files<'a> = [(&'a PathBuf, SchemaFormat)];

/// Reads everything: what the new version refers to, what those before it do, and the text of each version.
fn read_all<'a>(
    args: &'a Args,
    files: &Files<'_>,
    sources: &mut Sources,
) -> Result<(References<'a>, References<'a>, Vec<String>), CommandError> {
    let references = args.reference.read(sources)?;
    let before = args.old_reference.over(&references, sources)?;
    let texts = files.iter().map(|(path, _)| read(path)).collect::<Result<Vec<_>, _>>()?;
    // The new version is the last.
    let earlier = texts.iter().take(texts.len().saturating_sub(1)).map(String::as_str);
    args.old_reference.check((&references, &before), earlier, sources)?;
    Ok((references, before, texts))
}

/// Tells other programs in their own form that something could not be read. People read it on standard error.
fn tell_unreadable(global: &Global, args: &Args, error: CommandError) -> CommandError {
    if error.exit() == Exit::Usage || args.forms.format.is_log() && args.forms.report.is_empty() {
        return error;
    }
    let verdict = Verdict { compatible: false, level: args.level.to_registry() };
    let sources = Sources::default();
    let findings = FindingsView { findings: &Findings::listed([unreadable(&error)], &sources), sources: &sources };
    let folder = std::fs::canonicalize(".").unwrap_or_default();
    let view = VerdictView { findings, verdict: &verdict };
    output::report(&view, &args.forms, &repository(&folder), global).err().unwrap_or(error)
}

/// What is to be said where nothing breaks.
fn follow(level: Compatibility, new: &Path, is_refused: bool) -> String {
    let why = match level {
        Compatibility::None => "level none compares nothing".to_owned(),
        level => format!("nothing breaks {}", level.as_str()),
    };
    match is_refused {
        false => format!("{} may follow: {why}.", new.display()),
        true => format!("{why}, but `validate` refuses {}.", new.display()),
    }
}

/// The warning that a registry may take what `validate` does not.
fn refused_by_validate(finding: Diagnostic) -> Diagnostic {
    let finding = finding.level(Level::Warn);
    let message = format!("a registry may take it, `validate` does not: {}", finding.message);
    Diagnostic { message, ..finding }
}

fn compare(
    level: Compatibility,
    versions: Vec<(FileId, ParsedSchema)>,
    changed: &[ChangedReference<'_>],
    sources: &Sources,
) -> Vec<Diagnostic> {
    let (files, mut schemas): (Vec<FileId>, Vec<ParsedSchema>) = versions.into_iter().unzip();
    let (Some(new), Some(new_file)) = (schemas.pop(), files.last().copied()) else { return Vec::new() };
    let name = |file: FileId| sources.file(file).path.display().to_string();
    let mut findings = Vec::new();
    for conflict in conflicts(level, &new, &schemas) {
        let pair = Pair { new: new_file, old: files[conflict.version] };
        let who = cannot_read(conflict.direction, &name(pair.new), &name(pair.old));
        for found in &conflict.incompatibilities {
            let finding = Diagnostic::new(found.code, format!("{who}: {} (at {})", found.message, found.path));
            let finding = pair.place(finding, conflict.direction, found);
            let finding = ChangedReference::place(changed, finding, (pair, conflict.direction), found, sources);
            findings.push(found.help.iter().cloned().fold(finding, Diagnostic::help));
        }
    }
    findings
}
