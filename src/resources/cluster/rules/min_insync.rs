use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::broker_config::{BrokerScope, ELR_FEATURE, MIN_IN_SYNC, refused_with_elr};
use crate::resources::cluster::KafkaSpec;
use crate::resources::cluster::facts::version::Release;

const CLUSTER: &str = "clusters/production.yaml";

/// The first release whose new clusters work with eligible leader replicas (KIP-966).
const FIRST_WITH_ELR: Release = Release(4, 1);

/// BUS411.
pub static ONE_FOR_ALL: Rule = Rule {
    code: "BUS411",
    name: "min-insync-of-one-broker",
    summary: "With eligible leader replicas, `min.insync.replicas` is declared once for all brokers",
    explanation: "A cluster with eligible leader replicas (KIP-966) elects leaders by `min.insync.replicas`, which therefore is \
one number for all brokers: Kafka refuses it for a single broker, and refuses to be without the one of all. Clusters that are \
made by Kafka 4.1 or a later one have the feature (`eligible.leader.replicas.version`), and so have those that were upgraded with \
`kafka-features.sh upgrade --release-version`; what single brokers had is dropped then. Declare the number under `kafka.config`. \
Where `kafka.features` says level 1 this is an error; where `kafka.version` alone tells that the cluster may have it, a warning: \
write `features: { eligible.leader.replicas.version: 0 }` where it has not. A plan looks at the cluster itself (BUS514).",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text(
            "kafka:
  features: { eligible.leader.replicas.version: 1 }
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller], config: { min.insync.replicas: 1 } }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
        ),
    )]),
    good: Example(&[(
        CLUSTER,
        Text(
            "kafka:
  features: { eligible.leader.replicas.version: 1 }
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
  config: { min.insync.replicas: 2 }
",
        ),
    )]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(kafka) = &desired.cluster.kafka else { return };
    // Who runs the brokers sets it in their files, and that is compared.
    let Some(level) = level(kafka).filter(|_| !desired.broker_configs.is_operated) else { return };
    for (scope, settings) in &desired.broker_configs.wanted {
        let Some(setting) = settings.get(MIN_IN_SYNC) else { continue };
        if !refused_with_elr(*scope, setting.value.as_deref()) {
            continue;
        }
        let message = match scope {
            BrokerScope::One(id) => format!(
                "broker {id} of `{}` cannot have a `{MIN_IN_SYNC}` of its own: with eligible leader replicas Kafka takes it \
                 for all brokers alone",
                desired.cluster.cluster.value
            ),
            BrokerScope::All => format!(
                "the brokers of `{}` cannot be without `{MIN_IN_SYNC}`: with eligible leader replicas Kafka always has one",
                desired.cluster.cluster.value
            ),
        };
        let off = format!("; where the cluster is without the feature, write `features: {{ {ELR_FEATURE}: 0 }}`");
        let off = if level == Level::Warn { off.as_str() } else { "" };
        findings.push(
            ONE_FOR_ALL
                .finding(message)
                .level(level)
                .at(setting.span, "")
                .help(format!("declare it once for all brokers, under `kafka.config`{off}"))
                .resource(desired.cluster.address()),
        );
    }
}

/// How sure it is that the cluster works with eligible leader replicas; `None` where nothing says so.
fn level(kafka: &KafkaSpec) -> Option<Level> {
    let declared = kafka.features.iter().find(|(name, _)| &*name.value == ELR_FEATURE);
    if let Some((_, level)) = declared {
        return (level.value > 0).then_some(Level::Error);
    }
    let release = Release::of_version(&kafka.version.as_ref()?.value)?;
    (release >= FIRST_WITH_ELR).then_some(Level::Warn)
}
