use crate::diag::{Diagnostic, Level};
use crate::model::SecretRef;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::cluster::{ClusterSpec, TlsSpec};
use crate::resources::registry::RegistrySpec;
use crate::source::Spanned;

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
    for (name, cluster) in &workspace.clusters {
        findings.extend(in_vault(secrets_of_cluster(cluster), format!("cluster/{name}"), &format!("cluster `{name}`")));
    }
    for (name, registry) in &workspace.registries {
        let secrets = secrets_of_registry(registry);
        findings.extend(in_vault(secrets, format!("registry/{name}"), &format!("registry `{name}`")));
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

/// One finding for all of a manifest, that says no number: one secret more is no other finding.
fn in_vault(secrets: Vec<&Spanned<SecretRef>>, resource: String, whose: &str) -> Option<Diagnostic> {
    let spans: Vec<_> = secrets
        .into_iter()
        .filter(|secret| matches!(secret.value, SecretRef::Vault(_)))
        .map(|secret| secret.span)
        .collect();
    if spans.is_empty() {
        return None;
    }
    let mut finding = UNAPPLIED
        .finding(format!("what {whose} needs is in Vault, which this version does not read"))
        .level(Level::Info)
        .help("give each secret as env:NAME or file:PATH where the connection is used")
        .resource(resource);
    for (index, span) in spans.iter().take(MOST_PLACES).enumerate() {
        let text = if index + 1 == MOST_PLACES && spans.len() > MOST_PLACES { "and more" } else { "" };
        finding = finding.at(*span, text);
    }
    Some(finding)
}

fn secrets_of_cluster(cluster: &ClusterSpec) -> Vec<&Spanned<SecretRef>> {
    let Some(connection) = &cluster.connection else { return Vec::new() };
    let mut secrets: Vec<_> = connection.tls.iter().flat_map(secrets_of_tls).collect();
    let sasl = connection.sasl.iter().flat_map(|sasl| [&sasl.password, &sasl.client_secret, &sasl.ca]);
    secrets.extend(sasl.flatten());
    secrets
}

fn secrets_of_registry(registry: &RegistrySpec) -> Vec<&Spanned<SecretRef>> {
    let mut secrets: Vec<_> = registry.tls.iter().flat_map(secrets_of_tls).collect();
    secrets.extend(registry.auth.iter().flat_map(|auth| [&auth.password, &auth.token]).flatten());
    secrets
}

fn secrets_of_tls(tls: &TlsSpec) -> impl Iterator<Item = &Spanned<SecretRef>> {
    [&tls.ca, &tls.certificate, &tls.key].into_iter().flatten()
}
