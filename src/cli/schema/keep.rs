use std::path::{Path, PathBuf};

use super::test::unknown;
use crate::adapters::{disk, git};
use crate::cli::args::Global;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::diag::Findings;
use crate::render::Format;
use crate::resources::Workspace;
use crate::resources::manifests::{ManifestKind, with_modeline};
use crate::resources::schema::contract::{Unit, invalid, named, unknown as unknown_name};
use crate::resources::schema::{Referred, SchemaFile, SchemaVersion};
use crate::resources::topic::ReferenceSpec;
use crate::schema::{ReferenceVersion, ResolvedReference, SchemaError, is_met_by, parse_registered};
use crate::source::FileId;
use crate::source::write::{list, scalar};

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
    /// Whether it is kept because another one refers to it.
    is_referred: bool,
    /// What it refers to, each behind those that it refers to itself.
    references: Vec<Kept<'w>>,
}

/// What a schema that is kept refers to.
struct Kept<'w> {
    referred: Referred<'w>,
    /// The number of its version.
    number: u32,
    /// The text of that version.
    text: String,
    /// Whether that version is nowhere but in a commit.
    is_lost: bool,
}

/// Copies the schemas of a topic or subject, as they were before they were edited, to the next places below `versions/`.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let mut context = Context::open()?;
    let candidates = candidates(&context, &args.name);
    if candidates.is_empty() {
        if context.is_broken() {
            context.print_loading(global)?;
            return Err(CommandError::refused("the manifests do not load").hint("`busctl validate` says what is wrong"));
        }
        return Err(unknown(unknown_name(&context.workspace, &args.name)));
    }
    let broken = candidates.iter().find_map(|candidate| Some((candidate, check(candidate)?)));
    if let Some((Candidate { unit, text, is_edited, .. }, error)) = broken {
        let (path, format, text, address) = (unit.path.clone(), unit.file.format, text.clone(), unit.address.clone());
        let path = if *is_edited { PathBuf::from(format!("{} (committed)", path.display())) } else { path };
        let referred = context.workspace.reference_files(unit.references).into_iter();
        let referred: Vec<(String, FileId)> = referred.map(|(name, file)| (name.to_owned(), file)).collect();
        let file = context.workspace.sources.add(path, text);
        let referred: Vec<(&str, FileId)> = referred.iter().map(|(name, file)| (name.as_str(), *file)).collect();
        let finding = invalid(SchemaFile { file, format }, error, &referred).resource(address);
        let findings = Findings::listed([finding], &context.workspace.sources);
        output::view(&context.findings_view(&findings), Format::Text, global)?;
        return Ok(Exit::Findings);
    }
    let mut said = Vec::new();
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for candidate in &candidates {
        let Candidate { unit, text, is_edited, is_referred, .. } = candidate;
        let newest = context.workspace.schemas.earlier(&unit.path).last();
        if let Some(kept) = newest.filter(|newest| candidate.is_kept_as(&context.workspace, newest)) {
            let kept = context.workspace.sources.file(kept.schema.file).path.display();
            said.push(format!("nothing new in {}: {kept} is the same", unit.path.display()));
            continue;
        }
        let path = version_path(&unit.path, newest.map_or(1, |newest| newest.number.saturating_add(1)));
        let record = path.with_extension("yaml");
        // One that cannot be read, or is no file, has no number and may be all that is left of that version.
        if let Some(path) = [&path, &record].into_iter().find(|path| context.root.join(path).symlink_metadata().is_ok())
        {
            return Err(CommandError::refused(format!("{} is there, and is not read as a version", path.display()))
                .hint("`busctl validate` says what is wrong with it: mend it, or move it out of the folder"));
        }
        let why = match (is_edited, is_referred) {
            (true, true) => {
                ", which is what was committed: what is kept refers to it, and the file has been edited since"
            }
            (true, false) => ", which is what was committed, as the file has been edited since",
            (false, _) => "",
        };
        said.push(format!("kept {}{why}", path.display()));
        if !candidate.references.is_empty() {
            let text = with_modeline(&context.workspace, ManifestKind::Version, &record, candidate.record());
            said.push(format!("kept {}, which says what it refers to", record.display()));
            files.push((record, text));
        }
        files.push((path, text.clone()));
    }
    if files.is_empty() {
        return Err(CommandError::refused(format!("the newest version of `{}` is kept already", args.name))
            .hint("edit the schema; what it was stands below versions/"));
    }
    let files: Vec<(&Path, &str)> = files.iter().map(|(path, text)| (path.as_path(), text.as_str())).collect();
    disk::write_together(&context.root, &files)
        .map_err(|(path, error)| CommandError::system(format!("could not write {}: {error}", path.display())))?;
    for line in said {
        anstream::println!("{line}");
    }
    Ok(Exit::Done)
}

/// The schemas that a name means. Where one has been edited, it is the one that changes, and no other is kept. What they
/// refer to comes too, where it has been edited since and its version is in no file.
fn candidates<'w>(context: &'w Context, name: &str) -> Vec<Candidate<'w>> {
    let mut found: Vec<_> = named(&context.workspace, name).into_iter().map(|unit| candidate(context, unit)).collect();
    if found.iter().any(|candidate| candidate.is_edited) {
        found.retain(|candidate| candidate.is_edited);
    }
    let mut at = 0;
    while let Some(one) = found.get(at) {
        let lost = one.references.iter().filter(|kept| kept.is_lost).map(|kept| kept.referred.subject.as_str());
        let lost = lost.filter_map(|subject| named(&context.workspace, subject).into_iter().next());
        let new: Vec<Unit<'_>> = lost.filter(|unit| !found.iter().any(|known| known.unit.file == unit.file)).collect();
        found.extend(new.into_iter().map(|unit| Candidate { is_referred: true, ..candidate(context, unit) }));
        at += 1;
    }
    found
}

fn candidate<'w>(context: &'w Context, unit: Unit<'w>) -> Candidate<'w> {
    let present = &*context.workspace.sources.file(unit.file.file).text;
    let committed = git::committed(&context.root, &unit.path);
    let is_edited = committed.as_ref().is_some_and(|committed| committed != present);
    let references = context.workspace.referred(unit.references).into_iter();
    let references = references.map(|referred| kept(context, unit.file, referred)).collect();
    Candidate { unit, text: committed.unwrap_or_else(|| present.to_owned()), is_edited, is_referred: false, references }
}

/// The version of a schema that is referred to, as it was committed.
fn kept<'w>(context: &'w Context, of: SchemaFile, referred: Referred<'w>) -> Kept<'w> {
    let workspace = &context.workspace;
    let file = workspace.sources.file(referred.file);
    let number = workspace.version_of(referred.subject, referred.file).unwrap_or(1);
    let present = Kept { referred, number, text: file.text.to_string(), is_lost: false };
    let Some((_, earlier)) = workspace.versions_of(referred.subject).filter(|(now, _)| now.file == referred.file)
    else {
        return present;
    };
    let text = git::committed(&context.root, &file.path).unwrap_or_else(|| file.text.to_string());
    let is_same = |other: &str| is_met_by(of.format, &text, other);
    let known = earlier.iter().rev().find(|kept| is_same(&workspace.sources.file(kept.schema.file).text));
    match known {
        Some(known) => Kept { number: known.number, text, ..present },
        // Once it is kept, it has the number that the present one has now.
        None => Kept { is_lost: !is_same(&file.text), text, ..present },
    }
}

impl Candidate<'_> {
    /// Whether a kept version is the same: has the text, and refers to the same versions as far as it says.
    fn is_kept_as(&self, workspace: &Workspace, newest: &SchemaVersion) -> bool {
        let known = &workspace.sources.file(newest.schema.file).text;
        let format = self.unit.file.format;
        if newest.schema.format != format || !is_met_by(format, &self.text, known) {
            return false;
        }
        let Some(recorded) = workspace.schemas.recorded_references(&self.unit.path, newest.number) else { return true };
        let is_recorded = |kept: &Kept<'_>| {
            let refers =
                |to: &&ReferenceSpec| to.name.value == kept.referred.name && to.subject.value == *kept.referred.subject;
            let number = recorded.iter().find(refers).and_then(|to| to.version);
            number.is_some_and(|number| number.value == ReferenceVersion::Number(kept.number))
        };
        recorded.len() == self.references.len() && self.references.iter().all(is_recorded)
    }

    /// What it refers to, as a manifest.
    fn record(&self) -> String {
        let one = |kept: &Kept<'_>| {
            let (name, subject) = (scalar(kept.referred.name), scalar(kept.referred.subject.as_str()));
            format!("{{ name: {name}, subject: {subject}, version: {} }}", kept.number)
        };
        list("references", &self.references.iter().map(one).collect::<Vec<_>>())
    }
}

/// What is wrong with the text that would be kept: one that is no schema could be compared with nothing.
fn check(candidate: &Candidate<'_>) -> Option<SchemaError> {
    let references = candidate.references.iter();
    let references: Vec<_> =
        references.map(|kept| ResolvedReference { name: kept.referred.name, text: &kept.text }).collect();
    parse_registered(candidate.unit.file.format, &candidate.text, &references).err()
}

/// `FOLDER/versions/NAME/NUMBER.EXTENSION` of `FOLDER/NAME.EXTENSION`.
pub(super) fn version_path(schema: &Path, number: u32) -> PathBuf {
    let name = schema.file_stem().unwrap_or_default();
    let extension = schema.extension().map(|extension| extension.to_string_lossy()).unwrap_or_default();
    schema.with_file_name("versions").join(name).join(format!("{number}.{extension}"))
}
