use super::CLUSTER;
use crate::diag::{Diagnostic, Level};
use crate::model::Principal;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::acl::principals_for;
use crate::source::Span;

/// BUS803.
pub static ANONYMOUS: Rule = Rule {
    code: "BUS803",
    name: "anonymous-principal",
    summary: "Outside development nobody is let in as nobody or as everybody",
    explanation: "Brokers call whoever shows no certificate and no login `User:ANONYMOUS`. As a super user, or as the principal \
of a service, a role or busctl, that name gives to whoever reaches a broker what was meant for one. `User:*` is everybody in an \
ACL, and nobody among super users: there it is a mistake. The rule looks at `kafka.super_users` and at `super.users` in \
`kafka.config` and the nodes. Of grants to `User:*` BUS204 tells.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text(super::kafka!(
            super_users:
            "  super_users:
    - { principal: \"User:ANONYMOUS\", reason: The brokers reach each other without certificates. }
"
        )),
    )]),
    good: Example(&[(
        CLUSTER,
        Text(super::kafka!(
            super_users:
            "  super_users:
    - { principal: \"User:CN=kafka-0\", reason: A broker itself. }
"
        )),
    )]),
    check: Check::Cluster(check),
};

/// Whether brokers call so whoever shows them nothing.
pub(super) fn is_anonymous(principal: &Principal) -> bool {
    principal.as_str() == "User:ANONYMOUS"
}

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    if cluster.is_development() {
        return;
    }
    let name = &cluster.cluster.value;
    let mut found = |message: String, span: Span, help: &str| {
        findings.push(ANONYMOUS.finding(message).at(span, "").help(help).resource(cluster.address()));
    };
    for who in cluster.kafka.iter().flat_map(|kafka| kafka.every_super_user()) {
        if is_anonymous(&who.value) {
            let message = format!("whoever shows `{name}` nothing is a super user of it");
            found(
                message,
                who.span,
                "have the brokers show certificates of their own, and take it out of `super.users`",
            );
        } else if who.value.is_everybody() {
            let message =
                format!("`{}` is nobody's name: as a super user of `{name}` it lets nobody through", who.value);
            found(message, who.span, "name the principals that are meant, or take it out");
        }
    }
    for (principal, owner) in desired.grants.owners.iter().filter(|(principal, _)| is_anonymous(principal)) {
        let message = format!("on `{name}` `{}` is {principal}: whoever shows no certificate and no login", owner.name);
        let written = desired.workspace.grants.get(&owner.name).filter(|grants| grants.service.span == owner.span);
        let written = written.and_then(|grants| principals_for(cluster, &grants.principals));
        let place = written.and_then(|(_, written)| written.all.iter().find(|written| is_anonymous(&written.value)));
        let span = place.map_or(owner.span, |place| place.span);
        found(message, span, "give it an identity of its own, and write its principal");
    }
    let own = cluster.connection.as_ref().and_then(|connection| connection.principal.as_ref());
    if let Some(own) = own.filter(|own| is_anonymous(&own.value)) {
        let message = format!("on `{name}` busctl itself is {}: whoever shows no certificate and no login", own.value);
        found(message, own.span, "give busctl a certificate or a login of its own");
    }
}
