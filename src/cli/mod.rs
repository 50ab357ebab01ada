//! The command line: one file a command.

mod access;
mod against;
mod apply;
mod args;
mod audit;
mod author;
mod baseline;
mod catalog;
mod ci;
mod client_check;
mod client_config;
mod completions;
mod connect;
mod consent;
mod context;
mod dev;
mod diff;
mod dlq;
mod doctor;
mod drift;
mod error;
mod explain;
mod fmt;
mod identities;
mod identity;
mod import;
mod interrupt;
mod list;
mod login;
mod login_args;
mod logins;
mod logout;
mod lsp;
mod mend;
mod new;
mod on_request;
mod online;
mod output;
mod plan;
mod planning;
mod plans;
mod policy;
mod progress;
mod promote;
mod reassign;
mod rebalance;
mod render;
mod renew;
mod saved;
mod schema;
mod select;
mod show;
mod snapshot;
mod truncate;
mod unreadable;
mod validate;
mod vault;
mod whoami;
mod work;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::resources::inventory::{GroupItem, ServiceItem, SubjectItem, TopicItem};

pub use args::Global;
pub use error::{CommandError, Exit};

/// Govern a Kafka bus from YAML in Git: plan, policy, apply, catalog.
#[derive(Debug, Parser)]
#[command(
    name = "busctl",
    version,
    about,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "\
Exit codes: 0 done · 1 could not do it · 2 there are changes (--detailed-exitcode)
3 findings at level error · 4 refused before the first write · 5 applied in part
64 wrong usage · 130 interrupted before any write"
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the workspace against the rules of the bus, offline
    Validate(validate::Args),
    /// Check everything that a pull request has to pass, in one run with one report
    Ci(ci::Args),
    /// Format manifests; comments and meaning stay
    Fmt(fmt::Args),
    /// Show what would change on a cluster, or on all of them
    Plan(plan::Args),
    /// Change a cluster to what the workspace says
    Apply(apply::Args),
    /// Tell what was changed outside Git from what waits to be applied
    Drift(drift::Args),
    /// List what was changed on a cluster, by whom, and what became of it
    Audit(audit::Args),
    /// List topics, or tell everything of one: what is declared beside what is there
    #[command(after_help = list::columns::<TopicItem>())]
    Topics(list::Args),
    /// List consumer groups, or tell everything of one: whose it is, and how far behind
    #[command(after_help = list::columns::<GroupItem>())]
    Groups(list::Args),
    /// List services, or tell everything of one: what it may do, and what it should
    #[command(after_help = list::columns::<ServiceItem>())]
    Services(list::Args),
    /// List subjects of the schema registry, or tell everything of one
    #[command(after_help = list::columns::<SubjectItem>())]
    Schemas(list::Args),
    /// Say who may do what: with a topic or a group, or what a service may do; by which ACL, asked for in which manifest
    Access(access::Args),
    /// Show a topic as it is resolved, and where each value comes from
    Show(show::Args),
    /// Compare two clusters, live or saved: what the second has otherwise than the first
    Diff(diff::Args),
    /// Show what the manifests give one cluster and not another, and write it
    Promote(promote::Args),
    /// Move replicas off a broker or onto one, or spread the leaders
    Rebalance(rebalance::Args),
    /// Delete the records of a topic up to an offset or a time
    Truncate(truncate::Args),
    /// Find out why dead letters failed, and send them again or give them up
    #[command(subcommand)]
    Dlq(dlq::Command),
    /// See or cancel moves of replicas that are under way
    #[command(subcommand)]
    Reassign(reassign::Command),
    /// Save the live state of a cluster to a file, for plans without a network
    Snapshot(snapshot::Args),
    /// Make manifests of what a cluster and its registry have already
    Import(import::Args),
    /// Have the certificates of services issued
    #[command(subcommand)]
    Identity(identity::Command),
    /// Print what the clients of a service are configured with: brokers, groups, the rules of the bus; never a secret
    ClientConfig(client_config::Args),
    /// Say which rules of the bus the configuration of a client breaks
    ClientCheck(client_check::Args),
    /// Write what the workspace means in the forms of other systems
    #[command(subcommand)]
    Render(render::Command),
    /// Write the event catalog
    Catalog(catalog::Args),
    /// Say why a rule exists, with a bad and a good example
    Explain(explain::Args),
    /// Test the rules of your own
    #[command(subcommand)]
    Policy(policy::Command),
    /// Check schemas and their sample records
    #[command(subcommand)]
    Schema(schema::Command),
    /// Make a topic, a service, a domain, a cluster, or the next version of a topic
    #[command(subcommand)]
    New(new::Command),
    /// Log in as a person, at the issuer of tokens that the manifests name
    Login(login::Args),
    /// Forget the login
    Logout(logout::Args),
    /// Say whom each system takes busctl for, and what that is derived from
    Whoami(whoami::Args),
    /// Find out why a server cannot be reached
    #[command(subcommand)]
    Doctor(doctor::Command),
    /// Run a local Kafka and schema registry
    #[command(subcommand)]
    Dev(dev::Command),
    /// Serve an editor: findings, hover, completion and definitions of manifests
    Lsp(lsp::Args),
    /// Print shell completions, or write them all with the man page
    Completions(completions::Args),
}

/// Runs the program and answers its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Printing can fail only where nobody reads it.
            error.print().ok();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done.into(),
                _ => Exit::Usage.into(),
            };
        }
    };
    let color = cli.global.color;
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            error.print(color);
            error.exit().into()
        }
    }
}

fn run(cli: Cli) -> Result<Exit, CommandError> {
    let global = cli.global;
    if let Some(folder) = &global.directory {
        context::enter(folder)?;
    }
    match cli.command {
        Command::Validate(args) => validate::run(&global, &args),
        Command::ClientConfig(args) => client_config::run(&global, &args),
        Command::ClientCheck(args) => client_check::run(&global, &args),
        Command::Render(command) => block_on(render::run(&global, &command)),
        Command::Fmt(args) => fmt::run(&global, &args),
        Command::Show(args) => show::run(&global, &args),
        Command::Catalog(args) => catalog::run(&global, &args),
        Command::Policy(command) => policy::run(&global, &command),
        Command::Schema(command) => schema::run(&global, &command),
        Command::Promote(args) => promote::run(&global, &args),
        Command::New(command) => new::run(&global, &command),
        Command::Explain(args) => explain::run(&args),
        Command::Lsp(args) => lsp::run(&global, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Ci(args) => block_on(ci::run(&global, &args)),
        Command::Plan(args) => block_on(plan::run(&global, &args)),
        Command::Apply(args) => block_on(apply::run(&global, &args)),
        Command::Drift(args) => block_on(drift::run(&global, &args)),
        Command::Truncate(args) => block_on(truncate::run(&global, &args)),
        Command::Audit(args) => block_on(audit::run(&global, &args)),
        Command::Topics(args) => block_on(list::topics(&global, &args)),
        Command::Groups(args) => block_on(list::groups(&global, &args)),
        Command::Services(args) => block_on(list::services(&global, &args)),
        Command::Schemas(args) => block_on(list::schemas(&global, &args)),
        Command::Access(args) => block_on(access::run(&global, &args)),
        Command::Diff(args) => block_on(diff::run(&global, &args)),
        Command::Rebalance(args) => block_on(rebalance::run(&global, &args)),
        Command::Dlq(command) => block_on(dlq::run(&global, command)),
        Command::Reassign(command) => block_on(reassign::run(&global, command)),
        Command::Snapshot(args) => block_on(snapshot::run(&global, &args)),
        Command::Import(args) => block_on(import::run(&global, &args)),
        Command::Identity(command) => block_on(identity::run(&global, &command)),
        Command::Login(args) => block_on(login::run(&global, &args)),
        Command::Logout(args) => block_on(logout::run(&global, &args)),
        Command::Whoami(args) => block_on(whoami::run(&global, &args)),
        Command::Doctor(command) => block_on(doctor::run(&global, command)),
        Command::Dev(command) => block_on(dev::run(&global, command)),
    }
}

/// Only commands that speak to servers pay for a runtime.
fn block_on<T>(command: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::system(format!("could not start the runtime: {error}")))?;
    let result = runtime.block_on(command);
    // A lookup of a name that never answers must not hold up the exit.
    runtime.shutdown_background();
    result
}
