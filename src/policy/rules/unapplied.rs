use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;

/// BUS010.
pub static UNAPPLIED: Rule = Rule {
    code: "BUS010",
    name: "not-applied-yet",
    summary: "A manifest says nothing that this version leaves undone",
    explanation: "The manifests can say more than this version of busctl does. What it reads and does not apply is said \
once for each such key, so that nobody relies on it: a registry's default compatibility. \
The next versions do more of it; the manifests stay as they are.",
    level: Level::Warn,
    floor: Level::Info,
    bad: Example(&[("clusters/registry.yaml", Text("compatibility: full\n"))]),
    good: Example(&[("clusters/registry.yaml", Text("compatibility:\n"))]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
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
