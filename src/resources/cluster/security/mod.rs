//! What keeps a cluster closed: who is let in, encrypted by what, and what grants are wider or older than they need to be.
//! What manifests declare is judged without a server, what brokers are beside it.

pub(crate) mod authorizer;
pub(crate) mod broad;
pub(crate) mod brokers;
pub(crate) mod certificates;
pub(crate) mod everybody;
pub(crate) mod identities;
pub(crate) mod listeners;
pub(crate) mod mapping;
pub(crate) mod services;
pub(crate) mod super_users;
pub(crate) mod tls;
pub(crate) mod unused;

pub use certificates::endpoints;

use super::{ClusterSpec, KafkaSpec};
use crate::diag::Diagnostic;
use crate::model::Date;
use crate::policy::Rule;
use crate::resources::{Desired, Live};
use crate::source::{Span, Spanned};

const CLUSTER: &str = "clusters/production.yaml";
const SNAPSHOT: &str = "production.snapshot.json";

/// Whether a live cluster is compared: the bus of `busctl dev` is as busctl made it, and of a plan that only moves replicas or
/// cuts a topic it is beside the matter.
pub fn is_compared(desired: &Desired<'_>) -> bool {
    let is_declared = desired.cluster.kafka.is_some() && !desired.cluster.is_local();
    is_declared && desired.rebalance.is_none() && desired.truncation.is_none()
}

/// What of a live cluster lets in who should not be, or may soon let nobody in.
/// `today` says how long certificates are good.
pub fn compare(desired: &Desired<'_>, live: &Live, today: Date) -> Vec<Diagnostic> {
    let cluster = desired.cluster;
    let Some(kafka) = cluster.kafka.as_ref().filter(|_| is_compared(desired)) else { return Vec::new() };
    let seen = Seen { cluster, kafka };
    let mut found = everybody::compare(&seen, desired, live);
    found.extend(broad::compare(&seen, desired, live));
    if let Some(facts) = &live.facts {
        found.extend(authorizer::compare(&seen, facts, !desired.grants.acls.is_empty()));
        found.extend(listeners::compare(&seen, facts));
        found.extend(tls::compare(&seen, facts));
        found.extend(unused::compare(&seen, desired, live, facts));
        found.extend(certificates::compare(&seen, facts, today));
    }
    found
}

/// What a manifest says of the cluster that is looked at.
struct Seen<'a> {
    cluster: &'a ClusterSpec,
    kafka: &'a Spanned<KafkaSpec>,
}

impl Seen<'_> {
    fn name(&self) -> &str {
        self.cluster.cluster.as_str()
    }

    fn finding(&self, rule: &Rule, message: impl Into<String>) -> Diagnostic {
        rule.finding(message).resource(self.cluster.address()).cluster(self.name())
    }

    /// Where the authorizer is declared, else the brokers.
    fn authorizer(&self) -> Span {
        self.kafka.authorizer.map_or(self.kafka.span, |authorizer| authorizer.span)
    }
}

/// The brokers of the base workspace, as an example writes them, with further keys of `kafka`, which may be about their super
/// users.
macro_rules! kafka {
    ($more:literal) => {
        $crate::resources::cluster::security::kafka!(super_users: "  super_users: [{ principal: \"User:CN=kafka\", reason: The brokers. }]\n", $more)
    };
    (super_users: $($more:literal),+) => {
        concat!(
            "kafka:
  deployment: self_managed
  authorizer: standard
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
            $($more),+
        )
    };
}
use kafka;

/// A live state with this ACL, the lines of its object, and whatever else is told behind the ACLs.
macro_rules! acl {
    ($acl:literal) => {
        acl!($acl, "")
    };
    ($acl:literal, $more:expr) => {
        concat!("{\n  \"acls\": {\n    \"known\": [\n      {\n        ", $acl, "\n      }\n    ]\n  }", $more, "\n}\n")
    };
}
use acl;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::is_compared;
    use crate::diag::{Diagnostic, Store};
    use crate::policy;
    use crate::resources::cluster::samples::workspace;
    use crate::resources::{Desired, Live, Rebalance, WorkspaceFiles, load};

    #[test]
    fn a_cluster_is_compared_where_its_brokers_are_declared_and_the_plan_is_about_more_than_replicas() {
        for (kafka, expected) in
            [("", false), ("kafka: { deployment: local }", false), ("kafka: { deployment: self_managed }", true)]
        {
            let workspace = workspace(kafka);
            let cluster = workspace.clusters.values().next().expect("a cluster");
            let (desired, _) = Desired::resolve(&workspace, cluster);
            assert_eq!(is_compared(&desired), expected, "{kafka}");
            let rebalance = Rebalance { elects: true, cancels: BTreeSet::new() };
            assert!(!is_compared(&Desired::of_brokers(&workspace, cluster, BTreeMap::new(), rebalance)), "{kafka}");
        }
    }

    /// What the rules of this room say of a workspace, in the order of places: code, place and message.
    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let texts = files.iter().map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(*text)))).collect();
        let (workspace, loading) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
        assert!(loading.is_empty(), "{loading:?}");
        let clusters: Vec<_> = workspace.clusters.values().collect();
        let found = policy::check(&workspace, &clusters, &Store::in_memory(&workspace.sources));
        let found = found.into_vec().into_iter().filter(|finding| finding.code.starts_with("BUS8"));
        let shown = |finding: Diagnostic| {
            let place = workspace.place(finding.span().expect("a place"));
            format!("{} {place} {}", finding.code, finding.message)
        };
        found.map(shown).collect()
    }

    const SETTINGS: (&str, &str) = ("busctl.yaml", "version: 1\n");

    #[test]
    fn what_configs_of_brokers_take_away_from_what_is_declared_is_told() {
        let cluster = "cluster: c
environment: production
kafka:
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  listeners:
    CLIENT_TLS: { port: 9094, protocol: ssl, client_auth: required }
    EDGE_TLS: { port: 9095, protocol: ssl }
  config:
    listener.name.client_tls.ssl.client.auth: none
    ssl.client.auth: required
    super.users: User:CN=kafka;User:a;User:ANONYMOUS
    ssl.cipher.suites: TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_NULL_SHA256
    ssl.principal.mapping.rules: RULE:^CN=([^,]+.*$/$1/
";
        insta::assert_snapshot!(told(&[SETTINGS, ("clusters/c.yaml", cluster)]).join("\n"), @r"
        BUS804 clusters/c.yaml:10:47 the listener CLIENT_TLS of `c` has `listener.name.client_tls.ssl.client.auth: none`
        BUS802 clusters/c.yaml:12:18 nobody says why User:ANONYMOUS is a super user of `c`
        BUS802 clusters/c.yaml:12:18 nobody says why User:a is a super user of `c`
        BUS803 clusters/c.yaml:12:18 whoever shows `c` nothing is a super user of it
        BUS805 clusters/c.yaml:13:24 on `c` TLS_RSA_WITH_NULL_SHA256 can be agreed on: ssl.cipher.suites is `TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_NULL_SHA256`
        BUS819 clusters/c.yaml:14:34 brokers of `c` cannot read `ssl.principal.mapping.rules`: the pattern `^CN=([^,]+.*$` is none: a `(` is not closed
        ");
    }

    #[test]
    fn lists_are_judged_as_the_text_that_kafka_takes() {
        let told = |tls: &str, suites: &str, users: &str, more: &str| {
            let cluster = format!(
                "cluster: c\nenvironment: production\nkafka:\n  authorizer: standard\n  \
                 listeners: {{ EDGE: {{ port: 9095, protocol: ssl, client_auth: required }} }}\n  \
                 nodes: [{{ id: 0, config: {{ ssl.enabled.protocols: {tls} }} }}]\n  config:\n    \
                 ssl.cipher.suites: {suites}\n    super.users: {users}\n    {more}\n"
            );
            let told = told(&[SETTINGS, ("clusters/c.yaml", &cluster)]);
            told.into_iter()
                .map(|told| told.replace(told.split(' ').nth(1).unwrap_or_default(), ""))
                .collect::<Vec<_>>()
        };
        let lists = told(
            "[TLSv1.1, TLSv1.2]",
            "[TLS_RSA_WITH_NULL_SHA256]",
            "[\"User:CN=a,O=x\", User:ANONYMOUS]",
            "ssl.principal.mapping.rules: [FOO]\n    listener.name.edge.ssl.client.auth: [none]",
        );
        let texts = told(
            "\"TLSv1.1,TLSv1.2\"",
            "TLS_RSA_WITH_NULL_SHA256",
            "\"User:CN=a,O=x;User:ANONYMOUS\"",
            "ssl.principal.mapping.rules: FOO\n    listener.name.edge.ssl.client.auth: none",
        );
        assert_eq!(lists, texts);
        insta::assert_snapshot!(lists.join("\n"), @r"
        BUS805  on `c` TLSv1.1 can be spoken: ssl.enabled.protocols is `TLSv1.1,TLSv1.2`
        BUS805  on `c` TLS_RSA_WITH_NULL_SHA256 can be agreed on: ssl.cipher.suites is `TLS_RSA_WITH_NULL_SHA256`
        BUS802  nobody says why User:ANONYMOUS is a super user of `c`
        BUS802  nobody says why User:CN=a,O=x is a super user of `c`
        BUS803  whoever shows `c` nothing is a super user of it
        BUS819  brokers of `c` cannot read `ssl.principal.mapping.rules`: `FOO` is no rule
        BUS804  the listener EDGE of `c` has `listener.name.edge.ssl.client.auth: none`
        ");
    }

    #[test]
    fn what_a_manifest_may_not_ask_for_is_told_of_acls_by_hand() {
        let workspace = workspace("kafka: { authorizer: standard, super_users: [User:admin] }");
        let cluster = workspace.clusters.values().next().expect("a cluster");
        let (desired, _) = Desired::resolve(&workspace, cluster);
        let acl = |(resource, name, operation, permission): &(&str, &str, &str, &str)| {
            serde_json::json!({ "resource": resource, "name": name, "pattern": "literal", "principal": "User:old",
                "host": "*", "operation": operation, "permission": permission })
        };
        let acls = [
            ("cluster", "kafka-cluster", "all", "allow"),
            ("cluster", "kafka-cluster", "describe", "allow"),
            ("transactional_id", "*", "write", "allow"),
            ("topic", "shop.order.v1", "all", "allow"),
            ("topic", "shop.order.v1", "read", "allow"),
            ("topic", "*", "all", "deny"),
        ];
        let live = serde_json::json!({
            "cluster": { "id": "id", "brokers": [], "controller": null },
            "topics": { "topics": {}, "hidden": {}, "defaults": {} },
            "acls": { "known": acls.iter().map(acl).collect::<Vec<_>>() },
            "quotas": { "known": [] },
            "registry": null,
        });
        let live: Live = serde_json::from_value(live).expect("a live state");
        let found = super::compare(&desired, &live, "2026-01-01".parse().expect("a day"));
        let found: Vec<_> = found.into_iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect();
        insta::assert_snapshot!(found.join("\n"), @r"
        BUS815 an ACL of `c` allows User:old all on topic shop.order.v1, which takes in every operation
        BUS815 an ACL of `c` allows User:old all on cluster kafka-cluster, which takes in every operation
        BUS815 an ACL of `c` allows User:old write on transactional_id *, which takes in every transactional_id
        ");
    }

    #[test]
    fn a_cluster_with_an_authorizer_says_who_its_super_users_are() {
        for (kafka, expected) in [
            ("authorizer: standard", Some("clusters/c.yaml:3:8 `c` does not say who its super users are")),
            (
                "authorizer: standard, super_users: unknown",
                Some("clusters/c.yaml:3:45 nobody knows who the super users of `c` are"),
            ),
            (
                "authorizer: standard, super_users: []",
                Some(
                    "clusters/c.yaml:3:8 `c` declares that it has no super users, and its own brokers have to be some",
                ),
            ),
            ("authorizer: standard, super_users: [{ principal: User:CN=kafka, reason: The brokers. }]", None),
            ("authorizer: standard, deployment: managed", None),
            ("authorizer: none", None),
        ] {
            let cluster = format!("cluster: c\nenvironment: production\nkafka: {{ {kafka} }}\n");
            let told = told(&[SETTINGS, ("clusters/c.yaml", &cluster)]);
            let expected: Vec<_> = expected.into_iter().map(|expected| format!("BUS809 {expected}")).collect();
            assert_eq!(told, expected, "{kafka}");
            let cluster = cluster.replace("production", "dev");
            assert!(self::told(&[SETTINGS, ("clusters/c.yaml", &cluster)]).is_empty(), "{kafka}");
        }
    }

    #[test]
    fn a_service_that_is_nobody_is_told_where_its_principals_stand() {
        let cluster = "cluster: c\nenvironment: production\n";
        let grants = "service: till\nprincipals: { c: \"User:ANONYMOUS\" }\ntransactional_ids: [till]\n";
        let mut told = told(&[SETTINGS, ("clusters/c.yaml", cluster), ("acls/till.yaml", grants)]);
        told.retain(|told| told.starts_with("BUS803"));
        let expected =
            "BUS803 acls/till.yaml:2:18 on `c` `till` is User:ANONYMOUS: whoever shows no certificate and no login";
        assert_eq!(told, [expected]);
    }
}
