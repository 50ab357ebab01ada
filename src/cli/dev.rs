use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::ValueEnum;

use super::args::{ClusterArg, Global, TimeoutArg, words};
use super::connect::connect_through;
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use super::planning::Planning;
use crate::apply::{
    MoveOptions, MoveProgress, Outcome, Passwords, Status, Unguarded, Unthrottled, Watcher, apply, settle,
};
use crate::localbus::progress::StandardError;
use crate::localbus::{
    ADMIN, BusSpec, BusStatus, Condition, EphemeralBus, Host, LocalBus, LocalBusError, Server, ServerStatus,
};
use crate::plan::Stage;
use crate::ports::Failure;
use crate::render::Format;
use crate::resources::Desired;
use crate::resources::acl::principals_of;
use crate::resources::cluster::ClusterSpec;

/// The local bus.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Start the local Kafka and registry and write their connection to .busctl/
    Up(Which),
    /// Stop them; the data stays
    Down(Which),
    /// Say whether they run, and where
    Status(StatusArgs),
    /// Show the log of one of them
    Logs(LogsArgs),
    /// Stop them and delete their data
    Reset(Which),
    /// Run a command on a fresh bus with the workspace applied; the bus is gone afterwards
    Run(RunArgs),
}

/// Which local bus.
#[derive(Debug, clap::Args)]
pub struct Which {
    #[command(flatten)]
    cluster: ClusterArg,
}

/// A status is nothing for a pull request.
const STATUS_FORMATS: [(&str, Format); 2] = [("text", Format::Text), ("json", Format::Json)];

/// Options of `dev status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    #[command(flatten)]
    cluster: ClusterArg,

    /// The form of the status
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words(&STATUS_FORMATS))]
    format: Format,
}

/// Options of `dev logs`.
#[derive(Debug, clap::Args)]
pub struct LogsArgs {
    #[command(flatten)]
    cluster: ClusterArg,

    /// Whose log
    #[arg(value_enum, default_value = "kafka")]
    server: ServerArg,

    /// How many lines from the end
    #[arg(short = 'n', long, default_value_t = 100)]
    lines: usize,

    /// Go on as the log grows
    #[arg(short, long)]
    follow: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ServerArg {
    /// The broker.
    Kafka,
    /// The schema registry.
    Registry,
}

/// Options of `dev run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// The service that the command logs in as; the administrator by default
    #[arg(long = "as", value_name = "SERVICE")]
    login: Option<String>,

    /// The command and its arguments, behind `--`
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    command: Vec<String>,
}

/// Runs one of the commands.
pub async fn run(global: &Global, command: Command) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    match command {
        Command::Up(args) => up(context, &args).await,
        Command::Down(args) => {
            let stopped = bus(context, &args.cluster)?.down(&StandardError::new()).await?;
            if !stopped.kafka && !stopped.registry {
                anstream::eprintln!("It was not running.");
            }
            Ok(Exit::Done)
        }
        Command::Reset(args) => {
            bus(context, &args.cluster)?.reset(&StandardError::new()).await?;
            anstream::eprintln!("Its data is deleted.");
            Ok(Exit::Done)
        }
        Command::Status(args) => status(context, &args).await,
        Command::Logs(args) => logs(context, &args).await,
        Command::Run(args) => run_command(context, global, &args).await,
    }
}

impl From<LocalBusError> for CommandError {
    fn from(error: LocalBusError) -> Self {
        CommandError::system(error.to_string())
    }
}

/// The local cluster that is meant: the one that is named, or the only one.
fn local_cluster<'c>(context: &'c Context, arg: &ClusterArg) -> Result<&'c ClusterSpec, CommandError> {
    if arg.cluster.is_some() {
        let cluster = context.cluster(arg)?;
        if !cluster.is_local() {
            return Err(CommandError::usage(format!("cluster `{}` is not a local one", cluster.cluster.value))
                .hint("`busctl dev` runs clusters with `kafka: { deployment: local }`"));
        }
        return Ok(cluster);
    }
    let mut local = context.workspace.clusters.values().filter(|cluster| cluster.is_local());
    match (local.next(), local.next()) {
        (Some(cluster), None) => Ok(cluster),
        (Some(_), Some(_)) => {
            Err(CommandError::usage("the workspace has several local clusters: say which one is meant")
                .hint("--cluster NAME"))
        }
        (None, _) => Err(CommandError::usage("the workspace has no local cluster")
            .hint("write clusters/dev.yaml with `cluster: dev` and `kafka: { deployment: local }`")),
    }
}

fn bus(context: &Context, arg: &ClusterArg) -> Result<LocalBus, CommandError> {
    let cluster = local_cluster(context, arg)?;
    Ok(LocalBus::at(&context.root, cluster.cluster.as_str(), Host::from_environment()?)?)
}

/// A login for each service and role, named as the cluster's principals are.
fn spec(context: &Context, cluster: &ClusterSpec) -> BusSpec {
    let workspace = &context.workspace;
    let services = workspace.grants.iter().map(|(name, spec)| (name, &spec.principals));
    let roles = workspace.roles_of(cluster).map(|(name, spec)| (name, &spec.principals));
    let principals = services.chain(roles).flat_map(|(name, written)| principals_of(cluster, name, written));
    let mut logins: Vec<String> = principals
        .filter_map(|principal| principal.user().map(str::to_owned))
        .filter(|login| login != ADMIN && is_login(login))
        .collect();
    logins.sort();
    logins.dedup();
    let mut spec = BusSpec::with_logins(logins);
    if cluster.schema_registry.is_none() {
        spec.registry_version = None;
    }
    spec
}

/// Whether a principal's name can be a login of the local bus. Principals of other worlds, such as a certificate's
/// subject, have no password there.
fn is_login(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

async fn up(context: &Context, args: &Which) -> Result<Exit, CommandError> {
    let cluster = local_cluster(context, &args.cluster)?;
    let bus = bus(context, &args.cluster)?;
    let access = bus.up(&spec(context, cluster), &StandardError::new()).await?;
    anstream::eprintln!("Kafka {}  (cluster id {})", access.bootstrap, access.cluster_id);
    if let Some(url) = &access.registry_url {
        anstream::eprintln!("Schema registry {url}");
    }
    anstream::eprintln!("Connection {}", context.relative(&access.connection_file).display());
    anstream::eprintln!("Passwords {}", context.relative(access.secrets.directory()).display());
    Ok(Exit::Done)
}

async fn status(context: &Context, args: &StatusArgs) -> Result<Exit, CommandError> {
    let status = bus(context, &args.cluster)?.status().await?;
    match args.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&status)
                .map_err(|error| CommandError::system(format!("could not write the status as JSON: {error}")))?;
            output::data(&format!("{json}\n"))?;
        }
        _ => output::data(&status_text(context, &status))?,
    }
    let running = |server: &ServerStatus| server.condition == Condition::Running;
    let up = running(&status.kafka) && (running(&status.registry) || status.registry.version.is_none());
    Ok(if up { Exit::Done } else { Exit::CouldNot })
}

fn status_text(context: &Context, status: &BusStatus) -> String {
    let line = |name: &str, server: &ServerStatus| {
        let condition = match server.condition {
            Condition::Running => "running",
            Condition::NotAnswering => "not answering",
            Condition::Stopped => "stopped",
            Condition::Crashed => "crashed",
        };
        let version = server.version.as_ref().map(|version| format!(" {}", version.as_str())).unwrap_or_default();
        let address = server.address.as_ref().map(|address| format!("  {address}")).unwrap_or_default();
        let pid = server.pid.map(|pid| format!("  pid {pid}")).unwrap_or_default();
        let since = server.uptime_seconds.map(|seconds| format!("  for {}", since(seconds))).unwrap_or_default();
        let log = context.relative(&server.log).display().to_string();
        format!("{name}{version}: {condition}{address}{pid}{since}  log {log}\n")
    };
    let mut text = line("Kafka", &status.kafka);
    text.push_str(&line("Schema registry", &status.registry));
    if !status.logins.is_empty() {
        text.push_str(&format!("Logins: {}\n", status.logins.join(", ")));
    }
    text
}

fn since(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        _ => format!("{}h{}m", seconds / 3600, seconds % 3600 / 60),
    }
}

async fn logs(context: &Context, args: &LogsArgs) -> Result<Exit, CommandError> {
    let bus = bus(context, &args.cluster)?;
    let server = match args.server {
        ServerArg::Kafka => Server::Kafka,
        ServerArg::Registry => Server::Registry,
    };
    let mut follower = bus.follow(server);
    let print = |lines: Vec<String>| lines.into_iter().try_for_each(|line| output::data(&format!("{line}\n")));
    print(bus.logs(server, args.lines)?)?;
    if !args.follow {
        return Ok(Exit::Done);
    }
    loop {
        print(follower.lines().await?)?;
    }
}

async fn run_command(context: &Context, global: &Global, args: &RunArgs) -> Result<Exit, CommandError> {
    let cluster = local_cluster(context, &args.cluster)?;
    let findings = context.findings(&[cluster])?;
    context.print_findings(&findings, global)?;
    if output::exit_of(&findings) == Exit::Findings {
        return Ok(Exit::Findings);
    }
    let spec = spec(context, cluster);
    if let Some(login) = args.login.as_ref().filter(|login| *login != ADMIN && !spec.logins.contains(login)) {
        let known = std::iter::once(ADMIN).chain(spec.logins.iter().map(String::as_str)).collect::<Vec<_>>().join(", ");
        return Err(
            CommandError::usage(format!("the local bus has no login `{login}`")).hint(format!("it has {known}"))
        );
    }
    let host = Host::from_environment()?;
    let progress = StandardError::new();
    let ephemeral = EphemeralBus::start(&host, cluster.cluster.as_str(), &spec, &progress).await?;
    let result = async {
        let file = ephemeral.access().connection_file.clone();
        apply_workspace(context, cluster, file, args.timeout.timeout).await?;
        let environment = ephemeral.access().environment(args.login.as_deref().unwrap_or(ADMIN))?;
        run_child(&args.command, environment).await
    }
    .await;
    ephemeral.close().await;
    result
}

async fn apply_workspace(
    context: &Context,
    cluster: &ClusterSpec,
    connection_file: PathBuf,
    timeout: Duration,
) -> Result<(), CommandError> {
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let systems = connect_through(context, cluster, timeout, Some(connection_file)).await?;
    let plan = Planning::new(desired, None).plan_live(&systems).await?;
    let stop = AtomicBool::new(false);
    let applied = apply(
        &plan,
        (MoveOptions::default(), &Passwords::default()),
        &systems.kafka,
        (systems.usable_registry(), systems.usable_consul()),
        &mut Unguarded,
        &stop,
        &mut Quiet,
    )
    .await;
    let outcomes = applied.outcomes;
    if let Some(failed) = outcomes.iter().find(|outcome| outcome.status != Status::Done) {
        let why = failed.error.as_ref().map_or_else(|| "it was not tried".to_owned(), ToString::to_string);
        return Err(CommandError::system(format!(
            "the workspace could not be applied to the fresh bus: {}: {why}",
            failed.address
        )));
    }
    settle(&plan, &outcomes, &systems.kafka, timeout).await?;
    Ok(())
}

/// Runs the command in the foreground. An interrupt reaches it through the terminal; we stay to clean up behind it.
async fn run_child(command: &[String], environment: Vec<(&'static str, String)>) -> Result<Exit, CommandError> {
    let mut child = tokio::process::Command::new(&command[0])
        .args(&command[1..])
        .envs(environment)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| CommandError::system(format!("could not run `{}`: {error}", command[0])))?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    let status =
        status.map_err(|error| CommandError::system(format!("could not wait for `{}`: {error}", command[0])))?;
    Ok(Exit::Other(exit_code(status)))
}

/// The command's code; as shells have it, 128 and the number of the signal that ended it.
fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(255);
    }
    status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1))
}

struct Quiet;

impl Watcher for Quiet {
    fn stage(&mut self, _: Stage, _: usize) {}
    fn progress(&mut self, _: usize) {}
    fn outcome(&mut self, _: &Outcome) {}
    fn moving(&mut self, _: &MoveProgress) {}
    fn unthrottled(&mut self, _: &[Unthrottled]) {}
    fn not_throttled(&mut self, _: &Failure) {}
}
