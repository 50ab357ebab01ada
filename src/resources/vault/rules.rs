//! Rules of Vault.

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::vault::{VaultSpec, vault_problems};

/// BUS412.
pub static VAULT: Rule = Rule {
    code: "BUS412",
    name: "vault",
    summary: "A declared Vault says whole how it is reached",
    explanation: "`vault:` references are read from the Vault that `busctl.yaml` or the cluster's manifest declares. An \
address that is none, two ways to log in, or a secret that would have to be read from the Vault that it opens, are errors here \
rather than on the day when the secret is needed.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        "busctl.yaml",
        Text("vault: { address: vault.example.com, auth: { kubernetes: { role: busctl } } }\n"),
    )]),
    good: Example(&[(
        "busctl.yaml",
        Text("vault: { address: \"https://vault.example.com:8200\", auth: { kubernetes: { role: busctl } } }\n"),
    )]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    if let Some(vault) = &workspace.settings.vault {
        findings.extend(of(vault));
    }
    for cluster in workspace.clusters.values() {
        if let Some(vault) = &cluster.vault {
            findings.extend(of(vault).map(|finding| finding.resource(format!("cluster/{}", cluster.cluster.value))));
        }
    }
}

fn of(vault: &VaultSpec) -> impl Iterator<Item = Diagnostic> {
    vault_problems(vault).into_iter().map(|problem| {
        let finding = VAULT.finding(problem.message).at(problem.span, "");
        match problem.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    })
}
