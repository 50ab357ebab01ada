use super::args::{ClusterArg, FormatArg, Global};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::model::counted;
use crate::render::Format;

/// Options of `validate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    format: FormatArg,
}

/// Checks every manifest, for every cluster or for one.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let clusters = match &args.cluster.cluster {
        Some(_) => vec![context.cluster(&args.cluster)?],
        None => context.workspace.clusters.values().collect(),
    };
    let findings = context.findings(&clusters);
    output::view(&context.findings_view(&findings), args.format.format, global)?;
    if findings.is_empty() && args.format.format == Format::Text {
        let topics = context.workspace.topics.len();
        let schemas = context.workspace.schemas.iter().count();
        let [topics, schemas, clusters] = [(topics, "topic"), (schemas, "schema"), (clusters.len(), "cluster")]
            .map(|(count, one)| counted(count as u64, one));
        anstream::eprintln!("{topics} and {schemas} keep the rules on {clusters}.");
    }
    Ok(output::exit_of(&findings))
}
