use super::{brokers, default_factor};
use crate::diag::{Diagnostic, Level};
use crate::model::{Bytes, Duration, Percent};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;

const CLUSTER: &str = "clusters/production.yaml";

/// BUS401.
pub static STORAGE: Rule = Rule {
    code: "BUS401",
    name: "storage-size",
    summary: "The disks hold what is written, for as long as it is kept",
    explanation: "Each broker carries ingest × retention × replication factor ÷ brokers. More than `max_use` of its disk \
(70 % by default) leaves no room for a peak, for the load of a lost broker, or for the time until somebody reacts; a full \
disk stops a broker. Retention is 30 days by default, the longest that a class of ordinary records keeps.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text(
            "kafka:
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
  storage: { per_broker: 4TiB, ingest: 1.5MiB/s }
",
        ),
    )]),
    good: Example(&[(
        CLUSTER,
        Text(
            "kafka:
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
  storage: { per_broker: 6TiB, ingest: 1.5MiB/s }
",
        ),
    )]),
    check: Check::Cluster(check),
};

/// What `storage` means where it does not say.
const RETENTION: Duration = Duration(30 * 86_400_000);
pub(in crate::resources::cluster) const MAX_USE: Percent = Percent(70);

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let name = &cluster.cluster.value;
    let Some(kafka) = &cluster.kafka else { return };
    let (Some(storage), brokers) = (&kafka.storage, brokers(&kafka.nodes).count()) else { return };
    let finding = |message: String| STORAGE.finding(message).at(storage.span, "").resource(cluster.address());
    if brokers == 0 {
        let finding = finding(format!("the disks of `{name}` cannot be sized: no broker is declared"));
        findings.push(finding.level(Level::Warn).help("declare the brokers under `kafka.nodes`"));
        return;
    }
    let retention = storage.retention.map_or(RETENTION, |retention| retention.value);
    if retention.0 < 0 || storage.per_broker.value.0 <= 0 {
        let finding = finding(format!("the disks of `{name}` cannot be sized: one of the figures is without limit"));
        findings.push(finding.help("write how long records are kept on average, and the size of a disk"));
        return;
    }
    let factor = f64::from(default_factor(desired).value);
    let ingest = storage.ingest.value.0 as f64;
    let disk = storage.per_broker.value.0 as f64;
    let kept = ingest * retention.0 as f64 / 1_000.0;
    let each = kept * factor / brokers as f64;
    let max_use = f64::from(storage.max_use.map_or(MAX_USE, |most| most.value).0);
    let used = each / disk * 100.0;
    if used <= max_use {
        return;
    }
    let message = format!(
        "the disks of `{name}` are too small: {} × {} = {}, × {factor} replicas ÷ {brokers} brokers = {} on each, \
         {used:.1} % of {}; {max_use} % is the most",
        storage.ingest.value,
        retention,
        rough(kept),
        rough(each),
        storage.per_broker.value,
    );
    let needed = Bytes((each * 100.0 / max_use.max(1.0) / GIB).ceil() as i64 * GIB as i64);
    findings
        .push(finding(message).help(format!("give each broker at least {}, or more brokers", rough(needed.0 as f64))));
}

const GIB: f64 = (1_u64 << 30) as f64;

/// Bytes with two decimals, as people compare disks.
pub(in crate::resources::cluster) fn rough(bytes: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let step = units.iter().enumerate().rev().find(|(step, _)| bytes >= 1024_f64.powi(*step as i32));
    let (step, unit) = step.unwrap_or((0, &"B"));
    format!("{:.2} {unit}", bytes / 1024_f64.powi(step as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_the_unit_that_people_compare() {
        assert_eq!(rough(0.0), "0.00 B");
        assert_eq!(rough(1536.0), "1.50 KiB");
        assert_eq!(rough(1.5 * 1024_f64.powi(2) * 86_400.0 * 30.0), "3.71 TiB");
    }
}
