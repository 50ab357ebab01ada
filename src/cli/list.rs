use std::path::PathBuf;

use super::args::{ClusterArg, FormatArg, Global, TimeoutArg, words};
use super::connect::{check_cluster_id, connect};
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::{output, snapshot};
use crate::model::Pattern;
use crate::render::inventory::{Described, InventoryView};
use crate::resources::cluster::ClusterSpec;
use crate::resources::impact::{self, Facts};
use crate::resources::inventory::{self, Asked, Inventory, Item, Seen, Status};
use crate::resources::{Desired, Live, Scope, observe, observe_subjects};

/// Options of the lists.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// One of them, of which everything is told; or a prefix with a trailing `*`
    name: Option<Pattern>,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// List from a snapshot instead of the live cluster; what was measured is in those that were taken with --impact
    #[arg(long, value_name = "FILE")]
    live: Option<PathBuf>,

    /// List what is declared alone, and ask no server
    #[arg(long, conflicts_with = "live")]
    offline: bool,

    /// The column to sort by: the largest amounts first, names and words in their order
    #[arg(long, value_name = "COLUMN")]
    sort: Option<String>,

    /// The other way round
    #[arg(long)]
    reverse: bool,

    /// Only those that are settled, differs, missing, leaving, observed, unmanaged, unseen or declared; may be repeated
    #[arg(long, value_name = "STATUS", value_parser = words(Status::WORDS), hide_possible_values = true)]
    status: Vec<Status>,

    #[command(flatten)]
    format: FormatArg,
}

/// The columns that a list can be sorted by, for its help.
pub fn columns<I: Item>() -> String {
    format!("Columns: {}", I::COLUMNS.join(", "))
}

/// Lists topics.
pub async fn topics(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    run(global, args, Asked::Topics(args.pattern()), inventory::topics).await
}

/// Lists groups.
pub async fn groups(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    run(global, args, Asked::Groups(args.pattern()), inventory::groups).await
}

/// Lists services.
pub async fn services(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    run(global, args, Asked::Services, inventory::services).await
}

/// Lists subjects.
pub async fn schemas(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    run(global, args, Asked::Subjects, inventory::subjects).await
}

impl Args {
    fn pattern(&self) -> Pattern {
        self.name.clone().unwrap_or_else(|| Pattern::prefix(""))
    }
}

/// Makes the items of a list: of those whose names are wanted, with details where asked.
type Make<I> = fn(&Seen<'_>, &dyn Fn(&str) -> bool, bool) -> Vec<I>;

async fn run<I: Described>(global: &Global, args: &Args, asked: Asked, make: Make<I>) -> Result<Exit, CommandError> {
    let column = column::<I>(args)?;
    let context = Context::load()?;
    // What could not be read of the manifests is not declared here, and the findings say so.
    context.print_loading(global)?;
    let (cluster, live, facts) = match args.offline {
        true => (context.cluster(&args.cluster)?, Live::unread(), None),
        false => see(context, args, &asked).await?,
    };
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let seen = match args.offline {
        true => Seen::offline(&desired, &live),
        false => Seen::new(&desired, &live, facts.as_ref(), &asked),
    };
    let pattern = args.pattern();
    let one = !pattern.is_prefix();
    let items = make(&seen, &|name| pattern.matches(name), one);
    if one && items.is_empty() {
        let all = make(&seen, &|_| true, false);
        return Err(unknown::<I>(&pattern.to_string(), &all, args, &desired));
    }
    let mut inventory = Inventory::new(&seen, items);
    inventory.missing = seen.not_seen(&asked);
    inventory.items.retain(|item| args.status.is_empty() || args.status.contains(&item.status()));
    if column != 0 || args.reverse {
        inventory.sort_by(column, args.reverse);
    }
    output::view(&InventoryView { inventory: &inventory }, args.format.format, global)?;
    for why in &inventory.missing {
        anstream::eprintln!("not seen: {}", crate::render::printable(why));
    }
    let unseen = inventory.items.iter().any(|item| item.status() == Status::Unseen);
    Ok(if unseen { Exit::CouldNot } else { Exit::Done })
}

fn column<I: Item>(args: &Args) -> Result<usize, CommandError> {
    let Some(sort) = &args.sort else { return Ok(0) };
    let place = I::COLUMNS.iter().position(|column| column == sort);
    place.ok_or_else(|| {
        let error = CommandError::usage(format!("{} have no column `{sort}`", I::KIND));
        match crate::source::closest(sort, I::COLUMNS.iter().copied()) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error.hint(format!("they have {}", I::COLUMNS.join(", "))),
        }
    })
}

fn unknown<I: Item>(name: &str, all: &[I], args: &Args, desired: &Desired<'_>) -> CommandError {
    let cluster = &desired.cluster.cluster.value;
    let one = I::KIND.strip_suffix('s').unwrap_or(I::KIND);
    let there = if args.offline { "" } else { ", and none is there" };
    let error = CommandError::usage(format!("no {one} `{name}` is declared for {cluster}{there}"));
    match crate::source::closest(name, all.iter().map(Item::name)) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint(format!("`busctl {}` lists them", I::KIND)),
    }
}

/// The live state and what was measured, read now or from a snapshot.
async fn see<'c>(
    context: &'c Context,
    args: &Args,
    asked: &Asked,
) -> Result<(&'c ClusterSpec, Live, Option<Facts>), CommandError> {
    if let Some(file) = &args.live {
        let (cluster, saved) = match &args.cluster.cluster {
            Some(_) => {
                let cluster = context.cluster(&args.cluster)?;
                (cluster, snapshot::read(file, cluster)?)
            }
            None => snapshot::read_of_any(file, context)?,
        };
        return Ok((cluster, saved.live, saved.impact));
    }
    let cluster = context.cluster(&args.cluster)?;
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let systems = connect(context, cluster, args.timeout.timeout).await?;
    let registry = systems.registry.as_ref().filter(|_| *asked == Asked::Subjects);
    let registry = registry.map(|registry| registry.as_ref().map_err(Clone::clone));
    let live = match asked {
        Asked::Subjects => observe_subjects(&systems.kafka, registry, &desired).await?,
        _ => observe(&systems.kafka, registry, None, &desired, Scope::Declared).await?,
    };
    check_cluster_id(context, cluster, &live.cluster.id)?;
    let needs = inventory::needs(asked, &live.topics);
    let facts = impact::observe(&systems.kafka, &needs, now()).await;
    Ok((cluster, live, Some(facts)))
}
