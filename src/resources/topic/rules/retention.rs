use super::{address, governed};
use crate::diag::{Diagnostic, Level};
use crate::model::Duration;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::settings::ClassSpec;
use crate::resources::topic::config::decode_config;
use crate::resources::topic::{ConfigValue, State, TopicSpec};
use crate::resources::{Desired, Workspace};
use crate::source::{Decoder, Entries, Node, Span, Spanned};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const CLEANUP: &str = "cleanup.policy";
const RETENTION: &str = "retention.ms";

/// BUS106.
pub static CLASS: Rule = Rule {
    code: "BUS106",
    name: "class",
    summary: "A topic has a class, and keeps records as its class says",
    explanation: "The class says in one word what kind of records a topic holds and how long they are there: whoever \
reads `class: raw` knows that a month can be reprocessed. A topic with another cleanup policy than its class is of \
another class, which is an error. Another retention may have a reason, which belongs in a waiver; where several topics \
share the reason, make a class of it.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("config: { cleanup.policy: compact }\n"))]),
    good: Example(&[(TOPIC, Text("class: state\n"))]),
    check: Check::Workspace(check_class),
};

fn check_class(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let classes = &workspace.settings.classes;
    for topic in governed(workspace) {
        let Some(name) = &topic.class else {
            if !workspace.unread.contains("class") {
                findings.push(missing(topic, classes.keys()));
            }
            continue;
        };
        let Some(class) = classes.get(name.as_str()) else { continue };
        deviations(topic, class, &topic.config, findings);
        topic.overrides.values().for_each(|spec| deviations(topic, class, &spec.config, findings));
    }
}

fn missing<'c>(topic: &TopicSpec, classes: impl Iterator<Item = &'c String>) -> Diagnostic {
    let classes = classes.map(String::as_str).collect::<Vec<_>>();
    let help = match classes.first() {
        Some(first) => format!("write `class: {first}`, or another of: {}", classes.join(", ")),
        None => "declare classes in busctl.yaml: classes: { raw: { cleanup: [delete], retention: 30d } }".to_owned(),
    };
    CLASS
        .finding(format!("`{}` has no class", topic.topic.value))
        .lacks(topic.topic.span, "class")
        .help(help)
        .resource(address(topic))
}

fn deviations(topic: &TopicSpec, class: &Spanned<ClassSpec>, config: &Entries<Node>, findings: &mut Vec<Diagnostic>) {
    let name = topic.class.as_ref().map_or("", |class| class.as_str());
    for (key, node) in config {
        let (wanted, level, help) = match &*key.value {
            CLEANUP => (cleanup_of(class), Level::Error, "give the topic a class with this cleanup policy"),
            RETENTION => {
                let wanted =
                    class.retention.map(|retention| ConfigValue::of_kafka(RETENTION, &retention.value.0.to_string()));
                (wanted, Level::Warn, "remove the line, choose another class, or waive the rule with the reason")
            }
            _ => continue,
        };
        // A value that is none is found when it is resolved.
        let written = decode_config(key, node, &mut Decoder::default());
        if let (Some(wanted), Some(written)) = (wanted, written)
            && wanted != written
        {
            let (wanted, written) = (wanted.human(key), written.human(key));
            findings.push(
                CLASS
                    .finding(format!(
                        "`{}` has `{}: {written}`; its class `{name}` has {wanted}",
                        topic.topic.value, key.value
                    ))
                    .level(level)
                    .at(node.span, "")
                    .at(class.span, format!("class `{name}`"))
                    .help(help)
                    .resource(address(topic)),
            );
        }
    }
}

fn cleanup_of(class: &ClassSpec) -> Option<ConfigValue> {
    let policies: Vec<_> = class.cleanup.iter().map(|policy| policy.as_str()).collect();
    (!policies.is_empty()).then(|| ConfigValue::of_kafka(CLEANUP, &policies.join(",")))
}

/// BUS112.
pub static RATIONALE: Rule = Rule {
    code: "BUS112",
    name: "retention-rationale",
    summary: "A topic says why it keeps records as long as it does",
    explanation: "How long records must be there is decided by whoever may have to read them again, and forgotten first. \
Without the reason nobody dares to shorten a retention that costs too much, or knows that it must not be shortened.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("retention_rationale:\n"))]),
    good: Example(&[(
        TOPIC,
        Text("retention_rationale: Thirty days let the normalizer reprocess a whole billing month.\n"),
    )]),
    check: Check::Workspace(check_rationale),
};

fn check_rationale(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in governed(workspace).filter(|topic| super::is_blank(&topic.retention_rationale)) {
        let class = topic.class.as_ref().and_then(|class| workspace.settings.classes.get(class.as_str()));
        let kept = match class.and_then(|class| class.retention) {
            Some(Spanned { value: Duration(..0), .. }) => "for ever".to_owned(),
            Some(retention) => format!("for {}", retention.value),
            None => "as long as they are".to_owned(),
        };
        findings.push(
            RATIONALE
                .finding(format!("`{}` does not say why records are kept {kept}", topic.topic.value))
                .lacks(topic.topic.span, "retention_rationale")
                .help("write `retention_rationale: …`: who may read old records again, and how far back")
                .resource(address(topic)),
        );
    }
}

/// BUS116.
pub static COMPACTED_KEY: Rule = Rule {
    code: "BUS116",
    name: "compacted-without-key",
    summary: "A compacted topic has a key",
    explanation: "Compaction keeps the last record of each key. Kafka refuses records without a key on a compacted topic, \
so that its first producer would fail. Say what the key is: it is also what orders the records.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("class: state\nkey: none\n"))]),
    good: Example(&[(TOPIC, Text("class: state\nkey: asset_id\n"))]),
    check: Check::Cluster(check_keys),
};

fn check_keys(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    for topic in desired.topics.values().filter(|topic| topic.state == State::Present && !topic.keyed) {
        let Some(spec) = desired.workspace.topics.get(&topic.name).filter(|spec| !spec.is_internal()) else { continue };
        let Some(policy) = topic.configs.get(CLEANUP) else { continue };
        if policy.value.as_str().split(',').any(|policy| policy == "compact") {
            let finding = COMPACTED_KEY.finding(format!("`{}` is compacted and its records have no key", topic.name));
            let finding = match &spec.key {
                Some(key) => finding.at(key.span, ""),
                None => finding.lacks(spec.topic.span, "key"),
            };
            let finding = match policy.span() {
                Some(span) => finding.at(span, "compacted by this"),
                None => finding,
            };
            findings.push(
                finding.help("write `key: FIELD`, or choose a class that is not compacted").resource(address(spec)),
            );
        }
    }
}

/// BUS123.
pub static BRIEF: Rule = Rule {
    code: "BUS123",
    name: "brief-retention",
    summary: "Records are kept for a minute at least",
    explanation: "A number without a unit is milliseconds, as Kafka's own configs are: `retention: 30` drops records as soon \
as their segment is closed, long before a consumer that was restarted has read them. Write the unit: `30d`. Where a \
retention of seconds is meant, waive the rule or set its level.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[("busctl.yaml", Text(WITH_A_FORGOTTEN_UNIT))]),
    good: Example(&[("busctl.yaml", Text(WITH_ITS_UNIT))]),
    check: Check::Workspace(check_brief),
};

const WITH_A_FORGOTTEN_UNIT: &str = "classes:
  raw: { cleanup: [delete], retention: 30 }
  state: { cleanup: [compact] }
";
const WITH_ITS_UNIT: &str = "classes:
  raw: { cleanup: [delete], retention: 30d }
  state: { cleanup: [compact] }
";

fn check_brief(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (name, class) in &workspace.settings.classes {
        let retention = class.retention.map(|retention| (retention.span, retention.value));
        let brief = retention.into_iter().chain(retentions(&class.config)).filter(|(_, kept)| is_brief(*kept));
        findings.extend(brief.map(|(span, kept)| brief_finding(&format!("class `{name}`"), span, kept)));
    }
    for topic in governed(workspace) {
        let overridden = topic.overrides.values().flat_map(|spec| retentions(&spec.config));
        let brief = retentions(&topic.config).chain(overridden).filter(|(_, kept)| is_brief(*kept));
        let name = format!("`{}`", topic.topic.value);
        findings.extend(brief.map(|(span, kept)| brief_finding(&name, span, kept).resource(address(topic))));
    }
}

/// What is written for `retention.ms`. A value that is none is found when it is resolved.
fn retentions(config: &Entries<Node>) -> impl Iterator<Item = (Span, Duration)> {
    config.iter().filter(|(key, _)| &*key.value == RETENTION).filter_map(|(key, node)| {
        let written = decode_config(key, node, &mut Decoder::default())?;
        Some((node.span, Duration(written.as_str().parse().ok()?)))
    })
}

/// Longer than nothing, which some use to empty a topic, and shorter than a minute.
fn is_brief(kept: Duration) -> bool {
    (1..60_000).contains(&kept.0)
}

fn brief_finding(who: &str, span: Span, kept: Duration) -> Diagnostic {
    BRIEF
        .finding(format!("{who} keeps records for {kept}"))
        .at(span, "")
        .help("a number without a unit is milliseconds: write `7d` for days, or `1h` for hours")
}
