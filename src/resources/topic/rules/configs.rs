use super::address;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::topic::ConfigValue;
use crate::resources::topic::config::{closest_config, decode_config, known_type};
use crate::source::{Decoder, Entries, Node, Spanned};

/// BUS115.
pub static CONFIGS: Rule = Rule {
    code: "BUS115",
    name: "topic-config",
    summary: "Topic configs are those that Kafka has, with values that it takes",
    explanation: "A broker refuses a config that it does not know or a value out of its range, and with it the whole \
topic, at the time when it is to be applied. Configs of vendors (`confluent.*`, `redpanda.*` and others) are passed on as \
they are.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[("topics/media/media.raw_ingest.v1.yaml", Text("config: { max.mesage.bytes: 2MiB }\n"))]),
    good: Example(&[("topics/media/media.raw_ingest.v1.yaml", Text("config: { max.message.bytes: 2MiB }\n"))]),
    check: Check::Workspace(check),
};

/// What stands in front of the configs of Kafka's vendors and of brokers that speak its protocol.
const VENDORS: &[&str] =
    &["aiven.", "automq.", "confluent.", "diskless.", "inkless.", "redpanda.", "strimzi.", "warpstream."];

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let mut configs = Configs { decoder: Decoder::default(), findings };
    let settings = &workspace.settings;
    settings.defaults.iter().for_each(|defaults| configs.check(&defaults.config, None));
    settings.classes.values().for_each(|class| configs.check(&class.config, None));
    for (name, cluster) in &workspace.clusters {
        let resource = format!("cluster/{name}");
        cluster.defaults.iter().for_each(|defaults| configs.check(&defaults.config, Some(&resource)));
    }
    for topic in workspace.written_topics() {
        if topic.config.is_empty() && topic.overrides.is_empty() {
            continue;
        }
        let resource = address(topic).to_string();
        configs.check(&topic.config, Some(&resource));
        topic.overrides.values().for_each(|spec| configs.check(&spec.config, Some(&resource)));
    }
    // Values of the wrong type are also found where they are resolved, but not in a workspace without clusters.
    let wrong = configs.decoder.findings;
    findings.extend(wrong);
}

struct Configs<'f> {
    decoder: Decoder,
    findings: &'f mut Vec<Diagnostic>,
}

impl Configs<'_> {
    fn check(&mut self, config: &Entries<Node>, resource: Option<&str>) {
        for (key, node) in config {
            let found = match known_type(key) {
                None if VENDORS.iter().any(|vendor| key.starts_with(vendor)) => None,
                None => Some(unknown(key)),
                Some(_) => {
                    decode_config(key, node, &mut self.decoder).and_then(|value| out_of_range(key, &value, node))
                }
            };
            if let Some(mut finding) = found {
                finding.resource = resource.map(str::to_owned);
                self.findings.push(finding);
            }
        }
    }
}

fn unknown(key: &Spanned<Box<str>>) -> Diagnostic {
    let help = match closest_config(key) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "Kafka's documentation lists the topic configs; those of a vendor carry the vendor's name in front"
            .to_owned(),
    };
    CONFIGS.finding(format!("Kafka has no topic config `{}`", key.value)).at(key.span, "").help(help)
}

fn out_of_range(key: &str, value: &ConfigValue, node: &Node) -> Option<Diagnostic> {
    let (least, most) = range(key)?;
    let number = value.as_str().parse::<f64>().ok()?;
    if (least as f64..=most as f64).contains(&number) {
        return None;
    }
    let bound = |value: i64| ConfigValue::of_kafka(key, &value.to_string()).human(key);
    let help = match (least, most) {
        (least, i64::MAX) => format!("write {} or more", bound(least)),
        (least, most) => format!("write a value from {} to {}", bound(least), bound(most)),
    };
    let message = format!("Kafka refuses `{key}: {}`", value.human(key));
    Some(CONFIGS.finding(message).at(node.span, "").help(help))
}

/// The least and the greatest value that Kafka takes (`LogConfig`, 3.9 to 4.3: the widest of them).
fn range(key: &str) -> Option<(i64, i64)> {
    const INT: i64 = i32::MAX as i64;
    const LONG: i64 = i64::MAX;
    Some(match key {
        "compression.gzip.level" => (-1, 9),
        "compression.lz4.level" => (1, 17),
        "compression.zstd.level" => (-131_072, 22),
        "flush.messages" | "max.compaction.lag.ms" | "segment.ms" => (1, LONG),
        "delete.retention.ms" | "file.delete.delay.ms" | "flush.ms" | "min.compaction.lag.ms" | "segment.jitter.ms" => {
            (0, LONG)
        }
        "message.timestamp.after.max.ms"
        | "message.timestamp.before.max.ms"
        | "message.timestamp.difference.max.ms" => (0, LONG),
        "index.interval.bytes" | "max.message.bytes" => (0, INT),
        "local.retention.bytes" | "local.retention.ms" => (-2, LONG),
        "min.cleanable.dirty.ratio" => (0, 1),
        "min.insync.replicas" => (1, INT),
        "retention.bytes" | "retention.ms" => (-1, LONG),
        "segment.bytes" => (14, INT),
        "segment.index.bytes" => (4, INT),
        _ => return None,
    })
}
