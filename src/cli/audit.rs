use std::num::NonZeroUsize;

use super::args::{ClusterArg, FormatArg, Global, Moment, TimeoutArg, parse_moment, words};
use super::connect::{check_cluster_id, connect_to_kafka};
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::output;
use crate::adapters::kafka::KafkaJournal;
use crate::apply::{AuditFilter, AuditStatus, audit};
use crate::model::{AddressGlob, Duration};
use crate::ports::journal::Journal;
use crate::ports::kafka::KafkaAdmin;
use crate::render::audit::AuditView;

/// How long before `--since` events are read, so that what ended later is seen with its beginning. No apply takes as long.
const BEFORE: Duration = Duration(86_400_000);

/// Options of `audit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Only resources with this address, or those that a pattern means: 'topic/media.*'
    #[arg(long, value_name = "ADDRESS")]
    resource: Option<AddressGlob>,

    /// Only changes begun at this time or later: 2026-11-25T15:00:00Z, 2026-11-25, or an age such as 7d
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<Moment>,

    /// Only changes begun at this time or earlier
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<Moment>,

    /// Only changes of this person or pipeline, NAME or NAME@HOST
    #[arg(long, value_name = "NAME")]
    who: Option<String>,

    /// Only changes of this apply
    #[arg(long, value_name = "ID")]
    apply: Option<String>,

    /// Only changes with this outcome; may be given several times
    #[arg(long, value_name = "OUTCOME", value_parser = words(AuditStatus::WORDS))]
    outcome: Vec<AuditStatus>,

    /// Only the last so many changes
    #[arg(long, value_name = "NUMBER")]
    limit: Option<NonZeroUsize>,

    #[command(flatten)]
    format: FormatArg,
}

/// Lists what was changed on a cluster.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    let kafka = connect_to_kafka(context, cluster, args.timeout.timeout).await?;
    if cluster.cluster_id.is_some() {
        check_cluster_id(context, cluster, &kafka.cluster().await?.id)?;
    }
    let now = now();
    let filter = AuditFilter {
        resource: args.resource.clone(),
        since: args.since.map(|since| since.before(now)),
        until: args.until.map(|until| until.before(now)),
        who: args.who.clone(),
        apply: args.apply.clone(),
        outcomes: args.outcome.clone(),
    };
    let journal = KafkaJournal::new(&kafka);
    let events = journal.events(filter.since.map(|since| since.before(BEFORE))).await?;
    let holder = journal.holder().await?;
    let audit =
        audit(cluster.cluster.value.to_string(), events, holder.as_ref(), &filter, args.limit.map(NonZeroUsize::get));
    output::view(&AuditView { audit: &audit, verbose: global.verbose }, args.format.format, global)?;
    Ok(Exit::Done)
}
