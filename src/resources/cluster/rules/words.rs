use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;

/// BUS012.
pub static CLUSTER_WORDS: Rule = Rule {
    code: "BUS012",
    name: "ambiguous-cluster-word",
    summary: "A cluster's name is neither the environment nor a label of another cluster",
    explanation: "`clusters:`, `overrides:` and `principals:` select by name, environment or label. A word that is the name \
of one cluster and the environment of another would select both where one was meant. A cluster may be named like its own \
environment as long as it is the only one there.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(
        "clusters/second.yaml",
        Text(
            "cluster: second\nschema_registry: main\nenvironment: production\ncluster_id: Y6vYuAFVQC-CaH-M0SG04Q\nkafka: { deployment: local, nodes: [{ id: 1 }] }\ndefaults: { replication_factor: 1, min_insync_replicas: 1 }\n",
        ),
    )]),
    good: Example(&[(
        "clusters/second.yaml",
        Text(
            "cluster: second\nschema_registry: main\nenvironment: staging\ncluster_id: Y6vYuAFVQC-CaH-M0SG04Q\nkafka: { deployment: local, nodes: [{ id: 1 }] }\ndefaults: { replication_factor: 1, min_insync_replicas: 1 }\n",
        ),
    )]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for cluster in workspace.clusters.values() {
        let environment = cluster.environment.iter().map(|environment| ("the environment", environment));
        let labels = cluster.labels.iter().map(|label| ("a label", label));
        for (what, word) in environment.chain(labels) {
            let Some(named) = workspace.clusters.get(word.as_str()).filter(|named| named.cluster != cluster.cluster)
            else {
                continue;
            };
            findings.push(
                CLUSTER_WORDS
                    .finding(format!(
                        "`{}` is {what} of `{}` and the name of another cluster",
                        word.value, cluster.cluster.value
                    ))
                    .at(word.span, format!("{what} here"))
                    .at(named.cluster.span, "a name here")
                    .help("rename one of the two; a manifest that selects by this word would mean both")
                    .resource(cluster.address()),
            );
        }
    }
}
