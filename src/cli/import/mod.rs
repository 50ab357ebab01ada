mod files;
mod reach;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Global, TimeoutArg, words};
use super::connect::{check_cluster_id, connect};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::{output, snapshot};
use crate::adapters::disk;
use crate::import::from::Tool;
use crate::import::{Found, Imported, Request, concerned, import};
use crate::model::{ClusterName, Pattern, TopicName};
use crate::ports::Observed;
use crate::ports::kafka::{AclOperation, AclResourceType, KafkaAdmin};
use crate::render::text_diff::unified;
use crate::resources::cluster::Reach;
use crate::resources::impact::Facts;
use crate::resources::schema::compatibility::{self, Histories, Needs};
use crate::resources::{Desired, Live, Scope, WorkspaceFiles, observe};
use crate::source::closest;
use reach::{ReachArgs, in_options};
use report::{Baseline, list_findings, prove, tell, tell_unseen};

/// How many more records are looked at than samples are wanted: some are not of their schema.
const SPARE_RECORDS: usize = 16;

/// Options of `import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The cluster: one that has a manifest, or the name that a new one gets
    #[arg(short, long, value_name = "NAME", env = "BUSCTL_CLUSTER")]
    cluster: Option<String>,

    /// Read a snapshot instead of the live cluster; nothing is asked of any server
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,

    /// Read the files of another tool instead of the live cluster, below the folder DIR
    #[arg(long, value_name = "TOOL", requires = "files", value_parser = words(Tool::WORDS))]
    from: Option<Tool>,

    /// The folder that the files of the other tool lie in, or one of these
    #[arg(value_name = "DIR", requires = "from")]
    files: Option<PathBuf>,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Adopt these topics alone, with their schemas and grants: a name, or a prefix with a trailing *. May be repeated
    #[arg(long, value_name = "PATTERN")]
    only: Vec<Pattern>,

    /// Also write sample records for `schema test`: so many of the newest of each topic that has a schema, one where no number
    /// is given. What schemas tag as personal data is masked
    #[arg(long, value_name = "COUNT", num_args = 0..=1, default_missing_value = "1", conflicts_with = "snapshot")]
    fixtures: Option<NonZeroUsize>,

    /// Write over files that are there and are no part of what is declared
    #[arg(long)]
    force: bool,

    /// Write nothing; show what would be written
    #[arg(long)]
    diff: bool,

    /// Where what the bus itself breaks is listed, for `validate --baseline`. A new workspace gets baseline.json
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    #[command(flatten)]
    reach: ReachArgs,
}

/// What was read of the bus.
struct Bus {
    cluster: ClusterName,
    /// Whether it is reached as the command line says, and by no manifest.
    by_options: bool,
    /// Its state; none where files alone were read.
    live: Option<Live>,
    facts: Option<Facts>,
    histories: Option<Histories>,
    found: Found,
    /// How the files of another tool say that it is reached.
    reach: Option<Reach>,
    /// What the files of another tool ask and have, and is in no manifest.
    questions: Vec<String>,
    left: Vec<String>,
    /// Files that could not be read.
    unread: usize,
}

impl Bus {
    /// A bus of which servers or a snapshot have told everything.
    fn of_live(
        cluster: ClusterName,
        live: Live,
        facts: Option<Facts>,
        histories: Option<Histories>,
        found: Found,
    ) -> Self {
        let (questions, left) = (Vec::new(), Vec::new());
        let by_options = false;
        Self { cluster, by_options, live: Some(live), facts, histories, found, reach: None, questions, left, unread: 0 }
    }

    /// How the program ends where nothing else is wrong.
    fn exit(&self) -> Exit {
        let is_seen = self.live.as_ref().is_none_or(|live| live.unseen().is_empty());
        if is_seen && self.unread == 0 { Exit::Done } else { Exit::CouldNot }
    }
}

/// Makes manifests of what a cluster and its registry have, and shows that a plan of them has nothing to do.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let before = workspace()?;
    if before.is_broken() {
        if let Some((tool, path)) = args.from.zip(args.files.as_deref()) {
            files::refuse_among(tool, path, before)?;
        }
        before.print_loading(global)?;
        return Err(CommandError::refused("the manifests do not load").hint("`busctl validate` says what is wrong"));
    }
    let reach = args.reach.reach()?;
    let bus = match (args.from.zip(args.files.as_deref()), &args.snapshot) {
        (Some((tool, path)), _) => files::read(args, tool, path, before, &reach)?,
        (None, Some(file)) => saved(args, file, before)?,
        (None, None) => {
            let cluster = named_cluster(args.cluster.as_deref(), before)?;
            let by_options = !before.workspace.clusters.contains_key(&cluster);
            let read = live(args, before, &reach, cluster).await;
            let read = read.map_err(|error| if by_options { error.reworded(in_options) } else { error });
            Bus { by_options, ..read? }
        }
    };
    let Bus { cluster, found, .. } = &bus;
    let request = Request {
        cluster,
        workspace: &before.workspace,
        reach: bus.reach.as_ref().unwrap_or(&reach),
        only: &args.only,
        samples: args.fixtures.map_or(0, NonZeroUsize::get),
    };
    let mut made = import(found, request);
    made.questions = [&bus.questions[..], &made.questions].concat();
    made.left = [&bus.left[..], &made.left].concat();
    if made.created.is_empty() && made.changed.is_empty() {
        tell_unseen(&bus);
        let what =
            if args.only.is_empty() { "everything that is here" } else { "every topic of that name that is here" };
        anstream::println!(
            "Nothing to import: {what} is declared, or is no part of what the cluster's manifest manages."
        );
        made.left.iter().for_each(|left| anstream::println!("- {left}"));
        return Ok(bus.exit());
    }
    refuse_to_write_over(before, &made, args.force)?;
    let after = Context::of_files(&before.root, files_with(before, &made));
    if after.is_broken() {
        after.print_loading(global)?;
        return Err(CommandError::system("what was made of the bus does not load, and nothing was written")
            .hint("this is a mistake of busctl: report it with the findings above"));
    }
    if args.diff {
        return show(before, &made);
    }
    let baseline = Baseline::of(before, args.baseline.as_deref())?;
    write(before, &made)?;
    tell(&made, global);
    let baseline = list_findings(before, &after, baseline)?;
    let left = prove(before, &after, &bus, global)?;
    if let Some(baseline) = baseline {
        anstream::println!("{baseline}");
    }
    tell_unseen(&bus);
    Ok(Exit::worst([left, bus.exit()]))
}

/// Refuses a pattern that no topic is called like: it is most likely misspelt, and no reason to adopt nothing.
fn check_only(only: &[Pattern], cluster: &ClusterName, live: Option<&Live>, found: &Found) -> Result<(), CommandError> {
    let hidden = live.iter().flat_map(|live| live.topics.hidden.keys());
    let names: BTreeSet<&str> = found.topics.keys().chain(hidden).map(|name| name.as_str()).collect();
    let Some(unknown) = only.iter().find(|pattern| !names.iter().any(|name| pattern.matches(name))) else {
        return Ok(());
    };
    let said = unknown.to_string();
    let starts: BTreeSet<String> = match unknown.is_prefix() {
        true => names
            .iter()
            .flat_map(|name| name.match_indices(['.', '-', '_']).map(|(at, _)| format!("{}*", &name[..=at])))
            .collect(),
        false => BTreeSet::new(),
    };
    let place = if live.is_some() { format!("on `{cluster}`") } else { "in the files".to_owned() };
    let error = CommandError::usage(format!("--only {said}: no topic {place} is called so"));
    Err(match closest(&said, names.iter().copied().chain(starts.iter().map(String::as_str))) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint("name a topic that is there, or a prefix with a trailing *"),
    })
}

/// The workspace as it is; an empty one in the present folder where there is none.
fn workspace() -> Result<&'static Context, CommandError> {
    let folder = std::env::current_dir()
        .map_err(|error| CommandError::system(format!("could not find the present folder: {error}")))?;
    match disk::find_root(&folder) {
        Ok(_) => Context::load(),
        Err(_) => {
            let mut files = disk::read_workspace(&folder);
            // What cannot be read of it is that there is none.
            files.texts.remove(Path::new(disk::SETTINGS_FILE));
            Ok(Box::leak(Box::new(Context::of_files(&folder, files))))
        }
    }
}

/// What a snapshot has.
fn saved(args: &Args, file: &Path, context: &Context) -> Result<Bus, CommandError> {
    let snapshot = snapshot::parse(file)?;
    let name = snapshot.name().to_owned();
    if args.cluster.as_ref().is_some_and(|wanted| *wanted != name) {
        return Err(CommandError::refused(format!("{} is a snapshot of cluster `{name}`", file.display()))
            .hint(format!("import it with --cluster {name}, or without --cluster")));
    }
    let cluster: ClusterName =
        name.parse().map_err(|error| CommandError::system(format!("{}: {error}", file.display())))?;
    if let Some(spec) = context.workspace.clusters.get(&cluster) {
        check_cluster_id(context, spec, &snapshot.live.cluster.id)?;
    }
    refuse_without_schemas(&snapshot.live)?;
    let found = Found::of_live(&snapshot.live, snapshot.impact.as_ref(), snapshot.versions.as_ref());
    check_only(&args.only, &cluster, Some(&snapshot.live), &found)?;
    Ok(Bus::of_live(cluster, snapshot.live, snapshot.impact, snapshot.versions, found))
}

/// What a live cluster and its registry have.
async fn live(
    args: &Args,
    context: &'static Context,
    reach: &Reach,
    cluster: ClusterName,
) -> Result<Bus, CommandError> {
    let clusters = &context.workspace.clusters;
    let connected = match clusters.contains_key(&cluster) {
        true => context,
        false if reach.bootstrap.is_empty() => {
            return Err(CommandError::usage(format!(
                "the workspace has no cluster `{cluster}`, and nothing says where it is"
            ))
            .hint("--bootstrap HOST:PORT, with --tls or --sasl where it needs them; or --snapshot FILE"));
        }
        false => provisional(context, &cluster, reach)?,
    };
    let spec = &connected.workspace.clusters[&cluster];
    let (desired, _) = Desired::resolve(&connected.workspace, spec);
    let systems = connect(connected, spec, args.timeout.timeout).await?;
    let registry = systems.registry.as_ref().map(|registry| registry.as_ref().map_err(Clone::clone));
    let live = observe(&systems.kafka, registry, None, &desired, Scope::Everything).await?;
    check_cluster_id(connected, spec, &live.cluster.id)?;
    refuse_without_schemas(&live)?;
    let seen = Found::of_live(&live, None, None);
    check_only(&args.only, &cluster, Some(&live), &seen)?;
    let undeclared =
        concerned(&seen, &args.only).into_iter().filter(|subject| !desired.subjects.contains_key(*subject));
    let needs = Needs { histories: undeclared.cloned().collect(), ..Needs::default() };
    let histories = async {
        match (systems.usable_registry(), &live.registry) {
            (Some(registry), Some(Observed::Known(known))) => Some(compatibility::read(registry, needs, known).await),
            _ => None,
        }
    };
    let sampled = async {
        match args.fixtures {
            Some(count) => {
                let looked_at = count.get().saturating_add(SPARE_RECORDS);
                systems.kafka.newest_records(&to_sample(&seen, connected, args), looked_at).await
            }
            None => BTreeMap::new(),
        }
    };
    let (histories, readers, sampled) = tokio::join!(histories, readers(&systems.kafka, &live), sampled);
    let mut found = Found::of_live(&live, None, histories.as_ref());
    found.readers = readers;
    found.records =
        sampled.into_iter().map(|(topic, records)| (topic, records.map_err(|failure| failure.to_string()))).collect();
    Ok(Bus::of_live(cluster, live, None, histories, found))
}

/// Refuses a bus whose registry did not tell: topics that were adopted without their schemas would not be adopted again.
fn refuse_without_schemas(live: &Live) -> Result<(), CommandError> {
    match &live.registry {
        Some(Observed::Hidden(failure)) => {
            Err(CommandError::from(failure.clone()).hint("nothing was written: topics come with their schemas"))
        }
        _ => Ok(()),
    }
}

/// The cluster that is meant: by its name, or the only one of the workspace.
fn named_cluster(name: Option<&str>, context: &Context) -> Result<ClusterName, CommandError> {
    let clusters = &context.workspace.clusters;
    match (name, clusters.keys().next()) {
        (Some(name), _) => name.parse().map_err(|error| CommandError::usage(format!("--cluster: {error}"))),
        (None, Some(only)) if clusters.len() == 1 => Ok(only.clone()),
        _ => Err(CommandError::usage("say which cluster is meant")
            .hint("--cluster NAME: one that has a manifest, or the name that a new one gets")),
    }
}

/// The workspace with a cluster that has no manifest yet, to connect through.
fn provisional(context: &Context, cluster: &ClusterName, reach: &Reach) -> Result<&'static Context, CommandError> {
    // The registry is named as long as it is not known whether it answers.
    let registry = reach.registry.as_ref().map(|_| Default::default());
    let found = Found { registry, ..Found::default() };
    let request = Request { cluster, workspace: &context.workspace, reach, only: &[], samples: 0 };
    let made = import(&found, request);
    let made = Context::of_files(&context.root, files_with(context, &made));
    match made.loading.first() {
        Some(finding) => Err(CommandError::usage(finding.message.clone())),
        None => Ok(Box::leak(Box::new(made))),
    }
}

/// The topics that may be adopted and have a schema, each with its number of partitions.
fn to_sample(found: &Found, context: &Context, args: &Args) -> Vec<(TopicName, u32)> {
    let has_schema: BTreeSet<&str> = concerned(found, &args.only)
        .into_iter()
        .flat_map(|subject| subject.as_str().match_indices('-').map(|(at, _)| &subject.as_str()[..at]))
        .collect();
    let asked = |name: &TopicName| args.only.is_empty() || args.only.iter().any(|only| only.matches(name.as_str()));
    let undeclared = |name: &TopicName| !context.workspace.topics.contains_key(name) && !name.is_reserved();
    let topics = found.topics.iter().filter(|(name, topic)| asked(name) && undeclared(name) && !topic.internal);
    let topics = topics.filter(|(name, _)| has_schema.contains(name.as_str()));
    topics.map(|(name, topic)| (name.clone(), topic.partitions)).collect()
}

/// The topics that groups read, of which a principal may use several.
async fn readers(kafka: &impl KafkaAdmin, live: &Live) -> BTreeMap<String, BTreeSet<TopicName>> {
    let mut of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for acl in live.acls.known().into_iter().flatten() {
        if acl.resource == AclResourceType::Group && acl.operation == AclOperation::Read {
            of.entry(acl.principal.as_str()).or_default().insert(&acl.name);
        }
    }
    let several: BTreeSet<&str> = of.into_values().filter(|groups| groups.len() > 1).flatten().collect();
    let groups: Vec<_> = several.into_iter().filter_map(|group| group.parse().ok()).collect();
    let committed = kafka.committed_offsets(&groups, None).await;
    // Of a group that cannot be seen nobody knows what it reads; its grants say what it may.
    let known = groups.iter().zip(committed).filter_map(|(group, offsets)| Some((group.to_string(), offsets.ok()?)));
    known.map(|(group, offsets)| (group, offsets.into_keys().collect())).collect()
}

fn refuse_to_write_over(context: &Context, made: &Imported, force: bool) -> Result<(), CommandError> {
    let is_there = |path: &&PathBuf| context.root.join(path).symlink_metadata().is_ok();
    let there: Vec<_> = made.created.keys().filter(is_there).map(|path| path.display().to_string()).collect();
    if there.is_empty() || force {
        return Ok(());
    }
    let shown = there.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let more = if there.len() > 3 { format!(" and {} more", there.len() - 3) } else { String::new() };
    Err(CommandError::refused(format!("{shown}{more} would be written over"))
        .hint("move what is there away, or give --force; a run that was stopped half way may have left it"))
}

/// The workspace as it will be.
fn files_with(context: &Context, made: &Imported) -> WorkspaceFiles {
    let workspace = &context.workspace;
    let mut files = WorkspaceFiles { documents: workspace.documents.clone(), ..WorkspaceFiles::default() };
    files.texts.extend(workspace.sources.iter().map(|(_, file)| (file.path.clone(), Ok(file.text.clone()))));
    let new = made.created.iter().chain(&made.changed);
    files.texts.extend(new.map(|(path, text)| (path.clone(), Ok(Arc::from(text.as_str())))));
    files
}

fn show(context: &Context, made: &Imported) -> Result<Exit, CommandError> {
    let sources = &context.workspace.sources;
    let shown = made.created.iter().chain(&made.changed).map(|(path, text)| {
        let old = sources.find(path).map(|file| &*sources.file(file).text);
        unified(path, old, text)
    });
    output::data(&shown.collect::<String>())?;
    Ok(Exit::Done)
}

fn write(context: &Context, made: &Imported) -> Result<(), CommandError> {
    let files = made.created.iter().chain(&made.changed).map(|(path, text)| (path.as_path(), text.as_str()));
    let mut files: Vec<(&Path, &str)> = files.collect();
    // What makes a workspace of a folder comes last: a run that was stopped before it left none.
    files.sort_by_key(|(path, _)| *path == Path::new(disk::SETTINGS_FILE));
    disk::write_together(&context.root, &files)
        .map_err(|(path, error)| CommandError::system(format!("could not write {}: {error}", path.display())))
}
