use std::path::Path;

use super::against::{self, AgainstArgs};
use super::args::{ClusterArg, FindingsArgs, Global, TimeoutArg};
use super::context::{Samples, find_root};
use super::error::{CommandError, Exit};
use super::mend::{Mending, left, mending};
use super::online;
use super::{block_on, output};
use crate::adapters::disk;
use crate::diag::Safety;
use crate::model::counted;
use crate::render::findings::FindingsFormat;
use crate::render::printable;
use crate::render::text_diff::unified;

/// Options of `validate`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("mending").args(["fix", "fix_consent"]).multiple(true)))]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    against: AgainstArgs,

    #[command(flatten)]
    forms: FindingsArgs,

    /// Also ask Vault and Consul whether each service has the identity that `identities` of its cluster looks for; brokers
    /// and registries are not asked
    #[arg(long, conflicts_with = "mending")]
    online: bool,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Mend what is safe to mend: units, quotes, missing values that can be one only; comments stay
    #[arg(long, help_heading = "Mending")]
    fix: bool,

    /// With --fix: also write what was probably meant
    #[arg(long, requires = "fix", help_heading = "Mending")]
    unsafe_fixes: bool,

    /// Write the other side of each consent that is missing, into manifests of other owners
    #[arg(long, help_heading = "Mending")]
    fix_consent: bool,

    /// Write nothing; show what would be mended
    #[arg(long, requires = "mending", help_heading = "Mending")]
    diff: bool,
}

impl Args {
    fn allowed(&self) -> Vec<Safety> {
        let allowed =
            [(self.fix, Safety::Safe), (self.unsafe_fixes, Safety::Guess), (self.fix_consent, Safety::Consent)];
        allowed.into_iter().filter(|(is_allowed, _)| *is_allowed).map(|(_, safety)| safety).collect()
    }
}

/// Checks every manifest, for every cluster or for one.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let allowed = args.allowed();
    if !allowed.is_empty() {
        return mend(global, args, &allowed);
    }
    let mut failures = Vec::new();
    let checked = against::check_with(&args.cluster, &args.against, Samples::Leave, |checked| {
        if !args.online {
            return Ok(Vec::new());
        }
        let look = online::look(checked.context, &checked.clusters, args.timeout.timeout);
        let seen = block_on(async { Ok(look.await) })?;
        failures = seen.failures;
        Ok(seen.findings)
    })?;
    let context = checked.context;
    output::report(&context.findings_view(&checked.findings), &args.forms, &context.repository(), global)?;
    checked.tell(global)?;
    if checked.findings.is_empty() && args.forms.format.is_log() {
        let topics = context.workspace.topics.len();
        let schemas = context.workspace.schemas.iter().count();
        let [topics, schemas, clusters] = [(topics, "topic"), (schemas, "schema"), (checked.clusters.len(), "cluster")]
            .map(|(count, one)| counted(count as u64, one));
        let what = if checked.known.is_empty() { "keep the rules on" } else { "break no more rules than before on" };
        anstream::eprintln!("{topics} and {schemas} {what} {clusters}.");
    }
    if let Some(left) = left(&checked.findings).filter(|_| args.forms.format == FindingsFormat::Text) {
        anstream::eprintln!("{left}");
    }
    for (cluster, failure) in &failures {
        anstream::eprintln!("error: who has an identity on `{cluster}` is not known: {failure}");
        failure.hint.iter().for_each(|hint| anstream::eprintln!(" help: {hint}"));
    }
    Ok(if failures.is_empty() { output::exit_of(&checked.findings) } else { Exit::CouldNot })
}

/// Mends, and shows what is left. What it ends with is what is left, too.
fn mend(global: &Global, args: &Args, allowed: &[Safety]) -> Result<Exit, CommandError> {
    if args.diff && args.forms.format != FindingsFormat::Text {
        return Err(CommandError::usage("--diff has one form, and --format asks for another"));
    }
    let root = find_root()?;
    let files = disk::read_workspace(&root);
    let before = files.clone();
    let Mending { context, findings, done, texts } = mending(&root, files, &args.cluster, allowed)?;
    if args.diff {
        let shown = texts.iter().map(|(path, text)| {
            let old = before.texts.get(path).and_then(|text| text.as_deref().ok());
            unified(path, old, text)
        });
        output::data(&shown.collect::<String>())?;
        output::view_beside_data(&context.findings_view(&findings), global);
    } else {
        let texts: Vec<(&Path, &str)> = texts.iter().map(|(path, text)| (path.as_path(), text.as_str())).collect();
        disk::write_together(&root, &texts)
            .map_err(|(path, error)| CommandError::system(format!("could not write {}: {error}", path.display())))?;
        output::report(&context.findings_view(&findings), &args.forms, &context.repository(), global)?;
    }
    let (verb, would) = if args.diff { ("would mend", " would be") } else { ("mended", "") };
    for done in &done {
        anstream::eprintln!("{verb} {}", printable(done));
    }
    let many = counted(done.len() as u64, "finding");
    anstream::eprintln!("{many} in {}{would} mended.", counted(texts.len() as u64, "file"));
    if let Some(left) = left(&findings) {
        anstream::eprintln!("{left}");
    }
    Ok(output::exit_of(&findings))
}
