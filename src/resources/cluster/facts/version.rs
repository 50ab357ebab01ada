use std::collections::BTreeMap;

use super::{Seen, in_words, told};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::ClusterFacts;

const CLUSTER: &str = "clusters/production.yaml";
const SNAPSHOT: &str = "production.snapshot.json";

/// The feature whose level says which records brokers may write into the metadata.
const METADATA_VERSION: &str = "metadata.version";

/// The first level of `metadata.version` of each release (Kafka's `MetadataVersion`).
const RELEASES: [(i16, Release); 15] = [
    (1, Release(3, 0)),
    (2, Release(3, 1)),
    (3, Release(3, 2)),
    (4, Release(3, 3)),
    (8, Release(3, 4)),
    (9, Release(3, 5)),
    (12, Release(3, 6)),
    (15, Release(3, 7)),
    (20, Release(3, 8)),
    (21, Release(3, 9)),
    (22, Release(4, 0)),
    (26, Release(4, 1)),
    (28, Release(4, 2)),
    (30, Release(4, 3)),
    (31, Release(4, 4)),
];

const AT_4_3: &str = "kafka:
  version: \"4.3\"
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
";

/// A live state of which a broker could work at this level of `metadata.version`, and another is finalized.
macro_rules! levels {
    (finalized: $finalized:literal, supported: $supported:literal) => {
        super::healthy_quorum!(concat!(
            r#"    "finalized": { "metadata.version": "#,
            $finalized,
            r#" },
    "brokers": {
      "0": {
        "features": { "known": { "metadata.version": [7, "#,
            $supported,
            r#"] } },
        "settings": { "known": {} },
        "log_dirs": { "known": [] }
      }
    }
"#
        ))
    };
}

/// BUS522.
pub static VERSION: Rule = Rule {
    code: "BUS522",
    name: "live-version",
    summary: "Brokers are of the version that is declared, and the cluster works at it",
    explanation: "Kafka does not tell the version of a broker; which levels of `metadata.version` it could work at tells its \
release, as `4.3`. Where that is not the one of `kafka.version`, an upgrade is not through, or the manifest is old. An upgrade \
is through when the level is raised as well (`kafka-features.sh upgrade --release-version 4.3`), once every broker runs it \
surely: until then the cluster works as the release before, and what is new in this one is not to be had. Releases behind 4.4 \
are not known to this version and not compared.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text(AT_4_3)), (SNAPSHOT, Live(levels!(finalized: 29, supported: 30)))]),
    good: Example(&[(CLUSTER, Text(AT_4_3)), (SNAPSHOT, Live(levels!(finalized: 30, supported: 30)))]),
    check: Check::Live,
};

/// A release of Kafka, `4.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::resources::cluster) struct Release(pub u16, pub u16);

impl Release {
    /// Of a version as manifests have it: `4.3`, `4.3.1`.
    pub(in crate::resources::cluster) fn of_version(version: &str) -> Option<Self> {
        let mut parts = version.trim().split('.');
        Some(Self(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }

    /// The one that brought a level of `metadata.version`; `None` where it is not known.
    fn of_level(level: i16) -> Option<Self> {
        let (newest, _) = RELEASES[RELEASES.len() - 1];
        let brought = RELEASES.iter().rev().find(|(first, _)| *first <= level);
        brought.filter(|_| level <= newest).map(|(_, release)| *release)
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts) -> Vec<Diagnostic> {
    let Some(version) = &seen.kafka.version else { return Vec::new() };
    let Some(declared) = Release::of_version(&version.value) else { return Vec::new() };
    let name = seen.name();
    let mut others: BTreeMap<Release, Vec<i32>> = BTreeMap::new();
    for (broker, features) in told(facts, |broker| &broker.features) {
        let highest = features.get(METADATA_VERSION).and_then(|(_, highest)| Release::of_level(*highest));
        if let Some(release) = highest.filter(|release| *release != declared) {
            others.entry(release).or_default().push(broker);
        }
    }
    let other = |(release, brokers): (&Release, &Vec<i32>)| {
        let runs = if brokers.len() == 1 { "runs" } else { "run" };
        let message = format!("{} of `{name}` {runs} Kafka {release}, and {declared} is declared", in_words(brokers));
        let help = "finish the upgrade, or correct `kafka.version`";
        seen.finding(&VERSION, message).at(version.span, "").help(help)
    };
    let mut found: Vec<Diagnostic> = others.iter().map(other).collect();
    let finalized = facts.finalized.get(METADATA_VERSION).copied();
    let works_at = finalized.and_then(|level| Some((level, Release::of_level(level)?)));
    // Before each broker is of it the level cannot be raised.
    let is_behind = others.keys().any(|release| *release < declared);
    if let Some((level, release)) = works_at.filter(|(_, release)| *release < declared && !is_behind) {
        let message =
            format!("`{name}` works as Kafka {release} ({METADATA_VERSION} {level}), and {declared} is declared");
        let help = format!(
            "raise the level once every broker runs {declared} surely: `kafka-features.sh upgrade --release-version \
             {declared}`"
        );
        found.push(seen.finding(&VERSION, message).at(version.span, "").help(help));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_of_the_release_that_brought_it() {
        let release = |level| Release::of_level(level).map(|release| release.to_string());
        for (level, name) in [(1, "3.0"), (7, "3.3"), (8, "3.4"), (19, "3.7"), (25, "4.0"), (29, "4.2"), (30, "4.3")] {
            assert_eq!(release(level).as_deref(), Some(name), "{level}");
        }
        for unknown in [0, 32, i16::MAX, -1] {
            assert_eq!(release(unknown), None);
        }
    }

    #[test]
    fn a_version_is_read_as_manifests_have_it() {
        let release = |text| Release::of_version(text).map(|release| release.to_string());
        assert_eq!(release("4.3.1").as_deref(), Some("4.3"));
        assert_eq!(release("4.3").as_deref(), Some("4.3"));
        assert_eq!(release("4"), None);
        assert_eq!(release("latest"), None);
    }
}
