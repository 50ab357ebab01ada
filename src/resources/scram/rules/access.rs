use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Level};
use crate::model::Principal;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::acl::access::AuthorizerSettings;
use crate::resources::cluster::Authorizer;

const CLUSTER: &str = "clusters/production.yaml";

/// BUS410.
pub static ACCESS: Rule = Rule {
    code: "BUS410",
    name: "scram-user-without-access",
    summary: "Whoever has a password may do something",
    explanation: "A user of `scram_users` that is neither a service nor a role, is no super user and is not busctl itself, can \
log in, and no manifest lets it do anything. Mostly it is left over from somebody who is gone, or its ACLs are made by hand and \
nobody reviews them. Declare what it may do as a role in `catalog/`, take it away with `state: absent`, or waive the finding.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text("scram_users: [{ user: audit, password: env:AUDIT }]\n"))]),
    good: Example(&[
        (CLUSTER, Text("scram_users: [{ user: audit, password: env:AUDIT }]\n")),
        ("catalog/catalog.yaml", Text("roles:\n  audit: { owner: media-platform, reads: [\"media.*\"] }\n")),
    ]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let settings = AuthorizerSettings::of(cluster);
    let authorizer = cluster.kafka.as_ref().and_then(|kafka| kafka.authorizer);
    let is_open = authorizer.is_some_and(|authorizer| authorizer.value == Authorizer::None)
        || settings.allow_everyone_if_no_acl_found
        || desired.grants.acls.keys().any(|acl| acl.principal.is_everybody());
    if is_open {
        return;
    }
    let connection = cluster.connection.as_ref();
    let ourselves: BTreeSet<String> = connection
        .into_iter()
        .flat_map(|connection| {
            let name = connection.sasl.as_ref().and_then(|sasl| sasl.username.as_ref());
            let named = name.map(|name| format!("User:{}", name.value));
            named.into_iter().chain(connection.principal.as_ref().map(|principal| principal.value.to_string()))
        })
        .collect();
    let users = desired.scram_users.wanted.iter();
    for (user, wanted) in users.filter(|(_, wanted)| wanted.service.is_none() && wanted.password.is_some()) {
        let Ok(principal) = format!("User:{user}").parse::<Principal>() else { continue };
        let is_known = desired.grants.owners.contains_key(&principal)
            || settings.is_super_user(&principal)
            || ourselves.contains(principal.as_str());
        if !is_known {
            let name = &cluster.cluster.value;
            findings.push(
                ACCESS
                    .finding(format!("`{user}` can log in to `{name}`, and no manifest lets it do anything there"))
                    .at(wanted.span, "")
                    .help("declare it as a role in catalog/ with what it may do, or write `state: absent`")
                    .resource(format!("cluster/{name}")),
            );
        }
    }
}
