//! The findings of an estate from before it was governed, in a file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::ClusterArg;
use super::error::CommandError;
use super::output;
use crate::adapters::git;
use crate::diag::{Findings, Fingerprints, take_known};
use crate::model::counted;
use crate::policy::{Rule, rule};
use crate::source::Sources;

/// The version of the file that is written.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    format_version: u32,
    findings: Vec<Entry>,
}

/// A finding. The fingerprint is what counts; the rest is for those who review the file.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    file: Option<String>,
    message: String,
    fingerprint: String,
}

/// The findings that a plan or an apply of an estate leaves out which is not governed yet.
#[derive(Debug, clap::Args)]
pub struct BaselineArg {
    /// Leave out the findings that a file lists, which `validate --write-baseline` and `import` write: those of an estate from
    /// before it was governed
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// What a baseline lists, for what is found later.
#[derive(Debug, Default)]
pub struct Listed {
    prints: HashSet<String>,
    file: PathBuf,
}

impl BaselineArg {
    /// Reads the file, where one is named.
    pub fn read(&self) -> Result<Listed, CommandError> {
        let Some(file) = &self.baseline else { return Ok(Listed::default()) };
        Ok(Listed { prints: read(file)?, file: file.clone() })
    }
}

impl Listed {
    /// Leaves out what is listed, and says how much that is.
    pub fn leave_out(&self, findings: &mut Findings, sources: &Sources) {
        let known = take_listed(findings, sources, &self.prints);
        if !known.is_empty() {
            let known = counted(known.len() as u64, "finding");
            anstream::eprintln!("{known} that {} lists not shown and not counted", self.file.display());
        }
    }
}

/// Whether findings of a code are in no baseline: what breaks a fixed rule, such as a file that cannot be read or a reference to
/// nothing, has no meaning that could be applied.
fn is_fixed(code: &str) -> bool {
    rule(code).is_some_and(Rule::is_fixed)
}

/// Takes out what a baseline lists. What breaks a fixed rule it never excuses.
pub fn take_listed(findings: &mut Findings, sources: &Sources, listed: &HashSet<String>) -> Findings {
    take_known(findings, sources, listed, |finding| !is_fixed(finding.code))
}

/// Writes the findings, sorted, so that the file changes by lines. What breaks a fixed rule is not taken.
pub fn write(path: &Path, findings: &Findings, sources: &Sources) -> Result<(), CommandError> {
    let mut prints = Fingerprints::new(sources);
    let listed = findings.iter().filter(|finding| !is_fixed(finding.code)).map(|finding| Entry {
        code: finding.code.to_string(),
        resource: finding.resource.clone(),
        file: finding.span().map(|span| sources.file(span.file).shown()),
        message: finding.message.clone(),
        fingerprint: prints.of(&finding),
    });
    let mut entries: Vec<Entry> = listed.collect();
    output::whole(findings)?;
    let fixed = findings.len() - entries.len();
    entries.sort();
    let count = entries.len();
    let document = Baseline { format_version: FORMAT_VERSION, findings: entries };
    let mut text = serde_json::to_string_pretty(&document)
        .map_err(|error| CommandError::system(format!("could not write the baseline as JSON: {error}")))?;
    text.push('\n');
    output::file(path, text.as_bytes())?;
    anstream::eprintln!("{}: {}", path.display(), counted(count as u64, "finding"));
    if fixed > 0 {
        anstream::eprintln!(
            "{} not in it: what breaks a fixed rule has to be mended",
            counted(fixed as u64, "finding")
        );
    }
    Ok(())
}

/// The fingerprints that a baseline lists.
pub fn read(path: &Path) -> Result<HashSet<String>, CommandError> {
    let shown = path.display();
    let text = std::fs::read(path).map_err(|error| {
        CommandError::system(format!("could not read the baseline {shown}: {error}"))
            .hint("write one with `busctl validate --write-baseline FILE`")
    })?;
    listed(&text).map_err(|why| {
        CommandError::system(format!("{shown} is not a baseline: {why}"))
            .hint("write one with `busctl validate --write-baseline FILE`")
    })
}

/// Takes out what a baseline lists only since a commit, where it is a file of the repository: nobody excepts findings of his
/// own from the gate by listing them in the same change. One from elsewhere is what whoever runs the gate gives it.
pub fn keep_to(path: &Path, listed: &mut HashSet<String>, commit: &str, (base, root): (&str, &Path)) {
    let named = |path: &Path| path.parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned);
    let folder = std::fs::canonicalize(named(path).unwrap_or_else(|| ".".into())).ok();
    let named = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name));
    let repository = std::fs::canonicalize(root).ok().and_then(|root| git::root(&root));
    // A link may lead into the repository, and one in it elsewhere.
    let places: Vec<PathBuf> = named.into_iter().chain(std::fs::canonicalize(path).ok()).collect();
    let inside = places.iter().filter(|place| repository.as_ref().is_some_and(|root| place.starts_with(root)));
    let inside: Vec<&PathBuf> = inside.collect();
    if inside.is_empty() {
        return;
    }
    let before = inside.into_iter().find_map(|place| {
        let text = git::text_at(place.parent()?, commit, Path::new(place.file_name()?))?;
        self::listed(text.as_bytes()).ok()
    });
    let all = listed.len();
    let before = before.unwrap_or_default();
    listed.retain(|print| before.contains(print));
    let new = all - listed.len();
    if new > 0 {
        let verb = if new == 1 { "counts" } else { "count" };
        anstream::eprintln!(
            "{} that {} lists only since {base} {verb} all the same",
            counted(new as u64, "finding"),
            path.display()
        );
    }
}

fn listed(text: &[u8]) -> Result<HashSet<String>, String> {
    let baseline: Baseline = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if baseline.format_version != FORMAT_VERSION {
        let found = baseline.format_version;
        return Err(format!("its format_version is {found}, this busctl reads {FORMAT_VERSION}"));
    }
    let entries = baseline.findings.into_iter().filter(|entry| !is_fixed(&entry.code));
    Ok(entries.map(|entry| entry.fingerprint).collect())
}

/// Says where the baseline lists what is mended: it may come back unnoticed. Of one cluster alone nobody knows.
pub fn tell_mended(path: &Path, listed: &HashSet<String>, known: &Findings, sources: &Sources, cluster: &ClusterArg) {
    let mut prints = Fingerprints::new(sources);
    let seen: HashSet<String> = known.iter().map(|finding| prints.of(&finding)).collect();
    let mended = listed.difference(&seen).count();
    if mended > 0 && cluster.cluster.is_none() {
        anstream::eprintln!(
            "{} of {} no longer there: write it anew with --write-baseline, so that they do not come back unnoticed",
            counted(mended as u64, "finding"),
            path.display()
        );
    }
}
