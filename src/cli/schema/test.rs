use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::registered;
use crate::adapters::disk;
use crate::cli::against::git_reference;
use crate::cli::args::{ClusterArg, FindingsArgs, Global, TimeoutArg};
use crate::cli::context::{Base, Context, Samples, today};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::diag::{Diagnostic, Findings, Level};
use crate::model::counted;
use crate::render::contract::ContractView;
use crate::resources::schema::contract::{Beside, Registered, Tested, UnknownName, test};
use crate::resources::schema::is_in_fixtures;
use crate::resources::successor::is_unfinished;

/// Options of `schema test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Topics and subjects; all by default
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Show only the checklist of each schema that changed, and of each new major version; empty boxes do not fail
    #[arg(long)]
    checklist: bool,

    /// Read with the versions that the registry of this cluster has, too
    #[arg(short, long, value_name = "NAME")]
    cluster: Option<String>,

    /// Take the newest versions from a snapshot of the cluster instead of asking its registry
    #[arg(long, value_name = "FILE")]
    live: Option<PathBuf>,

    /// Take what the schemas were at the last commit in common with a branch, tag or commit for an earlier version too; by
    /// default what is committed, so that an edit is a change whether or not the version before it was kept
    #[arg(long, value_name = "git:REF", value_parser = parse_commit, default_value = "git:HEAD")]
    against: String,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    forms: FindingsArgs,
}

fn parse_commit(text: &str) -> Result<String, String> {
    let reference = git_reference(text)?.ok_or("write git:REF, with a branch, a tag or a commit")?;
    Ok(reference.to_owned())
}

/// The workspace with its samples, and the schemas of the commit that it is compared with among its earlier versions. What
/// was never committed has no such versions.
fn open(reference: &str) -> Result<Context, CommandError> {
    match Context::open_with_base(reference, Samples::Read) {
        Ok((context, _)) => Ok(context),
        Err(_) if reference == "HEAD" => Context::open_with(Samples::Read),
        Err(error) => Err(error),
    }
}

/// Reads every sample record with every version that a consumer may have.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let mut context = open(&args.against)?;
    if unknown_for(&context).is_some() {
        let findings = Findings::listed(context.loading.iter().cloned(), &context.workspace.sources);
        let found = context.findings_view(&findings);
        let view = ContractView { tested: &Tested::default(), findings: found, only_checklist: false };
        output::report(&view, &args.forms, &context.repository(), global)?;
        return Ok(output::exit_of(&findings));
    }
    // Without one of these nothing is asked, whatever cluster the environment names.
    let registered = match (&args.cluster, &args.live) {
        (None, None) => Registered::new(),
        (cluster, live) => {
            let cluster = ClusterArg { cluster: cluster.clone() };
            registered::versions(&mut context, &cluster, live.as_deref(), &args.names, args.timeout.timeout)?
        }
    };
    let beside = Beside { registered, unfinished: unfinished(&context), today: today() };
    let mut tested = match test(&context.workspace, &args.names, &beside) {
        // It may be declared where nobody can read it.
        Err(_) if left_out(&context).is_some() => Tested::default(),
        tested => tested.map_err(unknown)?,
    };
    // A sample that cannot be read is found by the loader.
    let loading = context.loading.iter().filter(|finding| concerns(&context, finding));
    let found = std::mem::take(&mut tested.findings).into_iter().chain(loading.cloned());
    let findings = Findings::listed(found, &context.workspace.sources);
    let found = context.findings_view(&findings);
    let view = ContractView { tested: &tested, findings: found, only_checklist: args.checklist };
    output::report(&view, &args.forms, &context.repository(), global)?;
    // The checklist shows; without it the findings judge.
    let exit = if args.checklist { Exit::Done } else { output::exit_of(&findings) };
    if exit == Exit::Done && args.forms.format.is_log() {
        let [schemas, samples, readings] =
            [(tested.schemas, "schema"), (tested.samples, "sample"), (tested.readings, "reading")]
                .map(|(count, one)| counted(count as u64, one));
        anstream::eprintln!("{samples} of {schemas}, {readings}.");
    }
    Ok(exit)
}

/// Tests all samples of a workspace with the versions that it has itself. What cannot be read is [left out](left_out).
///
/// # Errors
///
/// The errors for which nothing can be tested.
pub fn test_offline(context: &Context) -> Result<Tested, String> {
    if let Some(errors) = unknown_for(context) {
        return Err(errors);
    }
    let beside = Beside { registered: Registered::new(), unfinished: unfinished(context), today: today() };
    Ok(test(&context.workspace, &[], &beside).expect("no name is given that could be unknown"))
}

/// The errors for which nothing is known of any sample: busctl.yaml gives the levels, and the prefixes of domains the folders.
fn unknown_for(context: &Context) -> Option<String> {
    let is_catalog = |path: &Path| path.starts_with("catalog");
    let is_settings = |path: &Path| path == Path::new(disk::SETTINGS_FILE);
    match (context.workspace.has_whole_settings(), context.workspace.has_whole("domain")) {
        (false, _) => context.errors_in(is_settings),
        (true, false) => context.errors_in(is_catalog),
        (true, true) => None,
    }
}

/// The errors for which what some manifests declare is not tested.
pub fn left_out(context: &Context) -> Option<String> {
    context.errors_in(|path| is_of_tests(path) && !is_in_fixtures(path))
}

/// What the samples of a base break by themselves.
pub fn broken_by_base(base: &Base) -> Vec<Diagnostic> {
    let beside = Beside { registered: Registered::new(), unfinished: BTreeSet::new(), today: today() };
    test(&base.workspace, &[], &beside).map(|tested| tested.findings).unwrap_or_default()
}

/// Decision records of topics in which people have not yet said what only they can say.
fn unfinished(context: &Context) -> BTreeSet<PathBuf> {
    let named = context.workspace.topics.values().filter_map(|topic| topic.adr.as_ref());
    let paths: BTreeSet<PathBuf> = named.map(|adr| PathBuf::from(adr.value.trim_start_matches("./"))).collect();
    let is_open = |path: &PathBuf| {
        let text = context.workspace.documents.get(path).and_then(|path| disk::read_document(&context.root.join(path)));
        text.is_some_and(|text| is_unfinished(&text))
    };
    paths.into_iter().filter(is_open).collect()
}

/// Whether something that the loader found is about schemas or samples, or keeps them from being tested.
fn concerns(context: &Context, finding: &Diagnostic) -> bool {
    let place = finding.span().map(|span| &context.workspace.sources.file(span.file).path);
    finding.level == Level::Error && place.is_none_or(|path| is_of_tests(path))
}

fn is_of_tests(path: &Path) -> bool {
    ["schemas", "topics", disk::SETTINGS_FILE].iter().any(|start| path.starts_with(start))
}

/// There is nothing of this name to test or to keep.
pub(super) fn unknown(unknown: UnknownName) -> CommandError {
    let error =
        CommandError::usage(format!("`{}` is no topic with a schema, no subject and no schema's file", unknown.name));
    match unknown.meant {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint("topics and subjects are named as in their manifests"),
    }
}
