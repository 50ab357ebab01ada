use super::against::{self, AgainstArgs};
use super::args::{ClusterArg, FindingsArgs, Global};
use super::context::Samples;
use super::error::{CommandError, Exit};
use super::output;
use crate::model::counted;

/// Options of `validate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    against: AgainstArgs,

    #[command(flatten)]
    forms: FindingsArgs,
}

/// Checks every manifest, for every cluster or for one.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let checked = against::check(&args.cluster, &args.against, Samples::Leave)?;
    let context = checked.context;
    output::report(&context.findings_view(&checked.findings), &args.forms, &context.repository(), global)?;
    checked.tell(global);
    if checked.findings.is_empty() && args.forms.format.is_log() {
        let topics = context.workspace.topics.len();
        let schemas = context.workspace.schemas.iter().count();
        let [topics, schemas, clusters] = [(topics, "topic"), (schemas, "schema"), (checked.clusters.len(), "cluster")]
            .map(|(count, one)| counted(count as u64, one));
        let what = if checked.known.is_empty() { "keep the rules on" } else { "break no more rules than before on" };
        anstream::eprintln!("{topics} and {schemas} {what} {clusters}.");
    }
    Ok(output::exit_of(&checked.findings))
}
