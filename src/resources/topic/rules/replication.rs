use super::{Bearer, applied, bearer};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::broker_config;
use crate::resources::topic::{BUILT_IN_REPLICATION_FACTOR, ConfigValue};
use crate::resources::{Desired, Layer, Origin};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const MIN_ISR: &str = "min.insync.replicas";

/// BUS104.
pub static REPLICATION_FACTOR: Rule = Rule {
    code: "BUS104",
    name: "replication-factor",
    summary: "Each partition has three replicas, or one on each broker where there are fewer",
    explanation: "With three replicas and two of them in sync for each write, a broker can be lost without losing a record \
and one more can be restarted without stopping writes. A cluster that declares fewer brokers under `kafka.nodes` cannot \
have more replicas than those, and a development cluster that declares none needs one. More replicas than brokers is \
refused by Kafka.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("replication_factor: 1\nconfig: { min.insync.replicas: 1 }\n"))]),
    good: Example(&[(TOPIC, Text("replication_factor: 3\nconfig: { min.insync.replicas: 2 }\n"))]),
    check: Check::Cluster(check_factor),
};

fn check_factor(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let brokers = cluster.broker_count();
    let wanted = match brokers {
        Some(brokers) => brokers.min(BUILT_IN_REPLICATION_FACTOR),
        None if cluster.is_development() => 1,
        None => BUILT_IN_REPLICATION_FACTOR,
    };
    for topic in applied(desired) {
        let factor = topic.replication_factor.value;
        let bearer = || bearer(desired, topic, &[topic.replication_factor.origin]);
        if factor < wanted {
            let Bearer { has, span, resource } = bearer();
            findings.push(
                REPLICATION_FACTOR
                    .finding(format!("{has} {} of each partition; {wanted} is the least", replicas(factor)))
                    .at(span, "")
                    .help(help(desired, wanted))
                    .resource(resource),
            );
        }
        // Of a default that is too high the nodes' rule speaks, once for the cluster.
        if let Some(brokers) = brokers.filter(|brokers| factor > *brokers && is_own(topic.replication_factor.origin)) {
            let Bearer { has, span, resource } = bearer();
            let message = format!(
                "{has} {} of each partition, and `{}` declares {}",
                replicas(factor),
                cluster.cluster.value,
                if brokers == 1 { "one broker".to_owned() } else { format!("{brokers} brokers") }
            );
            findings.push(
                REPLICATION_FACTOR
                    .finding(message)
                    .at(span, "")
                    .help(format!("write `replication_factor: {wanted}` for this cluster, under `overrides`"))
                    .resource(resource),
            );
        }
    }
}

fn help(desired: &Desired<'_>, wanted: u32) -> String {
    let nodes = desired.cluster.kafka.as_ref().is_some_and(|kafka| !kafka.nodes.is_empty());
    let write = format!("write `replication_factor: {wanted}`");
    if nodes { write } else { format!("{write}, or declare the brokers under `kafka.nodes` if there are fewer") }
}

fn replicas(count: u32) -> String {
    if count == 1 { "1 replica".to_owned() } else { format!("{count} replicas") }
}

/// Whether a value is the topic's or its class's, not a default's.
fn is_own(origin: Origin) -> bool {
    matches!(origin, Origin::Written { layer, .. } if layer >= Layer::Class)
}

/// BUS105.
pub static MIN_INSYNC_REPLICAS: Rule = Rule {
    code: "BUS105",
    name: "min-insync-replicas",
    summary: "Writes need two replicas in sync, and one broker may be down",
    explanation: "`min.insync.replicas` says how many replicas must have a record before `acks=all` is answered. Above \
the replication factor nothing can be written, which is an error. Equal to it, the restart of any broker stops writes. \
Below two, a record may have been acknowledged by a single disk. Kafka checks none of this when the topic is created, and \
its own default is 1. Set it under `defaults` of the cluster: `min_insync_replicas: 2`.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("config: { min.insync.replicas: 3 }\n"))]),
    good: Example(&[(TOPIC, Text("config: { min.insync.replicas: 2 }\n"))]),
    check: Check::Cluster(check_min_isr),
};

fn check_min_isr(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let of_brokers = of_brokers(desired);
    for topic in applied(desired) {
        let factor = topic.replication_factor.value;
        let (least, origin) =
            match topic.configs.get(MIN_ISR).and_then(|value| Some((value.value.as_i64()?, value.origin))) {
                Some(own) => own,
                None => of_brokers.unwrap_or((1, Origin::BuiltIn)),
            };
        let Some((level, message, help)) = judge(i64::from(factor), least) else { continue };
        let origins = [topic.replication_factor.origin, origin];
        let Bearer { has, span, resource } = bearer(desired, topic, &origins);
        let message = format!("{has} {} of each partition and {message}", replicas(factor));
        findings.push(MIN_INSYNC_REPLICAS.finding(message).level(level).at(span, "").help(help).resource(resource));
    }
}

fn judge(factor: i64, least: i64) -> Option<(Level, String, String)> {
    if least > factor {
        let message = format!("{least} must be in sync: nothing can be written with acks=all");
        return Some((Level::Error, message, format!("lower `{MIN_ISR}` to {}", (factor - 1).max(1))));
    }
    if least == factor && factor > 1 {
        let message = "all must be in sync: the restart of one broker stops writes with acks=all".to_owned();
        return Some((Level::Warn, message, format!("lower `{MIN_ISR}` to {}", factor - 1)));
    }
    if least < 2 && factor >= 3 {
        let message = "one in sync is enough: a record may be acknowledged by a single disk".to_owned();
        return Some((
            Level::Warn,
            message,
            "write `min_insync_replicas: 2` under `defaults` of the cluster".to_owned(),
        ));
    }
    None
}

/// What the brokers' own config says, where it is declared.
fn of_brokers(desired: &Desired<'_>) -> Option<(i64, Origin)> {
    let kafka = desired.cluster.kafka.as_ref()?;
    let (key, value) = kafka.config.iter().find(|(key, _)| &*key.value == MIN_ISR)?;
    let least = ConfigValue::of_kafka(MIN_ISR, &broker_config::text(key, value)?).as_i64()?;
    Some((least, Origin::Written { span: value.span, layer: Layer::ClusterDefaults }))
}
