use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::cluster::{Authorizer, Deployment};
use crate::resources::quota::QuotaEntity;

const CLUSTER: &str = "clusters/production.yaml";

/// BUS406.
pub static GRANTS_HOLD: Rule = Rule {
    code: "BUS406",
    name: "grants-hold",
    summary: "A cluster that has grants is one where they hold",
    explanation: "Without an authorizer everybody may do everything. With `allow.everyone.if.no.acl.found` whatever no ACL \
names is open. A super user is asked for no grant. The rule takes both from the keys of `kafka`, and from its `config` and \
those of the nodes. On a cluster that Strimzi runs, an active User Operator deletes the ACLs, \
quotas and SCRAM credentials of users without a `KafkaUser`, unless its ignored-users pattern takes them in; waive the finding once it does, \
or once there is no User Operator.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text(
            "kafka:
  deployment: self_managed
  authorizer: none
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
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
",
        ),
    )]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(kafka) = &cluster.kafka else { return };
    let has_grants = !desired.grants.acls.is_empty();
    let of_users = |entity: &&QuotaEntity| entity.user().is_some_and(|user| user.name().is_some());
    let has_quotas = desired.quotas.wanted.keys().any(|entity| of_users(&entity));
    let has_scram_users = desired.scram_users.wanted.values().any(|user| user.password.is_some());
    let name = &cluster.cluster.value;
    let mut found = Vec::new();
    if let Some(authorizer) = kafka.authorizer.filter(|authorizer| has_grants && authorizer.value == Authorizer::None) {
        let finding = GRANTS_HOLD.finding(format!("`{name}` has no authorizer: its grants have no effect"));
        let help = "run its brokers with the StandardAuthorizer and write `authorizer: standard`";
        found.push(finding.at(authorizer.span, "").help(help));
    }
    if let Some(open) = kafka.open_without_acl().filter(|_| has_grants) {
        let finding = GRANTS_HOLD.finding(format!("whatever on `{name}` has no ACL is open to everybody"));
        found.push(
            finding.at(open, "").help("set allow.everyone.if.no.acl.found to false once every user has its grants"),
        );
    }
    let strimzi = kafka.deployment.filter(|deployment| deployment.value == Deployment::Strimzi);
    let kinds = [(has_grants, "grants"), (has_quotas, "quotas"), (has_scram_users, "SCRAM users")];
    let kinds: Vec<&str> = kinds.into_iter().filter(|(has, _)| *has).map(|(_, kind)| kind).collect();
    if let (Some(deployment), Some((last, others))) = (strimzi, kinds.split_last()) {
        let what = match others {
            [] => format!("the {last}"),
            others => format!("the {} and {last}", others.join(", ")),
        };
        let finding = GRANTS_HOLD.finding(format!("an active User Operator of `{name}` would delete {what} again"));
        let help = "set STRIMZI_IGNORED_USERS_PATTERN for the users of this workspace, or run without the User Operator, and \
                    waive this finding";
        found.push(finding.at(deployment.span, "").help(help));
    }
    let mut told = BTreeSet::new();
    for user in kafka.every_super_user().filter(|user| has_grants && told.insert(user.value.clone())) {
        if let Some(owner) = desired.grants.owners.get(&user.value) {
            let finding =
                GRANTS_HOLD.finding(format!("`{}` is a super user of `{name}`: it may do everything", owner.name));
            let finding = finding.at(user.span, "").at(owner.span, "and its grants have no effect");
            found.push(finding.help("take it out of `super.users`, or give up its grants"));
        }
    }
    findings.extend(found.into_iter().map(|finding| finding.resource(cluster.address())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::cluster::samples::workspace_of;

    #[test]
    fn what_opens_a_cluster_is_told_whichever_way_it_is_declared() {
        for (kafka, expected) in [
            ("allow_everyone_if_no_acl_found: true", "whatever on `c` has no ACL is open to everybody"),
            ("config: { allow.everyone.if.no.acl.found: true }", "whatever on `c` has no ACL is open to everybody"),
            (
                "nodes: [{ id: 0, config: { allow.everyone.if.no.acl.found: \"TRUE\" } }]",
                "whatever on `c` has no ACL is open to everybody",
            ),
            ("config: { allow.everyone.if.no.acl.found: false }", ""),
            ("config: { super.users: \"User:a;User:till\" }", "`till` is a super user of `c`: it may do everything"),
            (
                "super_users: [User:till], config: { super.users: User:till }",
                "`till` is a super user of `c`: it may do everything",
            ),
        ] {
            let workspace = workspace_of(&[
                ("busctl.yaml", "version: 1\n"),
                ("clusters/c.yaml", &format!("cluster: c\nkafka: {{ {kafka} }}\n")),
                ("catalog/c.yaml", "services: { till: { owner: sales } }\n"),
                ("acls/till.yaml", "service: till\ntransactional_ids: [till]\n"),
            ]);
            let mut findings = Vec::new();
            for cluster in workspace.clusters.values() {
                check(&Desired::resolve(&workspace, cluster).0, &mut findings);
            }
            let told: Vec<_> = findings.into_iter().map(|finding| finding.message).collect();
            assert_eq!(told.join("\n"), expected, "{kafka}");
        }
    }
}
