use super::CLUSTER;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;

/// BUS802.
pub static EXPLAINED: Rule = Rule {
    code: "BUS802",
    name: "super-user-reason",
    summary: "Outside development each super user has a reason",
    explanation: "A super user may do everything, and no ACL, no deny and no plan takes anything from it. Few have to be one: \
the brokers themselves, and an identity for the day when nothing else works. Each says in `reason` what it is for, so that a \
review can ask whether it still is. busctl itself need not be one (`docs/permissions.md`).",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text(super::kafka!("  super_users: [\"User:CN=kafka-admin\"]\n")))]),
    good: Example(&[(
        CLUSTER,
        Text(super::kafka!(
            "  super_users:
    - { principal: \"User:CN=kafka-admin\", reason: Sealed in Vault for the day when nothing else works. }
"
        )),
    )]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(kafka) = cluster.kafka.as_ref().filter(|_| !cluster.is_development()) else { return };
    let name = &cluster.cluster.value;
    for user in
        kafka.super_users().iter().filter(|user| user.reason.as_ref().is_none_or(|it| it.value.trim().is_empty()))
    {
        let who = &user.principal.value;
        findings.push(
            EXPLAINED
                .finding(format!("nobody says why {who} is a super user of `{name}`"))
                .at(user.principal.span, "")
                .help(format!(
                    "write `{{ principal: \"{who}\", reason: … }}`, or take it out of `super.users` of the nodes"
                ))
                .resource(cluster.address()),
        );
    }
}
