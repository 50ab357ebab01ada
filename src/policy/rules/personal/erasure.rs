use super::{ALLOWED, Holder, IN_THE_EU, TAGGED, TOPIC};
use crate::diag::{Diagnostic, Level};
use crate::model::Duration;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};

/// BUS643.
pub static ERASURE: Rule = Rule {
    code: "BUS643",
    name: "personal-data-erasure",
    summary: "A compacted topic with personal data has a plan for tombstones that can work",
    explanation: "Compaction keeps the last record of each key for ever: of somebody who asks to be forgotten, too. What removes \
it is a record without a value (a tombstone), which one of the topic's producers writes: `personal_data: { erasure: { by: \
SERVICE, within: 30d } }`. The broker keeps the promise only if it must compact in time. `max.compaction.lag.ms` says how long \
a record may wait for that, by default for ever, and `delete.retention.ms` for how long the tombstone stays afterwards, whose \
key may be personal too: both together are no longer than `within`.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[TAGGED, IN_THE_EU, ALLOWED, (TOPIC, Text("class: state\n"))]),
    good: Example(&[
        TAGGED,
        IN_THE_EU,
        ALLOWED,
        (
            TOPIC,
            Text(
                "class: state
personal_data: { erasure: { by: ingest-gateway, within: 30d } }
config: { max.compaction.lag.ms: 7d, delete.retention.ms: 1d }
",
            ),
        ),
    ]),
    check: Check::With("BUS642"),
};

/// Kafka's default of `delete.retention.ms`.
const TOMBSTONES: Duration = Duration(86_400_000);

pub(super) fn check(holder: &Holder<'_>, findings: &mut Vec<Diagnostic>) {
    if !holder.topic.cleans_up_by("compact") {
        return;
    }
    let policy = holder.topic.configs.get("cleanup.policy").and_then(|policy| policy.span());
    let spec = holder.spec;
    let named = holder.tagged.named();
    let plan = spec.personal_data.as_ref().and_then(|handling| handling.erasure.as_ref());
    let Some(plan) = plan else {
        let finding = ERASURE.finding(format!(
            "`{}` is compacted and holds personal data ({named}) without a plan for tombstones",
            holder.name()
        ));
        let producer = spec.producers.first().map_or("SERVICE", |producer| producer.service.as_str());
        let help = format!(
            "write `personal_data: {{ erasure: {{ by: {producer}, within: 30d }} }}`, or choose a class that is not compacted"
        );
        let finding = holder.finding(finding, spec.topic.span, "no `personal_data` with an `erasure` here").help(help);
        findings.push(policy.into_iter().fold(finding, |finding, span| finding.at(span, "compacted by this")));
        return;
    };
    if !spec.names_producer(plan.by.as_str()) {
        let message =
            format!("`{}` is to write the tombstones of `{}` and does not write it", plan.by.value, holder.name());
        let producers: Vec<_> = spec.producers.iter().map(|producer| producer.service.as_str()).collect();
        let help = match producers.as_slice() {
            [] => "name a producer, and list it under `producers`".to_owned(),
            producers => format!("name one of its producers: {}", producers.join(", ")),
        };
        findings.push(holder.finding(ERASURE.finding(message), plan.by.span, "no producer of it").help(help));
    }
    findings.extend(too_late(holder, plan.within.value, plan.within.span));
}

/// Why the broker may not have erased in time what a tombstone says is gone.
fn too_late(holder: &Holder<'_>, within: Duration, span: crate::source::Span) -> Option<Diagnostic> {
    let name = holder.name();
    let (kept, kept_span) = holder.time("delete.retention.ms").unwrap_or((TOMBSTONES, None));
    let (message, at) = match holder.time("max.compaction.lag.ms") {
        None => (format!("`{name}` promises to erase within {within}, and may wait for ever to be compacted"), None),
        // Kafka's default is the largest number that there is.
        Some((lag, at)) if lag.0 < 0 || lag.0 > within.0 => {
            let lag = if lag.0 == i64::MAX { "for ever".to_owned() } else { lag.to_string() };
            (format!("`{name}` promises to erase within {within}, and may wait {lag} to be compacted"), at)
        }
        Some((lag, _)) if lag.0.saturating_add(kept.0) > within.0 => {
            let message = format!(
                "`{name}` promises to erase within {within}; {lag} until it is compacted and {kept} for tombstones are longer"
            );
            (message, kept_span)
        }
        Some(_) => return None,
    };
    // Half of the time for each is easy to see through.
    let half = Duration(within.0 / 2);
    let finding = holder.finding(ERASURE.finding(message), span, "promised here");
    let finding = at.into_iter().fold(finding, |finding, at| finding.at(at, "set here"));
    Some(finding.help(format!(
        "write `config: {{ max.compaction.lag.ms: {half}, delete.retention.ms: … }}`, together at most {within}"
    )))
}
