use crate::diag::{Diagnostic, Level};
use crate::model::SecretRef;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::cluster::TlsSpec;
use crate::source::{Span, Spanned};

/// BUS010.
pub static UNAPPLIED: Rule = Rule {
    code: "BUS010",
    name: "not-applied-yet",
    summary: "A manifest says nothing that this version leaves undone",
    explanation: "The manifests can say more than this version of busctl does. What it reads and does not apply is said \
once for each such key, so that nobody relies on it: a registry's default compatibility, secrets \
in Vault. The next versions do more of it; the manifests stay as they are.",
    level: Level::Warn,
    floor: Level::Info,
    bad: Example(&[("clusters/registry.yaml", Text("compatibility: full\n"))]),
    good: Example(&[("clusters/registry.yaml", Text("compatibility:\n"))]),
    check: Check::Workspace(check),
};

/// Places that one finding shows.
const MOST_PLACES: usize = 3;

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    findings.extend(several(
        vault_references(workspace).into_iter(),
        ("secret is", "secrets are"),
        "in Vault, which this version does not read",
        "give the secret as env:NAME or file:PATH where the connection is used",
        Level::Info,
    ));
    for (name, registry) in &workspace.registries {
        if let Some(level) = &registry.compatibility {
            findings.push(
                UNAPPLIED
                    .finding(format!(
                        "the default compatibility of registry `{name}` is compared and not set by this version"
                    ))
                    .level(Level::Info)
                    .at(level.span, "")
                    .help("subjects that are declared get their own level; the registry's is set by its operator")
                    .resource(format!("registry/{name}")),
            );
        }
    }
}

/// One finding for a key that stands in many manifests.
fn several(
    spans: impl Iterator<Item = Span>,
    (one, many): (&str, &str),
    predicate: &str,
    help: &str,
    level: Level,
) -> Option<Diagnostic> {
    let spans: Vec<Span> = spans.collect();
    let count = spans.len();
    let subject = if count == 1 { one } else { many };
    let mut finding = UNAPPLIED.finding(format!("{count} {subject} {predicate}")).level(level).help(help);
    for (index, span) in spans.into_iter().take(MOST_PLACES).enumerate() {
        let text = if index + 1 == MOST_PLACES && count > MOST_PLACES { "and more" } else { "" };
        finding = finding.at(span, text);
    }
    (count > 0).then_some(finding)
}

fn vault_references(workspace: &Workspace) -> Vec<Span> {
    let mut secrets: Vec<&Spanned<SecretRef>> = Vec::new();
    for connection in workspace.clusters.values().filter_map(|cluster| cluster.connection.as_ref()) {
        secrets.extend(connection.tls.iter().flat_map(secrets_of_tls));
        let sasl = connection.sasl.iter().flat_map(|sasl| [&sasl.password, &sasl.client_secret, &sasl.ca]);
        secrets.extend(sasl.flatten());
    }
    for registry in workspace.registries.values() {
        secrets.extend(registry.tls.iter().flat_map(secrets_of_tls));
        secrets.extend(registry.auth.iter().flat_map(|auth| [&auth.password, &auth.token]).flatten());
    }
    let in_vault = secrets.into_iter().filter(|secret| matches!(secret.value, SecretRef::Vault(_)));
    in_vault.map(|secret| secret.span).collect()
}

fn secrets_of_tls(tls: &TlsSpec) -> impl Iterator<Item = &Spanned<SecretRef>> {
    [&tls.ca, &tls.certificate, &tls.key].into_iter().flatten()
}
