//! Schemas that those in files refer to.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::files::read;
use crate::cli::error::CommandError;
use crate::diag::Diagnostic;
use crate::resources::schema::Pair;
use crate::schema::{Direction, Incompatibility, SchemaFormat, is_met_by};
use crate::source::{FileId, Sources, Span, closest};

/// References that changed and are shown with one finding.
const MOST_TOLD: usize = 3;

/// What schemas in files refer to.
#[derive(Debug, clap::Args)]
pub struct ReferenceArg {
    /// A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that
    /// it refers to itself
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_reference)]
    reference: Vec<(String, PathBuf)>,
}

fn format_of(file: &Path) -> Option<SchemaFormat> {
    SchemaFormat::of_path(&file.to_string_lossy())
}

/// What earlier versions in files refer to in place of what the new one does.
#[derive(Debug, clap::Args)]
pub struct OldReferenceArg {
    /// What the earlier versions refer to by a name, where that was another text than --reference gives, or nothing by that
    /// name is referred to now. May be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_reference)]
    old_reference: Vec<(String, PathBuf)>,
}

/// `NAME=FILE`.
fn parse_reference(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("write NAME=FILE".to_owned()),
    }
}

impl ReferenceArg {
    /// Whether nothing is referred to.
    pub fn is_empty(&self) -> bool {
        self.reference.is_empty()
    }

    /// Reads the files.
    pub fn read(&self, sources: &mut Sources) -> Result<References<'_>, CommandError> {
        files(&self.reference, "--reference", sources).map(References)
    }
}

impl OldReferenceArg {
    /// Whether nothing else is referred to.
    pub fn is_empty(&self) -> bool {
        self.old_reference.is_empty()
    }

    /// Reads the files, and puts each in the place of the reference that has its name; others come before all.
    pub fn over<'a>(&'a self, present: &References<'a>, sources: &mut Sources) -> Result<References<'a>, CommandError> {
        let old = files(&self.old_reference, "--old-reference", sources)?;
        let is_for = |(name, file): &(&str, FileId), (other, there): &(&str, FileId)| {
            let format = |file: FileId| format_of(&sources.file(file).path);
            name == other && format(*file) == format(*there)
        };
        let added = old.iter().filter(|old| !present.0.iter().any(|now| is_for(old, now)));
        let kept = present.0.iter().map(|now| old.iter().find(|old| is_for(old, now)).unwrap_or(now));
        Ok(References(added.chain(kept).copied().collect()))
    }

    /// Whether a name is a slip for one of `--reference`: no text of an earlier version, and none that these refer to, has
    /// it. As another reference it would define again what the right one defines.
    ///
    /// # Errors
    ///
    /// It is.
    pub fn check<'t>(
        &self,
        (present, before): (&References<'_>, &References<'_>),
        texts: impl Iterator<Item = &'t str> + Clone,
        sources: &'t Sources,
    ) -> Result<(), CommandError> {
        for (name, _) in &self.old_reference {
            let mut known = present.0.iter().map(|(known, _)| *known);
            let Some(meant) = closest(name, known.clone()).filter(|_| !known.any(|known| known == name)) else {
                continue;
            };
            // Inside its namespace or folder a name is written without it.
            let separators: &[char] = if SchemaFormat::of_path(name).is_some() { &['/'] } else { &['.', '/'] };
            let short = name.rsplit(separators).next().unwrap_or(name);
            let others = before.0.iter().filter(|(other, _)| other != name);
            let others = others.map(|(_, file)| &*sources.file(*file).text);
            if !texts.clone().chain(others).any(|text| text.contains(short)) {
                return Err(CommandError::usage(format!("--old-reference: no earlier version refers to `{name}`"))
                    .hint(format!("did you mean `{meant}`?")));
            }
        }
        Ok(())
    }
}

fn files<'a>(
    given: &'a [(String, PathBuf)],
    option: &str,
    sources: &mut Sources,
) -> Result<Vec<(&'a str, FileId)>, CommandError> {
    // Versions of two formats may each have one of the same name.
    let mut known = HashSet::new();
    let twice = given.iter().find(|(name, file)| !known.insert((name, format_of(file))));
    if let Some((name, _)) = twice {
        return Err(CommandError::usage(format!("two files are given for the reference `{name}`"))
            .hint(format!("give the one that is meant: {option} NAME=FILE, once for each name")));
    }
    let mut add = |file: &Path| Ok::<_, CommandError>(sources.add(file, read(file)?));
    given.iter().map(|(name, file)| Ok((name.as_str(), add(file)?))).collect()
}

/// What versions refer to, and what those before did by the same name.
pub(super) struct ChangedReference<'a> {
    name: &'a str,
    now: FileId,
    before: FileId,
}

/// A reference by its name, with its file.
type Named<'a> = (&'a str, FileId);

impl<'a> ChangedReference<'a> {
    /// Those whose texts differ.
    pub fn all(format: SchemaFormat, (now, before): (&[Named<'a>], &[Named<'a>]), sources: &Sources) -> Vec<Self> {
        let text = |file: FileId| &*sources.file(file).text;
        let changed = now.iter().filter_map(|(name, now)| {
            let (_, before) = before.iter().find(|(known, _)| known == name)?;
            let is_same = now == before || is_met_by(format, text(*before), text(*now));
            (!is_same).then_some(Self { name, now: *now, before: *before })
        });
        changed.collect()
    }

    /// Adds the places in what changed to a finding that is about that, and where these are not known the files: of what it
    /// names, or of all where the versions themselves say the same at its place.
    pub fn place(
        changed: &[Self],
        finding: Diagnostic,
        (pair, direction): (Pair, Direction),
        found: &Incompatibility,
        sources: &Sources,
    ) -> Diagnostic {
        let (now, before): (Vec<Named<'_>>, Vec<Named<'_>>) =
            changed.iter().map(|of| ((of.name, of.now), (of.name, of.before))).unzip();
        if Pair::in_references(direction, found, (&now, &before)).iter().any(Option::is_some) {
            return Pair::place_in_references(finding, direction, found, (&now, &before));
        }
        let is_named = |of: &&Self| {
            let short = of.name.rsplit('.').next().unwrap_or(of.name);
            found.message.contains(&format!("`{short}`"))
        };
        let named: Vec<&Self> = changed.iter().filter(is_named).collect();
        let (new, old) = match direction {
            Direction::Backward => (&found.reader, &found.writer),
            Direction::Forward => (&found.writer, &found.reader),
        };
        let text =
            |file: FileId, range: &Option<Range<usize>>| sources.file(file).text.get(range.clone().unwrap_or_default());
        let is_elsewhere = new.is_none() || old.is_none() || text(pair.new, new) == text(pair.old, old);
        let told = match named.is_empty() {
            true if is_elsewhere => changed.iter().collect(),
            _ => named,
        };
        told.into_iter().take(MOST_TOLD).fold(finding, |finding, of| {
            let finding = finding.at(Span::whole(of.now), format!("`{}` is this now", of.name));
            finding.at(Span::whole(of.before), "and was this before")
        })
    }
}

/// What is referred to: the name and the file of each.
pub(super) struct References<'a>(Vec<(&'a str, FileId)>);

impl<'a> References<'a> {
    /// All of them.
    pub fn all(&self) -> &[(&'a str, FileId)] {
        &self.0
    }

    /// Those of versions in a format. Where the versions are of several, a reference is for those whose format its extension
    /// tells.
    pub fn of(&self, format: SchemaFormat, versions: &[SchemaFormat], sources: &Sources) -> Vec<(&'a str, FileId)> {
        let is_for_another = |file: FileId| {
            format_of(&sources.file(file).path).is_some_and(|told| told != format && versions.contains(&told))
        };
        self.0.iter().copied().filter(|(_, file)| !is_for_another(*file)).collect()
    }
}
