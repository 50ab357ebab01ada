use super::args::{ClusterArg, Global};
use super::client_check::is_declared;
use super::connect::local_access;
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::render::client_config::{Choice, ClientFormat, Unsayable, clients, render};
use crate::resources::Desired;
use crate::resources::client_config::{ClientConfig, ClientKind, place_of_listener, secret_in_configs};
use crate::resources::cluster::ClusterSpec;

/// Options of `client-config`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The service, as in acls/
    service: String,

    #[command(flatten)]
    cluster: ClusterArg,

    /// The form: properties, env, json, yaml, librdkafka or spring
    #[arg(long, value_name = "FORM", default_value = "properties", hide_possible_values = true)]
    format: ClientFormat,

    /// The listener to reach; by default as the manifests tell
    #[arg(long, value_name = "NAME")]
    listener: Option<String>,

    /// The configuration of a producer or of a consumer alone, without a prefix
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    client: Option<ClientKind>,

    /// The configuration of the members of this group alone
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
}

fn parse_kind(text: &str) -> Result<ClientKind, String> {
    let known = ClientKind::WORDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind);
    known.ok_or_else(|| "write producer or consumer".to_owned())
}

/// Prints what the clients of a service are configured with.
pub fn run(_: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    if let Some(errors) = context.errors_in(|_| true) {
        return Err(CommandError::system(format!(
            "what `{}` bootstraps from is not known, because of {errors}",
            args.service
        ))
        .hint("run `busctl validate`"));
    }
    is_declared(context, &args.service)?;
    let cluster = context.cluster(&args.cluster)?;
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let name = &cluster.cluster.value;
    let mut config = ClientConfig::at(&desired, &args.service, args.listener.as_deref()).ok_or_else(|| {
        CommandError::usage(format!("`{}` is not for cluster `{name}`", args.service))
            .hint("see `clusters` and `state` in its manifest")
    })?;
    if let Some(local) = local_access(context, cluster)? {
        config.reach_local(local.brokers, local.registry, &local.secrets);
    }
    if let Some(listener) = &args.listener {
        // A local bus has one of its own.
        config.listener = Some(listener.clone());
        // That is wrong with the call, and with no manifest.
        if let Some(lacking) = config.lacking().filter(|_| !config.listeners.contains_key(listener)) {
            return Err(CommandError::usage(lacking.message).hint(lacking.help));
        }
    }
    refuse_wrong(context, cluster, &config)?;
    let choice = Choice { kind: args.client, group: args.group.as_deref() };
    if clients(&config, choice).is_empty() {
        let groups = config.groups.join(", ");
        return Err(CommandError::usage(format!("`{}` has no such client on `{name}`", args.service)).hint(
            if groups.is_empty() { "it is in no group".to_owned() } else { format!("its groups are {groups}") },
        ));
    }
    output::data(&render(&config, choice, args.format)?)?;
    Ok(Exit::Done)
}

impl From<Unsayable> for CommandError {
    fn from(unsayable: Unsayable) -> Self {
        Self::usage(unsayable.message).hint(unsayable.help)
    }
}

/// Refuses what would hold a secret and what a service could not connect with, and says where the manifests have or lack it.
pub(super) fn refuse_wrong(
    context: &Context,
    cluster: &ClusterSpec,
    config: &ClientConfig,
) -> Result<(), CommandError> {
    if let Some((name, span)) = secret_in_configs(&context.workspace, cluster) {
        let place = context.workspace.place(span);
        let message = format!("{place}: `{name}` of clients holds a secret, and their configurations hold none");
        let hint = "take it out, change it where it is used, and see `clients.tls`, `clients.sasl` and `clients.registry` of the \
                    cluster, or have it filled in: `${directory:FOLDER:FILE}`, `${env:NAME}`";
        return Err(CommandError::invalid(message).hint(hint));
    }
    match config.lacking() {
        Some(lacking) => {
            let place = context.workspace.place(place_of_listener(cluster, config.listener.as_deref()));
            Err(CommandError::invalid(format!("{place}: {}", lacking.message)).hint(lacking.help))
        }
        None => Ok(()),
    }
}
