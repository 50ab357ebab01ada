use std::path::{Path, PathBuf};
use std::time::Duration;

use super::context::Context;
use super::error::CommandError;
use crate::adapters::kafka::{KafkaClient, KafkaJournal};
use crate::adapters::registry::RegistryClient;
use crate::adapters::secrets::LocalSecrets;
use crate::diag::Diagnostic;
use crate::ports::{Failure, FailureKind};
use crate::resources::cluster::{ClusterSpec, ConnectionProblem, ConnectionSpec, connection, read_secrets};
use crate::resources::registry::{read_registry_secrets, registry_connection};
use crate::source::{Decode, Decoder, Sources, Spanned, manifest, parse_yaml};

/// What to do where a local bus does not answer.
const NOT_UP: &str = "start it with `busctl dev up`";

manifest! {
    "a local connection"
    /// What `busctl dev up` writes about the bus that it started.
    pub struct LocalConnection {
        /// The cluster's name.
        cluster: Spanned<String>,
        /// The id that the broker has.
        cluster_id: Option<Spanned<String>>,
        /// How it is reached.
        connection: Spanned<ConnectionSpec>,
        /// How its registry is reached.
        registry: Option<LocalRegistry>,
    }
}

manifest! {
    "a local registry"
    /// The registry of a local bus.
    pub struct LocalRegistry {
        /// The base of its Confluent API.
        url: Spanned<String>,
    }
}

/// The systems of one cluster.
pub struct Systems {
    /// Its brokers.
    pub kafka: KafkaClient,
    /// Its registry, where it names one; or why it cannot be used.
    pub registry: Option<Result<RegistryClient, Failure>>,
}

impl Systems {
    /// The lock and the record of apply, which the brokers keep.
    pub fn journal(&self) -> KafkaJournal<'_> {
        KafkaJournal::new(&self.kafka)
    }

    /// The registry, where it can be used.
    pub fn usable_registry(&self) -> Option<&RegistryClient> {
        self.registry.as_ref().and_then(|registry| registry.as_ref().ok())
    }
}

/// Connects to the systems of a cluster.
pub async fn connect(context: &Context, cluster: &ClusterSpec, timeout: Duration) -> Result<Systems, CommandError> {
    connect_through(context, cluster, timeout, local_file(context, cluster)).await
}

/// Connects to the registry of a cluster alone.
pub async fn connect_to_registry(
    context: &Context,
    cluster: &ClusterSpec,
    timeout: Duration,
) -> Result<RegistryClient, CommandError> {
    let local = local_file(context, cluster).map(|file| local_connection(cluster, &file)).transpose()?;
    let local = local.as_ref().map(|(_, local)| local);
    let secrets = LocalSecrets::new(&context.root);
    match connect_registry(context, cluster, local, timeout, &secrets).await? {
        Some(registry) => Ok(registry?),
        None => Err(CommandError::usage(format!("cluster `{}` has no schema registry", cluster.cluster.value))
            .hint("name one: `schema_registry: NAME`, and declare it in clusters/")),
    }
}

/// Whether a cluster is a local one of which `busctl dev up` has written nothing.
pub fn is_down(context: &Context, cluster: &ClusterSpec) -> bool {
    local_file(context, cluster).is_some_and(|file| !file.exists())
}

/// What `busctl dev up` wrote, where the cluster is a local one.
fn local_file(context: &Context, cluster: &ClusterSpec) -> Option<PathBuf> {
    let name = cluster.cluster.as_str();
    cluster.is_local().then(|| context.root.join(".busctl/local").join(name).join("connection.yaml"))
}

/// Connects to the systems of a cluster; to those of a local bus through the file that it wrote.
pub async fn connect_through(
    context: &Context,
    cluster: &ClusterSpec,
    timeout: Duration,
    connection_file: Option<PathBuf>,
) -> Result<Systems, CommandError> {
    let local = connection_file.map(|file| local_connection(cluster, &file)).transpose()?;
    let spec = match (&local, &cluster.connection) {
        (Some((_, local)), _) => &local.connection,
        (None, Some(spec)) => spec,
        (None, None) => {
            return Err(CommandError::usage(format!("cluster `{}` has no `connection`", cluster.cluster.value)).hint(
                format!(
                    "add `connection: {{ bootstrap: [HOST:PORT] }}` at {}",
                    context.workspace.place(cluster.cluster.span)
                ),
            ));
        }
    };
    let sources = local.as_ref().map_or(&context.workspace.sources, |(sources, _)| sources);
    let unresolved = connection(spec, timeout).map_err(|problems| first_problem(problems, sources))?;
    let secrets = LocalSecrets::new(&context.root);
    let resolved = read_secrets(unresolved, &secrets).await.map_err(|problem| no_secret(problem, sources))?;
    let (kafka, registry) = tokio::join!(
        KafkaClient::connect(resolved),
        connect_registry(context, cluster, local.as_ref().map(|(_, local)| local), timeout, &secrets)
    );
    let kafka = kafka.map_err(|failure| match local {
        Some(_) if failure.kind == FailureKind::Unreachable => Failure { hint: Some(NOT_UP.into()), ..failure },
        _ => failure,
    })?;
    Ok(Systems { kafka, registry: registry? })
}

/// Refuses brokers of another cluster than the one that was meant, for commands that make no plan.
pub fn check_cluster_id(context: &Context, cluster: &ClusterSpec, id: &str) -> Result<(), CommandError> {
    match cluster.cluster_id.as_ref().filter(|pinned| pinned.value != id) {
        None => Ok(()),
        Some(pinned) => {
            Err(CommandError::refused(format!("the brokers belong to cluster {id}, not to {}", pinned.value))
                .hint(format!("correct `connection.bootstrap`, or the id at {}", context.workspace.place(pinned.span))))
        }
    }
}

async fn connect_registry(
    context: &Context,
    cluster: &ClusterSpec,
    local: Option<&LocalConnection>,
    timeout: Duration,
    secrets: &LocalSecrets,
) -> Result<Option<Result<RegistryClient, Failure>>, CommandError> {
    let declared = cluster.schema_registry.as_ref().and_then(|name| context.workspace.registries.get(name.as_str()));
    // A name without a manifest is a finding of its own.
    let Some(declared) = declared else { return Ok(None) };
    let mut spec = declared.clone();
    let is_started_by_dev = spec.url.is_none();
    if is_started_by_dev {
        spec.url = local.and_then(|local| local.registry.as_ref()).map(|registry| registry.url.clone());
    }
    let sources = &context.workspace.sources;
    let unresolved = registry_connection(&spec, timeout).map_err(|problems| first_problem(problems, sources))?;
    let resolved = read_registry_secrets(unresolved, secrets).await.map_err(|problem| no_secret(problem, sources))?;
    let client = RegistryClient::new(&resolved);
    Ok(Some(if is_started_by_dev { client.map(|client| client.hint_not_up(NOT_UP)) } else { client }))
}

/// A secret that cannot be read is no wrong usage: the manifest is right, and a file or a variable is missing here.
fn no_secret(problem: ConnectionProblem, sources: &Sources) -> CommandError {
    let error = CommandError::system(format!("{}: {}", sources.place(problem.span), problem.message));
    problem.help.into_iter().fold(error, CommandError::hint)
}

fn first_problem(problems: Vec<ConnectionProblem>, sources: &Sources) -> CommandError {
    match problems.into_iter().next() {
        Some(problem) => {
            let error = CommandError::usage(format!("{}: {}", sources.place(problem.span), problem.message));
            problem.help.into_iter().fold(error, CommandError::hint)
        }
        None => CommandError::usage("the connection cannot be used"),
    }
}

/// What `busctl dev up` wrote about the bus of this cluster.
fn local_connection(cluster: &ClusterSpec, path: &Path) -> Result<(Sources, LocalConnection), CommandError> {
    let name = &cluster.cluster.value;
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CommandError::system(format!("the local bus `{name}` is not up")).hint(NOT_UP),
        _ => CommandError::system(format!("could not read {}: {error}", path.display())),
    })?;
    let mut sources = Sources::default();
    let file = sources.add(path, text.as_str());
    let (documents, findings) = parse_yaml(file, &text);
    let mut decoder = Decoder { findings };
    let decoded = documents.first().and_then(|document| LocalConnection::decode(document, &mut decoder));
    let broken = |finding: Option<&Diagnostic>| {
        let why = finding.map_or_else(|| "it is empty".to_owned(), |finding| finding.message.clone());
        CommandError::system(format!("{} cannot be used: {why}", path.display()))
            .hint("write it anew with `busctl dev up`")
    };
    decoded.map(|decoded| (sources, decoded)).ok_or_else(|| broken(decoder.findings.first()))
}
