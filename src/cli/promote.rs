use std::path::Path;

use super::args::{ClusterArg, FormatArg, Global};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::new::made;
use super::output;
use crate::adapters::disk;
use crate::diag::Level;
use crate::model::Pattern;
use crate::plan::PlanFinding;
use crate::render::promotion::PromotionView;
use crate::resources::promotion::{Lack, promotion};
use crate::resources::scaffold::Scaffold;

/// Options of `promote`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The cluster that has what the other one lacks
    #[arg(value_name = "FROM")]
    from: String,

    /// The cluster that is to have it
    #[arg(value_name = "TO")]
    to: String,

    /// Only these: an address, or the start of one with a `*`, such as 'topic/media.*'. May be repeated
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<Pattern>,

    /// Write it into the manifests
    #[arg(long)]
    write: bool,

    /// End with 2 where something is lacking that can be taken over
    #[arg(long, conflicts_with = "write")]
    detailed_exitcode: bool,

    #[command(flatten)]
    format: FormatArg,
}

/// Shows what the manifests give one cluster and not another, and writes it.
pub fn run(patternal: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = made::loaded(patternal)?;
    let named = |name: &String| context.cluster(&ClusterArg { cluster: Some(name.clone()) });
    let (from, to) = (named(&args.from)?, named(&args.to)?);
    if from.cluster == to.cluster {
        return Err(CommandError::usage(format!("`{}` lacks nothing of itself", args.from)).hint("name two clusters"));
    }
    let mut promoted = promotion(&context.workspace, from, to);
    promoted.lacks.retain(is_meant(&args.only, &promoted.lacks)?);
    let changed = promoted.texts(&context.workspace);
    let texts: Vec<(&Path, &str)> = changed.iter().map(|(path, text)| (path.as_path(), text.as_str())).collect();
    let made = Scaffold { changed: changed.clone(), ..Scaffold::default() };
    let then = Context::of_files(&context.root, made::files_with(context, &made));
    let found = made::found_then(context, &then)?;
    promoted.findings = found.iter().map(|finding| PlanFinding::new(finding, &then.workspace.sources)).collect();
    let breaks = then.is_broken() || found.iter().any(|finding| finding.level == Level::Error);
    if args.write && !breaks && !texts.is_empty() {
        disk::write_together(&context.root, &texts)
            .map_err(|(path, error)| CommandError::system(format!("could not write {}: {error}", path.display())))?;
        promoted.written = true;
    }
    output::view(&PromotionView { promotion: &promoted }, args.format.format, patternal)?;
    if args.write && breaks {
        let message = format!("nothing was written: what is promoted breaks a rule on `{}`", args.to);
        anstream::eprintln!("{message}; mend it, or choose with --only");
    }
    Ok(Exit::worst([
        if breaks { Exit::Findings } else { Exit::Done },
        if args.detailed_exitcode && promoted.taken() > 0 { Exit::Changes } else { Exit::Done },
    ]))
}

/// Which of what is lacking is meant. A pattern that means nothing is most likely misspelt.
fn is_meant(only: &[Pattern], lacks: &[Lack]) -> Result<impl Fn(&Lack) -> bool + use<>, CommandError> {
    let is_of = |pattern: &Pattern| lacks.iter().any(|lack| pattern.matches(&lack.address));
    if let Some(pattern) = only.iter().find(|pattern| !is_of(pattern)) {
        let known = lacks.iter().map(|lack| lack.address.as_str());
        let text = pattern.to_string();
        let hint = match crate::source::closest(&text, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "without --only everything is listed; a `*` stands at the end alone".to_owned(),
        };
        return Err(CommandError::usage(format!("`{text}` matches nothing that is lacking")).hint(hint));
    }
    let only = only.to_vec();
    Ok(move |lack: &Lack| only.is_empty() || only.iter().any(|pattern| pattern.matches(&lack.address)))
}
