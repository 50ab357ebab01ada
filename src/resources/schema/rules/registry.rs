use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::schema::desired::wanted_subjects;
use crate::source::Decoder;

const CLUSTER: &str = "clusters/production.yaml";

/// BUS306.
pub static NO_REGISTRY: Rule = Rule {
    code: "BUS306",
    name: "no-registry",
    summary: "A cluster whose topics have schemas names a registry",
    explanation: "Schemas are registered in the registry that the cluster names with `schema_registry`. Where it names none, \
they are checked and written into the catalog, and registered nowhere: producers that look for their subject fail. A cluster \
that is to have no registry says so with a waiver of this rule for `cluster/NAME`; a bus without any sets it to `off`.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text("schema_registry:\n"))]),
    good: Example(&[(CLUSTER, Text("schema_registry: main\n"))]),
    check: Check::Cluster(check),
};

/// Subjects that the finding names.
const MOST_NAMES: usize = 3;

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let Desired { workspace, cluster, .. } = desired;
    if cluster.schema_registry.is_some() {
        return;
    }
    // What is wrong with the schemas themselves is found where they are resolved for a registry.
    let subjects = wanted_subjects(workspace, cluster, &mut Decoder::default());
    let count = subjects.len();
    if count == 0 {
        return;
    }
    let mut names: Vec<String> = subjects.keys().take(MOST_NAMES).map(|subject| format!("`{subject}`")).collect();
    names.extend((count > MOST_NAMES).then(|| format!("and {} more", count - MOST_NAMES)));
    let (names, subjects) = (names.join(", "), if count == 1 { "subject is" } else { "subjects are" });
    let cluster = &cluster.cluster;
    let what =
        format!("`{}` names no schema registry: {count} {subjects} not registered for it ({names})", cluster.value);
    let known: Vec<&str> = workspace.registries.keys().map(String::as_str).collect();
    let help = match known[..] {
        [] => "declare a registry in clusters/ (`registry: NAME`, `url: …`), and add `schema_registry: NAME` here"
            .to_owned(),
        [only] => format!("add `schema_registry: {only}`"),
        _ => format!("add `schema_registry: …`, one of {}", known.join(", ")),
    };
    findings.push(
        NO_REGISTRY
            .finding(what)
            .lacks(cluster.span, "schema_registry")
            .help(help)
            .resource(format!("cluster/{}", cluster.value)),
    );
}
