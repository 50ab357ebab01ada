//! Rules of Vault.

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::references::{Expected, references};
use crate::resources::vault::{VaultSpec, vault_problems};
use crate::resources::{Workspace, head_of};
use crate::source::parse_yaml;

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

/// BUS415.
pub static DATA: Rule = Rule {
    code: "BUS415",
    name: "vault-data-path",
    summary: "A reference has the path of a secret as `vault kv get` takes it",
    explanation: "Version 2 of Vault's KV engine has its secrets below `data/` in its API, in policies, and nowhere else: busctl asks \
the engine for its version and adds that part itself. A reference that has it already is read at `MOUNT/data/data/…`, where nothing \
is. Where a folder of an engine is really called `data`, a waiver says so.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        "clusters/production.yaml",
        Text(
            "connection:
  bootstrap: [kafka-0.example.com:9094]
  tls: { ca: file:ca.pem, certificate: \"vault:secret/data/bus/tls#pem\" }
",
        ),
    )]),
    good: Example(&[(
        "clusters/production.yaml",
        Text(
            "connection:
  bootstrap: [kafka-0.example.com:9094]
  tls: { ca: file:ca.pem, certificate: \"vault:secret/bus/tls#pem\" }
",
        ),
    )]),
    check: Check::Workspace(check_data),
};

fn check_data(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    // Most files have none, and are not taken apart once more.
    let may_have = |text: &str| text.contains("vault:") && text.contains("/data/");
    for (id, file) in workspace.sources.iter().filter(|(_, file)| may_have(&file.text)) {
        for document in parse_yaml(id, &file.text).0 {
            let resource = head_of(&document).map(|(kind, name)| format!("{kind}/{}", name.value));
            for (_, node) in references(&file.path, &document).into_iter().filter(|(it, _)| *it == Expected::Reference)
            {
                let Some(without) = node.scalar().and_then(without_data) else { continue };
                let finding = DATA.finding("`data/` is no part of the path of a secret in Vault").at(node.span, "");
                let finding = finding.help(format!("write {without}, as for `vault kv get`"));
                findings.push(resource.iter().fold(finding, Diagnostic::resource));
            }
        }
    }
}

/// A reference to a field without the part that the API of the KV engine has behind the mount; `None` where it has none.
fn without_data(reference: &str) -> Option<String> {
    let (path, field) = reference.strip_prefix("vault:")?.split_once('#')?;
    let (mount, rest) = path.split_once('/')?;
    let rest = rest.strip_prefix("data/").filter(|rest| !rest.is_empty())?;
    Some(format!("vault:{mount}/{rest}#{field}"))
}
