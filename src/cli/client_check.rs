use std::io::Read;
use std::path::{Path, PathBuf};

use super::args::{ClusterArg, FindingsArgs, Global};
use super::context::{Context, today};
use super::error::{CommandError, Exit};
use super::output;
use crate::adapters::disk;
use crate::diag::Findings;
use crate::model::counted;
use crate::policy::{self, ClientFindings, ClientQuestion, check_client};
use crate::resources::client_config::keys::Library;
use crate::source::closest;

/// Options of `client-check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The client's configuration: properties, variables, YAML, JSON, Spring's or librdkafka's; - reads standard input
    file: PathBuf,

    /// The service whose it is; by default as `client.id`, `group.id` or the application's name tell
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,

    #[command(flatten)]
    cluster: ClusterArg,

    /// The library that it is for: java or librdkafka; by default as the names in it tell
    #[arg(long, value_name = "LIBRARY", value_parser = parse_library)]
    library: Option<Library>,

    #[command(flatten)]
    forms: FindingsArgs,
}

fn parse_library(text: &str) -> Result<Library, String> {
    let known = Library::WORDS.iter().find(|(word, _)| *word == text).map(|(_, library)| *library);
    known.ok_or_else(|| "write java or librdkafka".to_owned())
}

/// Says which rules a client's configuration breaks.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let mut context = Context::open()?;
    if let Some(errors) = context.errors_in(|_| true) {
        return Err(CommandError::system(format!("what services may do is not known, because of {errors}"))
            .hint("run `busctl validate`"));
    }
    let cluster = match &args.cluster.cluster {
        Some(_) => Some(context.cluster(&args.cluster)?.cluster.to_string()),
        None => None,
    };
    if let Some(service) = &args.service {
        is_declared(&context, service)?;
    }
    let (path, text) = read(&args.file)?;
    let question = ClientQuestion { cluster, service: args.service.clone(), library: args.library };
    let asked = check_client(&mut context.workspace, &path, &text, &question);
    let ClientFindings { findings, file, service, cluster } = asked;
    let clusters: Vec<_> = match cluster.as_deref().and_then(|name| context.workspace.clusters.get(name)) {
        Some(cluster) => vec![cluster],
        None => context.workspace.clusters.values().collect(),
    };
    let findings = policy::apply_levels_beside(findings, &context.workspace, &clusters, today());
    let findings = Findings::listed(findings, &context.workspace.sources);
    output::report(&context.findings_view(&findings), &args.forms, &context.repository(), global)?;
    if let Some(file) = file.filter(|_| args.forms.format.is_log()) {
        let of =
            service.as_ref().map_or("of a service that nothing in it names".to_owned(), |name| format!("of `{name}`"));
        let on = cluster.as_ref().map_or("of no known cluster".to_owned(), |name| format!("on `{name}`"));
        let configs = counted(file.settings.len() as u64, "config");
        anstream::eprintln!("{configs} for {}, {of} {on}.", file.library.title());
        if service.is_none() {
            anstream::eprintln!("Topics and groups were not compared with grants: name the service with --service.");
        }
        if cluster.is_none() {
            anstream::eprintln!("Brokers and registry were not compared: name the cluster with --cluster.");
        }
    }
    Ok(output::exit_of(&findings))
}

/// Refuses a service that no manifest knows.
pub(super) fn is_declared(context: &Context, service: &str) -> Result<(), CommandError> {
    let known = &context.workspace.grants;
    if known.contains_key(service) {
        return Ok(());
    }
    let error = CommandError::usage(format!("no manifest in acls/ is of a service `{service}`"));
    Err(match closest(service, known.keys().map(String::as_str)) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint("`busctl services` lists them"),
    })
}

/// The largest that a configuration may be: what is larger is something else.
const LARGEST: u64 = 4 << 20;

fn read(path: &Path) -> Result<(PathBuf, String), CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::system(format!("could not read {}: {error}", path.display()))
            .hint("name the file of a client's configuration, or - for standard input")
    };
    let mut bytes = Vec::new();
    let shown = if path == Path::new("-") {
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        PathBuf::from("(standard input)")
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        path.to_owned()
    };
    if bytes.len() as u64 > LARGEST {
        return Err(CommandError::usage(format!(
            "{} is larger than 4 MiB, and no client's configuration",
            shown.display()
        )));
    }
    // Java reads them as ISO 8859-1, in which each byte is a character; others write them in UTF-8.
    if shown.extension().is_some_and(|extension| extension == "properties") && std::str::from_utf8(&bytes).is_err() {
        return Ok((shown, bytes.into_iter().map(char::from).collect()));
    }
    let text = disk::bounded_text(bytes, LARGEST);
    Ok((shown, text.map_err(|problem| CommandError::system(problem.message).hint(problem.help))?))
}
