use std::collections::BTreeMap;

use super::{Seen, told};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::{ClusterFacts, LogDir};
use crate::resources::cluster::rules::storage::{MAX_USE, rough};

const CLUSTER: &str = "clusters/production.yaml";
const SNAPSHOT: &str = "production.snapshot.json";

/// A live state whose first broker has this log dir.
macro_rules! log_dir {
    ($dir:expr) => {
        super::healthy_quorum!(concat!(
            r#"    "finalized": {},
    "brokers": {
      "0": {
        "features": { "known": {} },
        "settings": { "known": {} },
        "log_dirs": { "known": ["#,
            $dir,
            r#"] }
      }
    }
"#
        ))
    };
}

const THREE_QUARTERS_FULL: &str =
    log_dir!(r#"{ "path": "/var/lib/kafka", "total": 6597069766656, "usable": 1649267441664 }"#);

/// BUS528.
pub static USE: Rule = Rule {
    code: "BUS528",
    name: "live-disk-use",
    summary: "The disks of the brokers have room for a peak",
    explanation: "A full disk stops a broker. The rule compares how much of each volume with a log dir is used with \
`kafka.storage.max_use`, 70 % by default, which is also what disks are sized by (BUS401). What else is on the volume counts, \
and so does what Kafka may not use. Brokers tell it from Kafka 3.3 on.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(THREE_QUARTERS_FULL))]),
    good: Example(&[
        (
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
  storage: { per_broker: 6TiB, ingest: 1.5MiB/s, max_use: 80% }
",
            ),
        ),
        (SNAPSHOT, Live(THREE_QUARTERS_FULL)),
    ]),
    check: Check::Live,
};

/// BUS529.
pub static OFFLINE: Rule = Rule {
    code: "BUS529",
    name: "live-log-dir-offline",
    summary: "Brokers can use all of their log dirs",
    explanation: "A broker that cannot read or write a log dir goes on with the others and takes the replicas in it offline: \
partitions have fewer replicas than they should, until the disk is mended and the broker is started again.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(log_dir!(
            r#"{ "path": "/var/lib/kafka", "total": null, "usable": null, "offline": "KAFKA_STORAGE_ERROR" }"#
        )),
    )]),
    good: Example(&[(
        SNAPSHOT,
        Live(log_dir!(r#"{ "path": "/var/lib/kafka", "total": 6597069766656, "usable": 3298534883328 }"#)),
    )]),
    check: Check::Live,
};

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts) -> Vec<Diagnostic> {
    told(facts, |broker| &broker.log_dirs).flat_map(|(broker, dirs)| of_broker(seen, broker, dirs)).collect()
}

fn of_broker(seen: &Seen<'_>, broker: i32, dirs: &[LogDir]) -> Vec<Diagnostic> {
    let name = seen.name();
    let node = seen.kafka.nodes.iter().find(|node| node.id.value == broker);
    let place = node.map_or(seen.kafka.span, |node| node.id.span);
    let max_use = seen.kafka.storage.as_ref().and_then(|storage| storage.max_use);
    let most = max_use.map_or(MAX_USE, |most| most.value);
    let mut found = Vec::new();
    // Log dirs of one volume are as full as each other.
    let mut volumes: BTreeMap<(u64, u64), Vec<&str>> = BTreeMap::new();
    for dir in dirs {
        if let Some(why) = &dir.offline {
            let message = format!("broker {broker} of `{name}` cannot use its log dir {}: {why}", dir.path);
            let help = "see the broker's log, mend the disk, and start the broker again";
            found.push(seen.finding(&OFFLINE, message).at(place, "").help(help));
        } else if let (Some(total), Some(usable)) = (dir.total, dir.usable) {
            volumes.entry((total, usable)).or_default().push(&dir.path);
        }
    }
    for ((total, usable), paths) in volumes {
        let used = total.saturating_sub(usable) as f64;
        let share = used / total as f64 * 100.0;
        // A volume without a size is none.
        if total == 0 || share <= f64::from(most.0) {
            continue;
        }
        let message = format!(
            "the disk of broker {broker} of `{name}` with {} is {share:.1} % full, {} of {}; {} % is the most",
            paths.join(", "),
            rough(used),
            rough(total as f64),
            most.0,
        );
        let place = max_use.map_or(place, |most| most.span);
        let help = "keep records for less long, give the broker a larger disk, or move replicas to other brokers";
        found.push(seen.finding(&USE, message).at(place, "").help(help));
    }
    found
}
