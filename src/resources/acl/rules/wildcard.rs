use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Pattern};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::{AclOperation, AclPermission};
use crate::resources::Workspace;
use crate::source::Spanned;

/// BUS204.
pub static WILDCARD: Rule = Rule {
    code: "BUS204",
    name: "wildcard-grant",
    summary: "No grant is for everything",
    explanation: "`*` alone takes in every topic, group or id there is and every one there will be, the internal topics of \
Kafka and the records of audits among them, and `operation: all` every operation. A prefix with a trailing `*` says what is \
meant and stays within it. An ACL that denies may name everything.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        "catalog/roles.yaml",
        Text("roles:\n  dlq-operator: { owner: media-platform, reads: [\"*\"] }\n"),
    )]),
    good: Example(&[(
        "catalog/roles.yaml",
        Text("roles:\n  dlq-operator: { owner: media-platform, reads: [media.raw_ingest.v1.*] }\n"),
    )]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let everything = |patterns: &'_ [Spanned<Pattern>]| {
        patterns.iter().filter(|pattern| pattern.is_everything()).map(|pattern| pattern.span).collect::<Vec<_>>()
    };
    let help = "name them, or write a prefix with a trailing `*`";
    for (name, role) in &workspace.catalog.roles {
        let uses = [
            ("read every topic", &role.reads),
            ("write every topic", &role.writes),
            ("use every group", &role.groups),
            ("use every transactional id", &role.transactional_ids),
        ];
        for (what, patterns) in uses {
            for span in everything(patterns) {
                let finding = WILDCARD.finding(format!("the role `{name}` may {what}")).at(span, "");
                findings.push(finding.help(help).resource(format!("role/{name}")));
            }
        }
    }
    let services = workspace.grants.iter().map(|(name, grant)| ("service", name, &grant.principals));
    let roles = workspace.catalog.roles.iter().map(|(name, role)| ("role", name, &role.principals));
    for (kind, name, principals) in services.chain(roles) {
        let everybody =
            principals.values().flat_map(|principals| &principals.all).filter(|who| who.value.is_everybody());
        for who in everybody {
            findings.push(
                WILDCARD
                    .finding(format!("the {kind} `{name}` is everybody: what it may do, every client may"))
                    .at(who.span, "")
                    .help("name its own principal; access takes the consent of both sides")
                    .resource(format!("{kind}/{name}")),
            );
        }
    }
    for (service, grant) in &workspace.grants {
        for span in everything(&grant.transactional_ids) {
            findings.push(
                WILDCARD
                    .finding(format!("`{service}` may use every transactional id"))
                    .at(span, "")
                    .help(format!("write `{service}-*`"))
                    .resource(Address::grant(service, "transactional_id/*")),
            );
        }
        let allows = |permission: &Option<Spanned<AclPermission>>| {
            permission.is_none_or(|permission| permission.value == AclPermission::Allow)
        };
        for raw in grant.raw.iter().filter(|raw| allows(&raw.permission)) {
            let resource = raw.resource.value;
            let (what, span) = if raw.name.is_everything() {
                (format!("a raw ACL of `{service}` is for every {resource}"), raw.name.span)
            } else if raw.operation.value == AclOperation::All {
                (
                    format!("a raw ACL of `{service}` is for every operation on {resource} {}", raw.name.value),
                    raw.operation.span,
                )
            } else {
                continue;
            };
            let help = "name what is needed, one entry an operation";
            findings.push(WILDCARD.finding(what).at(span, "").help(help).resource(super::raw::address(service, raw)));
        }
    }
}
