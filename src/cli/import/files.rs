use std::path::Path;

use super::{Args, Bus, check_only, named_cluster};
use crate::adapters::disk;
use crate::cli::connect::check_cluster_id;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::snapshot;
use crate::import::Found;
use crate::import::from::{self, Files, Reading, Tool};
use crate::model::{ClusterName, counted};
use crate::resources::cluster::{ClusterSpec, Reach};

/// What is said of files of which nothing can be made, at most.
const MOST_REASONS: usize = 5;

/// What the files of another tool say, and, where a snapshot is given, what the cluster has.
pub fn read(args: &Args, tool: Tool, path: &Path, context: &Context, reach: &Reach) -> Result<Bus, CommandError> {
    let snapshot = match args.snapshot.as_deref() {
        Some(file) => Some((file, snapshot::parse(file)?)),
        None => None,
    };
    let of_snapshot = snapshot.as_ref().map(|(_, snapshot)| snapshot.name().to_owned());
    if let (Some((file, _)), Some(name), Some(wanted)) = (&snapshot, &of_snapshot, &args.cluster)
        && name != wanted
    {
        return Err(CommandError::refused(format!("{} is a snapshot of cluster `{name}`", file.display()))
            .hint(format!("give --cluster {name}, or a snapshot of `{wanted}`")));
    }
    let wanted = args.cluster.clone().or(of_snapshot);
    let mut reading = reading(tool, path, wanted.as_deref())?;
    let cluster = cluster_of(wanted, &reading, context)?;
    let declared = reading.found.cluster_id.clone();
    if let (Some(spec), Some(id)) = (context.workspace.clusters.get(&cluster), &declared) {
        check_declared_id(context, spec, id)?;
    }
    if let Some((file, snapshot)) = &snapshot {
        let id = &snapshot.live.cluster.id;
        if let Some(spec) = context.workspace.clusters.get(&cluster) {
            check_cluster_id(context, spec, id)?;
        }
        if let Some(declared) = declared.filter(|declared| declared != id) {
            return Err(CommandError::refused(format!(
                "{} is of cluster {id}, and the files of {} are for {declared}",
                file.display(),
                tool.as_str()
            )));
        }
        reading.complete(&Found::of_live(&snapshot.live, snapshot.impact.as_ref(), snapshot.versions.as_ref()));
    }
    let reach = (reach.bootstrap.is_empty() && !reading.bootstrap.is_empty()).then(|| Reach {
        bootstrap: reading.bootstrap.clone(),
        tls: reach.tls.clone().or_else(|| reading.tls.clone()),
        ..reach.clone()
    });
    let (live, facts, histories) = match snapshot {
        Some((_, snapshot)) => (Some(snapshot.live), snapshot.impact, snapshot.versions),
        None => (None, None, None),
    };
    let Reading { found, left, questions, unread, .. } = reading;
    check_only(&args.only, &cluster, live.as_ref(), &found)?;
    Ok(Bus { cluster, by_options: false, live, facts, histories, found, reach, questions, left, unread })
}

/// Refuses files that are for another cluster than the manifest.
fn check_declared_id(context: &Context, cluster: &ClusterSpec, id: &str) -> Result<(), CommandError> {
    match cluster.cluster_id.as_ref().filter(|pinned| pinned.value != id) {
        None => Ok(()),
        Some(pinned) => Err(CommandError::refused(format!("the files are for cluster {id}, not for {}", pinned.value))
            .hint(format!("name another cluster, or correct the id at {}", context.workspace.place(pinned.span)))),
    }
}

/// Refuses to make a workspace in the midst of files that would be taken for its manifests from then on.
pub fn refuse_among(tool: Tool, path: &Path, context: &Context) -> Result<(), CommandError> {
    if context.root.join(disk::SETTINGS_FILE).symlink_metadata().is_ok() {
        return Ok(());
    }
    let Ok(real) = std::fs::canonicalize(path) else { return Ok(()) };
    let Ok(root) = std::fs::canonicalize(&context.root) else { return Ok(()) };
    let is_of_tool = |file: &&Path| tool.is_read(file) && root.join(file).starts_with(&real);
    let mut among = context.workspace.sources.iter().map(|(_, file)| &*file.path).filter(is_of_tool);
    let Some(first) = among.next() else { return Ok(()) };
    let more = match among.count() {
        0 => String::new(),
        more => format!(" and {}", counted(more as u64, "more file")),
    };
    let (tool, first, path) = (tool.as_str(), first.display(), real.display());
    Err(CommandError::refused(format!("{first}{more} of {tool} would be taken for manifests of busctl here")).hint(format!(
        "make the workspace in a folder of its own: in an empty one, run `busctl import --from {tool} {path}` with the \
         options that you gave"
    )))
}

/// Reads the files of a folder, or one of them.
fn reading(tool: Tool, path: &Path, cluster: Option<&str>) -> Result<Reading, CommandError> {
    let shown = path.strip_prefix(".").unwrap_or(path);
    let kind = std::fs::metadata(path)
        .map_err(|error| CommandError::system(format!("could not read {}: {error}", path.display())))?;
    let (root, texts) = match kind.is_dir() {
        true => {
            let texts = disk::read_folder(path, &|file| tool.is_read(file));
            (shown, texts.into_iter().map(|(file, text)| (shown.join(file), text)).collect())
        }
        false => {
            let root = shown.parent().unwrap_or(Path::new(""));
            (root, [(shown.to_owned(), disk::read_below(root, path.strip_prefix(root).unwrap_or(path)))].into())
        }
    };
    let files = Files { root, texts, read: &|file| disk::read_below(root, file.strip_prefix(root).unwrap_or(file)) };
    if files.texts.is_empty() {
        return Err(CommandError::usage(format!("{} holds no files of {}", path.display(), tool.as_str())).hint(
            format!("they end in .{}; name the folder that they lie in, or one of them", tool.extensions().join(", .")),
        ));
    }
    let reading = from::read(tool, &files, cluster);
    if !reading.is_empty() {
        return Ok(reading);
    }
    let (tool, shown) = (tool.as_str(), path.display());
    // Of what was not read nobody knows what is in it.
    let mut error = match reading.unread {
        0 => CommandError::invalid(format!("nothing of {tool} was found in {shown}")),
        _ => CommandError::system(format!("nothing of {tool} could be read in {shown}")),
    };
    for reason in reading.left.iter().take(MOST_REASONS) {
        error = error.hint(reason.clone());
    }
    Err(error.hint("--from names the tool whose files these are"))
}

/// The cluster that the files are for.
fn cluster_of(wanted: Option<String>, reading: &Reading, context: &Context) -> Result<ClusterName, CommandError> {
    let mut said = reading.clusters.iter();
    match (&wanted, said.next(), said.next()) {
        (None, Some(_), Some(_)) => {
            let names: Vec<&str> = reading.clusters.iter().map(String::as_str).collect();
            Err(CommandError::usage(format!("the files are for several clusters: {}", names.join(", ")))
                .hint("--cluster NAME says which one is meant; import each on its own"))
        }
        (None, Some(only), None) if context.workspace.clusters.is_empty() => named_cluster(Some(only), context),
        _ => named_cluster(wanted.as_deref(), context),
    }
}
