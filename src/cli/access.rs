use std::path::PathBuf;

use super::args::{ClusterArg, FormatArg, Global, TimeoutArg, words};
use super::connect::{check_cluster_id, connect};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::{output, snapshot};
use crate::ports::kafka::AclOperation;
use crate::render::access::AccessView;
use crate::resources::Desired;
use crate::resources::access::{Known, Question, Sight, Subject, answer, observe, operations_meant};
use crate::resources::cluster::ClusterSpec;

/// Options of `access`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A service, role, principal, topic or group; where a name means several of them, say which one: topic/NAME, group/NAME,
    /// transactional_id/NAME, service/NAME, role/NAME, principal/NAME, or cluster. A trailing `*` makes a prefix
    #[arg(value_name = "WHO|WHAT")]
    about: String,

    /// The one resource that somebody is asked about with; what is refused is told too
    #[arg(value_name = "WHAT")]
    on: Option<String>,

    /// Only these operations: read, write, describe, create, delete, alter and so on; may be repeated
    #[arg(long, value_name = "OPERATION", value_parser = words(AclOperation::WORDS), hide_possible_values = true)]
    operation: Vec<AclOperation>,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Answer from a snapshot instead of the live cluster
    #[arg(long, value_name = "FILE")]
    live: Option<PathBuf>,

    /// Answer from what the manifests ask for, and ask no server
    #[arg(long, conflicts_with = "live")]
    offline: bool,

    #[command(flatten)]
    format: FormatArg,
}

/// Says who may do what.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    // What could not be read of the manifests asks for nothing here, and the findings say so.
    context.print_loading(global)?;
    let (cluster, seen) = see(context, args).await?;
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let sight = seen.unwrap_or_else(|| Sight::declared(&desired));
    let known = Known::new(&desired, &sight);
    let question = question(&known, args, cluster)?;
    let mut access = answer(&desired, &sight, &question);
    if context.is_broken() {
        access.notes.push("manifests cannot be read in part: what they ask for may be told as by hand".to_owned());
    }
    output::view(&AccessView { access: &access }, args.format.format, global)?;
    for note in &access.notes {
        anstream::eprintln!("note: {}", crate::render::printable(note));
    }
    Ok(Exit::Done)
}

/// What is there; `None` where nobody is to be asked.
async fn see<'c>(context: &'c Context, args: &Args) -> Result<(&'c ClusterSpec, Option<Sight>), CommandError> {
    if let Some(file) = &args.live {
        let (cluster, saved) = match &args.cluster.cluster {
            Some(_) => {
                let cluster = context.cluster(&args.cluster)?;
                (cluster, snapshot::read(file, cluster)?)
            }
            None => snapshot::read_of_any(file, context)?,
        };
        return Ok((cluster, Some(Sight::of(&saved.live)?)));
    }
    let cluster = context.cluster(&args.cluster)?;
    if args.offline {
        return Ok((cluster, None));
    }
    let systems = connect(context, cluster, args.timeout.timeout).await?;
    let sight = observe(&systems.kafka).await?;
    check_cluster_id(context, cluster, sight.cluster_id.as_deref().unwrap_or_default())?;
    Ok((cluster, Some(sight)))
}

fn question(known: &Known<'_>, args: &Args, cluster: &ClusterSpec) -> Result<Question, CommandError> {
    let about = one(known, &args.about, cluster, |_| true)?;
    let on = match &args.on {
        None => None,
        Some(_) if matches!(about, Subject::Resource(..)) => {
            return Err(CommandError::usage(format!(
                "`{}` is a resource, and what it may do is asked for",
                args.about
            ))
            .hint("say who first, then what: `busctl access SERVICE TOPIC`"));
        }
        Some(on) => Some(one(known, on, cluster, |meant| matches!(meant, Subject::Resource(..)))?),
    };
    Ok(Question { about, on, operations: operations_meant(&args.operation) })
}

/// What a name means; what else it could mean is told.
fn one(
    known: &Known<'_>,
    name: &str,
    cluster: &ClusterSpec,
    is_meant: impl Fn(&Subject) -> bool,
) -> Result<Subject, CommandError> {
    let mut meant = known.meant(name).into_iter().filter(is_meant);
    let Some(first) = meant.next() else { return Err(unknown(known, name, cluster)) };
    let others: Vec<String> = meant.map(|other| format!("`{}`", other.in_full())).collect();
    if !others.is_empty() {
        let told = format!("note: this is about {}; {} is something else", first.in_full(), others.join(", "));
        anstream::eprintln!("{}", crate::render::printable(&told));
    }
    Ok(first)
}

fn unknown(known: &Known<'_>, name: &str, cluster: &ClusterSpec) -> CommandError {
    let message =
        format!("nothing is called `{name}` on {}: no service, role, principal, topic or group", cluster.cluster.value);
    let error = CommandError::usage(message);
    // A principal is called otherwise than its service.
    let principal = format!("User:{name}");
    let is_principal = known.names().any(|known| known == principal);
    match is_principal.then_some(&*principal).or_else(|| crate::source::closest(name, known.names())) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error
            .hint("write TYPE/NAME for a resource that nothing names: topic/NAME, group/NAME, transactional_id/NAME"),
    }
}
