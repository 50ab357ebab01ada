use std::collections::BTreeSet;

use super::CLUSTER;
use crate::diag::{Diagnostic, Level};
use crate::model::Principal;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::cluster::{Authorizer, Deployment, SuperUsersSpec};

/// BUS802.
pub static EXPLAINED: Rule = Rule {
    code: "BUS802",
    name: "super-user-reason",
    summary: "Outside development each super user has a reason",
    explanation: "A super user may do everything, and no ACL, no deny and no plan takes anything from it. Few have to be one: \
the brokers themselves, and an identity for the day when nothing else works. Each says in `reason` what it is for, so that a \
review can ask whether it still is; one that only `super.users` in `kafka.config` or of a node names says nothing. busctl itself \
need not be one (`docs/permissions.md`).",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text(super::kafka!(super_users: "  super_users: [\"User:CN=kafka-admin\"]\n")))]),
    good: Example(&[(
        CLUSTER,
        Text(super::kafka!(
            super_users:
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
    let declared: BTreeSet<&Principal> = kafka.super_users().iter().map(|user| &user.principal.value).collect();
    let mut known = BTreeSet::new();
    for user in kafka.configured_super_users().filter(|user| !declared.contains(&user.value)) {
        let who = &user.value;
        // The same for each node is said once.
        if !known.insert(who.clone()) {
            continue;
        }
        findings.push(
            EXPLAINED
                .finding(format!("nobody says why {who} is a super user of `{name}`"))
                .at(user.span, "")
                .help(format!(
                    "write `{{ principal: \"{who}\", reason: … }}` in `kafka.super_users`, or take it out here"
                ))
                .resource(cluster.address()),
        );
    }
}

/// BUS809.
pub static DECLARED: Rule = Rule {
    code: "BUS809",
    name: "super-users-declared",
    summary: "Outside development a cluster says who its super users are",
    explanation: "Brokers with Kafka's own authorizer have super users: at least they themselves are some, since nobody grants them \
anything before they run. Brokers tell only whether there are some, so that who may do everything stands in `kafka.super_users` or \
nowhere. `unknown` says that nobody has asked yet; an empty list that there are none. Of brokers that a provider runs nobody here \
knows it (`deployment: managed`).",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text(super::kafka!(super_users: "  super_users: unknown\n")))]),
    good: Example(&[(
        CLUSTER,
        Text(super::kafka!(
            super_users:
            "  super_users:
    - { principal: \"User:CN=kafka-0\", reason: A broker itself. }
"
        )),
    )]),
    check: Check::Cluster(check_declared),
};

fn check_declared(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(kafka) = cluster.kafka.as_ref().filter(|_| !cluster.is_development()) else { return };
    let is_own = !cluster.is_local() && kafka.deployment.as_ref().is_none_or(|it| it.value != Deployment::Managed);
    let has_them = is_own && kafka.authorizer.as_ref().is_some_and(|it| it.value == Authorizer::Standard);
    // Who they are is asked where they stand (BUS802).
    if !has_them || kafka.configured_super_users().next().is_some() {
        return;
    }
    let name = &cluster.cluster.value;
    let finding = match &kafka.super_users {
        None => {
            DECLARED.finding(format!("`{name}` does not say who its super users are")).lacks(kafka.span, "super_users")
        }
        Some(SuperUsersSpec::Unknown(span)) => {
            DECLARED.finding(format!("nobody knows who the super users of `{name}` are")).at(*span, "")
        }
        Some(SuperUsersSpec::Declared(users)) if users.is_empty() => DECLARED
            .finding(format!("`{name}` declares that it has no super users, and its own brokers have to be some"))
            .at(kafka.span, ""),
        Some(SuperUsersSpec::Declared(_)) => return,
    };
    findings.push(
        finding
            .help("write `super_users: [{ principal: …, reason: … }]`, as `super.users` of the nodes has them")
            .resource(cluster.address()),
    );
}
