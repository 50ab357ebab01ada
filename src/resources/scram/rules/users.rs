use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Level};
use crate::model::Principal;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::acl::DesiredGrants;
use crate::resources::scram::desired::services;
use crate::resources::scram::{LEAST_ITERATIONS, MOST_ITERATIONS, Written, can_log_in};
use crate::source::Span;

const GATEWAY: &str = "acls/ingest-gateway.yaml";

/// BUS409.
pub static USERS: Rule = Rule {
    code: "BUS409",
    name: "scram-users",
    summary: "Each SCRAM user is declared once, and as Kafka takes it",
    explanation: "A user that logs in with SCRAM needs a password, which no manifest holds: `password` says where it is kept. \
Kafka takes passwords that are hashed 4096 to 16384 times, and reads names of ASCII alone when somebody logs in. The user of a \
service stands in the service's own manifest, and is the name of its principal; where it has several of them on a cluster, \
`user` says which one logs in with SCRAM. `scram_users` of a cluster are for everybody else: roles, people, tools. What this rule finds is not applied.",
    level: Level::Error,
    floor: Level::Warn,
    bad: Example(&[(GATEWAY, Text("scram: { password: env:GATEWAY_PASSWORD, iterations: 100 }\n"))]),
    good: Example(&[(GATEWAY, Text("scram: { password: env:GATEWAY_PASSWORD, iterations: 8192 }\n"))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let (workspace, cluster) = (desired.workspace, desired.cluster);
    if cluster.is_local() {
        return;
    }
    let mut known: BTreeMap<String, Span> = BTreeMap::new();
    for (service, spec, scram) in services(workspace, cluster) {
        let resource = format!("service/{service}");
        let user = match scram.user_of(cluster, service, spec) {
            Ok(user) => user,
            Err(why) => {
                let span = scram.user.as_ref().map_or(scram.span, |user| user.span);
                let help =
                    "write under `scram` which `user` logs in, the name of one of its principals without `User:`";
                findings.push(USERS.finding(why).at(span, "").help(help).resource(resource));
                continue;
            }
        };
        if !is_twice(&user, scram.span, &mut known, &resource, findings) && !spec.is_leaving() {
            of_user(&user, &scram.on(cluster), scram.span, &resource, findings);
        }
    }
    let owners = DesiredGrants::owners_on(workspace, cluster);
    let resource = format!("cluster/{}", cluster.cluster.value);
    for spec in &cluster.scram_users {
        let user = &spec.user.value;
        let found = |message: String| USERS.finding(message).at(spec.user.span, "").resource(&resource);
        let principal = format!("User:{user}").parse().ok();
        let Some(principal) = principal.filter(|_| !user.is_empty()) else {
            findings.push(found("a SCRAM user has to have a name".into()).help("write the name that it logs in with"));
            continue;
        };
        let owner = owners.get(&principal).filter(|owner| workspace.grants.contains_key(owner.name.as_str()));
        if let Some(owner) = owner {
            let finding = found(format!("the user `{user}` belongs to the service `{}`", owner.name));
            findings.push(finding.at(owner.span, "").help(format!("write it under `scram` of `{}`", owner.name)));
            continue;
        }
        let absent = spec.written().is_absent();
        if let Some(name) = user.strip_prefix(Principal::USER).filter(|_| !absent) {
            let help = format!("write the name alone: `{name}`");
            findings.push(found(format!("`{user}` is a principal, and nobody logs in by that name")).help(help));
            continue;
        }
        if !is_twice(user, spec.user.span, &mut known, &resource, findings) {
            of_user(user, &spec.written(), spec.span, &resource, findings);
        }
    }
}

fn is_twice(
    user: &str,
    span: Span,
    known: &mut BTreeMap<String, Span>,
    resource: &str,
    findings: &mut Vec<Diagnostic>,
) -> bool {
    let Some(first) = known.get(user) else {
        known.insert(user.to_owned(), span);
        return false;
    };
    let finding = USERS.finding(format!("the SCRAM user `{user}` is declared twice")).at(span, "");
    findings.push(finding.at(*first, "first here").help("take one of them out").resource(resource));
    true
}

fn of_user(user: &str, written: &Written<'_>, span: Span, resource: &str, findings: &mut Vec<Diagnostic>) {
    if written.is_absent() {
        return;
    }
    let mut add = |message: String, at: Span, help: String| {
        findings.push(USERS.finding(message).at(at, "").help(help).resource(resource));
    };
    if !can_log_in(user) {
        add(
            format!("nobody can log in by SCRAM as `{user}`: Kafka reads names of ASCII alone"),
            span,
            "give it another name; `state: absent` takes the user away".into(),
        );
    }
    if written.password.is_none() {
        add(
            format!("nothing says where the password of the SCRAM user `{user}` is kept"),
            span,
            "write `password: env:NAME`, `file:PATH` or `vault:PATH#FIELD`; `state: absent` takes the user away".into(),
        );
    }
    if let Some(iterations) = written.iterations {
        let within = (LEAST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations.value);
        if !within {
            add(
                format!("Kafka hashes no password {} times", iterations.value),
                iterations.span,
                format!("write a number from {LEAST_ITERATIONS} to {MOST_ITERATIONS}"),
            );
        }
    }
    if written.mechanisms.is_some_and(<[_]>::is_empty) {
        add(
            format!("the SCRAM user `{user}` has no mechanism to log in with"),
            span,
            "write `mechanisms: [scram-sha-512]`, or `state: absent` to take the user away".into(),
        );
    }
}
