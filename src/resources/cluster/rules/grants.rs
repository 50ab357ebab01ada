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
names is open. A super user is asked for no grant. On a cluster that Strimzi runs, an active User Operator deletes the ACLs, \
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
    if let Some(open) = kafka.allow_everyone_if_no_acl_found.filter(|open| has_grants && open.value) {
        let finding = GRANTS_HOLD.finding(format!("whatever on `{name}` has no ACL is open to everybody"));
        found.push(
            finding
                .at(open.span, "")
                .help("set allow.everyone.if.no.acl.found to false once every user has its grants"),
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
    for user in kafka.super_users().iter().filter(|_| has_grants) {
        if let Some(owner) = desired.grants.owners.get(&user.principal.value) {
            let finding =
                GRANTS_HOLD.finding(format!("`{}` is a super user of `{name}`: it may do everything", owner.name));
            let finding = finding.at(user.principal.span, "").at(owner.span, "and its grants have no effect");
            found.push(finding.help("take it out of `super.users`, or give up its grants"));
        }
    }
    findings.extend(found.into_iter().map(|finding| finding.resource(cluster.address())));
}
