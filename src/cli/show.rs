use std::collections::{BTreeMap, BTreeSet};

use super::args::{ClusterArg, FormatArg, Global};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::model::Address;
use crate::plan::FieldValue;
use crate::render::View;
use crate::render::show::{
    ShownBrokers, ShownCluster, ShownOrigin, ShownQuota, ShownScramUser, ShownTopic, ShownValue,
};
use crate::resources::broker_config::{BrokerScope, DesiredBrokerConfigs, Setting, shown};
use crate::resources::cluster::ClusterSpec;
use crate::resources::quota::{DesiredQuota, DesiredQuotas, QuotaEntity};
use crate::resources::scram::{DesiredScramUser, DesiredScramUsers, address_of, iterations, user_of_address};
use crate::resources::topic::{ConfigValue, DesiredTopic, TopicSpec};
use crate::resources::{Desired, Origin};
use crate::source::{Decoder, Span};

/// Options of `show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topic, or the address of a quota (quota/user/NAME), of a SCRAM user (scram-user/NAME) or of brokers
    /// (broker-config/ID, 'broker-config/<default>')
    topic: String,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    format: FormatArg,
}

/// Shows a topic, a quota, a SCRAM user or configs of brokers as they are resolved.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    if let Some(quota) = args.topic.strip_prefix("quota/") {
        return show_quota(context, global, args, quota);
    }
    if let Some(brokers) = args.topic.strip_prefix("broker-config/") {
        return show_brokers(context, global, args, brokers);
    }
    if let Some(user) = args.topic.strip_prefix("scram-user/") {
        return show_scram_user(context, global, args, user);
    }
    let name = args.topic.strip_prefix("topic/").unwrap_or(&args.topic);
    let Some(spec) = context.workspace.topics.get(name) else {
        let broken = context.workspace.declares("topic", name);
        if broken {
            context.print_loading(global)?;
            return Ok(Exit::Findings);
        }
        let known = context.workspace.topics.keys().map(|topic| topic.as_str());
        let error = CommandError::usage(format!("the workspace has no topic `{name}`"));
        return Err(match crate::source::closest(name, known) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error.hint("`busctl plan --verbose` lists what of the cluster no manifest declares"),
        });
    };
    let clusters: Vec<&ClusterSpec> = match &args.cluster.cluster {
        Some(_) => vec![context.cluster(&args.cluster)?],
        None => context
            .workspace
            .clusters
            .values()
            .filter(|cluster| context.workspace.selects(&spec.clusters, cluster))
            .collect(),
    };
    let mut shown = ShownTopic::new(name);
    for cluster in clusters {
        if !context.workspace.selects(&spec.clusters, cluster) {
            return Err(CommandError::usage(format!("`{name}` is not for cluster `{}`", cluster.cluster.value))
                .hint(format!("its `clusters:` at {}", context.workspace.place(spec.topic.span))));
        }
        let (desired, _) = Desired::resolve(&context.workspace, cluster);
        if let Some(topic) = desired.topics.get(name) {
            shown.clusters.push(shown_cluster(context, &desired, spec, topic));
        }
    }
    output::view(&shown, args.format.format, global)?;
    if context.is_broken() {
        // What could not be read may say otherwise.
        context.print_loading(global)?;
        return Ok(Exit::Findings);
    }
    Ok(Exit::Done)
}

fn show_quota(context: &Context, global: &Global, args: &Args, quota: &str) -> Result<Exit, CommandError> {
    let entity = QuotaEntity::of_address(quota).ok_or_else(|| {
        CommandError::usage(format!("`quota/{quota}` is no quota's address"))
            .hint("write quota/user/NAME, quota/user/NAME/client-id/ID, quota/client-id/ID or quota/ip/ADDRESS")
    })?;
    let clusters: Vec<&ClusterSpec> = match &args.cluster.cluster {
        Some(_) => vec![context.cluster(&args.cluster)?],
        None => context.workspace.clusters.values().collect(),
    };
    let mut shown = ShownQuota::new(entity.address().to_string());
    let mut known = BTreeSet::new();
    for cluster in clusters {
        let quotas = DesiredQuotas::compile(&context.workspace, cluster);
        known.extend(quotas.wanted.keys().map(|entity| entity.address().to_string()));
        if let Some(wanted) = quotas.wanted.get(&entity).filter(|wanted| !wanted.limits.is_empty()) {
            let layer = if quotas.is_of_service(&entity) { "service" } else { "cluster" };
            shown.clusters.push(shown_quota(context, cluster, wanted, layer));
        }
    }
    if shown.clusters.is_empty() {
        let declared_by = "it is declared by `quota` of a service, or `quotas` of a cluster";
        return not_declared(context, global, &shown.quota, &known, declared_by);
    }
    shown_wholly(context, global, args, &shown)
}

fn show_scram_user(context: &Context, global: &Global, args: &Args, name: &str) -> Result<Exit, CommandError> {
    let user = user_of_address(name).filter(|user| !user.is_empty()).ok_or_else(|| {
        CommandError::usage(format!("`scram-user/{name}` is no SCRAM user's address")).hint("write scram-user/NAME")
    })?;
    let clusters: Vec<&ClusterSpec> = match &args.cluster.cluster {
        Some(_) => vec![context.cluster(&args.cluster)?],
        None => context.workspace.clusters.values().collect(),
    };
    let mut shown = ShownScramUser::new(address_of(&user).to_string());
    let mut known = BTreeSet::new();
    for cluster in clusters {
        let users = DesiredScramUsers::compile(&context.workspace, cluster);
        known.extend(users.wanted.keys().map(|user| address_of(user).to_string()));
        if let Some(wanted) = users.wanted.get(&user).filter(|wanted| wanted.password.is_some()) {
            shown.clusters.push(shown_scram_user(context, cluster, wanted));
        }
    }
    if shown.clusters.is_empty() {
        let declared_by = "it is declared by `scram` of a service, or `scram_users` of a cluster";
        return not_declared(context, global, &shown.scram_user, &known, declared_by);
    }
    shown_wholly(context, global, args, &shown)
}

/// What it logs in with, and where its password is kept.
fn shown_scram_user(context: &Context, cluster: &ClusterSpec, wanted: &DesiredScramUser) -> ShownCluster {
    let origin = |span: Span| {
        let layer = if wanted.service.is_some() { "service" } else { "cluster" };
        ShownOrigin { layer: layer.to_owned(), place: Some(context.workspace.place(span)) }
    };
    let mut values = Vec::new();
    let mut add = |name: &str, value: String, shown: Option<String>, span: Span| {
        let shown = shown.unwrap_or_else(|| value.clone());
        values.push(ShownValue { name: name.to_owned(), value, shown, origin: origin(span) });
    };
    for (mechanism, count) in &wanted.credentials {
        let FieldValue { value, shown, .. } = iterations(*count);
        add(mechanism.as_str(), value, shown, wanted.span);
    }
    if let Some(password) = &wanted.password {
        add("password", password.reference.value.to_string(), None, password.reference.span);
        if let Some(rotation) = &password.rotation {
            add("rotation", rotation.value.to_string(), None, rotation.span);
        }
    }
    ShownCluster { cluster: cluster.cluster.value.to_string(), values }
}

fn not_declared(
    context: &Context,
    global: &Global,
    address: &str,
    known: &BTreeSet<String>,
    declared_by: &str,
) -> Result<Exit, CommandError> {
    if context.is_broken() {
        context.print_loading(global)?;
        return Ok(Exit::Findings);
    }
    let error = CommandError::usage(format!("the workspace has no `{address}`"));
    Err(match crate::source::closest(address, known.iter().map(String::as_str)) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint(declared_by),
    })
}

/// Shows it, and what could not be read and may say otherwise.
fn shown_wholly(context: &Context, global: &Global, args: &Args, shown: &impl View) -> Result<Exit, CommandError> {
    output::view(shown, args.format.format, global)?;
    if context.is_broken() {
        context.print_loading(global)?;
        return Ok(Exit::Findings);
    }
    Ok(Exit::Done)
}

fn show_brokers(context: &Context, global: &Global, args: &Args, brokers: &str) -> Result<Exit, CommandError> {
    let scope = BrokerScope::of_address(brokers).ok_or_else(|| {
        CommandError::usage(format!("`broker-config/{brokers}` is no address of brokers"))
            .hint("write broker-config/ID, or 'broker-config/<default>' for all brokers")
    })?;
    let clusters: Vec<&ClusterSpec> = match &args.cluster.cluster {
        Some(_) => vec![context.cluster(&args.cluster)?],
        None => context.workspace.clusters.values().collect(),
    };
    let mut shown = ShownBrokers::new(scope.address().to_string());
    shown.clusters.extend(clusters.into_iter().filter_map(|cluster| shown_brokers(context, cluster, scope)));
    if shown.clusters.is_empty() && !context.is_broken() {
        return Err(CommandError::usage(format!("the workspace has no `{}`", shown.broker_config))
            .hint("it is declared by `kafka.config` of a cluster, or `config` of one of its nodes"));
    }
    if !shown.clusters.is_empty() {
        output::view(&shown, args.format.format, global)?;
    }
    if context.is_broken() {
        context.print_loading(global)?;
        return Ok(Exit::Findings);
    }
    Ok(Exit::Done)
}

/// What brokers are to have; of a single one, also what is said of all. `None` where nothing is said of them.
fn shown_brokers(context: &Context, cluster: &ClusterSpec, scope: BrokerScope) -> Option<ShownCluster> {
    let declared = DesiredBrokerConfigs::resolve(cluster, &mut Decoder::default()).wanted;
    let nodes = cluster.kafka.as_ref().map_or(&[][..], |kafka| &kafka.nodes[..]);
    let is_there = |id: i32| nodes.is_empty() || nodes.iter().any(|node| node.id.value == id);
    if scope.broker().is_some_and(|id| !is_there(id)) {
        return None;
    }
    let of = |scope: BrokerScope| declared.get(&scope).into_iter().flatten().map(move |setting| (scope, setting));
    let layers = of(BrokerScope::All).chain(of(scope).filter(|(scope, _)| *scope != BrokerScope::All));
    let holding: BTreeMap<&String, (BrokerScope, &Setting)> =
        layers.map(|(scope, (key, setting))| (key, (scope, setting))).collect();
    let value = |(key, (scope, setting)): (&String, (BrokerScope, &Setting))| {
        let layer = if scope == BrokerScope::All { "cluster" } else { "node" };
        let origin = ShownOrigin { layer: layer.to_owned(), place: Some(context.workspace.place(setting.span)) };
        let (value, shown) = match &setting.value {
            Some(value) => (value.clone(), shown(key, value).shown.unwrap_or_else(|| value.clone())),
            None => (String::new(), "nothing is set".to_owned()),
        };
        ShownValue { name: format!("config.{key}"), value, shown, origin }
    };
    let values: Vec<ShownValue> = holding.into_iter().map(value).collect();
    (!values.is_empty()).then(|| ShownCluster { cluster: cluster.cluster.value.to_string(), values })
}

/// Each limit, and beside it what all brokers together give, where the cluster's nodes are declared.
fn shown_quota(context: &Context, cluster: &ClusterSpec, wanted: &DesiredQuota, layer: &str) -> ShownCluster {
    let mut values = Vec::new();
    let brokers = cluster.broker_count().unwrap_or_default() as usize;
    for (key, limit) in &wanted.limits {
        let mut add = |name: String, value: f64, origin: ShownOrigin| {
            values.push(ShownValue { name, value: value.to_string(), shown: key.shown(value), origin });
        };
        let place = limit.span.map(|span| context.workspace.place(span));
        add(key.to_string(), limit.value, ShownOrigin { layer: layer.to_owned(), place });
        if let Some(sum) = key.of_all(limit.value, brokers).filter(|_| brokers > 1) {
            let layer = format!("{brokers} brokers together");
            add(format!("{key}, in all"), sum, ShownOrigin { layer, place: None });
        }
    }
    ShownCluster { cluster: cluster.cluster.value.to_string(), values }
}

fn shown_cluster(context: &Context, desired: &Desired<'_>, spec: &TopicSpec, topic: &DesiredTopic) -> ShownCluster {
    let written =
        |span: Span, layer: &str| ShownOrigin { layer: layer.to_owned(), place: Some(context.workspace.place(span)) };
    let origin = |origin: Origin| match origin {
        Origin::Written { span, layer } => written(span, layer.as_str()),
        Origin::BuiltIn => ShownOrigin { layer: "built-in default".to_owned(), place: None },
    };
    let mut values = Vec::new();
    let mut add = |name: &str, value: &str, shown: &str, origin: ShownOrigin| {
        values.push(ShownValue { name: name.to_owned(), value: value.to_owned(), shown: shown.to_owned(), origin });
    };
    if let Some(class) = &spec.class {
        add("class", class.as_str(), class.as_str(), written(class.span, "topic"));
    }
    if let Some(owner) = &spec.owner {
        add("owner", owner.as_str(), owner.as_str(), written(owner.span, "topic"));
    } else if let Some(domain) = context.workspace.catalog.domains.get(context.workspace.domain_of(&spec.topic)) {
        add("owner", domain.owner.as_str(), domain.owner.as_str(), written(domain.owner.span, "domain"));
    }
    if let Some(key) = &spec.key {
        add("key", &key.value, &key.value, written(key.span, "topic"));
    }
    for (name, value) in [("partitions", &topic.partitions), ("replication_factor", &topic.replication_factor)] {
        let text = value.value.to_string();
        add(name, &text, &text, origin(value.origin));
    }
    for (key, value) in &topic.configs {
        let raw = if value.value.is_secret(key) { ConfigValue::HIDDEN } else { value.value.as_str() };
        add(&format!("config.{key}"), raw, &value.value.human(key), origin(value.origin));
    }
    for (subject, schema) in desired.subjects.iter().filter(|(_, schema)| schema.topic.as_ref() == Some(&topic.name)) {
        let address = Address::schema(subject).to_string();
        add(&address, schema.format.as_str(), &schema.format.to_string(), written(Span::whole(schema.file), "schema"));
        let level = schema.compatibility.value;
        add(
            &format!("{address}.compatibility"),
            &level.to_registry(),
            level.as_str(),
            origin(schema.compatibility.origin),
        );
        if let Some(category) = schema.opinion.value {
            let name = format!("{address}.second_opinion");
            add(&name, category.as_str(), category.as_str(), origin(schema.opinion.origin));
        }
    }
    ShownCluster { cluster: desired.cluster.cluster.value.to_string(), values }
}
