use super::args::{ClusterArg, FindingsArgs, Global};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::model::counted;

/// Options of `validate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    forms: FindingsArgs,
}

/// Checks every manifest, for every cluster or for one.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load(global)?;
    let clusters = match &args.cluster.cluster {
        Some(_) => vec![context.cluster(&args.cluster)?],
        None => context.workspace.clusters.values().collect(),
    };
    let findings = context.findings(&clusters);
    output::report(&context.findings_view(&findings), &args.forms, &context.repository(), global)?;
    if findings.is_empty() && args.forms.format.is_log() {
        let topics = context.workspace.topics.len();
        let schemas = context.workspace.schemas.iter().count();
        let [topics, schemas, clusters] = [(topics, "topic"), (schemas, "schema"), (clusters.len(), "cluster")]
            .map(|(count, one)| counted(count as u64, one));
        anstream::eprintln!("{topics} and {schemas} keep the rules on {clusters}.");
    }
    Ok(output::exit_of(&findings))
}
