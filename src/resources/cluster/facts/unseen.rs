use std::collections::{BTreeMap, BTreeSet};

use super::{Seen, in_words};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Live;
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::ClusterFacts;
use crate::ports::{Failure, FailureKind, Observed};

const SNAPSHOT: &str = "production.snapshot.json";

/// BUS530.
pub static UNSEEN: Rule = Rule {
    code: "BUS530",
    name: "cluster-not-seen",
    summary: "What the manifest of a cluster says of it can be compared",
    explanation: "What brokers are, their configs, their disks and the metadata quorum, is told to who may see it: \
`docs/permissions.md` lists what that takes. Where it is hidden, or a broker does not answer, BUS522 to BUS529 and BUS810 to BUS818 say nothing \
of it, and this finding says why. The plan is complete all the same: nothing of it would be applied. Providers that run the \
brokers often do not tell it; there, turn the rule off.",
    level: Level::Info,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(
            r#"{
  "facts": {
    "quorum": {
      "hidden": {
        "kind": "authorization",
        "tried": "describe the metadata quorum",
        "server": "kafka-0.example.com:9094",
        "answer": "CLUSTER_AUTHORIZATION_FAILED",
        "hint": "the principal that busctl connects as lacks an ACL for this"
      }
    },
    "finalized": {},
    "brokers": {}
  }
}
"#,
        ),
    )]),
    good: Example(&[(
        SNAPSHOT,
        Live(super::healthy_quorum!(
            r#"    "finalized": {},
    "brokers": {}
"#
        )),
    )]),
    check: Check::Live,
};

/// Why something is not seen, and of whom.
struct Reason<'f> {
    /// The first that says so.
    failure: &'f Failure,
    servers: BTreeSet<&'f str>,
    brokers: Vec<i32>,
}

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts) -> Vec<Diagnostic> {
    let groups = facts.groups.as_ref().and_then(Observed::hidden);
    let endpoints = facts.endpoints.values().filter_map(Observed::hidden);
    let of_cluster = facts.quorum.hidden().into_iter().chain(groups).chain(endpoints).map(|failure| (None, failure));
    let of_brokers = facts.brokers.iter().flat_map(|(id, broker)| {
        let hidden = [broker.features.hidden(), broker.settings.hidden(), broker.log_dirs.hidden()];
        hidden.into_iter().flatten().map(|failure| (Some(*id), failure))
    });
    let mut reasons: BTreeMap<(&str, &str), Reason<'_>> = BTreeMap::new();
    // That a server does not have something hides nothing.
    for (broker, failure) in
        of_cluster.into_iter().chain(of_brokers).filter(|(_, failure)| failure.kind != FailureKind::Unsupported)
    {
        let reason = reasons.entry((&failure.tried, &failure.answer));
        let reason = reason.or_insert_with(|| Reason { failure, servers: BTreeSet::new(), brokers: Vec::new() });
        reason.servers.insert(&failure.server);
        reason.brokers.extend(broker);
    }
    let finding = |Reason { failure, servers, brokers }: Reason<'_>| {
        let servers = servers.into_iter().collect::<Vec<_>>().join(", ");
        let failure = Failure { server: servers, ..failure.clone() };
        let who = if brokers.is_empty() { String::new() } else { format!(", {}", in_words(&brokers)) };
        let message = format!("not compared with `{}`{who}: {failure}", seen.name());
        let help = failure.hint.as_deref().unwrap_or("see whether the broker runs, then plan again");
        seen.finding(&UNSEEN, message).at(seen.kafka.span, "").help(help)
    };
    reasons.into_values().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::cluster::samples::{cluster, facts};

    #[test]
    fn each_address_that_cannot_be_looked_at_is_named() {
        let endpoints = [("a:9094", "connection refused"), ("b:9094", "no answer"), ("c:9094", "connection refused")];
        let facts = facts(endpoints.map(|(server, answer)| {
            let failure = Failure {
                kind: FailureKind::Unreachable,
                tried: "look at the certificate".into(),
                server: server.into(),
                answer: answer.into(),
                hint: None,
            };
            (server, Observed::Hidden(failure))
        }));
        let cluster = cluster("kafka: { deployment: self_managed }");
        let kafka = cluster.kafka.as_ref().expect("it is declared");
        let told: Vec<String> =
            compare(&Seen { cluster: &cluster, kafka }, &facts).into_iter().map(|finding| finding.message).collect();
        assert_eq!(
            told,
            [
                "not compared with `c`: could not look at the certificate on a:9094, c:9094: connection refused",
                "not compared with `c`: could not look at the certificate on b:9094: no answer",
            ]
        );
    }
}
