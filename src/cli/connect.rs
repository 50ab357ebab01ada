use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::context::Context;
use super::error::CommandError;
use super::renew::Renewing;
use super::vault::{secret_stores, vault};
use crate::adapters::consul::ConsulClient;
use crate::adapters::kafka::{KafkaClient, KafkaJournal};
use crate::adapters::registry::RegistryClient;
use crate::adapters::secrets::SecretStores;
use crate::adapters::vault::Vault;
use crate::diag::Diagnostic;
use crate::ports::connection::{Connection, RegistryConnection};
use crate::ports::consul::{Consul, ConsulConnection};
use crate::ports::{Failure, FailureKind};
use crate::resources::cluster::{ClusterSpec, ConnectionProblem, ConnectionSpec, SecretPlace, connection};
use crate::resources::consul::{ConsulSpec, consul_connection};
use crate::resources::registry::{RegistrySpec, registry_connection};
use crate::source::{Decode, Decoder, Sources, Spanned, manifest, parse_yaml};

/// What to do where a local bus does not answer.
pub const NOT_UP: &str = "start it with `busctl dev up`";

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
    /// Who holds identities, and the Consul that is delivered to.
    pub holders: Holders,
}

/// Who holds the identities of a cluster's services, where it names them; or why they cannot be used.
pub struct Holders {
    /// Its Vault, where `identities` looks there.
    pub vault: Option<Result<Vault, Failure>>,
    /// Its Consul.
    pub consul: Option<Result<ConsulClient, Failure>>,
}

impl Systems {
    /// The lock and the record of apply, which the brokers keep.
    pub fn journal(&self) -> KafkaJournal<'_> {
        KafkaJournal::new(&self.kafka)
    }

    /// The Consul that is delivered to, where it can be used.
    pub fn usable_consul(&self) -> Option<&dyn Consul> {
        let consul = self.holders.consul.as_ref().and_then(|consul| consul.as_ref().ok());
        consul.map(|consul| consul as &dyn Consul)
    }

    /// The same, or why it cannot be used.
    pub fn consul(&self) -> Option<Result<&dyn Consul, Failure>> {
        let consul = self.holders.consul.as_ref()?;
        Some(consul.as_ref().map(|consul| consul as &dyn Consul).map_err(Clone::clone))
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

/// Connects to the brokers of a cluster alone, so that what else it names need not be there.
pub async fn connect_to_kafka(
    context: &Context,
    cluster: &ClusterSpec,
    timeout: Duration,
) -> Result<KafkaClient, CommandError> {
    let local = local_file(context, cluster).map(|file| local_connection(cluster, &file)).transpose()?;
    let (resolved, renewing) = resolve(context, cluster, local.as_ref(), timeout).await?;
    Ok(brokers(resolved, renewing, local.is_some()).await?)
}

async fn brokers(resolved: Connection, renewing: RenewingKafka, is_local: bool) -> Result<KafkaClient, Failure> {
    let client = KafkaClient::connect_renewing(resolved, renewing).await.map_err(|failure| match is_local {
        true if failure.kind == FailureKind::Unreachable => Failure { hint: Some(NOT_UP.into()), ..failure },
        _ => failure,
    })?;
    client.tell_waits(|what| anstream::eprintln!("{what}"));
    Ok(client)
}

/// Connects to the registry of a cluster alone.
pub async fn connect_to_registry(
    context: &Context,
    cluster: &ClusterSpec,
    timeout: Duration,
) -> Result<RegistryClient, CommandError> {
    let local = local_file(context, cluster).map(|file| local_connection(cluster, &file)).transpose()?;
    let local = local.as_ref().map(|(_, local)| local);
    let secrets = secret_stores(context, Some(cluster), timeout);
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

/// How services reach a local bus.
pub struct LocalAccess {
    /// Its broker.
    pub brokers: Vec<String>,
    /// The base of its registry's Confluent API.
    pub registry: Option<String>,
    /// The folder with the password of each service.
    pub secrets: PathBuf,
}

/// How services reach a cluster that `busctl dev` runs; `None` of another one.
pub fn local_access(context: &Context, cluster: &ClusterSpec) -> Result<Option<LocalAccess>, CommandError> {
    let Some(file) = local_file(context, cluster) else { return Ok(None) };
    let (_, local) = local_connection(cluster, &file)?;
    let brokers = local.connection.bootstrap.iter().map(|broker| broker.value.clone()).collect();
    let registry = local.registry.map(|registry| registry.url.value);
    Ok(Some(LocalAccess { brokers, registry, secrets: file.with_file_name("secrets") }))
}

/// Connects to the systems of a cluster; to those of a local bus through the file that it wrote.
pub async fn connect_through(
    context: &Context,
    cluster: &ClusterSpec,
    timeout: Duration,
    connection_file: Option<PathBuf>,
) -> Result<Systems, CommandError> {
    let local = connection_file.map(|file| local_connection(cluster, &file)).transpose()?;
    let (resolved, renewing) = resolve(context, cluster, local.as_ref(), timeout).await?;
    let secrets = secret_stores(context, Some(cluster), timeout);
    let (kafka, registry, holders) = tokio::join!(
        brokers(resolved, renewing, local.is_some()),
        connect_registry(context, cluster, local.as_ref().map(|(_, local)| local), timeout, &secrets),
        holders(context, cluster, timeout)
    );
    let (kafka, registry) = (kafka?, registry?);
    let vault = vault(context, Some(cluster), timeout).ok().map(|vault| vault.sent());
    let sent = [Some(kafka.sent()), registry.as_ref().and_then(|it| Some(it.as_ref().ok()?.sent())), vault];
    let consul = holders.consul.map(|consul| consul.map(|consul| consul.hiding(sent.into_iter().flatten())));
    Ok(Systems { kafka, registry, holders: Holders { consul, ..holders } })
}

/// Who holds the identities of a cluster's services.
pub async fn holders(context: &Context, cluster: &ClusterSpec, timeout: Duration) -> Holders {
    let is_asked = cluster.identities.as_ref().is_some_and(|identities| identities.vault.is_some());
    let vault = is_asked.then(|| vault(context, Some(cluster), timeout).map_err(no_vault));
    let consul = match &cluster.consul {
        Some(spec) => Some(connect_consul(context, cluster, spec, timeout).await),
        None => None,
    };
    Holders { vault, consul }
}

/// A Consul that cannot be used hides what is in it, and nothing else.
async fn connect_consul(
    context: &Context,
    cluster: &ClusterSpec,
    spec: &ConsulSpec,
    timeout: Duration,
) -> Result<ConsulClient, Failure> {
    let unusable = |problems: Vec<ConnectionProblem>| {
        let told = problems.iter().map(|it| format!("{}: {}", context.workspace.place(it.span), it.message));
        let told = told.collect::<Vec<_>>().join("; ");
        let helps = problems.iter().filter_map(|it| it.help.as_deref()).collect::<Vec<_>>().join("; ");
        let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        Failure {
            kind: FailureKind::Refused,
            tried: "set up the connection".into(),
            server: "Consul".into(),
            answer: or(told, "the connection cannot be used"),
            hint: Some(or(helps, "see `busctl validate`")),
        }
    };
    let unresolved = consul_connection(spec, timeout).map_err(unusable)?;
    let secrets = secret_stores(context, Some(cluster), timeout);
    let renewing = Arc::new(Renewing::<ConsulConnection<_>>::new(unresolved, &secrets));
    let read = renewing.read().await.map_err(|problem| unusable(vec![problem]))?;
    Ok(ConsulClient::new(&read)?.renewed_by(renewing))
}

fn no_vault((answer, hint): (String, String)) -> Failure {
    let tried = "look for the identities of services".to_owned();
    Failure { kind: FailureKind::Refused, tried, server: "Vault".into(), answer, hint: Some(hint) }
}

type RenewingKafka = Arc<Renewing<Connection<SecretPlace>>>;
type RenewingRegistry = Arc<Renewing<RegistryConnection<SecretPlace>>>;

/// How the brokers of a cluster are reached, with its secrets and without a request.
pub async fn kafka_connection(
    context: &Context,
    cluster: &ClusterSpec,
    timeout: Duration,
) -> Result<(Connection, RenewingKafka), CommandError> {
    let local = local_file(context, cluster).map(|file| local_connection(cluster, &file)).transpose()?;
    resolve(context, cluster, local.as_ref(), timeout).await
}

async fn resolve(
    context: &Context,
    cluster: &ClusterSpec,
    local: Option<&(Sources, LocalConnection)>,
    timeout: Duration,
) -> Result<(Connection, RenewingKafka), CommandError> {
    let spec = match (local, &cluster.connection) {
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
    let sources = local.map_or(&context.workspace.sources, |(sources, _)| sources);
    let kafka = cluster.kafka.as_deref();
    let unresolved = connection(spec, kafka, timeout).map_err(|problems| first_problem(problems, sources))?;
    let renewing =
        Arc::new(Renewing::<Connection<_>>::new(unresolved, &secret_stores(context, Some(cluster), timeout))?);
    let resolved = renewing.read().await.map_err(|problem| no_secret(problem, sources, renewing.may_log_in))?;
    Ok((resolved, renewing))
}

/// How the registry of a cluster is reached, with its secrets and without a request; none where the cluster has none.
pub async fn registry_connection_of(
    context: &Context,
    cluster: &ClusterSpec,
    timeout: Duration,
) -> Result<Option<(RegistryConnection, RenewingRegistry)>, CommandError> {
    let local = local_file(context, cluster).map(|file| local_connection(cluster, &file)).transpose()?;
    let local = local.as_ref().map(|(_, local)| local);
    resolve_registry(context, cluster, local, timeout, &secret_stores(context, Some(cluster), timeout)).await
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
    secrets: &SecretStores,
) -> Result<Option<Result<RegistryClient, Failure>>, CommandError> {
    let found = resolve_registry(context, cluster, local, timeout, secrets).await?;
    let Some((resolved, renewing)) = found else { return Ok(None) };
    let is_started_by_dev = declared_registry(context, cluster).is_some_and(|declared| declared.url.is_none());
    let client = RegistryClient::new(&resolved).map(|client| client.renewed_by(renewing));
    Ok(Some(if is_started_by_dev { client.map(|client| client.hint_not_up(NOT_UP)) } else { client }))
}

/// The manifest of a cluster's registry. A name without a manifest is a finding of its own.
fn declared_registry<'c>(context: &'c Context, cluster: &ClusterSpec) -> Option<&'c RegistrySpec> {
    cluster.schema_registry.as_ref().and_then(|name| context.workspace.registries.get(name.as_str()))
}

async fn resolve_registry(
    context: &Context,
    cluster: &ClusterSpec,
    local: Option<&LocalConnection>,
    timeout: Duration,
    secrets: &SecretStores,
) -> Result<Option<(RegistryConnection, RenewingRegistry)>, CommandError> {
    let Some(declared) = declared_registry(context, cluster) else { return Ok(None) };
    let mut spec = declared.clone();
    if spec.url.is_none() {
        spec.url = local.and_then(|local| local.registry.as_ref()).map(|registry| registry.url.clone());
    }
    let sources = &context.workspace.sources;
    let unresolved = registry_connection(&spec, timeout).map_err(|problems| first_problem(problems, sources))?;
    let renewing = Arc::new(Renewing::<RegistryConnection<_>>::new(unresolved, secrets)?);
    let resolved = renewing.read().await.map_err(|problem| no_secret(problem, sources, renewing.may_log_in))?;
    Ok(Some((resolved, renewing)))
}

/// A secret that cannot be read is no wrong usage: the manifest is right, and a file or a variable is missing here.
/// Whoever may log in needs none.
fn no_secret(problem: ConnectionProblem, sources: &Sources, may_log_in: bool) -> CommandError {
    let error = CommandError::system(format!("{}: {}", sources.place(problem.span), problem.message));
    let login = may_log_in.then(|| "or log in yourself: `busctl login`".to_owned());
    problem.help.into_iter().chain(login).fold(error, CommandError::hint)
}

fn first_problem(problems: Vec<ConnectionProblem>, sources: &Sources) -> CommandError {
    match problems.into_iter().next() {
        Some(problem) => {
            let error = CommandError::invalid(format!("{}: {}", sources.place(problem.span), problem.message));
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
